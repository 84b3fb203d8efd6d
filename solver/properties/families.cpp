// SPDX-License-Identifier: Apache-2.0
#include "solver/properties/families.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "model/support/text.hpp"

namespace portolan::solver::properties {

using compat::Annotations;
using compat::End;
using compat::Ends;

namespace {

bool all_agree(const std::vector<SameWords>& kinds) {
  struct Known {
    const compat::Parameter* first;
    std::size_t count = 0;
  };
  std::map<std::string_view, Known> known;
  for (const SameWords& kind : kinds) {
    for (const auto& [name, parameter] : kind.end.model->parameters) {
      Known& one = known.try_emplace(name, Known{&parameter}).first->second;
      ++one.count;
      if (one.first->type != parameter.type || one.first->off != parameter.off) return false;
    }
  }
  return std::all_of(known.begin(), known.end(), [&](const auto& entry) {
    return entry.second.first->off || entry.second.count == kinds.size();
  });
}

std::string parameters_as_text(const End& end) {
  const auto set = [](const std::optional<compat::ValueSet>& values) {
    return values ? compat::to_string(*values) : std::string("-");
  };
  const auto value = [](const std::optional<compat::Value>& one) {
    return one ? compat::to_json(*one) : std::string("-");
  };
  std::string text;
  for (const auto& [name, parameter] : end.model->parameters) {
    text += fmt::format("p {} {} {} {}\n", name, value(parameter.init), value(parameter.off),
                        set(parameter.allowed));
    const compat::ParameterNotes& note = notes_of(end).notes_of(name);
    text += fmt::format("n {} {} {}\n", compat::name_of(note.writable), compat::name_of(note.affects),
                        json_quoted(note.fix_for));
  }
  return text;
}

std::string behaviour_as_text(const Annotations& notes) {
  const auto expression = [](const std::optional<rules::Expression>& one) {
    return json_quoted(one ? one->source : std::string("-"));
  };
  std::string text;
  for (const auto& one : notes.constraints) text += "c " + json_quoted(one.source) + "\n";
  for (const auto& one : notes.state)
    text += fmt::format("s {} {} {} {}\n", json_quoted(one.section), one.layout, one.ignorable,
                        expression(one.when));
  for (const auto& one : notes.loads) {
    text += fmt::format("l {} {} {}", json_quoted(one.section), one.ignorable, expression(one.required));
    for (const std::uint64_t layout : one.layouts) text += fmt::format(" {}", layout);
    text += "\n";
  }
  for (const auto& [aspect, one] : notes.interface)
    text += fmt::format("i {} {}\n", json_quoted(aspect), json_quoted(one.source));
  return text;
}

}  // namespace

Family::Family(const compat::Catalogue& catalogue, const std::string& model,
               const std::vector<std::size_t>& members)
    : catalogue_(&catalogue), model_(model), hosts_(hosts_of(catalogue, model)) {
  std::map<std::string, std::size_t> known;
  for (const std::size_t i : members) {
    const auto [entry, added] = known.try_emplace(description_of(end_of(i)), kinds_.size());
    if (added) kinds_.push_back({end_of(i), {}});
    kinds_[entry->second].members.push_back(i);
  }
  agrees_ = all_agree(kinds_);
}

const compat::Implementation& Family::implementation(std::size_t position) const {
  return catalogue_->implementations[position];
}

End Family::end_of(std::size_t position) const {
  return {&implementation(position), implementation(position).model(model_)};
}

std::size_t Family::pairs_of(const SameWords& a, const SameWords& b) {
  return a.members.size() * (&a == &b ? a.members.size() - 1 : b.members.size());
}

std::vector<std::string> Family::labels_of(const SameWords& kind) const {
  std::vector<std::string> labels;
  for (const std::size_t member : kind.members) labels.push_back(implementation(member).label);
  return labels;
}

Ends Family::first_pair(const SameWords& a, const SameWords& b) const {
  const std::size_t destination = &a == &b ? a.members[1] : b.members.front();
  return {end_of(a.members.front()), end_of(destination)};
}

std::vector<Family> families_of(const compat::Catalogue& catalogue) {
  std::map<std::string, std::vector<std::size_t>> describing;
  for (std::size_t i = 0; i < catalogue.implementations.size(); ++i)
    for (const auto& [model, described] : catalogue.implementations[i].info.models)
      describing[model].push_back(i);
  std::vector<Family> families;
  for (const auto& [model, members] : describing) families.emplace_back(catalogue, model, members);
  return families;
}

std::string description_of(const End& end) {
  return parameters_as_text(end) + behaviour_as_text(notes_of(end));
}

Place place_of(const Ends& ends, const std::string& what) {
  for (const End* end : {&ends.source, &ends.destination}) {
    if (end->model == nullptr) continue;
    const Annotations& notes = notes_of(*end);
    if (const auto found = end->model->parameters.find(what); found != end->model->parameters.end())
      return found->second.place;
    if (const auto found = notes.interface.find(what); found != notes.interface.end())
      return found->second.place;
    for (const auto& one : notes.constraints)
      if (one.source == what) return one.place;
    for (const auto& one : notes.state)
      if (one.section == what) return one.place;
    for (const auto& one : notes.loads)
      if (one.section == what) return one.place;
  }
  return ends.source.model->place;
}

std::string parameter_named(const Ends& ends, const std::string& what) {
  const bool known = ends.source.model->find(what) != nullptr ||
                     (ends.destination.model != nullptr && ends.destination.model->find(what) != nullptr);
  return known ? what : std::string();
}

}  // namespace portolan::solver::properties
