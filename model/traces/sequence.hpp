#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A trace as a sequence diagram in Mermaid. In a fleet the lifelines are the operator and the hosts: a
// migration's steps go from where the VM is to where it moves, or stay at the end that they change. In a
// model of its own they are the elements that the actions name. A note below each arrow says what changed.

#include <string>
#include <vector>

#include "model/rules/trace.hpp"

namespace portolan::traces {

/// `loop`: what can go on for ever after the trace, in a frame of its own; null: nothing. `ending`: what is
/// said below the last arrow.
std::string sequence_diagram(const rules::Module& module, const rules::Trace& trace,
                             const std::vector<rules::Trace::Step>* loop, const std::string& title,
                             const std::string& ending, bool is_fleet);

}  // namespace portolan::traces
