// SPDX-License-Identifier: Apache-2.0
#include "solver/properties/levels.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace portolan::solver::properties {

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
  std::vector<std::uint32_t> members;  ///< implementations, in the order of the catalogue

  std::size_t pair(std::size_t source, std::size_t destination) const {
    return first + source * (members.size() - 1) + destination - (destination > source ? 1 : 0);
  }
};

std::vector<Block> blocks_of(const matrix::Matrix& matrix) {
  std::vector<Block> blocks;
  const std::vector<Implementation>& all = matrix.catalogue().implementations;
  std::size_t first = 0;
  for (const std::string& model : matrix.models()) {
    Block block{first, {}};
    for (std::uint32_t i = 0; i < all.size(); ++i)
      if (all[i].model(model) != nullptr) block.members.push_back(i);
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
  return fmt::format("choose values that satisfy {}", reason.expected);
}

/// Findings and counts of one catalogue, level by level.
class LevelTally {
 public:
  LevelTally(const compat::Catalogue& catalogue, const matrix::Matrix& matrix, std::optional<Level> requested)
      : catalogue_(catalogue), matrix_(matrix), requested_(requested), ages_(ages_of(catalogue)) {}

  Examination run() {
    for (const Block& block : blocks_of(matrix_)) judge(block);
    Examination examination;
    for (const Level level : every_level) examination.properties.push_back(result_of(level));
    for (auto& [finding, further] : findings_) {
      if (further > 0)
        finding.message += fmt::format("; the same breaks {} further pair{} of implementations", further,
                                       further == 1 ? "" : "s");
      examination.findings.push_back(std::move(finding));
    }
    std::stable_sort(examination.findings.begin(), examination.findings.end(),
                     [](const Finding& a, const Finding& b) { return order(a.rule) < order(b.rule); });
    return examination;
  }

 private:
  struct Count {
    std::size_t looked_at = 0, violated = 0, undetermined = 0;
    std::string reason;  ///< of the first undetermined one
  };

  static std::size_t order(const std::string& rule) {
    return static_cast<std::size_t>(std::find_if(every_level.begin(), every_level.end(),
                                                 [&rule](Level level) { return name_of(level) == rule; }) -
                                    every_level.begin());
  }

  Count& count(Direction direction, bool consecutive) {
    return counts_[static_cast<std::size_t>(direction) * 2 + (consecutive ? 0 : 1)];
  }

  void judge(const Block& block) {
    // Entries that describe the model, oldest first, each with the positions of its types in the block.
    std::vector<std::vector<std::size_t>> entries;
    for (std::size_t i = 0; i < block.members.size(); ++i) {
      if (i == 0 || ages_[block.members[i]] != ages_[block.members[i - 1]]) entries.emplace_back();
      entries.back().push_back(i);
    }
    for (const Direction direction : {Direction::forward, Direction::backward}) {
      reported_.clear();
      // Consecutive pairs first, so that a finding names the closest pair on which something breaks.
      for (std::size_t apart = 1; apart < entries.size(); ++apart) {
        for (std::size_t old = 0; old + apart < entries.size(); ++old) {
          const auto& source = direction == Direction::forward ? entries[old] : entries[old + apart];
          const auto& destination = direction == Direction::forward ? entries[old + apart] : entries[old];
          for (const std::size_t one : source) judge(block, one, destination, direction, apart == 1);
        }
      }
    }
  }

  /// One type of an entry against another entry: its namesake, or all types where there is none.
  void judge(const Block& block, std::size_t source, const std::vector<std::size_t>& entry,
             Direction direction, bool consecutive) {
    const std::string& type = catalogue_.implementations[block.members[source]].type;
    std::vector<matrix::Pair> pairs;
    for (const std::size_t destination : entry) {
      const matrix::Pair pair = matrix_.pair(block.pair(source, destination));
      if (catalogue_.implementations[pair.destination].type == type) {
        pairs = {pair};
        break;
      }
      pairs.push_back(pair);
    }
    Count& counted = count(direction, consecutive);
    ++counted.looked_at;
    if (std::any_of(pairs.begin(), pairs.end(),
                    [](const matrix::Pair& pair) { return pair.relation == matrix::RelationKind::all; }))
      return;
    const matrix::Pair* broken = nullptr;
    std::optional<Configuration> witness;
    for (const matrix::Pair& pair : pairs) {
      if (pair.relation != matrix::RelationKind::some && pair.relation != matrix::RelationKind::none)
        continue;
      if (pairs.size() == 1) {
        broken = &pair;
        break;
      }
      // R10a: another type may take what this one refuses, so a witness must be refused by all of them.
      witness = matrix_.witness(pair);
      if (witness && refused_by_all(*witness, pairs)) {
        broken = &pair;
        break;
      }
    }
    if (broken == nullptr) {
      ++counted.undetermined;
      if (counted.reason.empty()) {
        const matrix::Pair* open = &pairs.front();
        for (const matrix::Pair& pair : pairs) {
          if (pair.relation == matrix::RelationKind::undetermined) open = &pair;
        }
        counted.reason = open->relation == matrix::RelationKind::undetermined
                             ? matrix_.reason(*open)
                             : fmt::format("several types together may take every configuration of {}",
                                           catalogue_.implementations[open->source].label);
      }
      return;
    }
    ++counted.violated;
    report(*broken, std::move(witness), direction, consecutive, pairs.size() > 1);
  }

  bool refused_by_all(const Configuration& configuration, const std::vector<matrix::Pair>& pairs) const {
    return std::all_of(pairs.begin(), pairs.end(), [&](const matrix::Pair& pair) {
      return check(matrix_.options().scheme, matrix_.source(pair), configuration, matrix_.destination(pair))
                 .decision == Decision::reject;
    });
  }

  void report(const matrix::Pair& pair, std::optional<Configuration> witness, Direction direction,
              bool consecutive, bool several) {
    const std::vector<std::string> culprits = matrix_.culprits(pair);
    if (!consecutive) {
      const bool known = std::all_of(culprits.begin(), culprits.end(),
                                     [this](const std::string& one) { return reported_.contains(one); });
      if (known && !culprits.empty()) {
        ++findings_[reported_.at(culprits.front())].second;
        return;
      }
    }
    for (const std::string& culprit : culprits) reported_.try_emplace(culprit, findings_.size());
    if (!witness) witness = matrix_.witness(pair);

    const End source = matrix_.source(pair);
    const End destination = matrix_.destination(pair);
    const Level level = direction == Direction::forward
                            ? (consecutive ? Level::forward : Level::forward_transitive)
                            : (consecutive ? Level::backward : Level::backward_transitive);
    Finding finding;
    finding.rule = name_of(level);
    finding.severity = asked_for(direction, consecutive) ? Severity::error : Severity::info;
    finding.model = source.model->name;
    finding.source = source.implementation->label;
    finding.destination = destination.implementation->label;
    finding.direction = direction == Direction::forward ? "forward" : "backward";
    finding.message =
        fmt::format("{}: {} does not accept {} of {}", phrase(direction), finding.destination,
                    pair.relation == matrix::RelationKind::none ? "any configuration" : "every configuration",
                    finding.source);
    if (witness) {
      const compat::Verdict verdict = check(matrix_.options().scheme, source, *witness, destination);
      const compat::Reason& reason = verdict.reasons.front();
      finding.parameter = reason.parameter;
      finding.place = reason.place;
      finding.message +=
          fmt::format(", for example {}: {}", compat::written_away(*source.model, *witness), reason.message);
      if (verdict.reasons.size() > 1) {
        finding.message += fmt::format(" (and {} further reason{})", verdict.reasons.size() - 1,
                                       verdict.reasons.size() == 2 ? "" : "s");
      }
      finding.remedy = remedy_for(reason, source, destination, several);
      finding.witness = std::move(witness);
    }
    findings_.emplace_back(std::move(finding), 0);
  }

  bool asked_for(Direction direction, bool consecutive) const {
    return requested_ && includes(*requested_, direction) && (consecutive || is_transitive(*requested_));
  }

  compat::PropertyResult result_of(Level level) {
    compat::PropertyResult result;
    result.name = name_of(level);
    result.meaning = meaning_of(level);
    result.rule = "§5.5";
    std::size_t looked_at = 0, undetermined = 0;
    for (const Direction direction : {Direction::forward, Direction::backward}) {
      if (!includes(level, direction)) continue;
      for (const bool consecutive : {true, false}) {
        if (!consecutive && !is_transitive(level)) continue;
        const Count& counted = count(direction, consecutive);
        looked_at += counted.looked_at;
        undetermined += counted.undetermined;
        result.count += counted.violated;
        if (result.reason.empty()) result.reason = counted.reason;
      }
    }
    if (looked_at == 0) {
      result.verdict = compat::PropertyVerdict::vacuous;
      result.reason = "no model is described by two implementations of different age";
    } else if (result.count > 0) {
      result.verdict = compat::PropertyVerdict::violated;
      result.reason.clear();
    } else {
      result.verdict =
          undetermined > 0 ? compat::PropertyVerdict::undetermined : compat::PropertyVerdict::holds;
    }
    return result;
  }

  const compat::Catalogue& catalogue_;
  const matrix::Matrix& matrix_;
  std::optional<Level> requested_;
  std::vector<std::uint32_t> ages_;
  std::array<Count, 4> counts_;
  std::vector<std::pair<Finding, std::size_t>>
      findings_;                                 ///< with the number of further pairs that it stands for
  std::map<std::string, std::size_t> reported_;  ///< culprit of the current model and direction -> finding
};

}  // namespace

