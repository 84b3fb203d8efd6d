// SPDX-License-Identifier: Apache-2.0
//
// The program portolan-device: signals and standard streams; everything else is run_device().

#include <csignal>
#include <iostream>

#include <fcntl.h>
#include <unistd.h>

#include "model/support/text.hpp"
#include "vfio/emulated/program.hpp"

namespace {

int stop_pipe[2] = {-1, -1};
volatile std::sig_atomic_t stopped_by = 0;

// The server waits for this pipe too, so that a stop is clean: the socket's path is removed.
extern "C" void stop(int signal) {
  stopped_by = signal;
  [[maybe_unused]] const auto written = write(stop_pipe[1], "", 1);
}

}  // namespace

int main(int argc, char** argv) {
  if (pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return 7;
  std::signal(SIGINT, stop);
  std::signal(SIGTERM, stop);
  if (std::signal(SIGHUP, stop) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
  // A log that cannot be written is no reason to end: a guest's state is here.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    const int status = portolan::vfio::emulated::run_device({argv + 1, argv + argc}, PORTOLAN_VERSION,
                                                            std::cout, std::cerr, stop_pipe[0]);
    return stopped_by != 0 ? 128 + stopped_by : status;
  } catch (const std::exception& error) {
    std::cerr << "portolan-device: internal error: " << portolan::printable(error.what())
              << "; please report it with the command line\n";
    return 7;
  }
}
