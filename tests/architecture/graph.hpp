#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Who includes whom, as a graph over names, and the one question that is asked of it: is there a circle.

#include <map>
#include <set>
#include <string>
#include <vector>

namespace portolan::architecture {

using Graph = std::map<std::string, std::set<std::string>>;

/// A circle, its first name again at its end; empty where there is none. The same for the same graph.
inline std::vector<std::string> circle_in(const Graph& graph) {
  enum class Seen { no, open, done };
  std::map<std::string, Seen> seen;
  std::vector<std::string> path;
  const auto closes = [&](const auto& self, const std::string& at) -> bool {
    if (seen[at] == Seen::done) return false;
    path.push_back(at);
    if (seen[at] == Seen::open) return true;
    seen[at] = Seen::open;
    if (const auto found = graph.find(at); found != graph.end()) {
      for (const std::string& next : found->second) {
        if (self(self, next)) return true;
      }
    }
    seen[at] = Seen::done;
    path.pop_back();
    return false;
  };
  for (const auto& [name, unused] : graph) {
    if (!closes(closes, name)) continue;
    while (path.front() != path.back()) path.erase(path.begin());
    return path;
  }
  return {};
}

}  // namespace portolan::architecture
