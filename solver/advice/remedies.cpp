// SPDX-License-Identifier: Apache-2.0
#include "solver/advice/remedies.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "model/compat/constraint.hpp"
#include "model/support/minimal.hpp"
#include "solver/answering/answering.hpp"
#include "solver/properties/families.hpp"

namespace portolan::solver::advice {

using compat::Configuration;
using compat::End;
using compat::Parameter;
using compat::Repair;
using compat::Scheme;
using compat::Value;
using compat::Writable;

namespace {

/// The conditions of a migration over all configurations of its source, and the questions about some of them.
class Conditions {
 public:
  Conditions(Scheme scheme, const End& source, const Configuration& configuration, const End& destination)
      : source_(source),
        configuration_(configuration),
        destination_(destination),
        answers_(options()),
        question_(answering::about(source)) {
    const std::vector<answering::ParameterTerm> terms = answering::terms_of(source);
    const answering::Hop there = hop(source, terms, destination);
    of_the_source();
    std::size_t i = 0;
    for (const auto& [name, parameter] : source.model->parameters) {
      add(listed(parameter), there.accepted[i++].formula);
    }
    if (is_strict(scheme)) {
      for (const auto& [name, parameter] : destination.model->parameters) unlisted(parameter, terms);
      for (std::size_t c = 0; c < there.constraints.size(); ++c) {
        const rules::Expression& constraint = constraints_of(destination)[c];
        std::vector<answering::Formula> met{there.constraints[c].formula};
        // Where a listed name has another type (C2), nobody knows what the destination would be given for it.
        for (const std::string& name : parameters_of(constraint, destination.model->parameters)) {
          const Parameter* own = source.model->find(name);
          if (own != nullptr && own->type != destination.model->find(name)->type)
            met.push_back(negation(unlisted_formula(*own, terms)));
        }
        add({"C6",
             {},
             fmt::format("{} has the constraint {}", label(destination), constraint.source),
             constraint.place},
            any_of(std::move(met)));
      }
    }
    question_.exists.clear();
    question_.failures.push_back({answering::truth(true), {}});
    // Near is what changes little of what the source has now.
    for (answering::Variable& variable : question_.variables) {
      variable.init = configuration.at(variable.name);
      variable.domain.add(variable.init);
    }
  }

  /// The nearest configuration that meets all conditions. `running`: without a power cycle (R9).
  answering::Answer nearest(bool running) {
    answering::Question asked = question_;
    for (const Entry& entry : entries_)
      if (entry.kind == Entry::Kind::formula) asked.exists.push_back(entry.formula);
    for (answering::Variable& variable : asked.variables) {
      if (writable(variable.name) == Writable::create ||
          (running && writable(variable.name) != Writable::runtime))
        hold(variable);
    }
    return answers_.answer(asked);
  }
  Repair repair(const answering::Answer& answer) const {
    Repair repair;
    for (std::size_t i = 0; i < question_.variables.size(); ++i) {
      const std::string& name = question_.variables[i].name;
      const Value& value = (*answer.witness)[i];
      if (value == configuration_.at(name)) continue;
      repair.set.emplace(name, value);
      repair.power_cycle = repair.power_cycle || writable(name) != Writable::runtime;
    }
    return repair;
  }
  /// Where no configuration meets all of them. `certain`: whether each one is known to be needed.
  std::vector<Condition> core(bool& certain) {
    certain = true;
    const auto impossible = [&](const std::vector<const Entry*>& some) {
      answering::Question asked = question_;
      for (answering::Variable& variable : asked.variables) {
        const auto is = [&](Entry::Kind kind) {
          return std::any_of(some.begin(), some.end(), [&](const Entry* e) {
            return e->kind == kind && e->condition.parameter == variable.name;
          });
        };
        if (is(Entry::Kind::held))
          hold(variable);
        else if (!is(Entry::Kind::domain))
          variable.domain = everything(variable.domain);
      }
      for (const Entry* entry : some)
        if (entry->kind == Entry::Kind::formula) asked.exists.push_back(entry->formula);
      const answering::Answer answer = answers_.answer(asked);
      certain = certain && answer.outcome != answering::Answer::Outcome::unknown;
      return answer.outcome == answering::Answer::Outcome::never;
    };
    std::vector<const Entry*> all;
    for (const Entry& entry : entries_) all.push_back(&entry);
    std::vector<Condition> core;
    // One that nothing can meet says more than several that part.
    for (const Entry* entry : all)
      if (impossible({entry})) return {entry->condition};
    for (const Entry* entry : minimal(all, impossible)) core.push_back(entry->condition);
    return core;
  }

