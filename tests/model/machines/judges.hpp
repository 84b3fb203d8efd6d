#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The rules of the built-in machines in words, as judges: each takes a machine and says which sentences are
// not true of it. They know nothing of the tables' rows; what they say comes from
// rules.md. The tables must break no sentence, and every mutant of a table must break one
// (mutants_test.cpp).

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/machines/paths.hpp"
#include "model/rules/configurations.hpp"

namespace portolan::machines::judges {

using rules::Configuration;
using rules::Machine;
using rules::Step;

/// The sentences that were found broken; each once, with the first place.
class Verdict {
 public:
  /// `where` says the place, and is only asked for it when the sentence is broken.
  template <class Where>
  void expect(bool truth, const char* sentence, Where where) {
    if (!truth && broken_.insert(sentence).second)
      told_.push_back(sentence + std::string(" (") + where() + ")");
  }
  const std::vector<std::string>& broken() const { return told_; }

 private:
  std::set<std::string> broken_;
  std::vector<std::string> told_;
};

/// A machine by names.
class Named {
 public:
  explicit Named(const Machine& machine) : machine_(machine) {}
  const Machine& machine() const { return machine_; }
  bool is(const Configuration& at, std::string_view state) const {
    return machine_.text->states[at.state] == state;
  }
  bool is_one_of(const Configuration& at, std::initializer_list<std::string_view> states) const {
    for (const std::string_view state : states)
      if (is(at, state)) return true;
    return false;
  }
  std::int64_t get(const Configuration& at, std::string_view variable) const {
    return at.environment[number(variable)];
  }
  Configuration with(Configuration at, std::string_view variable, std::int64_t value) const {
    at.environment[number(variable)] = value;
    return at;
  }
  Configuration in(Configuration at, std::string_view state) const {
    at.state = static_cast<std::uint8_t>(rules::index_of(machine_.text->states, state));
    return at;
  }
  Step step(const Configuration& at, std::string_view event) const {
    return rules::step(machine_, at,
                       static_cast<std::uint8_t>(rules::index_of(machine_.text->events, event)));
  }
  std::string told(const Configuration& at, std::string_view event = {}) const {
    return rules::to_string(machine_, at) + (event.empty() ? "" : ", " + std::string(event));
  }

