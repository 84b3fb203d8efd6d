// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/showing.hpp"

#include <limits>

#include <fmt/format.h>

#include "model/compat/evaluation.hpp"

namespace portolan::compat::audit {
namespace {

/// A number that no instance can show is none.
std::optional<Shown> shown_of(const Evaluated& value) {
  if (const bool* truth = std::get_if<bool>(&value)) return Shown(Value(*truth));
  if (const std::string* text = std::get_if<std::string>(&value)) return Shown(Value(*text));
  const Integer& number = std::get<Integer>(value);
  if (number < 0 || number > std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  return Shown(Value(number.convert_to<std::uint64_t>()));
}

/// What the entry's types declare of the aspect at the profile; empty where any of them declares nothing.
std::vector<Shown> declared_of(const Entry& entry, const std::string& profile, const std::string& aspect) {
  std::vector<Shown> declared;
  for (const End& type : entry.types) {
    const auto values = values_at(type, profile);
    if (!values) return {};
    const auto& interface = notes_of(type).interface;
    const auto expression = interface.find(aspect);
    if (expression != interface.end()) {
      const auto seen = shown_of(evaluate(expression->second, type.model->parameters, *values));
      if (!seen) return {};
      declared.push_back(*seen);
    } else if (const auto own = values->find(aspect); own != values->end()) {
      declared.emplace_back(own->second);
    } else {
      return {};
    }
  }
  return declared;
}

/// A constraint that fails once the observed parameters have the values that were seen.
std::string broken_constraint(const Entry& entry, const std::string& profile) {
  const End& end = entry.types.front();
  auto values = values_at(end, profile);
  const auto* seen = entry.observed(profile);
  if (!values || seen == nullptr || !failed_constraints(notes_of(end), *values).empty()) return {};
  for (const auto& [aspect, observation] : *seen) {
    const auto own = values->find(aspect);
    if (own == values->end() || !observation || observation->value() == nullptr) continue;
    if (type_of(*observation->value()) == type_of(own->second)) own->second = *observation->value();
  }
  const auto failed = failed_constraints(notes_of(end), *values);
  return failed.empty() ? std::string() : notes_of(end).constraints[failed.front()].source;
}

}  // namespace

std::string contradiction(const Entry& entry, const std::string& profile, const std::string& aspect) {
  const auto* all = entry.observed(profile);
  if (all == nullptr) return {};
  const auto at = all->find(aspect);
  if (at == all->end() && !entry.notes().reports(aspect)) return {};
  const std::vector<Shown> declared = declared_of(entry, profile, aspect);
  if (declared.empty()) return {};
  const Observation seen = at == all->end() ? std::nullopt : at->second;
  for (const Shown& one : declared)
    if (equal(seen ? *seen : absent_like(one), one)) return {};
  return fmt::format("{} declares {}={} at profile {}, and an instance showed {}", entry.label, aspect,
                     to_string(declared.front()), profile, seen ? to_string(*seen) : "nothing of it");
}

void judge_showing(const Model& model, const std::string& profile, Ledger& ledger) {
  for (const std::size_t k : model.declaring(profile)) {
    const Entry& entry = model[k];
    const auto* all = entry.observed(profile);
    if (all == nullptr) continue;
    const auto tell = [&](const std::string& aspect, std::string message) {
      ledger.violated([&] {
        Finding finding = model.finding_at(profile);
        finding.source = entry.label;
        finding.aspect = aspect;
        if (entry.parameters().contains(aspect)) finding.parameter = aspect;
        finding.place = entry.place_of(profile);
        finding.message = std::move(message);
        finding.remedy = fmt::format(
            "make {} honour what it declares or refuse to start, or correct what the file says was observed",
            entry.label);
        return finding;
      });
    };
    bool told = false;
    for (const auto& [aspect, observation] : *all) {
      if (declared_of(entry, profile, aspect).empty()) continue;
      ledger.looked_at_one();
      if (std::string message = contradiction(entry, profile, aspect); !message.empty()) {
        told = true;
        tell(aspect, std::move(message));
      }
    }
    if (told) continue;
    if (const std::string constraint = broken_constraint(entry, profile); !constraint.empty())
      tell({}, fmt::format("what an instance of {} showed at profile {} breaks its own constraint {}",
                           entry.label, profile, constraint));
  }
}

}  // namespace portolan::compat::audit
