// SPDX-License-Identifier: Apache-2.0
#include "model/compat/catalogue.hpp"

#include <utility>

#include "model/compat/catalogue_reader.hpp"
#include "model/compat/labels.hpp"

namespace portolan::compat {

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
