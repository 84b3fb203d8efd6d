// SPDX-License-Identifier: Apache-2.0
#include "model/rules/tla.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "model/rules/evaluate.hpp"
#include "model/support/text.hpp"

namespace portolan::rules {

namespace tla_text {
namespace {

// --- terms
// -------------------------------------------------------------------------------------------------------------

/// How strongly the outermost operator of a text binds. TLA+ does not rank /\ and \/, so each stands in
/// parentheses inside the other.
enum Binding { loose = 0, conjunctive, disjunctive, negated, compared_to, arithmetic, atomic };

/// Text, and between which numbers its value lies (booleans 0 and 1, elements their position, `none` -1).
struct Term {
  std::int64_t low = 0, high = 0;
  std::string text;
  Binding binding = atomic;
  std::vector<std::string> parts = {};  ///< of a conjunction: its conjuncts
  std::string opposite = {};            ///< what holds where it does not, when that can be said without ~
  bool constant() const { return low == high; }
  bool always() const { return text == "TRUE"; }
  bool never() const { return text == "FALSE"; }
};

/// A value, and the condition under which there is one.
struct Meaning {
  Term value, defined;
};

Term truth(bool value) { return {value, value, value ? "TRUE" : "FALSE"}; }
Term condition(std::string text, Binding binding, std::string opposite = {}) {
  return {0, 1, text, binding, {text}, std::move(opposite)};
}
std::string wrapped(const Term& term, Binding least) {
  return term.binding < least ? "(" + term.text + ")" : term.text;
}

Term negation(const Term& a) {
  if (a.always() || a.never()) return truth(a.never());
  if (!a.opposite.empty()) return condition(a.opposite, compared_to, a.text);
  return condition("~" + wrapped(a, atomic), negated, a.binding >= compared_to ? a.text : std::string());
}
Term from_parts(std::vector<std::string> parts, const std::vector<Term>& terms) {
  if (parts.empty()) return truth(true);
  if (terms.size() == 1) return terms.front();
  std::string text;
  for (const Term& term : terms)
    text +=
        (text.empty() ? "" : " /\\ ") + (term.binding == conjunctive ? term.text : wrapped(term, negated));
  return {0, 1, std::move(text), conjunctive, std::move(parts), {}};
}
Term conjunction(const Term& a, const Term& b) {
  if (a.never() || b.never()) return truth(false);
  if (a.always()) return b;
  if (b.always() || std::all_of(b.parts.begin(), b.parts.end(), [&](const std::string& p) {
        return std::find(a.parts.begin(), a.parts.end(), p) != a.parts.end();
      }))
    return a;
  std::vector<std::string> parts = a.parts;
  for (const std::string& part : b.parts) parts.push_back(part);
  return from_parts(std::move(parts), {a, b});
}
Term disjunction(const Term& a, const Term& b) {
  if (a.always() || b.always() || (!a.opposite.empty() && a.opposite == b.text) ||
      (!b.opposite.empty() && b.opposite == a.text))
    return truth(true);
  if (a.never() || a.text == b.text) return b;
  if (b.never()) return a;
  const auto side = [](const Term& t) { return t.binding == disjunctive ? t.text : wrapped(t, negated); };
  return condition(side(a) + " \\/ " + side(b), disjunctive);
}

// --- names
// -------------------------------------------------------------------------------------------------------------

const std::set<std::string, std::less<>>& reserved() {
  static const std::set<std::string, std::less<>> words = {
      "ASSUME",      "ASSUMPTION",    "AXIOM",     "BOOLEAN", "BY",      "CASE",      "CHOOSE",
      "CONSTANT",    "CONSTANTS",     "DEF",       "DEFINE",  "DEFS",    "DOMAIN",    "ELSE",
      "ENABLED",     "EXCEPT",        "EXTENDS",   "FALSE",   "HAVE",    "HIDE",      "IF",
      "IN",          "INSTANCE",      "LAMBDA",    "LEMMA",   "LET",     "LOCAL",     "MODULE",
      "NEW",         "OBVIOUS",       "OMITTED",   "OTHER",   "PICK",    "PROOF",     "PROPOSITION",
      "PROVE",       "QED",           "RECURSIVE", "STATE",   "STRING",  "SUBSET",    "SUFFICES",
      "TAKE",        "TEMPORAL",      "THEN",      "THEOREM", "TRUE",    "UNCHANGED", "UNION",
      "USE",         "VARIABLE",      "VARIABLES", "WITH",    "WITNESS", "ACTION",    "ONLY",
      "CONSTRAINT",  "SPECIFICATION", "INVARIANT", "INIT",    "NEXT",    "Nat",       "Int",
      "Cardinality", "IsFiniteSet",   "none",      "vars",    "Init",    "Next",      "Spec",
      "TypeOK",      "WellDefined",   "Written",   "Agree"};
  return words;
}

class Names {
 public:
  /// A name that nobody has yet, as near to the wanted one as may be. TLA+ lets no name mean two things,
  /// bound ones included.
  std::string take(std::string_view wanted) {
    std::string name(wanted);
    for (char& c : name)
      if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) c = '_';
    const bool letter = std::any_of(name.begin(), name.end(),
                                    [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
    if (!letter || name[0] == '_' || (name[0] >= '0' && name[0] <= '9') || name.starts_with("WF_") ||
        name.starts_with("SF_") || reserved().contains(name))
      name = "m_" + name;
    std::string unique = name;
    for (int i = 2; !taken_.insert(unique).second; ++i) unique = fmt::format("{}_{}", name, i);
    return unique;
  }
  void give_back(const std::string& name) { taken_.erase(name); }

 private:
  std::set<std::string, std::less<>> taken_;
};

std::string tla_string(std::string_view text) {
  std::string safe = "\"";
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') safe += '\\';
    safe += c;
  }
  return safe + '"';
}

/// Foreign text inside a comment cannot end it or begin another.
std::string commented(std::string_view text) {
  std::string safe = printable(text);
  for (std::size_t at; (at = safe.find("*)")) != std::string::npos;) safe.replace(at, 2, "* )");
  for (std::size_t at; (at = safe.find("(*")) != std::string::npos;) safe.replace(at, 2, "( *");
  return safe;
}

// --- the walk
// ----------------------------------------------------------------------------------------------------------

class Writer {
 public:
  explicit Writer(const Module& module) : module_(module) {}

