// SPDX-License-Identifier: Apache-2.0
//
// What `explore` makes of a counterexample: a trace file that others can read and that is carried out again,
// a diagram, a scenario that keeps it as a test, a smaller scenario that has it too, and a walk by hand.

#include <fstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "model/fleet/scenario.hpp"
#include "model/traces/replay.hpp"
#include "model/traces/sequence.hpp"
#include "tests/cli/transcript.hpp"
#include "tests/support/temporary.hpp"

namespace {

using namespace portolan;
using Json = nlohmann::json;
using testing::HasSubstr;

const std::string lock = PORTOLAN_SOURCE_DIR "/scenarios/models/lock.yaml";

class Counterexamples : public testing::Test {
 protected:
  static test::Ended explore(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "explore");
    arguments.push_back("--no-store");
    return test::run_here(arguments);
  }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  }
  static std::string text_of(const std::string& name) {
    std::ifstream in(name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  /// Three hosts, three VMs and two faults, and a property that the first migration of the first VM breaks.
  std::string roomy(const std::string& property = "always: \"place[vm1] == host1\"") const {
    return file(
        "roomy.yaml",
        "format: portolan.scenario/1\ndescription: more than is needed\ncatalogue: " PORTOLAN_SOURCE_DIR
        "/scenarios/fleet/drivers.yaml\nfleet:\n"
        "  hosts: [{name: host, count: 3, implementation: acme-gfx, version: \"1\"}]\n  vms: [{name: vm, "
        "count: 2, place: host1}]\n"
        "actions: {without: [power_cycle, upgrade, downgrade, drain, undrain]}\nrollout: {migrations_max: "
        "1}\n"
        "faults: {budget: 1, kinds: [answer_lost]}\nproperties: [{name: stays, " +
            property + "}]\n");
  }
  test::TemporaryFolder folder;
};

/// Those that explore fleets.
class SlowCounterexamples : public Counterexamples {};

/// The expressions of the format's description, and no others.
bool is_itf_expression(const Json& e) {
  const auto all = [](const Json& list) {
    return list.is_array() && std::all_of(list.begin(), list.end(), is_itf_expression);
  };
  if (e.is_string() || e.is_boolean() || e.is_number_integer()) return true;
  if (e.is_array()) return all(e);
  if (!e.is_object()) return false;
  if (e.contains("#bigint")) return e.size() == 1 && e["#bigint"].is_string();
  if (e.contains("#tup")) return e.size() == 1 && all(e["#tup"]);
  if (e.contains("#set")) return e.size() == 1 && all(e["#set"]);
  if (e.contains("#map"))
    return e.size() == 1 && e["#map"].is_array() &&
           std::all_of(e["#map"].begin(), e["#map"].end(),
                       [&](const Json& pair) { return pair.is_array() && pair.size() == 2 && all(pair); });
  if (e.contains("#unserializable")) return e.size() == 1 && e["#unserializable"].is_string();
  return std::all_of(e.begin(), e.end(), is_itf_expression);  // a record
}

void expect_itf(const Json& trace) {
  ASSERT_TRUE(trace.is_object());
  EXPECT_EQ(trace.at("#meta").at("format"), "ITF");
  std::set<std::string> vars;
  for (const Json& name : trace.at("vars")) vars.insert(name.get<std::string>());
  EXPECT_EQ(vars.size(), trace.at("vars").size());
  ASSERT_FALSE(trace.at("states").empty());
  std::size_t index = 0;
  for (const Json& state : trace.at("states")) {
    std::set<std::string> named;
    for (const auto& [name, value] : state.items()) {
      if (name == "#meta") {
        EXPECT_EQ(value.at("index"), index);
        continue;
      }
      named.insert(name);
      EXPECT_TRUE(is_itf_expression(value)) << name << ": " << value;
    }
    EXPECT_EQ(named, vars) << "state " << index;
    ++index;
  }
}

TEST_F(Counterexamples, AreTracesInTheInformalTraceFormat) {
  const auto ran = explore({lock, "--format", "itf"});
  EXPECT_EQ(ran.status, 1) << ran.err;
  const Json trace = Json::parse(ran.out);
  expect_itf(trace);
  EXPECT_EQ(trace.at("#meta").at("property"), "one-inside");
  EXPECT_EQ(trace.at("states").size(), 5u);
  const std::string first = trace.at("states").at(1).at("#meta").at("arguments").at(0);
  EXPECT_EQ(
      trace.at("states").at(1).at("place"),
      Json::parse(first == "process1" ? R"({"#map": [["process1", "Waiting"], ["process2", "Idle"]]})"
                                      : R"({"#map": [["process1", "Idle"], ["process2", "Waiting"]]})"));
  EXPECT_EQ(trace.at("states").at(1).at("#meta").at("action"), "look");
  EXPECT_EQ(trace.at("states").at(0).at("holder"), "none");
}

TEST_F(SlowCounterexamples, OfFleetsAreInTheFormatTooWithNumbersAndTwoIndices) {
  const auto fleet = explore({roomy(), "--format", "itf", "--no-minimise"});
  expect_itf(Json::parse(fleet.out));
  EXPECT_EQ(Json::parse(fleet.out).at("states").at(0).at("faults-left"), Json::parse(R"({"#bigint": "1"})"));
  const std::string grid =
      file("grid.yaml",
           "format: portolan.scenario/1\ndescription: two indices\nmodel:\n  sorts: {row: 2, column: 2}\n  "
           "variables: {crossed: {index: \"row, column\", domain: bool}}\n"
           "  actions: [{name: cross, parameters: \"r: row, c: column\", update: \"crossed[r, c] := "
           "true\"}]\nproperties: [{name: empty, always: \"!crossed[row2, column1]\"}]\n");
  const auto ran = explore({grid, "--format", "itf", "--no-minimise"});
  const Json trace = Json::parse(ran.out);
  expect_itf(trace);
  EXPECT_EQ(trace.at("states").at(1).at("crossed").at("#map").at(2),
            Json::parse(R"([{"#tup": ["row2", "column1"]}, true])"));
  EXPECT_EQ(explore({"--replay", file("grid.itf.json", ran.out)}).status, 0);
}

TEST_F(Counterexamples, AreCarriedOutAgain) {
  const std::string trace = file("t.itf.json", explore({lock, "--format", "itf"}).out);
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"--replay", trace}, {lock, "--replay", trace}}) {
    const auto ran = explore(line);
    EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("replayed: 4 steps of 4"));
    EXPECT_THAT(ran.out, HasSubstr("one-inside: violated (never two processes inside)"));
  }
  const Json json = Json::parse(explore({"--replay", trace, "--json"}).out);
  EXPECT_EQ(json.at("verdict"), "replayed");
  EXPECT_EQ(json.at("property").at("verdict"), "violated");
  EXPECT_EQ(json.at("trace").size(), 4u);
}

TEST_F(Counterexamples, ShowWhatCanGoOnForEver) {
  const std::string scenario =
      file("spin.yaml",
           "format: portolan.scenario/1\ndescription: turns and never stops\nmodel:\n  variables: {on: "
           "{domain: bool}, begun: {domain: bool}, done: {domain: bool}}\n"
           "  actions:\n    - {name: begin, guard: \"!begun\", update: \"begun := true\"}\n    - {name: "
           "spin, guard: \"begun && !done\", update: \"on := !on\"}\n"
           "    - {name: stop, guard: \"on\", update: \"done := true\"}\nproperties: [{name: ends, "
           "eventually: done, fairness: [begin, spin]}]\n");
  const Json trace = Json::parse(explore({scenario, "--format", "itf"}).out);
  expect_itf(trace);
  const std::size_t loop = trace.at("loop"), states = trace.at("states").size();
  ASSERT_LT(loop + 1, states);
  EXPECT_EQ(trace.at("states").at(loop).at("#meta").at("action"), "spin");
  const auto value = [&](std::size_t state) {
    Json cells = trace.at("states").at(state);
    cells.erase("#meta");
    return cells;
  };
  EXPECT_EQ(value(loop - 1), value(states - 1)) << "the last state is the one before the loop";
  const auto again = [&](const Json& changed) {
    return explore({scenario, "--replay", file("t.itf.json", changed.dump())});
  };
  const auto same = again(trace);
  EXPECT_EQ(same.status, 0) << same.out << same.err;
  EXPECT_THAT(same.out, HasSubstr("ends: violated"));
  Json elsewhere = trace;
  elsewhere["loop"] = 0;
  const auto differs = again(elsewhere);
  EXPECT_EQ(differs.status, 1) << differs.out;
  EXPECT_THAT(differs.out,
              HasSubstr("no event leads from the last state back to state 0, where the loop begins"));
  elsewhere["loop"] = states;
  EXPECT_EQ(again(elsewhere).status, 2);
  Json idle_end = trace;  // at the end of the loop, where `spin` is enabled
  idle_end["states"].erase(idle_end["states"].begin() + static_cast<std::ptrdiff_t>(loop),
                           idle_end["states"].end());
  idle_end["loop"] = loop - 1;
  const auto unfair = again(idle_end);
  EXPECT_EQ(unfair.status, 1) << unfair.out;
  EXPECT_THAT(unfair.out, HasSubstr("the loop is not fair: spin() stays enabled in it and is never taken"));

  const std::string diagram = explore({scenario, "--format", "mermaid"}).out;
  EXPECT_THAT(diagram, HasSubstr("  loop for ever\n  p1->>p1: spin()\n"));
  EXPECT_THAT(diagram, HasSubstr("  end\n  Note over p1: put off"));
  const std::string idle = PORTOLAN_SOURCE_DIR "/scenarios/models/peterson.yaml";
  const Json nothing = Json::parse(explore({idle, "--format", "itf", "--property", "left-must-want-to"}).out);
  EXPECT_EQ(nothing.at("loop"), nothing.at("states").size() - 1);
  EXPECT_EQ(explore({idle, "--replay", file("t.itf.json", nothing.dump())}).status, 0);
  EXPECT_THAT(explore({idle, "--format", "mermaid", "--property", "left-must-want-to"}).out,
              HasSubstr("and there nothing has to happen any more"));
}

TEST_F(Counterexamples, SayAtWhichStepTheyNoLongerFit) {
  const Json made = Json::parse(explore({lock, "--format", "itf"}).out);
  const auto replayed = [&](const Json& trace, const std::string& scenario = lock) {
    return explore({scenario, "--replay", file("t.itf.json", trace.dump())});
  };
  const std::string one = made.at("states").at(3).at("#meta").at("arguments").at(0),
                    two = made.at("states").at(4).at("#meta").at("arguments").at(0);
  Json other = made;
  other["states"][3]["#meta"]["action"] = "leave";
  auto ran = replayed(other);
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, HasSubstr("step 3: leave(" + one + ") is not enabled there"));
  other = made;
  other["states"][3]["holder"] = "none";
  ran = replayed(other);
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, HasSubstr("step 3: enter(" + one + ") does something else: holder is " + one +
                                 ", the trace says none"));
  other = made;
  other["states"][0]["holder"] = "process2";
  EXPECT_THAT(replayed(other).out,
              HasSubstr("the beginning is another: holder is none, the trace says process2"));
  // A trace of another program says no actions: any event that leads there will do, and where none does, that
  // is said.
  other = made;
  for (Json& state : other["states"]) state.erase("#meta");
  EXPECT_EQ(replayed(other).status, 0);
  other["states"].erase(2);
  ran = replayed(other);
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, HasSubstr("step 2: no event leads from the state before to this one"));
  // Cut short, it shows no violation any more.
  other = made;
  other["states"].erase(4);
  ran = replayed(other);
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, HasSubstr("one-inside: holds at the end of the trace, recorded as violated"));
  // The scenario was mended.
  std::string mended = text_of(lock);
  const std::string steps = "steps: \"place[p].enter\"";
  mended.replace(mended.find(steps), steps.size(), "guard: \"holder == none\"\n      " + steps);
  ran = replayed(made, file("mended.yaml", mended));
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, HasSubstr("step 4: enter(" + two + ") is not enabled there"));
}

