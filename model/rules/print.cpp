// SPDX-License-Identifier: Apache-2.0
#include "model/rules/print.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "model/rules/evaluate.hpp"

namespace portolan::rules {
namespace {

/// How tightly a text holds together, in the order of the grammar: an operand that binds more loosely than
/// its place asks for stands in parentheses.
enum Binding : std::uint8_t {
  choice,
  implied,
  alternative,
  joined,
  compared,
  added,
  multiplied,
  negated,
  single
};

struct Text {
  std::string text;
  Binding binding = single;
};

/// The parser alone knows what a bare name looks like: it is one when it is read back as that name.
bool is_bare(std::string_view name) {
  const VariableView self{name, {}};
  const Parsed parsed = parse_expression(name, {{}, {&self, 1}, {}}, nullptr);
  return parsed.faults.empty() && parsed.nodes.size() == 1 && parsed.nodes.front().op == Op::variable;
}

constexpr std::string_view spelling(Op op) {
  switch (op) {
    case Op::conjunction: return " && ";
    case Op::disjunction: return " || ";
    case Op::implication: return " => ";
    case Op::equal: return " == ";
    case Op::not_equal: return " != ";
    case Op::less: return " < ";
    case Op::less_equal: return " <= ";
    case Op::greater: return " > ";
    case Op::greater_equal: return " >= ";
    case Op::plus: return " + ";
    case Op::minus: return " - ";
    case Op::times: return " * ";
    case Op::for_all: return "forall";
    case Op::exists: return "exists";
    case Op::count: return "count";
    case Op::sum: return "sum";
    default: assert(false && "has no spelling of its own"); return {};
  }
}

std::string at_least(Text operand, Binding binding) {
  if (operand.binding >= binding) return std::move(operand.text);
  operand.text.insert(0, 1, '(');
  return std::move(operand.text) + ')';
}

/// The algebra of texts.
class Printer {
 public:
  using value = Text;
  explicit Printer(const Scope& scope) : scope_(scope) {}

  value boolean(bool truth) const { return {truth ? "true" : "false"}; }
  value integer(std::uint64_t number) const { return {std::to_string(number)}; }
  value text(const std::string& characters) const {
    std::string quoted = "\"";
    for (const char c : characters) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    return {quoted + '"'};
  }
  value element(int sort, std::uint64_t position) const {
    return {name_in_text(
        scope_.sorts[static_cast<std::size_t>(sort)].elements[static_cast<std::size_t>(position)])};
  }
  value none() const { return {"none"}; }
  value variable(int symbol, std::span<const value> indices) const {
    Text whole{name_in_text(scope_.variables[static_cast<std::size_t>(symbol)].name)};
    for (std::size_t i = 0; i < indices.size(); ++i) whole.text += (i == 0 ? "[" : ", ") + indices[i].text;
    if (!indices.empty()) whole.text += ']';
    return whole;
  }
  value negation(value operand) const { return {'!' + at_least(std::move(operand), negated), negated}; }

  template <class A, class B>
  value logical(Op op, A a, B b) const {
    if (op == Op::implication) return chain(op, a(), b(), implied, alternative, implied);  // to the right
    const Binding own = op == Op::disjunction ? alternative : joined;
    return chain(op, a(), b(), own, own, static_cast<Binding>(own + 1));
  }
  value binary(Op op, value a, value b) const {
    if (!is_arithmetic(op))
      return chain(op, std::move(a), std::move(b), compared, added, added);  // comparisons do not chain
    const Binding own = op == Op::times ? multiplied : added;
    return chain(op, std::move(a), std::move(b), own, own, static_cast<Binding>(own + 1));
  }
  template <class C, class A, class B>
  value conditional(C c, A a, B b) const {
    std::string whole = "if " + c().text;
    whole += " then " + a().text;
    whole += " else " + b().text;
    return {std::move(whole), choice};
  }
  value member(value element, const std::vector<std::pair<value, std::optional<value>>>& items) const {
    std::string whole = at_least(std::move(element), added) + " in {";
    for (std::size_t i = 0; i < items.size(); ++i) {
      whole += (i == 0 ? "" : ", ") + at_least(items[i].first, added);
      if (items[i].second) whole += ".." + at_least(*items[i].second, added);
    }
    return {std::move(whole) + '}', compared};
  }
  template <class Body>
  value quantified(Op op, int sort, Body body) {
    const std::string_view range = scope_.sorts[static_cast<std::size_t>(sort)].name;
    quantified_.push_back(fresh(range));
    const std::string name = quantified_.back();
    Text whole{std::string(spelling(op)) + '(' + name + " in " + std::string(range) + ": "};
    whole.text += body(Text{name}).text + ')';
    quantified_.pop_back();
    return whole;
  }

 private:
  static value chain(Op op, value a, value b, Binding own, Binding left, Binding right) {
    Text whole{at_least(std::move(a), left), own};
    whole.text += spelling(op);
    whole.text += at_least(std::move(b), right);
    return whole;
  }

  bool taken(std::string_view name) const {
    const auto called = [name](const auto& one) { return one.name == name; };
    return std::any_of(scope_.variables.begin(), scope_.variables.end(), called) ||
           std::any_of(scope_.bound.begin(), scope_.bound.end(), called) ||
           std::find(quantified_.begin(), quantified_.end(), name) != quantified_.end() ||
           std::any_of(scope_.sorts.begin(), scope_.sorts.end(), [name](const SortView& sort) {
             return std::find(sort.elements.begin(), sort.elements.end(), name) != sort.elements.end();
           });
  }
  std::string fresh(std::string_view sort) const {
    const std::string letter(sort.substr(0, 1));
    std::string name = letter;
    for (int number = 2; taken(name); ++number) name = letter + std::to_string(number);
    return name;
  }

  const Scope& scope_;
  std::vector<std::string> quantified_;
};

}  // namespace

std::string name_in_text(std::string_view name) {
  if (is_bare(name)) return std::string(name);
  std::string quoted = "`";
  for (const char c : name) {
    if (c == '`') quoted += '`';
    quoted += c;
  }
  return quoted + '`';
}

std::string print(ExpressionView expression, const Scope& scope) {
  if (expression.always()) return "true";
  Printer printer(scope);
  std::vector<Text> bound;
  for (const BoundView& parameter : scope.bound) bound.push_back({name_in_text(parameter.name)});
  return fold(expression, printer, std::span<const Text>(bound)).text;
}

}  // namespace portolan::rules
