// SPDX-License-Identifier: Apache-2.0
//
// What a walk does when a step failed: back to the source while that is still allowed, asking where an answer
// was lost, and a name for what is lost or not known where neither helps (rules.md §session, R8).

#include <cassert>
#include <cerrno>

#include <fmt/format.h>

#include "vfio/execution/walk.hpp"

namespace portolan::vfio::execution {

using machines::DeviceState;

namespace {

constexpr int source_attempts = 4;

/// Behind what was said before.
void add(std::string& said, const std::string& more) { said += (said.empty() ? "" : "; ") + more; }

}  // namespace

void Walk::give_up(StepReport& report, const Failure& failure) {
  report.failure = failure;
  report.said = to_string(failure);
  if (failure.error == ENOMEM) report.said += "; the state is larger than the destination holds";
  why_ = report.said;
  next_ = StepKind::abort;
}

bool Walk::reset_destination(StepReport& report) {
  const auto cannot = [&](const Failure& failure) {
    report.said += fmt::format("; {} cannot be reset: {}", destination_.name(), failure.finding);
    return false;
  };
  if (destination_.lost()) {
    if (const auto again = destination_.reopen(); !again) return dead(again.error()) || cannot(again.error());
  }
  auto reset = destination_.reset();
  // A server may refuse RESET in STOP. Out of STOP, RESUMING begins a new load, and there it is taken.
  if (!reset && !destination_.lost() && destination_.read_back() == DeviceState::stop &&
      destination_.go(DeviceState::resuming))
    reset = destination_.reset();
  if (!reset) cannot(reset.error());
  if (!destination_.lost()) (void)destination_.read_back();
  return reset.has_value();
}

/// One attempt to have the source run.
Walk::Attempt Walk::try_source(std::optional<Failure>& failure) {
  if (source_.lost()) {
    reconnected_source_ = true;
    if (const auto again = source_.reopen(); !again) {
      failure = again.error();
      source_.forget();
      return Attempt::over;
    }
  }
  const auto before = source_.state();
  const auto now = source_.read_back();
  if (!now) {
    failure = now.error();
    return Attempt::again;
  }
  if (*now == DeviceState::running) {
    if (reconnected_source_ && (stopped_ || (before && before != DeviceState::running)))
      attention_ = fmt::format(
          "{} says that it runs after the connection to it was lost: see that it is still the same "
          "instance",
          source_.name());
    return Attempt::runs;
  }
  // Whoever brought it to where it is, it was not us: it is told nothing.
  if (!source_.touched() && *now != DeviceState::error) return Attempt::left_alone;
  if (*now == DeviceState::error) {
    failure = Failure{Trouble::refused,
                      EIO,
                      source_.name(),
                      "is in ERROR, which only a reset leaves, and a reset gives up its state",
                      {}};
    return Attempt::over;
  }
  // From PRE_COPY and STOP_COPY the way to RUNNING throws the session away, which is what an abort wants.
  const auto went = source_.go(DeviceState::running);
  if (went) return Attempt::runs;
  failure = went.error();
  return Attempt::again;
}

void Walk::source_again(StepReport& report, SessionEvent event) {
  std::optional<Failure> failure;
  Attempt attempt = Attempt::again;
  for (int k = 0; k < source_attempts && attempt == Attempt::again; ++k) attempt = try_source(failure);
  if (attempt == Attempt::left_alone) {
    add(report.said,
        fmt::format("{} was told nothing and is in {}", source_.name(), machines::name_of(*source_.state())));
    fire(&report, event);
    return end(Outcome::aborted);
  }
  if (attempt == Attempt::runs) {
    report.done = true;
    add(report.said, fmt::format("{} is in RUNNING", source_.name()));
    if (!fire(&report, event)) assert(session_.is("Aborted"));
    return end(Outcome::aborted);
  }
  report.failure = failure;
  add(report.said, to_string(*failure));
  why_ += fmt::format("{}{}", why_.empty() ? "" : "; then ", to_string(*failure));
  if (dead(*failure) || source_.state() == DeviceState::error) {
    // R8: the process that held the only complete state; it is named.
    fire(&report, "source_dies");
    attention_ = fmt::format("{} held the only complete state", source_.name());
    return end(Outcome::lost);
  }
  fire(&report, "answer_lost");
  attention_ = fmt::format(
      "{} could not be brought back to RUNNING; its state was not given up: ask it, and let nothing else run "
      "meanwhile",
      source_.name());
  end(Outcome::unknown);
}

void Walk::abort(StepReport& report) {
  const bool loaded = session_.loaded();
  if (loaded && !reset_destination(report)) {
    // It holds a complete state and cannot be told to forget it: two could come to run.
    attention_ = fmt::format("{} holds the state and cannot be reset; {} is stopped and holds it too",
                             destination_.name(), source_.name());
    return end(Outcome::unknown);
  }
  source_again(report, "abort");
  // Last, because the guest waits for the source and nobody for the destination. After a refused write:
  // reset, nothing else.
  if (!loaded && destination_.touched()) reset_destination(report);
}

void Walk::ask(StepReport& report) {
  const auto again = destination_.lost() ? destination_.reopen() : Answer<void>{};
  std::optional<DeviceState> now;
  if (again) {
    if (const auto state = destination_.read_back())
      now = *state;
    else if (destination_.lost() && !dead(state.error()))
      report.failure = state.error();
  } else {
    report.failure = again.error();
  }
  if (now == DeviceState::stop) {
    // It was told nothing else, so STOP is where a complete load ended.
    report.done = fire(&report, "ask", true);
    report.said = fmt::format("{} is in STOP: it has loaded the state", destination_.name());
    next_ = StepKind::retire;
    return;
  }
  if (now || (report.failure && dead(*report.failure))) {
    report.said = now ? fmt::format("{} is in {}: it has not loaded the state", destination_.name(),
                                    machines::name_of(*now))
                      : fmt::format("{} is gone", destination_.name());
    // Told to forget before the source runs: what it holds is not known for certain.
    if (now) reset_destination(report);
    report.failure.reset();
    return source_again(report, "ask");
  }
  report.said =
      report.failure ? to_string(*report.failure) : fmt::format("{} does not answer", destination_.name());
  attention_ = fmt::format(
      "whether {} has loaded the state is not known; {} is stopped and holds it: let neither run until it "
      "was asked",
      destination_.name(), source_.name());
  end(Outcome::unknown);
}

}  // namespace portolan::vfio::execution
