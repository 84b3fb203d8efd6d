// SPDX-License-Identifier: Apache-2.0
#include "model/fleet/timing.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/fleet/scenario_reading.hpp"
#include "model/fleet/usual_times.hpp"
#include "model/support/text.hpp"

namespace portolan::fleet {

using files::Kind;
using files::Node;

namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;

/// Each row once, and each action in one of the two.
constexpr bool each_is_timed() {
  for (const rules::ActionText& action : actions) {
    const auto times = [&](const auto& table) {
      return std::count_if(std::begin(table), std::end(table),
                           [&](const auto& row) { return row.action == action.name; });
    };
    const bool fault = action.actor == rules::Actor::fault;
    if (times(usual::durations) != !fault || times(usual::rates) != fault) return false;
  }
  return true;
}
static_assert(each_is_timed());

std::string_view before_dot(std::string_view action) { return action.substr(0, action.find('.')); }

/// Reads one group of members after the other; what is not there keeps its default.
class TimingReader {
 public:
  TimingReader(files::Reader& reader, Timing& into) : reader_(reader), into_(into) {}

  void network(const Node& node) {
    const Members one(reader_, node, "network", {"bandwidth_bytes_per_s", "latency_ns"});
    number(one, "bandwidth_bytes_per_s", 1, into_.bandwidth_bytes_per_s);
    distribution(one, "latency_ns", into_.latency_ns);
  }
  void workload(const Node& node) {
    const Members one(reader_, node, "workload",
                      {"state_bytes", "dirty_bytes_per_s", "downtime_max_ns", "rounds_max"});
    distribution(one, "state_bytes", into_.state_bytes);
    distribution(one, "dirty_bytes_per_s", into_.dirty_bytes_per_s);
    number(one, "downtime_max_ns", 0, into_.downtime_max_ns);
    number(one, "rounds_max", 1, into_.rounds_max, 10'000);
  }
  void simulation(const Node& node) {
    const Members one(reader_, node, "simulation", {"until_ns", "events_max"});
    // A year of nanoseconds does not fit into what a single duration may be; the end of a run may lie a
    // hundred years away.
    number(one, "until_ns", 1, into_.until_ns, std::uint64_t{1} << 62);
    number(one, "events_max", 1, into_.events_max, std::uint64_t{1} << 40);
  }
  void operators(const Node& node, const std::vector<std::string>& actions) {
    const Members one(reader_, node, "operator", {"interval_ns", "weights"});
    if (!one.good()) return;
    distribution(one, "interval_ns", into_.operator_interval_ns);
    if (into_.operator_interval_ns.kind != Distribution::Kind::uniform && into_.operator_interval_ns.a == 0)
      reader_.report(FaultCode::out_of_range, *one.find("interval_ns"), one.path("interval_ns"), "got 0",
                     "at least 1");
    named(one, "weights", "", actions, "action",
          [&](const std::string& name, const Node& value, const std::string& path, const std::string& key) {
            if (const auto weight = compat::read_u64(reader_, value, {path, key});
                weight && within(value, files::member_path(path, key), *weight, 0, 1'000'000))
              into_.weights[name] = *weight;
          });
  }
  void durations(const Node& node, std::vector<std::string> actions) {
    for (std::size_t i = 0, size = actions.size(); i < size; ++i)
      if (const std::string group(before_dot(actions[i]));
          std::find(actions.begin(), actions.end(), group) == actions.end())
        actions.push_back(group);
    members(node, "durations", "_ns", actions, "action",
            [&](const std::string& name, const Node& value, const std::string& path, const std::string& key) {
              Distribution read;
              if (distribution(value, files::member_path(path, key), read)) into_.durations[name] = read;
            });
  }
  void rates(const Node& node) {
    std::vector<std::string> kinds;
    for (const usual::Rate& rate : usual::rates) kinds.emplace_back(rate.action.name());
    members(node, "faults.rates", "_ns", kinds, "fault",
            [&](const std::string& name, const Node& value, const std::string& path, const std::string& key) {
              if (const auto mean = compat::read_u64(reader_, value, {path, key});
                  mean && within(value, files::member_path(path, key), *mean, 1, quantity_max))
                into_.rates_ns[name] = *mean;
            });
  }

 private:
  files::Reader& reader_;
  Timing& into_;

  bool within(const Node& node, const std::string& path, std::uint64_t value, std::uint64_t low,
              std::uint64_t high) {
    if (low <= value && value <= high) return true;
    reader_.report(FaultCode::out_of_range, node, path, fmt::format("got {}", value),
                   fmt::format("{} to {}", low, high));
    return false;
  }
  void number(const Members& one, std::string_view key, std::uint64_t low, std::uint64_t& into,
              std::uint64_t high = quantity_max) {
    const auto value = one.number(key);
    if (value && within(*one.find(key), one.path(key), *value, low, high)) into = *value;
  }
  void distribution(const Members& one, std::string_view key, Distribution& into) {
    if (const Node* node = one.find(key)) distribution(*node, one.path(key), into);
  }

  /// `4`, `{constant: 4}`, `{uniform: [4, 8]}` or `{exponential: 6}`.
  bool distribution(const Node& node, const std::string& path, Distribution& into) {
    if (node.kind == Kind::number) {
      const auto value = compat::read_u64(reader_, node, {path, ""});
      if (!value || !within(node, path, *value, 0, quantity_max)) return false;
      into = {Distribution::Kind::constant, *value, 0};
      return true;
    }
    const Members one(reader_, node, path, {"constant", "uniform", "exponential"});
    if (!one.good()) return false;
    if (node.members.size() != 1) {
      reader_.report(FaultCode::missing, node, path, fmt::format("has {} members", node.members.size()),
                     "a number, or one of constant, uniform, exponential");
      return false;
    }
    if (const Node* range = one.find("uniform")) {
      if (!reader_.expect(*range, Kind::array, path, "uniform")) return false;
      if (range->items.size() != 2) {
        reader_.report(FaultCode::bad_range, *range, one.path("uniform"),
                       fmt::format("has {} items", range->items.size()), "[smallest, largest]");
        return false;
      }
      const auto low = compat::read_u64(reader_, range->items[0], {path, "uniform", 0}),
                 high = compat::read_u64(reader_, range->items[1], {path, "uniform", 1});
      if (!low || !high || !within(*range, one.path("uniform"), *high, 0, quantity_max)) return false;
      if (*low > *high) {
        reader_.report(FaultCode::bad_range, *range, one.path("uniform"),
                       fmt::format("got [{}, {}]", *low, *high), "the smaller number first");
        return false;
      }
      into = {Distribution::Kind::uniform, *low, *high};
      return true;
    }
    const bool constant = one.find("constant") != nullptr;
    const std::string_view key = constant ? "constant" : "exponential";
    const auto value = one.number(key);
    // An exponential number may be 44 times its mean (sim/time/sampling.hpp), and still has to stay in
    // bounds.
    if (!value || one.find(key) == nullptr || !within(*one.find(key), one.path(key), *value, 0, quantity_max))
      return false;
    into = {constant ? Distribution::Kind::constant : Distribution::Kind::exponential, *value, 0};
    return true;
  }

  template <class Each>
  void named(const Members& parent, std::string_view key, std::string_view suffix,
             const std::vector<std::string>& names, std::string_view what, const Each& each) {
    if (const Node* node = parent.find(key)) members(*node, parent.path(key), suffix, names, what, each);
  }
  /// Members whose keys are one of `names` with `suffix` behind it.
  template <class Each>
  void members(const Node& node, const std::string& path, std::string_view suffix,
               const std::vector<std::string>& names, std::string_view what, const Each& each) {
    if (!reader_.expect(node, Kind::object, path) || !reader_.no_duplicate_keys(node, path)) return;
    for (const files::Member& member : node.members) {
      const std::string_view key = member.key;
      const bool ends = key.size() > suffix.size() && key.substr(key.size() - suffix.size()) == suffix;
      const std::string name(ends ? key.substr(0, key.size() - suffix.size()) : key);
      if (ends && std::find(names.begin(), names.end(), name) != names.end()) {
        each(name, member.value, path, member.key);
        continue;
      }
      std::vector<std::string> known;
      for (const std::string& one : names) known.push_back(one + std::string(suffix));
      reader_.report(FaultCode::unknown_name, member.key_mark, files::member_path(path, member.key),
                     fmt::format("is no {} here", what), "one of " + listed(known, 60),
                     did_you_mean(member.key, std::vector<std::string_view>(known.begin(), known.end())));
    }
  }
};

}  // namespace

Distribution Timing::duration(std::string_view action) const {
  if (const auto found = durations.find(action); found != durations.end()) return found->second;
  if (const auto found = durations.find(before_dot(action)); found != durations.end()) return found->second;
  const auto* usual = usual::row_of(usual::durations, action);
  return {Distribution::Kind::constant, usual != nullptr ? usual->ns : second_ns, 0};
}

std::uint64_t Timing::rate_ns(std::string_view fault) const {
  if (const auto found = rates_ns.find(fault); found != rates_ns.end()) return found->second;
  const auto* usual = usual::row_of(usual::rates, fault);
  return usual != nullptr ? usual->ns : 86'400 * second_ns;
}

std::uint64_t Timing::weight(std::string_view action) const {
  if (const auto found = weights.find(action); found != weights.end()) return found->second;
  const auto* usual = usual::row_of(usual::weights, action);
  return usual != nullptr ? usual->weight : 1;
}

std::uint32_t messages_of(std::string_view action) {
  const auto* usual = usual::row_of(usual::durations, action);
  return usual != nullptr ? usual->messages : 0;
}

void read_timing(files::Reader& reader, const files::Node& root, const std::vector<std::string>& action_names,
                 Timing& into) {
  TimingReader timing(reader, into);
  if (const Node* node = root.find("network")) timing.network(*node);
  if (const Node* node = root.find("workload")) timing.workload(*node);
  if (const Node* node = root.find("simulation")) timing.simulation(*node);
  if (const Node* node = root.find("operator")) timing.operators(*node, action_names);
  if (const Node* node = root.find("durations")) timing.durations(*node, action_names);
  if (const Node* faults = root.find("faults"); faults != nullptr && faults->kind == Kind::object)
    if (const Node* node = faults->find("rates")) timing.rates(*node);
}

}  // namespace portolan::fleet