TEST_F(Counterexamples, ThatCannotBeReadAreRefusedWithEveryFaultAndItsPlace) {
  const Json made = Json::parse(explore({lock, "--format", "itf"}).out);
  const auto refused = [&](const std::string& at, const Json& value) {
    Json other = made;
    other[Json::json_pointer(at)] = value;
    const auto ran = explore({lock, "--replay", file("t.itf.json", other.dump(1))});
    EXPECT_EQ(ran.status, 2) << at << ran.out;
    return ran.err;
  };
  EXPECT_THAT(refused("/states/1/holder", 4),
              HasSubstr("states[1].holder: got 4, expected an element of process"));
  EXPECT_THAT(refused("/states/1/place", "Idle"), HasSubstr("{\"#map\": [[element, value], …]}"));
  EXPECT_THAT(refused("/states/1/place/#map/0/0", "process9"),
              HasSubstr("got \"process9\", expected an element of process"));
  EXPECT_THAT(refused("/states/1/place/#map/0/0", "process2"), HasSubstr("place[process2] is given twice"));
  EXPECT_THAT(refused("/states/1/colour", "red"),
              HasSubstr("states[1].colour: is no variable of the scenario"));
  EXPECT_THAT(refused("/vars/0", "colour"), HasSubstr("vars[0]: got \"colour\""));
  EXPECT_THAT(refused("/states", Json::array()), HasSubstr("there is no state"));
  EXPECT_THAT(refused("/#meta/property", "no-such"), HasSubstr("there is no property \"no-such\""));
  EXPECT_EQ(explore({"--replay", file("t.itf.json", "not json")}).status, 2);
  EXPECT_EQ(explore({"--replay", (folder / "none.json").string()}).status, 2);
  EXPECT_EQ(explore({}).status, 2);
  EXPECT_EQ(explore({lock, "--replay", "x", "--interactive"}).status, 2);
}

