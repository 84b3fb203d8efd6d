#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The text of a module of the rule language (rules.md §rules, §fleet), as data that can be a constant: sorts,
// indexed variables over finite domains, machines that live in them, actions (parameters, guard, steps of
// machines, simultaneous updates) and properties. The fleet is one (model/fleet/actions.hpp), and a scenario
// may bring its own in a `model:` section. Nothing here is checked yet; compile.hpp turns it into a Module
// and says every fault at once.

#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "model/rules/machine.hpp"
#include "model/support/named.hpp"

namespace portolan::rules {

/// always: in every reachable state. sometimes: in some reachable state (an empty pass shows). eventually:
/// from every reachable state a state with the condition can still be reached without a fault, so that
/// whoever keeps giving every enabled action its chance gets there.
enum class Verb : std::uint8_t { always, sometimes, eventually };
inline constexpr auto verb_names = enumerator_names<Verb>(
    {{Verb::always, "always"}, {Verb::sometimes, "sometimes"}, {Verb::eventually, "eventually"}});
constexpr std::string_view name_of(Verb verb) { return verb_names[verb]; }

/// `elements` may be empty in the built-in text: the scenario fills them in.
struct SortText {
  std::string_view name;
  std::span<const std::string_view> elements = {};
};

/// `index`: none, one or two sorts (`vm`, `setting, driver`). `domain`: `bool`, `low..high`, a sort, or a
/// sort with `?` that admits `none`. `initial`: a constant expression for every cell. A fixed variable is
/// never updated.
struct ModuleVariableText {
  std::string_view name, index, domain, initial;
  Role role = Role::state;
  std::string_view meaning = {};
};

/// A machine of which every element of `index` (one sort, or none) has a copy.
struct MachineUseText {
  std::string_view name, index;
  const Machine* machine = nullptr;
  /// GCC's sanitizers take the comparison of an inline variable's address with null for no constant; in
  /// constant evaluation using a null pointer does not compile anyway.
  constexpr bool has_machine() const { return std::is_constant_evaluated() || machine != nullptr; }
};

/// Who takes an action: the operator decides it; it follows by itself from a decision (the next step of a
/// migration); the world does it, as a consequence or a recovery; or it is a fault, which nobody wants and
/// nothing may rely on.
enum class Actor : std::uint8_t { decision, session, world, fault };
inline constexpr auto actor_names = enumerator_names<Actor>({{Actor::decision, "decision"},
                                                             {Actor::session, "session"},
                                                             {Actor::world, "world"},
                                                             {Actor::fault, "fault"}});
constexpr std::string_view name_of(Actor actor) { return actor_names[actor]; }

/// `parameters`: `v: vm, h: host`. `steps`: `name[index].event(input: expression, …)` separated by `;`; the
/// event `new` replaces the copy by one in its initial configuration, `take(other[index])` by what another
/// copy of the same machine is. `update`: `target := expression` or `forall(x in sort: target := expression)`
/// separated by `;`, all over the old values. `source`: where the rule comes from.
struct ActionText {
  std::string_view name, parameters, guard, steps, update, source, meaning;
  Actor actor = Actor::decision;
};

struct PropertyText {
  std::string_view name;
  Verb verb = Verb::always;
  std::string_view condition, source, meaning;
};

struct ModuleText {
  std::string_view name;
  std::span<const SortText> sorts;
  std::span<const ModuleVariableText> variables;
  std::span<const MachineUseText> machines;
  std::span<const ActionText> actions;
  std::span<const PropertyText> properties;
};

/// Where in a text a fault is: `section` is sorts, variables, machines, actions or properties.
struct ModuleFault {
  std::string_view section;
  std::size_t item = 0;
  std::string_view member;
  ParseFault fault;
};

}  // namespace portolan::rules
