// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/model/rows.hpp"

#include <algorithm>
#include <new>

namespace portolan::solver::explore {

static_assert(alignof(Effect) <= alignof(Row) && sizeof(Row) % alignof(Effect) == 0,
              "effects lie behind their row");

const Row* RowArena::place(const Row& row, const std::vector<Effect>& free,
                           const std::vector<Effect>& gated) {
  const std::size_t effects = free.size() + gated.size(), bytes = sizeof(Row) + effects * sizeof(Effect);
  if (blocks_.empty() || used_ + bytes > size_) {
    size_ = std::max<std::size_t>(bytes, 1u << 15);
    total_ += size_;
    used_ = 0;
    blocks_.push_back(std::make_unique<std::byte[]>(size_));
  }
  std::byte* place = blocks_.back().get() + used_;
  used_ += bytes;
  const Row* placed = new (place) Row(row);
  std::uninitialized_copy(
      gated.begin(), gated.end(),
      std::uninitialized_copy(free.begin(), free.end(), reinterpret_cast<Effect*>(place + sizeof(Row))));
  return placed;
}

}  // namespace portolan::solver::explore
