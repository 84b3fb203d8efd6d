// SPDX-License-Identifier: Apache-2.0
#include "vfio/user/programs.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "model/files/document.hpp"
#include "model/ports/device_name.hpp"
#include "model/support/text.hpp"
#include "vfio/user/device.hpp"
#include "vfio/user/processes.hpp"
#include "vfio/user/socket.hpp"

namespace portolan::vfio::user {

namespace {

using ports::DeviceName;
using Words = std::vector<std::string>;

constexpr std::size_t path_bytes_max = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t shown_max = 300;  ///< of what a program said, in a message
constexpr std::chrono::seconds first_answer{1};
constexpr std::chrono::milliseconds refusal{200};  ///< for a socket to refuse a connection

/// The end of a log that was just written, for a message.
std::string last_of(const Descriptor& log) {
  std::array<char, 4096> bytes{};
  const off_t end = lseek(log.get(), 0, SEEK_END);
  const off_t from = std::max<off_t>(0, end - static_cast<off_t>(bytes.size()));
  const ssize_t count = pread(log.get(), bytes.data(), bytes.size(), from);
  std::string_view text(bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  while (text.ends_with('\n')) text.remove_suffix(1);
  if (const auto line = text.rfind('\n'); line != text.npos) text.remove_prefix(line + 1);
  return printable(text.substr(0, shown_max));
}

/// An empty log in a folder, for us and our user alone. What stands there already is written over only where
/// it is a file of one name: a link, a FIFO or a device could lead elsewhere.
Answer<Descriptor> new_log(const std::filesystem::path& log) {
  const auto cannot = [&](std::string finding, std::string expectation) {
    return failed({Trouble::refused, 0, log.string(), std::move(finding), std::move(expectation)});
  };
  // The folder is the inventory's word; what is in it is not.
  const Descriptor folder(open(log.parent_path().c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC));
  if (!folder) return cannot("its folder cannot be opened: " + errno_name(errno), "a folder");
  Descriptor out(openat(folder.get(), log.filename().c_str(),
                        O_CREAT | O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
  if (!out)
    return errno == ELOOP ? cannot("is a link", "a file, or nothing yet")
                          : cannot("cannot be written: " + errno_name(errno), "a folder that may be written");
  struct stat there {};
  if (fstat(out.get(), &there) != 0 || !S_ISREG(there.st_mode) || there.st_nlink != 1)
    return cannot("is no file of one name", "a file, or nothing yet");
  if (fchmod(out.get(), 0600) != 0 || ftruncate(out.get(), 0) != 0)
    return cannot("cannot be written: " + errno_name(errno), "a file that may be written");
  return out;
}

/// A socket itself, and no link to one.
bool listens_itself(const std::filesystem::path& path) {
  struct stat there {};
  return lstat(path.c_str(), &there) == 0 && S_ISSOCK(there.st_mode);
}

/// Whether nobody listens there any more, or stops to within the limit.
bool nobody_listens(const std::filesystem::path& socket, std::chrono::milliseconds limit,
                    ports::Clock& clock) {
  const ports::Moment until = clock.now() + limit;
  for (;;) {
    const auto connected = Socket::connect(socket, Clock::now() + refusal);
    if (!connected && connected.error().trouble == Trouble::closed) return true;
    if (clock.now() >= until) return false;
    clock.sleep_until(clock.now() + glance);
  }
}

std::filesystem::path socket_of(const std::string& device) {
  const auto name = ports::parse_device_name(device);
  return name ? name->rest : device;
}
std::filesystem::path log_of(std::filesystem::path socket) { return socket.replace_extension(".log"); }

/// What a program says to `--print-migration-info-json`.
Result<compat::MigrationInfo> published_by(const Words& words, const std::filesystem::path& folder,
                                           std::chrono::milliseconds limit, ports::Clock& clock) {
  Words asked = words;
  asked.emplace_back("--print-migration-info-json");
  const std::string name = command_line(words) + " " + asked.back();
  const auto printed = output_of(asked, folder, name, limit, clock);
  if (!printed) return fail(printed.error());
  if (printed->status != 0)
    return fail(Fault{FaultCode::unreadable,
                      {name, {}, {}},
                      fmt::format("ended with status {}: {}", printed->status,
                                  printable(printed->text.substr(0, shown_max))),
                      "migration information (R11)",
                      {}});
  auto document = files::parse_document(printed->text, name, files::Syntax::json);
  if (!document) return fail(std::move(document.error()));
  return compat::migration_info_from(document->root, name, "");
}

class ProgramHost final : public ports::Host {
 public:
  ProgramHost(const fleet::HostEntry& entry, std::string name, const std::filesystem::path& folder,
              ProgramLimits limits, ports::Clock& clock)
      : entry_(entry), name_(std::move(name)), folder_(folder), limits_(limits), clock_(clock) {}

  compat::ImplementationKind kind() const override { return compat::ImplementationKind::vfio_user; }

  Faults objections(const std::string& vm) override {
    const auto longest = std::filesystem::absolute(entry_.directory) / (vm + "-99.sock");
    if (longest.native().size() <= path_bytes_max) return {};
    return {{FaultCode::limit, entry_.place,
             fmt::format("{} is longer than a UNIX socket's path can be", longest.native()),
             fmt::format("at most {} bytes", path_bytes_max), "a shorter directory"}};
  }

  Result<ports::Published> publish(const ports::Driver& driver) override {
    const Words* words = program_for(driver);
    if (words == nullptr)
      return fail(Fault{FaultCode::missing, entry_.place, fmt::format("no program for {}", driver.label),
                        "drivers." + driver.version, "add the program that is this driver there"});
    auto info = published_by(*words, folder_, limits_.start, clock_);
    if (!info) return fail(std::move(info.error()));
    return ports::Published{std::move(*info), command_line(*words)};
  }

  std::optional<std::string> installation(const std::string& version) override {
    const auto command = entry_.install.find(version);
    if (command == entry_.install.end()) return std::nullopt;
    return command_line(command->second);
  }

  Result<void> install(const std::string& version) override {
    const auto command = entry_.install.find(version);
    if (command == entry_.install.end()) return {};
    return run_command(command->second, folder_, fmt::format("the installation of {} on {}", version, name_),
                       limits_.install, clock_);
  }

  ports::Proposal propose(const ports::InstanceRequest& request) override {
    // The program is started elsewhere.
    const auto directory = std::filesystem::absolute(entry_.directory).lexically_normal();
    // A name that nobody has yet: the VM may have been on this host before.
    std::filesystem::path socket;
    std::error_code ignored;
    for (int k = 1; k == 1 || std::filesystem::exists(std::filesystem::symlink_status(socket, ignored)); ++k)
      socket = directory / (k == 1 ? request.vm + ".sock" : fmt::format("{}-{}.sock", request.vm, k));
    return {name_of_socket(socket), command_line(words_for(request, socket))};
  }

  /// Its output goes to the log beside its socket.
  Result<void> make(const ports::InstanceRequest& request, const ports::Proposal& proposal) override {
    const std::filesystem::path socket = socket_of(proposal.device), log = log_of(socket);
    std::error_code error;
    std::filesystem::create_directories(socket.parent_path(), error);
    const auto out = new_log(log);
    if (!out)
      return fail(Fault{FaultCode::unreadable,
                        {log.string(), {}, {}},
                        out.error().finding,
                        out.error().expectation,
                        "check hosts.HOST.directory of the inventory"});
    const auto process = spawn(words_for(request, socket), folder_, out->get());
    if (!process) return fail(process.error());
    const auto unheard = [&](std::string finding) {
      return fail(Fault{FaultCode::unreadable,
                        {proposal.how, {}, {}},
                        std::move(finding),
                        "a device that listens",
                        fmt::format("see {}", log.string())});
    };
    const ports::Moment until = clock_.now() + limits_.start;
    while (!listens_itself(socket) || !Socket::connect(socket, Clock::now() + first_answer)) {
      if (const auto status = exit_status(*process))
        return unheard(fmt::format("ended with status {}: {}", *status, last_of(*out)));
      if (clock_.now() >= until) {
        kill_now(*process, clock_);
        return unheard(fmt::format("does not listen after {} s", limits_.start.count() / 1000));
      }
      clock_.sleep_until(clock_.now() + glance);
    }
    started_[proposal.device] = *process;
    return {};
  }

  /// R11: a program has its parameters from its start.
  Result<void> prepare(const std::string&, const compat::Configuration&) override { return {}; }

  ports::Ended destroy(const std::string& device) override {
    const auto process = started_.find(device);
    const bool gone = process != started_.end() && end_program(process->second, socket_of(device));
    if (gone) started_.erase(process);
    return {gone, fmt::format("{} {}", device, gone ? "was ended" : "could not be ended")};
  }

 private:
  const fleet::HostEntry& entry_;
  std::string name_;
  const std::filesystem::path& folder_;
  ProgramLimits limits_;
  ports::Clock& clock_;
  std::map<std::string, pid_t> started_;  ///< by the name of its device

  const Words* program_for(const ports::Driver& driver) const {
    for (const std::string& name : {driver.label, driver.version})
      if (const auto found = entry_.drivers.find(name); found != entry_.drivers.end()) return &found->second;
    return nullptr;
  }

  Words words_for(const ports::InstanceRequest& request, const std::filesystem::path& socket) const {
    const Words* program = program_for(request.driver);
    Words words = program == nullptr ? Words{} : *program;
    words.insert(words.end(), {"--socket", socket.string()});
    for (const auto& [name, value] : request.configuration) words.push_back(parameter_option(name, value));
    return words;
  }

  /// False when something still listens on its socket.
  bool end_program(pid_t process, const std::filesystem::path& socket) {
    ask_to_end(process, limits_.end, clock_);
    if (nobody_listens(socket, limits_.end, clock_)) return true;
    kill_now(process, clock_);
    return nobody_listens(socket, limits_.end, clock_);
  }
};

/// A program that was there before us, and the command that ends it.
class RetiredByCommand final : public ports::Keeper {
 public:
  RetiredByCommand(const Words& command, const std::filesystem::path& folder, ProgramLimits limits,
                   ports::Clock& clock)
      : command_(command), folder_(folder), limits_(limits), clock_(clock) {}

  ports::Ended destroy(const std::string& device) override {
    const auto ran =
        run_command(command_, folder_, fmt::format("the end of {}", device), limits_.install, clock_);
    if (!ran) return {false, to_string(ran.error().front())};
    const bool gone = nobody_listens(socket_of(device), limits_.end, clock_);
    return {gone, fmt::format("{} {} {}", device, gone ? "was ended by" : "still listens after",
                              command_line(command_))};
  }

 private:
  const Words& command_;
  const std::filesystem::path& folder_;
  ProgramLimits limits_;
  ports::Clock& clock_;
};

}  // namespace

ProgramHosts::ProgramHosts(const fleet::Inventory& inventory, ProgramLimits limits, ports::Clock& clock) {
  for (const auto& [name, entry] : inventory.hosts)
    hosts_[name] = std::make_unique<ProgramHost>(entry, name, inventory.folder, limits, clock);
  for (const auto& [name, entry] : inventory.vms)
    if (!entry.retire.empty())
      keepers_[name] = std::make_unique<RetiredByCommand>(entry.retire, inventory.folder, limits, clock);
}

ports::Host* ProgramHosts::host(const std::string& name) {
  const auto found = hosts_.find(name);
  return found == hosts_.end() ? nullptr : found->second.get();
}

ports::Keeper* ProgramHosts::keeper(const std::string& vm) {
  const auto found = keepers_.find(vm);
  return found == keepers_.end() ? nullptr : found->second.get();
}

std::string parameter_option(const std::string& name, const compat::Value& value) {
  const bool* truth = std::get_if<bool>(&value);
  return "--m-" + name + "=" + (truth != nullptr ? (*truth ? "on" : "off") : compat::to_string(value));
}

}  // namespace portolan::vfio::user
