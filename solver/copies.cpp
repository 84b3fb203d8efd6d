// SPDX-License-Identifier: Apache-2.0
#include "solver/copies.hpp"

#include <map>

#include <fmt/format.h>

#include "model/rules/one_copy.hpp"

namespace portolan::solver {

namespace {

/// One element of a sort, with what is asked of it.
struct Asked {
  explicit Asked(const rules::Module& module, std::int16_t sort) : copy(module, sort), abstract(copy.module()) {}
  rules::OneCopy copy;
  rules::Module abstract;
  std::vector<std::pair<std::size_t, bool>> asked;  ///< which proof, and whether its property was taken over exactly
};

void explore(Asked& sort, const CopyOptions& options, std::vector<CopyProof>& proofs) {
  for (auto& [proof, exact] : sort.asked) proofs[proof].proved = true;
  for (const rules::Cells& beginning : sort.copy.beginnings()) {
    sort.abstract.initial = beginning;
    ExploreOptions how;
    how.states_max = options.states_max;
    how.stop = options.stop;
    const Exploration found = Explorer(sort.abstract, how).run();
    for (std::size_t p = 0; p < sort.asked.size(); ++p) {
      CopyProof& proof = proofs[sort.asked[p].first];
      const PropertyResult& result = found.properties[p];
      proof.states += found.states;
      if (!proof.proved) continue;
      if (result.verdict == PropertyVerdict::holds || result.verdict == PropertyVerdict::vacuous) continue;
      proof.proved = false;
      if (result.verdict == PropertyVerdict::undetermined) {
        proof.reason = fmt::format("the states of one {} are too many to visit within the bound", proof.sort);
        continue;
      }
      proof.reason = fmt::format("one {} with everything else arbitrary {}", proof.sort, sort.asked[p].second ? "violates it" : "leaves it open, because it also speaks of something else");
      if (result.trace)
        for (const Trace::Step& step : result.trace->steps) proof.events.push_back(sort.abstract.actions[step.event.action].name);
    }
  }
}

}  // namespace

std::vector<CopyProof> prove_for_any_number(const rules::Module& module, const CopyOptions& options) {
  std::vector<CopyProof> proofs;
  std::map<std::int16_t, Asked> sorts;
  for (const rules::Property& property : module.properties) {
    if (property.verb != rules::Verb::always) continue;
    CopyProof& proof = proofs.emplace_back(CopyProof{property.name, false, {}, 0, {}, {}});
    const auto& nodes = property.condition.nodes;
    if (nodes.empty() || nodes.back().op != rules::Op::for_all) {
      proof.reason = "it is not of the form forall(x in sort: …), which speaks of one element at a time";
      continue;
    }
    const std::int16_t sort = nodes.back().symbol;
    proof.sort = module.sorts[static_cast<std::size_t>(sort)].name;
    Asked& of_sort = sorts.try_emplace(sort, module, sort).first->second;
    if (!of_sort.copy.obstacle().empty()) {
      proof.reason = "one " + proof.sort + " cannot be looked at by itself: " + of_sort.copy.obstacle();
      continue;
    }
    bool exact = true;
    auto condition = of_sort.copy.at_one(property.condition, exact);
    of_sort.asked.emplace_back(proofs.size() - 1, exact);
    of_sort.abstract.properties.push_back({property.name, rules::Verb::always, std::move(*condition), property.source, property.meaning});
  }
  for (auto& [sort, asked] : sorts) if (!asked.asked.empty()) explore(asked, options, proofs);
  return proofs;
}

}  // namespace portolan::solver
