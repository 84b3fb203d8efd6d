// SPDX-License-Identifier: Apache-2.0
#include "model/fleet/reductions.hpp"

#include <nlohmann/json.hpp>

namespace portolan::fleet {

namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// One less of each group of a list; a group of one goes as a whole, unless it is the last.
void groups(const Json& scenario, const char* list, const std::string& called, bool less_room,
            std::vector<Reduction>& into) {
  if (!scenario.contains("fleet") || !scenario["fleet"].contains(list)) return;
  const Json& all = scenario["fleet"][list];
  for (std::size_t g = 0; g < all.size(); ++g) {
    const std::uint64_t count = all[g].value("count", std::uint64_t{1});
    Json smaller = scenario;
    Json& groups = smaller["fleet"][list];
    if (count > 1)
      groups[g]["count"] = count - 1;
    else if (all.size() > 1)
      groups.erase(g);
    else
      continue;
    into.push_back(
        {called + " " + all[g].value("name", std::string()), count, count - 1, text_of(smaller), less_room});
  }
}

}  // namespace

std::string focused(std::string_view content, std::string_view property) {
  Json scenario = Json::parse(content);
  scenario.erase("expect");
  if (!property.starts_with("goal-")) scenario.erase("goal");
  if (scenario.contains("properties")) {
    Json kept = Json::array();
    for (const Json& one : scenario["properties"])
      if (one.value("name", std::string()) == property) kept.push_back(one);
    if (kept.empty())
      scenario.erase("properties");
    else
      scenario["properties"] = std::move(kept);
  }
  return text_of(scenario);
}

std::vector<Reduction> reductions(std::string_view content) {
  const Json scenario = Json::parse(content);
  std::vector<Reduction> all;
  if (scenario.contains("faults") && scenario["faults"].value("budget", std::uint64_t{0}) > 0) {
    Json smaller = scenario;
    const std::uint64_t budget = scenario["faults"]["budget"];
    smaller["faults"]["budget"] = budget - 1;
    all.push_back({"fault budget", budget, budget - 1, text_of(smaller), false});
  }
  groups(scenario, "vms", "VMs", false, all);
  groups(scenario, "hosts", "hosts", true, all);
  if (scenario.contains("model") && scenario["model"].contains("sorts"))
    for (const auto& [name, elements] : scenario["model"]["sorts"].items()) {
      if (!elements.is_number_unsigned() || elements.get<std::uint64_t>() < 2) continue;
      Json smaller = scenario;
      const std::uint64_t size = elements;
      smaller["model"]["sorts"][name] = size - 1;
      all.push_back({"sort " + name, size, size - 1, text_of(smaller), true});
    }
  return all;
}

}  // namespace portolan::fleet
