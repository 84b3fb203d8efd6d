// SPDX-License-Identifier: Apache-2.0
#include "model/compat/properties.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace portolan::compat {
namespace {

/// One implementation that describes a model.
struct Describing {
  const Implementation* implementation;
  const DeviceModel* model;
};

using Models = std::map<std::string_view, std::vector<Describing>>;

Models models_of(const Catalogue& catalogue) {
  Models models;
  for (const Implementation& implementation : catalogue.implementations) {
    for (const auto& [name, model] : implementation.info.models)
      models[name].push_back({&implementation, &model});
  }
  return models;
}

std::string text_of(const std::optional<Value>& value) { return value ? to_string(*value) : "none"; }

/// Collects one property: its findings, how much there was to look at, how much of it is wrong.
class Tally {
 public:
  Tally(std::string name, std::string meaning, std::string rule, std::string nothing)
      : nothing_(std::move(nothing)) {
    result_.name = std::move(name);
    result_.meaning = std::move(meaning);
    result_.rule = std::move(rule);
  }

  void looked_at_one() { ++looked_at_; }

  void violated(Finding finding) {
    finding.rule = result_.name;
    finding.severity = Severity::error;
    // Types of one entry often share a file: the same sentence of the same place is one finding.
    const Place& place = finding.place;
    if (place.mark.line != 0 &&
        !places_.emplace(place.file, place.mark.line, place.mark.column, finding.model, finding.parameter)
             .second) {
      return;
    }
    ++result_.count;
    findings_.push_back(std::move(finding));
  }

  void into(Examination& examination) {
    if (looked_at_ == 0) {
      result_.verdict = PropertyVerdict::vacuous;
      result_.reason = nothing_;
    } else {
      result_.verdict = result_.count == 0 ? PropertyVerdict::holds : PropertyVerdict::violated;
    }
    examination.properties.push_back(std::move(result_));
    std::move(findings_.begin(), findings_.end(), std::back_inserter(examination.findings));
  }

 private:
  std::string nothing_;
  std::size_t looked_at_ = 0;
  PropertyResult result_;
  std::vector<Finding> findings_;
  std::set<std::tuple<std::string, std::uint32_t, std::uint32_t, std::string, std::string>> places_;
};

Finding about(const Describing& describing, const Parameter& parameter) {
  Finding finding;
  finding.model = describing.model->name;
  finding.parameter = parameter.name;
  finding.source = describing.implementation->label;
  finding.place = parameter.place;
  return finding;
}

/// R1a: an init or off value outside allowed_values is legal input, but no instance can be made with it.
void accepted_by_itself(Tally& property, const Describing& describing, const Parameter& parameter,
                        const Value& value, std::string_view member) {
  property.looked_at_one();
  if (parameter.accepts(value) == Acceptance::accepted) return;
  Finding finding = about(describing, parameter);
  const ValueSet accepted = parameter.accepted_values();
  finding.message =
      fmt::format("the {} {} of {} is not among the values that {} accepts, {}", member, to_string(value),
                  parameter.name, describing.implementation->label, to_string(accepted));
  finding.remedy = accepted.empty() ? fmt::format("add {} to allowed_values, or leave allowed_values out",
                                                  to_string(value))
                                    : fmt::format("add {} to allowed_values, or make the {} one of {}",
                                                  to_string(value), member, to_string(accepted));
  property.violated(std::move(finding));
}

void own_values(const Models& models, Tally& init_accepted, Tally& off_accepted) {
  for (const auto& [name, describing] : models) {
    for (const Describing& one : describing) {
      for (const auto& [parameter_name, parameter] : one.model->parameters) {
        accepted_by_itself(init_accepted, one, parameter, parameter.init, "init_value");
        if (parameter.off) accepted_by_itself(off_accepted, one, parameter, *parameter.off, "off_value");
      }
    }
  }
}

/// Who knows a parameter, in the order of the catalogue.
struct Knowing {
  const Describing* describing;
  const Parameter* parameter;
};

std::map<std::string_view, std::vector<Knowing>> parameters_of(const std::vector<Describing>& describing) {
  std::map<std::string_view, std::vector<Knowing>> parameters;
  for (const Describing& one : describing) {
    for (const auto& [name, parameter] : one.model->parameters)
      parameters[name].push_back({&one, &parameter});
  }
  return parameters;
}

void disagreement(Tally& property, const Knowing& first, const Knowing& other, std::string_view what,
                  const std::string& ours, const std::string& theirs) {
  Finding finding = about(*other.describing, *other.parameter);
  finding.source = first.describing->implementation->label;
  finding.destination = other.describing->implementation->label;
  finding.message = fmt::format("{} of {} is {} in {} but {} in {}", what, other.parameter->name, theirs,
                                finding.destination, ours, finding.source);
  finding.remedy = fmt::format(
      "give {} the same {} in every implementation of {}, or a new name where its meaning changed",
      other.parameter->name, what, finding.model);
  property.violated(std::move(finding));
}

void agreement(const Models& models, Tally& same_type, Tally& same_off, Tally& later_has_off) {
  for (const auto& [model, describing] : models) {
    for (const auto& [name, knowing] : parameters_of(describing)) {
      const Knowing& first = knowing.front();
      for (auto other = knowing.begin() + 1; other != knowing.end(); ++other) {
        same_type.looked_at_one();
        if (other->parameter->type != first.parameter->type) {
          disagreement(same_type, first, *other, "type", std::string(name_of(first.parameter->type)),
                       std::string(name_of(other->parameter->type)));
          continue;  // off values of two types cannot be compared
        }
        same_off.looked_at_one();
        if (other->parameter->off != first.parameter->off) {
          disagreement(same_off, first, *other, "off_value", text_of(first.parameter->off),
                       text_of(other->parameter->off));
        }
      }
      if (knowing.size() == describing.size()) continue;
      const auto lacks =
          std::find_if(describing.begin(), describing.end(), [&name = name](const Describing& one) {
            return !one.model->parameters.contains(std::string(name));
          });
      for (const Knowing& one : knowing) {
        later_has_off.looked_at_one();
        if (one.parameter->off) continue;
        Finding finding = about(*one.describing, *one.parameter);
        finding.destination = lacks->implementation->label;
        finding.message = fmt::format(
            "{} has no off_value in {}, but {} lacks the parameter: an instance of {} can never migrate "
            "there",
            name, finding.source, finding.destination, finding.source);
        finding.remedy = fmt::format("give {} the off_value whose effect equals its absence", name);
        later_has_off.violated(std::move(finding));
      }
    }
  }
}

void lint_like(const Models& models, Examination& examination) {
  Tally empty("empty-allowed-values", {}, {}, {});
  Tally runtime("runtime-writable-interface", {}, {}, {});
  for (const auto& [model, describing] : models) {
    for (const Describing& one : describing) {
      const Annotations& annotations = one.implementation->annotations_of(one.model->name);
      for (const auto& [name, parameter] : one.model->parameters) {
        if (parameter.allowed && parameter.allowed->empty()) {
          Finding finding = about(one, parameter);
          finding.message = fmt::format(
              "allowed_values of {} is empty: {} accepts no value, not even its own", name, finding.source);
          finding.remedy = "list the values that are accepted, or leave allowed_values out";
          empty.violated(std::move(finding));
        }
        const ParameterNotes& notes = annotations.notes_of(name);
        if (notes.writable == Writable::runtime && notes.affects != Affects::state) {
          Finding finding = about(one, parameter);
          if (notes.place.mark.line != 0) finding.place = notes.place;
          finding.message = fmt::format(
              "{} of {} may be written while the guest runs, and affects {}: the guest would see it change",
              name, finding.source,
              notes.affects == Affects::both ? "the interface and the state" : "the interface");
          finding.remedy = fmt::format(
              "make {} writable while the instance is closed, or say that it affects the state alone", name);
          runtime.violated(std::move(finding));
        }
      }
    }
  }
  Examination found;
  empty.into(found);
  runtime.into(found);
  for (Finding& finding : found.findings) {
    finding.severity = Severity::warning;
    examination.findings.push_back(std::move(finding));
  }
}

}  // namespace

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::info: return "info";
  }
  return {};
}

