// SPDX-License-Identifier: Apache-2.0
#include "vfio/transfer/migration.hpp"

#include <cassert>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "model/machines/run_time.hpp"
#include "model/machines/session.hpp"

namespace portolan::vfio {

using machines::DeviceState;

namespace {

constexpr std::uint8_t state_named(std::string_view name) {
  return static_cast<std::uint8_t>(rules::index_of(machines::session_states, name));
}
constexpr std::size_t variable_named(std::string_view name) {
  for (std::size_t v = 0; v < std::size(machines::session_variables); ++v)
    if (machines::session_variables[v].name == name) return v;
  return ~std::size_t{0};
}
constexpr std::size_t yes_variable = variable_named("yes"), loaded_variable = variable_named("loaded");
static_assert(yes_variable < std::size(machines::session_variables) &&
              loaded_variable < std::size(machines::session_variables));

}  // namespace

std::string_view name_of(StepKind kind) {
  switch (kind) {
    case StepKind::begin: return "begin";
    case StepKind::pre_copy: return "pre_copy";
    case StepKind::round: return "round";
    case StepKind::quiesce_source: return "quiesce_source";
    case StepKind::stop_source: return "stop_source";
    case StepKind::copy: return "copy";
    case StepKind::load: return "load";
    case StepKind::commit: return "commit";
    case StepKind::quiesce_destination: return "quiesce_destination";
    case StepKind::start: return "start";
    case StepKind::retire: return "retire";
    case StepKind::abort: return "abort";
    case StepKind::ask: return "ask";
  }
  return {};
}

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::committed: return "committed";
    case Outcome::aborted: return "aborted";
    case Outcome::unknown: return "unknown";
    case Outcome::lost: return "lost";
  }
  return {};
}

Migration::Migration(DeviceEnd& source, DeviceEnd& destination, MigrationOptions options)
    : source_(source), destination_(destination), options_(std::move(options)) {
  session_.state = machines::session.initial;
  const bool prepared = fire(nullptr, "check", true) && fire(nullptr, "prepare", true);
  assert(prepared);
  (void)prepared;
}

bool Migration::fire(StepReport* report, std::string_view event, bool yes) {
  const int number = rules::index_of(machines::session_events, event);
  assert(number >= 0);
  rules::Configuration at = session_;
  at.environment[yes_variable] = yes;
  const rules::Step step = machines::step(machines::session, at, static_cast<std::uint8_t>(number));
  if (step.row < 0) return false;
  session_ = step.next;
  session_.environment[yes_variable] = 0;
  if (report) report->row = std::string(machines::session_rows[static_cast<std::size_t>(step.row)].source);
  return true;
}

void Migration::end(Outcome outcome) {
  outcome_ = outcome;
  next_.reset();
  if (stopped_) downtime_ = Clock::now() - *stopped_;
  stopped_.reset();
}

Answer<DeviceState> Migration::read_back(DeviceEnd& end) {
  auto state = end.state();
  auto& known = source_is(end) ? source_state_ : destination_state_;
  known.reset();
  if (!state) return state;
  // A state that the device's own flags do not cover cannot be: R of vfio.md §2, nothing a peer says is
  // believed unseen.
  if (!machines::supported(end.flags(), *state))
    return failed({Trouble::refused, EPROTO, end.name(),
                   fmt::format("says that it is in {}", machines::name_of(*state)),
                   "a state that its flags cover"});
  known = *state;
  return state;
}

Answer<void> Migration::go(DeviceEnd& end, DeviceState state) {
  if (source_is(end)) source_touched_ = true;
  auto told = end.set_state(state);
  if (!told && told.error().trouble != Trouble::refused) {
    (source_is(end) ? source_state_ : destination_state_).reset();
    return told;
  }
  // Whatever it said: a failed request may leave the old state, any hop on the way, or ERROR.
  const auto now = read_back(end);
  if (!told) {
    if (now) told.error().finding += fmt::format(" and is in {}", machines::name_of(*now));
    return told;
  }
  if (!now) return failed(now.error());
  if (*now != state)
    return failed({Trouble::refused,
                   EPROTO,
                   end.name(),
                   fmt::format("says that it went to {} and is in {}", machines::name_of(state),
                               machines::name_of(*now)),
                   {}});
  return {};
}

