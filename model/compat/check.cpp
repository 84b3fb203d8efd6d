// SPDX-License-Identifier: Apache-2.0
#include "model/compat/check.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include <fmt/format.h>

#include "model/compat/constraint.hpp"
#include "model/support/named.hpp"

namespace portolan::compat {
namespace {

constexpr auto scheme_names = enumerator_names<Scheme>(
    {{Scheme::rfc_v3, "rfc-v3"}, {Scheme::rfc_v3_strict, "rfc-v3-strict"}, {Scheme::declared, "declared"}});
constexpr auto decision_names = enumerator_names<Decision>(
    {{Decision::accept, "accept"}, {Decision::reject, "reject"}, {Decision::undetermined, "undetermined"}});

const Value& value_in(const Configuration& configuration, const std::string& name) {
  const auto found = configuration.find(name);
  assert(found != configuration.end() && "a configuration gives every parameter of its model");
  return found->second;
}

bool is_listed(const Parameter& parameter, const Value& value) {
  return !parameter.off || value != *parameter.off;  // R4
}

/// A set in a sentence: whole when it is short, else its beginning and its size.
std::string brief(const ValueSet& set) {
  constexpr std::size_t width_max = 120;
  std::string text = to_string(set);
  if (text.size() <= width_max) return text;
  std::size_t cut = text.rfind(", ", width_max);
  if (cut == std::string::npos) cut = text.find(", ", width_max);  // never inside a value
  if (cut == std::string::npos) return text;
  return fmt::format("{}, … {} values in all}}", text.substr(0, cut), set.size());
}

std::string names_of(const Parameters& parameters) {
  constexpr std::size_t names_max = 8;
  if (parameters.empty()) return "no parameters";
  std::string text = parameters.size() == 1 ? "only the parameter " : "the parameters ";
  std::size_t shown = 0;
  for (const auto& [name, parameter] : parameters) {
    if (shown == names_max && parameters.size() > names_max)
      return fmt::format("{}, … {} in all", text, parameters.size());
    if (shown++ > 0) text += ", ";
    text += name;
  }
  return text;
}

/// What a failing constraint was evaluated on: `new-feature=true, num-queues=1`.
std::string assignments(const std::vector<std::string>& names, const Configuration& configuration) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ", ";
    text += assignment(name, value_in(configuration, name));
  }
  return text;
}

class Check {
 public:
  Check(const End& source, const Configuration& configuration, const End& destination)
      : source_(source), configuration_(configuration), destination_(destination) {}

  Verdict run(Scheme scheme) {
    verdict_.list = parameter_list(*source_.model, configuration_);
    if (!same_model()) return std::move(verdict_);
    known_ = as_known(verdict_.list, destination_);
    for (const auto& [name, value] : verdict_.list) listed_value(name, value);
    if (is_strict(scheme)) {
      for (const auto& [name, parameter] : destination_.model->parameters) {
        if (!known_.contains(name)) unlisted_parameter(parameter);
      }
      constraints();
    }
    std::stable_sort(verdict_.reasons.begin(), verdict_.reasons.end(), [](const Reason& a, const Reason& b) {
      return order(a.rule) != order(b.rule) ? order(a.rule) < order(b.rule) : a.parameter < b.parameter;
    });
    return std::move(verdict_);
  }

 private:
  /// C1 … C6, then R2: what is certain comes first.
  static int order(const std::string& rule) { return rule[0] == 'C' ? rule[1] - '0' : 9; }

  const std::string& there() const { return destination_.implementation->label; }

  void fails(Reason reason) {
    reason.message = reason.rule + ": " + reason.message;
    reason.certain = reason.rule != "R2";
    if (reason.certain) {
      verdict_.decision = Decision::reject;
    } else if (verdict_.decision == Decision::accept) {
      verdict_.decision = Decision::undetermined;  // R2; a rejection outweighs it
    }
    verdict_.reasons.push_back(std::move(reason));
  }

  /// R5/C1. Parameter names mean nothing across models, so nothing else is looked at when the models differ.
  bool same_model() {
    const std::string& wanted = source_.model->name;
    if (destination_.model != nullptr && destination_.model->name == wanted) return true;
    const std::string offered =
        destination_.model == nullptr ? "does not describe it" : "offers " + destination_.model->name;
    fails({"C1",
           {},
           {},
           "model " + wanted,
           fmt::format("the source's device model is {}, but {} {}", wanted, there(), offered),
           destination_.model == nullptr ? destination_.implementation->place : destination_.model->place});
    return false;
  }