TEST_F(Counterexamples, AreKeptAsScenariosThatExpectThem) {
  for (const std::string name : {"kept.yaml", "kept.json"}) {
    const std::string kept = (folder / name).string();
    const auto ran = explore({lock, "--save-scenario", kept});
    EXPECT_EQ(ran.status, 1);
    EXPECT_THAT(ran.err, HasSubstr("one-inside is violated after 4 steps: kept in " + kept));
    const auto again = explore({kept, "--expect"});
    EXPECT_EQ(again.status, 0) << again.out << again.err << text_of(kept);
    EXPECT_THAT(text_of(kept),
                testing::ContainsRegex(
                    "1. look.process..; 2. look.process..; 3. enter.process..; 4. enter.process.."));
  }
  // Mended, the same scenario is no longer what it expects, and says where its trace stops.
  std::string mended = text_of((folder / "kept.json").string());
  const std::string steps = "\"steps\": \"place[p].enter\"";
  ASSERT_NE(mended.find(steps), std::string::npos);
  mended.replace(mended.find(steps), steps.size(), steps + ", \"guard\": \"holder == none\"");
  const auto again = explore({file("mended.json", mended), "--expect"});
  EXPECT_EQ(again.status, 1) << again.err;
  EXPECT_THAT(again.out, HasSubstr("one-inside: holds, expected violated"));
  EXPECT_THAT(
      again.out,
      testing::ContainsRegex(
          "one-inside: its expected trace does not fit at step 4: enter.process.. is not enabled there"));
}

