#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Properties 1–3 of compatibility.md §5, which need no solver, and the findings of the same kind: what an
// architect should hear about a catalogue before any migration is judged. Property 5 (levels) is in
// solver/properties/levels.hpp; both speak in the same `Finding` and `PropertyResult`.
//
// Severity: `error` for a violated property 1–3; `warning` for `empty-allowed-values`,
// `runtime-writable-interface` and everything a reader noticed. A violated level is an `error` only when that
// level was asked for, else `info`.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/compat/check.hpp"

namespace portolan::compat {

enum class Severity : std::uint8_t { error, warning, info };
std::string_view name_of(Severity severity);

/// One thing to mend or to know. Members that do not apply are empty.
struct Finding {
  std::string rule;  ///< the property's or lint's name: `init-accepted`, `range-overlap` …
  Severity severity = Severity::warning;
  std::string model;
  std::string parameter;
  std::string source;       ///< label of the implementation, or of the older one of two
  std::string destination;  ///< label of the other implementation
  std::string direction;  ///< `forward` (old to new, by the order of the catalogue) or `backward`, for pairs
  std::string profile;    ///< the profile at which a migration is predicted to fail, or that is odd itself
  std::string aspect;     ///< the observed aspect that does not relate
  std::optional<Configuration> witness;
  std::string message;  ///< one sentence
  std::string remedy;   ///< one sentence
  Place place;
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
  std::vector<Finding>
      findings;  ///< by rule in the order below, then by model, parameter and place in the catalogue
  std::vector<PropertyResult> properties;
};

/// `init-accepted`, `off-accepted`, `same-type`, `same-off`, `later-parameter-has-off`, in this order; then
/// the findings `empty-allowed-values` and `runtime-writable-interface`, and the catalogue's lints. What
/// several types of one catalogue entry have from the same place is reported once.
Examination examine(const Catalogue& catalogue);

/// A property violated by an error makes `error`, and so on; empty where there are no findings.
std::optional<Severity> worst(const std::vector<Finding>& findings);

}  // namespace portolan::compat
