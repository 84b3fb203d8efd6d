// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/search/bitstate.hpp"

#include <bit>
#include <cassert>
#include <new>

#include <sys/mman.h>

#include "solver/explore/search/rounds.hpp"

namespace portolan::solver::explore {

namespace {

constexpr unsigned share_bits = 7, places_each = 3;
constexpr std::uint64_t table_bytes_min = std::uint64_t{1} << 12;

/// Zeroed memory that costs nothing before it is touched.
class Bits {
 public:
  explicit Bits(std::uint64_t bytes) : bytes_(bytes) {
    void* pages =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    madvise(pages, bytes, MADV_HUGEPAGE);
    words_ = static_cast<std::uint64_t*>(pages);
  }
  ~Bits() { munmap(words_, bytes_); }
  Bits(const Bits&) = delete;
  Bits& operator=(const Bits&) = delete;
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t* words() const { return words_; }

 private:
  std::uint64_t bytes_;
  std::uint64_t* words_;
};

/// How the states of a share were entered, in their order: the source's number in the level above, as a
/// difference, and the action.
class Entries {
 public:
  struct Entry {
    std::uint64_t source;
    std::uint32_t action;
  };

  void begin_level(std::uint32_t level) {
    if (!levels_.empty() && levels_.back().first == size_)
      levels_.back().level = level;
    else
      levels_.push_back({level, size_, bytes_.size()});
    source_ = 0;
  }
  void push(std::uint64_t source, std::uint32_t action) {
    assert(source >= source_ && "the sources of a level are taken in their order");
    number(source - source_);
    number(action);
    source_ = source;
    ++size_;
  }
  std::uint64_t size() const { return size_; }
  std::uint64_t bytes() const { return bytes_.capacity() + levels_.capacity() * sizeof(Level); }
  /// How many states of a level there are, and the first of them.
  std::uint64_t first(std::uint32_t level) const {
    const Level* at = find(level);
    return at == nullptr ? size_ : at->first;
  }
  std::uint64_t count(std::uint32_t level) const {
    const Level* at = find(level);
    if (at == nullptr) return 0;
    return (at == &levels_.back() ? size_ : at[1].first) - at->first;
  }
  /// Of a state of a level; reads on from the level's beginning.
  Entry entry(std::uint32_t level, std::uint64_t position) const {
    const Level* at = find(level);
    std::size_t byte = at->byte;
    Entry result{0, 0};
    for (std::uint64_t p = at->first;; ++p) {
      result.source += read(byte);
      result.action = static_cast<std::uint32_t>(read(byte));
      if (p == position) return result;
    }
  }

 private:
  struct Level {
    std::uint32_t level;
    std::uint64_t first;
    std::size_t byte;
  };
  std::vector<std::uint8_t> bytes_;
  std::vector<Level> levels_;
  std::uint64_t size_ = 0, source_ = 0;

  void number(std::uint64_t value) {
    for (; value >= 128; value >>= 7) bytes_.push_back(static_cast<std::uint8_t>(value | 128));
    bytes_.push_back(static_cast<std::uint8_t>(value));
  }
  std::uint64_t read(std::size_t& at) const {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const std::uint8_t byte = bytes_[at++];
      value |= std::uint64_t{byte & 127u} << shift;
      if (byte < 128) return value;
    }
  }
  const Level* find(std::uint32_t level) const {
    const auto at = std::lower_bound(levels_.begin(), levels_.end(), level,
                                     [](const Level& l, std::uint32_t wanted) { return l.level < wanted; });
    return at == levels_.end() || at->level != level ? nullptr : &*at;
  }
};

/// Where the bits of a state are, in the table of its share. From the hash of its values, which is the same
/// for any number of threads.
struct Spread {
  std::uint64_t at, step;
  explicit Spread(std::uint64_t hash) {
    hash ^= hash >> 31;
    hash *= 0x9e3779b97f4a7c15u;
    at = hash ^ hash >> 29;
    step = (at * 0xbf58476d1ce4e5b9u) >> 7 | 1;
  }
};

/// The table and the states of two levels, in shares by hash.
class BitstateTable final : public Rounds<BitstateTable, BitstateSearch> {
 public:
  static constexpr std::size_t parts = std::size_t{1} << share_bits;
  static constexpr std::size_t chunk_items = 4096, round_items = chunk_items * 16, alone_items = 512;
  static constexpr bool takes_while_expanding = false, numbers_are_final = false;

