// SPDX-License-Identifier: Apache-2.0
//
// Proofs for any number of elements, obtained in two ways: by a visit of every state of one element, and by
// an invariant that Z3 finds and that is confirmed. Both are asked of everything that the repository proves
// or leaves open, of mutants, of random modules, and which values and pairs of values an element can have.
#include "solver/unbounded/one_of_many_z3.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "model/rules/analysis/one_copy.hpp"
#include "solver/unbounded/one_of_many.hpp"
#include "tests/sim/scenarios.hpp"
#include "tests/support/broken_fleet.hpp"
#include "tests/support/fleet_mutants.hpp"
#include "tests/support/random_modules.hpp"
#include "tests/support/thorough.hpp"

namespace portolan::solver::unbounded {
namespace {

/// What was compared, over many modules. `unknown` is an answer of Z3, but at most one question in a hundred
/// may end so.
struct Compared {
  std::size_t proved = 0, refuted = 0, unknown = 0;
  std::string reason;  ///< of the last that is unknown
  ~Compared() {
    EXPECT_LE(unknown * 100, proved + refuted + unknown)
        << proved << " proved, " << refuted << " refuted; " << reason;
  }
};

/// Every state of one element, by the reference.
struct ReferenceVisit {
  explicit ReferenceVisit(const rules::Module& one, std::span<const rules::Cells> beginnings) : module(one) {
    for (const rules::Cells& beginning : beginnings)
      if (depth_of.try_emplace(beginning, 0).second) order.push_back(beginning);
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::size_t next = depth_of.at(order[i]) + 1;
      for (rules::Successor& step : rules::successors(one, order[i]))
        if (step.defined && depth_of.try_emplace(step.next, next).second)
          order.push_back(std::move(step.next));
    }
  }
  /// Of the first state without the condition.
  std::optional<std::size_t> depth_without(const rules::Expression& condition) const {
    for (const rules::Cells& cells : order)
      if (!rules::holds(module, condition, cells)) return depth_of.at(cells);
    return std::nullopt;
  }
  const rules::Module& module;
  std::map<rules::Cells, std::size_t> depth_of;
  std::vector<rules::Cells> order;
};

/// Machines under load are slow, and an answer that did not come in time says nothing.
constexpr std::uint32_t patience_ms = 200'000;

/// The verdict, and how short the shortest course is.
void expect_that_z3_says_the_same(const rules::Module& one, std::span<const rules::Cells> beginnings,
                                  const ReferenceVisit& visit, const rules::Expression& condition,
                                  Compared& compared) {
  const OneOfManyAnswer answer = decide_by_z3(one, beginnings, condition, {.milliseconds_max = patience_ms});
  const std::optional<std::size_t> depth = visit.depth_without(condition);
  EXPECT_FALSE(answer.differs) << answer.reason;
  if (answer.verdict == ProofVerdict::unknown) {
    ++compared.unknown;
    compared.reason = answer.reason;
    EXPECT_NE(answer.reason, "");
    return;
  }
  ASSERT_EQ(answer.verdict == ProofVerdict::refuted, depth.has_value()) << condition.source;
  EXPECT_EQ(answer.actions.size(), depth.value_or(0)) << "a shortest course: " << condition.source;
  ++(depth ? compared.refuted : compared.proved);
}

/// One element of a sort with the questions that a module asks of it.
struct QuestionsOfOne {
  QuestionsOfOne(const rules::Module& module, std::int16_t sort) : copy(module, sort), one(copy.module()) {
    for (const rules::Property& property : module.properties) {
      if (property.verb != rules::Verb::always || property.condition.nodes.empty() ||
          property.condition.nodes.back().op != rules::Op::for_all ||
          property.condition.nodes.back().symbol != sort)
        continue;
      bool exact = false;
      conditions.emplace_back(property.name, *copy.at_one(property.condition, exact));
    }
  }
  rules::OneCopy copy;
  rules::Module one;
  std::vector<std::pair<std::string, rules::Expression>> conditions;
};

/// Every *always* of a module that can be looked at so, in both ways.
void expect_that_z3_says_the_same(const rules::Module& module, Compared& compared) {
  for (std::size_t s = 0; s < module.sorts.size(); ++s) {
    const QuestionsOfOne of(module, static_cast<std::int16_t>(s));
    if (!of.copy.obstacle().empty() || of.conditions.empty()) continue;
    const ReferenceVisit visit(of.one, of.copy.beginnings());
    for (const auto& [name, condition] : of.conditions) {
      SCOPED_TRACE(name);
      expect_that_z3_says_the_same(of.one, of.copy.beginnings(), visit, condition, compared);
    }
  }
}

/// `variable != value`, or `!(variable == value && …)` of several.
rules::Expression never(const rules::Module& one,
                        std::span<const std::pair<std::size_t, std::int64_t>> values) {
  rules::Expression made;
  const auto add = [&made](rules::Node node) {
    made.nodes.push_back(node);
    return static_cast<std::int32_t>(made.nodes.size()) - 1;
  };
  std::int32_t all = -1;
  for (const auto& [v, value] : values) {
    const rules::Variable& variable = one.variables[v];
    const std::int32_t read =
        add({rules::Op::variable, variable.type, static_cast<std::int16_t>(v), -1, -1, -1, 1, 0});
    const rules::Op op = variable.type.kind == rules::TypeKind::boolean   ? rules::Op::boolean
                         : variable.type.kind == rules::TypeKind::integer ? rules::Op::integer
                                                                          : rules::Op::element;
    const auto size = static_cast<std::uint64_t>(value < 0 ? -value : value);
    std::int32_t literal =
        add({value < 0 && op == rules::Op::element ? rules::Op::none : op, variable.type, variable.type.sort,
             -1, -1, -1, 1, value < 0 && op == rules::Op::element ? 0 : size});
    if (value < 0 && op == rules::Op::integer) {
      const std::int32_t zero = add({rules::Op::integer, variable.type, -1, -1, -1, -1, 1, 0});
      literal = add({rules::Op::minus, variable.type, -1, zero, literal, -1, 1, 0});
    }
    const std::int32_t same = add({rules::Op::equal, {}, -1, read, literal, -1, 1, 0});
    all = all < 0 ? same : add({rules::Op::conjunction, {}, -1, all, same, -1, 1, 0});
    made.source += (made.source.empty() ? "never " : " and ") + variable.name +
                   " == " + rules::shown(one, variable, value);
  }
  add({rules::Op::negation, {}, -1, all, -1, -1, 1, 0});
  return made;
}

/// Whether one element can ever have a value, two values, three: `questions` of them, by chance.
void expect_that_z3_reaches_the_same(const QuestionsOfOne& of, std::size_t questions, std::mt19937_64& random,
                                     Compared& compared) {
  if (of.one.variables.empty()) return;
  const ReferenceVisit visit(of.one, of.copy.beginnings());
  for (std::size_t q = 0; q < questions; ++q) {
    std::vector<std::pair<std::size_t, std::int64_t>> values;
    for (std::size_t count = 1 + random() % 3; count > 0; --count) {
      const std::size_t v = random() % of.one.variables.size();
      const rules::Variable& variable = of.one.variables[v];
      values.emplace_back(
          v, variable.low + static_cast<std::int64_t>(
                                random() % static_cast<std::uint64_t>(variable.high - variable.low + 1)));
    }
    expect_that_z3_says_the_same(of.one, of.copy.beginnings(), visit, never(of.one, values), compared);
  }
}

std::vector<fleet::LoadedScenario> scenarios_in(std::string_view folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(PORTOLAN_SOURCE_DIR) / "scenarios" / folder))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<fleet::LoadedScenario> scenarios;
  for (const std::filesystem::path& file : files)
    if (auto loaded = fleet::load_scenario(file))
      scenarios.push_back(std::move(*loaded));  // beside them lie catalogues
  return scenarios;
}

