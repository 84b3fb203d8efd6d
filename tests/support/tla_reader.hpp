#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A reader of as much TLA+ as model/rules/exports/tla.cpp writes: what tla_parser.hpp parses is evaluated as
// TLC does: states from Init, steps from Next, conjuncts from left to right; what TLC refuses, such as a
// comparison of values of two kinds, is refused. TLC itself does not run in these tests.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/tla_parser.hpp"

namespace portolan::test::tla {

struct Mapping;  // of an argument to a value

struct Value {
  enum Kind { boolean, number, text, tuple, set, function } kind = boolean;
  std::int64_t n = 0;
  std::string s;
  std::vector<Value> items;    ///< of a tuple; of a set: sorted, each once
  std::vector<Mapping> pairs;  ///< of a function: sorted by argument
};
struct Mapping {
  Value argument, value;
};

bool operator<(const Value& a, const Value& b);
bool operator==(const Value& a, const Value& b);
bool operator<(const Mapping& a, const Mapping& b);
bool operator==(const Mapping& a, const Mapping& b);
inline bool operator<(const Value& a, const Value& b) {
  if (a.kind != b.kind) return a.kind < b.kind;
  if (a.n != b.n) return a.n < b.n;
  if (a.s != b.s) return a.s < b.s;
  if (a.items != b.items)
    return std::lexicographical_compare(a.items.begin(), a.items.end(), b.items.begin(), b.items.end());
  return std::lexicographical_compare(a.pairs.begin(), a.pairs.end(), b.pairs.begin(), b.pairs.end());
}
inline bool operator==(const Value& a, const Value& b) {
  return a.kind == b.kind && a.n == b.n && a.s == b.s && a.items == b.items && a.pairs == b.pairs;
}
inline bool operator<(const Mapping& a, const Mapping& b) {
  return a.argument == b.argument ? a.value < b.value : a.argument < b.argument;
}
inline bool operator==(const Mapping& a, const Mapping& b) {
  return a.argument == b.argument && a.value == b.value;
}

inline Value truth(bool v) { return {Value::boolean, v, {}, {}, {}}; }
inline Value integer(std::int64_t n) { return {Value::number, n, {}, {}, {}}; }
inline Value set_of(std::vector<Value> items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  return {Value::set, 0, {}, std::move(items), {}};
}

using State = std::map<std::string, Value>;

class Module {
 public:
  explicit Module(const std::string& text) : parser_(text) { parser_.module(); }

  State initial() const {
    State state;
    const State empty;
    Bound bound;
    for (const Tree& conjunct : parser_.definitions.at("Init").body->of) {
      if (conjunct->op != "=" || conjunct->of[0]->op != "name") refuse("Init is no list of values");
      state[conjunct->of[0]->name] = eval(*conjunct->of[1], empty, bound);
    }
    if (state.size() != parser_.variables.size()) refuse("Init does not give every variable a value");
    return state;
  }
  /// One for each way through Next, also those that lead to the same state.
  std::vector<State> successors(const State& now) const {
    std::vector<State> found;
    Bound bound;
    act(*parser_.definitions.at("Next").body, now, bound, {}, [&](const State& next) {
      if (next.size() != parser_.variables.size()) refuse("a step leaves a variable open");
      found.push_back(next);
    });
    return found;
  }
  bool holds(const std::string& name, const State& now) const {
    Bound bound;
    return truth_of(eval(*parser_.definitions.at(name).body, now, bound));
  }
  /// Ways in which a disjunction of quantified calls is true: how many events it stands for.
  std::size_t ways(const std::string& name, const State& now) const {
    if (!parser_.definitions.contains(name)) return 0;
    std::size_t count = 0;
    Bound bound;
    for (const Tree& one : parser_.definitions.at(name).body->of) {
      const auto add = [&] {
        count += truth_of(eval(one->op == "\\E" ? *one->of.back() : *one, now, bound));
      };
      if (one->op == "\\E")
        each(*one, now, bound, add);
      else
        add();
    }
    return count;
  }
  bool defines(const std::string& name) const { return parser_.definitions.contains(name); }

 private:
  using Bound = std::vector<std::pair<std::string, Value>>;
  Parser parser_;
  mutable std::map<const Node*, bool> steps_;

