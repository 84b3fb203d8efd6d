// SPDX-License-Identifier: Apache-2.0
#include "solver/properties/levels.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "model/compat/judging/all_known.hpp"
#include "model/compat/judging/ledger.hpp"
#include "solver/answering/answering.hpp"

namespace portolan::solver::properties {

using namespace answering;  // questions and answers are the words of this chapter
using compat::Configuration;
using compat::Decision;
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

/// Age of each implementation: its catalogue entry's position. Types of one entry stand next to each other.
std::vector<std::uint32_t> ages_of(const compat::Catalogue& catalogue) {
  std::vector<std::uint32_t> ages;
  for (const Implementation& one : catalogue.implementations) {
    const std::size_t i = ages.size();
    const Implementation* last = i == 0 ? nullptr : &catalogue.implementations[i - 1];
    const bool same = last != nullptr && !one.type.empty() && !last->type.empty() && one.name == last->name &&
                      one.version == last->version;
    ages.push_back(i == 0 ? 0 : ages.back() + (same ? 0 : 1));
  }
  return ages;
}

/// The pairs of one model, which stand together in the matrix, and who is in them.
struct Block {
  std::size_t first = 0;
  std::vector<std::uint32_t> members;             ///< implementations, in the order of the catalogue
  std::vector<std::vector<std::size_t>> entries;  ///< of the catalogue, oldest first: positions in `members`

  std::size_t pair(std::size_t source, std::size_t destination) const {
    return first + source * (members.size() - 1) + destination - (destination > source ? 1 : 0);
  }
};

std::vector<Block> blocks_of(const matrix::Matrix& matrix) {
  std::vector<Block> blocks;
  const std::vector<Implementation>& all = matrix.catalogue().implementations;
  const std::vector<std::uint32_t> ages = ages_of(matrix.catalogue());
  std::size_t first = 0;
  for (const std::string& model : matrix.models()) {
    Block block{first, {}, {}};
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      if (all[i].model(model) == nullptr) continue;
      if (block.members.empty() || ages[i] != ages[block.members.back()]) block.entries.emplace_back();
      block.entries.back().push_back(block.members.size());
      block.members.push_back(i);
    }
    first += block.members.size() * (block.members.size() - 1);
    if (block.members.size() > 1) blocks.push_back(std::move(block));
  }
  return blocks;
}

