#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A stored run held to a second one, event by event: what `sim replay --verify` says. The first difference of
// each replication is found and named; a run of which nothing differs has the same digest.

#include "db/runs.hpp"

namespace portolan::db {

/// Where a stored run and what it gives when it is run again part.
struct Difference {
  std::int64_t replication = 0;
  std::int64_t sequence = 0;  ///< of the event; 0 where it is not an event
  std::string
      what;  ///< `event`, `migration`, `transfer`, `end`, `digest`, `replications`, `scenario`, `state`
  std::string stored, again;  ///< as people read them
};

struct Comparison {
  std::int64_t events = 0, replications = 0;
  std::vector<Difference> differences;  ///< of the run, then the first of each replication, by replication
};

/// Compares what is stored with what the source gives, event by event, as far as each replication was stored;
/// a complete run has to have all its replications, their ends, and its digest; the scenario has to have its
/// digest, the state has to be that of what is stored, and no row may belong to nothing. `source` runs the
/// same replications; a run that is not there has no difference.
Result<Comparison> compare(Runs& runs, std::int64_t run, ports::EventSource& source);

}  // namespace portolan::db
