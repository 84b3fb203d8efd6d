// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/pairs.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/compat/audit/advice.hpp"
#include "model/compat/audit/obstacles.hpp"
#include "model/compat/audit/refusal.hpp"
#include "model/compat/audit/undeclared_change.hpp"
#include "model/compat/judging/blocks.hpp"
#include "model/support/text.hpp"

namespace portolan::compat::audit {
namespace {

/// The worst way from any type of the source: each type must go, and one that some type of the destination
/// takes is not broken. Empty: all go, as far as is known; `open` says why that is not known.
struct WorstWay {
  std::optional<Obstacles> obstacles;
  std::string open;
  std::vector<AspectComparison> weak;
};

WorstWay worst_way(const Model& model, const Move& move, bool arrived = false) {
  WorstWay worst;
  for (const End& from : model[move.source].types) {
    Obstacles best = least_obstacles(model, move, from, arrived);
    if (best.none() && worst.open.empty()) worst.open = best.open;
    if (worst.weak.empty()) worst.weak = best.weak;
    if (!best.none() && !worst.obstacles) worst.obstacles = std::move(best);
  }
  return worst;
}

/// Whether the way from an entry to itself is another one than nothing at all.
bool has_own_way(const Entry& entry) {
  const Annotations& notes = entry.notes();
  const bool takes =
      std::ranges::any_of(notes.notes, [](const auto& one) { return one.second.takes.has_value(); });
  return takes || !notes.takes.empty() || !notes.restored.empty() || !notes.blocks.empty() ||
         (notes.describes_state() && notes.describes_loads());
}

Finding nowhere_to_go(const Model& model, const Move& move) {
  Finding finding = finding_about(model, move);
  finding.place = model[move.destination].notes().place;
  finding.message =
      fmt::format("{} does not know the profile {}, and instances of {} at it have no way forward",
                  finding.destination, move.profile, finding.source);
  finding.remedy = fmt::format("give {} the profile {}, with the values that it means in {}",
                               finding.destination, move.profile, finding.source);
  return finding;
}

Finding new_profile(const Model& model, const Move& move) {
  Finding finding = finding_about(model, move);
  finding.place = model[move.source].place_of(move.profile);
  finding.message = fmt::format("the profile {} is new in {}: its instances do not move to {}", move.profile,
                                finding.source, finding.destination);
  finding.remedy =
      fmt::format("give instances that are to move to {} a profile that it knows", finding.destination);
  return finding;
}

Finding weak_subset(const Model& model, const Move& move, const AspectComparison& aspect) {
  Finding finding = finding_about(model, move);
  finding.aspect = aspect.aspect;
  finding.place = model[move.destination].place_of(move.profile);
  finding.message = fmt::format(
      "at profile {}, {}: of numbers and texts it says no more than that neither is zero or empty",
      move.profile, to_string(aspect));
  finding.remedy =
      fmt::format("say what is meant of {}: bits, at-least, at-most, pairs or exact", aspect.aspect);
  return finding;
}

void judge(const Model& model, const Move& move, const PairLedgers& ledgers) {
  const Entry &source = model[move.source], &destination = model[move.destination];
  WorstWay way = worst_way(model, move);
  if (source.observed(move.profile) != nullptr && destination.observed(move.profile) != nullptr)
    ledgers.changes.looked_at_one();
  if (source.declares(move.profile)) ledgers.refusals.looked_at_one();
  for (const AspectComparison& one : way.weak)
    ledgers.weak.violated([&] { return weak_subset(model, move, one); });
  if (!way.obstacles) {
    if (!way.open.empty())
      (source.declares(move.profile) ? ledgers.refusals : ledgers.changes).open(way.open);
    return;
  }
  if (way.obstacles->unknown_profile) {
    if (move.source < move.destination)
      ledgers.nowhere.violated([&] { return nowhere_to_go(model, move); });
    else
      ledgers.nowhere.tell({new_profile(model, move), Severity::info});
    return;
  }
  if (!way.obstacles->refused.empty())
    ledgers.refusals.violated([&] { return refusal(model, move, *way.obstacles); });
  for (const AspectComparison& one : way.obstacles->aspects)
    ledgers.changes.violated([&] { return undeclared_change(model, move, *way.obstacles, one); });
}

/// A -> B goes, and the instance that arrived there does not go on to C.
void judge_second(const Model& model, const std::string& profile, std::size_t a, std::size_t b, std::size_t c,
                  Ledger& second) {
  const Move first{profile, a, b}, onward{profile, b, c};
  if (worst_way(model, first).obstacles) return;
  const WorstWay fresh = worst_way(model, onward);
  if (fresh.obstacles) return;  // told as a first migration
  second.looked_at_one();
  WorstWay arrived = worst_way(model, onward, true);
  if (!arrived.obstacles) {
    if (!arrived.open.empty() && fresh.open.empty()) second.open(arrived.open);
    return;
  }
  second.violated([&] {
    Finding finding = model.finding_at(profile);  // each of the two works by itself: no pair is named
    finding.source = model[b].label;
    finding.course = {model[a].label, model[b].label, model[c].label};
    std::vector<std::string> reasons;
    for (const Reason& one : arrived.obstacles->refused) reasons.push_back(one.message);
    for (const AspectComparison& one : arrived.obstacles->aspects) reasons.push_back(to_string(one));
    finding.place = model[b].place_of(profile);
    finding.message = fmt::format(
        "at profile {}, {} -> {} works, and what arrived then does not go on to {} ({} -> {} -> {}): {}",
        profile, model[a].label, model[b].label, model[c].label, model[a].label, model[b].label,
        model[c].label, fmt::join(reasons, "; "));
    finding.remedy = fmt::format(
        "make an instance of {} that came by migration show what a fresh one shows, or power it off and on "
        "before "
        "it moves again",
        model[b].label);
    return finding;
  });
}

}  // namespace

void judge_pairs(const Model& model, const std::string& profile, const PairLedgers& ledgers) {
  const std::vector<std::size_t> knowing = model.knowing(profile);
  const std::size_t entries = model.entries().size();
  for (const std::size_t source : knowing)
    for (std::size_t destination = 0; destination < entries; ++destination) {
      // A source that does not declare the profile has no values there: only observations can be compared.
      const bool there = std::ranges::find(knowing, destination) != knowing.end();
      if (source == destination ? !has_own_way(model[source]) : !there && !model[source].declares(profile))
        continue;
      judge(model, {profile, source, destination}, ledgers);
    }
  for (const std::size_t b : knowing) {
    if (model[b].notes().restored.empty()) continue;
    for (const std::size_t a : knowing)
      for (const std::size_t c : knowing) judge_second(model, profile, a, b, c, ledgers.second);
  }
}

void judge_leaving(const Model& model, const std::string& profile, Ledger& cannot_leave) {
  for (const std::size_t k : model.declaring(profile)) {
    const Entry& entry = model[k];
    if (entry.notes().blocks.empty()) continue;
    cannot_leave.looked_at_one();
    const End& end = entry.types.front();
    const KnownValues known = known_at(end, *values_at(end, profile), profile, false);
    for (const Block& block : entry.notes().blocks) {
      if (holds_of_known(block, known) != std::optional(true)) continue;
      cannot_leave.violated([&] {
        Finding finding = model.finding_at(profile);
        finding.source = entry.label;
        finding.place = block.place;
        finding.message = fmt::format("instances of {} at profile {} can never be saved ({}): {}",
                                      entry.label, profile, block.when.source, block.text);
        finding.remedy = advice_on_block(entry, end, profile, block);
        return finding;
      });
      break;
    }
  }
}

}  // namespace portolan::compat::audit
