// SPDX-License-Identifier: Apache-2.0
//
// From a scenario and its catalogue to the fleet's module: which settings can occur (those of the VMs at the
// beginning, what set_param may make of them, and where the check and R7 take them), and what the tables say
// of each pair, by the reference evaluators of model/compat.
#include <algorithm>
#include <deque>

#include <fmt/format.h>

#include "model/compat/behaviour.hpp"
#include "model/fleet/scenario_reading.hpp"
#include "model/rules/compile.hpp"
#include "model/support/text.hpp"

namespace portolan::fleet {

using compat::Configuration;
using compat::End;
using compat::Implementation;

namespace {

constexpr std::size_t settings_max = 256;

std::string driver_name(const Implementation& one) {
  return one.version.empty() ? one.name : one.name + "@" + one.version;
}

struct Host {
  std::string name;
  std::size_t group;
};
struct Vm {
  std::string name;
  std::size_t group;
  std::size_t host = 0;
  std::size_t setting = 0;
  std::vector<std::size_t> may_have;
};

class Builder {
 public:
  Builder(Scenario scenario, std::shared_ptr<const compat::Catalogue> catalogue,
          const rules::ModuleText& text)
      : scenario_(std::move(scenario)), catalogue_(std::move(catalogue)), text_(text) {}

  Result<LoadedScenario> build() {
    for (const Implementation& one : catalogue_->implementations) {
      const std::string name = driver_name(one);
      if (std::find(drivers_.begin(), drivers_.end(), name) == drivers_.end()) drivers_.push_back(name);
    }
    hosts();
    vms();
    if (!faults_.empty()) return refused();
    close_settings();
    if (!faults_.empty()) return refused();
    return module();
  }

 private:
  Scenario scenario_;
  std::shared_ptr<const compat::Catalogue> catalogue_;
  const rules::ModuleText& text_;
  Faults faults_;
  std::vector<std::string> drivers_;
  std::vector<Host> hosts_;
  std::vector<std::size_t> host_driver_;
  std::vector<Vm> vms_;
  std::vector<SettingInfo> settings_;
  std::vector<std::string> setting_names_;
  std::vector<std::pair<std::size_t, std::size_t>> accepts_, writes_;
  std::map<std::string, std::map<std::string, compat::Value>>
      off_;  // model -> parameter -> off value of the first that declares one
  std::map<std::string, std::vector<std::string>>
      aspects_;  // model -> interface aspects that every implementation declares

  tl::unexpected<Faults> refused() {
    compat::sort_by_place(faults_);
    return fail(std::move(faults_));
  }
  void report(FaultCode code, const Place& place, std::string finding, std::string expectation,
              std::string remedy = {}) {
    faults_.push_back({code, place, std::move(finding), std::move(expectation), std::move(remedy)});
  }
  template <class Names>
  static std::string one_of(const Names& names) {
    return "one of " + listed({names.begin(), names.end()});
  }
  static std::string closest(const std::string& word, const std::vector<std::string>& names) {
    return did_you_mean(word, std::vector<std::string_view>(names.begin(), names.end()));
  }

  template <class Groups, class Add>
  void names(const Groups& groups, std::vector<std::string>& taken, const Add& add) {
    for (std::size_t g = 0; g < groups.size(); ++g)
      for (std::uint64_t i = 1; i <= groups[g].count.value_or(1); ++i) {
        std::string name = groups[g].count ? groups[g].name + std::to_string(i) : groups[g].name;
        if (name.empty() || name == "none" || std::find(taken.begin(), taken.end(), name) != taken.end())
          report(name.empty() ? FaultCode::bad_name : FaultCode::duplicate, groups[g].place,
                 fmt::format("the name {} is empty, `none`, or taken", in_quotes(name)),
                 "a name of its own for each host and VM");
        taken.push_back(name);
        add(std::move(name), g);
      }
  }

