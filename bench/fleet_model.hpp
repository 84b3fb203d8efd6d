#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// F(hosts, VMs, versions, switches), the fleet by which explorers are measured: a host has a version; a
// virtual machine has a source and a destination host, what its source does, what its destination does, and
// switches of which number j needs a version of at least j. Small enough to write down twice: as a module,
// and as Promela for Spin. Known: F(2,4,3,1) has 4,593,924 states and 37,065,868 transitions; Spin counts one
// transition more, the one into the initial state.

#include "bench/module_source.hpp"

namespace portolan::bench {

struct FleetSize {
  int hosts = 2, vms = 2, versions = 3, switches = 1;
};

/// A change of the rules that makes the model wrong, to be found by the invariant.
enum class FleetFlaw : std::uint8_t { none, downgrade_unguarded, started_early, committed_early };

inline ModuleSource fleet_module(const FleetSize& size, FleetFlaw flaw = FleetFlaw::none) {
  const auto names = [](const char* prefix, int count) {
    std::vector<std::string> result;
    for (int i = 1; i <= count; ++i) result.push_back(prefix + std::to_string(i));
    return result;
  };
  /// Whether every switch of v that is on is known to the version.
  const auto fits = [&](const std::string& version) {
    std::string all = "true";
    for (int j = 1; j <= size.switches; ++j)
      all += " && (!on[v, w" + std::to_string(j) + "] || " + version + " >= " + std::to_string(j) + ")";
    return "(" + all + ")";
  };
  ModuleSource m("fleet");
  m.sort("host", names("h", size.hosts));
  m.sort("vm", names("v", size.vms));
  m.sort("switch", names("w", size.switches));
  m.sort("source", {"run", "pre_copy", "stop_copy", "stop"});
  m.sort("destination", {"absent", "loading", "live", "error"});
  m.variable("version", "host", "0.." + std::to_string(size.versions - 1));
  m.variable("src", "vm", "host");
  m.variable("dst", "vm", "host?", "none");
  m.variable("s", "vm", "source");
  m.variable("d", "vm", "destination");
  m.variable("on", "vm, switch", "bool");
  m.action("upgrade", "h: host", "version[h] < " + std::to_string(size.versions - 1), "",
           "version[h] := version[h] + 1");
  m.action("downgrade", "h: host",
           flaw == FleetFlaw::downgrade_unguarded
               ? "version[h] > 0"
               : "version[h] > 0 && forall(v in vm: (src[v] != h || " + fits("version[h] - 1") +
                     ") && (d[v] == absent || dst[v] != h || " + fits("version[h] - 1") + "))",
           "", "version[h] := version[h] - 1");
  m.action("begin", "v: vm, h: host", "s[v] == run && d[v] == absent && src[v] != h && " + fits("version[h]"),
           "", "s[v] := pre_copy; d[v] := loading; dst[v] := h");
  m.action("stop_copy", "v: vm", "s[v] == pre_copy && d[v] == loading", "", "s[v] := stop_copy");
  m.action("stop", "v: vm", "s[v] == stop_copy && d[v] == loading", "", "s[v] := stop");
  m.action("start", "v: vm",
           flaw == FleetFlaw::started_early ? "d[v] == loading" : "s[v] == stop && d[v] == loading", "",
           "d[v] := live");
  m.action("finish", "v: vm", "d[v] == live", "",
           std::string("src[v] := dst[v]; s[v] := run; dst[v] := none; d[v] := ") +
               (flaw == FleetFlaw::committed_early ? "live" : "absent"));
  m.action("fail", "v: vm", "d[v] == loading", "", "d[v] := error", rules::Actor::fault);
  m.action("abort", "v: vm", "d[v] == error", "", "s[v] := run; d[v] := absent; dst[v] := none");
  for (int j = 1; j <= size.switches; ++j) {
    const std::string w = "on[v, w" + std::to_string(j) + "]";
    m.action("switch" + std::to_string(j), "v: vm",
             "s[v] == run && d[v] == absent && (" + w + " || version[src[v]] >= " + std::to_string(j) + ")",
             "", w + " := !" + w);
  }
  m.property("safe", rules::Verb::always,
             "forall(v in vm: !((s[v] == run || s[v] == pre_copy) && d[v] == live) && " +
                 fits("version[src[v]]") + " && (d[v] == absent || " + fits("version[dst[v]]") + "))");
  return m;
}

inline std::string fleet_promela(const FleetSize& size, FleetFlaw flaw = FleetFlaw::none) {
  const auto n = [](int i) { return std::to_string(i); };
  const auto fits = [&](int v, const std::string& version) {
    std::string all = "true";
    for (int j = 0; j < size.switches; ++j)
      all += " && (!on" + n(j) + "[" + n(v) + "] || " + version + " >= " + n(j + 1) + ")";
    return "(" + all + ")";
  };
  std::string out = "byte version[" + n(size.hosts) + "], src[" + n(size.vms) + "], dst[" + n(size.vms) +
                    "], s[" + n(size.vms) + "], d[" + n(size.vms) + "];\n";
  for (int j = 0; j < size.switches; ++j) out += "byte on" + n(j) + "[" + n(size.vms) + "];\n";
  std::string safe = "true";
  for (int v = 0; v < size.vms; ++v) {
    const std::string i = "[" + n(v) + "]";
    safe += " && !(s" + i + " <= 1 && d" + i + " == 2) && " + fits(v, "version[src" + i + "]") + " && (d" +
            i + " == 0 || " + fits(v, "version[dst" + i + "]") + ")";
  }
  out += "#define SAFE (" + safe + ")\nactive proctype fleet() {\n  do\n";
  const auto rule = [&](const std::string& guard, const std::string& effect) {
    out += "  :: d_step { " + guard + " -> " + effect + "; assert(SAFE) }\n";
  };
  for (int h = 0; h < size.hosts; ++h) {
    const std::string version = "version[" + n(h) + "]";
    rule(version + " < " + n(size.versions - 1), version + "++");
    std::string guard = version + " > 0";
    for (int v = 0; v < size.vms && flaw != FleetFlaw::downgrade_unguarded; ++v) {
      const std::string i = "[" + n(v) + "]", fit = fits(v, "(" + version + " - 1)");
      guard += " && (src" + i + " != " + n(h) + " || " + fit + ") && (d" + i + " == 0 || dst" + i +
               " != " + n(h) + " || " + fit + ")";
    }
    rule(guard, version + "--");
  }
  for (int v = 0; v < size.vms; ++v) {
    const std::string i = "[" + n(v) + "]", idle = "s" + i + " == 0 && d" + i + " == 0";
    for (int h = 0; h < size.hosts; ++h)
      rule(idle + " && src" + i + " != " + n(h) + " && " + fits(v, "version[" + n(h) + "]"),
           "s" + i + " = 1; d" + i + " = 1; dst" + i + " = " + n(h));
    rule("s" + i + " == 1 && d" + i + " == 1", "s" + i + " = 2");
    rule("s" + i + " == 2 && d" + i + " == 1", "s" + i + " = 3");
    rule(flaw == FleetFlaw::started_early ? "d" + i + " == 1" : "s" + i + " == 3 && d" + i + " == 1",
         "d" + i + " = 2");
    rule("d" + i + " == 2", "src" + i + " = dst" + i + "; s" + i + " = 0; dst" + i + " = 0; d" + i + " = " +
                                (flaw == FleetFlaw::committed_early ? "2" : "0"));
    rule("d" + i + " == 1", "d" + i + " = 3");
    rule("d" + i + " == 3", "s" + i + " = 0; d" + i + " = 0; dst" + i + " = 0");
    for (int j = 0; j < size.switches; ++j) {
      const std::string w = "on" + n(j) + i;
      rule(idle + " && (" + w + " || version[src" + i + "] >= " + n(j + 1) + ")", w + " = 1 - " + w);
    }
  }
  return out + "  od\n}\n";
}

}  // namespace portolan::bench
