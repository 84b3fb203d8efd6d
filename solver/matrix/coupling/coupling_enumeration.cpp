// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/coupling/coupling_enumeration.hpp"

#include <functional>

#include "model/compat/constraint.hpp"
#include "solver/matrix/definitions/parameter_verdict.hpp"

namespace portolan::solver::matrix {

using compat::Configuration;
using compat::Decision;
using compat::Parameter;
using compat::Value;
using compat::ValueSet;

namespace {

/// Every value of a set, in ascending order.
std::vector<Value> values_of(const ValueSet& set) {
  std::vector<Value> values;
  if (set.has_false()) values.emplace_back(false);
  if (set.has_true()) values.emplace_back(true);
  for (const compat::Range& range : set.ranges()) {
    for (std::uint64_t number = range.min;; ++number) {
      values.emplace_back(number);
      if (number == range.max) break;
    }
  }
  for (const std::string& text : set.strings()) values.emplace_back(text);
  return values;
}

/// Calls `visit(part, decision)` for every configuration of the coupling, least values first; false from it
/// stops.
class Enumeration {
 public:
  using Visit = std::function<bool(const PartialConfiguration&, Decision)>;

  explicit Enumeration(const Coupling& coupling)
      : coupling_(coupling), source_(fresh(*coupling.source.model)) {
    for (const std::string& name : coupling.parameters) {
      const Parameter& parameter = coupling.source.model->parameters.at(name);
      parameters_.push_back(&parameter);
      there_.push_back(coupling.destination.model->find(name));
      domains_.push_back(values_of(parameter.accepted_values()));
    }
    for (const std::string& name : coupling.destination_only) {
      fits_ =
          fits_ && tolerates_absence(coupling.scheme, coupling.destination.model->parameters.at(name));  // C4
    }
    if (!coupling.destination_constraints.empty()) given_ = compat::prepared({}, *coupling.destination.model);
  }

  void run(const Visit& visit) {
    part_.values.resize(parameters_.size());
    step(0, visit);
  }

 private:
  bool step(std::size_t index, const Visit& visit) {
    if (index == parameters_.size()) return leaf(visit);
    const Parameter& parameter = *parameters_[index];
    for (const Value& value : domains_[index]) {
      const bool away = value != parameter.init;
      part_.distance += away;
      part_.values[index] = value;
      const bool on = step(index + 1, visit);
      part_.distance -= away;
      if (!on) return false;
    }
    return true;
  }

  bool leaf(const Visit& visit) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) source_[parameters_[i]->name] = part_.values[i];
    for (const rules::Expression* constraint : coupling_.source_constraints) {
      if (!holds(*constraint, coupling_.source.model->parameters, source_))
        return true;  // not a configuration of the source
    }
    return visit(part_, decision());
  }

  Decision decision() {
    Decision worst = fits_ ? Decision::accept : Decision::reject;
    for (std::size_t i = 0; i < parameters_.size() && worst != Decision::reject; ++i) {
      const Decision one = decide(coupling_.scheme, *parameters_[i], part_.values[i], there_[i]);
      if (one != Decision::accept) worst = one;
    }
    if (worst == Decision::reject || coupling_.destination_constraints.empty()) return worst;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {  // R7
      if (there_[i] == nullptr || there_[i]->type != parameters_[i]->type) continue;
      const bool listed = !parameters_[i]->off || part_.values[i] != *parameters_[i]->off;
      given_[parameters_[i]->name] = listed ? part_.values[i] : there_[i]->off.value_or(there_[i]->init);
    }
    for (const rules::Expression* constraint : coupling_.destination_constraints) {
      if (!holds(*constraint, coupling_.destination.model->parameters, given_))
        return Decision::reject;  // C6
    }
    return worst;
  }

  const Coupling& coupling_;
  std::vector<const Parameter*> parameters_;
  std::vector<const Parameter*> there_;
  std::vector<std::vector<Value>> domains_;
  bool fits_ = true;
  Configuration source_;
  Configuration given_;
  PartialConfiguration part_;
};

}  // namespace

CouplingAnswer enumerate(const Coupling& coupling) {
  CouplingAnswer answer;
  if (size_of(coupling) == 0) return answer;
  Enumeration(coupling).run([&answer](const PartialConfiguration&, Decision decision) {
    answer.exists = true;
    answer.accepted = answer.accepted || decision == Decision::accept;
    answer.rejected = answer.rejected || decision == Decision::reject;
    answer.undetermined = answer.undetermined || decision == Decision::undetermined;
    return !(answer.accepted && answer.rejected && answer.undetermined);
  });
  return answer;
}

CouplingWitness enumerate_witness(const Coupling& coupling) {
  CouplingWitness witness;
  if (size_of(coupling) == 0) return witness;
  Enumeration(coupling).run([&witness](const PartialConfiguration& part, Decision decision) {
    // They come in ascending order of values, so the first of each distance is the least.
    if (!witness.any || part.distance < witness.any->distance) witness.any = part;
    if (decision == Decision::reject && (!witness.rejected || part.distance < witness.rejected->distance))
      witness.rejected = part;
    return true;
  });
  return witness;
}

}  // namespace portolan::solver::matrix
