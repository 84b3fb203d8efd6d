#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What the terms of a ground model say of a raw state (packing.hpp): whether conditions hold, and what an
// action writes. The slow way, from the terms themselves, by which all tables are filled; the meaning is that
// of the reference (rules::fire).

#include "solver/explore/ground/grounding.hpp"

namespace portolan::solver::explore {

/// What is known of a condition in a state. unknown: nobody has looked.
enum class TruthValue : std::uint8_t { unknown, no, yes, undefined };

class Evaluation {
 public:
  /// Both must outlive it.
  Evaluation(const GroundModel& ground, const Packing& packing) : ground_(ground), packing_(packing) {}

  /// The conjuncts in their order, up to the first that is not true.
  TruthValue conjunction(const std::vector<TermId>& conjuncts, const Word* raw) const;
  /// The raw state after an action; false where the event is undefined.
  bool write(std::uint32_t action, const Word* raw, Word* next) const;

 private:
  const GroundModel& ground_;
  const Packing& packing_;
};

}  // namespace portolan::solver::explore
