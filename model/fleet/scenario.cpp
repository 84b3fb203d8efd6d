// SPDX-License-Identifier: Apache-2.0
#include "model/fleet/scenario.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/compat/loading.hpp"
#include "model/files/kinds.hpp"
#include "model/fleet/actions.hpp"
#include "model/fleet/scenario_reading.hpp"
#include "model/support/text.hpp"

namespace portolan::fleet {

using files::Kind;
using files::Node;

namespace {

class ScenarioReader {
 public:
  explicit ScenarioReader(const files::Document& document,
                          std::shared_ptr<const compat::Catalogue> catalogue = nullptr)
      : document_(document), catalogue_(std::move(catalogue)), reader_(document.file, faults_) {
    scenario_.file = document.file;
  }

  Result<LoadedScenario> read() {
    const Members top(reader_, document_.root, "",
                      {"format", "description", "catalogue", "scheme", "fleet", "goal", "rollout", "actions",
                       "faults", "seed", "replications", "properties", "expect", "model", "network",
                       "workload", "durations", "operator", "simulation"});
    if (!top.good()) return fail(std::move(faults_));
    reader_.expect_format(document_.root, files::scenario_format);
    if (top.required("description") != nullptr) scenario_.description = top.text("description");
    scenario_.seed = top.number("seed").value_or(1);
    scenario_.replications = top.number("replications").value_or(1);
    if (top.find("goal") != nullptr) scenario_.goal = top.placed("goal");
    if (const Node* node = top.find("properties")) properties(*node);
    if (const Node* node = top.find("expect")) expect(*node);
    if (const Node* node = top.find("model")) return own_model(top, *node);
    return fleet(top);
  }

 private:
  const files::Document& document_;
  std::shared_ptr<const compat::Catalogue>
      catalogue_;  // given, or null: read from the file that the scenario names
  Faults faults_;
  files::Reader reader_;
  Scenario scenario_;

  void properties(const Node& node) {
    if (!reader_.expect(node, Kind::array, "properties")) return;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const Members one(reader_, node.items[i], files::item_path("properties", i),
                        {"name", "meaning", "always", "sometimes", "eventually", "fairness"});
      if (!one.good()) continue;
      PropertyAsked asked;
      if (one.required("name") != nullptr) asked.name = one.text("name");
      asked.meaning = one.text("meaning");
      int verbs = 0;
      for (const rules::Verb verb : {rules::Verb::always, rules::Verb::sometimes, rules::Verb::eventually}) {
        if (one.find(rules::name_of(verb)) == nullptr) continue;
        asked.verb = verb;
        asked.condition = one.placed(rules::name_of(verb));
        ++verbs;
      }
      if (const Node* fairness = one.find("fairness")) {
        asked.fairness = one.list("fairness");
        if (one.find("eventually") == nullptr)
          reader_.report(FaultCode::usage, *fairness, one.path("fairness"), "stands beside another verb",
                         "fairness says when eventually is promised", "remove it");
      }
      if (verbs != 1)
        reader_.report(FaultCode::missing, node.items[i], one.path(), fmt::format("has {} conditions", verbs),
                       "one of always, sometimes, eventually");
      else
        scenario_.properties.push_back(std::move(asked));
    }
  }

  void expect(const Node& node) {
    const Members one(reader_, node, "expect",
                      {"states", "transitions", "depth", "plan", "verdicts", "traces"});
    if (!one.good()) return;
    Expectation& expect = scenario_.expect;
    expect.place = {document_.file, node.mark, "expect"};
    expect.states = one.number("states");
    expect.transitions = one.number("transitions");
    expect.depth = one.number("depth");
    if (const Node* plan = one.find("plan")) {
      if (plan->kind == Kind::number) {
        expect.plan_steps = one.number("plan");
        expect.plan_possible = true;
      } else if (const std::string text = one.text("plan"); text == "possible" || text == "impossible")
        expect.plan_possible = text == "possible";
      else if (plan->kind == Kind::string)
        reader_.report(FaultCode::unknown_name, *plan, "expect.plan", "got " + files::shown(*plan),
                       "a number of steps, possible or impossible");
    }
    if (const Node* verdicts = one.find("verdicts");
        verdicts != nullptr && reader_.expect(*verdicts, Kind::object, "expect", "verdicts")) {
      for (const files::Member& member : verdicts->members) {
        constexpr std::string_view known[] = {"holds", "violated", "undetermined", "vacuous"};
        const auto text = compat::read_string(reader_, member.value, {"expect.verdicts", member.key});
        if (text && std::find(std::begin(known), std::end(known), *text) == std::end(known))
          reader_.report(FaultCode::unknown_name, member.value, "expect.verdicts." + member.key,
                         "got " + files::shown(member.value), "holds, violated, undetermined or vacuous");
        else if (text)
          expect.verdicts[member.key] = *text;
      }
    }
    if (const Node* traces = one.find("traces");
        traces != nullptr && reader_.expect(*traces, Kind::object, "expect", "traces"))
      for (const files::Member& member : traces->members)
        expected_trace(member.value, files::member_path("expect.traces", member.key),
                       expect.traces[member.key]);
  }

