// SPDX-License-Identifier: Apache-2.0
#include "model/traces/regression.hpp"

#include <cctype>

#include <fmt/format.h>

#include "model/fleet/reductions.hpp"
#include "model/support/json.hpp"
#include "model/support/text.hpp"
#include "model/traces/replay.hpp"

namespace portolan::traces {

namespace {

bool plain_key(const std::string& key) {
  if (key.empty() || !std::isalpha(static_cast<unsigned char>(key[0]))) return false;
  for (const char c : key)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '-') return false;
  for (const char* word : {"true", "false", "null", "True", "False", "Null", "TRUE", "FALSE", "NULL"})
    if (key == word) return false;
  return true;
}

std::string yaml_key(const std::string& key) { return plain_key(key) ? key : compact(key); }

/// Lists of scalars stand on one line, everything else in block style; texts are in double quotes, where
/// JSON's escapes are YAML's too.
void yaml(const Json& json, std::size_t indent, std::string& out) {
  const std::string margin(indent, ' ');
  const auto is_short = [](const Json& value) {
    if (!value.is_structured() || value.empty()) return true;
    if (value.is_object()) return false;
    for (const Json& item : value)
      if (item.is_structured()) return false;
    return true;
  };
  const auto on_line = [](const Json& value) {
    if (!value.is_array()) return compact(value);
    std::string list = "[";
    for (const Json& item : value) list += (list.size() > 1 ? ", " : "") + compact(item);
    return list + "]";
  };
  if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      out += margin + yaml_key(key) + ":";
      if (is_short(value))
        out += " " + on_line(value) + "\n";
      else {
        out += "\n";
        yaml(value, indent + 2, out);
      }
    }
    return;
  }
  for (const Json& item : json) {
    if (is_short(item)) {
      out += margin + "- " + on_line(item) + "\n";
      continue;
    }
    // The first member stands behind the dash.
    std::string inner;
    yaml(item, indent + 2, inner);
    out += margin + "- " + inner.substr(indent + 2);
  }
}

/// `1. look(process1); 2. enter(process1)`
std::string story(const rules::Module& module, const rules::Trace& trace) {
  std::string told;
  for (std::size_t i = 0; i < trace.steps.size(); ++i)
    told +=
        fmt::format("{}{}. {}", i == 0 ? " " : "; ", i + 1, rules::to_string(module, trace.steps[i].event));
  return told;
}

}  // namespace

std::string regression_scenario(const fleet::LoadedScenario& loaded, const Counterexample& found,
                                const std::filesystem::path& file) {
  Json scenario = Json::parse(fleet::focused(loaded.content, found.property));
  const int known = loaded.module.property(found.property);
  const std::string meaning = known < 0 ? "no event of the model lacks a meaning"
                                        : loaded.module.properties[static_cast<std::size_t>(known)].meaning;
  const std::size_t steps = found.trace ? found.trace->steps.size() : 0;
  scenario["description"] = fmt::format("A counterexample kept as a test: {}{} is {} {}.{}", found.property,
                                        meaning.empty() ? "" : " (" + meaning + ")", found.verdict,
                                        steps == 0 ? "at the beginning" : "after " + counted(steps, "step"),
                                        found.trace ? story(loaded.module, *found.trace) : "");
  if (!loaded.scenario.catalogue_file.empty()) {
    std::error_code error;
    const std::filesystem::path from = std::filesystem::absolute(file).parent_path(),
                                to = std::filesystem::absolute(loaded.scenario.catalogue_file);
    const std::filesystem::path relative = std::filesystem::relative(to, from, error);
    scenario["catalogue"] = (error || relative.empty() ? to : relative).string();
  }
  Json expect{{"verdicts", Json::object()}};
  expect["verdicts"][found.property] = found.verdict;
  if (found.trace) expect["traces"] = Json{{found.property, event_texts(loaded.module, *found.trace)}};
  scenario["expect"] = std::move(expect);
  const std::string extension = file.extension().string();
  if (extension != ".yaml" && extension != ".yml") return pretty(scenario);
  std::string text;
  yaml(scenario, 0, text);
  return text;
}

}  // namespace portolan::traces
