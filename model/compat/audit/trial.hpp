#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A migration at a profile as it would be if one of its ends pinned another value there: what R13 would then
// have against it. A pin that is offered as a remedy was tried here.
//
//   Trial trial(model, move, {from, to}, move.source, {"queues", Value(4)});
//   if (trial.meets("C3", "queues")) …

#include <string>
#include <vector>

#include "model/compat/audit/entries.hpp"

namespace portolan::compat::audit {

struct Pin {
  std::string parameter;
  Value value;
};

/// The types of a move that are meant.
struct MovingEnds {
  End source, destination;
};

/// Whether the end's profile could pin that: a value that it accepts, of that type, under its constraints,
/// and other than the profile means already. `values`: those that the profile means.
bool is_new_pin(const End& end, const Configuration& values, const Pin& pin);

class Trial {
 public:
  /// `changed` is an end of the move; it must declare the profile. Where the move is to the entry itself,
  /// both ends change.
  Trial(const Model& model, const Move& move, const MovingEnds& ends, std::size_t changed, const Pin& pin);

  /// What is certainly held against it, observations that were made of other values left out.
  const std::vector<Reason>& reasons() const { return reasons_; }
  /// Whether no reason of that rule is left about a parameter, an aspect or what is expected.
  bool meets(const std::string& rule, const std::string& about) const;
  /// Whether something is held against it that was not before.
  bool adds_to(const std::vector<Reason>& before) const;
  /// The first of C1 to C6 or `takes` that still speaks against the parameter; null: none.
  const Reason* against(const std::string& parameter) const;

 private:
  std::vector<Reason> reasons_;
};

}  // namespace portolan::compat::audit
