// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/group_decision.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "solver/matrix/definitions/direct_join.hpp"
#include "solver/matrix/fresh_constraints.hpp"
#include "solver/matrix/own_constraints.hpp"
#include "solver/matrix/pair_decision.hpp"
#include "solver/matrix/shared_coupling.hpp"

namespace portolan::solver::matrix {

using compat::Decision;

namespace {

/// The rows of all columns, and of those that no shared coupling holds.
struct GroupRows {
  JoinedRows all, uncoupled;
};

GroupRows rows_of(const Group& group, const SharedCouplings* shared, Procedures& procedures) {
  std::vector<std::span<const DefinitionId>> definitions;
  for (const Member& member : group.members) definitions.emplace_back(member.definitions);
  std::vector<std::size_t> uncoupled, coupled;
  for (std::size_t column = 0; column < group.columns.size(); ++column)
    (shared != nullptr && shared->coupled[column] ? coupled : uncoupled).push_back(column);
  DirectJoin join(procedures.parameters, definitions);
  GroupRows rows{join.empty(), {}};
  join.add(uncoupled, rows.all);
  if (shared == nullptr) return rows;
  rows.uncoupled = rows.all;
  join.add(coupled, rows.all);
  return rows;
}

/// The answers of couplings that pairs share, each asked once.
class SharedAnswers {
 public:
  SharedAnswers(const SharedCouplings& shared, Procedures& procedures)
      : shared_(shared), procedures_(procedures), answers_(shared.couplings.size()) {}

  RelationKind relation(const MemberPair& pair, ConfigurationKinds uncoupled) {
    const std::size_t source = pair.group.number_of(pair.source),
                      destination = pair.group.number_of(pair.destination);
    for (std::size_t k = 0; k < answers_.size(); ++k) {
      const SharedCoupling& coupling = shared_.couplings[k];
      const auto [entry, added] = answers_[k].try_emplace(coupling.key(source, destination));
      CouplingAnswer& answer = entry->second;
      if (added) answer = procedures_.couplings.decide(coupling.of(pair, procedures_.options.scheme));
      // A coarse coupling may be too much where its parts are not.
      if (!answer.known) return by_couplings(pair, procedures_).relation;
      if (!answer.exists) return RelationKind::undetermined;
      uncoupled.join(answer.accepted, answer.rejected, answer.undetermined);
    }
    return uncoupled.relation();
  }

 private:
  const SharedCouplings& shared_;
  Procedures& procedures_;
  std::vector<std::unordered_map<std::uint64_t, CouplingAnswer>> answers_;  ///< by coupling and `key`
};

/// What bits do not decide: constraints, and engines that ask Z3 about whole pairs.
class BeyondRows {
 public:
  BeyondRows(const Group& group, const SharedCouplings* shared, const GroupRows& rows, Procedures& procedures,
             GroupDecision& decision)
      : group_(group),
        rows_(rows),
        procedures_(procedures),
        options_(procedures.options),
        decision_(decision),
        fresh_(group, shared) {
    if (shared == nullptr) return;
    shared_.emplace(*shared, procedures);
    if (shared->own_constraints) own_.emplace(group, *shared, procedures);
  }

  void decide_source(std::size_t i) {
    const Member& source = group_.members[i];
    Verdicts& verdicts = decision_.verdicts;
    for (std::size_t j = 0; j < group_.members.size(); ++j) {
      const MemberPair pair{group_, source, group_.members[j]};
      if (j == i) continue;
      if (options_.declared() && pair.says_more()) {
        by_all_known(pair, i, j);
        continue;
      }
      if (pair.by_alias()) {
        const compat::End& end = source.end;
        verdicts.set_fresh(
            i, j, check(options_.scheme, end, compat::fresh(*end.model), pair.destination.end).decision);
        verdicts.set_relation(i, j, RelationKind::undetermined);
        continue;
      }
      if (!options_.asks_whole_pairs() && !pair.coupled(options_.scheme)) continue;
      if (options_.strict() && pair.destination.constrained && verdicts.fresh(i, j) != Decision::reject &&
          fresh_.broken(pair)) {
        verdicts.set_fresh(i, j, Decision::reject);  // C6
      }
      if (options_.asks_whole_pairs())
        compare(pair, i, j);
      else if (!source.empty)
        verdicts.set_relation(i, j, relation(pair, i, j));
    }
  }