TEST(OneOfManyByZ3, SayTheSameOfTheSessionAsAVisit) {
  auto session = fleet::load_scenario(PORTOLAN_SOURCE_DIR "/scenarios/models/migration-session.yaml");
  auto& properties = session->module.properties;
  properties.erase(
      std::find_if(properties.begin(), properties.end(),
                   [](const rules::Property& one) { return one.name == "abort-runs-the-source"; }),
      std::find_if(properties.begin(), properties.end(),
                   [](const rules::Property& one) { return one.name == "never-lost"; }));
  const auto visited = prove_for_any_number(session->module),
             by_z3 = prove_for_any_number(session->module, {.engine = Engine::z3}),
             both = prove_for_any_number(session->module, {.engine = Engine::both});
  ASSERT_EQ(visited.size(), 2u);
  for (std::size_t p = 0; p < visited.size(); ++p) {
    SCOPED_TRACE(visited[p].property);
    EXPECT_EQ(visited[p].proved, visited[p].property != "never-lost");
    EXPECT_EQ(by_z3[p].proved, visited[p].proved);
    EXPECT_EQ(by_z3[p].reason, visited[p].reason);
    EXPECT_EQ(by_z3[p].events, visited[p].events);
    EXPECT_EQ(by_z3[p].states, 0u);
    EXPECT_EQ(both[p].proved, visited[p].proved);
    EXPECT_EQ(both[p].states, visited[p].states);
    EXPECT_FALSE(both[p].disagreed);
  }
}

