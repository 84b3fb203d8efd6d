#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A trace told as a story: at each step only what changed, with the rule and where it comes from.

#include <cstddef>

#include "cli/frame/json.hpp"
#include "cli/frame/output.hpp"
#include "model/rules/trace.hpp"

namespace portolan::cli {

/// One line for the event, one for each fact that changed, and the rule.
void tell(const rules::Module& module, const rules::Event& event, const rules::Cells& before,
          const rules::Cells& after, std::size_t number, Output& output);
void tell(const rules::Module& module, const rules::Trace& trace, Output& output);
Json json_of(const rules::Module& module, const rules::Trace& trace);

}  // namespace portolan::cli
