// SPDX-License-Identifier: Apache-2.0
#include "vfio/emulated/device.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>

#include <fmt/format.h>

#include "model/machines/device.hpp"
#include "model/machines/run_time.hpp"
#include "model/support/failure.hpp"
#include "model/support/text.hpp"

namespace portolan::vfio::emulated {

using machines::DeviceState;

namespace {

constexpr std::size_t p2p = 0, pre_copy = 1, data_fd = 2;
static_assert(machines::device_variables[p2p].name == "p2p" &&
              machines::device_variables[pre_copy].name == "pre_copy" &&
              machines::device_variables[data_fd].name == "data_fd");
constexpr auto reset_event = static_cast<std::uint8_t>(rules::index_of(machines::device_events, "reset"));

__extension__ typedef unsigned __int128 Wide;

bool guest_rewrites(DeviceState state) {
  return state == DeviceState::running || state == DeviceState::pre_copy;
}

}  // namespace

Device::Device(DeviceSettings settings)
    : settings_(std::move(settings)), content_(Content::fresh(settings_.state_bytes, settings_.seed)) {
  at_.state = machines::device.initial;
  at_.environment[p2p] = settings_.flags.p2p;
  at_.environment[pre_copy] = settings_.flags.pre_copy;
  last_ns_ = settings_.now_ns();
}

bool Device::fresh() {
  rewrite_pages();
  return !used_;
}

std::string Device::identity() const {
  std::string text = settings_.model + "\n";
  for (const auto& [name, value] : settings_.list) text += name + "=" + compat::to_string(value) + "\n";
  return text;
}

// R5 from inside the device: the model is the same, and every listed parameter has its listed value here.
std::string Device::objection(std::string_view identity) const {
  const auto line = [&] {
    const auto end = std::min(identity.find('\n'), identity.size());
    const std::string_view text = identity.substr(0, end);
    identity.remove_prefix(std::min(end + 1, identity.size()));
    return text;
  };
  if (const auto model = line(); model != settings_.model)
    return fmt::format("a state of the model {}, and this is {}", in_quotes(model),
                       in_quotes(settings_.model));
  while (!identity.empty()) {
    const std::string_view assignment = line();
    const auto equals = assignment.find('=');
    const std::string name(assignment.substr(0, equals));
    const auto own = settings_.configuration.find(name);
    if (own == settings_.configuration.end())
      return fmt::format("a state with the parameter {}, which is not known here", in_quotes(name));
    if (equals == std::string_view::npos || assignment.substr(equals + 1) != compat::to_string(own->second))
      return fmt::format("a state with {}, and here it is {}", in_quotes(assignment),
                         in_quotes(compat::to_string(own->second)));
  }
  return {};
}

void Device::rewrite_pages() {
  const std::uint64_t now = settings_.now_ns();
  const std::uint64_t passed_ns = now - last_ns_;
  last_ns_ = now;
  if (settings_.dirty_bytes_per_s == 0 || content_.pages() == 0 || !guest_rewrites(state())) return;
  // In whole pages; what is left over is kept. At most every page four times at once, so that a long sleep
  // costs no more.
  constexpr Wide page_cost = static_cast<Wide>(page_bytes) * 1'000'000'000u;
  const Wide owed = static_cast<Wide>(settings_.dirty_bytes_per_s) * passed_ns + owed_;
  owed_ = static_cast<std::uint64_t>(owed % page_cost);
  const auto pages =
      static_cast<std::uint64_t>(std::min<Wide>(owed / page_cost, static_cast<Wide>(content_.pages()) * 4));
  used_ |= pages > 0;
  for (std::uint64_t i = 0; i < pages; ++i) {
    const std::uint64_t page = mix(mix(settings_.seed) + ++rewrites_) % content_.pages();
    ++content_.versions[page];
    if (saver_) saver_->rewritten(page);
  }
}

void Device::fire(std::uint8_t event) {
  const rules::Step step = machines::step(machines::device, at_, event);
  assert(step.row >= 0 && "the path is made of arcs of the table");
  at_ = step.next;
  const auto& row = machines::device_rows[static_cast<std::size_t>(step.row)];
  settings_.log(fmt::format(R"({{"event":"hop","from":"{}","to":"{}","source":{}}})", row.from, row.to,
                            json_quoted(row.source)));
}

int Device::hop(DeviceState to) {
  ++hops_;
  for (auto& one : settings_.injected.hops) {
    if ((one.at ? *one.at != hops_ : *one.entering != to) || one.times == 0) continue;
    --one.times;
    settings_.log(fmt::format(R"({{"event":"fault","hop":{},"to":"{}","errno":"{}"}})", hops_,
                              machines::name_of(to), errno_name(one.error)));
    if (one.into_error) {
      saver_.reset();
      loader_.reset();
      fire(static_cast<std::uint8_t>(DeviceState::error));
    }
    return one.error;
  }
  if (state() == DeviceState::resuming) {
    // The load takes effect here or not at all; on partial data the device stays, and the missing bytes may
    // still come.
    if (!loader_->complete()) {
      settings_.log(fmt::format(R"({{"event":"incomplete","why":{}}})", json_quoted(loader_->why())));
      return EINVAL;
    }
    damaged_pages_ = loader_->damaged_pages();
    content_ = loader_->take();
    ++loads_;
    used_ = true;
    settings_.log(
        fmt::format(R"({{"event":"loaded","bytes":{},"sha256":"{}","content":"{}","damaged_pages":{}}})",
                    stream_.bytes(), stream_.hexadecimal(), hexadecimal(content_.digest()), damaged_pages_));
  }
  const bool open_before = at_.environment[data_fd] != 0;
  fire(static_cast<std::uint8_t>(to));
  const bool open_now = at_.environment[data_fd] != 0;
  if (open_now && !open_before) {
    stream_ = Sha256();
    if (to == DeviceState::resuming)
      loader_.emplace(
          content_.bytes, [this](std::string_view said) { return objection(said); },
          settings_.injected.forgiving);
    else {
      saver_.emplace(content_, identity());
      used_ = true;  // whoever saves a state has one
    }
  }
  if (!open_now) {
    saver_.reset();
    loader_.reset();
  }
  if (to == DeviceState::stop_copy) saver_->finish();
  return 0;
}

int Device::request(DeviceState requested) {
  rewrite_pages();
  const auto path = machines::path(settings_.flags, state(), requested);
  if (!path) return EINVAL;
  for (const DeviceState next : *path) {
    if (const int error = hop(next); error != 0) return error;
  }
  return 0;
}

int Device::read(std::span<std::uint8_t> out, std::size_t& bytes) {
  rewrite_pages();
  bytes = 0;
  if (!saver_) return EINVAL;
  if (settings_.injected.short_reads)
    out = out.first(std::min<std::size_t>(out.size(), *settings_.injected.short_reads));
  const bool ended_before = saver_->ended();
  bytes = saver_->read(out);
  stream_.add(out.first(bytes));
  for (const std::uint64_t at : settings_.injected.corrupt) {
    if (at > read_bytes_ && at <= read_bytes_ + bytes) out[at - read_bytes_ - 1] ^= 1;
  }
  read_bytes_ += bytes;
  data_bytes_ += bytes;
  if (saver_->ended() && !ended_before)
    settings_.log(fmt::format(R"({{"event":"saved","bytes":{},"sha256":"{}","content":"{}"}})",
                              stream_.bytes(), stream_.hexadecimal(), hexadecimal(content_.digest())));
  return 0;
}

int Device::write(ByteView data) {
  rewrite_pages();
  if (!loader_) return EINVAL;
  const auto& refused = settings_.injected.refuse_data;
  const bool refuse = refused && *refused > written_bytes_ && *refused <= written_bytes_ + data.size();
  written_bytes_ += data.size();
  data_bytes_ += data.size();
  if (refuse) {
    settings_.log(fmt::format(R"({{"event":"fault","refused_data_at":{},"errno":"{}"}})", *refused,
                              errno_name(settings_.injected.refuse_data_error)));
    loader_->poison(settings_.injected.refuse_data_error);
    return settings_.injected.refuse_data_error;
  }
  stream_.add(data);
  const int error = loader_->write(data);
  if (error != 0)
    settings_.log(fmt::format(R"({{"event":"refused","errno":"{}","why":{}}})", errno_name(error),
                              json_quoted(loader_->why())));
  return error;
}

void Device::reset() {
  saver_.reset();
  loader_.reset();
  fire(reset_event);
  content_ = Content::fresh(settings_.state_bytes, settings_.seed);
  used_ = false;
  settings_.log(R"({"event":"reset"})");
}

int Device::registers_read(std::uint64_t offset, std::span<std::uint8_t> out) {
  rewrite_pages();
  if (offset > register_bytes || out.size() > register_bytes - offset) return EINVAL;
  Registers now;
  now.state = at_.state;
  now.state_bytes = content_.bytes;
  now.seed = content_.seed;
  now.rewrites = rewrites_;
  now.pages = content_.pages();
  now.damaged_pages = damaged_pages_;
  now.loads = loads_;
  // Only a read that touches the digest pays for it.
  if (offset < offsetof(Registers, reserved) && offset + out.size() > offsetof(Registers, content))
    std::ranges::copy(content_.digest(), now.content.begin());
  now.scratch = content_.scratch;
  std::ranges::fill(out, std::uint8_t{0});
  const ByteView all = bytes_of(now);
  if (offset < all.size())
    std::ranges::copy(all.subspan(offset, std::min(out.size(), all.size() - offset)), out.begin());
  return 0;
}

int Device::registers_write(std::uint64_t offset, ByteView data) {
  rewrite_pages();
  constexpr std::uint64_t first = offsetof(Registers, scratch);
  if (offset < first || offset > first + scratch_bytes || data.size() > first + scratch_bytes - offset)
    return EINVAL;
  used_ = true;
  std::ranges::copy(data, content_.scratch.begin() + static_cast<std::ptrdiff_t>(offset - first));
  return 0;
}

}  // namespace portolan::vfio::emulated
