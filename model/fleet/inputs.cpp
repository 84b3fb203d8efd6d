// SPDX-License-Identifier: Apache-2.0
//
// A scenario's text as canonical JSON, and the part of it that decides which states there are.
#include <algorithm>

#include "model/fleet/scenario_reading.hpp"
#include "model/support/text.hpp"

namespace portolan::fleet {

using files::Kind;
using files::Node;

namespace {

/// What JSON takes for a number; YAML has more (`0x10`), which is text to whoever reads it here.
bool is_json_number(std::string_view text) {
  const auto digits = [&] {
    std::size_t n = 0;
    while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
    text.remove_prefix(n);
    return n;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool zero = text.starts_with('0');
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return text.empty();
}

}  // namespace

std::string canonical_json(const Node& node) {
  std::string out;
  const auto write = [&](const auto& self, const Node& at) -> void {
    switch (at.kind) {
      case Kind::null: out += "null"; return;
      case Kind::boolean: out += at.boolean ? "true" : "false"; return;
      case Kind::number: out += is_json_number(at.text) ? at.text : json_quoted(at.text); return;
      case Kind::string: out += json_quoted(at.text); return;
      case Kind::array:
        out += '[';
        for (const Node& item : at.items) {
          if (&item != &at.items.front()) out += ',';
          self(self, item);
        }
        out += ']';
        return;
      case Kind::object:
        out += '{';
        for (const files::Member& member : at.members) {
          if (&member != &at.members.front()) out += ',';
          out += json_quoted(member.key) + ':';
          self(self, member.value);
        }
        out += '}';
        return;
    }
  };
  write(write, node);
  return out;
}

namespace {

/// Every value below a node, by its path. Rates of faults are the simulator's.
void flatten(const Node& node, const std::string& path, std::map<std::string, std::string>& into) {
  if (path == "faults.rates") return;
  for (const files::Member& member : node.members)
    flatten(member.value, files::member_path(path, member.key), into);
  for (std::size_t i = 0; i < node.items.size(); ++i) flatten(node.items[i], files::item_path(path, i), into);
  if (node.members.empty() && node.items.empty()) into[path] = canonical_json(node);
}

}  // namespace

std::map<std::string, std::string> inputs_of(const Node& root, const compat::Catalogue* catalogue) {
  static constexpr std::string_view others[] = {"format",    "description",  "catalogue", "expect",
                                                "seed",      "replications", "network",   "workload",
                                                "durations", "operator",     "simulation"};
  std::map<std::string, std::string> inputs;
  for (const files::Member& member : root.members)
    if (std::find(std::begin(others), std::end(others), member.key) == std::end(others))
      flatten(member.value, member.key, inputs);
  if (catalogue == nullptr) return inputs;
  for (const compat::Implementation& implementation : catalogue->implementations) {
    compat::Catalogue one;
    one.implementations.push_back(implementation);
    inputs["catalogue " + implementation.label] = compat::write_catalogue(one);
  }
  return inputs;
}

}  // namespace portolan::fleet