  BitstateTable(const CompiledModel& model, Workers& workers, SearchLimits limits, std::uint64_t bytes)
      : Rounds(model, workers, std::move(limits)),
        words_(model.words()),
        table_(std::bit_floor(std::max(bytes, table_bytes_min))),
        mask_(table_.bytes() * 8 / parts - 1),
        shares_(parts),
        slices_(round_items / chunk_items) {
    for (std::size_t s = 0; s < parts; ++s)
      shares_[s].bits = table_.words() + s * (table_.bytes() / parts / 8);
  }

  bool visited(const Word* state) const override {
    const std::uint64_t hash = model_.components().hash(state);
    return has(shares_[share_of(hash)], hash);
  }
  void each_state(const std::function<void(const StateAt&, const Word*)>&) const override {
    assert(false && "most of them were not kept");
  }
  std::vector<std::optional<PackedTrace>> traces(std::span<const StateAt> ends) override;
  std::vector<std::optional<StateAt>> hopeless(std::span<const Predicate> conditions,
                                               SearchEnd& end) override {
    end = SearchEnd::memory;  // the states behind it are gone
    return std::vector<std::optional<StateAt>>(conditions.size());
  }
  double coverage() const override {
    double left_out = 0;
    for (const Share& share : shares_) left_out += share.left_out;
    return static_cast<double>(states) / (static_cast<double>(states) + left_out);
  }
  double bits_per_state() const override {
    return static_cast<double>(table_.bytes() * 8) / static_cast<double>(std::max<std::uint64_t>(states, 1));
  }

 private:
  friend Rounds<BitstateTable, BitstateSearch>;
  struct alignas(64) Share : PartFindings {
    std::uint64_t* bits = nullptr;
    std::uint64_t taken = 0;      ///< bits that are set
    double left_out = 0;          ///< states that were probably taken for others
    std::vector<Word> now, next;  ///< states of the level that is expanded, and of the next
    Entries entries;
  };
  struct Slice : Expansion {  ///< what the states of one chunk lead to, by share
    struct Next {
      std::uint64_t hash, source;
      std::uint32_t action;
    };
    std::array<std::vector<Next>, parts> next;
    std::array<std::vector<Word>, parts> words;
    std::vector<Word> scratch;
  };

  std::size_t words_;
  Bits table_;
  std::uint64_t mask_;
  std::vector<Share> shares_;
  std::vector<Slice> slices_;
  std::vector<Word> start_;

  static std::size_t share_of(std::uint64_t hash) { return hash >> (64 - share_bits); }
  bool has(const Share& share, std::uint64_t hash) const {
    Spread spread(hash);
    for (unsigned i = 0; i < places_each; ++i, spread.at += spread.step)
      if ((share.bits[(spread.at & mask_) >> 6] >> (spread.at & 63) & 1) == 0) return false;
    return true;
  }
  void prefetch(const Share& share, std::uint64_t hash) const {
    Spread spread(hash);
    for (unsigned i = 0; i < places_each; ++i, spread.at += spread.step)
      __builtin_prefetch(share.bits + ((spread.at & mask_) >> 6), 1);
  }
  void enter(Share& share, std::uint64_t hash) const {
    const double set = static_cast<double>(share.taken) / static_cast<double>(mask_ + 1);
    double taken_for_another = 1;  // the chance for a state that was not met before
    for (unsigned i = 0; i < places_each; ++i) taken_for_another *= set;
    share.left_out += taken_for_another < 1 ? taken_for_another / (1 - taken_for_another) : 1;
    Spread spread(hash);
    for (unsigned i = 0; i < places_each; ++i, spread.at += spread.step) {
      std::uint64_t& word = share.bits[(spread.at & mask_) >> 6];
      const std::uint64_t bit = std::uint64_t{1} << (spread.at & 63);
      share.taken += (word & bit) == 0;
      word |= bit;
    }
  }

