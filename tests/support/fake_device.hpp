#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A device in memory, in simulated time: the state machine of linux/vfio.h by the product's own table of
// arcs, a content of pages that a guest rewrites while it may, a data stream that is checked byte by byte,
// and faults at the Nth call. `FakeInstance` is the device itself, `FakeDevice` one connection to it.
// Everything that happens is decided by its settings and by the order of calls.

#include <cerrno>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/ports/device_registry.hpp"
#include "model/support/sha256.hpp"
#include "tests/support/simulated_clock.hpp"

namespace portolan::test {

enum class FakeTrouble : std::uint8_t {
  refuse,    ///< an error reply, and the device stays where it was
  error,     ///< an error reply, and the device is in ERROR
  silent,    ///< no answer; the connection can be made again
  mute,      ///< no answer, nor ever again
  closed,    ///< the connection ends; it can be made again
  dead,      ///< the process ends
  damage,    ///< one bit of the data that is read or written is another; other calls go well
  replaced,  ///< the process ends, and a fresh one is behind the same name
};
inline constexpr FakeTrouble fake_troubles[] = {
    FakeTrouble::refuse, FakeTrouble::error, FakeTrouble::silent, FakeTrouble::mute,
    FakeTrouble::closed, FakeTrouble::dead,  FakeTrouble::damage, FakeTrouble::replaced};
inline constexpr std::string_view fake_trouble_names[] = {"refuse", "error", "silent", "mute",
                                                          "closed", "dead",  "damage", "replaced"};

struct FakeFault {
  FakeTrouble trouble = FakeTrouble::refuse;
  std::uint64_t call = 1;    ///< of all calls to the instance
  bool carried_out = false;  ///< what was asked has happened, and only the answer is missing
  std::string only = {};     ///< where not empty: of the calls of this name alone
};

struct FakeSettings {
  machines::DeviceFlags flags{.p2p = false, .pre_copy = true};
  std::uint32_t pages = 10;
  std::uint64_t dirty_pages_per_s = 0;
  std::uint64_t pages_per_s = 1'000'000;  ///< of its data, read or written
  std::chrono::nanoseconds call_time = std::chrono::milliseconds(1);
  std::chrono::nanoseconds patience = std::chrono::seconds(10);  ///< of the caller, with a silent device
  bool holds_a_guest = false;   ///< a source, which a guest uses from the start
  bool forgiving = false;       ///< loads damaged data without a word
  bool tells_processes = true;  ///< whether a caller can tell one process from another
  std::vector<FakeFault> faults = {};
};

class FakeInstance {
 public:
  static constexpr std::size_t page_bytes = 64, pages_of_a_read = 16;
  static constexpr std::uint32_t end_record = ~std::uint32_t{0};

  FakeInstance(std::string name, FakeSettings with, SimulatedClock& time)
      : settings(std::move(with)), clock(time), name_(std::move(name)), versions_(settings.pages) {
    holds_state_ = settings.holds_a_guest;
    if (holds_state_)
      for (std::uint32_t page = 0; page < settings.pages; ++page) versions_[page] = page + 1;
    last_ = clock.now();
  }

  FakeSettings settings;
  SimulatedClock& clock;
  std::function<void()> changed;                  ///< told after each change of state
  std::vector<std::string> calls;                 ///< in their order: `set STOP`, `read`
  std::map<std::string, std::uint64_t> calls_of;  ///< how many of each name
  int loads = 0;
  bool mute = false;  ///< never answers again
  std::map<std::string, compat::Value> parameters;

  const std::string& name() const { return name_; }
  machines::DeviceState state() const { return state_; }
  bool alive() const { return alive_; }
  void die() { alive_ = false; }
  /// As after a restart of its program.
  void begin_anew() {
    reset();
    ++process_;
  }
  /// How many processes were there before.
  int replaced() const { return process_; }
  std::string process() const {
    return settings.tells_processes ? name_ + " " + std::to_string(process_) : "";
  }
  /// A guest's state lies here and may be changing: what must never be true of two.
  bool runs_the_guest() const {
    using enum machines::DeviceState;
    return alive_ && holds_state_ && (state_ == running || state_ == pre_copy || state_ == running_p2p);
  }
  std::string digest() const {
    Sha256 all;
    for (const std::uint32_t version : versions_) all.add(bytes_of(version));
    return all.hexadecimal();
  }
  std::uint32_t dirty_pages() const { return static_cast<std::uint32_t>(dirty_.size()); }

