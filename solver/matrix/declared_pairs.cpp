// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/declared_pairs.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include <fmt/format.h>

#include "solver/answering/declared_hop.hpp"
#include "solver/matrix/definitions/configuration_kinds.hpp"

namespace portolan::solver::matrix {
namespace {

using answering::Answer;
using answering::DeclaredHop;
using answering::Formula;
using answering::Question;
using compat::Configuration;
using compat::Decision;

answering::PropertyProofOptions options_of(const MatrixOptions& options) {
  answering::PropertyProofOptions made;
  made.engine = options.engine;
  made.z3_milliseconds_max = options.z3_milliseconds_max;
  made.enumerated_max = options.enumerated_max;
  made.enumerated_direct_max = options.enumerated_direct_max;
  return made;
}

std::size_t distance_of(const compat::End& source, const Configuration& configuration) {
  return static_cast<std::size_t>(std::ranges::count_if(configuration, [&](const auto& one) {
    return one.second != source.model->parameters.at(one.first).init;
  }));
}

/// Fewest parameters away from the init values, then the least values in name order.
bool smaller(const compat::End& source, const Configuration& a, const Configuration& b) {
  const std::size_t x = distance_of(source, a), y = distance_of(source, b);
  return x != y ? x < y : a < b;
}

/// Where the queries of a pair go as SMT-LIB 2.
struct QueryFiles {
  std::filesystem::path folder;
  std::string name;
  std::size_t files = 0, questions = 0;
};

/// All configurations of one pair.
class PairQuestion {
 public:
  PairQuestion(const MemberPair& pair, answering::Answers& answers)
      : pair_(pair), answers_(answers), hop_(answering::declared_hop(pair.source.end, pair.destination.end)) {
    for (const auto& [name, profile] : notes_of(source()).profiles) {
      auto values = compat::values_at(source(), name);
      if (values && can_have(source(), *values) && std::ranges::find(special_, *values) == special_.end())
        special_.push_back(std::move(*values));
    }
    for (const Configuration& one : special_) verdicts_.push_back(judged(one));
  }

  /// From now on each question is written too.
  void write_to(QueryFiles& files) { written_ = &files; }

  const DeclaredHop& hop() const { return hop_; }
  const std::vector<compat::Verdict>& at_profiles() const { return verdicts_; }

  compat::Verdict judged(const Configuration& configuration) const {
    return compat::judge_all_known(
        {source(), configuration, pair_.destination.end, {}, &pair_.group.absence, false});
  }

  struct Found {
    bool known = true, exists = false;
    std::optional<Configuration> smallest;  ///< where it is known
    std::string reason;
  };

  /// Whether some configuration has the verdict.
  Found some(Decision decision) {
    Found found = elsewhere(decision == Decision::accept   ? hop_.accepts()
                            : decision == Decision::reject ? hop_.rejects()
                                                           : hop_.undetermined());
    for (std::size_t k = 0; k < special_.size(); ++k) {
      if (verdicts_[k].decision != decision) continue;
      if (!found.smallest ? !found.exists : smaller(source(), special_[k], *found.smallest))
        found.smallest = special_[k];
      found.exists = found.known = true;
    }
    return found;
  }

  /// Whether the source has a configuration at all.
  Found any() { return asked(answering::truth(true), false); }

 private:
  const compat::End& source() const { return pair_.source.end; }

  /// Among those of no profile.
  Found elsewhere(const Formula& condition) {
    Found found = asked(condition, false);
    if (!found.exists) return found;
    const bool of_profile = !found.smallest || std::ranges::find(special_, *found.smallest) != special_.end();
    return of_profile && !special_.empty() ? asked(condition, true) : found;
  }

  Found asked(const Formula& condition, bool without_profiles) {
    Question question = answering::about(source());
    if (without_profiles)
      for (const Configuration& one : special_) question.exists.push_back(is_not(one));
    question.failures.push_back({condition, "it"});
    finish(question);
    if (question.failures.empty()) return {};
    if (written_ != nullptr)
      written_->files += answers_.z3().write_queries(
          question, written_->folder, fmt::format("{}-{}", written_->name, ++written_->questions));
    const Answer answer = answers_.answer(question);
    if (answer.outcome == Answer::Outcome::unknown) return {false, false, {}, answer.reason};
    Found found;
    found.exists = answer.outcome == Answer::Outcome::broken;
    if (found.exists && answer.witness)
      found.smallest = configuration_of(question, source(), *answer.witness);
    return found;
  }

