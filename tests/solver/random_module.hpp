#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Random small modules from a seed: every operator of the rule language, optional sorts, tables over two sorts, bulk updates,
// machines, faults, properties of each verb, and now and then a variable so wide that states take several words and
// tables are too small for what an action reads. Much of it is undefined somewhere; that is part of what is tested.

#include <random>

#include "bench/module_source.hpp"
#include "model/machines/session.hpp"

namespace portolan::solver {

class RandomModule {
 public:
  explicit RandomModule(std::uint64_t seed) : random_(seed), source("random" + std::to_string(seed)), probes("probes") { make(); }

 private:
  std::mt19937_64 random_;

 public:
  bench::ModuleSource source;
  /// The same variables; for each property of the form `a => b`, behind quantifiers or not, an action of the property's name
  /// with the guard a, so that its left side can be asked for by itself.
  bench::ModuleSource probes;
  std::vector<std::string> conditions;  ///< without parameters, for goals

 private:
  struct Var {
    std::string name;
    std::vector<std::size_t> index;
    enum Kind { boolean, integer, element, optional } kind = boolean;
    std::int64_t low = 0, high = 1;
    std::size_t sort = 0;
    bool fixed = false;
  };
  struct Bound { std::string name; std::size_t sort; };
  std::vector<std::vector<std::string>> sorts_;
  std::vector<Var> vars_;
  std::vector<Bound> bound_;
  int fresh_ = 0;

  std::size_t below(std::size_t n) { return random_() % n; }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
  static std::string sort_name(std::size_t s) { return "s" + std::to_string(s); }
  static std::string number(std::int64_t n) { return n < 0 ? "(0 - " + std::to_string(-n) + ")" : std::to_string(n); }

  /// An element of a sort, `maybe` none; empty where there is none to be had.
  std::string element(std::size_t sort, bool maybe, int depth) {
    std::vector<std::string> choices;
    for (const Bound& b : bound_) if (b.sort == sort) choices.insert(choices.end(), 3, b.name);
    for (const std::string& e : sorts_[sort]) choices.push_back(e);
    if (depth > 0)
      for (const Var& v : vars_)
        if (v.sort == sort && (v.kind == Var::element || (maybe && v.kind == Var::optional))) {
          const std::string read = reading(v, depth - 1);
          if (!read.empty()) choices.insert(choices.end(), 2, read);
        }
    if (maybe && chance(10)) return "none";
    return choices.empty() ? (maybe ? "none" : "") : choices[below(choices.size())];
  }
  /// `x[i, j]`; empty where no index can be named.
  std::string reading(const Var& v, int depth) {
    if (v.index.empty()) return v.name;
    std::string text = v.name + "[";
    for (std::size_t i = 0; i < v.index.size(); ++i) {
      const std::string at = element(v.index[i], chance(12), depth);
      if (at.empty()) return {};
      text += (i > 0 ? ", " : "") + at;
    }
    return text + "]";
  }
  std::string some(Var::Kind kind, int depth) {
    std::vector<std::string> choices;
    for (const Var& v : vars_) {
      if (v.kind != kind) continue;
      const std::string read = reading(v, depth);
      if (!read.empty()) choices.push_back(read);
    }
    return choices.empty() ? std::string() : choices[below(choices.size())];
  }
  std::string quantified(const char* word, int depth) {
    const std::size_t sort = below(sorts_.size());
    const std::string name = "q" + std::to_string(fresh_++);
    bound_.push_back({name, sort});
    const std::string body = condition(depth - 1);
    bound_.pop_back();
    return std::string(word) + "(" + name + " in " + sort_name(sort) + ": " + body + ")";
  }
  std::string integer(int depth) {
    if (depth > 0) {
      switch (below(8)) {
        case 0: return "(" + integer(depth - 1) + " + " + integer(depth - 1) + ")";
        case 1: return "(" + integer(depth - 1) + " - " + integer(depth - 1) + ")";
        case 2: return "(" + integer(depth - 1) + " * " + integer(depth - 1) + ")";
        case 3: return quantified("count", depth);
        case 4: return "(if " + condition(depth - 1) + " then " + integer(depth - 1) + " else " + integer(depth - 1) + ")";
        case 5: if (chance(4)) return "(9223372036854775807 + " + integer(depth - 1) + ")"; break;
        default: break;
      }
    }
    if (const std::string read = some(Var::integer, depth); !read.empty() && chance(75)) return read;
    return number(static_cast<std::int64_t>(below(5)) - 1);
  }
  std::string condition(int depth) {
    if (depth > 0) {
      switch (below(12)) {
        case 0: return "!(" + condition(depth - 1) + ")";
        case 1: case 2: return "(" + condition(depth - 1) + " && " + condition(depth - 1) + ")";
        case 3: return "(" + condition(depth - 1) + " || " + condition(depth - 1) + ")";
        case 4: return "(" + condition(depth - 1) + " => " + condition(depth - 1) + ")";
        case 5: return quantified(chance(50) ? "forall" : "exists", depth);
        case 6: return "(if " + condition(depth - 1) + " then " + condition(depth - 1) + " else " + condition(depth - 1) + ")";
        case 7: {
          std::string set = "(" + integer(depth - 1) + " in {";
          for (std::size_t i = 0, n = below(3); i < n; ++i) set += (i > 0 ? ", " : "") + integer(depth - 1) + (chance(40) ? ".." + integer(depth - 1) : "");
          return set + "})";
        }
        default: break;
      }
    }
    switch (below(4)) {
      case 0: if (const std::string read = some(Var::boolean, depth); !read.empty()) return chance(30) ? "!" + read : read; break;
      case 1: {
        const std::size_t sort = below(sorts_.size());
        const std::string a = element(sort, true, depth + 1), b = element(sort, true, depth);
        if (a != "none") return "(" + a + (chance(60) ? " == " : " != ") + b + ")";
        break;
      }
      default: break;
    }
    constexpr const char* comparisons[] = {" == ", " != ", " < ", " <= ", " > ", " >= "};
    return "(" + integer(std::min(depth, 1)) + comparisons[below(6)] + integer(std::min(depth, 1)) + ")";
  }

