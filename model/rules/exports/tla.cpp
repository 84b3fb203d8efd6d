// SPDX-License-Identifier: Apache-2.0
#include "model/rules/exports/tla.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "model/rules/exports/tla_terms.hpp"

namespace portolan::rules::exports {

namespace {

/// One assignment, or one for each element that it ranges over (`over` is then `e \\in Sort`).
struct TlaWrite {
  std::vector<Term> at;
  Term value, sound;
  std::string over, element;
  std::string index() const {
    return at.size() == 2 ? fmt::format("<<{}, {}>>", at[0].text, at[1].text)
           : at.empty()   ? "\"\""
                          : at[0].text;
  }
  bool for_each_itself() const { return !over.empty() && at.size() == 1 && at[0].text == element; }
  bool each_cell_once() const { return over.empty() || for_each_itself(); }
};

class TlaWriter {
 public:
  explicit TlaWriter(const Module& module) : module_(module), terms_(module) {}

  Result<std::string> write() {
    for (const Property& property : module_.properties)
      property_names_.push_back(terms_.named(property.name));
    for (const Action& action : module_.actions) {
      action_names_.push_back(terms_.named(action.name));
      undefined_names_.push_back(terms_.named("undefined_" + action_names_.back()));
    }
    for (const char* name : {"f", "writes", "at", "u", "w"}) helper_names_.push_back(terms_.named(name));
    std::string actions;
    for (std::size_t a = 0; a < module_.actions.size(); ++a) actions += action_text(a);
    std::string properties = properties_text();
    if (!terms_.faults().empty()) return fail(terms_.faults());
    return opening() + constants() + variables() + helpers() + actions + behaviour() + properties + "====\n";
  }

 private:
  const Module& module_;
  TlaTerms terms_;
  std::vector<std::string> property_names_, action_names_, undefined_names_;
  std::vector<std::string> helper_names_;  ///< bound in the helpers
  std::vector<bool> may_be_undefined_;
  bool uses_written_ = false, uses_agree_ = false;

  // --- what is declared ---

  std::string value_text(const Variable& variable, std::int64_t cell) const {
    return terms_.cell_value(variable, cell).text;
  }
  std::string index_text(std::size_t v, std::int64_t cell) const {
    const Variable& variable = module_.variables[v];
    const auto element = [&](int i, std::int64_t e) {
      return terms_.element_term(static_cast<std::size_t>(variable.index_sorts[i]), e).text;
    };
    if (variable.index_sorts[1] < 0) return element(0, cell);
    return fmt::format("<<{}, {}>>", element(0, cell / module_.strides[v]),
                       element(1, cell % module_.strides[v]));
  }
  /// The values at the beginning: the value that most cells have is what is left at the end.
  std::string values_of(std::size_t v) {
    const Variable& variable = module_.variables[v];
    if (variable.index_sorts[0] < 0) return value_text(variable, terms_.cells_of(v)[0]);
    std::vector<std::string> names, ranges;
    for (const std::int16_t sort : variable.index_sorts) {
      if (sort < 0) continue;
      names.push_back(terms_.fresh(static_cast<std::size_t>(sort)));
      ranges.push_back(names.back() + " \\in " + terms_.sort_name(static_cast<std::size_t>(sort)));
    }
    const std::string at = names.size() == 1 ? names[0] : "<<" + joined(names) + ">>";
    for (const std::string& name : names) terms_.give_back(name);
    return fmt::format("[{} |-> {}]", joined(ranges), value_at(v, at));
  }
  /// The value at the beginning of the cell whose index is called `at`.
  std::string value_at(std::size_t v, const std::string& at) const {
    const Variable& variable = module_.variables[v];
    auto where = terms_.cells_by_value(v);
    const auto set = [&](const std::vector<std::int64_t>& cells) {
      std::vector<std::string> all;
      for (const std::int64_t cell : cells) all.push_back(index_text(v, cell));
      return joined(all);
    };
    if (where.size() < 2) return value_text(variable, where.empty() ? variable.low : where.begin()->first);
    if (variable.type.kind == TypeKind::boolean) {
      const bool few_true = where[1].size() <= where[0].size();
      return fmt::format("{} {} {{{}}}", at, few_true ? "\\in" : "\\notin", set(where[few_true ? 1 : 0]));
    }
    const std::int64_t most = most_frequent(where);
    std::string body;
    for (const auto& [one, cells] : where) {
      if (one == most) continue;
      const std::string here = cells.size() == 1 ? fmt::format("{} = {}", at, set(cells))
                                                 : fmt::format("{} \\in {{{}}}", at, set(cells));
      body += fmt::format("{}{} -> {} ", body.empty() ? "CASE " : "[] ", here, value_text(variable, one));
    }
    return body + "[] OTHER -> " + value_text(variable, most);
  }
  std::string domain_of(const Variable& variable) const {
    std::string values;
    switch (variable.type.kind) {
      case TypeKind::boolean: values = "BOOLEAN"; break;
      case TypeKind::element:
        values = terms_.sort_name(static_cast<std::size_t>(variable.type.sort)) +
                 (variable.type.optional ? " \\cup {none}" : "");
        break;
      default:
        values = fmt::format("{}..{}", terms_.number(variable.low).text, terms_.number(variable.high).text);
    }
    if (variable.index_sorts[0] < 0) return values;
    std::string index = terms_.sort_name(static_cast<std::size_t>(variable.index_sorts[0]));
    if (variable.index_sorts[1] >= 0)
      index += " \\X " + terms_.sort_name(static_cast<std::size_t>(variable.index_sorts[1]));
    return fmt::format("[{} -> {}]", index, values);
  }

