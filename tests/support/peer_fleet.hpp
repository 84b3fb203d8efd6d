#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// F(hosts, VMs, versions, bools), the fleet on which explorers are compared: a host has a version, a VM a
// source and a destination host with a machine on each side, and parameters of which the j-th needs version j
// + 1. F(2,4,3,1) has 4,593,924 states and 37,065,868 events (Spin reports one transition more, see
// model/rules/exports/promela.hpp).

#include <deque>
#include <string>
#include <vector>

#include "model/rules/compile.hpp"

namespace portolan::test {

inline rules::Module peer_fleet(int hosts, int vms, int versions, int bools) {
  std::deque<std::string> names;
  const auto numbered = [&](const char* word, int count) {
    std::vector<std::string_view> list;
    for (int i = 0; i < count; ++i) list.push_back(names.emplace_back(word + std::to_string(i)));
    return list;
  };
  const auto host = numbered("host", hosts), vm = numbered("vm", vms), bit = numbered("bit", bools);
  constexpr std::string_view source[] = {"running", "pre_copy", "stop_copy", "stopped"},
                             destination[] = {"absent", "resuming", "live", "error"};
  const rules::SortText sorts[] = {
      {"host", host}, {"vm", vm}, {"bit", bit}, {"source", source}, {"destination", destination}};
  const std::string version = "0.." + std::to_string(versions - 1),
                    next = "version[h] < " + std::to_string(versions - 1),
                    needed = "0.." + std::to_string(bools);
  const rules::ModuleVariableText variables[] = {{"version", "host", version, "0"},
                                                 {"from", "vm", "source", "running"},
                                                 {"to", "vm", "destination", "absent"},
                                                 {"at", "vm", "host", "host0"},
                                                 {"towards", "vm", "host?", "none"},
                                                 {"set", "vm, bit", "bool", "false"},
                                                 {"needs", "bit", needed, "0", rules::Role::fixed}};
  constexpr std::string_view idle = "from[v] == running && to[v] == absent";
  const std::string begin =
      std::string(idle) + " && at[v] != h && forall(b in bit: set[v, b] => version[h] >= needs[b])";
  const std::string toggle = std::string(idle) + " && (set[v, b] || version[at[v]] >= needs[b])";
  const rules::ActionText actions[] = {
      {"upgrade", "h: host", next, "", "version[h] := version[h] + 1", "", ""},
      {"downgrade", "h: host",
       "version[h] > 0 && forall(v in vm: at[v] == h || (to[v] != absent && towards[v] == h) => forall(b in "
       "bit: set[v, b] => version[h] > needs[b]))",
       "", "version[h] := version[h] - 1", "", ""},
      {"begin", "v: vm, h: host", begin, "", "from[v] := pre_copy; to[v] := resuming; towards[v] := h", "",
       ""},
      {"stop-copy", "v: vm", "from[v] == pre_copy && to[v] == resuming", "", "from[v] := stop_copy", "", ""},
      {"stop", "v: vm", "from[v] == stop_copy && to[v] == resuming", "", "from[v] := stopped", "", ""},
      {"start", "v: vm", "from[v] == stopped && to[v] == resuming", "", "to[v] := live", "", ""},
      {"finish", "v: vm, h: host", "to[v] == live && towards[v] == h", "",
       "at[v] := h; from[v] := running; to[v] := absent; towards[v] := none", "", ""},
      {"fail", "v: vm", "to[v] == resuming", "", "to[v] := error", "", "", rules::Actor::fault},
      {"give-up", "v: vm", "to[v] == error", "", "from[v] := running; to[v] := absent; towards[v] := none",
       "", ""},
      {"toggle", "v: vm, b: bit", toggle, "", "set[v, b] := !set[v, b]", "", ""}};
  const rules::PropertyText properties[] = {
      {"one-runner", rules::Verb::always,
       "forall(v in vm: !(from[v] in {running, pre_copy} && to[v] == live))", "", ""},
      {"bits-are-served", rules::Verb::always,
       "forall(v in vm: forall(b in bit: set[v, b] => version[at[v]] >= needs[b]))", "", ""}};
  rules::Module module = rules::compile({"peer-fleet", sorts, variables, {}, actions, properties}).module;
  for (int b = 0; b < bools; ++b) module.initial[module.cell(module.variable("needs"), b)] = b + 1;
  return module;
}

}  // namespace portolan::test
