#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Components decided by Z3, straight from the rules (R2, R4–R7), not from the value sets of fate.hpp, so that
// the two procedures can hold each other. An `int` is a mathematical integer between 0 and 2^64-1, so nothing
// wraps around. A `str` is the position of its text among all texts that occur, in bytewise order: a source
// accepts texts only one by one, so no other text can be part of a configuration. Expressions are translated
// by the generic fold.
//
// A query that Z3 does not decide in its time makes the answer unknown, with the reason. Z3's exceptions end
// here.
//
// Linear components are decided in this process. Where a constraint multiplies parameters with each other, Z3
// may expand polynomials for minutes without a look at its limits, so a child process decides, which is
// killed when a query takes longer than `milliseconds_max` (and an eighth) or the whole call twice that; each
// time one is, the next has half the time, down to an eighth, so that a catalogue of such components ends.
// SIGINT is left to the program: Z3 would make it "unknown". Not thread-safe, and no other thread may be
// inside Z3 while a child is made.

#include <cstdint>
#include <memory>

#include "solver/matrix/coupled.hpp"

namespace portolan::solver::matrix {

class Z3Engine {
 public:
  explicit Z3Engine(std::uint32_t milliseconds_max);  ///< for each query
  ~Z3Engine();

  ComponentAnswer decide(const Component& component);
  /// The smallest configurations, by asking for fewer parameters away from init, then for smaller values,
  /// until no more.
  ComponentWitness witness(const Component& component);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portolan::solver::matrix
