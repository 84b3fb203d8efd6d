#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Proofs for any number of elements: VMs of a fleet, processes of a protocol. An *always* property of the
// form `forall(x in sort: …)` is looked at for one element with everything else arbitrary (rules::OneCopy),
// and every state of that is visited. What holds there holds however many elements, hosts, faults and steps
// there are, as long as each element begins as one of the scenario's does. What does not hold there is left
// open: it may still be true, because of something that was made arbitrary. The states are visited (`direct`,
// solver/explore/explorer.hpp), or Z3 finds an invariant (`z3`, one_of_many_z3.hpp), or both and they are
// compared.

#include <cstdint>
#include <string>
#include <vector>

#include "solver/engine.hpp"
#include "solver/explore/explorer.hpp"

namespace portolan::solver::unbounded {

struct OneOfManyProof {
  std::string property;
  bool proved = false;
  std::string sort;                 ///< of the elements: `vm`; empty where the property has another form
  std::uint64_t states = 0;         ///< of one element, over all beginnings; 0 where only Z3 was asked
  std::string reason;               ///< not proved: why, in one sentence
  std::vector<std::string> events;  ///< not proved because of a course of events at one element: its actions
  bool bounded = false;             ///< not proved because a bound was met, and nothing was found before it
  bool disagreed =
      false;  ///< the procedures contradict each other, or Z3 contradicts the reference: an error of ours
};

struct OneOfManyOptions {
  Engine engine = Engine::direct;  ///< `direct` (also `automatic`), `z3` or `both`: what one of them leaves
                                   ///< to a bound is as the other says
  std::uint64_t states_max = 2'000'000;        ///< of one element
  std::uint32_t z3_milliseconds_max = 10'000;  ///< for each property
  std::function<bool()> stop = {};             ///< with Z3 asked by another thread too
};

/// One for each *always* property, in the module's order.
std::vector<OneOfManyProof> prove_for_any_number(const rules::Module& module,
                                                 const OneOfManyOptions& options = {});

struct OneOfManyAnswer;
/// Whether what Z3 says of a property cannot be true beside what a visit of all states says: one proves what
/// the other refutes, or the shortest course of events is longer than one that was found.
bool contradicts(const OneOfManyProof& visited, const OneOfManyAnswer& by_z3);

}  // namespace portolan::solver::unbounded
