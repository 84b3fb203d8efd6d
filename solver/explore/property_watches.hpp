#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What a search has to look for so that the properties of a module can be answered: of *always* a state
// without the condition, of *sometimes* one with it, and of an implication `a => b`, also under quantifiers,
// one with its left side, without which the property would be vacuous. Of *eventually* the left side alone is
// looked for; the rest is asked afterwards.

#include <vector>

#include "solver/explore/model/builder.hpp"
#include "solver/explore/search/search.hpp"

namespace portolan::solver::explore {

/// The condition with its arguments, as a predicate; an empty expression is true.
Predicate predicate_of(ModelBuilder& builder, const rules::Expression& condition);

/// What one property looks for.
struct PropertyWatch {
  Predicate condition;
  std::optional<std::size_t> witness;    ///< position in `watches`; none for *eventually*
  std::optional<std::size_t> left_side;  ///< the same; none where the property is no implication
};

struct PropertyWatches {
  std::vector<PropertyWatch> properties;  ///< in the module's order
  std::vector<Watch> watches;
};

/// `stop_at_violation`: see ExploreOptions. Rows cover what is always expected, where they can.
PropertyWatches watch_properties(const rules::Module& module, ModelBuilder& builder, bool stop_at_violation);

}  // namespace portolan::solver::explore
