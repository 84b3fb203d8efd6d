// SPDX-License-Identifier: Apache-2.0
#include "model/compat/loading.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "model/compat/catalogue_reader.hpp"
#include "model/support/text.hpp"

namespace portolan::compat {
namespace {

/// One file of an argument, and the implementation that is picked from it.
struct Request {
  std::filesystem::path file;
  std::string pick;          // empty: all
  bool from_folder = false;  // named by its folder only
};

Request request_of(const std::string& argument) {
  std::error_code error;
  // A file whose own name holds '#' is meant before a part of one.
  if (argument.find('#') == std::string::npos || std::filesystem::exists(argument, error))
    return {argument, {}};
  for (std::size_t at = argument.find('#'); at != std::string::npos; at = argument.find('#', at + 1))
    if (std::filesystem::exists(argument.substr(0, at), error))
      return {argument.substr(0, at), argument.substr(at + 1)};
  const std::size_t at = argument.find('#');
  return {argument.substr(0, at), argument.substr(at + 1)};
}

void add_folder(const std::filesystem::path& folder, std::vector<Request>& requests, Faults& faults) {
  std::error_code error;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const auto extension = at->path().extension();
    if (extension != ".json" && extension != ".yaml" && extension != ".yml") continue;
    std::error_code ignored;
    if (!at->is_directory(ignored)) names.push_back(at->path().filename().string());
  }
  if (error) {
    faults.push_back({FaultCode::unreadable,
                      {folder.string(), {}, {}},
                      fmt::format("the folder cannot be read: {}", error.message()),
                      {},
                      {}});
    return;
  }
  if (names.empty()) {
    faults.push_back({FaultCode::missing,
                      {folder.string(), {}, {}},
                      "no *.json, *.yaml or *.yml in this folder",
                      "at least one",
                      "is it the right folder?"});
    return;
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) requests.push_back({folder / name, {}, true});
}

/// Keeps the implementations called `name`, `name@version` or by their label; a fault lists what there is.
void pick(Catalogue& catalogue, const Request& request, Faults& faults) {
  std::vector<Implementation> picked;
  std::vector<std::string> names;
  for (Implementation& one : catalogue.implementations) {
    std::string name = one.version.empty() ? one.name : one.name + '@' + one.version;
    if (request.pick == one.name || request.pick == name || request.pick == one.label) {
      picked.push_back(std::move(one));
      continue;
    }
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    catalogue.beside.push_back(std::move(one));
  }
  if (picked.empty()) {
    const std::vector<std::string_view> views(names.begin(), names.end());
    faults.push_back(
        {FaultCode::unknown_name,
         {catalogue.file, {}, {}},
         fmt::format("no implementation {}", in_quotes(request.pick)),
         names.empty() ? "nothing: there is none in this file" : fmt::format("one of {}", listed(names)),
         did_you_mean(request.pick, views)});
  }
  catalogue.implementations = std::move(picked);
}

std::vector<Request> requests_of(const std::vector<std::string>& arguments, bool folders, Faults& faults) {
  std::vector<Request> requests;
  for (const std::string& argument : arguments) {
    std::error_code error;
    if (!std::filesystem::is_directory(argument, error))
      requests.push_back(request_of(argument));
    else if (folders)
      add_folder(argument, requests, faults);
    else
      faults.push_back(
          {FaultCode::unreadable, {argument, {}, {}}, "is a folder", "a file", "name one file of it"});
  }
  return requests;
}

/// A file that was asked for, as it was read.
struct Loaded {
  Request request;
  CatalogueFile file;
};

/// Each file once, in the order in which they were asked for.
std::vector<Loaded> read_all(std::vector<Request> requests, Faults& faults) {
  std::vector<Loaded> loaded;
  std::set<std::pair<std::filesystem::path, std::string>> seen;
  for (Request& request : requests) {
    if (!seen.emplace(normal(request.file), request.pick).second)
      continue;  // a file and its folder may both be named
    Result<CatalogueFile> read = read_catalogue_file(request.file);
    if (!read) {
      for (Fault& fault : read.error()) faults.push_back(std::move(fault));
      continue;
    }
    if (!request.pick.empty()) pick(read->catalogue, request, faults);
    loaded.push_back({std::move(request), std::move(*read)});
  }
  return loaded;
}

/// All of them as one, in which labels are unique.
Catalogue put_together(std::vector<Loaded> loaded) {
  std::set<std::filesystem::path> references;
  for (const Loaded& one : loaded)
    for (const auto& reference : one.file.references) references.insert(normal(reference));
  Catalogue out;
  std::vector<std::pair<std::filesystem::path, bool>> origins;
  for (auto& [request, file] : loaded) {
    // What a catalogue of the folder refers to is there already, under the catalogue's name for it.
    if (request.from_folder && file.plain && references.contains(normal(request.file))) continue;
    for (Implementation& one : file.catalogue.implementations) {
      out.implementations.push_back(std::move(one));
      origins.emplace_back(request.file, file.plain);
    }
    for (Implementation& one : file.catalogue.beside) out.beside.push_back(std::move(one));
    for (Lint& lint : file.catalogue.lints) out.lints.push_back(std::move(lint));
  }
  std::vector<Labelled> labelled;
  for (std::size_t k = 0; k < origins.size(); ++k)
    labelled.push_back({&out.implementations[k], origins[k].first, origins[k].second});
  tell_apart(labelled);
  return out;
}

}  // namespace

Result<Catalogue> load(const std::vector<std::string>& arguments, bool folders) {
  Faults faults;
  std::vector<Loaded> loaded = read_all(requests_of(arguments, folders, faults), faults);
  if (!faults.empty()) return fail(std::move(faults));
  Catalogue out = put_together(std::move(loaded));
  if (arguments.size() == 1) out.file = arguments.front();
  return out;
}

}  // namespace portolan::compat
