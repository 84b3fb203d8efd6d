// SPDX-License-Identifier: Apache-2.0
#include "vfio/execution/aftermath.hpp"

#include <utility>

#include <fmt/format.h>

#include "vfio/execution/meaning.hpp"
#include "vfio/execution/step.hpp"

namespace portolan::vfio::execution {

using machines::DeviceState;

namespace {

constexpr std::string_view between = " -> ", made_by = " by ";

/// One VM's way through the journal.
struct Trail {
  std::string at;                           ///< its device, as far as a step that was done says
  std::string destination;                  ///< of a migration that has not ended; empty: none
  std::string before;                       ///< the source of one that has
  bool committed = false, started = false;  ///< the migration: intended, at least
};

void moved(Trail& trail, const Written& entry, std::size_t arrow) {
  trail.at = entry.detail.substr(0, arrow);
  trail.destination = entry.detail.substr(arrow + between.size());
  const auto is = [&](StepKind kind) { return entry.what == name_of(kind); };
  trail.committed |= is(StepKind::commit) || is(StepKind::retire);
  trail.started |= is(StepKind::quiesce_destination) || is(StepKind::start);
  if (!is(StepKind::start) || !entry.done.value_or(false)) return;
  trail.before = std::exchange(trail.at, std::exchange(trail.destination, {}));
  trail.committed = trail.started = false;
}

void follow(Trail& trail, const Written& entry, Act act) {
  const bool done = entry.done.value_or(false);
  if (entry.what == "start_program") {
    const std::string device = entry.detail.substr(0, entry.detail.find(made_by));
    if (entry.done && !done) return;  // nothing was made
    (act == Act::start && done ? trail.at : trail.destination) = device;
    trail.committed = trail.started = false;
  } else if (const auto arrow = entry.detail.find(between); arrow != std::string::npos) {
    moved(trail, entry, arrow);
  } else if (entry.what == "end_program" && done) {
    if (entry.detail == trail.destination) trail.destination.clear();
    if (entry.detail == trail.at && act == Act::power_off) trail.at.clear();
  }
}

DeviceNow ask(const std::string& device, const ports::DeviceRegistry& devices) {
  DeviceNow now{device, std::nullopt, {}, false};
  const auto opened = devices.open(device, "device");
  if (!opened) {
    now.said = to_string(opened.error().front());
    return now;
  }
  const auto state = *opened ? (**opened)->state() : Answer<DeviceState>(failed(opened->error()));
  if (state) {
    now.state = *state;
    now.said = std::string(machines::name_of(*state));
  } else {
    now.gone = dead(state.error());
    now.said = now.gone ? "is gone" : to_string(state.error());
  }
  return now;
}

bool guest_may_run(const DeviceNow& now) {
  using enum DeviceState;
  return now.state == running || now.state == running_p2p || now.state == pre_copy;
}

/// Where the destination's word counts: it was told to run, or is the only one that may.
void judge_destination(VmNow& vm, const DeviceNow& source, const DeviceNow& destination, bool started) {
  if (started && guest_may_run(destination)) {
    vm.runs_on = destination.device;
    vm.said = fmt::format("runs on {}, which is committed", destination.device);
    if (destination.state != DeviceState::running)
      vm.next = fmt::format("bring {} to RUNNING", destination.device);
  } else if (destination.state == DeviceState::stop) {
    vm.said = fmt::format("nobody runs it: it is committed to {}, which holds it and was not started",
                          destination.device);
    vm.next = fmt::format("bring {} to RUNNING; {} must not run again", destination.device, source.device);
  } else if (destination.gone) {
    vm.said = fmt::format("nobody runs it: it was committed to {}, which is gone{}", destination.device,
                          started ? " and may have run (R8)" : " and never ran");
    vm.next =
        started ? fmt::format("the state is lost; {} must not run", source.device)
                : fmt::format("{} ({}) still holds the state, if anything does", source.device, source.said);
  } else {
    vm.said = fmt::format("whether it runs is not known: it is committed to {} ({})", destination.device,
                          destination.said);
    vm.next = fmt::format("let neither it nor {} run until a person looked", source.device);
  }
}

/// Before the commit the source is the only one that may run.
void judge_source(VmNow& vm, const DeviceNow& source, const DeviceNow* destination) {
  const std::string then_end = destination == nullptr || destination->gone
                                   ? ""
                                   : fmt::format("end the program of {}", destination->device);
  const auto with = [&](std::string first) { return first + (then_end.empty() ? "" : ", then " + then_end); };
  if (guest_may_run(source)) {
    vm.runs_on = source.device;
    vm.said = fmt::format("runs on {} ({})", source.device, source.said);
    vm.next = source.state == DeviceState::running ? then_end
                                                   : with(fmt::format("bring {} to RUNNING", source.device));
  } else if (source.state == DeviceState::error) {
    vm.said = fmt::format("nobody runs it: {} is in ERROR", source.device);
    vm.next = "the state is lost";
  } else if (source.state) {
    vm.said = fmt::format("nobody runs it: {} is in {} and holds it", source.device, source.said);
    vm.next = with(fmt::format("bring {} to RUNNING", source.device));
  } else if (source.gone) {
    const bool loaded = destination != nullptr && destination->state == DeviceState::stop;
    vm.said = fmt::format("nobody runs it: {} is gone{}", source.device,
                          loaded ? fmt::format(", and {} has loaded its state", destination->device) : "");
    vm.next = loaded ? fmt::format("{} holds the only state: bring it to RUNNING", destination->device)
                     : "the state is lost";
  } else {
    vm.said = fmt::format("whether it runs is not known: {}", source.said);
    vm.next = "ask it again, and let nothing else run meanwhile";
  }
}

VmNow judge(const std::string& name, const Trail& trail, const ports::DeviceRegistry& devices) {
  VmNow vm{name, {}, {}, {}, {}, {}};
  for (const std::string& device : {trail.at, trail.destination, trail.before})
    if (!device.empty()) vm.devices.push_back(ask(device, devices));
  if (trail.at.empty()) {
    vm.said = "no device of it is known: it is powered off, or the journal does not say where it was";
  } else {
    const DeviceNow& source = vm.devices.front();
    const DeviceNow* destination = trail.destination.empty() ? nullptr : &vm.devices[1];
    if (destination != nullptr && (trail.committed || trail.started))
      judge_destination(vm, source, *destination, trail.started);
    else
      judge_source(vm, source, destination);
  }
  for (const DeviceNow& one : vm.devices)
    if (!one.gone && one.device != vm.runs_on) vm.left_over.push_back(one.device);
  return vm;
}

}  // namespace

std::vector<VmNow> aftermath(const fleet::Plan& plan, const std::map<std::string, std::string>& beginning,
                             const std::vector<Written>& entries, const ports::DeviceRegistry& devices) {
  std::map<std::string, Trail> trails;
  for (const fleet::PlanStep& step : plan.steps) {
    const Meaning meaning = meaning_of(step.event);
    if (meaning.act == Act::note || meaning.vm < 0) continue;
    const std::string& vm = argument(step.event, meaning.vm);
    const auto found = beginning.find(vm);
    trails[vm].at = found == beginning.end() ? std::string() : found->second;
  }
  for (const Written& entry : entries) {
    if (entry.step == 0 || entry.step > plan.steps.size()) continue;
    const fleet::NamedEvent& event = plan.steps[entry.step - 1].event;
    const Meaning meaning = meaning_of(event);
    if (meaning.act != Act::note && meaning.vm >= 0)
      follow(trails[argument(event, meaning.vm)], entry, meaning.act);
  }
  std::vector<VmNow> now;
  for (const auto& [vm, trail] : trails) now.push_back(judge(vm, trail, devices));
  return now;
}

std::string start_detail(const std::string& device, const std::string& how) {
  return device + std::string(made_by) + how;
}

std::string move_detail(const std::string& source, const std::string& destination) {
  return source + std::string(between) + destination;
}

}  // namespace portolan::vfio::execution
