#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The reference meaning of a module: which events are enabled in a state, and which state follows. Slow and
// plain; every engine, exporter and simulator is held to it by tests. A state is the cells of all variables
// (`Cells`), an event an action with its arguments.

#include <optional>
#include <string>
#include <vector>

#include "model/rules/module.hpp"

namespace portolan::rules {

/// Values of action parameters, as positions in their sorts.
using Arguments = std::vector<std::int64_t>;

/// disabled: some guard does not hold. undefined: the model itself is at fault there (an index is `none`, a
/// value leaves its domain, one cell is given two values); `next` is not to be used.
enum class Firing : std::uint8_t { disabled, fired, undefined };

Firing fire(const Module& module, const Action& action, std::span<const std::int64_t> arguments,
            const Cells& now, Cells& next);
/// The value of an expression without parameters; empty where it has none.
std::optional<std::int64_t> value_of(const Module& module, const Expression& expression, const Cells& cells,
                                     std::span<const std::int64_t> arguments = {});
/// The same for a condition: an undefined condition does not hold.
bool holds(const Module& module, const Expression& condition, const Cells& cells,
           std::span<const std::int64_t> arguments = {});

/// The reference algebra over a state.
Integers integers_of(const Module& module, const Cells& cells);

/// Calls f(bound) for every element that an assignment ranges over (once where it ranges over none): the
/// arguments of its action, then the element. Ends with false at the first f that says false.
template <class F>
bool for_each_element(const Module& module, const Assignment& assignment,
                      std::span<const std::int64_t> arguments, F f) {
  if (assignment.for_sort < 0) return f(arguments);
  Arguments bound(arguments.begin(), arguments.end());
  bound.push_back(0);
  for (std::int64_t& e = bound.back(); e < module.sort_sizes[static_cast<std::size_t>(assignment.for_sort)];
       ++e)
    if (!f(std::span<const std::int64_t>(bound))) return false;
  return true;
}

/// Calls f(arguments) for every choice of arguments, the last parameter fastest.
template <class F>
void for_each_choice(const Module& module, const Action& action, F f) {
  Arguments arguments(action.parameters.size(), 0);
  for (const ActionParameter& p : action.parameters)
    if (module.sort_sizes[static_cast<std::size_t>(p.sort)] == 0) return;
  for (;;) {
    f(std::span<const std::int64_t>(arguments));
    std::size_t p = arguments.size();
    while (p > 0 &&
           ++arguments[p - 1] == module.sort_sizes[static_cast<std::size_t>(action.parameters[p - 1].sort)])
      arguments[--p] = 0;
    if (p == 0) return;
  }
}

/// An event: which action with which arguments.
struct Event {
  std::size_t action = 0;  ///< position in Module::actions
  Arguments arguments;
  friend bool operator==(const Event&, const Event&) = default;
};
/// Every enabled event of a state, in the order of actions, then of arguments, with the state that follows.
struct Successor {
  Event event;
  Cells next;
  bool defined = true;
};
std::vector<Successor> successors(const Module& module, const Cells& now);

/// `migrate_begin(vm1, host2)`.
std::string to_string(const Module& module, const Event& event);
/// The event of that name and with those arguments that is enabled in `now`; empty where none is.
std::optional<Successor> find_event(const Module& module, std::string_view action,
                                    std::span<const std::string> arguments, const Cells& now);

}  // namespace portolan::rules
