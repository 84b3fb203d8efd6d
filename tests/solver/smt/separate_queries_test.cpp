// SPDX-License-Identifier: Apache-2.0
#include "solver/smt/separate_queries.hpp"

#include <stdexcept>

#include <gtest/gtest.h>
#include <unistd.h>

namespace portolan::solver::smt {
namespace {

struct Told {
  std::string text, reason;
};

std::optional<Told> read(const std::string& bytes) {
  if (bytes.empty()) return std::nullopt;
  return Told{bytes, {}};
}

std::string limit_of(const Budget& budget) { return std::to_string(budget.milliseconds_max()); }

std::string endless(const Budget&) {
  for (;;) pause();
}

TEST(SeparateQueries, GiveBackWhatTheChildMakes) {
  SeparateQueries queries(5000);
  EXPECT_EQ(queries.ask(Told{}, limit_of, read).text, "5000");
}

TEST(SeparateQueries, EndAndLeaveTheNextOneHalfTheTimeDownToAnEighth) {
  SeparateQueries queries(80);
  for (const char* limit : {"80", "40", "20", "10", "10"}) {
    EXPECT_EQ(queries.ask(Told{}, endless, read).reason,
              "Z3 gave up (limit " + std::string(limit) + " ms for each query): products of parameters");
  }
}

TEST(SeparateQueries, ThatEndWithoutAnAnswerSayWhy) {
  SeparateQueries queries(5000);
  const Told told = queries.ask(
      Told{}, [](const Budget&) -> std::string { throw std::runtime_error("no"); }, read);
  EXPECT_EQ(told.reason,
            "Z3 gave up (limit 5000 ms for each query): products of parameters; its process ended without an "
            "answer");
}

TEST(SeparateQueries, WhoseAnswerCannotBeReadAreUnknown) {
  SeparateQueries queries(5000);
  EXPECT_EQ(queries
                .ask(
                    Told{}, [](const Budget&) { return std::string(); }, read)
                .reason,
            "Z3 gave up (limit 5000 ms for each query): the answer of its process cannot be read");
  EXPECT_EQ(queries.ask(Told{}, limit_of, read).text, "5000") << "the child was not late";
}

}  // namespace
}  // namespace portolan::solver::smt
