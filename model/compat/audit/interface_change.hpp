#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What can be done where `interface` of two ends gives the guest another value at a profile. Guilty is the
// end that differs from the first implementation that has the profile and describes its interface; where both
// or neither do, the newer one. A pin is offered where it was tried: at a destination only of what it is not
// given by the list, and cannot switch off.

#include "model/compat/audit/advice.hpp"

namespace portolan::compat::audit {

/// `aspect` must be one that R13 says changes.
Advice on_interface(const Model& model, const Move& move, const Obstacles& obstacles,
                    const std::string& aspect);

}  // namespace portolan::compat::audit