TEST(OneOfManyByZ3, LeaveToTheOtherWayWhatABoundLeaves) {
  auto session = fleet::load_scenario(PORTOLAN_SOURCE_DIR "/scenarios/models/migration-session.yaml");
  session->module.properties.resize(1);
  const auto proof = [&](OneOfManyOptions options) {
    return prove_for_any_number(session->module, options).front();
  };
  const OneOfManyProof few_states = proof({.states_max = 1}),
                       no_time = proof({.engine = Engine::z3, .z3_milliseconds_max = 0}),
                       stopped = proof({.engine = Engine::z3, .stop = [] { return true; }});
  for (const OneOfManyProof& bounded : {few_states, no_time, stopped}) {
    EXPECT_FALSE(bounded.proved);
    EXPECT_TRUE(bounded.bounded);
    EXPECT_FALSE(bounded.disagreed) << "that nothing was found contradicts nobody";
    EXPECT_NE(bounded.reason, "");
  }
  for (const OneOfManyProof& decided : {proof({.engine = Engine::both, .states_max = 1}),
                                        proof({.engine = Engine::both, .z3_milliseconds_max = 0})}) {
    EXPECT_TRUE(decided.proved);
    EXPECT_FALSE(decided.bounded);
    EXPECT_EQ(decided.reason, "");
  }
  EXPECT_TRUE(proof({.engine = Engine::both, .states_max = 1, .z3_milliseconds_max = 0}).bounded);
}

TEST(OneOfManyByZ3, ContradictWhatCannotBeTrueBesideTheirAnswer) {
  const OneOfManyProof proved{.property = "p", .proved = true, .sort = {}, .reason = {}, .events = {}},
      open{.property = "p", .sort = {}, .reason = "r", .events = {"a", "b"}},
      bounded{.property = "p", .sort = {}, .reason = "r", .events = {}, .bounded = true};
  OneOfManyAnswer yes, no, no_longer, unknown, differs;
  yes.verdict = ProofVerdict::proved;
  no.verdict = no_longer.verdict = ProofVerdict::refuted;
  no.actions = {0, 1};
  no_longer.actions = {0, 1, 2};
  differs.differs = true;
  EXPECT_FALSE(contradicts(proved, yes));
  EXPECT_TRUE(contradicts(proved, no));
  EXPECT_TRUE(contradicts(open, yes));
  EXPECT_FALSE(contradicts(open, no));
  EXPECT_TRUE(contradicts(open, no_longer)) << "Z3's course is a shortest one";
  for (const OneOfManyAnswer& any : {yes, no, unknown}) EXPECT_FALSE(contradicts(bounded, any));
  for (const OneOfManyProof& any : {proved, open, bounded}) {
    EXPECT_FALSE(contradicts(any, unknown));
    EXPECT_TRUE(contradicts(any, differs));
  }
}

/// One element with a number that an action changes as the text says.
OneOfManyAnswer of_a_number(const char* domain, const char* update, const char* never_so) {
  const auto loaded = test::load_text(
      std::string("format: portolan.scenario/1\ndescription: a number\nmodel:\n  sorts: {thing: 2}\n  "
                  "variables: {n: {index: thing, domain: ") +
      domain + ", initial: \"0\"}}\n  actions: [{name: change, parameters: \"t: thing\", update: \"" +
      update + "\"}]\nproperties: [{name: p, always: \"forall(t in thing: !(" + never_so + "))\"}]\n");
  const QuestionsOfOne of(loaded->module, 0);
  return decide_by_z3(of.one, of.copy.beginnings(), of.conditions.front().second);
}