 private:
  std::size_t number(std::string_view variable) const {
    for (std::size_t v = 0; v < machine_.text->variables.size(); ++v)
      if (machine_.text->variables[v].name == variable) return v;
    return machine_.text->variables.size();
  }
  const Machine& machine_;
};

// --- the device: rules.md §device
// -----------------------------------------------------------------------------------------

using Arcs = std::set<std::pair<std::string, std::string>>;

/// The elementary arcs, written once more by hand.
inline Arcs arcs_by_hand(DeviceFlags flags) {
  Arcs arcs;
  const auto both = [&](const char* a, const char* b) {
    arcs.insert({a, b});
    arcs.insert({b, a});
  };
  both("STOP", "STOP_COPY");
  both("STOP", "RESUMING");
  if (!flags.p2p) both("RUNNING", "STOP");
  if (flags.p2p) {
    both("RUNNING", "RUNNING_P2P");
    both("RUNNING_P2P", "STOP");
  }
  if (flags.pre_copy) both("RUNNING", "PRE_COPY");
  if (flags.pre_copy && !flags.p2p) arcs.insert({"PRE_COPY", "STOP_COPY"});
  if (flags.pre_copy && flags.p2p) {
    both("PRE_COPY", "PRE_COPY_P2P");
    both("RUNNING_P2P", "PRE_COPY_P2P");
    arcs.insert({"PRE_COPY_P2P", "STOP_COPY"});
  }
  return arcs;
}

inline bool saving(std::string_view state) {
  return state == "PRE_COPY" || state == "PRE_COPY_P2P" || state == "STOP_COPY";
}
inline bool has_data(std::string_view state) { return saving(state) || state == "RESUMING"; }

using Names = std::vector<std::string>;

/// All simple paths, one by one.
inline void extend(const Arcs& arcs, const std::string& to, Names& at, std::vector<Names>& found) {
  if (at.back() == to) {
    found.push_back(at);
    return;
  }
  for (const auto& [a, b] : arcs) {
    if (a != at.back() || std::find(at.begin(), at.end(), b) != at.end()) continue;
    at.push_back(b);
    extend(arcs, to, at, found);
    at.pop_back();
  }
}

/// What a request gives: the states on the way, the shortest of all simple paths that the rules allow;
/// nothing: EINVAL.
inline std::optional<Names> path_by_hand(DeviceFlags flags, const std::string& from, const std::string& to) {
  const Arcs arcs = arcs_by_hand(flags);
  std::set<std::string> known;
  for (const auto& [a, b] : arcs) known.insert({a, b});
  if (!known.contains(from) || !known.contains(to)) return std::nullopt;
  if (from == to) return Names{};
  if (from == "STOP_COPY" && (to == "PRE_COPY" || to == "PRE_COPY_P2P")) return std::nullopt;
  std::vector<Names> all, kept;
  Names at{from};
  extend(arcs, to, at, all);
  for (const Names& path : all) {
    bool interior_saving = false;
    for (std::size_t i = 1; i + 1 < path.size(); ++i) interior_saving |= saving(path[i]);
    if (!interior_saving || path == Names{"PRE_COPY", "PRE_COPY_P2P", "STOP_COPY"}) kept.push_back(path);
  }
  if (kept.empty()) return std::nullopt;
  const auto shortest = std::min_element(kept.begin(), kept.end(),
                                         [](const Names& a, const Names& b) { return a.size() < b.size(); });
  const auto as_short =
      std::count_if(kept.begin(), kept.end(), [&](const Names& p) { return p.size() == shortest->size(); });
  if (as_short != 1) return Names{"several shortest paths"};  // equal to no path
  return Names(shortest->begin() + 1, shortest->end());
}

inline constexpr DeviceFlags flag_sets[] = {{false, false}, {true, false}, {false, true}, {true, true}};

/// Every request under one set of flags, worked out once.
struct Requests {
  std::map<std::pair<std::string, std::string>, std::optional<Names>> paths;
  std::set<std::string> supported;
};
inline const Requests& requests_by_hand(std::size_t flag_set) {
  static const std::vector<Requests> all = [] {
    std::vector<Requests> made(std::size(flag_sets));
    for (std::size_t f = 0; f < made.size(); ++f) {
      made[f].supported.insert("ERROR");
      for (const auto& [a, b] : arcs_by_hand(flag_sets[f])) made[f].supported.insert({a, b});
      for (const char* from :
           {"ERROR", "STOP", "RUNNING", "STOP_COPY", "RESUMING", "RUNNING_P2P", "PRE_COPY", "PRE_COPY_P2P"})
        for (const char* to :
             {"ERROR", "STOP", "RUNNING", "STOP_COPY", "RESUMING", "RUNNING_P2P", "PRE_COPY", "PRE_COPY_P2P"})
          made[f].paths[{from, to}] = path_by_hand(flag_sets[f], from, to);
    }
    return made;
  }();
  return all[flag_set];
}

inline std::vector<std::string> broken_in_device(const Machine& machine) {
  Verdict verdict;
  const Named device(machine);
  const auto& states = machine.text->states;
  for (std::size_t f = 0; f < std::size(flag_sets); ++f) {
    const DeviceFlags flags = flag_sets[f];
    const Requests& wanted = requests_by_hand(f);
    for (const std::string_view from : states) {
      for (const std::string_view to : states) {
        const auto path = machines::path(flags, *device_state_named(from), *device_state_named(to), machine);
        const std::optional<Names>& by_hand = wanted.paths.at({std::string(from), std::string(to)});
        std::optional<Names> names;
        if (path) {
          names.emplace();
          for (const DeviceState state : *path) names->emplace_back(name_of(state));
        }
        const auto where = [&] { return std::string(from) + " to " + std::string(to); };
        verdict.expect(names == by_hand,
                       "a request walks the shortest path that the rules allow, or is EINVAL", where);
        if (names != by_hand || !by_hand) continue;
        const std::string_view before =
            by_hand->size() < 2 ? from : std::string_view((*by_hand)[by_hand->size() - 2]);
        const bool opens = !by_hand->empty() && ((saving(to) && !saving(before)) || to == "RESUMING");
        verdict.expect(
            returns_data_fd(flags, *device_state_named(from), *device_state_named(to), machine) == opens,
            "a data fd is returned exactly when the last arc enters the saving group or RESUMING", where);
      }
      // Whatever the state of the data session: what is true of a failure and of a reset is true from
      // anywhere.
      for (const std::int64_t data_fd : {0, 1}) {
        const Configuration at = device.in({0, {flags.p2p, flags.pre_copy, data_fd}}, from);
        const auto where = [&] { return device.told(at); };
        const bool supported = wanted.supported.contains(std::string(from));
        if (!supported)
          for (const std::string_view event : machine.text->events)
            verdict.expect(device.step(at, event).row < 0,
                           "a state that the flags do not cover answers nothing", where);
        if (!supported) continue;
        const Step reset = device.step(at, "reset");
        verdict.expect(reset.row >= 0 && reset.next == device.with(device.in(at, "RUNNING"), "data_fd", 0),
                       "a reset always gives RUNNING and ends open data sessions", where);
        const Step failure = device.step(at, "ERROR");
        if (from != "ERROR")
          verdict.expect(
              failure.row >= 0 && failure.next == device.with(device.in(at, "ERROR"), "data_fd", 0),
              "a failed hop may leave ERROR, and no data session survives it", where);
        else
          for (const std::string_view event : machine.text->events)
            verdict.expect(event == "reset" || device.step(at, event).row < 0, "only a reset leaves ERROR",
                           where);
      }
    }
  }
  const rules::Reach reach(machine);
  for (const Configuration& at : reach.configurations()) {
    const std::string_view state = states[at.state];
    verdict.expect((device.get(at, "data_fd") != 0) == has_data(state),
                   "a data session is open exactly in the saving states and in RESUMING",
                   [&] { return device.told(at); });
    for (const std::string_view event : machine.text->events) {
      const Step step = device.step(at, event);
      verdict.expect(step.row < 0 || event == "reset" || device.is(step.next, event),
                     "an arc leads to the state that was asked for", [&] { return device.told(at, event); });
    }
  }
  return verdict.broken();
}

// --- the instance: R7, R9, R12, rules.md §instance
// ---------------------------------------------------------------------------

inline std::vector<std::string> broken_in_instance(const Machine& machine) {
  Verdict verdict;
  const Named instance(machine);
  const rules::Reach reach(machine);
  verdict.expect(rules::rows_are_guarded_apart(machine), "at most one row answers",
                 [] { return "some state and event"; });
  for (const Configuration& reached : reach.configurations()) {
    rules::for_each_input(machine, reached, [&](const Configuration& at) {
      const bool absent = instance.is(at, "Absent"), closed = instance.is(at, "Closed"),
                 open = instance.is(at, "Open");
      const bool running = instance.get(at, "running") != 0, migrating = instance.get(at, "migrating") != 0;
      /// What an event must do: nothing where it is not due, else lead exactly there.
      const auto does = [&](std::string_view event, bool due, const Configuration& there,
                            const char* sentence) {
        const Step step = instance.step(at, event);
        verdict.expect(due ? step.row >= 0 && step.next == there : step.row < 0 && step.next == at, sentence,
                       [&] { return instance.told(at, event); });
      };
      const auto where = [&] { return instance.told(at); };
      verdict.expect(!absent || (!instance.get(at, "fresh") && !running && !migrating),
                     "an absent instance has nothing", where);
      verdict.expect(!running || open, "only an open instance runs", where);
      does("create", absent, instance.with(instance.in(at, "Closed"), "fresh", 1),
           "R12: a new instance is closed and starts at its init values");
      const bool writable = closed || (open && instance.get(at, "runtime_writable"));
      does("write", writable && !migrating, instance.with(at, "fresh", 0),
           "R9: a closed instance is writable, an open one where a parameter is runtime-writable, none "
           "during a migration; "
           "a refused write changes nothing");
      does("reinitialise", closed && !migrating, instance.with(at, "fresh", 1),
           "R7: a closed instance can be returned to its init values");
      does("open", closed && instance.get(at, "valid"), instance.in(at, "Open"),
           "R7: an instance is opened when its constraints hold, and is stopped then");
      does("close", open && !running, instance.in(at, "Closed"),
           "rules.md §instance: a stopped instance can be closed");
      does("destroy", closed && !migrating, instance.with(instance.in(at, "Absent"), "fresh", 0),
           "rules.md §instance: a closed instance can be destroyed, not during a migration");
      does("run", open && !running, instance.with(at, "running", 1), "R8: an open, stopped instance can run");
      does("stop", running, instance.with(at, "running", 0),
           "rules.md §instance: a running instance can be stopped");
      does("begin_migration", !absent && !migrating, instance.with(at, "migrating", 1),
           "R9: a migration begins once, closed or open, and changes nothing else");
      does("end_migration", !absent && migrating, instance.with(at, "migrating", 0),
           "R9: a migration ends, closed or open, and changes nothing else");
    });
  }
  for (const char* state : {"Absent", "Closed", "Open"}) {
    bool met = false;
    for (const Configuration& at : reach.configurations()) met |= instance.is(at, state);
    verdict.expect(met, "sometimes an instance is Absent, Closed, Open", [&] { return state; });
  }
  return verdict.broken();
}

// --- the session: R5, R7, R8, rules.md §session
// -----------------------------------------------------------------------------

/// One configuration of a session, with what it says.
struct SessionAt {
  const Named& session;
  Configuration at;
  bool yes = session.get(at, "yes"), spooled = session.get(at, "spooled"), loaded = session.get(at, "loaded");
  bool source_runs = session.get(at, "source_runs"), destination_runs = session.get(at, "destination_runs");
  bool gone = session.get(at, "source_gone"), kept = session.get(at, "kept");
  bool idle = session.is(at, "Idle"), checked = session.is(at, "Checked"),
       prepared = session.is(at, "Prepared");
  bool transferring = session.is(at, "Transferring"), unknown = session.is(at, "Unknown"),
       committed = session.is(at, "Committed");
  bool aborted = session.is(at, "Aborted"), lost = session.is(at, "Lost");

