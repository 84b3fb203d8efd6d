#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What an execution left behind that ended in the middle (a process that was killed writes nothing any more):
// where each VM of the plan runs, or that nobody runs it, what programs are left over, and what to do next
// (rules.md §session). The journal says what was going on, the devices say where they are: RUNNING alone is
// no running copy, since a device begins there. It asks, and changes nothing.
//
//   for (const VmNow& vm : aftermath(plan, beginning, entries, devices)) tell(vm.said, vm.next);

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/fleet/plans/plan.hpp"
#include "model/ports/device_registry.hpp"

namespace portolan::vfio::execution {

/// An entry of the journal; `done` empty: nothing is known of what came of it.
struct Written {
  std::size_t step = 0;  ///< of the plan, from 1
  std::string what, detail;
  std::optional<bool> done;
};

struct DeviceNow {
  std::string device;
  std::optional<machines::DeviceState> state;  ///< empty: it could not be asked
  std::string said;                            ///< its state, or why not
  bool gone = false;                           ///< nobody listens there
};

struct VmNow {
  std::string vm;
  std::string runs_on;  ///< a device; empty: nobody runs it, or that is not known
  std::string said;     ///< one sentence: where it runs, or that nobody runs it, and who holds it
  std::string next;     ///< what a person does next; empty: nothing
  std::vector<DeviceNow> devices;
  std::vector<std::string> left_over;  ///< devices that answer and are not where the VM runs
};

/// Of every VM that the plan moves, makes or ends. `beginning`: where each VM was.
std::vector<VmNow> aftermath(const fleet::Plan& plan, const std::map<std::string, std::string>& beginning,
                             const std::vector<Written>& entries, const ports::DeviceRegistry& devices);

/// The detail of an intent to start an instance, and the device in it.
std::string start_detail(const std::string& device, const std::string& how);
/// The same for a step between two devices.
std::string move_detail(const std::string& source, const std::string& destination);

}  // namespace portolan::vfio::execution
