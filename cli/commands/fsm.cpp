// SPDX-License-Identifier: Apache-2.0
//
// `portolan fsm`: the VFIO device state machine as the kernel answers it, and the diagrams of the built-in
// machines.

#include "cli/frame/command.hpp"
#include "cli/frame/json.hpp"
#include "model/machines/device.hpp"
#include "model/machines/diagram.hpp"
#include "model/machines/paths.hpp"
#include "model/machines/run_time.hpp"

namespace portolan::cli {
namespace {

using machines::DeviceFlags;
using machines::DeviceState;

struct FsmOptions {
  std::vector<std::string> flags{"stop_copy"};
  std::string current, requested;
  std::string machine = "device";
  std::string diagram_format = "mermaid";
};

Result<DeviceFlags> flags_of(const std::vector<std::string>& names) {
  DeviceFlags flags;
  bool stop_copy = false;
  for (const std::string& name : names) {
    if (name == "stop_copy")
      stop_copy = true;
    else if (name == "p2p")
      flags.p2p = true;
    else if (name == "pre_copy")
      flags.pre_copy = true;
    else
      return fail(Fault{FaultCode::usage,
                        {"--flags", {}, {}},
                        "unknown flag \"" + name + "\"",
                        "some of stop_copy, p2p, pre_copy",
                        {}});
  }
  if (!stop_copy) {
    return fail(Fault{FaultCode::usage,
                      {"--flags", {}, {}},
                      "stop_copy is not among the flags",
                      "stop_copy, which every device that can migrate reports",
                      "write --flags stop_copy,…"});
  }
  return flags;
}

Result<DeviceState> state_of(const std::string& name, const char* argument) {
  if (const auto state = machines::device_state_named(name)) return *state;
  std::string states;
  for (std::string_view state : machines::device_states)
    states += (states.empty() ? "" : ", ") + std::string(state);
  return fail(Fault{
      FaultCode::unknown_name, {argument, {}, {}}, "unknown state \"" + name + "\"", "one of " + states, {}});
}

std::string next_of(DeviceFlags flags, DeviceState current, DeviceState requested) {
  const auto next = machines::next_hop(flags, current, requested);
  return next ? std::string(machines::name_of(*next)) : "EINVAL";
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

/// Why a request is refused, in a sentence (rules.md §device).
std::string why_not(const FsmOptions& options, DeviceFlags flags, DeviceState current,
                    DeviceState requested) {
  if (current == DeviceState::error) return "only a reset leaves ERROR";
  if (requested == DeviceState::error) return "ERROR cannot be requested";
  for (const DeviceState state : {current, requested})
    if (next_of(flags, state, state) == "EINVAL")
      return fmt::format("a device with the flags {} has no {}; see --flags", joined(options.flags),
                         machines::name_of(state));
  return "there is no way that passes through no saving state";
}

/// Of the built-in machines.
std::vector<std::string> machine_names() {
  std::vector<std::string> names;
  for (const rules::Machine* machine : machines::built_in_machines()) names.emplace_back(machine->text->name);
  return names;
}

template <class F>
void for_each_pair(F f) {
  for (std::size_t c = 0; c < machines::device_state_count; ++c)
    for (std::size_t n = 0; n < machines::device_state_count; ++n)
      f(static_cast<DeviceState>(c), static_cast<DeviceState>(n));
}

Exit table(const FsmOptions& options, Output& output) {
  const auto flags = flags_of(options.flags);
  if (!flags) return output.refuse(flags.error());
  if (output.format() == Format::csv) {
    output.print("cur,new,next\n");
    for_each_pair([&](DeviceState c, DeviceState n) {
      output.print("{},{},{}\n", machines::name_of(c), machines::name_of(n), next_of(*flags, c, n));
    });
  } else if (output.json()) {
    Json json = versioned();
    json["flags"] = options.flags;
    json["table"] = Json::array();
    for_each_pair([&](DeviceState c, DeviceState n) {
      json["table"].push_back(
          {{"cur", machines::name_of(c)}, {"new", machines::name_of(n)}, {"next", next_of(*flags, c, n)}});
    });
    output.write(pretty(json));
  } else {
    output.print(
        "A device with the flags {}: the next hop from each state (rows) when another is requested "
        "(columns)\n\n{:<13}",
        joined(options.flags), "");
    for (std::string_view state : machines::device_states) output.print("{:<13}", state);
    for_each_pair([&](DeviceState c, DeviceState n) {
      if (n == DeviceState::error) output.print("\n{:<13}", machines::name_of(c));
      output.print("{:<13}", next_of(*flags, c, n));
    });
    output.print("\n");
  }
  return Exit::yes;
}

Exit path(const FsmOptions& options, Output& output) {
  const auto flags = flags_of(options.flags);
  if (!flags) return output.refuse(flags.error());
  const auto current = state_of(options.current, "CUR");
  const auto requested = state_of(options.requested, "NEW");
  Faults faults;
  if (!current) faults.insert(faults.end(), current.error().begin(), current.error().end());
  if (!requested) faults.insert(faults.end(), requested.error().begin(), requested.error().end());
  if (!faults.empty()) return output.refuse(faults);
  const auto states = machines::path(*flags, *current, *requested);
  const bool data_fd = machines::returns_data_fd(*flags, *current, *requested);
  if (output.json()) {
    Json json = versioned();
    json["flags"] = options.flags;
    json["cur"] = options.current;
    json["new"] = options.requested;
    json["errno"] = states ? Json(nullptr) : Json("EINVAL");
    json["path"] = Json::array();
    if (states)
      for (DeviceState state : *states) json["path"].push_back(machines::name_of(state));
    json["data_fd"] = data_fd;
    output.write(pretty(json));
  } else if (!states) {
    output.print("EINVAL: {}\n", why_not(options, *flags, *current, *requested));
  } else {
    output.print("{}", options.current);
    for (DeviceState state : *states) output.print(" -> {}", machines::name_of(state));
    output.print("{}\n", data_fd ? "  (returns a data fd)" : "");
  }
  return states ? Exit::yes : Exit::no;
}

Exit diagram(const FsmOptions& options, Output& output) {
  const rules::Machine& machine = *machines::built_in_machine(options.machine);
  const auto format =
      options.diagram_format == "dot" ? machines::DiagramFormat::dot : machines::DiagramFormat::mermaid;
  const auto flags = flags_of(options.flags);
  if (!flags) return output.refuse(flags.error());
  if (&machine != &machines::device) {
    output.write(machines::diagram(machine, format));
    return Exit::yes;
  }
  // Only the arcs that these flags allow.
  const rules::Environment environment{flags->p2p, flags->pre_copy};
  output.write(machines::diagram(
      machine, format, [&](const rules::Row& row) { return rules::holds(row.guard, environment); }));
  return Exit::yes;
}

}  // namespace

void add_fsm(Command& root) {
  auto options = std::make_shared<FsmOptions>();
  Command fsm = root.group("fsm", "The VFIO device state machine: table, path, diagram",
                           "portolan fsm path RUNNING STOP_COPY --flags stop_copy,p2p,pre_copy");
  const auto add_flags = [&](Command command) {
    command
        .option("--flags", options->flags,
                "What the device reports: stop_copy, p2p, pre_copy, separated by commas")
        .comma_separated()
        .shows_default("stop_copy");
  };

  Command of_table = fsm.command("table", "The next hop for every pair of states", {"text", "json", "csv"},
                                 "portolan fsm table --flags stop_copy,p2p --format csv");
  add_flags(of_table);
  of_table.on_chosen(options, table);

  Command of_path = fsm.command("path", "The states on the way from CUR to NEW", {"text", "json"},
                                "portolan fsm path PRE_COPY STOP --flags stop_copy,pre_copy");
  of_path.option("CUR", options->current, "The state that the device is in").required();
  of_path.option("NEW", options->requested, "The state that is requested").required();
  add_flags(of_path);
  of_path.on_chosen(options, path);

  Command of_diagram = fsm.command("diagram", "A built-in machine as a diagram", {},
                                   "portolan fsm diagram --flags stop_copy,p2p --format dot");
  of_diagram.option("--format", options->diagram_format, "The language of the diagram")
      .one_of({"mermaid", "dot"})
      .shows_default();
  of_diagram.option("--machine", options->machine, "Which machine").one_of(machine_names()).shows_default();
  add_flags(of_diagram);
  of_diagram.on_chosen(options, diagram);
}

}  // namespace portolan::cli
