#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Modules of the rule language (machines.md §0, §3): sorts, indexed variables over finite domains, machines
// that live in them, actions (parameters, guard, steps of machines, simultaneous updates) and properties. The
// fleet is one (fleet/actions.hpp, `constexpr` text), and a scenario may bring its own in a `model:` section.
// `compile` turns the text into expressions, in constant evaluation for the built-in text and at run time for
// files; it says every fault at once.
//
// A machine in a module is a family of copies, one for each element of its index. Its state is a variable of
// the machine's name for itself, its own variables are `name.variable`. An action *steps* a copy by an event;
// compilation makes one variant of the action for each row of the machine that may answer, so that readers
// see guards and updates only, each with the citation of its row, while `MachineStep` still tells which
// generated machine the simulator and the executor have to step.

#include <algorithm>
#include <string>
#include <type_traits>

#include "model/rules/machine.hpp"

namespace portolan::rules {

// --- text
// ------------------------------------------------------------------------------------------------------------

/// always: in every reachable state. sometimes: in some reachable state (an empty pass shows). eventually:
/// from every reachable state a state with the condition can still be reached without a fault, so that
/// whoever keeps giving every enabled action its chance gets there.
enum class Verb : std::uint8_t { always, sometimes, eventually };
constexpr std::string_view verb_names[] = {"always", "sometimes", "eventually"};
constexpr std::string_view name_of(Verb verb) { return verb_names[static_cast<std::size_t>(verb)]; }

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
constexpr std::string_view actor_names[] = {"decision", "session", "world", "fault"};
constexpr std::string_view name_of(Actor actor) { return actor_names[static_cast<std::size_t>(actor)]; }

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

// --- compiled
// --------------------------------------------------------------------------------------------------------

struct Sort {
  std::string name;
  std::vector<std::string> elements;
  constexpr std::int64_t size() const { return static_cast<std::int64_t>(elements.size()); }
};

/// Booleans are 0 and 1, elements their position, `none` is -1: every value lies in [low, high].
struct Variable {
  std::string name;
  Type type;
  std::int64_t low = 0, high = 1;
  std::int16_t index_sorts[2] = {-1, -1};
  bool fixed = false;
  std::string meaning;
};

struct ActionParameter {
  std::string name;
  std::int16_t sort = -1;
};

/// `for every element of for_sort` (or once, where it is -1; the element's slot follows the action's
/// parameters): variable[a, b] := value. Expressions are over the old values.
struct Assignment {
  std::int16_t for_sort = -1;
  std::int16_t variable = -1;
  std::vector<Expression> indices;  ///< one for each index sort of the variable
  Expression value;
};

/// A step of the copy at `index` of machine `use` by `event` over `row` (-1: the copy is replaced, by a new
/// one or by another copy). `inputs` are the machine's input variables, in their order among all of its
/// variables; other places are empty.
struct MachineStep {
  std::size_t use = 0;
  Expression index;
  std::uint8_t event = 0;
  int row = -1;
  std::vector<Expression> inputs;
};

struct MachineUse {
  std::string name;
  std::int16_t index_sort = -1;
  const Machine* machine = nullptr;
  std::int16_t state = -1;              ///< the variable that holds the state
  std::vector<std::int16_t> variables;  ///< of the machine's variables, in order; -1 for inputs
};

/// One variant of an action: the parameters and the text it came from are shared by all its variants, and in
/// one state and for one choice of arguments at most one of them is enabled, so that name and arguments say
/// which event it was.
struct Action {
  std::string name;
  std::size_t text = 0;  ///< position in ModuleText::actions
  std::vector<ActionParameter> parameters;
  std::vector<Expression>
      guards;  ///< all must hold, in order; a later one is looked at only where the earlier ones hold: first
               ///< where the machines are, then the action's own guard, then those of the rows
  std::vector<MachineStep> steps;
  std::vector<Assignment> assignments;
  std::vector<std::string> sources;  ///< of the action, then of the rows
  std::string meaning;
  Actor actor = Actor::decision;
  bool fault = false;  ///< actor == Actor::fault
};

struct Property {
  std::string name;
  Verb verb = Verb::always;
  Expression condition;
  std::string source, meaning;
  /// Of *eventually* alone. Without it: from every reachable state some way without a fault leads to the
  /// condition. With it: every run comes to the condition again and again, as long as none of these actions
  /// (positions) stays enabled for ever without being taken, each for its arguments; nothing else has to
  /// happen.
  std::optional<std::vector<std::size_t>> fair = std::nullopt;
};

/// Cells of all variables: variable v begins at offsets[v], row-major over its index sorts.
using Cells = std::vector<std::int64_t>;

struct Module {
  std::string name;
  std::vector<Sort> sorts;
  std::vector<Variable> variables;
  std::vector<MachineUse> machines;
  std::vector<Action> actions;
  std::vector<Property> properties;
  std::vector<std::int32_t> offsets, strides, widths, sort_sizes;
  Cells initial;