  std::string opening() const {
    std::string invariants = "TypeOK, WellDefined", others;
    for (std::size_t p = 0; p < module_.properties.size(); ++p)
      if (module_.properties[p].verb == Verb::always) invariants += ", " + property_names_[p];
    return fmt::format(
        "---- MODULE {} ----\n(* Module {}, written by portolan with the same states and steps. For TLC:\n   "
        "  SPECIFICATION Spec\n     INVARIANTS {}\n     CHECK_DEADLOCK FALSE\n"
        "   TLC's distinct states are the module's states. *)\nEXTENDS Integers, FiniteSets\n\n",
        tla_name(module_.name), tla_comment(module_.name), invariants);
  }
  std::string constants() {
    std::string text = "none == \"none\"\n";
    for (std::size_t s = 0; s < module_.sorts.size(); ++s) {
      std::string elements;
      for (const std::string& element : module_.sorts[s].elements)
        elements += (elements.empty() ? "" : ", ") + tla_string(element);
      text += fmt::format("{} == {{{}}}\n", terms_.sort_name(s), elements);
    }
    std::string fixed;
    for (std::size_t v = 0; v < module_.variables.size(); ++v)
      if (module_.variables[v].fixed)
        fixed += fmt::format("{} == {}{}\n", terms_.variable_name(v), values_of(v),
                             meaning_of(module_.variables[v].meaning));
    return text + (fixed.empty() ? "" : "\n\\* Fixed, and therefore no state.\n" + fixed) + "\n";
  }
  static std::string meaning_of(const std::string& meaning) {
    return meaning.empty() ? std::string() : "  \\* " + tla_comment(meaning);
  }

