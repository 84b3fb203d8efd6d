// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/coupled.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <numeric>

#include "model/compat/constraint.hpp"
#include "solver/matrix/fate.hpp"

namespace portolan::solver::matrix {

using compat::Configuration;
using compat::Decision;
using compat::End;
using compat::Parameter;
using compat::Scheme;
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

/// Calls `visit(point, decision)` for every configuration of the component, least values first; false from it
/// stops.
class Enumeration {
 public:
  using Visit = std::function<bool(const Point&, Decision)>;

  explicit Enumeration(const Component& component)
      : component_(component), source_(fresh(*component.source.model)) {
    for (const std::string& name : component.parameters) {
      const Parameter& parameter = component.source.model->parameters.at(name);
      parameters_.push_back(&parameter);
      there_.push_back(component.destination.model->find(name));
      domains_.push_back(values_of(parameter.accepted_values()));
    }
    for (const std::string& name : component.destination_only) {
      fits_ = fits_ &&
              tolerates_absence(component.scheme, component.destination.model->parameters.at(name));  // C4
    }
    if (!component.destination_constraints.empty())
      given_ = compat::prepared({}, *component.destination.model);
  }

  void run(const Visit& visit) {
    point_.values.resize(parameters_.size());
    step(0, visit);
  }

 private:
  bool step(std::size_t index, const Visit& visit) {
    if (index == parameters_.size()) return leaf(visit);
    const Parameter& parameter = *parameters_[index];
    for (const Value& value : domains_[index]) {
      const bool away = value != parameter.init;
      point_.distance += away;
      point_.values[index] = value;
      const bool on = step(index + 1, visit);
      point_.distance -= away;
      if (!on) return false;
    }
    return true;
  }

  bool leaf(const Visit& visit) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) source_[parameters_[i]->name] = point_.values[i];
    for (const rules::Expression* constraint : component_.source_constraints) {
      if (!holds(*constraint, component_.source.model->parameters, source_))
        return true;  // not a configuration of the source
    }
    return visit(point_, decision());
  }

  Decision decision() {
    Decision worst = fits_ ? Decision::accept : Decision::reject;
    for (std::size_t i = 0; i < parameters_.size() && worst != Decision::reject; ++i) {
      const Decision one = decide(component_.scheme, *parameters_[i], point_.values[i], there_[i]);
      if (one != Decision::accept) worst = one;
    }
    if (worst == Decision::reject || component_.destination_constraints.empty()) return worst;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {  // R7
      if (there_[i] == nullptr || there_[i]->type != parameters_[i]->type) continue;
      const bool listed = !parameters_[i]->off || point_.values[i] != *parameters_[i]->off;
      given_[parameters_[i]->name] = listed ? point_.values[i] : there_[i]->off.value_or(there_[i]->init);
    }
    for (const rules::Expression* constraint : component_.destination_constraints) {
      if (!holds(*constraint, component_.destination.model->parameters, given_))
        return Decision::reject;  // C6
    }
    return worst;
  }

  const Component& component_;
  std::vector<const Parameter*> parameters_;
  std::vector<const Parameter*> there_;
  std::vector<std::vector<Value>> domains_;
  bool fits_ = true;
  Configuration source_;
  Configuration given_;
  Point point_;
};

/// Sets of small numbers that merge.
class Partition {
 public:
  explicit Partition(std::size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  std::size_t root(std::size_t x) {
    while (parent_[x] != x) x = parent_[x] = parent_[parent_[x]];
    return x;
  }
  void merge(std::size_t a, std::size_t b) { parent_[root(a)] = root(b); }

 private:
  std::vector<std::size_t> parent_;
};

}  // namespace

bool ComponentAnswer::agrees_with(const ComponentAnswer& other) const {
  if (!known || !other.known) return true;
  return exists == other.exists && accepted == other.accepted && rejected == other.rejected &&
         undetermined == other.undetermined;
}

Component whole(Scheme scheme, const End& source, const End& destination) {
  Component component;
  component.scheme = scheme;
  component.source = source;
  component.destination = destination;
  for (const auto& [name, parameter] : source.model->parameters) component.parameters.push_back(name);
  for (const auto& [name, parameter] : destination.model->parameters) {
    if (!source.model->parameters.contains(name)) component.destination_only.push_back(name);
  }
  for (const rules::Expression& constraint : constraints_of(source))
    component.source_constraints.push_back(&constraint);
  if (scheme == Scheme::rfc_v3_strict) {
    for (const rules::Expression& constraint : constraints_of(destination))
      component.destination_constraints.push_back(&constraint);
  }
  return component;
}

