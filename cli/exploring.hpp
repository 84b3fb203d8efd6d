#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What `explore` and `plan` share: the options that bound a search, its progress, how its results are stored,
// and a trace told as a story: at each step only what changed, with the rule and where it comes from.

#include "cli/command.hpp"
#include "cli/interruption.hpp"
#include "cli/json.hpp"
#include "cli/long_running.hpp"
#include "cli/storing.hpp"
#include "model/fleet/scenario.hpp"
#include "solver/explore/explorer.hpp"

namespace portolan::cli {

struct SearchOptions {
  unsigned threads = 1;
  std::uint64_t states_max = 0;
  std::string memory, time, progress = "auto";
  std::string symmetry;                          ///< of `explore`: on, off, or empty for whichever fits
  bool bitstate = false, partial_order = false;  ///< of `explore`
  std::string database = "portolan.db";
  bool store = true;
};

void add_search_options(Command command, SearchOptions& options);
/// The database in which the command's results will be; opened now.
Result<Storing> storing(const SearchOptions& options);
/// Bounds, progress and a clean stop by a signal. `progress` and `interruption` must outlive the search.
Result<solver::explore::ExploreOptions> search_options(const SearchOptions& options, Progress& progress,
                                                       const Interruption& interruption);
ProgressKind progress_kind(const SearchOptions& options);

/// One line for the event, one for each fact that changed, and the rule.
void tell(const rules::Module& module, const rules::Event& event, const rules::Cells& before,
          const rules::Cells& after, std::size_t number, Output& output);
void tell(const rules::Module& module, const solver::explore::Trace& trace, Output& output);
Json json_of(const rules::Module& module, const solver::explore::Trace& trace);

db::ScenarioRow row_of(const fleet::LoadedScenario& loaded);
db::ExplorationRow row_of(const rules::Module& module, const solver::explore::Exploration& found);

}  // namespace portolan::cli