  std::uint64_t bytes() const {
    std::uint64_t result = table_.bytes() + model_.bytes() + parts * sizeof(Share);
    for (const Share& share : shares_)
      result += (share.now.capacity() + share.next.capacity()) * sizeof(Word) + share.entries.bytes();
    for (const Slice& slice : slices_) {
      result += sizeof(Slice);
      for (std::size_t s = 0; s < parts; ++s)
        result += slice.next[s].capacity() * sizeof(Slice::Next) + slice.words[s].capacity() * sizeof(Word);
    }
    return result;
  }
  /// f(share, index in it, number in the level) for the states number begin..end of the level that is
  /// expanded.
  template <class F>
  void walk(std::uint64_t begin, std::uint64_t end, const F& f) const {
    std::uint64_t at = 0;
    for (std::uint32_t s = 0; s < parts && at < end; ++s) {
      const std::uint64_t size = shares_[s].now.size() / words_;
      for (std::uint64_t i = begin > at ? begin - at : 0; i < std::min(size, end - at); ++i) f(s, i, at + i);
      at += size;
    }
  }

  // For the rounds.
  void enter_start(const Word* start);
  std::uint64_t begin_level(std::uint32_t level);
  void expand(std::uint32_t level, std::uint64_t begin, std::uint64_t end, unsigned worker, std::size_t c);
  Slice& chunk(std::size_t c) { return slices_[c]; }
  PartFindings& findings(std::size_t share) { return shares_[share]; }
  /// Vectors that grow are there twice for a while; an entry takes some bytes.
  bool too_large(std::size_t, std::uint64_t successors) const {
    return limits_.bytes_max != 0 && bytes() + successors * (words_ * sizeof(Word) + 8) > limits_.bytes_max;
  }
  void take(std::size_t share, std::size_t slices);
  std::size_t coming(std::size_t share) const { return slices_[0].next[share].size(); }
  bool admit_coming(std::size_t share, std::size_t index) {
    return admit(shares_[share], slices_[0].words[share].data() + index * words_,
                 slices_[0].next[share][index]);
  }
  bool known_or_refused(std::size_t share, std::size_t index) const {
    const Word* state = slices_[0].words[share].data() + index * words_;
    return has(shares_[share], slices_[0].next[share][index].hash) ||
           !std::all_of(keep.begin(), keep.end(), [&](const Predicate& k) { return model_.holds(k, state); });
  }
  std::uint64_t frontier(std::uint32_t, std::uint64_t left) const {
    for (const Share& share : shares_) left += share.next.size() / words_;
    return left;
  }

