#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The whole command line as one function, so that tests can call it in their own process: arguments in, two streams
// and an exit status out. Results go to `out`, everything else to `err`.

#include <ostream>
#include <string>
#include <vector>

namespace portolan::cli {

/// Exit statuses of the product that the commands here can have. One list for all commands.
enum class Exit : int {
  yes = 0,           ///< yes, clean, done
  no = 1,            ///< rejected, findings, a violated property
  usage = 2,         ///< usage, or input that cannot be read
  undetermined = 3,  ///< undetermined
  internal = 7,      ///< an error of ours
  interrupted = 130, ///< stopped by SIGINT, cleanly
  terminated = 143,  ///< stopped by SIGTERM, cleanly
};

struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool colour = false;  ///< `out` is a terminal and the environment does not say NO_COLOR
};

/// `arguments` without the program's name. Never throws.
int run(const std::vector<std::string>& arguments, const Streams& streams);

}  // namespace portolan::cli
