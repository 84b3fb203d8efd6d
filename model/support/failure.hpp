#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What can go wrong between us and a device, whatever way leads to it. The four kinds are kept apart because
// different things may be concluded from them (rules.md §session): a device that refuses has answered and can
// be asked again; one that closed its connection may be dead; one that is silent may have done what it was
// asked; one that broke the protocol is not believed any more.
//
//   Answer<DeviceState> state = device.state();
//   if (!state && state.error().trouble == Trouble::silent) …   // it may be there, or not

#include <string>
#include <string_view>

#include "model/support/fault.hpp"

namespace portolan {

enum class Trouble : std::uint8_t {
  refused,  ///< an error reply; `error` is its errno
  closed,   ///< the connection ended, or nobody listens
  silent,   ///< no answer within the time limit
  broken,   ///< bytes that the protocol does not allow
};
std::string_view name_of(Trouble trouble);

struct Failure {
  Trouble trouble = Trouble::broken;
  int error = 0;            ///< errno, where there is one
  std::string device;       ///< as named on the command line
  std::string finding;      ///< `refused RUNNING -> STOP with EIO`
  std::string expectation;  ///< may be empty
};

template <class T>
using Answer = tl::expected<T, Failure>;

inline tl::unexpected<Failure> failed(Failure failure) { return tl::unexpected<Failure>(std::move(failure)); }

/// Nobody listens there, or another instance (ESTALE): what was the device is gone, and only then may it be
/// called dead.
bool dead(const Failure& failure);

/// For the command line: the kind becomes the code.
Fault fault_of(const Failure& failure, std::string remedy = {});
/// One line: `vfio-user:/run/a: refused …`.
std::string to_string(const Failure& failure);

/// `EIO`; `errno 4711` where there is no such name.
std::string errno_name(int error);
/// The number of a name such as `EIO`; 0 when there is none.
int errno_named(std::string_view name);

}  // namespace portolan