  void hosts() {
    std::vector<std::string> taken;
    names(scenario_.hosts, taken, [&](std::string name, std::size_t g) {
      hosts_.push_back({std::move(name), g});
    });
    if (hosts_.empty())
      report(FaultCode::missing, {scenario_.file, {}, "fleet.hosts"}, "there is no host", "at least one");
    for (const HostGroup& group : scenario_.hosts) {
      std::vector<std::string> implementations, versions, types;
      for (const Implementation& one : catalogue_->implementations) {
        if (std::find(implementations.begin(), implementations.end(), one.name) == implementations.end())
          implementations.push_back(one.name);
        if (one.name == group.implementation.text &&
            std::find(versions.begin(), versions.end(), one.version) == versions.end())
          versions.push_back(one.version);
        if (std::find(types.begin(), types.end(), type_name(one)) == types.end())
          types.push_back(type_name(one));
      }
      std::size_t driver = 0;
      if (versions.empty()) {
        report(FaultCode::unknown_name, group.implementation.place,
               fmt::format("got {}", in_quotes(group.implementation.text)),
               one_of(implementations) + " (of the catalogue)",
               closest(group.implementation.text, implementations));
      } else if (group.version.text.empty() && versions.size() > 1) {
        report(FaultCode::missing, group.place, "the host has no version",
               fmt::format("a version of {} ({})", group.implementation.text, listed(versions)));
      } else {
        const std::string version = group.version.text.empty() ? versions.front() : group.version.text;
        if (std::find(versions.begin(), versions.end(), version) == versions.end())
          report(FaultCode::unknown_name, group.version.place, fmt::format("got {}", in_quotes(version)),
                 fmt::format("a version of {} ({})", group.implementation.text, listed(versions)));
        const std::string name =
            version.empty() ? group.implementation.text : group.implementation.text + "@" + version;
        driver =
            static_cast<std::size_t>(std::find(drivers_.begin(), drivers_.end(), name) - drivers_.begin());
      }
      for (const auto& [type, number] : group.capacity_by_type)
        if (std::find(types.begin(), types.end(), type.text) == types.end())
          report(FaultCode::unknown_name, type.place,
                 fmt::format("there is no type {}", in_quotes(type.text)), one_of(types),
                 closest(type.text, types));
      for (std::uint64_t i = 0; i < group.count.value_or(1); ++i) host_driver_.push_back(driver);
    }
    for (const Placed& live : scenario_.live_upgrade)
      if (std::find(drivers_.begin(), drivers_.end(), live.text) == drivers_.end())
        report(FaultCode::unknown_name, live.place, fmt::format("got {}", in_quotes(live.text)),
               one_of(drivers_), closest(live.text, drivers_));
  }

  static std::string type_name(const Implementation& one) {
    return one.type.empty() ? driver_name(one) : one.type;
  }

  End end_of(std::size_t setting) const {
    const SettingInfo& info = settings_[setting];
    return {info.implementation, info.implementation->model(info.model)};
  }

  std::size_t intern(const Implementation& implementation, const std::string& model,
                     const Configuration& configuration) {
    for (std::size_t s = 0; s < settings_.size(); ++s)
      if (settings_[s].implementation == &implementation && settings_[s].model == model &&
          settings_[s].configuration == configuration)
        return s;
    std::string differences;
    for (const auto& [name, value] : configuration)
      if (value != implementation.model(model)->parameters.at(name).init)
        differences += (differences.empty() ? "" : ", ") + name + "=" + compat::to_string(value);
    std::string name = implementation.label;
    if (implementation.info.models.size() > 1) name += " " + model;
    if (!differences.empty()) name += " {" + differences + "}";
    settings_.push_back({&implementation, model, configuration});
    setting_names_.push_back(std::move(name));
    return settings_.size() - 1;
  }

