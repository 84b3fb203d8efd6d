#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What entries of a model showed, held against each other: one aspect at one profile, as `compare` of the
// catalogue asks (docs/rules.md §observed), and as it would be if an entry showed
// something else. The comparison itself is `relate` of observed.hpp.

#include "model/compat/audit/entries.hpp"

namespace portolan::compat::audit {

bool relates_both_ways(const Model& model, const std::string& profile, const std::string& aspect,
                       std::size_t a, std::size_t b);

/// Whether the move certainly relates once the entry `changed`, one of its ends, shows `value`. What the
/// destination says that it takes in counts for it, whatever it shows.
bool would_relate(const Model& model, const Move& move, const std::string& aspect, std::size_t changed,
                  const Observation& value);

/// Whether the aspect travels with a parameter between the two, so that what they show decides nothing.
bool is_carried(const Model& model, const std::string& aspect, std::size_t a, std::size_t b);

/// Whether an entry showed something else than another; certain sameness alone is none.
bool differs_from(const Model& model, const std::string& profile, const std::string& aspect, std::size_t one,
                  std::size_t first);

/// The observation in a sentence; `absent` where there is none.
std::string shown(const Observation& observation);

}  // namespace portolan::compat::audit
