// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/declared.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "model/compat/judging/ledger.hpp"
#include "model/support/text.hpp"

namespace portolan::compat {
namespace {

/// Who describes each model, in the order of the catalogue.
std::map<std::string_view, std::vector<End>> ends_by_model(const Catalogue& catalogue) {
  std::map<std::string_view, std::vector<End>> models;
  for (const Implementation& implementation : catalogue.implementations)
    for (const auto& [name, model] : implementation.info.models)
      models[name].push_back({&implementation, &model});
  return models;
}

std::string text_of(const std::optional<Value>& value) { return value ? to_string(*value) : "none"; }

/// A ledger to which the same sentence of the same place is one finding: types of one entry often share a
/// file.
class OncePerPlace {
 public:
  template <class Row>
  explicit OncePerPlace(const Row& row) : ledger_(row) {}

  void looked_at_one() { ledger_.looked_at_one(); }
  void violated(Finding finding) {
    const Place& place = finding.place;
    if (place.mark.line != 0 &&
        !told_.emplace(place.file, place.mark.line, place.mark.column, finding.model, finding.parameter)
             .second)
      return;
    ledger_.violated([&] { return std::move(finding); });
  }
  void into(Examination& examination) && { std::move(ledger_).into(examination); }

 private:
  Ledger ledger_;
  std::set<std::tuple<std::string, std::uint32_t, std::uint32_t, std::string, std::string>> told_;
};

Finding about(const End& end, const Parameter& parameter) {
  Finding finding;
  finding.model = end.model->name;
  finding.parameter = parameter.name;
  finding.source = end.implementation->label;
  finding.place = parameter.place;
  return finding;
}

/// R1a: an init or off value outside allowed_values is legal input, but no instance can be made with it.
void accepted_by_itself(OncePerPlace& property, const End& end, const Parameter& parameter,
                        const Value& value, std::string_view member) {
  property.looked_at_one();
  if (parameter.accepts(value) == Acceptance::accepted) return;
  Finding finding = about(end, parameter);
  const ValueSet accepted = parameter.accepted_values();
  finding.message =
      fmt::format("the {} {} of {} is not among the values that {} accepts, {}", member, to_string(value),
                  parameter.name, end.implementation->label, to_string(accepted));
  finding.remedy = accepted.empty() ? fmt::format("add {} to allowed_values, or leave allowed_values out",
                                                  to_string(value))
                                    : fmt::format("add {} to allowed_values, or make the {} one of {}",
                                                  to_string(value), member, to_string(accepted));
  property.violated(std::move(finding));
}

/// Who knows a parameter, in the order of the catalogue.
struct Knowing {
  const End* end;
  const Parameter* parameter;
};

std::map<std::string_view, std::vector<Knowing>> who_knows(const std::vector<End>& ends) {
  std::map<std::string_view, std::vector<Knowing>> parameters;
  for (const End& one : ends) {
    for (const auto& [name, parameter] : one.model->parameters)
      parameters[name].push_back({&one, &parameter});
  }
  return parameters;
}

void disagreement(OncePerPlace& property, const Knowing& first, const Knowing& other, std::string_view what,
                  const std::string& ours, const std::string& theirs) {
  Finding finding = about(*other.end, *other.parameter);
  finding.source = first.end->implementation->label;
  finding.destination = other.end->implementation->label;
  finding.message = fmt::format("{} of {} is {} in {} but {} in {}", what, other.parameter->name, theirs,
                                finding.destination, ours, finding.source);
  finding.remedy = fmt::format(
      "give {} the same {} in every implementation of {}, or a new name where its meaning changed",
      other.parameter->name, what, finding.model);
  property.violated(std::move(finding));
}

/// C2 and C5 need one type and one off value; all are held to the first that knows the parameter, off values
/// to the first with that type.
void same_declaration(const std::vector<Knowing>& knowing, OncePerPlace& same_type, OncePerPlace& same_off) {
  const Knowing& first = knowing.front();
  std::map<ValueType, const Knowing*> first_of_type;
  for (const Knowing& other : knowing) {
    if (&other != &first) {
      same_type.looked_at_one();
      if (other.parameter->type != first.parameter->type)
        disagreement(same_type, first, other, "type", std::string(name_of(first.parameter->type)),
                     std::string(name_of(other.parameter->type)));
    }
    const auto [entry, added] = first_of_type.try_emplace(other.parameter->type, &other);
    if (added) continue;
    const Knowing& alike = *entry->second;
    same_off.looked_at_one();
    if (other.parameter->off != alike.parameter->off)
      disagreement(same_off, alike, other, "off_value", text_of(alike.parameter->off),
                   text_of(other.parameter->off));
  }
}

/// R3: what somebody lacks must be possible to disable.
void off_where_lacking(const std::vector<End>& ends, const std::vector<Knowing>& knowing,
                       OncePerPlace& later_has_off) {
  if (knowing.size() == ends.size()) return;
  const std::string& name = knowing.front().parameter->name;
  const auto lacks = std::find_if(ends.begin(), ends.end(),
                                  [&](const End& one) { return !one.model->parameters.contains(name); });
  for (const Knowing& one : knowing) {
    later_has_off.looked_at_one();
    if (one.parameter->off) continue;
    Finding finding = about(*one.end, *one.parameter);
    finding.destination = lacks->implementation->label;
    finding.message = fmt::format(
        "{} has no off_value in {}, but {} lacks the parameter: an instance of {} can never migrate there",
        name, finding.source, finding.destination, finding.source);
    finding.remedy = fmt::format("give {} the off_value whose effect equals its absence", name);
    later_has_off.violated(std::move(finding));
  }
}

void empty_allowed_values(const End& one, const Parameter& parameter, OncePerPlace& empty) {
  if (!parameter.allowed || !parameter.allowed->empty()) return;
  Finding finding = about(one, parameter);
  finding.message = fmt::format("allowed_values of {} is empty: {} accepts no value, not even its own",
                                parameter.name, finding.source);
  finding.remedy = "list the values that are accepted, or leave allowed_values out";
  empty.violated(std::move(finding));
}

void runtime_writable_interface(const End& one, const Parameter& parameter, OncePerPlace& runtime) {
  const ParameterNotes& notes = notes_of(one).notes_of(parameter.name);
  if (notes.writable != Writable::runtime || notes.affects == Affects::state) return;
  Finding finding = about(one, parameter);
  if (notes.place.mark.line != 0) finding.place = notes.place;
  finding.message = fmt::format(
      "{} of {} may be written while the guest runs, and affects {}: the guest would see it change",
      parameter.name, finding.source,
      notes.affects == Affects::both ? "the interface and the state" : "the interface");
  finding.remedy =
      fmt::format("make {} writable while the instance is closed, or say that it affects the state alone",
                  parameter.name);
  runtime.violated(std::move(finding));
}

/// §5.22: a switch that may be written at run time, and nobody says which other value is taken.
void unsure_switch(const End& one, const Parameter& parameter, OncePerPlace& unsure) {
  if (notes_of(one).notes_of(parameter.name).writable != Writable::runtime) return;
  unsure.looked_at_one();
  if (parameter.accepted_values().size() > 1 || parameter.allowed) return;
  Finding finding = about(one, parameter);
  finding.message = fmt::format(
      "{} of {} may be written while the guest runs, and {} is its only certain value: it publishes no "
      "allowed_values, and its off_value is {}",
      parameter.name, finding.source, to_string(parameter.init), text_of(parameter.off));
  finding.remedy = fmt::format("publish allowed_values for {}", parameter.name);
  unsure.violated(std::move(finding));
}

/// One version of a product: all types of one entry.
struct Release {
  const Implementation* first;
  std::set<std::string> models;
};

/// By name, in the order of the catalogue.
std::map<std::string, std::vector<Release>> releases_of(const Catalogue& catalogue) {
  std::map<std::string, std::vector<Release>> products;
  for (const Implementation& one : catalogue.implementations) {
    auto& releases = products[one.name];
    const auto same = std::ranges::find_if(
        releases, [&](const Release& release) { return release.first->version == one.version; });
    Release& release = same != releases.end() ? *same : releases.emplace_back(Release{&one, {}});
    for (const auto& [model, described] : one.info.models) release.models.insert(model);
  }
  return products;
}

/// §5.20: what the next version does not describe any more; perhaps its name has a slip.
void model_gone(const Catalogue& catalogue, Ledger& gone) {
  for (const auto& [name, releases] : releases_of(catalogue))
    for (std::size_t k = 1; k < releases.size(); ++k) {
      const Release &before = releases[k - 1], &after = releases[k];
      for (const std::string& model : before.models) {
        gone.looked_at_one();
        if (after.models.contains(model)) continue;
        gone.violated([&] { return gone_model(*before.first, *after.first, model, after.models); });
      }
    }
}

Finding finding_of(const Lint& lint) {
  Finding finding;
  finding.rule = lint.rule;
  finding.model = lint.model;
  finding.parameter = lint.parameter;
  finding.message = lint.message;
  finding.remedy = lint.remedy;
  finding.place = lint.place;
  return finding;
}

}  // namespace

Finding gone_model(const Implementation& before, const Implementation& after, const std::string& model,
                   const std::set<std::string>& described) {
  const std::vector<std::string_view> there(described.begin(), described.end());
  const std::string_view near = nearest(model, there);
  Finding finding;
  finding.rule = name_of(Property::model_gone);
  finding.severity = row_of(Property::model_gone).severity;
  finding.model = model;
  finding.source = before.label;
  finding.destination = after.label;
  finding.direction = "forward";
  finding.place = after.place;
  finding.message = fmt::format("{} describes {}, and {} does not: its instances have no way forward",
                                finding.source, model, finding.destination);
  if (!near.empty()) finding.message += fmt::format(" (it describes {}, which is nearly that)", near);
  finding.remedy = near.empty() ? fmt::format("describe {} in {}, too", model, finding.destination)
                                : fmt::format("a model's name never changes: call it {} in {}", model,
                                              finding.destination);
  return finding;
}

Examination examine_declared(const Catalogue& catalogue) {
  const auto models = ends_by_model(catalogue);
  OncePerPlace init_accepted(row_of(Property::init_accepted)), off_accepted(row_of(Property::off_accepted)),
      same_type(row_of(Property::same_type)), same_off(row_of(Property::same_off)),
      later_has_off(row_of(Property::later_parameter_has_off)), unsure(row_of(Property::unsure_switch)),
      empty(remark_named("empty-allowed-values")), runtime(remark_named("runtime-writable-interface"));
  for (const auto& [model, ends] : models) {
    for (const End& one : ends) {
      for (const auto& [name, parameter] : one.model->parameters) {
        accepted_by_itself(init_accepted, one, parameter, parameter.init, "init_value");
        if (parameter.off) accepted_by_itself(off_accepted, one, parameter, *parameter.off, "off_value");
        empty_allowed_values(one, parameter, empty);
        runtime_writable_interface(one, parameter, runtime);
        unsure_switch(one, parameter, unsure);
      }
    }
    for (const auto& [name, knowing] : who_knows(ends)) {
      same_declaration(knowing, same_type, same_off);
      off_where_lacking(ends, knowing, later_has_off);
    }
  }
  Ledger gone(row_of(Property::model_gone));
  model_gone(catalogue, gone);
  Examination examination;
  for (OncePerPlace* one : {&init_accepted, &off_accepted, &same_type, &same_off, &later_has_off, &unsure})
    std::move(*one).into(examination);
  std::move(gone).into(examination);
  for (OncePerPlace* one : {&empty, &runtime}) std::move(*one).into(examination);
  for (const Lint& lint : catalogue.lints) examination.findings.push_back(finding_of(lint));
  return examination;
}

}  // namespace portolan::compat
