// SPDX-License-Identifier: Apache-2.0
//
// What Z3 is asked, read by another solver: cvc5 agrees on every query that `check --smtlib` and `matrix
// --smtlib` write, for the catalogue of the proofs and for random ones with every member. Skips where cvc5 is
// not installed.

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "solver/matrix/matrix.hpp"
#include "solver/properties/prove.hpp"
#include "tests/support/annotated_catalogues.hpp"
#include "tests/support/process.hpp"
#include "tests/support/small_catalogues.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/thorough.hpp"

namespace {

using namespace portolan;
namespace fs = std::filesystem;

/// The status that is written into a query.
std::string claimed(const fs::path& file) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::string head = "(set-info :status ";
    if (line.rfind(head, 0) == 0) return line.substr(head.size(), line.size() - head.size() - 1);
  }
  return "no status";
}

struct Agreement {
  std::size_t sat = 0, unsat = 0;
};

/// One run of cvc5 for each file: the status in the file is checked by cvc5 itself too, but its answer is
/// what counts here.
void hold(const fs::path& folder, Agreement& agreement) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string expected = claimed(entry.path());
    const test::Ended ended = test::run_program(
        "/usr/bin/env", {"cvc5", "--lang", "smt2", "--tlimit", "10000", entry.path().string()});
    const std::string answer = ended.out.substr(0, ended.out.find('\n'));
    ASSERT_EQ(answer, expected) << entry.path() << "\n" << ended.out << ended.err;
    ++(expected == "sat" ? agreement.sat : agreement.unsat);
  }
}

void write_queries(const compat::Catalogue& catalogue, const fs::path& folder) {
  fs::create_directory(folder);
  solver::properties::PropertyProofOptions options;
  options.smtlib = folder;
  const solver::properties::Proofs proofs = solver::properties::prove(catalogue, options);
  EXPECT_EQ(proofs.disagreements, 0u);
  EXPECT_EQ(proofs.files, static_cast<std::size_t>(
                              std::distance(fs::directory_iterator(folder), fs::directory_iterator())));
}

bool cvc5_is_there() { return std::system("cvc5 --version >/dev/null 2>&1") == 0; }

TEST(Cvc5Slow, AgreesOnEveryQueryOfTheProofs) {
  if (!cvc5_is_there()) GTEST_SKIP() << "cvc5 is not installed (Debian: cvc5)";
  const test::TemporaryFolder folder;
  const auto catalogue = compat::read_catalogue(PORTOLAN_SOURCE_DIR "/scenarios/proofs/nic.yaml");
  ASSERT_TRUE(catalogue.has_value());
  write_queries(*catalogue, folder / "nic");
  Agreement agreement;
  hold(folder / "nic", agreement);
  EXPECT_GT(agreement.sat, 5u);
  EXPECT_GT(agreement.unsat, 5u);
}

TEST(Cvc5Slow, AgreesOnQueriesOfRandomCatalogues) {
  if (!cvc5_is_there()) GTEST_SKIP() << "cvc5 is not installed (Debian: cvc5)";
  const test::TemporaryFolder folder;
  Agreement agreement;
  for (std::uint64_t seed = 1; seed <= test::thorough(3) && !testing::Test::HasFatalFailure(); ++seed) {
    const compat::Catalogue catalogue = test::RandomBehaviours(seed).make(2);
    write_queries(catalogue, folder / std::to_string(seed));
    hold(folder / std::to_string(seed), agreement);
  }
  EXPECT_GT(agreement.sat, 10u);
  EXPECT_GT(agreement.unsat, 10u);
}

/// R13: whether some configuration of a pair is rejected, accepted, undetermined.
TEST(Cvc5Slow, AgreesOnWhatDeclaredAsksOfRandomCatalogues) {
  if (!cvc5_is_there()) GTEST_SKIP() << "cvc5 is not installed (Debian: cvc5)";
  Agreement agreement;
  std::size_t files = 0;
  for (std::uint64_t seed = 1; seed <= test::thorough(5) && !testing::Test::HasFatalFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const test::TemporaryFolder folder;
    const compat::Catalogue catalogue = test::RandomDeclared(seed).make(3);
    solver::matrix::MatrixOptions options;
    options.scheme = compat::Scheme::declared;
    const std::size_t written = solver::matrix::Matrix(catalogue, options).write_queries(folder.path());
    EXPECT_EQ(written, static_cast<std::size_t>(
                           std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator())));
    files += written;
    hold(folder.path(), agreement);
  }
  EXPECT_EQ(agreement.sat + agreement.unsat, files);
  EXPECT_GT(agreement.sat, 30u);
  EXPECT_GT(agreement.unsat, 5u);
}

}  // namespace
