// SPDX-License-Identifier: Apache-2.0
//
// Whom the audit calls guilty, and what it says is to be done: something that this end can do and that helps.
// No pin of what has no parameter, has it already, is listed, or has another type.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "model/compat/audit/audit.hpp"
#include "model/compat/observed.hpp"

namespace {

using namespace portolan::compat;
using Json = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* device_model = "x.example/dev";

/// Versions 1, 2 … of d at profile v: parameters, and annotations that are added to those of the profile.
struct Version {
  const char* params;
  const char* notes;
};

Catalogue catalogue_of(const std::vector<Version>& versions) {
  Json all = Json::array();
  for (std::size_t k = 0; k < versions.size(); ++k) {
    Json notes = {{"profiles", {{"v", Json::object()}}}};
    notes.update(Json::parse(versions[k].notes));
    all.push_back(
        {{"name", "d"},
         {"version", std::to_string(k + 1)},
         {"migration_info", {{"models", {{device_model, {{"params", Json::parse(versions[k].params)}}}}}}},
         {"models", {{device_model, notes}}}});
  }
  const auto read =
      parse_catalogue(Json{{"format", "portolan.catalogue/1"}, {"implementations", all}}.dump(), "test.json");
  if (!read) throw std::runtime_error(to_string(read.error()));
  return *read;
}

std::vector<Finding> findings_of(const std::vector<Version>& versions, const std::string& rule) {
  std::vector<Finding> found;
  for (Finding& one : audit::examine(catalogue_of(versions)).findings)
    if (one.rule == rule) found.push_back(std::move(one));
  return found;
}

/// The one finding of the rule about `1>2`.
Finding about(const std::vector<Version>& versions, const std::string& rule, const std::string& pair) {
  for (Finding& one : findings_of(versions, rule))
    if (one.source.substr(2) + ">" + one.destination.substr(2) == pair) return one;
  ADD_FAILURE() << "no " << rule << " of " << pair;
  return {};
}

constexpr const char* none = "{}";
constexpr const char* q_1_to_9 = R"({"q": {"type": "int", "init_value": 1, "allowed_values": ["1-9"]}})";

// ---- takes

TEST(Remedies, LetWhoTakesInTooLittleTakeInMore) {
  const std::vector<Version> versions{{none, R"({"observed": {"v": {"a": 1}}})"},
                                      {none, R"({"observed": {"v": {"a": 1}}, "takes": {"v": {"a": 2}}})"},
                                      {none, R"({"observed": {"v": {"a": 1}}})"}};
  for (const char* pair : {"1>2", "2>2", "3>2"}) {
    const Finding finding = about(versions, "undeclared-change", pair);
    EXPECT_EQ(finding.remedy, "let d@2 take in a=1 at profile v");
    EXPECT_THAT(finding.place.path, HasSubstr("implementations[1]"));
  }
}

TEST(Remedies, SayNothingOfAPinThatNothingContradicts) {
  const char* flag =
      R"({"b": {"type": "bool", "init_value": true, "off_value": false, "allowed_values": [false, true]}})";
  const std::vector<Version> versions{
      {none, R"({"observed": {"v": {"b": true}}})"},
      {flag, R"({"observed": {"v": {"b": true}}, "takes": {"v": {"b": false}}})"}};
  EXPECT_EQ(about(versions, "undeclared-change", "1>2").remedy, "let d@2 take in b=true at profile v");
  EXPECT_EQ(about(versions, "undeclared-change", "2>2").remedy, "let d@2 take in b=true at profile v");
}

TEST(Remedies, BlameTheSourceWhereTheFirstOneWouldBeTakenIn) {
  const std::vector<Version> versions{{none, R"({"observed": {"v": {"a": 1}}})"},
                                      {none, R"({"observed": {"v": {"a": 3}}, "takes": {"v": {"a": 1}}})"},
                                      {none, R"({"observed": {"v": {"a": 2}}})"}};
  EXPECT_THAT(about(versions, "undeclared-change", "3>2").remedy,
              StartsWith("d@3 has no parameter for a: it should have one"));
}

TEST(Remedies, OfferNoValueOfAnEmptySetAndNoOtherThanTheProfileMeans) {
  const char* two = R"({"q": {"type": "int", "init_value": 1, "allowed_values": [1, 2]}})";
  EXPECT_EQ(
      about({{two, none}, {two, R"({"params": {"q": {"takes": []}}})"}}, "profile-migration", "1>2").remedy,
      "let d@2 take in q=1");
  EXPECT_EQ(
      about({{two, none}, {two, R"({"params": {"q": {"takes": [2]}}})"}}, "profile-migration", "1>2").remedy,
      "let d@2 take in q=1, or pin one of {2} in profile v of d@1");
  EXPECT_EQ(about({{two, R"({"profiles": {"v": {"q": 1}}})"}, {two, R"({"params": {"q": {"takes": [2]}}})"}},
                  "profile-migration", "1>2")
                .remedy,
            "let d@2 take in q=1");
}

// ---- interface

TEST(Remedies, PutWhatTheGuestSeesUnderAParameterWhereNoPinHasASay) {
  const char* w = R"({"w": {"type": "int", "init_value": 64, "allowed_values": [64, 32]}})";
  const std::vector<Version> versions{{w, R"({"profiles": {"v": {"w": 32}}, "interface": {"dma": "w"}})"},
                                      {w, R"({"profiles": {"v": {"w": 32}}, "interface": {"dma": "64"}})"}};
  for (const char* pair : {"1>2", "2>1"}) {
    const Finding finding = about(versions, "profile-migration", pair);
    EXPECT_EQ(finding.remedy,
              "let d@2 show dma=32 at profile v, as d@1 does: put what differs under a parameter with an off "
              "value that gives it");
    EXPECT_THAT(finding.place.path, HasSubstr("implementations[1]"));
  }
  const std::vector<Version> constant{{none, R"({"interface": {"bar": "4096"}})"},
                                      {none, R"({"interface": {"bar": "8192"}})"}};
  EXPECT_THAT(about(constant, "profile-migration", "1>2").remedy, StartsWith("let d@2 show bar=4096"));
  EXPECT_THAT(about(constant, "profile-migration", "2>1").remedy, StartsWith("let d@2 show bar=4096"));
}

TEST(Remedies, LetWhoDescribesNoSuchAspectShowIt) {
  const std::vector<Version> versions{{q_1_to_9, R"({"interface": {"bar": "4096 * q"}})"},
                                      {q_1_to_9, R"({"interface": {}})"}};
  EXPECT_THAT(about(versions, "profile-migration", "1>2").remedy, StartsWith("let d@2 show bar=4096"));
  EXPECT_THAT(about(versions, "profile-migration", "2>1").remedy, StartsWith("let d@2 show bar=4096"));
}

TEST(Remedies, PinAtTheEndThatDiffersWhateverTheDirection) {
  const char* big = R"({"big": {"type": "bool", "init_value": true, "allowed_values": [false, true]}})";
  const char* shows = R"({"interface": {"bar": "if big then 16384 else 8192"}})";
  const std::vector<Version> versions{{none, R"({"interface": {"bar": "8192"}})"}, {big, shows}};
  for (const char* pair : {"1>2", "2>1"}) {
    EXPECT_THAT(about(versions, "profile-migration", pair).remedy,
                HasSubstr("profile v of d@2 should pin big=false; bar is if big then 16384 else 8192 there"));
  }
}

TEST(Remedies, GiveOneParameterOneValue) {
  const char* q = R"({"q": {"type": "int", "init_value": 1, "off_value": 0, "allowed_values": ["0-3"]}})";
  const std::vector<Version> versions{{none, R"({"interface": {"i": "1"}})"},
                                      {q, R"({"interface": {"i": "if q > 1 then 1 else 2"}})"}};
  EXPECT_THAT(about(versions, "profile-migration", "2>1").remedy,
              AllOf(StartsWith("profile v of d@2 should pin q=0; let d@2 show i=1"),
                    Not(HasSubstr("should pin q=2"))));
}

// ---- what travels with a parameter

TEST(Remedies, LetTheDestinationKnowWhatCarriesAnAspect) {
  const char* carried =
      R"({"observed": {"v": {"m": 4}}, "aspects": {"m": {"of": "host", "carried-by": "q"}}})";
  const std::vector<Version> versions{
      {q_1_to_9, carried}, {none, R"({"observed": {"v": {"m": 4}}, "aspects": {"m": {"of": "host"}}})"}};
  const Finding finding = about(versions, "undeclared-change", "1>2");
  EXPECT_EQ(finding.remedy, "let d@2 know q and take in q=1: m travels with it");
  EXPECT_EQ(finding.parameter, "q");
  EXPECT_THAT(finding.message, Not(HasSubstr("release that was wrong")));
}

TEST(Remedies, PinNoParameterThatOnlyHasTheNameOfACarriedAspect) {
  const char* b =
      R"({"b": {"type": "bool", "init_value": true, "off_value": false, "allowed_values": [false, true]}})";
  const char* both =
      R"({"b": {"type": "bool", "init_value": true, "off_value": false, "allowed_values": [false, true]},
          "q": {"type": "int", "init_value": 1, "allowed_values": [1]}})";
  const std::vector<Version> versions{
      {b, R"({"observed": {"v": {"b": false}}})"},
      {both, R"({"observed": {"v": {"b": true}}, "aspects": {"b": {"carried-by": "q"}}})"}};
  EXPECT_EQ(about(versions, "undeclared-change", "2>1").remedy,
            "let d@1 know q and take in q=1: b travels with it");
}

