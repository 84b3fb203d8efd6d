// SPDX-License-Identifier: Apache-2.0
#include "model/traces/replay.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "model/rules/footprint.hpp"

namespace portolan::traces {

namespace {

using rules::Cells;
using rules::Module;

/// `place[vm1] is host2, the trace says host1`; the first difference.
std::string difference(const Module& module, const Cells& is, const Cells& said) {
  const std::size_t cell = rules::changed_cells(is, said).front();
  const rules::Variable& variable = module.variables[rules::variable_of(module, cell)];
  return fmt::format("{} is {}, the trace says {}", rules::cell_name(module, cell),
                     rules::shown(module, variable, is[cell]), rules::shown(module, variable, said[cell]));
}

std::string event_text(const std::string& action, const std::vector<std::string>& arguments) {
  std::string text = action + "(";
  for (const std::string& argument : arguments)
    text += (&argument == &arguments.front() ? "" : ", ") + argument;
  return text + ")";
}

std::vector<std::string> event_of(const TraceFile::State& state) {
  std::vector<std::string> texts{*state.action};
  texts.insert(texts.end(), state.arguments.begin(), state.arguments.end());
  return texts;
}

class Follower {
 public:
  explicit Follower(const Module& module) { result_.trace.start = module.initial; }

  const Cells& now() const {
    return result_.trace.steps.empty() ? result_.trace.start : result_.trace.steps.back().after;
  }
  Replay misfit(std::string why) {
    result_.misfit = std::move(why);
    result_.step = result_.trace.steps.size() + 1;
    return std::move(result_);
  }
  Replay at_the_beginning(std::string why) {
    result_.misfit = std::move(why);
    return std::move(result_);
  }
  void take(rules::Successor&& taken) {
    result_.undefined = !taken.defined;
    Cells after = taken.defined ? std::move(taken.next) : now();
    result_.trace.steps.push_back({std::move(taken.event), std::move(after)});
  }
  bool ended() const { return result_.undefined; }
  Replay done() { return std::move(result_); }

 private:
  Replay result_;
};

}  // namespace

Replay replay(const Module& module, const TraceFile& recorded) {
  Follower follower(module);
  if (recorded.states.front().cells != module.initial)
    return follower.at_the_beginning("the beginning is another: " +
                                     difference(module, module.initial, recorded.states.front().cells));
  for (std::size_t i = 1; i < recorded.states.size(); ++i) {
    const TraceFile::State& wanted = recorded.states[i];
    if (follower.ended()) return follower.misfit("the event before it has no meaning, so nothing follows");
    if (wanted.action) {
      const std::string event = event_text(*wanted.action, wanted.arguments);
      auto found = rules::find_event(module, *wanted.action, wanted.arguments, follower.now());
      if (!found) return follower.misfit(event + " is not enabled there");
      const Cells& after = found->defined ? found->next : follower.now();
      if (after != wanted.cells)
        return follower.misfit(
            fmt::format("{} does something else: {}", event, difference(module, after, wanted.cells)));
      follower.take(std::move(*found));
      continue;
    }
    std::vector<rules::Successor> all = rules::successors(module, follower.now());
    const auto found = std::find_if(all.begin(), all.end(), [&](const rules::Successor& one) {
      return one.defined && one.next == wanted.cells;
    });
    if (found == all.end()) return follower.misfit("no event leads from the state before to this one");
    follower.take(std::move(*found));
  }
  if (!recorded.loop || *recorded.loop + 1 == recorded.states.size()) return follower.done();
  // What is repeated has to follow the last state.
  const TraceFile::State& again = recorded.states[*recorded.loop];
  if (follower.ended())
    return follower.misfit("the event before the loop has no meaning, so nothing is repeated");
  const std::vector<rules::Successor> all = rules::successors(module, follower.now());
  const auto leads = [&](const rules::Successor& one) {
    if (!one.defined || one.next != again.cells) return false;
    return !again.action ||
           event_texts(module, {follower.now(), {{one.event, one.next}}}).front() == event_of(again);
  };
  if (std::none_of(all.begin(), all.end(), leads))
    return follower.misfit(fmt::format(
        "no event leads from the last state back to state {}, where the loop begins", *recorded.loop));
  return follower.done();
}

std::string loop_fault(const Module& module, const TraceFile& recorded, const Replay& replayed,
                       const rules::Property& property) {
  if (!recorded.loop || !property.fair) return {};
  const auto& steps = replayed.trace.steps;
  const auto cells = [&](std::size_t state) -> const Cells& {
    return state == 0 ? replayed.trace.start : steps[state - 1].after;
  };
  const std::size_t last = recorded.states.size() - 1, first = *recorded.loop;
  const bool idle =
      first == last &&
      (last == 0 || cells(last) != cells(last - 1));  // the last state stays: nothing is taken any more
  using Named = std::pair<std::size_t, rules::Arguments>;
  std::map<Named, std::size_t> enabled;  // named actions, and in how many of the states
  std::set<Named> taken;
  std::size_t states = 0;
  for (std::size_t state = first; state <= last; ++state, ++states) {
    if (rules::holds(module, property.condition, cells(state)))
      return fmt::format("the loop puts nothing off: {} holds in state {}", property.condition.source, state);
    if (!idle && state > 0) taken.emplace(steps[state - 1].event.action, steps[state - 1].event.arguments);
    std::set<Named> here;
    for (const rules::Successor& next : rules::successors(module, cells(state))) {
      if (!next.defined ||
          std::find(property.fair->begin(), property.fair->end(), next.event.action) == property.fair->end())
        continue;
      here.emplace(next.event.action, next.event.arguments);
      if (!idle && first == 0 && state == last && next.next == cells(0))
        taken.emplace(next.event.action, next.event.arguments);
    }
    for (const Named& event : here) ++enabled[event];
  }
  for (const auto& [event, count] : enabled)
    if (count == states && !taken.contains(event))
      return fmt::format("the loop is not fair: {} stays enabled in it and is never taken",
                         rules::to_string(module, {event.first, event.second}));
  return {};
}

Replay follow(const Module& module, const EventTexts& events) {
  Follower follower(module);
  for (const std::vector<std::string>& event : events) {
    if (follower.ended()) return follower.misfit("the event before it has no meaning, so nothing follows");
    const std::vector<std::string> arguments(event.begin() + (event.empty() ? 0 : 1), event.end());
    auto found =
        event.empty() ? std::nullopt : rules::find_event(module, event.front(), arguments, follower.now());
    if (!found)
      return follower.misfit(
          (event.empty() ? "an event without a name" : event_text(event.front(), arguments)) +
          " is not enabled there");
    follower.take(std::move(*found));
  }
  return follower.done();
}

EventTexts event_texts(const Module& module, const rules::Trace& trace) {
  EventTexts all;
  for (const rules::Trace::Step& step : trace.steps) {
    const rules::Action& action = module.actions[step.event.action];
    auto& texts = all.emplace_back(std::vector<std::string>{action.name});
    for (std::size_t p = 0; p < action.parameters.size(); ++p)
      texts.push_back(module.sorts[static_cast<std::size_t>(action.parameters[p].sort)]
                          .elements[static_cast<std::size_t>(step.event.arguments[p])]);
  }
  return all;
}

}  // namespace portolan::traces
