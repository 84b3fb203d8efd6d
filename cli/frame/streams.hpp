#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What a command is given and what it leaves behind: two streams, and an exit status with a meaning that is
// the same for all commands (docs/errors.md).

#include <cstddef>
#include <istream>
#include <ostream>

namespace portolan::cli {

/// Exit statuses of the product that the commands here can have. One list for all commands.
enum class Exit : int {
  yes = 0,            ///< yes, clean, done
  no = 1,             ///< rejected, findings, a violated property
  usage = 2,          ///< usage, or input that cannot be read
  undetermined = 3,   ///< undetermined, or a bound or time limit was hit first
  unmet = 4,          ///< stale plan or unmet precondition; nothing was touched
  stopped = 5,        ///< stopped part-way: what happened has to be asked of the devices
  rolled_back = 6,    ///< failed, and everything is as it was
  internal = 7,       ///< an error of ours
  lost = 8,           ///< a device state was lost, or needs a person
  hung_up = 129,      ///< stopped by SIGHUP, cleanly
  interrupted = 130,  ///< stopped by SIGINT, cleanly
  terminated = 143,   ///< stopped by SIGTERM, cleanly
};

struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool colour = false;          ///< `out` is a terminal and the environment does not say NO_COLOR
  bool error_terminal = false;  ///< `err` is a terminal
  std::istream* in = nullptr;   ///< standard input, for commands that ask; null: there is none
  bool in_terminal = false;     ///< `in` is a terminal, where what is typed can be seen
  std::size_t columns = 120;    ///< how wide `out` is, where it is a terminal
};

}  // namespace portolan::cli
