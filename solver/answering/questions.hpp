#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A property as a question about all configurations of a source: is there one that exists, meets the
// condition and breaks the promise? Two procedures answer (answers.hpp); tests hold both to the reference,
// model/compat/judging/judgement.hpp. What questions are made of is here: the rules of docs/rules.md as
// formulas over the source's parameters. Those of one migration are put together in one_migration.cpp.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/compat/judging/judgement.hpp"
#include "solver/answering/formula.hpp"

namespace portolan::solver::answering {

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

/// Variables and own constraints of a source, nothing asked yet.
Question about(const compat::End& source);
/// The source's parameters as terms, in name order.
std::vector<ParameterTerm> terms_of(const compat::End& source);
/// Drops what can never fail, and notes whether R2 leaves something open.
void finish(Question& question);
/// Nothing of it can go wrong.
void never_fails(Question& question);

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

/// The condition "C1–C3 accept".
void accepted(Question& question, const Hop& hop);
/// The condition "set-up succeeds".
void set_up_succeeds(Question& question, const Hop& hop);
/// The failures "one of these is false".
void promises(Question& question, const std::vector<Failure>& promised);

/// The same values at the other end, what only that one knows at its off value (`same_at` of the reference).
/// The terms there; the conditions go into the question. Empty: there is no such configuration.
std::optional<std::vector<ParameterTerm>> same_at(Question& question, const compat::End& from,
                                                  std::span<const ParameterTerm> terms,
                                                  const compat::End& to);

/// The failures "a section is saved at one end only", for ends that describe their state.
void different_state(Question& question, const compat::End& a, std::span<const ParameterTerm> at_a,
                     const compat::End& b, std::span<const ParameterTerm> at_b);
/// The failures "an aspect differs", for ends that describe their interface.
void different_aspects(Question& question, const compat::End& a, std::span<const ParameterTerm> at_a,
                       const compat::End& b, std::span<const ParameterTerm> at_b);
/// The failures "the effective value of a parameter that the guest can see changes" (R3, R10).
void visible_changes(Question& question, const compat::End& source, std::span<const ParameterTerm> from,
                     const compat::End& destination, std::span<const ParameterTerm> to);

/// Why sections do not load, which are skipped and which are lost: as `refused_sections`, `skipped_sections`
/// and `lost_sections` of behaviour.hpp.
struct Sections {
  std::vector<Failure> refused, skipped, lost;
};
Sections sections(const compat::End& source, std::span<const ParameterTerm> saved,
                  const compat::End& destination, std::span<const ParameterTerm> given);

/// Where a parameter of that name is among the terms.
std::optional<std::size_t> position(const compat::End& end, const std::string& name);

Question revertible_question(const compat::End& source, const compat::End& previous);
/// §5.17b for one run-time parameter; its value afterwards is the last variable.
Question runtime_interface_question(const compat::End& end, const std::string& parameter);

}  // namespace portolan::solver::answering
