// SPDX-License-Identifier: Apache-2.0
#include "solver/properties/levels.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "model/compat/judging/ledger.hpp"
#include "model/compat/judging/reasons_table.hpp"
#include "solver/properties/entries.hpp"

namespace portolan::solver::properties {

using compat::Configuration;
using compat::End;
using compat::Examination;
using compat::Finding;
using compat::Implementation;
using compat::Severity;

namespace {

enum class Direction : std::uint8_t { forward, backward };

constexpr std::array<Level, 6> every_level{Level::forward,
                                           Level::backward,
                                           Level::full,
                                           Level::forward_transitive,
                                           Level::backward_transitive,
                                           Level::full_transitive};

bool is_transitive(Level level) { return level >= Level::forward_transitive; }

bool includes(Level level, Direction direction) {
  switch (level) {
    case Level::forward:
    case Level::forward_transitive: return direction == Direction::forward;
    case Level::backward:
    case Level::backward_transitive: return direction == Direction::backward;
    case Level::full:
    case Level::full_transitive: return true;
  }
  return false;
}

std::string phrase(Direction direction) {
  return direction == Direction::forward ? "old → new" : "new → old";
}

/// `several`: the destination has other types of the model, which refuse the witness as well.
std::string remedy_for(const compat::Reason& reason, const End& source, const End& destination,
                       bool several) {
  const std::string& there = destination.implementation->label;
  if (reason.rule == "C2") {
    const compat::Parameter& parameter = source.model->parameters.at(reason.parameter);
    return parameter.off ? fmt::format("keep {} at its off value {} while instances must be able to go to {}",
                                       reason.parameter, compat::to_string(*parameter.off), there)
                         : fmt::format("give {} an off_value in {}, so that it can be disabled",
                                       reason.parameter, source.implementation->label);
  }
  if (reason.rule == "C3" && several)
    return fmt::format(
        "let one of its types accept {}={}, or keep {} within what one of them accepts; {} accepts {}",
        reason.parameter, compat::to_string(*reason.value), reason.parameter, there, reason.expected);
  if (reason.rule == "C3")
    return fmt::format("let {} accept {}={}, or keep it within {}", there, reason.parameter,
                       compat::to_string(*reason.value), reason.expected);
  if (reason.rule == "C4")
    return fmt::format("give {} an off_value in {} that {} accepts", reason.parameter, there, there);
  if (reason.rule == "C5") return fmt::format("give {} the same off_value in both", reason.parameter);
  if (reason.rule == "C6") return fmt::format("choose values that satisfy {}", reason.expected);
  return compat::remedy_of(reason, source, destination);
}

/// Pairs of one direction, either those that follow each other or the others.
struct Pairs {
  Direction direction;
  bool consecutive;

  bool concern(Level level) const {
    return includes(level, direction) && (consecutive || is_transitive(level));
  }
  /// The level that findings about them are told of.
  Level level() const {
    if (direction == Direction::forward) return consecutive ? Level::forward : Level::forward_transitive;
    return consecutive ? Level::backward : Level::backward_transitive;
  }
};

/// Looks at every pair of a catalogue, level by level.
class LevelJudge {
 public:
  LevelJudge(const matrix::Matrix& matrix, std::optional<Level> requested)
      : matrix_(matrix), requested_(requested), entries_(matrix) {
    for (const Level level : every_level) ledgers_.emplace_back(row_of(property_of(level)));
  }

  Examination run() && {
    for (const Direction direction : {Direction::forward, Direction::backward}) {
      std::vector<Reported> reported(entries_.models().size());
      // Consecutive pairs first, so that a finding names the closest pair on which something breaks.
      for (const bool consecutive : {true, false})
        for (std::size_t k = 0; k < entries_.models().size(); ++k)
          judge(entries_.models()[k], {direction, consecutive}, reported[k]);
    }
    Examination examination;
    for (compat::Ledger& ledger : ledgers_) std::move(ledger).into(examination);
    return examination;
  }

 private:
  /// Where a culprit of the model and direction was told: level and finding.
  using Reported = std::map<std::string, std::pair<Level, std::size_t>>;

  compat::Ledger& ledger(Level level) { return ledgers_[static_cast<std::size_t>(level)]; }

  template <class Write>
  void for_each_ledger(const Pairs& pairs, const Write& write) {
    for (const Level level : every_level)
      if (pairs.concern(level)) write(ledger(level));
  }

