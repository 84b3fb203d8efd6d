// SPDX-License-Identifier: Apache-2.0

#include "model/files/document.hpp"

#include <chrono>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/temporary.hpp"

namespace portolan::files {
namespace {

using testing::HasSubstr;

Node parsed(const std::string& text, Syntax syntax) {
  Result<Document> document = parse_document(text, "x", syntax);
  EXPECT_TRUE(document.has_value()) << (document ? "" : to_string(document.error()));
  return document ? std::move(document->root) : Node{};
}

std::string fault_of(const std::string& text, Syntax syntax) {
  const Result<Document> document = parse_document(text, "x", syntax);
  if (document) return "no fault";
  EXPECT_EQ(document.error().size(), 1u) << "the first syntax fault only";
  return to_string(document.error().front());
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

// ---- positions

TEST(JsonPositions, AreThoseOfTheFirstCharacterOfKeysAndValues) {
  const Node root = parsed("{\n  \"a\" : [1,\t\"x\" , true,\r\n null ],\"b\":{ } }", Syntax::json);
  EXPECT_EQ(root.mark, (Mark{1, 1}));
  ASSERT_EQ(root.members.size(), 2u);
  EXPECT_EQ(root.members[0].key_mark, (Mark{2, 3}));
  const Node& array = root.members[0].value;
  EXPECT_EQ(array.mark, (Mark{2, 9}));
  EXPECT_EQ(array.items[0].mark, (Mark{2, 10}));
  EXPECT_EQ(array.items[1].mark, (Mark{2, 13}));
  EXPECT_EQ(array.items[1].text_mark(), (Mark{2, 14})) << "behind the quote";
  EXPECT_EQ(array.items[2].mark, (Mark{2, 19}));
  EXPECT_EQ(array.items[3].mark, (Mark{3, 2}));
  EXPECT_EQ(root.members[1].key_mark, (Mark{3, 9}));
  EXPECT_EQ(root.members[1].value.mark, (Mark{3, 13}));
}

TEST(JsonPositions, CountBytesAndSurviveEscapesInStrings) {
  const Node root = parsed("[\"\\u00e9\\n\\\"]\", \"é\", 7]", Syntax::json);
  EXPECT_EQ(root.items[0].text, "é\n\"]");
  EXPECT_EQ(root.items[1].mark, (Mark{1, 17}));
  EXPECT_EQ(root.items[2].mark, (Mark{1, 23})) << "é is two bytes";
}

TEST(YamlPositions, AreThoseOfTheFirstCharacterOfKeysAndValues) {
  const Node root = parsed("# c\na: 1\nb:\n  - x\n  - \"y\"\n  - {k: 'v'}\nc:\nd: |\n  t\n", Syntax::yaml);
  ASSERT_EQ(root.members.size(), 4u);
  EXPECT_EQ(root.members[0].key_mark, (Mark{2, 1}));
  EXPECT_EQ(root.members[0].value.mark, (Mark{2, 4}));
  const Node& items = root.members[1].value;
  EXPECT_EQ(items.items[0].mark, (Mark{4, 5}));
  EXPECT_EQ(items.items[0].text_mark(), (Mark{4, 5}));
  EXPECT_EQ(items.items[1].mark, (Mark{5, 5}));
  EXPECT_EQ(items.items[1].text_mark(), (Mark{5, 6})) << "behind the quote";
  EXPECT_EQ(items.items[2].members[0].key_mark, (Mark{6, 6}));
  EXPECT_EQ(items.items[2].members[0].value.text_mark(), (Mark{6, 10}));
  EXPECT_EQ(root.members[2].value.mark, (Mark{7, 1})) << "an empty value is at its key";
  EXPECT_EQ(root.members[3].value.text_mark(), root.members[3].value.mark) << "a block scalar has no quote";
}

// ---- values

TEST(Json, KeepsNumbersAsTheyAreWritten) {
  const Node root =
      parsed("[0, -0, 1.0, 1e3, 18446744073709551615, 18446744073709551616, -12.5E-7]", Syntax::json);
  std::vector<std::string> texts;
  for (const Node& item : root.items) {
    EXPECT_EQ(item.kind, Kind::number);
    texts.push_back(item.text);
  }
  EXPECT_THAT(texts, testing::ElementsAre("0", "-0", "1.0", "1e3", "18446744073709551615",
                                          "18446744073709551616", "-12.5E-7"));
}

TEST(Json, KeepsDuplicateKeysAndNulCharactersFromEscapes) {
  const Node root = parsed(R"({"a": 1, "a": 2, "b\u0000c": "\u0000"})", Syntax::json);
  ASSERT_EQ(root.members.size(), 3u);
  EXPECT_EQ(root.find("a")->text, "1") << "the first";
  EXPECT_EQ(root.members[1].value.text, "2");
  EXPECT_EQ(root.members[2].key, std::string("b\0c", 3));
  EXPECT_EQ(root.members[2].value.text, std::string(1, '\0'));
}

TEST(Json, ReadsASingleValueToo) {
  EXPECT_EQ(parsed("7", Syntax::json).text, "7");
  EXPECT_EQ(parsed(" \"x\" ", Syntax::json).text, "x");
  EXPECT_EQ(parsed("false\n", Syntax::json).kind, Kind::boolean);
}

TEST(Yaml, TellsPlainScalarsApartByTheCoreSchemaAndTakesQuotedOnesForStrings) {
  const auto kind = [](const std::string& text) {
    return parsed("- " + text + "\n", Syntax::yaml).items.at(0).kind;
  };
  for (const char* text : {"true", "True", "TRUE", "false", "False", "FALSE"})
    EXPECT_EQ(kind(text), Kind::boolean) << text;
  for (const char* text : {"", "~", "null", "Null", "NULL"}) EXPECT_EQ(kind(text), Kind::null) << text;
  for (const char* text : {"0", "7", "-1", "+1", "1.0", ".5", "1.", "1e3", "-1.5E+3", "012", "0x1F", "0o17",
                           "1_000", ".inf", "-.Inf", ".nan", "18446744073709551616"})
    EXPECT_EQ(kind(text), Kind::number) << text;
  for (const char* text :
       {"yes", "no", "on", "off", "y",  "tRUE", "nULL", "1.2.3",    "1-2", "0-255", "2021-01-01", "0x",
        "0xg", "e3", "1e", ".",   "-a", "+",    "1 2",  "\"true\"", "'7'", "\"\"",  "'~'"})
    EXPECT_EQ(kind(text), Kind::string) << text;
}

TEST(Yaml, KeepsNumbersAsTheyAreWrittenAndKeysAsText) {
  const Node root = parsed("1: 2.10\ntrue: 0x10\n\"~\": 1_000\n1: again\n", Syntax::yaml);
  ASSERT_EQ(root.members.size(), 4u);
  EXPECT_EQ(root.members[0].key, "1");
  EXPECT_EQ(root.members[0].value.text, "2.10");
  EXPECT_EQ(root.members[1].key, "true");
  EXPECT_EQ(root.members[1].value.text, "0x10");
  EXPECT_EQ(root.members[2].key, "~");
  EXPECT_EQ(root.members[3].key, "1") << "duplicates are kept";
}

TEST(Yaml, BracketsInTextDoNotCountAsNesting) {
  const std::string many(1000, '[');
  const std::string text = "a: \"" + many + "\"\nb: '" + many + "'\nc: x" + many + "\nd: |\n  " + many +
                           "\ne: >-\n    " + many + "\n# " + many + "\nf: [ \"" + many + "\", '" + many +
                           "' ]  # " + many + "\ng:\n  - |\n    " + many + "\n  - x" + many + "\nh: 1\n";
  const Node root = parsed(text, Syntax::yaml);
  ASSERT_EQ(root.members.size(), 8u);
  EXPECT_EQ(root.find("f")->items.size(), 2u);
  EXPECT_EQ(root.find("h")->text, "1");
}

TEST(Yaml, ReadsEveryJsonDocumentAsJsonDoes) {
  const std::string text =
      R"({"a": [1, "x", true, null, {"b": {}}], "c": "\u00e9\"\\", "d": [], "e": "[{'"})";
  const std::function<void(const Node&, const Node&)> expect_equal = [&](const Node& a, const Node& b) {
    EXPECT_EQ(a.kind, b.kind);
    EXPECT_EQ(a.text, b.text);
    EXPECT_EQ(a.boolean, b.boolean);
    EXPECT_EQ(a.mark, b.mark);
    ASSERT_EQ(a.items.size(), b.items.size());
    ASSERT_EQ(a.members.size(), b.members.size());
    for (std::size_t k = 0; k < a.items.size(); ++k) expect_equal(a.items[k], b.items[k]);
    for (std::size_t k = 0; k < a.members.size(); ++k) {
      EXPECT_EQ(a.members[k].key, b.members[k].key);
      EXPECT_EQ(a.members[k].key_mark, b.members[k].key_mark);
      expect_equal(a.members[k].value, b.members[k].value);
    }
  };
  expect_equal(parsed(text, Syntax::json), parsed(text, Syntax::yaml));
}

// ---- limits

TEST(DocumentLimits, Are256LevelsInBothSyntaxes) {
  for (const Syntax syntax : {Syntax::json, Syntax::yaml}) {
    const auto arrays = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    const auto objects = [](std::size_t depth) {
      std::string text;
      for (std::size_t k = 0; k < depth; ++k) text += "{\"a\":";
      return text + "1" + std::string(depth, '}');
    };
    for (const auto& nested : {std::function<std::string(std::size_t)>(arrays),
                               std::function<std::string(std::size_t)>(objects)}) {
      EXPECT_EQ(fault_of(nested(255), syntax), "no fault");
      EXPECT_EQ(fault_of(nested(256), syntax), "no fault");
      EXPECT_THAT(fault_of(nested(257), syntax), HasSubstr("nested too deeply, expected at most 256 levels"));
    }
  }
  EXPECT_THAT(fault_of(
                  [] {
                    std::string text = "a: 1\nb:\n  ";
                    for (int k = 0; k < 300; ++k) text += "- ";
                    return text + "x\n";
                  }(),
                  Syntax::yaml),
              HasSubstr("nested too deeply"));
}

/// Most of the memory that the process has had, in bytes.
std::int64_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

TEST(DocumentLimitsSlow, RefuseAHundredMegabytesOfBracketsQuicklyAndInBoundedMemory) {
  for (const Syntax syntax : {Syntax::json, Syntax::yaml}) {
    for (const std::string& unit : {std::string("["), std::string("{\"a\":"), std::string("[\n")}) {
      std::string text = unit;
      text.reserve(100'000'000);
      while (text.size() < 50'000'000) text += text;
      text.append(text, 0, (100'000'000 - text.size()) / unit.size() * unit.size());
      const auto before_bytes = peak_memory();
      const auto before = std::chrono::steady_clock::now();
      EXPECT_THAT(fault_of(text, syntax), HasSubstr("nested too deeply"));
      EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(20));
      EXPECT_LT(peak_memory() - before_bytes, 64 << 20);
    }
  }
}