  /// A list of events, each a list of texts: the action, then its arguments.
  void expected_trace(const Node& node, const std::string& path,
                      std::vector<std::vector<std::string>>& into) {
    if (!reader_.expect(node, Kind::array, path)) return;
    for (std::size_t e = 0; e < node.items.size(); ++e) {
      const std::string at = files::item_path(path, e);
      auto& event = into.emplace_back();
      if (!reader_.expect(node.items[e], Kind::array, at)) continue;
      for (std::size_t i = 0; i < node.items[e].items.size(); ++i)
        if (reader_.expect(node.items[e].items[i], Kind::string, files::item_path(at, i)))
          event.push_back(node.items[e].items[i].text);
      if (event.empty())
        reader_.report(FaultCode::missing, node.items[e], at, "the event has no name",
                       "[action, argument, …]");
    }
  }

  Result<LoadedScenario> own_model(const Members& top, const Node& node) {
    for (const char* other :
         {"catalogue", "scheme", "fleet", "rollout", "actions", "faults", "network", "workload"})
      if (const Node* found = top.find(other))
        reader_.report(FaultCode::usage, *found, other, "stands beside model",
                       "either a fleet over a catalogue or a model of its own",
                       fmt::format("remove {}", other));
    LoadedScenario loaded;
    loaded.module = read_model_section(reader_, node, loaded.storage);
    if (!faults_.empty()) return refused();
    std::vector<std::string> actions;
    for (const rules::Action& action : loaded.module.actions)
      if (actions.empty() || actions.back() != action.name) actions.push_back(action.name);
    read_timing(reader_, document_.root, actions, scenario_.timing);
    if (!faults_.empty()) return refused();
    loaded.scenario = std::move(scenario_);
    return finish(std::move(loaded));
  }

  Result<LoadedScenario> fleet(const Members& top) {
    Placed catalogue;
    if (top.required("catalogue") != nullptr) catalogue = top.placed("catalogue");
    if (const Node* node = top.find("scheme")) {
      const auto scheme = compat::scheme_named(top.text("scheme"));
      if (scheme)
        scenario_.scheme = *scheme;
      else if (node->kind == Kind::string)
        reader_.report(FaultCode::unknown_name, *node, "scheme", "got " + files::shown(*node),
                       "rfc-v3, rfc-v3-strict or declared");
    }
    if (const Node* node = top.required("fleet")) {
      const Members fleet(reader_, *node, "fleet", {"hosts", "vms"});
      if (const Node* all = fleet.required("hosts");
          all != nullptr && reader_.expect(*all, Kind::array, "fleet.hosts"))
        for (std::size_t i = 0; i < all->items.size(); ++i)
          hosts(all->items[i], files::item_path("fleet.hosts", i));
      if (const Node* all = fleet.required("vms");
          all != nullptr && reader_.expect(*all, Kind::array, "fleet.vms"))
        for (std::size_t i = 0; i < all->items.size(); ++i)
          vms(all->items[i], files::item_path("fleet.vms", i));
    }
    if (const Node* node = top.find("rollout")) {
      const Members rollout(reader_, *node, "rollout",
                            {"hosts_down_max", "hosts_down_in_zone_max", "migrations_max",
                             "migrations_out_max", "migrations_in_max", "live_upgrade"});
      scenario_.hosts_down_max = rollout.number("hosts_down_max");
      scenario_.hosts_down_in_zone_max = rollout.number("hosts_down_in_zone_max");
      scenario_.migrations_out_max = rollout.number("migrations_out_max");
      scenario_.migrations_in_max = rollout.number("migrations_in_max");
      scenario_.migrations_max = rollout.number("migrations_max");
      scenario_.live_upgrade = rollout.list("live_upgrade");
    }
    if (const Node* node = top.find("actions"))
      scenario_.without = Members(reader_, *node, "actions", {"without"}).list("without");
    if (const Node* node = top.find("faults")) {
      const Members faults(reader_, *node, "faults", {"budget", "kinds", "rates"});
      scenario_.fault_budget = faults.number("budget").value_or(0);
      if (scenario_.fault_budget > 1000)
        reader_.report(FaultCode::out_of_range, *faults.find("budget"), "faults.budget",
                       fmt::format("got {}", scenario_.fault_budget), "at most 1000");
      scenario_.fault_kinds = faults.list("kinds");
    }
    std::vector<std::string> actions;
    for (const rules::ActionText& action : fleet_text.actions) actions.emplace_back(action.name);
    read_timing(reader_, document_.root, actions, scenario_.timing);
    if (!faults_.empty()) return refused();
    scenario_.catalogue_file = std::filesystem::path(document_.file).parent_path() / catalogue.text;
    if (catalogue_ != nullptr) {
      auto loaded = build_fleet(std::move(scenario_), std::move(catalogue_), fleet_text);
      if (!loaded) return loaded;
      return finish(std::move(*loaded));
    }
    auto read = compat::load({scenario_.catalogue_file.string()}, false);
    if (!read) {
      Fault first{
          FaultCode::unreadable,
          catalogue.place,
          fmt::format("the catalogue {} cannot be used, for these reasons:", in_quotes(catalogue.text)),
          {},
          {}};
      Faults all{std::move(first)};
      all.insert(all.end(), read.error().begin(), read.error().end());
      return fail(std::move(all));
    }
    auto loaded = build_fleet(std::move(scenario_),
                              std::make_shared<const compat::Catalogue>(std::move(*read)), fleet_text);
    if (!loaded) return loaded;
    return finish(std::move(*loaded));
  }

