#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Who is guilty of an observation that does not relate (docs/rules.md §observed): the end that contradicts
// what it declares, else the one that shows something else than the implementation that had the profile
// first. Where the destination says what it takes in, that is too narrow, unless it takes in what the first
// one shows; where the aspect travels with a parameter, it is the destination, which does not take the
// parameter.

#include "model/compat/audit/entries.hpp"

namespace portolan::compat::audit {

struct Guilt {
  std::size_t guilty = 0;  ///< one end of the move
  std::size_t other = 0;   ///< its other end
  std::size_t first = 0;   ///< the entry that was observed at the profile first
  Observation wanted;      ///< what the guilty end should have shown, or taken in
};

/// Some entry must have been observed at the profile.
Guilt guilt_of(const Model& model, const Move& move, const AspectComparison& compared);

/// Three implementations: the newer end agrees with the first one, where the guilty one does not; what mends
/// the way to the first breaks the way from the release that was wrong. Said in a sentence; empty where it is
/// not so, and of what is no release's doing: what hosts show, what is taken in or travels with a parameter.
std::string fix_that_breaks(const Model& model, const Move& move, const AspectComparison& compared,
                            const Guilt& guilt);

}  // namespace portolan::compat::audit
