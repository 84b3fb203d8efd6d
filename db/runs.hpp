#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Runs of the simulator in a database file (docs/database.md): what is needed to run one again, its events as
// they come from the source, and how far it came. Invariants: 1. rows go in by transactions of at most
// `rows_per_transaction` or one batch, together with how far the replication came, so that a process may end
// at any moment and the file still tells the truth; 2. a replication has an end only when all its rows are
// stored; 3. nothing reads the clock: the caller says when. comparison.hpp holds a stored run to a second
// one.

#include <atomic>
#include <functional>
#include <map>

#include "db/replication_digest.hpp"
#include "db/store.hpp"

namespace portolan::db {

inline constexpr std::size_t rows_per_transaction = 10'000;

struct RunHead {
  ScenarioRow scenario;
  std::uint64_t seed = 1, replications = 1;  ///< seed below 2^63
  std::optional<std::string> plan;           ///< JSON
  std::string program, process;
};

struct ReplicationSummary {
  std::int64_t number = 0, events = 0, time_ns = 0;
  std::optional<std::string> ended;  ///< empty: it has not
  std::string detail;
  std::optional<std::int64_t> goal_ns;
  std::optional<std::string> digest;
};

struct RunSummary {
  std::int64_t id = 0;
  std::string scenario, state, program, process, started;
  std::string finished, digest;  ///< may be empty
  std::int64_t seed = 0, replications = 0, ended = 0, events = 0, time_ns = 0;
};

/// What it takes to run a stored run again.
struct StoredRun {
  RunSummary summary;
  std::string scenario_content, scenario_digest;
  std::optional<std::string> catalogue_file, catalogue_content, plan;
};

struct MigrationSummary {
  std::int64_t committed = 0, aborted = 0, lost = 0, unfinished = 0;
  /// Of those that committed.
  std::optional<std::int64_t> downtime_min_ns, downtime_median_ns, downtime_max_ns;
};

class Runs {
 public:
  static Result<Runs> open(const std::filesystem::path& file, Opening opening);

  /// A new run in state `running`.
  Result<std::int64_t> begin(const RunHead& head, Seconds when_s);
  /// Pulls and stores until the source has no more, checks the numbers of the event rows, and closes the run:
  /// complete when every replication ended, else interrupted. What the source throws goes on, after the run
  /// was closed as failed. `progress` is told the number of events stored so far.
  Result<void> record(std::int64_t run, ports::EventSource& source, const std::function<Seconds()>& now_s,
                      const std::function<void(std::int64_t)>& progress = {});

  Result<std::vector<RunSummary>> runs();
  Result<std::optional<StoredRun>> stored(std::int64_t run);
  Result<std::vector<ReplicationSummary>> replications(std::int64_t run);
  Result<MigrationSummary> migrations(std::int64_t run);

  Database& database() { return database_; }

 private:
  explicit Runs(Database database) : database_(std::move(database)) {}
  Result<void> check_numbers(std::int64_t run);
  Result<void> close(std::int64_t run, const std::string& state, const std::optional<std::string>& digest,
                     Seconds when_s);
  Database database_;
};

/// The digest of a run: the plan that it followed, where there is one, and those of its replications, by
/// number.
std::string digest_of_run(const std::map<std::int64_t, std::string>& replications,
                          const std::optional<std::string>& plan);

}  // namespace portolan::db
