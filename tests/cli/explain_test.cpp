// SPDX-License-Identifier: Apache-2.0
//
// Every word that a table below `model` has is explained, in text and JSON, and leads to a heading that there
// is; what check and compat print leads to a word that stands in it.

#include <algorithm>
#include <cctype>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "cli/report/explanations.hpp"
#include "model/compat/judging/properties_table.hpp"
#include "model/compat/judging/reasons_table.hpp"
#include "tests/cli/transcript.hpp"

namespace {

using namespace portolan;
using testing::HasSubstr;
using testing::Not;

/// The headings of a page as a link names them.
std::set<std::string> headings_of(const std::string& page) {
  std::ifstream in(std::string(PORTOLAN_SOURCE_DIR "/") + page);
  std::set<std::string> headings;
  for (std::string line; std::getline(in, line);) {
    const auto at = line.find_first_not_of('#');
    if (at == 0 || at == std::string::npos || line[at] != ' ') continue;
    std::string anchor = std::regex_replace(line.substr(at + 1), std::regex("§"), "");
    std::replace(anchor.begin(), anchor.end(), ' ', '-');
    std::transform(anchor.begin(), anchor.end(), anchor.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    headings.insert(anchor);
  }
  return headings;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

TEST(Explain, SaysAllOfEveryWordOfTheTables) {
  EXPECT_EQ(cli::explanations().size(), compat::rules_table.size() + compat::reasons_table.size() +
                                            compat::properties_table.size() + compat::remarks_table.size() +
                                            fault_code_table().size());
  const std::set<std::string> rules = headings_of("docs/rules.md"), errors = headings_of("docs/errors.md");
  for (const cli::Explanation& one : cli::explanations()) {
    SCOPED_TRACE(one.name);
    EXPECT_FALSE(one.meaning.empty());
    EXPECT_EQ(one.why.empty(), one.kind == "fault");
    EXPECT_EQ(one.example.empty(), one.kind == "remark");
    EXPECT_FALSE(one.remedies.empty());
    for (const std::string_view text : {one.meaning, one.why, one.example})
      EXPECT_FALSE(text.ends_with('.') || text.find("..") != text.npos) << text;
    for (const cli::ExplainedRemedy& remedy : one.remedies) {
      EXPECT_FALSE(remedy.text.empty() || remedy.text.ends_with('.'));
      EXPECT_THAT(remedy.text, Not(HasSubstr("{")));
    }
    EXPECT_TRUE((one.page == "docs/rules.md" ? rules : errors).contains(lower(one.heading)))
        << one.page << " has no heading " << one.heading;
    const auto asked = test::run_here({"explain", std::string(one.name)});
    EXPECT_EQ(asked.status, 0);
    EXPECT_THAT(asked.out, HasSubstr(std::string(one.name) + ": "));
  }
}

TEST(Explain, TakesAWordInAnyCaseAndACite) {
  const std::string interface = test::run_here({"explain", "interface-constant"}).out;
  EXPECT_EQ(test::run_here({"explain", "INTERFACE-Constant"}).out, interface);
  EXPECT_EQ(test::run_here({"explain", "§5.8"}).out, interface);
  EXPECT_EQ(test::run_here({"explain", "5.8"}).out, interface);
  EXPECT_THAT(test::run_here({"explain", "§5.5"}).out, HasSubstr("backward-transitive: a property"));
  EXPECT_THAT(test::run_here({"explain", "R2"}).out,
              testing::AllOf(HasSubstr("R2: a rule"), HasSubstr("R2: named by a reason")));
}

TEST(Explain, BreaksLinesWhereATerminalEnds) {
  const auto all = test::run_here({"explain"});
  std::istringstream lines(all.out);
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(std::count_if(line.begin(), line.end(),
                            [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }),
              120)
        << line;
}

TEST(Explain, RefusesAnUnknownWordWithTheNearest) {
  const auto slip = test::run_here({"explain", "interface-constnt"});
  EXPECT_EQ(slip.status, 2);
  EXPECT_EQ(slip.out, "");
  EXPECT_THAT(slip.err, HasSubstr("did you mean interface-constant? portolan explain lists them all"));
  EXPECT_THAT(test::run_here({"explain", "transitive"}).err, HasSubstr("forward-transitive"));
  const auto foreign = test::run_here({"explain", "\x1b[31mx"});
  EXPECT_EQ(foreign.status, 2);
  EXPECT_THAT(foreign.err, Not(HasSubstr("\x1b")));
}

TEST(Explain, SaysInJsonWhatItSaysInText) {
  const auto json = nlohmann::json::parse(test::run_here({"explain", "C2", "--json"}).out);
  ASSERT_EQ(json.at("words").size(), 1u);
  const auto& word = json.at("words")[0];
  EXPECT_EQ(word.at("kind"), "reason");
  EXPECT_EQ(word.at("heading"), "C2");
  EXPECT_GE(word.at("remedies").size(), 4u);
  EXPECT_EQ(nlohmann::json::parse(test::run_here({"explain", "--json"}).out).at("words").size(),
            cli::explanations().size());
}

TEST(Explain, SaysWhatCompatAndCheckTellToDo) {
  const std::string scenarios = PORTOLAN_SOURCE_DIR "/scenarios/";
  compat::RemedyWords words;
  words.destination = "my-nic@1/nic";
  words.parameter = "num-resources";
  EXPECT_THAT(test::run_here({"compat", "--from", scenarios + "examples/catalogue.yaml#bare-nic", "--to",
                              scenarios + "examples/catalogue.yaml#my-nic@1"})
                  .out,
              HasSubstr(compat::filled(compat::Remedy::c4, words)));
  words = {};
  words.source = "virtio-net-device@8.2";
  words.profile = "8.1";
  words.parameter = "host_uso";
  words.value = "false";
  EXPECT_THAT(test::run_here({"check", scenarios + "bugs/virtio-net-uso.json"}).out,
              HasSubstr(compat::filled(compat::Remedy::c2_pin, words)));
}

/// The word that the last line of the output leads to.
std::string led_to(const std::string& output) {
  std::smatch match;
  static const std::regex line(R"(portolan explain (\S+) says what a rule or property means\n$)");
  return std::regex_search(output, match, line) ? match[1].str() : std::string();
}

TEST(Explain, IsLedToByAWordOfTheOutputWhenSomethingFails) {
  const std::string examples = PORTOLAN_SOURCE_DIR "/scenarios/examples/catalogue.yaml";
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"check", PORTOLAN_SOURCE_DIR "/scenarios/bugs/virtio-net-uso.json"},
        {"check", PORTOLAN_SOURCE_DIR "/scenarios/gfx/catalogue.yaml"},
        {"compat", "--from", examples + "#bare-nic", "--to", examples + "#my-nic@1"},
        {"compat", "--from", examples + "#bare-nic", "--to", examples + "#my-nic@1", "--scheme", "rfc-v3"}}) {
    const auto ended = test::run_here(line);
    const std::string word = led_to(ended.out);
    ASSERT_FALSE(word.empty()) << ended.out;
    EXPECT_FALSE(cli::explanations_of(word).empty()) << word;
    EXPECT_GT(ended.out.find(" says what a rule"), ended.out.find(word)) << word;
    EXPECT_NE(ended.out.find(word), ended.out.rfind(word)) << word << " stands only in the last line";
  }
  const auto accepted =
      test::run_here({"compat", "--from", examples + "#my-nic@1", "--to", examples + "#my-nic@1"});
  EXPECT_THAT(accepted.out, Not(HasSubstr("portolan explain")));
}

}  // namespace
