#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The reference evaluator of compatibility for one configuration: the migration parameter list (R4), the
// check (R5), the strict check (R6) and what the destination would be given (R7). Slow and plain on purpose:
// every other decision procedure of the product (interval sets, Z3) is held to this one.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/compat/catalogue.hpp"

namespace portolan::compat {

/// Parameter values of one instance, by name. Complete: every parameter of the model is there.
using Configuration = std::map<std::string, Value>;

/// Every parameter at its init value.
Configuration fresh(const DeviceModel& model);

/// `memory=4096, num-queues=2`: what a configuration has away from the init values; `its init values` where
/// it has nothing.
std::string written_away(const DeviceModel& model, const Configuration& configuration);

/// R4: every parameter whose value differs from the source's own off value, or that has none; in name order.
std::map<std::string, Value> parameter_list(const DeviceModel& model, const Configuration& configuration);

/// `declared` accepts what `rfc_v3_strict` accepts unless something else in the catalogue speaks against it
/// (R13, model/compat/judging/all_known.hpp); where only published parameters are looked at the two are the
/// same.
enum class Scheme : std::uint8_t { rfc_v3, rfc_v3_strict, declared };
/// C4 to C6 count.
constexpr bool is_strict(Scheme scheme) { return scheme != Scheme::rfc_v3; }
std::string_view name_of(Scheme scheme);
std::optional<Scheme> scheme_named(std::string_view name);

enum class Decision : std::uint8_t { accept, reject, undetermined };
std::string_view name_of(Decision decision);

/// One failed condition. `rule` is C1…C6, or R2 for a value that is merely undetermined, or what R13 calls
/// it.
struct Reason {
  std::string rule;
  std::string parameter;       ///< empty for C1 and for a constraint over several parameters
  std::optional<Value> value;  ///< the source's value, where there is one
  std::string expected;        ///< what the destination accepts
  std::string message;         ///< one sentence
  Place place;                 ///< where the destination says so, when known
  bool certain = true;         ///< false: it is not known whether the condition fails
  std::string about = {};      ///< of `interface` and `observed`: the aspect that is meant
  bool never_sent = false;     ///< of `lost`: the section does not come at all
};

struct Verdict {
  Decision decision = Decision::accept;
  std::map<std::string, Value> list;  ///< R4
  std::vector<Reason> reasons;        ///< all of them at once, in rule order, then by parameter name
};

/// One end of a migration: an implementation and the model of it that is meant.
struct End {
  const Implementation* implementation = nullptr;
  const DeviceModel* model = nullptr;
};

/// What the end's implementation says of the model beyond its parameters (docs/rules.md §catalogue).
inline const Annotations& notes_of(const End& end) {
  return end.implementation->annotations_of(end.model->name);
}
inline const std::vector<rules::Expression>& constraints_of(const End& end) {
  return notes_of(end).constraints;
}

/// R5 (rfc-v3) or R6 (rfc-v3-strict) for one configuration. A rejection outweighs an undetermined value.
Verdict check(Scheme scheme, const End& source, const Configuration& configuration, const End& destination);

/// The destination's parameter of a listed name, or of which that is a second name (`alias-of`); null: none.
const Parameter* known_as(const End& destination, const std::map<std::string, Value>& list,
                          const std::string& name);
/// The list by the destination's own names: C2 and R7 take a second name of a parameter (`alias-of`, rules.md
/// §aspects) where neither end has a parameter of that name there and the source lists the first name not.
std::map<std::string, Value> as_known(const std::map<std::string, Value>& list, const End& destination);

/// R7: what a new destination instance is given: the listed value, else its own off value, else its init
/// value. Listed names that the destination does not know (or knows with another type) are left out.
Configuration prepared(const std::map<std::string, Value>& list, const DeviceModel& destination);

/// Whether the constraints hold for a configuration; empty when none fails, else the indices of those that
/// fail.
std::vector<std::size_t> failed_constraints(const Annotations& annotations,
                                            const Configuration& configuration);

/// Whether an instance of the end can have the configuration: values that it certainly accepts (R2), under
/// its constraints.
bool can_have(const End& end, const Configuration& configuration);

}  // namespace portolan::compat
