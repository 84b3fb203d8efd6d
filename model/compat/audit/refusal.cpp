// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/refusal.hpp"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

#include "model/compat/audit/pins.hpp"
#include "model/compat/audit/relations.hpp"
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

/// What the source's profile could pin instead; empty where nothing helps.
std::string pin_at_source(const Model& model, const Move& move, const Obstacles& obstacles,
                          const Configuration& values, const Parameter& own) {
  // The profile of the one that knew it first says what it means; the other one has to follow.
  const std::vector<std::size_t> declaring = model.declaring(move.profile);
  const std::optional<Value> meant =
      declaring.empty() ? std::nullopt : model.effective_at(declaring.front(), move.profile, own.name);
  if (meant == std::optional(values.at(own.name))) return {};
  std::vector<Value> candidates;
  if (meant) candidates.push_back(*meant);
  if (own.off) candidates.push_back(*own.off);
  const std::string &source = model[move.source].label, &destination = model[move.destination].label;
  for (const Value& value : candidates) {
    if (type_of(value) != own.type || !can_pin(obstacles.source, values, own.name, value) ||
        !is_taken(obstacles, values, own.name, value))
      continue;
    if (shows_otherwise(model, move, own.name, value))
      return fmt::format(
          "{} should give {} another off_value: {} is not what its absence does in {}, which shows {} (R3)",
          source, own.name, to_string(value), destination,
          shown(model[move.destination].observation(move.profile, own.name)));
    return fmt::format("profile {} of {} should pin {}", move.profile, source, assignment(own.name, value));
  }
  return {};
}

/// What would mend a condition that is not about a listed value.
std::string other_remedy(const Model& model, const Move& move, const Reason& reason) {
  const std::string &source = model[move.source].label, &destination = model[move.destination].label;
  if (reason.rule == "C4")
    return fmt::format("give {} an off_value in {} that equals its absence, or pin it in profile {} there",
                       reason.parameter, destination, move.profile);
  if (reason.rule == "C5")
    return fmt::format("{} and {} should agree on the off_value of {}", source, destination,
                       reason.parameter);
  if (reason.rule == "C6")
    return fmt::format("pin values in profile {} of {} with which {} holds", move.profile, source,
                       reason.expected);
  if (reason.rule == "takes")
    return fmt::format("let {} take in {}, or pin one of {} in profile {} of {}", destination,
                       assignment(reason.parameter, *reason.value), reason.expected, move.profile, source);
  if (reason.rule == "loads")
    return fmt::format("let {} load what {} saves at profile {}, or let {} save there what is understood",
                       destination, source, move.profile, source);
  if (reason.rule == "lost") return fmt::format("let {} apply what it reads", destination);
  if (reason.rule == "interface")
    return fmt::format("pin values in profile {} with which {} shows what {} does", move.profile, destination,
                       source);
  return fmt::format("give profile {} of {} values with which {}", move.profile, source, reason.expected);
}

std::string remedy(const Model& model, const Move& move, const Obstacles& obstacles,
                   const Configuration& values, const Reason& reason) {
  if (reason.rule != "C2" && reason.rule != "C3") return other_remedy(model, move, reason);
  const Parameter& own = obstacles.source.model->parameters.at(reason.parameter);
  if (std::string pin = pin_at_source(model, move, obstacles, values, own); !pin.empty()) return pin;
  const std::string &source = model[move.source].label, &destination = model[move.destination].label;
  const std::string used = assignment(own.name, values.at(own.name));
  return obstacles.destination.model->find(own.name) == nullptr
             ? fmt::format("{} should know {} again: instances at profile {} of {} use {}", destination,
                           own.name, move.profile, source, used)
             : fmt::format("{} should accept {}, which is what profile {} means in {}", destination, used,
                           move.profile, source);
}

}  // namespace

Finding refusal(const Model& model, const Move& move, const Obstacles& obstacles) {
  Finding finding = finding_about(model, move);
  const auto values = *values_at(obstacles.source, move.profile);
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
  finding.witness = values;
  return finding;
}

}  // namespace portolan::compat::audit