 private:
  void by_all_known(const MemberPair& pair, std::size_t i, std::size_t j) {
    const std::size_t before = procedures_.declared.disagreements();
    const DeclaredPairs::Decided decided = procedures_.declared.decide(pair);
    decision_.disagreements += procedures_.declared.disagreements() - before;
    decision_.verdicts.set_fresh(i, j, decided.fresh);
    decision_.verdicts.set_relation(i, j, decided.relation);
  }

  RelationKind relation(const MemberPair& pair, std::size_t i, std::size_t j) {
    if (!shared_) return by_couplings(pair, procedures_).relation;
    const ConfigurationKinds uncoupled = rows_.uncoupled.kinds(i, j / 64).of(j % 64);
    if (own_) {
      if (const auto relation = own_->relation(pair, uncoupled)) return *relation;
    }
    return shared_->relation(pair, uncoupled);
  }

  /// The relation from Z3 on the whole pair, the fresh verdict from the reference evaluator.
  void compare(const MemberPair& pair, std::size_t i, std::size_t j) {
    const compat::End& source = pair.source.end;
    const Decision reference =
        check(options_.scheme, source, compat::fresh(*source.model), pair.destination.end).decision;
    const PairDecision by_z3 = by_whole_pair(pair, procedures_);
    RelationKind relation = by_z3.relation;
    if (options_.engine == Engine::both) {
      const PairDecision other = without_z3(pair, rows_.all.kinds(i, j / 64).of(j % 64));
      if (!by_z3.known) relation = other.relation;
      decision_.disagreements += decision_.verdicts.fresh(i, j) != reference ||
                                 (by_z3.known && other.known && by_z3.relation != other.relation);
    }
    decision_.verdicts.set_fresh(i, j, reference);
    decision_.verdicts.set_relation(i, j, relation);
  }

  /// From the joined rows where no constraint is involved, else coupling by coupling.
  PairDecision without_z3(const MemberPair& pair, const ConfigurationKinds& kinds) {
    if (pair.source.empty) return {RelationKind::undetermined, {}};
    return pair.coupled(options_.scheme) ? by_couplings(pair, procedures_)
                                         : PairDecision{kinds.relation(), {}};
  }

  const Group& group_;
  const GroupRows& rows_;
  Procedures& procedures_;
  const MatrixOptions& options_;
  GroupDecision& decision_;
  FreshConstraints fresh_;
  std::optional<SharedAnswers> shared_;
  std::optional<OwnConstraints> own_;
};

}  // namespace

GroupDecision decide(const Group& group, Procedures& procedures) {
  const std::size_t size = group.members.size();
  GroupDecision decision{Verdicts(size)};
  if (size < 2) return decision;
  const MatrixOptions& options = procedures.options;
  std::optional<SharedCouplings> found;
  if (options.engine == Engine::automatic || options.engine == Engine::z3_joined)
    found = shared_couplings(group, options);
  const SharedCouplings* shared = found ? &*found : nullptr;
  const GroupRows rows = rows_of(group, shared, procedures);
  const bool bits_decide = !options.asks_whole_pairs() && !group.constrained() && !group.annotated();
  BeyondRows beyond(group, shared, rows, procedures, decision);
  for (std::size_t i = 0; i < size; ++i) {
    decision.verdicts.set(i, rows.all, !group.members[i].empty);
    if (!bits_decide) beyond.decide_source(i);
  }
  return decision;
}

}  // namespace portolan::solver::matrix
