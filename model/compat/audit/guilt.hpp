#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Who is guilty of an observation that does not relate: the end that shows something else than the
// implementation that had the profile first (docs/rules.md §observed).

#include "model/compat/audit/entries.hpp"

namespace portolan::compat::audit {

struct Guilt {
  std::size_t guilty = 0;  ///< one end of the move
  std::size_t other = 0;   ///< its other end
  std::size_t first = 0;   ///< the entry that was observed at the profile first
  Observation wanted;      ///< what the guilty end should have shown
};

/// Some entry must have been observed at the profile.
Guilt guilt_of(const Model& model, const Move& move, const std::string& aspect);

/// Three implementations: the newer end agrees with the first one, where the guilty one does not; what mends
/// the way to the first breaks the way from the release that was wrong. Said in a sentence; empty where it is
/// not so.
std::string fix_that_breaks(const Model& model, const Move& move, const std::string& aspect,
                            const Guilt& guilt);

}  // namespace portolan::compat::audit
