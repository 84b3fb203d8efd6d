#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Machines of the rule language: states, events, a few bounded variables and rows (from, event, to, guard,
// update, source), tried in table order. A machine is written as text (`MachineText`); `compile` turns the
// text into rows, in constant evaluation for the built-in tables and at run time for mutants and loaded
// machines. `step` is the reference meaning: the generated Boost.MSM machine and every other reader are held
// to it.

#include <array>
#include <cassert>

#include "model/rules/evaluate.hpp"
#include "model/rules/parse.hpp"

namespace portolan::rules {

/// input: given by the environment at each step; fixed: chosen once, never updated; state: updated by rows.
enum class Role : std::uint8_t { input, fixed, state };

struct MachineVariable {
  std::string_view name;
  Role role = Role::state;
  std::int64_t low = 0, high = 1;  ///< {0, 1} is a bool
  constexpr bool boolean() const { return low == 0 && high == 1; }
};

/// `update` is a list of `name := expression` separated by `;`, carried out at once over the old values.
struct RowText {
  std::string_view from, event, to, guard, update, source;
};

struct MachineText {
  std::string_view name;
  std::span<const std::string_view> states, events;
  std::span<const MachineVariable> variables;
  std::span<const RowText> rows;
  std::string_view initial;
};

/// Compiled expressions and rows have a fixed size, so that they can be constants.
struct FixedExpression {
  static constexpr std::size_t capacity = 16;
  std::array<Node, capacity> nodes{};
  std::uint8_t size = 0;
  constexpr ExpressionView view() const { return {std::span<const Node>(nodes.data(), size), {}}; }
};
struct Update {
  std::uint8_t variable = 0;
  FixedExpression value;
};
struct Row {
  static constexpr std::size_t max_updates = 4;
  std::uint8_t from = 0, event = 0, to = 0, updates_size = 0;
  FixedExpression guard;
  std::array<Update, max_updates> updates{};
  constexpr std::span<const Update> update_list() const { return {updates.data(), updates_size}; }
};

inline constexpr std::size_t max_variables = 8;
using Environment = std::array<std::int64_t, max_variables>;

/// A compiled machine borrows its text and its rows.
struct Machine {
  const MachineText* text = nullptr;
  std::span<const Row> rows;
  std::uint8_t initial = 0;
};

struct Configuration {
  std::uint8_t state = 0;
  Environment environment{};
  friend constexpr auto operator<=>(const Configuration&, const Configuration&) = default;
};

/// A fault of a table: the row (or -1), which of its columns, and what is wrong there.
struct TableFault {
  int row = -1;
  std::string_view column;
  ParseFault fault;
};

struct CompiledRows {
  std::vector<Row> rows;
  std::uint8_t initial = 0;
  std::vector<TableFault> faults;
};

/// Position of a name, or -1.
constexpr int index_of(std::span<const std::string_view> names, std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<int>(i);
  return -1;
}

constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Text to rows. Every fault of the table is reported; rows with faults are left out.
constexpr CompiledRows compile(const MachineText& text) {
  CompiledRows result;
  std::vector<VariableView> variables;
  for (const MachineVariable& v : text.variables)
    variables.push_back({v.name, {v.boolean() ? TypeKind::boolean : TypeKind::integer, false, -1}, {-1, -1}});
  const Scope scope{{}, variables, {}};
  const auto report = [&](int row, std::string_view column, FaultCode code, std::string finding,
                          std::string expectation) {
    result.faults.push_back({row, column, {code, 1, std::move(finding), std::move(expectation), {}}});
  };
  const auto expression = [&](int row, std::string_view column, std::string_view source, Type type,
                              FixedExpression& into) {
    Parsed parsed = parse_expression(source, scope, &type);
    for (ParseFault& f : parsed.faults) result.faults.push_back({row, column, std::move(f)});
    if (parsed.nodes.size() > FixedExpression::capacity)
      return report(row, column, FaultCode::limit, "the expression is too long", "at most 16 nodes");
    for (std::size_t i = 0; i < parsed.nodes.size(); ++i) into.nodes[i] = parsed.nodes[i];
    into.size = static_cast<std::uint8_t>(parsed.nodes.size());
  };
  if (text.variables.size() > max_variables)
    report(-1, "variables", FaultCode::limit, "too many variables", "at most 8");
  const int initial = index_of(text.states, text.initial);
  if (initial < 0)
    report(-1, "initial", FaultCode::unknown_name, "unknown state '" + std::string(text.initial) + "'",
           "a state of the machine");
  result.initial = static_cast<std::uint8_t>(initial < 0 ? 0 : initial);
  for (std::size_t r = 0; r < text.rows.size(); ++r) {
    const RowText& row = text.rows[r];
    const int number = static_cast<int>(r);
    const std::size_t faults_before = result.faults.size();
    Row compiled;
    const auto place = [&](std::string_view column, std::span<const std::string_view> names,
                           std::string_view name, std::uint8_t& into) {
      const int found = index_of(names, name);
      if (found < 0)
        return report(number, column, FaultCode::unknown_name, "unknown name '" + std::string(name) + "'",
                      "a name of the machine");
      into = static_cast<std::uint8_t>(found);
    };
    place("from", text.states, row.from, compiled.from);
    place("event", text.events, row.event, compiled.event);
    place("to", text.states, row.to, compiled.to);
    if (row.source.empty())
      report(number, "source", FaultCode::missing, "the row has no citation", "where the rule comes from");
    if (!row.guard.empty()) expression(number, "guard", row.guard, {}, compiled.guard);
    for (std::string_view rest = row.update; !trimmed(rest).empty();) {
      const std::size_t end = rest.find(';');
      const std::string_view item = trimmed(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
      const std::size_t assign = item.find(":=");
      if (assign == std::string_view::npos) {
        report(number, "update", FaultCode::syntax, "'" + std::string(item) + "' is no assignment",
               "name := expression");
        continue;
      }
      const std::string_view name = trimmed(item.substr(0, assign));
      int variable = -1;
      for (std::size_t v = 0; v < text.variables.size(); ++v)
        if (text.variables[v].name == name) variable = static_cast<int>(v);
      if (variable < 0 || text.variables[static_cast<std::size_t>(variable)].role != Role::state) {
        report(number, "update", FaultCode::unknown_name, "'" + std::string(name) + "' cannot be updated",
               "a state variable of the machine");
        continue;
      }
      if (compiled.updates_size == Row::max_updates) {
        report(number, "update", FaultCode::limit, "too many updates", "at most 4");
        break;
      }
      Update& update = compiled.updates[compiled.updates_size++];
      update.variable = static_cast<std::uint8_t>(variable);
      expression(number, "update", trimmed(item.substr(assign + 2)),
                 variables[static_cast<std::size_t>(variable)].type, update.value);
    }
    if (result.faults.size() == faults_before) result.rows.push_back(compiled);
  }
  return result;
}

/// Rows of a built-in table as a constant. A table with a fault does not compile.
template <const MachineText& Text>
inline constexpr auto compiled_rows = [] {
  const CompiledRows compiled = compile(Text);
  if (!compiled.faults.empty()) throw "the table has a fault: compile() it in a test to see which";
  std::array<Row, Text.rows.size()> rows{};
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = compiled.rows[i];
  return rows;
}();
template <const MachineText& Text>
inline constexpr Machine built_in{&Text, compiled_rows<Text>,
                                  static_cast<std::uint8_t>(index_of(Text.states, Text.initial))};

// --- the reference meaning
// ---------------------------------------------------------------------------------------

constexpr std::int64_t value_of(const FixedExpression& expression, const Environment& environment) {
  Integers integers{.cells = environment};
  const std::int64_t value = fold(expression.view(), integers);
  assert(!integers.undefined);
  return value;
}
constexpr bool holds(const FixedExpression& guard, const Environment& environment) {
  return guard.view().always() || value_of(guard, environment) != 0;
}
constexpr Environment updated(const Row& row, const Environment& environment) {
  Environment next = environment;
  for (const Update& update : row.update_list())
    next[update.variable] = value_of(update.value, environment);  // all read the old values
  return next;
}

struct Step {
  Configuration next;
  int row = -1;  ///< the row that fired (it has the citation); -1: refused, `next` is where it was
  friend constexpr bool operator==(const Step&, const Step&) = default;
};

/// The first row in table order whose state, event and guard match.
constexpr Step step(const Machine& machine, const Configuration& at, std::uint8_t event) {
  for (std::size_t r = 0; r < machine.rows.size(); ++r) {
    const Row& row = machine.rows[r];
    if (row.from == at.state && row.event == event && holds(row.guard, at.environment))
      return {{row.to, updated(row, at.environment)}, static_cast<int>(r)};
  }
  return {at, -1};
}

/// Whether f(environment) is true for some combination of values of the variables; stops at the first.
template <class F>
constexpr bool some_environment(const MachineText& text, F f) {
  Environment environment{};
  for (std::size_t v = 0; v < text.variables.size(); ++v) environment[v] = text.variables[v].low;
  for (;;) {
    if (f(environment)) return true;
    std::size_t v = 0;
    for (; v < text.variables.size(); ++v) {
      if (environment[v] < text.variables[v].high) {
        ++environment[v];
        break;
      }
      environment[v] = text.variables[v].low;
    }
    if (v == text.variables.size()) return false;
  }
}
/// Calls f(environment) for every combination.
template <class F>
constexpr void for_each_environment(const MachineText& text, F f) {
  some_environment(text, [&f](const Environment& environment) {
    f(environment);
    return false;
  });
}

// --- checks of built-in tables, at compile time
// --------------------------------------------------------------------

/// No update leaves the domain of its variable.
constexpr bool updates_stay_in_domain(const Machine& machine) {
  const auto leaves = [&](const Row& row, const Environment& environment) {
    if (!holds(row.guard, environment)) return false;
    const Environment next = updated(row, environment);
    for (std::size_t v = 0; v < machine.text->variables.size(); ++v)
      if (next[v] < machine.text->variables[v].low || next[v] > machine.text->variables[v].high) return true;
    return false;
  };
  for (const Row& row : machine.rows)
    if (row.updates_size > 0 &&
        some_environment(*machine.text, [&](const Environment& e) { return leaves(row, e); }))
      return false;
  return true;
}

/// In every environment at most one row answers a state and an event: rows of one pair are guarded apart.
constexpr bool rows_are_guarded_apart(const Machine& machine) {
  for (std::size_t i = 0; i < machine.rows.size(); ++i)
    for (std::size_t j = i + 1; j < machine.rows.size(); ++j) {
      const Row &a = machine.rows[i], &b = machine.rows[j];
      if (a.from != b.from || a.event != b.event) continue;
      if (some_environment(*machine.text,
                           [&](const Environment& e) { return holds(a.guard, e) && holds(b.guard, e); }))
        return false;
    }
  return true;
}

/// Every state can be reached from the initial one over rows whose guard some environment satisfies, and
/// every row has such an environment.
constexpr bool every_state_is_reachable(const Machine& machine) {
  for (const Row& row : machine.rows)
    if (!some_environment(*machine.text, [&](const Environment& e) { return holds(row.guard, e); }))
      return false;
  std::array<bool, 256> reached{};
  reached[machine.initial] = true;
  for (bool changed = true; changed;) {
    changed = false;
    for (const Row& row : machine.rows)
      if (reached[row.from] && !reached[row.to]) changed = reached[row.to] = true;
  }
  for (std::size_t s = 0; s < machine.text->states.size(); ++s)
    if (!reached[s]) return false;
  return true;
}

}  // namespace portolan::rules
