#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What `explore` and `plan` share: the options that bound a search, its progress, and where its results go.

#include "cli/frame/command.hpp"
#include "cli/frame/interruption.hpp"
#include "cli/frame/json.hpp"
#include "cli/frame/last_resort.hpp"
#include "cli/frame/long_running.hpp"
#include "cli/frame/storing.hpp"
#include "model/fleet/scenario.hpp"
#include "solver/explore/explorer.hpp"

namespace portolan::cli {

struct SearchOptions {
  unsigned threads = 1;
  std::uint64_t states_max = 0;
  std::string memory, progress = "auto";
  double time_s = 0;                             ///< 0: no bound
  std::string symmetry;                          ///< of `explore`: on, off, or empty for whichever fits
  bool bitstate = false, partial_order = false;  ///< of `explore`
  std::string database = "portolan.db";
  bool store = true;
  /// When the command began, which is when its line is made: `time_s` is one deadline for all that it does.
  std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
};

void add_search_options(Command command, SearchOptions& options);
/// The database in which the command's results will be; opened now.
Result<Storing> storing(const SearchOptions& options);
/// Bounds, progress and a clean stop by a signal. `progress` and `interruption` must outlive the search.
Result<solver::explore::ExploreOptions> search_options(const SearchOptions& options, Progress& progress,
                                                       const Interruption& interruption);
ProgressKind progress_kind(const SearchOptions& options);
/// For what comes before the search, too.
LastResort::Bounds last_bounds(const SearchOptions& options);

}  // namespace portolan::cli