  /// As if somebody else had told it.
  int request(machines::DeviceState wanted) {
    const auto path = machines::path(settings.flags, state_, wanted);
    if (!path) return EINVAL;
    for (const auto next : *path)
      if (const int error = hop(next); error != 0) return error;
    return 0;
  }
  void fail_into_error() {
    end_sessions();
    state_ = machines::DeviceState::error;
    tell();
  }
  void reset() {
    end_sessions();
    state_ = machines::DeviceState::running;
    holds_state_ = false;
    std::ranges::fill(versions_, 0);
    tell();
  }
  int read(Bytes& out) {
    out.clear();
    if (!saving_) return EINVAL;
    for (std::size_t k = 0; k < pages_of_a_read && !dirty_.empty(); ++k) {
      const std::uint32_t page = dirty_.begin()->first;
      dirty_.erase(dirty_.begin());
      record(out, page, versions_[page]);
    }
    if (out.empty() && state_ == machines::DeviceState::stop_copy && !ended_) {
      record(out, end_record, settings.pages);
      ended_ = true;
    }
    pass_data(out.size());
    return 0;
  }
  int write(ByteView data) {
    if (!loading_) return EINVAL;
    incoming_.insert(incoming_.end(), data.begin(), data.end());
    pass_data(data.size());
    for (; incoming_.size() >= page_bytes; incoming_.erase(incoming_.begin(), incoming_.begin() + page_bytes))
      if (!take_record()) return EINVAL;
    return 0;
  }
  /// The guest's writes since it was last asked.
  void rewrite() {
    const std::chrono::nanoseconds passed = clock.now() - last_;
    last_ = clock.now();
    using enum machines::DeviceState;
    if (!alive_ || versions_.empty() || (state_ != running && state_ != pre_copy)) return;
    owed_ += static_cast<std::uint64_t>(passed.count()) * settings.dirty_pages_per_s;
    constexpr std::uint64_t second = 1'000'000'000;
    const std::uint64_t pages = std::min<std::uint64_t>(owed_ / second, 4 * versions_.size());
    owed_ %= second;
    for (std::uint64_t k = 0; k < pages; ++k) {
      const auto page = static_cast<std::uint32_t>((next_rewrite_ += 7) % versions_.size());
      ++versions_[page];
      if (saving_) dirty_[page] = true;
    }
  }

 private:
  std::string name_;
  machines::DeviceState state_ = machines::DeviceState::running;
  std::vector<std::uint32_t> versions_, loaded_;
  std::map<std::uint32_t, bool> dirty_;
  Bytes incoming_;
  bool alive_ = true, holds_state_ = false, saving_ = false, loading_ = false, ended_ = false,
       complete_ = false;
  std::uint64_t owed_ = 0, next_rewrite_ = 0;
  int process_ = 0;
  ports::Moment last_{};