TEST(Remedies, LetTheDestinationTakeInWhatCarriesAnAspect) {
  const char* carried = R"({"profiles": {"v": {"q": 5}}, "observed": {"v": {"n": 5}},
                            "aspects": {"n": {"carried-by": "q"}}})";
  const char* less = R"({"profiles": {"v": {"q": 5}}, "observed": {"v": {"n": 6}},
                         "aspects": {"n": {"carried-by": "q"}}, "params": {"q": {"takes": ["1-4"]}}})";
  const Finding finding = about({{q_1_to_9, carried}, {q_1_to_9, less}}, "undeclared-change", "1>2");
  EXPECT_EQ(finding.remedy, "let d@2 take in q=5: n travels with it");
  EXPECT_THAT(finding.place.path, HasSubstr("implementations[1]"));
}

// ---- state

TEST(Remedies, LetTheSourceSaveWhatNeverComes) {
  const char* saves = R"({"state": [{"section": "a", "layout": 1}]})";
  const char* wants = R"({"loads": [{"section": "a", "layouts": [1], "applied": false},
                                    {"section": "b", "layouts": [1], "missing": "lost"},
                                    {"section": "c", "layouts": [1], "missing": "lost"}]})";
  EXPECT_EQ(
      about({{none, saves}, {none, wants}}, "profile-migration", "1>2").remedy,
      "let d@2 apply what it reads; let d@1 save it, or let d@2 begin without it (`missing: default`) or "
      "refuse such a state")
      << "each is said once";
}

