// SPDX-License-Identifier: Apache-2.0
#include "model/machines/run_time.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "model/machines/device.hpp"
#include "model/machines/instance.hpp"
#include "model/machines/paths.hpp"
#include "model/machines/session.hpp"

namespace portolan::machines {
namespace {

using rules::Configuration;
using rules::Environment;
using rules::Machine;

TEST(BuiltInMachines, StepInBoostMsmAsInTheReference) {
  for (const Machine* machine : built_in_machines()) {
    int refused = 0, taken = 0;
    rules::for_each_environment(*machine->text, [&](const Environment& environment) {
      for (std::uint8_t state = 0; state < machine->text->states.size(); ++state)
        for (std::uint8_t event = 0; event < machine->text->events.size(); ++event) {
          const rules::Step want = rules::step(*machine, {state, environment}, event);
          ASSERT_EQ(machines::step(*machine, {state, environment}, event), want) << machine->text->name << ": " << machine->text->states[state] << ", " << machine->text->events[event];
          ++(want.row < 0 ? refused : taken);
        }
    });
    EXPECT_GT(refused, 0);
    EXPECT_GT(taken, 0);
  }
}

/// What a machine lets happen: every reachable (configuration, event) with its outcome, over all inputs. This is what the
/// rules in words below judge, and what a mutant is judged by.
std::set<Configuration> reachable(const Machine& machine, Environment start) {
  const auto& variables = machine.text->variables;
  std::set<Configuration> seen;
  std::vector<Configuration> work;
  const auto visit = [&](const Configuration& c) { if (seen.insert(c).second) work.push_back(c); };
  visit({machine.initial, start});
  while (!work.empty()) {
    Configuration at = work.back();
    work.pop_back();
    rules::for_each_environment(*machine.text, [&](const Environment& inputs) {
      for (std::size_t v = 0; v < variables.size(); ++v) {
        if (variables[v].role == rules::Role::input) at.environment[v] = inputs[v];
        else if (inputs[v] != variables[v].low) return;  // one representative of each choice of inputs
      }
      for (std::uint8_t event = 0; event < machine.text->events.size(); ++event) {
        Configuration next = rules::step(machine, at, event).next;
        for (std::size_t v = 0; v < variables.size(); ++v) if (variables[v].role == rules::Role::input) next.environment[v] = 0;
        visit(next);
      }
    });
  }
  return seen;
}

std::int64_t value(const Machine& machine, const Configuration& at, std::string_view name) {
  for (std::size_t v = 0; v < machine.text->variables.size(); ++v) if (machine.text->variables[v].name == name) return at.environment[v];
  ADD_FAILURE() << "no variable " << name;
  return 0;
}
std::string_view state(const Machine& machine, const Configuration& at) { return machine.text->states[at.state]; }

TEST(Session, NeverHasTwoRunners) {
  for (std::int64_t spooled : {0, 1})
    for (const Configuration& at : reachable(session, {0, spooled}))
      EXPECT_FALSE(value(session, at, "source_runs") && value(session, at, "destination_runs")) << state(session, at);
}

TEST(Session, LeavesTheSourceRunningAfterAnAbort) {
  bool aborted = false;
  for (const Configuration& at : reachable(session, {0, 0})) {
    if (state(session, at) != "Aborted") continue;
    aborted = true;
    EXPECT_TRUE(value(session, at, "source_runs"));
    EXPECT_FALSE(value(session, at, "destination_runs"));
  }
  EXPECT_TRUE(aborted);
}

TEST(Session, NeverRunsTheSourceAfterTheCommit) {
  bool runs = false;
  for (const Configuration& at : reachable(session, {0, 1})) {
    if (state(session, at) != "Committed") continue;
    EXPECT_FALSE(value(session, at, "source_runs"));
    runs |= value(session, at, "destination_runs") != 0;
  }
  EXPECT_TRUE(runs) << "sometimes the destination runs";
}

TEST(Session, LosesAnUnspooledStateWithItsSource) {
  bool lost = false;
  for (const Configuration& at : reachable(session, {0, 0})) lost |= state(session, at) == "Lost";
  EXPECT_TRUE(lost);
}

TEST(Instance, RefusesWritesWhileItMigrates) {
  for (const Configuration& at : reachable(instance, {})) {
    if (!value(instance, at, "migrating")) continue;
    Configuration writing = at;
    writing.environment[0] = 1;
    EXPECT_LT(rules::step(instance, writing, static_cast<std::uint8_t>(rules::index_of(instance_events, "write"))).row, 0) << state(instance, at);
  }
}

TEST(Instance, IsCreatedAtItsInitValues) {
  const rules::Step created = rules::step(instance, {instance.initial, {}}, 0);
  EXPECT_EQ(state(instance, created.next), "Closed");
  EXPECT_TRUE(value(instance, created.next, "fresh"));
}

// A fingerprint of everything that a machine answers, reachable or not: a changed row, guard or update shows in it.
std::string answers(const Machine& machine) {
  std::string text;
  rules::for_each_environment(*machine.text, [&](const Environment& environment) {
    for (std::uint8_t s = 0; s < machine.text->states.size(); ++s)
      for (std::uint8_t event = 0; event < machine.text->events.size(); ++event) {
        const rules::Step step = rules::step(machine, {s, environment}, event);
        text += step.row < 0 ? '-' : static_cast<char>('A' + step.next.state);
        for (std::int64_t v : step.next.environment) text += static_cast<char>('0' + v);
      }
  });
  return text;
}

TEST(Tables, HaveNoRowGuardOrUpdateThatMakesNoDifference) {
  for (const Machine* machine : built_in_machines()) {
    const std::string original = answers(*machine);
    const auto& text = *machine->text;
    const auto noticed = [&](const std::vector<rules::RowText>& rows, const std::string& what) {
      rules::MachineText mutant = text;
      mutant.rows = rows;
      const rules::CompiledRows compiled = rules::compile(mutant);
      ASSERT_TRUE(compiled.faults.empty()) << what << ": " << compiled.faults.front().fault.finding;
      const Machine changed{&mutant, compiled.rows, compiled.initial};
      // The last guard of a pair may be implied by table order; then the rows are no longer guarded apart.
      EXPECT_TRUE(answers(changed) != original || !rules::rows_are_guarded_apart(changed)) << text.name << ": nothing depends on " << what;
    };
    for (std::size_t r = 0; r < text.rows.size(); ++r) {
      const std::string row = std::string(text.rows[r].from) + " " + std::string(text.rows[r].event);
      std::vector<rules::RowText> rows(text.rows.begin(), text.rows.end());
      rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(r));
      noticed(rows, "row " + row);
      rows.assign(text.rows.begin(), text.rows.end());
      if (!rows[r].guard.empty()) {
        rows[r].guard = "";
        noticed(rows, "the guard of " + row);
        rows.assign(text.rows.begin(), text.rows.end());
      }
      if (!rows[r].update.empty()) {
        rows[r].update = "";
        noticed(rows, "the update of " + row);
      }
    }
  }
}

TEST(Tables, ReportEveryFaultOfAMachine) {
  static constexpr std::string_view states[] = {"On", "Off"}, events[] = {"flip"};
  static constexpr rules::MachineVariable variables[] = {{"lamp", rules::Role::state}, {"power", rules::Role::fixed}};
  static constexpr rules::RowText rows[] = {{"On", "flip", "Of", "", "", "x"}, {"On", "flop", "Off", "lmap", "", "x"}, {"Off", "flip", "On", "", "power := true", ""}};
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
