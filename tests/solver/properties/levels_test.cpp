// SPDX-License-Identifier: Apache-2.0
//
// Levels between entries of several types: a configuration is refused when every type of the other entry
// refuses it, and taken when some type takes it (R10a), also where what one type takes is not known (R2).

#include "solver/properties/levels.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace portolan;
using compat::PropertyVerdict;
using solver::properties::Level;

struct Judged {
  PropertyVerdict verdict;
  std::optional<compat::Configuration> witness;
};

/// `forward` of d@1 with one parameter q, and d@2 with two types of it.
Judged forward(const std::string& old, const std::string& small, const std::string& large) {
  const auto info = [](const std::string& q) {
    return fmt::format(R"({{"models": {{"a.example/x": {{"params": {{"q": {{{}}}}}}}}}}})", q);
  };
  const std::string text = fmt::format(
      R"({{"format": "portolan.catalogue/1", "implementations": [
           {{"name": "d", "version": "1", "migration_info": {}}},
           {{"name": "d", "version": "2", "types": [{{"name": "small", "migration_info": {}}},
                                                    {{"name": "large", "migration_info": {}}}]}}]}})",
      info(old), info(small), info(large));
  const auto catalogue = compat::parse_catalogue(text, "d.json");
  if (!catalogue) throw std::invalid_argument(to_string(catalogue.error()));
  const solver::matrix::Matrix matrix(*catalogue);
  const auto examination = solver::properties::levels(matrix, Level::forward);
  Judged judged{PropertyVerdict::undetermined, {}};
  for (const auto& one : examination.properties)
    if (one.name == "forward") judged.verdict = one.verdict;
  for (const auto& one : examination.findings)
    if (one.rule == "forward") judged.witness = one.witness;
  return judged;
}

const std::string one_to_eight = R"("type": "int", "init_value": 1, "allowed_values": ["1-8"])";
const std::string one_to_four = R"("type": "int", "init_value": 1, "allowed_values": ["1-4"])";

TEST(Levels, HoldWhereTheTypesTogetherTakeEveryConfiguration) {
  EXPECT_EQ(forward(one_to_eight, one_to_four, R"("type": "int", "init_value": 5, "allowed_values": ["5-8"])")
                .verdict,
            PropertyVerdict::holds);
}

TEST(Levels, AreBrokenByWhatEveryTypeRefuses) {
  const auto judged =
      forward(one_to_eight, one_to_four, R"("type": "int", "init_value": 5, "allowed_values": ["5-6"])");
  EXPECT_EQ(judged.verdict, PropertyVerdict::violated);
  ASSERT_TRUE(judged.witness);
  EXPECT_EQ(judged.witness->at("q"), compat::Value(std::uint64_t{7}));
}

TEST(Levels, UnderAnotherSchemeAreBrokenByWhatItAloneRejects) {
  // The conditions C1 to C6 hold: only R13 rejects, since the state does not load.
  const std::string info = R"({"models": {"a.example/x": {"params": {"q": {)" + one_to_four + "}}}}}";
  const auto entry = [&](const std::string& version, const std::string& layout) {
    return fmt::format(
        R"({{"name": "d", "version": "{0}", "migration_info": {2}, "models": {{"a.example/x": {{
             "state": [{{"section": "s", "layout": {1}}}], "loads": [{{"section": "s", "layouts": [{1}]}}]}}}}}})",
        version, layout, info);
  };
  const auto catalogue = compat::parse_catalogue(
      fmt::format(R"({{"format": "portolan.catalogue/1", "implementations": [{}, {}]}})", entry("1", "1"),
                  entry("2", "2")),
      "d.json");
  ASSERT_TRUE(catalogue) << to_string(catalogue.error());
  solver::matrix::MatrixOptions options;
  options.scheme = compat::Scheme::declared;
  const solver::matrix::Matrix matrix(*catalogue, options);
  const auto examination = solver::properties::levels(matrix, Level::forward);
  const auto found = std::ranges::find(examination.findings, "forward", &compat::Finding::rule);
  ASSERT_NE(found, examination.findings.end());
  EXPECT_NE(found->message.find("loads: "), std::string::npos) << found->message;
  EXPECT_NE(found->remedy.find("let d@2 load what d@1 saves"), std::string::npos) << found->remedy;
}

TEST(Levels, AreDecidedByATypeThatIsCertainBesideOneThatIsNot) {
  const std::string unsaid = R"("type": "int", "init_value": 3)";
  EXPECT_EQ(forward(one_to_four, one_to_eight, unsaid).verdict, PropertyVerdict::holds);
  EXPECT_EQ(forward(one_to_eight, one_to_four, unsaid).verdict, PropertyVerdict::undetermined);
}

}  // namespace
