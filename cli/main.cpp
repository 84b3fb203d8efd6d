// SPDX-License-Identifier: Apache-2.0
//
// The program: signals, terminal and environment; everything else is run().

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/frame/interruption.hpp"
#include "cli/frame/room.hpp"
#include "cli/run.hpp"

namespace {

// Nothing needs tidying up that the next start would not do: results are printed at the end, and an
// unfinished transaction is rolled back by SQLite. So a clean stop is to leave with the status that shells
// expect, unless a command has devices in hand (cli/frame/interruption.hpp).
extern "C" void stop(int signal) {
  if (!portolan::cli::Interruption::take(signal)) _exit(128 + signal);
}

// A file that SQLite has mapped became shorter under it: nothing that is read there can be believed any more.
extern "C" void cut_short(int) {
  constexpr std::string_view said =
      "portolan: a database (its -shm file) was cut short by somebody else while it was in use; where "
      "devices were in "
      "hand, ask them: portolan status\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, said.data(), said.size());
  _exit(static_cast<int>(portolan::cli::Interruption::status_of_cut_file()));
}

/// How wide the lines of the results may be. A terminal that is hardly one is not obeyed: a line holds some
/// words.
std::size_t columns() {
  constexpr std::size_t columns_min = 40, elsewhere = 120;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return elsewhere;
  return std::max<std::size_t>(columns_min, size.ws_col);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGINT, stop);
  std::signal(SIGTERM, stop);
  // Under nohup(1) the end of the terminal is nothing to us.
  if (std::signal(SIGHUP, stop) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
  // A reader that went away (`portolan … | head`) and a limit on the size of files end in a failed write,
  // which has a message, not in a signal.
  std::signal(SIGBUS, cut_short);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  std::ios::sync_with_stdio(false);
  const char* no_colour = std::getenv("NO_COLOR");
  const bool colour = isatty(STDOUT_FILENO) && !(no_colour && *no_colour);
  return portolan::cli::with_room([&] {
    return portolan::cli::run({argv + 1, argv + argc},
                              {std::cout, std::cerr, colour, isatty(STDERR_FILENO) != 0, &std::cin,
                               isatty(STDIN_FILENO) != 0, columns()});
  });
}