void Migration::give_up(StepReport& report, const Failure& failure) {
  report.failure = failure;
  report.said = to_string(failure);
  if (failure.error == ENOMEM) report.said += "; the state is larger than the destination holds";
  why_ = report.said;
  next_ = StepKind::abort;
}

bool Migration::abandon(std::string reason) {
  // Once the destination's answer was lost only asking helps; once committed nothing is taken back.
  if (!next_ || *next_ == StepKind::ask || *next_ == StepKind::abort ||
      session_.state == state_named("Committed"))
    return false;
  why_ = std::move(reason);
  next_ = StepKind::abort;
  return true;
}

std::vector<StepReport> Migration::run(const std::function<void(const StepReport&)>& each) {
  std::vector<StepReport> reports;
  while (next_) {
    if (options_.stop_requested && options_.stop_requested()) abandon("stopped on request");
    reports.push_back(take());
    if (each) each(reports.back());
  }
  return reports;
}

StepReport Migration::take() {
  assert(next_);
  StepReport report;
  report.kind = *next_;
  const auto started = Clock::now();
  const auto to = [&](DeviceEnd& end, DeviceState state, StepKind then) {
    if (const auto went = go(end, state); !went) return give_up(report, went.error());
    report.done = true;
    report.said = fmt::format("{} is in {}", end.name(), machines::name_of(state));
    next_ = then;
  };
  switch (report.kind) {
    case StepKind::begin: begin(report); break;
    case StepKind::pre_copy: pre_copy(report); break;
    case StepKind::round: round(report); break;
    case StepKind::quiesce_source:
      to(source_,
         source_state_ == DeviceState::pre_copy ? DeviceState::pre_copy_p2p : DeviceState::running_p2p,
         StepKind::stop_source);
      break;
    case StepKind::stop_source:
      stopped_ = started;
      to(source_, DeviceState::stop_copy, StepKind::copy);
      if (report.done && !fire(&report, "stop_source")) assert(false);
      break;
    case StepKind::copy: copy(report); break;
    case StepKind::load: load(report); break;
    case StepKind::commit:
      report.done = fire(&report, "commit");
      assert(report.done);
      report.said = "committed: the source does not run again";
      next_ = StepKind::retire;
      break;
    case StepKind::quiesce_destination:
    case StepKind::start: start(report); break;
    case StepKind::retire: retire(report); break;
    case StepKind::abort: abort(report); break;
    case StepKind::ask: ask(report); break;
  }
  report.source = source_state_;
  report.destination = destination_state_;
  report.time = Clock::now() - started;
  return report;
}

void Migration::begin(StepReport& report) {
  const auto source = read_back(source_);
  if (!source) return give_up(report, source.error());
  const auto destination = read_back(destination_);
  if (!destination) return give_up(report, destination.error());
  if (*source != DeviceState::running || *destination == DeviceState::pre_copy ||
      *destination == DeviceState::pre_copy_p2p || *destination == DeviceState::stop_copy) {
    // Somebody else is at work there: nothing is touched, not even to bring it back.
    const DeviceEnd& busy = *source != DeviceState::running ? source_ : destination_;
    report.failure =
        Failure{Trouble::refused, EBUSY, busy.name(),
                fmt::format("is in {}", machines::name_of(source_is(busy) ? *source : *destination)),
                source_is(busy) ? "RUNNING, where a source begins" : "a device that is not itself a source"};
    why_ = report.said = to_string(*report.failure) + "; nothing was touched";
    fire(&report, "abort");
    return end(Outcome::aborted);
  }
  destination_touched_ = true;
  // An earlier load that was abandoned is left by a reset alone, and so is ERROR.
  if (*destination == DeviceState::resuming || *destination == DeviceState::error) {
    if (const auto reset = destination_.reset(); !reset) return give_up(report, reset.error());
  }
  if (const auto went = go(destination_, DeviceState::resuming); !went) return give_up(report, went.error());
  report.done = fire(&report, "begin");
  assert(report.done);
  report.said = fmt::format("{} is in RESUMING", destination_.name());
  const auto flags = source_.flags();
  next_ = flags.pre_copy && options_.pre_copy ? StepKind::pre_copy
          : flags.p2p                         ? StepKind::quiesce_source
                                              : StepKind::stop_source;
}

