// SPDX-License-Identifier: Apache-2.0
#include "solver/unbounded/one_of_many.hpp"

#include <map>

#include <fmt/format.h>

#include "model/rules/analysis/one_copy.hpp"
#include "solver/unbounded/one_of_many_z3.hpp"

namespace portolan::solver::unbounded {

namespace {

/// One element of a sort, with what is asked of it.
struct ElementQuestions {
  explicit ElementQuestions(const rules::Module& module, std::int16_t sort)
      : copy(module, sort), abstract(copy.module()) {}
  rules::OneCopy copy;
  rules::Module abstract;
  std::vector<std::pair<std::size_t, bool>>
      asked;  ///< which proof, and whether its property was taken over exactly
};

std::string left_open(const std::string& sort, bool exact) {
  return fmt::format("one {} with everything else arbitrary {}", sort,
                     exact ? "violates it" : "leaves it open, because it also speaks of something else");
}

void visit(ElementQuestions& sort, const OneOfManyOptions& options, std::vector<OneOfManyProof>& proofs) {
  for (auto& [proof, exact] : sort.asked) proofs[proof].proved = true;
  for (const rules::Cells& beginning : sort.copy.beginnings()) {
    sort.abstract.initial = beginning;
    explore::ExploreOptions how;
    how.states_max = options.states_max;
    how.stop = options.stop;
    const explore::Exploration found = explore::Explorer(sort.abstract, how).run();
    for (std::size_t p = 0; p < sort.asked.size(); ++p) {
      OneOfManyProof& proof = proofs[sort.asked[p].first];
      const explore::PropertyResult& result = found.properties[p];
      proof.states += found.states;
      if (!proof.proved) continue;
      if (result.verdict == explore::PropertyVerdict::holds ||
          result.verdict == explore::PropertyVerdict::vacuous)
        continue;
      proof.proved = false;
      if (result.verdict == explore::PropertyVerdict::undetermined) {
        proof.bounded = true;
        proof.reason = fmt::format("the states of one {} are too many to visit within the bound", proof.sort);
        continue;
      }
      proof.reason = left_open(proof.sort, sort.asked[p].second);
      if (result.trace)
        for (const explore::Trace::Step& step : result.trace->steps)
          proof.events.push_back(sort.abstract.actions[step.event.action].name);
    }
  }
}

void ask_z3(const ElementQuestions& sort, const OneOfManyOptions& options,
            std::vector<OneOfManyProof>& proofs) {
  OneOfManyZ3Options how;
  how.milliseconds_max = options.z3_milliseconds_max;
  how.stop = options.stop;
  for (std::size_t p = 0; p < sort.asked.size(); ++p) {
    OneOfManyProof& proof = proofs[sort.asked[p].first];
    const OneOfManyAnswer answer =
        decide_by_z3(sort.abstract, sort.copy.beginnings(), sort.abstract.properties[p].condition, how);
    const bool compared = options.engine == Engine::both;
    proof.disagreed = compared ? contradicts(proof, answer) : answer.differs;
    if (proof.disagreed) {
      proof.proved = false;
      proof.reason = answer.differs ? answer.reason : "the two procedures contradict each other";
      continue;
    }
    if (compared && (!proof.bounded || answer.verdict == ProofVerdict::unknown)) continue;
    proof.proved = answer.verdict == ProofVerdict::proved;
    proof.bounded = answer.verdict == ProofVerdict::unknown;
    proof.reason = proof.proved    ? ""
                   : proof.bounded ? answer.reason
                                   : left_open(proof.sort, sort.asked[p].second);
    for (const std::size_t action : answer.actions)
      proof.events.push_back(sort.abstract.actions[action].name);
  }
}

}  // namespace

bool contradicts(const OneOfManyProof& visited, const OneOfManyAnswer& by_z3) {
  if (by_z3.differs) return true;
  if (visited.bounded || by_z3.verdict == ProofVerdict::unknown) return false;
  return visited.proved != (by_z3.verdict == ProofVerdict::proved) ||
         by_z3.actions.size() > visited.events.size();
}

std::vector<OneOfManyProof> prove_for_any_number(const rules::Module& module,
                                                 const OneOfManyOptions& options) {
  std::vector<OneOfManyProof> proofs;
  std::map<std::int16_t, ElementQuestions> sorts;
  for (const rules::Property& property : module.properties) {
    if (property.verb != rules::Verb::always) continue;
    OneOfManyProof& proof = proofs.emplace_back(
        OneOfManyProof{.property = property.name, .sort = {}, .reason = {}, .events = {}});
    const auto& nodes = property.condition.nodes;
    if (nodes.empty() || nodes.back().op != rules::Op::for_all) {
      proof.reason = "it is not of the form forall(x in sort: …), which speaks of one element at a time";
      continue;
    }
    const std::int16_t sort = nodes.back().symbol;
    proof.sort = module.sorts[static_cast<std::size_t>(sort)].name;
    ElementQuestions& of_sort = sorts.try_emplace(sort, module, sort).first->second;
    if (!of_sort.copy.obstacle().empty()) {
      proof.reason = "one " + proof.sort + " cannot be looked at by itself: " + of_sort.copy.obstacle();
      continue;
    }
    bool exact = true;
    auto condition = of_sort.copy.at_one(property.condition, exact);
    of_sort.asked.emplace_back(proofs.size() - 1, exact);
    of_sort.abstract.properties.push_back(
        {property.name, rules::Verb::always, std::move(*condition), property.source, property.meaning});
  }
  for (auto& [sort, asked] : sorts) {
    if (asked.asked.empty()) continue;
    if (options.engine != Engine::z3) visit(asked, options, proofs);
    if (options.engine == Engine::z3 || options.engine == Engine::both) ask_z3(asked, options, proofs);
  }
  return proofs;
}

}  // namespace portolan::solver::unbounded
