#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Bytes that mean nothing here: a device state on its way, a message, a digest; and fixed parts that are
// copied into and out of them whole, in the host's byte order, after their number was checked. A `ByteView`
// owns nothing.

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

namespace portolan {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// A fixed part of a message or a record is copied whole, so it has no padding.
template <class T>
concept Wire = std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>;

/// The fixed part at the front, or nothing when there are too few bytes.
template <Wire T>
std::optional<T> decode(ByteView bytes) {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}
template <Wire T>
ByteView bytes_of(const T& value) {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof(T)};
}
template <Wire T>
void append(Bytes& bytes, const T& value) {
  const ByteView raw = bytes_of(value);
  bytes.insert(bytes.end(), raw.begin(), raw.end());
}

}  // namespace portolan