  void tell() const {
    if (changed) changed();
  }
  void end_sessions() {
    saving_ = loading_ = false;
    dirty_.clear();
    incoming_.clear();
  }
  int hop(machines::DeviceState next) {
    using enum machines::DeviceState;
    if (state_ == resuming) {
      if (!complete_) return EINVAL;
      versions_ = loaded_;
      holds_state_ = true;
      ++loads;
    }
    const bool saves = next == pre_copy || next == pre_copy_p2p || next == stop_copy;
    if (!saves || !saving_) end_sessions();
    if (saves && !saving_) {
      saving_ = true;
      ended_ = false;
      for (std::uint32_t page = 0; page < versions_.size(); ++page) dirty_[page] = true;
    }
    if (next == resuming) {
      loading_ = true;
      complete_ = false;
      loaded_.assign(versions_.size(), 0);
    }
    state_ = next;
    tell();
    return 0;
  }
  static std::uint8_t filler(std::uint32_t page, std::uint32_t version) {
    return static_cast<std::uint8_t>(31 * page + version);
  }
  static void record(Bytes& out, std::uint32_t page, std::uint32_t version) {
    append(out, page);
    append(out, version);
    out.resize(out.size() + page_bytes - 2 * sizeof page, filler(page, version));
  }
  bool take_record() {
    const ByteView record(incoming_.data(), page_bytes);
    const std::uint32_t page = *decode<std::uint32_t>(record),
                        version = *decode<std::uint32_t>(record.subspan(4));
    const ByteView fill = record.subspan(8);
    const bool whole = std::ranges::all_of(fill, [&](auto byte) { return byte == filler(page, version); });
    if (!whole && !settings.forgiving) return false;
    if (page == end_record && version != settings.pages) return false;
    if (page == end_record) return complete_ = true;
    if (page >= loaded_.size()) return settings.forgiving;
    loaded_[page] = version;
    return true;
  }
  void pass_data(std::size_t bytes) {
    clock.pass(std::chrono::nanoseconds(bytes / page_bytes * 1'000'000'000 / settings.pages_per_s));
  }
};

class FakeDevice final : public ports::Device {
 public:
  static Answer<std::unique_ptr<ports::Device>> open(std::shared_ptr<FakeInstance> instance) {
    auto device = std::make_unique<FakeDevice>(std::move(instance));
    if (auto asked = device->call("open", [] { return 0; }); !asked) return failed(asked.error());
    return device;
  }
  explicit FakeDevice(std::shared_ptr<FakeInstance> instance)
      : instance_(std::move(instance)), process_(instance_->process()) {}

  const std::string& name() const override { return instance_->name(); }
  machines::DeviceFlags flags() const override { return instance_->settings.flags; }
  std::string instance() const override { return process_; }
  Answer<machines::DeviceState> state() override {
    if (auto asked = call("get", [] { return 0; }); !asked) return failed(asked.error());
    return instance_->state();
  }
  Answer<void> set_state(machines::DeviceState state) override {
    return call("set " + std::string(machines::name_of(state)), [&] { return instance_->request(state); });
  }
  Answer<ByteView> read_data() override {
    damage_ = false;
    if (auto asked = call("read", [&] { return instance_->read(data_); }); !asked)
      return failed(asked.error());
    if (damage_ && !data_.empty()) data_.back() ^= 1;
    return ByteView(data_);
  }
  Answer<void> write_data(ByteView data) override {
    return call("write", [&] {
      Bytes bytes(data.begin(), data.end());
      if (damage_ && !bytes.empty()) bytes.back() ^= 1;
      return instance_->write(bytes);
    });
  }
  Answer<ports::DataSizes> sizes() override {
    if (auto asked = call("sizes", [] { return 0; }); !asked) return failed(asked.error());
    const std::uint64_t dirty = instance_->dirty_pages() * FakeInstance::page_bytes;
    return ports::DataSizes{std::nullopt, dirty, dirty + FakeInstance::page_bytes};
  }
  Answer<ports::Description> describe() override {
    if (auto asked = call("describe", [] { return 0; }); !asked) return failed(asked.error());
    return ports::Description{"example.org/fake", instance_->parameters, std::nullopt};
  }
  Answer<void> reset() override {
    return call("reset", [&] {
      instance_->reset();
      return 0;
    });
  }
  Answer<void> reopen() override {
    lost_ = false;
    process_ = instance_->process();
    return call("reopen", [] { return 0; });
  }
  bool lost() const override { return lost_; }

 private:
  std::shared_ptr<FakeInstance> instance_;
  std::string process_;  ///< when it was connected
  Bytes data_;
  bool lost_ = false, damage_ = false;

  /// `what` gives an errno, or 0.
  Answer<void> call(const std::string& name, const std::function<int()>& what) {
    if (lost_) return failed({Trouble::closed, 0, this->name(), "the connection was closed", {}});
    FakeInstance& there = *instance_;
    there.clock.pass(there.settings.call_time);
    there.calls.push_back(name);
    there.rewrite();
    const std::uint64_t same = ++there.calls_of[name];
    const FakeFault* fault = nullptr;
    for (const FakeFault& one : there.settings.faults)
      if (one.only.empty() ? one.call == there.calls.size() : one.only == name && one.call == same)
        fault = &one;
    if (!there.alive()) return lose(Trouble::closed, ECONNREFUSED);
    if (there.mute) return lose(Trouble::silent, ETIMEDOUT);
    damage_ = fault != nullptr && fault->trouble == FakeTrouble::damage;
    const int error = fault == nullptr || damage_ || fault->carried_out ? what() : 0;
    if (fault != nullptr && !damage_) return broken(*fault);
    if (error != 0)
      return failed(
          {Trouble::refused, error, this->name(), "refused " + name + " with " + errno_name(error), {}});
    return {};
  }
  Answer<void> broken(const FakeFault& fault) {
    switch (fault.trouble) {
      case FakeTrouble::error: instance_->fail_into_error(); [[fallthrough]];
      case FakeTrouble::refuse:
        return failed(
            {Trouble::refused, EIO, name(), "refused " + instance_->calls.back() + " with EIO", {}});
      case FakeTrouble::mute: instance_->mute = true; [[fallthrough]];
      case FakeTrouble::silent: return lose(Trouble::silent, ETIMEDOUT);
      case FakeTrouble::replaced: instance_->begin_anew(); return lose(Trouble::closed, 0);
      case FakeTrouble::dead: instance_->die(); [[fallthrough]];
      case FakeTrouble::closed: return lose(Trouble::closed, 0);
      case FakeTrouble::damage: break;
    }
    return {};
  }
  tl::unexpected<Failure> lose(Trouble trouble, int error) {
    lost_ = true;
    if (trouble == Trouble::silent) instance_->clock.pass(instance_->settings.patience);
    return failed({trouble,
                   error,
                   name(),
                   trouble == Trouble::silent ? "no answer within the time limit" : "closed the connection",
                   {}});
  }
};

/// Every instance that there is, by name, and the registry that opens them.
class FakeDevices {
 public:
  explicit FakeDevices(SimulatedClock& clock) : clock_(clock) {
    registry_.add("fake", [this](const std::string& rest) -> Answer<std::unique_ptr<ports::Device>> {
      const auto found = instances_.find("fake:" + rest);
      if (found != instances_.end()) return FakeDevice::open(found->second);
      return failed({Trouble::closed, ENOENT, "fake:" + rest, "cannot connect: ENOENT", {}});
    });
  }
  FakeInstance& add(const std::string& name, FakeSettings settings) {
    auto instance = std::make_shared<FakeInstance>(name, std::move(settings), clock_);
    instance->changed = [this] { most_running_ = std::max(most_running_, running()); };
    return *(instances_[name] = std::move(instance));
  }
  FakeInstance* find(const std::string& name) const {
    const auto found = instances_.find(name);
    return found == instances_.end() ? nullptr : found->second.get();
  }
  void remove(const std::string& name) {
    if (FakeInstance* gone = find(name)) gone->die();
    instances_.erase(name);
  }
  const ports::DeviceRegistry& registry() const { return registry_; }
  const std::map<std::string, std::shared_ptr<FakeInstance>>& all() const { return instances_; }
  /// How many run the guest now, and at most at any moment so far.
  int running() const {
    int count = 0;
    for (const auto& [name, one] : instances_) count += one->runs_the_guest() ? 1 : 0;
    return count;
  }
  int most_running() const { return most_running_; }

 private:
  SimulatedClock& clock_;
  std::map<std::string, std::shared_ptr<FakeInstance>> instances_;
  ports::DeviceRegistry registry_;
  int most_running_ = 0;
};

}  // namespace portolan::test
