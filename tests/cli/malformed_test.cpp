// SPDX-License-Identifier: Apache-2.0
//
// Input that is wrong in each of the ways of R1a, and worse, through the real binary: exit status 2, nothing
// on standard output, a message with the file on standard error, for semantic faults with line and column.

#include <fstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/transcript.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary.hpp"

namespace {

using namespace portolan;
using testing::ContainsRegex;
using testing::HasSubstr;

std::string with_parameter(const std::string& members) {
  return "{\"models\": {\"a.com/x\": {\"params\": {\n\"p\": {" + members + "}\n}}}}\n";
}

struct Malformed {
  std::string name;
  std::string text;
  bool placed = true;  ///< the message has line and column
};

const std::vector<Malformed>& malformed_files() {
  static const std::vector<Malformed> all = {
      {"truncated", R"({"models": {"a.com/x": {"params": {"p": {"type": "int", "init_v)"},
      {"models_is_a_list", R"({"models": []})"},
      {"params_is_a_number", R"({"models": {"a.com/x": {"params": 1}}})"},
      {"init_value_of_another_type", with_parameter(R"("type": "int", "init_value": "4")")},
      {"bool_as_text", with_parameter(R"("type": "bool", "init_value": "true")")},
      {"unknown_type", with_parameter(R"("type": "float", "init_value": 1)")},
      {"missing_type", with_parameter(R"("init_value": 1)")},
      {"missing_init_value", with_parameter(R"("type": "int", "off_value": 1)")},
      {"negative", with_parameter(R"("type": "int", "init_value": -1)")},
      {"decimal", with_parameter(R"("type": "int", "init_value": 1.0)")},
      {"exponent", with_parameter(R"("type": "int", "init_value": 1e3)")},
      {"above_64_bits", with_parameter(R"("type": "int", "init_value": 18446744073709551616)")},
      {"min_above_max", with_parameter(R"("type": "int", "init_value": 1, "allowed_values": ["9-3"])")},
      {"range_without_digits",
       with_parameter(R"("type": "int", "init_value": 1, "allowed_values": ["a-b"])")},
      {"range_above_64_bits",
       with_parameter(R"("type": "int", "init_value": 1, "allowed_values": ["0-18446744073709551616"])")},
      {"duplicate_key", with_parameter(R"("type": "int", "init_value": 1, "init_value": 2)")},
      {"duplicate_parameter",
       "{\"models\": {\"a.com/x\": {\"params\": {\"p\": {\"type\": \"int\", \"init_value\": 1}, \"p\": "
       "{\"type\": \"int\", \"init_value\": 1}}}}}"},
      {"name_with_equals",
       "{\"models\": {\"a.com/x\": {\"params\": {\"a=b\": {\"type\": \"int\", \"init_value\": 1}}}}}"},
      {"value_with_newline", with_parameter(R"("type": "str", "init_value": "a\nb")")},
      {"invalid_utf8", with_parameter("\"type\": \"str\", \"init_value\": \"\xff\xfe\"")},
      {"single_quotes", "{'models': {}}"},
      {"trailing_text", R"({"models": {}} and more)"},
      {"comment", "{\"models\": {}} // strict JSON has none"},
      {"no_models", "{}"},
      {"a_list", "[]"},
      {"null", "null"},
      {"empty", "", false},
      {"spaces", " \n \n", false},
      {"zero_bytes", std::string(100, '\0'), false},
      {"deep", std::string(100'000, '['), false},
      {"unknown_format", R"({"format": "portolan.catalogue/999", "implementations": []})"},
      {"catalogue_entry_without_name",
       R"({"format": "portolan.catalogue/1", "implementations": [{"version": "1"}]})"},
      {"catalogue_with_a_missing_file",
       R"({"format": "portolan.catalogue/1", "implementations": [{"name": "a", "version": "1", )"
       R"("types": [{"name": "t", "migration_info": "nowhere.json"}]}]})",
       false},
  };
  return all;
}

void expect_refused(const test::Ended& ended, const std::string& file, bool placed) {
  EXPECT_EQ(ended.status, 2) << ended.err;
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.err, HasSubstr(file));
  EXPECT_THAT(ended.err, testing::Not(HasSubstr("internal error")));
  EXPECT_LT(ended.err.size(), 4000u) << "a message for a person, not a dump";
  if (placed) {
    EXPECT_THAT(ended.err, ContainsRegex(file + ":[1-9][0-9]*:[1-9]"));
  }
}

class MalformedFile : public testing::TestWithParam<std::size_t> {};

TEST_P(MalformedFile, IsRefusedByEveryCommand) {
  const auto& [name, text, placed] = malformed_files()[GetParam()];
  test::TemporaryFolder folder;
  const std::string file = name + ".json";
  const std::string path = (folder / file).string();
  std::ofstream(path, std::ios::binary) << text;
  for (const std::vector<std::string>& command : {std::vector<std::string>{"check", path},
                                                  {"matrix", path, "--json"},
                                                  {"compat", "--from", path, "--to", path}}) {
    SCOPED_TRACE(command.front());
    expect_refused(test::run_here(command), file, placed);
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, MalformedFile, testing::Range(std::size_t{0}, malformed_files().size()),
                         [](const auto& parameter) { return malformed_files()[parameter.param].name; });

TEST(UnreadableFile, IsRefusedWhenItDoesNotExist) {
  expect_refused(test::run_program(PORTOLAN_BINARY, {"check", "/nonexistent/file.json"}), "file.json", false);
}

TEST(UnreadableFile, IsRefusedWhenItIsAFolder) {
  test::TemporaryFolder folder;
  expect_refused(test::run_program(PORTOLAN_BINARY, {"compat", "--from", folder.path().string(), "--to",
                                                     folder.path().string()}),
                 folder.path().filename().string(), false);
}

TEST(UnreadableFile, IsRefusedWhenAFolderHoldsNoFiles) {
  test::TemporaryFolder folder;
  expect_refused(test::run_program(PORTOLAN_BINARY, {"check", folder.path().string()}),
                 folder.path().filename().string(), false);
}

TEST(UnreadableFile, IsRefusedWithoutPermission) {
  test::TemporaryFolder folder;
  const auto path = folder / "secret.json";
  std::ofstream(path) << R"({"models": {}})";
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  std::filesystem::permissions(path, std::filesystem::perms::none);
  // The program is copied to where an unprivileged user can surely run it.
  const auto program = folder / "portolan";
  std::filesystem::copy_file(PORTOLAN_BINARY, program);
  std::filesystem::permissions(program,
                               std::filesystem::perms::others_exec | std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  expect_refused(test::run_program(program, {"check", path.string()}, {.unprivileged = true}), "secret.json",
                 false);
}

TEST(UnreadableFileSlow, IsRefusedWhenItIsAHundredMegabytesOfBrackets) {
  test::TemporaryFolder folder;
  const auto path = folder / "brackets.json";
  {
    std::ofstream out(path, std::ios::binary);
    const std::string block(1 << 20, '[');
    for (int k = 0; k < 100; ++k) out << block;
  }
  expect_refused(test::run_program(PORTOLAN_BINARY, {"check", path.string()}), "brackets.json", false);
}

TEST(MalformedLine, IsRefusedWithTheCommandToAsk) {
  for (const std::vector<std::string>& line : {std::vector<std::string>{},
                                               {"nonsense"},
                                               {"compat"},
                                               {"compat", "--from"},
                                               {"matrix"},
                                               {"check"},
                                               {"fsm"},
                                               {"db"},
                                               {"matrix", "x.json", "--scheme", "nonsense"},
                                               {"check", "x.json", "--json", "--format", "text"},
                                               {"db", "show", "one"}}) {
    SCOPED_TRACE(testing::PrintToString(line));
    const auto ended = test::run_here(line);
    EXPECT_EQ(ended.status, 2);
    EXPECT_EQ(ended.out, "");
    EXPECT_THAT(ended.err, HasSubstr("--help"));
  }
}

TEST(Output, LeavesQuietlyWhenTheReaderIsGone) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  const auto ended = test::run_program(PORTOLAN_BINARY, {"--help"}, {.standard_output = ends[1]});
  close(ends[1]);
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.err, "");
}

TEST(Output, SaysWhenItCannotBeWritten) {
  const int full = open("/dev/full", O_WRONLY);
  const auto ended = test::run_program(PORTOLAN_BINARY, {"--help"}, {.standard_output = full});
  close(full);
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("standard output"));
}

}  // namespace
