// SPDX-License-Identifier: Apache-2.0
#include "model/rules/analysis/mutants.hpp"

#include <cassert>

#include <fmt/format.h>

namespace portolan::rules {

std::vector<Mutation> mutations(const MachineText& text) {
  std::vector<Mutation> all;
  for (std::size_t r = 0; r < text.rows.size(); ++r) {
    all.push_back({MutationKind::row_dropped, r});
    if (!text.rows[r].guard.empty()) {
      all.push_back({MutationKind::guard_dropped, r});
      all.push_back({MutationKind::guard_negated, r});
    }
    for (std::size_t a = 0; a < assignments_of(text.rows[r].update).size(); ++a)
      all.push_back({MutationKind::assignment_dropped, r, a});
    for (std::size_t s = 0; s < text.states.size(); ++s)
      if (text.states[s] != text.rows[r].to) all.push_back({MutationKind::target_changed, r, s});
  }
  return all;
}

std::string to_string(const MachineText& text, const Mutation& mutation) {
  const RowText& row = text.rows[mutation.row];
  std::string told = fmt::format("{} {} (row {})", row.from, row.event, mutation.row + 1);
  if (!row.guard.empty()) told += fmt::format(" [{}]", row.guard);
  switch (mutation.kind) {
    case MutationKind::assignment_dropped:
      return told + fmt::format(": {} is dropped", assignments_of(row.update)[mutation.detail]);
    case MutationKind::target_changed:
      return told + fmt::format(": leads to {} instead of {}", text.states[mutation.detail], row.to);
    default: return told + fmt::format(": {}", name_of(mutation.kind));
  }
}

Mutant::Mutant(const MachineText& original, const Mutation& mutation)
    : rows_(original.rows.begin(), original.rows.end()), text_(original) {
  RowText& row = rows_[mutation.row];
  switch (mutation.kind) {
    case MutationKind::row_dropped:
      rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(mutation.row));
      break;
    case MutationKind::guard_dropped: row.guard = ""; break;
    case MutationKind::guard_negated:
      guard_ = fmt::format("!({})", row.guard);
      row.guard = guard_;
      break;
    case MutationKind::assignment_dropped: {
      const std::vector<std::string_view> all = assignments_of(row.update);
      for (std::size_t a = 0; a < all.size(); ++a)
        if (a != mutation.detail) update_ += (update_.empty() ? "" : "; ") + std::string(all[a]);
      row.update = update_;
      break;
    }
    case MutationKind::target_changed: row.to = original.states[mutation.detail]; break;
  }
  text_.rows = rows_;
  compiled_ = compile(text_);
  assert(compiled_.faults.empty() && "the original compiles, and a negated guard is one node longer");
  machine_ = {&text_, compiled_.rows, compiled_.initial};
}

}  // namespace portolan::rules