  /// The values that the VM asks for, on that type: init values, the profile's, then those of `parameters`.
  /// Empty where the type does not know or refuses one of them; `complain` says so at its place.
  std::optional<Configuration> asked(const VmGroup& group, const Implementation& implementation,
                                     const compat::DeviceModel& model, bool complain) {
    Configuration configuration = compat::fresh(model);
    bool good = true;
    const auto wrong = [&](const Place& place, FaultCode code, std::string finding, std::string expectation) {
      good = false;
      if (complain) report(code, place, std::move(finding), std::move(expectation));
    };
    if (!group.profile.empty()) {
      const auto& profiles = implementation.annotations_of(model.name).profiles;
      const auto found = profiles.find(group.profile);
      std::vector<std::string> known;
      for (const auto& [name, profile] : profiles) known.push_back(name);
      if (found == profiles.end())
        wrong(group.place, FaultCode::unknown_name,
              fmt::format("{} has no profile {}", implementation.label, in_quotes(group.profile)),
              one_of(known));
      else
        for (const auto& [name, value] : found->second.values) configuration[name] = value;
    }
    for (const auto& [name, node] : group.parameters) {
      const Place place{scenario_.file, node.mark, group.place.path + ".parameters." + name};
      const auto parameter = model.parameters.find(name);
      if (parameter == model.parameters.end()) {
        std::vector<std::string> known;
        for (const auto& [other, unused] : model.parameters) known.push_back(other);
        wrong(place, FaultCode::unknown_name,
              fmt::format("{} has no parameter {}", implementation.label, in_quotes(name)), one_of(known));
        continue;
      }
      const auto value = read(node, parameter->second.type, place, complain);
      if (!value) {
        good = false;
        continue;
      }
      if (parameter->second.accepts(*value) == compat::Acceptance::refused)
        wrong(place, FaultCode::out_of_range,
              fmt::format("{} refuses {}={}", implementation.label, name, compat::to_string(*value)),
              "one of " + compat::to_string(parameter->second.accepted_values()));
      configuration[name] = *value;
    }
    if (!good) return std::nullopt;
    return configuration;
  }

  std::optional<compat::Value> read(const files::Node& node, compat::ValueType type, const Place& place,
                                    bool complain) {
    Faults faults;
    files::Reader reader(scenario_.file, faults);
    auto value = compat::read_value(reader, node, type, {place.path, ""});
    if (complain)
      for (Fault& fault : faults) {
        fault.place = place;
        faults_.push_back(std::move(fault));
      }
    return value;
  }

  void vms() {
    std::vector<std::string> taken;
    for (const Host& host : hosts_) taken.push_back(host.name);
    names(scenario_.vms, taken, [&](std::string name, std::size_t g) {
      vms_.push_back({std::move(name), g, 0, 0, {}});
    });
    if (vms_.empty())
      report(FaultCode::missing, {scenario_.file, {}, "fleet.vms"}, "there is no VM", "at least one");
    if (!faults_.empty()) return;
    std::vector<std::string> host_names;
    for (const Host& host : hosts_) host_names.push_back(host.name);
    std::size_t v = 0;
    for (VmGroup& group : scenario_.vms) {
      if (group.model.empty() && !only_model(group)) {
        v += group.count.value_or(1);
        continue;
      }
      std::vector<std::size_t> on;
      for (const Placed& host : group.place_on) {
        // A host group stands for its hosts.
        const std::size_t before = on.size();
        for (std::size_t h = 0; h < hosts_.size(); ++h)
          if (hosts_[h].name == host.text || scenario_.hosts[hosts_[h].group].name == host.text)
            on.push_back(h);
        if (on.size() == before)
          report(FaultCode::unknown_name, host.place,
                 fmt::format("there is no host {}", in_quotes(host.text)), one_of(host_names),
                 closest(host.text, host_names));
      }
      if (group.place_on.empty())
        for (std::size_t h = 0; h < hosts_.size(); ++h) on.push_back(h);
      for (std::uint64_t i = 0; i < group.count.value_or(1); ++i, ++v) {
        if (on.empty()) continue;
        vms_[v].host = on[i % on.size()];
        settle(group, vms_[v], i == 0);
      }
    }
  }

  bool only_model(VmGroup& group) {
    std::vector<std::string> models;
    for (const Implementation& one : catalogue_->implementations)
      for (const auto& [name, model] : one.info.models)
        if (std::find(models.begin(), models.end(), name) == models.end()) models.push_back(name);
    if (models.size() == 1) {
      group.model = models.front();
      return true;
    }
    report(FaultCode::missing, group.place, "the VM has no model", one_of(models), "write model: …");
    return false;
  }

