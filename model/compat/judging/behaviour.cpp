// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/behaviour.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/compat/constraint.hpp"
#include "model/support/text.hpp"

namespace portolan::compat {

namespace {

/// A section that stands in the way, and why.
struct Refusal {
  std::string section, sentence;
};

std::vector<Refusal> refusals(const End& source, const Configuration& saved, const End& destination,
                              const Configuration& given) {
  const Annotations& from = source.implementation->annotations_of(source.model->name);
  const Annotations& to = destination.implementation->annotations_of(destination.model->name);
  std::vector<Refusal> refused;
  if (!from.describes_state() || !to.describes_loads()) return refused;
  std::vector<const SavedSection*> sent;
  for (const SavedSection& section : from.state)
    if (!section.when || holds(*section.when, source.model->parameters, saved)) sent.push_back(&section);
  for (const SavedSection* section : sent) {
    bool known = false, skipped = section->ignorable;
    for (const LoadedSection& loader : to.loads) {
      if (loader.section != section->section) continue;
      known |=
          std::find(loader.layouts.begin(), loader.layouts.end(), section->layout) != loader.layouts.end();
      skipped |= loader.ignorable;
    }
    if (!known && !skipped) {
      refused.push_back(
          {section->section,
           fmt::format("section {} is saved in layout {}, which {} does not load",
                       json_quoted(section->section), section->layout, destination.implementation->label)});
    }
  }
  for (const LoadedSection& loader : to.loads) {
    const bool required = loader.missing == Missing::refused ||
                          (loader.required && holds(*loader.required, destination.model->parameters, given));
    const bool there = std::any_of(sent.begin(), sent.end(),
                                   [&](const SavedSection* s) { return s->section == loader.section; });
    if (required && !there)
      refused.push_back(
          {loader.section, fmt::format("section {} is required by {} and not saved",
                                       json_quoted(loader.section), destination.implementation->label)});
  }
  return refused;
}

}  // namespace

std::vector<std::string> refused_sections(const End& source, const Configuration& saved,
                                          const End& destination, const Configuration& given) {
  std::vector<std::string> sentences;
  for (Refusal& one : refusals(source, saved, destination, given))
    sentences.push_back(std::move(one.sentence));
  return sentences;
}

std::vector<std::string> refused_section_names(const End& source, const Configuration& saved,
                                               const End& destination, const Configuration& given) {
  std::set<std::string> names;
  for (Refusal& one : refusals(source, saved, destination, given)) names.insert(std::move(one.section));
  return {names.begin(), names.end()};
}

std::vector<LostSection> lost_sections(const End& source, const Configuration& saved,
                                       const End& destination) {
  const Annotations &from = notes_of(source), &to = notes_of(destination);
  if (!from.describes_state() || !to.describes_loads()) return {};
  std::map<std::string, LostSection> lost;
  const std::string& there = destination.implementation->label;
  const auto understands = [](const LoadedSection& loader, const SavedSection& section) {
    return loader.section == section.section && std::ranges::binary_search(loader.layouts, section.layout);
  };
  for (const SavedSection& section : from.state) {
    if (section.when && !holds(*section.when, source.model->parameters, saved)) continue;
    const LoadedSection* dropped = nullptr;
    bool applied = false;
    for (const LoadedSection& loader : to.loads) {
      if (!understands(loader, section)) continue;
      applied |= loader.applied;
      if (!loader.applied) dropped = &loader;
    }
    if (dropped != nullptr && !applied)
      lost.try_emplace(section.section,
                       LostSection{section.section,
                                   fmt::format("section {} arrives, and {} reads and drops it",
                                               json_quoted(section.section), there),
                                   dropped->place});
  }
  for (const LoadedSection& loader : to.loads) {
    const bool described = std::ranges::any_of(
        from.state, [&](const SavedSection& one) { return one.section == loader.section; });
    if (loader.missing == Missing::lost && !described)
      lost.try_emplace(loader.section,
                       LostSection{loader.section,
                                   fmt::format("section {} never arrives, and what it holds is lost in {}",
                                               json_quoted(loader.section), there),
                                   loader.place, true});
  }
  std::vector<LostSection> all;
  for (auto& [name, one] : lost) all.push_back(std::move(one));
  return all;
}

const ValueSet* takes_in_less(const End& destination, const std::string& name, const Value& value) {
  const Parameter* own = destination.model->find(name);
  const auto& takes = notes_of(destination).notes_of(name).takes;
  const bool asks = takes && own != nullptr && own->type == type_of(value);
  return asks && !takes->contains(value) ? &*takes : nullptr;
}

std::vector<std::string> changed_values(const End& source, const Configuration& from, const End& destination,
                                        const Configuration& to) {
  std::vector<std::string> changed;
  for (const auto& [name, value] : from) {
    const auto there = to.find(name);
    const std::optional<Value>& off = source.model->parameters.at(name).off;
    if (there != to.end() ? there->second != value : off != std::optional(value)) changed.push_back(name);
  }
  for (const auto& [name, value] : to)
    if (!from.contains(name) && destination.model->parameters.at(name).off != std::optional(value))
      changed.push_back(name);
  return changed;
}

std::string interface_of(const End& end, const Configuration& configuration,
                         const std::map<std::string, Value>& off, const std::vector<std::string>& aspects) {
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
                             : std::holds_alternative<Integer>(value) ? std::get<Integer>(value).str()
                                                                      : std::get<std::string>(value);
    shown.push_back(aspect + ": " + text);
  }
  std::string text;
  for (const std::string& one : shown) text += (text.empty() ? "" : ", ") + one;
  return text.empty() ? "plain" : text;
}

