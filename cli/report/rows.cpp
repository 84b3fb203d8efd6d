// SPDX-License-Identifier: Apache-2.0
#include "cli/report/rows.hpp"

#include "cli/report/story.hpp"

namespace portolan::cli {

db::ScenarioRow row_of(const fleet::LoadedScenario& loaded) {
  return {loaded.scenario.file, loaded.content, loaded.catalogue.get()};
}

db::ExplorationRow row_of(const rules::Module& module, const solver::explore::Exploration& found) {
  db::ExplorationRow row;
  row.states = static_cast<std::int64_t>(found.states);
  row.transitions = static_cast<std::int64_t>(found.transitions);
  row.depth = static_cast<std::int64_t>(found.depth);
  row.complete = found.complete;
  row.bound = found.bound;
  row.seconds = found.seconds;
  row.peak_bytes = static_cast<std::int64_t>(found.peak_bytes);
  for (const solver::explore::PropertyResult& one : found.properties)
    row.properties.push_back(
        {one.name, std::string(rules::name_of(one.verb)), std::string(name_of(one.verdict)), one.reason,
         one.trace ? std::optional(compact(json_of(module, *one.trace))) : std::nullopt});
  return row;
}

}  // namespace portolan::cli
