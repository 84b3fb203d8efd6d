// SPDX-License-Identifier: Apache-2.0
#include "vfio/execution/preconditions.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/ports/device_name.hpp"
#include "vfio/execution/meaning.hpp"

namespace portolan::vfio::execution {

using fleet::PlanStep;

namespace {

void add(Faults& faults, const Faults& more) { faults.insert(faults.end(), more.begin(), more.end()); }

bool makes_an_instance(Act act) { return act == Act::migrate || act == Act::start; }

}  // namespace

const fleet::SettingInfo& setting_named(const fleet::LoadedScenario& scenario, const std::string& name) {
  const auto sort = static_cast<std::size_t>(fleet::vocabulary::sort::setting.position());
  const auto& elements = scenario.module.sorts[sort].elements;
  const auto found = std::find(elements.begin(), elements.end(), name);
  return scenario.settings.at(static_cast<std::size_t>(found - elements.begin()));
}

ports::Driver driver_of(const compat::Implementation& implementation) {
  return {implementation.label, implementation.name + "@" + implementation.version};
}

Faults Preconditions::all(const fleet::Course& beginning) {
  Faults faults = unsupported_actions();
  add(faults, shared_devices());
  add(faults, objections());
  add(faults, answers(beginning));
  return faults;
}

Faults Preconditions::unsupported_actions() const {
  Faults faults;
  for (std::size_t s = 0; s < plan_.steps.size(); ++s)
    if (meaning_of(plan_.steps[s].event).act == Act::unsupported)
      faults.push_back({FaultCode::usage,
                        {"plan", {}, fmt::format("steps[{}]", s)},
                        fmt::format("{} cannot be carried out on vfio-user devices",
                                    fleet::to_string(plan_.steps[s].event)),
                        "migrations, drains, upgrades of empty hosts, creation and power-off (R11: a program "
                        "has its parameters when it is started)",
                        "leave the action out of the scenario: actions.without"});
  return faults;
}

Faults Preconditions::shared_devices() const {
  Faults faults;
  std::map<std::string, std::string> whose;
  for (const auto& [name, entry] : inventory_.vms) {
    if (entry.device.empty()) continue;
    const auto normal = std::filesystem::path(entry.device).lexically_normal().string();
    if (const auto [other, fresh] = whose.emplace(normal, name); !fresh)
      faults.push_back({FaultCode::duplicate,
                        entry.place,
                        fmt::format("{} and {} have one device, {}", other->second, name, entry.device),
                        "a device of its own for each VM",
                        {}});
  }
  return faults;
}

Faults Preconditions::objections() const {
  Faults faults;
  for (const PlanStep& step : plan_.steps) {
    const Meaning meaning = meaning_of(step.event);
    if (!makes_an_instance(meaning.act)) continue;
    if (ports::Host* host = world_.hosts.host(argument(step.event, meaning.host)))
      add(faults, host->objections(argument(step.event, meaning.vm)));
  }
  return faults;
}

Faults Preconditions::answers(const fleet::Course& beginning) {
  Faults faults;
  std::set<std::pair<std::string, std::string>> asked;
  std::set<std::string> seen, created;
  const auto publishes_once = [&](const std::string& host, const std::string& driver) {
    if (asked.emplace(host, driver).second) add(faults, publishes(host, driver));
  };
  const auto runs_once = [&](const std::string& vm) {
    if (!created.contains(vm) && seen.insert(vm).second) add(faults, runs(vm, beginning));
  };
  for (const PlanStep& step : plan_.steps) {
    const Meaning meaning = meaning_of(step.event);
    switch (meaning.act) {
      case Act::migrate:
      case Act::start: {
        const std::string& vm = argument(step.event, meaning.vm);
        const auto& info = setting_named(scenario_, argument(step.event, meaning.setting));
        publishes_once(argument(step.event, meaning.host), driver_of(*info.implementation).version);
        if (meaning.act == Act::start)
          created.insert(vm);
        else
          runs_once(vm);
        break;
      }
      case Act::power_off: {
        const std::string& vm = argument(step.event, meaning.vm);
        if (created.contains(vm)) break;
        runs_once(vm);
        if (world_.hosts.keeper(vm) == nullptr)
          faults.push_back({FaultCode::missing,
                            {inventory_.file, {}, "vms." + vm},
                            "no command ends its device",
                            "retire: [COMMAND, …]",
                            "say how the program is ended"});
        break;
      }
      case Act::install: {
        // What needs no installation has to be there already; the rest is asked after it was installed.
        const std::string& host = argument(step.event, meaning.host);
        const std::string& driver = argument(step.event, meaning.driver);
        ports::Host* there = world_.hosts.host(host);
        if (there != nullptr && !there->installation(driver)) publishes_once(host, driver);
        break;
      }
      case Act::note:
      case Act::unsupported: break;
    }
  }
  return faults;
}

Faults Preconditions::publishes(const std::string& host, const std::string& driver) {
  Faults faults;
  const auto entry = inventory_.hosts.find(host);
  const Place place =
      entry == inventory_.hosts.end() ? Place{inventory_.file, {}, "hosts." + host} : entry->second.place;
  ports::Host* there = world_.hosts.host(host);
  for (const compat::Implementation& implementation : scenario_.catalogue->implementations) {
    const ports::Driver asked = driver_of(implementation);
    if (asked.version != driver) continue;
    if (there == nullptr) {
      faults.push_back({FaultCode::missing, place, fmt::format("no program for {}", asked.label),
                        "drivers." + driver, "add the program that is this driver there"});
      continue;
    }
    if (auto other = of_another_kind(implementation, there->kind(), place, "what the inventory has there")) {
      faults.push_back(std::move(*other));
      continue;
    }
    const auto published = there->publish(asked);
    if (!published) {
      add(faults, published.error());
      continue;
    }
    if (compat::write_migration_info(published->info) != compat::write_migration_info(implementation.info))
      faults.push_back({FaultCode::refused, place,
                        fmt::format("{} publishes other migration information than the catalogue has for {}",
                                    published->by, asked.label),
                        "what the plan was proved for",
                        "make the catalogue and the plan again from what the program publishes"});
  }
  return faults;
}

std::optional<Fault> Preconditions::of_another_kind(const compat::Implementation& implementation,
                                                    compat::ImplementationKind there, const Place& place,
                                                    const std::string& what) const {
  using compat::ImplementationKind;
  const ImplementationKind said = implementation.kind;
  if (said == there || said == ImplementationKind::unknown) return std::nullopt;
  return Fault{
      FaultCode::refused, place,
      fmt::format("{} is {}, and the catalogue has {} with kind: {} ({})", what, compat::name_of(there),
                  implementation.label, compat::name_of(said), to_string(implementation.place)),
      fmt::format("a driver with kind: {}", compat::name_of(there)),
      "say in the catalogue what the driver is, and make the plan again; only vfio-user devices can "
      "be carried out"};
}

Faults Preconditions::runs(const std::string& vm, const fleet::Course& beginning) {
  const auto entry = inventory_.vms.find(vm);
  const bool known = entry != inventory_.vms.end();
  const Place place = known ? entry->second.place : Place{inventory_.file, {}, "vms." + vm};
  const std::string device = known ? entry->second.device : std::string();
  if (device.empty())
    return {{FaultCode::missing, place, fmt::format("{} has no device", vm),
             "device: " + ports::expected_device_name(), "say where the VM's device is"}};
  const auto scheme = ports::parse_device_name(device);
  const std::string setting = beginning.value(variable::setting[vm]);
  if (scheme && scheme->scheme == ports::vfio_user_scheme.name && !setting.empty() && setting != "none")
    if (auto other = of_another_kind(*setting_named(scenario_, setting).implementation,
                                     compat::ImplementationKind::vfio_user, place, device))
      return {std::move(*other)};
  const auto opened = world_.devices.open(device, "device");
  if (!opened) return opened.error();
  if (!*opened) return {fault_of(opened->error(), "is the VM's device running?")};
  ports::Device& there = ***opened;
  Faults faults;
  const auto state = there.state();
  if (!state) return {fault_of(state.error())};
  const std::string expected = beginning.value(variable::source[vm]);
  if (machines::name_of(*state) != expected)
    faults.push_back({FaultCode::refused, place,
                      fmt::format("{} is in {}", device, machines::name_of(*state)), expected,
                      "bring the VM to where the plan begins, or make the plan again"});
  const auto flags = there.flags();
  const auto expect_flag = [&](std::string_view flag, bool has, const fleet::vocabulary::Variable& in_model) {
    if (beginning.value(in_model[vm]) == (has ? "true" : "false")) return;
    faults.push_back(
        {FaultCode::refused, place,
         fmt::format("{} {} {}", device, has ? "reports" : "does not report", flag),
         has ? "a device without it" : "a device with it",
         fmt::format("say device: {{{}: {}}} in the scenario, and make the plan again", flag, has)});
  };
  expect_flag("p2p", flags.p2p, variable::source_p2p);
  expect_flag("pre_copy", flags.pre_copy, variable::source_pre_copy);
  return faults;
}

}  // namespace portolan::vfio::execution
