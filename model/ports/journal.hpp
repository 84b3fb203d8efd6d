#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What an execution needs written down, said without naming whoever writes it (rules.md §rules): the journal
// is told what is going to be done before it is done, and what came of it after. db/ implements it.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace portolan::ports {

/// Something that an executor is going to do to the world.
struct Intent {
  std::size_t step = 0;  ///< of the plan, from 1
  std::string what;      ///< `begin`, `stop_source`, `upgrade`: what it does
  std::string detail;    ///< to which device, with which program
};

/// What came of it.
struct Outcome {
  bool done = false;
  std::string said;  ///< one sentence
  std::vector<std::vector<std::string>>
      events;  ///< of the fleet's model, that it means: action, then arguments
  std::map<std::string, std::string> observed;  ///< as read back from devices: `source[small]` to `STOP_COPY`
  std::uint64_t bytes = 0;                      ///< of device state, moved
  std::string sha256;                           ///< of the whole stream, where it is complete
};

/// Both calls return when what they were told is safe on the disk; false when it is not, and then nothing
/// further may be done.
class Journal {
 public:
  virtual ~Journal() = default;
  virtual bool intent(const Intent& intent) = 0;
  virtual bool outcome(const Outcome& outcome) = 0;
};

}  // namespace portolan::ports
