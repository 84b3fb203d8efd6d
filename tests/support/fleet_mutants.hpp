#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Mutants of the fleet's actions: the text of model/fleet/actions.hpp with one thing wrong, compiled again. A
// condition of a guard is missing or turned round, a step of a machine or an update is missing.

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "model/fleet/actions.hpp"

namespace portolan::test {

/// Pieces between separators outside parentheses and brackets.
inline std::vector<std::string> pieces_of(std::string_view text, std::string_view separator) {
  std::vector<std::string> found;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const bool ends = i == text.size() || (depth == 0 && text.compare(i, separator.size(), separator) == 0);
    if (ends) {
      std::string piece(text.substr(begin, i - begin));
      while (!piece.empty() && piece.front() == ' ') piece.erase(0, 1);
      while (!piece.empty() && piece.back() == ' ') piece.pop_back();
      if (!piece.empty()) found.push_back(std::move(piece));
      i += i == text.size() ? 0 : separator.size() - 1;
      begin = i + 1;
      continue;
    }
    if (text[i] == '(' || text[i] == '[' || text[i] == '{') ++depth;
    if (text[i] == ')' || text[i] == ']' || text[i] == '}') --depth;
  }
  return found;
}

struct FleetMutant {
  std::size_t action = 0;
  std::string what;                  ///< `drain: without !draining[h]`
  std::string guard, steps, update;  ///< of the action as it is now
};

/// Every mutant, in the order of the actions. A guard with an `||` outside parentheses is one condition.
inline std::vector<FleetMutant> fleet_mutants() {
  std::vector<FleetMutant> all;
  const auto joined = [](const std::vector<std::string>& parts, std::size_t changed, const std::string& to,
                         std::string_view separator) {
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::string& part = i == changed ? to : parts[i];
      if (!part.empty()) text += (text.empty() ? "" : std::string(separator)) + part;
    }
    return text;
  };
  for (std::size_t a = 0; a < std::size(fleet::actions); ++a) {
    const rules::ActionText& action = fleet::actions[a];
    const std::string name(action.name);
    std::vector<std::string> conditions = pieces_of(action.guard, "&&");
    if (pieces_of(action.guard, "||").size() > 1) conditions = {std::string(action.guard)};
    for (std::size_t c = 0; c < conditions.size(); ++c) {
      all.push_back({a, name + ": without " + conditions[c], joined(conditions, c, "", " && "),
                     std::string(action.steps), std::string(action.update)});
      all.push_back({a, name + ": not " + conditions[c],
                     joined(conditions, c, "!(" + conditions[c] + ")", " && "), std::string(action.steps),
                     std::string(action.update)});
    }
    const std::vector<std::string> steps = pieces_of(action.steps, ";"),
                                   updates = pieces_of(action.update, ";");
    const bool only_one = steps.size() + updates.size() == 1;  // an action that changes nothing is none
    for (std::size_t s = 0; s < steps.size() && !only_one; ++s)
      all.push_back({a, name + ": without the step " + steps[s], std::string(action.guard),
                     joined(steps, s, "", "; "), std::string(action.update)});
    for (std::size_t u = 0; u < updates.size() && !only_one; ++u)
      all.push_back({a, name + ": without " + updates[u], std::string(action.guard),
                     std::string(action.steps), joined(updates, u, "", "; ")});
    if (only_one)
      all.push_back({a, name + ": never", "false", std::string(action.steps), std::string(action.update)});
  }
  return all;
}

/// The fleet's text with one mutant in it; it owns what it changed.
class MutatedFleet {
 public:
  explicit MutatedFleet(const FleetMutant& mutant)
      : mutant_(mutant),
        actions_(std::begin(fleet::actions), std::end(fleet::actions)),
        text_(fleet::fleet_text) {
    actions_[mutant_.action].guard = mutant_.guard;
    actions_[mutant_.action].steps = mutant_.steps;
    actions_[mutant_.action].update = mutant_.update;
    text_.actions = actions_;
  }
  MutatedFleet(const MutatedFleet&) = delete;
  MutatedFleet& operator=(const MutatedFleet&) = delete;
  const rules::ModuleText& text() const { return text_; }

 private:
  FleetMutant mutant_;
  std::vector<rules::ActionText> actions_;
  rules::ModuleText text_;
};

}  // namespace portolan::test
