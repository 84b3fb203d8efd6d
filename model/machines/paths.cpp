// SPDX-License-Identifier: Apache-2.0
#include "model/machines/paths.hpp"

#include <algorithm>
#include <array>

#include "model/machines/device.hpp"

namespace portolan::machines {
namespace {

constexpr std::size_t number(DeviceState state) { return static_cast<std::size_t>(state); }
constexpr bool saving(DeviceState state) {
  return state == DeviceState::pre_copy || state == DeviceState::pre_copy_p2p ||
         state == DeviceState::stop_copy;
}

rules::Configuration at(DeviceFlags flags, DeviceState state, bool data_fd) {
  return {static_cast<std::uint8_t>(state), {flags.p2p, flags.pre_copy, data_fd}};
}

/// The elementary arc, if the table has one: the event asks for the state and the row leads there.
std::optional<rules::Configuration> arc(const rules::Machine& table, DeviceFlags flags, DeviceState from,
                                        DeviceState to, bool data_fd = false) {
  if (from == DeviceState::error || to == DeviceState::error) return std::nullopt;
  const rules::Step step = rules::step(table, at(flags, from, data_fd), static_cast<std::uint8_t>(to));
  if (step.row < 0 || step.next.state != static_cast<std::uint8_t>(to)) return std::nullopt;
  return step.next;
}

}  // namespace

const rules::Machine& device_table() { return device; }

bool supported(DeviceFlags flags, DeviceState state, const rules::Machine& table) {
  // A state is covered when some arc of these flags touches it; ERROR is left by reset alone.
  if (state == DeviceState::error) return true;
  for (std::size_t other = 1; other < device_state_count; ++other)
    if (arc(table, flags, state, static_cast<DeviceState>(other)) ||
        arc(table, flags, static_cast<DeviceState>(other), state))
      return true;
  return false;
}

std::optional<std::vector<DeviceState>> path(DeviceFlags flags, DeviceState current, DeviceState requested,
                                             const rules::Machine& table) {
  if (current == DeviceState::error || requested == DeviceState::error) return std::nullopt;
  if (!supported(flags, current, table) || !supported(flags, requested, table)) return std::nullopt;
  if (current == requested) return std::vector<DeviceState>{};
  // linux/vfio.h: a saving session is not begun anew out of its own last phase.
  if (current == DeviceState::stop_copy && saving(requested)) return std::nullopt;
  const bool whole_session = current == DeviceState::pre_copy && requested == DeviceState::stop_copy;
  std::array<std::optional<DeviceState>, device_state_count> before;
  std::vector<DeviceState> queue{current};
  for (std::size_t head = 0; head < queue.size() && !before[number(requested)]; ++head) {
    const DeviceState here = queue[head];
    if (here != current && saving(here) && !(whole_session && here == DeviceState::pre_copy_p2p)) continue;
    for (std::size_t next = 1; next < device_state_count; ++next) {
      const auto there = static_cast<DeviceState>(next);
      if (there == current || before[next] || !arc(table, flags, here, there)) continue;
      before[next] = here;
      queue.push_back(there);
    }
  }
  if (!before[number(requested)]) return std::nullopt;
  std::vector<DeviceState> states;
  for (DeviceState state = requested; state != current; state = *before[number(state)])
    states.push_back(state);
  std::reverse(states.begin(), states.end());
  return states;
}

std::optional<DeviceState> next_hop(DeviceFlags flags, DeviceState current, DeviceState requested,
                                    const rules::Machine& table) {
  const auto states = path(flags, current, requested, table);
  if (!states) return std::nullopt;
  return states->empty() ? current : states->front();
}

bool returns_data_fd(DeviceFlags flags, DeviceState current, DeviceState requested,
                     const rules::Machine& table) {
  const auto states = path(flags, current, requested, table);
  if (!states || states->empty()) return false;
  const DeviceState last_but_one = states->size() == 1 ? current : (*states)[states->size() - 2];
  constexpr std::size_t data_fd = 2;
  static_assert(device_variables[data_fd].name == "data_fd");
  return arc(table, flags, last_but_one, requested, false)->environment[data_fd] != 0;
}

}  // namespace portolan::machines