  Configuration to(const char* state, std::initializer_list<std::pair<const char*, bool>> values = {}) const {
    Configuration there = session.in(at, state);
    for (const auto& [variable, value] : values) there = session.with(there, variable, value);
    return there;
  }
  Configuration source_again() const { return to("Aborted", {{"source_runs", true}, {"loaded", false}}); }
  Configuration from_the_spool() const { return to("Transferring", {{"loaded", false}}); }
  /// Asked, or known to be dead, the destination holds nothing: back to the source, forward from the spool,
  /// or lost.
  Configuration without_destination() const {
    return !gone ? source_again() : kept ? from_the_spool() : to("Lost");
  }
  Configuration without_source() const {
    if (transferring && loaded) return to("Committed");
    if (transferring && spooled && !source_runs && yes)
      return to("Transferring", {{"source_gone", true}, {"kept", true}});
    if (unknown) return to("Unknown", {{"source_gone", true}, {"kept", spooled && yes}});
    return to("Lost", {{"source_runs", false}});
  }
};

/// What is always so.
inline void judge_state(const SessionAt& now, Verdict& verdict) {
  const auto always = [&](bool truth, const char* sentence) {
    verdict.expect(truth, sentence, [&] { return now.session.told(now.at); });
  };
  always(!(now.source_runs && now.destination_runs), "R8: never two runners");
  always(!now.aborted || (now.source_runs && !now.destination_runs && !now.gone),
         "R8: after an abort the source runs, the destination does not");
  always(!now.committed || !now.source_runs,
         "rules.md §session: after the commit the source never runs again");
  always(!now.unknown || (!now.source_runs && !now.destination_runs),
         "rules.md §session: nobody runs until the devices were asked");
  always(!now.lost || (!now.source_runs && !now.destination_runs),
         "R8: nobody runs after the only complete state was lost");
  always(!now.destination_runs || (now.committed && now.loaded),
         "rules.md §session: the destination runs only after the commit, with the whole state");
  always(!now.committed || now.loaded,
         "rules.md §session: the commit point is reached when every device completed RESUMING -> STOP");
  always(!(now.checked || now.prepared) || (now.source_runs && !now.loaded),
         "rules.md §session: the source runs until it is stopped for the transfer");
  always(!now.gone || !now.source_runs, "a source that died does not run");
  always(!now.kept || (now.spooled && now.gone), "rules.md §session: a stream is kept with --spool only");
}

/// What events do: nothing where they are not due, else lead exactly there.
class SessionEvents {
 public:
  SessionEvents(const SessionAt& now, Verdict& verdict) : now_(now), verdict_(verdict) {}
  void operator()(std::string_view event, bool due, const Configuration& there, const char* sentence) const {
    const Step step = now_.session.step(now_.at, event);
    verdict_.expect(due ? step.row >= 0 && step.next == there : step.row < 0 && step.next == now_.at,
                    sentence, [&] { return now_.session.told(now_.at, event); });
  }

