// SPDX-License-Identifier: Apache-2.0
#include "model/rules/exports/tla_terms.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "model/support/text.hpp"

namespace portolan::rules::exports {

namespace {

constexpr Grammar tla_grammar{.yes = "TRUE",
                              .no = "FALSE",
                              .negation = "~",
                              .conjunction = " /\\ ",
                              .disjunction = " \\/ ",
                              .comparisons = {"=", "#", "<", "<=", ">", ">="},
                              .disjunctive = TlaTerms::disjunctive,
                              .conjunctive = TlaTerms::conjunctive,
                              .negated = TlaTerms::negated,
                              .equality = TlaTerms::compared_to,
                              .relational = TlaTerms::compared_to,
                              .atomic = TlaTerms::atomic,
                              .operand = TlaTerms::negated,
                              .compared = TlaTerms::arithmetic_term,
                              .reversible = TlaTerms::compared_to,
                              .restored = TlaTerms::compared_to,
                              .folds = false,
                              .keeps_parts = true};

constexpr Numbers tla_numbers{
    .finding = "a number may leave 64 bits, where the meaning ends and TLA+ goes on",
    .expectation = "numbers below 2^63",
    .refuses_constants = true};

const std::set<std::string, std::less<>>& tla_words() {
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

bool unusable_in_tla(const std::string& name) {
  const bool letter = std::any_of(name.begin(), name.end(),
                                  [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
  return !letter || name[0] == '_' || (name[0] >= '0' && name[0] <= '9') || name.starts_with("WF_") ||
         name.starts_with("SF_") || tla_words().contains(name);
}

}  // namespace

TlaTerms::TlaTerms(const Module& module)
    : Translation(module, tla_grammar, tla_numbers, Names(unusable_in_tla)) {
  for (const Variable& variable : module.variables) variable_names_.push_back(names_.take(variable.name));
  for (const Sort& sort : module.sorts) {
    std::string capital = sort.name;
    if (!capital.empty() && capital[0] >= 'a' && capital[0] <= 'z')
      capital[0] = static_cast<char>(capital[0] - 'a' + 'A');
    sort_names_.push_back(names_.take(capital));
  }
}

std::string TlaTerms::fresh(std::size_t sort) { return names_.take(module_.sorts[sort].name.substr(0, 1)); }

Term TlaTerms::number(std::int64_t n) const {
  return term(n, n, n < 0 ? fmt::format("({})", n) : std::to_string(n), atomic);
}

Term TlaTerms::element_term(std::size_t sort, std::int64_t position) const {
  if (position < 0) return term(-1, -1, "none", atomic);
  return term(position, position,
              tla_string(module_.sorts[sort].elements[static_cast<std::size_t>(position)]), atomic);
}

Term TlaTerms::bound_term(std::size_t sort, const std::string& name) const {
  // A sort of one element would make it look constant; its text is a name all the same.
  return term(0, std::max<std::int64_t>(module_.sort_sizes[sort] - 1, 1), name, atomic);
}

Term TlaTerms::read(std::size_t v, std::span<const Meaning> indices) {
  const Variable& variable = module_.variables[v];
  std::string at;
  for (const Meaning& index : indices) at += (at.empty() ? "[" : ", ") + index.value.text;
  Term made = term(variable.low, std::max(variable.low, variable.high),
                   variable_names_[v] + (at.empty() ? at : at + "]"), atomic);
  if (variable.type.kind == TypeKind::boolean) made.parts = {made.text};
  return made;
}

Term TlaTerms::implication(const Term& a, const Term& b) {
  if (a.always()) return b;
  if (b.always() || a.never()) return truth(true);
  return condition(wrapped(a, conjunctive) + " => " + wrapped(b, conjunctive), loose);
}

Term TlaTerms::choice(const Term& c, const Term& a, const Term& b) {
  if (c.always() || a.text == b.text) return a;
  if (c.never()) return b;
  Term made = term(std::min(a.low, b.low), std::max(a.high, b.high),
                   fmt::format("IF {} THEN {} ELSE {}", c.text, a.text, b.text), loose);
  made.parts = {made.text};
  return made;
}

Term TlaTerms::arithmetic(Op op, const Term& a, const Term& b, std::int64_t low, std::int64_t high) {
  const std::string_view sign = op == Op::plus ? " + " : op == Op::minus ? " - " : " * ";
  return term(low, high, wrapped(a, atomic) + std::string(sign) + wrapped(b, atomic), arithmetic_term);
}

Meaning TlaTerms::member(const Meaning& a,
                         const std::vector<std::pair<Meaning, std::optional<Meaning>>>& items) {
  Term defined = a.defined, ranges = truth(false);
  std::string singles;
  const std::string left = wrapped(a.value, arithmetic_term);
  for (const auto& [low, high] : items) {
    defined = conjunction(defined, high ? conjunction(low.defined, high->defined) : low.defined);
    if (!high)
      singles += (singles.empty() ? "" : ", ") + low.value.text;
    else
      ranges = disjunction(ranges, condition(left + " \\in " + wrapped(low.value, atomic) + ".." +
                                                 wrapped(high->value, atomic),
                                             compared_to));
  }
  const Term single = singles.empty() ? truth(false)
                                      : condition(left + " \\in {" + singles + "}", compared_to,
                                                  left + " \\notin {" + singles + "}");
  return {disjunction(single, ranges), defined};
}

Meaning TlaTerms::over_elements(Op op, std::size_t sort, const BodyOf& body) {
  if (op == Op::sum) {  // TLA+ has no sum of its own
    std::vector<Meaning> bodies;
    for (std::int64_t e = 0; e < module_.sort_sizes[sort]; ++e) bodies.push_back(body(element_term(sort, e)));
    return added(bodies);
  }
  const std::string name = fresh(sort);
  const Meaning inner = body(bound_term(sort, name));
  give_back(name);
  const bool empty = module_.sort_sizes[sort] == 0;
  const std::string over = fmt::format("{} \\in {} : {}", name, sort_names_[sort], inner.value.text);
  Meaning result = certain(truth(true));
  if (op == Op::count)
    result.value = term(0, module_.sort_sizes[sort], fmt::format("Cardinality({{{}}})", over), atomic);
  else if (inner.value.decided)
    result.value = truth(op == Op::for_all ? inner.value.always() || empty : inner.value.always() && !empty);
  else
    result.value = condition(fmt::format("{} {}", op == Op::for_all ? "\\A" : "\\E", over), loose);
  if (inner.defined.always()) return result;
  // Elements are looked at in their order, and *forall* and *exists* end with the first that decides: that is
  // said element by element.
  for (std::int64_t e = module_.sort_sizes[sort]; e-- > 0;) {
    const Meaning one = body(element_term(sort, e));
    result.defined = op == Op::count ? conjunction(one.defined, result.defined)
                                     : defined_in_order(op, one, result.defined);
  }
  return result;
}

void TlaTerms::fits(const Variable& variable, const Term& written, Term& sound) {
  if (written.low >= variable.low && written.high <= variable.high) return;
  if (variable.type.kind == TypeKind::element)
    sound = conjunction(sound, present(written));
  else if (written.constant())
    sound = truth(false);
  else
    sound = conjunction(sound, condition(fmt::format("{} \\in {}..{}", wrapped(written, arithmetic_term),
                                                     number(variable.low).text, number(variable.high).text),
                                         compared_to));
}

std::string tla_name(std::string_view name) { return Names(unusable_in_tla).take(name); }

std::string tla_string(std::string_view text) { return '"' + escaped(text) + '"'; }

std::string tla_comment(std::string_view text) {
  std::string safe = printable(text);
  for (std::size_t at; (at = safe.find("*)")) != std::string::npos;) safe.replace(at, 2, "* )");
  for (std::size_t at; (at = safe.find("(*")) != std::string::npos;) safe.replace(at, 2, "( *");
  return safe;
}

}  // namespace portolan::rules::exports
