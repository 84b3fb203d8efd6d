// SPDX-License-Identifier: Apache-2.0
#include "model/fleet/vocabulary.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "tests/support/broken_fleet.hpp"

namespace {

using namespace portolan;
using namespace portolan::fleet;
using namespace portolan::fleet::vocabulary;

/// The names that the header gives a constant: `inline constexpr Action create{"create"};`.
std::set<std::string> constants(const std::string& type) {
  std::ifstream file(std::string(PORTOLAN_SOURCE_DIR) + "/model/fleet/vocabulary.hpp");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::regex line("inline constexpr " + type + " (\\w+)\\{\"([^\"]+)\"\\};");
  std::set<std::string> names;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), line); at != std::sregex_iterator(); ++at) {
    const std::string name = (*at)[2];
    names.insert(name);
    const std::string spelt = std::regex_replace(name, std::regex("[.-]"), "_");
    EXPECT_EQ((*at)[1].str(), spelt);
  }
  return names;
}

template <class Table>
std::set<std::string> names_of(const Table& table) {
  std::set<std::string> names;
  for (const auto& row : table) names.emplace(row.name);
  return names;
}

TEST(FleetVocabulary, EveryActionMachineAndSortOfTheTablesHasItsConstant) {
  EXPECT_EQ(constants("Action"), names_of(actions));
  EXPECT_EQ(constants("Machine"), names_of(fleet::machines));
  EXPECT_EQ(constants("Sort"), names_of(sorts));
}

TEST(FleetVocabulary, EveryVariableOfAFleetsModuleHasItsConstant) {
  const LoadedScenario scenario = test::loaded("forgotten-field.yaml");
  EXPECT_EQ(constants("Variable"), names_of(scenario.module.variables));
}

TEST(FleetVocabulary, PositionsAreThoseOfEveryFleetsModule) {
  for (const char* name : {"forgotten-field.yaml", "upgrade.yaml"}) {
    const rules::Module module = test::loaded(name).module;
    for (const Variable& one : {variable::driver_of, variable::faults_left, variable::session,
                                variable::session_source_runs, variable::replica_running})
      EXPECT_EQ(module.variable(one), one.position()) << one.name();
    for (const Sort& one : {sort::host, sort::vm, sort::interface})
      EXPECT_EQ(module.sort(one), one.position()) << one.name();
    for (const rules::Action& variant : module.actions) EXPECT_EQ(variant.name, actions[variant.text].name);
  }
}

TEST(FleetVocabulary, AWordKnowsItsRow) {
  EXPECT_EQ(action::migrate_begin.name(), "migrate_begin");
  EXPECT_EQ(action::migrate_begin.parameters(), "v: vm, h: host, s: setting");
  EXPECT_EQ(action::migrate_begin.parameter_count(), 3u);
  EXPECT_EQ(action::host_fails.actor(), rules::Actor::fault);
  EXPECT_EQ(variable::session_source_runs["vm1"], "session.source_runs[vm1]");
  EXPECT_EQ(session_state::committed.number(),
            rules::index_of(portolan::machines::session_states, "Committed"));
}

}  // namespace
