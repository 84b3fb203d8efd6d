// SPDX-License-Identifier: Apache-2.0
#include "cli/frame/command.hpp"

#include <charconv>
#include <limits>

#include <CLI/CLI.hpp>

#include "cli/frame/long_running.hpp"
#include "model/support/text.hpp"

namespace portolan::cli {

namespace {

constexpr double shortest_s = 0.01;

/// The parser alone takes a minus for a number below 2^64, wraps what does not fit, and reads `010` as 8: so
/// the text is looked at before it is.
template <class Number>
CLI::Option* whole_number(CLI::Option* option) {
  return option->transform(CLI::Validator(
      [](std::string& text) {
        constexpr Number highest = std::numeric_limits<Number>::max();
        Number number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
        if (!digits || error != std::errc{} || end != text.data() + text.size())
          return fmt::format("got {}, expected a whole number from 0 to {}", in_quotes(text), highest);
        text = std::to_string(number);
        return std::string();
      },
      ""));
}

}  // namespace

Option& Option::required() { return option_->required(), *this; }
Option& Option::one_of(std::vector<std::string> values) {
  return option_->check(CLI::IsMember(std::move(values))), *this;
}
Option& Option::within(std::int64_t low, std::int64_t high) {
  return option_->check(CLI::Range(low, high)), *this;
}
Option& Option::within(unsigned low, unsigned high) { return option_->check(CLI::Range(low, high)), *this; }
Option& Option::within(double low, double high) { return option_->check(CLI::Range(low, high)), *this; }
Option& Option::shows_default() { return option_->capture_default_str(), *this; }
Option& Option::shows_default(const std::string& text) { return option_->default_str(text), *this; }
Option& Option::stands_for(const std::string& name) { return option_->type_name(name), *this; }
Option& Option::not_empty(const std::string& expectation) {
  option_->check([expectation](const std::string& text) {
    return text.empty() ? "got \"\", expected " + expectation : std::string();
  });
  return *this;
}
Option& Option::comma_separated() { return option_->delimiter(','), *this; }
Option& Option::needs(Option other) { return option_->needs(other.option_), *this; }

Command Command::command(const std::string& name, const std::string& does, std::vector<std::string> formats,
                         const std::string& example) {
  CLI::App* made = app_->add_subcommand(name, does);
  made->footer("Example:\n  " + example + "\n");
  if (!formats.empty()) {
    made->add_option("--format", line_->format, "How results are printed")
        ->check(CLI::IsMember(std::move(formats)))
        ->default_str("text");
    made->add_flag("--json", line_->json, "Short for --format json")->excludes("--format");
    made->add_flag("--no-color", line_->no_colour, "No colours, as with NO_COLOR in the environment");
  }
  return {*made, *line_};
}

Command Command::group(const std::string& name, const std::string& does, const std::string& example) {
  CLI::App* made = app_->add_subcommand(name, does);
  made->require_subcommand(1);
  made->footer("Example:\n  " + example + "\n");
  return {*made, *line_};
}

void Command::may_have_commands() { app_->require_subcommand(0, 1); }

Option Command::option(const std::string& names, std::string& into, const std::string& meaning) {
  return Option(app_->add_option(names, into, meaning));
}
Option Command::option(const std::string& names, std::vector<std::string>& into, const std::string& meaning) {
  return Option(app_->add_option(names, into, meaning));
}
Option Command::option(const std::string& names, unsigned& into, const std::string& meaning) {
  return Option(whole_number<unsigned>(app_->add_option(names, into, meaning)));
}
Option Command::option(const std::string& names, std::int64_t& into, const std::string& meaning) {
  return Option(whole_number<std::int64_t>(app_->add_option(names, into, meaning)));
}
Option Command::option(const std::string& names, std::uint64_t& into, const std::string& meaning) {
  return Option(whole_number<std::uint64_t>(app_->add_option(names, into, meaning)));
}
Option Command::option(const std::string& names, double& into, const std::string& meaning) {
  return Option(app_->add_option(names, into, meaning));
}
Option Command::option(const std::string& names, std::optional<std::string>& into,
                       const std::string& meaning) {
  return Option(app_->add_option(names, into, meaning));
}
Option Command::option(const std::string& names, std::optional<std::int64_t>& into,
                       const std::string& meaning) {
  return Option(whole_number<std::int64_t>(app_->add_option(names, into, meaning)));
}
Option Command::option(const std::string& names, std::optional<std::uint64_t>& into,
                       const std::string& meaning) {
  return Option(whole_number<std::uint64_t>(app_->add_option(names, into, meaning)));
}
Option Command::option(const std::string& names, std::optional<std::uint32_t>& into,
                       const std::string& meaning) {
  return Option(whole_number<std::uint32_t>(app_->add_option(names, into, meaning)));
}
Option Command::duration(const std::string& names, double& seconds, const std::string& meaning,
                         double longest) {
  CLI::Option* made = app_->add_option(names, seconds, meaning);
  made->type_name("TIME");
  if (seconds > 0) made->default_str(fmt::format("{}s", seconds));
  // Turned into a number before the parser reads it as one.
  made->transform(CLI::Validator(
      [longest](std::string& text) {
        const std::optional<double> read = parse_seconds(text);
        if (!read) return fmt::format("got {}, expected a time such as 90s or 15m", in_quotes(text));
        if (*read < shortest_s || *read > longest)
          return fmt::format("got {}, expected {}s to {}s", in_quotes(text), shortest_s, longest);
        text = fmt::format("{}", *read);
        return std::string();
      },
      ""));
  return Option(made);
}
Option Command::flag(const std::string& names, bool& into, const std::string& meaning) {
  return Option(app_->add_flag(names, into, meaning));
}

void Command::set_action(Action action) {
  // The parser calls back a command after those below it.
  app_->callback([app = app_, line = line_, action = std::move(action)] {
    if (app->get_subcommands().empty()) line->action = action;
  });
}

}  // namespace portolan::cli
