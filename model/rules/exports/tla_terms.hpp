#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How TLA+ says the parts of a module: sorts as sets of strings, indexed variables as functions, quantifiers
// and sets as its own, and the conjuncts of a guard as facts that need not be asked again. For tla.cpp alone.

#include <string>
#include <string_view>
#include <vector>

#include "model/rules/exports/translation.hpp"

namespace portolan::rules::exports {

class TlaTerms final : public Translation {
 public:
  /// How strongly the outermost operator of a text binds. TLA+ does not rank /\ and \/, so each stands in
  /// parentheses inside the other.
  enum Binding { loose = 0, conjunctive, disjunctive, negated, compared_to, arithmetic_term, atomic };

  /// Names variables and sorts.
  explicit TlaTerms(const Module& module);

  /// Another name that nobody has yet.
  std::string named(std::string_view wanted) { return names_.take(wanted); }
  /// A name for an element of the sort, to be given back at the end of its scope: TLA+ lets no name mean two
  /// things, bound ones included.
  std::string fresh(std::size_t sort);
  void give_back(const std::string& name) { names_.give_back(name); }
  const std::string& variable_name(std::size_t v) const { return variable_names_[v]; }
  const std::string& sort_name(std::size_t sort) const { return sort_names_[sort]; }
  /// An element of a sort that has a name.
  Meaning bound(std::size_t sort, const std::string& name) const { return certain(bound_term(sort, name)); }

  Term number(std::int64_t n) const override;
  Term element_term(std::size_t sort, std::int64_t position) const override;
  Meaning member(const Meaning& a,
                 const std::vector<std::pair<Meaning, std::optional<Meaning>>>& items) override;

 private:
  std::vector<std::string> variable_names_, sort_names_;

  Term bound_term(std::size_t sort, const std::string& name) const;

  Term read(std::size_t v, std::span<const Meaning> indices) override;
  Term implication(const Term& a, const Term& b) override;
  Term choice(const Term& condition, const Term& yes, const Term& no) override;
  Term arithmetic(Op op, const Term& a, const Term& b, std::int64_t low, std::int64_t high) override;
  Meaning over_elements(Op op, std::size_t sort, const BodyOf& body) override;
  void fits(const Variable& variable, const Term& written, Term& sound) override;
};

/// A name that TLA+ can have, by itself.
std::string tla_name(std::string_view name);
std::string tla_string(std::string_view text);
/// Foreign text inside a comment cannot end it or begin another.
std::string tla_comment(std::string_view text);

}  // namespace portolan::rules::exports