  /// The VM's setting on its host, and the settings with which it may be created anywhere.
  void settle(const VmGroup& group, Vm& vm, bool complain) {
    const std::string& driver = drivers_[host_driver_[vm.host]];
    std::optional<std::size_t> chosen;
    std::vector<const Implementation*> candidates;
    for (const Implementation& one : catalogue_->implementations) {
      const compat::DeviceModel* model = one.model(group.model);
      if (model == nullptr) continue;
      const bool here = driver_name(one) == driver && (group.type.empty() || one.type == group.type);
      if (here) candidates.push_back(&one);
      const auto configuration = asked(group, one, *model, false);
      if (!configuration) continue;
      const std::size_t setting = intern(one, group.model, *configuration);
      vm.may_have.push_back(setting);
      if (here && !chosen) chosen = setting;
    }
    if (chosen) {
      vm.setting = *chosen;
      return;
    }
    if (!complain) return;
    if (candidates.size() == 1) {
      asked(group, *candidates.front(), *candidates.front()->model(group.model), true);
      return;
    }
    if (candidates.empty())
      report(
          FaultCode::unknown_name, group.place,
          fmt::format("{} on {} offers no {} of model {}", driver, hosts_[vm.host].name,
                      group.type.empty() ? "type" : "type " + in_quotes(group.type), in_quotes(group.model)),
          "a host whose driver has it", "place the VM on another host, or change its model or type");
    else {
      std::vector<std::string> types;
      for (const Implementation* one : candidates) types.push_back(type_name(*one));
      report(FaultCode::out_of_range, group.place,
             fmt::format("no type of {} takes these parameters", driver),
             "values that one of them accepts: " + listed(types), "name one with type: to see why not");
    }
  }

  /// Follows every way by which a setting can come about, until no new one does.
  void close_settings() {
    for (const Implementation& one : catalogue_->implementations)
      for (const auto& [name, model] : one.info.models) {
        for (const auto& [parameter, definition] : model.parameters)
          if (definition.off) off_[name].try_emplace(parameter, *definition.off);
        const auto& interface = one.annotations_of(name).interface;
        const bool first = !aspects_.contains(name);
        auto& aspects = aspects_[name];
        if (first)
          for (const auto& [aspect, unused] : interface) aspects.push_back(aspect);
        std::erase_if(aspects, [&](const std::string& aspect) { return !interface.contains(aspect); });
      }
    for (std::size_t s = 0; s < settings_.size(); ++s) {
      if (settings_.size() > settings_max)
        return report(FaultCode::limit, {scenario_.file, {}, "fleet"},
                      fmt::format("more than {} settings can occur", settings_max),
                      "fewer types, or fewer values in may_set");
      const SettingInfo info = settings_[s];
      for (const Implementation& other : catalogue_->implementations) {
        const compat::DeviceModel* model = other.model(info.model);
        if (model == nullptr) continue;
        const compat::Verdict verdict =
            compat::check(scenario_.scheme, end_of(s), info.configuration, {&other, model});
        if (verdict.decision != compat::Decision::accept)
          continue;  // what is undetermined may be refused: not counted on
        accepts_.emplace_back(s, intern(other, info.model, compat::prepared(verdict.list, *model)));
      }
      for (const VmGroup& group : scenario_.vms)
        if (group.model == info.model)
          for (const auto& [name, values] : group.may_set) write(s, info, group, name, values);
    }
  }

  void write(std::size_t s, const SettingInfo& info, const VmGroup& group, const std::string& name,
             const std::vector<files::Node>& values) {
    const auto& parameters = info.implementation->model(info.model)->parameters;
    const auto parameter = parameters.find(name);
    if (parameter == parameters.end())
      return;  // an implementation that lacks it; that some has it is checked below
    if (info.implementation->annotations_of(info.model).notes_of(name).writable != compat::Writable::runtime)
      return;
    for (const files::Node& node : values) {
      const Place place{scenario_.file, node.mark, group.place.path + ".may_set." + name};
      const std::size_t before = faults_.size();
      const auto value = read(node, parameter->second.type, place, true);
      if (faults_.size() > before + 0 && !value) return;
      if (!value || *value == info.configuration.at(name) ||
          parameter->second.accepts(*value) != compat::Acceptance::accepted)
        continue;
      Configuration changed = info.configuration;
      changed[name] = *value;
      const auto pair = std::pair(s, intern(*info.implementation, info.model, changed));
      if (std::find(writes_.begin(), writes_.end(), pair) == writes_.end()) writes_.push_back(pair);
    }
  }

