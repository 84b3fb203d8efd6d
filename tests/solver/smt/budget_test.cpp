// SPDX-License-Identifier: Apache-2.0
#include "solver/smt/budget.hpp"

#include <gtest/gtest.h>

namespace portolan::solver::smt {
namespace {

/// What Z3 says when it ends a query, or nothing.
template <class Work>
std::string thrown_by(const Work& work) {
  try {
    work();
  } catch (const z3::exception& error) {
    return error.msg();
  }
  return {};
}

/// More pigeons than holes: false, and out of reach of a search.
z3::expr pigeons(z3::context& context, int holes) {
  z3::expr_vector all(context);
  const auto sits = [&](int pigeon, int hole) {
    return context.bool_const(("p" + std::to_string(pigeon) + "-" + std::to_string(hole)).c_str());
  };
  for (int pigeon = 0; pigeon <= holes; ++pigeon) {
    z3::expr_vector somewhere(context);
    for (int hole = 0; hole < holes; ++hole) {
      somewhere.push_back(sits(pigeon, hole));
      for (int other = 0; other < pigeon; ++other) all.push_back(!sits(pigeon, hole) || !sits(other, hole));
    }
    all.push_back(z3::mk_or(somewhere));
  }
  return z3::mk_and(all);
}

TEST(Z3Budget, AQueryThatZ3DecidesHasAnAnswer) {
  z3::context context;
  z3::solver solver(context, z3::solver::simple());
  const z3::expr number = context.int_const("number");
  solver.add(number > 2);
  EXPECT_TRUE(Budget(1000).satisfiable(solver));
  solver.add(number < 3);
  EXPECT_FALSE(Budget(1000).satisfiable(solver));
}

TEST(Z3Budget, AQueryThatZ3DoesNotDecideInItsTimeHasNone) {
  z3::context context;
  z3::solver solver(context, z3::solver::simple());
  solver.add(pigeons(context, 12));
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_NE(thrown_by([&] { Budget(50).satisfiable(solver); }), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

TEST(Z3Budget, SaysItsLimitWhenItGivesUp) {
  EXPECT_EQ(Budget(80).gave_up("timeout"), "Z3 gave up (limit 80 ms for each query): timeout");
}

TEST(Z3Budget, OfAWholeProofIsSharedByItsQueries) {
  z3::context context;
  EXPECT_EQ(thrown_by([&] { SharedBudget(60'000, {}).params(context); }), "");
  EXPECT_EQ(thrown_by([&] { SharedBudget(0, {}).params(context); }), "timeout");
}

TEST(Z3Budget, OfAWholeProofEndsWhenItIsStopped) {
  z3::context context;
  bool stop = false;
  const SharedBudget budget(60'000, [&stop] { return stop; });
  EXPECT_EQ(thrown_by([&] { budget.params(context); }), "");
  stop = true;
  EXPECT_EQ(thrown_by([&] { budget.params(context); }), "stopped");
}

}  // namespace
}  // namespace portolan::solver::smt