std::set<std::pair<std::string, std::uint64_t>> saved_state(const End& end,
                                                            const Configuration& configuration) {
  std::set<std::pair<std::string, std::uint64_t>> saved;
  for (const SavedSection& section : end.implementation->annotations_of(end.model->name).state)
    if (!section.when || holds(*section.when, end.model->parameters, configuration))
      saved.emplace(section.section, section.layout);
  return saved;
}

std::vector<std::string> skipped_sections(const End& source, const Configuration& saved,
                                          const End& destination) {
  const Annotations& from = source.implementation->annotations_of(source.model->name);
  const Annotations& to = destination.implementation->annotations_of(destination.model->name);
  std::set<std::string> skipped;
  if (!from.describes_state() || !to.describes_loads()) return {};
  for (const SavedSection& section : from.state) {
    if (section.when && !holds(*section.when, source.model->parameters, saved)) continue;
    bool known = false, may_skip = section.ignorable;
    for (const LoadedSection& loader : to.loads) {
      if (loader.section != section.section) continue;
      known |=
          std::find(loader.layouts.begin(), loader.layouts.end(), section.layout) != loader.layouts.end();
      may_skip |= loader.ignorable;
    }
    if (!known && may_skip) skipped.insert(section.section);
  }
  return {skipped.begin(), skipped.end()};
}

Evaluated absent_aspect(const Evaluated& other) {
  if (std::holds_alternative<bool>(other)) return false;
  if (std::holds_alternative<Integer>(other)) return Integer(0);
  return std::string();
}

std::vector<ChangedAspect> different_aspects(const End& source, const Configuration& from,
                                             const End& destination, const Configuration& to) {
  const auto& here = source.implementation->annotations_of(source.model->name).interface;
  const auto& there = destination.implementation->annotations_of(destination.model->name).interface;
  if (!notes_of(source).describes_interface() || !notes_of(destination).describes_interface()) return {};
  std::set<std::string> aspects;
  for (const auto& [aspect, expression] : here) aspects.insert(aspect);
  for (const auto& [aspect, expression] : there) aspects.insert(aspect);
  std::vector<ChangedAspect> changed;
  for (const std::string& aspect : aspects) {
    const auto own = here.find(aspect), other = there.find(aspect);
    ChangedAspect one{aspect, {}, {}};
    if (own != here.end()) one.before = evaluate(own->second, source.model->parameters, from);
    if (other != there.end()) one.after = evaluate(other->second, destination.model->parameters, to);
    if ((one.before ? *one.before : absent_aspect(*one.after)) !=
        (one.after ? *one.after : absent_aspect(*one.before)))
      changed.push_back(std::move(one));
  }
  return changed;
}

std::vector<std::string> changed_aspects(const End& source, const Configuration& from, const End& destination,
                                         const Configuration& to) {
  std::vector<std::string> names;
  for (ChangedAspect& one : different_aspects(source, from, destination, to))
    names.push_back(std::move(one.name));
  return names;
}

std::vector<std::string> changed_interface(const End& source, const Configuration& from,
                                           const End& destination, const Configuration& to) {
  const auto visible = [](const End& end, const std::string& name) {
    return end.model->parameters.contains(name) &&
           end.implementation->annotations_of(end.model->name).notes_of(name).affects != Affects::state;
  };
  std::vector<std::string> changed;
  for (const std::string& name : changed_values(source, from, destination, to))
    if (visible(source, name) || visible(destination, name)) changed.push_back(name);
  for (std::string& aspect : changed_aspects(source, from, destination, to))
    changed.push_back(std::move(aspect));
  return changed;
}

}  // namespace portolan::compat
