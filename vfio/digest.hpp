#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Length and SHA-256 of a stream as it passes: what the product carries around a device state, because
// devices were seen to load damaged data without a word (vfio.md §3).

#include <cstdint>
#include <memory>
#include <string>

#include "vfio/protocol/messages.hpp"

namespace portolan::vfio {

class StreamDigest {
 public:
  StreamDigest();
  StreamDigest(StreamDigest&&) noexcept;
  StreamDigest& operator=(StreamDigest&&) noexcept;
  ~StreamDigest();
  void add(View bytes);
  std::uint64_t bytes() const { return bytes_; }
  /// Of everything that was added so far; more can be added after. 32 bytes.
  Bytes sha256() const;
  /// The same in lower-case hexadecimal.
  std::string hexadecimal() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::uint64_t bytes_ = 0;
};

std::string hexadecimal(View bytes);

}  // namespace portolan::vfio