TEST(OneOfManyByZ3, KeepValuesInTheirDomainsAndRefuseNumbersThatLeave64Bits) {
  EXPECT_EQ(of_a_number("0..5", "n[t] := n[t] + 2", "n[t] == 5").verdict, ProofVerdict::proved);
  EXPECT_EQ(of_a_number("0..5", "n[t] := n[t] + 2", "n[t] > 5").verdict, ProofVerdict::proved)
      << "a step that leaves the domain is none";
  EXPECT_EQ(of_a_number("0..5", "n[t] := n[t] + 2", "n[t] == 4").actions.size(), 2u);
  EXPECT_EQ(of_a_number("0..5", "n[t] := n[t] + 1; n[t] := n[t] + 2", "n[t] > 0").verdict,
            ProofVerdict::proved)
      << "nor is one that gives two values";
  const OneOfManyAnswer large =
      of_a_number("0..5", "n[t] := if n[t] * 4000000000 * 4000000000 > 1 then 1 else 2", "n[t] == 3");
  EXPECT_EQ(large.verdict, ProofVerdict::unknown);
  EXPECT_THAT(large.reason, testing::HasSubstr("64 bits"));
}

TEST(OneOfManyByZ3Slow, ProveWhatAVisitProvesAndRefuteWhatItRefutesInEveryScenario) {
  std::size_t proved = 0, open = 0;
  for (const char* folder : {"fleet", "models"})
    for (const fleet::LoadedScenario& loaded : scenarios_in(folder)) {
      SCOPED_TRACE(loaded.scenario.file);
      const auto visited = prove_for_any_number(loaded.module),
                 by_z3 = prove_for_any_number(loaded.module,
                                              {.engine = Engine::z3, .z3_milliseconds_max = patience_ms});
      ASSERT_EQ(visited.size(), by_z3.size());
      for (std::size_t p = 0; p < visited.size(); ++p) {
        SCOPED_TRACE(visited[p].property);
        ASSERT_FALSE(by_z3[p].bounded)
            << "nothing in the scenarios of the repository is too much for Z3: " << by_z3[p].reason;
        EXPECT_FALSE(by_z3[p].disagreed) << by_z3[p].reason;
        EXPECT_EQ(by_z3[p].proved, visited[p].proved);
        EXPECT_EQ(by_z3[p].reason, visited[p].reason);
        EXPECT_LE(by_z3[p].events.size(), visited[p].events.size())
            << "the shortest of all beginnings, beside the shortest of the first that shows it";
        ++(visited[p].proved ? proved : open);
      }
    }
  EXPECT_GT(proved, 20u);
  EXPECT_GT(open, 20u);
}

TEST(OneOfManyByZ3Slow, ReachTheValuesThatAVisitMeets) {
  Compared compared;
  std::mt19937_64 random(5);
  for (const auto& [folder, questions] : {std::pair("fleet", 8), std::pair("models", 8)})
    for (const fleet::LoadedScenario& loaded : scenarios_in(folder)) {
      SCOPED_TRACE(loaded.scenario.file);
      for (std::size_t s = 0; s < loaded.module.sorts.size(); ++s) {
        const QuestionsOfOne of(loaded.module, static_cast<std::int16_t>(s));
        if (of.copy.obstacle().empty())
          expect_that_z3_reaches_the_same(of, static_cast<std::size_t>(questions), random, compared);
      }
    }
  EXPECT_GT(compared.proved, 40u);
  EXPECT_GT(compared.refuted, 40u);
}