  void check_may_set() {
    for (const VmGroup& group : scenario_.vms)
      for (const auto& [name, values] : group.may_set) {
        bool known = false, writable = false;
        for (const Implementation& one : catalogue_->implementations) {
          const compat::DeviceModel* model = one.model(group.model);
          if (model == nullptr || !model->parameters.contains(name)) continue;
          known = true;
          writable |= one.annotations_of(group.model).notes_of(name).writable == compat::Writable::runtime;
        }
        const Place place{scenario_.file, values.empty() ? group.place.mark : values.front().mark,
                          group.place.path + ".may_set." + name};
        if (!known)
          report(FaultCode::unknown_name, place,
                 fmt::format("no implementation of {} has a parameter {}", in_quotes(group.model),
                             in_quotes(name)),
                 "a parameter of the model");
        else if (!writable)
          report(FaultCode::usage, place,
                 fmt::format("{} is writable at run time in no implementation", in_quotes(name)),
                 "a parameter with writable: runtime (R9)", "say so in the catalogue, or leave it out here");
      }
  }

  Result<LoadedScenario> module() {
    check_may_set();
    // The sorts of the text, with this fleet's elements.
    std::map<std::string, std::vector<std::string>> elements;
    for (const Host& host : hosts_) elements["host"].push_back(host.name);
    for (const Vm& vm : vms_) elements["vm"].push_back(vm.name);
    for (const VmGroup& group : scenario_.vms) elements["group"].push_back(group.name);
    elements["driver"] = drivers_;
    for (const Implementation& one : catalogue_->implementations) elements["type"].push_back(one.label);
    elements["setting"] = setting_names_;
    std::vector<std::size_t> interfaces;
    for (std::size_t s = 0; s < settings_.size(); ++s) {
      std::string text = compat::interface_of(end_of(s), settings_[s].configuration, off_[settings_[s].model],
                                              aspects_[settings_[s].model]);
      if (aspects_.size() > 1) text = settings_[s].model + ": " + text;
      auto& known = elements["interface"];
      interfaces.push_back(
          static_cast<std::size_t>(std::find(known.begin(), known.end(), text) - known.begin()));
      if (interfaces.back() == known.size()) known.push_back(std::move(text));
    }
    std::deque<std::vector<std::string_view>> views;
    std::vector<rules::SortText> sorts;
    for (const rules::SortText& sort : text_.sorts) {
      const auto& own = elements[std::string(sort.name)];
      auto& view = views.emplace_back(own.begin(), own.end());
      sorts.push_back({sort.name, view});
    }
    rules::ModuleText text = text_;
    text.sorts = sorts;
    rules::CompiledModule compiled = rules::compile(text);
    for (const rules::ModuleFault& fault : compiled.faults)
      report(fault.fault.code, {scenario_.file, {}, "fleet"},
             fmt::format("the fleet's {} {}: {}", fault.section, fault.item, fault.fault.finding),
             fault.fault.expectation);
    if (!faults_.empty()) return refused();
    LoadedScenario loaded;
    loaded.module = std::move(compiled.module);
    fill(loaded.module, interfaces);
    restrict(loaded.module);
    if (!faults_.empty()) return refused();
    loaded.settings = std::move(settings_);
    loaded.catalogue = std::move(catalogue_);
    loaded.scenario = std::move(scenario_);
    return loaded;
  }