  std::string assignment() {
    const bool bulk = chance(25);
    std::string text;
    std::size_t sort = 0;
    if (bulk) {
      sort = below(sorts_.size());
      const std::string name = "q" + std::to_string(fresh_++);
      text = "forall(" + name + " in " + sort_name(sort) + ": ";
      bound_.push_back({name, sort});
    }
    std::string made;
    for (int tries = 0; tries < 20 && made.empty(); ++tries) {
      const Var& v = vars_[below(vars_.size())];
      if (v.fixed) continue;
      const std::string target = reading(v, 1);
      if (target.empty()) continue;
      switch (v.kind) {
        case Var::boolean: made = target + " := " + condition(1); break;
        case Var::integer: {
          if (v.high > 1000) { made = target + " := " + (chance(50) ? std::to_string(v.high) + " - " + target : std::to_string(below(2) * static_cast<std::size_t>(v.high))); break; }
          const std::string value = integer(1);
          made = target + " := " + (chance(80) ? "if " + value + " in {" + number(v.low) + ".." + number(v.high) + "} then " + value + " else " + number(v.low) : value);
          break;
        }
        case Var::element:
        case Var::optional: {
          const std::string value = element(v.sort, v.kind == Var::optional, 1);
          if (!value.empty()) made = target + " := " + value;
          break;
        }
      }
    }
    if (bulk) {
      bound_.pop_back();
      text += made + ")";
    } else {
      text = made;
    }
    return made.empty() ? std::string() : text;
  }

