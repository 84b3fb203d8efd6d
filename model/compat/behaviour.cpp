// SPDX-License-Identifier: Apache-2.0
#include "model/compat/behaviour.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/compat/constraint.hpp"
#include "model/support/text.hpp"

namespace portolan::compat {

std::vector<std::string> refused_sections(const End& source, const Configuration& saved, const End& destination, const Configuration& given) {
  const Annotations& from = source.implementation->annotations_of(source.model->name);
  const Annotations& to = destination.implementation->annotations_of(destination.model->name);
  std::vector<std::string> refused;
  if (from.state.empty() || to.loads.empty()) return refused;
  std::vector<const SavedSection*> sent;
  for (const SavedSection& section : from.state)
    if (!section.when || holds(*section.when, source.model->parameters, saved)) sent.push_back(&section);
  for (const SavedSection* section : sent) {
    bool known = false, skipped = section->ignorable;
    for (const LoadedSection& loader : to.loads) {
      if (loader.section != section->section) continue;
      known |= std::find(loader.layouts.begin(), loader.layouts.end(), section->layout) != loader.layouts.end();
      skipped |= loader.ignorable;
    }
    if (!known && !skipped) refused.push_back(fmt::format("section {} is saved in layout {}, which {} does not load", in_quotes(section->section), section->layout, destination.implementation->label));
  }
  for (const LoadedSection& loader : to.loads) {
    if (!loader.required || !holds(*loader.required, destination.model->parameters, given)) continue;
    const bool there = std::any_of(sent.begin(), sent.end(), [&](const SavedSection* s) { return s->section == loader.section; });
    if (!there) refused.push_back(fmt::format("section {} is required by {} and not saved", in_quotes(loader.section), destination.implementation->label));
  }
  return refused;
}

std::vector<std::string> changed_values(const End& source, const Configuration& from, const End& destination, const Configuration& to) {
  std::vector<std::string> changed;
  for (const auto& [name, value] : from) {
    const auto there = to.find(name);
    const std::optional<Value>& off = source.model->parameters.at(name).off;
    if (there != to.end() ? there->second != value : off != std::optional(value)) changed.push_back(name);
  }
  for (const auto& [name, value] : to)
    if (!from.contains(name) && destination.model->parameters.at(name).off != std::optional(value)) changed.push_back(name);
  return changed;
}

std::string interface_of(const End& end, const Configuration& configuration, const std::map<std::string, Value>& off, const std::vector<std::string>& aspects) {
  const Annotations& notes = end.implementation->annotations_of(end.model->name);
  std::vector<std::string> shown;
  for (const auto& [name, value] : configuration) {
    if (notes.notes_of(name).affects == Affects::state) continue;
    const auto absent = off.find(name);
    if (absent == off.end() || absent->second != value) shown.push_back(name + "=" + to_string(value));
  }
  for (const std::string& aspect : aspects) {
    const Evaluated value = evaluate(notes.interface.at(aspect), end.model->parameters, configuration);
    const std::string text = std::holds_alternative<bool>(value) ? (std::get<bool>(value) ? "true" : "false")
                             : std::holds_alternative<Integer>(value) ? std::get<Integer>(value).str() : std::get<std::string>(value);
    shown.push_back(aspect + ": " + text);
  }
  std::string text;
  for (const std::string& one : shown) text += (text.empty() ? "" : ", ") + one;
  return text.empty() ? "plain" : text;
}

}  // namespace portolan::compat
