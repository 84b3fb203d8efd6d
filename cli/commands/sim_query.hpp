#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// `sim query "SQL"`: a question to the database, which it can answer and not change.

#include "cli/frame/command.hpp"

namespace portolan::cli {

void add_sim_query(Command& sim);

}  // namespace portolan::cli