  void listed_value(const std::string& name, const Value& value) {
    const Parameter* parameter = known_as(destination_, verdict_.list, name);
    if (parameter == nullptr) {  // R5/C2, and no C3 for that name
      fails({"C2", name, value, fmt::format("a parameter of {}", there()),
             fmt::format("{} is listed, but {} does not know the parameter {}; it knows {}",
                         assignment(name, value), there(), name, names_of(destination_.model->parameters)),
             destination_.model->place});
      return;
    }
    if (parameter->type != type_of(value)) {  // C2, ours: the same type
      fails({"C2", name, value, fmt::format("type {}", name_of(type_of(value))),
             fmt::format("{} is listed with type {}, but in {} the parameter {} has type {}",
                         assignment(name, value), name_of(type_of(value)), there(), name,
                         name_of(parameter->type)),
             parameter->place});
      return;
    }
    switch (parameter->accepts(value)) {
      case Acceptance::accepted: return;
      case Acceptance::refused: {
        const ValueSet accepted = parameter->accepted_values();
        fails({"C3", name, value, brief(accepted),
               fmt::format("{} is not accepted by {}, which accepts {}", assignment(name, value), there(),
                           accepted.empty() ? "no value at all" : brief(accepted)),
               parameter->place});
        return;
      }
      case Acceptance::undetermined: {
        const std::string known = brief(parameter->accepted_values());
        fails({"R2", name, value, known,
               fmt::format("whether {} accepts {} is not known: it publishes no allowed_values for {}, only "
                           "{} is certain",
                           there(), assignment(name, value), name, known),
               parameter->place});
        return;
      }
    }
  }

  void unlisted_parameter(const Parameter& parameter) {
    const Parameter* ours = source_.model->find(parameter.name);
    const std::string why =
        ours == nullptr ? fmt::format("{} does not know {}", source_.implementation->label, parameter.name)
                        : fmt::format("{} is at the off value {} of {} and so not listed", parameter.name,
                                      to_string(*ours->off), source_.implementation->label);
    const std::optional<Value> value = ours == nullptr ? std::nullopt : ours->off;
    if (!parameter.off) {  // R6/C4
      fails({"C4", parameter.name, value, "an off_value",
             fmt::format("{}, but {} has no off_value for it and cannot disable it", why, there()),
             parameter.place});
      return;
    }
    if (parameter.accepts(*parameter.off) != Acceptance::accepted) {  // R6/C4
      fails({"C4", parameter.name, value, brief(parameter.accepted_values()),
             fmt::format("{}, but {} does not accept its own off_value {}, only {}", why, there(),
                         to_string(*parameter.off), brief(parameter.accepted_values())),
             parameter.place});
    }
    if (ours != nullptr && *ours->off != *parameter.off) {  // R6/C5; values of two types are never equal
      fails({"C5", parameter.name, value, to_string(*parameter.off),
             fmt::format("{}, but {} {} is {}: the value would change on the way (R10)", why,
                         parameter.pinned ? "what the profile pins in" : "the off_value of", there(),
                         to_string(*parameter.off)),
             parameter.place});
    }
  }

  /// R6/C6 on what R7 would give the destination.
  void constraints() {
    const DeviceModel& model = *destination_.model;
    const Annotations& annotations = destination_.implementation->annotations_of(model.name);
    if (annotations.constraints.empty()) return;
    const Configuration given = prepared(known_, model);
    for (const std::size_t index : failed_constraints(annotations, given)) {
      const rules::Expression& constraint = annotations.constraints[index];
      const std::vector<std::string> names = parameters_of(constraint, model.parameters);
      // Where a listed name has another type (C2), nobody knows what the destination would be given for it.
      const bool meaningless = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        const auto listed = known_.find(name);
        return listed != known_.end() && type_of(listed->second) != model.parameters.at(name).type;
      });
      if (meaningless) continue;
      Reason reason{
          "C6",
          {},
          {},
          constraint.source,
          fmt::format("{} would be given {}, which breaks its constraint {}", there(),
                      names.empty() ? "this configuration" : assignments(names, given), constraint.source),
          constraint.place};
      if (names.size() == 1) {
        reason.parameter = names.front();
        const auto own = configuration_.find(names.front());
        if (own != configuration_.end()) reason.value = own->second;
      }
      fails(std::move(reason));
    }
  }

  const End& source_;
  const Configuration& configuration_;
  const End& destination_;
  Verdict verdict_;
  std::map<std::string, Value> known_;  ///< the list by the destination's own names
};