  Result<std::string> write() {
    for (const Variable& variable : module_.variables) variable_names_.push_back(names_.take(variable.name));
    for (const Sort& sort : module_.sorts) {
      std::string capital = sort.name;
      if (!capital.empty() && capital[0] >= 'a' && capital[0] <= 'z')
        capital[0] = static_cast<char>(capital[0] - 'a' + 'A');
      sort_names_.push_back(names_.take(capital));
    }
    for (const Property& property : module_.properties) property_names_.push_back(names_.take(property.name));
    for (const Action& action : module_.actions) {
      action_names_.push_back(names_.take(action.name));
      undefined_names_.push_back(names_.take("undefined_" + action_names_.back()));
    }
    for (const char* name : {"f", "writes", "at", "u", "w"}) helper_names_.push_back(names_.take(name));
    std::string actions;
    for (std::size_t a = 0; a < module_.actions.size(); ++a) actions += action_text(a);
    std::string properties = properties_text();
    if (!faults_.empty()) return fail(std::move(faults_));
    return opening() + constants() + variables() + helpers() + actions + behaviour() + properties + "====\n";
  }

  // --- the algebra ---
  using value = Meaning;
  Meaning boolean(bool v) const { return {truth(v), truth(true)}; }
  Meaning integer(std::uint64_t v) const {
    const bool fits = v <= 0x7fffffffffffffffull;
    return {number(fits ? static_cast<std::int64_t>(v) : 0), truth(fits)};
  }
  Meaning text(const std::string&) const { return {number(0), truth(false)}; }
  Meaning element(int sort, std::uint64_t position) const {
    return {element_term(static_cast<std::size_t>(sort), static_cast<std::int64_t>(position)), truth(true)};
  }
  Meaning none() const { return {element_term(0, -1), truth(true)}; }
  Meaning negation(const Meaning& a) const { return {tla_text::negation(a.value), a.defined}; }
  Meaning variable(int symbol, std::span<const Meaning> indices) const {
    const auto v = static_cast<std::size_t>(symbol);
    const Variable& variable = module_.variables[v];
    Term defined = truth(true);
    std::string at;
    for (const Meaning& index : indices) {
      defined = conjunction(defined, conjunction(index.defined, present(index.value)));
      at += (at.empty() ? "[" : ", ") + index.value.text;
    }
    if (defined.never() || module_.widths[v] == 0) return {number(0), truth(false)};
    Term read{variable.low, std::max(variable.low, variable.high),
              variable_names_[v] + (at.empty() ? at : at + "]")};
    if (variable.type.kind == TypeKind::boolean) read.parts = {read.text};
    return {std::move(read), std::move(defined)};
  }
  template <class A, class B>
  Meaning logical(Op op, A left, B right) {
    const Meaning a = left();
    const Term open =
        op == Op::disjunction ? tla_text::negation(a.value) : a.value;  // where the right side is looked at
    if (open.never()) return {truth(op != Op::conjunction), a.defined};
    const Meaning b = right();
    const Term needed = without(b.defined, open.parts);
    const Term defined = conjunction(a.defined, disjunction(tla_text::negation(open), needed));
    if (op == Op::conjunction) return {conjunction(a.value, b.value), defined};
    if (op == Op::disjunction || a.value.always())
      return {op == Op::disjunction ? disjunction(a.value, b.value) : b.value, defined};
    if (b.value.always() || a.value.never()) return {truth(true), defined};
    return {condition(wrapped(a.value, conjunctive) + " => " + wrapped(b.value, conjunctive), loose),
            defined};
  }
  template <class C, class A, class B>
  Meaning conditional(C which, A yes, B no) {
    const Meaning c = which(), a = yes(), b = no();
    const Term taken = choice(c.value, a.value, b.value),
               defined = choice(c.value, without(a.defined, c.value.parts),
                                without(b.defined, tla_text::negation(c.value).parts));
    return {taken, conjunction(c.defined, defined)};
  }
  Meaning binary(Op op, const Meaning& a, const Meaning& b) {
    const Term defined = conjunction(a.defined, b.defined);
    if (!is_arithmetic(op)) return {compared(op, a.value, b.value), defined};
    std::int64_t ends[4];
    bool overflow = false;
    for (int i = 0; i < 4; ++i) {
      const std::int64_t x = i < 2 ? a.value.low : a.value.high, y = i % 2 == 0 ? b.value.low : b.value.high;
      if (op == Op::plus)
        overflow |= __builtin_add_overflow(x, y, &ends[i]);
      else if (op == Op::minus)
        overflow |= __builtin_sub_overflow(x, y, &ends[i]);
      else
        overflow |= __builtin_mul_overflow(x, y, &ends[i]);
    }
    if (overflow) {
      if (faults_.empty() || faults_.back().place.path != where_)
        faults_.push_back({FaultCode::out_of_range,
                           {{}, {}, where_},
                           "a number may leave 64 bits, where the meaning ends and TLA+ goes on",
                           "numbers below 2^63",
                           "narrow the domains"});
      return {number(0), truth(false)};
    }
    if (a.value.constant() && b.value.constant()) return {number(ends[0]), defined};
    const std::string_view sign = op == Op::plus ? " + " : op == Op::minus ? " - " : " * ";
    return {{*std::min_element(ends, ends + 4), *std::max_element(ends, ends + 4),
             wrapped(a.value, atomic) + std::string(sign) + wrapped(b.value, atomic), arithmetic},
            defined};
  }
  Meaning member(const Meaning& a, const std::vector<std::pair<Meaning, std::optional<Meaning>>>& items) {
    Term defined = a.defined, ranges = truth(false);
    std::string singles;
    for (const auto& [low, high] : items) {
      defined = conjunction(defined, high ? conjunction(low.defined, high->defined) : low.defined);
      if (!high)
        singles += (singles.empty() ? "" : ", ") + low.value.text;
      else
        ranges = disjunction(
            ranges, condition(wrapped(a.value, arithmetic) + " \\in " + wrapped(low.value, atomic) + ".." +
                                  wrapped(high->value, atomic),
                              compared_to));
    }
    const std::string left = wrapped(a.value, arithmetic);
    const Term single = singles.empty() ? truth(false)
                                        : condition(left + " \\in {" + singles + "}", compared_to,
                                                    left + " \\notin {" + singles + "}");
    return {disjunction(single, ranges), defined};
  }
  template <class Body>
  Meaning quantified(Op op, int sort, Body body) {
    const auto s = static_cast<std::size_t>(sort);
    const std::string name = fresh(s);
    const Meaning inner = body({bound_term(s, name), truth(true)});
    names_.give_back(name);
    const std::string over = fmt::format("{} \\in {} : {}", name, sort_names_[s], inner.value.text);
    Meaning result;
    if (op == Op::count) {
      result.value = {0, module_.sort_sizes[s], fmt::format("Cardinality({{{}}})", over), atomic};
    } else {
      const char* sign = op == Op::for_all ? "\\A" : "\\E";
      result.value = condition(fmt::format("{} {}", sign, over), loose);
      if (inner.value.always() || inner.value.never())
        result.value = inner.value.always() ? truth(op == Op::for_all || module_.sort_sizes[s] > 0)
                                            : truth(op == Op::for_all && module_.sort_sizes[s] == 0);
    }
    result.defined = truth(true);
    if (inner.defined.always()) return result;
    // Elements are looked at in their order, and *forall* and *exists* end with the first that decides: that
    // is said element by element.
    for (std::int64_t e = module_.sort_sizes[s]; e-- > 0;) {
      const Meaning one = body({element_term(s, e), truth(true)});
      if (op == Op::count) {
        result.defined = conjunction(one.defined, result.defined);
        continue;
      }
      const Term decided = op == Op::for_all ? tla_text::negation(one.value) : one.value;
      result.defined = conjunction(one.defined, disjunction(decided, result.defined));
    }
    return result;
  }

