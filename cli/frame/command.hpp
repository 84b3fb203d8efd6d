#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How a command joins the command line: it declares its options and leaves an action, which runs when the
// whole line was understood. One file in commands/ for each command, one row in cli/commands/table.cpp. The
// handles here are all that commands see of the parser, whose header takes longer to compile than any of
// them.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/frame/output.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace portolan::cli {

using Action = std::function<Exit(Output&)>;

/// The line as parsed so far: what the chosen command will do, and the options that all commands share.
struct Line {
  std::string format = "text";
  bool json = false;
  bool no_colour = false;
  Action action;
};

/// What `not_empty` says is expected of a file's name.
inline constexpr const char* a_file = "the name of a file";

/// A declared option. Each call returns the option itself.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}
  Option& required();
  Option& one_of(std::vector<std::string> values);
  Option& within(std::int64_t low, std::int64_t high);
  Option& within(unsigned low, unsigned high);
  Option& within(double low, double high);
  /// Its value now, or a text for it, is shown in the help.
  Option& shows_default();
  Option& shows_default(const std::string& text);
  /// What stands for the value in the help: `FILE`.
  Option& stands_for(const std::string& name);
  /// An empty text is refused: `--db: got "", expected the name of a file`.
  Option& not_empty(const std::string& expectation);
  Option& comma_separated();
  /// Only beside that other option.
  Option& needs(Option other);

 private:
  CLI::Option* option_;
};

/// A command, or a group of commands. What its options are read into must outlive the line: see on_chosen.
class Command {
 public:
  Command(CLI::App& app, Line& line) : app_(&app), line_(&line) {}

  /// A new command below this one with `--format` (of the named formats), `--json`, `--no-color` and an
  /// example below its help.
  Command command(const std::string& name, const std::string& does, std::vector<std::string> formats,
                  const std::string& example);
  /// A command that only has commands below it; one of them must be given.
  Command group(const std::string& name, const std::string& does, const std::string& example);
  /// Commands below this one may be given.
  void may_have_commands();

  Option option(const std::string& names, std::string& into, const std::string& meaning);
  Option option(const std::string& names, std::vector<std::string>& into, const std::string& meaning);
  // Whole numbers are digits and nothing else; what does not fit into the type is refused.
  Option option(const std::string& names, unsigned& into, const std::string& meaning);
  Option option(const std::string& names, std::int64_t& into, const std::string& meaning);
  Option option(const std::string& names, std::uint64_t& into, const std::string& meaning);
  Option option(const std::string& names, double& into, const std::string& meaning);
  Option option(const std::string& names, std::optional<std::string>& into, const std::string& meaning);
  Option option(const std::string& names, std::optional<std::int64_t>& into, const std::string& meaning);
  Option option(const std::string& names, std::optional<std::uint64_t>& into, const std::string& meaning);
  Option option(const std::string& names, std::optional<std::uint32_t>& into, const std::string& meaning);
  /// A time in seconds, as people write it: `90s`, `15m`, `0.5s`; a number alone is seconds. `longest`: at
  /// most.
  Option duration(const std::string& names, double& seconds, const std::string& meaning,
                  double longest = longest_s);
  static constexpr double longest_s = 31'536'000;  ///< a year
  /// True when it is given; false with `!` before the name.
  Option flag(const std::string& names, bool& into, const std::string& meaning);

  /// Sets the action that runs when this command was chosen, and none below it; the options live as long as
  /// the line.
  template <class Options>
  void on_chosen(std::shared_ptr<Options> options, Exit (*does)(const Options&, Output&)) {
    set_action([options, does](Output& output) { return does(*options, output); });
  }

 private:
  void set_action(Action action);
  CLI::App* app_;
  Line* line_;
};

}  // namespace portolan::cli
