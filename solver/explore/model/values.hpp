#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The values of components as a search meets them. A value that is new gets a number, in all components of
// its sorted group the same, what its readers want to know of it (value_notes.hpp), and its images under the
// symmetry (representative.hpp). Not thread-safe but for the two flags.

#include <atomic>
#include <memory>

#include "solver/explore/model/representative.hpp"
#include "solver/explore/model/value_notes.hpp"

namespace portolan::solver::explore {

class Values {
 public:
  /// `symmetry`: null for none.
  Values(Components& components, ValueNotes& notes, std::shared_ptr<const Symmetry> symmetry);

  /// Describes every value that is known already. After that values are met.
  void begin();
  /// The value's number; Components::unknown where there is no room.
  std::uint32_t intern(std::size_t component, const Word* raw);

  /// A component has more values than its number has room for: what was found since then means nothing.
  bool overflowed() const { return overflowed_.load(std::memory_order_relaxed); }
  /// Values were met since `begin`.
  bool grew() const { return grew_.load(std::memory_order_relaxed); }
  /// Null: no symmetry.
  const Representatives* representatives() const { return representatives_.get(); }

 private:
  Components& components_;
  ValueNotes& notes_;
  std::unique_ptr<Representatives> representatives_;
  std::atomic<bool> overflowed_{false}, grew_{false};

  std::uint32_t intern_without_images(std::size_t component, const Word* raw);
  void note_images();
};

}  // namespace portolan::solver::explore
