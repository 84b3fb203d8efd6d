#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A module as Promela, the language of the model checker Spin, with the same state space (rules.md §rules:
// Promela is a walk over the rules). One process, one loop; each option of the loop is one variant of an
// action for one choice of arguments, carried out as a `d_step`. Only cells that are not fixed are state:
// fixed ones are folded in, temporaries are `hidden`, so that Spin stores a state exactly where `successors`
// has one. (Spin would hide a variable that nothing reads; an option that is never taken reads them all.)
// What the counts of a full search (`pan -c0`, built with -DSAFETY -DNOREDUCE) mean, E being the number of
// events enabled in all reachable states (undefined ones included):
//   states, stored   the reachable states;
//   transitions      E + errors - undefined events + 1. Spin reports stored + matched, which counts the
//                    initial state although no event leads there (+ 1). An assertion that fails is a step of
//                    its own that stays in its state;
//   errors           undefined events, and for each property the states that break it.
// Partial-order reduction could remove nothing (there is one process); -DNOREDUCE only spares Spin the
// attempt. The loop is an end state, so that a state without events is no error, and the process never ends,
// so that no state of its end is stored.

#include <string>
#include <string_view>

#include "model/rules/module.hpp"

namespace portolan::rules::exports {

struct PromelaOptions {
  /// The property to check; empty: every `always`. An `always` is asserted in every reachable state, the
  /// initial one included; of a `sometimes` the negation is, so that Spin's error is the witness. An
  /// `eventually` is a question about branching time, which neither an assertion nor LTL can put: the text
  /// says so, and Spin checks nothing.
  std::string_view property = {};
  /// Also write the choices of arguments that can never be enabled, because their guard is false once fixed
  /// values are folded in.
  bool keep_impossible = false;
};

/// An assertion that fails names a hidden variable: `violated_` and the property, `reached_` and the property
/// (a `sometimes`), or `undefined_` and the action, for an event that is enabled but has no meaning
/// (Firing::undefined). Faults: an unknown property; numbers beyond the 32 bits that Promela has.
Result<std::string> promela(const Module& module, const PromelaOptions& options = {});

}  // namespace portolan::rules::exports
