// SPDX-License-Identifier: Apache-2.0
#include "solver/unbounded/machine_induction.hpp"

#include <gtest/gtest.h>

#include "model/machines/device.hpp"
#include "model/machines/instance.hpp"
#include "model/machines/run_time.hpp"
#include "model/machines/session.hpp"

namespace portolan::solver::unbounded {
namespace {

using rules::Machine;

TEST(SlowStepRelations, AreTheReferenceStepForEveryStateEventAndEnvironment) {
  for (const Machine* machine : machines::built_in_machines()) {
    const StepRelation relation(*machine);
    int refused = 0, taken = 0;
    rules::for_each_environment(*machine->text, [&](const rules::Environment& environment) {
      for (std::uint8_t state = 0; state < machine->text->states.size(); ++state)
        for (std::uint8_t event = 0; event < machine->text->events.size(); ++event) {
          const rules::Step wanted = rules::step(*machine, {state, environment}, event);
          const rules::Configuration at{state, environment};
          ASSERT_EQ(relation.step(at, event), wanted)
              << machine->text->name << ", " << rules::to_string(*machine, at) << ", "
              << machine->text->events[event];
          ++(wanted.row < 0 ? refused : taken);
        }
    });
    EXPECT_GT(refused, 0);
    EXPECT_GT(taken, 0);
  }
}

MachineProof proved(const Machine& machine, const std::vector<std::string>& sentences,
                    const InductionOptions& options = {}) {
  std::vector<rules::Parsed> parsed;
  std::vector<rules::ExpressionView> views;
  for (const std::string& sentence : sentences) {
    parsed.push_back(rules::parse_sentence(*machine.text, sentence));
    EXPECT_TRUE(parsed.back().faults.empty()) << sentence << ": " << parsed.back().faults.front().finding;
  }
  for (const rules::Parsed& one : parsed) views.push_back({one.nodes, one.strings});
  MachineProof proof = prove_by_induction(machine, views, options);
  // Exhaustive search is the reference, and says the same.
  const rules::Reach reach(machine);
  std::optional<rules::MachineRun> shortest;
  for (const rules::ExpressionView view : views) {
    const auto found = reach.counterexample(view);
    if (found && (!shortest || found->moves.size() < shortest->moves.size())) shortest = found;
  }
  EXPECT_TRUE(proof.verdict == ProofVerdict::unknown ||
              (proof.verdict == ProofVerdict::refuted) == shortest.has_value());
  if (proof.verdict == ProofVerdict::refuted && shortest) {
    EXPECT_EQ(proof.trace->moves.size(), shortest->moves.size()) << "the counterexample is a shortest one";
    EXPECT_TRUE(reach.contains(proof.trace->end())) << rules::to_string(machine, *proof.trace);
    EXPECT_FALSE(rules::sentence_holds(views[proof.sentence], machine, proof.trace->end()));
  }
  return proof;
}

/// R8 in the rule language, then what makes it inductive: where everything stands in each state.
const std::vector<std::string> outcome = {
    "!(source_runs && destination_runs)", "state == Aborted => source_runs && !destination_runs",
    "state == Committed => !source_runs", "state in {Unknown, Lost} => !source_runs && !destination_runs"};
const std::vector<std::string> strengthening = {"state in {Checked, Prepared} => source_runs",
                                                "destination_runs => state == Committed",
                                                "loaded => !source_runs", "source_gone => !source_runs",
                                                "state == Idle => !source_runs && !loaded && !source_gone"};
/// What is said of a session whose source died (rules.md §session, `--spool`).
const std::vector<std::string> spool = {"kept => spooled && source_gone",
                                        "state == Transferring && source_gone => kept",
                                        "state == Committed => loaded", "state == Aborted => !source_gone"};

std::vector<std::string> with(std::vector<std::string> sentences, const std::vector<std::string>& more) {
  sentences.insert(sentences.end(), more.begin(), more.end());
  return sentences;
}

TEST(SessionProof, HoldsR8ForAnyNumberOfSteps) {
  const MachineProof proof = proved(machines::session, with(outcome, strengthening));
  EXPECT_EQ(proof.verdict, ProofVerdict::proved)
      << (proof.trace ? rules::to_string(machines::session, *proof.trace) : proof.reason);
  EXPECT_EQ(proof.depth, 1u) << "with the other sentences beside it, R8 is inductive";
}

TEST(SessionProof, HoldsWhatIsSaidOfTheSpoolForAnyNumberOfSteps) {
  const MachineProof proof = proved(machines::session, with(with(outcome, strengthening), spool));
  EXPECT_EQ(proof.verdict, ProofVerdict::proved)
      << (proof.trace ? rules::to_string(machines::session, *proof.trace) : proof.reason);
}

TEST(SessionProof, FindsTheStepsThatR8NeedsWithoutTheOtherSentences) {
  const MachineProof proof = proved(machines::session, outcome);
  EXPECT_EQ(proof.verdict, ProofVerdict::proved)
      << (proof.trace ? rules::to_string(machines::session, *proof.trace) : proof.reason);
  EXPECT_GT(proof.depth, 1u);
}

TEST(SessionProof, SaysWhatIsLeftOpenWhenTheSentencesAreNotInductive) {
  const MachineProof proof = proved(machines::session, outcome, {.depth_max = 0});
  ASSERT_EQ(proof.verdict, ProofVerdict::unknown);
  ASSERT_TRUE(proof.trace.has_value());
  ASSERT_EQ(proof.trace->moves.size(), 1u);
  int broken = 0;
  for (const std::string& sentence : outcome) {
    const rules::Parsed parsed = rules::parse_sentence(*machines::session.text, sentence);
    EXPECT_TRUE(rules::sentence_holds({parsed.nodes, parsed.strings}, machines::session, proof.trace->start))
        << sentence;
    broken += !rules::sentence_holds({parsed.nodes, parsed.strings}, machines::session, proof.trace->end());
  }
  EXPECT_GT(broken, 0) << "the step leads out of the sentences";
}

/// The session machine with one row changed or added.
struct Changed {
  std::vector<rules::RowText> rows;
  rules::MachineText text;
  rules::CompiledRows compiled;
  Machine machine;

