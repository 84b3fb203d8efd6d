#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What each property that is proved means for one configuration: the reference to which every proof of the
// solver is held (docs/rules.md §properties; the table is properties_table.hpp). Slow and plain on
// purpose. It asks only what check.hpp and behaviour.hpp answer.
//
// A property is a promise: where its condition applies, nothing is wrong. The condition is three-valued,
// since R2 leaves it open whether some values are accepted.

#include <span>
#include <string>
#include <vector>

#include "model/compat/check.hpp"
#include "model/compat/judging/properties_table.hpp"

namespace portolan::compat {

/// The ends that a property speaks of. `by_way_of` is the middle one of `path_independent`, else unused.
struct Ends {
  End source, destination, by_way_of = {};
};

struct Judgement {
  Acceptance applies = Acceptance::refused;  ///< accepted: the condition is met; undetermined: it hangs on a
                                             ///< value of which R2 says nothing
  std::vector<std::string> wrong;  ///< what breaks the promise, given that the condition is met: parameters,
                                   ///< sections, aspects, constraints
  bool certain = true;             ///< false: whether that is wrong hangs on a value of which R2 says nothing
};

/// Whether `judge` judges the property, one configuration at a time. Of those that are proved, four are not:
/// `revertible` and `runtime-interface-constant` have functions of their own below, `open-type` is about one
/// end, `baseline` about all of them.
bool is_judged(Property property);

/// `configuration` must be one of the source: accepted values, constraints that hold.
Judgement judge(Property property, const Ends& ends, const Configuration& configuration);

/// R7 and the opening of the instance (C1–C3, then every write, then the constraints).
struct SetUp {
  Acceptance outcome = Acceptance::refused;
  Configuration given;
  std::vector<std::string> refused_writes;  ///< parameters whose own off value the destination refuses
  std::vector<std::size_t> failed;          ///< constraints of the destination that fail
};
SetUp set_up(const End& source, const Configuration& configuration, const End& destination);

/// §5.11, for an instance of `source` and the implementation before it. Applies where some other
/// writable-at-run-time setting exists, and every value that cannot be changed while the guest runs would be
/// accepted. Wrong: no run-time setting makes `previous` accept; the run-time parameters that it refuses in
/// every such setting, or all of them. `all` are the configurations of the source.
Judgement judge_revertible(const End& source, const End& previous, const Configuration& configuration,
                           std::span<const Configuration> all);

/// §5.17b: what the guest sees change when one run-time parameter is written.
std::vector<std::string> seen_by_the_guest(const End& end, const Configuration& before,
                                           const Configuration& after);

/// Same names with the same types.
bool same_parameter_space(const DeviceModel& a, const DeviceModel& b);
/// Parameters that `end` knows and `other` lacks.
std::vector<std::string> lacked_by(const DeviceModel& end, const DeviceModel& other);

}  // namespace portolan::compat