  std::string variables() {
    std::string list, tuple, types, init;
    std::size_t last = 0;
    for (std::size_t v = 0; v < module_.variables.size(); ++v)
      if (!module_.variables[v].fixed) last = v;
    for (std::size_t v = 0; v < module_.variables.size(); ++v) {
      const Variable& variable = module_.variables[v];
      if (variable.fixed) continue;
      list += fmt::format("  {}{}{}\n", terms_.variable_name(v), v == last ? "" : ",",
                          meaning_of(variable.meaning));
      tuple += (tuple.empty() ? "" : ", ") + terms_.variable_name(v);
      types += fmt::format("  /\\ {} \\in {}\n", terms_.variable_name(v), domain_of(variable));
      init += fmt::format("  /\\ {} = {}\n", terms_.variable_name(v), values_of(v));
    }
    return fmt::format("VARIABLES\n{}\nvars == <<{}>>\n\nTypeOK ==\n{}\nInit ==\n{}\n", list, tuple, types,
                       init);
  }
  std::string helpers() const {
    const std::string &f = helper_names_[0], &writes = helper_names_[1], &at = helper_names_[2],
                      &u = helper_names_[3], &w = helper_names_[4];
    std::string text;
    if (uses_written_)
      text += fmt::format(
          "\\* A function with some cells written: pairs of where and what.\n"
          "Written({0}, {1}) == [{2} \\in DOMAIN {0} |-> IF \\E {3} \\in {1} : {3}[1] = {2} THEN (CHOOSE {3} "
          "\\in {1} : {3}[1] = {2})[2] ELSE {0}[{2}]]\n",
          f, writes, at, w);
    if (uses_agree_)
      text += fmt::format(
          "Agree({0}) == \\A {1} \\in {0} : \\A {2} \\in {0} : {1}[1] = {2}[1] => {1}[2] = {2}[2]\n", writes,
          u, w);
    return text.empty() ? text : text + "\n";
  }

  // --- actions ---

  TlaWrite write_of(const Assignment& assignment, std::vector<Meaning>& bound,
                    const std::vector<std::string>& facts) {
    TlaWrite write;
    write.sound = terms_.truth(true);
    const bool each = assignment.for_sort >= 0;
    const auto sort = static_cast<std::size_t>(assignment.for_sort);
    if (each) {
      write.element = terms_.fresh(sort);
      write.over = write.element + " \\in " + terms_.sort_name(sort);
      bound.push_back(terms_.bound(sort, write.element));
    }
    write.at = terms_.target(assignment, bound, facts, write.sound);
    write.value = terms_.given(assignment, bound, facts, write.sound);
    if (!each) return write;
    bound.pop_back();
    terms_.give_back(write.element);
    if (!write.sound.decided)
      write.sound =
          terms_.condition(fmt::format("\\A {} : {}", write.over, write.sound.text), TlaTerms::loose);
    if (write.sound.never() && module_.sort_sizes[sort] == 0) write.sound = terms_.truth(true);
    return write;
  }

  std::string set_of(const std::vector<TlaWrite>& writes) const {
    std::string plain, all;
    for (const TlaWrite& write : writes) {
      const std::string pair = fmt::format("<<{}, {}>>", write.index(), write.value.text);
      if (write.over.empty())
        plain += (plain.empty() ? "" : ", ") + pair;
      else
        all += fmt::format("{}{{{} : {}}}", all.empty() ? "" : " \\cup ", pair, write.over);
    }
    if (plain.empty()) return all;
    return fmt::format("{{{}}}{}{}", plain, all.empty() ? "" : " \\cup ", all);
  }

  /// `x' = …`; `sound` gains that no cell is given two values.
  std::string update_text(std::size_t v, const std::vector<TlaWrite>& writes, Term& sound) {
    const std::string& name = terms_.variable_name(v);
    const bool plain =
        std::all_of(writes.begin(), writes.end(), [](const TlaWrite& w) { return w.over.empty(); });
    if (writes.size() == 1 && plain)
      return writes[0].at.empty()
                 ? fmt::format("{}' = {}", name, terms_.wrapped(writes[0].value, TlaTerms::arithmetic_term))
                 : fmt::format("{0}' = [{0} EXCEPT ![{1}] = {2}]", name, except_index(writes[0]),
                               writes[0].value.text);
    if (writes.size() == 1 && writes[0].for_each_itself())
      return fmt::format("{}' = [{} |-> {}]", name, writes[0].over, writes[0].value.text);
    if (plain && !writes[0].at.empty()) {
      std::string updates;
      for (std::size_t i = 0; i < writes.size(); ++i) {
        updates +=
            fmt::format("{}![{}] = {}", i == 0 ? "" : ", ", except_index(writes[i]), writes[i].value.text);
        for (std::size_t j = 0; j < i; ++j) sound = terms_.conjunction(sound, agree(writes[j], writes[i]));
      }
      return fmt::format("{0}' = [{0} EXCEPT {1}]", name, updates);
    }
    const std::string set = set_of(writes);
    if (!(writes.size() == 1 && writes[0].each_cell_once())) {
      uses_agree_ = true;
      sound = terms_.conjunction(sound, terms_.condition(fmt::format("Agree({})", set), TlaTerms::atomic));
    }
    if (writes[0].at.empty())
      return fmt::format("{0}' = IF {1} = {{}} THEN {0} ELSE (CHOOSE {2} \\in {1} : TRUE)[2]", name, set,
                         helper_names_[4]);
    uses_written_ = true;
    return fmt::format("{0}' = Written({0}, {1})", name, set);
  }
  static std::string except_index(const TlaWrite& write) {
    return write.at.size() == 2 ? write.at[0].text + ", " + write.at[1].text : write.at[0].text;
  }
  Term agree(const TlaWrite& a, const TlaWrite& b) { return terms_.agree(a.at, a.value, b.at, b.value); }