std::string_view name_of(PropertyVerdict verdict) {
  switch (verdict) {
    case PropertyVerdict::holds: return "holds";
    case PropertyVerdict::violated: return "violated";
    case PropertyVerdict::undetermined: return "undetermined";
    case PropertyVerdict::vacuous: return "vacuous";
  }
  return {};
}

Examination examine(const Catalogue& catalogue) {
  const Models models = models_of(catalogue);
  Tally init_accepted("init-accepted", "every implementation accepts its own init values", "§5.1, R1a",
                      "there are no parameters");
  Tally off_accepted("off-accepted", "every implementation accepts its own off values", "§5.1, R1a",
                     "there are no off values");
  Tally same_type("same-type", "all implementations of a model agree on the type of each parameter",
                  "§5.2, C2", "no parameter is known to two implementations of a model");
  Tally same_off("same-off", "all implementations of a model agree on the off value of each parameter",
                 "§5.2, C5", "no parameter is known with one type to two implementations of a model");
  Tally later_has_off("later-parameter-has-off",
                      "a parameter that some implementation of the model lacks has an off value", "§5.3, R3",
                      "no parameter is known to some implementations of a model only");
  own_values(models, init_accepted, off_accepted);
  agreement(models, same_type, same_off, later_has_off);

  Examination examination;
  for (Tally* property : {&init_accepted, &off_accepted, &same_type, &same_off, &later_has_off})
    property->into(examination);
  lint_like(models, examination);
  for (const Lint& lint : catalogue.lints) {
    Finding finding;
    finding.rule = lint.rule;
    finding.model = lint.model;
    finding.parameter = lint.parameter;
    finding.message = lint.message;
    finding.remedy = lint.remedy;
    finding.place = lint.place;
    examination.findings.push_back(std::move(finding));
  }
  return examination;
}

std::optional<Severity> worst(const std::vector<Finding>& findings) {
  std::optional<Severity> worst;
  for (const Finding& finding : findings) {
    if (!worst || finding.severity < *worst) worst = finding.severity;
  }
  return worst;
}

}  // namespace portolan::compat
