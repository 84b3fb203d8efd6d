#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Room for the program. Expressions, files and Z3 are walked by recursion, within limits that fit into a
// usual stack; `ulimit -s` may leave less than that, so the program runs on a stack of its own, and its
// threads have one of the usual size. Where memory or a stack runs out all the same, a line says so and the
// status is that of a bound that was hit: nothing was decided.

#include <functional>

namespace portolan::cli {

/// Runs the program. Called once, by main(), before there is another thread.
int with_room(const std::function<int()>& program);

/// What is said where memory ran out, without an end of line.
inline constexpr const char* memory_ran_out =
    "portolan: memory ran out: nothing was decided; let it have more (ulimit -v), or ask for less at a time";

}  // namespace portolan::cli