  /// Positions by name, or -1.
  int sort(std::string_view wanted) const;
  int variable(std::string_view wanted) const;
  int property(std::string_view wanted) const;
  std::size_t cell(int variable, std::int64_t i = 0, std::int64_t j = 0) const;
};

struct CompiledModule {
  Module module;
  std::vector<ModuleFault> faults;
};

// --- compilation
// -----------------------------------------------------------------------------------------------------

/// Copies `from` behind `out`, replacing nodes on the way: `replace(node)` gives the root of what stands
/// there instead, already appended to `out`, or -1 to copy the node as it is.
template <class Replace>
constexpr std::int32_t splice(Expression& out, ExpressionView from, std::int32_t root,
                              const Replace& replace) {
  if (root < 0) return -1;
  const Node& node = from.nodes[static_cast<std::size_t>(root)];
  if (const std::int32_t other = replace(node); other >= 0) return other;
  Node copy = node;
  copy.c = splice(out, from, node.c, replace);
  copy.a = splice(out, from, node.a, replace);
  copy.b = splice(out, from, node.b, replace);
  if (copy.op == Op::text) {
    out.strings.push_back(from.strings[static_cast<std::size_t>(node.number)]);
    copy.number = out.strings.size() - 1;
  }
  out.nodes.push_back(copy);
  return out.nodes.size() - 1 <= 0x7fffffff ? static_cast<std::int32_t>(out.nodes.size()) - 1 : -1;
}
constexpr std::int32_t splice(Expression& out, ExpressionView from) {
  return splice(out, from, from.root(), [](const Node&) { return -1; });
}

class ModuleCompiler {
 public:
  constexpr explicit ModuleCompiler(const ModuleText& text) : text_(text) {}

  constexpr CompiledModule compile() {
    out_.module.name = text_.name;
    sorts();
    variables();
    machines();
    lay_out();
    for (std::size_t v = 0; v < text_.variables.size(); ++v) initial(v);
    for (std::size_t a = 0; a < text_.actions.size(); ++a) action(a);
    for (std::size_t p = 0; p < text_.properties.size(); ++p) property(p);
    return std::move(out_);
  }

 private:
  const ModuleText& text_;
  CompiledModule out_;
  std::vector<std::vector<std::string_view>> element_views_;
  std::vector<SortView> sort_views_;
  std::vector<VariableView> variable_views_;

  constexpr void report(std::string_view section, std::size_t item, std::string_view member,
                        ParseFault&& fault) {
    out_.faults.push_back({section, item, member, std::move(fault)});
  }
  constexpr void report(std::string_view section, std::size_t item, std::string_view member, FaultCode code,
                        std::string finding, std::string expectation, std::string remedy = {},
                        std::uint32_t column = 1) {
    report(section, item, member,
           ParseFault{code, column, std::move(finding), std::move(expectation), std::move(remedy)});
  }