 private:
  struct Entry {
    enum class Kind : std::uint8_t {
      formula,
      held,
      domain
    } kind = Kind::formula;  ///< held: the parameter keeps the value that it has
    Condition condition;
    answering::Formula formula;
  };

  End source_;
  const Configuration& configuration_;
  End destination_;
  answering::Answers answers_;
  answering::Question question_;
  std::vector<Entry> entries_;

  static answering::PropertyProofOptions options() {
    answering::PropertyProofOptions options;
    options.z3_milliseconds_max = 2000;
    return options;
  }
  static const std::string& label(const End& end) { return end.implementation->label; }
  Writable writable(const std::string& name) const { return notes_of(source_).notes_of(name).writable; }
  void add(Condition condition, answering::Formula formula) {
    entries_.push_back({Entry::Kind::formula, std::move(condition), std::move(formula)});
  }
  /// Where what the source accepts does not count. Texts are always those that it accepts: there is no set of
  /// all.
  static compat::ValueSet everything(const compat::ValueSet& domain) {
    compat::ValueSet all = domain;
    if (domain.type() == compat::ValueType::boolean) all.add(Value(false)), all.add(Value(true));
    if (domain.type() == compat::ValueType::integer)
      all.add(compat::Range{0, std::numeric_limits<std::uint64_t>::max()});
    return all;
  }
  void hold(answering::Variable& variable) const {
    variable.domain = compat::ValueSet(compat::type_of(configuration_.at(variable.name)));
    variable.domain.add(configuration_.at(variable.name));
  }