  void judge(const ModelEntries& model, const Pairs& pairs, Reported& reported) {
    const auto& entries = model.entries;
    const std::size_t first = pairs.consecutive ? 1 : 2, last = pairs.consecutive ? 1 : entries.size() - 1;
    for (std::size_t apart = first; apart <= last; ++apart) {
      for (std::size_t old = 0; old + apart < entries.size(); ++old) {
        const bool forward = pairs.direction == Direction::forward;
        const auto& source = forward ? entries[old] : entries[old + apart];
        const auto& destination = forward ? entries[old + apart] : entries[old];
        for (const std::size_t type : source)
          judge(entries_.choice(model, type, destination), pairs, reported);
      }
    }
  }

  void judge(const Choice& choice, const Pairs& pairs, Reported& reported) {
    for_each_ledger(pairs, [](compat::Ledger& one) { one.looked_at_one(); });
    EntryVerdict verdict = entries_.judge(choice);
    if (verdict.relation == matrix::RelationKind::all) return;
    if (verdict.relation == matrix::RelationKind::undetermined) {
      // Of several reasons the first is told.
      const std::string reason = open_.insert(pairs.level()).second ? verdict.reason : std::string();
      for_each_ledger(pairs, [&](compat::Ledger& one) { one.open(reason); });
      return;
    }
    for_each_ledger(pairs, [](compat::Ledger& one) { one.counts(); });
    report(verdict.pair, std::move(verdict.witness), pairs, choice.size() > 1, reported);
  }

  void report(const matrix::Pair& pair, std::optional<Configuration> witness, const Pairs& pairs,
              bool several, Reported& reported) {
    const std::vector<std::string> culprits = matrix_.culprits(pair);
    const bool known =
        !culprits.empty() && std::all_of(culprits.begin(), culprits.end(),
                                         [&](const std::string& one) { return reported.contains(one); });
    if (!pairs.consecutive && known) {
      const auto [level, finding] = reported.at(culprits.front());
      ledger(level).stands_for(finding, 1, alike_of(pair));
      return;
    }
    if (!witness) witness = matrix_.witness(pair);
    const Level level = pairs.level();
    const bool asked_for = requested_ && pairs.concern(*requested_);
    const std::size_t told =
        ledger(level).tell({finding_about(pair, std::move(witness), pairs.direction, several),
                            asked_for ? Severity::error : row_of(property_of(level)).severity});
    ledger(level).stands_for(told, 0, alike_of(pair));
    for (const std::string& culprit : culprits) reported.try_emplace(culprit, level, told);
  }

  compat::AlikeCases alike_of(const matrix::Pair& pair) const {
    return {
        {matrix_.source(pair).implementation->label}, {matrix_.destination(pair).implementation->label}, {}};
  }

  Finding finding_about(const matrix::Pair& pair, std::optional<Configuration> witness, Direction direction,
                        bool several) const {
    const End source = matrix_.source(pair), destination = matrix_.destination(pair);
    Finding finding;
    finding.model = source.model->name;
    finding.source = source.implementation->label;
    finding.destination = destination.implementation->label;
    finding.direction = direction == Direction::forward ? "forward" : "backward";
    const bool any = pair.relation == matrix::RelationKind::none;
    finding.message = fmt::format("{}: {} does not accept {} of {}", phrase(direction), finding.destination,
                                  any ? "any configuration" : "every configuration", finding.source);
    if (!witness) return finding;
    const compat::Verdict verdict = matrix_.judged(pair, *witness);
    const compat::Reason& reason = verdict.reasons.front();
    finding.parameter = reason.parameter;
    finding.place = reason.place;
    finding.message +=
        fmt::format(", for example {}: {}", compat::written_away(*source.model, *witness), reason.message);
    if (verdict.reasons.size() > 1)
      finding.message += fmt::format(" (and {} further reason{})", verdict.reasons.size() - 1,
                                     verdict.reasons.size() == 2 ? "" : "s");
    finding.remedy = remedy_for(reason, source, destination, several);
    finding.witness = std::move(witness);
    return finding;
  }

  const matrix::Matrix& matrix_;
  std::optional<Level> requested_;
  EntryJudge entries_;
  std::vector<compat::Ledger> ledgers_;  // by level
  std::set<Level> open_;                 // of the pairs of which one was open already
};

}  // namespace

std::optional<Level> level_named(std::string_view name) {
  for (const Level level : every_level)
    if (name_of(level) == name) return level;
  return std::nullopt;
}

std::vector<std::string> level_names() {
  std::vector<std::string> names;
  for (const Level level : every_level) names.emplace_back(name_of(level));
  const auto transitive = names.begin() + static_cast<std::ptrdiff_t>(Level::forward_transitive);
  std::sort(names.begin(), transitive);
  std::sort(transitive, names.end());
  return names;
}

Examination levels(const matrix::Matrix& matrix, std::optional<Level> requested) {
  return LevelJudge(matrix, requested).run();
}

}  // namespace portolan::solver::properties
