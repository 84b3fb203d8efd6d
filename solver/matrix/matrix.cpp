// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/matrix.hpp"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

#include "model/compat/judging/schemes.hpp"
#include "solver/matrix/definitions/group.hpp"
#include "solver/matrix/definitions/verdicts.hpp"
#include "solver/matrix/explanation.hpp"
#include "solver/matrix/group_decision.hpp"
#include "solver/matrix/pair_decision.hpp"
#include "solver/matrix/procedures.hpp"

namespace portolan::solver::matrix {

struct Matrix::State {
  State(const compat::Catalogue& of, const MatrixOptions& options)
      : catalogue(of), procedures(options), groups(groups_of(of, procedures.parameters)) {
    for (const Group& group : groups) {
      models.emplace_back(group.name);
      summary.pairs += group.pairs();
      GroupDecision decision = decide(group, procedures);
      decision.verdicts.add_to(summary);
      summary.disagreements += decision.disagreements;
      verdicts.push_back(std::move(decision.verdicts));
    }
  }

  Pair pair(std::size_t index) const {
    assert(index < summary.pairs);
    const auto after =
        std::upper_bound(groups.begin(), groups.end(), index,
                         [](std::size_t wanted, const Group& group) { return wanted < group.first_pair; });
    const Group& group = *std::prev(after);
    const auto model = static_cast<std::size_t>(&group - groups.data());
    const std::size_t others = group.members.size() - 1, i = (index - group.first_pair) / others;
    const std::size_t other = (index - group.first_pair) % others, j = other + (other >= i);
    return {static_cast<std::uint32_t>(model), group.members[i].implementation,
            group.members[j].implementation, verdicts[model].fresh(i, j), verdicts[model].relation(i, j)};
  }

  Pair to_itself(std::size_t model, const Member& member) {
    const Group& group = groups[model];
    const MemberPair pair{group, member, member};
    const compat::Configuration init = compat::fresh(*member.end.model);
    const compat::Scheme scheme = procedures.options.scheme;
    const compat::Decision decision =
        compat::judge(compat::named(scheme), {member.end, init, member.end, {}, &group.absence, false})
            .decision;
    const bool by_declared = procedures.options.declared() && pair.says_more();
    return {
        static_cast<std::uint32_t>(model), member.implementation, member.implementation, decision,
        by_declared ? procedures.declared.decide(pair).relation : by_couplings(pair, procedures).relation};
  }

  MemberPair members_of(const Pair& pair) const {
    const Group& group = groups[pair.model];
    return {group, group.member_of(pair.source), group.member_of(pair.destination)};
  }

  const compat::Catalogue& catalogue;
  Procedures procedures;
  const std::vector<Group> groups;
  std::vector<Verdicts> verdicts;  ///< by group
  std::vector<std::string> models;
  MatrixSummary summary;
};

Matrix::Matrix(const compat::Catalogue& catalogue, const MatrixOptions& options)
    : state_(std::make_unique<State>(catalogue, options)) {}
Matrix::~Matrix() = default;
Matrix::Matrix(Matrix&&) noexcept = default;
Matrix& Matrix::operator=(Matrix&&) noexcept = default;

const std::vector<std::string>& Matrix::models() const { return state_->models; }
Pair Matrix::pair(std::size_t index) const { return state_->pair(index); }
const MatrixSummary& Matrix::summary() const { return state_->summary; }
const MatrixOptions& Matrix::options() const { return state_->procedures.options; }
const compat::Catalogue& Matrix::catalogue() const { return state_->catalogue; }
std::size_t Matrix::distinct_questions() const { return state_->procedures.questions(); }

std::vector<Pair> Matrix::to_themselves() const {
  std::vector<Pair> pairs;
  for (std::size_t model = 0; model < state_->groups.size(); ++model)
    for (const Member& member : state_->groups[model].members)
      if (notes_of(member.end).calls_for_itself()) pairs.push_back(state_->to_itself(model, member));
  return pairs;
}

std::optional<compat::Configuration> Matrix::witness(const Pair& pair) const {
  if (pair.relation != RelationKind::some && pair.relation != RelationKind::none) return std::nullopt;
  return witness_of(state_->members_of(pair), state_->procedures);
}

std::string Matrix::reason(const Pair& pair) const {
  if (pair.relation != RelationKind::undetermined) return {};
  return reason_of(state_->members_of(pair), state_->procedures);
}

std::vector<std::string> Matrix::culprits(const Pair& pair) const {
  return culprits_of(state_->members_of(pair), state_->procedures);
}

compat::Verdict Matrix::judged(const Pair& pair, const compat::Configuration& configuration) const {
  const MemberPair members = state_->members_of(pair);
  return compat::judge(
      compat::named(options().scheme),
      {members.source.end, configuration, members.destination.end, {}, &members.group.absence, false});
}

std::size_t Matrix::write_queries(const std::filesystem::path& folder) const {
  std::size_t files = 0;
  for (std::size_t index = 0; index < summary().pairs; ++index)
    files += state_->procedures.declared.write_queries(state_->members_of(pair(index)), folder,
                                                       fmt::format("pair-{}", index + 1));
  return files;
}

compat::End Matrix::source(const Pair& pair) const { return state_->members_of(pair).source.end; }
compat::End Matrix::destination(const Pair& pair) const { return state_->members_of(pair).destination.end; }

}  // namespace portolan::solver::matrix