  static bool truth_of(const Value& v) {
    if (v.kind != Value::boolean) refuse("a condition is no boolean");
    return v.n != 0;
  }
  static const Value& applied(const Value& f, const Value& argument) {
    if (f.kind == Value::tuple) {
      if (argument.kind != Value::number || argument.n < 1 ||
          argument.n > static_cast<std::int64_t>(f.items.size()))
        refuse("no such place in a tuple");
      return f.items[static_cast<std::size_t>(argument.n - 1)];
    }
    for (const auto& [a, v] : f.pairs)
      if (a == argument) return v;
    refuse("a function is asked outside its domain");
  }
  /// Calls `then` for every choice of the bound names, the last one fastest.
  template <class Then>
  void each(const Node& node, const State& now, Bound& bound, Then then, std::size_t from = 0) const {
    if (from == node.bound.size()) {
      then();
      return;
    }
    const Value set = eval(*node.of[from], now, bound);
    if (set.kind != Value::set) refuse("a bound ranges over no set");
    for (const Value& one : set.items) {
      bound.emplace_back(node.bound[from], one);
      each(node, now, bound, then, from + 1);
      bound.pop_back();
    }
  }
  template <class Then>
  void call(const Node& node, const State& now, Bound& bound, Then then) const {
    const auto found = parser_.definitions.find(node.name);
    if (found == parser_.definitions.end() || found->second.parameters.size() != node.of.size())
      refuse(node.name + " is called with the wrong number of arguments");
    Bound inner;
    for (std::size_t i = 0; i < node.of.size(); ++i)
      inner.emplace_back(found->second.parameters[i], eval(*node.of[i], now, bound));
    then(*found->second.body, inner);
  }

  /// Whether it says anything of the next state.
  bool is_step(const Node& node) const {
    if (const auto known = steps_.find(&node); known != steps_.end()) return known->second;
    bool step = node.op == "'" || node.op == "UNCHANGED";
    const auto named = node.op == "call" || node.op == "name" ? parser_.definitions.find(node.name)
                                                              : parser_.definitions.end();
    if (named != parser_.definitions.end()) step = is_step(*named->second.body);
    for (const Tree& one : node.of) step |= is_step(*one);
    return steps_[&node] = step;
  }

  void act(const Node& node, const State& now, Bound& bound, const State& next,
           const std::function<void(const State&)>& then) const {
    if (!is_step(node)) {
      if (truth_of(eval(node, now, bound))) then(next);
      return;
    }
    if (node.op == "/\\") return conjuncts(node, 0, now, bound, next, then);
    if (node.op == "\\/") {
      for (const Tree& one : node.of) act(*one, now, bound, next, then);
      return;
    }
    if (node.op == "\\E")
      return each(node, now, bound, [&] { act(*node.of.back(), now, bound, next, then); });
    if (node.op == "call")
      return call(node, now, bound,
                  [&](const Node& body, Bound& inner) { act(body, now, inner, next, then); });
    if (node.op == "name" && parser_.definitions.contains(node.name)) {
      Bound inner;
      return act(*parser_.definitions.at(node.name).body, now, inner, next, then);
    }
    if (node.op == "=" && node.of[0]->op == "'") {
      State more = next;
      if (!more.emplace(node.of[0]->of[0]->name, eval(*node.of[1], now, bound)).second)
        refuse("a variable is given two values");
      return then(more);
    }
    if (node.op == "UNCHANGED") {
      State more = next;
      for (const Tree& one : node.of[0]->of)
        if (!more.emplace(one->name, now.at(one->name)).second) refuse("a variable is given two values");
      return then(more);
    }
    refuse("a step in a place where none can be: " + node.op);
  }
  void conjuncts(const Node& node, std::size_t from, const State& now, Bound& bound, const State& next,
                 const std::function<void(const State&)>& then) const {
    if (from == node.of.size()) return then(next);
    act(*node.of[from], now, bound, next,
        [&](const State& so_far) { conjuncts(node, from + 1, now, bound, so_far, then); });
  }