 private:
  const Module& module_;
  Faults faults_;
  std::string where_;
  Names names_;
  std::vector<std::string> variable_names_, sort_names_, property_names_, action_names_, undefined_names_;
  std::vector<std::string> helper_names_;  ///< bound in the helpers
  std::vector<bool> may_be_undefined_;
  bool uses_written_ = false, uses_agree_ = false;

  static Term number(std::int64_t value) {
    return {value, value, value < 0 ? fmt::format("({})", value) : std::to_string(value), atomic};
  }
  Term element_term(std::size_t sort, std::int64_t position) const {
    if (position < 0) return {-1, -1, "none"};
    return {position, position, tla_string(module_.sorts[sort].elements[static_cast<std::size_t>(position)])};
  }
  Term bound_term(std::size_t sort, const std::string& name) const {
    // A sort of one element would make it look constant; its text is a name all the same.
    return {0, std::max<std::int64_t>(module_.sort_sizes[sort] - 1, 1), name};
  }
  std::string fresh(std::size_t sort) { return names_.take(module_.sorts[sort].name.substr(0, 1)); }
  static Term present(const Term& index) {
    if (index.low >= 0) return truth(true);
    if (index.high < 0) return truth(false);
    return condition(wrapped(index, arithmetic) + " # none", compared_to,
                     wrapped(index, arithmetic) + " = none");
  }
  /// What is still to be asked where the facts hold.
  static Term without(const Term& term, const std::vector<std::string>& facts) {
    if (!term.parts.empty() && std::all_of(term.parts.begin(), term.parts.end(), [&](const std::string& p) {
          return std::find(facts.begin(), facts.end(), p) != facts.end();
        }))
      return truth(true);
    return term;
  }
  static Term compared(Op op, const Term& a, const Term& b) {
    if (a.constant() && b.constant()) return truth(compare(op, a.low, b.low));
    if (op == Op::equal && (a.high < b.low || b.high < a.low)) return truth(false);
    if (op == Op::not_equal && (a.high < b.low || b.high < a.low)) return truth(true);
    constexpr std::string_view signs[] = {"=", "#", "<", "<=", ">", ">="},
                               opposites[] = {"#", "=", ">=", ">", "<=", "<"};
    const std::size_t which = static_cast<std::size_t>(op) - static_cast<std::size_t>(Op::equal);
    const std::string left = wrapped(a, arithmetic), right = wrapped(b, arithmetic);
    return condition(fmt::format("{} {} {}", left, signs[which], right), compared_to,
                     fmt::format("{} {} {}", left, opposites[which], right));
  }
  static Term choice(const Term& c, const Term& a, const Term& b) {
    if (c.always() || a.text == b.text) return a;
    if (c.never()) return b;
    Term made{std::min(a.low, b.low), std::max(a.high, b.high),
              fmt::format("IF {} THEN {} ELSE {}", c.text, a.text, b.text), loose};
    made.parts = {made.text};
    return made;
  }

