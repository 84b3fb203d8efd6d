// SPDX-License-Identifier: Apache-2.0
//
// `portolan device`: one device as it answers, and one device state moved to another device.

#include <chrono>

#include "cli/frame/command.hpp"
#include "cli/frame/interruption.hpp"
#include "cli/frame/json.hpp"
#include "cli/frame/long_running.hpp"
#include "model/machines/paths.hpp"
#include "model/ports/device_name.hpp"
#include "model/support/text.hpp"
#include "vfio/devices.hpp"
#include "vfio/emulated/device.hpp"
#include "vfio/execution/walk.hpp"
#include "vfio/user/device.hpp"

namespace portolan::cli {
namespace {

namespace execution = vfio::execution;
using execution::Outcome;
using vfio::emulated::Registers;
using vfio::user::RegionInfo;

struct DeviceOptions {
  std::string device, from, to;
  double reply_timeout_s = 10, state_timeout_s = 60, pre_copy_limit_s = 300;
  bool no_pre_copy = false, overwrite = false;
  std::string progress = "text";
};

double seconds_of(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

vfio::user::Patience patience_of(const DeviceOptions& options) {
  return {milliseconds_of(options.reply_timeout_s), milliseconds_of(options.state_timeout_s)};
}

std::string remedy_for(const Failure& failure) {
  if (dead(failure)) return "see that the device program runs and listens there";
  if (failure.trouble == Trouble::silent)
    return "another client may be connected, or the device hangs; --reply-timeout waits longer";
  return {};
}

Json flags_json(machines::DeviceFlags flags) {
  Json json = {"stop_copy"};
  if (flags.p2p) json.push_back("p2p");
  if (flags.pre_copy) json.push_back("pre_copy");
  return json;
}

std::string joined(const Json& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name.get<std::string>();
  return text;
}

// --- device info
// -----------------------------------------------------------------------------------------------------

struct Described {
  vfio::user::DeviceInfo info;
  machines::DeviceState state{};
  std::vector<RegionInfo> regions;
  std::optional<Registers> registers;  ///< of a portolan-device
};

Answer<Described> describe(vfio::user::Device& end) {
  Described described;
  const auto state = end.state();
  if (!state) return failed(state.error());
  described.state = *state;
  const auto info = end.client().device_info();
  if (!info) return failed(info.error());
  described.info = *info;
  constexpr std::uint32_t regions_max = 64;
  for (std::uint32_t i = 0; i < std::min(info->num_regions, regions_max); ++i) {
    const auto region = end.client().region_info(i);
    // A region that the device does not want to tell about is left out.
    if (!region && region.error().trouble == Trouble::refused) continue;
    if (!region) return failed(region.error());
    described.regions.push_back(*region);
  }
  if (!described.regions.empty() && described.regions.front().index == 0 &&
      described.regions.front().size >= sizeof(Registers)) {
    const auto bytes = end.client().region_read(0, 0, sizeof(Registers));
    if (!bytes && bytes.error().trouble != Trouble::refused) return failed(bytes.error());
    const auto registers = bytes ? decode<Registers>(*bytes) : std::nullopt;
    if (registers && registers->magic == Registers{}.magic && registers->layout == 1)
      described.registers = registers;
  }
  return described;
}

Exit info(const DeviceOptions& options, Output& output) {
  // What only a vfio-user device can be asked, besides what the port `device` has.
  const auto name = ports::parse_device_name(options.device);
  if (!name || name->scheme != ports::vfio_user_scheme.name)
    return output.refuse({Fault{FaultCode::usage,
                                {"DEVICE", {}, {}},
                                "got " + in_quotes(options.device),
                                ports::expected_device_name(),
                                {}}});
  const auto opened = vfio::user::Device::open(name->rest, patience_of(options));
  if (!opened) return output.refuse({fault_of(opened.error(), remedy_for(opened.error()))});
  vfio::user::Device& end = **opened;
  const auto described = describe(end);
  if (!described) return output.refuse({fault_of(described.error(), remedy_for(described.error()))});
  const auto& capabilities = end.client().capabilities();
  const auto& registers = described->registers;
  const Json flags = flags_json(end.flags());
  if (output.json()) {
    Json json = versioned();
    json["device"] = end.name();
    json["version"] = fmt::format("{}.{}", end.client().version().major, end.client().version().minor);
    json["capabilities"] = {{"max_msg_fds", capabilities.max_msg_fds},
                            {"max_data_xfer_size", capabilities.max_data_xfer_size},
                            {"pgsize", capabilities.pgsize}};
    json["state"] = machines::name_of(described->state);
    json["fresh"] = capabilities.fresh ? Json(*capabilities.fresh) : Json(nullptr);
    json["flags"] = flags;
    json["regions"] = Json::array();
    for (const auto& region : described->regions) {
      json["regions"].push_back({{"index", region.index},
                                 {"size", region.size},
                                 {"read", (region.flags & vfio::user::region_flag_read) != 0},
                                 {"write", (region.flags & vfio::user::region_flag_write) != 0}});
    }
    json["irqs"] = described->info.num_irqs;
    if (registers) {
      json["content"] = {{"state_bytes", registers->state_bytes},
                         {"sha256", hexadecimal(registers->content)},
                         {"rewrites", registers->rewrites},
                         {"loads", registers->loads},
                         {"damaged_pages", registers->damaged_pages}};
    }
    output.write(pretty(json));
    return Exit::yes;
  }
  output.print("{}: {}\n", end.name(), output.bold(machines::name_of(described->state)));
  output.print("  migration   {}\n", joined(flags));
  output.print("  regions     {}", described->regions.size());
  for (const auto& region : described->regions)
    output.print("{}{}: {} bytes", &region == &described->regions.front() ? " (" : ", ", region.index,
                 grouped(region.size));
  output.print("{}\n  interrupts  {}\n", described->regions.empty() ? "" : ")", described->info.num_irqs);
  output.print("  protocol    vfio-user {}.{}, messages of up to {} bytes of data\n",
               end.client().version().major, end.client().version().minor,
               grouped(capabilities.max_data_xfer_size));
  output.print("  fresh       {}\n", !capabilities.fresh   ? "it cannot say"
                                     : *capabilities.fresh ? "yes"
                                                           : "no: a guest has used it");
  if (registers) {
    output.print("  content     {} bytes, SHA-256 {}, loaded {}, {} damaged\n",
                 grouped(registers->state_bytes), hexadecimal(registers->content),
                 counted(registers->loads, "time"), counted(registers->damaged_pages, "page"));
  }
  return Exit::yes;
}

// --- device migrate
// --------------------------------------------------------------------------------------------------

Json state_json(std::optional<machines::DeviceState> state) {
  return state ? Json(machines::name_of(*state)) : Json(nullptr);
}

Json step_json(const execution::StepReport& step) {
  Json json = {{"step", execution::name_of(step.kind)},
               {"done", step.done},
               {"said", step.said},
               {"source_state", state_json(step.source)},
               {"destination_state", state_json(step.destination)},
               {"bytes", step.bytes},
               {"seconds", seconds_of(step.time)}};
  if (step.failure) {
    json["failure"] = {{"device", step.failure->device},
                       {"kind", name_of(step.failure->trouble)},
                       {"errno", step.failure->error ? Json(errno_name(step.failure->error)) : Json(nullptr)},
                       {"message", to_string(*step.failure)}};
  }
  if (!step.row.empty()) json["rule"] = step.row;
  return json;
}

/// What happens, on standard error while it happens. No percentage: vfio-user tells no size, and bytes are
/// not the end.
class DeviceProgress {
 public:
  DeviceProgress(const std::string& form, const Output& output)
      : json_(form == "json"), silent_(form == "none"), output_(output) {}
  void step(const execution::StepReport& report) {
    if (silent_) return;
    if (json_)
      output_.note_json(compact(step_json(report)));
    else
      output_.note(fmt::format("{}: {}", execution::name_of(report.kind), report.said));
  }
  void bytes(execution::StepKind step, std::uint64_t bytes) {
    const auto now = std::chrono::steady_clock::now();
    if (silent_ || now - last_ < std::chrono::seconds(1)) return;
    last_ = now;
    if (json_)
      output_.note_json(compact(Json{{"step", execution::name_of(step)}, {"bytes_so_far", bytes}}));
    else
      output_.note(fmt::format("{}: {} bytes so far", execution::name_of(step), grouped(bytes)));
  }

 private:
  bool json_, silent_;
  const Output& output_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

struct Migrated {
  Outcome outcome = Outcome::aborted;
  std::optional<machines::DeviceState> source, destination;
  std::uint64_t bytes = 0;
  std::string sha256, why, attention;
  std::chrono::nanoseconds time{}, downtime{};
  std::vector<execution::StepReport> steps;
};

void print(const DeviceOptions& options, const Migrated& result, Output& output) {
  if (output.json()) {
    Json json = versioned();
    json["outcome"] = execution::name_of(result.outcome);
    json["source"] = options.from;
    json["destination"] = options.to;
    json["source_state"] = state_json(result.source);
    json["destination_state"] = state_json(result.destination);
    json["bytes"] = result.bytes;
    json["sha256"] = result.sha256;
    json["seconds"] = seconds_of(result.time);
    json["downtime_seconds"] = seconds_of(result.downtime);
    if (!result.why.empty()) json["why"] = result.why;
    if (!result.attention.empty()) json["needs_attention"] = result.attention;
    json["steps"] = Json::array();
    for (const auto& step : result.steps) json["steps"].push_back(step_json(step));
    output.write(pretty(json));
    return;
  }
  const std::string word(execution::name_of(result.outcome));
  const std::string shown = result.outcome == Outcome::committed ? output.good(word)
                            : result.outcome == Outcome::aborted ? output.unsure(word)
                                                                 : output.bad(word);
  const auto state = [](std::optional<machines::DeviceState> one) {
    return one ? std::string(machines::name_of(*one)) : "not known";
  };
  output.print("{}: {} -> {}\n", shown, options.from, options.to);
  if (!result.why.empty()) output.print("  why          {}\n", result.why);
  output.print("  source       {}\n  destination  {}\n", state(result.source), state(result.destination));
  if (result.bytes > 0)
    output.print("  moved        {} bytes in {:.3f} s, SHA-256 {}\n", grouped(result.bytes),
                 seconds_of(result.time), result.sha256);
  if (result.downtime.count() > 0) output.print("  downtime     {:.3f} s\n", seconds_of(result.downtime));
  if (!result.attention.empty()) output.print("  {}  {}\n", output.bad("attention"), result.attention);
}

/// Why a destination must not be written over; empty: nothing of a guest is there, or that is meant.
std::string holds_something(const DeviceOptions& options, ports::Device& destination) {
  if (options.overwrite) return {};
  const auto said = destination.describe();
  if (!said) return to_string(said.error());
  if (said->fresh.value_or(false)) return {};
  return fmt::format(
      "{}: {}, and a load overwrites what it holds, expected a device that is fresh (made or reset, and not "
      "used since); make it anew, or say --overwrite",
      options.to, said->fresh ? "a guest has used it" : "it cannot say whether a guest has used it");
}

/// Nothing was told to either end; whether the source runs is still worth a word.
Exit refused_destination(const DeviceOptions& options, ports::Device& source, std::string why,
                         std::chrono::steady_clock::time_point started, Output& output) {
  Migrated result;
  if (const auto state = source.state()) result.source = *state;
  result.why = std::move(why);
  result.time = std::chrono::steady_clock::now() - started;
  print(options, result, output);
  return result.source == machines::DeviceState::running ? Exit::rolled_back : Exit::unmet;
}

Exit migrate(const DeviceOptions& options, Output& output) {
  const auto started = std::chrono::steady_clock::now();
  if (options.from == options.to)
    return output.refuse(
        {Fault{FaultCode::usage, {"--to", {}, {}}, "the same device as --from", "another one", {}}});
  const ports::DeviceRegistry devices = vfio::all_devices(patience_of(options));
  auto source = devices.open(options.from, "--from");
  auto destination = devices.open(options.to, "--to");
  Faults faults;
  if (!source) faults.insert(faults.end(), source.error().begin(), source.error().end());
  if (!destination) faults.insert(faults.end(), destination.error().begin(), destination.error().end());
  if (!faults.empty()) return output.refuse(faults);
  for (const auto* end : {&*source, &*destination}) {
    if (!*end && dead(end->error())) faults.push_back(fault_of(end->error(), remedy_for(end->error())));
  }
  if (!faults.empty()) return output.refuse(faults);
  if (!*source) {
    output.refuse({fault_of(source->error(), remedy_for(source->error()))});
    return Exit::unmet;
  }

  const std::string unfit =
      *destination ? holds_something(options, ***destination) : to_string(destination->error());
  if (!unfit.empty()) return refused_destination(options, ***source, unfit, started, output);

  Migrated result;
  const Interruption interruption;
  DeviceProgress progress(options.progress, output);
  execution::WalkOptions how;
  how.pre_copy = !options.no_pre_copy;
  how.pre_copy_limit = milliseconds_of(options.pre_copy_limit_s);
  how.stop_requested = [&] { return interruption.signal() != 0; };
  how.progress = [&](execution::StepKind step, std::uint64_t bytes) { progress.bytes(step, bytes); };
  ports::SystemClock clock;
  execution::Walk walk(***source, ***destination, clock, how);
  result.steps = walk.run([&](const execution::StepReport& report) { progress.step(report); });
  result.outcome = walk.outcome();
  result.source = walk.source_state();
  result.destination = walk.destination_state();
  result.bytes = walk.bytes();
  result.sha256 = walk.sha256();
  result.why = walk.why();
  result.attention = walk.attention();
  result.time = std::chrono::steady_clock::now() - started;
  result.downtime = walk.downtime();
  print(options, result, output);
  switch (result.outcome) {
    case Outcome::committed:
      return result.destination == machines::DeviceState::running ? Exit::yes : Exit::lost;
    case Outcome::aborted:
      if (interruption.signal() != 0) return static_cast<Exit>(128 + interruption.signal());
      return result.source == machines::DeviceState::running ? Exit::rolled_back : Exit::unmet;
    case Outcome::unknown: return Exit::stopped;
    case Outcome::lost: return Exit::lost;
  }
  return Exit::internal;
}

}  // namespace

void add_device(Command& root) {
  auto options = std::make_shared<DeviceOptions>();
  Command device =
      root.group("device", "Real devices: what one says of itself, and moving a state to another",
                 "portolan device info vfio-user:/run/a.sock");
  constexpr double day_s = 86'400;

  Command of_info = device.command("info", "What a device says of itself", {"text", "json"},
                                   "portolan device info vfio-user:/run/a.sock");
  of_info.option("DEVICE", options->device, "vfio-user:SOCKET").required();
  of_info.duration("--reply-timeout", options->reply_timeout_s, "How long a device may take to answer",
                   day_s);
  of_info.on_chosen(options, info);

  Command of_migrate = device.command(
      "migrate", "Moves a device state once: commits it, or leaves the source running", {"text", "json"},
      "portolan device migrate --from vfio-user:/run/a.sock --to vfio-user:/run/b.sock\n\n"
      "Exit status: 0 committed, 6 aborted (the source runs), 5 unknown (a device did not answer), 8 lost, 4 "
      "nothing was touched.");
  of_migrate.option("--from", options->from, "The source, which runs: vfio-user:SOCKET").required();
  of_migrate
      .option("--to", options->to, "The destination, prepared by the source's parameters: vfio-user:SOCKET")
      .required();
  of_migrate.flag("--no-pre-copy", options->no_pre_copy,
                  "Stop the source first, even where it can be read while it runs");
  of_migrate.flag("--overwrite", options->overwrite,
                  "Load into a destination that a guest has used, or that cannot say: what it holds is lost");
  of_migrate.duration("--pre-copy-limit", options->pre_copy_limit_s,
                      "When the source is stopped, whatever is left", day_s);
  of_migrate.option("--progress", options->progress, "Progress on standard error")
      .one_of({"text", "json", "none"})
      .shows_default();
  of_migrate.duration("--reply-timeout", options->reply_timeout_s, "How long a device may take to answer",
                      day_s);
  of_migrate.duration("--state-timeout", options->state_timeout_s, "How long it may take to change its state",
                      day_s);
  of_migrate.on_chosen(options, migrate);
}

}  // namespace portolan::cli
