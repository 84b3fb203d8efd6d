// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/refusal.hpp"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

#include "model/compat/audit/pins.hpp"
#include "model/compat/audit/relations.hpp"
#include "model/compat/judging/reasons_table.hpp"
#include "model/support/text.hpp"

namespace portolan::compat::audit {
namespace {

/// Whether C1–C3 say nothing of the parameter any more once the source has that value.
bool is_taken(const Obstacles& obstacles, const Configuration& values, const std::string& parameter,
              const Value& value) {
  Configuration pinned = values;
  pinned[parameter] = value;
  const Verdict again = check(Scheme::rfc_v3, obstacles.source, pinned, obstacles.destination);
  return std::none_of(again.reasons.begin(), again.reasons.end(),
                      [&](const Reason& one) { return one.parameter == parameter; });
}

/// Both ends were observed, and with that value at the source the observation would not relate.
bool shows_otherwise(const Model& model, const Move& move, const std::string& parameter, const Value& value) {
  const auto* here = model[move.source].observed(move.profile);
  const auto* there = model[move.destination].observed(move.profile);
  if (here == nullptr || there == nullptr || (!here->contains(parameter) && !there->contains(parameter)))
    return false;
  return !would_relate(model, move, parameter, move.source, value);
}

/// Whether some entry before the destination, in the order of the catalogue, has the parameter.
bool was_known_before(const Model& model, const Move& move, const std::string& parameter) {
  return std::any_of(
      model.entries().begin(), model.entries().begin() + static_cast<std::ptrdiff_t>(move.destination),
      [&](const Entry& entry) {
        return std::any_of(entry.types.begin(), entry.types.end(),
                           [&](const End& type) { return type.model->find(parameter) != nullptr; });
      });
}

/// What is wrong with a listed parameter at the destination.
enum class Listed { refused, forgotten, never_known };

/// What the source's profile could pin instead, or, where the observations forbid it, that its off value
/// is wrong; empty where nothing helps.
std::string pin_at_source(const Model& model, const Move& move, const Obstacles& obstacles,
                          const Configuration& values, const Parameter& own, RemedyWords words,
                          Listed listed) {
  // The profile of the one that knew it first says what it means; the other one has to follow.
  const std::vector<std::size_t> declaring = model.declaring(move.profile);
  const std::optional<Value> meant =
      declaring.empty() ? std::nullopt : model.effective_at(declaring.front(), move.profile, own.name);
  // A destination that never knew the parameter cannot follow: that would be another version.
  if (listed != Listed::never_known && meant == std::optional(values.at(own.name))) return {};
  const bool known = listed == Listed::refused;
  std::vector<Value> candidates;
  if (meant) candidates.push_back(*meant);
  if (own.off) candidates.push_back(*own.off);
  for (const Value& value : candidates) {
    if (type_of(value) != own.type || !can_pin(obstacles.source, values, own.name, value) ||
        !is_taken(obstacles, values, own.name, value))
      continue;
    const std::string text = to_string(value);
    words.value = text;
    if (!shows_otherwise(model, move, own.name, value))
      return filled(known ? Remedy::c3_pin : Remedy::c2_pin, words);
    const std::string there = shown(model[move.destination].observation(move.profile, own.name));
    words.expected = there;
    return filled(known ? Remedy::c3_off_differs : Remedy::c2_off_differs, words);
  }
  return {};
}

std::string remedy(const Model& model, const Move& move, const Obstacles& obstacles,
                   const Configuration& values, const Reason& reason) {
  RemedyWords words;
  words.source = model[move.source].label;
  words.destination = model[move.destination].label;
  words.profile = move.profile;
  words.parameter = reason.parameter;
  words.expects(reason.expected);
  if (reason.rule != "C2" && reason.rule != "C3") {
    const std::string value = reason.value ? to_string(*reason.value) : std::string();
    words.value = value;
    return filled(usual_remedy(reason.rule, Audience::publishing), words);
  }
  const Parameter& own = obstacles.source.model->parameters.at(reason.parameter);
  const Parameter* there = known_as(obstacles.destination, {}, own.name);
  // No pin helps, off neither: of two types no values are equal.
  if (there != nullptr && there->type != own.type) return filled(Remedy::c2_one_type, words);
  const Listed listed = there != nullptr                          ? Listed::refused
                        : was_known_before(model, move, own.name) ? Listed::forgotten
                                                                  : Listed::never_known;
  if (std::string pin = pin_at_source(model, move, obstacles, values, own, words, listed); !pin.empty())
    return pin;
  const std::string value =
      to_string(listed == Listed::never_known && own.off ? *own.off : values.at(own.name));
  words.value = value;
  switch (listed) {
    case Listed::refused: return filled(Remedy::c3_accept, words);
    case Listed::forgotten: return filled(Remedy::c2_know_again, words);
    case Listed::never_known: break;
  }
  return filled(own.off ? Remedy::c2_accept_off : Remedy::c2_give_off, words);
}

}  // namespace

Finding refusal(const Model& model, const Move& move, const Obstacles& obstacles) {
  Finding finding = finding_about(model, move);
  const auto values = values_at(obstacles.source, move.profile).value_or(Configuration());
  std::vector<std::string> messages, remedies;
  for (const Reason& reason : obstacles.refused) {
    if (messages.empty()) {
      finding.parameter = reason.parameter;
      finding.place = reason.place;
    }
    messages.push_back(reason.message);
    remedies.push_back(remedy(model, move, obstacles, values, reason));
  }
  finding.message = fmt::format("at profile {} a migration {} -> {} is refused: {}", move.profile,
                                finding.source, finding.destination, fmt::join(messages, "; "));
  finding.remedy = fmt::format("{}", fmt::join(remedies, "; "));
  if (!values.empty()) finding.witness = values;
  return finding;
}

}  // namespace portolan::compat::audit
