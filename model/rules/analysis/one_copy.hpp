#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One element of a sort by itself, with everything else arbitrary: what is true of it there is true of every
// element of any module with these actions, however many elements there are. The state is the variables that
// have that sort for their only index, at one element. Of other sorts' elements only `none` or not is kept,
// but for the states of machines. Everything else (other variables, other elements, counts) may be anything
// at any moment: a guard is replaced by what follows from it, a value that is not known by every value of its
// domain. So each step of a module, seen at one element, is a step here or changes nothing there.
//
// That rests on the text of the module, which is checked: every assignment to such a variable is at the
// action's own parameter of that sort, of which there is one.

#include <optional>
#include <string>
#include <vector>

#include "model/rules/module.hpp"

namespace portolan::rules {

class OneCopy {
 public:
  OneCopy(const Module& module, std::int16_t sort);

  /// Empty where one element can be looked at by itself; else why not, in one sentence.
  const std::string& obstacle() const { return obstacle_; }
  /// Begins as the first of `beginnings`; the others are set into `initial`.
  const Module& module() const { return abstract_; }
  /// How the elements of the module begin, each once.
  const std::vector<Cells>& beginnings() const { return beginnings_; }
  /// A state of the module as it is seen at one element.
  Cells seen_at(const Cells& cells, std::int64_t element) const;
  /// For a condition `forall(x in sort: …)`: what has to hold at one element so that the condition surely
  /// holds there; empty where the condition has another form. `exact`: nothing of it was left open.
  std::optional<Expression> at_one(const Expression& condition, bool& exact) const;

 private:
  const Module& module_;
  std::int16_t sort_;
  std::string obstacle_;
  Module abstract_;
  std::vector<std::int16_t> own_;  ///< of each variable of the module: the one here, or -1
  std::vector<bool> kept_;         ///< of each sort: its elements are told apart
  std::vector<Cells> beginnings_;

  friend class Approximation;
  void variables();
  void action(const Action& from);
};

}  // namespace portolan::rules
