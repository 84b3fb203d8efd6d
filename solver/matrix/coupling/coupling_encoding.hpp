#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A coupling as Z3 formulas over one constant for each of its parameters, straight from the rules (R2, R4 to
// R7), not from the value sets of parameter_verdict.hpp, so that the two procedures can hold each other. An
// `int` is held between 0 and 2^64-1, a `str` to the texts that the source accepts one by one.

#include <string>
#include <vector>

#include <z3++.h>

#include "solver/matrix/coupling/coupling.hpp"
#include "solver/smt/value_terms.hpp"

namespace portolan::solver::matrix {

/// Constant once it is made. The coupling and the context must outlive it.
class CouplingEncoding {
 public:
  CouplingEncoding(z3::context& context, const Coupling& coupling);

  const z3::expr& exists() const { return exists_; }      ///< the values are a configuration of the source
  const z3::expr& rejected() const { return rejected_; }  ///< some condition fails
  const z3::expr& undetermined() const { return undetermined_; }  ///< some value is undetermined, R2
  const z3::expr& distance() const { return distance_; }          ///< parameters away from their init values

  const std::vector<z3::expr>& variables() const { return variables_; }
  const smt::ValueTerms& values() const { return values_; }
  const compat::Parameter& parameter(std::size_t index) const { return *parameters_[index]; }

  /// What a model of the formulas says of all parameters.
  PartialConfiguration configuration_in(const z3::model& model) const;

 private:
  void encode_source();
  void encode_listed_and_unlisted();
  void encode_destination_constraints();

  z3::expr source_value(const std::string& name, const compat::Parameter& parameter) const;
  z3::expr listed(std::size_t index) const;
  z3::expr translate(const rules::Expression& expression, const std::vector<z3::expr>& cells) const;
  std::size_t index_of(const std::string& name) const;  ///< `variables_.size()` where it does not vary

  const Coupling& coupling_;
  z3::context& context_;
  smt::ValueTerms values_;
  std::vector<const compat::Parameter*> parameters_;
  std::vector<z3::expr> variables_;
  z3::expr exists_, rejected_, undetermined_, distance_;
};

}  // namespace portolan::solver::matrix
