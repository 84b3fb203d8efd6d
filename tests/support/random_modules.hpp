#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Random small modules, for tests that hold two readers of the rule language against each other. Everything
// that a module can say occurs: sorts, optional sorts, tables with two indices, fixed values of their own for
// every cell, machines, steps, updates over the old values, bulk updates, quantifiers, and now and then an
// event without a meaning. The same seed gives the same module.

#include <deque>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "model/rules/compile.hpp"

namespace portolan::test {

/// What a random module may be at most.
struct ModuleShape {
  double states_max = 3000;  ///< product of the domains of all cells that are not fixed
  unsigned depth = 3;        ///< nesting of expressions
  unsigned actions_max = 8;
  bool symmetric = false;  ///< no element is named, and fixed tables are the same for all
};

/// A module with the text that it was compiled from.
class RandomModule {
 public:
  RandomModule(std::uint64_t seed, ModuleShape shape) : random_(seed), shape_(shape) {
    sorts();
    if (once_in(2)) machine();
    variables();
    actions();
    properties();
    text_ = {"random", sort_texts_, variable_texts_, uses_, action_texts_, property_texts_};
    rules::CompiledModule compiled = rules::compile(text_);
    if (!compiled.faults.empty()) {
      const rules::ModuleFault& f = compiled.faults.front();
      throw std::logic_error("a random module does not compile: " + std::string(f.section) + " " +
                             std::to_string(f.item) + " " + f.fault.finding + "\n" + described());
    }
    module = std::move(compiled.module);
    // The text gives one value for all cells of a variable; here each cell has its own.
    for (std::size_t v = 0; v < variables_.size(); ++v)
      for (std::int32_t i = 0; i < module.widths[v]; ++i)
        if (shape_.symmetric && variables_[v].fixed)
          module.initial[static_cast<std::size_t>(module.offsets[v] + i)] =
              module.initial[static_cast<std::size_t>(module.offsets[v])];
        else
          module.initial[static_cast<std::size_t>(module.offsets[v] + i)] =
              module.variables[v].low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(
                                            module.variables[v].high - module.variables[v].low + 1)));
  }
  RandomModule(const RandomModule&) = delete;
  RandomModule& operator=(const RandomModule&) = delete;

  rules::Module module;
  const rules::ModuleText& text() const { return text_; }

  /// As a failing test prints it.
  std::string described() const {
    std::string all;
    const auto line = [&](std::initializer_list<std::string_view> parts) {
      for (std::string_view part : parts) (all += part) += " | ";
      all += "\n";
    };
    for (const auto& s : sort_texts_) line({"sort", s.name, std::to_string(s.elements.size())});
    for (const auto& v : variable_texts_)
      line({v.role == rules::Role::fixed ? "fixed" : "state", v.name, v.index, v.domain});
    for (const auto& u : uses_) {
      line({"machine", u.name, u.index});
      for (const auto& r : u.machine->text->rows) line({"  row", r.from, r.event, r.to, r.guard, r.update});
    }
    for (const auto& a : action_texts_) line({"action", a.name, a.parameters, a.guard, a.steps, a.update});
    for (const auto& p : property_texts_) line({rules::name_of(p.verb), p.name, p.condition});
    return all;
  }

 private:
  struct SortOf {
    std::string name;
    std::vector<std::string_view> elements;
  };
  struct VariableOf {
    std::string name;
    std::vector<std::size_t> index;
    rules::TypeKind kind = rules::TypeKind::boolean;
    std::size_t sort = 0;
    bool optional = false;
    long low = 0, high = 1;
    bool fixed = false;
  };
  struct Bound {
    std::string name;
    std::size_t sort = 0;
  };
  using Scope = std::vector<Bound>;

  std::mt19937_64 random_;
  ModuleShape shape_;
  double states_ = 1;
  std::deque<std::string> strings_;
  std::vector<SortOf> sorts_;
  std::vector<VariableOf> variables_;
  std::vector<rules::SortText> sort_texts_;
  std::vector<rules::ModuleVariableText> variable_texts_;
  std::vector<rules::MachineUseText> uses_;
  std::vector<rules::ActionText> action_texts_;
  std::vector<rules::PropertyText> property_texts_;
  rules::ModuleText text_;
  unsigned bound_count_ = 0;

  // The machine, when there is one.
  std::vector<std::string_view> machine_states_, machine_events_;
  std::vector<rules::RowText> machine_rows_;
  rules::MachineText machine_text_;
  rules::CompiledRows compiled_rows_;
  rules::Machine machine_;
  std::size_t machine_index_ = 0;
  bool machine_is_indexed_ = false;

  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  bool once_in(std::uint64_t n) { return below(n) == 0; }
  std::string_view keep(std::string text) { return strings_.emplace_back(std::move(text)); }

  void sorts() {
    constexpr std::string_view names[] = {"ant", "bee", "cow"};
    const std::size_t count = 2 + below(2);
    for (std::size_t s = 0; s < count; ++s) {
      SortOf made{std::string(names[s]), {}};
      const std::size_t size = 1 + below(3);
      for (std::size_t e = 0; e < size; ++e) made.elements.push_back(keep(made.name + std::to_string(e)));
      sorts_.push_back(std::move(made));
    }
    for (const SortOf& s : sorts_) sort_texts_.push_back({s.name, s.elements});
  }

  void machine() {
    static constexpr rules::MachineVariable own[] = {{"go", rules::Role::input},
                                                     {"set", rules::Role::fixed},
                                                     {"mark", rules::Role::state},
                                                     {"level", rules::Role::state, 0, 2}};
    machine_states_ = {"dawn", "noon", "dusk"};
    machine_events_ = {"rise", "fall"};
    if (once_in(2)) machine_states_.pop_back();
    for (std::string_view from : machine_states_)
      for (std::string_view event : machine_events_) {
        const auto row = [&](std::string_view guard) {
          constexpr std::string_view updates[] = {
              "", "mark := true", "mark := go && !mark",
              "level := if level < 2 then level + 1 else 0; mark := level == 1", "level := 0"};
          machine_rows_.push_back({from, event, machine_states_[below(machine_states_.size())], guard,
                                   updates[below(std::size(updates))], "the day"});
        };
        switch (below(4)) {
          case 0:
            row("go");
            row("!go");
            break;
          case 1:
            row("mark && !go");
            row("!mark");
            break;
          case 2: row(once_in(3) ? "set || level < 2" : ""); break;
          default: break;
        }
      }
    machine_text_ = {"day", machine_states_, machine_events_, own, machine_rows_, "dawn"};
    compiled_rows_ = rules::compile(machine_text_);
    if (!compiled_rows_.faults.empty())
      throw std::logic_error("a random machine does not compile: " +
                             compiled_rows_.faults.front().fault.finding);
    machine_ = {&machine_text_, compiled_rows_.rows, compiled_rows_.initial};
    machine_index_ = below(sorts_.size());
    machine_is_indexed_ = once_in(2) && sorts_[machine_index_].elements.size() <= 2;
    const double one = static_cast<double>(machine_states_.size()) * 6;
    states_ *= machine_is_indexed_ && sorts_[machine_index_].elements.size() == 2 ? one * one : one;
    uses_.push_back({"today",
                     machine_is_indexed_ ? std::string_view(sorts_[machine_index_].name) : std::string_view(),
                     &machine_});
  }

  void variables() {
    // Names that another language may have taken already, or cannot spell.
    constexpr std::string_view endings[] = {"", "", "", ".part", "-part", "_", "0"};
    for (int tries = 0; tries < 9; ++tries) {
      VariableOf v;
      v.name = std::string(1, static_cast<char>((once_in(6) ? 'P' : 'p') + tries)) +
               std::string(endings[below(std::size(endings))]);
      v.fixed = once_in(3);
      const bool fixed_elements = shape_.symmetric && v.fixed;
      for (std::size_t indices = once_in(4) ? 2 : below(2); indices > 0; --indices)
        v.index.push_back(below(sorts_.size()));
      v.sort = below(sorts_.size());
      std::string domain = "bool";
      const auto kind = below(fixed_elements ? 2 : 4);
      if (kind == 1) {
        v.kind = rules::TypeKind::integer;
        v.low = static_cast<long>(below(4)) - 1;
        v.high = v.low + 1 + static_cast<long>(below(3));
        domain = std::to_string(v.low) + ".." + std::to_string(v.high);
      } else if (kind >= 2) {
        v.kind = rules::TypeKind::element;
        v.optional = kind == 3;
        v.low = v.optional ? -1 : 0;
        v.high = static_cast<long>(sorts_[v.sort].elements.size()) - 1;
        domain = sorts_[v.sort].name + (v.optional ? "?" : "");
      }
      double product = 1;
      std::size_t cells = 1;
      for (const std::size_t s : v.index) cells *= sorts_[s].elements.size();
      for (std::size_t c = 0; c < cells; ++c) product *= static_cast<double>(v.high - v.low + 1);
      if (!v.fixed && states_ * product > shape_.states_max) continue;
      if (!v.fixed) states_ *= product;
      std::string index;
      for (const std::size_t s : v.index) index += (index.empty() ? "" : ", ") + sorts_[s].name;
      variable_texts_.push_back(
          {keep(v.name), keep(index), keep(domain), "", v.fixed ? rules::Role::fixed : rules::Role::state});
      variables_.push_back(std::move(v));
    }
  }

  // --- expressions ---

  std::string bound_name() { return "e" + std::to_string(bound_count_++); }

  /// A variable that `wanted` admits, with its indices, or empty where there is none.
  template <class Wanted>
  std::string cell(const Scope& scope, unsigned depth, Wanted wanted) {
    std::vector<const VariableOf*> fitting;
    for (const VariableOf& v : variables_)
      if (wanted(v)) fitting.push_back(&v);
    if (fitting.empty()) return {};
    const VariableOf& v = *fitting[below(fitting.size())];
    return v.name + indices(v.index, scope, depth);
  }
  std::string indices(const std::vector<std::size_t>& sorts, const Scope& scope, unsigned depth) {
    std::string text;
    for (const std::size_t s : sorts)
      text += (text.empty() ? "[" : ", ") + element(s, once_in(20), scope, depth > 0 ? depth - 1 : 0);
    return text.empty() ? text : text + "]";
  }

  std::string element(std::size_t sort, bool optional, const Scope& scope, unsigned depth) {
    std::vector<std::string_view> bound;
    for (const Bound& b : scope)
      if (b.sort == sort) bound.push_back(b.name);
    if (!bound.empty() && !once_in(3)) return std::string(bound[below(bound.size())]);
    if (depth > 0 && once_in(2)) {
      const std::string found = cell(scope, depth - 1, [&](const VariableOf& v) {
        return v.kind == rules::TypeKind::element && v.sort == sort && (optional || !v.optional);
      });
      if (!found.empty()) return found;
    }
    if (depth > 0 && once_in(6))
      return "(if " + boolean(scope, depth - 1) + " then " + element(sort, optional, scope, depth - 1) +
             " else " + element(sort, false, scope, depth - 1) + ")";
    if (optional && once_in(3)) return "none";
    if (shape_.symmetric && !bound.empty()) return std::string(bound[below(bound.size())]);
    return std::string(sorts_[sort].elements[below(sorts_[sort].elements.size())]);
  }

  std::string integer(const Scope& scope, unsigned depth) {
    if (depth == 0 || once_in(4)) return std::to_string(below(4));
    switch (below(7)) {
      case 0: return integer(scope, depth - 1) + " + " + integer(scope, depth - 1);
      case 1: return "(" + integer(scope, depth - 1) + " - " + integer(scope, depth - 1) + ")";
      case 2: return "(" + integer(scope, depth - 1) + ") * " + std::to_string(below(3));
      case 3: return quantified(once_in(2) ? "sum" : "count", scope, depth - 1);
      case 4:
        return "(if " + boolean(scope, depth - 1) + " then " + integer(scope, depth - 1) + " else " +
               integer(scope, depth - 1) + ")";
      default: break;
    }
    if (!uses_.empty() && once_in(3)) return "today.level" + copy(scope);
    const std::string found =
        cell(scope, depth - 1, [](const VariableOf& v) { return v.kind == rules::TypeKind::integer; });
    return found.empty() ? std::to_string(below(4)) : found;
  }

  std::string copy(const Scope& scope) {
    return machine_is_indexed_ ? "[" + element(machine_index_, once_in(20), scope, 1) + "]" : "";
  }

  std::string quantified(std::string_view how, const Scope& scope, unsigned depth) {
    Scope inner = scope;
    const std::size_t sort = below(sorts_.size());
    inner.push_back({bound_name(), sort});
    return std::string(how) + "(" + inner.back().name + " in " + sorts_[sort].name + ": " +
           (how == "sum" ? integer(inner, depth) : boolean(inner, depth)) + ")";
  }

  std::string boolean(const Scope& scope, unsigned depth) {
    if (depth > 0) {
      switch (below(9)) {
        case 0: return "!(" + boolean(scope, depth - 1) + ")";
        case 1: return "(" + boolean(scope, depth - 1) + " && " + boolean(scope, depth - 1) + ")";
        case 2: return "(" + boolean(scope, depth - 1) + " || " + boolean(scope, depth - 1) + ")";
        case 3: return "(" + boolean(scope, depth - 1) + " => " + boolean(scope, depth - 1) + ")";
        case 4: return quantified(once_in(2) ? "forall" : "exists", scope, depth - 1);
        case 5: return "((" + boolean(scope, depth - 1) + ") == (" + boolean(scope, depth - 1) + "))";
        default: break;
      }
    }
    switch (below(4)) {
      case 0: {
        constexpr std::string_view signs[] = {" == ", " != ", " < ", " <= ", " > ", " >= "};
        if (once_in(4))
          return integer(scope, depth) + " in {" + std::to_string(below(3)) + ", " + integer(scope, 0) +
                 " .. " + std::to_string(2 + below(3)) + "}";
        return integer(scope, depth) + std::string(signs[below(6)]) + integer(scope, depth);
      }
      case 1: {
        const std::size_t sort = below(sorts_.size());
        const std::string left = element(sort, true, scope, depth + 1);
        if (once_in(4) && left != "none")
          return left + " in {" + element(sort, true, scope, 0) + ", " + element(sort, false, scope, depth) +
                 "}";
        return left + (once_in(2) ? " == " : " != ") + element(sort, true, scope, depth);
      }
      case 2:
        if (!uses_.empty()) {
          if (once_in(3)) return "today.mark" + copy(scope);
          return "today" + copy(scope) + (once_in(2) ? " == " : " != ") +
                 std::string(machine_states_[below(machine_states_.size())]);
        }
        [[fallthrough]];
      default: {
        const std::string found =
            cell(scope, depth, [](const VariableOf& v) { return v.kind == rules::TypeKind::boolean; });
        return found.empty() ? integer(scope, depth) + " < " + integer(scope, depth) : found;
      }
    }
  }

  // --- actions and properties ---

  static std::string literal(long n) { return n < 0 ? "0 - " + std::to_string(-n) : std::to_string(n); }

  std::string assignment(const VariableOf& v, const Scope& scope) {
    const std::string target = v.name + indices(v.index, scope, 2);
    // Half of the assignments only move a value on, so that there are states to visit.
    const bool moves = once_in(2);
    if (moves && v.kind == rules::TypeKind::boolean) return target + " := !" + target;
    if (moves && v.kind == rules::TypeKind::integer)
      return target + " := if " + target + " < " + literal(v.high) + " then " + target + " + 1 else " +
             literal(v.low);
    if (moves) return target + " := " + element(v.sort, v.optional, scope, 0);
    if (v.kind == rules::TypeKind::boolean) return target + " := " + boolean(scope, shape_.depth - 1);
    if (v.kind == rules::TypeKind::element)
      return target + " := " + element(v.sort, v.optional, scope, shape_.depth - 1);
    const std::string value = integer(scope, shape_.depth - 1);
    if (once_in(12)) return target + " := " + value;  // may leave the domain
    return target + " := if " + value + " in {" + literal(v.low) + " .. " + literal(v.high) + "} then " +
           value + " else " +
           literal(v.low + static_cast<long>(below(static_cast<std::uint64_t>(v.high - v.low + 1))));
  }

  void actions() {
    const std::size_t count = 2 + below(shape_.actions_max - 1) / 2 + below(shape_.actions_max - 1) / 2;
    for (std::size_t a = 0; a < count; ++a) {
      Scope scope;
      std::string parameters, update, steps;
      for (std::size_t p = shape_.symmetric ? sorts_.size() : below(3); p > 0; --p) {
        scope.push_back({"a" + std::to_string(p), shape_.symmetric ? p - 1 : below(sorts_.size())});
        parameters +=
            (parameters.empty() ? "" : ", ") + scope.back().name + ": " + sorts_[scope.back().sort].name;
      }
      std::vector<const VariableOf*> targets;
      for (const VariableOf& v : variables_)
        if (!v.fixed) targets.push_back(&v);
      if (!uses_.empty() && (targets.empty() || once_in(2))) {
        constexpr std::string_view events[] = {"rise", "fall", "rise", "new"};
        steps = "today" + copy(scope) + "." + std::string(events[below(4)]);
        if (!steps.ends_with("new") && !once_in(4)) steps += "(go: " + boolean(scope, 1) + ")";
      }
      for (std::size_t updates = targets.empty() ? 0 : 1 + below(3); updates > 0 && !targets.empty();
           --updates) {
        const std::size_t chosen = below(targets.size());
        const VariableOf& v = *targets[chosen];
        if (!once_in(8)) targets.erase(targets.begin() + static_cast<std::ptrdiff_t>(chosen));
        update += update.empty() ? "" : "; ";
        if (!once_in(4)) {
          update += assignment(v, scope);
          continue;
        }
        Scope inner = scope;
        const std::size_t sort = v.index.empty() ? below(sorts_.size()) : v.index[below(v.index.size())];
        inner.push_back({bound_name(), sort});
        update +=
            "forall(" + inner.back().name + " in " + sorts_[sort].name + ": " + assignment(v, inner) + ")";
      }
      if (update.empty() && steps.empty()) continue;
      const std::string guard = once_in(4)   ? ""
                                : once_in(2) ? boolean(scope, 1)
                                             : boolean(scope, shape_.depth);
      action_texts_.push_back({keep("do-" + std::to_string(a)), keep(parameters), keep(guard), keep(steps),
                               keep(update), "chance", "",
                               once_in(4) ? rules::Actor::fault : rules::Actor::decision});
    }
  }

  void properties() {
    constexpr std::pair<std::string_view, rules::Verb> all[] = {{"steady", rules::Verb::always},
                                                                {"calm-now", rules::Verb::always},
                                                                {"seen", rules::Verb::sometimes},
                                                                {"returns", rules::Verb::eventually}};
    for (const auto& [name, verb] : all) {
      Scope scope;
      std::string before, after;
      for (std::size_t s = 0; shape_.symmetric && s < sorts_.size(); ++s) {
        scope.push_back({bound_name(), s});
        before += std::string(once_in(2) ? "forall" : "exists") + "(" + scope.back().name + " in " +
                  sorts_[s].name + ": ";
        after += ")";
      }
      property_texts_.push_back(
          {name, verb, keep(before + boolean(scope, shape_.depth) + after), "chance", ""});
    }
  }
};

inline std::unique_ptr<RandomModule> random_module(std::uint64_t seed, ModuleShape shape = {}) {
  return std::make_unique<RandomModule>(seed, shape);
}

}  // namespace portolan::test
