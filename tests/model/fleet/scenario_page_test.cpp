// SPDX-License-Identifier: Apache-2.0
//
// docs/formats/scenario.md holds the fleet's actions, faults and properties between markers, made from their
// tables. UPDATE_GOLDEN=1 writes the page anew.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "model/fleet/actions.hpp"
#include "tests/support/page_block.hpp"

namespace portolan::fleet {
namespace {

constexpr const char* page = "docs/formats/scenario.md";

/// `v: vm, h: host` as `vm, host`.
std::string sorts_of_parameters(std::string_view parameters) {
  std::string sorts;
  for (std::size_t at = 0; (at = parameters.find(": ", at)) != std::string_view::npos;) {
    const std::size_t from = at + 2, to = std::min(parameters.find(',', from), parameters.size());
    sorts += (sorts.empty() ? "" : ", ") + std::string(parameters.substr(from, to - from));
    at = to;
  }
  return sorts;
}

std::string_view who(rules::Actor actor) {
  switch (actor) {
    case rules::Actor::decision: return "operator";
    case rules::Actor::session: return "the migration";
    case rules::Actor::world: return "the world";
    case rules::Actor::fault: return "a fault";
  }
  return {};
}

std::string actions_as_markdown() {
  std::string table = "| action | who | what |\n|---|---|---|\n";
  for (const rules::ActionText& action : actions)
    if (action.actor != rules::Actor::fault)
      table += fmt::format("| `{}({})` | {} | {} |\n", action.name, sorts_of_parameters(action.parameters),
                           who(action.actor), action.meaning);
  return table;
}

std::string faults_as_markdown() {
  std::string table = "| kind | what happens |\n|---|---|\n";
  for (const rules::ActionText& action : actions)
    if (action.actor == rules::Actor::fault)
      table += fmt::format("| `{}` | {} |\n", action.name, action.meaning);
  return table;
}

TEST(ScenarioPage, ListsTheActionsAndFaults) {
  tests::expect_page_block(page, "actions", actions_as_markdown());
  tests::expect_page_block(page, "faults", faults_as_markdown());
}

}  // namespace
}  // namespace portolan::fleet