std::string_view name_of(Level level) {
  switch (level) {
    case Level::forward: return "forward";
    case Level::backward: return "backward";
    case Level::full: return "full";
    case Level::forward_transitive: return "forward-transitive";
    case Level::backward_transitive: return "backward-transitive";
    case Level::full_transitive: return "full-transitive";
  }
  return {};
}

std::optional<Level> level_named(std::string_view name) {
  for (const Level level : every_level) {
    if (name_of(level) == name) return level;
  }
  return std::nullopt;
}

std::string_view meaning_of(Level level) {
  switch (level) {
    case Level::forward:
      return "old → new: each version accepts every configuration of the one before it, in a type of that "
             "name or in any (schema registries: BACKWARD)";
    case Level::backward:
      return "new → old: the version before accepts every configuration of each version (schema registries: "
             "FORWARD)";
    case Level::full: return "both ways between versions that follow each other (schema registries: FULL)";
    case Level::forward_transitive:
      return "old → new: each version accepts every configuration of all before it (schema registries: "
             "BACKWARD_TRANSITIVE)";
    case Level::backward_transitive:
      return "new → old: all versions before accept every configuration of each version (schema registries: "
             "FORWARD_TRANSITIVE)";
    case Level::full_transitive: return "both ways between all versions (schema registries: FULL_TRANSITIVE)";
  }
  return {};
}

Examination levels(const compat::Catalogue& catalogue, const matrix::Matrix& matrix,
                   std::optional<Level> requested) {
  return LevelTally(catalogue, matrix, requested).run();
}

}  // namespace portolan::solver::properties
