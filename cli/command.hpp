#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How a command joins the command line: it declares its options on the parser and leaves an action, which runs when the
// whole line was understood. One file in commands/ for each command.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/output.hpp"

namespace portolan::cli {

using Action = std::function<Exit(Output&)>;

/// The line as parsed so far: what the chosen command will do, and the options that all commands share.
struct Line {
  std::string format = "text";
  bool json = false;
  bool no_colour = false;
  Action action;
};

/// A new command with `--format` (of the named formats), `--json`, `--no-color` and an example below its help.
inline CLI::App* add_command(CLI::App& app, Line& line, const std::string& name, const std::string& does,
                             std::vector<std::string> formats, const std::string& example) {
  auto* command = app.add_subcommand(name, does);
  command->footer("Example:\n  " + example + "\n");
  if (!formats.empty()) {
    command->add_option("--format", line.format, "How results are printed")->check(CLI::IsMember(std::move(formats)))->default_str("text");
    command->add_flag("--json", line.json, "Short for --format json")->excludes("--format");
    command->add_flag("--no-color", line.no_colour, "No colours, as with NO_COLOR in the environment");
  }
  return command;
}

/// Sets the action that runs when this command was chosen; the options live as long as the line.
template <class Options>
void on_chosen(CLI::App* command, Line& line, std::shared_ptr<Options> options, Exit (*does)(const Options&, Output&)) {
  command->callback([&line, options, does] { line.action = [options, does](Output& output) { return does(*options, output); }; });
}

void add_check(CLI::App& app, Line& line);
void add_compat(CLI::App& app, Line& line);
void add_matrix(CLI::App& app, Line& line);
void add_fsm(CLI::App& app, Line& line);
void add_explore(CLI::App& app, Line& line);
void add_plan(CLI::App& app, Line& line);
void add_sim(CLI::App& app, Line& line);
void add_db(CLI::App& app, Line& line);
void add_device(CLI::App& app, Line& line);

}  // namespace portolan::cli
