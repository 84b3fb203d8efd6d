// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/traces.hpp"

#include <algorithm>
#include <cassert>

namespace portolan::solver::explore {

namespace {

/// A run from the initial state itself along representatives: at each step the first action that leads to a
/// state with the next one.
Trace unreduced(const rules::Module& module, const CompiledModel& model, const PackedTrace& packed) {
  Trace trace{module.initial, {}};
  const std::size_t words = model.words();
  std::vector<Word> at(words), scratch(words), next(words);
  [[maybe_unused]] const bool known = model.find(module.initial, at.data());
  assert(known);
  for (std::size_t i = 0; i < packed.actions.size(); ++i) {
    std::optional<std::uint32_t> taken;
    model.successors<0, false>(
        at.data(), model.see(at.data()), scratch.data(),
        [&](std::uint32_t action, std::uint8_t flags, const Word* after, std::uint64_t hash) {
          if ((flags & Effect::undefined) != 0 || (taken && *taken <= action)) return true;
          std::vector<Word> representative(after, after + words);
          model.represent(representative.data(), hash);
          if (!std::equal(representative.begin(), representative.end(), packed.states.data() + i * words))
            return true;
          taken = action;
          next.assign(after, after + words);
          return true;
        });
    assert(taken && "what a representative leads to, every state that it stands for leads to as well");
    at = next;
    trace.steps.push_back({model.actions()[*taken].event, model.unpack(at.data())});
  }
  return trace;
}

}  // namespace

Trace unpacked_trace(const rules::Module& module, const CompiledModel& model, const PackedTrace& packed) {
  if (model.reduces()) return unreduced(module, model, packed);
  Trace trace{module.initial, {}};
  for (std::size_t i = 0; i < packed.actions.size(); ++i)
    trace.steps.push_back(
        {model.actions()[packed.actions[i]].event, model.unpack(packed.states.data() + i * model.words())});
  return trace;
}

std::uint32_t undefined_action_in(const CompiledModel& model, const rules::Cells& cells) {
  std::vector<Word> at(model.words()), scratch(model.words());
  [[maybe_unused]] const bool known = model.find(cells, at.data());
  assert(known);
  std::optional<std::uint32_t> first;
  model.successors<0, false>(at.data(), model.see(at.data()), scratch.data(),
                             [&](std::uint32_t action, std::uint8_t flags, const Word*, std::uint64_t) {
                               if ((flags & Effect::undefined) != 0 && (!first || action < *first))
                                 first = action;
                               return true;
                             });
  return *first;
}

}  // namespace portolan::solver::explore
