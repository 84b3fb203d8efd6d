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

/// The ways from one type of the source: what stands in the best of them, to whichever type of the
/// destination. Empty: it goes, as far as is known; `open` says why that is not known.
struct Way {
  const End* type = nullptr;
  std::optional<Obstacles> obstacles;
  std::string open;
  std::vector<AspectComparison> weak;
};

std::vector<Way> every_way(const Model& model, const Move& move, bool arrived = false) {
  std::vector<Way> ways;
  for (const End& from : model[move.source].types) {
    Obstacles best = least_obstacles(model, move, from, arrived);
    Way way{&from, {}, best.none() ? best.open : std::string(), best.weak};
    if (!best.none()) way.obstacles = std::move(best);
    ways.push_back(std::move(way));
  }
  return ways;
}

bool is_broken(const Way& way) { return way.obstacles.has_value(); }

/// The first that is broken, else the first that is open: each type of a source must go.
Way worst_way(const Model& model, const Move& move, bool arrived = false) {
  std::vector<Way> ways = every_way(model, move, arrived);
  auto worst = std::ranges::find_if(ways, is_broken);
  if (worst == ways.end())
    worst = std::ranges::find_if(ways, [](const Way& way) { return !way.open.empty(); });
  return std::move(worst == ways.end() ? ways.front() : *worst);
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

/// One move that does not go.
void tell(const Model& model, const Move& move, const Obstacles& obstacles, const PairLedgers& ledgers) {
  if (obstacles.unknown_profile) {
    if (move.source < move.destination)
      ledgers.nowhere.violated([&] { return nowhere_to_go(model, move); });
    else
      ledgers.nowhere.tell({new_profile(model, move), Severity::info});
    return;
  }
  if (!obstacles.refused.empty()) ledgers.refusals.violated([&] { return refusal(model, move, obstacles); });
  for (const AspectComparison& one : obstacles.aspects)
    ledgers.changes.violated([&] { return undeclared_change(model, move, obstacles, one); });
}

void judge(const Model& model, const Move& move, const PairLedgers& ledgers) {
  const Entry &source = model[move.source], &destination = model[move.destination];
  const std::vector<Way> ways = every_way(model, move);
  const auto broken = static_cast<std::size_t>(std::ranges::count_if(ways, is_broken));
  // Where nothing asks for the way from an entry to itself, it is told only if it does not go.
  if (broken == 0 && move.source == move.destination && !source.notes().calls_for_itself()) return;
  if (source.observed(move.profile) != nullptr && destination.observed(move.profile) != nullptr)
    ledgers.changes.looked_at_one();
  if (source.declares(move.profile)) ledgers.refusals.looked_at_one();
  const auto weak = std::ranges::find_if(ways, [](const Way& way) { return !way.weak.empty(); });
  if (weak != ways.end())
    for (const AspectComparison& one : weak->weak)
      ledgers.weak.violated([&] { return weak_subset(model, move, one); });
  const auto open = std::ranges::find_if(ways, [](const Way& way) { return !way.open.empty(); });
  if (broken == 0 && open != ways.end())
    (source.declares(move.profile) ? ledgers.refusals : ledgers.changes).open(open->open);
  if (broken == ways.size()) return tell(model, move, *ways.front().obstacles, ledgers);
  for (const Way& way : ways)
    if (is_broken(way))
      tell(model, {move.profile, move.source, move.destination, way.type}, *way.obstacles, ledgers);
}

/// A -> B goes, and the instance that arrived there does not go on to C.
void judge_second(const Model& model, const std::string& profile, std::size_t a, std::size_t b, std::size_t c,
                  Ledger& second) {
  const Move first{profile, a, b}, onward{profile, b, c};
  if (worst_way(model, first).obstacles) return;
  const Way fresh = worst_way(model, onward);
  if (fresh.obstacles) return;  // told as a first migration
  second.looked_at_one();
  const Way arrived = worst_way(model, onward, true);
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
      if (!there && !model[source].declares(profile)) continue;
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
