// SPDX-License-Identifier: Apache-2.0
//
// The program with little of what it usually has: stack (`ulimit -s`) and memory (`ulimit -v`).
#include <fstream>

#include <gmock/gmock.h>

#include "tests/support/process.hpp"
#include "tests/support/temporary.hpp"

namespace portolan::test {
namespace {

const std::string gfx = PORTOLAN_SOURCE_DIR "/scenarios/gfx/catalogue.yaml";

/// The program's end under a limit of the shell's.
Ended limited(const std::string& limit, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"-c", "ulimit " + limit + " && exec \"$0\" \"$@\"", PORTOLAN_BINARY});
  return run_program("/bin/sh", arguments);
}

TEST(ALittleStack, ChangesNothing) {
  const TemporaryFolder folder;
  const std::string file = folder / "deep.yaml";
  const std::string deep = std::string(250, '(') + "q > 1" + std::string(250, ')');
  std::ofstream(file)
      << "format: portolan.catalogue/1\n"
         "implementations:\n"
         "  - name: deep\n"
         "    version: '1'\n"
         "    kind: mdev\n"
         "    migration_info:\n"
         "      models: {a.example/x: {params: {q: {type: int, init_value: 2, allowed_values: "
         "[1, 2]}}}}\n"
         "    models: {a.example/x: {constraints: ['"
      << deep << "']}}\n";
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"check", file, "--solver", "z3"},
        std::vector<std::string>{"check", gfx, "--solver", "both"},
        std::vector<std::string>{"matrix", gfx}}) {
    const Ended usual = run_program(PORTOLAN_BINARY, arguments), little = limited("-s 256", arguments);
    EXPECT_EQ(little.status, usual.status) << arguments[0] << " " << little.err;
    EXPECT_EQ(little.out, usual.out);
    EXPECT_LE(usual.status, 1) << usual.err;
  }
}

TEST(LittleMemory, EndsWithAStatusAndALine) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer takes more addresses than that";
#endif
  for (const char* limit : {"-v 200000", "-v 260000", "-v 400000"}) {
    const Ended ended = limited(limit, {"check", gfx, "--solver", "z3"});
    if (ended.status == 127) continue;  // not even its libraries could be loaded
    EXPECT_THAT(ended.status, testing::AnyOf(0, 1, 2, 3)) << limit << ": " << ended.err;
    if (ended.status > 1) {
      EXPECT_NE(ended.err + ended.out, "") << limit;
    }
  }
}

}  // namespace
}  // namespace portolan::test
