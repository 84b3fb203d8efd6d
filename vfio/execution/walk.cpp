// SPDX-License-Identifier: Apache-2.0
#include "vfio/execution/walk.hpp"

#include <cassert>
#include <cerrno>

#include <fmt/format.h>

namespace portolan::vfio::execution {

using machines::DeviceState;

namespace {

constexpr std::uint32_t slow_rounds_max = 3;
constexpr int start_attempts = 3;

PumpOptions pump_options(const WalkOptions& options, const std::optional<StepKind>& step) {
  PumpOptions pump = options.pump;
  pump.stop_requested = options.stop_requested;
  if (options.progress)
    pump.progress = [told = options.progress, &step](std::uint64_t bytes) { told(*step, bytes); };
  return pump;
}

}  // namespace

Walk::Walk(ports::Device& source, ports::Device& destination, ports::Clock& clock, WalkOptions options)
    : source_(source),
      destination_(destination),
      clock_(clock),
      options_(std::move(options)),
      pump_(source, destination, clock, pump_options(options_, next_)) {
  const bool prepared = fire(nullptr, "check", true) && fire(nullptr, "prepare", true);
  assert(prepared);
  (void)prepared;
}

bool Walk::fire(StepReport* report, SessionEvent event, bool yes) {
  const auto row = session_.fire(event, yes);
  if (row && report != nullptr) report->row = std::string(*row);
  return row.has_value();
}

void Walk::end_downtime() {
  if (stopped_) downtime_ = clock_.now() - *stopped_;
  stopped_.reset();
}

void Walk::end(Outcome outcome) {
  outcome_ = outcome;
  next_.reset();
  end_downtime();
}

bool Walk::abandon(std::string reason) {
  // Once the destination's answer was lost only asking helps; once committed nothing is taken back.
  if (!next_ || *next_ == StepKind::ask || *next_ == StepKind::abort || session_.is("Committed"))
    return false;
  why_ = std::move(reason);
  next_ = StepKind::abort;
  return true;
}

std::vector<StepReport> Walk::run(const std::function<void(const StepReport&)>& each) {
  std::vector<StepReport> reports;
  while (next_) {
    if (options_.stop_requested && options_.stop_requested()) abandon("stopped on request");
    reports.push_back(take());
    if (each) each(reports.back());
  }
  return reports;
}

StepReport Walk::take() {
  assert(next_);
  StepReport report;
  report.kind = *next_;
  const ports::Moment started = clock_.now();
  step(report, started);
  report.source = source_.state();
  report.destination = destination_.state();
  report.time = clock_.now() - started;
  return report;
}

void Walk::step(StepReport& report, ports::Moment started) {
  switch (report.kind) {
    case StepKind::begin: return begin(report);
    case StepKind::pre_copy: return pre_copy(report);
    case StepKind::round: return round(report);
    case StepKind::quiesce_source:
      return go_on(
          source_,
          source_.state() == DeviceState::pre_copy ? DeviceState::pre_copy_p2p : DeviceState::running_p2p,
          StepKind::stop_source, report);
    case StepKind::stop_source:
      stopped_ = started;
      go_on(source_, DeviceState::stop_copy, StepKind::copy, report);
      if (report.done && !fire(&report, "stop_source")) assert(false);
      return;
    case StepKind::copy: return copy(report);
    case StepKind::load: return load(report);
    case StepKind::commit: return commit(report);
    case StepKind::retire: return retire(report);
    case StepKind::quiesce_destination:
    case StepKind::start: return start(report);
    case StepKind::abort: return abort(report);
    case StepKind::ask: return ask(report);
  }
}

void Walk::go_on(End& end, DeviceState state, StepKind then, StepReport& report) {
  if (const auto went = end.go(state); !went) return give_up(report, went.error());
  report.done = true;
  report.said = fmt::format("{} is in {}", end.name(), machines::name_of(state));
  next_ = then;
}

void Walk::begin(StepReport& report) {
  const auto source = source_.read_back();
  if (!source) return give_up(report, source.error());
  const auto destination = destination_.read_back();
  if (!destination) return give_up(report, destination.error());
  if (*source != DeviceState::running) return refuse_busy(source_, report);
  if (*destination == DeviceState::pre_copy || *destination == DeviceState::pre_copy_p2p ||
      *destination == DeviceState::stop_copy)
    return refuse_busy(destination_, report);
  // An earlier load that was abandoned is left by a reset alone, and so is ERROR.
  if (*destination == DeviceState::resuming || *destination == DeviceState::error) {
    if (const auto reset = destination_.reset(); !reset) return give_up(report, reset.error());
  }
  go_on(destination_, DeviceState::resuming, after_running(), report);
  if (!report.done) return;
  const bool begun = fire(&report, "begin");
  assert(begun);
  (void)begun;
}

StepKind Walk::after_running() const {
  const auto flags = source_.flags();
  return flags.pre_copy && options_.pre_copy ? StepKind::pre_copy
         : flags.p2p                         ? StepKind::quiesce_source
                                             : StepKind::stop_source;
}

void Walk::refuse_busy(const End& busy, StepReport& report) {
  // Somebody else is at work there: nothing is touched, not even to bring it back.
  report.failure =
      Failure{Trouble::refused, EBUSY, busy.name(), fmt::format("is in {}", machines::name_of(*busy.state())),
              &busy == &source_ ? "RUNNING, where a source begins" : "a device that is not itself a source"};
  why_ = report.said = to_string(*report.failure) + "; nothing was touched";
  fire(&report, "abort");
  end(Outcome::aborted);
}

void Walk::pre_copy(StepReport& report) {
  go_on(source_, DeviceState::pre_copy, StepKind::round, report);
  if (report.done) pre_copy_end_ = clock_.now() + options_.pre_copy_limit;
}

bool Walk::moved(const Pumped& pumped, StepReport& report) {
  report.bytes = pumped.bytes;
  if (pumped.failure) {
    give_up(report, *pumped.failure);
    return false;
  }
  if (pumped.stopped) {
    why_ = report.said = "stopped on request";
    next_ = StepKind::abort;
    return false;
  }
  return true;
}

std::string_view Walk::end_of_pre_copy(const Pumped& pumped) const {
  if (!pumped.ended || clock_.now() >= pre_copy_end_) return "; the time for pre-copy is over";
  if (pumped.bytes <= options_.converged_bytes) return "; that is little enough";
  if (slow_rounds_ >= slow_rounds_max) return "; it does not get less";
  if (rounds_ >= options_.rounds_max) return "; that was the last round";
  return {};
}

void Walk::round(StepReport& report) {
  const Pumped pumped = pump_.run(pre_copy_end_);
  ++rounds_;
  if (!moved(pumped, report)) return;
  report.done = true;
  // No smaller than nine tenths of the last one: the guest writes as fast as we read, and more rounds do not
  // help.
  slow_rounds_ = rounds_ > 1 && pumped.bytes >= last_round_bytes_ / 10 * 9 ? slow_rounds_ + 1 : 0;
  last_round_bytes_ = pumped.bytes;
  const std::string_view why = end_of_pre_copy(pumped);
  report.said = fmt::format("round {} moved {} bytes{}", rounds_, pumped.bytes, why);
  if (!why.empty()) next_ = source_.flags().p2p ? StepKind::quiesce_source : StepKind::stop_source;
}

void Walk::copy(StepReport& report) {
  const Pumped pumped = pump_.run(clock_.now() + options_.copy_limit);
  if (!moved(pumped, report)) return;
  if (!pumped.ended)
    return give_up(report,
                   {Trouble::silent, ETIMEDOUT, source_.name(),
                    fmt::format("has not sent everything after {} s", options_.copy_limit.count() / 1000),
                    "the end of the data"});
  report.done = true;
  report.said = fmt::format("the whole state was moved: {} bytes", pump_.read().bytes());
  next_ = StepKind::load;
}

void Walk::load(StepReport& report) {
  const Sha256 &read = pump_.read(), &written = pump_.written();
  // Devices were seen to load damaged data without a word, so this is the last gate before RESUMING -> STOP.
  if (!pump_.undamaged())
    return give_up(report,
                   {Trouble::broken, EBADMSG, destination_.name(),
                    fmt::format("was given {} bytes with SHA-256 {}", written.bytes(), written.hexadecimal()),
                    fmt::format("{} bytes with {}", read.bytes(), read.hexadecimal())});
  const auto went = destination_.go(DeviceState::stop);
  if (!went && went.error().trouble != Trouble::refused) {
    report.failure = went.error();
    why_ = report.said = to_string(went.error());
    const bool lost_answer = fire(&report, "answer_lost");
    assert(lost_answer);
    (void)lost_answer;
    next_ = StepKind::ask;
    return;
  }
  if (!went) return give_up(report, went.error());
  report.done = fire(&report, "load", true);
  assert(report.done);
  report.said = fmt::format("{} has loaded {} bytes with SHA-256 {} and is in STOP", destination_.name(),
                            written.bytes(), written.hexadecimal());
  next_ = StepKind::commit;
}

void Walk::commit(StepReport& report) {
  report.done = fire(&report, "commit");
  assert(report.done);
  report.said = "committed: the source does not run again";
  next_ = StepKind::retire;
}

void Walk::retire(StepReport& report) {
  const auto went = source_.go(DeviceState::stop);
  report.done = went.has_value();
  report.said = went ? fmt::format("{} is in STOP", source_.name()) : to_string(went.error());
  if (!went) {
    report.failure = went.error();
    if (!dead(went.error()))
      attention_ = fmt::format("{} was not seen to stop; it must not run again", source_.name());
  }
  next_ = destination_.flags().p2p ? StepKind::quiesce_destination : StepKind::start;
}

std::optional<Failure> Walk::bring_destination_to(DeviceState target) {
  std::optional<Failure> failure;
  for (int attempt = 0; attempt < start_attempts; ++attempt) {
    if (destination_.lost()) {
      if (const auto again = destination_.reopen(); !again) return again.error();
      // It may have arrived before the connection was lost.
      const auto now = destination_.read_back();
      if (now && (*now == target || *now == DeviceState::running)) {
        // STOP is where a load has ended; RUNNING is where a fresh process is, too.
        unsure_destination_ = !destination_.same_for_certain();
        return std::nullopt;
      }
      if (!now) {
        failure = now.error();
        continue;
      }
    }
    const auto went = destination_.go(target);
    if (went) return std::nullopt;
    failure = went.error();
    if (destination_.state() == DeviceState::error) break;  // only a reset leaves it, and loses the state
  }
  return failure;
}

void Walk::cannot_tell_who_runs(StepReport& report) {
  why_ = report.said = fmt::format(
      "{} is in {} after the connection to it was lost, and whether it is the instance that was "
      "loaded cannot be told",
      destination_.name(), machines::name_of(*destination_.state()));
  attention_ = fmt::format("see whether {} holds the state; {} is stopped and still holds it: let it not run",
                           destination_.name(), source_.name());
  end(Outcome::unknown);
}

void Walk::start(StepReport& report) {
  const bool quiesce = report.kind == StepKind::quiesce_destination;
  const DeviceState target = quiesce ? DeviceState::running_p2p : DeviceState::running;
  const auto failure = bring_destination_to(target);
  if (unsure_destination_) return cannot_tell_who_runs(report);
  if (!failure) {
    report.done = true;
    report.said = fmt::format("{} is in {}", destination_.name(), machines::name_of(*destination_.state()));
    if (quiesce && destination_.state() == target) {
      next_ = StepKind::start;
      return;
    }
    fire(&report, "start_destination");
    return end(Outcome::committed);
  }
  report.failure = failure;
  why_ = report.said = to_string(*failure);
  // The state is committed and its holder cannot be started: the source keeps its own copy, stopped, for a
  // person.
  attention_ = fmt::format(
      "the state is committed to {} and could not be started there; {} is stopped and still holds it",
      destination_.name(), source_.name());
  const bool holder_died = dead(*failure) || destination_.state() == DeviceState::error;
  if (holder_died) fire(&report, "destination_dies");
  end(holder_died ? Outcome::lost : Outcome::committed);
}

}  // namespace portolan::vfio::execution
