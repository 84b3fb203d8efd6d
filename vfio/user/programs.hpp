#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Hosts whose devices are programs of this machine (rules.md R11), as the port `host` wants them: a
// driver is a program of the inventory that says what it publishes, an instance is a process of it that
// listens on a socket and has its parameters from its start. A program that was made goes on when we end.
//
//   SystemClock clock;
//   ProgramHosts hosts(inventory, {}, clock);
//   if (ports::Host* host = hosts.host("host2")) host->publish({"acme-gfx@2", "acme-gfx@2"});

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "model/fleet/inventory.hpp"
#include "model/ports/clock.hpp"
#include "model/ports/host.hpp"

namespace portolan::vfio::user {

struct ProgramLimits {
  std::chrono::milliseconds start{30'000};     ///< for a program to listen, and to say what it publishes
  std::chrono::milliseconds install{600'000};  ///< for a command that installs or ends something
  std::chrono::milliseconds end{10'000};       ///< for a program that was told to end
};

class ProgramHosts final : public ports::Hosts {
 public:
  /// Inventory and clock outlive it.
  ProgramHosts(const fleet::Inventory& inventory, ProgramLimits limits, ports::Clock& clock);
  /// nullptr for a host that the inventory does not have.
  ports::Host* host(const std::string& name) override;
  /// The VM's `retire` command; nullptr where it has none.
  ports::Keeper* keeper(const std::string& vm) override;

 private:
  std::map<std::string, std::unique_ptr<ports::Host>> hosts_;
  std::map<std::string, std::unique_ptr<ports::Keeper>> keepers_;
};

/// `--m-memory=4096`: bool as on and off.
std::string parameter_option(const std::string& name, const compat::Value& value);

}  // namespace portolan::vfio::user
