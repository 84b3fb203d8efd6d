#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The properties of model/compat/judgement.hpp as questions about all configurations of the source: is there
// one that exists, meets the condition and breaks the promise? Two procedures answer them (answers.hpp);
// tests hold both to the reference.

#include <optional>
#include <string>
#include <vector>

#include "model/compat/judgement.hpp"
#include "solver/properties/formula.hpp"

namespace portolan::solver::properties {

/// A parameter of the source whose value is sought.
struct Variable {
  std::string name;
  compat::ValueSet domain;  ///< what the source certainly accepts (R2)
  compat::Value init;
  bool counts = true;    ///< in the distance from the init values
  bool runtime = false;  ///< may be changed while the guest runs (R9)
};

struct Failure {
  Formula formula;
  std::string what;  ///< a parameter, section, aspect or constraint, as the reference names it
};

struct Question {
  std::vector<Variable> variables;  ///< in name order; a variable that is no parameter comes last
  std::vector<Formula> exists;      ///< the source's constraints
  std::vector<Formula> condition;   ///< for certain
  std::vector<Formula> possible;    ///< the same where whatever R2 leaves open is granted
  std::vector<Failure> failures;    ///< any of them breaks the promise
  bool open = false;                ///< `possible` is weaker than `condition`

  /// §5.11 asks otherwise: `failures` is empty, and the promise is broken where no setting of the run-time
  /// variables makes all of these true, although there is more than one setting.
  bool revertible = false;
  std::vector<Formula> again, again_possible;

  /// Whether anything can go wrong at all; where not, there is nothing to solve.
  bool can_fail() const { return revertible || !failures.empty(); }
};

/// One migration with terms: what R4–R7 make of the values of the source.
struct Hop {
  std::vector<Failure>
      accepted;  ///< C2, C3 for each parameter of the source, for certain; `what` is the parameter
  std::vector<Failure> possibly_accepted;
  std::vector<Failure> writes;       ///< each write of an off value that may be refused
  std::vector<Failure> constraints;  ///< each constraint of the destination
  std::vector<ParameterTerm> given;  ///< of the destination's parameters, in name order
};
Hop hop(const compat::End& source, std::span<const ParameterTerm> terms, const compat::End& destination);

/// Variables and own constraints of a source, nothing asked yet; and the terms of its parameters.
Question about(const compat::End& source);
std::vector<ParameterTerm> terms_of(const Question& question, const compat::End& source);

Question question(compat::Property property, const compat::Ends& ends);
Question revertible_question(const compat::End& source, const compat::End& previous);
/// §5.17b for one run-time parameter; its value afterwards is the last variable.
Question runtime_interface_question(const compat::End& end, const std::string& parameter);

}  // namespace portolan::solver::properties