TEST(OneOfManyByZ3Slow, SayTheSameOfMutantsOfOneVm) {
  // One VM by itself with a condition less, or an assignment less; R8 has to be lost somewhere, and both ways
  // have to see it.
  Compared compared;
  const auto loaded = test::loaded("forgotten-field.yaml");
  const QuestionsOfOne of(loaded.module, static_cast<std::int16_t>(loaded.module.sort("vm")));
  std::vector<rules::Module> mutants;
  for (std::size_t a = 0; a < of.one.actions.size(); ++a) {
    mutants.push_back(of.one);
    mutants.back().actions[a].guards.clear();
    for (std::size_t i = 0; i < of.one.actions[a].assignments.size(); ++i) {
      mutants.push_back(of.one);
      auto& assignments = mutants.back().actions[a].assignments;
      assignments.erase(assignments.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  const auto explored = [&of](rules::Module one) {  // some mutants have too many states for the reference
    one.initial = of.copy.beginnings().front();
    for (const auto& [name, condition] : of.conditions)
      one.properties.push_back({name, rules::Verb::always, condition, {}, {}});
    return explore::Explorer(one).run().properties;
  };
  ASSERT_EQ(of.copy.beginnings().size(), 1u);
  const std::vector<explore::PropertyResult> whole = explored(of.one);
  std::size_t lost = 0;
  for (std::size_t m = 0; m < mutants.size(); m += test::every(14, 7)) {
    SCOPED_TRACE("mutant " + std::to_string(m));
    const std::vector<explore::PropertyResult> found = explored(mutants[m]);
    for (std::size_t p = 0; p < of.conditions.size(); ++p) {
      if (whole[p].verdict == explore::PropertyVerdict::violated) continue;
      const bool loses = found[p].verdict == explore::PropertyVerdict::violated;
      // Proofs take longer than short courses, and long courses far longer than both.
      if (loses ? found[p].trace->steps.size() > 8 : m % test::every(252, 126) != 0) continue;
      SCOPED_TRACE(of.conditions[p].first);
      const OneOfManyAnswer answer = decide_by_z3(mutants[m], of.copy.beginnings(), of.conditions[p].second,
                                                  {.milliseconds_max = patience_ms});
      EXPECT_FALSE(answer.differs) << answer.reason;
      ++(answer.verdict == ProofVerdict::unknown ? compared.unknown
         : loses                                 ? compared.refuted
                                                 : compared.proved);
      if (answer.verdict == ProofVerdict::unknown) continue;
      EXPECT_EQ(answer.verdict == ProofVerdict::refuted, loses);
      EXPECT_EQ(answer.actions.size(), loses ? found[p].trace->steps.size() : 0) << "both are shortest";
      lost += loses;
    }
  }
  EXPECT_GT(lost, 2u) << "of " << mutants.size() << " mutants";
}

TEST(OneOfManyByZ3Slow, SayTheSameOfBrokenFleets) {
  const fleet::LoadedScenario scenario = test::loaded("forgotten-field.yaml");
  const auto compare = [&](const rules::Module& module, std::string_view lost) {
    for (const OneOfManyProof& proof :
         prove_for_any_number(module, {.engine = Engine::both, .z3_milliseconds_max = patience_ms})) {
      EXPECT_FALSE(proof.disagreed) << proof.property << ": " << proof.reason;
      EXPECT_FALSE(proof.property == lost && proof.proved) << proof.property;
    }
  };
  for (std::size_t k = 0; k < std::size(test::broken_variants); k += test::every(4, 1)) {
    const test::BrokenVariant& variant = test::broken_variants[k];
    SCOPED_TRACE(variant.name);
    test::BrokenFleet broken;
    variant.break_it(broken);
    compare(broken.module(scenario), variant.property);
  }
  const std::vector<test::FleetMutant> mutants = test::fleet_mutants();
  const std::size_t stride = 1 + 480 / test::thorough(1);
  for (std::size_t m = 7; m < mutants.size(); m += stride) {
    SCOPED_TRACE(mutants[m].what);
    const test::MutatedFleet mutated(mutants[m]);
    const auto built = fleet::build_fleet(scenario.scenario, scenario.catalogue, mutated.text());
    ASSERT_TRUE(built);
    compare(built->module, "");
  }
}

TEST(OneOfManyByZ3Slow, SayTheSameOfRandomModules) {
  Compared asked, reached;
  std::mt19937_64 random(7);
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto made = test::random_module(seed, {.symmetric = seed % 2 == 0});
    expect_that_z3_says_the_same(made->module, asked);
    for (std::size_t s = 0; s < made->module.sorts.size(); ++s) {
      const QuestionsOfOne of(made->module, static_cast<std::int16_t>(s));
      if (of.copy.obstacle().empty()) expect_that_z3_reaches_the_same(of, 3, random, reached);
    }
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(asked.refuted, 10u);
  EXPECT_GT(reached.proved, 20u);
  EXPECT_GT(reached.refuted, 100u);
}

}  // namespace
}  // namespace portolan::solver::unbounded
