#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Blocks of the pages that are made from the product's tables: a page of docs holds such a block between the
// markers `<!-- NAME: begin -->` and `<!-- NAME: end -->`. UPDATE_GOLDEN=1 writes the page anew.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/support/content.hpp"

namespace portolan::tests {

/// `page`: below the repository. Fails the test where the page has no such place or holds another text.
inline void expect_page_block(const std::string& page, const std::string& name, const std::string& block) {
  const std::string file = std::string(PORTOLAN_SOURCE_DIR) + "/" + page;
  std::string text = content_of(file);
  const std::string begin = "<!-- " + name + ": begin -->\n", end = "<!-- " + name + ": end -->\n";
  const std::size_t from = text.find(begin), to = text.find(end);
  ASSERT_TRUE(from != std::string::npos && to != std::string::npos && from < to)
      << page << " has no place for the table: " << begin << end;
  const std::size_t first = from + begin.size();
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    text.replace(first, to - first, block);
    std::ofstream(file, std::ios::binary) << text;
    return;
  }
  EXPECT_EQ(text.substr(first, to - first), block)
      << page << " differs from what it is made from; UPDATE_GOLDEN=1 writes it anew";
}

}  // namespace portolan::tests