std::string phrase(Direction direction) {
  return direction == Direction::forward ? "forward (old → new, BACKWARD in schema registries)"
                                         : "backward (new → old, FORWARD in schema registries)";
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
  if (std::string known = compat::remedy_of_known(reason, source, destination); !known.empty()) return known;
  return fmt::format("choose values that satisfy {}", reason.expected);
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

/// One type of an entry against another entry: its namesake, or all types where there is none.
using Choice = std::vector<matrix::Pair>;

/// Looks at every pair of a catalogue, level by level.
class LevelJudge {
 public:
  LevelJudge(const compat::Catalogue& catalogue, const matrix::Matrix& matrix, std::optional<Level> requested)
      : catalogue_(catalogue), matrix_(matrix), requested_(requested), blocks_(blocks_of(matrix)) {
    for (const Level level : every_level) ledgers_.emplace_back(row_of(property_of(level)));
  }

  Examination run() && {
    for (const Direction direction : {Direction::forward, Direction::backward}) {
      std::vector<Reported> reported(blocks_.size());
      // Consecutive pairs first, so that a finding names the closest pair on which something breaks.
      for (const bool consecutive : {true, false})
        for (std::size_t k = 0; k < blocks_.size(); ++k)
          judge(blocks_[k], {direction, consecutive}, reported[k]);
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

  void judge(const Block& block, const Pairs& pairs, Reported& reported) {
    const auto& entries = block.entries;
    const std::size_t first = pairs.consecutive ? 1 : 2, last = pairs.consecutive ? 1 : entries.size() - 1;
    for (std::size_t apart = first; apart <= last; ++apart) {
      for (std::size_t old = 0; old + apart < entries.size(); ++old) {
        const bool forward = pairs.direction == Direction::forward;
        const auto& source = forward ? entries[old] : entries[old + apart];
        const auto& destination = forward ? entries[old + apart] : entries[old];
        for (const std::size_t type : source) judge(choice(block, type, destination), pairs, reported);
      }
    }
  }

  Choice choice(const Block& block, std::size_t source, const std::vector<std::size_t>& entry) const {
    const std::string& type = catalogue_.implementations[block.members[source]].type;
    Choice pairs;
    for (const std::size_t destination : entry) {
      const matrix::Pair pair = matrix_.pair(block.pair(source, destination));
      if (catalogue_.implementations[pair.destination].type == type) return {pair};
      pairs.push_back(pair);
    }
    return pairs;
  }

  void judge(const Choice& choice, const Pairs& pairs, Reported& reported) {
    for_each_ledger(pairs, [](compat::Ledger& one) { one.looked_at_one(); });
    if (std::any_of(choice.begin(), choice.end(),
                    [](const matrix::Pair& pair) { return pair.relation == matrix::RelationKind::all; }))
      return;
    std::optional<Configuration> witness;
    const matrix::Pair* broken = broken_pair(choice, witness);
    if (broken != nullptr) {
      for_each_ledger(pairs, [](compat::Ledger& one) { one.counts(); });
      report(*broken, std::move(witness), pairs, choice.size() > 1, reported);
      return;
    }
    if (auto together = decided_together(choice)) {
      if (!together->broken) return;
      for_each_ledger(pairs, [](compat::Ledger& one) { one.counts(); });
      report(choice.front(), std::move(together->witness), pairs, choice.size() > 1, reported);
      return;
    }
    // Of several reasons the first is told.
    const std::string reason = open_.insert(pairs.level()).second ? reason_of(choice) : std::string();
    for_each_ledger(pairs, [&](compat::Ledger& one) { one.open(reason); });
  }

  /// The first pair that certainly does not accept everything; null: none. A witness that had to be looked at
  /// is kept.
  const matrix::Pair* broken_pair(const Choice& choice, std::optional<Configuration>& witness) const {
    for (const matrix::Pair& pair : choice) {
      if (pair.relation != matrix::RelationKind::some && pair.relation != matrix::RelationKind::none)
        continue;
      if (choice.size() == 1) return &pair;
      // R10a: another type may take what this one refuses, so a witness must be refused by all of them.
      witness = matrix_.witness(pair);
      if (witness && refused_by_all(*witness, choice)) return &pair;
    }
    return nullptr;
  }

  struct Together {
    bool broken = false;
    std::optional<Configuration> witness;
  };

  /// What the pairs one by one leave open: a configuration that every type of the destination certainly
  /// refuses breaks the level, and it holds where some type certainly takes each (R10a). Empty: neither, or
  /// not known.
  std::optional<Together> decided_together(const Choice& choice) {
    if (matrix_.options().scheme != compat::Scheme::rfc_v3) return std::nullopt;
    const End source = matrix_.source(choice.front());
    const auto terms = answering::terms_of(source);
    std::vector<Formula> refused, doubtful;
    for (const matrix::Pair& pair : choice) {
      const Hop there = hop(source, terms, matrix_.destination(pair));
      std::vector<Formula> certainly, perhaps;
      for (const Failure& one : there.possibly_accepted) certainly.push_back(negation(one.formula));
      for (const Failure& one : there.accepted) perhaps.push_back(negation(one.formula));
      refused.push_back(answering::any_of(std::move(certainly)));
      doubtful.push_back(answering::any_of(std::move(perhaps)));
    }
    const auto some = [&](std::vector<Formula> all, Question& question) {
      question = answering::about(source);
      question.failures.push_back({answering::all_of(std::move(all)), "it"});
      finish(question);
      return question.failures.empty() ? Answer{} : answers_.answer(question);
    };
    Question question;
    const Answer broken = some(std::move(refused), question);
    if (broken.outcome == Answer::Outcome::broken && broken.witness)
      return Together{true, configuration_of(question, source, *broken.witness)};
    const bool holds = broken.outcome == Answer::Outcome::never &&
                       some(std::move(doubtful), question).outcome == Answer::Outcome::never &&
                       some({answering::truth(true)}, question).outcome == Answer::Outcome::broken;
    return holds ? std::optional(Together{}) : std::nullopt;
  }

  std::string reason_of(const Choice& choice) const {
    const matrix::Pair* open = &choice.front();
    for (const matrix::Pair& pair : choice)
      if (pair.relation == matrix::RelationKind::undetermined) open = &pair;
    return open->relation == matrix::RelationKind::undetermined
               ? matrix_.reason(*open)
               : fmt::format("several types together may take every configuration of {}",
                             catalogue_.implementations[open->source].label);
  }

  bool refused_by_all(const Configuration& configuration, const Choice& choice) const {
    return std::all_of(choice.begin(), choice.end(), [&](const matrix::Pair& pair) {
      return matrix_.judged(pair, configuration).decision == Decision::reject;
    });
  }

  void report(const matrix::Pair& pair, std::optional<Configuration> witness, const Pairs& pairs,
              bool several, Reported& reported) {
    const std::vector<std::string> culprits = matrix_.culprits(pair);
    const bool known =
        !culprits.empty() && std::all_of(culprits.begin(), culprits.end(),
                                         [&](const std::string& one) { return reported.contains(one); });
    if (!pairs.consecutive && known) {
      const auto [level, finding] = reported.at(culprits.front());
      ledger(level).stands_for(finding, 1);
      return;
    }
    if (!witness) witness = matrix_.witness(pair);
    const Level level = pairs.level();
    const bool asked_for = requested_ && pairs.concern(*requested_);
    const std::size_t told =
        ledger(level).tell({finding_about(pair, std::move(witness), pairs.direction, several),
                            asked_for ? Severity::error : row_of(property_of(level)).severity});
    for (const std::string& culprit : culprits) reported.try_emplace(culprit, level, told);
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

  const compat::Catalogue& catalogue_;
  const matrix::Matrix& matrix_;
  std::optional<Level> requested_;
  std::vector<Block> blocks_;
  std::vector<compat::Ledger> ledgers_;  // by level
  Answers answers_{PropertyProofOptions{}};
  std::set<Level> open_;  // of the pairs of which one was open already
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

Examination levels(const compat::Catalogue& catalogue, const matrix::Matrix& matrix,
                   std::optional<Level> requested) {
  return LevelJudge(catalogue, matrix, requested).run();
}

}  // namespace portolan::solver::properties
