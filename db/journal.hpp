#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The journal of executions (docs/database.md), in a file of its own: what is going to be done is on the disk
// before it is done (`synchronous = FULL`), and what came of it before the next thing is. Whatever ends the
// program, the file says how far it came, and what nothing is known of. That the file is still there, and
// says what it was told, is looked at before each intent: a journal that was deleted, cut short, overwritten
// or replaced while it is written ends the execution.

#include <functional>

#include "db/store.hpp"
#include "model/ports/journal.hpp"

namespace portolan::db {

struct ExecutionHead {
  ScenarioRow scenario;
  std::string plan_file, plan, inventory;  ///< the last two: JSON
  std::int64_t steps = 0;
  std::string program, process;
  std::string devices;  ///< JSON: where each VM is at the beginning
};

struct ExecutionClose {
  std::string state;  ///< done, refused, stopped, rolled-back, unknown, lost
  std::int64_t steps_done = 0;
  std::string why, attention;  ///< may be empty
  std::string devices;         ///< JSON
};

struct ExecutionSummary {
  std::int64_t id = 0;
  std::string scenario, plan_file, state, why, attention, devices, program, process, started, finished;
  std::int64_t steps = 0, steps_done = 0, entries = 0;
};

struct JournalEntry {
  std::int64_t sequence = 0, step = 0;
  std::string what, detail;
  std::int64_t intended_ns = 0;
  std::optional<bool> done;  ///< empty: nothing is known of what came of it
  std::string said;
  std::string events, observed;  ///< JSON
  std::int64_t bytes = 0;
  std::string sha256;
  std::optional<std::int64_t> ended_ns;
};

/// What it takes to follow an execution again.
struct StoredExecution {
  ExecutionSummary summary;
  std::string scenario_content, plan;
  std::string catalogue_file, catalogue_content;
};

class Journal : public ports::Journal {
 public:
  /// `now_ns`: nanoseconds since 1970, UTC.
  static Result<Journal> open(const std::filesystem::path& file, Opening opening,
                              std::function<std::int64_t()> now_ns);

  /// A new execution in state `running`; intents and outcomes are its from here on.
  Result<std::int64_t> begin(const ExecutionHead& head);
  bool intent(const ports::Intent& intent) override;
  bool outcome(const ports::Outcome& outcome) override;
  Result<void> close(const ExecutionClose& close);
  /// Why a call of the executor's was answered with false.
  const Faults& faults() const { return faults_; }

  Result<std::vector<ExecutionSummary>> executions();
  Result<std::optional<StoredExecution>> stored(std::int64_t execution);
  Result<std::vector<JournalEntry>> entries(std::int64_t execution);

 private:
  Journal(Database database, std::function<std::int64_t()> now_ns)
      : database_(std::move(database)), now_ns_(std::move(now_ns)) {}
  bool write(Result<void> done);
  /// A fault when somebody who opens the file now would not find what was written.
  Result<void> as_written();
  Database database_;
  std::function<std::int64_t()> now_ns_;
  std::int64_t execution_ = 0, sequence_ = 0, step_ = 0;
  Faults faults_;
};

}  // namespace portolan::db
