#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What `check` ends with, whoever decides it: findings, each one thing to mend or to know, and the verdict of
// each property of properties_table.hpp (docs/rules.md §properties). Plain data: the verdict is
// computed in one place, ledger.hpp.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/compat/check.hpp"
#include "model/compat/judging/properties_table.hpp"

namespace portolan::compat {

/// Cases of which a finding says the same, by their labels: each of the sources with each of the destinations
/// that is another one, by way of each of a third kind where there is one; of an end alone there are no
/// destinations.
struct AlikeCases {
  std::vector<std::string> sources, destinations, by_way_of;
};

/// One thing to mend or to know. Members that do not apply are empty.
struct Finding {
  std::string rule;  ///< the property's or remark's name: `init-accepted`, `range-overlap` …
  Severity severity = Severity::warning;
  std::string model;
  std::string parameter;
  std::string source;       ///< label of the implementation, or of the older one of two
  std::string destination;  ///< label of the other implementation
  std::string direction;    ///< `forward` (old to new, by the order of the catalogue), `backward`, `itself`
  std::vector<std::string> course;  ///< of several migrations in turn: the implementations' labels
  std::string profile;  ///< the profile at which a migration is predicted to fail, or that is odd itself
  std::string aspect;   ///< the observed aspect that does not relate
  std::optional<Configuration> witness;
  std::string message;  ///< one sentence
  std::string remedy;   ///< one sentence
  Place place;
  std::vector<AlikeCases> alike;  ///< where it stands for several: all of them, its own among them
};

enum class PropertyVerdict : std::uint8_t { holds, violated, undetermined, vacuous };
std::string_view name_of(PropertyVerdict verdict);

struct PropertyResult {
  std::string name;
  std::string meaning;  ///< one line
  std::string rule;     ///< where it comes from: `§5.1, R2`
  PropertyVerdict verdict = PropertyVerdict::holds;
  std::string reason;     ///< for undetermined and vacuous: why; for violated: what is not known besides
  std::size_t count = 0;  ///< violations
};

struct Examination {
  std::vector<Finding> findings;
  std::vector<PropertyResult> properties;  ///< in the order of the table

  /// Adds what another part of the examination found.
  void add(Examination more);
};

/// A property violated by an error makes `error`, and so on; empty where there are no findings.
std::optional<Severity> worst(const std::vector<Finding>& findings);

}  // namespace portolan::compat
