#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A set of numbers below 2^bits, one bit each, with a summary that says which blocks of 4,096 bits are not
// empty. Pages that are never touched take no memory; huge pages spare most of what looking up an address
// costs.

#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include <sys/mman.h>

namespace portolan::solver::explore {

class Bitmap {
 public:
  static constexpr unsigned block_bits = 12;
  static constexpr std::size_t block_words = (std::size_t{1} << block_bits) / 64;

  explicit Bitmap(unsigned bits)
      : blocks_(bits > block_bits ? std::size_t{1} << (bits - block_bits) : 1),
        summary_((blocks_ + 63) / 64) {
    void* pages =
        mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    madvise(pages, bytes(), MADV_HUGEPAGE);
    words_ = static_cast<std::uint64_t*>(pages);
  }
  ~Bitmap() {
    if (words_ != nullptr) munmap(words_, bytes());
  }
  Bitmap(const Bitmap&) = delete;
  Bitmap& operator=(const Bitmap&) = delete;
  void swap(Bitmap& other) noexcept {
    std::swap(words_, other.words_);
    std::swap(blocks_, other.blocks_);
    summary_.swap(other.summary_);
  }

  std::size_t blocks() const { return blocks_; }
  std::size_t bytes() const { return blocks_ * block_words * sizeof(std::uint64_t); }
  void prefetch(std::uint64_t number) const { __builtin_prefetch(words_ + (number >> 6), 1); }
  bool test(std::uint64_t number) const {
    return (std::atomic_ref(words_[number >> 6]).load(std::memory_order_relaxed) >> (number & 63) & 1) != 0;
  }
  /// True when it was not there. Shared: other threads set bits at the same time.
  template <bool Shared>
  bool set(std::uint64_t number) {
    std::uint64_t& word = words_[number >> 6];
    const std::uint64_t bit = std::uint64_t{1} << (number & 63);
    if ((std::atomic_ref(word).load(std::memory_order_relaxed) & bit) != 0) return false;
    if constexpr (!Shared) {
      word |= bit;
      return true;
    } else {
      return (std::atomic_ref(word).fetch_or(bit, std::memory_order_relaxed) & bit) == 0;
    }
  }
  template <bool Shared>
  void note(std::uint64_t number) {
    std::uint64_t& word = summary_[number >> (block_bits + 6)];
    const std::uint64_t bit = std::uint64_t{1} << (number >> block_bits & 63);
    if ((std::atomic_ref(word).load(std::memory_order_relaxed) & bit) != 0) return;
    if constexpr (Shared)
      std::atomic_ref(word).fetch_or(bit, std::memory_order_relaxed);
    else
      word |= bit;
  }
  /// Blocks that may hold something, in order.
  std::vector<std::uint32_t> noted() const {
    std::vector<std::uint32_t> result;
    for (std::size_t w = 0; w < summary_.size(); ++w)
      for (std::uint64_t left = summary_[w]; left != 0; left &= left - 1)
        result.push_back(
            static_cast<std::uint32_t>(w * 64 + static_cast<std::size_t>(std::countr_zero(left))));
    return result;
  }
  void forget_notes() { summary_.assign(summary_.size(), 0); }
  std::uint64_t* block(std::size_t at) { return words_ + at * block_words; }
  const std::uint64_t* block(std::size_t at) const { return words_ + at * block_words; }

 private:
  std::uint64_t* words_ = nullptr;
  std::size_t blocks_;
  std::vector<std::uint64_t> summary_;
};

/// How many numbers of a set are smaller than one of them, so that something can be kept for each without
/// room for those that are not in the set.
class Ranks {
 public:
  explicit Ranks(const Bitmap& set) : set_(set), blocks_(set.blocks()), lines_(set.blocks() * block_lines) {
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      blocks_[b] = total_;
      std::uint16_t inside = 0;
      for (std::size_t l = 0; l < block_lines; ++l) {
        lines_[b * block_lines + l] = inside;
        for (std::size_t w = 0; w < line_words; ++w)
          inside = static_cast<std::uint16_t>(inside + std::popcount(set.block(b)[l * line_words + w]));
      }
      total_ += inside;
    }
  }
  std::uint64_t total() const { return total_; }
  std::uint64_t of(std::uint64_t number) const {
    const std::uint64_t* block = set_.block(number >> Bitmap::block_bits);
    const std::size_t word = (number >> 6) % Bitmap::block_words;
    std::uint64_t rank = blocks_[number >> Bitmap::block_bits] + lines_[number >> line_bits];
    for (std::size_t w = word / line_words * line_words; w < word; ++w)
      rank += static_cast<unsigned>(std::popcount(block[w]));
    return rank +
           static_cast<unsigned>(std::popcount(block[word] & ((std::uint64_t{1} << (number & 63)) - 1)));
  }
  std::size_t bytes() const { return bytes_for(blocks_.size()); }
  static std::size_t bytes_for(std::size_t blocks) {
    return blocks * (sizeof(std::uint64_t) + block_lines * sizeof(std::uint16_t));
  }

 private:
  static constexpr unsigned line_bits = 9;
  static constexpr std::size_t line_words = (std::size_t{1} << line_bits) / 64,
                               block_lines = Bitmap::block_words / line_words;
  const Bitmap& set_;
  std::uint64_t total_ = 0;
  std::vector<std::uint64_t> blocks_;
  std::vector<std::uint16_t> lines_;
};

}  // namespace portolan::solver::explore
