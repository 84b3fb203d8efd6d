// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/ground/components.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>

namespace portolan::solver::explore {

namespace {

// Elements with few bits (hosts, links, locks) are read together, so that one number says how all of them
// are.
constexpr unsigned small_element_bits = 5, gathered_bits_max = 18;
// Room for values at the beginning: 2^14 of a component, less where a state would take more than one word.
constexpr unsigned width_max = 14, width_least = 8;

std::uint64_t mixed(std::uint64_t h) {
  h ^= h >> 32;
  h *= 0x9e3779b97f4a7c15u;
  h ^= h >> 29;
  h *= 0xbf58476d1ce4e5b9u;
  return h ^ (h >> 32);
}

}  // namespace

Components::Components(const Packing& packing, const rules::Module& module)
    : of_cell_(module.initial.size(), -1), raw_words_(packing.words()) {
  // Elements of a sort, each with its cells; what has no index by the variable.
  struct Group {
    std::vector<std::size_t> cells;
    unsigned bits = 0;
    int sort = -1;
  };
  std::map<std::pair<int, std::int32_t>, Group> elements;
  for (std::size_t v = 0; v < module.variables.size(); ++v) {
    const int sort = module.variables[v].index_sorts[0];
    for (std::int32_t i = 0; i < module.widths[v]; ++i) {
      const auto cell = static_cast<std::size_t>(module.offsets[v] + i);
      const Field& field = packing.fields()[cell];
      if (field.width == 0) continue;
      Group& group = elements[{sort, sort < 0 ? static_cast<std::int32_t>(v) : i / module.strides[v]}];
      group.cells.push_back(cell);
      group.bits += field.width;
      group.sort = sort;
    }
  }
  std::vector<Group> groups;
  // Small elements of a sort all together or not at all: what is interchangeable has to have components that
  // are.
  std::map<int, std::pair<unsigned, unsigned>> of_sorts;  // widest, all
  for (const auto& [key, group] : elements) {
    auto& [widest, all] = of_sorts[key.first];
    widest = std::max(widest, group.bits);
    all += group.bits;
  }
  for (auto& [key, group] : elements) {
    const auto [widest, all] = of_sorts[key.first];
    if (key.first >= 0 && widest <= small_element_bits && all <= gathered_bits_max && !groups.empty() &&
        groups.back().sort == key.first) {
      groups.back().cells.insert(groups.back().cells.end(), group.cells.begin(), group.cells.end());
      groups.back().bits += group.bits;
    } else {
      groups.push_back(std::move(group));
    }
  }
  while (groups.size() > components_max) {
    std::vector<Group> pairs;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      if (g % 2 == 0) {
        pairs.push_back(std::move(groups[g]));
        continue;
      }
      pairs.back().cells.insert(pairs.back().cells.end(), groups[g].cells.begin(), groups[g].cells.end());
      pairs.back().bits += groups[g].bits;
    }
    groups = std::move(pairs);
  }
  std::vector<unsigned> widths;
  for (const Group& group : groups) {
    Component& made = components_.emplace_back();
    made.mask.assign(raw_words_, 0);
    made.raw_bits = group.bits;
    for (const std::size_t cell : group.cells) {
      const Field& field = packing.fields()[cell];
      made.mask[field.word] |= field.mask << field.shift;
      of_cell_[cell] = static_cast<int>(components_.size()) - 1;
    }
    widths.push_back(std::min(group.bits, width_max));
  }
  // One word, if the components still have some room in it.
  const auto total = [&] { return std::accumulate(widths.begin(), widths.end(), 0u); };
  while (total() > 64) {
    const auto most = std::max_element(widths.begin(), widths.end());
    if (*most <= width_least) break;
    --*most;
  }
  if (total() > 64)
    for (std::size_t c = 0; c < components_.size(); ++c)
      widths[c] = std::min(components_[c].raw_bits, width_max);
  lay_out(widths);
}

void Components::lay_out(const std::vector<unsigned>& widths) {
  std::uint32_t word = 0;
  unsigned used = 0;
  places_.clear();
  bits_ = 0;
  for (std::size_t c = 0; c < components_.size(); ++c) {
    Component& component = components_[c];
    component.width = widths[c];
    if (used + component.width > 64) ++word, used = 0;
    places_.push_back(
        {word, static_cast<std::uint8_t>(component.width == 0 ? 0 : used), (Word{1} << component.width) - 1});
    used += component.width;
    bits_ += component.width;
  }
  words_ = word + 1;
  tables_.resize(components_.size());
  for (std::size_t c = 0; c < components_.size(); ++c) tabulate(c);
}

