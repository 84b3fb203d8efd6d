#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// R10a, choosing a type: which type of a destination takes an instance, for what reason, and why the others
// do not. Candidates are the types of the source's model that are accepted (R13); the one that needs the
// fewest writes comes first, then name order. Whoever creates the instance tries them in this order and
// goes on to the next on *no resources*.

#include <cstddef>
#include <string>
#include <vector>

#include "model/compat/judging/scheme_question.hpp"

namespace portolan::compat {

/// One type of the destination that offers the model, judged by R13.
struct TypeCandidate {
  const Implementation* implementation = nullptr;
  Verdict verdict;
  Configuration given;  ///< R7: what an instance of that type would be given; empty unless accepted
  std::vector<std::string>
      writes;       ///< parameters whose value there differs from the type's init value, in name order
  std::string why;  ///< one sentence: why it is chosen, comes after another, or is no candidate
};

struct TypeChoice {
  std::vector<TypeCandidate> accepted;  ///< in the order in which they are tried; the first is the choice
  std::vector<TypeCandidate> refused;   ///< in the same order of names
  std::string why;                      ///< the whole decision in one sentence

  const TypeCandidate* chosen() const { return accepted.empty() ? nullptr : &accepted.front(); }
};

/// `asked` without its destination. Types of other models are no candidates (R5/C1) and are not mentioned.
/// The destination must outlive the result.
TypeChoice choose_type(const SchemeQuestion& asked, const Catalogue& destination);

/// The name by which types are ordered and called: the mdev type's, or the label where there are no types.
const std::string& type_name_of(const Implementation& implementation);

}  // namespace portolan::compat