  using Evaluation = Value (Module::*)(const Node&, const State&, Bound&) const;
  /// What each operator is evaluated by.
  static const std::map<std::string_view, Evaluation>& evaluations() {
    static const std::map<std::string_view, Evaluation> table = {
        {"true", &Module::literal},      {"false", &Module::literal},      {"number", &Module::literal},
        {"text", &Module::literal},      {"BOOLEAN", &Module::literal},    {"name", &Module::named},
        {"call", &Module::called},       {"/\\", &Module::chain},          {"\\/", &Module::chain},
        {"=>", &Module::logical},        {"~", &Module::logical},          {"=", &Module::equal},
        {"#", &Module::equal},           {"<", &Module::computed},         {"<=", &Module::computed},
        {">", &Module::computed},        {">=", &Module::computed},        {"+", &Module::computed},
        {"-", &Module::computed},        {"*", &Module::computed},         {"..", &Module::computed},
        {"\\in", &Module::membership},   {"\\notin", &Module::membership}, {"\\cup", &Module::united},
        {"\\X", &Module::pairs},         {"{}", &Module::collected},       {"<<>>", &Module::collected},
        {"IF", &Module::chosen_branch},  {"CASE", &Module::chosen_branch}, {"apply", &Module::application},
        {"DOMAIN", &Module::domain},     {"\\A", &Module::quantified},     {"\\E", &Module::quantified},
        {"CHOOSE", &Module::chosen},     {"filter", &Module::selected},    {"map", &Module::selected},
        {"function", &Module::function}, {"EXCEPT", &Module::replaced},
    };
    return table;
  }
  Value eval(const Node& node, const State& now, Bound& bound) const {
    const auto found = evaluations().find(node.op);
    if (found == evaluations().end()) refuse("cannot evaluate " + node.op);
    return (this->*found->second)(node, now, bound);
  }
  Value operand(const Node& node, std::size_t i, const State& now, Bound& bound) const {
    return eval(*node.of[i], now, bound);
  }
  bool condition(const Node& node, std::size_t i, const State& now, Bound& bound) const {
    return truth_of(operand(node, i, now, bound));
  }

  // --- one for each kind of operator ---

