#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What went wrong in the world, said so that a person can mend it: place, finding, expectation, remedy.
// A reader reports every semantic fault of a file at once and the first syntax fault; the command line prints
// each on a line of its own (`fleet.yaml:12:8: fleet.hosts[0].version: got "2.x", expected a version of
// acme-gfx (1.0, 2.0)`). An answer such as "incompatible" is never a fault; see model/compat/check.hpp for
// answers.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace portolan {

/// Position in a text: 1-based line and column (bytes); 0 means that the position is not known.
struct Mark {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend bool operator==(const Mark&, const Mark&) = default;
};

/// Where something was found: a file (or "--set", "<stdin>"), a position in it, and the path of the member
/// (`models.com.gfx/GPU.params.memory.init_value`, `fleet.hosts[0].version`). Each part may be empty.
struct Place {
  std::string file;
  Mark mark;
  std::string path;
};

/// The kinds of fault. One list: docs/errors.md is generated from it (`fault_code_table()`).
enum class FaultCode : std::uint8_t {
  unreadable,    ///< a file cannot be opened, is a folder, or cannot be written
  syntax,        ///< not JSON, YAML or an expression
  wrong_type,    ///< a member has another JSON type than it must have
  out_of_range,  ///< a number that is not a plain unsigned 64-bit integer, or outside its domain
  bad_range,     ///< a range that is not digits-digits with min <= max
  bad_name,      ///< a name or value outside the grammar of rules.md §words
  duplicate,     ///< the same key or name twice
  missing,       ///< a required member is absent
  unknown_name,  ///< a type, parameter, model, profile, state … that does not exist here
  type_error,    ///< an expression whose operands do not fit
  usage,         ///< the command line asks for something that makes no sense
  storage,       ///< the database refused
  limit,         ///< deeper or larger than is accepted
  unreachable,   ///< a device cannot be reached, or closed its connection
  timeout,       ///< a device did not answer in time
  protocol,      ///< a device sent what the protocol does not allow
  refused,       ///< a device answered with an error
};

struct Fault {
  FaultCode code = FaultCode::syntax;
  Place place;
  std::string finding;      ///< what was found: `got "2.x"`
  std::string expectation;  ///< what would have been right: `a version of acme-gfx (1.0, 2.0)`; may be empty
  std::string remedy;       ///< what to do; may be empty
};

using Faults = std::vector<Fault>;

/// A value, or all the faults that stand in its way (never empty on the error side).
template <class T>
using Result = tl::expected<T, Faults>;

/// `file:line:col: path: finding, expected expectation; remedy` — parts that are empty are left out.
std::string to_string(const Fault& fault);
std::string to_string(const Place& place);
/// One fault for each line.
std::string to_string(const Faults& faults);

/// Spelling of a code as it stands in docs and JSON (`wrong-type`).
std::string_view name_of(FaultCode code);
struct FaultCodeEntry {
  FaultCode code;
  std::string_view name;
  std::string_view meaning;
  std::string_view example;  ///< of a message, or what leads to one
  std::string_view remedy;   ///< in general; what a message says besides is about its own case
};
/// Every code with what it means and what to do, in the order of the enumeration.
const std::vector<FaultCodeEntry>& fault_code_table();

/// One fault as the error side of a Result.
inline tl::unexpected<Faults> fail(Fault fault) { return tl::unexpected<Faults>(Faults{std::move(fault)}); }
inline tl::unexpected<Faults> fail(Faults faults) { return tl::unexpected<Faults>(std::move(faults)); }

}  // namespace portolan
