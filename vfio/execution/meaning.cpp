// SPDX-License-Identifier: Apache-2.0
#include "vfio/execution/meaning.hpp"

#include <algorithm>

namespace portolan::vfio::execution {

using fleet::Course;
using fleet::NamedEvent;
using fleet::vocabulary::Action;
using machines::DeviceState;
namespace session_state = fleet::vocabulary::session_state;

namespace {

constexpr std::string_view yes = "true";

/// What the model says before the step that decides which events it is.
enum class If : std::uint8_t {
  always,
  destination_is_p2p,
  source_runs,           ///< R8: the guest is attached to it
  source_in_pre_copy,    ///< and goes on saving as it is quiesced
  source_saves_later,    ///< it saves from its quiesced state on
  source_not_saving,     ///< no data session is open: it stops before it saves
  session_not_committed  ///< where the destination had to be asked, the answer was the commit
};

bool holds(If condition, const std::string& vm, const Course& course) {
  const std::string source = course.value(variable::source[vm]);
  const auto in = [&](DeviceState state) { return source == machines::name_of(state); };
  switch (condition) {
    case If::always: return true;
    case If::destination_is_p2p: return course.value(variable::destination_p2p[vm]) == yes;
    case If::source_runs: return course.value(variable::session_source_runs[vm]) == yes;
    case If::source_in_pre_copy: return in(DeviceState::pre_copy);
    case If::source_saves_later: return !in(DeviceState::pre_copy);
    case If::source_not_saving: return in(DeviceState::running) || in(DeviceState::running_p2p);
    case If::session_not_committed:
      return course.value(variable::session[vm]) != session_state::committed.name();
  }
  return false;
}

struct StepMeaning {
  StepKind step;
  bool only_done;  ///< what was not done means nothing yet: the abort does
  If condition;
  Action action;
};
// Of one step in their order. Rounds, copy and commit move data and decide; the model has no event of them.
// clang-format off
constexpr StepMeaning step_meanings[] = {
  // step                          only done  if                         event
  { StepKind::begin,               true,  If::destination_is_p2p,    action::migrate_step_settle_p2p },
  { StepKind::begin,               true,  If::always,                action::migrate_step_settle },
  { StepKind::begin,               true,  If::always,                action::migrate_step_open },
  { StepKind::pre_copy,            true,  If::always,                action::migrate_step_pre_copy },
  { StepKind::quiesce_source,      true,  If::always,                action::migrate_step_pause },
  { StepKind::quiesce_source,      true,  If::source_in_pre_copy,    action::migrate_step_pre_copy_p2p },
  { StepKind::quiesce_source,      true,  If::source_saves_later,    action::migrate_step_save_p2p },
  { StepKind::stop_source,         true,  If::source_runs,           action::migrate_step_pause },
  { StepKind::stop_source,         true,  If::source_not_saving,     action::migrate_step_stop },
  { StepKind::stop_source,         true,  If::always,                action::migrate_step_save },
  { StepKind::load,                true,  If::always,                action::migrate_step_load },
  { StepKind::retire,              false, If::session_not_committed, action::migrate_commit },
  { StepKind::quiesce_destination, true,  If::always,                action::migrate_step_wake_p2p },
  { StepKind::start,               true,  If::always,                action::migrate_step_wake },
  { StepKind::start,               true,  If::always,                action::migrate_step_start },
};
// The way of a stopped source back to where its guest runs on, as far as it has to go.
constexpr Action back_to_running[] = {
  action::migrate_step_back_to_stop, action::migrate_step_back_to_p2p, action::migrate_step_back_to_running,
};
// clang-format on

/// Events that follow one another from where a course stands, which stays there itself.
class Ahead {
 public:
  Ahead(const Course& course, const std::string& vm) : course_(course), vm_(vm) {}
  /// False, and nothing added, where it is not enabled.
  bool take(Action action) {
    const NamedEvent event{action, {vm_}};
    if (!course_.enabled(event) || course_.take(event)) return false;
    events_.push_back(event);
    return true;
  }
  std::string source() const { return course_.value(variable::source[vm_]); }
  std::vector<NamedEvent> events() && { return std::move(events_); }

 private:
  Course course_;
  const std::string& vm_;
  std::vector<NamedEvent> events_;
};

/// From where the source stands, by the tables, back to RUNNING.
std::vector<NamedEvent> way_back(const std::string& vm, const Course& course) {
  Ahead ahead(course, vm);
  if (course.value(variable::session[vm]) != session_state::aborted.name()) ahead.take(action::migrate_abort);
  while (ahead.source() != machines::name_of(DeviceState::running)) {
    const bool went = std::any_of(std::rbegin(back_to_running), std::rend(back_to_running),
                                  [&](Action action) { return ahead.take(action); });
    if (!went) break;
  }
  ahead.take(action::migrate_step_resume);
  return std::move(ahead).events();
}

/// The destination's answer was lost; `loaded`: the model is told so, too.
std::vector<NamedEvent> asked(const std::string& vm, bool loaded, bool aborted, const Course& course) {
  std::vector<NamedEvent> events{
      {loaded && !aborted ? action::answer_lost_loaded : action::answer_lost, {vm}}, {action::ask, {vm}}};
  if (!aborted) return events;
  Course answered = course;
  for (const NamedEvent& event : events) answered.take(event);
  Ahead ahead(answered, vm);
  for (const Action action : back_to_running) ahead.take(action);
  ahead.take(action::migrate_step_resume);
  const std::vector<NamedEvent> back = std::move(ahead).events();
  events.insert(events.end(), back.begin(), back.end());
  return events;
}

}  // namespace

Meaning meaning_of(const NamedEvent& event) {
  for (const DecisionMeaning& one : decision_meanings)
    if (one.action == std::string_view(event.action)) return one.meaning;
  return {};
}

const std::string& argument(const NamedEvent& event, int position) {
  return event.arguments.at(static_cast<std::size_t>(position));
}

std::vector<NamedEvent> events_of(const std::string& vm, const StepReport& report,
                                  std::optional<Outcome> ended, const Course& course) {
  const bool aborted = ended == Outcome::aborted;
  if (report.kind == StepKind::ask) {
    if (ended == Outcome::unknown) return {{action::answer_lost, {vm}}};
    return asked(vm, report.done, aborted, course);
  }
  if (report.kind == StepKind::abort || (report.kind == StepKind::begin && !report.done)) {
    if (aborted) return way_back(vm, course);
    const NamedEvent lost{action::device_error_source, {vm}};
    const bool is_lost = report.kind == StepKind::abort && ended == Outcome::lost && course.enabled(lost);
    return is_lost ? std::vector{lost} : std::vector<NamedEvent>{};
  }
  std::vector<NamedEvent> events;
  for (const StepMeaning& one : step_meanings)
    if (one.step == report.kind && (report.done || !one.only_done) && holds(one.condition, vm, course))
      events.push_back({one.action, {vm}});
  return events;
}

std::map<std::string, std::string> observed(const std::string& vm, std::optional<DeviceState> source,
                                            std::optional<DeviceState> destination) {
  std::map<std::string, std::string> result;
  if (source) result[variable::source[vm]] = machines::name_of(*source);
  if (destination) result[variable::destination[vm]] = machines::name_of(*destination);
  return result;
}

}  // namespace portolan::vfio::execution
