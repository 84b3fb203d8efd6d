#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The states of a small module as a graph in the language of Graphviz: one node for each state, labelled with
// what is not as it was at the beginning, one arrow for each event. States that violate an *always* are red,
// with its name; faults are dashed.

#include <string>

#include "model/rules/module.hpp"

namespace portolan::rules::exports {

/// Fault `limit` where there are more states; a graph that nobody can read helps nobody.
Result<std::string> state_graph(const Module& module, std::size_t states_max = 500);

}  // namespace portolan::rules::exports
