#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Proofs for any number of elements: VMs of a fleet, processes of a protocol. An *always* property of the form `forall(x in sort: …)` is looked at for one
// element with everything else arbitrary (rules::OneCopy), and every state of that is visited. What holds there holds however many elements, hosts, faults
// and steps there are, as long as each element begins as one of the scenario's does. What does not hold there is left open: it may still be true, because of
// something that was made arbitrary.

#include <cstdint>
#include <string>
#include <vector>

#include "solver/explore.hpp"

namespace portolan::solver {

struct CopyProof {
  std::string property;
  bool proved = false;
  std::string sort;           ///< of the elements: `vm`; empty where the property has another form
  std::uint64_t states = 0;   ///< of one element, over all beginnings
  std::string reason;         ///< not proved: why, in one sentence
  std::vector<std::string> events;  ///< not proved because of a course of events at one element: its actions
};

struct CopyOptions {
  std::uint64_t states_max = 2'000'000;
  std::function<bool()> stop = {};
};

/// One for each *always* property, in the module's order.
std::vector<CopyProof> prove_for_any_number(const rules::Module& module, const CopyOptions& options = {});

}  // namespace portolan::solver
