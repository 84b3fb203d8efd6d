// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/selection.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "model/compat/judging/schemes.hpp"
#include "model/compat/loading.hpp"
#include "model/support/text.hpp"

namespace portolan::cli {

namespace {

using compat::Implementation;

Fault usage(std::string where, std::string finding, std::string expectation = {}, std::string remedy = {}) {
  return {FaultCode::usage,
          {std::move(where), {}, {}},
          std::move(finding),
          std::move(expectation),
          std::move(remedy)};
}

Fault unknown(std::string where, std::string finding, std::string expectation = {}) {
  return {
      FaultCode::unknown_name, {std::move(where), {}, {}}, std::move(finding), std::move(expectation), {}};
}

/// Names to choose from are whole, so that they can be copied: there are as many as fit into a message, the
/// first in any case.
std::string one_of(const std::set<std::string>& names) {
  constexpr std::size_t bytes_max = 700;
  std::string text;
  std::size_t shown = 0;
  for (const std::string& name : names) {
    const std::string whole = printable(name);
    if (shown > 0 && text.size() + whole.size() > bytes_max) break;
    text += (shown++ > 0 ? ", " : "one of: ") + whole;
  }
  return shown == names.size() ? text : fmt::format("{} and {} more", text, names.size() - shown);
}

template <class Map>
std::set<std::string> keys(const Map& map) {
  std::set<std::string> names;
  for (const auto& entry : map) names.insert(entry.first);
  return names;
}

/// The implementations of a file that are of the type, where one was asked for.
Result<std::vector<const Implementation*>> of_type(const compat::Catalogue& catalogue,
                                                   const std::string& file, const std::string& type,
                                                   const std::string& option) {
  std::vector<const Implementation*> chosen;
  std::set<std::string> types;
  for (const auto& one : catalogue.implementations) {
    if (!one.type.empty()) types.insert(one.type);
    if (type.empty() || one.type == type) chosen.push_back(&one);
  }
  if (chosen.empty() && types.empty()) {
    return fail(unknown(option, fmt::format("got {}, and {} has no types", in_quotes(type), file),
                        "a catalogue with types, or no " + option));
  }
  if (chosen.empty()) return fail(unknown(option, "got " + in_quotes(type), one_of(types)));
  return chosen;
}

/// A fault when the implementations are not all of one name and version.
Result<void> one_implementation(const std::vector<const Implementation*>& chosen, const std::string& file,
                                const std::string& option) {
  std::set<std::string> names;
  // The file of the implementation: what was asked for may name a part of it already.
  for (const auto* one : chosen)
    names.insert(one->place.file + '#' + one->name + (one->version.empty() ? "" : '@' + one->version));
  if (names.size() < 2) return {};
  return fail(usage(option, fmt::format("{} holds {} implementations that fit", file, names.size()),
                    one_of(names), "name one of them"));
}

}  // namespace

Result<compat::Configuration> configure(const compat::End& source, const std::string& profile,
                                        const std::vector<std::string>& set) {
  const auto& parameters = source.model->parameters;
  const auto& notes = source.implementation->annotations_of(source.model->name);
  compat::Configuration configuration = compat::fresh(*source.model);
  Faults faults;
  if (!profile.empty()) {
    const auto found = notes.profiles.find(profile);
    if (found == notes.profiles.end()) {
      faults.push_back(unknown(
          "--profile", "got " + in_quotes(profile),
          notes.profiles.empty() ? "no profile: the source defines none" : one_of(keys(notes.profiles))));
    } else {
      for (const auto& [name, value] : found->second.values) configuration[name] = value;
    }
  }
  std::set<std::string> given;
  for (const auto& assignment : set) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos) {
      faults.push_back(usage("--set", "got " + in_quotes(assignment), "name=value"));
      continue;
    }
    const std::string name = assignment.substr(0, equals), text = assignment.substr(equals + 1);
    const auto parameter = parameters.find(name);
    if (parameter == parameters.end()) {
      faults.push_back(
          unknown("--set", "unknown parameter " + in_quotes(name),
                  parameters.empty() ? "none: the model has no parameters" : one_of(keys(parameters))));
      continue;
    }
    if (!given.insert(name).second) {
      faults.push_back(
          {FaultCode::duplicate, {"--set", {}, name}, "given twice", "one value for each parameter", {}});
      continue;
    }
    const auto value = compat::parse_value(parameter->second.type, text);
    if (!value) {
      faults.push_back({FaultCode::wrong_type,
                        {"--set", {}, name},
                        "got " + in_quotes(text),
                        parameter->second.type == compat::ValueType::integer
                            ? std::string("a whole number from 0 to 18446744073709551615")
                            : fmt::format("a value of type {}", compat::name_of(parameter->second.type)),
                        {}});
      continue;
    }
    if (parameter->second.accepts(*value) == compat::Acceptance::refused) {
      faults.push_back({FaultCode::out_of_range,
                        {"--set", {}, name},
                        fmt::format("the source refuses {}", compat::to_json(*value)),
                        "one of " + compat::to_string(parameter->second.accepted_values()),
                        {}});
      continue;
    }
    configuration[name] = *value;
  }
  if (!faults.empty()) return fail(std::move(faults));
  if (!profile.empty() && set.empty()) return configuration;
  // It must be a configuration that the source can have.
  for (const auto index : compat::failed_constraints(notes, configuration)) {
    const auto& constraint = notes.constraints[index];
    const bool fresh = set.empty();
    faults.push_back(
        {FaultCode::out_of_range,
         {fresh ? "--from" : "--set", {}, {}},
         fmt::format("the source refuses {}: its constraint `{}` fails",
                     fresh ? "its own init values" : "this configuration", constraint.source),
         {},
         fmt::format("{}; the constraint stands at {}",
                     fresh ? "give values that it can have (--set, --profile)" : "change a value",
                     to_string(constraint.place))});
  }
  if (!faults.empty()) return fail(std::move(faults));
  return configuration;
}

