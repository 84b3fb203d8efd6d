// SPDX-License-Identifier: Apache-2.0
#include "vfio/execution/execution.hpp"

#include <set>

#include <fmt/format.h>

#include "vfio/execution/aftermath.hpp"
#include "vfio/execution/meaning.hpp"

namespace portolan::vfio::execution {

using fleet::PlanStep;
using machines::DeviceState;

namespace {

constexpr int asking_attempts = 3;  ///< somebody else may have a device's one connection for a moment

/// Every element that the plan's decisions name at `position`.
std::vector<std::string> named_by(const fleet::Plan& plan, int Meaning::*position) {
  std::set<std::string> names;
  for (const PlanStep& step : plan.steps) {
    const Meaning meaning = meaning_of(step.event);
    if (meaning.act != Act::note && meaning.*position >= 0)
      names.insert(argument(step.event, meaning.*position));
  }
  return {names.begin(), names.end()};
}

}  // namespace

Execution::Execution(const fleet::LoadedScenario& scenario, const fleet::Plan& plan,
                     const fleet::Inventory& inventory, World world, ExecutionOptions options)
    : scenario_(scenario),
      plan_(plan),
      world_(world),
      options_(std::move(options)),
      preconditions_(scenario, plan, inventory, world),
      ledger_(scenario, options_.tell) {
  for (const auto& [name, entry] : inventory.vms) vms_[name] = {entry.device, world.hosts.keeper(name)};
}

std::vector<std::string> Execution::hosts_of(const fleet::Plan& plan) {
  return named_by(plan, &Meaning::host);
}

std::vector<std::string> Execution::vms_of(const fleet::Plan& plan) { return named_by(plan, &Meaning::vm); }

bool Execution::end_with(ExecutionEnd end, std::string why) {
  result_.end = end;
  if (result_.why.empty()) result_.why = std::move(why);
  return false;
}

bool Execution::intend(const std::string& what, const std::string& detail) {
  return ledger_.intend(what, detail) || end_with(ExecutionEnd::stopped, std::string(Ledger::unwritable));
}

bool Execution::record(ports::Outcome outcome, const std::vector<NamedEvent>& events,
                       const std::string& what) {
  const std::string wrong = ledger_.record(std::move(outcome), events, what);
  return wrong.empty() || end_with(ExecutionEnd::stopped, wrong);
}

bool Execution::record_failure(const std::string& why, const std::string& what) {
  return record({false, why, {}, {}, 0, {}}, {}, what);
}

ExecutionResult Execution::run(ports::Journal& journal) {
  ledger_.open(journal);
  bool going = true;
  for (const PlanStep& step : plan_.steps) {
    ledger_.next_step();
    if (stop_requested()) going = end_with(ExecutionEnd::stopped, "stopped on request, between two steps");
    going = going && take(step);
    if (!going) break;
    ++result_.steps_done;
  }
  for (const auto& [name, vm] : vms_)
    if (!vm.device.empty()) result_.devices[name] = vm.device;
  if (going) ask_where_it_ended();
  return result_;
}

Answer<DeviceState> Execution::state_of(const std::string& name, const Vm& vm) {
  Answer<DeviceState> state = failed({Trouble::closed, 0, vm.device, "cannot be asked", {}});
  for (int k = 0; k < asking_attempts && !state; ++k) {
    const auto opened = world_.devices.open(vm.device, name);
    if (!opened) continue;
    if (!*opened)
      state = failed(opened->error());
    else if (auto other = replaced(***opened, vm.instance))
      return failed(std::move(*other));
    else
      state = (**opened)->state();
  }
  return state;
}

bool Execution::lose_running(const std::string& name, const Vm& vm, const Failure& failure) {
  result_.attention = fmt::format(
      "{} held the only state of {} that may run, and is gone: a source that it came from must not run (R8)",
      vm.device, name);
  return end_with(ExecutionEnd::lost, to_string(failure));
}

void Execution::ask_where_it_ended() {
  ledger_.next_step();
  std::string missed = ledger_.course().at_goal() ? "" : "every step was taken, and the goal does not hold";
  std::string silent;
  for (const std::string& name : vms_of(plan_)) {
    const Vm& vm = vms_[name];
    if (vm.device.empty() || ledger_.value(variable::place[name]) == "none") continue;
    const auto state = state_of(name, vm);
    if (!state && dead(state.error())) {
      lose_running(name, vm, state.error());
      return;
    }
    if (!state)
      silent = to_string(state.error());
    else if (*state != DeviceState::running)
      missed = fmt::format("{} is in {}", vm.device, machines::name_of(*state));
  }
  result_.end = !missed.empty()   ? ExecutionEnd::lost
                : !silent.empty() ? ExecutionEnd::unknown
                                  : ExecutionEnd::done;
  result_.why = !missed.empty() ? missed : silent;
  if (!missed.empty()) result_.attention = missed;
}

bool Execution::take(const PlanStep& step) {
  // The guard on the model; that of the devices is asked by each step.
  if (!ledger_.course().enabled(step.event))
    return end_with(ExecutionEnd::stopped,
                    fmt::format("{} is not enabled any more", fleet::to_string(step.event)));
  switch (meaning_of(step.event).act) {
    case Act::note: return note(step);
    case Act::migrate: return migrate(step);
    case Act::install: return install(step);
    case Act::start: return start(step);
    case Act::power_off: return power_off(step);
    case Act::unsupported: break;
  }
  return end_with(ExecutionEnd::stopped,
                  fmt::format("{} cannot be carried out", fleet::to_string(step.event)));
}

/// What is ours alone to keep: nothing on a device changes.
bool Execution::note(const PlanStep& step) {
  if (!intend(step.event.action, fleet::to_string(step.event))) return false;
  std::map<std::string, std::string> seen;
  std::string said = "noted";
  if (action::run == std::string_view(step.event.action)) {
    // An instance runs from its start (R8: what runs is the guest, which is not ours to start here).
    const std::string& vm = argument(step.event, meaning_of(step.event).vm);
    const auto opened = world_.devices.open(vms_[vm].device, "device");
    if (opened && *opened)
      if (const auto state = (**opened)->state()) {
        seen = observed(vm, *state, std::nullopt);
        said = fmt::format("{} is in {}", vms_[vm].device, machines::name_of(*state));
      }
  }
  return record({true, said, {}, seen, 0, {}}, {step.event}, step.event.action);
}

bool Execution::install(const PlanStep& step) {
  const Meaning meaning = meaning_of(step.event);
  const std::string& host = argument(step.event, meaning.host);
  const std::string& driver = argument(step.event, meaning.driver);
  ports::Host* there = world_.hosts.host(host);
  const auto command = there != nullptr ? there->installation(driver) : std::nullopt;
  if (!intend(step.event.action, command.value_or(fmt::format("{}: {} is there already", host, driver))))
    return false;
  Faults faults;
  if (command)
    if (const auto ran = there->install(driver); !ran) faults = ran.error();
  if (faults.empty()) faults = preconditions_.publishes(host, driver);
  if (faults.empty())
    return record({true,
                   fmt::format("{}'s programs publish what the catalogue says of {}", host, driver),
                   {},
                   {},
                   0,
                   {}},
                  {step.event}, step.event.action);
  const std::string why = to_string(faults.front());
  return record_failure(why, step.event.action) && end_with(ExecutionEnd::stopped, why);
}

Result<ports::Proposal> Execution::make_instance(const std::string& vm, const std::string& host,
                                                 const fleet::SettingInfo& info) {
  ports::Host* there = world_.hosts.host(host);
  if (there == nullptr)
    return fail(Fault{FaultCode::missing, {"hosts." + host, {}, {}}, "nothing can be made there", {}, {}});
  const ports::InstanceRequest request{vm, driver_of(*info.implementation), info.configuration};
  ports::Proposal proposal = there->propose(request);
  if (!intend("start_program", start_detail(proposal.device, proposal.how)))
    return fail(Fault{FaultCode::storage, {"journal", {}, {}}, result_.why, {}, {}});
  if (auto made = there->make(request, proposal); !made) return fail(std::move(made.error()));
  if (auto prepared = there->prepare(proposal.device, info.configuration); !prepared) {
    if (!there->destroy(proposal.device).gone)
      result_.notes.push_back(fmt::format("{} could not be ended", proposal.device));
    return fail(std::move(prepared.error()));
  }
  return proposal;
}

bool Execution::start(const PlanStep& step) {
  const Meaning meaning = meaning_of(step.event);
  const std::string& vm = argument(step.event, meaning.vm);
  const std::string& host = argument(step.event, meaning.host);
  const auto made = make_instance(vm, host, setting_named(scenario_, argument(step.event, meaning.setting)));
  if (!made) {
    if (!result_.why.empty()) return false;
    const std::string why = to_string(made.error().front());
    return record_failure(why, "start_program") && end_with(ExecutionEnd::stopped, why);
  }
  vms_[vm] = {made->device, world_.hosts.host(host)};
  return record({true, made->how, {}, {}, 0, {}}, {step.event}, "start_program");
}

ports::Ended Execution::end_device(const std::string& name, const Vm& vm) {
  if (vm.keeper != nullptr) return vm.keeper->destroy(vm.device);
  const std::string said = fmt::format(
      "{} is left stopped: the inventory does not say how it is ended (vms.{}.retire)", vm.device, name);
  result_.notes.push_back(said);
  return {true, said};
}

bool Execution::power_off(const PlanStep& step) {
  const std::string& name = argument(step.event, meaning_of(step.event).vm);
  Vm& vm = vms_[name];
  if (!intend("end_program", vm.device)) return false;
  const ports::Ended ended = end_device(name, vm);
  if (ended.gone) vm = {};
  if (!record({ended.gone, ended.said, {}, {}, 0, {}},
              ended.gone ? std::vector{step.event} : std::vector<NamedEvent>{}, "end_program"))
    return false;
  return ended.gone || end_with(ExecutionEnd::stopped, ended.said);
}

}  // namespace portolan::vfio::execution
