#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What live instances showed at a profile, and whether two observations relate as `compare` of the catalogue
// asks (docs/rules.md §observed): the reference meaning, for one pair of ends. The audit
// of a whole catalogue (audit/) and the scheme `observed` ask it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/compat/check.hpp"

namespace portolan::compat {

/// true and 1, false and 0 are the same on a device; a text is never a number.
std::optional<std::uint64_t> number_of(const Value& value);
/// As a device shows them.
bool equal(const Value& a, const Value& b);
/// What absence looks like beside another value: false, 0 or "", of its type.
Value absent_like(const Value& other);

/// What an absent aspect counts as. The off values that the implementations of one model declare, by
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

/// `exact` wants equal values; `subset` wants that what is on at the source (true, not 0, not empty) is
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

}  // namespace portolan::compat