  Value literal(const Node& node, const State&, Bound&) const {
    if (node.op == "number") return integer(node.number);
    if (node.op == "text") return {Value::text, 0, node.name, {}, {}};
    return node.op == "BOOLEAN" ? set_of({truth(false), truth(true)}) : truth(node.op == "true");
  }
  Value named(const Node& node, const State& now, Bound& bound) const {
    for (auto b = bound.rbegin(); b != bound.rend(); ++b)
      if (b->first == node.name) return b->second;
    if (const auto found = now.find(node.name); found != now.end()) return found->second;
    Bound inner;
    return eval(*parser_.definitions.at(node.name).body, now, inner);
  }
  Value called(const Node& node, const State& now, Bound& bound) const {
    if (node.name == "Cardinality")
      return integer(static_cast<std::int64_t>(operand(node, 0, now, bound).items.size()));
    Value result;
    call(node, now, bound, [&](const Node& body, Bound& inner) { result = eval(body, now, inner); });
    return result;
  }
  /// Conjuncts and disjuncts, from left to right up to the first that decides.
  Value chain(const Node& node, const State& now, Bound& bound) const {
    const bool ends_with = node.op == "\\/";
    for (std::size_t i = 0; i < node.of.size(); ++i)
      if (condition(node, i, now, bound) == ends_with) return truth(ends_with);
    return truth(!ends_with);
  }
  Value logical(const Node& node, const State& now, Bound& bound) const {
    const bool first = condition(node, 0, now, bound);
    return truth(!first || (node.op == "=>" && condition(node, 1, now, bound)));
  }
  Value equal(const Node& node, const State& now, Bound& bound) const {
    const Value a = operand(node, 0, now, bound), b = operand(node, 1, now, bound);
    if (a.kind != b.kind) refuse("TLC does not compare values of two kinds");
    return truth((a == b) == (node.op == "="));
  }
  Value computed(const Node& node, const State& now, Bound& bound) const {
    const auto number = [&](std::size_t i) {
      const Value v = operand(node, i, now, bound);
      if (v.kind != Value::number) refuse("arithmetic without a number");
      return v.n;
    };
    const std::int64_t a = number(0), b = number(1);
    const std::string& op = node.op;
    if (op == "<") return truth(a < b);
    if (op == "<=") return truth(a <= b);
    if (op == ">") return truth(a > b);
    if (op == ">=") return truth(a >= b);
    if (op == "+") return integer(a + b);
    if (op == "-") return integer(a - b);
    if (op == "*") return integer(a * b);
    std::vector<Value> items;
    for (std::int64_t i = a; i <= b; ++i) items.push_back(integer(i));
    return set_of(std::move(items));
  }
  Value membership(const Node& node, const State& now, Bound& bound) const {
    return truth(in(operand(node, 0, now, bound), *node.of[1], now, bound) == (node.op == "\\in"));
  }
  Value united(const Node& node, const State& now, Bound& bound) const {
    Value a = operand(node, 0, now, bound);
    const Value b = operand(node, 1, now, bound);
    a.items.insert(a.items.end(), b.items.begin(), b.items.end());
    return set_of(std::move(a.items));
  }
  Value pairs(const Node& node, const State& now, Bound& bound) const {
    const Value left = operand(node, 0, now, bound), right = operand(node, 1, now, bound);
    std::vector<Value> items;
    for (const Value& a : left.items)
      for (const Value& b : right.items) items.push_back({Value::tuple, 0, {}, {a, b}, {}});
    return set_of(std::move(items));
  }
  Value collected(const Node& node, const State& now, Bound& bound) const {
    std::vector<Value> items;
    for (std::size_t i = 0; i < node.of.size(); ++i) items.push_back(operand(node, i, now, bound));
    return node.op == "{}" ? set_of(std::move(items)) : Value{Value::tuple, 0, {}, std::move(items), {}};
  }
  Value chosen_branch(const Node& node, const State& now, Bound& bound) const {
    if (node.op == "IF") return operand(node, condition(node, 0, now, bound) ? 1 : 2, now, bound);
    for (std::size_t i = 0; i + 1 < node.of.size(); i += 2)
      if (condition(node, i, now, bound)) return operand(node, i + 1, now, bound);
    refuse("no case fits");
  }
  Value application(const Node& node, const State& now, Bound& bound) const {
    const Value f = operand(node, 0, now, bound);
    return applied(f, operand(node, 1, now, bound));
  }
  Value domain(const Node& node, const State& now, Bound& bound) const {
    const Value f = operand(node, 0, now, bound);
    std::vector<Value> items;
    for (const auto& [a, v] : f.pairs) items.push_back(a);
    return set_of(std::move(items));
  }
  Value quantified(const Node& node, const State& now, Bound& bound) const {
    const bool some = node.op == "\\E";
    bool decided = false;
    each(node, now, bound, [&] {
      if (!decided && truth_of(eval(*node.of.back(), now, bound)) == some) decided = true;
    });
    return truth(decided == some);
  }
  Value chosen(const Node& node, const State& now, Bound& bound) const {
    std::vector<Value> fit;
    each(node, now, bound, [&] {
      if (truth_of(eval(*node.of.back(), now, bound))) fit.push_back(bound.back().second);
    });
    if (fit.empty()) refuse("nothing to choose");
    return fit.front();
  }
  Value selected(const Node& node, const State& now, Bound& bound) const {
    std::vector<Value> items;
    each(node, now, bound, [&] {
      const Value one = eval(*node.of.back(), now, bound);
      if (node.op == "map")
        items.push_back(one);
      else if (truth_of(one))
        items.push_back(bound.back().second);
    });
    return set_of(std::move(items));
  }
  Value function(const Node& node, const State& now, Bound& bound) const {
    Value f{Value::function, 0, {}, {}, {}};
    each(node, now, bound, [&] {
      Value argument = bound.back().second;
      if (node.bound.size() == 2)
        argument = {Value::tuple, 0, {}, {bound[bound.size() - 2].second, bound.back().second}, {}};
      f.pairs.push_back({std::move(argument), eval(*node.of.back(), now, bound)});
    });
    std::sort(f.pairs.begin(), f.pairs.end());
    return f;
  }
  Value replaced(const Node& node, const State& now, Bound& bound) const {
    Value f = operand(node, 0, now, bound);
    for (std::size_t i = 1; i + 1 < node.of.size(); i += 2) {
      const Value argument = operand(node, i, now, bound);
      static_cast<void>(applied(f, argument));  // TLC refuses a cell that is not there
      for (auto& [a, v] : f.pairs)
        if (a == argument) v = operand(node, i + 1, now, bound);
    }
    return f;
  }

  /// Sets of functions are not listed, only asked.
  bool in(const Value& value, const Node& set, const State& now, Bound& bound) const {
    if (set.op != "functions") {
      const Value all = eval(set, now, bound);
      return std::binary_search(all.items.begin(), all.items.end(), value);
    }
    const Value domain = eval(*set.of[0], now, bound), range = eval(*set.of[1], now, bound);
    if (value.kind != Value::function || value.pairs.size() != domain.items.size()) return false;
    for (std::size_t i = 0; i < value.pairs.size(); ++i)
      if (!(value.pairs[i].argument == domain.items[i]) ||
          !std::binary_search(range.items.begin(), range.items.end(), value.pairs[i].value))
        return false;
    return true;
  }
};

}  // namespace portolan::test::tla
