#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Hosts in memory: their drivers publish what a catalogue says, their instances are FakeInstances, and each
// kind of call can be refused.

#include <set>

#include "model/compat/catalogue.hpp"
#include "model/ports/host.hpp"
#include "tests/support/fake_device.hpp"

namespace portolan::test {

class FakeHost final : public ports::Host {
 public:
  FakeHost(std::string name, const compat::Catalogue& catalogue, FakeDevices& devices)
      : name_(std::move(name)), catalogue_(catalogue), devices_(devices) {}

  FakeSettings next_instance;              ///< what is made from now on
  std::set<std::string> refused;           ///< of `publish`, `install`, `make`, `prepare`, `destroy`
  std::set<std::string> installable;       ///< drivers that have a command
  std::function<void()> while_installing;  ///< what somebody else does meanwhile
  std::vector<std::string> calls;          ///< `make fake:host2/web`

  compat::ImplementationKind drivers = compat::ImplementationKind::vfio_user;  ///< of its drivers

  compat::ImplementationKind kind() const override { return drivers; }
  Faults objections(const std::string&) override { return {}; }
  Result<ports::Published> publish(const ports::Driver& driver) override {
    if (auto fine = call("publish", driver.label); !fine) return fail(fine.error());
    for (const compat::Implementation& one : catalogue_.implementations)
      if (one.label == driver.label) return ports::Published{one.info, name_ + ": " + driver.label};
    return fail(Fault{FaultCode::missing, {name_, {}, {}}, "no program for " + driver.label, {}, {}});
  }
  std::optional<std::string> installation(const std::string& version) override {
    return installable.contains(version) ? std::optional("install " + version) : std::nullopt;
  }
  Result<void> install(const std::string& version) override {
    if (while_installing) while_installing();
    return call("install", version);
  }
  ports::Proposal propose(const ports::InstanceRequest& request) override {
    std::string device;
    for (int k = 1; device.empty() || devices_.find(device) != nullptr; ++k)
      device = "fake:" + name_ + "/" + request.vm + (k == 1 ? "" : "-" + std::to_string(k));
    return {device, "make " + device + " of " + request.driver.label};
  }
  Result<void> make(const ports::InstanceRequest&, const ports::Proposal& proposal) override {
    if (auto fine = call("make", proposal.device); !fine) return fine;
    devices_.add(proposal.device, next_instance);
    return {};
  }
  Result<void> prepare(const std::string& device, const compat::Configuration& configuration) override {
    if (auto fine = call("prepare", device); !fine) return fine;
    devices_.find(device)->parameters = configuration;
    return {};
  }
  ports::Ended destroy(const std::string& device) override {
    if (!call("destroy", device)) return {false, device + " could not be ended"};
    devices_.remove(device);
    return {true, device + " was ended"};
  }

 private:
  std::string name_;
  const compat::Catalogue& catalogue_;
  FakeDevices& devices_;

  Result<void> call(const std::string& kind, const std::string& what) {
    calls.push_back(kind + " " + what);
    if (!refused.contains(kind)) return {};
    return fail(Fault{FaultCode::limit, {name_, {}, {}}, "refused to " + kind + " " + what, {}, {}});
  }
};

class FakeHosts final : public ports::Hosts {
 public:
  FakeHosts(const std::vector<std::string>& names, const compat::Catalogue& catalogue, FakeDevices& devices) {
    for (const std::string& name : names) hosts_.emplace(name, FakeHost(name, catalogue, devices));
  }
  FakeHost& operator[](const std::string& name) { return hosts_.at(name); }
  ports::Host* host(const std::string& name) override {
    const auto found = hosts_.find(name);
    return found == hosts_.end() ? nullptr : &found->second;
  }
  ports::Keeper* keeper(const std::string& vm) override {
    const auto found = keepers.find(vm);
    return found == keepers.end() ? nullptr : found->second;
  }
  std::map<std::string, ports::Keeper*> keepers;  ///< of devices that were there before

 private:
  std::map<std::string, FakeHost> hosts_;
};

}  // namespace portolan::test
