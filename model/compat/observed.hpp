#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What live instances showed, held against each other and against what is declared (compatibility.md §3
// `observed` and `compare`, §5.14 to §5.16). The reference meaning of "an observation relates", and the audit
// of a whole catalogue: for every ordered pair, at each profile that both know, whether the migration is
// predicted to fail, what is guilty, and the pin in a profile that would mend it. A prediction rests on two
// things alone: C1–C3 for the source's values of the profile, and observations that do not relate. Every
// other difference is at most a warning, and what was not observed is held against nobody.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/compat/properties.hpp"

namespace portolan::compat {

/// §3: what an absent aspect counts as. The off values that the implementations of one model declare, by
/// parameter.
class Absence {
 public:
  /// From every implementation of the catalogue that describes the model.
  Absence(const Catalogue& catalogue, const std::string& model);

  /// The values that absence may stand for between two ends: the destination's off value where it declares
  /// one, else those of the others, of which there may be several. Empty where nobody declares one: then it
  /// is false, 0 or "".
  std::vector<Value> of(const std::string& aspect, const DeviceModel* destination) const;

 private:
  std::map<std::string, std::vector<Value>> offs_;  // distinct, in the order of the catalogue
};

/// Whether one observation relates to another. `undetermined`: it depends on which of several off values
/// absence means.
enum class Related : std::uint8_t { yes, no, undetermined };

/// §3: `exact` wants equal values; `subset` wants that what is on at the source (true, not 0, not empty) is
/// on at the destination. Booleans and numbers are compared as numbers.
Related relate(Relation relation, const Observation& source, const Observation& destination,
               const std::vector<Value>& absent);

/// One aspect of two ends at one profile.
struct AspectComparison {
  std::string aspect;
  Relation relation = Relation::exact;
  Observation source, destination;  ///< as observed; empty: absent
  std::vector<Value> absent;        ///< what absence counts as, see Absence::of
  Related related = Related::yes;
};

/// The values of an instance that is made at a profile: init values, then the profile's. Empty where the end
/// does not know it.
std::optional<Configuration> values_at(const End& end, const std::string& profile);

/// Every aspect that either end showed at the profile, in name order. Empty optional: one of the ends was not
/// observed there.
std::optional<std::vector<AspectComparison>> compare_observations(const Absence& absence, const End& source,
                                                                  const End& destination,
                                                                  const std::string& profile);

/// `x=true at the source, absent at the destination (counts as false); compare says subset`: for messages.
std::string to_string(const AspectComparison& comparison);

/// The properties `undeclared-change`, `profile-migration`, `dead-profile`, `profile-drift` and `a-b-a`, in
/// this order, then the finding `profile-refused` (an implementation that cannot make its own profile). The
/// first two are errors, one finding for each ordered pair, profile and aspect, with `profile` and both ends
/// as `name@version`; the others are warnings. Several types of one entry are one end: a configuration that
/// some type of the destination takes is not broken. At most `findings_max` findings of a property are told;
/// all are counted.
Examination audit(const Catalogue& catalogue, std::size_t findings_max = 20000);

}  // namespace portolan::compat
