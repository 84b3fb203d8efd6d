// SPDX-License-Identifier: Apache-2.0
#include "model/machines/run_time.hpp"

#include <gtest/gtest.h>

namespace portolan::machines {
namespace {

using rules::Environment;
using rules::Machine;

TEST(BuiltInMachines, StepInBoostMsmAsInTheReference) {
  for (const Machine* machine : built_in_machines()) {
    int refused = 0, taken = 0;
    rules::for_each_environment(*machine->text, [&](const Environment& environment) {
      for (std::uint8_t state = 0; state < machine->text->states.size(); ++state)
        for (std::uint8_t event = 0; event < machine->text->events.size(); ++event) {
          const rules::Step want = rules::step(*machine, {state, environment}, event);
          ASSERT_EQ(machines::step(*machine, {state, environment}, event), want)
              << machine->text->name << ": " << machine->text->states[state] << ", "
              << machine->text->events[event];
          ++(want.row < 0 ? refused : taken);
        }
    });
    EXPECT_GT(refused, 0);
    EXPECT_GT(taken, 0);
  }
}

TEST(Tables, ReportEveryFaultOfAMachine) {
  static constexpr std::string_view states[] = {"On", "Off"}, events[] = {"flip"};
  static constexpr rules::MachineVariable variables[] = {{"lamp", rules::Role::state},
                                                         {"power", rules::Role::fixed}};
  static constexpr rules::RowText rows[] = {{"On", "flip", "Of", "", "", "x"},
                                            {"On", "flop", "Off", "lmap", "", "x"},
                                            {"Off", "flip", "On", "", "power := true", ""}};
  const rules::CompiledRows compiled = rules::compile({"lamp", states, events, variables, rows, "On"});
  ASSERT_EQ(compiled.faults.size(), 5u);
  EXPECT_EQ(compiled.faults[0].column, "to");
  EXPECT_EQ(compiled.faults[1].column, "event");
  EXPECT_EQ(compiled.faults[2].column, "guard");
  EXPECT_EQ(compiled.faults[3].column, "source");
  EXPECT_EQ(compiled.faults[4].column, "update");
}

}  // namespace
}  // namespace portolan::machines
