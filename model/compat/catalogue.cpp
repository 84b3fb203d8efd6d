// SPDX-License-Identifier: Apache-2.0
#include "model/compat/catalogue.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "model/compat/catalogue_reader.hpp"

namespace portolan::compat {
namespace {

/// Folders of the file, innermost first; of a catalogue, its own name before them.
std::vector<std::string> parts_of(const Labelled& one) {
  std::vector<std::string> parts;
  const auto path = normal(one.file);
  if (!one.plain) parts.push_back(path.stem().string());
  for (auto folder = path.parent_path(); folder.has_filename(); folder = folder.parent_path())
    parts.push_back(folder.filename().string());
  return parts;
}

/// The folders that the files have in common say nothing; so many of the others are needed that all differ.
void tell_group_apart(const std::string& label, const std::vector<Labelled*>& same) {
  std::vector<std::vector<std::string>> folders;
  std::size_t deepest = 0;
  for (const Labelled* one : same) {
    folders.push_back(parts_of(*one));
    deepest = std::max(deepest, folders.back().size());
  }
  for (std::size_t count = 1; count <= deepest; ++count) {
    std::vector<std::string> labels;
    for (const auto& parts : folders) {
      std::string longer = label;
      for (std::size_t k = 0; k < count && k < parts.size(); ++k) longer = parts[k] + '/' + longer;
      labels.push_back(std::move(longer));
    }
    if (std::set(labels.begin(), labels.end()).size() < labels.size() && count < deepest) continue;
    for (std::size_t k = 0; k < same.size(); ++k) same[k]->implementation->label = labels[k];
    return;
  }
}

}  // namespace

std::filesystem::path normal(const std::filesystem::path& file) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(file, error);
  return (error ? file : absolute).lexically_normal();
}

void tell_apart(std::vector<Labelled>& all) {
  std::map<std::string, std::vector<Labelled*>> by_label;
  for (Labelled& one : all) by_label[one.implementation->label].push_back(&one);
  for (const auto& [label, same] : by_label)
    if (same.size() > 1) tell_group_apart(label, same);
  std::set<std::string> taken;
  for (Labelled& one : all) {
    std::string& label = one.implementation->label;
    const std::string base = label;
    for (std::size_t number = 2; !taken.insert(label).second; ++number)
      label = fmt::format("{} ({})", base, number);
  }
}

const ParameterNotes& Annotations::notes_of(const std::string& parameter) const {
  static const ParameterNotes defaults;
  const auto at = notes.find(parameter);
  return at == notes.end() ? defaults : at->second;
}

const Aspect& Annotations::aspect(const std::string& name) const {
  static const Aspect defaults;
  const auto at = aspects.find(name);
  return at == aspects.end() ? defaults : at->second;
}

bool Annotations::reports(const std::string& aspect_name) const {
  return aspect(aspect_name).reported_all.value_or(reported_all);
}

bool Annotations::lacks_profile(const std::string& profile) const {
  return describes_profiles() && !profiles_are_aliases && !profiles.contains(profile);
}

bool Annotations::calls_for_itself() const {
  return describes_state() || describes_loads() || !takes.empty() || !restored.empty() || !blocks.empty() ||
         std::ranges::any_of(notes, [](const auto& one) { return one.second.takes.has_value(); }) ||
         std::ranges::any_of(aspects, [](const auto& one) { return one.second.compare == Relation::pairs; });
}

const DeviceModel* Implementation::model(const std::string& model_name) const {
  const auto at = info.models.find(model_name);
  return at == info.models.end() ? nullptr : &at->second;
}

const Annotations& Implementation::annotations_of(const std::string& model_name) const {
  static const Annotations none;
  const auto at = annotations.find(model_name);
  return at == annotations.end() ? none : at->second;
}

Result<Catalogue> read_catalogue(const std::filesystem::path& file) {
  Result<CatalogueFile> read = read_catalogue_file(file);
  if (!read) return fail(std::move(read.error()));
  return std::move(read->catalogue);
}

Result<Catalogue> parse_catalogue(std::string_view text, std::string name) {
  const Result<files::Document> document = files::parse_document(text, std::move(name), files::Syntax::json);
  if (!document) return fail(document.error());
  Result<CatalogueFile> read = catalogue_file_from(*document);
  if (!read) return fail(std::move(read.error()));
  std::vector<Labelled> labelled;
  for (Implementation& one : read->catalogue.implementations)
    labelled.push_back({&one, document->file, false});
  tell_apart(labelled);
  return std::move(read->catalogue);
}

}  // namespace portolan::compat
