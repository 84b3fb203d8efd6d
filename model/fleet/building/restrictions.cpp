// SPDX-License-Identifier: Apache-2.0
//
// What hosts have and VMs need of resources, the zones of the hosts, and the hosts on which a group may be.
#include <algorithm>

#include <fmt/format.h>

#include "model/fleet/building/draft.hpp"
#include "model/support/text.hpp"

namespace portolan::fleet {

namespace {

/// Every resource that somebody names; each host says how much it has of what VMs need: what is not said is
/// no amount that a plan could count on.
void name_resources(Draft& draft) {
  for (const HostGroup& group : draft.scenario.hosts)
    for (const auto& [name, number] : group.amounts) add_new(draft.resources, name.text);
  for (const VmGroup& group : draft.scenario.vms)
    for (const auto& [name, number] : group.needs) {
      add_new(draft.resources, name.text);
      for (const HostGroup& hosts : draft.scenario.hosts)
        if (std::none_of(hosts.amounts.begin(), hosts.amounts.end(),
                         [&, &need = name](const auto& has) { return has.first.text == need.text; })) {
          std::vector<std::string> known;
          for (const auto& [has, amount] : hosts.amounts) known.push_back(has.text);
          draft.report(FaultCode::missing, hosts.place,
                       fmt::format("the host does not say how much {} it has, which {} needs",
                                   in_quotes(name.text), in_quotes(group.name)),
                       fmt::format("amounts: {{{}: …}}", name.text), closest(name.text, known));
        }
    }
}

/// Whether the text of `allowed` means the host: its name, its group's, or a label of it.
bool means(std::string_view text, const DraftHost& host, const HostGroup& group) {
  if (text == host.name || text == group.name) return true;
  const std::size_t sign = text.find('=');
  if (sign == text.npos) return false;
  const auto label = group.labels.find(std::string(text.substr(0, sign)));
  return label != group.labels.end() && label->second == text.substr(sign + 1);
}

/// What can be written under `allowed` here.
std::vector<std::string> allowed_words(const Draft& draft) {
  std::vector<std::string> words;
  for (const HostGroup& group : draft.scenario.hosts) {
    add_new(words, group.name);
    for (const auto& [label, value] : group.labels) add_new(words, label + "=" + value);
  }
  for (const DraftHost& host : draft.hosts) add_new(words, host.name);
  return words;
}

std::vector<bool> allowed_hosts(Draft& draft, const VmGroup& group) {
  if (group.allowed.empty()) return {};
  std::vector<bool> allowed(draft.hosts.size());
  for (const Placed& text : group.allowed) {
    bool found = false;
    for (std::size_t h = 0; h < draft.hosts.size(); ++h)
      if (means(text.text, draft.hosts[h], draft.scenario.hosts[draft.hosts[h].group]))
        allowed[h] = found = true;
    if (found) continue;
    const std::vector<std::string> words = allowed_words(draft);
    draft.report(FaultCode::unknown_name, text.place,
                 fmt::format("{} is no host and no label of one", in_quotes(text.text)), one_of(words),
                 closest(text.text, words));
  }
  return allowed;
}

}  // namespace

void restrict(Draft& draft) {
  name_resources(draft);
  for (const HostGroup& group : draft.scenario.hosts)
    if (!group.zone.empty()) add_new(draft.zones, group.zone);
  for (const VmGroup& group : draft.scenario.vms) draft.allowed.push_back(allowed_hosts(draft, group));
}

}  // namespace portolan::fleet