  void of_the_source() {
    for (const answering::Variable& variable : question_.variables) {
      const Parameter& parameter = source_.model->parameters.at(variable.name);
      if (everything(variable.domain).minus(variable.domain).empty()) continue;
      entries_.push_back(
          {Entry::Kind::domain,
           {"R1", variable.name,
            fmt::format("{} has {} in {}", label(source_), variable.name, compat::to_string(variable.domain)),
            parameter.place},
           {}});
    }
    for (std::size_t c = 0; c < question_.exists.size(); ++c) {
      const rules::Expression& constraint = constraints_of(source_)[c];
      add({"source",
           {},
           fmt::format("{} has the constraint {}", label(source_), constraint.source),
           constraint.place},
          question_.exists[c]);
    }
    for (const auto& [name, parameter] : source_.model->parameters) {
      if (writable(name) != Writable::create) continue;
      entries_.push_back({Entry::Kind::held,
                          {"R9", name,
                           fmt::format("{} of {} is fixed at creation, at {}", name, label(source_),
                                       compat::to_string(configuration_.at(name))),
                           parameter.place},
                          {}});
    }
  }
  /// R4.
  answering::Formula unlisted_formula(const Parameter& own,
                                      const std::vector<answering::ParameterTerm>& terms) const {
    const auto position =
        std::distance(source_.model->parameters.begin(), source_.model->parameters.find(own.name));
    return own.off ? is(terms[static_cast<std::size_t>(position)], *own.off) : answering::truth(false);
  }
  /// C2 or C3.
  Condition listed(const Parameter& own) const {
    const Parameter* there = destination_.model->find(own.name);
    const std::string off =
        own.off ? fmt::format("so that it has to be at its off value {}", compat::to_string(*own.off))
                : fmt::format("and {} cannot turn it off", label(source_));
    if (there == nullptr)
      return {"C2", own.name, fmt::format("{} does not know {}, {}", label(destination_), own.name, off),
              destination_.model->place};
    if (there->type != own.type) {
      return {"C2", own.name,
              fmt::format("{} has the type {} in {}, not {}, {}", own.name, compat::name_of(there->type),
                          label(destination_), compat::name_of(own.type), off),
              there->place};
    }
    return {"C3", own.name,
            fmt::format("{} accepts {} in {}", label(destination_), own.name,
                        compat::to_string(there->accepted_values())),
            there->place};
  }
  /// C4 and C5: as the reference has them, of a parameter that is not listed.
  void unlisted(const Parameter& there, const std::vector<answering::ParameterTerm>& terms) {
    const Parameter* own = source_.model->find(there.name);
    if (own != nullptr && !own->off) return;  // always listed
    const answering::Formula is_listed =
        own != nullptr ? negation(unlisted_formula(*own, terms)) : answering::truth(false);
    const std::string must =
        own != nullptr ? fmt::format("so that {} has to give it another value than its off value {}",
                                     label(source_), compat::to_string(*own->off))
                       : fmt::format("and {} does not know it", label(source_));
    if (!there.off) {
      add({"C4", there.name,
           fmt::format("{} has no off_value for {}, {}", label(destination_), there.name, must), there.place},
          is_listed);
    } else if (there.accepts(*there.off) != compat::Acceptance::accepted) {
      add({"C4", there.name,
           fmt::format("{} does not accept its own off_value {} of {}, {}", label(destination_),
                       compat::to_string(*there.off), there.name, must),
           there.place},
          is_listed);
    }
    if (own != nullptr && there.off && *there.off != *own->off) {
      add({"C5", there.name,
           fmt::format("the off_value of {} is {} in {}, {}", there.name, compat::to_string(*there.off),
                       label(destination_), must),
           there.place},
          is_listed);
    }
  }
};

}  // namespace

Remedies remedies(Scheme scheme, const End& source, const Configuration& configuration,
                  const End& destination) {
  Remedies result;
  const compat::Verdict verdict = check(scheme, source, configuration, destination);
  if (verdict.decision == compat::Decision::accept) return result;
  if (destination.model == nullptr || destination.model->name != source.model->name) {
    for (const compat::Reason& reason : verdict.reasons)
      result.core.push_back({reason.rule, {}, reason.message, reason.place});
    return result;
  }
  result.repairs = compat::repairs(scheme, source, configuration, destination);
  if (std::any_of(result.repairs.begin(), result.repairs.end(),
                  [](const Repair& one) { return !one.power_cycle; }))
    return result;
  Conditions conditions(scheme, source, configuration, destination);
  const auto offer = [&](const answering::Answer& answer) {
    if (!answer.witness) return false;
    Repair repair = conditions.repair(answer);
    Configuration changed = configuration;
    for (const auto& [name, value] : repair.set) changed[name] = value;
    const bool real = failed_constraints(notes_of(source), changed).empty() &&
                      check(scheme, source, changed, destination).decision == compat::Decision::accept;
    if (real) result.repairs.push_back(std::move(repair));
    return real;
  };
  const answering::Answer running = conditions.nearest(true);
  offer(running);
  if (result.repairs.empty()) {
    const answering::Answer any = conditions.nearest(false);
    if (any.outcome == answering::Answer::Outcome::never)
      result.core = conditions.core(result.minimal);
    else if (!offer(any))
      result.undetermined = any.reason.empty()
                                ? "the nearest configuration that is accepted was not found in time"
                                : any.reason;
  }
  std::stable_sort(result.repairs.begin(), result.repairs.end(), [](const Repair& a, const Repair& b) {
    return std::pair(a.cost(), a.power_cycle) < std::pair(b.cost(), b.power_cycle);
  });
  return result;
}

}  // namespace portolan::solver::advice
