#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What has to hold before the first step of a plan, on the real devices and hosts: it asks, and changes
// nothing. A fault for each thing that does not hold, all at once.

#include <map>
#include <optional>
#include <set>
#include <string>

#include "model/fleet/plans/course.hpp"
#include "model/fleet/plans/inventory.hpp"
#include "model/ports/clock.hpp"
#include "model/ports/device_registry.hpp"
#include "model/ports/host.hpp"

namespace portolan::vfio::execution {

/// What an execution acts on; all of it outlives the execution.
struct World {
  const ports::DeviceRegistry& devices;
  ports::Hosts& hosts;
  ports::Clock& clock;
};

class Preconditions {
 public:
  /// All outlive it.
  Preconditions(const fleet::LoadedScenario& scenario, const fleet::Plan& plan,
                const fleet::Inventory& inventory, World world)
      : scenario_(scenario), plan_(plan), inventory_(inventory), world_(world) {}

  /// `beginning`: the model before the first step.
  Faults all(const fleet::Course& beginning);
  /// Whether a host's driver publishes what the catalogue says, for each of its types.
  Faults publishes(const std::string& host, const std::string& driver);

 private:
  const fleet::LoadedScenario& scenario_;
  const fleet::Plan& plan_;
  const fleet::Inventory& inventory_;
  World world_;

  Faults unsupported_actions() const;
  Faults shared_devices() const;
  Faults objections() const;
  /// Asks each host and each device once.
  Faults answers(const fleet::Course& beginning);
  /// Whether the catalogue has the driver as what is there; nothing: it has, or it does not say.
  std::optional<Fault> of_another_kind(const compat::Implementation& implementation,
                                       compat::ImplementationKind there, const Place& place,
                                       const std::string& what) const;
  /// Whether the VM's device is where the plan begins, and has the flags of the model.
  Faults runs(const std::string& vm, const fleet::Course& beginning);
};

/// The setting of that name; there must be one.
const fleet::SettingInfo& setting_named(const fleet::LoadedScenario& scenario, const std::string& name);
ports::Driver driver_of(const compat::Implementation& implementation);

}  // namespace portolan::vfio::execution
