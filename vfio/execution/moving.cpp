// SPDX-License-Identifier: Apache-2.0
//
// One migration as a step of a plan: an instance is made on the other host, the state walks there, and what
// is left behind is ended. The source is opened first: what is not there is no reason to start anything.

#include <fmt/format.h>

#include "vfio/execution/aftermath.hpp"
#include "vfio/execution/execution.hpp"
#include "vfio/execution/meaning.hpp"

namespace portolan::vfio::execution {

using fleet::PlanStep;
using machines::DeviceState;

/// One migration on its way.
struct Execution::Move {
  const PlanStep& step;
  const std::string& name;  ///< of the VM
  const std::string& host;  ///< to which it goes
  const fleet::SettingInfo& info;
  Vm& vm;
  std::unique_ptr<ports::Device> source = nullptr, destination = nullptr;
  DeviceState source_state = {};  ///< when it was opened
  ports::Proposal instance = {};
  bool as_expected = true;          ///< what happened is what the model says
  bool source_in_the_model = true;  ///< the tables can still say where the source is
};

bool Execution::migrate(const PlanStep& step) {
  const Meaning meaning = meaning_of(step.event);
  const std::string& name = argument(step.event, meaning.vm);
  Move move{step, name, argument(step.event, meaning.host),
            setting_named(scenario_, argument(step.event, meaning.setting)), vms_[name]};
  if (!open_source(move) || !start_destination(move)) return false;
  Walk walk(*move.source, *move.destination, world_.clock, options_.walk);
  follow(walk, move);
  result_.attention = walk.attention();
  return finish(walk, move);
}

bool Execution::open_source(Move& move) {
  auto opened = world_.devices.open(move.vm.device, "source");
  if (!opened) return end_with(ExecutionEnd::stopped, to_string(opened.error().front()));
  // It was seen running: by the preconditions, or by the migration that brought it there.
  if (!*opened && dead(opened->error())) return lose_running(move.name, move.vm, opened->error());
  if (!*opened) return end_with(ExecutionEnd::stopped, to_string(fault_of(opened->error())));
  if (const auto other = replaced(***opened, move.vm.instance))
    return lose_running(move.name, move.vm, *other);
  move.source = std::move(**opened);
  const auto now = move.source->state();
  if (!now) return end_with(ExecutionEnd::stopped, to_string(fault_of(now.error())));
  move.source_state = *now;
  // One that is not where the tables have it is somebody else's: nothing is told to it, and nothing started.
  const std::string expected = ledger_.value(variable::source[move.name]);
  if (machines::name_of(*now) == expected) return true;
  return end_with(
      ExecutionEnd::stopped,
      fmt::format("{} is in {}, and {} by the tables: somebody else is at work there; nothing was told to it",
                  move.vm.device, machines::name_of(*now), expected));
}

/// Opens the new instance; says why it cannot be the destination, or nothing.
std::string Execution::open_destination(Move& move) {
  auto opened = world_.devices.open(move.instance.device, "destination");
  if (!opened) return to_string(opened.error().front());
  if (!*opened) return to_string(fault_of(opened->error()));
  move.destination = std::move(**opened);
  std::string unfit;
  const auto expect_flag = [&](std::string_view flag, bool has, const fleet::vocabulary::Variable& in_model) {
    if (ledger_.value(in_model[move.name]) != (has ? "true" : "false"))
      unfit = fmt::format("{} {} {}, and the plan was proved for a device that does{}", move.instance.device,
                          has ? "reports" : "does not report", flag, has ? " not" : "");
  };
  const auto flags = move.destination->flags();
  expect_flag("p2p", flags.p2p, variable::destination_p2p);
  expect_flag("pre_copy", flags.pre_copy, variable::destination_pre_copy);
  return unfit;
}

bool Execution::start_destination(Move& move) {
  auto made = make_instance(move.name, move.host, move.info);
  if (!made) {
    if (!result_.why.empty()) return false;
    const std::string why = to_string(made.error().front());
    return record_failure(why, "start_program") && end_with(ExecutionEnd::rolled_back, why);
  }
  move.instance = std::move(*made);
  if (const std::string unfit = open_destination(move); !unfit.empty()) {
    if (!record_failure(unfit, "start_program")) return false;
    return abandon_instance(move, unfit, {});
  }
  const auto now = move.destination->state();
  std::vector<NamedEvent> events{move.step.event};
  // A new instance has its init values, then these.
  if (ledger_.value(variable::pooled[move.host]) == "true")
    events.push_back({action::migrate_step_reinitialise, {move.name}});
  events.push_back({action::migrate_step_prepare, {move.name}});
  ports::Outcome started{true, move.instance.how, {}, {}, 0, {}};
  started.observed = observed(move.name, move.source_state, now ? std::optional(*now) : std::nullopt);
  return record(started, events, "start_program") || abandon_instance(move, result_.why, {});
}

bool Execution::abandon_instance(const Move& move, const std::string& why,
                                 const std::vector<NamedEvent>& events) {
  // Also where the journal cannot be written any more: it holds nothing, and must not be left behind.
  const bool written = intend("end_program", move.instance.device);
  const ports::Ended ended = world_.hosts.host(move.host)->destroy(move.instance.device);
  if (!ended.gone) result_.notes.push_back(ended.said);
  if (!written) return false;
  if (!record({ended.gone, ended.said, {}, {}, 0, {}}, events, "end_program")) return false;
  return end_with(ExecutionEnd::rolled_back, why);
}

void Execution::journal_intent(Walk& walk, const Move& move) {
  const StepKind kind = *walk.next();
  if (ledger_.intend(std::string(name_of(kind)), move_detail(move.vm.device, move.instance.device))) return;
  if (walk.abandon("the journal cannot be written") || *walk.next() == StepKind::abort ||
      *walk.next() == StepKind::ask)
    return;
  result_.notes.push_back(
      "the journal cannot be written; the migration was committed already and is brought to its end");
}

void Execution::follow(Walk& walk, Move& move) {
  while (walk.next()) {
    if (stop_requested()) walk.abandon("stopped on request");
    const std::string what(name_of(*walk.next()));
    journal_intent(walk, move);
    const StepReport report = walk.take();
    const std::optional<Outcome> ended = walk.next() ? std::nullopt : std::optional(walk.outcome());
    const std::vector<NamedEvent> meant = events_of(move.name, report, ended, ledger_.course());
    ports::Outcome outcome{report.done, report.said, {}, {}, report.bytes, {}};
    if (report.kind == StepKind::load && report.done) outcome.sha256 = walk.sha256();
    // After a failure the devices are where they are; what the model says of them is compared again once they
    // were brought to a known state.
    if (report.done || ended == Outcome::aborted)
      outcome.observed = observed(
          move.name, report.source,
          ended == Outcome::aborted || report.kind == StepKind::abort ? std::nullopt : report.destination);
    // By the tables the source stops with the commit. Where the commit was the destination's late answer, or
    // the source did not stop, it is elsewhere.
    if (report.kind == StepKind::retire && (meant.empty() || !report.done)) move.source_in_the_model = false;
    if (!move.source_in_the_model) outcome.observed.erase(variable::source[move.name]);
    if (!record(outcome, meant, what)) {
      move.as_expected = false;
      walk.abandon(result_.why);
    }
  }
}

bool Execution::finish(const Walk& walk, Move& move) {
  switch (walk.outcome()) {
    case Outcome::committed: return finish_committed(walk, move);
    case Outcome::aborted:
      if (result_.why.empty()) result_.why = walk.why();
      move.destination.reset();
      abandon_instance(move, walk.why(), {{action::migrate_end_aborted, {move.name}}});
      // An abort on request is a stop, as is one because of what the model says.
      if (stop_requested() && result_.end == ExecutionEnd::rolled_back && walk.why() == "stopped on request")
        result_.end = ExecutionEnd::stopped;
      return false;
    case Outcome::unknown: return end_with(ExecutionEnd::unknown, walk.why());
    case Outcome::lost: return finish_lost(walk, move);
  }
  return false;
}

bool Execution::finish_committed(const Walk& walk, Move& move) {
  const Vm gone = std::exchange(
      move.vm, Vm{move.instance.device, world_.hosts.host(move.host), move.destination->instance()});
  if (walk.destination_state() != DeviceState::running) return end_with(ExecutionEnd::lost, walk.why());
  if (!walk.attention().empty()) return end_with(ExecutionEnd::lost, walk.attention());
  if (!move.as_expected) return false;
  move.source.reset();  // the connection: it is not ours any more
  if (!intend("end_program", gone.device)) return false;
  const ports::Ended ended = end_device(move.name, gone);
  const ports::Outcome outcome{ended.gone,   ended.said,   {}, {{variable::source[move.name], "RUNNING"}},
                               walk.bytes(), walk.sha256()};
  if (!record(outcome, {{action::migrate_end, {move.name}}}, "end_program")) return false;
  if (!ended.gone) result_.notes.push_back(ended.said);
  return true;
}

bool Execution::finish_lost(const Walk& walk, Move& move) {
  result_.why = walk.why();
  // What holds nothing is not left behind; what may hold the state is left as it is, and named.
  const auto there = walk.destination_state();
  if (!walk.session().loaded() && there && *there != DeviceState::stop) {
    move.destination.reset();
    abandon_instance(move, walk.why(), {});
  } else {
    result_.notes.push_back(fmt::format("{} was left as it is", move.instance.device));
  }
  result_.end = ExecutionEnd::lost;
  return false;
}

}  // namespace portolan::vfio::execution