  static constexpr bool plain(std::string_view name) {
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
    for (char c : name)
      if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
            c == '-' || c == '.'))
        return false;
    return true;
  }
  /// Items between separators at depth 0 of () [] {} and outside quotes; `begin` is the offset in the whole
  /// text.
  struct Piece {
    std::string_view text;
    std::size_t begin = 0;
  };
  static constexpr std::vector<Piece> pieces(std::string_view text, char separator) {
    std::vector<Piece> result;
    std::size_t begin = 0;
    int depth = 0;
    char quote = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
      const char c = i < text.size() ? text[i] : separator;
      if (i < text.size() && quote != 0) {
        quote = c == quote ? '\0' : quote;
        continue;
      }
      if (i < text.size() && (c == '`' || c == '"')) {
        quote = c;
        continue;
      }
      if (c == '(' || c == '[' || c == '{') ++depth;
      if (c == ')' || c == ']' || c == '}') --depth;
      if (i < text.size() && (c != separator || depth > 0)) continue;
      std::string_view item = text.substr(begin, i - begin);
      std::size_t at = begin;
      while (!item.empty() && blank(item.front())) {
        item.remove_prefix(1);
        ++at;
      }
      while (!item.empty() && blank(item.back())) item.remove_suffix(1);
      if (!item.empty()) result.push_back({item, at});
      begin = i + 1;
    }
    return result;
  }
  static constexpr bool blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

  constexpr int sort_named(std::string_view name) const {
    for (std::size_t s = 0; s < out_.module.sorts.size(); ++s)
      if (out_.module.sorts[s].name == name) return static_cast<int>(s);
    return -1;
  }
  constexpr std::string sort_list() const {
    std::string list;
    for (const Sort& sort : out_.module.sorts) list += (list.empty() ? "" : ", ") + sort.name;
    return list.empty() ? "a sort (there is none)" : "one of " + list;
  }

  constexpr void sorts() {
    for (std::size_t s = 0; s < text_.sorts.size(); ++s) {
      const SortText& sort = text_.sorts[s];
      if (!plain(sort.name))
        report("sorts", s, "name", FaultCode::bad_name, "'" + std::string(sort.name) + "' is no name",
               "letters, digits, _ and -");
      if (sort_named(sort.name) >= 0)
        report("sorts", s, "name", FaultCode::duplicate,
               "the sort " + std::string(sort.name) + " is given twice", "one");
      Sort made{std::string(sort.name), {}};
      for (std::string_view element : sort.elements) {
        for (const std::string& other : made.elements)
          if (other == element)
            report("sorts", s, "elements", FaultCode::duplicate,
                   "the element " + std::string(element) + " is given twice", "one");
        made.elements.emplace_back(element);
      }
      out_.module.sorts.push_back(std::move(made));
    }
    for (std::size_t m = 0; m < text_.machines.size(); ++m) {
      const MachineUseText& use = text_.machines[m];
      // The states of a machine are a sort of the machine's name.
      for (const SortText& sort : text_.sorts)
        if (use.has_machine() && sort.name == use.machine->text->name)
          report("machines", m, "name", FaultCode::duplicate,
                 "the machine " + std::string(sort.name) + " has the name of a sort", "another name",
                 "its states are a sort of its name");
      if (!use.has_machine() || sort_named(use.machine->text->name) >= 0) continue;
      Sort made{std::string(use.machine->text->name), {}};
      for (std::string_view state : use.machine->text->states) made.elements.emplace_back(state);
      out_.module.sorts.push_back(std::move(made));
    }
    for (const Sort& sort : out_.module.sorts) {
      std::vector<std::string_view> elements;
      for (const std::string& element : sort.elements) elements.emplace_back(element);
      element_views_.push_back(std::move(elements));
    }
    for (std::size_t s = 0; s < out_.module.sorts.size(); ++s)
      sort_views_.push_back({out_.module.sorts[s].name, element_views_[s]});
  }

  constexpr void index(std::string_view section, std::size_t item, std::string_view text, Variable& into,
                       std::size_t most) {
    std::size_t position = 0;
    for (const Piece& piece : pieces(text, ',')) {
      const int sort = sort_named(piece.text);
      if (position == most) {
        report(section, item, "index", FaultCode::limit, "too many index sorts",
               most == 1 ? "at most one" : "at most two", {}, static_cast<std::uint32_t>(piece.begin + 1));
        return;
      }
      if (sort < 0) {
        report(section, item, "index", FaultCode::unknown_name,
               "unknown sort '" + std::string(piece.text) + "'", sort_list(), {},
               static_cast<std::uint32_t>(piece.begin + 1));
        continue;
      }
      into.index_sorts[position++] = static_cast<std::int16_t>(sort);
    }
  }

  constexpr static bool number(std::string_view text, std::int64_t& into) {
    const bool negative = !text.empty() && text.front() == '-';
    if (negative) text.remove_prefix(1);
    if (text.empty() || text.size() > 15) return false;
    into = 0;
    for (char c : text) {
      if (c < '0' || c > '9') return false;
      into = into * 10 + (c - '0');
    }
    if (negative) into = -into;
    return true;
  }

  constexpr bool domain(std::string_view text, Variable& into) const {
    if (text == "bool") {
      into.type = {};
      return true;
    }
    if (const std::size_t dots = text.find(".."); dots != std::string_view::npos) {
      into.type = {TypeKind::integer, false, -1};
      return number(text.substr(0, dots), into.low) && number(text.substr(dots + 2), into.high) &&
             into.low <= into.high;
    }
    const bool optional = !text.empty() && text.back() == '?';
    const int sort = sort_named(optional ? text.substr(0, text.size() - 1) : text);
    if (sort < 0) return false;
    into.type = {TypeKind::element, optional, static_cast<std::int16_t>(sort)};
    into.low = optional ? -1 : 0;
    into.high = out_.module.sorts[static_cast<std::size_t>(sort)].size() - 1;
    return true;
  }

  constexpr void add(std::string_view section, std::size_t item, Variable&& variable) {
    for (const Variable& other : out_.module.variables)
      if (other.name == variable.name)
        report(section, item, "name", FaultCode::duplicate,
               "the variable " + variable.name + " is given twice", "one");
    out_.module.variables.push_back(std::move(variable));
  }

  constexpr void variables() {
    for (std::size_t v = 0; v < text_.variables.size(); ++v) {
      const ModuleVariableText& variable = text_.variables[v];
      Variable made;
      made.name = variable.name;
      made.meaning = variable.meaning;
      made.fixed = variable.role == Role::fixed;
      if (!plain(variable.name))
        report("variables", v, "name", FaultCode::bad_name, "'" + std::string(variable.name) + "' is no name",
               "letters, digits, _ and -");
      index("variables", v, variable.index, made, 2);
      if (!domain(variable.domain, made))
        report("variables", v, "domain", FaultCode::unknown_name,
               "'" + std::string(variable.domain) + "' is no domain",
               "bool, low..high, a sort, or a sort with ?; sorts are " + sort_list());
      add("variables", v, std::move(made));
    }
  }

  constexpr void machines() {
    for (std::size_t m = 0; m < text_.machines.size(); ++m) {
      const MachineUseText& use = text_.machines[m];
      if (!use.has_machine()) {
        report("machines", m, "machine", FaultCode::unknown_name, "unknown machine",
               "a built-in machine or one of this model");
        continue;
      }
      MachineUse made;
      made.name = use.name;
      made.machine = use.machine;
      Variable state;
      state.name = use.name;
      const int sort = sort_named(use.machine->text->name);
      state.type = {TypeKind::element, false, static_cast<std::int16_t>(sort)};
      state.high = out_.module.sorts[static_cast<std::size_t>(sort)].size() - 1;
      index("machines", m, use.index, state, 1);
      made.index_sort = state.index_sorts[0];
      made.state = static_cast<std::int16_t>(out_.module.variables.size());
      const Variable shape = state;
      add("machines", m, std::move(state));
      for (const MachineVariable& variable : use.machine->text->variables) {
        made.variables.push_back(variable.role == Role::input
                                     ? static_cast<std::int16_t>(-1)
                                     : static_cast<std::int16_t>(out_.module.variables.size()));
        if (variable.role == Role::input) continue;
        Variable own = shape;
        own.name = std::string(use.name) + "." + std::string(variable.name);
        own.type = {variable.boolean() ? TypeKind::boolean : TypeKind::integer, false, -1};
        own.low = variable.low;
        own.high = variable.high;
        own.fixed = variable.role == Role::fixed;
        add("machines", m, std::move(own));
      }
      out_.module.machines.push_back(std::move(made));
    }
    for (const Variable& v : out_.module.variables)
      variable_views_.push_back({v.name, v.type, {v.index_sorts[0], v.index_sorts[1]}});
  }

  constexpr void lay_out() {
    Module& module = out_.module;
    for (const Sort& sort : module.sorts)
      module.sort_sizes.push_back(static_cast<std::int32_t>(sort.elements.size()));
    std::int32_t offset = 0;
    for (const Variable& variable : module.variables) {
      const auto size = [&](int i) {
        return variable.index_sorts[i] < 0
                   ? 1
                   : module.sort_sizes[static_cast<std::size_t>(variable.index_sorts[i])];
      };
      module.offsets.push_back(offset);
      module.strides.push_back(size(1));
      module.widths.push_back(size(0) * size(1));
      offset += size(0) * size(1);
    }
    module.initial.assign(static_cast<std::size_t>(offset), 0);
    for (const MachineUse& use : module.machines) {
      fill(use.state, use.machine->initial);
      for (std::size_t k = 0; k < use.variables.size(); ++k)
        if (use.variables[k] >= 0) fill(use.variables[k], initial_value(use, k));
    }
  }
  constexpr void fill(std::int16_t variable, std::int64_t value) {
    const auto v = static_cast<std::size_t>(variable);
    for (std::int32_t i = 0; i < out_.module.widths[v]; ++i)
      out_.module.initial[static_cast<std::size_t>(out_.module.offsets[v] + i)] = value;
  }
  /// A copy begins with its own variables at the lowest value that their domain holds, as `Configuration{}`
  /// does for 0.
  static constexpr std::int64_t initial_value(const MachineUse& use, std::size_t variable) {
    const MachineVariable& v = use.machine->text->variables[variable];
    return v.low <= 0 && 0 <= v.high ? 0 : v.low;
  }

  constexpr bool expression(std::string_view section, std::size_t item, std::string_view member,
                            std::string_view source, std::size_t begin, const std::vector<BoundView>& bound,
                            const Type* wanted, Expression& into) {
    Parsed parsed = parse_expression(source, {sort_views_, variable_views_, bound}, wanted);
    for (const Node& node : parsed.nodes)
      if (node.op == Op::text && parsed.faults.empty())
        parsed.faults.push_back({FaultCode::type_error,
                                 node.column,
                                 "a text stands in a model",
                                 "bool, int or an element of a sort",
                                 {}});
    const bool good = parsed.faults.empty();
    for (ParseFault& fault : parsed.faults) {
      fault.column += static_cast<std::uint32_t>(begin);
      report(section, item, member, std::move(fault));
    }
    into.nodes = std::move(parsed.nodes);
    into.strings = std::move(parsed.strings);
    into.source = source;
    return good;
  }

  constexpr void initial(std::size_t v) {
    const Variable& variable = out_.module.variables[v];
    const std::string_view source = text_.variables[v].initial;
    if (source.empty()) {
      fill(static_cast<std::int16_t>(v), variable.type.optional ? -1 : variable.low);
      return;
    }
    Expression value;
    if (!expression("variables", v, "initial", source, 0, {}, &variable.type, value)) return;
    for (const Node& node : value.nodes)
      if (node.op == Op::variable) {
        report("variables", v, "initial", FaultCode::type_error, "an initial value names a variable",
               "a constant", {}, node.column);
        return;
      }
    Integers integers{.cells = {}, .sort_sizes = out_.module.sort_sizes};
    const std::int64_t number = fold(value.view(), integers);
    const bool sized = variable.type.kind != TypeKind::element ||
                       variable.high >= 0;  // the built-in text has sorts without elements
    if (integers.undefined || (sized && (number < variable.low || number > variable.high)))
      report("variables", v, "initial", FaultCode::out_of_range, "the initial value is outside the domain",
             std::string(text_.variables[v].domain));
    else
      fill(static_cast<std::int16_t>(v), number);
  }

  constexpr std::vector<BoundView> bound_of(const Action& action) const {
    std::vector<BoundView> bound;
    for (const ActionParameter& p : action.parameters)
      bound.push_back({p.name, {TypeKind::element, false, p.sort}});
    return bound;
  }

  constexpr void parameters(std::size_t a, Action& into) {
    for (const Piece& piece : pieces(text_.actions[a].parameters, ',')) {
      const std::size_t colon = piece.text.find(':');
      const auto column = static_cast<std::uint32_t>(piece.begin + 1);
      const std::string_view name =
          colon == std::string_view::npos ? piece.text : trimmed(piece.text.substr(0, colon));
      const std::string_view sort =
          colon == std::string_view::npos ? std::string_view{} : trimmed(piece.text.substr(colon + 1));
      if (!plain(name))
        report("actions", a, "parameters", FaultCode::bad_name, "'" + std::string(name) + "' is no name",
               "name: sort", {}, column);
      else if (sort_named(sort) < 0)
        report("actions", a, "parameters", FaultCode::unknown_name,
               "unknown sort '" + std::string(sort) + "'", sort_list(), {}, column);
      else
        into.parameters.push_back({std::string(name), static_cast<std::int16_t>(sort_named(sort))});
    }
  }

  /// `target := value`, or the same for every element of a sort.
  constexpr void update(std::size_t a, const Piece& piece, Action& into) {
    std::vector<BoundView> bound = bound_of(into);
    std::string_view text = piece.text;
    std::size_t begin = piece.begin;
    Assignment assignment;
    if (text.substr(0, 7) == "forall(" && text.back() == ')') {
      const std::size_t colon = text.find(':'), in = text.find(" in ");
      const std::string_view sort = colon != std::string_view::npos && in < colon
                                        ? trimmed(text.substr(in + 4, colon - in - 4))
                                        : std::string_view{};
      if (sort_named(sort) < 0) {
        report("actions", a, "update", FaultCode::unknown_name, "unknown sort '" + std::string(sort) + "'",
               "forall(x in sort: target := value); sorts are " + sort_list(), {},
               static_cast<std::uint32_t>(begin + 1));
        return;
      }
      assignment.for_sort = static_cast<std::int16_t>(sort_named(sort));
      bound.push_back({trimmed(text.substr(7, in - 7)), {TypeKind::element, false, assignment.for_sort}});
      begin += colon + 1;
      text = text.substr(colon + 1, text.size() - colon - 2);
    }
    const std::size_t assign = text.find(":=");
    if (assign == std::string_view::npos) {
      report("actions", a, "update", FaultCode::syntax, "'" + std::string(text) + "' is no assignment",
             "target := expression", {}, static_cast<std::uint32_t>(begin + 1));
      return;
    }
    Expression target;
    if (!expression("actions", a, "update", text.substr(0, assign), begin, bound, nullptr, target)) return;
    const Node root = target.nodes.back();
    const auto refuse = [&](std::string finding) {
      report("actions", a, "update", FaultCode::unknown_name, std::move(finding), "a variable of role state",
             {}, static_cast<std::uint32_t>(begin + 1));
    };
    if (root.op != Op::variable)
      return refuse("'" + std::string(trimmed(text.substr(0, assign))) + "' cannot be updated");
    const Variable& variable = out_.module.variables[static_cast<std::size_t>(root.symbol)];
    if (variable.fixed) return refuse(variable.name + " is fixed and cannot be updated");
    for (const MachineUse& use : out_.module.machines)
      if (use.state == root.symbol ||
          std::find(use.variables.begin(), use.variables.end(), root.symbol) != use.variables.end())
        return refuse(variable.name + " belongs to a machine, which moves by its own rows");
    assignment.variable = root.symbol;
    for (const std::int32_t index : {root.a, root.b}) {
      if (index >= 0)
        splice(assignment.indices.emplace_back(), target.view(), index, [](const Node&) { return -1; });
    }
    Type wanted = variable.type;
    wanted.optional =
        wanted.kind ==
        TypeKind::element;  // that `none` does not get where it cannot be is seen when it is carried out
    if (expression("actions", a, "update", text.substr(assign + 2), begin + assign + 2, bound, &wanted,
                   assignment.value))
      into.assignments.push_back(std::move(assignment));
  }

  /// `name[index].event(input: value, …)`
  struct StepText {
    std::size_t use = 0, other = 0;  ///< other: the machine that `take` copies from, at inputs[0]
    Expression index;
    std::string_view event;
    std::vector<Expression> inputs;
  };
  constexpr bool step(std::size_t a, const Piece& piece, const std::vector<BoundView>& bound,
                      StepText& into) {
    const std::string_view text = piece.text;
    const auto refuse = [&](FaultCode code, std::string finding, std::string expectation, std::size_t at) {
      report("actions", a, "steps", code, std::move(finding), std::move(expectation), {},
             static_cast<std::uint32_t>(piece.begin + at + 1));
      return false;
    };
    const std::size_t open = text.find('['), first = std::min(open, text.find('.'));
    std::size_t close = std::string_view::npos;
    if (first == open && open != std::string_view::npos) {
      int depth = 0;
      for (std::size_t i = open; i < text.size() && close == std::string_view::npos; ++i) {
        depth += text[i] == '[' ? 1 : text[i] == ']' ? -1 : 0;
        if (depth == 0) close = i;
      }
    }
    const std::size_t dot = first == open && close != std::string_view::npos ? close + 1 : first;
    if (dot >= text.size() || text[dot] != '.')
      return refuse(FaultCode::syntax, "'" + std::string(text) + "' is no step", "machine[index].event", 0);
    std::size_t use = 0;
    while (use < out_.module.machines.size() && out_.module.machines[use].name != text.substr(0, first))
      ++use;
    if (use == out_.module.machines.size())
      return refuse(FaultCode::unknown_name, "unknown machine '" + std::string(text.substr(0, first)) + "'",
                    "a machine of the model", 0);
    into.use = use;
    const MachineUse& machine = out_.module.machines[use];
    if ((machine.index_sort >= 0) != (close != std::string_view::npos))
      return refuse(FaultCode::syntax,
                    machine.index_sort >= 0 ? "the copy is not named" : "the machine has no index",
                    machine.index_sort >= 0 ? "machine[index].event" : "machine.event", 0);
    if (machine.index_sort >= 0) {
      const Type type{TypeKind::element, true, machine.index_sort};
      if (!expression("actions", a, "steps", text.substr(open + 1, close - open - 1), piece.begin + open + 1,
                      bound, &type, into.index))
        return false;
    }
    const std::size_t paren = text.find('(', dot);
    into.event =
        text.substr(dot + 1, paren == std::string_view::npos ? std::string_view::npos : paren - dot - 1);
    if (into.event == "take") return taken(a, piece, bound, paren, into);
    if (into.event != "new" && index_of(machine.machine->text->events, into.event) < 0)
      return refuse(FaultCode::unknown_name, "unknown event '" + std::string(into.event) + "'",
                    "an event of " + std::string(machine.machine->text->name), dot + 1);
    const auto& own = machine.machine->text->variables;
    into.inputs.resize(own.size());
    bool good = true;
    if (paren != std::string_view::npos) {
      if (text.back() != ')')
        return refuse(FaultCode::syntax, "a step without its closing parenthesis",
                      "machine[index].event(input: expression)", 0);
      for (const Piece& input : pieces(text.substr(paren + 1, text.size() - paren - 2), ',')) {
        const std::size_t colon = input.text.find(':');
        std::size_t k = 0;
        while (k < own.size() &&
               (own[k].role != Role::input || own[k].name != trimmed(input.text.substr(0, colon))))
          ++k;
        if (colon == std::string_view::npos || k == own.size())
          return refuse(FaultCode::unknown_name, "'" + std::string(input.text) + "' gives no input",
                        "input: expression", paren + 1 + input.begin);
        const Type type{own[k].boolean() ? TypeKind::boolean : TypeKind::integer, false, -1};
        good = expression("actions", a, "steps", input.text.substr(colon + 1),
                          piece.begin + paren + 1 + input.begin + colon + 1, bound, &type, into.inputs[k]) &&
               good;
      }
    }
    return good;
  }

  /// `take(other[index])`
  constexpr bool taken(std::size_t a, const Piece& piece, const std::vector<BoundView>& bound,
                       std::size_t paren, StepText& into) {
    const bool whole = paren != std::string_view::npos && piece.text.back() == ')';
    Expression other;
    if (whole &&
        !expression("actions", a, "steps", piece.text.substr(paren + 1, piece.text.size() - paren - 2),
                    piece.begin + paren + 1, bound, nullptr, other))
      return false;
    const auto& uses = out_.module.machines;
    while (whole && into.other < uses.size() &&
           (other.nodes.back().op != Op::variable || uses[into.other].state != other.nodes.back().symbol))
      ++into.other;
    if (!whole || into.other == uses.size() || uses[into.other].machine != uses[into.use].machine ||
        into.other == into.use) {
      report("actions", a, "steps", FaultCode::type_error,
             "'" + std::string(piece.text) + "' takes no copy of the same machine", "take(other[index])", {},
             static_cast<std::uint32_t>(piece.begin + 1));
      return false;
    }
    if (other.nodes.back().a >= 0)
      splice(into.inputs.emplace_back(), other.view(), other.nodes.back().a, [](const Node&) { return -1; });
    return true;
  }

  constexpr void action(std::size_t a) {
    const ActionText& text = text_.actions[a];
    Action made;
    made.name = text.name;
    made.text = a;
    made.meaning = text.meaning;
    made.actor = text.actor;
    made.fault = text.actor == Actor::fault;
    if (!plain(text.name))
      report("actions", a, "name", FaultCode::bad_name, "'" + std::string(text.name) + "' is no name",
             "letters, digits, _ - and .");
    for (std::size_t b = 0; b < a; ++b)
      if (text_.actions[b].name == text.name)
        report("actions", a, "name", FaultCode::duplicate,
               "the action " + std::string(text.name) + " is given twice", "one");
    if (!text.source.empty()) made.sources.emplace_back(text.source);
    parameters(a, made);
    const std::vector<BoundView> bound = bound_of(made);
    if (!text.guard.empty()) {
      Expression guard;
      const Type boolean{};
      if (expression("actions", a, "guard", text.guard, 0, bound, &boolean, guard))
        made.guards.push_back(std::move(guard));
    }
    for (const Piece& piece : pieces(text.update, ';')) update(a, piece, made);
    std::vector<StepText> steps;
    for (const Piece& piece : pieces(text.steps, ';')) {
      StepText one;
      if (step(a, piece, bound, one)) steps.push_back(std::move(one));
    }
    if (text.update.empty() && text.steps.empty())
      report("actions", a, "update", FaultCode::missing, "the action changes nothing",
             "an update or a step of a machine");
    expand(made, steps, 0);
  }

  /// One variant for each combination of rows that may answer the events.
  constexpr void expand(const Action& so_far, const std::vector<StepText>& steps, std::size_t next,
                        std::ptrdiff_t states_asked = 0) {
    if (next == steps.size()) {
      out_.module.actions.push_back(so_far);
      return;
    }
    const StepText& step = steps[next];
    const MachineUse& use = out_.module.machines[step.use];
    const auto copy_of = [&](Expression& into, std::int16_t variable) {
      const std::int32_t index = step.index.nodes.empty() ? -1 : splice(into, step.index.view());
      into.nodes.push_back({Op::variable, out_.module.variables[static_cast<std::size_t>(variable)].type,
                            variable, index, -1, -1, 1, 0});
      return static_cast<std::int32_t>(into.nodes.size()) - 1;
    };
    const auto assign = [&](Action& action, std::int16_t variable, Expression&& value) {
      Assignment assignment;
      assignment.variable = variable;
      if (!step.index.nodes.empty()) splice(assignment.indices.emplace_back(), step.index.view());
      assignment.value = std::move(value);
      action.assignments.push_back(std::move(assignment));
    };
    const auto constant = [](Type type, std::int64_t number) {
      Expression value;
      const Op op = type.kind == TypeKind::boolean   ? Op::boolean
                    : type.kind == TypeKind::integer ? Op::integer
                                                     : Op::element;
      value.nodes.push_back({op, type, type.sort, -1, -1, -1, 1, static_cast<std::uint64_t>(number)});
      return value;
    };
    const Type state_type = out_.module.variables[static_cast<std::size_t>(use.state)].type;
    if (step.event == "new") {
      Action variant = so_far;
      assign(variant, use.state, constant(state_type, use.machine->initial));
      for (std::size_t k = 0; k < use.variables.size(); ++k) {
        if (use.variables[k] < 0 || use.machine->text->variables[k].role != Role::state) continue;
        assign(variant, use.variables[k],
               constant(out_.module.variables[static_cast<std::size_t>(use.variables[k])].type,
                        initial_value(use, k)));
      }
      variant.steps.push_back({step.use, step.index, 0, -1, {}});
      return expand(variant, steps, next + 1, states_asked);
    }
    if (step.event == "take") {
      Action variant = so_far;
      const MachineUse& other = out_.module.machines[step.other];
      const auto take = [&](std::int16_t to, std::int16_t from) {
        Expression value;
        const std::int32_t index = step.inputs.empty() ? -1 : splice(value, step.inputs[0].view());
        value.nodes.push_back({Op::variable, out_.module.variables[static_cast<std::size_t>(from)].type, from,
                               index, -1, -1, 1, 0});
        assign(variant, to, std::move(value));
      };
      take(use.state, other.state);
      for (std::size_t k = 0; k < use.variables.size(); ++k)
        if (use.variables[k] >= 0 && use.machine->text->variables[k].role == Role::state)
          take(use.variables[k], other.variables[k]);
      variant.steps.push_back({step.use, step.index, 0, -1, {}});
      return expand(variant, steps, next + 1, states_asked);
    }
    const auto event = static_cast<std::uint8_t>(index_of(use.machine->text->events, step.event));
    for (std::size_t r = 0; r < use.machine->rows.size(); ++r) {
      const Row& row = use.machine->rows[r];
      if (row.event != event) continue;
      Action variant = so_far;
      // The row's own expressions, with the machine's variables replaced by this copy's and inputs by what
      // the step gives.
      const auto lifted = [&](const FixedExpression& from) {
        Expression into;
        splice(into, from.view(), from.view().root(), [&](const Node& node) -> std::int32_t {
          if (node.op != Op::variable) return -1;
          const auto k = static_cast<std::size_t>(node.symbol);
          if (use.variables[k] >= 0) return copy_of(into, use.variables[k]);
          if (!step.inputs[k].nodes.empty()) return splice(into, step.inputs[k].view());
          into.nodes.push_back(constant(node.type, 0).nodes.front());  // an input that is not given is false
          return static_cast<std::int32_t>(into.nodes.size()) - 1;
        });
        return into;
      };
      Expression at;
      const std::int32_t state = copy_of(at, use.state);
      at.nodes.push_back(constant(state_type, row.from).nodes.front());
      at.nodes.push_back(
          {Op::equal, {}, -1, state, static_cast<std::int32_t>(at.nodes.size()) - 1, -1, 1, 0});
      // Where the copies are is asked first: it is always defined, and the action's own guard may rely on it.
      variant.guards.insert(variant.guards.begin() + states_asked, std::move(at));
      if (!row.guard.view().always()) variant.guards.push_back(lifted(row.guard));
      if (row.to != row.from) assign(variant, use.state, constant(state_type, row.to));
      for (const Update& update : row.update_list())
        assign(variant, use.variables[update.variable], lifted(update.value));
      variant.steps.push_back({step.use, step.index, event, static_cast<int>(r), step.inputs});
      variant.sources.emplace_back(use.machine->text->rows[r].source);
      expand(variant, steps, next + 1, states_asked + 1);
    }
  }

  constexpr void property(std::size_t p) {
    const PropertyText& text = text_.properties[p];
    Property made{std::string(text.name), text.verb, {}, std::string(text.source), std::string(text.meaning)};
    for (std::size_t q = 0; q < p; ++q)
      if (text_.properties[q].name == text.name)
        report("properties", p, "name", FaultCode::duplicate,
               "the property " + std::string(text.name) + " is given twice", "one");
    const Type boolean{};
    if (expression("properties", p, "condition", text.condition, 0, {}, &boolean, made.condition))
      out_.module.properties.push_back(std::move(made));
  }
};