TEST_F(Counterexamples, OfOtherVerbsAreKeptAndReplayedToo) {
  const std::string commits = PORTOLAN_SOURCE_DIR "/scenarios/models/two-phase-commit.yaml";
  for (const std::string property : {"all-decide", "commits"}) {
    const std::string kept = (folder / (property + ".yaml")).string();
    const auto trace = explore({commits, "--format", "itf", "--property", property, "--save-scenario", kept});
    EXPECT_EQ(explore({kept, "--expect"}).status, 0) << text_of(kept);
    const auto ran = explore({"--replay", file("t.itf.json", trace.out)});
    EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
    EXPECT_THAT(ran.out, HasSubstr(property == "commits" ? "commits: holds" : "all-decide: violated"));
  }
  const auto none = explore({commits, "--format", "itf", "--property", "consistent"});
  EXPECT_EQ(none.out, "");
  EXPECT_THAT(none.err, HasSubstr("consistent has no trace"));
}

TEST_F(SlowCounterexamples, AreShownInASmallerScenarioThatHasThemToo) {
  const Json json = Json::parse(explore({roomy(), "--json"}).out);
  const auto& properties = json.at("properties");
  const auto stays = std::find_if(properties.begin(), properties.end(),
                                  [](const Json& p) { return p.at("name") == "stays"; });
  ASSERT_EQ(stays->at("verdict"), "violated");
  EXPECT_EQ(stays->at("smaller").at("removed"),
            Json::parse(R"(["fault budget: 1 -> 0", "VMs vm: 2 -> 1", "hosts host: 3 -> 2"])"));
  EXPECT_EQ(stays->at("smaller").at("trace").size(), stays->at("trace").size());
  EXPECT_EQ(stays->at("smaller").at("scenario").at("fleet").at("hosts").at(0).at("count"), 2);
  const auto text = explore({roomy()});
  EXPECT_THAT(text.out,
              HasSubstr("in a smaller scenario (fault budget: 1 -> 0, VMs vm: 2 -> 1, hosts host: 3 -> 2)"));
  const auto whole = explore({roomy(), "--no-minimise"});
  EXPECT_EQ(whole.out.find("in a smaller scenario"), std::string::npos);
  // Its trace is replayed in that smaller scenario, which stands in the file, and kept as one.
  const std::string kept = (folder / "kept.yaml").string();
  const std::string trace =
      file("t.itf.json", explore({roomy(), "--format", "itf", "--save-scenario", kept}).out);
  EXPECT_EQ(Json::parse(text_of(trace)).at("states").at(0).at("place").at("#map").size(), 1u);
  const auto replayed = explore({"--replay", trace});
  EXPECT_EQ(replayed.status, 0) << replayed.out << replayed.err;
  const auto again = explore({kept, "--expect"});
  EXPECT_EQ(again.status, 0) << again.out << again.err;
}

