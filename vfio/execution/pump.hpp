#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The data of a migration on its way from one device to the other: read, digested, carried, digested again
// and written. Length and SHA-256 are taken at both ends, because devices were seen to load damaged data
// without a word. What was read and digested is also written, whatever ends a run: the stream goes on in the
// next one.
//
//   Pump pump(source, destination, clock, options);
//   const Pumped rest = pump.run(limit);            // until the source has nothing more
//   if (rest.ended && pump.undamaged()) …           // only now may the destination load it

#include <functional>

#include "model/ports/clock.hpp"
#include "model/ports/device.hpp"
#include "model/support/sha256.hpp"

namespace portolan::vfio::execution {

struct PumpOptions {
  /// Of one stream: a source that never ends is not believed.
  std::uint64_t bytes_max = std::uint64_t{1} << 40;
  /// Chunks that are read and digested by a thread while others are digested and written: the two digests are
  /// what takes the time. 0: both take turns in the caller's thread, as simulated time needs it.
  std::size_t chunks_ahead_max = 4;
  std::function<bool()> stop_requested;               ///< asked between chunks; true ends the run
  std::function<void(std::uint64_t bytes)> progress;  ///< of the stream so far, after each chunk
  /// What lies between the two ends and may damage what it carries. Empty: nothing.
  std::function<void(Bytes& chunk)> carrier;
};

/// What a run came to.
struct Pumped {
  std::uint64_t bytes = 0;
  bool ended = false;  ///< the source had nothing more; otherwise the limit or a failure came first
  bool stopped = false;
  std::optional<Failure> failure;  ///< of either end, which names itself
};

class Pump {
 public:
  /// All outlive the pump.
  Pump(ports::Device& source, ports::Device& destination, ports::Clock& clock, PumpOptions options)
      : source_(source), destination_(destination), clock_(clock), options_(std::move(options)) {}

  /// Moves what the source has, until it says that there is nothing more, or the limit is over.
  Pumped run(ports::Moment limit);

  const Sha256& read() const { return read_; }
  const Sha256& written() const { return written_; }
  /// What the destination was given is what the source gave.
  bool undamaged() const { return read_.bytes() == written_.bytes() && read_.digest() == written_.digest(); }

 private:
  struct Chunk;
  class TakingTurns;
  class ReadingAhead;
  Chunk read_chunk();
  template <class Reader>
  Pumped drain(Reader& reader, ports::Moment limit);
  /// False when nothing further may be written.
  bool write_chunk(Bytes& bytes, Pumped& pumped);

  ports::Device& source_;
  ports::Device& destination_;
  ports::Clock& clock_;
  PumpOptions options_;
  Sha256 read_, written_;
};

}  // namespace portolan::vfio::execution