// ---- C6

TEST(Remedies, LetTheNewerConstraintPermitWhatOlderInstancesHave) {
  const char* off = R"({"q": {"type": "int", "init_value": 1, "off_value": 1, "allowed_values": ["0-8"]}})";
  const char* q = R"({"q": {"type": "int", "init_value": 4, "allowed_values": ["0-8"]}})";
  const char* narrow = R"({"constraints": ["q > 2"]})";
  EXPECT_EQ(about({{none, none}, {off, narrow}}, "profile-migration", "1>2").remedy,
            "let q > 2 in d@2 permit its own off values, or give it others with which that holds: q=1");
  EXPECT_EQ(about({{q, R"({"profiles": {"v": {"q": 1}}})"}, {q, narrow}}, "profile-migration", "1>2").remedy,
            "let q > 2 in d@2 permit what profile v means in d@1: q=1");
  EXPECT_EQ(about({{q, narrow}, {q, R"({"profiles": {"v": {"q": 1}}})"}}, "profile-migration", "2>1").remedy,
            "profile v of d@2 should pin q=3")
      << "the newer one follows";
}

// ---- what contradicts itself

TEST(Remedies, BlameWhoShowsSomethingElseThanItDeclares) {
  const char* f =
      R"({"f": {"type": "bool", "init_value": false, "off_value": false, "allowed_values": [false, true]}})";
  const std::vector<Version> versions{{f, R"({"observed": {"v": {"f": true}}})"},
                                      {f, R"({"observed": {"v": {"f": false}}})"}};
  for (const char* pair : {"1>2", "2>1"})
    EXPECT_THAT(
        about(versions, "undeclared-change", pair).remedy,
        AllOf(StartsWith("profile v of d@1 says f=false already, yet an instance showed true: the init "
                         "value does not take effect"),
              HasSubstr("make d@1 honour what it declares or refuse to start"), Not(HasSubstr("again"))));
}

TEST(Remedies, SayThatOffValuesAndProfilesDisagree) {
  const char* three = R"({"n": {"type": "int", "init_value": 3, "off_value": 3, "allowed_values": ["0-9"]}})";
  const char* zero = R"({"n": {"type": "int", "init_value": 0, "off_value": 0, "allowed_values": ["0-9"]}})";
  const std::vector<Version> versions{{none, R"({"observed": {"v": {}}})"},
                                      {three, R"({"observed": {"v": {"n": 3}}})"},
                                      {zero, R"({"observed": {"v": {"n": 0}}})"}};
  EXPECT_EQ(
      about(versions, "undeclared-change", "2>3").remedy,
      "give n one off_value in d@2 and d@3 (now 3 and 0), and one value in profile v of both (now 3 and 0)");
  EXPECT_EQ(
      about(versions, "undeclared-change", "3>2").remedy,
      "give n one off_value in d@3 and d@2 (now 0 and 3), and one value in profile v of both (now 0 and 3)");
}

// ---- second names

