// SPDX-License-Identifier: Apache-2.0
#include "vfio/emulated/program.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <ostream>
#include <utility>

#include <fmt/format.h>

#include "model/compat/migration_info.hpp"
#include "model/ports/clock.hpp"
#include "model/support/failure.hpp"
#include "model/support/text.hpp"
#include "vfio/emulated/server.hpp"

namespace portolan::vfio::emulated {
namespace {

constexpr const char* default_model = "portolan.example.org/memory";

struct Option {
  std::string_view name, value, meaning;
};
// One table for the parser and the help.
constexpr Option known_options[] = {
    {"--socket", "PATH", "serve vfio-user there; the socket is removed at the end"},
    {"--model", "FILE",
     "migration information: the models that can be made (default: portolan.example.org/memory, without "
     "parameters)"},
    {"--model-name", "NAME", "which model, where FILE describes several"},
    {"--print-migration-info-json", "", "print the migration information and end"},
    {"--m-NAME=VALUE", "", "a migration parameter (also --m-NAME VALUE); others have their init value"},
    {"--state-size", "BYTES",
     "of the device's memory, up to 64G; K, M and G are powers of 1024 (default 1M)"},
    {"--seed", "N", "what the memory holds at first (default: made from the socket's path)"},
    {"--dirty-rate", "BYTES", "that the guest rewrites each second in RUNNING and PRE_COPY (default 0)"},
    {"--flags", "LIST", "what the device reports: stop_copy, p2p, pre_copy (default stop_copy,pre_copy)"},
    {"--max-transfer", "BYTES", "of one message, up to 1M (default 1M)"},
    {"--fault", "KIND[:KEY=VALUE,…]", "a fault to have; can be given several times"},
    {"--help", "", "print this and end"},
    {"--version", "", "print the version and end"},
};

std::string help() {
  std::string text =
      "Emulates a device that can migrate: a vfio-user server for one instance\nUsage: portolan-device "
      "--socket PATH [OPTIONS]\n\nOptions:\n";
  for (const Option& one : known_options)
    text += fmt::format("  {:<32}{}\n", fmt::format("{} {}", one.name, one.value), one.meaning);
  text += "\nFaults:\n";
  for (const auto& kind : injected_kinds())
    text +=
        fmt::format("  {:<14}{}{}{}\n", kind.name, kind.keys, kind.keys.empty() ? "" : ": ", kind.meaning);
  text +=
      "\nExit status: 0 after --help and the like, 1 when the instance cannot be made, 2 for usage; 129, 130 "
      "and 143 when stopped by SIGHUP, SIGINT or SIGTERM.\n";
  text +=
      "\nExample:\n  portolan-device --socket /run/a.sock --model gfx.json --m-memory=4096 --state-size 4G "
      "--dirty-rate 64M\n";
  return text;
}

struct Asked {
  std::string socket, model_file, model_name;
  bool print_info = false, help = false, version = false;
  std::map<std::string, std::string> parameters;
  std::uint64_t state_bytes = 1024 * 1024, dirty_bytes_per_s = 0,
                transfer_bytes_max = user::transfer_bytes_default;
  std::optional<std::uint64_t> seed;
  machines::DeviceFlags flags{.p2p = false, .pre_copy = true};
  Injected injected;
};

Fault usage(std::string where, std::string finding, std::string expectation, std::string remedy = {}) {
  return {FaultCode::usage,
          {std::move(where), {}, {}},
          std::move(finding),
          std::move(expectation),
          std::move(remedy)};
}

Result<machines::DeviceFlags> parse_flags(const std::string& text) {
  machines::DeviceFlags flags;
  bool stop_copy = false;
  for (std::size_t at = 0; at <= text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    const std::string name = text.substr(at, comma - at);
    if (name == "stop_copy")
      stop_copy = true;
    else if (name == "p2p")
      flags.p2p = true;
    else if (name == "pre_copy")
      flags.pre_copy = true;
    else
      return fail(usage("--flags", "unknown flag " + in_quotes(name), "some of stop_copy, p2p, pre_copy"));
    at = comma + 1;
  }
  if (!stop_copy)
    return fail(usage("--flags", "stop_copy is not among the flags",
                      "stop_copy, which every device that can migrate reports"));
  return flags;
}

Result<Asked> parse(const std::vector<std::string>& arguments) {
  Asked asked;
  Faults faults;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const auto equals = word.find('=');
    std::string name = word.substr(0, equals);
    std::optional<std::string> value;
    if (equals != std::string::npos) value = word.substr(equals + 1);
    // R11: both forms. A parameter's name has no '=', so the first one ends it.
    const bool parameter = name.rfind("--m-", 0) == 0;
    const auto known = std::ranges::find(known_options, std::string_view(name), &Option::name);
    if (!parameter && known == std::end(known_options)) {
      std::vector<std::string_view> names;
      for (const Option& one : known_options) names.push_back(one.name);
      faults.push_back(
          usage("portolan-device", "unknown option " + in_quotes(word), {}, did_you_mean(name, names)));
      continue;
    }
    const bool takes_value = parameter || !known->value.empty();
    if (takes_value && !value) {
      if (i + 1 == arguments.size()) {
        faults.push_back(usage(name, "nothing follows", "a value"));
        continue;
      }
      value = arguments[++i];
    }
    if (!takes_value && value) {
      faults.push_back(usage(name, "got " + in_quotes(*value), "no value"));
      continue;
    }
    const auto bytes = [&](std::uint64_t most, std::uint64_t least = 0) {
      const auto parsed = parse_bytes(*value);
      if (!parsed || *parsed > most || *parsed < least)
        faults.push_back(usage(name, "got " + in_quotes(*value),
                               fmt::format("{} to {} bytes, such as 64K or 4G", least, most)));
      return parsed.value_or(0);
    };
    if (parameter) {
      if (!asked.parameters.emplace(name.substr(4), *value).second)
        faults.push_back({FaultCode::duplicate, {name, {}, {}}, "given twice", "one value", {}});
    } else if (name == "--socket")
      asked.socket = *value;
    else if (name == "--model")
      asked.model_file = *value;
    else if (name == "--model-name")
      asked.model_name = *value;
    else if (name == "--print-migration-info-json")
      asked.print_info = true;
    else if (name == "--help")
      asked.help = true;
    else if (name == "--version")
      asked.version = true;
    else if (name == "--state-size")
      asked.state_bytes = bytes(state_bytes_max);
    else if (name == "--dirty-rate")
      asked.dirty_bytes_per_s = bytes(std::uint64_t{1} << 40);
    else if (name == "--max-transfer")
      asked.transfer_bytes_max = bytes(user::transfer_bytes_default, 1);
    else if (name == "--seed") {
      asked.seed = compat::parse_u64(*value);
      if (!asked.seed) faults.push_back(usage(name, "got " + in_quotes(*value), "a number from 0 to 2^64-1"));
    } else if (name == "--flags") {
      const auto flags = parse_flags(*value);
      if (flags)
        asked.flags = *flags;
      else
        faults.insert(faults.end(), flags.error().begin(), flags.error().end());
    } else if (name == "--fault") {
      const auto added = add_injected(asked.injected, *value);
      if (!added) faults.insert(faults.end(), added.error().begin(), added.error().end());
    }
  }
  if (faults.empty() && asked.socket.empty() && !asked.print_info && !asked.help && !asked.version)
    faults.push_back(usage("--socket", "not given", "a path", "portolan-device --help lists the options"));
  if (!faults.empty()) return fail(std::move(faults));
  return asked;
}

Result<compat::MigrationInfo> information(const Asked& asked) {
  if (!asked.model_file.empty()) return compat::read_migration_info(asked.model_file);
  compat::MigrationInfo info;
  info.models[default_model].name = default_model;
  return info;
}

/// The instance's model and values, or all the reasons why it cannot be made.
Result<void> make_instance(const Asked& asked, const compat::MigrationInfo& info, DeviceSettings& settings) {
  const auto cannot = [](FaultCode code, std::string where, std::string finding, std::string expectation,
                         std::string remedy = {}) {
    return Fault{
        code, {std::move(where), {}, {}}, std::move(finding), std::move(expectation), std::move(remedy)};
  };
  std::vector<std::string> names;
  for (const auto& [name, model] : info.models) names.push_back(name);
  if (names.empty())
    return fail(cannot(FaultCode::missing, asked.model_file, "describes no model", "at least one"));
  if (asked.model_name.empty() && names.size() > 1)
    return fail(cannot(FaultCode::usage, asked.model_file, fmt::format("describes {} models", names.size()),
                       "one of " + listed(names), "choose one with --model-name"));
  const auto model = info.models.find(asked.model_name.empty() ? names.front() : asked.model_name);
  if (model == info.models.end())
    return fail(cannot(FaultCode::unknown_name, "--model-name", "got " + in_quotes(asked.model_name),
                       "one of " + listed(names)));

  settings.model = model->first;
  settings.configuration = compat::fresh(model->second);
  Faults faults;
  for (const auto& [name, text] : asked.parameters) {
    const std::string option = "--m-" + name;
    const auto parameter = model->second.parameters.find(name);
    if (parameter == model->second.parameters.end()) {
      std::vector<std::string> known;
      for (const auto& [one, described] : model->second.parameters) known.push_back(one);
      faults.push_back(
          cannot(FaultCode::unknown_name, option, "unknown parameter",
                 known.empty() ? "none: the model has no parameters" : "one of " + listed(known)));
      continue;
    }
    const auto value = compat::parse_value(parameter->second.type, text);
    if (!value) {
      faults.push_back(cannot(FaultCode::wrong_type, option, "got " + in_quotes(text),
                              fmt::format("a value of type {}", compat::name_of(parameter->second.type))));
      continue;
    }
    // R2: a value of which the migration information says nothing may be refused; this program takes it.
    if (parameter->second.accepts(*value) == compat::Acceptance::refused) {
      faults.push_back(cannot(FaultCode::out_of_range, option, "refused value " + in_quotes(text),
                              "one of " + compat::to_string(parameter->second.accepted_values())));
      continue;
    }
    if (std::ranges::find(asked.injected.refuse_values, name) != asked.injected.refuse_values.end()) {
      faults.push_back(
          cannot(FaultCode::limit, option, "no resources for " + in_quotes(text), {}, "an injected fault"));
      continue;
    }
    settings.configuration[name] = *value;
  }
  if (!faults.empty()) return fail(std::move(faults));
  settings.list = compat::parameter_list(model->second, settings.configuration);
  for (const auto& [name, value] : settings.list) {
    constexpr std::size_t value_bytes_max = 64 * 1024;
    if (compat::to_string(value).size() > value_bytes_max)
      return fail(cannot(FaultCode::limit, "--m-" + name, "longer than 64 KiB", {}));
  }
  return {};
}

/// Different sockets hold different memory, so that a destination never looks as if it had been filled.
std::uint64_t seed_of(std::string_view path) {
  std::uint64_t seed = 0;
  for (const char c : path) seed = mix(seed + static_cast<unsigned char>(c) + 1);
  return seed;
}

}  // namespace

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = compat::parse_u64(text.substr(0, digits));
  const std::string_view unit = text.substr(digits);
  const unsigned shift = unit.empty() || unit == "B"    ? 0
                         : unit == "K" || unit == "KiB" ? 10
                         : unit == "M" || unit == "MiB" ? 20
                         : unit == "G" || unit == "GiB" ? 30
                                                        : 64;
  if (!number || shift == 64 || *number > (std::numeric_limits<std::uint64_t>::max() >> shift))
    return std::nullopt;
  return *number << shift;
}