  Meaning meaning(const Expression& expression, std::span<const Meaning> bound) {
    return fold(expression.view(), *this, bound);
  }

  // --- parts of the text ---
  std::string value_text(const Variable& variable, std::int64_t cell) const {
    if (variable.type.kind == TypeKind::boolean) return cell != 0 ? "TRUE" : "FALSE";
    return variable.type.kind == TypeKind::element
               ? element_term(static_cast<std::size_t>(variable.type.sort), cell).text
               : number(cell).text;
  }
  std::string index_text(std::size_t v, std::int64_t cell) const {
    const Variable& variable = module_.variables[v];
    const auto element = [&](int i, std::int64_t e) {
      return element_term(static_cast<std::size_t>(variable.index_sorts[i]), e).text;
    };
    if (variable.index_sorts[1] < 0) return element(0, cell);
    return fmt::format("<<{}, {}>>", element(0, cell / module_.strides[v]),
                       element(1, cell % module_.strides[v]));
  }
  /// The values at the beginning: the value that most cells have is what is left at the end.
  std::string values_of(std::size_t v) {
    const Variable& variable = module_.variables[v];
    const auto cell = [&](std::int64_t i) {
      return module_.initial[static_cast<std::size_t>(module_.offsets[v] + i)];
    };
    if (variable.index_sorts[0] < 0) return value_text(variable, cell(0));
    std::map<std::int64_t, std::vector<std::string>> where;
    for (std::int64_t i = 0; i < module_.widths[v]; ++i) where[cell(i)].push_back(index_text(v, i));
    const auto first = static_cast<std::size_t>(variable.index_sorts[0]);
    const std::string i = fresh(first), j = variable.index_sorts[1] < 0
                                                ? std::string()
                                                : fresh(static_cast<std::size_t>(variable.index_sorts[1]));
    const std::string at = j.empty() ? i : fmt::format("<<{}, {}>>", i, j);
    const std::string over =
        j.empty() ? fmt::format("{} \\in {}", i, sort_names_[first])
                  : fmt::format("{} \\in {}, {} \\in {}", i, sort_names_[first], j,
                                sort_names_[static_cast<std::size_t>(variable.index_sorts[1])]);
    const auto set = [](const std::vector<std::string>& all) {
      std::string text;
      for (const std::string& one : all) text += (text.empty() ? "" : ", ") + one;
      return text;
    };
    std::string body;
    if (where.empty())
      body = value_text(variable, variable.low);
    else if (where.size() == 1)
      body = value_text(variable, where.begin()->first);
    else if (variable.type.kind == TypeKind::boolean) {
      const bool few_true = where[1].size() <= where[0].size();
      body = fmt::format("{} {} {{{}}}", at, few_true ? "\\in" : "\\notin", set(where[few_true ? 1 : 0]));
    } else {
      const auto most = std::max_element(where.begin(), where.end(), [](const auto& a, const auto& b) {
                          return a.second.size() < b.second.size();
                        })->first;
      for (const auto& [one, cells] : where) {
        if (one == most) continue;
        const std::string here = cells.size() == 1 ? fmt::format("{} = {}", at, cells.front())
                                                   : fmt::format("{} \\in {{{}}}", at, set(cells));
        body += fmt::format("{}{} -> {} ", body.empty() ? "CASE " : "[] ", here, value_text(variable, one));
      }
      body += "[] OTHER -> " + value_text(variable, most);
    }
    names_.give_back(i);
    if (!j.empty()) names_.give_back(j);
    return fmt::format("[{} |-> {}]", over, body);
  }
  std::string domain_of(const Variable& variable) const {
    std::string values;
    switch (variable.type.kind) {
      case TypeKind::boolean: values = "BOOLEAN"; break;
      case TypeKind::element:
        values = sort_names_[static_cast<std::size_t>(variable.type.sort)] +
                 (variable.type.optional ? " \\cup {none}" : "");
        break;
      default: values = fmt::format("{}..{}", number(variable.low).text, number(variable.high).text);
    }
    if (variable.index_sorts[0] < 0) return values;
    std::string index = sort_names_[static_cast<std::size_t>(variable.index_sorts[0])];
    if (variable.index_sorts[1] >= 0)
      index += " \\X " + sort_names_[static_cast<std::size_t>(variable.index_sorts[1])];
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
        module_name(), commented(module_.name), invariants);
  }
  std::string module_name() const { return Names().take(module_.name); }