  bool admit(Share& share, const Word* state, const Slice::Next& next);
  PackedTrace trace(StateAt end) const;
};

void BitstateTable::enter_start(const Word* start) {
  for (Share& share : shares_) {
    prepare(share);
    share.entries.begin_level(0);
  }
  start_.assign(start, start + words_);
  const std::uint64_t hash = model_.components().hash(start);
  Share& home = shares_[share_of(hash)];
  home.fresh = admit(home, start, {hash, 0, 0});
  bring_parts_together(0);
}

std::uint64_t BitstateTable::begin_level(std::uint32_t level) {
  std::uint64_t size = 0;
  for (Share& share : shares_) {
    share.now.swap(share.next);
    share.next.clear();
    size += share.now.size() / words_;
  }
  if (size > 0)
    for (Share& share : shares_) share.entries.begin_level(level + 1);
  return size;
}

void BitstateTable::expand(std::uint32_t level, std::uint64_t begin, std::uint64_t end, unsigned,
                           std::size_t c) {
  Slice& slice = slices_[c];
  for (auto& next : slice.next) next.clear();
  for (auto& words : slice.words) words.clear();
  slice.scratch.resize(words_);
  slice.transitions = 0;
  slice.undefined.reset();
  walk(begin, end, [&](std::uint32_t s, std::uint64_t index, std::uint64_t number) {
    const Share& share = shares_[s];
    const Word* state = share.now.data() + index * words_;
    model_.successors<0>(state, model_.see(state), slice.scratch.data(),
                         [&](std::uint32_t action, std::uint8_t flags, const Word* next, std::uint64_t hash) {
                           if ((flags & Effect::undefined) != 0) [[unlikely]] {
                             slice.note_undefined(
                                 {level, s, static_cast<std::uint32_t>(share.entries.first(level) + index)},
                                 action);
                             return true;
                           }
                           ++slice.transitions;
                           const std::size_t to = share_of(hash);
                           slice.next[to].push_back({hash, number, action});
                           slice.words[to].insert(slice.words[to].end(), next, next + words_);
                           return true;
                         });
  });
}

/// True when the state is new, as far as the table can tell, and was entered.
bool BitstateTable::admit(Share& share, const Word* state, const Slice::Next& next) {
  if (has(share, next.hash)) return false;
  for (std::size_t k = 0; k < keep.size(); ++k) {
    if (model_.holds(keep[k], state)) continue;
    share.refused[k] = 1;
    return false;
  }
  enter(share, next.hash);
  share.next.insert(share.next.end(), state, state + words_);
  share.entries.push(next.source, next.action);
  const Seen seen = model_.see(state);
  for (std::size_t w = 0; w < watches.size(); ++w) {
    if (watches[w].found || share.found[w]) continue;
    if (meets(watches[w], seen, state)) share.found[w] = share.entries.size() - 1;
  }
  return true;
}

void BitstateTable::take(std::size_t s, std::size_t slices) {
  Share& share = shares_[s];
  constexpr std::size_t ahead = 8;
  for (std::size_t c = 0; c < slices; ++c) {
    const auto& next = slices_[c].next[s];
    for (std::size_t i = 0; i < next.size(); ++i) {
      if (i + ahead < next.size()) prefetch(share, next[i + ahead].hash);
      share.fresh += admit(share, slices_[c].words[s].data() + i * words_, next[i]);
    }
  }
}

/// The actions back to the beginning, then the same forward.
PackedTrace BitstateTable::trace(StateAt end) const {
  PackedTrace result;
  std::uint32_t share = end.part;
  std::uint64_t position = end.position;
  for (std::uint32_t level = end.level; level > 0; --level) {
    const Entries::Entry entry = shares_[share].entries.entry(level, position);
    result.actions.push_back(entry.action);
    std::uint64_t number = entry.source;
    for (share = 0; number >= shares_[share].entries.count(level - 1); ++share)
      number -= shares_[share].entries.count(level - 1);
    position = shares_[share].entries.first(level - 1) + number;
  }
  std::reverse(result.actions.begin(), result.actions.end());
  std::vector<Word> at = start_, scratch(words_), next;
  for (const std::uint32_t action : result.actions) {
    next.clear();
    model_.successors<0>(at.data(), model_.see(at.data()), scratch.data(),
                         [&](std::uint32_t taken, std::uint8_t flags, const Word* after, std::uint64_t) {
                           if (taken != action || (flags & Effect::undefined) != 0) return true;
                           next.assign(after, after + words_);
                           return false;
                         });
    assert(!next.empty() && "an action that was taken is taken again");
    at = next;
    result.states.insert(result.states.end(), at.begin(), at.end());
  }
  return result;
}

std::vector<std::optional<PackedTrace>> BitstateTable::traces(std::span<const StateAt> ends) {
  std::vector<std::optional<PackedTrace>> result;
  for (const StateAt& end : ends) {
    const bool late =
        limits_.deadline && std::chrono::steady_clock::now() >= *limits_.deadline + limits_.grace;
    result.push_back(late ? std::nullopt : std::optional(trace(end)));
  }
  return result;
}

}  // namespace

std::unique_ptr<BitstateSearch> make_bitstate_search(const CompiledModel& model, Workers& workers,
                                                     SearchLimits limits, std::uint64_t bytes) {
  if (bytes == 0) bytes = limits.bytes_max > 0 ? limits.bytes_max / 2 : bitstate_bytes_usual;
  return std::make_unique<BitstateTable>(model, workers, std::move(limits), bytes);
}

}  // namespace portolan::solver::explore
