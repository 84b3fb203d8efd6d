#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What an implementation really does, as far as its catalogue annotations say (docs/rules.md §catalogue): the
// reference meaning for one configuration at each end. Where an end says nothing, nothing is held against it.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/compat/check.hpp"
#include "model/compat/evaluation.hpp"

namespace portolan::compat {

/// Whether the state that the source saves under its configuration can be loaded by the destination under
/// what it was given: every section that is saved is understood or may be skipped, and every section that the
/// loader requires is there. Empty: it loads; else one sentence for each section that stands in the way.
std::vector<std::string> refused_sections(const End& source, const Configuration& saved,
                                          const End& destination, const Configuration& given);

/// The names of these sections, each once, in name order.
std::vector<std::string> refused_section_names(const End& source, const Configuration& saved,
                                               const End& destination, const Configuration& given);

/// What arrives and is dropped, and what a loader knows that it is lost when it does not arrive (R13): one
/// sentence for each section, in name order. Nothing where an end says nothing of state or loading.
struct LostSection {
  std::string section, sentence;
  Place place;
  bool never_sent = false;  ///< it does not come, and `missing` says that it is lost; else it is dropped
};
std::vector<LostSection> lost_sections(const End& source, const Configuration& saved, const End& destination);

/// What the destination takes in of its parameter of that name, where the value is none of it; null where it
/// takes in the value, or cannot be given it at all (C2).
const ValueSet* takes_in_less(const End& destination, const std::string& name, const Value& value);

/// Effective values (R3: off is absence): every parameter of either end, with the value there, or its off
/// value where an end lacks it. The names of those that differ; a parameter that one end lacks and the other
/// cannot switch off differs.
std::vector<std::string> changed_values(const End& source, const Configuration& from, const End& destination,
                                        const Configuration& to);

/// What the guest sees of a configuration, as text that is equal exactly when it looks the same: the
/// parameters that affect the interface and are not at `off` (by name, where any implementation of the model
/// declares one), and the interface aspects that `aspects` names.
std::string interface_of(const End& end, const Configuration& configuration,
                         const std::map<std::string, Value>& off, const std::vector<std::string>& aspects);

/// The sections that an instance saves, each with its layout.
std::set<std::pair<std::string, std::uint64_t>> saved_state(const End& end,
                                                            const Configuration& configuration);

/// Sections that are sent and that the destination skips because it does not understand them: what they hold
/// is lost. In name order.
std::vector<std::string> skipped_sections(const End& source, const Configuration& saved,
                                          const End& destination);

/// What stands in place of an aspect that an end does not have: false, 0 or "", by the type of the other
/// end's.
Evaluated absent_aspect(const Evaluated& other);
struct ChangedAspect {
  std::string name;
  std::optional<Evaluated> before,
      after;  ///< none: the end does not have it, which looks like false, 0 or ""
};
/// The interface aspects that differ, in name order. Where one end describes no interface at all, none does.
std::vector<ChangedAspect> different_aspects(const End& source, const Configuration& from,
                                             const End& destination, const Configuration& to);
/// Their names.
std::vector<std::string> changed_aspects(const End& source, const Configuration& from, const End& destination,
                                         const Configuration& to);
/// The same, preceded by the effective values (`changed_values`) of parameters that affect the interface at
/// either end (R10).
std::vector<std::string> changed_interface(const End& source, const Configuration& from,
                                           const End& destination, const Configuration& to);

}  // namespace portolan::compat
