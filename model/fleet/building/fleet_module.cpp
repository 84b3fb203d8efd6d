// SPDX-License-Identifier: Apache-2.0
//
// The module of a fleet: the text over the draft's elements, what the tables say of each setting, pair, host
// and VM, and without the actions and faults that the scenario leaves out.
#include <algorithm>
#include <deque>

#include <fmt/format.h>

#include "model/compat/judging/behaviour.hpp"
#include "model/fleet/building/draft.hpp"
#include "model/fleet/vocabulary.hpp"
#include "model/rules/compile.hpp"
#include "model/support/text.hpp"

namespace portolan::fleet {

namespace variable = vocabulary::variable;
namespace sort = vocabulary::sort;

namespace {

constexpr std::uint64_t unlimited = 1'000'000;

/// The initial values of a fleet's module.
class Tables {
 public:
  Tables(const Draft& draft, rules::Module& module) : draft_(draft), module_(module) {}

  void fill() {
    for (std::size_t s = 0; s < draft_.settings.size(); ++s) setting(s);
    for (const auto& [s, t] : draft_.accepts) set(variable::accepts, s, t, 1);
    for (const auto& [between, write] : draft_.writes)
      set(variable::write_to, between.first, between.second, write);
    drivers();
    for (std::size_t h = 0; h < draft_.hosts.size(); ++h) host(h);
    for (std::size_t v = 0; v < draft_.vms.size(); ++v) vm(v);
    const Scenario& scenario = draft_.scenario;
    for (std::size_t g = 0; g < scenario.vms.size(); ++g) group(g);
    if (scenario.hosts_down_in_zone_max)
      for (std::size_t z = 0; z < draft_.zones.size(); ++z)
        put(variable::drained_in_zone_max, z, std::min(*scenario.hosts_down_in_zone_max, unlimited));
    if (scenario.migrations_out_max)
      put(variable::sessions_out_max, 0, std::min(*scenario.migrations_out_max, unlimited));
    if (scenario.migrations_in_max)
      put(variable::sessions_in_max, 0, std::min(*scenario.migrations_in_max, unlimited));
    if (scenario.hosts_down_max) put(variable::drained_max, 0, std::min(*scenario.hosts_down_max, unlimited));
    if (scenario.migrations_max)
      put(variable::sessions_max, 0, std::min(*scenario.migrations_max, unlimited));
    put(variable::faults_left, 0, scenario.fault_budget);
  }

 private:
  const Draft& draft_;
  rules::Module& module_;

  void set(vocabulary::Variable of, std::size_t i, std::size_t j, std::uint64_t value) {
    module_.initial[module_.cell(of.position(), static_cast<std::int64_t>(i), static_cast<std::int64_t>(j))] =
        static_cast<std::int64_t>(value);
  }
  void put(vocabulary::Variable of, std::size_t i, std::uint64_t value) { set(of, i, 0, value); }

  compat::End end_of(const SettingInfo& info) const {
    return {info.implementation, info.implementation->model(info.model)};
  }

  void setting(std::size_t s) {
    const SettingInfo& info = draft_.settings[s];
    put(variable::driver_of, s, draft_.driver_of(*info.implementation));
    put(variable::type_of, s,
        static_cast<std::size_t>(info.implementation - draft_.catalogue->implementations.data()));
    put(variable::interface_of, s, draft_.interfaces[s]);
    const compat::Annotations& notes = info.implementation->annotations_of(info.model);
    put(variable::sets_up, s, compat::failed_constraints(notes, info.configuration).empty());
    bool fixes = false;
    for (const auto& [name, value] : info.configuration)
      fixes |= !notes.notes_of(name).fix_for.empty() && value == compat::Value(true);
    put(variable::fixes, s, fixes);
    for (std::size_t t = 0; t < draft_.settings.size(); ++t) {
      const SettingInfo& other = draft_.settings[t];
      if (other.model != info.model) continue;
      set(variable::loads, s, t,
          compat::refused_sections(end_of(info), info.configuration, end_of(other), other.configuration)
              .empty());
      set(variable::same_values, s, t,
          compat::changed_values(end_of(info), info.configuration, end_of(other), other.configuration)
              .empty());
    }
  }