std::vector<std::string> scheme_names() {
  std::vector<std::string> names;
  for (const auto scheme : compat::every_scheme) names.emplace_back(compat::name_of(scheme));
  return names;
}

Result<Selection> select(const Asked& asked) {
  Faults faults;
  auto from = compat::load({asked.from}, false);
  if (!from) faults.insert(faults.end(), from.error().begin(), from.error().end());
  auto to = compat::load({asked.to}, false);
  if (!to && asked.to != asked.from) faults.insert(faults.end(), to.error().begin(), to.error().end());
  if (!faults.empty()) return fail(std::move(faults));
  // Moving a vector keeps its elements where they are, so pointers into `implementations` survive the return.
  Selection selection{std::move(*from), {}, {}, std::move(*to)};

  auto sources = of_type(selection.from, asked.from, asked.type, "--type");
  if (!sources) return fail(sources.error());
  std::set<std::string> models;
  for (const auto* one : *sources) {
    const auto described = keys(one->info.models);
    models.insert(described.begin(), described.end());
  }
  std::string model = asked.model;
  if (models.empty()) return fail(usage("--from", asked.from + " describes no model", "at least one"));
  if (!model.empty() && !models.contains(model))
    return fail(unknown("--model", "got " + in_quotes(model), one_of(models)));
  if (model.empty() && models.size() > 1) {
    return fail(usage("--from", fmt::format("{} describes {} models", asked.from, models.size()),
                      one_of(models), "choose one with --model"));
  }
  if (model.empty()) model = *models.begin();
  std::erase_if(*sources, [&](const Implementation* one) { return !one->model(model); });
  if (auto done = one_implementation(*sources, asked.from, "--from"); !done) return fail(done.error());
  if (sources->size() > 1) {
    std::set<std::string> types;
    for (const auto* one : *sources) types.insert(one->type);
    return fail(usage("--from", fmt::format("{} has {} types of {}", asked.from, types.size(), model),
                      one_of(types), "choose one with --type"));
  }
  selection.source = {sources->front(), sources->front()->model(model)};

  auto candidates = of_type(selection.to, asked.to, asked.to_type, "--to-type");
  if (!candidates) return fail(candidates.error());
  std::vector<const Implementation*> fitting;
  std::copy_if(candidates->begin(), candidates->end(), std::back_inserter(fitting),
               [&](const Implementation* one) { return one->model(model); });
  if (fitting.empty()) fitting = std::move(*candidates);
  selection.to.beside.insert(selection.to.beside.end(), selection.to.implementations.begin(),
                             selection.to.implementations.end());
  if (auto done = one_implementation(fitting, asked.to, "--to"); !done) return fail(done.error());
  std::vector<Implementation> kept;
  for (const auto* one : fitting) kept.push_back(*one);
  selection.to.implementations = std::move(kept);

  const bool only_observed =
      asked.only_observed && asked.set.empty() && compat::is_only_observed(selection.source, asked.profile);
  auto configuration = only_observed ? compat::fresh(*selection.source.model)
                                     : configure(selection.source, asked.profile, asked.set);
  if (!configuration) return fail(configuration.error());
  selection.configuration = std::move(*configuration);
  return selection;
}

}  // namespace portolan::cli
