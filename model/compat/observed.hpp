#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What live instances showed at a profile, and whether the observations of two ends relate as the catalogue
// asks (docs/rules.md §observed, §aspects): the reference meaning, for one pair of ends. The audit
// of a whole catalogue (audit/) and the scheme `observed` ask it.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/compat/check.hpp"
#include "model/compat/relating.hpp"

namespace portolan::compat {

/// What an absent aspect counts as. The off values that the implementations of one model declare, by
/// parameter.
class Absence {
 public:
  Absence() = default;  ///< false, 0 or "" everywhere
  /// From every implementation of the catalogue, and of the files that it was picked from, that describes the
  /// model.
  Absence(const Catalogue& catalogue, const std::string& model);

  /// The values that absence may stand for between two ends: the destination's off value where it declares
  /// one, else those of the others, of which there may be several. Empty where nobody declares one: then it
  /// is false, 0 or "".
  std::vector<Value> of(const std::string& aspect, const DeviceModel* destination) const;

  /// Every aspect of the model that somebody has an entry for: what an end says nothing of among them is
  /// absent or not reported there (rules.md §observed).
  const std::set<std::string>& aspects() const { return aspects_; }

 private:
  void add(const std::vector<Implementation>& implementations, const std::string& model);

  std::map<std::string, std::vector<Value>> offs_;  // distinct, in the order of the catalogue
  std::set<std::string> aspects_;
};

/// One aspect of two ends at one profile.
struct AspectComparison {
  std::string aspect;
  Relation relation = Relation::exact;
  std::optional<Relation> source_relation;  ///< what the source says, where that is another one
  Observation source, destination;          ///< as observed; empty: absent
  bool taken = false;                       ///< `destination` is what it takes in, not what it showed
  bool source_reported = true, destination_reported = true;  ///< false: nothing is known of it there
  AspectOf of = AspectOf::device;
  std::string carried_by;            ///< it travels with this parameter, which decides
  std::vector<Value> absent;         ///< what absence counts as, see Absence::of
  std::vector<std::string> missing;  ///< of `bits`: those that are set at the source alone
  Related related = Related::yes;
  bool weak = false;  ///< `subset` passed two different numbers or texts
};

/// The values of an instance that is made at a profile: init values, then the profile's. Empty where the end
/// does not know it.
std::optional<Configuration> values_at(const End& end, const std::string& profile);

/// What an instance shows at a profile: one that came by migration what is `restored` there, the rest as a
/// fresh one. Empty: nothing was looked at.
std::optional<std::map<std::string, Observation>> shown_by_source(const Annotations& notes,
                                                                  const std::string& profile, bool arrived);

/// Every aspect that either end showed at the profile, in name order. Empty optional: one of the ends was not
/// observed there, and takes in nothing that is said. `arrived`: the source's instance came by migration, and
/// shows what is `restored`.
std::optional<std::vector<AspectComparison>> compare_observations(const Absence& absence, const End& source,
                                                                  const End& destination,
                                                                  const std::string& profile,
                                                                  bool arrived = false);

/// `x=true at the source, absent at the destination (counts as false); compare says subset`: for messages.
std::string to_string(const AspectComparison& comparison);

}  // namespace portolan::compat
