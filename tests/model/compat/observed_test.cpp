// SPDX-License-Identifier: Apache-2.0
//
// The audit of declared against observed: the documented bugs of scenarios/bugs, and further ones of each
// class. What is expected of a catalogue is said pair by pair; what is expected of none is that a pair which
// works is called broken.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <regex>

#include "model/compat/audit/audit.hpp"
#include "model/compat/judging/all_known.hpp"
#include "model/compat/observed.hpp"

namespace {

using namespace portolan;
using namespace portolan::compat;
using Json = nlohmann::json;
using testing::HasSubstr;

struct PairAt {
  std::string source, destination, profile;
  auto operator<=>(const PairAt&) const = default;
};

std::map<PairAt, std::vector<Finding>> predicted(const Examination& examination) {
  std::map<PairAt, std::vector<Finding>> pairs;
  for (const Finding& finding : examination.findings)
    if (finding.severity == Severity::error && finding.course.empty())
      pairs[{finding.source, finding.destination, finding.profile}].push_back(finding);
  return pairs;
}

Json read_json(const std::filesystem::path& file) {
  std::ifstream in(file);
  return Json::parse(in);
}

const std::filesystem::path bugs = PORTOLAN_SOURCE_DIR "/scenarios/bugs";

const Json& documented() {
  static const Json all = read_json(bugs / "expected.json").at("bugs");
  return all;
}
const Json& further() {
  static const Json all = read_json(bugs / "further/expected.json").at("bugs");
  return all;
}

const Json& reported() {
  static const Json all = read_json(bugs / "reported/expected.json").at("bugs");
  return all;
}
const Json& bugs_of(const std::string& folder) {
  return folder.empty() ? documented() : folder == "further" ? further() : reported();
}

/// R13 for an instance at the profile; the first types of the two entries.
Decision decision_at(const Catalogue& catalogue, const PairAt& pair, const std::string& model,
                     bool arrived = false) {
  const auto end_of = [&](const std::string& label) {
    for (const Implementation& one : catalogue.implementations)
      if (one.name + "@" + one.version == label) return End{&one, one.model(model)};
    ADD_FAILURE() << "no implementation " << label;
    return End{};
  };
  const End source = end_of(pair.source), destination = end_of(pair.destination);
  const auto values = values_at(source, pair.profile);
  const Absence absence(catalogue, model);
  return judge_all_known({source, *values, destination, pair.profile, &absence, arrived}).decision;
}

bool is_told(const Examination& examination, const std::vector<std::string>& course) {
  return std::any_of(examination.findings.begin(), examination.findings.end(), [&](const Finding& one) {
    return one.rule == "second-migration" && one.course == course;
  });
}

class Bug : public testing::TestWithParam<std::pair<std::string, std::size_t>> {};

TEST_P(Bug, IsFoundWholeAndNothingElseIsCalledBroken) {
  const auto& [folder, index] = GetParam();
  const Json& bug = bugs_of(folder)[index];
  const std::string id = bug["id"], profile = bug["profile"];
  SCOPED_TRACE(id);
  const auto catalogue = read_catalogue(bugs / folder / (id + ".json"));
  ASSERT_TRUE(catalogue) << to_string(catalogue.error());
  const Examination examination = audit::examine(*catalogue);
  const auto broken = predicted(examination);
  std::size_t failing = 0;
  for (const Json& pair : bug["expect"]) {
    const PairAt key{pair["source"], pair["destination"], profile};
    SCOPED_TRACE(key.source + " -> " + key.destination);
    EXPECT_EQ(broken.contains(key), pair["verdict"] == "fail");
    EXPECT_EQ(decision_at(*catalogue, key, bug["model"]),
              pair["verdict"] == "fail" ? Decision::reject : Decision::accept);
    failing += pair["verdict"] == "fail" ? 1 : 0;
    if (pair.contains("guilty") && broken.contains(key)) {
      EXPECT_EQ(broken.at(key).front().parameter, pair["guilty"].get<std::string>());
    }
    if (pair.contains("remedy") && broken.contains(key)) {
      EXPECT_THAT(broken.at(key).front().remedy, HasSubstr(pair["remedy"].get<std::string>()));
    }
  }
  for (const Json& second : bug.value("second", Json::array())) {
    const std::vector<std::string> course = second["course"];
    EXPECT_TRUE(is_told(examination, course));
    const PairAt last{course[course.size() - 2], course.back(), profile};
    EXPECT_EQ(decision_at(*catalogue, last, bug["model"], true), Decision::reject);
  }
  for (const auto& [pair, findings] : broken) {
    for (const Finding& finding : findings) {
      EXPECT_FALSE(finding.message.empty());
      EXPECT_FALSE(finding.remedy.empty());
      EXPECT_EQ(finding.model, bug["model"].get<std::string>());
      EXPECT_NE(finding.place.mark.line, 0u);
    }
  }
  // Where every ordered pair is said, nothing but these may be predicted.
  if (bug.value("whole", false)) {
    EXPECT_EQ(broken.size(), failing);
  }
}

std::vector<std::pair<std::string, std::size_t>> every_bug() {
  std::vector<std::pair<std::string, std::size_t>> all;
  for (std::size_t k = 0; k < documented().size(); ++k) all.emplace_back("", k);
  for (std::size_t k = 0; k < further().size(); ++k) all.emplace_back("further", k);
  for (std::size_t k = 0; k < reported().size(); ++k) all.emplace_back("reported", k);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Catalogues, Bug, testing::ValuesIn(every_bug()), [](const auto& one) {
  std::string name = bugs_of(one.param.first)[one.param.second]["id"];
  if (one.param.first == "reported")
    name += "_" + std::to_string(one.param.second);  // one has two expectations
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

/// The catalogue with a pin that a remedy offers put into its profile, and the instance there showing what is
/// pinned.
std::optional<Catalogue> with_pin(Json catalogue, const Json& bug, const Finding& finding) {
  static const std::regex offered(R"(profile (\S+) of (\S+)@(\S+) should pin ([^= ]+)=(\S+?)([; ].*)?)");
  std::smatch words;
  if (!std::regex_match(finding.remedy, words, offered)) return std::nullopt;
  const std::string model = bug["model"], profile = words[1], parameter = words[4], text = words[5];
  for (Json& one : catalogue["implementations"]) {
    if (one["version"] != words[3].str()) continue;
    const Json& type = one["types"][0]["migration_info"]["models"][model]["params"][parameter]["type"];
    const Json value = type == "str" ? Json(text) : Json::parse(text);
    one["models"][model]["profiles"][profile][parameter] = value;
    one["models"][model]["observed"][profile][parameter] = value;
  }
  auto read = parse_catalogue(catalogue.dump(), "pinned.json");
  return read ? std::optional(std::move(*read)) : std::nullopt;
}

TEST(Bugs, AreMendedByThePinThatIsOffered) {
  std::size_t pins = 0;
  for (const auto& [folder, index] : every_bug()) {
    const Json& bug = bugs_of(folder)[index];
    const std::string id = bug["id"];
    const Json catalogue = read_json(bugs / folder / (id + ".json"));
    const auto before = predicted(audit::examine(*parse_catalogue(catalogue.dump(), "before.json")));
    for (const auto& [pair, findings] : before) {
      for (const Finding& finding : findings) {
        const auto mended = with_pin(catalogue, bug, finding);
        if (!mended) continue;
        ++pins;
        SCOPED_TRACE(id + ": " + finding.remedy);
        const auto after = predicted(audit::examine(*mended));
        const bool refused =
            finding.remedy.find("still refuses") !=
            std::string::npos;  // then the pin is half of what is to do, and the remedy says so
        if (!refused) {
          EXPECT_FALSE(after.contains(pair)) << pair.source << " -> " << pair.destination;
          EXPECT_LT(after.size(), before.size());
        } else {
          ASSERT_TRUE(after.contains(pair));
          for (const Finding& left : after.at(pair)) EXPECT_EQ(left.rule, "profile-migration");
        }
      }
    }
  }
  EXPECT_GT(pins, 20u);
}

TEST(Bugs, CoverEveryClass) {
  std::set<std::string> classes;
  for (const auto* all : {&documented(), &further()})
    for (const Json& bug : *all) classes.insert(bug["class"]);
  const Json known = read_json(bugs / "expected.json").at("classes");
  for (const auto& [name, meaning] : known.items())
    EXPECT_TRUE(classes.contains(name)) << name << ": " << meaning;
}

// ---- the relation of two observations

Observation seen(const char* text) { return Value(std::string(text)); }
Observation seen(bool value) { return Value(value); }
Observation seen(std::uint64_t value) { return Value(value); }
const Observation absent;

TEST(Observations, AreEqualUnderExact) {
  EXPECT_EQ(relate(Relation::exact, seen(true), seen(true), {}), Related::yes);
  EXPECT_EQ(relate(Relation::exact, seen(true), seen(false), {}), Related::no);
  EXPECT_EQ(relate(Relation::exact, seen("a"), seen("b"), {}), Related::no);
  EXPECT_EQ(relate(Relation::exact, seen(std::uint64_t{18446744073709551615u}),
                   seen(std::uint64_t{18446744073709551614u}), {}),
            Related::no);
  EXPECT_EQ(relate(Relation::exact, seen(true), seen(std::uint64_t{1}), {}), Related::yes)
      << "a bool that somebody printed as a number";
  EXPECT_EQ(relate(Relation::exact, seen(true), seen("true"), {}), Related::no);
}

TEST(Observations, MayHaveMoreAtTheDestinationUnderSubset) {
  EXPECT_EQ(relate(Relation::subset, seen(false), seen(true), {}), Related::yes);
  EXPECT_EQ(relate(Relation::subset, seen(true), seen(false), {}), Related::no);
  EXPECT_EQ(relate(Relation::subset, seen(std::uint64_t{7}), seen(std::uint64_t{1}), {}), Related::yes);
  EXPECT_EQ(relate(Relation::subset, seen(std::uint64_t{7}), seen(std::uint64_t{0}), {}), Related::no);
  EXPECT_EQ(relate(Relation::subset, seen("x"), seen(""), {}), Related::no);
  EXPECT_EQ(relate(Relation::subset, seen(""), seen("x"), {}), Related::yes);
}

TEST(Observations, CountAsOffWhereTheyAreAbsent) {
  EXPECT_EQ(relate(Relation::exact, absent, absent, {}), Related::yes);
  EXPECT_EQ(relate(Relation::exact, absent, seen(false), {}), Related::yes);
  EXPECT_EQ(relate(Relation::exact, seen(std::uint64_t{0}), absent, {}), Related::yes);
  EXPECT_EQ(relate(Relation::exact, seen(""), absent, {}), Related::yes);
  EXPECT_EQ(relate(Relation::exact, absent, seen(true), {}), Related::no);
  EXPECT_EQ(relate(Relation::exact, absent, seen(true), {Value(true)}), Related::yes)
      << "an off value of true";
  EXPECT_EQ(relate(Relation::subset, absent, seen(false), {Value(true)}), Related::no);
  EXPECT_EQ(relate(Relation::exact, absent, seen(std::uint64_t{8}),
                   {Value(std::uint64_t{8}), Value(std::uint64_t{16})}),
            Related::undetermined);
  EXPECT_EQ(relate(Relation::exact, absent, seen(std::uint64_t{9}),
                   {Value(std::uint64_t{8}), Value(std::uint64_t{16})}),
            Related::no)
      << "under each of them";
}

// ---- catalogues in a few words

/// One implementation: version, parameters, profiles, observed, compare, each as JSON text.
Json version_of(const std::string& version, const std::string& params, const std::string& profiles,
                const std::string& observed, const std::string& compare = "{}") {
  Json annotations = Json::object();
  if (!profiles.empty()) annotations["profiles"] = Json::parse(profiles);
  if (!observed.empty()) annotations["observed"] = Json::parse(observed);
  annotations["compare"] = Json::parse(compare);
  return {{"name", "card"},
          {"version", version},
          {"migration_info", {{"models", {{"a.com/card", {{"params", Json::parse(params)}}}}}}},
          {"models", {{"a.com/card", annotations}}}};
}

Catalogue catalogue_of(std::vector<Json> versions) {
  const auto read = parse_catalogue(
      Json{{"format", "portolan.catalogue/1"}, {"implementations", versions}}.dump(), "test.json");
  if (!read) throw std::runtime_error(to_string(read.error()));
  return *read;
}

constexpr const char* feature =
    R"({"f": {"type": "bool", "init_value": true, "off_value": false, "allowed_values": [false, true]}})";

std::vector<std::string> pairs_of(const Examination& examination) {
  std::vector<std::string> texts;
  for (const auto& [pair, findings] : predicted(examination))
    texts.push_back(pair.source + ">" + pair.destination + "@" + pair.profile);
  return texts;
}

PropertyVerdict verdict_of(const Examination& examination, const std::string& name) {
  for (const auto& property : examination.properties)
    if (property.name == name) return property.verdict;
  throw std::runtime_error("no property " + name);
}

std::vector<Finding> of_rule(const Examination& examination, const std::string& rule) {
  std::vector<Finding> found;
  std::copy_if(examination.findings.begin(), examination.findings.end(), std::back_inserter(found),
               [&](const Finding& one) { return one.rule == rule; });
  return found;
}

TEST(Audit, HoldsNothingAgainstAnEndThatWasNotObserved) {
  const auto examination =
      audit::examine(catalogue_of({version_of("1", "{}", R"({"p": {}})", ""),
                                   version_of("2", "{}", R"({"p": {}})", R"({"p": {"x": true}})")}));
  EXPECT_TRUE(pairs_of(examination).empty());
  EXPECT_EQ(verdict_of(examination, "undeclared-change"), PropertyVerdict::vacuous);
}

TEST(Audit, TakesAnEmptyObservationForOne) {
  const auto examination = audit::examine(
      catalogue_of({version_of("1", "{}", R"({"p": {}})", R"({"p": {}})"),
                    version_of("2", "{}", R"({"p": {}})", R"({"p": {"x": true}})", R"({"x": "subset"})")}));
  EXPECT_THAT(pairs_of(examination), testing::ElementsAre("card@2>card@1@p"));
}

TEST(Audit, LetsTheDestinationSayHowItsObservationsMustRelate) {
  const auto at = [](const char* first, const char* second) {
    return pairs_of(
        audit::examine(catalogue_of({version_of("1", "{}", R"({"p": {}})", R"({"p": {"x": 1}})", first),
                                     version_of("2", "{}", R"({"p": {}})", R"({"p": {"x": 2}})", second)})));
  };
  EXPECT_THAT(at(R"({"x": "subset"})", R"({"x": "exact"})"), testing::ElementsAre("card@1>card@2@p"));
  EXPECT_THAT(at("{}", R"({"x": "subset"})"), testing::IsEmpty())
      << "the source's entry counts where the destination has none";
  EXPECT_THAT(at("{}", "{}"), testing::SizeIs(2)) << "exact where nobody says anything";
}

TEST(Audit, LooksAtEveryProfileAndSaysWhereThereIsNoWayForward) {
  const auto examination = audit::examine(
      catalogue_of({version_of("1", "{}", R"({"p": {}, "q": {}, "only-one": {}})",
                               R"({"p": {"x": 1}, "q": {"x": 1}, "only-one": {"x": 5}})"),
                    version_of("2", "{}", R"({"p": {}, "q": {}})", R"({"p": {"x": 1}, "q": {"x": 2}})")}));
  EXPECT_THAT(pairs_of(examination),
              testing::ElementsAre("card@1>card@2@only-one", "card@1>card@2@q", "card@2>card@1@q"));
  EXPECT_THAT(of_rule(examination, "nowhere-to-go"), testing::SizeIs(1));
}

TEST(Audit, NamesThePinAndWhatItDoesToTheOthers) {
  const auto examination = audit::examine(catalogue_of(
      {version_of("1", "{}", R"({"p": {}})", R"({"p": {"f": null}})", R"({"f": "subset"})"),
       version_of("2", feature, R"({"p": {}})", R"({"p": {"f": true}})", R"({"f": "subset"})"),
       version_of("3", feature, R"({"p": {"f": false}})", R"({"p": {"f": false}})", R"({"f": "subset"})")}));
  const auto changes = of_rule(examination, "undeclared-change");
  ASSERT_EQ(changes.size(), 2u);
  for (const Finding& finding : changes) {
    EXPECT_EQ(finding.source, "card@2");
    EXPECT_EQ(finding.parameter, "f");
    EXPECT_THAT(finding.remedy, HasSubstr("profile p of card@2 should pin f=false"));
    EXPECT_THAT(finding.remedy, HasSubstr("both ways to card@1, card@3"));
  }
  EXPECT_THAT(changes[1].message,
              HasSubstr("what mends the way to card@1 breaks the way from the release that was wrong"));
  const auto refusals = of_rule(examination, "profile-migration");
  ASSERT_EQ(refusals.size(), 1u) << "C2: version 1 does not know f";
  EXPECT_THAT(refusals[0].remedy, HasSubstr("profile p of card@2 should pin f=false"));
  EXPECT_EQ(of_rule(examination, "profile-drift").size(), 1u);
}

/// What is to be done about the one move to card@1 that C2 refuses.
std::string remedy_of_the_way_to_1(const Examination& examination) {
  for (const Finding& finding : of_rule(examination, "profile-migration"))
    if (finding.destination == "card@1" && finding.message.find("C2") != std::string::npos)
      return finding.remedy;
  return "no such finding";
}

TEST(Audit, TellsNoVersionToKnowAgainWhatItNeverKnew) {
  const std::string profile = R"({"p": {}})";
  EXPECT_EQ(remedy_of_the_way_to_1(audit::examine(
                catalogue_of({version_of("1", "{}", profile, ""), version_of("2", feature, profile, "")}))),
            "profile p of card@2 should pin f=false");
  EXPECT_EQ(remedy_of_the_way_to_1(
                audit::examine(catalogue_of({version_of("1", "{}", "", R"({"p": {"x": 1}})"),
                                             version_of("2", feature, profile, R"({"p": {"x": 1}})")}))),
            "profile p of card@2 should pin f=false")
      << "version 2 alone declares the profile, and it means f=true";
  EXPECT_EQ(remedy_of_the_way_to_1(audit::examine(catalogue_of(
                {version_of("1", "{}", profile, ""),
                 version_of("2", R"({"f": {"type": "bool", "init_value": true}})", profile, "")}))),
            "give f an off_value in card@2 that equals its absence, and pin it in profile p there: card@1 "
            "never knew it");
  EXPECT_EQ(
      remedy_of_the_way_to_1(audit::examine(catalogue_of(
          {version_of("1", "{}", profile, ""),
           version_of("2",
                      R"({"f": {"type": "int", "init_value": 2, "off_value": 0, "allowed_values": [2]}})",
                      profile, "")}))),
      "let card@2 accept its off value f=0 together with the other values of profile p, and pin it there: "
      "card@1 never knew it");
}

TEST(Audit, TellsAVersionToKnowAgainWhatAnEarlierOneKnew) {
  const std::string profile = R"({"p": {}})", lasting = R"({"f": {"type": "bool", "init_value": true}})";
  EXPECT_EQ(remedy_of_the_way_to_1(audit::examine(
                catalogue_of({version_of("0", lasting, profile, ""), version_of("1", "{}", profile, "")}))),
            "card@1 should know f again: instances at profile p of card@0 use f=true");
}

TEST(Audit, SaysWhenAPinIsThereAndDoesNotTakeEffect) {
  const auto examination = audit::examine(catalogue_of(
      {version_of("1", "{}", R"({"p": {}})", R"({"p": {"f": null}})", R"({"f": "subset"})"),
       version_of("2", feature, R"({"p": {"f": false}})", R"({"p": {"f": true}})", R"({"f": "subset"})")}));
  const auto changes = of_rule(examination, "undeclared-change");
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_THAT(changes[0].remedy, HasSubstr("says f=false already"));
}

TEST(Audit, NamesAPinOfAParameterThatDoesNotExist) {
  const auto catalogue = catalogue_of(
      {version_of("1", "{}", R"({"p": {}})", R"({"p": {"f": null}})", R"({"f": "subset"})"),
       version_of("2", feature, R"({"p": {"F": false}})", R"({"p": {"f": true}})", R"({"f": "subset"})")});
  ASSERT_EQ(catalogue.lints.size(), 1u);
  EXPECT_EQ(catalogue.lints[0].rule, "unknown-pin");
  const auto changes = of_rule(audit::examine(catalogue), "undeclared-change");
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_THAT(changes[0].remedy, HasSubstr("should pin f=false (it pins \"F\""));
  EXPECT_EQ(write_catalogue(*parse_catalogue(write_catalogue(catalogue), "again")),
            write_catalogue(catalogue))
      << "nothing of it is lost";
}

TEST(Audit, FindsThePinThroughTheInterface) {
  const std::string queues = R"({"queues": {"type": "int", "init_value": 8, "allowed_values": ["1-16"]}})";
  Json two = version_of("2", queues, R"({"p": {}})", R"({"p": {"vectors": 9}})");
  two["models"]["a.com/card"]["interface"] = {{"vectors", "queues + 1"}};
  const auto examination = audit::examine(
      catalogue_of({version_of("1", queues, R"({"p": {"queues": 4}})", R"({"p": {"vectors": 5}})"), two}));
  const auto changes = of_rule(examination, "undeclared-change");
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].parameter, "queues");
  EXPECT_THAT(changes[0].remedy, HasSubstr("should pin queues=4"));
}

TEST(Audit, DoesNotDecideWhatDependsOnWhichOffValueAbsenceMeans) {
  const auto with_off = [](int off) {
    return fmt::format(
        R"({{"x": {{"type": "int", "init_value": {0}, "off_value": {0}, "allowed_values": [8, 16]}}}})", off);
  };
  const auto examination =
      audit::examine(catalogue_of({version_of("1", "{}", R"({"p": {}})", R"({"p": {"x": null}})"),
                                   version_of("2", with_off(8), R"({"p": {}})", R"({"p": {"x": 8}})"),
                                   version_of("3", with_off(16), R"({"p": {}})", R"({"p": {"x": 16}})")}));
  // To 2 and to 3 the destination's own off value decides; to 1 there are two that it may be.
  EXPECT_THAT(pairs_of(examination), testing::ElementsAre("card@2>card@3@p", "card@3>card@2@p"));
}

TEST(Audit, PredictsNoFailureForAValueThatIsMerelyUndetermined) {
  const auto examination = audit::examine(
      catalogue_of({version_of("1", R"({"n": {"type": "int", "init_value": 1}})", R"({"p": {}})", ""),
                    version_of("2", R"({"n": {"type": "int", "init_value": 1, "allowed_values": [1, 2]}})",
                               R"({"p": {"n": 2}})", "")}));
  EXPECT_TRUE(pairs_of(examination).empty());
  EXPECT_EQ(verdict_of(examination, "profile-migration"), PropertyVerdict::undetermined);
}

TEST(Audit, CallsDriftAWarningAndNoFailure) {
  const auto examination =
      audit::examine(catalogue_of({version_of("1", feature, R"({"p": {}})", ""),
                                   version_of("2", feature, R"({"p": {"f": false}})", "")}));
  EXPECT_TRUE(pairs_of(examination).empty());
  const auto drift = of_rule(examination, "profile-drift");
  ASSERT_EQ(drift.size(), 1u);
  EXPECT_EQ(drift[0].severity, Severity::warning);
  EXPECT_EQ(verdict_of(examination, "profile-drift"), PropertyVerdict::violated);
}

TEST(Audit, FindsAProfileThatNobodyCanMake) {
  const std::string narrow = R"({"n": {"type": "int", "init_value": 1, "allowed_values": [1, 2]}})";
  const std::string wide = R"({"n": {"type": "int", "init_value": 1, "allowed_values": [1, 2, 3]}})";
  EXPECT_EQ(verdict_of(audit::examine(catalogue_of({version_of("1", narrow, R"({"p": {"n": 3}})", ""),
                                                    version_of("2", narrow, R"({"p": {"n": 3}})", "")})),
                       "dead-profile"),
            PropertyVerdict::violated);
  const auto one_can = audit::examine(catalogue_of(
      {version_of("1", narrow, R"({"p": {"n": 3}})", ""), version_of("2", wide, R"({"p": {"n": 3}})", "")}));
  EXPECT_EQ(verdict_of(one_can, "dead-profile"), PropertyVerdict::holds);
  EXPECT_EQ(of_rule(one_can, "profile-refused").size(), 1u);
}

TEST(Audit, SeesAValueThatChangesAndReturns) {
  const auto init = [](bool value) {
    return fmt::format(R"({{"f": {{"type": "bool", "init_value": {}, "off_value": false}}}})", value);
  };
  EXPECT_EQ(verdict_of(audit::examine(
                           catalogue_of({version_of("1", "{}", "", ""), version_of("2", init(true), "", ""),
                                         version_of("3", init(false), "", "")})),
                       "a-b-a"),
            PropertyVerdict::violated)
      << "off, on, off again: absence is off";
  EXPECT_EQ(verdict_of(audit::examine(catalogue_of({version_of("1", init(false), "", ""),
                                                    version_of("2", init(true), "", ""),
                                                    version_of("3", init(true), "", "")})),
                       "a-b-a"),
            PropertyVerdict::holds);
}

TEST(Audit, CallsNoConfigurationBrokenThatAnotherTypeTakes) {
  const auto with_types = [](const std::string& version,
                             std::vector<std::pair<std::string, std::string>> types) {
    Json entry = {{"name", "card"},
                  {"version", version},
                  {"types", Json::array()},
                  {"models", {{"a.com/card", {{"profiles", {{"p", Json::object()}}}}}}}};
    for (const auto& [name, params] : types)
      entry["types"].push_back(
          {{"name", name},
           {"migration_info", {{"models", {{"a.com/card", {{"params", Json::parse(params)}}}}}}}});
    return entry;
  };
  const auto memory = [](const std::string& allowed, int init) {
    return fmt::format(R"({{"memory": {{"type": "int", "init_value": {}, "allowed_values": [{}]}}}})", init,
                       allowed);
  };
  const auto old = with_types("1", {{"fixed", memory("4", 4)}});
  EXPECT_TRUE(pairs_of(audit::examine(catalogue_of(
                           {old, with_types("2", {{"fixed", memory("8", 8)}, {"any", memory("4, 8", 8)}})})))
                  .size() == 1)
      << "2 at 8 has no place in 1";
  EXPECT_THAT(pairs_of(audit::examine(catalogue_of(
                  {old, with_types("2", {{"fixed", memory("8", 8)}, {"any", memory("4, 8", 4)}})}))),
              testing::ElementsAre("card@2/fixed>card@1@p"));
}

TEST(Audit, TellsNoMoreFindingsThanAsked) {
  std::vector<Json> versions;
  for (int k = 0; k < 12; ++k)
    versions.push_back(
        version_of(std::to_string(k), "{}", R"({"p": {}})", fmt::format(R"({{"p": {{"x": {}}}}})", k)));
  const auto examination = audit::examine(catalogue_of(versions), 10);
  EXPECT_EQ(of_rule(examination, "undeclared-change").size(), 10u);
  for (const auto& property : examination.properties) {
    if (property.name == "undeclared-change") {
      EXPECT_EQ(property.count, 12u * 11u);
    }
  }
}

}  // namespace
