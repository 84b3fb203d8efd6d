#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The whole command line as one function, so that tests can call it in their own process: arguments in, two
// streams and an exit status out. Results go to `out`, everything else to `err`.

#include <string>
#include <vector>

#include "cli/frame/streams.hpp"

namespace portolan::cli {

/// Every command that does something, as it is typed: `check`, `db list`.
std::vector<std::string> command_names();

/// `arguments` without the program's name. Never throws.
int run(const std::vector<std::string>& arguments, const Streams& streams);

}  // namespace portolan::cli
