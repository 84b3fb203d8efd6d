#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// `explore --replay`: a trace in a file carried out again, step by step, by the reference.

#include "cli/frame/output.hpp"

namespace portolan::cli {

/// `scenario`: empty for the one that the trace names. 0: it fits and ends as recorded, 1: it differs.
Exit replay_trace(const std::string& trace, const std::string& scenario, Output& output);

}  // namespace portolan::cli