  Formula is_not(const Configuration& configuration) const {
    std::vector<Formula> parts;
    const auto terms = answering::terms_of(source());
    std::size_t i = 0;
    for (const auto& [name, value] : configuration) parts.push_back(negation(is(terms[i++], value)));
    return answering::any_of(std::move(parts));
  }

  const MemberPair& pair_;
  answering::Answers& answers_;
  DeclaredHop hop_;
  std::vector<Configuration> special_;  ///< configurations of profiles, each once
  std::vector<compat::Verdict> verdicts_;
  QueryFiles* written_ = nullptr;
};

std::string no_configuration(const MemberPair& pair) {
  return fmt::format("{} has no configuration: no accepted values satisfy its constraints",
                     pair.source.end.implementation->label);
}

}  // namespace

std::string why_not_by_alias(const MemberPair& pair) {
  return fmt::format(
      "{} knows a parameter of {} by another name (alias-of): portolan compat decides one configuration",
      pair.destination.end.implementation->label, pair.source.end.implementation->label);
}

DeclaredPairs::DeclaredPairs(const MatrixOptions& options) : answers_(options_of(options)) {}

DeclaredPairs::Decided DeclaredPairs::decide(const MemberPair& pair) {
  PairQuestion question(pair, answers_);
  Decided decided;
  decided.fresh = question.judged(compat::fresh(*pair.source.end.model)).decision;
  if (compat::speaks_by_alias(pair.source.end, pair.destination.end)) {
    decided.reason = why_not_by_alias(pair);
    return decided;
  }
  const auto rejected = question.some(Decision::reject), accepted = question.some(Decision::accept),
             open = question.some(Decision::undetermined);
  for (const auto* one : {&rejected, &accepted, &open}) {
    if (one->known) continue;
    decided.reason = one->reason;
    return decided;
  }
  if (!rejected.exists && !accepted.exists && !open.exists) {
    decided.reason = no_configuration(pair);
    return decided;
  }
  ConfigurationKinds kinds;
  kinds.join(accepted.exists, rejected.exists, open.exists);
  decided.relation = kinds.relation();
  if (decided.relation == RelationKind::undetermined && open.smallest) {
    const auto verdict = question.judged(*open.smallest);
    if (!verdict.reasons.empty()) decided.reason = verdict.reasons.front().message;
  }
  return decided;
}

std::optional<Configuration> DeclaredPairs::witness(const MemberPair& pair) {
  PairQuestion question(pair, answers_);
  const auto found = question.some(Decision::reject);
  if (!found.smallest) return std::nullopt;
  const bool real = question.judged(*found.smallest).decision == Decision::reject;
  assert(real && "a witness must be rejected by the reference evaluator");
  return real ? found.smallest : std::nullopt;
}

std::size_t DeclaredPairs::write_queries(const MemberPair& pair, const std::filesystem::path& folder,
                                         const std::string& name) {
  if (compat::speaks_by_alias(pair.source.end, pair.destination.end)) return 0;
  QueryFiles written{folder, name};
  PairQuestion question(pair, answers_);
  question.write_to(written);
  for (const Decision one : {Decision::reject, Decision::accept, Decision::undetermined}) question.some(one);
  return written.files;
}

std::vector<std::string> DeclaredPairs::culprits(const MemberPair& pair) {
  PairQuestion question(pair, answers_);
  std::vector<std::string> found;
  for (const answering::Failure& one : question.hop().rejected) found.push_back(one.what);
  for (const compat::Verdict& verdict : question.at_profiles())
    for (const compat::Reason& reason : verdict.reasons)
      if (reason.certain && std::ranges::find(found, reason.message) == found.end() &&
          (reason.rule == "observed" || reason.rule == "takes" || reason.rule == "profile"))
        found.push_back(reason.message);
  return found;
}

}  // namespace portolan::solver::matrix