TEST(DocumentLimitsSlow, RefuseMoreValuesThanTheMemoryShouldHold) {
  std::string text = "[0";
  while (text.size() < 2 * max_values + 10) text += ",0";
  text += ']';
  EXPECT_THAT(fault_of(text, Syntax::yaml), HasSubstr("too many values"));
}

// ---- files

TEST(ReadingAFile, GivesItsBytes) {
  const test::TemporaryFolder folder;
  const std::string bytes("a\0b\r\n\xff", 6);
  write(folder / "x", bytes);
  EXPECT_EQ(read_text(folder / "x").value(), bytes);
  write(folder / "empty", "");
  EXPECT_EQ(read_text(folder / "empty").value(), "");
}

TEST(ReadingAFile, SaysWhyItCannot) {
  const test::TemporaryFolder folder;
  const auto said = [](const std::filesystem::path& file) {
    const auto text = read_text(file);
    EXPECT_FALSE(text.has_value());
    return text ? ""
                : std::string(name_of(text.error().front().code)) + ' ' + to_string(text.error().front());
  };
  const std::string nowhere = folder / "nowhere";
  EXPECT_EQ(said(nowhere), "unreadable " + nowhere + ": no such file; check the path");
  EXPECT_EQ(said(folder.path()), "unreadable " + folder.path().string() + ": is a folder, expected a file");
  EXPECT_EQ(said("/dev/null"), "unreadable /dev/null: is a device or a socket, expected a file");
  write(folder / "file", "x");
  EXPECT_THAT(said(folder / "file/below"), HasSubstr("cannot be opened: Not a directory"));
  EXPECT_THAT(said(""), HasSubstr("no such file"));
}

