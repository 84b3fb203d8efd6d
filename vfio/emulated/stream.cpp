// SPDX-License-Identifier: Apache-2.0
#include "vfio/emulated/stream.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>

#include <fmt/format.h>

namespace portolan::vfio::emulated {

static_assert(sizeof(RecordHeader) == 16 && sizeof(HeadFields) == 16 && sizeof(PageFields) == 8 &&
              sizeof(EndFields) == 96);

namespace {
ByteView as_view(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
}  // namespace

Saver::Saver(const Content& content, std::string identity)
    : content_(content), identity_(std::move(identity)), dirty_bits_((content.pages() + 63) / 64) {
  for (std::uint64_t page = 0; page < content.pages(); ++page) mark(page);
}

void Saver::mark(std::uint64_t page) {
  std::uint64_t& word = dirty_bits_[page / 64];
  const std::uint64_t bit = std::uint64_t{1} << (page % 64);
  if (word & bit) return;
  word |= bit;
  ++dirty_;
}

bool Saver::next_record() {
  if (ended_) return false;
  record_.clear();
  at_ = 0;
  if (!head_sent_) {
    head_sent_ = true;
    append(record_,
           RecordHeader{Record::head, static_cast<std::uint32_t>(sizeof(HeadFields) + identity_.size()),
                        content_.bytes});
    append(record_, HeadFields{.seed = content_.seed});
    const ByteView text = as_view(identity_);
    record_.insert(record_.end(), text.begin(), text.end());
    return true;
  }
  if (dirty_ > 0) {
    // From where the last page was found, so that a page that is rewritten all the time does not keep the
    // others waiting.
    std::uint64_t word = cursor_ / 64;
    std::uint64_t bits = dirty_bits_[word] & (~std::uint64_t{0} << (cursor_ % 64));
    while (bits == 0) bits = dirty_bits_[word = (word + 1) % dirty_bits_.size()];
    const std::uint64_t page = word * 64 + static_cast<std::uint64_t>(std::countr_zero(bits));
    dirty_bits_[word] &= ~(std::uint64_t{1} << (page % 64));
    --dirty_;
    ++sent_;
    cursor_ = (page + 1) % content_.pages();
    const std::uint32_t bytes = content_.bytes_of_page(page);
    append(record_, RecordHeader{Record::page, static_cast<std::uint32_t>(sizeof(PageFields)) + bytes, page});
    append(record_, PageFields{.version = content_.versions[page]});
    const std::size_t data = record_.size();
    record_.resize(data + bytes);
    content_.fill(page, content_.versions[page], std::span(record_).subspan(data));
    return true;
  }
  if (!finished_) return false;
  ended_ = true;
  EndFields end;
  std::ranges::copy(content_.digest(), end.digest.begin());
  end.scratch = content_.scratch;
  append(record_, RecordHeader{Record::end, sizeof(EndFields), sent_});
  append(record_, end);
  return true;
}

std::size_t Saver::read(std::span<std::uint8_t> out) {
  std::size_t written = 0;
  while (written < out.size()) {
    if (at_ == record_.size() && !next_record()) break;
    const std::size_t here = std::min(out.size() - written, record_.size() - at_);
    std::memcpy(&out[written], &record_[at_], here);
    written += here;
    at_ += here;
  }
  return written;
}

Loader::Loader(std::uint64_t bytes, Objection objection, bool forgiving)
    : bytes_(bytes), objection_(std::move(objection)), forgiving_(forgiving) {}

int Loader::refuse(int error, std::string why) {
  why_ = std::move(why);
  return refused_ = error;
}

int Loader::write(ByteView bytes) {
  if (refused_ != 0) return refused_;
  while (!bytes.empty()) {
    if (complete_) return refuse(EINVAL, "bytes after END");
    // A record is gathered until it is whole; what is announced is judged before it is gathered.
    std::size_t wanted = sizeof(RecordHeader);
    if (pending_.size() >= sizeof(RecordHeader)) wanted += decode<RecordHeader>(pending_)->bytes;
    const std::size_t here = std::min(bytes.size(), wanted - pending_.size());
    pending_.insert(pending_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(here));
    bytes = bytes.subspan(here);
    if (pending_.size() == sizeof(RecordHeader)) {
      const RecordHeader header = *decode<RecordHeader>(pending_);
      const std::uint32_t most = header.kind == Record::head   ? sizeof(HeadFields) + identity_bytes_max
                                 : header.kind == Record::page ? page_payload_bytes_max
                                                               : sizeof(EndFields);
      if (header.kind != Record::head && header.kind != Record::page && header.kind != Record::end)
        return refuse(EINVAL, fmt::format("a record of the unknown kind {:#x}",
                                          static_cast<std::uint32_t>(header.kind)));
      if (header.bytes > most) return refuse(EINVAL, fmt::format("a record of {} bytes", header.bytes));
      if (header.bytes > 0) continue;
    }
    if (pending_.size() <
        sizeof(RecordHeader) +
            (pending_.size() >= sizeof(RecordHeader) ? decode<RecordHeader>(pending_)->bytes : 0))
      continue;
    if (const int error = record(); error != 0) return error;
    pending_.clear();
  }
  return 0;
}

int Loader::record() {
  const RecordHeader header = *decode<RecordHeader>(pending_);
  const ByteView payload = ByteView(pending_).subspan(sizeof(RecordHeader));
  if ((header.kind == Record::head) == head_seen_)
    return refuse(EINVAL, head_seen_ ? "a second HEAD" : "a stream that does not begin with HEAD");
  if (header.kind == Record::head) return head(header.number, payload);
  return header.kind == Record::page ? page(header.number, payload) : end(header.number, payload);
}

int Loader::head(std::uint64_t number, ByteView payload) {
  const auto fields = decode<HeadFields>(payload);
  if (!fields || fields->page_size != page_bytes) return refuse(EINVAL, "a HEAD with another size of pages");
  if (fields->reserved != 0) return refuse(EINVAL, "a HEAD with something where nothing may be");
  if (number > bytes_)
    return refuse(ENOMEM, fmt::format("a state of {} bytes, and this device holds {}", number, bytes_));
  if (number != bytes_)
    return refuse(EINVAL, fmt::format("a state of {} bytes, and this device has {}", number, bytes_));
  const ByteView text = payload.subspan(sizeof(HeadFields));
  if (std::string objection = objection_({reinterpret_cast<const char*>(text.data()), text.size()});
      !objection.empty())
    return refuse(EINVAL, std::move(objection));
  content_ = Content::fresh(number, fields->seed);
  seen_.resize(content_.pages());
  head_seen_ = true;
  return 0;
}

int Loader::page(std::uint64_t number, ByteView payload) {
  const auto fields = decode<PageFields>(payload);
  if (!fields || number >= content_.pages())
    return refuse(EINVAL, fmt::format("page {} of {}", number, content_.pages()));
  if (fields->reserved != 0)
    return refuse(EINVAL, fmt::format("page {} with something where nothing may be", number));
  const ByteView data = payload.subspan(sizeof(PageFields));
  if (data.size() != content_.bytes_of_page(number))
    return refuse(EINVAL, fmt::format("page {} of {} bytes", number, data.size()));
  expected_page_.resize(data.size());
  content_.fill(number, fields->version, expected_page_);
  if (std::memcmp(expected_page_.data(), data.data(), data.size()) != 0) {
    if (!forgiving_) return refuse(EINVAL, fmt::format("page {} is damaged", number));
    ++damaged_;
  }
  content_.versions[number] = fields->version;
  if (!seen_[number]) {
    seen_[number] = true;
    ++seen_count_;
  }
  ++records_;
  return 0;
}

int Loader::end(std::uint64_t number, ByteView payload) {
  const auto fields = decode<EndFields>(payload);
  if (!fields || number != records_)
    return refuse(EINVAL, fmt::format("END after {} of {} pages", records_, number));
  if (seen_count_ != content_.pages())
    return refuse(EINVAL, fmt::format("END, and {} pages never came", content_.pages() - seen_count_));
  content_.scratch = fields->scratch;
  if (!std::ranges::equal(content_.digest(), fields->digest)) {
    if (!forgiving_) return refuse(EINVAL, "the digest of the content is another");
    ++damaged_;
  }
  complete_ = true;
  return 0;
}

}  // namespace portolan::vfio::emulated
