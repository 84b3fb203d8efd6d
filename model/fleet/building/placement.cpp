// SPDX-License-Identifier: Apache-2.0
//
// The hosts and VMs of a fleet by their names, each host with its driver and each VM on its host.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "model/fleet/building/draft.hpp"
#include "model/support/name.hpp"
#include "model/support/text.hpp"

namespace portolan::fleet {

using compat::Implementation;

namespace {

template <class Groups, class Add>
void name_each(Draft& draft, const Groups& groups, std::vector<std::string>& taken, const Add& add) {
  for (std::size_t g = 0; g < groups.size(); ++g) {
    bool told = false;  // of one name of the group
    for (std::uint64_t i = 1; i <= groups[g].count.value_or(1); ++i) {
      std::string name = groups[g].count ? groups[g].name + std::to_string(i) : groups[g].name;
      std::string wrong = wrong_with_name(name);
      if (!wrong.empty() && !std::exchange(told, true))
        draft.report(FaultCode::bad_name, groups[g].place, std::move(wrong), std::string(name_grammar));
      else if (name == "none" || std::find(taken.begin(), taken.end(), name) != taken.end())
        draft.report(FaultCode::duplicate, groups[g].place,
                     fmt::format("the name {} is `none`, or taken", in_quotes(name)),
                     "a name of its own for each host and VM");
      taken.push_back(name);
      add(std::move(name), g);
    }
  }
}

bool only_model(Draft& draft, VmGroup& group) {
  std::vector<std::string> models;
  for (const Implementation& one : draft.catalogue->implementations)
    for (const auto& [name, model] : one.info.models) add_new(models, name);
  if (models.size() == 1) {
    group.model = models.front();
    return true;
  }
  draft.report(FaultCode::missing, group.place, "the VM has no model", one_of(models), "write model: …");
  return false;
}

/// A host group stands for its hosts; no host named stands for all.
std::vector<std::size_t> hosts_of(Draft& draft, const VmGroup& group,
                                  const std::vector<std::string>& host_names) {
  std::vector<std::size_t> on;
  for (const Placed& host : group.place_on) {
    const std::size_t before = on.size();
    for (std::size_t h = 0; h < draft.hosts.size(); ++h)
      if (draft.hosts[h].name == host.text || draft.scenario.hosts[draft.hosts[h].group].name == host.text)
        on.push_back(h);
    if (on.size() == before)
      draft.report(FaultCode::unknown_name, host.place,
                   fmt::format("there is no host {}", in_quotes(host.text)), one_of(host_names),
                   closest(host.text, host_names));
  }
  if (group.place_on.empty())
    for (std::size_t h = 0; h < draft.hosts.size(); ++h) on.push_back(h);
  return on;
}

/// What the catalogue has of an implementation.
struct Offered {
  std::vector<std::string> implementations, versions, types;
};
Offered offered(const Draft& draft, const std::string& implementation) {
  Offered found;
  for (const Implementation& one : draft.catalogue->implementations) {
    add_new(found.implementations, one.name);
    if (one.name == implementation) add_new(found.versions, one.version);
    add_new(found.types, type_name(one));
  }
  return found;
}

/// The driver of the group's hosts at the beginning.
std::size_t driver_of(Draft& draft, const HostGroup& group, const Offered& known) {
  const std::string& implementation = group.implementation.text;
  const auto versions = [&] {
    return fmt::format("a version of {} ({})", implementation, listed(known.versions));
  };
  if (known.versions.empty()) {
    draft.report(FaultCode::unknown_name, group.implementation.place,
                 fmt::format("got {}", in_quotes(implementation)),
                 one_of(known.implementations) + " (of the catalogue)",
                 closest(implementation, known.implementations));
    return 0;
  }
  if (group.version.text.empty() && known.versions.size() > 1) {
    draft.report(FaultCode::missing, group.place, "the host has no version", versions());
    return 0;
  }
  const std::string version = group.version.text.empty() ? known.versions.front() : group.version.text;
  if (std::find(known.versions.begin(), known.versions.end(), version) == known.versions.end())
    draft.report(FaultCode::unknown_name, group.version.place, fmt::format("got {}", in_quotes(version)),
                 versions());
  const std::string name = version.empty() ? implementation : implementation + "@" + version;
  return static_cast<std::size_t>(std::find(draft.drivers.begin(), draft.drivers.end(), name) -
                                  draft.drivers.begin());
}

}  // namespace

void place_hosts(Draft& draft) {
  std::vector<std::string> taken;
  name_each(draft, draft.scenario.hosts, taken, [&](std::string name, std::size_t g) {
    draft.hosts.push_back({std::move(name), g, 0});
  });
  if (draft.hosts.empty())
    draft.report(FaultCode::missing, {draft.scenario.file, {}, "fleet.hosts"}, "there is no host",
                 "at least one");
  std::vector<std::size_t> drivers;
  for (const HostGroup& group : draft.scenario.hosts) {
    const Offered known = offered(draft, group.implementation.text);
    drivers.push_back(driver_of(draft, group, known));
    for (const auto& [type, number] : group.capacity_by_type)
      if (std::find(known.types.begin(), known.types.end(), type.text) == known.types.end())
        draft.report(FaultCode::unknown_name, type.place,
                     fmt::format("there is no type {}", in_quotes(type.text)), one_of(known.types),
                     closest(type.text, known.types));
  }
  for (DraftHost& host : draft.hosts) host.driver = drivers[host.group];
  for (const Placed& live : draft.scenario.live_upgrade)
    if (std::find(draft.drivers.begin(), draft.drivers.end(), live.text) == draft.drivers.end())
      draft.report(FaultCode::unknown_name, live.place, fmt::format("got {}", in_quotes(live.text)),
                   one_of(draft.drivers), closest(live.text, draft.drivers));
}

void place_vms(Draft& draft, Settings& settings) {
  std::vector<std::string> taken;
  for (const DraftHost& host : draft.hosts) taken.push_back(host.name);
  name_each(draft, draft.scenario.vms, taken, [&](std::string name, std::size_t g) {
    draft.vms.push_back({std::move(name), g, 0, 0, {}});
  });
  if (draft.vms.empty())
    draft.report(FaultCode::missing, {draft.scenario.file, {}, "fleet.vms"}, "there is no VM",
                 "at least one");
  if (!draft.faults.empty()) return;
  std::vector<std::string> host_names;
  for (const DraftHost& host : draft.hosts) host_names.push_back(host.name);
  std::size_t v = 0;
  for (VmGroup& group : draft.scenario.vms) {
    if (group.model.empty() && !only_model(draft, group)) {
      v += group.count.value_or(1);
      continue;
    }
    const std::vector<std::size_t> on = hosts_of(draft, group, host_names);
    for (std::uint64_t i = 0; i < group.count.value_or(1); ++i, ++v) {
      if (on.empty()) continue;
      draft.vms[v].host = on[i % on.size()];
      settings.settle(group, draft.vms[v], i == 0);
    }
  }
}

}  // namespace portolan::fleet