void Migration::pre_copy(StepReport& report) {
  if (const auto went = go(source_, DeviceState::pre_copy); !went) return give_up(report, went.error());
  pre_copy_end_ = Clock::now() + options_.pre_copy_limit;
  report.done = true;
  report.said = fmt::format("{} is in PRE_COPY", source_.name());
  next_ = StepKind::round;
}

struct Migration::Pumped {
  std::uint64_t bytes = 0;
  bool ended = false;  ///< the source had nothing more; otherwise the limit or a failure came first
  std::optional<Failure> failure;
  bool stopped = false;
};

// A thread reads and digests while this one digests and writes: the two digests are what takes the time.
Migration::Pumped Migration::pump(StepKind step, Deadline limit) {
  struct Chunk {
    Bytes bytes;
    std::optional<Failure> failure;
  };
  constexpr std::size_t chunks_ahead_max = 4;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Chunk> queue;
  bool enough = false;
  Pumped pumped;
  {
    std::jthread reader([&] {
      for (;;) {
        const auto data = source_.read_data();
        Chunk chunk;
        if (!data)
          chunk.failure = data.error();
        else
          chunk.bytes.assign(data->begin(), data->end());
        read_.add(chunk.bytes);
        const bool last = chunk.bytes.empty();
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return queue.size() < chunks_ahead_max || enough; });
        queue.push_back(std::move(chunk));
        changed.notify_all();
        if (last || enough) return;
      }
    });
    // What was read has been digested, so it is written too: the stream goes on in the next step.
    bool writing = true;
    for (bool draining = false;;) {
      Chunk chunk;
      {
        std::unique_lock lock(mutex);
        if (draining && queue.empty()) {
          // The reader may still be busy with one last chunk.
          lock.unlock();
          if (reader.joinable()) reader.join();
          lock.lock();
          if (queue.empty()) break;
        }
        changed.wait(lock, [&] { return !queue.empty(); });
        chunk = std::move(queue.front());
        queue.pop_front();
        changed.notify_all();
      }
      const auto finish = [&] {
        const std::scoped_lock lock(mutex);
        draining = enough = true;
        changed.notify_all();
      };
      if (chunk.failure) {
        if (!pumped.failure) pumped.failure = chunk.failure;
        break;
      }
      if (chunk.bytes.empty()) {
        pumped.ended = true;
        break;
      }
      pumped.bytes += chunk.bytes.size();
      if (writing) {
        if (options_.carrier) options_.carrier(chunk.bytes);
        written_.add(chunk.bytes);
        if (const auto written = destination_.write_data(chunk.bytes); !written) {
          pumped.failure = written.error();
          writing = false;
          finish();
        }
        if (options_.progress) options_.progress(step, written_.bytes());
      }
      if (writing && written_.bytes() > options_.bytes_max) {
        pumped.failure = {Trouble::broken, EFBIG, source_.name(),
                          fmt::format("sends more than {} bytes", options_.bytes_max), "an end"};
        writing = false;
        finish();
      }
      if (writing && options_.stop_requested && options_.stop_requested()) {
        pumped.stopped = true;
        writing = false;
        finish();
      }
      if (!draining && Clock::now() >= limit) finish();
    }
    const std::scoped_lock lock(mutex);
    enough = true;
    changed.notify_all();
  }
  return pumped;
}