  void drivers() {
    const auto& names = draft_.drivers;
    const auto line = [](const std::string& driver) { return driver.substr(0, driver.find('@')); };
    for (std::size_t d = 0; d < names.size(); ++d)
      for (std::size_t e = d + 1; e < names.size(); ++e)
        if (line(names[d]) == line(names[e])) set(variable::is_newer, d, e, 1);
    for (const Placed& live : draft_.scenario.live_upgrade)
      put(variable::live,
          static_cast<std::size_t>(std::find(names.begin(), names.end(), live.text) - names.begin()), 1);
  }

  static std::size_t position(const std::vector<std::string>& names, const std::string& name) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  }

  void group(std::size_t g) {
    const VmGroup& group = draft_.scenario.vms[g];
    put(variable::apart, g, group.apart != Apart::no);
    put(variable::apart_by_zone, g, group.apart == Apart::zones);
    put(variable::stays, g, !group.cannot_migrate.empty());
    put(variable::running_min, g, group.running_min);
    for (const std::size_t write : draft_.may_set[g]) set(variable::may_set, g, write, 1);
    for (const auto& [name, number] : group.needs)
      set(variable::needs, g, position(draft_.resources, name.text), number);
    for (std::size_t h = 0; h < draft_.allowed[g].size(); ++h)
      set(variable::allowed, g, h, draft_.allowed[g][h]);
  }

  void host(std::size_t h) {
    const DraftHost& host = draft_.hosts[h];
    const HostGroup& group = draft_.scenario.hosts[host.group];
    const auto& implementations = draft_.catalogue->implementations;
    for (std::size_t t = 0; t < implementations.size(); ++t) {
      std::uint64_t room =
          group.capacity.value_or(implementations[t].available_instances.value_or(unlimited));
      for (const auto& [type, number] : group.capacity_by_type)
        if (type.text == type_name(implementations[t])) room = number;
      set(variable::capacity, h, t, std::min(room, unlimited));
    }
    put(variable::pooled, h, group.pooled);
    for (const auto& [name, number] : group.amounts)
      set(variable::amount, h, position(draft_.resources, name.text), number);
    if (!group.zone.empty()) put(variable::zone_of, h, position(draft_.zones, group.zone));
    put(variable::started_with, h, host.driver);
    put(variable::driver, h, host.driver);
  }

