#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The levels (docs/rules.md §levels): does the newer implementation accept every configuration of
// the older one (`forward`, old → new), the older one every configuration of the newer (`backward`, new →
// old), or both (`full`)? Beware of the words: schema registries call old → new BACKWARD and new → old
// FORWARD; every text here says both.
//
// Order is the order in the catalogue; version strings are never parsed. Types of one catalogue entry (same
// name and version) are of the same age and are not compared with each other; between two entries a type is
// compared with its namesake, and with every type where it has none. Plain levels look at entries that follow
// each other among those that describe the model, `-transitive` ones at all pairs of entries.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/compat/judging/examination.hpp"
#include "solver/matrix/matrix.hpp"

namespace portolan::solver::properties {

/// In the order of the table of properties, which has their names and meanings.
enum class Level : std::uint8_t {
  forward,
  backward,
  full,
  forward_transitive,
  backward_transitive,
  full_transitive
};
/// The level as a property.
constexpr compat::Property property_of(Level level) {
  return static_cast<compat::Property>(static_cast<std::size_t>(compat::Property::forward) +
                                       static_cast<std::size_t>(level));
}
constexpr std::string_view name_of(Level level) { return name_of(property_of(level)); }
std::optional<Level> level_named(std::string_view name);
/// Every name: those of neighbours first, each in the order of the alphabet.
std::vector<std::string> level_names();

/// Of the catalogue of the matrix: all six levels as properties, and a finding for each pair that breaks one,
/// with its smallest witness and the conditions that reject it. Pairs that do not follow each other are
/// reported (rule `forward-transitive` or `backward-transitive`) only where the same conditions did not
/// already fail on a pair reported for that model and direction; the first such finding says how many pairs
/// it stands for. A finding is an `error` when `requested` covers it, else `info`.
compat::Examination levels(const matrix::Matrix& matrix, std::optional<Level> requested);

}  // namespace portolan::solver::properties
