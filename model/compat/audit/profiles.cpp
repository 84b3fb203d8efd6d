// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/profiles.hpp"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

#include "model/compat/audit/pins.hpp"
#include "model/compat/audit/trial.hpp"
#include "model/support/text.hpp"

namespace portolan::compat::audit {
namespace {

/// An entry that does not make a profile, and why.
struct Refusing {
  std::size_t entry;
  Makeable made;
};

/// An entry can make it when one of its types can.
Makeable by_some_type(const Entry& entry, const std::string& profile) {
  std::optional<Makeable> best;
  for (const End& type : entry.types) {
    Makeable made = makeable(type, profile);
    if (!best || made.decision < best->decision ||
        (best->decision == Decision::reject && made.decision == Decision::undetermined))
      best = std::move(made);
    if (best->decision == Decision::accept) break;
  }
  return *best;
}

Finding finding_about(const Model& model, const std::string& profile, const Refusing& refusing) {
  Finding finding = model.finding_at(profile);
  finding.source = model[refusing.entry].label;
  finding.parameter = refusing.made.parameter;
  finding.place = model[refusing.entry].place_of(profile);
  return finding;
}

Finding nobody_makes(const Model& model, const std::string& profile, const std::vector<Refusing>& refusing) {
  const Refusing& first = refusing.front();
  Finding finding = finding_about(model, profile, first);
  finding.message =
      fmt::format("no implementation can make profile {}: {}: {}{}", profile, finding.source, first.made.why,
                  refusing.size() > 1 ? fmt::format(" (and {} more that refuse it)", refusing.size() - 1)
                                      : std::string());
  finding.remedy = "change what the profile pins, or remove it";
  return finding;
}

Finding cannot_make(const Model& model, const std::string& profile, const Refusing& refusing) {
  Finding finding = finding_about(model, profile, refusing);
  finding.message =
      fmt::format("{} cannot make its own profile {}: {}", finding.source, profile, refusing.made.why);
  finding.remedy = finding.parameter.empty()
                       ? "change the profile's values so that the constraint holds"
                       : fmt::format("let {} accept that value, or pin another one", finding.source);
  return finding;
}

/// One value that a profile gives to a parameter, and the entries where it does, oldest first.
struct Meant {
  Value value;
  std::vector<std::string> labels;
  std::size_t first;
};

std::vector<Meant> meanings_of(const Model& model, const std::string& profile,
                               const std::vector<std::size_t>& declaring, const std::string& parameter) {
  std::vector<Meant> meanings;
  for (const std::size_t k : declaring) {
    const auto value = model.effective_at(k, profile, parameter);
    if (!value) continue;
    const auto same = std::find_if(meanings.begin(), meanings.end(),
                                   [&](const Meant& meant) { return meant.value == *value; });
    if (same != meanings.end())
      same->labels.push_back(model[k].label);
    else
      meanings.push_back({*value, {model[k].label}, k});
  }
  return meanings;
}

/// The pin with which the profile of an entry means that value; empty where it can have none.
std::optional<Pin> pin_for(const Model& model, const std::string& profile, std::size_t entry,
                           const std::string& parameter, const Value& value) {
  const auto own = model.own_name(entry, parameter);
  const End& end = model[entry].types.front();
  const auto values = values_at(end, profile);
  if (!own || !values || !is_new_pin(end, *values, {*own, value})) return std::nullopt;
  return Pin{*own, value};
}

/// How the oldest and the newest meaning come together: a pin in the newer entry, else in the older one.
std::string level(const Model& model, const std::string& profile, const std::string& parameter,
                  const std::vector<Meant>& meanings) {
  const Meant &old = meanings.front(), &last = meanings.back();
  const std::string &older = model[old.first].label, &newer = model[last.first].label;
  if (type_of(old.value) != type_of(last.value))
    return fmt::format("give {} one type in {} and {}, or a new name where its meaning changed", parameter,
                       older, newer);
  if (const auto pin = pin_for(model, profile, last.first, parameter, old.value))
    return fmt::format("pin {} in profile {} of {}, if instances there are meant to look as before",
                       assignment(pin->parameter, pin->value), profile, newer);
  if (const auto pin = pin_for(model, profile, old.first, parameter, last.value))
    return fmt::format("pin {} in profile {} of {}, if instances there are meant to look as in {}",
                       assignment(pin->parameter, pin->value), profile, older, newer);
  return fmt::format("let {} have {} at profile {}, if instances there are meant to look as before", newer,
                     assignment(parameter, old.value), profile);
}

Finding drifted(const Model& model, const std::string& profile, const std::string& parameter,
                const std::vector<Meant>& meanings) {
  Finding finding = model.finding_at(profile);
  finding.parameter = parameter;
  finding.source = meanings.front().labels.front();
  finding.destination = meanings.back().labels.front();
  finding.place = model[meanings.back().first].place_of(profile);
  std::vector<std::string> texts;
  for (const Meant& meant : meanings)
    texts.push_back(fmt::format("{} in {}", assignment(parameter, meant.value), listed(meant.labels, 4)));
  finding.message = fmt::format(
      "profile {} means different values: {} (a parameter that is lacking counts as its off value)", profile,
      fmt::join(texts, ", "));
  finding.remedy = level(model, profile, parameter, meanings);
  return finding;
}

/// A second name is told with the first one, unless an entry has both.
bool is_told_elsewhere(const Model& model, const std::vector<std::size_t>& declaring,
                       const std::set<std::string>& names, const std::string& name) {
  std::set<std::string> firsts;
  for (const std::size_t k : declaring) {
    const auto& aliases = model[k].notes().aliases;
    if (const auto at = aliases.find(name); at != aliases.end() && names.contains(at->second))
      firsts.insert(at->second);
  }
  return std::ranges::any_of(firsts, [&](const std::string& first) {
    return std::ranges::none_of(declaring, [&](std::size_t k) {
      return model[k].parameters().contains(name) && model[k].parameters().contains(first);
    });
  });
}

}  // namespace

Makeable makeable(const End& end, const std::string& profile) {
  Makeable made;
  const auto values = values_at(end, profile);
  assert(values);
  for (const auto& [name, value] : *values) {
    const Parameter& parameter = end.model->parameters.at(name);
    const Acceptance acceptance = parameter.accepts(value);
    if (acceptance == Acceptance::accepted) continue;
    if (acceptance == Acceptance::undetermined && made.decision != Decision::accept) continue;
    if (acceptance == Acceptance::refused && made.decision == Decision::reject) continue;
    made.decision = acceptance == Acceptance::refused ? Decision::reject : Decision::undetermined;
    made.parameter = name;
    made.why = acceptance == Acceptance::refused
                   ? fmt::format("{} is not among the values that it accepts, {}", assignment(name, value),
                                 to_string(parameter.accepted_values()))
                   : fmt::format("it does not say whether it accepts {}", assignment(name, value));
  }
  if (made.decision == Decision::reject) return made;
  const auto failed = failed_constraints(notes_of(end), *values);
  if (!failed.empty())
    return {Decision::reject,
            fmt::format("its constraint {} fails", notes_of(end).constraints[failed.front()].source),
            {}};
  return made;
}

void judge_makeable(const Model& model, const std::string& profile, Ledger& dead, Ledger& refused) {
  const std::vector<std::size_t> declaring = model.declaring(profile);
  if (declaring.empty()) return;
  std::vector<Refusing> refusing;
  std::size_t open = 0;
  std::string reason;
  for (const std::size_t k : declaring) {
    Makeable made = by_some_type(model[k], profile);
    if (made.decision == Decision::undetermined && open++ == 0)
      reason = fmt::format("profile {} of {}: {}", profile, model[k].label, made.why);
    if (made.decision == Decision::reject) refusing.push_back({k, std::move(made)});
  }
  if (open > 0 && refusing.size() + open == declaring.size())
    dead.open(reason);
  else
    dead.looked_at_one();
  if (refusing.size() == declaring.size()) {
    dead.violated([&] { return nobody_makes(model, profile, refusing); });
    return;
  }
  for (const Refusing& one : refusing) refused.violated([&] { return cannot_make(model, profile, one); });
}

void judge_drift(const Model& model, const std::string& profile, Ledger& drift) {
  const std::vector<std::size_t> declaring = model.declaring(profile);
  if (declaring.size() < 2) return;
  drift.looked_at_one();
  const std::set<std::string> names = model.parameters_of(declaring);
  for (const std::string& name : names) {
    if (is_told_elsewhere(model, declaring, names, name)) continue;
    const std::vector<Meant> meanings = meanings_of(model, profile, declaring, name);
    if (meanings.size() > 1) drift.violated([&] { return drifted(model, profile, name, meanings); });
  }
}

}  // namespace portolan::compat::audit