void Components::tabulate(std::size_t component) {
  const Component& of = components_[component];
  auto table = std::make_unique_for_overwrite<ComponentValue[]>(std::size_t{1} << of.width);
  for (std::size_t n = 0; n < of.values.size(); ++n)
    table[n] = {
        hash_of(component, of.values[n].get()), nullptr, nullptr, of.values[n].get(), nullptr, nullptr};
  tables_[component] = std::move(table);
}

std::vector<unsigned> Components::tight() const {
  std::vector<unsigned> widths;
  for (const Component& component : components_)
    widths.push_back(
        static_cast<unsigned>(std::bit_width(std::max<std::size_t>(component.values.size(), 1) - 1)));
  return widths;
}

void Components::reorder(std::size_t c, const std::vector<std::uint32_t>& order) {
  Component& component = components_[c];
  std::vector<std::unique_ptr<Word[]>> values;
  for (const std::uint32_t old : order) values.push_back(std::move(component.values[old]));
  component.values = std::move(values);
  for (std::uint32_t n = 0; n < component.values.size(); ++n)
    component.numbers[masked(c, component.values[n].get())] = n;
  tabulate(c);
}

void Components::sort(const std::vector<std::vector<std::size_t>>& groups) {
  std::vector<bool> done(components_.size());
  const auto order_of = [&](std::size_t c) {
    const Component& component = components_[c];
    std::vector<std::uint32_t> order(component.values.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::lexicographical_compare(component.values[a].get(), component.values[a].get() + raw_words_,
                                          component.values[b].get(), component.values[b].get() + raw_words_);
    });
    return order;
  };
  for (const std::vector<std::size_t>& group : groups) {
    const std::vector<std::uint32_t> order = order_of(group.front());
    for (const std::size_t c : group) reorder(c, order), done[c] = true;
  }
  for (std::size_t c = 0; c < components_.size(); ++c)
    if (!done[c]) reorder(c, order_of(c));
}

void Components::forget() {
  for (std::size_t c = 0; c < components_.size(); ++c) {
    components_[c].values.clear();
    components_[c].numbers.clear();
    tabulate(c);
  }
}

std::vector<Word> Components::masked(std::size_t component, const Word* raw) const {
  std::vector<Word> result;
  const std::vector<Word>& mask = components_[component].mask;
  for (std::size_t w = 0; w < raw_words_; ++w)
    if (mask[w] != 0) result.push_back(raw[w] & mask[w]);
  return result;
}

std::uint64_t Components::hash_of(std::size_t component, const Word* raw) const {
  std::uint64_t h = mixed(component + 1);
  for (const Word word : masked(component, raw)) h = mixed(h ^ word) + 0x632be59bd9b4e019u;
  return mixed(h);
}

std::uint32_t Components::find(std::size_t component, const Word* raw) const {
  const auto at = components_[component].numbers.find(masked(component, raw));
  return at == components_[component].numbers.end() ? unknown : at->second;
}

std::uint32_t Components::intern(std::size_t component, const Word* raw, bool& fresh) {
  Component& into = components_[component];
  const std::vector<Word> key = masked(component, raw);
  if (const auto at = into.numbers.find(key); at != into.numbers.end()) return at->second;
  if (into.values.size() == std::size_t{1} << into.width) return unknown;
  const auto number = static_cast<std::uint32_t>(into.values.size());
  auto words = std::make_unique_for_overwrite<Word[]>(raw_words_);
  for (std::size_t w = 0; w < raw_words_; ++w) words[w] = raw[w] & into.mask[w];
  tables_[component][number] = {hash_of(component, raw), nullptr, nullptr, words.get(), nullptr, nullptr};
  into.values.push_back(std::move(words));
  into.numbers.emplace(key, number);
  fresh = true;
  return number;
}

void Components::raw(const Word* state, Word* into) const {
  std::fill_n(into, raw_words_, Word{0});
  for (std::size_t c = 0; c < components_.size(); ++c) {
    const Word* words = value(c, state).raw;
    for (std::size_t w = 0; w < raw_words_; ++w) into[w] |= words[w];
  }
}

std::uint64_t Components::bytes() const {
  std::uint64_t result = 0;
  for (const Component& component : components_)
    result += component.values.size() * (sizeof(ComponentValue) + 2 * raw_words_ * sizeof(Word) + 64);
  return result;
}

}  // namespace portolan::solver::explore