int run_device(const std::vector<std::string>& arguments, const std::string& version, std::ostream& out,
               std::ostream& err, int stop_fd) {
  constexpr int done = 0, cannot_be_made = 1, wrong_usage = 2;
  const auto asked = parse(arguments);
  if (!asked) return err << to_string(asked.error()) << std::flush, wrong_usage;
  if (asked->help) return out << help() << std::flush, done;
  if (asked->version) return out << "portolan-device " << version << std::endl, done;
  const auto info = information(*asked);
  if (!info) return err << to_string(info.error()) << std::flush, cannot_be_made;
  if (asked->print_info) return out << compat::write_migration_info(*info) << std::flush, done;

  DeviceSettings settings;
  if (const auto made = make_instance(*asked, *info, settings); !made)
    return err << to_string(made.error()) << std::flush, cannot_be_made;
  auto listener = user::Listener::at(asked->socket);
  if (!listener) return err << to_string(listener.error()) << std::flush, cannot_be_made;
  settings.state_bytes = asked->state_bytes;
  settings.seed = asked->seed.value_or(seed_of(asked->socket));
  settings.dirty_bytes_per_s = asked->dirty_bytes_per_s;
  settings.flags = asked->flags;
  settings.injected = asked->injected;
  settings.now_ns = [] { return static_cast<std::uint64_t>(ports::SystemClock().now().count()); };
  settings.log = [&out, &err, told = false](const std::string& json) mutable {
    errno = 0;
    out << json << std::endl;
    if (out) return;
    // The device goes on without: what it holds is worth more than what it says.
    const int why = errno;
    out.clear();
    if (!std::exchange(told, true))
      err << "portolan-device: the log cannot be written: " << errno_name(why)
          << "; the device goes on, and later lines may be missing\n"
          << std::flush;
  };
  Device device(settings);
  settings.log(fmt::format(R"({{"event":"ready","seed":{},"socket":{},"model":{},"state_bytes":{}}})",
                           settings.seed, json_quoted(asked->socket), json_quoted(settings.model),
                           settings.state_bytes));
  Server(device, static_cast<std::uint32_t>(asked->transfer_bytes_max), stop_fd).serve(*listener);
  return done;
}

}  // namespace portolan::vfio::emulated