  /// The guards, each without what those before it say; `facts` gains what all of them say.
  std::vector<Meaning> guards_of(const Action& action, std::span<const Meaning> bound,
                                 std::vector<std::string>& facts) {
    std::vector<Meaning> guards;
    for (const Expression& guard : action.guards) {
      Meaning one = terms_.meaning(guard, bound);
      one.defined = terms_.without(one.defined, facts);
      facts.insert(facts.end(), one.value.parts.begin(), one.value.parts.end());
      facts.insert(facts.end(), one.defined.parts.begin(), one.defined.parts.end());
      guards.push_back(std::move(one));
    }
    return guards;
  }

  /// `x' = …` for every variable; `sound` gains what makes that certain.
  std::string updates_of(const Action& action, std::vector<Meaning>& bound,
                         const std::vector<std::string>& facts, Term& sound) {
    std::map<std::size_t, std::vector<TlaWrite>> writes;
    for (const Assignment& assignment : action.assignments) {
      TlaWrite write = write_of(assignment, bound, facts);
      sound = terms_.conjunction(sound, write.sound);
      writes[static_cast<std::size_t>(assignment.variable)].push_back(std::move(write));
    }
    std::string updates, unchanged;
    for (std::size_t v = 0; v < module_.variables.size(); ++v) {
      if (module_.variables[v].fixed) continue;
      if (const auto found = writes.find(v); found != writes.end())
        updates += "  /\\ " + update_text(v, found->second, sound) + "\n";
      else
        unchanged += (unchanged.empty() ? "" : ", ") + terms_.variable_name(v);
    }
    return unchanged.empty() ? updates : updates + fmt::format("  /\\ UNCHANGED <<{}>>\n", unchanged);
  }

  std::string action_text(std::size_t a) {
    const Action& action = module_.actions[a];
    terms_.now_at("actions", action.name);
    std::vector<std::string> parameter_names, facts;
    std::vector<Meaning> bound;
    for (const ActionParameter& p : action.parameters) {
      parameter_names.push_back(terms_.named(p.name));
      bound.push_back(terms_.bound(static_cast<std::size_t>(p.sort), parameter_names.back()));
    }
    const std::vector<Meaning> guards = guards_of(action, bound, facts);
    Term sound = terms_.truth(true);
    const std::string updates = updates_of(action, bound, facts, sound);
    const std::string parameters =
        parameter_names.empty() ? std::string() : "(" + joined(parameter_names) + ")";
    std::string text = "\\* " + tla_comment(about(action)) + cited(action.sources, tla_comment) + "\n" +
                       action_names_[a] + parameters + " ==\n";
    const Term undefined = terms_.behind(guards, terms_.Logic::negation(sound));
    for (const Meaning& guard : guards) {
      if (!guard.defined.always()) text += conjuncts(guard.defined);
      if (!guard.value.always()) text += conjuncts(guard.value);
    }
    if (!sound.always()) text += conjuncts(sound);
    text += updates;
    may_be_undefined_.push_back(!undefined.never());
    if (!undefined.never())
      text += fmt::format("{}{} ==\n  {}\n", undefined_names_[a], parameters, undefined.text);
    for (const std::string& name : parameter_names) terms_.give_back(name);
    return text + "\n";
  }
  /// Each conjunct on a line of its own.
  static std::string conjuncts(const Term& term) {
    if (term.binding != TlaTerms::conjunctive) return fmt::format("  /\\ {}\n", term.text);
    std::string text, rest = term.text;
    int depth = 0;
    bool inside = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < rest.size(); ++i) {
      if (rest[i] == '\\' && inside) {
        ++i;
        continue;
      }
      if (rest[i] == '"') inside = !inside;
      if (inside) continue;
      if (rest[i] == '(' || rest[i] == '[' || rest[i] == '{') ++depth;
      if (rest[i] == ')' || rest[i] == ']' || rest[i] == '}') --depth;
      if (depth == 0 && rest.compare(i, 4, " /\\ ") == 0) {
        text += "  /\\ " + rest.substr(begin, i - begin) + "\n";
        begin = i + 4;
        i += 3;
      }
    }
    return text + "  /\\ " + rest.substr(begin) + "\n";
  }

