#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Faults that a device is told to have (`--fault KIND[:key=value,…]`), so that what others do about them can
// be tried. One table feeds the parser, the help and the documentation's list.

#include <optional>
#include <string>
#include <vector>

#include "model/machines/paths.hpp"
#include "model/support/fault.hpp"

namespace portolan::vfio::emulated {

/// What happens instead of an answer.
enum class Silence : std::uint8_t { stall, close, exit };

struct Injected {
  struct Hop {
    std::optional<std::uint64_t> at;                ///< the N-th hop since the start; 1 is the first
    std::optional<machines::DeviceState> entering;  ///< or: every hop into that state
    int error = 0;
    bool into_error = false;  ///< the device goes to ERROR instead of staying where it was
    std::uint64_t times = ~std::uint64_t{0};
  };
  struct Break {
    Silence how = Silence::stall;
    std::optional<std::uint64_t>
        message;  ///< at the N-th message since the start; 1 is the first (VERSION counts)
    std::optional<std::uint64_t> byte;  ///< at the message that moves the N-th byte of migration data
    bool after = false;                 ///< carried out, and only its answer is missing
  };
  std::vector<Hop> hops;
  std::vector<Break> breaks;
  std::vector<std::uint64_t> corrupt;        ///< flips a bit in the N-th byte of migration data that is read
  std::optional<std::uint32_t> short_reads;  ///< no read gives more bytes
  bool padded_reads = false;                 ///< every read reply is as long as was asked for
  std::optional<std::uint64_t> refuse_data;  ///< refuses the write with that byte of the data
  int refuse_data_error = 0;
  std::vector<std::string>
      refuse_values;       ///< parameters whose value is refused at the start, as if resources were gone
  bool forgiving = false;  ///< loads damaged data without a word
};

struct InjectedKind {
  std::string_view name, keys, meaning;
};
/// Every kind with its keys, in the order of the help.
const std::vector<InjectedKind>& injected_kinds();

/// Adds one `KIND[:key=value,…]`.
Result<void> add_injected(Injected& injected, const std::string& text);

}  // namespace portolan::vfio::emulated