TEST_F(SlowCounterexamples, LoseNothingThatTheyNeed) {
  // Only with an answer lost does the session ask; and two VMs have to be away.
  const Json json = Json::parse(
      explore({roomy("always: \"!(session[vm1] == Unknown && place[vm2] != host1)\""), "--json"}).out);
  for (const Json& p : json.at("properties")) {
    if (p.at("name") != "stays") continue;
    EXPECT_EQ(p.at("smaller").at("removed"), Json::parse(R"(["hosts host: 3 -> 2"])"));
  }
}

TEST(SequenceDiagram, ShowsWhoDoesWhatAndWhatChanges) {
  const auto loaded = fleet::load_scenario(lock);
  ASSERT_TRUE(loaded);
  const traces::Replay followed =
      traces::follow(loaded->module, {{"look", "process1"}, {"look", "process2"}, {"enter", "process2"}});
  ASSERT_EQ(followed.misfit, "");
  EXPECT_EQ(traces::sequence_diagram(loaded->module, followed.trace, nullptr, "two look; one enters",
                                     "so far #1", false),
            "sequenceDiagram\n"
            "  title two look#59; one enters\n"
            "  autonumber\n"
            "  participant p1 as process1\n"
            "  participant p2 as process2\n"
            "  p1->>p1: look(process1): sees that the lock is free\n"
            "  Note over p1: place[process1]: Idle → Waiting\n"
            "  p2->>p2: look(process2): sees that the lock is free\n"
            "  Note over p2: place[process2]: Idle → Waiting\n"
            "  p2->>p2: enter(process2): takes the lock, without a second look\n"
            "  Note over p2: holder: none → process2<br/>place[process2]: Waiting → Inside\n"
            "  Note over p1,p2: so far #35;1\n");
  EXPECT_EQ(traces::follow(loaded->module, {{"look", "process1"}, {"leave", "process1"}}).step, 2u);
  EXPECT_EQ(traces::event_texts(loaded->module, followed.trace),
            (traces::EventTexts{{"look", "process1"}, {"look", "process2"}, {"enter", "process2"}}));
}

