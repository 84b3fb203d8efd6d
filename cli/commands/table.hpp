#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Every command of the program, once: what `portolan --help` lists, in this order, and what the tests demand
// a golden case, a `--help` and a row in docs/cli.md of. A command's own text and options stand in its own
// file (docs/internals/adding-a-command.md).

#include <span>

#include "cli/frame/command.hpp"

namespace portolan::cli {

struct CommandRow {
  const char* name;            ///< as it is typed
  void (*add)(Command& root);  ///< declares it, with the commands below it
};

std::span<const CommandRow> command_table();

}  // namespace portolan::cli
