#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The least that is enough: of things that bring something about together, some that bring it about and none
// of which can be left out.

#include <cstddef>
#include <utility>
#include <vector>

namespace portolan {

/// `enough(some)` holds for all items and stays true when items are added. One after the other is taken away
/// as long as the rest is enough; never all.
template <class Item, class Enough>
std::vector<Item> minimal(std::vector<Item> items, const Enough& enough) {
  for (std::size_t i = 0; i < items.size();) {
    std::vector<Item> fewer = items;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    if (!fewer.empty() && enough(fewer))
      items = std::move(fewer);
    else
      ++i;
  }
  return items;
}

}  // namespace portolan