 private:
  const SessionAt& now_;
  Verdict& verdict_;
};

inline void judge_course(const SessionAt& now, const SessionEvents& does) {
  does("check", now.idle, now.to(now.yes ? "Checked" : "Aborted", {{"source_runs", true}}),
       "R5: the check accepts, or the source runs on");
  does("prepare", now.checked, now.to(now.yes ? "Prepared" : "Aborted"),
       "R7: every write succeeds, or the source runs on");
  does("begin", now.prepared, now.to("Transferring"), "rules.md §session: Prepared -> Transferring");
  does("stop_source", now.transferring && now.source_runs, now.to("Transferring", {{"source_runs", false}}),
       "rules.md §session: a transfer stops the source");
  const Configuration refused = now.gone ? now.from_the_spool() : now.source_again();
  does("load", now.transferring && !now.source_runs && !now.loaded,
       now.yes ? now.to("Transferring", {{"loaded", true}}) : refused,
       "rules.md §session: the whole stream is loaded, once, after the source stopped; refused data end in "
       "an abort, or are loaded from the spool again");
  does("commit", now.transferring && now.loaded, now.to("Committed"),
       "rules.md §session: the commit follows the load of every device");
  does("abort", now.checked || now.prepared || (now.transferring && !now.gone), now.source_again(),
       "rules.md §session: until the commit point every device can be abandoned, and not after it");
  does("answer_lost", now.transferring && !now.source_runs, now.to("Unknown"),
       "rules.md §session: Unknown when the destination's answer was lost");
  does("start_destination", now.committed && !now.destination_runs,
       now.to("Committed", {{"destination_runs", true}}),
       "R8: after the commit the destination is started, once");
}

inline void judge_failures(const SessionAt& now, const SessionEvents& does) {
  does("ask", now.unknown, now.yes ? now.to("Committed", {{"loaded", true}}) : now.without_destination(),
       "rules.md §session: Unknown is resolved by asking the devices");
  if (!now.committed) {
    does("destination_dies", now.prepared || now.transferring || now.unknown, now.without_destination(),
         "R8: a destination that dies before the commit leaves the source running; without one, the "
         "spool, and else nothing");
  } else {
    does("destination_dies", true,
         now.spooled && !now.destination_runs ? now.at : now.to("Lost", {{"destination_runs", false}}),
         "rules.md §session: a destination that was never started is rebuilt from the spool, one that may "
         "have run is not");
  }
  does("source_dies", now.checked || now.prepared || ((now.transferring || now.unknown) && !now.gone),
       now.without_source(),
       "R8, rules.md §session: with its source dies the only complete state, unless the destination or the "
       "spool has it");
}

inline std::vector<std::string> broken_in_session(const Machine& machine) {
  Verdict verdict;
  const Named session(machine);
  const rules::Reach reach(machine);
  verdict.expect(rules::rows_are_guarded_apart(machine), "at most one row answers",
                 [] { return "some state and event"; });
  for (const Configuration& reached : reach.configurations())
    rules::for_each_input(machine, reached, [&](const Configuration& at) {
      const SessionAt now{.session = session, .at = at};
      judge_state(now, verdict);
      const SessionEvents does(now, verdict);
      judge_course(now, does);
      judge_failures(now, does);
    });
  return verdict.broken();
}

}  // namespace portolan::machines::judges
