// SPDX-License-Identifier: Apache-2.0
//
// `explain`: what a word in the output of another command means, why it matters, an example and the remedy.

#include <fmt/ranges.h>

#include "cli/frame/command.hpp"
#include "cli/frame/json.hpp"
#include "cli/report/explanations.hpp"

namespace portolan::cli {

namespace {

struct ExplainOptions {
  std::optional<std::string> word;
};

Faults unknown(const std::string& word) {
  const std::vector<std::string> near = words_near(word);
  return {{FaultCode::usage,
           {"explain", {}, {}},
           fmt::format("got {}", in_quotes(word)),
           "a rule, a reason, a property, a remark or a kind of fault",
           fmt::format("{}portolan explain lists them all",
                       near.empty() ? "" : fmt::format("did you mean {}? ", fmt::join(near, ", ")))}};
}

Exit explain(const ExplainOptions& options, Output& output) {
  std::vector<const Explanation*> asked;
  if (options.word) {
    asked = explanations_of(*options.word);
    if (asked.empty()) return output.refuse(unknown(*options.word));
  } else {
    for (const Explanation& one : explanations()) asked.push_back(&one);
  }
  if (output.json()) {
    Json json = versioned();
    json["words"] = Json::array();
    for (const Explanation* one : asked) json["words"].push_back(explanation_json(*one));
    output.write(pretty(json));
  } else if (options.word) {
    for (const Explanation* one : asked) {
      if (one != asked.front()) output.print("\n");
      print_explanation(*one, output);
    }
  } else {
    print_words(output);
  }
  return Exit::yes;
}

}  // namespace

void add_explain(Command& root) {
  auto options = std::make_shared<ExplainOptions>();
  Command command =
      root.command("explain", "What a word of the output means, and what to do about it", {"text", "json"},
                   "portolan explain C4\n  portolan explain interface-constant");
  command.option(
      "WORD", options->word,
      "A rule, a reason, a property (by name or §5.8), a remark or a kind of fault; without it all "
      "are listed");
  command.on_chosen(options, explain);
}

}  // namespace portolan::cli