  std::string constants() {
    std::string text = "none == \"none\"\n";
    for (std::size_t s = 0; s < module_.sorts.size(); ++s) {
      std::string elements;
      for (const std::string& element : module_.sorts[s].elements)
        elements += (elements.empty() ? "" : ", ") + tla_string(element);
      text += fmt::format("{} == {{{}}}\n", sort_names_[s], elements);
    }
    std::string fixed;
    for (std::size_t v = 0; v < module_.variables.size(); ++v)
      if (module_.variables[v].fixed)
        fixed += fmt::format("{} == {}{}\n", variable_names_[v], values_of(v),
                             meaning_of(module_.variables[v].meaning));
    return text + (fixed.empty() ? "" : "\n\\* Fixed, and therefore no state.\n" + fixed) + "\n";
  }
  static std::string meaning_of(const std::string& meaning) {
    return meaning.empty() ? std::string() : "  \\* " + commented(meaning);
  }

  std::string variables() {
    std::string list, tuple, types, init;
    std::size_t last = 0;
    for (std::size_t v = 0; v < module_.variables.size(); ++v)
      if (!module_.variables[v].fixed) last = v;
    for (std::size_t v = 0; v < module_.variables.size(); ++v) {
      const Variable& variable = module_.variables[v];
      if (variable.fixed) continue;
      list +=
          fmt::format("  {}{}{}\n", variable_names_[v], v == last ? "" : ",", meaning_of(variable.meaning));
      tuple += (tuple.empty() ? "" : ", ") + variable_names_[v];
      types += fmt::format("  /\\ {} \\in {}\n", variable_names_[v], domain_of(variable));
      init += fmt::format("  /\\ {} = {}\n", variable_names_[v], values_of(v));
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

  /// One assignment, or one for each element that it ranges over (`over` is then `e \in Sort`).
  struct Write {
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

  Write write_of(const Assignment& assignment, std::vector<Meaning>& bound,
                 const std::vector<std::string>& facts) {
    Write write;
    const Variable& variable = module_.variables[static_cast<std::size_t>(assignment.variable)];
    const bool each = assignment.for_sort >= 0;
    if (each) {
      const auto sort = static_cast<std::size_t>(assignment.for_sort);
      write.element = fresh(sort);
      write.over = write.element + " \\in " + sort_names_[sort];
      bound.push_back({bound_term(sort, write.element), truth(true)});
    }
    Term sound = truth(true);
    for (const Expression& index : assignment.indices) {
      const Meaning at = meaning(index, bound);
      sound = conjunction(sound, without(conjunction(at.defined, present(at.value)), facts));
      write.at.push_back(at.value);
    }
    const Meaning given = meaning(assignment.value, bound);
    sound = conjunction(sound, without(given.defined, facts));
    write.value = given.value;
    if (given.value.low < variable.low || given.value.high > variable.high) {
      const bool optional_to_plain = variable.type.kind == TypeKind::element;
      if (optional_to_plain)
        sound = conjunction(sound, present(given.value));
      else if (given.value.constant())
        sound = truth(false);
      else
        sound =
            conjunction(sound, condition(fmt::format("{} \\in {}..{}", wrapped(given.value, arithmetic),
                                                     number(variable.low).text, number(variable.high).text),
                                         compared_to));
    }
    if (each) {
      bound.pop_back();
      names_.give_back(write.element);
      if (!sound.always() && !sound.never())
        sound = condition(fmt::format("\\A {} : {}", write.over, sound.text), loose);
      if (sound.never() && module_.sort_sizes[static_cast<std::size_t>(assignment.for_sort)] == 0)
        sound = truth(true);
    }
    write.sound = std::move(sound);
    return write;
  }

  std::string set_of(const std::vector<Write>& writes) const {
    std::string plain, all;
    for (const Write& write : writes) {
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
  std::string update_text(std::size_t v, const std::vector<Write>& writes, Term& sound) {
    const std::string& name = variable_names_[v];
    const bool plain =
        std::all_of(writes.begin(), writes.end(), [](const Write& w) { return w.over.empty(); });
    if (writes.size() == 1 && plain)
      return writes[0].at.empty() ? fmt::format("{}' = {}", name, wrapped(writes[0].value, arithmetic))
                                  : fmt::format("{0}' = [{0} EXCEPT ![{1}] = {2}]", name,
                                                except_index(writes[0]), writes[0].value.text);
    if (writes.size() == 1 && writes[0].for_each_itself())
      return fmt::format("{}' = [{} |-> {}]", name, writes[0].over, writes[0].value.text);
    if (plain && !writes[0].at.empty()) {
      std::string updates;
      for (std::size_t i = 0; i < writes.size(); ++i) {
        updates +=
            fmt::format("{}![{}] = {}", i == 0 ? "" : ", ", except_index(writes[i]), writes[i].value.text);
        for (std::size_t j = 0; j < i; ++j) sound = conjunction(sound, agree(writes[j], writes[i]));
      }
      return fmt::format("{0}' = [{0} EXCEPT {1}]", name, updates);
    }
    const std::string set = set_of(writes);
    if (!(writes.size() == 1 && writes[0].each_cell_once())) {
      uses_agree_ = true;
      sound = conjunction(sound, condition(fmt::format("Agree({})", set), atomic));
    }
    if (writes[0].at.empty())
      return fmt::format("{0}' = IF {1} = {{}} THEN {0} ELSE (CHOOSE {2} \\in {1} : TRUE)[2]", name, set,
                         helper_names_[4]);
    uses_written_ = true;
    return fmt::format("{0}' = Written({0}, {1})", name, set);
  }
  static std::string except_index(const Write& write) {
    return write.at.size() == 2 ? write.at[0].text + ", " + write.at[1].text : write.at[0].text;
  }
  static Term agree(const Write& a, const Write& b) {
    Term same = truth(true);
    for (std::size_t i = 0; i < a.at.size(); ++i)
      same = conjunction(same,
                         a.at[i].text == b.at[i].text ? truth(true) : compared(Op::equal, a.at[i], b.at[i]));
    if (same.never() || a.value.text == b.value.text) return truth(true);
    return disjunction(tla_text::negation(same), compared(Op::equal, a.value, b.value));
  }

  std::string action_text(std::size_t a) {
    const Action& action = module_.actions[a];
    where_ = "actions." + action.name;
    std::vector<std::string> parameter_names;
    std::vector<Meaning> bound;
    for (const ActionParameter& p : action.parameters) {
      parameter_names.push_back(names_.take(p.name));
      bound.push_back({bound_term(static_cast<std::size_t>(p.sort), parameter_names.back()), truth(true)});
    }
    std::vector<Meaning> guards;
    std::vector<std::string> facts;
    for (const Expression& guard : action.guards) {
      Meaning one = meaning(guard, bound);
      one.defined = without(one.defined, facts);
      facts.insert(facts.end(), one.value.parts.begin(), one.value.parts.end());
      facts.insert(facts.end(), one.defined.parts.begin(), one.defined.parts.end());
      guards.push_back(std::move(one));
    }
    std::map<std::size_t, std::vector<Write>> writes;
    Term sound = truth(true);
    for (const Assignment& assignment : action.assignments) {
      Write write = write_of(assignment, bound, facts);
      sound = conjunction(sound, write.sound);
      writes[static_cast<std::size_t>(assignment.variable)].push_back(std::move(write));
    }
    std::string updates, unchanged;
    for (std::size_t v = 0; v < module_.variables.size(); ++v) {
      if (module_.variables[v].fixed) continue;
      if (const auto found = writes.find(v); found != writes.end())
        updates += "  /\\ " + update_text(v, found->second, sound) + "\n";
      else
        unchanged += (unchanged.empty() ? "" : ", ") + variable_names_[v];
    }
    std::string parameters;
    for (const std::string& name : parameter_names) parameters += (parameters.empty() ? "(" : ", ") + name;
    if (!parameters.empty()) parameters += ")";
    std::string text = "\\* " + commented(action.name + (action.fault ? ", a fault" : "") +
                                          (action.meaning.empty() ? "" : ": " + action.meaning));
    std::string cited;
    for (const std::string& source : action.sources)
      if (!source.empty()) cited += (cited.empty() ? " (" : "; ") + commented(source);
    text += (cited.empty() ? "" : cited + ")") + "\n" + action_names_[a] + parameters + " ==\n";
    Term undefined = tla_text::negation(sound);
    for (std::size_t g = guards.size(); g-- > 0;)
      undefined = disjunction(tla_text::negation(guards[g].defined), conjunction(guards[g].value, undefined));
    for (const Meaning& guard : guards) {
      if (!guard.defined.always()) text += conjuncts(guard.defined);
      if (!guard.value.always()) text += conjuncts(guard.value);
    }
    if (!sound.always()) text += conjuncts(sound);
    text += updates;
    if (!unchanged.empty()) text += fmt::format("  /\\ UNCHANGED <<{}>>\n", unchanged);
    may_be_undefined_.push_back(!undefined.never());
    if (!undefined.never())
      text += fmt::format("{}{} ==\n  {}\n", undefined_names_[a], parameters, undefined.text);
    for (const std::string& name : parameter_names) names_.give_back(name);
    return text + "\n";
  }
  /// Each conjunct on a line of its own.
  static std::string conjuncts(const Term& term) {
    if (term.binding != conjunctive) return fmt::format("  /\\ {}\n", term.text);
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
      taken.push_back(names_.take(p.name));
      over += fmt::format("{}{} \\in {}", over.empty() ? "" : ", ", taken.back(),
                          sort_names_[static_cast<std::size_t>(p.sort)]);
      list += (list.empty() ? "" : ", ") + taken.back();
    }
    for (const std::string& one : taken) names_.give_back(one);
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
      where_ = "properties." + property.name;
      const Meaning condition = meaning(property.condition, {});
      const Term holds =
          conjunction(condition.defined, condition.value);  // an undefined condition does not hold
      text += "\\* " + std::string(name_of(property.verb)) +
              (property.meaning.empty() ? "" : ": " + commented(property.meaning)) +
              (property.source.empty() ? "" : " (" + commented(property.source) + ")") + "\n";
      if (property.verb == Verb::sometimes)
        text += "\\* TLC finds a witness as the violation of the invariant that it never holds.\n";
      if (property.fair) {
        std::string names;
        for (const std::size_t action : *property.fair)
          names += (names.empty() ? "" : ", ") + module_.actions[action].name;
        text += fmt::format(
            "\\* Under weak fairness of {} every run comes to it again and again: []<>{}, with WF_vars of "
            "these in the specification.\n",
            names.empty() ? "nothing" : names, property_names_[p]);
      } else if (property.verb == Verb::eventually)
        text +=
            "\\* From every reachable state some way without a fault leads to it (AG EF): branching time, "
            "for which TLA+ has no formula.\n";
      text += fmt::format("{} == {}\n", property_names_[p], holds.text);
      if (property.verb == Verb::sometimes)
        text += fmt::format("{} == ~{}\n", names_.take("never_" + property_names_[p]), property_names_[p]);
      text += "\n";
    }
    return text;
  }
};

}  // namespace
}  // namespace tla_text

Result<std::string> tla(const Module& module) { return tla_text::Writer(module).write(); }

}  // namespace portolan::rules
