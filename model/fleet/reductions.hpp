#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Scenarios that are smaller by one thing, for whoever looks for the smallest one that still shows something:
// one host, VM, fault or element of a numbered sort less. Texts of scenarios (`LoadedScenario::content`) go
// in and come out; whether one still means something, its reader says.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace portolan::fleet {

struct Reduction {
  std::string what;                ///< `hosts node`, `VMs guest`, `fault budget`, `sort process`
  std::uint64_t from = 0, to = 0;  ///< how many there were and are; 0: the group is gone
  std::string content;
  bool less_room = false;  ///< hosts and elements are also what something can happen *in*: where they are
                           ///< missing, something may be impossible for that reason alone
};

/// The scenario without what `property` does not need: expectations, the scenario's other properties, and the
/// goal unless it is asked about. The states that can be reached are the same.
std::string focused(std::string_view content, std::string_view property);
/// Every scenario that is smaller by one thing: faults first, then VMs, hosts, elements.
std::vector<Reduction> reductions(std::string_view content);

}  // namespace portolan::fleet
