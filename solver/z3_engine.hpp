#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Components decided by Z3, straight from the rules (R2, R4–R7), not from the value sets of fate.hpp, so that the two
// procedures can hold each other. An `int` is a mathematical integer between 0 and 2^64-1, so nothing wraps around. A
// `str` is the position of its text among all texts that occur, in bytewise order: a source accepts texts only one by
// one, so no other text can be part of a configuration. Expressions are translated by the generic fold.
//
// A query that Z3 does not decide in its time makes the answer unknown, with the reason. Z3's exceptions end here.
// Not thread-safe.

#include <cstdint>
#include <memory>

#include "solver/component.hpp"

namespace portolan::solver {

class Z3Engine {
 public:
  explicit Z3Engine(std::uint32_t milliseconds_max);
  ~Z3Engine();

  ComponentAnswer decide(const Component& component);
  /// The smallest configurations, by asking for fewer parameters away from init, then for smaller values, until no more.
  ComponentWitness witness(const Component& component);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portolan::solver