/// Text to module. Usable in constant evaluation: a built-in text with a fault need not compile.
constexpr CompiledModule compile(const ModuleText& text) { return ModuleCompiler(text).compile(); }

// --- the reference meaning
// -------------------------------------------------------------------------------------------

/// Values of action parameters, as positions in their sorts.
using Arguments = std::vector<std::int64_t>;

/// disabled: some guard does not hold. undefined: the model itself is at fault there (an index is `none`, a
/// value leaves its domain, one cell is given two values); `next` is not to be used.
enum class Firing : std::uint8_t { disabled, fired, undefined };

/// Parses a condition over the variables of a module, for goals and properties that come with a scenario.
Parsed parse_condition(const Module& module, std::string_view text);

Firing fire(const Module& module, const Action& action, std::span<const std::int64_t> arguments,
            const Cells& now, Cells& next);
/// The value of an expression without parameters; empty where it has none.
std::optional<std::int64_t> value_of(const Module& module, const Expression& expression, const Cells& cells,
                                     std::span<const std::int64_t> arguments = {});
/// The same for a condition: an undefined condition does not hold.
bool holds(const Module& module, const Expression& condition, const Cells& cells,
           std::span<const std::int64_t> arguments = {});

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
/// `host2`, `true`, `none`, `4`.
std::string shown(const Module& module, const Variable& variable, std::int64_t value);
/// `place[vm1]`.
std::string cell_name(const Module& module, std::size_t variable, std::size_t cell_in_variable);

}  // namespace portolan::rules
