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
  constexpr Type type() const { return {boolean() ? TypeKind::boolean : TypeKind::integer, false, -1}; }
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

/// The assignments of an update, `name := expression` each.
constexpr std::vector<std::string_view> assignments_of(std::string_view update) {
  std::vector<std::string_view> all;
  while (!trimmed(update).empty()) {
    const std::size_t end = update.find(';');
    all.push_back(trimmed(update.substr(0, end)));
    update = end == std::string_view::npos ? std::string_view{} : update.substr(end + 1);
  }
  return all;
}

/// The variables of a machine as its expressions see them.
constexpr std::vector<VariableView> views_of(std::span<const MachineVariable> variables) {
  std::vector<VariableView> views;
  for (const MachineVariable& v : variables) views.push_back({v.name, v.type(), {-1, -1}});
  return views;
}

/// Reads the rows of one table.
class RowCompiler {
 public:
  constexpr explicit RowCompiler(const MachineText& text)
      : text_(text), variables_(views_of(text.variables)) {}

  constexpr CompiledRows compile() {
    if (text_.variables.size() > max_variables)
      report(-1, "variables", FaultCode::limit, "too many variables", "at most 8");
    const int initial = index_of(text_.states, text_.initial);
    if (initial < 0)
      report(-1, "initial", FaultCode::unknown_name, "unknown state '" + std::string(text_.initial) + "'",
             "a state of the machine");
    out_.initial = static_cast<std::uint8_t>(initial < 0 ? 0 : initial);
    for (std::size_t r = 0; r < text_.rows.size(); ++r) row(static_cast<int>(r), text_.rows[r]);
    return std::move(out_);
  }

 private:
  const MachineText& text_;
  std::vector<VariableView> variables_;
  CompiledRows out_;

  constexpr void report(int row, std::string_view column, FaultCode code, std::string finding,
                        std::string expectation) {
    out_.faults.push_back({row, column, {code, 1, std::move(finding), std::move(expectation), {}}});
  }

  constexpr void row(int number, const RowText& row) {
    const std::size_t faults_before = out_.faults.size();
    Row made;
    made.from = place(number, "from", text_.states, row.from);
    made.event = place(number, "event", text_.events, row.event);
    made.to = place(number, "to", text_.states, row.to);
    if (row.source.empty())
      report(number, "source", FaultCode::missing, "the row has no citation", "where the rule comes from");
    if (!row.guard.empty()) expression(number, "guard", row.guard, {}, made.guard);
    for (const std::string_view assignment : assignments_of(row.update))
      if (!update(number, assignment, made)) break;
    if (out_.faults.size() == faults_before) out_.rows.push_back(made);
  }

  constexpr std::uint8_t place(int row, std::string_view column, std::span<const std::string_view> names,
                               std::string_view name) {
    const int found = index_of(names, name);
    if (found < 0)
      report(row, column, FaultCode::unknown_name, "unknown name '" + std::string(name) + "'",
             "a name of the machine");
    return static_cast<std::uint8_t>(found < 0 ? 0 : found);
  }

  constexpr void expression(int row, std::string_view column, std::string_view source, Type type,
                            FixedExpression& into) {
    Parsed parsed = parse_expression(source, {{}, variables_, {}}, &type);
    for (ParseFault& f : parsed.faults) out_.faults.push_back({row, column, std::move(f)});
    if (parsed.nodes.size() > FixedExpression::capacity)
      return report(row, column, FaultCode::limit, "the expression is too long", "at most 16 nodes");
    for (std::size_t i = 0; i < parsed.nodes.size(); ++i) into.nodes[i] = parsed.nodes[i];
    into.size = static_cast<std::uint8_t>(parsed.nodes.size());
  }

  /// False where the row has no room for more.
  constexpr bool update(int row, std::string_view item, Row& into) {
    const std::size_t assign = item.find(":=");
    if (assign == std::string_view::npos) {
      report(row, "update", FaultCode::syntax, "'" + std::string(item) + "' is no assignment",
             "name := expression");
      return true;
    }
    const std::string_view name = trimmed(item.substr(0, assign));
    int variable = -1;
    for (std::size_t v = 0; v < text_.variables.size(); ++v)
      if (text_.variables[v].name == name) variable = static_cast<int>(v);
    if (variable < 0 || text_.variables[static_cast<std::size_t>(variable)].role != Role::state) {
      report(row, "update", FaultCode::unknown_name, "'" + std::string(name) + "' cannot be updated",
             "a state variable of the machine");
      return true;
    }
    if (into.updates_size == Row::max_updates) {
      report(row, "update", FaultCode::limit, "too many updates", "at most 4");
      return false;
    }
    Update& made = into.updates[into.updates_size++];
    made.variable = static_cast<std::uint8_t>(variable);
    expression(row, "update", trimmed(item.substr(assign + 2)),
               variables_[static_cast<std::size_t>(variable)].type, made.value);
    return true;
  }
};

/// Text to rows. Every fault of the table is reported; rows with faults are left out.
constexpr CompiledRows compile(const MachineText& text) { return RowCompiler(text).compile(); }

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
