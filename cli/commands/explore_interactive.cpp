// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/explore_interactive.hpp"

#include <algorithm>
#include <charconv>
#include <istream>
#include <sstream>

#include "cli/report/story.hpp"
#include "model/rules/footprint.hpp"
#include "model/support/text.hpp"

namespace portolan::cli {

namespace {

using rules::Cells;
using rules::Module;

constexpr const char* help_text =
    "  NUMBER         take that event\n"
    "  back [N]       N steps back (1)\n"
    "  forward [N]    N steps forward again (1)\n"
    "  jump [NAME]    to the violation of a property, on a shortest way; without NAME of the first one that "
    "is violated\n"
    "  show [NAME]    a variable, or one fact such as place[vm1]; without NAME everything that can change\n"
    "  path           how it came to this\n"
    "  list           the enabled events again\n"
    "  quit           ends\n"
    "The first letter is enough.\n";

class Walk {
 public:
  Walk(const fleet::LoadedScenario& loaded, const SearchOptions& search, Output& output)
      : module_(loaded.module), search_(search), output_(output) {
    trace_.start = module_.initial;
  }

  Exit run(std::istream& in) {
    output_.print("{}; `help` says what can be asked\n",
                  counted(rules::successors(module_, now()).size(), "enabled event"));
    list();
    std::string line;
    for (bool asked = false;; asked = true) {
      output_.print("> ");
      if (const auto written = output_.flush(); !written) return output_.refuse(written.error());
      if (!std::getline(in, line)) {
        output_.print("\n");
        return asked ? Exit::yes : refuse();
      }
      if (!output_.input_terminal()) output_.print("{}\n", printable(line));
      if (!answer(line)) return Exit::yes;
    }
  }

 private:
  const Module& module_;
  const SearchOptions& search_;
  Output& output_;
  rules::Trace trace_;        ///< also what lies ahead after going back
  std::size_t position_ = 0;  ///< steps taken

  Exit refuse() {
    return output_.refuse({{FaultCode::usage,
                            {"--interactive", {}, {}},
                            "standard input ended before the first line",
                            "a terminal, or lines of commands on a pipe",
                            "echo help | portolan explore SCENARIO --interactive"}});
  }
  const Cells& at(std::size_t position) const {
    return position == 0 ? trace_.start : trace_.steps[position - 1].after;
  }
  const Cells& now() const { return at(position_); }

  bool answer(const std::string& line) {
    std::istringstream words(line);
    std::string command, argument;
    words >> command >> std::ws;
    std::getline(words, argument);
    while (!argument.empty() && std::isspace(static_cast<unsigned char>(argument.back())))
      argument.pop_back();
    std::size_t number = 0;
    const auto is = [&](std::string_view name) { return !command.empty() && name.starts_with(command); };
    if (command.empty() || is("list"))
      list();
    else if (whole(command, number))
      take(number);
    else if (is("back") || is("forward"))
      move(command[0] == 'b', argument);
    else if (is("jump"))
      jump(argument);
    else if (is("show"))
      show(argument);
    else if (is("path"))
      path();
    else if (is("help"))
      output_.write(help_text);
    else if (is("quit"))
      return false;
    else
      output_.print("{} is nothing that can be asked; `help` says what can\n", in_quotes(command));
    return true;
  }