  std::optional<std::uint64_t> count(const Members& one) {
    const auto count = one.number("count");
    if (count && (*count == 0 || *count > 100'000))
      reader_.report(FaultCode::out_of_range, *one.find("count"), one.path("count"),
                     fmt::format("got {}", *count), "1 to 100,000");
    return count;
  }

  /// An object of names and numbers.
  std::vector<std::pair<Placed, std::uint64_t>> numbers(const Members& one, std::string_view key) {
    std::vector<std::pair<Placed, std::uint64_t>> found;
    const Node* node = one.find(key);
    if (node == nullptr || !reader_.expect(*node, Kind::object, one.path(), key)) return found;
    for (const files::Member& member : node->members)
      if (const auto number = compat::read_u64(reader_, member.value, {one.path(key), member.key}))
        found.push_back(
            {{member.key, {document_.file, member.key_mark, files::member_path(one.path(key), member.key)}},
             *number});
    return found;
  }

  /// Amounts of resources.
  std::vector<std::pair<Placed, std::uint64_t>> amounts(const Members& one, std::string_view key) {
    constexpr std::uint64_t amount_max = 1'000'000'000;
    auto found = numbers(one, key);
    for (const auto& [name, number] : found)
      if (number > amount_max)
        reader_.report(FaultCode::out_of_range, *one.find(key)->find(name.text), name.place.path,
                       fmt::format("got {}", number), fmt::format("at most {}", grouped(amount_max)),
                       "count it in a larger unit (MiB, GiB)");
    return found;
  }

  /// `true`, `host` or `zone`.
  Apart apart(const Members& one) {
    const Node* node = one.find("anti_affinity");
    if (node == nullptr) return Apart::no;
    if (node->kind == Kind::boolean) return node->boolean ? Apart::hosts : Apart::no;
    const std::string text = node->kind == Kind::string ? node->text : std::string();
    if (text == "host") return Apart::hosts;
    if (text == "zone") return Apart::zones;
    reader_.report(FaultCode::unknown_name, *node, one.path("anti_affinity"), "got " + files::shown(*node),
                   "true, false, host or zone");
    return Apart::no;
  }

  void hosts(const Node& node, const std::string& path) {
    const Members one(
        reader_, node, path,
        {"name", "count", "implementation", "version", "capacity", "pooled", "amounts", "zone", "labels"});
    if (!one.good()) return;
    HostGroup group;
    group.place = {document_.file, node.mark, path};
    if (one.required("name") != nullptr) group.name = one.text("name");
    group.count = count(one);
    if (one.required("implementation") != nullptr) group.implementation = one.placed("implementation");
    group.version = one.placed("version");
    group.pooled = one.boolean("pooled", false);
    if (const Node* capacity = one.find("capacity"); capacity != nullptr && capacity->kind == Kind::object)
      group.capacity_by_type = numbers(one, "capacity");
    else
      group.capacity = one.number("capacity");
    group.amounts = amounts(one, "amounts");
    group.zone = one.text("zone");
    if (const Node* labels = one.find("labels");
        labels != nullptr && reader_.expect(*labels, Kind::object, path, "labels"))
      for (const files::Member& member : labels->members)
        if (const auto text = compat::read_string(reader_, member.value, {one.path("labels"), member.key}))
          group.labels[member.key] = *text;
    scenario_.hosts.push_back(std::move(group));
  }

  void vms(const Node& node, const std::string& path) {
    const Members one(
        reader_, node, path,
        {"name", "count", "model", "type", "profile", "parameters", "may_set", "place", "anti_affinity",
         "device", "spool", "state", "arrived", "needs", "allowed", "cannot_migrate", "running_min"});
    if (!one.good()) return;
    VmGroup group;
    group.place = {document_.file, node.mark, path};
    if (one.required("name") != nullptr) group.name = one.text("name");
    group.count = count(one);
    group.model = one.text("model");
    group.type = one.text("type");
    group.profile = one.text("profile");
    if (const Node* parameters = one.find("parameters");
        parameters != nullptr && reader_.expect(*parameters, Kind::object, path, "parameters"))
      for (const files::Member& member : parameters->members)
        group.parameters.push_back({member.key, member.value});
    if (const Node* may_set = one.find("may_set");
        may_set != nullptr && reader_.expect(*may_set, Kind::object, path, "may_set"))
      for (const files::Member& member : may_set->members)
        if (reader_.expect(member.value, Kind::array, one.path("may_set"), member.key))
          group.may_set.push_back({member.key, member.value.items});
    group.place_on = one.list("place");
    group.apart = apart(one);
    group.needs = amounts(one, "needs");
    group.allowed = one.list("allowed");
    if (const Node* why = one.find("cannot_migrate"); why != nullptr) {
      group.cannot_migrate = one.text("cannot_migrate");
      if (why->kind == Kind::string && group.cannot_migrate.empty())
        reader_.report(FaultCode::missing, *why, one.path("cannot_migrate"), "says no reason",
                       "why the VM cannot migrate", "write what stands in the way, or leave it out");
    }
    group.running_min = one.number("running_min").value_or(0);
    if (group.running_min > group.count.value_or(1))
      reader_.report(FaultCode::out_of_range, *one.find("running_min"), one.path("running_min"),
                     fmt::format("got {} of {}", group.running_min, counted(group.count.value_or(1), "VM")),
                     "at most as many as the group has");
    group.spool = one.boolean("spool", false);
    if (const Node* device = one.find("device")) {
      const Members flags(reader_, *device, one.path("device"), {"p2p", "pre_copy"});
      group.p2p = flags.boolean("p2p", false);
      group.pre_copy = flags.boolean("pre_copy", true);
    }
    if (const Node* state = one.find("state")) {
      const std::string text = one.text("state");
      group.absent = text == "absent";
      if (state->kind == Kind::string && text != "absent" && text != "running")
        reader_.report(FaultCode::unknown_name, *state, one.path("state"), "got " + files::shown(*state),
                       "running or absent");
    }
    group.arrived = one.boolean("arrived", false);
    if (group.arrived && group.absent)
      reader_.report(FaultCode::usage, *one.find("arrived"), one.path("arrived"),
                     "the VM is absent, and an instance that is made later has not arrived",
                     "arrived beside state: running", "leave one of the two out");
    scenario_.vms.push_back(std::move(group));
  }

  Result<LoadedScenario> finish(LoadedScenario loaded) {
    faults_ = put_questions(loaded);
    if (!faults_.empty()) return refused();
    loaded.content = canonical_json(document_.root);
    loaded.inputs = inputs_of(document_.root, loaded.catalogue.get());
    return loaded;
  }

  tl::unexpected<Faults> refused() {
    compat::sort_by_place(faults_);
    return fail(std::move(faults_));
  }
};

}  // namespace

Result<LoadedScenario> load_scenario(const std::filesystem::path& file) {
  auto document = files::read_document(file);
  if (!document) return fail(std::move(document.error()));
  if (auto other = files::of_another_kind(*document, files::scenario_format)) return fail(std::move(*other));
  return ScenarioReader(*document).read();
}

Result<LoadedScenario> read_scenario(std::string_view content, std::string name,
                                     std::shared_ptr<const compat::Catalogue> catalogue) {
  auto document = files::parse_document(content, std::move(name), files::Syntax::json);
  if (!document) return fail(std::move(document.error()));
  return ScenarioReader(*document, std::move(catalogue)).read();
}

}  // namespace portolan::fleet