  /// `\E v \in Vm, h \in Host : name(v, h)`
  std::string some(const Action& action, const std::string& name) {
    std::string over, list;
    std::vector<std::string> taken;
    for (const ActionParameter& p : action.parameters) {
      taken.push_back(terms_.named(p.name));
      over += fmt::format("{}{} \\in {}", over.empty() ? "" : ", ", taken.back(),
                          terms_.sort_name(static_cast<std::size_t>(p.sort)));
      list += (list.empty() ? "" : ", ") + taken.back();
    }
    for (const std::string& one : taken) terms_.give_back(one);
    return over.empty() ? name : fmt::format("\\E {} : {}({})", over, name, list);
  }

  std::string behaviour() {
    std::string next, undefined;
    for (std::size_t a = 0; a < module_.actions.size(); ++a) {
      next += "  \\/ " + some(module_.actions[a], action_names_[a]) + "\n";
      if (may_be_undefined_[a]) undefined += "  \\/ " + some(module_.actions[a], undefined_names_[a]) + "\n";
    }
    const std::string sound = undefined.empty()
                                  ? "WellDefined == TRUE\n"
                                  : "SomeUndefined ==\n" + undefined + "WellDefined == ~SomeUndefined\n";
    return "Next ==\n" + (next.empty() ? "  FALSE\n" : next) +
           "\nSpec == Init /\\ [][Next]_vars\n\n\\* No event that is enabled lacks a meaning.\n" + sound +
           "\n";
  }

  std::string properties_text() {
    std::string text;
    for (std::size_t p = 0; p < module_.properties.size(); ++p) {
      const Property& property = module_.properties[p];
      terms_.now_at("properties", property.name);
      const Term holds = terms_.holds(property.condition);
      text += "\\* " + std::string(name_of(property.verb)) +
              (property.meaning.empty() ? "" : ": " + tla_comment(property.meaning)) +
              cited({property.source}, tla_comment) + "\n" + note_on(property, property_names_[p]);
      text += fmt::format("{} == {}\n", property_names_[p], holds.text);
      if (property.verb == Verb::sometimes)
        text += fmt::format("{} == ~{}\n", terms_.named("never_" + property_names_[p]), property_names_[p]);
      text += "\n";
    }
    return text;
  }
  /// What TLC is to be told, or cannot be asked.
  std::string note_on(const Property& property, const std::string& name) const {
    if (property.verb == Verb::sometimes)
      return "\\* TLC finds a witness as the violation of the invariant that it never holds.\n";
    if (property.fair) {
      std::vector<std::string> names;
      for (const std::size_t action : *property.fair) names.push_back(module_.actions[action].name);
      return fmt::format(
          "\\* Under weak fairness of {} every run comes to it again and again: []<>{}, with WF_vars of "
          "these "
          "in the specification.\n",
          names.empty() ? "nothing" : joined(names), name);
    }
    return property.verb != Verb::eventually
               ? std::string()
               : "\\* From every reachable state some way without a fault leads to it (AG EF): branching "
                 "time, for which TLA+ has no formula.\n";
  }
};

}  // namespace

Result<std::string> tla(const Module& module) { return TlaWriter(module).write(); }

}  // namespace portolan::rules::exports