  void make() {
    const std::size_t sorts = 1 + below(2);
    for (std::size_t s = 0; s < sorts; ++s) {
      std::vector<std::string> elements;
      for (std::size_t e = 0, n = chance(5) ? 0 : 1 + below(3); e < n; ++e) elements.push_back("e" + std::to_string(s) + std::to_string(e));
      sorts_.push_back(elements);
      for (auto* into : {&source, &probes}) into->sort(sort_name(s), elements);
    }
    for (auto* into : {&source, &probes}) into->variable("unused", "", "bool");  // what the probes would write
    for (std::size_t n = 3 + below(4), k = 0; k < n; ++k) {
      Var v;
      v.name = "x" + std::to_string(k);
      for (std::size_t i = 0, size = chance(50) ? 0 : 1 + below(2); i < size; ++i) v.index.push_back(below(sorts));
      v.fixed = chance(10);
      v.sort = below(sorts);
      v.kind = static_cast<Var::Kind>(below(4));
      if (v.kind == Var::element && sorts_[v.sort].empty()) v.kind = Var::optional;
      std::string domain = "bool", initial;
      if (v.kind == Var::integer) {
        v.low = static_cast<std::int64_t>(below(3)) - 1;
        v.high = v.low + 1 + static_cast<std::int64_t>(below(3));
        if (chance(12)) v.low = 0, v.high = 1'000'000'000'000 + static_cast<std::int64_t>(below(1000));
        domain = std::to_string(v.low) + ".." + std::to_string(v.high);
        if (chance(30)) initial = number(v.high);
      }
      if (v.kind == Var::boolean && chance(30)) initial = "true";
      if (v.kind == Var::element || v.kind == Var::optional) {
        domain = sort_name(v.sort) + (v.kind == Var::optional ? "?" : "");
        if (!sorts_[v.sort].empty() && chance(40)) initial = sorts_[v.sort].back();
      }
      std::string index;
      for (const std::size_t s : v.index) index += (index.empty() ? "" : ", ") + sort_name(s);
      for (auto* into : {&source, &probes}) into->variable(v.name, index, domain, initial, v.fixed ? rules::Role::fixed : rules::Role::state);
      vars_.push_back(v);
    }
    const bool machine = chance(20);
    const bool indexed = machine && chance(50);
    if (machine)
      for (auto* into : {&source, &probes}) into->machine("m", indexed ? sort_name(0) : "", machines::session);

    for (std::size_t n = 2 + below(5), a = 0; a < n; ++a) {
      std::string parameters;
      for (std::size_t p = 0, count = below(3); p < count; ++p) {
        bound_.push_back({"p" + std::to_string(p), below(sorts)});
        parameters += (p > 0 ? ", " : "") + bound_.back().name + ": " + sort_name(bound_.back().sort);
      }
      std::string update, steps;
      for (std::size_t u = 0, count = 1 + below(2); u < count; ++u) {
        const std::string one = assignment();
        if (!one.empty()) update += (update.empty() ? "" : "; ") + one;
      }
      if (machine && chance(60)) {
        const std::string copy = indexed ? element(0, chance(20), 1) : "";
        const std::string event = chance(15) ? "new" : std::string(machines::session_events[below(std::size(machines::session_events))]);
        if (!indexed || !copy.empty()) steps = "m" + (indexed ? "[" + copy + "]" : "") + "." + event + (event != "new" && chance(70) ? "(yes: " + condition(1) + ")" : "");
      }
      if (!update.empty() || !steps.empty()) source.action("a" + std::to_string(a), parameters, chance(80) ? condition(chance(40) ? 2 : 1) : "", steps, update, chance(25));
      bound_.clear();
    }

    for (std::size_t n = 3 + below(3), p = 0; p < n; ++p) {
      const std::string name = "p" + std::to_string(p);
      const auto verb = static_cast<rules::Verb>(below(3));
      if (verb == rules::Verb::always && chance(60)) {
        // a => b, alone or for every element
        const std::size_t sort = below(sorts);
        const bool all = chance(50);
        if (all) bound_.push_back({"x", sort});
        const std::string left = condition(2), right = condition(1);
        bound_.clear();
        source.property(name, verb, all ? "forall(x in " + sort_name(sort) + ": (" + left + ") => (" + right + "))" : "(" + left + ") => (" + right + ")");
        probes.action(name, all ? "x: " + sort_name(sort) : "", left, "", "unused := true");
        continue;
      }
      conditions.push_back(condition(verb == rules::Verb::always ? 1 : 2));
      if (verb == rules::Verb::always && chance(50)) conditions.back() += " || " + condition(1) + " || " + condition(1);
      if (const std::string& made = conditions.back(); verb != rules::Verb::always || made.find("=>") == std::string::npos) source.property(name, verb, made);
    }
    while (conditions.size() < 2) conditions.push_back(condition(1));
  }
};

}  // namespace portolan::solver
