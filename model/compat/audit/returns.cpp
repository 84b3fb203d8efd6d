// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/returns.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace portolan::compat::audit {
namespace {

/// One value through the versions of a product.
struct History {
  struct Version {
    std::size_t entry;
    Shown value;
  };
  std::vector<Version> versions;  ///< those where it is known, oldest first
  std::string what;               ///< for messages: `the init value of x`
  std::string parameter, profile, aspect;
  bool is_off = false;  ///< of off values
};

/// Positions in a history: the value of `before` changed at `changed`, and is there again at `again`.
struct Return {
  std::size_t before, changed, again;
};

std::optional<Return> first_return(const std::vector<History::Version>& versions) {
  for (std::size_t again = 2; again < versions.size(); ++again) {
    const Shown& value = versions[again].value;
    if (equal(value, versions[again - 1].value)) continue;
    for (std::size_t before = again - 1; before-- > 0;) {
      if (!equal(versions[before].value, value)) continue;
      std::size_t changed = before;
      while (equal(versions[changed].value, versions[before].value)) ++changed;
      return Return{before, changed, again};
    }
  }
  return std::nullopt;
}

/// A pin is for what has a parameter; an off value is none.
std::string remedy_of(const Model& model, const History& history, std::size_t entry,
                      const std::string& value) {
  const std::string& wrong = model[entry].label;
  const std::string& name = history.parameter.empty() ? history.aspect : history.parameter;
  if (history.is_off) return fmt::format("give {} one off_value in every version", name);
  if (model.own_name(entry, name))
    return fmt::format("whoever began with {} has {}: keep that in a profile of {} and pin it from then on",
                       wrong, value, wrong);
  return fmt::format(
      "whoever began with {} has {}: put {} under a parameter, and give later versions a profile "
      "for them that pins {}",
      wrong, value, name, value);
}

Finding finding_about(const Model& model, const History& history, const Return& found) {
  const auto& before = history.versions[found.before];
  const auto& changed = history.versions[found.changed];
  const auto& again = history.versions[found.again];
  Finding finding = model.finding_at(history.profile);
  finding.parameter = history.parameter;
  finding.aspect = history.aspect;
  finding.source = model[before.entry].label;
  finding.destination = model[again.entry].label;
  finding.place = history.profile.empty() ? model[again.entry].types.front().implementation->place
                                          : model[again.entry].place_of(history.profile);
  const std::string& wrong = model[changed.entry].label;
  finding.message = fmt::format("{} was {} in {}, is {} in {} and {} again in {}", history.what,
                                to_string(before.value), finding.source, to_string(changed.value), wrong,
                                to_string(again.value), finding.destination);
  finding.remedy = remedy_of(model, history, changed.entry, to_string(changed.value));
  return finding;
}

/// Profile and parameter whose return was told, of one model.
using Told = std::set<std::pair<std::string, std::string>>;

/// The versions of one product of a model, and what returned among them.
class Product {
 public:
  Product(const Model& model, std::vector<std::size_t> members, Told& told, Ledger& returns)
      : model_(model), members_(std::move(members)), told_(told), returns_(returns) {}

  void judge() {
    const std::set<std::string> profiles = model_.profiles();
    for (const std::string& name : model_.parameters_of(members_)) {
      judge(init_values(name));
      judge(off_values(name));
      for (const std::string& profile : profiles) judge(values_at_profile(name, profile));
    }
    for (const std::string& profile : profiles)
      for (const std::string& aspect : aspects_at(profile))
        // What is declared says it already.
        if (!told_.contains({profile, aspect})) judge(observations(profile, aspect));
  }

 private:
  void judge(const History& history) {
    if (history.versions.size() < 3) return;
    returns_.looked_at_one();
    const auto found = first_return(history.versions);
    if (!found) return;
    told_.emplace(history.profile, history.parameter);
    returns_.violated([&] { return finding_about(model_, history, *found); });
  }

  History init_values(const std::string& name) const {
    History history{{}, "the init value of " + name, name, {}, {}};
    const auto offs = model_.absence().of(name, nullptr);
    for (const std::size_t k : members_) {
      if (const auto own = model_.own_name(k, name))
        history.versions.push_back({k, model_[k].parameters().at(*own).init});
      else if (offs.size() == 1)
        history.versions.push_back({k, offs.front()});  // R3
    }
    return history;
  }

  History off_values(const std::string& name) const {
    History history{{}, "the off value of " + name, name, {}, {}, true};
    for (const std::size_t k : members_) {
      const auto own = model_.own_name(k, name);
      if (!own) continue;
      if (const auto& off = model_[k].parameters().at(*own).off) history.versions.push_back({k, *off});
    }
    return history;
  }

  History values_at_profile(const std::string& name, const std::string& profile) const {
    History history{{}, fmt::format("the value of {} at profile {}", name, profile), name, profile, {}};
    for (const std::size_t k : members_)
      if (model_[k].declares(profile))
        if (const auto value = model_.effective_at(k, profile, name)) history.versions.push_back({k, *value});
    return history;
  }

  std::set<std::string> aspects_at(const std::string& profile) const {
    std::set<std::string> aspects;
    for (const std::size_t k : members_)
      if (const auto* all = model_[k].observed(profile))
        for (const auto& [aspect, value] : *all) aspects.insert(aspect);
    return aspects;
  }

  /// What absence of the aspect counts as; empty: that is not one value.
  std::optional<Shown> absent(const std::string& profile, const std::string& aspect) const {
    const auto offs = model_.absence().of(aspect, nullptr);
    if (!offs.empty()) return offs.size() == 1 ? std::optional<Shown>(offs.front()) : std::nullopt;
    for (const std::size_t k : members_)
      if (const auto seen = model_[k].observation(profile, aspect)) return absent_like(*seen);
    return std::nullopt;
  }

  History observations(const std::string& profile, const std::string& aspect) const {
    History history{
        {}, fmt::format("what was observed of {} at profile {}", aspect, profile), {}, profile, aspect};
    const std::optional<Shown> absence = absent(profile, aspect);
    for (const std::size_t k : members_) {
      if (model_[k].observed(profile) == nullptr) continue;
      if (model_[k].notes().aspect(aspect).of == AspectOf::host) continue;  // hosts have no order of versions
      const auto seen = model_[k].observation(profile, aspect);
      if (seen || absence) history.versions.push_back({k, seen ? *seen : *absence});
    }
    return history;
  }

  const Model& model_;
  std::vector<std::size_t> members_;
  Told& told_;
  Ledger& returns_;
};

}  // namespace

void judge_returns(const Model& model, Ledger& returns) {
  // Product name, and whether it has versions.
  std::map<std::pair<std::string, bool>, std::vector<std::size_t>> products;
  for (std::size_t k = 0; k < model.entries().size(); ++k) {
    const bool versions = !model[k].version.empty();
    products[{versions ? model[k].name : std::string(), versions}].push_back(k);
  }
  Told told;
  for (auto& [product, members] : products)
    if (members.size() > 2) Product(model, std::move(members), told, returns).judge();
}

}  // namespace portolan::compat::audit
