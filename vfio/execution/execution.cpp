// SPDX-License-Identifier: Apache-2.0
#include "vfio/execution/execution.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "model/machines/session.hpp"
#include "model/support/text.hpp"

namespace portolan::vfio {

using fleet::NamedEvent;
using fleet::PlanStep;
using machines::DeviceState;

namespace {

constexpr std::chrono::milliseconds end_limit{10'000};

/// What each decision of a plan is to an executor.
enum class Act : std::uint8_t { note, migrate, install, start, power_off, unsupported };
Act act_of(const std::string& action) {
  static const std::map<std::string, Act> acts{
      {"drain", Act::note},        {"undrain", Act::note},          {"open", Act::note},
      {"run", Act::note},          {"migrate_begin", Act::migrate}, {"upgrade", Act::install},
      {"downgrade", Act::install}, {"create", Act::start},          {"power_cycle", Act::power_off},
      {"destroy", Act::power_off}};
  const auto found = acts.find(action);
  return found == acts.end() ? Act::unsupported : found->second;
}

constexpr std::size_t loaded_at = [] {
  for (std::size_t v = 0; v < std::size(machines::session_variables); ++v)
    if (machines::session_variables[v].name == "loaded") return v;
  return ~std::size_t{0};
}();
static_assert(loaded_at < std::size(machines::session_variables));

std::string cell(const std::string& variable, const std::string& element) {
  return variable + "[" + element + "]";
}
std::vector<std::string> words_of(const NamedEvent& event) {
  std::vector<std::string> words{event.action};
  words.insert(words.end(), event.arguments.begin(), event.arguments.end());
  return words;
}
std::map<std::string, std::string> observed(const std::string& vm, std::optional<DeviceState> source,
                                            std::optional<DeviceState> destination) {
  std::map<std::string, std::string> result;
  if (source) result[cell("source", vm)] = machines::name_of(*source);
  if (destination) result[cell("destination", vm)] = machines::name_of(*destination);
  return result;
}

}  // namespace

std::string_view name_of(ExecutionEnd end) {
  switch (end) {
    case ExecutionEnd::done: return "done";
    case ExecutionEnd::refused: return "refused";
    case ExecutionEnd::stopped: return "stopped";
    case ExecutionEnd::rolled_back: return "rolled-back";
    case ExecutionEnd::unknown: return "unknown";
    case ExecutionEnd::lost: return "lost";
  }
  return {};
}

Execution::Execution(const fleet::LoadedScenario& scenario, const fleet::Plan& plan,
                     const fleet::Inventory& inventory, ExecutionOptions options)
    : scenario_(scenario),
      plan_(plan),
      inventory_(inventory),
      options_(std::move(options)),
      course_(scenario) {
  for (const auto& [name, entry] : inventory.vms) vms_[name] = {entry.device, std::nullopt, entry.retire};
}

std::vector<std::string> Execution::hosts_of(const fleet::Plan& plan) {
  std::set<std::string> hosts;
  for (const PlanStep& step : plan.steps) {
    const Act act = act_of(step.event.action);
    if (act == Act::migrate || act == Act::start) hosts.insert(step.event.arguments.at(1));
    if (act == Act::install) hosts.insert(step.event.arguments.at(0));
  }
  return {hosts.begin(), hosts.end()};
}

std::vector<std::string> Execution::vms_of(const fleet::Plan& plan) {
  std::set<std::string> vms;
  for (const PlanStep& step : plan.steps) {
    const Act act = act_of(step.event.action);
    if (act == Act::migrate || act == Act::start || act == Act::power_off)
      vms.insert(step.event.arguments.at(0));
  }
  return {vms.begin(), vms.end()};
}

const fleet::SettingInfo* Execution::setting(const std::string& name) const {
  const auto& elements =
      scenario_.module.sorts[static_cast<std::size_t>(scenario_.module.sort("setting"))].elements;
  const auto found = std::find(elements.begin(), elements.end(), name);
  return found == elements.end() ? nullptr
                                 : &scenario_.settings[static_cast<std::size_t>(found - elements.begin())];
}

const std::vector<std::string>* Execution::program_for(const std::string& host,
                                                       const compat::Implementation& implementation) const {
  const auto entry = inventory_.hosts.find(host);
  if (entry == inventory_.hosts.end()) return nullptr;
  for (const std::string& name : {implementation.label, implementation.name + "@" + implementation.version})
    if (const auto found = entry->second.drivers.find(name); found != entry->second.drivers.end())
      return &found->second;
  return nullptr;
}

// --- before the first step
// -------------------------------------------------------------------------------------------

/// Whether the host's programs for a driver publish what the catalogue says, for each of its types.
Faults Execution::publishes(const std::string& host, const std::string& driver) {
  Faults faults;
  const auto entry = inventory_.hosts.find(host);
  const Place place =
      entry == inventory_.hosts.end() ? Place{inventory_.file, {}, "hosts." + host} : entry->second.place;
  for (const compat::Implementation& implementation : scenario_.catalogue->implementations) {
    if (implementation.name + "@" + implementation.version != driver) continue;
    const auto* words = program_for(host, implementation);
    if (words == nullptr) {
      faults.push_back({FaultCode::missing, place, fmt::format("no program for {}", implementation.label),
                        "drivers." + driver, "add the program that is this driver there"});
      continue;
    }
    const auto published = published_by(*words, inventory_.folder, options_.start_limit);
    if (!published) {
      faults.insert(faults.end(), published.error().begin(), published.error().end());
      continue;
    }
    if (compat::write_migration_info(*published) != compat::write_migration_info(implementation.info))
      faults.push_back({FaultCode::refused, place,
                        fmt::format("{} publishes other migration information than the catalogue has for {}",
                                    command_line(*words), implementation.label),
                        "what the plan was proved for",
                        "make the catalogue and the plan again from what the program publishes"});
  }
  return faults;
}

/// Whether the VM's device runs, and has the flags of the model.
Faults Execution::runs(const std::string& vm) {
  const auto entry = inventory_.vms.find(vm);
  const Place place =
      entry == inventory_.vms.end() ? Place{inventory_.file, {}, "vms." + vm} : entry->second.place;
  const std::string& device = vms_[vm].device;
  if (device.empty())
    return {{FaultCode::missing, place, fmt::format("{} has no device", vm), "device: vfio-user:SOCKET",
             "say where the VM's device is"}};
  auto opened = open_device(device, options_.patience, "device");
  if (!opened) return opened.error();
  if (!*opened) return {fault_of((*opened).error(), "is the VM's device running?")};
  VfioUserEnd& end = ***opened;
  Faults faults;
  const auto state = end.state();
  if (!state) return {fault_of(state.error())};
  const std::string expected = course_.value(cell("source", vm));
  if (machines::name_of(*state) != expected)
    faults.push_back({FaultCode::refused, place,
                      fmt::format("{} is in {}", device, machines::name_of(*state)), expected,
                      "bring the VM to where the plan begins, or make the plan again"});
  for (const auto& [flag, has] :
       {std::pair{"p2p", end.flags().p2p}, std::pair{"pre_copy", end.flags().pre_copy}})
    if (course_.value("source." + std::string(flag) + "[" + vm + "]") != (has ? "true" : "false"))
      faults.push_back(
          {FaultCode::refused, place,
           fmt::format("{} {} {}", device, has ? "reports" : "does not report", flag),
           has ? "a device without it" : "a device with it",
           fmt::format("say device: {{{}: {}}} in the scenario, and make the plan again", flag, has)});
  return faults;
}

Faults Execution::preconditions() {
  Faults faults;
  const auto add = [&](const Faults& more) { faults.insert(faults.end(), more.begin(), more.end()); };
  for (std::size_t s = 0; s < plan_.steps.size(); ++s)
    if (act_of(plan_.steps[s].event.action) == Act::unsupported)
      faults.push_back({FaultCode::usage,
                        {"plan", {}, fmt::format("steps[{}]", s)},
                        fmt::format("{} cannot be carried out on vfio-user devices",
                                    fleet::to_string(plan_.steps[s].event)),
                        "migrations, drains, upgrades of empty hosts, creation and power-off (R11: a program "
                        "has its parameters when it is started)",
                        "leave the action out of the scenario: actions.without"});
  std::map<std::string, std::string> whose;
  for (const auto& [name, entry] : inventory_.vms)
    if (!entry.device.empty())
      if (const auto [other, fresh] =
              whose.emplace(std::filesystem::path(entry.device).lexically_normal().string(), name);
          !fresh)
        faults.push_back({FaultCode::duplicate,
                          entry.place,
                          fmt::format("{} and {} have one device, {}", other->second, name, entry.device),
                          "a device of its own for each VM",
                          {}});
  constexpr std::size_t path_max = 107;  // sockaddr_un
  for (const PlanStep& step : plan_.steps)
    if (const Act act = act_of(step.event.action); act == Act::migrate || act == Act::start) {
      const auto host = inventory_.hosts.find(step.event.arguments.at(1));
      if (host == inventory_.hosts.end()) continue;
      const auto socket =
          std::filesystem::absolute(host->second.directory) / (step.event.arguments.at(0) + "-99.sock");
      if (socket.native().size() > path_max)
        faults.push_back({FaultCode::limit, host->second.place,
                          fmt::format("{} is longer than a UNIX socket's path can be", socket.native()),
                          fmt::format("at most {} bytes", path_max), "a shorter directory"});
    }
  std::set<std::pair<std::string, std::string>> asked;
  std::set<std::string> seen, created;
  for (const PlanStep& step : plan_.steps) {
    const auto& arguments = step.event.arguments;
    switch (act_of(step.event.action)) {
      case Act::migrate:
      case Act::start: {
        const fleet::SettingInfo* info = setting(arguments.at(2));
        const std::string driver = info->implementation->name + "@" + info->implementation->version;
        if (asked.emplace(arguments.at(1), driver).second) add(publishes(arguments.at(1), driver));
        if (act_of(step.event.action) == Act::start)
          created.insert(arguments.at(0));
        else if (!created.contains(arguments.at(0)) && seen.insert(arguments.at(0)).second)
          add(runs(arguments.at(0)));
        break;
      }
      case Act::power_off:
        if (created.contains(arguments.at(0))) break;
        if (seen.insert(arguments.at(0)).second) add(runs(arguments.at(0)));
        if (vms_[arguments.at(0)].retire.empty())
          faults.push_back({FaultCode::missing,
                            {inventory_.file, {}, "vms." + arguments.at(0)},
                            "no command ends its device",
                            "retire: [COMMAND, …]",
                            "say how the program is ended"});
        break;
      case Act::install:
        // Without a command that installs it, the driver's programs have to be there already; with one they
        // are asked after it ran.
        if (const auto host = inventory_.hosts.find(arguments.at(0));
            host != inventory_.hosts.end() && !host->second.install.contains(arguments.at(1)))
          if (asked.emplace(arguments.at(0), arguments.at(1)).second)
            add(publishes(arguments.at(0), arguments.at(1)));
        break;
      default: break;
    }
  }
  return faults;
}

// --- the journal
// -----------------------------------------------------------------------------------------------------

bool Execution::end_with(ExecutionEnd end, std::string why) {
  result_.end = end;
  if (result_.why.empty()) result_.why = std::move(why);
  return false;
}

bool Execution::intend(const std::string& what, const std::string& detail) {
  if (journal_->intent({step_, what, detail})) return true;
  return end_with(ExecutionEnd::stopped, "the journal cannot be written: nothing further is done");
}

bool Execution::record(ports::Outcome outcome, const std::vector<NamedEvent>& events,
                       const std::string& what) {
  std::string wrong;
  for (const NamedEvent& event : events) {
    if (const auto refused = course_.take(event)) {
      wrong = *refused;
      break;
    }
    outcome.events.push_back(words_of(event));
  }
  if (wrong.empty()) wrong = course_.difference(outcome.observed);
  if (!wrong.empty()) outcome.said += (outcome.said.empty() ? "" : "; ") + wrong;
  if (options_.tell) options_.tell(step_, what, outcome.said);
  const bool written = journal_->outcome(outcome);
  if (!written)
    return end_with(ExecutionEnd::stopped, "the journal cannot be written: nothing further is done");
  if (!wrong.empty()) return end_with(ExecutionEnd::stopped, wrong);
  return true;
}

// --- the steps
// -------------------------------------------------------------------------------------------------------

ExecutionResult Execution::run(ports::Journal& journal) {
  journal_ = &journal;
  bool going = true;
  for (const PlanStep& step : plan_.steps) {
    ++step_;
    if (stop_requested()) going = end_with(ExecutionEnd::stopped, "stopped on request, between two steps");
    going = going && take(step);
    if (!going) break;
    ++result_.steps_done;
  }
  for (const auto& [name, vm] : vms_)
    if (!vm.device.empty()) result_.devices[name] = vm.device;
  if (!going) return result_;
  // What was reached is asked of the devices, not concluded.
  ++step_;
  std::string missed = course_.at_goal() ? "" : "every step was taken, and the goal does not hold", silent;
  for (const std::string& name : vms_of(plan_)) {
    const Vm& vm = vms_[name];
    if (vm.device.empty() || course_.value(cell("place", name)) == "none") continue;
    Answer<DeviceState> state = failed({Trouble::closed, 0, vm.device, "cannot be asked", {}});
    constexpr int attempts = 3;  // somebody else may have its one connection for a moment
    for (int k = 0; k < attempts && !state; ++k) {
      const auto opened = open_device(vm.device, options_.patience, name);
      if (opened && *opened)
        state = (**opened)->state();
      else if (opened)
        state = failed(opened->error());
    }
    if (!state)
      silent = to_string(state.error());
    else if (*state != DeviceState::running)
      missed = fmt::format("{} is in {}", vm.device, machines::name_of(*state));
  }
  result_.end = !missed.empty()   ? ExecutionEnd::lost
                : !silent.empty() ? ExecutionEnd::unknown
                                  : ExecutionEnd::done;
  result_.why = !missed.empty() ? missed : silent;
  if (!missed.empty()) result_.attention = missed;
  return result_;
}

bool Execution::take(const PlanStep& step) {
  // The guard on the model; that of the devices is asked by each step.
  if (!course_.enabled(step.event))
    return end_with(ExecutionEnd::stopped,
                    fmt::format("{} is not enabled any more", fleet::to_string(step.event)));
  switch (act_of(step.event.action)) {
    case Act::note: return note(step);
    case Act::migrate: return migrate(step);
    case Act::install: return install(step);
    case Act::start: return start(step);
    case Act::power_off: return power_off(step);
    case Act::unsupported: break;
  }
  return end_with(ExecutionEnd::stopped,
                  fmt::format("{} cannot be carried out", fleet::to_string(step.event)));
}

/// What is ours alone to keep: nothing on a device changes.
bool Execution::note(const PlanStep& step) {
  if (!intend(step.event.action, fleet::to_string(step.event))) return false;
  std::map<std::string, std::string> seen;
  std::string said = "noted";
  if (step.event.action == "run") {
    // A vfio-user program runs from its start (R8: what runs is the guest, which is not ours to start here).
    const auto opened = open_device(vms_[step.event.arguments[0]].device, options_.patience, "device");
    if (opened && *opened)
      if (const auto state = (**opened)->state()) {
        seen = observed(step.event.arguments[0], *state, std::nullopt);
        said = fmt::format("{} is in {}", vms_[step.event.arguments[0]].device, machines::name_of(*state));
      }
  }
  return record({true, said, {}, seen, 0, {}}, {step.event}, step.event.action);
}

bool Execution::install(const PlanStep& step) {
  const std::string& host = step.event.arguments[0];
  const std::string& driver = step.event.arguments[1];
  const auto& commands = inventory_.hosts.at(host).install;
  const auto command = commands.find(driver);
  if (!intend(step.event.action, command == commands.end()
                                     ? fmt::format("{}: {} is there already", host, driver)
                                     : command_line(command->second)))
    return false;
  Faults faults;
  if (command != commands.end())
    if (const auto ran =
            run_command(command->second, inventory_.folder,
                        fmt::format("the installation of {} on {}", driver, host), options_.install_limit);
        !ran)
      faults = ran.error();
  if (faults.empty()) faults = publishes(host, driver);
  if (faults.empty())
    return record({true,
                   fmt::format("{}'s programs publish what the catalogue says of {}", host, driver),
                   {},
                   {},
                   0,
                   {}},
                  {step.event}, step.event.action);
  const std::string why = to_string(faults.front());
  if (!record({false, why, {}, {}, 0, {}}, {}, step.event.action)) return false;
  return end_with(ExecutionEnd::stopped, why);
}

Result<StartedProgram> Execution::start_program(const std::string& vm, const std::string& host,
                                                const fleet::SettingInfo& info, std::string& line) {
  const std::vector<std::string>* words = program_for(host, *info.implementation);
  std::vector<std::string> arguments;
  for (const auto& [name, value] : info.configuration) arguments.push_back(parameter_option(name, value));
  const std::filesystem::path directory = std::filesystem::absolute(inventory_.hosts.at(host).directory)
                                              .lexically_normal();  // the program is started elsewhere
  // A name that nobody has yet: the VM may have been on this host before.
  std::filesystem::path socket;
  std::error_code ignored;
  for (int k = 1; k == 1 || std::filesystem::exists(socket, ignored); ++k)
    socket = directory / (k == 1 ? vm + ".sock" : fmt::format("{}-{}.sock", vm, k));
  std::filesystem::path log = socket;
  log.replace_extension(".log");
  std::vector<std::string> all = *words;
  all.insert(all.end(), {"--socket", socket.string()});
  all.insert(all.end(), arguments.begin(), arguments.end());
  line = command_line(all);
  if (!intend("start_program", line))
    return fail(Fault{FaultCode::storage, {"journal", {}, {}}, result_.why, {}, {}});
  return start_device(*words, inventory_.folder, socket, log, arguments, options_.start_limit);
}

bool Execution::start(const PlanStep& step) {
  const std::string& vm = step.event.arguments[0];
  std::string line;
  const auto program = start_program(vm, step.event.arguments[1], *setting(step.event.arguments[2]), line);
  if (!program) {
    if (!result_.why.empty()) return false;
    const std::string why = to_string(program.error().front());
    if (!record({false, why, {}, {}, 0, {}}, {}, "start_program")) return false;
    return end_with(ExecutionEnd::stopped, why);
  }
  vms_[vm] = {"vfio-user:" + program->socket.string(), *program, {}};
  return record({true, line, {}, {}, 0, {}}, {step.event}, "start_program");
}

bool Execution::end_device(const std::string& name, Vm& vm, std::string& said) {
  if (vm.program) {
    const bool ended = end_program(*vm.program, end_limit);
    said = fmt::format("{} {}", vm.device, ended ? "was ended" : "could not be ended");
    return ended;
  }
  if (!vm.retire.empty()) {
    const auto ran = run_command(vm.retire, inventory_.folder, fmt::format("the end of {}", vm.device),
                                 options_.install_limit);
    const bool gone =
        ran && nobody_listens(vm.device.substr(std::string_view("vfio-user:").size()), end_limit);
    said = !ran ? to_string(ran.error().front())
                : fmt::format("{} {} {}", vm.device, gone ? "was ended by" : "still listens after",
                              command_line(vm.retire));
    return gone;
  }
  said = fmt::format("{} is left stopped: the inventory does not say how it is ended (vms.{}.retire)",
                     vm.device, name);
  result_.notes.push_back(said);
  return true;
}

bool Execution::power_off(const PlanStep& step) {
  const std::string& name = step.event.arguments[0];
  Vm& vm = vms_[name];
  if (!intend("end_program", vm.device)) return false;
  std::string said;
  const bool ended = end_device(name, vm, said);
  if (ended) vm = {};
  if (!record({ended, said, {}, {}, 0, {}}, ended ? std::vector{step.event} : std::vector<NamedEvent>{},
              "end_program"))
    return false;
  return ended || end_with(ExecutionEnd::stopped, said);
}

// --- a migration
// -----------------------------------------------------------------------------------------------------

/// From where the source stands, by the tables, back to RUNNING.
std::vector<NamedEvent> Execution::way_back(const std::string& vm) const {
  fleet::Course ahead = course_;
  std::vector<NamedEvent> events;
  const auto go = [&](const char* action) {
    const NamedEvent event{action, {vm}};
    if (!ahead.enabled(event)) return false;
    if (ahead.take(event)) return false;
    events.push_back(event);
    return true;
  };
  if (course_.value(cell("session", vm)) != "Aborted") go("migrate_abort");
  while (ahead.value(cell("source", vm)) != "RUNNING")
    if (!go("migrate_step.back_to_running") && !go("migrate_step.back_to_p2p") &&
        !go("migrate_step.back_to_stop"))
      break;
  go("migrate_step.resume");
  return events;
}

/// The events of the fleet's model that a step of the transfer means.
std::vector<NamedEvent> Execution::meaning(const std::string& vm, const StepReport& report,
                                           std::optional<Outcome> ended) const {
  const auto all = [&](std::initializer_list<const char*> actions) {
    std::vector<NamedEvent> events;
    for (const char* action : actions) events.push_back({action, {vm}});
    return events;
  };
  const std::string source = course_.value(cell("source", vm));
  const bool p2p_destination = course_.value("destination.p2p[" + vm + "]") == "true",
             runs = course_.value("session.source_runs[" + vm + "]") == "true";
  switch (report.kind) {
    case StepKind::begin:
      if (!report.done) return ended == Outcome::aborted ? way_back(vm) : std::vector<NamedEvent>{};
      return p2p_destination ? all({"migrate_step.settle_p2p", "migrate_step.settle", "migrate_step.open"})
                             : all({"migrate_step.settle", "migrate_step.open"});
    case StepKind::pre_copy: return report.done ? all({"migrate_step.pre_copy"}) : std::vector<NamedEvent>{};
    case StepKind::quiesce_source:
      if (!report.done) return {};
      return all({"migrate_step.pause",
                  source == "PRE_COPY" ? "migrate_step.pre_copy_p2p" : "migrate_step.save_p2p"});
    case StepKind::stop_source: {
      if (!report.done) return {};
      std::vector<NamedEvent> events;
      if (runs) events.push_back({"migrate_step.pause", {vm}});
      if (source == "RUNNING" || source == "RUNNING_P2P") events.push_back({"migrate_step.stop", {vm}});
      events.push_back({"migrate_step.save", {vm}});
      return events;
    }
    case StepKind::load: return report.done ? all({"migrate_step.load"}) : std::vector<NamedEvent>{};
    case StepKind::retire:  // committed already; now its effect on the source is seen. Where the destination
                            // had to be asked, the answer was the commit.
      return course_.value(cell("session", vm)) == "Committed" ? std::vector<NamedEvent>{}
                                                               : all({"migrate_commit"});
    case StepKind::quiesce_destination:
      return report.done ? all({"migrate_step.wake_p2p"}) : std::vector<NamedEvent>{};
    case StepKind::start:
      if (!report.done) return {};
      return all({"migrate_step.wake", "migrate_step.start"});
    case StepKind::abort:
      return ended == Outcome::aborted ? way_back(vm)
             : ended == Outcome::lost && course_.enabled({"device_error_source", {vm}})
                 ? all({"device_error_source"})
                 : std::vector<NamedEvent>{};
    case StepKind::ask: {
      if (ended == Outcome::unknown) return all({"answer_lost"});
      std::vector<NamedEvent> events =
          all({report.done && ended != Outcome::aborted ? "answer_lost_loaded" : "answer_lost", "ask"});
      if (ended != Outcome::aborted) return events;
      fleet::Course ahead = course_;
      for (const NamedEvent& event : events) ahead.take(event);
      for (const char* action : {"migrate_step.back_to_stop", "migrate_step.back_to_p2p",
                                 "migrate_step.back_to_running", "migrate_step.resume"})
        if (const NamedEvent event{action, {vm}}; ahead.enabled(event) && !ahead.take(event))
          events.push_back(event);
      return events;
    }
    case StepKind::round:
    case StepKind::copy:
    case StepKind::commit: break;
  }
  return {};
}

bool Execution::migrate(const PlanStep& step) {
  const std::string& name = step.event.arguments[0];
  const std::string& host = step.event.arguments[1];
  const fleet::SettingInfo& info = *setting(step.event.arguments[2]);
  Vm& vm = vms_[name];

  // The source is opened first: what is not there is no reason to start anything.
  auto source = open_device(vm.device, options_.patience, "source");
  if (!source) return end_with(ExecutionEnd::stopped, to_string(source.error().front()));
  if (!*source) return end_with(ExecutionEnd::stopped, to_string(fault_of(source->error())));
  // One that is not where the tables have it is somebody else's: nothing is told to it, and nothing started.
  const auto source_now = (**source)->state();
  if (!source_now) return end_with(ExecutionEnd::stopped, to_string(fault_of(source_now.error())));
  if (machines::name_of(*source_now) != course_.value(cell("source", name)))
    return end_with(
        ExecutionEnd::stopped,
        fmt::format(
            "{} is in {}, and {} by the tables: somebody else is at work there; nothing was told to it",
            vm.device, machines::name_of(*source_now), course_.value(cell("source", name))));
  std::string line;
  auto program = start_program(name, host, info, line);
  if (!program) {
    if (!result_.why.empty()) return false;
    const std::string why = to_string(program.error().front());
    if (!record({false, why, {}, {}, 0, {}}, {}, "start_program")) return false;
    return end_with(ExecutionEnd::rolled_back, why);
  }
  const std::string device = "vfio-user:" + program->socket.string();
  const auto abandon_program = [&](const std::string& why, const std::vector<NamedEvent>& events) {
    // Also where the journal cannot be written any more: it holds nothing, and must not be left behind.
    const bool written = intend("end_program", device);
    const bool ended = end_program(*program, end_limit);
    if (!ended) result_.notes.push_back(fmt::format("{} could not be ended", device));
    if (!written) return false;
    if (!record(
            {ended, fmt::format("{} {}", device, ended ? "was ended" : "could not be ended"), {}, {}, 0, {}},
            events, "end_program"))
      return false;
    return end_with(ExecutionEnd::rolled_back, why);
  };
  auto destination = open_device(device, options_.patience, "destination");
  std::string unfit;
  if (!destination || !*destination)
    unfit = destination ? to_string(fault_of(destination->error())) : to_string(destination.error().front());
  else
    for (const auto& [flag, has] : {std::pair{"p2p", (**destination)->flags().p2p},
                                    std::pair{"pre_copy", (**destination)->flags().pre_copy}})
      if (course_.value("destination." + std::string(flag) + "[" + name + "]") != (has ? "true" : "false"))
        unfit = fmt::format("{} {} {}, and the plan was proved for a device that does{}", device,
                            has ? "reports" : "does not report", flag, has ? " not" : "");
  if (!unfit.empty()) {
    if (!record({false, unfit, {}, {}, 0, {}}, {}, "start_program")) return false;
    return abandon_program(unfit, {});
  }
  const auto destination_now = (**destination)->state();
  ports::Outcome started{
      true, line,
      {},   observed(name, *source_now, destination_now ? std::optional(*destination_now) : std::nullopt),
      0,    {}};
  std::vector<NamedEvent> events{step.event};
  if (course_.value(cell("pooled", host)) == "true")
    events.push_back({"migrate_step.reinitialise", {name}});  // a new program has its init values, then these
  events.push_back({"migrate_step.prepare", {name}});
  bool as_expected = record(started, events, "start_program");
  if (!as_expected) return abandon_program(result_.why, {});

  Migration migration(***source, ***destination, options_.migration);
  bool source_in_the_model = true;  ///< whether the tables can still say where the source is
  while (const auto next = migration.next()) {
    if (stop_requested()) migration.abandon("stopped on request");
    const StepKind kind = *migration.next();
    if (!journal_->intent(
            {step_, std::string(vfio::name_of(kind)), fmt::format("{} -> {}", vm.device, device)}) &&
        !migration.abandon("the journal cannot be written") && *migration.next() != StepKind::abort &&
        *migration.next() != StepKind::ask)
      result_.notes.push_back(
          "the journal cannot be written; the migration was committed already and is brought to its end");
    const StepReport report = migration.take();
    const std::optional<Outcome> ended = migration.next() ? std::nullopt : std::optional(migration.outcome());
    ports::Outcome outcome{
        report.done,  report.said,
        {},           {},
        report.bytes, kind == StepKind::load && report.done ? migration.sha256() : std::string()};
    // After a failure the devices are where they are; what the model says of them is compared again once they
    // were brought to a known state.
    if (report.done || ended == Outcome::aborted)
      outcome.observed =
          observed(name, report.source,
                   ended == Outcome::aborted || kind == StepKind::abort ? std::nullopt : report.destination);
    const std::vector<NamedEvent> meant = meaning(name, report, ended);
    // By the tables the source stops with the commit. Where the commit was the destination's late answer, or
    // the source did not stop, it is elsewhere.
    if (kind == StepKind::retire && (meant.empty() || !report.done)) source_in_the_model = false;
    if (!source_in_the_model) outcome.observed.erase(cell("source", name));
    if (!record(outcome, meant, std::string(vfio::name_of(kind)))) {
      as_expected = false;
      migration.abandon(result_.why);
    }
  }
  result_.attention = migration.attention();
  switch (migration.outcome()) {
    case Outcome::committed: {
      const bool running = migration.destination_state() == DeviceState::running;
      Vm gone = std::exchange(vm, Vm{device, *program, {}});
      if (!running) return end_with(ExecutionEnd::lost, migration.why());
      if (!migration.attention().empty()) return end_with(ExecutionEnd::lost, migration.attention());
      if (!as_expected) return false;
      (*source).value().reset();  // the connection: it is not ours any more
      if (!intend("end_program", gone.device)) return false;
      std::string said;
      const bool ended = end_device(name, gone, said);
      if (!record(
              {ended, said, {}, {{cell("source", name), "RUNNING"}}, migration.bytes(), migration.sha256()},
              {{"migrate_end", {name}}}, "end_program"))
        return false;
      if (!ended) result_.notes.push_back(said);
      return true;
    }
    case Outcome::aborted: {
      if (result_.why.empty()) result_.why = migration.why();
      (*destination).value().reset();
      if (!abandon_program(migration.why(), {{"migrate_end_aborted", {name}}})) {
        // An abort on request is a stop, as is one because of what the model says.
        if (stop_requested() && result_.end == ExecutionEnd::rolled_back &&
            migration.why() == "stopped on request")
          result_.end = ExecutionEnd::stopped;
      }
      return false;
    }
    case Outcome::unknown: return end_with(ExecutionEnd::unknown, migration.why());
    case Outcome::lost: {
      result_.why = migration.why();
      // What holds nothing is not left behind; what may hold the state is left as it is, and named.
      if (migration.session().environment[loaded_at] == 0 && migration.destination_state() &&
          *migration.destination_state() != DeviceState::stop) {
        (*destination).value().reset();
        abandon_program(migration.why(), {});
      } else {
        result_.notes.push_back(fmt::format("{} was left as it is", device));
      }
      result_.end = ExecutionEnd::lost;
      return false;
    }
  }
  return false;
}

}  // namespace portolan::vfio