TEST(ReadingAFile, SaysThatThePermissionIsMissing) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder / "secret.json";
  write(file, "{}");
  std::filesystem::permissions(file, std::filesystem::perms::none);
  // Root may read everything, so a child process that is nobody tries; it may not enter the folder otherwise.
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  const pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && setuid(65534) != 0) _exit(2);
    const auto text = read_text(file);
    _exit(!text && to_string(text.error().front())
                       .ends_with(
                           "secret.json: no permission to read it; change its mode or run as a user who may")
              ? 0
              : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(ReadingAFile, RefusesMoreThan256MiBBeforeItReads) {
  const test::TemporaryFolder folder;
  write(folder / "x.json", "");
  std::filesystem::resize_file(folder / "x.json", max_bytes + 1);  // sparse: takes no space
  const auto text = read_text(folder / "x.json");
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().front().code, FaultCode::limit);
  EXPECT_THAT(to_string(text.error()), HasSubstr("too large, expected at most 256 MiB"));
}

TEST(ReadingAFile, TakesAPipeToo) {
  const test::TemporaryFolder folder;
  const std::filesystem::path pipe = folder / "pipe.json";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string text = "[" + std::string(200'000, ' ') + "1]";
  std::thread writer([&] { write(pipe, text); });
  const auto document = read_document(pipe);
  writer.join();
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->root.items.at(0).mark, (Mark{1, 200'002}));
}

TEST(ReadingAFile, WaitsForAPipesWriterWhoeverComesFirstAndHoweverSlowItIs) {
  const test::TemporaryFolder folder;
  const std::filesystem::path pipe = folder / "pipe.json";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  using std::chrono::milliseconds;
  std::thread writer([&] {
    std::this_thread::sleep_for(milliseconds(300));
    std::ofstream out(pipe);
    std::this_thread::sleep_for(milliseconds(300));
    out << "[1," << std::flush;
    std::this_thread::sleep_for(milliseconds(300));
    out << "2]";
  });
  const auto text = read_text(pipe);
  writer.join();
  EXPECT_EQ(text.value_or("refused"), "[1,2]");
}

TEST(ReadingAFile, DoesNotWaitForAPipeThatNobodyWritesTo) {
  const test::TemporaryFolder folder;
  const std::filesystem::path pipe = folder / "pipe.json";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const auto text = read_text(pipe);
  ASSERT_FALSE(text);
  EXPECT_THAT(to_string(text.error()),
              HasSubstr("is a FIFO that nobody writes to, expected a file, or a FIFO"));
}

TEST(ReadingAFile, ChoosesTheSyntaxByTheName) {
  const test::TemporaryFolder folder;
  for (const char* name : {"x.yaml", "x.yml"}) {
    write(folder / name, "a: 1\n");
    const auto document = read_document(folder / name);
    ASSERT_TRUE(document.has_value());
    EXPECT_EQ(document->syntax, Syntax::yaml);
  }
  for (const char* name : {"x.json", "x", "x.txt"}) {
    write(folder / name, "a: 1\n");
    EXPECT_FALSE(read_document(folder / name).has_value()) << name << " is strict JSON";
  }
}

// ---- the collector of faults

TEST(Reader, NamesBothPlacesOfADuplicate) {
  const std::string file = "x";
  Faults faults;
  Reader reader(file, faults);
  EXPECT_TRUE(reader.no_duplicate_keys(parsed(R"({"a": 1, "b": 2})", Syntax::json), {}));
  EXPECT_FALSE(
      reader.no_duplicate_keys(parsed("{\"a\": 1,\n \"b\": 2, \"a\": 3, \"a\": 4}", Syntax::json), "p"));
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(to_string(faults[0]), "x:2:10: p.a: \"a\" stands twice (first at 1:2); keep one of them");
  EXPECT_EQ(to_string(faults[1]), "x:2:18: p.a: \"a\" stands twice (first at 1:2); keep one of them");
}

TEST(Reader, StopsCountingFaultsAtSomePoint) {
  const std::string file = "x";
  Faults faults;
  Reader reader(file, faults);
  const Node node = parsed("1", Syntax::json);
  for (std::size_t k = 0; k < max_faults + 100; ++k) EXPECT_FALSE(reader.expect(node, Kind::string, "p"));
  EXPECT_EQ(faults.size(), max_faults + 1);
  EXPECT_EQ(faults.back().code, FaultCode::limit);
}

// ---- random text

/// What our own tree says, as JSON, to compare with another parser.
std::string again(const Node& node) {
  const auto text = [](const std::string& one) { return nlohmann::json(one).dump(); };
  std::string out;
  switch (node.kind) {
    case Kind::null: return "null";
    case Kind::boolean: return node.boolean ? "true" : "false";
    case Kind::number: return node.text;
    case Kind::string: return text(node.text);
    case Kind::array:
      for (const Node& item : node.items) out += (out.empty() ? "" : ",") + again(item);
      return '[' + out + ']';
    case Kind::object:
      for (const Member& member : node.members)
        out += (out.empty() ? "" : ",") + text(member.key) + ':' + again(member.value);
      return '{' + out + '}';
  }
  return out;
}

/// Text over the characters that matter to both syntaxes: mostly wrong, sometimes right.
rc::Gen<std::string> noise() {
  return rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("{}[]:,\"'\\ \n\t-#|>&*!%@`?0123.eE+truefalsnu/x\xc3\xa9\xff\x01")));
}

RC_GTEST_PROP(JsonProperty, AcceptsWhatAnotherParserAcceptsAndReadsTheSame, ()) {
  const std::string text = *noise();
  const auto ours = parse_document(text, "x", Syntax::json);
  const auto theirs = nlohmann::json::parse(text, nullptr, false);
  RC_ASSERT(ours.has_value() == !theirs.is_discarded());
  if (ours) RC_ASSERT(nlohmann::json::parse(again(ours->root)) == theirs);
}

RC_GTEST_PROP(JsonProperty, ReadsBackWhatAnotherWriterWrites,
              (const std::map<std::string, std::vector<std::uint64_t>>& numbers)) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [key, values] : numbers) json[key] = values;
  const std::string text =
      json.dump(*rc::gen::inRange(-1, 4), ' ', false, nlohmann::json::error_handler_t::replace);
  const auto ours = parse_document(text, "x", Syntax::json);
  RC_ASSERT(ours.has_value());
  RC_ASSERT(nlohmann::json::parse(again(ours->root)) == nlohmann::json::parse(text));
}

RC_GTEST_PROP(YamlProperty, EndsInATreeOrOneFaultWithAPlaceWhateverTheText, ()) {
  const std::string text = *noise();
  const auto document = parse_document(text, "x", Syntax::yaml);
  if (document) return;
  RC_ASSERT(document.error().size() == 1u);
  RC_ASSERT(document.error().front().place.mark.line > 0u);
  RC_ASSERT(document.error().front().place.mark.column > 0u);
}

}  // namespace
}  // namespace portolan::files