TEST(Remedies, TakeTwoNamesOfOneParameterForOne) {
  const char* old = R"({"old": {"type": "int", "init_value": 1, "off_value": 0, "allowed_values": ["0-9"]}})";
  const char* now = R"({"new": {"type": "int", "init_value": 1, "off_value": 0, "allowed_values": ["0-9"]}})";
  const auto versions = [&](const char* here, const char* there) {
    return std::vector<Version>{{old, here}, {now, there}};
  };
  const auto alike = versions(R"({"profiles": {"v": {"old": 3}}})",
                              R"({"profiles": {"v": {"new": 3}}, "params": {"old": {"alias-of": "new"}}})");
  EXPECT_THAT(findings_of(alike, "profile-drift"), testing::IsEmpty());
  EXPECT_THAT(about(alike, "profile-migration", "2>1").remedy,
              StartsWith("keep the name old in d@2, which d@1 knows"));
  const auto drifted =
      findings_of(versions(R"({"profiles": {"v": {"old": 3}}})",
                           R"({"profiles": {"v": {"new": 4}}, "params": {"old": {"alias-of": "new"}}})"),
                  "profile-drift");
  ASSERT_EQ(drifted.size(), 1u);
  EXPECT_THAT(drifted[0].remedy, StartsWith("pin new=3 in profile v of d@2"));
}

// ---- types

TEST(Remedies, PinNoValueOfAnotherType) {
  const char* flag = R"({"q": {"type": "bool", "init_value": true, "off_value": false}})";
  const char* number = R"({"q": {"type": "int", "init_value": 1, "off_value": 0, "allowed_values": [0, 1]}})";
  const auto drift = findings_of({{flag, none}, {number, none}}, "profile-drift");
  ASSERT_EQ(drift.size(), 1u);
  EXPECT_THAT(drift[0].remedy, StartsWith("give q one type in d@1 and d@2"));
}

TEST(Remedies, PinADriftOnlyWhereTheParameterIs) {
  const char* n = R"({"n": {"type": "int", "init_value": 3, "off_value": 0, "allowed_values": [0, 3]}})";
  const auto drift = findings_of({{n, none}, {none, none}}, "profile-drift");
  ASSERT_EQ(drift.size(), 1u);
  EXPECT_EQ(drift[0].remedy, "pin n=0 in profile v of d@1, if instances there are meant to look as in d@2");
}

// ---- blocks

TEST(Remedies, LetTheSourceSaveWhatNoParameterMends) {
  const char* blocked = R"({"observed": {"v": {"z": true}}, "blocks": [{"when": "z", "text": "t"}]})";
  const std::vector<Version> versions{{none, blocked}, {none, none}};
  const char* expected = "let d@1 save such an instance, or bring it to where !(z) holds before it moves";
  EXPECT_THAT(about(versions, "profile-migration", "1>2").remedy, StartsWith(expected));
  EXPECT_THAT(findings_of(versions, "cannot-leave").at(0).remedy, StartsWith(expected));
  EXPECT_EQ(about({{q_1_to_9, R"({"blocks": [{"when": "q < 3", "text": "t"}]})"}, {q_1_to_9, none}},
                  "profile-migration", "1>2")
                .remedy,
            "profile v of d@1 should pin q=3");
  const char* odd = R"({"q": {"type": "int", "init_value": 2, "allowed_values": [0, 2]}})";
  EXPECT_THAT(about({{none, none}, {odd, R"({"blocks": [{"when": "q > 1", "text": "t"}]})"}},
                    "profile-migration", "2>1")
                  .remedy,
              AllOf(HasSubstr("let d@2 save such an instance"), Not(HasSubstr("should pin"))))
      << "the way to 1 is refused with any q: C2";
}

// ---- a pin that is refused

TEST(Remedies, NameThePinThatIsRefusedAndNoOffValue) {
  const char* four = R"({"q": {"type": "int", "init_value": 4, "allowed_values": [4]}})";
  const Finding finding =
      about({{none, none}, {four, R"({"profiles": {"v": {"q": 1}}})"}}, "profile-migration", "1>2");
  EXPECT_THAT(finding.message,
              AllOf(HasSubstr("has no off_value for it, does not accept q=1, which its profile "
                              "v pins, only {4}"),
                    Not(HasSubstr("its own off_value"))));
  EXPECT_EQ(finding.remedy, "let d@2 accept q=1, which its profile v pins, or pin one of {4} there");
  EXPECT_THAT(finding.place.path, HasSubstr("implementations[1].models"));
}

// ---- hosts

TEST(Remedies, CallNoHostAReleaseThatWasWrong) {
  const auto shows = [](const char* value) {
    return std::string(R"({"observed": {"v": {"t": ")") + value + R"("}}, "aspects": {"t": {"of": "host"}}})";
  };
  const std::string a = shows("a"), b = shows("b");
  for (const Finding& one :
       findings_of({{none, a.c_str()}, {none, b.c_str()}, {none, a.c_str()}}, "undeclared-change")) {
    EXPECT_THAT(one.message, Not(HasSubstr("release that was wrong")));
    EXPECT_THAT(one.remedy, HasSubstr("level the hosts"));
  }
}

}  // namespace
