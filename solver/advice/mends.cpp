// SPDX-License-Identifier: Apache-2.0
#include "solver/advice/mends.hpp"

#include <functional>

#include <fmt/format.h>

namespace portolan::solver::advice {

using compat::End;
using compat::Implementation;
using compat::Parameter;
using compat::Value;
using compat::ValueSet;

namespace {

struct Change {
  Mend mend;
  std::function<void(Parameter&)> apply;
};

ValueSet only(const Value& value) {
  ValueSet set(compat::type_of(value));
  set.add(value);
  return set;
}

void allow(Parameter& parameter, const ValueSet& values) {
  ValueSet allowed = parameter.accepted_values();
  for (const bool boolean : {false, true})
    if (boolean ? values.has_true() : values.has_false()) allowed.add(Value(boolean));
  if (values.type() == compat::ValueType::integer) allowed.add(values.ranges());
  if (values.type() == compat::ValueType::string) allowed.add(values.strings());
  parameter.allowed = allowed;
}

std::vector<Change> candidates(compat::Scheme scheme, const End& source, const End& destination) {
  const bool strict = compat::is_strict(scheme);
  const std::string& here = source.implementation->label;
  const std::string& there = destination.implementation->label;
  std::vector<Change> changes;
  for (const auto& [name, own] : source.model->parameters) {
    const auto found = destination.model->parameters.find(name);
    if (found == destination.model->parameters.end()) {
      if (!own.off) continue;  // C2, and nothing switches it off
      changes.push_back(
          {{true, name,
            fmt::format("pin {}={} at {} while instances must be able to go to {}, which lacks it", name,
                        compat::to_string(*own.off), here, there)},
           [off = *own.off](Parameter& parameter) {
             parameter.init = off;
             parameter.allowed = only(off);
           }});
      continue;
    }
    const Parameter& other = found->second;
    if (other.type != own.type) continue;
    if (strict && own.off && own.off != other.off && own.accepts(*own.off) == compat::Acceptance::accepted) {
      changes.push_back({{false, name,
                          fmt::format("give {} the off_value {} in {}, as in {}", name,
                                      compat::to_string(*own.off), there, here)},
                         [off = *own.off](Parameter& parameter) { parameter.off = off; }});
    }
    ValueSet missing = own.accepted_values().minus(other.accepted_values());
    if (own.off && !strict) missing = missing.minus(only(*own.off));
    if (!missing.empty()) {
      changes.push_back(
          {{false, name, fmt::format("let {} accept {} in {}", there, name, compat::to_string(missing))},
           [missing](Parameter& parameter) { allow(parameter, missing); }});
    }
  }
  if (!strict) return changes;
  for (const auto& [name, other] : destination.model->parameters) {
    if (source.model->parameters.contains(name)) continue;
    if (!other.off) {
      changes.push_back(
          {{false, name,
            fmt::format("give {} an off_value in {} whose effect equals its absence (R3)", name, there)},
           // Which value that is only its implementer knows; for what is decided here any that it accepts
           // will do.
           [](Parameter& parameter) { parameter.off = parameter.init; }});
    } else if (other.accepts(*other.off) != compat::Acceptance::accepted) {
      changes.push_back({{false, name,
                          fmt::format("let {} accept {}={}, its own off value", there, name,
                                      compat::to_string(*other.off))},
                         [off = *other.off](Parameter& parameter) { allow(parameter, only(off)); }});
    }
  }
  return changes;
}

bool works(compat::Scheme scheme, const End& source, const End& destination,
           const std::vector<Change>& changes) {
  const std::string& model = source.model->name;
  compat::Catalogue two;
  two.implementations = {*source.implementation, *destination.implementation};
  for (const Change& change : changes)
    change.apply(two.implementations[change.mend.at_source ? 0 : 1].info.models.at(model).parameters.at(
        change.mend.parameter));
  for (Implementation& one : two.implementations)
    std::erase_if(one.info.models, [&](const auto& entry) { return entry.first != model; });
  matrix::MatrixOptions options;
  options.scheme = scheme;
  const matrix::Matrix matrix(two, options);
  return matrix.pairs().front().relation == matrix::RelationKind::all;
}

}  // namespace

std::vector<Mend> mends(compat::Scheme scheme, const End& source, const End& destination) {
  if (works(scheme, source, destination, {})) return {};
  std::vector<Change> changes = candidates(scheme, source, destination);
  if (changes.empty() || !works(scheme, source, destination, changes)) return {};
  for (std::size_t i = 0; i < changes.size();) {
    std::vector<Change> fewer = changes;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    if (works(scheme, source, destination, fewer))
      changes = std::move(fewer);
    else
      ++i;
  }
  std::vector<Mend> needed;
  for (Change& change : changes) needed.push_back(std::move(change.mend));
  return needed;
}

}  // namespace portolan::solver::advice
