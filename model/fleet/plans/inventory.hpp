#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// An inventory (format `portolan.inventory/1`, YAML or JSON): which host and which device of a plan is which
// program or socket. A driver of a host is a vfio-user program (R11), started with `--socket PATH` and a
// parameter option for each value; a VM is a device that runs already. docs/formats/inventory.md shows one.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "model/fleet/scenario.hpp"

namespace portolan::fleet {

struct HostEntry {
  std::filesystem::path directory;  ///< where the sockets and logs of new devices are made
  std::map<std::string, std::vector<std::string>>
      drivers;  ///< `acme-gfx@2`, or `acme-gfx@2/gfx` for one type, to the program and its arguments
  std::map<std::string, std::vector<std::string>>
      install;  ///< driver to the command that installs it; none: nothing has to be done
  Place place;
};

struct VmEntry {
  std::string device;               ///< `vfio-user:SOCKET`; empty for a VM that is powered off
  std::vector<std::string> retire;  ///< the command that ends the device's program when the VM has left it;
                                    ///< empty: it is left stopped
  Place place;
};

struct Inventory {
  std::string file, description;
  std::filesystem::path folder;  ///< of the file; programs and commands are started there
  std::string content;           ///< canonical JSON
  std::map<std::string, HostEntry> hosts;
  std::map<std::string, VmEntry> vms;
};

/// Relative paths are from the inventory's folder: directories and sockets, and what programs are given, as
/// they are started there.
Result<Inventory> read_inventory(const std::filesystem::path& file);

/// What a plan needs and the inventory lacks, a fault for each host, driver or VM.
Faults missing_from(const Inventory& inventory, const LoadedScenario& scenario,
                    const std::vector<std::string>& hosts, const std::vector<std::string>& vms);

}  // namespace portolan::fleet