  static bool whole(const std::string& text, std::size_t& into) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), into);
    return !text.empty() && read.ec == std::errc{} && read.ptr == text.data() + text.size();
  }

  void list() {
    const auto all = rules::successors(module_, now());
    output_.print("step {}{}\n", position_,
                  position_ < trace_.steps.size() ? fmt::format(" of {}", trace_.steps.size()) : "");
    for (const rules::Property& property : module_.properties)
      if (property.verb == rules::Verb::always && !rules::holds(module_, property.condition, now()))
        output_.print("  {} here: {}{}\n", output_.bad(property.name + " is violated"),
                      property.meaning.empty() ? property.condition.source : property.meaning,
                      property.source.empty() ? "" : " (" + property.source + ")");
    if (all.empty()) output_.print("  nothing can happen any more\n");
    for (std::size_t i = 0; i < all.size(); ++i) {
      const rules::Action& action = module_.actions[all[i].event.action];
      output_.print("  {:>2}. {}{}{}\n", i + 1, output_.bold(rules::to_string(module_, all[i].event)),
                    action.fault ? output_.bad("  [fault]") : "",
                    action.meaning.empty() ? "" : "  " + output_.faint(action.meaning));
      output_.print("      {}\n", all[i].defined
                                      ? changes(now(), all[i].next)
                                      : output_.bad("has no meaning here: an index is none, a value leaves "
                                                    "its domain, or one variable is given two values"));
    }
  }

  std::string changes(const Cells& before, const Cells& after) const {
    std::string text;
    for (const std::size_t cell : rules::changed_cells(before, after)) {
      const rules::Variable& variable = module_.variables[rules::variable_of(module_, cell)];
      text += (text.empty() ? "" : ", ") + fmt::format("{}: {} -> {}", rules::cell_name(module_, cell),
                                                       rules::shown(module_, variable, before[cell]),
                                                       rules::shown(module_, variable, after[cell]));
    }
    return text.empty() ? "changes nothing" : text;
  }

  void take(std::size_t number) {
    auto all = rules::successors(module_, now());
    if (number == 0 || number > all.size())
      return output_.print(
          "there is no event {}; {}\n", number,
          all.empty() ? "nothing is enabled" : fmt::format("1 to {} are enabled", all.size()));
    rules::Successor& taken = all[number - 1];
    if (!taken.defined) return output_.print("that event has no meaning here, so nothing follows\n");
    // What lay ahead stays there when the same step is taken again.
    if (position_ == trace_.steps.size() || !(trace_.steps[position_].event == taken.event)) {
      trace_.steps.resize(position_);
      trace_.steps.push_back({std::move(taken.event), std::move(taken.next)});
    }
    ++position_;
    list();
  }

  void move(bool back, const std::string& argument) {
    std::size_t steps = 1;
    if (!argument.empty() && !whole(argument, steps))
      return output_.print("{} is no number of steps\n", in_quotes(argument));
    const std::size_t most = back ? position_ : trace_.steps.size() - position_;
    if (most == 0) return output_.print("{}\n", back ? "this is the beginning" : "there is nothing ahead");
    position_ = back ? position_ - std::min(steps, most) : position_ + std::min(steps, most);
    list();
  }

  void jump(const std::string& name) {
    if (!name.empty() && name != solver::explore::well_defined && module_.property(name) < 0) {
      std::vector<std::string> names;
      for (const rules::Property& property : module_.properties) names.push_back(property.name);
      return output_.print("there is no property {}; there are {}\n", in_quotes(name), listed(names, 40));
    }
    const Interruption interruption;
    Progress progress(output_, progress_kind(search_));
    auto options = search_options(search_, progress, interruption);
    if (!options) {
      for (const Fault& fault : options.error()) output_.print("{}\n", to_string(fault));
      return;
    }
    options->deadline.reset();  // by hand, each search has a time of its own
    Module asked = module_;
    if (!name.empty())
      std::erase_if(asked.properties, [&](const rules::Property& property) { return property.name != name; });
    const solver::explore::Exploration found = solver::explore::Explorer(asked, *options).run();
    for (const solver::explore::PropertyResult& property : found.properties) {
      const bool wanted = name.empty() ? property.verdict == solver::explore::PropertyVerdict::violated
                                       : property.name == name;
      if (!wanted || !property.trace) continue;
      trace_ = *property.trace;
      position_ = trace_.steps.size();
      output_.print("{} {} after {}\n", property.name, name_of(property.verdict), counted(position_, "step"));
      return list();
    }
    output_.print("{}{}\n", name.empty() ? "no property is violated" : name + " has no trace to jump along",
                  found.complete ? "" : ", as far as was looked: " + counted(found.states, "state"));
  }

  void show(const std::string& name) {
    bool any = false;
    for (std::size_t v = 0; v < module_.variables.size(); ++v) {
      const rules::Variable& variable = module_.variables[v];
      if (name.empty() && variable.fixed) continue;
      for (std::int32_t i = 0; i < module_.widths[v]; ++i) {
        const std::string fact = rules::cell_name(module_, v, static_cast<std::size_t>(i));
        if (!name.empty() && name != variable.name && name != fact) continue;
        any = true;
        const std::size_t cell = static_cast<std::size_t>(module_.offsets[v]) + static_cast<std::size_t>(i);
        output_.print("  {} = {}\n", fact, rules::shown(module_, variable, now()[cell]));
      }
    }
    if (any) return;
    std::vector<std::string> names;
    for (const rules::Variable& variable : module_.variables) names.push_back(variable.name);
    output_.print("there is no variable {}; there are {}\n", in_quotes(name), listed(names, 60));
  }

  void path() {
    if (position_ == 0) return output_.print("this is the beginning\n");
    for (std::size_t i = 0; i < position_; ++i)
      tell(module_, trace_.steps[i].event, at(i), at(i + 1), i + 1, output_);
  }
};

}  // namespace

Exit step_through(const fleet::LoadedScenario& loaded, const SearchOptions& search, Output& output) {
  if (output.format() != Format::text)
    return output.refuse(
        {{FaultCode::usage, {"--interactive", {}, {}}, "answers in text only", "--format text", {}}});
  if (output.input() == nullptr)
    return output.refuse({{FaultCode::usage,
                           {"--interactive", {}, {}},
                           "there is no standard input",
                           "a terminal, or lines of commands on a pipe",
                           {}}});
  return Walk(loaded, search, output).run(*output.input());
}

}  // namespace portolan::cli
