// SPDX-License-Identifier: Apache-2.0
#include "cli/run.hpp"

#include <algorithm>
#include <new>
#include <system_error>

#include <CLI/CLI.hpp>

#include "cli/commands/table.hpp"
#include "cli/frame/room.hpp"
#include "model/support/text.hpp"

namespace portolan::cli {

namespace {

/// The first word that looks like an option and is none of the command, with the option that it may stand
/// for; empty where there is none.
std::string unknown_option(const CLI::App& command) {
  std::vector<std::string> known;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    for (const std::string& name : option->get_snames()) known.push_back("-" + name);
  }
  for (const std::string& extra : command.remaining()) {
    const std::string name = extra.substr(0, extra.find('='));
    if (name.size() < 2 || name[0] != '-' || name == "--") continue;
    // A name that was cut short is nearer than one with other letters.
    const auto whole = std::find_if(known.begin(), known.end(),
                                    [&](const std::string& one) { return one.starts_with(name); });
    const std::string remedy =
        whole != known.end() ? "did you mean " + in_quotes(*whole) + "?"
                             : did_you_mean(name, std::vector<std::string_view>(known.begin(), known.end()));
    return "unknown option " + in_quotes(name) + (remedy.empty() ? "" : "; " + remedy);
  }
  return {};
}

// The parser's own words for what is wrong, as one line of ours: place, finding, remedy.
std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
  std::string command = "portolan";
  const CLI::App* chosen = &app;
  while (!chosen->get_subcommands().empty()) {
    chosen = chosen->get_subcommands().front();
    command += " " + chosen->get_name();
  }
  std::string finding = error.what();
  const bool left_over = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
                         dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  // The parser misses what is required before it says that it did not understand a word.
  if (std::string unknown = left_over ? unknown_option(*chosen) : std::string(); !unknown.empty())
    finding = std::move(unknown);
  // The parser only misses a command where there is a word that is none.
  else if (dynamic_cast<const CLI::RequiredError*>(&error) && chosen->get_require_subcommand_min() > 0) {
    std::vector<std::string> names;
    for (const auto* one : chosen->get_subcommands([](const CLI::App*) { return true; }))
      names.push_back(one->get_name());
    const auto extra = chosen->remaining();
    finding = (extra.empty() ? "no command given" : "unknown command " + in_quotes(extra.front())) +
              ", expected one of " + listed(names);
    if (!extra.empty())
      if (const std::string remedy =
              did_you_mean(extra.front(), std::vector<std::string_view>(names.begin(), names.end()));
          !remedy.empty())
        finding += "; " + remedy;
  }
  while (!finding.empty() && (finding.back() == '\n' || finding.back() == '.')) finding.pop_back();
  for (char& c : finding) {
    if (c == '\n') c = ' ';
  }
  return fmt::format("{}: {}; see {} --help\n", command, printable(finding), command);
}

/// Declares every command of the table.
void declare(CLI::App& app, Line& line) {
  app.require_subcommand(1);
  app.set_version_flag("--version", "portolan " PORTOLAN_VERSION);
  app.footer(
      "Exit status: 0 yes, 1 no, 2 usage or unreadable input, 3 undetermined or a bound was hit, 4 stale "
      "plan or unmet\n"
      "precondition, 5 stopped part-way, 6 failed and rolled back, 7 an error in portolan, 8 a device state "
      "was lost or\n"
      "needs a person.\n");
  app.get_formatter()->column_width(34);
  Command root(app, line);
  for (const CommandRow& row : command_table()) row.add(root);
}

/// The names of the commands that do something, with those above them: `db list`.
void names_below(const CLI::App& app, const std::string& above, std::vector<std::string>& names) {
  for (const CLI::App* one : app.get_subcommands([](const CLI::App*) { return true; })) {
    const std::string name = above + one->get_name();
    if (one->get_require_subcommand_min() == 0) names.push_back(name);
    names_below(*one, name + " ", names);
  }
}

int parse_and_run(const std::vector<std::string>& arguments, const Streams& streams) {
  CLI::App app("Decides whether device state can migrate, and says why", "portolan");
  Line line;
  declare(app, line);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 wants them last first
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // --help, --version
      Output output(streams, Format::text, false);
      std::ostringstream text, unused;
      app.exit(error, text, unused);
      output.print("{}", text.str());
      auto written = output.flush();
      return static_cast<int>(written ? Exit::yes : output.refuse(written.error()));
    }
    streams.err << usage_message(app, error) << std::flush;
    return static_cast<int>(Exit::usage);
  }

  const Format format = line.json || line.format == "json" ? Format::json
                        : line.format == "csv"             ? Format::csv
                        : line.format == "itf"             ? Format::itf
                        : line.format == "mermaid"         ? Format::mermaid
                                                           : Format::text;
  Output output(streams, format, streams.colour && !line.no_colour);
  const Exit status = line.action(output);
  if (auto written = output.flush(); !written) return static_cast<int>(output.refuse(written.error()));
  return static_cast<int>(status);
}

}  // namespace

std::vector<std::string> command_names() {
  CLI::App app;
  Line line;
  declare(app, line);
  std::vector<std::string> names;
  names_below(app, {}, names);
  return names;
}

int run(const std::vector<std::string>& arguments, const Streams& streams) {
  try {
    return parse_and_run(arguments, streams);
  } catch (const std::bad_alloc&) {
    streams.err << memory_ran_out << '\n';
    return static_cast<int>(Exit::undetermined);
  } catch (const std::system_error& error) {
    // A thread that could not be had: its stack did not fit.
    if (error.code() == std::errc::resource_unavailable_try_again) {
      streams.err << memory_ran_out << '\n';
      return static_cast<int>(Exit::undetermined);
    }
    streams.err << "portolan: internal error: " << error.what()
                << "; please report it with the command line\n";
  } catch (const std::exception& error) {
    streams.err << "portolan: internal error: " << printable(error.what())
                << "; please report it with the command line\n";
  } catch (...) {
    streams.err << "portolan: internal error; please report it with the command line\n";
  }
  return static_cast<int>(Exit::internal);
}

}  // namespace portolan::cli
