// SPDX-License-Identifier: Apache-2.0
#include "cli/frame/searching.hpp"

#include <thread>

#include "model/rules/footprint.hpp"

namespace portolan::cli {

void add_search_options(Command command, SearchOptions& options) {
  command
      .option("--threads", options.threads, "Threads of the search; the results are the same for any number")
      .within(1u, 256u)
      .shows_default();
  command.option("--max-states", options.states_max, "End after so many states (0: no bound)")
      .shows_default();
  command.option("--memory", options.memory, "End before the search holds more than that: 512M, 4GiB")
      .stands_for("SIZE");
  command.duration("--time", options.time_s, "End after that time, with everything: 90s, 15m");
  command.option("--progress", options.progress, "On standard error: auto, json or none")
      .one_of({"auto", "json", "none"})
      .shows_default();
  command.option("--db", options.database, "The database file for the results")
      .shows_default()
      .not_empty(a_file);
  command.flag("!--no-store", options.store, "Store nothing");
}

Result<Storing> storing(const SearchOptions& options) {
  return Storing::open(options.store ? options.database : std::string());
}

ProgressKind progress_kind(const SearchOptions& options) { return progress_kind(options.progress); }

LastResort::Bounds last_bounds(const SearchOptions& options) {
  LastResort::Bounds bounds;
  bounds.bytes_max = parse_bytes(options.memory).value_or(0);
  bounds.seconds_max = options.time_s;
  if (bounds.seconds_max > 0)
    bounds.deadline = options.begun + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                          std::chrono::duration<double>(bounds.seconds_max));
  return bounds;
}

Result<solver::explore::ExploreOptions> search_options(const SearchOptions& options, Progress& progress,
                                                       const Interruption& interruption) {
  solver::explore::ExploreOptions made;
  Faults faults;
  made.threads = options.threads;
  made.states_max = options.states_max;
  if (!options.memory.empty()) {
    if (const auto bytes = parse_bytes(options.memory); bytes && *bytes > 0)
      made.bytes_max = *bytes;
    else
      faults.push_back({FaultCode::usage,
                        {"--memory", {}, {}},
                        "got \"" + options.memory + "\"",
                        "a size such as 512M or 4GiB",
                        {}});
  }
  made.seconds_max = options.time_s;
  if (!faults.empty()) return fail(std::move(faults));
  made.deadline = last_bounds(options).deadline;
  made.stop = [&interruption] { return interruption.signal() != 0; };
  progress.phase("searching");
  made.progress = [&progress](const solver::explore::ExploreProgress& p) {
    progress.show(fmt::format("{}, {}, depth {}, {} to expand, {}, {:.0f} s", counted(p.states, "state"),
                              counted(p.transitions, "transition"), p.depth, grouped(p.frontier),
                              shown_bytes(p.bytes), p.seconds),
                  compact(Json{{"states", p.states},
                               {"transitions", p.transitions},
                               {"depth", p.depth},
                               {"frontier", p.frontier},
                               {"bytes", p.bytes},
                               {"seconds", p.seconds}}));
  };
  return made;
}

}  // namespace portolan::cli
