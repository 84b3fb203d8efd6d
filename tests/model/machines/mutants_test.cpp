// SPDX-License-Identifier: Apache-2.0
//
// The tables keep the rules, and a table that is changed anywhere does not: every mutant is caught by a
// sentence of its judge.
#include "model/rules/mutants.hpp"

#include <gtest/gtest.h>

#include "model/machines/device.hpp"
#include "model/machines/instance.hpp"
#include "model/machines/session.hpp"
#include "tests/model/machines/judges.hpp"

namespace portolan::machines {
namespace {

using rules::Machine;
using Judge = std::vector<std::string> (*)(const Machine&);

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "\n  " + line;
  return text;
}

/// No mutant is equivalent to its original: there is no list of exceptions.
void expect_every_mutant_caught(const Machine& machine, Judge judge) {
  const std::vector<rules::Mutation> all = rules::mutations(*machine.text);
  EXPECT_GT(all.size(), machine.rows.size() * machine.text->states.size())
      << "a row dropped or led elsewhere, and more";
  for (const rules::Mutation& mutation : all) {
    const rules::Mutant mutant(*machine.text, mutation);
    EXPECT_FALSE(judge(mutant.machine()).empty())
        << machine.text->name << ": " << rules::to_string(*machine.text, mutation) << ": no sentence minds";
  }
}

TEST(Device, KeepsItsRules) { EXPECT_EQ(joined(judges::broken_in_device(device)), ""); }
TEST(Instance, KeepsR7R9AndR12) { EXPECT_EQ(joined(judges::broken_in_instance(instance)), ""); }
TEST(Session, KeepsR8AndItsRules) { EXPECT_EQ(joined(judges::broken_in_session(session)), ""); }

TEST(SlowDevice, NoticesEveryMutantOfItsTable) {
  expect_every_mutant_caught(device, judges::broken_in_device);
}
TEST(Instance, NoticesEveryMutantOfItsTable) {
  expect_every_mutant_caught(instance, judges::broken_in_instance);
}
TEST(SlowSession, NoticesEveryMutantOfItsTable) {
  expect_every_mutant_caught(session, judges::broken_in_session);
}

TEST(Session, SometimesEndsInEveryWay) {
  const rules::Reach reach(session);
  const judges::Named named(session);
  std::set<std::string> met;
  for (const rules::Configuration& at : reach.configurations()) {
    met.insert(std::string(session_states[at.state]));
    if (named.is(at, "Committed"))
      met.insert(named.get(at, "destination_runs") ? "success" : "committed, needs attention");
    if (named.is(at, "Transferring") && named.get(at, "source_gone")) met.insert("from the spool");
  }
  EXPECT_EQ(met.size(), std::size(session_states) + 3)
      << "every state, both ends of a commit, and a load without a source";
}

TEST(Session, CanAlwaysStillEnd) {
  // Backward from the ends: every configuration that can be reached has some way to one.
  const rules::Reach reach(session);
  const judges::Named named(session);
  std::set<rules::Configuration> good;
  for (const rules::Configuration& at : reach.configurations())
    if (named.is_one_of(at, {"Aborted", "Lost"}) || named.get(at, "destination_runs")) good.insert(at);
  for (bool grown = true; grown;) {
    grown = false;
    for (const rules::Configuration& at : reach.configurations()) {
      if (good.contains(at)) continue;
      bool leads = false;
      rules::for_each_input(session, at, [&](const rules::Configuration& with_inputs) {
        for (std::uint8_t event = 0; event < session_text.events.size(); ++event) {
          if (session_text.events[event] == "source_dies" || session_text.events[event] == "destination_dies")
            continue;  // without another fault
          leads |=
              good.contains(rules::without_inputs(session, rules::step(session, with_inputs, event).next));
        }
      });
      if (leads) grown = good.insert(at).second;
    }
  }
  for (const rules::Configuration& at : reach.configurations())
    EXPECT_TRUE(good.contains(at)) << rules::to_string(session, at);
}

TEST(Mutants, AreEveryRowGuardAssignmentAndTarget) {
  static constexpr std::string_view states[] = {"On", "Off", "Dim"}, events[] = {"flip"};
  static constexpr rules::MachineVariable variables[] = {
      {"power", rules::Role::fixed}, {"warm", rules::Role::state}, {"lit", rules::Role::state}};
  static constexpr rules::RowText rows[] = {
      {"On", "flip", "Off", "", "", "x"}, {"Off", "flip", "On", "power", "lit := true; warm := !warm", "y"}};
  const rules::MachineText lamp{"lamp", states, events, variables, rows, "On"};
  std::vector<std::string> told;
  for (const rules::Mutation& mutation : rules::mutations(lamp)) {
    told.push_back(rules::to_string(lamp, mutation));
    const rules::Mutant mutant(lamp, mutation);
    EXPECT_EQ(mutant.machine().rows.size(), mutant.machine().text->rows.size()) << told.back();
  }
  EXPECT_EQ(joined(told),
            "\n  On flip (row 1): the row is dropped"
            "\n  On flip (row 1): leads to On instead of Off"
            "\n  On flip (row 1): leads to Dim instead of Off"
            "\n  Off flip (row 2) [power]: the row is dropped"
            "\n  Off flip (row 2) [power]: the guard is dropped"
            "\n  Off flip (row 2) [power]: the guard is negated"
            "\n  Off flip (row 2) [power]: lit := true is dropped"
            "\n  Off flip (row 2) [power]: warm := !warm is dropped"
            "\n  Off flip (row 2) [power]: leads to Off instead of On"
            "\n  Off flip (row 2) [power]: leads to Dim instead of On");
  const rules::Mutant mutant(lamp, {rules::MutationKind::assignment_dropped, 1, 0});
  const rules::Step step = rules::step(mutant.machine(), {1, {1, 0, 0}}, 0);
  EXPECT_EQ(step.next, (rules::Configuration{0, {1, 1, 0}})) << "the other assignment is still there";
}

}  // namespace
}  // namespace portolan::machines
