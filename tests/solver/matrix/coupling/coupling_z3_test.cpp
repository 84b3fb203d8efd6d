// SPDX-License-Identifier: Apache-2.0
//
// Z3 keeps its limits, whatever the constraints are: what it decides is right
// (matrix_against_reference_test.cpp), what it does not decide is unknown in time. Limits are short here; how
// long a query takes is not what is tested.

#include "solver/matrix/coupling/coupling_z3.hpp"

#include <chrono>
#include <csignal>
#include <random>

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "solver/matrix/coupling/coupling_enumeration.hpp"
#include "solver/matrix/matrix.hpp"
#include "tests/support/small_catalogues.hpp"

namespace portolan::solver::matrix {
namespace {

using namespace portolan::test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();

Parameter number_parameter(const std::string& name, std::uint64_t init, std::uint64_t max) {
  Parameter made = parameter(name, u64(init));
  made.allowed = ValueSet(ValueType::integer);
  made.allowed->add(Range{0, max});
  return made;
}

std::string power(const std::string& name, int exponent) {
  std::string text = name;
  for (int i = 1; i < exponent; ++i) text += "*" + name;
  return text;
}

MatrixOptions strict(std::uint32_t milliseconds_max) {
  MatrixOptions options;
  options.scheme = Scheme::rfc_v3_strict;
  options.z3_milliseconds_max = milliseconds_max;
  return options;
}

/// n to the 31st power, which Z3 expands without a look at the time.
Catalogue long_product(std::uint64_t max) {
  return catalogue({implementation("p", {number_parameter("n", 2, max)}, {power("n", 31) + " > 3"}),
                    implementation("q", {number_parameter("n", 2, max)})});
}

/// Fermat for cubes: true for all values, and for Z3 an endless search.
Catalogue cubes() {
  std::vector<Parameter> parameters;
  for (const char* name : {"x", "y", "z"}) parameters.push_back(number_parameter(name, 1, greatest));
  return catalogue(
      {implementation("p", parameters),
       implementation("q", parameters, {"x * x * x + y * y * y != z * z * z || x == 0 || y == 0"})});
}

/// Sums of 0 and 1 with many weights that must all be half of the whole; linear, and hard.
Implementation hard_sums() {
  std::mt19937_64 random(1);
  std::vector<Parameter> parameters;
  for (int i = 0; i < 30; ++i) parameters.push_back(number_parameter("p" + std::to_string(i), 0, 1));
  std::vector<std::string> constraints;
  for (int row = 0; row < 3; ++row) {
    std::string text;
    std::uint64_t sum = 0;
    for (const Parameter& one : parameters) {
      const std::uint64_t weight = random() % 100;
      sum += weight;
      text += (text.empty() ? "" : " + ") + std::to_string(weight) + " * " + one.name;
    }
    constraints.push_back(text + " == " + std::to_string(sum / 2));
  }
  return implementation("hard", parameters, constraints);
}

TEST(Z3Limits, ALongProductOverFewValuesIsDecidedByEnumeration) {
  const Catalogue pair = long_product(1000);
  const Matrix matrix(pair, strict(1));
  ASSERT_EQ(matrix.pairs().size(), 2u);
  EXPECT_EQ(name_of(matrix.pairs()[0].relation), "all");   // n > 1, and q takes it
  EXPECT_EQ(name_of(matrix.pairs()[1].relation), "some");  // 0 and 1 to any power are not above 3
  EXPECT_EQ(matrix.witness(matrix.pairs()[1]), (Configuration{{"n", u64(0)}}));
}

TEST(Z3Limits, ProductsThatZ3DoesNotComeToTheEndOfAreUndeterminedInTime) {
  for (const Catalogue& pair : {long_product(greatest), cubes()}) {
    const auto begin = Clock::now();
    const Matrix matrix(pair, strict(60));
    EXPECT_LT(Clock::now() - begin, 5s);
    std::size_t undetermined = 0;
    for (const Pair& one : matrix.pairs()) {
      if (one.relation != RelationKind::undetermined) continue;
      ++undetermined;
      EXPECT_TRUE(matrix.reason(one).starts_with("Z3 gave up (limit ")) << matrix.reason(one);
      EXPECT_EQ(matrix.witness(one), std::nullopt);
    }
    EXPECT_GT(undetermined, 0u);
  }
}

TEST(Z3Limits, AWitnessIsLookedForInTimeToo) {
  const Catalogue pair = long_product(greatest);
  const Coupling coupling =
      whole_pair(Scheme::rfc_v3_strict, end_of(pair.implementations[0]), end_of(pair.implementations[1]));
  const auto begin = Clock::now();
  const CouplingWitness witness = Z3Couplings(100).witness(coupling);
  EXPECT_LT(Clock::now() - begin, 5s);
  EXPECT_FALSE(witness.any);
  EXPECT_EQ(witness.reason, "Z3 gave up (limit 100 ms for each query): products of parameters");
}

TEST(Z3Limits, AfterOneThatHungTheNextHasLessTime) {
  const Catalogue pair = long_product(greatest);
  const Coupling coupling =
      whole_pair(Scheme::rfc_v3_strict, end_of(pair.implementations[1]), end_of(pair.implementations[0]));
  Z3Couplings engine(80);
  for (const int limit : {80, 40, 20, 10, 10}) {
    const CouplingAnswer answer = engine.decide(coupling);
    EXPECT_FALSE(answer.known);
    EXPECT_EQ(answer.reason,
              "Z3 gave up (limit " + std::to_string(limit) + " ms for each query): products of parameters");
  }
}

TEST(Z3LimitsSlow, ALinearQueryEndsInTime) {
  const Implementation hard = hard_sums(), free = implementation("free", {});
  const auto begin = Clock::now();
  const CouplingAnswer answer =
      Z3Couplings(100).decide(whole_pair(Scheme::rfc_v3, end_of(hard), end_of(free)));
  EXPECT_LT(Clock::now() - begin, 30s);  // many times the limit: other jobs may have the processor
  EXPECT_TRUE(answer.known || answer.reason.starts_with("Z3 gave up (limit 100 ms for each query): "))
      << answer.reason;
}

int forks = 0;

TEST(Z3ProcessesSlow, AreMadeForProductsOfParametersOnly) {
  pthread_atfork([] { ++forks; }, nullptr, nullptr);
  const std::vector<Parameter> parameters{
      number_parameter("a", 2, 5), number_parameter("b", 3, 5),
      parameter("s", std::string("x"), std::nullopt, {{std::string("x"), std::string("\0\xff", 2)}})};
  struct Case {
    const char* constraint;
    int forks;
  };
  for (const Case& one : {Case{"2 * 3 * a + b * 4 - (1 + 1) * a < 20", 0}, Case{"a + b < 7 || s == \"x\"", 0},
                          Case{"a * b < 13 || s == \"x\"", 2}, Case{"(if a < 3 then 1 else 2) * b < 4", 2}}) {
    const Implementation source = implementation("p", parameters),
                         destination = implementation("q", parameters, {one.constraint});
    const Coupling coupling = whole_pair(Scheme::rfc_v3_strict, end_of(source), end_of(destination));
    Z3Couplings engine(5000);
    forks = 0;
    const CouplingAnswer answer = engine.decide(coupling);
    const CouplingWitness witness = engine.witness(coupling);
    EXPECT_EQ(forks, one.forks) << one.constraint;
    // And the answer of the other process is the right one.
    ASSERT_TRUE(answer.known) << answer.reason;
    EXPECT_TRUE(answer.agrees_with(enumerate(coupling))) << one.constraint;
    const CouplingWitness expected = enumerate_witness(coupling);
    EXPECT_TRUE(witness.any == expected.any) << one.constraint;
    EXPECT_TRUE(witness.rejected == expected.rejected) << one.constraint;
  }
}

TEST(Z3ProcessesSlow, IntegersBeyond64BitsMeanTheSameInEveryProcedure) {
  // Nothing wraps around: n * n of 2^32 is 2^64, not 0, and the 31st power of 2^64-1 is larger than any of
  // them.
  const std::uint64_t edge = 1ull << 32;
  for (const std::string& constraint :
       {std::string("n * n != 0 || n == 0"), std::string("n * n > 18446744073709551615 || n < 4294967296"),
        std::string("n * n * n - n * n >= 0"), std::string("m - n < 0 || m >= n"),
        power("n", 31) + " >= n"}) {
    const std::vector<Parameter> parameters{
        parameter("m", u64(0), std::nullopt, {{u64(0), u64(greatest)}}),
        parameter("n", u64(2), std::nullopt,
                  {{u64(0), u64(1), u64(edge - 1), u64(edge), u64(1ull << 63), u64(greatest)}})};
    const Implementation source = implementation("p", parameters),
                         destination = implementation("q", parameters, {constraint});
    const Coupling coupling = whole_pair(Scheme::rfc_v3_strict, end_of(source), end_of(destination));
    const CouplingAnswer enumerated = enumerate(coupling);
    EXPECT_FALSE(enumerated.rejected) << constraint;
    EXPECT_TRUE(enumerated.accepted) << constraint;
    const CouplingAnswer by_z3 = Z3Couplings(80).decide(coupling);
    EXPECT_TRUE(by_z3.agrees_with(enumerated)) << constraint;
  }
}

TEST(Z3Processes, SigintEndsTheProgramInTheMiddleOfAQuery) {
  const Implementation hard = hard_sums(), free = implementation("free", {});
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGINT, SIG_DFL);
    Z3Couplings(20'000).decide(whole_pair(Scheme::rfc_v3, end_of(hard), end_of(free)));
    _exit(0);  // here Z3 has taken the signal, or was faster
  }
  usleep(200'000);
  kill(child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

}  // namespace
}  // namespace portolan::solver::matrix
