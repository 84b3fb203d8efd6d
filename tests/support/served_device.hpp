#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The emulated device behind a real socket, served by a thread of the test: what it holds can be compared
// without asking.

#include <atomic>
#include <mutex>
#include <thread>

#include <unistd.h>

#include "vfio/emulated/server.hpp"

namespace portolan::test {

class ServedDevice {
 public:
  ServedDevice(const std::filesystem::path& socket, vfio::emulated::DeviceSettings settings) {
    if (pipe(stop_) != 0) throw std::runtime_error("no pipe");
    if (settings.model.empty()) settings.model = "example.org/device";
    settings.now_ns = [this] { return now_ns_.load(); };
    settings.log = [this](const std::string& line) {
      const std::scoped_lock lock(mutex_);
      log_.push_back(line);
    };
    auto listener = vfio::user::Listener::at(socket);
    if (!listener) throw std::runtime_error(to_string(listener.error()));
    thread_ = std::jthread([this, settings = std::move(settings), listener = std::move(*listener)]() mutable {
      vfio::emulated::Device device(settings);
      vfio::emulated::Server(device, vfio::user::transfer_bytes_default, stop_[0]).serve(listener);
    });
  }
  ~ServedDevice() {
    stop();
    close(stop_[0]);
    close(stop_[1]);
  }
  void stop() {
    if (!thread_.joinable()) return;
    [[maybe_unused]] const auto written = write(stop_[1], "", 1);
    thread_.join();
  }
  void pass_ns(std::uint64_t ns) { now_ns_ += ns; }
  std::vector<std::string> log() const {
    const std::scoped_lock lock(mutex_);
    return log_;
  }

 private:
  int stop_[2];
  std::atomic<std::uint64_t> now_ns_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> log_;
  std::jthread thread_;
};

}  // namespace portolan::test
