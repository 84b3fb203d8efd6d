// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/table.hpp"

namespace portolan::cli {

void add_check(Command& root);
void add_compat(Command& root);
void add_explain(Command& root);
void add_matrix(Command& root);
void add_schemes(Command& root);
void add_diff(Command& root);
void add_impact(Command& root);
void add_baseline(Command& root);
void add_fsm(Command& root);
void add_explore(Command& root);
void add_plan(Command& root);
void add_sim(Command& root);
void add_db(Command& root);
void add_apply(Command& root);
void add_status(Command& root);
void add_journal(Command& root);
void add_device(Command& root);

std::span<const CommandRow> command_table() {
  static constexpr CommandRow table[] = {
      {"check", add_check},     {"compat", add_compat},     {"explain", add_explain},
      {"matrix", add_matrix},   {"schemes", add_schemes},   {"diff", add_diff},
      {"impact", add_impact},   {"baseline", add_baseline}, {"fsm", add_fsm},
      {"explore", add_explore}, {"plan", add_plan},         {"sim", add_sim},
      {"db", add_db},           {"apply", add_apply},       {"status", add_status},
      {"journal", add_journal}, {"device", add_device},
  };
  return table;
}

}  // namespace portolan::cli
