// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/fate_z3.hpp"

#include <set>
#include <string>

#include <z3++.h>

#include "solver/smt/limits.hpp"
#include "solver/smt/terms.hpp"

namespace portolan::solver::matrix {

using compat::Parameter;
using compat::Scheme;
using compat::Value;
using compat::ValueSet;
using compat::ValueType;

struct Z3Fates::State {
  std::uint32_t milliseconds_max;
  z3::context context;
  z3::solver solver;
  z3::expr boolean, number;  ///< the value; a text is its position
  std::size_t queries = 0;

  explicit State(std::uint32_t milliseconds)
      : milliseconds_max(milliseconds),
        solver(context, z3::solver::simple()),
        boolean(context.bool_const("value")),
        number(context.int_const("number")) {}

  z3::expr constant(const Value& value, const std::set<std::string>& texts) {
    if (const bool* truth = std::get_if<bool>(&value)) return context.bool_val(*truth);
    if (const auto* one = std::get_if<std::uint64_t>(&value)) return context.int_val(*one);
    return smt::Z3Terms::position(context, texts, std::get<std::string>(value));
  }
  const z3::expr& value_of(ValueType type) const { return type == ValueType::boolean ? boolean : number; }

  z3::expr within(const ValueSet& set, const std::set<std::string>& texts) {
    z3::expr_vector choices(context);
    const z3::expr& value = value_of(set.type());
    if (set.has_false()) choices.push_back(!value);
    if (set.has_true()) choices.push_back(value);
    for (const compat::Range& range : set.ranges())
      choices.push_back(context.int_val(range.min) <= value && value <= context.int_val(range.max));
    for (const std::string& text : set.strings()) choices.push_back(value == constant(text, texts));
    return z3::mk_or(choices);
  }

  /// Whether a value is accepted by the source and meets this; empty where Z3 gave up.
  std::optional<bool> possible(const z3::expr& condition) {
    ++queries;
    solver.push();
    solver.add(condition);
    const z3::check_result result = smt::check_within(solver, context, milliseconds_max);
    solver.pop();
    return result == z3::unknown ? std::nullopt : std::optional(result == z3::sat);
  }
};

Z3Fates::Z3Fates(std::uint32_t milliseconds_max) : state_(std::make_unique<State>(milliseconds_max)) {}
Z3Fates::~Z3Fates() = default;
std::size_t Z3Fates::queries() const { return state_->queries; }

std::optional<Fate> Z3Fates::decide(Scheme scheme, const Parameter& source, const Parameter* destination) {
  State& z3 = *state_;
  try {
    std::set<std::string> texts;
    const ValueSet own = source.accepted_values();
    const bool comparable = destination != nullptr && destination->type == source.type;
    const ValueSet there = comparable ? destination->accepted_values() : ValueSet(source.type);
    texts.insert(own.strings().begin(), own.strings().end());
    texts.insert(there.strings().begin(), there.strings().end());
    if (source.off && source.type == ValueType::string) texts.insert(std::get<std::string>(*source.off));

    const z3::expr exists = z3.within(own, texts);
    const z3::expr unlisted = source.off ? z3.value_of(source.type) == z3.constant(*source.off, texts)
                                         : z3.context.bool_val(false);  // R4
    const z3::expr taken = z3.within(there, texts);
    // R6/C4, C5 for a value that is not listed.
    const bool stays =
        scheme == Scheme::rfc_v3 || destination == nullptr ||
        (tolerates_absence(scheme, *destination) && source.off && *destination->off == *source.off);
    const bool certain = !comparable || destination->allowed.has_value();
    z3::expr rejected = certain ? !unlisted && !taken : z3.context.bool_val(false);  // C2, C3; R2
    if (!stays) rejected = rejected || unlisted;
    const z3::expr undetermined = certain ? z3.context.bool_val(false) : !unlisted && !taken;

    Fate fate;
    const auto some_rejected = z3.possible(exists && rejected);
    if (!some_rejected) return std::nullopt;
    fate.rejected = *some_rejected;
    if (!certain) {
      const auto some = z3.possible(exists && undetermined);
      if (!some) return std::nullopt;
      fate.undetermined = *some;
    }
    // Where nothing is rejected or undetermined, whatever exists is accepted.
    if (fate.rejected || fate.undetermined) {
      const auto some = z3.possible(exists && !rejected && !undetermined);
      if (!some) return std::nullopt;
      fate.accepted = *some;
    } else {
      fate.accepted = !own.empty();
    }
    fate.fresh = solver::matrix::decide(scheme, source, source.init, destination);
    fate.rejects_init = own.contains(source.init) && fate.fresh == compat::Decision::reject;
    return fate;
  } catch (const z3::exception&) {
    return std::nullopt;
  }
}

}  // namespace portolan::solver::matrix
