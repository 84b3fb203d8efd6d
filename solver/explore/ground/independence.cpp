// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/ground/independence.hpp"

#include <algorithm>
#include <cassert>

namespace portolan::solver::explore {

namespace {

/// Sorted, each once.
using Cells = std::vector<std::size_t>;

void settle(Cells& cells) {
  std::sort(cells.begin(), cells.end());
  cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
}

bool meet(const Cells& a, const Cells& b) {
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    if (*i == *j) return true;
    if (*i < *j)
      ++i;
    else
      ++j;
  }
  return false;
}

}  // namespace

Independence::Independence(const GroundModel& model, std::span<const TermId> terms) : model_(model) {
  const std::size_t count = model.actions.size();
  if (count > actions_max) {
    trivial_ = true;
    return;
  }
  const auto add = [&](TermId term, Cells& to) {
    model.terms.read_cells(term, [&](std::size_t cell) { to.push_back(cell); });
  };
  std::vector<Cells> reads(count), writes(count);
  std::size_t cells = 0;
  for (std::size_t a = 0; a < count; ++a) {
    const GroundAction& action = model.actions[a];
    for (const TermId guard : action.guards) add(guard, reads[a]);
    for (const GroundWrite& write : action.writes) {
      for (const TermId term : {write.i, write.j, write.value})
        if (term >= 0) add(term, reads[a]);
      model.written_cells(write, [&](std::size_t cell) { writes[a].push_back(cell); });
    }
    settle(reads[a]);
    settle(writes[a]);
    for (const Cells* some : {&reads[a], &writes[a]})
      if (!some->empty()) cells = std::max(cells, some->back() + 1);
  }
  Cells asked;
  for (const TermId term : terms) add(term, asked);
  settle(asked);
  std::vector<std::vector<std::uint32_t>> writers(cells);
  interfering_.resize(count);
  for (std::uint32_t a = 0; a < count; ++a) {
    seen_.push_back(meet(writes[a], asked));
    for (const std::size_t cell : writes[a]) writers[cell].push_back(a);
    for (std::uint32_t b = 0; b < count; ++b)
      if (a != b && (meet(writes[a], reads[b]) || meet(writes[a], writes[b]) || meet(reads[a], writes[b])))
        interfering_[a].push_back(b);
  }
  guards_.resize(count);
  for (std::size_t a = 0; a < count; ++a) {
    Cells partial;  // of conjuncts that may be undefined: where one becomes so, the action has no meaning,
                    // which must not be missed
    for (const TermId term : model.actions[a].guards) {
      Cells own = partial;
      add(term, own);
      settle(own);
      Conjunct conjunct{term, {}};
      for (const std::size_t cell : own)
        conjunct.enablers.insert(conjunct.enablers.end(), writers[cell].begin(), writers[cell].end());
      std::sort(conjunct.enablers.begin(), conjunct.enablers.end());
      conjunct.enablers.erase(std::unique(conjunct.enablers.begin(), conjunct.enablers.end()),
                              conjunct.enablers.end());
      guards_[a].push_back(std::move(conjunct));
      if (model.terms[term].partial) add(term, partial);
    }
  }
  trivial_ = std::all_of(seen_.begin(), seen_.end(), [](std::uint8_t seen) { return seen != 0; });
}

const Independence::Conjunct& Independence::obstacle(std::uint32_t action, const Packing& packing,
                                                     const Word* raw) const {
  const Conjunct* best = nullptr;
  for (const Conjunct& conjunct : guards_[action]) {
    if (best != nullptr && conjunct.enablers.size() >= best->enablers.size()) continue;
    bool undefined = false;
    const bool yes = model_.terms.value(conjunct.term, packing, raw, undefined) != 0;
    // Behind the first one that fails another may have no value; it is not looked at there.
    if (!undefined && !yes) best = &conjunct;
  }
  assert(best != nullptr && "an action that is not enabled has a conjunct that is false");
  return *best;
}

void Independence::stubborn(const Packing& packing, const Word* raw, std::span<const std::uint32_t> enabled,
                            Room& room, std::vector<std::uint32_t>& chosen) const {
  chosen.assign(enabled.begin(), enabled.end());
  if (trivial_ || enabled.size() < 2) return;
  room.enabled.assign(model_.actions.size(), 0);
  for (const std::uint32_t action : enabled) room.enabled[action] = 1;
  constexpr std::size_t steps_max =
      std::size_t{1}
      << 20;  // thousands of actions that all interfere: what was found by then, or all, is stubborn too
  std::size_t steps = 0;
  for (const std::uint32_t first : enabled) {
    if (seen_[first] != 0) continue;
    room.member.assign(model_.actions.size(), 0);
    room.work.assign(1, first);
    room.set.clear();
    room.member[first] = 1;
    bool useful = true;
    while (useful && !room.work.empty()) {
      const std::uint32_t action = room.work.back();
      room.work.pop_back();
      const bool may_be_taken = room.enabled[action] != 0;
      if (may_be_taken) {
        room.set.push_back(action);
        useful = room.set.size() < chosen.size();
      }
      for (const std::uint32_t other :
           may_be_taken ? interfering_[action] : obstacle(action, packing, raw).enablers) {
        if (++steps > steps_max) return;
        if (room.member[other] != 0) continue;
        room.member[other] = 1;
        room.work.push_back(other);
      }
    }
    if (!useful) continue;
    std::sort(room.set.begin(), room.set.end());
    chosen = room.set;
    if (chosen.size() == 1) return;
  }
}

}  // namespace portolan::solver::explore