bool Migration::moved(const Pumped& pumped, StepReport& report) {
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

void Migration::round(StepReport& report) {
  const Pumped pumped = pump(StepKind::round, pre_copy_end_);
  ++rounds_;
  if (!moved(pumped, report)) return;
  report.done = true;
  // No smaller than the last one: the guest writes as fast as we read, and more rounds do not help.
  slow_rounds_ = rounds_ > 1 && pumped.bytes >= last_round_bytes_ / 10 * 9 ? slow_rounds_ + 1 : 0;
  last_round_bytes_ = pumped.bytes;
  constexpr std::uint32_t slow_rounds_max = 3;
  std::string_view why;
  if (!pumped.ended || Clock::now() >= pre_copy_end_)
    why = "; the time for pre-copy is over";
  else if (pumped.bytes <= options_.converged_bytes)
    why = "; that is little enough";
  else if (slow_rounds_ >= slow_rounds_max)
    why = "; it does not get less";
  else if (rounds_ >= options_.rounds_max)
    why = "; that was the last round";
  report.said = fmt::format("round {} moved {} bytes{}", rounds_, pumped.bytes, why);
  if (!why.empty()) next_ = source_.flags().p2p ? StepKind::quiesce_source : StepKind::stop_source;
}

void Migration::copy(StepReport& report) {
  const Pumped pumped = pump(StepKind::copy, Clock::now() + options_.copy_limit);
  if (!moved(pumped, report)) return;
  if (!pumped.ended)
    return give_up(report,
                   {Trouble::silent, ETIMEDOUT, source_.name(),
                    fmt::format("has not sent everything after {} s", options_.copy_limit.count() / 1000),
                    "the end of the data"});
  report.done = true;
  report.said = fmt::format("the whole state was moved: {} bytes", read_.bytes());
  next_ = StepKind::load;
}

void Migration::load(StepReport& report) {
  // Devices were seen to load damaged data without a word, so this is the last gate before RESUMING -> STOP.
  if (read_.bytes() != written_.bytes() || read_.sha256() != written_.sha256()) {
    return give_up(
        report, {Trouble::broken, EBADMSG, destination_.name(),
                 fmt::format("was given {} bytes with SHA-256 {}", written_.bytes(), written_.hexadecimal()),
                 fmt::format("{} bytes with {}", read_.bytes(), read_.hexadecimal())});
  }
  const auto went = go(destination_, DeviceState::stop);
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
                            written_.bytes(), written_.hexadecimal());
  next_ = StepKind::commit;
}

void Migration::start(StepReport& report) {
  const bool quiesce = report.kind == StepKind::quiesce_destination;
  const DeviceState target = quiesce ? DeviceState::running_p2p : DeviceState::running;
  std::optional<Failure> failure;
  constexpr int attempts = 3;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    if (destination_.lost()) {
      if (const auto again = destination_.reopen(); !again) {
        failure = again.error();
        break;
      }
      // It may have arrived before the connection was lost.
      const auto now = read_back(destination_);
      if (now && (*now == target || *now == DeviceState::running)) {
        failure.reset();
        break;
      }
      if (!now) {
        failure = now.error();
        continue;
      }
    }
    if (const auto went = go(destination_, target); went) {
      failure.reset();
      break;
    } else {
      failure = went.error();
    }
    if (destination_state_ == DeviceState::error) break;  // only a reset leaves it, and that loses the state
  }
  if (!failure) {
    report.done = true;
    report.said = fmt::format("{} is in {}", destination_.name(), machines::name_of(*destination_state_));
    if (quiesce && destination_state_ == target) {
      next_ = StepKind::start;
      return;
    }
    fire(&report, "start_destination");
    if (stopped_) downtime_ = Clock::now() - *stopped_;
    stopped_.reset();
    return end(Outcome::committed);
  }
  report.failure = failure;
  report.said = to_string(*failure);
  why_ = report.said;
  // The state is committed and its holder cannot be started: the source keeps its own copy, stopped, for a
  // person.
  attention_ = fmt::format(
      "the state is committed to {} and could not be started there; {} is stopped and still holds it",
      destination_.name(), source_.name());
  const bool holder_died = dead(*failure) || destination_state_ == DeviceState::error;
  if (holder_died) fire(&report, "destination_dies");
  end(holder_died ? Outcome::lost : Outcome::committed);
}

void Migration::retire(StepReport& report) {
  const auto went = go(source_, DeviceState::stop);
  report.done = went.has_value();
  report.said = went ? fmt::format("{} is in STOP", source_.name()) : to_string(went.error());
  if (!went) {
    report.failure = went.error();
    if (!dead(went.error()))
      attention_ = fmt::format("{} was not seen to stop; it must not run again", source_.name());
  }
  next_ = destination_.flags().p2p ? StepKind::quiesce_destination : StepKind::start;
}

