#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Who writes a run, said so that others can tell whether that process still lives: host, process id, and when
// it was started (in clock ticks since the host's boot), since process ids come again.

#include <string>

namespace portolan::cli {

/// `host 1234 567890`
std::string this_process();
enum class Alive { yes, no, elsewhere };
Alive is_alive(const std::string& process);
/// What a database says of a run or an execution, unless it says `running` and the process that wrote it is
/// gone.
std::string state_now(const std::string& state, const std::string& process);

}  // namespace portolan::cli
