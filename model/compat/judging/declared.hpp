#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What can be said of a catalogue from its declarations alone, before any migration is judged and without a
// solver: the properties that the table gives to `DecidedBy::declarations`, the remarks of the same kind, and
// what the readers noticed.

#include <set>
#include <string>

#include "model/compat/catalogue.hpp"
#include "model/compat/judging/examination.hpp"

namespace portolan::compat {

/// `init-accepted`, `off-accepted`, `same-type`, `same-off`, `later-parameter-has-off`,
/// `unsure-switch`, `model-gone`, in this order; then
/// the remarks `empty-allowed-values` and `runtime-writable-interface`, and the catalogue's lints. What
/// several types of one catalogue entry have from the same place is reported once.
Examination examine_declared(const Catalogue& catalogue);

/// `model-gone`: of a model that `before` describes and the next version does not; `described` is what that
/// one has instead.
Finding gone_model(const Implementation& before, const Implementation& after, const std::string& model,
                   const std::set<std::string>& described);

}  // namespace portolan::compat