bool Migration::reset_destination(StepReport& report) {
  if (destination_.lost()) {
    if (const auto again = destination_.reopen(); !again) {
      if (dead(again.error())) return true;
      report.said += fmt::format("; {} cannot be reset: {}", destination_.name(), again.error().finding);
      return false;
    }
  }
  auto reset = destination_.reset();
  // A server may refuse RESET in STOP (vfio.md §2). Out of STOP, RESUMING begins a new load, and there it is
  // taken.
  if (!reset && !destination_.lost() && read_back(destination_) == DeviceState::stop &&
      go(destination_, DeviceState::resuming))
    reset = destination_.reset();
  if (!reset)
    report.said += fmt::format("; {} cannot be reset: {}", destination_.name(), reset.error().finding);
  if (!destination_.lost()) (void)read_back(destination_);
  return reset.has_value();
}

void Migration::source_again(StepReport& report, std::string_view event) {
  std::optional<Failure> failure;
  constexpr int attempts = 4;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    if (source_.lost()) {
      reconnected_source_ = true;
      if (const auto again = source_.reopen(); !again) {
        failure = again.error();
        source_state_.reset();
        break;
      }
    }
    const auto before = source_state_;
    const auto now = read_back(source_);
    if (!now) {
      failure = now.error();
      continue;
    }
    if (*now == DeviceState::running) {
      if (reconnected_source_ && (stopped_ || (before && before != DeviceState::running)))
        attention_ = fmt::format(
            "{} says that it runs after the connection to it was lost: see that it is still the same "
            "instance",
            source_.name());
      failure.reset();
      break;
    }
    if (!source_touched_ && *now != DeviceState::error) {
      // Whoever brought it to where it is, it was not us: it is told nothing.
      report.said += fmt::format("{}{} was told nothing and is in {}", report.said.empty() ? "" : "; ",
                                 source_.name(), machines::name_of(*now));
      fire(&report, event);
      return end(Outcome::aborted);
    }
    if (*now == DeviceState::error) {
      failure = Failure{Trouble::refused,
                        EIO,
                        source_.name(),
                        "is in ERROR, which only a reset leaves, and a reset gives up its state",
                        {}};
      break;
    }
    // From PRE_COPY and STOP_COPY the way to RUNNING throws the session away, which is what an abort wants.
    if (const auto went = go(source_, DeviceState::running); !went)
      failure = went.error();
    else {
      failure.reset();
      break;
    }
  }
  if (!failure) {
    report.done = true;
    report.said += fmt::format("{}{} is in RUNNING", report.said.empty() ? "" : "; ", source_.name());
    if (!fire(&report, event)) assert(session_.state == state_named("Aborted"));
    return end(Outcome::aborted);
  }
  report.failure = failure;
  report.said += fmt::format("{}{}", report.said.empty() ? "" : "; ", to_string(*failure));
  const bool gone = dead(*failure) || source_state_ == DeviceState::error;
  why_ += fmt::format("{}{}", why_.empty() ? "" : "; then ", to_string(*failure));
  if (gone) {
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

void Migration::abort(StepReport& report) {
  const bool loaded = session_.environment[loaded_variable] != 0;
  if (loaded && !reset_destination(report)) {
    // It holds a complete state and cannot be told to forget it: two could come to run.
    attention_ = fmt::format("{} holds the state and cannot be reset; {} is stopped and holds it too",
                             destination_.name(), source_.name());
    return end(Outcome::unknown);
  }
  source_again(report, "abort");
  // Last, because the guest waits for the source and nobody for the destination. After a refused write:
  // reset, nothing else.
  if (!loaded && destination_touched_) reset_destination(report);
}

void Migration::ask(StepReport& report) {
  const auto again = destination_.lost() ? destination_.reopen() : Answer<void>{};
  std::optional<DeviceState> now;
  if (again) {
    if (const auto state = read_back(destination_))
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

}  // namespace portolan::vfio
