#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A module as the simulator reads it: the same guards and updates as `rules::fire`, walked without
// allocation, and the same choice of an enabled event by looking at one parameter after the other. Tests hold
// it to the reference on random walks. Thread-safe: nothing is changed once it is made.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/rules/firing.hpp"
#include "sim/time/random.hpp"

namespace portolan::sim::run {

/// The variants of one action: at most one of them is enabled for given arguments.
struct ActionGroup {
  std::string name;
  std::size_t first = 0, last = 0;  ///< variants are module.actions[first .. last)
  std::vector<std::int32_t> sizes;  ///< of the parameters' sorts
  std::vector<std::int16_t> sorts;
  rules::Actor actor = rules::Actor::decision;
};

/// An action and its arguments, whether it is enabled or not.
struct Choice {
  std::size_t group = 0;
  rules::Arguments arguments;
};

struct Write {
  std::size_t cell = 0;
  std::int64_t value = 0;
};

class Evaluator {
 public:
  explicit Evaluator(const rules::Module& module);

  const rules::Module& module() const { return *module_; }
  const std::vector<ActionGroup>& groups() const { return groups_; }
  /// Position of the group of that name, or -1.
  int group(std::string_view name) const;
  /// The variable that has the cell.
  std::size_t variable_of(std::size_t cell) const;

  std::optional<std::int64_t> value_of(const rules::Expression& expression, const rules::Cells& cells,
                                       std::span<const std::int64_t> arguments) const;
  bool holds(const rules::Expression& condition, const rules::Cells& cells) const {
    return value_of(condition, cells, {}).value_or(0) != 0;
  }

  /// The variant that is enabled, or -1. `defined` becomes false where a guard has no value.
  int enabled(std::size_t group, std::span<const std::int64_t> arguments, const rules::Cells& cells,
              bool& defined) const;
  /// What the variant writes; the same as `rules::fire`, for a variant that is enabled.
  rules::Firing writes(std::size_t variant, std::span<const std::int64_t> arguments,
                       const rules::Cells& cells, std::vector<Write>& into) const;

  /// Some enabled choice of arguments that `welcome` lets pass: variants and elements are tried in order from
  /// a random one on, so that every enabled choice can be the answer. False where there is none. Choices in
  /// which an earlier guard has no value count as not enabled.
  bool choose(std::size_t group, const rules::Cells& cells, time::Stream& stream, rules::Arguments& arguments,
              const std::function<bool(std::size_t parameter, std::int64_t element)>& welcome = {}) const;

 private:
  /// A part of a guard that needs the first `level` arguments and no more.
  struct Conjunct {
    const rules::Expression* expression;
    std::int32_t root;
    std::size_t level;
  };
  enum class Guards : std::uint8_t { fail, hold, undefined };
  Guards holds_all(std::size_t variant, std::span<const std::int64_t> arguments,
                   const rules::Cells& cells) const;
  bool search(std::size_t variant, const rules::Cells& cells, time::Stream& stream,
              rules::Arguments& arguments, std::size_t level,
              const std::function<bool(std::size_t, std::int64_t)>& welcome) const;

  const rules::Module* module_;
  std::vector<ActionGroup> groups_;
  std::vector<std::vector<Conjunct>> conjuncts_;  ///< by variant, by level
};

}  // namespace portolan::sim::run