std::vector<Component> coupled(Scheme scheme, const End& source, const End& destination) {
  const compat::Parameters& parameters = source.model->parameters;
  std::vector<const std::string*> names;
  std::map<std::string_view, std::size_t> number;
  for (const auto& [name, parameter] : parameters) {
    number.emplace(name, names.size());
    names.push_back(&name);
  }

  struct Tie {
    const rules::Expression* constraint;
    bool at_source;
    std::vector<std::size_t> members;
  };
  std::vector<Tie> ties;
  for (const rules::Expression& constraint : constraints_of(source)) {
    Tie tie{&constraint, true, {}};
    for (const std::string& name : parameters_of(constraint, parameters))
      tie.members.push_back(number.at(name));
    ties.push_back(std::move(tie));
  }
  if (scheme == Scheme::rfc_v3_strict) {
    for (const rules::Expression& constraint : constraints_of(destination)) {
      Tie tie{&constraint, false, {}};
      for (const std::string& name : parameters_of(constraint, destination.model->parameters)) {
        // What the source does not know, or knows with another type, does not vary there: it is the off or
        // init value.
        const auto found = number.find(name);
        if (found == number.end() || parameters.at(name).type != destination.model->parameters.at(name).type)
          continue;
        tie.members.push_back(found->second);
      }
      ties.push_back(std::move(tie));
    }
  }

  Partition partition(names.size());
  for (const Tie& tie : ties) {
    for (const std::size_t member : tie.members) partition.merge(member, tie.members.front());
  }
  std::vector<Component> components;
  std::map<std::size_t, std::size_t> component_of_root;
  const auto make = [&] {
    Component component;
    component.scheme = scheme;
    component.source = source;
    component.destination = destination;
    components.push_back(std::move(component));
    return components.size() - 1;
  };
  std::vector<bool> tied(names.size(), false);
  for (const Tie& tie : ties) {
    std::size_t index = 0;
    if (tie.members.empty()) {
      index = make();
    } else {
      const std::size_t root = partition.root(tie.members.front());
      const auto found = component_of_root.find(root);
      index = found != component_of_root.end() ? found->second : (component_of_root[root] = make());
      for (const std::size_t member : tie.members) tied[member] = true;
    }
    (tie.at_source ? components[index].source_constraints : components[index].destination_constraints)
        .push_back(tie.constraint);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (tied[i]) components[component_of_root.at(partition.root(i))].parameters.push_back(*names[i]);
  }
  return components;
}

std::uint64_t size_of(const Component& component) {
  std::uint64_t product = 1;
  bool saturated = false;
  for (const std::string& name : component.parameters) {
    const std::uint64_t size = component.source.model->parameters.at(name).accepted_values().size();
    if (size == 0) return 0;
    saturated = saturated || __builtin_mul_overflow(product, size, &product);
  }
  return saturated ? std::numeric_limits<std::uint64_t>::max() : product;
}

ComponentAnswer enumerate(const Component& component) {
  ComponentAnswer answer;
  if (size_of(component) == 0) return answer;
  Enumeration(component).run([&answer](const Point&, Decision decision) {
    answer.exists = true;
    answer.accepted = answer.accepted || decision == Decision::accept;
    answer.rejected = answer.rejected || decision == Decision::reject;
    answer.undetermined = answer.undetermined || decision == Decision::undetermined;
    return !(answer.accepted && answer.rejected && answer.undetermined);
  });
  return answer;
}

ComponentWitness enumerate_witness(const Component& component) {
  ComponentWitness witness;
  if (size_of(component) == 0) return witness;
  Enumeration(component).run([&witness](const Point& point, Decision decision) {
    // Points come in ascending order of values, so the first of each distance is the least.
    if (!witness.any || point.distance < witness.any->distance) witness.any = point;
    if (decision == Decision::reject && (!witness.rejected || point.distance < witness.rejected->distance))
      witness.rejected = point;
    return true;
  });
  return witness;
}

}  // namespace portolan::solver::matrix
