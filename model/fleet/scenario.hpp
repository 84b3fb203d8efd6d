#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A scenario (rules.md §scenario, format `portolan.scenario/1`, YAML or JSON): a fleet over a catalogue, or a
// model of its own in the rule language; what is asked of it, and what is expected. `load_scenario` reads it,
// with every fault at once, and gives the module that explorer, planner, simulator and executor share. A
// scenario with `expect` is a test.

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/compat/check.hpp"
#include "model/files/document.hpp"
#include "model/fleet/timing.hpp"
#include "model/rules/module.hpp"

namespace portolan::fleet {

/// Text of the scenario with its place, for what is parsed later.
struct Placed {
  std::string text;
  Place place;
};

struct HostGroup {
  std::string name;  ///< of the host; with `count`, hosts are name1, name2 …
  std::optional<std::uint64_t> count;
  Placed implementation, version;
  std::optional<std::uint64_t> capacity;  ///< instances of each type
  std::vector<std::pair<Placed, std::uint64_t>> capacity_by_type;
  bool pooled = false;
  std::vector<std::pair<Placed, std::uint64_t>> amounts;  ///< of resources
  std::string zone;                                       ///< empty: none
  std::map<std::string, std::string> labels;
  Place place;
};

/// How far apart the VMs of a group are kept.
enum class Apart { no, hosts, zones };

struct VmGroup {
  std::string name;
  std::optional<std::uint64_t> count;
  std::string model, type, profile;  ///< empty: the only one
  std::vector<std::pair<std::string, files::Node>>
      parameters;  ///< name and value; others take the profile's or init value
  std::vector<std::pair<std::string, std::vector<files::Node>>>
      may_set;                   ///< values that set_param may choose while the VM runs
  std::vector<Placed> place_on;  ///< hosts, in turn; empty: all hosts in turn
  Apart apart = Apart::no;
  std::vector<std::pair<Placed, std::uint64_t>> needs;  ///< of resources, each VM
  std::vector<Placed> allowed;  ///< hosts, host groups or `label=value` where they may be; empty: everywhere
  std::string cannot_migrate;   ///< why not; empty: they can
  std::uint64_t running_min = 0;
  bool p2p = false, pre_copy = true, spool = false, absent = false;
  bool arrived = false;  ///< the instance of the beginning came by migration
  Place place;
};

struct PropertyAsked {
  std::string name, meaning;
  rules::Verb verb = rules::Verb::always;
  Placed condition;
  std::optional<std::vector<Placed>> fairness;  ///< names of actions, for *eventually*
};

/// What a scenario says that its results are; each only where it says so.
struct Expectation {
  std::optional<std::uint64_t> states, transitions, depth, plan_steps;
  std::optional<bool> plan_possible;
  std::map<std::string, std::string> verdicts;  ///< property -> holds, violated, undetermined, vacuous
  /// Property -> events from the beginning, each the action and its arguments, at whose end it is violated (a
  /// *sometimes*: shown).
  std::map<std::string, std::vector<std::vector<std::string>>> traces;
  Place place;
};

struct Scenario {
  std::string file, description;
  std::filesystem::path catalogue_file;  ///< empty where the scenario has a model of its own
  compat::Scheme scheme = compat::Scheme::declared;
  std::vector<HostGroup> hosts;
  std::vector<VmGroup> vms;
  std::optional<Placed> goal;
  std::optional<std::uint64_t> hosts_down_max, hosts_down_in_zone_max, migrations_max;
  std::optional<std::uint64_t> migrations_out_max, migrations_in_max;  ///< of each host
  std::vector<Placed> live_upgrade;                                    ///< name@version of drivers
  std::vector<Placed> without;                                         ///< actions that nobody takes here
  std::vector<Placed> fault_kinds;                                     ///< faults that may happen; empty: all
  std::uint64_t fault_budget = 0;
  std::uint64_t seed = 1, replications = 1;
  Timing timing;
  std::vector<PropertyAsked> properties;
  Expectation expect;
};

/// How a VM came to its settings, for messages and reports.
struct SettingInfo {
  const compat::Implementation* implementation = nullptr;
  std::string model;
  compat::Configuration configuration;
  /// The instance came by migration, and shows what is `restored`; told apart only where that counts.
  bool arrived = false;
};

/// A scenario ready to run. Everything that the module borrows is kept here; copies share it.
struct LoadedScenario {
  Scenario scenario;
  std::shared_ptr<const compat::Catalogue> catalogue;  ///< null for a model of its own
  std::vector<SettingInfo> settings;                   ///< by element of the sort `setting`
  std::shared_ptr<const void> storage;                 ///< what machines of a `model:` section borrow
  rules::Module module;
  std::optional<rules::Expression> goal;
  std::string
      content;  ///< the scenario's file as canonical JSON, members in their order; `read_scenario` reads it
  /// What decides which states there are and what is asked of them, by place: `rollout.hosts_down_max` to
  /// `1`, `catalogue acme@2` to that entry's canonical text. Without what only people or the simulator read:
  /// two loads with equal inputs have the same plans.
  std::map<std::string, std::string> inputs;

  bool is_fleet() const { return catalogue != nullptr; }
};

Result<LoadedScenario> load_scenario(const std::filesystem::path& file);
/// From text that was kept: `content` of an earlier load, with the catalogue that it was loaded with (null
/// for a model of its own; the file that the text names is then not opened). `name` stands in messages.
Result<LoadedScenario> read_scenario(std::string_view content, std::string name,
                                     std::shared_ptr<const compat::Catalogue> catalogue);

/// The module of a fleet, from a scenario and its catalogue; `text` is `fleet_text`, or a mutant of it in
/// tests.
Result<LoadedScenario> build_fleet(Scenario scenario, std::shared_ptr<const compat::Catalogue> catalogue,
                                   const rules::ModuleText& text);

}  // namespace portolan::fleet