  void fill(rules::Module& module, const std::vector<std::size_t>& interfaces) {
    const auto set = [&](std::string_view name, std::size_t i, std::size_t j, std::int64_t value) {
      const int variable = module.variable(name);
      if (variable >= 0)
        module.initial[module.cell(variable, static_cast<std::int64_t>(i), static_cast<std::int64_t>(j))] =
            value;
    };
    const auto put = [&](std::string_view name, std::size_t i, std::size_t value) {
      set(name, i, 0, static_cast<std::int64_t>(value));
    };
    const auto& implementations = catalogue_->implementations;
    for (std::size_t s = 0; s < settings_.size(); ++s) {
      const SettingInfo& info = settings_[s];
      const std::string driver = driver_name(*info.implementation);
      put("driver-of", s,
          static_cast<std::size_t>(std::find(drivers_.begin(), drivers_.end(), driver) - drivers_.begin()));
      put("type-of", s, static_cast<std::size_t>(info.implementation - implementations.data()));
      put("interface-of", s, interfaces[s]);
      const compat::Annotations& notes = info.implementation->annotations_of(info.model);
      put("sets-up", s, compat::failed_constraints(notes, info.configuration).empty());
      bool fixes = false;
      for (const auto& [name, value] : info.configuration)
        fixes |= !notes.notes_of(name).fix_for.empty() && value == compat::Value(true);
      put("fixes", s, fixes);
      for (std::size_t t = 0; t < settings_.size(); ++t) {
        if (settings_[t].model != info.model) continue;
        set("loads", s, t,
            compat::refused_sections(end_of(s), info.configuration, end_of(t), settings_[t].configuration)
                .empty());
        set("same-values", s, t,
            compat::changed_values(end_of(s), info.configuration, end_of(t), settings_[t].configuration)
                .empty());
      }
    }
    for (const auto& [s, t] : accepts_) set("accepts", s, t, 1);
    for (const auto& [s, t] : writes_) set("may-write", s, t, 1);
    for (std::size_t d = 0; d < drivers_.size(); ++d)
      for (std::size_t e = d + 1; e < drivers_.size(); ++e)
        if (drivers_[d].substr(0, drivers_[d].find('@')) == drivers_[e].substr(0, drivers_[e].find('@')))
          set("is-newer", d, e, 1);
    for (const Placed& live : scenario_.live_upgrade)
      put("live",
          static_cast<std::size_t>(std::find(drivers_.begin(), drivers_.end(), live.text) - drivers_.begin()),
          1);
    for (std::size_t h = 0; h < hosts_.size(); ++h) {
      const HostGroup& group = scenario_.hosts[hosts_[h].group];
      for (std::size_t t = 0; t < implementations.size(); ++t) {
        std::uint64_t room =
            group.capacity.value_or(implementations[t].available_instances.value_or(1'000'000));
        for (const auto& [type, number] : group.capacity_by_type)
          if (type.text == type_name(implementations[t])) room = number;
        set("capacity", h, t, static_cast<std::int64_t>(std::min<std::uint64_t>(room, 1'000'000)));
      }
      put("pooled", h, group.pooled);
      put("started-with", h, host_driver_[h]);
      put("driver", h, host_driver_[h]);
    }
    const auto machine_state = [](const rules::Machine& machine, std::string_view state) {
      return static_cast<std::size_t>(rules::index_of(machine.text->states, state));
    };
    for (std::size_t v = 0; v < vms_.size(); ++v) {
      const Vm& vm = vms_[v];
      const VmGroup& group = scenario_.vms[vm.group];
      put("group-of", v, vm.group);
      for (std::size_t s : vm.may_have) set("may-have", v, s, 1);
      put("setting", v, vm.setting);
      put("seen", v, interfaces[vm.setting]);
      put("session.spooled", v, group.spool);
      for (const char* device : {"source", "destination"}) {
        put(fmt::format("{}.p2p", device), v, group.p2p);
        put(fmt::format("{}.pre_copy", device), v, group.pre_copy);
      }
      if (group.absent) continue;
      put("place", v, vm.host);
      for (const rules::MachineUse& use : module.machines)
        if (use.name == "instance") put("instance", v, machine_state(*use.machine, "Open"));
      put("instance.running", v, 1);
    }
    for (std::size_t g = 0; g < scenario_.vms.size(); ++g) put("apart", g, scenario_.vms[g].anti_affinity);
    if (scenario_.hosts_down_max)
      set("drained-max", 0, 0,
          static_cast<std::int64_t>(std::min<std::uint64_t>(*scenario_.hosts_down_max, 1'000'000)));
    if (scenario_.migrations_max)
      set("sessions-max", 0, 0,
          static_cast<std::int64_t>(std::min<std::uint64_t>(*scenario_.migrations_max, 1'000'000)));
    set("faults-left", 0, 0, static_cast<std::int64_t>(scenario_.fault_budget));
  }