TEST(SequenceDiagram, OfAFleetGoesFromTheOperatorToHostsAndBetweenThem) {
  const auto loaded = fleet::load_scenario(PORTOLAN_SOURCE_DIR "/scenarios/fleet/forgotten-field.yaml");
  ASSERT_TRUE(loaded);
  rules::Cells now = loaded->module.initial;
  rules::Trace trace{now, {}};
  for (const char* name :
       {"migrate_begin", "migrate_step.prepare", "migrate_step.settle", "migrate_step.open"}) {
    for (const rules::Successor& s : rules::successors(loaded->module, now)) {
      if (loaded->module.actions[s.event.action].name != name) continue;
      trace.steps.push_back({s.event, s.next});
      now = s.next;
      break;
    }
  }
  ASSERT_EQ(trace.steps.size(), 4u);
  const std::string text = traces::sequence_diagram(loaded->module, trace, nullptr, "t", "e", true);
  EXPECT_THAT(text, HasSubstr("participant p1 as "));
  EXPECT_THAT(text, HasSubstr("as operator"));
  EXPECT_THAT(text, testing::ContainsRegex("p[0-9]->>p[0-9]: migrate_begin.guest"));
  EXPECT_THAT(text, HasSubstr("Note over"));
  std::set<std::string> arrows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (const auto at = line.find("->>"); at != std::string::npos)
      arrows.insert(line.substr(2, line.find(':') - 2));
  EXPECT_EQ(arrows.size(), 2u) << "from the operator, and at the destination: " << text;
}

TEST_F(Counterexamples, AreRuledOutForAnyNumberOfVmsWhereThatIsProved) {
  const std::string upgrade = PORTOLAN_SOURCE_DIR "/scenarios/fleet/upgrade.yaml";
  const auto text = explore({upgrade, "--prove"});
  EXPECT_EQ(text.status, 3) << "some properties speak of more than one VM";
  EXPECT_THAT(text.out, HasSubstr("  proved one-runner            any vm       never two running copies\n"));
  EXPECT_THAT(text.out, testing::ContainsRegex("  open   within-capacity       any host"));
  const auto ran = explore({upgrade, "--prove", "--json"});
  const Json parsed_proof = Json::parse(ran.out);
  for (const Json& proof : parsed_proof.at("proofs")) {
    if (proof.at("name") == "one-runner") {
      EXPECT_EQ(proof.at("for_any_number_of"), "vm");
    }
    EXPECT_EQ(proof.at("verdict") == "open", proof.contains("reason")) << proof;
  }
  const std::string all =
      file("all.yaml",
           "format: portolan.scenario/1\ndescription: a lamp for each\nmodel:\n  sorts: {lamp: 2}\n  "
           "variables: {on: {index: lamp, domain: bool}, broken: {index: lamp, domain: bool}}\n"
           "  actions:\n    - {name: press, parameters: \"l: lamp\", guard: \"!broken[l]\", update: \"on[l] "
           ":= !on[l]\"}\n"
           "    - {name: break, parameters: \"l: lamp\", guard: \"on[l]\", update: \"on[l] := false; "
           "broken[l] := true\"}\n"
           "properties: [{name: dark, always: \"forall(l in lamp: broken[l] => !on[l])\"}]\n");
  EXPECT_EQ(explore({all, "--prove"}).status, 0);
  EXPECT_EQ(explore({all, "--prove", "--max-states", "1"}).status, 3);
  for (const char* procedure : {"direct", "z3", "both"})
    EXPECT_EQ(explore({all, "--prove", "--solver", procedure}).status, 0) << procedure;
  EXPECT_EQ(explore({all, "--prove", "--solver", "both", "--max-states", "1"}).status, 0)
      << "what one procedure leaves to a bound the other proves";
  EXPECT_FALSE(Json::parse(explore({all, "--prove", "--solver", "z3", "--json"}).out)
                   .at("proofs")
                   .at(0)
                   .contains("states"));
  EXPECT_EQ(explore({all, "--solver", "z3"}).status, 2) << "only --prove takes it";
  EXPECT_EQ(explore({all, "--prove", "--interactive"}).status, 2);
}

