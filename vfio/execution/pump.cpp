// SPDX-License-Identifier: Apache-2.0
#include "vfio/execution/pump.hpp"

#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <fmt/format.h>

namespace portolan::vfio::execution {

/// Empty: the source has nothing more, or failed.
struct Pump::Chunk {
  Bytes bytes;
  std::optional<Failure> failure;
};

Pump::Chunk Pump::read_chunk() {
  const auto data = source_.read_data();
  if (!data) return {{}, data.error()};
  Chunk chunk{Bytes(data->begin(), data->end()), std::nullopt};
  read_.add(chunk.bytes);
  return chunk;
}

/// Reads when it is asked.
class Pump::TakingTurns {
 public:
  explicit TakingTurns(Pump& pump) : pump_(pump) {}
  std::optional<Chunk> next() {
    if (enough_) return std::nullopt;
    return pump_.read_chunk();
  }
  void enough() { enough_ = true; }

 private:
  Pump& pump_;
  bool enough_ = false;
};

/// A thread that reads ahead; what it has read when it is enough still comes.
class Pump::ReadingAhead {
 public:
  explicit ReadingAhead(Pump& pump) : pump_(pump), thread_([this] { run(); }) {}
  ReadingAhead(const ReadingAhead&) = delete;
  ReadingAhead& operator=(const ReadingAhead&) = delete;
  ~ReadingAhead() { enough(); }

  std::optional<Chunk> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !queue_.empty() || ended_; });
    if (queue_.empty()) return std::nullopt;
    Chunk chunk = std::move(queue_.front());
    queue_.pop_front();
    changed_.notify_all();
    return chunk;
  }
  void enough() {
    const std::scoped_lock lock(mutex_);
    enough_ = true;
    changed_.notify_all();
  }

 private:
  Pump& pump_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Chunk> queue_;
  bool enough_ = false, ended_ = false;
  std::jthread thread_;

  void run() {
    while (!ended_) {  // written by this thread alone
      Chunk chunk = pump_.read_chunk();
      const bool last = chunk.bytes.empty();
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return queue_.size() < pump_.options_.chunks_ahead_max || enough_; });
      queue_.push_back(std::move(chunk));
      ended_ = last || enough_;
      changed_.notify_all();
    }
  }
};

Pumped Pump::run(ports::Moment limit) {
  if (options_.chunks_ahead_max == 0) {
    TakingTurns reader(*this);
    return drain(reader, limit);
  }
  ReadingAhead reader(*this);
  return drain(reader, limit);
}

template <class Reader>
Pumped Pump::drain(Reader& reader, ports::Moment limit) {
  Pumped pumped;
  bool writing = true;
  while (auto chunk = reader.next()) {
    if (chunk->failure) {
      if (!pumped.failure) pumped.failure = chunk->failure;
      break;
    }
    if (chunk->bytes.empty()) {
      pumped.ended = true;
      break;
    }
    pumped.bytes += chunk->bytes.size();
    if (writing) writing = write_chunk(chunk->bytes, pumped);
    if (!writing || clock_.now() >= limit) reader.enough();
  }
  return pumped;
}

bool Pump::write_chunk(Bytes& bytes, Pumped& pumped) {
  if (options_.carrier) options_.carrier(bytes);
  written_.add(bytes);
  const auto written = destination_.write_data(bytes);
  if (!written) pumped.failure = written.error();
  if (options_.progress) options_.progress(written_.bytes());
  if (written && written_.bytes() > options_.bytes_max)
    pumped.failure = {Trouble::broken, EFBIG, source_.name(),
                      fmt::format("sends more than {} bytes", options_.bytes_max), "an end"};
  if (pumped.failure) return false;
  pumped.stopped = options_.stop_requested && options_.stop_requested();
  return !pumped.stopped;
}

}  // namespace portolan::vfio::execution
