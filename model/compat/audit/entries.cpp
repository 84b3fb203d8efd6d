// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/entries.hpp"

namespace portolan::compat::audit {
namespace {

std::vector<Entry> entries_of(const Catalogue& catalogue, const std::string& model) {
  std::vector<Entry> entries;
  for (const Implementation& one : catalogue.implementations) {
    const DeviceModel* described = one.model(model);
    if (described == nullptr) continue;
    const bool same = !entries.empty() && !one.type.empty() &&
                      !entries.back().types.front().implementation->type.empty() &&
                      entries.back().name == one.name && entries.back().version == one.version;
    if (!same)
      entries.push_back(
          {one.version.empty() ? one.label : one.name + '@' + one.version, one.name, one.version, {}});
    entries.back().types.push_back({&one, described});
  }
  return entries;
}

}  // namespace

const std::map<std::string, Observation>* Entry::observed(const std::string& profile) const {
  const auto at = notes().observed.find(profile);
  return at == notes().observed.end() ? nullptr : &at->second;
}

Observation Entry::observation(const std::string& profile, const std::string& aspect) const {
  const auto* all = observed(profile);
  if (all == nullptr) return std::nullopt;
  const auto at = all->find(aspect);
  return at == all->end() ? std::nullopt : at->second;
}

Place Entry::place_of(const std::string& profile) const {
  const auto at = notes().profiles.find(profile);
  return at == notes().profiles.end() ? types.front().implementation->place : at->second.place;
}

const End& Entry::like(const End& other) const {
  for (const End& type : types)
    if (type.implementation->type == other.implementation->type) return type;
  return types.front();
}

Model::Model(const Catalogue& catalogue, const std::string& name)
    : name_(name), entries_(entries_of(catalogue, name)), absence_(catalogue, name) {}

std::set<std::string> Model::profiles() const {
  std::set<std::string> names;
  for (const Entry& entry : entries_) {
    for (const auto& [name, profile] : entry.notes().profiles) names.insert(name);
    for (const auto& [name, aspects] : entry.notes().observed) names.insert(name);
  }
  return names;
}

std::vector<std::size_t> Model::knowing(const std::string& profile) const {
  std::vector<std::size_t> found;
  for (std::size_t k = 0; k < entries_.size(); ++k)
    if (entries_[k].declares(profile) || entries_[k].observed(profile) != nullptr) found.push_back(k);
  return found;
}

std::vector<std::size_t> Model::declaring(const std::string& profile) const {
  std::vector<std::size_t> found;
  for (std::size_t k = 0; k < entries_.size(); ++k)
    if (entries_[k].declares(profile)) found.push_back(k);
  return found;
}

std::optional<std::size_t> Model::first_observed(const std::string& profile) const {
  for (std::size_t k = 0; k < entries_.size(); ++k)
    if (entries_[k].observed(profile) != nullptr) return k;
  return std::nullopt;
}

std::set<std::string> Model::parameters_of(const std::vector<std::size_t>& entries) const {
  std::set<std::string> names;
  for (const std::size_t k : entries)
    for (const auto& [name, parameter] : entries_[k].parameters()) names.insert(name);
  return names;
}

std::optional<std::string> Model::own_name(std::size_t entry, const std::string& parameter) const {
  const Parameters& own = entries_[entry].parameters();
  if (own.contains(parameter)) return parameter;
  for (const Entry& any : entries_)
    for (const auto& [second, first] : any.notes().aliases) {
      if (second == parameter && own.contains(first)) return first;
      if (first == parameter && own.contains(second)) return second;
    }
  return std::nullopt;
}

std::optional<Value> Model::effective_at(std::size_t entry, const std::string& profile,
                                         const std::string& parameter) const {
  const auto values = values_at(entries_[entry].types.front(), profile);
  if (!values) return std::nullopt;
  if (const auto own = own_name(entry, parameter)) return values->at(*own);
  const auto offs = absence_.of(parameter, nullptr);
  return offs.size() == 1 ? std::optional(offs.front()) : std::nullopt;
}

Finding Model::finding_at(const std::string& profile) const {
  Finding finding;
  finding.model = name_;
  finding.profile = profile;
  return finding;
}

Finding finding_about(const Model& model, const Move& move) {
  Finding finding = model.finding_at(move.profile);
  finding.source = move.type != nullptr ? move.type->implementation->label : model[move.source].label;
  finding.destination = model[move.destination].label;
  finding.direction = move.source < move.destination   ? "forward"
                      : move.source > move.destination ? "backward"
                                                       : "itself";
  return finding;
}

}  // namespace portolan::compat::audit