  explicit Changed(std::vector<rules::RowText> rows_)
      : rows(std::move(rows_)), text(*machines::session.text) {
    text.rows = rows;
    compiled = rules::compile(text);
    EXPECT_TRUE(compiled.faults.empty());
    machine = {&text, compiled.rows, compiled.initial};
  }
  Changed(const Changed&) = delete;
  Changed& operator=(const Changed&) = delete;
};

std::vector<rules::RowText> session_rows() {
  return {std::begin(machines::session_rows), std::end(machines::session_rows)};
}

void expect_refuted(std::vector<rules::RowText> rows, const char* story) {
  const Changed changed(std::move(rows));
  const MachineProof proof = proved(changed.machine, outcome, {.depth_max = 12});
  ASSERT_EQ(proof.verdict, ProofVerdict::refuted) << story << ": " << proof.reason;
  SCOPED_TRACE(rules::to_string(changed.machine, *proof.trace));
  // Replayed by hand: every move is a step of the reference, from the start to the configuration that breaks
  // the sentence.
  rules::Configuration at = proof.trace->start;
  EXPECT_EQ(at.state, changed.machine.initial);
  for (const rules::Move& move : proof.trace->moves) {
    EXPECT_EQ(rules::without_inputs(changed.machine, move.at), rules::without_inputs(changed.machine, at));
    const rules::Step step = rules::step(changed.machine, move.at, move.event);
    EXPECT_EQ(step.row, move.step.row);
    at = step.next;
  }
  const rules::Parsed broken = rules::parse_sentence(changed.text, outcome[proof.sentence]);
  EXPECT_FALSE(rules::sentence_holds({broken.nodes, broken.strings}, changed.machine, at)) << story;
}

TEST(SessionProof, RefutesACommitThatComesTooEarly) {
  auto rows = session_rows();
  for (rules::RowText& row : rows)
    if (row.event == "commit") row.guard = "";
  expect_refuted(rows, "the source still runs when the session is committed");
}

TEST(SessionProof, RefutesADestinationThatStartsTooEarly) {
  auto rows = session_rows();
  rows.push_back({"Transferring", "start_destination", "Transferring", "", "destination_runs := true",
                  "wrong on purpose"});
  expect_refuted(rows, "both run");
}

TEST(SessionProof, RefutesAnAbortThatForgetsTheSource) {
  auto rows = session_rows();
  for (rules::RowText& row : rows)
    if (row.from == "Transferring" && row.event == "abort") row.update = "";
  expect_refuted(rows, "nobody runs after an abort");
}

TEST(DeviceProof, HoldsForEveryFlagSet) {
  const MachineProof proof =
      proved(machines::device, {"data_fd == (state in {STOP_COPY, PRE_COPY, PRE_COPY_P2P, RESUMING})",
                                "state in {RUNNING_P2P, PRE_COPY_P2P} => p2p",
                                "state in {PRE_COPY, PRE_COPY_P2P} => pre_copy"});
  EXPECT_EQ(proof.verdict, ProofVerdict::proved)
      << (proof.trace ? rules::to_string(machines::device, *proof.trace) : proof.reason);
}

TEST(InstanceProof, HoldsForEveryInput) {
  const MachineProof proof =
      proved(machines::instance,
             {"running => state == Open", "state == Absent => !running && !migrating && !fresh"});
  EXPECT_EQ(proof.verdict, ProofVerdict::proved)
      << (proof.trace ? rules::to_string(machines::instance, *proof.trace) : proof.reason);
  const MachineProof wrong = proved(machines::instance, {"fresh => !running"});
  ASSERT_EQ(wrong.verdict, ProofVerdict::refuted);
  EXPECT_EQ(rules::to_string(machines::instance, *wrong.trace),
            "Absent: fresh=false, running=false, migrating=false\n"
            "1. create: -> Closed, fresh=true  [R12: a new instance starts at its init values]\n"
            "2. open (valid=true): -> Open  [R7: constraints are checked when the instance is opened]\n"
            "3. run: running=true  [R8: the guest is attached and may drive the device]\n");
}

}  // namespace
}  // namespace portolan::solver::unbounded
