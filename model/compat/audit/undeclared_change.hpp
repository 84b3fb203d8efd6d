#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The finding of `undeclared-change`: the guest would see an aspect change that no parameter declares. Who is
// guilty (guilt.hpp), and the remedy: the pin in a profile that was tried and helps; what the destination
// should take in; that hosts be levelled; else the parameter that should be there.

#include "model/compat/audit/obstacles.hpp"

namespace portolan::compat::audit {

/// `aspect` must be one of the obstacles.
Finding undeclared_change(const Model& model, const Move& move, const Obstacles& obstacles,
                          const AspectComparison& aspect);

}  // namespace portolan::compat::audit
