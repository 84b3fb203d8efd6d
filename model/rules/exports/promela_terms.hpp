#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How Promela says the parts of a module: numbers of 32 bits, macros for what Promela's arrays cannot say
// (two indices, negative values in a list, fixed tables), quantifiers written out element by element. For
// promela.cpp alone.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/rules/exports/translation.hpp"

namespace portolan::rules::exports {

class PromelaTerms final : public Translation {
 public:
  /// A read or a write of a cell; -1: of some cell of the variable.
  struct Access {
    std::size_t variable = 0;
    std::int64_t cell = -1;
    bool meets(const Access& other) const {
      return variable == other.variable && (cell < 0 || other.cell < 0 || cell == other.cell);
    }
  };

  /// Names everything; a variable whose values do not fit into Promela is a fault.
  explicit PromelaTerms(const Module& module);

  /// Another name that nobody has yet.
  std::string named(std::string_view wanted) { return names_.take(wanted); }
  const std::string& variable_name(std::size_t v) const { return variable_names_[v]; }
  /// The array behind the variable's name, where that is a macro.
  const std::string& cells_name(std::size_t v) const { return cells_names_[v]; }
  /// The macro that writes what is stored shifted.
  const std::string& setter(std::size_t v) const { return setters_[v]; }
  /// What is added to the values of a variable when they are stored: the list of values that an array begins
  /// with may not hold negative numbers.
  std::int64_t shift(std::size_t v) const { return shifts_[v]; }
  const std::vector<std::vector<std::string>>& element_names() const { return element_names_; }
  /// How Promela spells `none`: no element's number; elements are only ever compared for equality.
  std::int64_t none_number() const { return none_; }
  /// Fixed variables that were indexed by something that is not constant.
  const std::set<std::size_t>& tables() const { return tables_; }
  /// What was read since this was last called.
  std::vector<Access> take_reads() { return std::exchange(reads_, {}); }

  Access access(std::size_t v, std::span<const Term> at) const { return {v, constant_cell(v, at)}; }
  std::string cell_text(std::size_t v, std::span<const Term> at) const;
  /// `cell = value`, or `set_cell(index, value)` where values are stored shifted.
  std::string stored(std::size_t v, std::span<const Term> at, const Term& written);

  Term number(std::int64_t n) const override;
  Term element_term(std::size_t sort, std::int64_t position) const override;
  Meaning member(const Meaning& a,
                 const std::vector<std::pair<Meaning, std::optional<Meaning>>>& items) override;

 private:
  std::vector<std::string> variable_names_, cells_names_, setters_;
  std::vector<std::int64_t> shifts_;
  std::vector<std::vector<std::string>> element_names_;
  std::int64_t none_ = 0;
  std::set<std::size_t> tables_;
  std::vector<Access> reads_;

  void name(const Variable& variable);
  Term bounded(std::int64_t low, std::int64_t high, std::string text, int binding);
  std::int64_t constant_cell(std::size_t v, std::span<const Term> at) const;
  Term fixed_term(std::size_t v, std::span<const Term> at);

  const Term& spelled(const Term& term) override;
  Term read(std::size_t v, std::span<const Meaning> indices) override;
  Term implication(const Term& a, const Term& b) override { return disjunction(Logic::negation(a), b); }
  Term choice(const Term& condition, const Term& yes, const Term& no) override;
  Term arithmetic(Op op, const Term& a, const Term& b, std::int64_t low, std::int64_t high) override;
  Meaning over_elements(Op op, std::size_t sort, const BodyOf& body) override;
  void fits(const Variable& variable, const Term& written, Term& sound) override;
};

/// Foreign text inside a comment cannot end it.
std::string promela_comment(std::string_view text);

}  // namespace portolan::rules::exports
