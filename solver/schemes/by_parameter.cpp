// SPDX-License-Identifier: Apache-2.0
#include "solver/schemes/by_parameter.hpp"

#include <algorithm>
#include <string>

namespace portolan::solver::schemes {

using compat::Configuration;
using compat::Decision;
using compat::DeviceModel;
using compat::End;
using compat::MigrationOutcome;
using compat::NamedScheme;
using compat::Parameter;
using compat::SchemeQuestion;
using matrix::DefinitionId;

namespace {

/// An end as it is, names and all, with one parameter or with none.
class SmallEnd {
 public:
  SmallEnd(const End& like, const Parameter* parameter) {
    implementation_.label = like.implementation->label;
    implementation_.name = like.implementation->name;
    implementation_.version = like.implementation->version;
    implementation_.kind = like.implementation->kind;
    implementation_.type = like.implementation->type;
    DeviceModel& model = implementation_.info.models[like.model->name];
    model.name = like.model->name;
    if (parameter == nullptr) return;
    Parameter& own = model.parameters[only_name] = *parameter;
    own.name = only_name;
  }
  SmallEnd(const SmallEnd&) = delete;
  SmallEnd& operator=(const SmallEnd&) = delete;

  End end() const { return {&implementation_, &implementation_.info.models.begin()->second}; }

  static constexpr const char* only_name = "p";

 private:
  compat::Implementation implementation_;
};

std::uint8_t answer_of(Decision decision) {
  return decision == Decision::accept ? 0 : decision == Decision::undetermined ? 1 : 2;
}

Decision decision_of(std::uint8_t answer) {
  return answer == 0 ? Decision::accept : answer == 1 ? Decision::undetermined : Decision::reject;
}

const compat::Absence& nothing_observed() {
  static const compat::Absence none;
  return none;
}

std::uint8_t judged(NamedScheme scheme, const End& source, const Configuration& configuration,
                    const End& destination) {
  return answer_of(
      judge(scheme, {source, configuration, destination, {}, &nothing_observed(), false}).decision);
}

}  // namespace

void ByParameter::Counts::add(const Answers& answers) {
  for (std::size_t k = 0; k < questions; ++k) {
    unknown[k] += answers[k] == 1 ? 1 : 0;
    no[k] += answers[k] == 2 ? 1 : 0;
  }
}

void ByParameter::Counts::remove(const Answers& answers) {
  for (std::size_t k = 0; k < questions; ++k) {
    unknown[k] -= answers[k] == 1 ? 1 : 0;
    no[k] -= answers[k] == 2 ? 1 : 0;
  }
}

std::array<Facts, ByParameter::schemes> ByParameter::Pair::facts(const std::vector<Step>& steps) const {
  Counts counts = base_;
  for (const Step& step : steps) {
    counts.remove(fares_[step.parameter]->answers.front());
    counts.add(fares_[step.parameter]->answers[step.value]);
  }
  std::array<Facts, schemes> all;
  const bool returns = counts.worst(set_up) == 0 && counts.worst(exists) == 0;
  for (std::size_t k = 0; k < schemes; ++k) {
    all[k].decision = decision_of(counts.worst(k));
    // Nobody declares a state or an interface, so that more than a set-up that fails cannot be known.
    all[k].outcome = counts.worst(set_up) == 2 ? MigrationOutcome::fails : MigrationOutcome::undetermined;
    if (returns) all[k].back = decision_of(counts.worst(schemes + k));
  }
  return all;
}

ByParameter::ByParameter(const compat::Catalogue& catalogue)
    : definitions_(compat::Scheme::rfc_v3), groups_(matrix::groups_of(catalogue, definitions_)) {}

const ByParameter::Fares& ByParameter::fares(DefinitionId source, DefinitionId destination, const End& here,
                                             const End& there) {
  const auto [entry, added] = fares_.try_emplace(std::uint64_t{source} << 32 | destination);
  Fares& made = entry->second;
  if (!added) return made;
  const Parameter* own = source == matrix::absent ? nullptr : &definitions_.definition(source);
  const SmallEnd from(here, own),
      to(there, destination == matrix::absent ? nullptr : &definitions_.definition(destination));
  std::vector<Configuration> configurations;
  if (own == nullptr) {
    configurations.emplace_back();
  } else {
    made.axis = std::make_shared<const Axis>(
        axis_of(from.end().model->parameters.begin()->second, from.end(), to.end()));
    for (const compat::Value& value : made.axis->values)
      configurations.push_back({{SmallEnd::only_name, value}});
  }
  for (const Configuration& configuration : configurations) {
    Answers answers{};
    const auto list = parameter_list(*from.end().model, configuration);
    const compat::Truth truth =
        compat::truth({from.end(), configuration, to.end(), {}, &nothing_observed(), false}, list);
    answers[set_up] = truth.made ? 0 : truth.outcome == MigrationOutcome::fails ? 2 : 1;
    answers[exists] = can_have(to.end(), truth.given) ? 0 : 2;
    for (std::size_t k = 0; k < schemes; ++k) {
      // Names are the same for every parameter (by_names), and profiles have configurations of their own.
      const NamedScheme scheme = compat::every_scheme[k];
      if (compat::ignores_configuration(scheme) || compat::is_for_profiles(scheme)) continue;
      answers[k] = judged(scheme, from.end(), configuration, to.end());
      if (truth.made) answers[schemes + k] = judged(scheme, to.end(), truth.given, from.end());
    }
    made.answers.push_back(answers);
  }
  return made;
}

const ByParameter::Answers& ByParameter::by_names(const End& source, std::size_t source_index,
                                                  const End& destination, std::size_t destination_index) {
  const auto [entry, added] = names_.try_emplace(std::uint64_t{source_index} << 32 | destination_index);
  Answers& made = entry->second;
  if (!added) return made;
  made = {};
  const SmallEnd from(source, nullptr), to(destination, nullptr);
  for (std::size_t k = 0; k < schemes; ++k) {
    const NamedScheme scheme = compat::every_scheme[k];
    if (!compat::ignores_configuration(scheme)) continue;
    made[k] = judged(scheme, from.end(), {}, to.end());
    made[schemes + k] = judged(scheme, to.end(), {}, from.end());
  }
  return made;
}

std::optional<ByParameter::Pair> ByParameter::pair(const End& source, std::size_t source_index,
                                                   const End& destination, std::size_t destination_index) {
  if (source.model->name != destination.model->name) return std::nullopt;
  const auto group =
      std::lower_bound(groups_.begin(), groups_.end(), source.model->name,
                       [](const matrix::Group& one, const std::string& wanted) { return one.name < wanted; });
  const matrix::Member &here = group->member_of(static_cast<std::uint32_t>(source_index)),
                       &there = group->member_of(static_cast<std::uint32_t>(destination_index));
  if (here.constrained || here.annotated || there.constrained || there.annotated) return std::nullopt;
  Pair made;
  for (std::size_t column = 0; column < group->columns.size(); ++column) {
    const DefinitionId own = here.definitions[column], other = there.definitions[column];
    if (own == matrix::absent && other == matrix::absent) continue;
    const Fares& found = fares(own, other, source, destination);
    if (own != matrix::absent) {
      made.fares_.push_back(&found);
      made.axes_.push_back(found.axis);
      if (found.answers.empty()) continue;  // the source accepts no value: there is no configuration
    }
    made.base_.add(found.answers.front());
  }
  made.base_.add(by_names(source, source_index, destination, destination_index));
  return made;
}

}  // namespace portolan::solver::schemes