TEST_F(Counterexamples, OfAnEventuallyKeepTheRoomThatTheyHave) {
  // With fewer participants it could be out of reach for another reason.
  const Json json =
      Json::parse(explore({PORTOLAN_SOURCE_DIR "/scenarios/models/two-phase-commit.yaml", "--json"}).out);
  std::size_t violated = 0;
  for (const Json& p : json.at("properties")) {
    if (p.at("verdict") != "violated") continue;
    ++violated;
    EXPECT_FALSE(p.contains("smaller")) << p.at("smaller");
  }
  EXPECT_EQ(violated, 1u);
}

/// Commands on standard input.
test::Ended walk(const std::string& scenario, const std::string& commands,
                 std::vector<std::string> more = {}) {
  std::istringstream in(commands);
  std::ostringstream out, err;
  std::vector<std::string> line = {"explore", scenario, "--interactive"};
  line.insert(line.end(), more.begin(), more.end());
  const int status = cli::run(line, {out, err, false, false, &in});
  return {status, out.str(), err.str()};
}

TEST(Interactive, WalksForwardAndBackAndSaysWhatEachEventWouldChange) {
  const auto ran = walk(lock, "1\n2\nback 2\nforward\nshow place[process1]\npath\nq\nlist\n");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("2 enabled events"));
  EXPECT_THAT(
      ran.out,
      HasSubstr(
          "   1. look(process1)  sees that the lock is free\n      place[process1]: Idle -> Waiting\n"));
  EXPECT_THAT(ran.out, HasSubstr("> forward\nstep 1 of 2\n"));
  EXPECT_THAT(ran.out, HasSubstr("> show place[process1]\n  place[process1] = Waiting\n"));
  EXPECT_THAT(ran.out, HasSubstr("> path\n   1. look(process1)\n"));
  EXPECT_EQ(ran.out.find("> list"), std::string::npos) << "it has ended";
}

TEST(Interactive, JumpsToAViolation) {
  const auto ran = walk(lock, "jump\nback\nj somebody-enters\nj no-such\n");
  EXPECT_EQ(ran.status, 0) << "the end of the input is an end";
  EXPECT_THAT(ran.out, HasSubstr("one-inside violated after 4 steps\nstep 4\n  one-inside is violated here: "
                                 "never two processes inside"));
  EXPECT_THAT(ran.out, HasSubstr("> back\nstep 3 of 4\n"));
  EXPECT_THAT(ran.out, HasSubstr("somebody-enters holds after 2 steps"));
  EXPECT_THAT(
      ran.out,
      HasSubstr("there is no property \"no-such\"; there are one-inside, somebody-enters, lock-comes-back"));
}

TEST(Interactive, SaysWhatCannotBeAsked) {
  const auto ran = walk(lock, "9\ndance\nback\nforward\nshow colour\nback x\n\nhelp\n");
  for (const char* said :
       {"there is no event 9; 1 to 2 are enabled", "\"dance\" is nothing that can be asked",
        "this is the beginning", "there is nothing ahead", "there is no variable \"colour\"; there are ",
        "\"x\" is no number of steps", "take that event"})
    EXPECT_THAT(ran.out, HasSubstr(said));
}

TEST(Interactive, RefusesWhereNobodyCanAnswer) {
  const auto none = walk(lock, "");
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.err, HasSubstr("--interactive: standard input ended before the first line, expected a "
                                  "terminal, or lines of commands on a pipe"));
  EXPECT_EQ(test::run_here({"explore", lock, "--interactive"}).status, 2)
      << "there is no standard input at all";
  EXPECT_EQ(walk(lock, "q\n", {"--json"}).status, 2);
}

}  // namespace
