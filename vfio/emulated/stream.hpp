#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The data stream of an emulated device: records of a 16-byte header (kind, payload bytes, number) and a
// payload. First HEAD (state size; seed, page size, model and the migration parameter list as text), then
// PAGE records (version and bytes), as often as a page was rewritten, last END (how many PAGE records, digest
// of the content, scratch bytes). The grammar with an example is in docs/vfio-user.md.

#include <functional>
#include <string>
#include <string_view>

#include "vfio/emulated/content.hpp"

namespace portolan::vfio::emulated {

enum class Record : std::uint32_t {
  head = 0x44414548,
  page = 0x45474150,
  end = 0x20444e45
};  // "HEAD", "PAGE", "END "

struct RecordHeader {
  Record kind = Record::head;
  std::uint32_t bytes = 0;
  std::uint64_t number = 0;
};
struct HeadFields {
  std::uint64_t seed = 0;
  std::uint32_t page_size = page_bytes, reserved = 0;
};
struct PageFields {
  std::uint32_t version = 0, reserved = 0;
};
struct EndFields {
  std::array<std::uint8_t, 32> digest{};
  std::array<std::uint8_t, scratch_bytes> scratch{};
};
inline constexpr std::uint32_t identity_bytes_max = 1024 * 1024;  ///< model and parameter list
inline constexpr std::uint32_t page_payload_bytes_max = sizeof(PageFields) + page_bytes;

/// Reads a content out as a stream. While it is not `finish`ed the content may change: rewritten pages are
/// sent again.
class Saver {
 public:
  Saver(const Content& content, std::string identity);
  void rewritten(std::uint64_t page) { mark(page); }
  /// The content stands still from now on: what is left is sent, then END.
  void finish() { finished_ = true; }
  /// Fills `out` as far as there is something to send; less than that: nothing for now, or the end.
  std::size_t read(std::span<std::uint8_t> out);
  bool ended() const { return ended_ && at_ == record_.size(); }
  std::uint64_t dirty_pages() const { return dirty_; }

 private:
  void mark(std::uint64_t page);
  bool next_record();
  const Content& content_;
  std::string identity_;
  std::vector<std::uint64_t> dirty_bits_;
  std::uint64_t dirty_ = 0, cursor_ = 0, sent_ = 0;
  Bytes record_;
  std::size_t at_ = 0;
  bool head_sent_ = false, finished_ = false, ended_ = false;
};

/// Takes a stream in and checks every byte of it. Memory: 4 bytes and a bit for each page.
class Loader {
 public:
  /// Says what stands against the model and parameters that a stream names; empty: nothing.
  using Objection = std::function<std::string(std::string_view identity)>;
  /// `bytes` is what the device can hold; `forgiving`: damaged pages are counted and loaded all the same.
  Loader(std::uint64_t bytes, Objection objection, bool forgiving);
  /// 0, or the errno with which the device refuses: ENOMEM for a state that is larger than the device, else
  /// EINVAL. After a refusal every further write is refused too. `why()` says what was wrong.
  int write(ByteView bytes);
  /// Refuses from now on, as after a write that went wrong.
  void poison(int error) { refuse(error, "a write was refused"); }
  /// END has come and everything before it was there.
  bool complete() const { return complete_ && refused_ == 0; }
  const std::string& why() const { return why_; }
  std::uint64_t damaged_pages() const { return damaged_; }
  Content take() { return std::move(content_); }

 private:
  int refuse(int error, std::string why);
  int head(std::uint64_t number, ByteView payload);
  int page(std::uint64_t number, ByteView payload);
  int end(std::uint64_t number, ByteView payload);
  int record();

  Content content_;
  std::uint64_t bytes_;
  Objection objection_;
  bool forgiving_;
  std::vector<bool> seen_;
  std::uint64_t seen_count_ = 0, records_ = 0, damaged_ = 0;
  Bytes pending_;
  Bytes expected_page_;
  bool head_seen_ = false, complete_ = false;
  int refused_ = 0;
  std::string why_ = "END has not come";
};

}  // namespace portolan::vfio::emulated
