#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What whoever publishes a catalogue can do about one reason of R13 against a migration at a profile, and
// where the end that has to do it says so. A pin is offered only where it was tried (trial.hpp): never of a
// parameter that the end does not have, that has another type at the other end, that has the value already,
// or that the source gives the destination anyway. The words are those of the table of reasons.

#include "model/compat/audit/obstacles.hpp"

namespace portolan::compat::audit {

struct Advice {
  std::string parameter;  ///< that is meant; empty: none
  std::string text;
  Place place = {};  ///< where the guilty end says it
};

/// `reason` must be one of `obstacles.refused`.
Advice advice_on(const Model& model, const Move& move, const Obstacles& obstacles, const Reason& reason);

/// About an instance that its source refuses to save: the pin of one parameter with which that block is
/// false.
std::string advice_on_block(const Entry& entry, const End& end, const std::string& profile,
                            const Block& block);

}  // namespace portolan::compat::audit
