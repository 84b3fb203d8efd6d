// SPDX-License-Identifier: Apache-2.0
//
// scenarios/examples/cases.yaml, each case through the real binary.

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "model/files/document.hpp"
#include "tests/cli/transcript.hpp"

namespace {

using namespace portolan;
using Json = nlohmann::json;

const std::string worked_examples = PORTOLAN_SOURCE_DIR "/scenarios/examples/";

Json json_of(const files::Node& node) {
  switch (node.kind) {
    case files::Kind::null: return nullptr;
    case files::Kind::boolean: return node.boolean;
    case files::Kind::number: return Json::parse(node.text);
    case files::Kind::string: return node.text;
    case files::Kind::array: {
      Json array = Json::array();
      for (const auto& item : node.items) array.push_back(json_of(item));
      return array;
    }
    case files::Kind::object: {
      Json object = Json::object();
      for (const auto& member : node.members) object[member.key] = json_of(member.value);
      return object;
    }
  }
  return nullptr;
}

const Json& cases() {
  static const Json all = [] {
    const auto document = files::read_document(worked_examples + "cases.yaml");
    return document ? json_of(document->root)["cases"] : Json::array();
  }();
  return all;
}

class WorkedExample : public testing::TestWithParam<std::size_t> {};

TEST_P(WorkedExample, IsDecidedAsWritten) {
  const Json& one = cases()[GetParam()];
  const std::string file = worked_examples + "catalogue.yaml#";
  std::vector<std::string> line = {"compat",   "--json",
                                   "--from",   file + one["from"].get<std::string>(),
                                   "--to",     file + one["to"].get<std::string>(),
                                   "--scheme", one["scheme"]};
  for (const auto* option : {"type", "to-type"}) {
    if (one.contains(option)) line.insert(line.end(), {std::string("--") + option, one[option]});
  }
  if (one.contains("set")) {
    line.push_back("--set");
    for (const auto& assignment : one["set"]) line.push_back(assignment);
  }
  const auto ended = test::run_here(line);
  SCOPED_TRACE(one["name"].get<std::string>() + "\n" + ended.out + ended.err);
  ASSERT_EQ(ended.status, one["verdict"] == "accept" ? 0 : one["verdict"] == "reject" ? 1 : 3);
  const Json decided = Json::parse(ended.out);
  EXPECT_EQ(decided["verdict"], one["verdict"]);
  EXPECT_EQ(decided["scheme"], one["scheme"]);
  Json rules = Json::array();
  for (const auto& reason : decided["reasons"]) rules.push_back(reason["rule"]);
  EXPECT_EQ(rules, one.value("rules", Json::array()));
  for (const auto* member : {"list", "prepared"}) {
    if (one.contains(member)) {
      EXPECT_EQ(decided[member], one[member]);
    }
  }
  if (one.contains("candidates")) {
    Json accepted = Json::array();
    for (const auto& candidate : decided["type"]["candidates"]) {
      if (candidate["accepted"]) accepted.push_back(candidate["type"]);
    }
    EXPECT_EQ(accepted, one["candidates"]);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, WorkedExample, testing::Range(std::size_t{0}, cases().size()));

TEST(WorkedExamples, AreAllThere) {
  std::string names;
  for (const auto& one : cases()) names += one["name"].get<std::string>() + "\n";
  for (int k = 1; k <= 13; ++k) EXPECT_THAT(names, testing::HasSubstr("E" + std::to_string(k) + ":"));
}

}  // namespace