  void vm(std::size_t v) {
    const DraftVm& vm = draft_.vms[v];
    const VmGroup& group = draft_.scenario.vms[vm.group];
    put(variable::group_of, v, vm.group);
    for (const std::size_t s : vm.may_have) set(variable::may_have, v, s, 1);
    put(variable::setting, v, vm.setting);
    put(variable::seen, v, draft_.interfaces[vm.setting]);
    put(variable::session_spooled, v, group.spool);
    for (const auto& p2p : {variable::source_p2p, variable::destination_p2p}) put(p2p, v, group.p2p);
    for (const auto& pre_copy : {variable::source_pre_copy, variable::destination_pre_copy})
      put(pre_copy, v, group.pre_copy);
    if (group.absent) return;
    put(variable::place, v, vm.host);
    put(variable::instance, v, static_cast<std::uint64_t>(vocabulary::instance_state::open.number()));
    put(variable::instance_running, v, 1);
  }
};

/// The text's sorts with the draft's elements; `views` keeps what they borrow.
std::vector<rules::SortText> sorts_of(const Draft& draft, const rules::ModuleText& text,
                                      std::deque<std::vector<std::string_view>>& views) {
  const auto elements = [&](std::string_view name) {
    std::vector<std::string_view> found;
    const auto all = [&](const auto& from, const auto& text_of) {
      for (const auto& one : from) found.emplace_back(text_of(one));
    };
    const auto itself = [](const std::string& one) -> const std::string& { return one; };
    const auto its_name = [](const auto& one) -> const std::string& { return one.name; };
    if (name == sort::host.name()) all(draft.hosts, its_name);
    if (name == sort::vm.name()) all(draft.vms, its_name);
    if (name == sort::group.name()) all(draft.scenario.vms, its_name);
    if (name == sort::driver.name()) all(draft.drivers, itself);
    if (name == sort::type.name())
      all(draft.catalogue->implementations, [](const auto& one) -> const std::string& { return one.label; });
    if (name == sort::setting.name()) all(draft.setting_names, itself);
    if (name == sort::interface.name()) all(draft.interface_names, itself);
    if (name == sort::write.name()) all(draft.write_names, itself);
    if (name == sort::resource.name()) all(draft.resources, itself);
    if (name == sort::zone.name()) all(draft.zones, itself);
    return found;
  };
  std::vector<rules::SortText> sorts;
  for (const rules::SortText& one : text.sorts)
    sorts.push_back({one.name, views.emplace_back(elements(one.name))});
  return sorts;
}

/// Faults: actions and kinds of faults of the scenario that the module does not have.
void check_names(Draft& draft, const rules::Module& module) {
  std::vector<std::string> actions, faults;
  for (const rules::Action& action : module.actions) {
    add_new(actions, action.name.substr(0, action.name.find('.')));
    if (action.fault) add_new(faults, action.name);
  }
  for (const Placed& name : draft.scenario.without)
    if (std::none_of(module.actions.begin(), module.actions.end(),
                     [&](const rules::Action& a) { return stands_for(name.text, a.name); }))
      draft.report(FaultCode::unknown_name, name.place,
                   fmt::format("there is no action {}", in_quotes(name.text)), one_of(actions),
                   closest(name.text, actions));
  for (const Placed& name : draft.scenario.fault_kinds)
    if (std::find(faults.begin(), faults.end(), name.text) == faults.end())
      draft.report(FaultCode::unknown_name, name.place,
                   fmt::format("there is no fault {}", in_quotes(name.text)), one_of(faults),
                   closest(name.text, faults));
}

/// Leaves out the actions that nobody takes here and the faults that cannot happen.
void leave_out(const Scenario& scenario, rules::Module& module) {
  std::erase_if(module.actions, [&](const rules::Action& action) {
    if (std::any_of(scenario.without.begin(), scenario.without.end(),
                    [&](const Placed& name) { return stands_for(name.text, action.name); }))
      return true;
    return action.fault && !scenario.fault_kinds.empty() &&
           std::none_of(scenario.fault_kinds.begin(), scenario.fault_kinds.end(),
                        [&](const Placed& name) { return name.text == action.name; });
  });
}

/// Where no VM may write any of the parameters with `fix-for`: what would let one.
std::string remedy_for_fixes(const Draft& draft) {
  std::vector<std::string> toggles;
  for (const SettingInfo& info : draft.settings)
    for (const auto& [name, value] : info.configuration)
      if (!info.implementation->annotations_of(info.model).notes_of(name).fix_for.empty())
        add_new(toggles, name);
  for (const VmGroup& group : draft.scenario.vms)
    for (const auto& [name, values] : group.may_set)
      if (std::find(toggles.begin(), toggles.end(), name) != toggles.end())
        return std::any_of(draft.scenario.without.begin(), draft.scenario.without.end(),
                           [](const Placed& one) { return one.text == vocabulary::action::set_param.name(); })
                   ? fmt::format("nobody may write {}: take set_param out of actions.without", name)
                   : std::string();
  return fmt::format("no VM may switch it on while it runs: let one, with {} under its may_set",
                     listed(toggles));
}

/// The properties that only some fleets are asked for.
void ask_more(Draft& draft, rules::Module& module) {
  const auto ask = [&](std::string name, rules::Verb verb, std::string_view condition, std::string source,
                       std::string meaning, std::string remedy = {}) {
    rules::Parsed parsed = rules::parse_condition(module, condition);
    if (!parsed.faults.empty())
      return draft.report(FaultCode::type_error, {draft.scenario.file, {}, "fleet"},
                          parsed.faults.front().finding, parsed.faults.front().expectation);
    module.properties.push_back(
        {std::move(name),
         verb,
         {std::move(parsed.nodes), std::move(parsed.strings), std::string(condition), {}},
         std::move(source),
         std::move(meaning),
         std::nullopt,
         std::move(remedy)});
  };
  const auto fixes = static_cast<std::size_t>(variable::fixes.position());
  const auto begin = module.initial.begin() + module.offsets[fixes];
  const bool mends =
      std::any_of(begin, begin + module.widths[fixes], [](std::int64_t on) { return on != 0; });
  if (mends)
    ask("fix-can-be-enabled", rules::Verb::sometimes, "exists(v in vm: fixes[setting[v]])", "rules.md §fleet",
        "a bug-fix toggle can be enabled", remedy_for_fixes(draft));
  if (!draft.resources.empty())
    ask("within-amounts", rules::Verb::always,
        "forall(h in host: forall(r in resource: sum(v in vm: if place[v] == h || target[v] == h then "
        "needs[group-of[v], r] else 0) <= amount[h, r]))",
        "rules.md §fleet", "no host is short of a resource, also while VMs move");
  const auto any_group = [&](const auto& says) {
    return std::any_of(draft.scenario.vms.begin(), draft.scenario.vms.end(), says);
  };
  if (any_group([](const VmGroup& group) { return !group.allowed.empty(); }))
    ask("where-allowed", rules::Verb::always,
        "forall(v in vm: (place[v] != none => allowed[group-of[v], place[v]]) && (target[v] != none => "
        "allowed[group-of[v], target[v]]))",
        "rules.md §fleet", "no VM is on a host where it may not be");
  if (any_group([](const VmGroup& group) { return group.apart == Apart::zones; }))
    ask("apart-by-zone", rules::Verb::always,
        "forall(v in vm: forall(w in vm: v != w && apart-by-zone[group-of[v]] && group-of[v] == group-of[w] "
        "&& "
        "place[v] != none && place[w] != none && zone-of[place[v]] != none => zone-of[place[v]] != "
        "zone-of[place[w]]))",
        "rules.md §fleet", "VMs that are kept apart by zone share none");
  // Faults take VMs away, too; the limit binds what the operator does.
  if (draft.scenario.fault_budget == 0 &&
      any_group([](const VmGroup& group) { return group.running_min > 0; }))
    ask("kept-running", rules::Verb::always,
        "forall(g in group: count(v in vm: group-of[v] == g && instance.running[v]) >= running-min[g])",
        "rules.md §fleet", "of each group so many run as are to be kept running");
  const bool moves = std::any_of(module.actions.begin(), module.actions.end(), [](const rules::Action& one) {
    return one.name == vocabulary::action::downgrade;
  });
  if (moves && draft.drivers.size() > 1)
    ask("rollback", rules::Verb::eventually, "forall(h in host: driver[h] == started-with[h])",
        "rules.md §fleet", "from every state a way back to the drivers of the beginning is left");
}

}  // namespace

rules::Module module_of(Draft& draft, const rules::ModuleText& text) {
  std::deque<std::vector<std::string_view>> views;
  const std::vector<rules::SortText> filled = sorts_of(draft, text, views);
  rules::ModuleText over = text;
  over.sorts = filled;
  rules::CompiledModule compiled = rules::compile(over);
  for (const rules::ModuleFault& fault : compiled.faults)
    draft.report(fault.fault.code, {draft.scenario.file, {}, "fleet"},
                 fmt::format("the fleet's {} {}: {}", fault.section, fault.item, fault.fault.finding),
                 fault.fault.expectation);
  rules::Module module = std::move(compiled.module);
  if (!draft.faults.empty()) return module;
  Tables(draft, module).fill();
  check_names(draft, module);
  leave_out(draft.scenario, module);
  ask_more(draft, module);
  return module;
}

}  // namespace portolan::fleet