/// The parameters of a configuration, as far as an expression needs them: names and types.
Parameters shape_of(const Configuration& configuration) {
  Parameters parameters;
  for (const auto& [name, value] : configuration) {
    Parameter parameter;
    parameter.name = name;
    parameter.type = type_of(value);
    parameters.emplace(name, std::move(parameter));
  }
  return parameters;
}

}  // namespace

Configuration fresh(const DeviceModel& model) {
  Configuration configuration;
  for (const auto& [name, parameter] : model.parameters)
    configuration.emplace_hint(configuration.end(), name, parameter.init);
  return configuration;
}

std::string written_away(const DeviceModel& model, const Configuration& configuration) {
  std::string text;
  for (const auto& [name, value] : configuration) {
    if (value == model.parameters.at(name).init) continue;
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name, to_string(value));
  }
  return text.empty() ? "its init values" : text;
}

std::map<std::string, Value> parameter_list(const DeviceModel& model, const Configuration& configuration) {
  std::map<std::string, Value> list;
  for (const auto& [name, parameter] : model.parameters) {
    const Value& value = value_in(configuration, name);
    if (is_listed(parameter, value)) list.emplace_hint(list.end(), name, value);
  }
  return list;
}

std::string_view name_of(Scheme scheme) { return scheme_names[scheme]; }
std::optional<Scheme> scheme_named(std::string_view name) { return scheme_names.find(name); }
std::string_view name_of(Decision decision) { return decision_names[decision]; }

Verdict check(Scheme scheme, const End& source, const Configuration& configuration, const End& destination) {
  assert(source.implementation != nullptr && source.model != nullptr &&
         destination.implementation != nullptr);
  return Check(source, configuration, destination).run(scheme);
}

const Parameter* known_as(const End& destination, const std::map<std::string, Value>& list,
                          const std::string& name) {
  if (const Parameter* own = destination.model->find(name)) return own;
  const auto& aliases = notes_of(destination).aliases;
  const auto alias = aliases.find(name);
  return alias == aliases.end() || list.contains(alias->second) ? nullptr
                                                                : destination.model->find(alias->second);
}

std::map<std::string, Value> as_known(const std::map<std::string, Value>& list, const End& destination) {
  if (notes_of(destination).aliases.empty()) return list;
  std::map<std::string, Value> known;
  for (const auto& [name, value] : list) {
    const Parameter* own = known_as(destination, list, name);
    known.emplace(own != nullptr ? own->name : name, value);
  }
  return known;
}

Configuration prepared(const std::map<std::string, Value>& list, const DeviceModel& destination) {
  Configuration configuration;
  for (const auto& [name, parameter] : destination.parameters) {
    const auto listed = list.find(name);
    const bool given = listed != list.end() && type_of(listed->second) == parameter.type;
    configuration.emplace_hint(configuration.end(), name,
                               given ? listed->second : parameter.off.value_or(parameter.init));
  }
  return configuration;
}

std::vector<std::size_t> failed_constraints(const Annotations& annotations,
                                            const Configuration& configuration) {
  std::vector<std::size_t> failed;
  if (annotations.constraints.empty()) return failed;
  const Parameters parameters = shape_of(configuration);
  for (std::size_t index = 0; index < annotations.constraints.size(); ++index) {
    if (!holds(annotations.constraints[index], parameters, configuration)) failed.push_back(index);
  }
  return failed;
}

bool can_have(const End& end, const Configuration& configuration) {
  for (const auto& [name, value] : configuration)
    if (end.model->parameters.at(name).accepts(value) != Acceptance::accepted) return false;
  return failed_constraints(notes_of(end), configuration).empty();
}

}  // namespace portolan::compat
