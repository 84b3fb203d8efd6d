// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/coupling/coupling_encoding.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>

namespace portolan::solver::matrix {

using compat::Parameter;
using compat::Scheme;
using compat::ValueType;

namespace {

constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();

/// Every text that occurs on either side.
std::set<std::string> texts_of(const Coupling& coupling) {
  std::set<std::string> texts;
  for (const compat::End& end : {coupling.source, coupling.destination}) {
    for (const auto& [name, parameter] : end.model->parameters) {
      if (parameter.type != ValueType::string) continue;
      texts.insert(std::get<std::string>(parameter.init));
      if (parameter.off) texts.insert(std::get<std::string>(*parameter.off));
      if (parameter.allowed)
        texts.insert(parameter.allowed->strings().begin(), parameter.allowed->strings().end());
    }
  }
  for (const auto* constraints : {&coupling.source_constraints, &coupling.destination_constraints})
    for (const rules::Expression* one : *constraints) texts.insert(one->strings.begin(), one->strings.end());
  return texts;
}

bool off_is_accepted(const Parameter& parameter) {
  return parameter.off && (!parameter.allowed || parameter.allowed->contains(*parameter.off));
}

}  // namespace

CouplingEncoding::CouplingEncoding(z3::context& context, const Coupling& coupling)
    : coupling_(coupling),
      context_(context),
      values_(context, texts_of(coupling)),
      exists_(context.bool_val(true)),
      rejected_(context.bool_val(false)),
      undetermined_(context.bool_val(false)),
      distance_(context.int_val(0)) {
  for (const std::string& name : coupling.parameters) {
    parameters_.push_back(&coupling.source.model->parameters.at(name));
    variables_.push_back(smt::ValueTerms::variable(context, name, parameters_.back()->type));
  }
  encode_source();
  encode_listed_and_unlisted();
  encode_destination_constraints();
}

PartialConfiguration CouplingEncoding::configuration_in(const z3::model& model) const {
  PartialConfiguration found;
  for (std::size_t i = 0; i < variables_.size(); ++i) {
    found.values.push_back(values_.value_in(model, variables_[i], parameter(i).type));
    found.distance += found.values[i] != parameter(i).init;
  }
  return found;
}

std::size_t CouplingEncoding::index_of(const std::string& name) const {
  const auto& names = coupling_.parameters;
  const auto found = std::lower_bound(names.begin(), names.end(), name);
  return found != names.end() && *found == name ? static_cast<std::size_t>(found - names.begin())
                                                : names.size();
}

void CouplingEncoding::encode_source() {
  for (std::size_t i = 0; i < variables_.size(); ++i) {
    const Parameter& here = parameter(i);
    if (here.type == ValueType::integer)
      exists_ = exists_ && variables_[i] >= 0 && variables_[i] <= context_.int_val(greatest);
    exists_ = exists_ && values_.within(variables_[i], here.accepted_values());  // R2
    distance_ = distance_ + z3::ite(variables_[i] == values_.constant(here.init), context_.int_val(0),
                                    context_.int_val(1));
  }
  for (const rules::Expression* constraint : coupling_.source_constraints) {
    std::vector<z3::expr> cells;
    for (const auto& [name, here] : coupling_.source.model->parameters)
      cells.push_back(source_value(name, here));
    exists_ = exists_ && translate(*constraint, cells);
  }
}

z3::expr CouplingEncoding::source_value(const std::string& name, const Parameter& parameter) const {
  const std::size_t index = index_of(name);
  return index < variables_.size() ? variables_[index] : values_.constant(parameter.init);
}

z3::expr CouplingEncoding::listed(std::size_t index) const {  // R4
  const Parameter& here = parameter(index);
  return here.off ? variables_[index] != values_.constant(*here.off) : context_.bool_val(true);
}

void CouplingEncoding::encode_listed_and_unlisted() {
  const bool strict = is_strict(coupling_.scheme);
  for (std::size_t i = 0; i < variables_.size(); ++i) {
    const Parameter& here = parameter(i);
    const Parameter* there = coupling_.destination.model->find(here.name);
    if (there == nullptr || there->type != here.type) {
      rejected_ = rejected_ || listed(i);  // C2
    } else if (there->allowed) {
      rejected_ = rejected_ || (listed(i) && !values_.within(variables_[i], *there->allowed));  // C3
    } else {
      undetermined_ =
          undetermined_ || (listed(i) && !values_.within(variables_[i], there->accepted_values()));  // R2
    }
    if (!strict || there == nullptr || !here.off) continue;
    if (!off_is_accepted(*there) || *there->off != *here.off) rejected_ = rejected_ || !listed(i);  // C4, C5
  }
  if (!strict) return;
  for (const std::string& name : coupling_.destination_only) {
    if (!off_is_accepted(coupling_.destination.model->parameters.at(name)))
      rejected_ = context_.bool_val(true);  // C4
  }
}

void CouplingEncoding::encode_destination_constraints() {
  if (coupling_.destination_constraints.empty()) return;
  std::vector<z3::expr> given;  // R7
  for (const auto& [name, there] : coupling_.destination.model->parameters) {
    const z3::expr fallback = values_.constant(there.off.value_or(there.init));
    const std::size_t index = index_of(name);
    const bool varies = index < variables_.size() && parameter(index).type == there.type;
    given.push_back(varies ? z3::ite(listed(index), variables_[index], fallback) : fallback);
  }
  for (const rules::Expression* constraint : coupling_.destination_constraints)
    rejected_ = rejected_ || !translate(*constraint, given);  // C6
}

z3::expr CouplingEncoding::translate(const rules::Expression& expression,
                                     const std::vector<z3::expr>& cells) const {
  if (expression.view().always()) return context_.bool_val(true);
  smt::Z3Terms terms{.context = context_, .cells = cells, .texts = &values_.texts()};
  return rules::fold(expression.view(), terms);
}

}  // namespace portolan::solver::matrix