  static bool belongs_to(const std::string& action, const std::string& name) {
    return action == name || action.rfind(name + ".", 0) == 0;
  }

  /// Leaves out the actions that nobody takes here and the faults that cannot happen.
  void restrict(rules::Module& module) {
    std::vector<std::string> actions, faults;
    const auto add = [](std::vector<std::string>& to, const std::string& name) {
      if (std::find(to.begin(), to.end(), name) == to.end()) to.push_back(name);
    };
    for (const rules::Action& action : module.actions) {
      add(actions, action.name.substr(0, action.name.find('.')));
      if (action.fault) add(faults, action.name);
    }
    for (const Placed& name : scenario_.without)
      if (std::none_of(module.actions.begin(), module.actions.end(),
                       [&](const rules::Action& a) { return belongs_to(a.name, name.text); }))
        report(FaultCode::unknown_name, name.place,
               fmt::format("there is no action {}", in_quotes(name.text)), one_of(actions),
               closest(name.text, actions));
    for (const Placed& name : scenario_.fault_kinds)
      if (std::find(faults.begin(), faults.end(), name.text) == faults.end())
        report(FaultCode::unknown_name, name.place, fmt::format("there is no fault {}", in_quotes(name.text)),
               one_of(faults), closest(name.text, faults));
    std::erase_if(module.actions, [&](const rules::Action& action) {
      if (std::any_of(scenario_.without.begin(), scenario_.without.end(),
                      [&](const Placed& name) { return belongs_to(action.name, name.text); }))
        return true;
      return action.fault && !scenario_.fault_kinds.empty() &&
             std::none_of(scenario_.fault_kinds.begin(), scenario_.fault_kinds.end(),
                          [&](const Placed& name) { return name.text == action.name; });
    });
    const bool mends = std::any_of(
        module.initial.begin() + module.offsets[static_cast<std::size_t>(module.variable("fixes"))],
        module.initial.begin() + module.offsets[static_cast<std::size_t>(module.variable("fixes"))] +
            module.widths[static_cast<std::size_t>(module.variable("fixes"))],
        [](std::int64_t on) { return on != 0; });
    const auto ask = [&](std::string name, rules::Verb verb, std::string_view condition, std::string source,
                         std::string meaning) {
      rules::Parsed parsed = rules::parse_condition(module, condition);
      if (!parsed.faults.empty())
        return report(FaultCode::type_error, {scenario_.file, {}, "fleet"}, parsed.faults.front().finding,
                      parsed.faults.front().expectation);
      module.properties.push_back(
          {std::move(name),
           verb,
           {std::move(parsed.nodes), std::move(parsed.strings), std::string(condition), {}},
           std::move(source),
           std::move(meaning)});
    };
    if (mends)
      ask("fix-can-be-enabled", rules::Verb::sometimes, "exists(v in vm: fixes[setting[v]])",
          "rules.md §fleet", "a bug-fix toggle can be enabled");
    const bool moves = std::any_of(module.actions.begin(), module.actions.end(),
                                   [](const rules::Action& a) { return a.name == "downgrade"; });
    if (moves && drivers_.size() > 1)
      ask("rollback", rules::Verb::eventually, "forall(h in host: driver[h] == started-with[h])",
          "rules.md §fleet", "from every state a way back to the drivers of the beginning is left");
  }
};

}  // namespace

Result<LoadedScenario> build_fleet(Scenario scenario, std::shared_ptr<const compat::Catalogue> catalogue,
                                   const rules::ModuleText& text) {
  return Builder(std::move(scenario), std::move(catalogue), text).build();
}

}  // namespace portolan::fleet
