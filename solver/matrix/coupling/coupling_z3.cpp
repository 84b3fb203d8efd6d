// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/coupling/coupling_z3.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include <z3++.h>

#include "solver/matrix/coupling/coupling_bytes.hpp"
#include "solver/matrix/coupling/coupling_encoding.hpp"
#include "solver/smt/linear.hpp"
#include "solver/smt/separate_queries.hpp"

namespace portolan::solver::matrix {

using compat::ValueSet;
using compat::ValueType;

namespace {

bool multiplies_parameters(const Coupling& coupling) {
  const auto one_does = [](const rules::Expression* one) {
    return smt::multiplies_variables(one->view(), [](std::int16_t) { return true; });
  };
  return std::ranges::any_of(coupling.source_constraints, one_does) ||
         std::ranges::any_of(coupling.destination_constraints, one_does);
}

/// Formulas that are gone at the end; after an exception the solver is, too.
struct SolverScope {
  explicit SolverScope(z3::solver& of) : solver(of) { solver.push(); }
  ~SolverScope() {
    if (std::uncaught_exceptions() == 0) solver.pop();
  }
  z3::solver& solver;
};

class CouplingDecider {
 public:
  explicit CouplingDecider(const smt::Budget& budget) : budget_(budget) {}

  void limit(const smt::Budget& budget) { budget_ = budget; }

  CouplingAnswer decide(const Coupling& coupling) {
    CouplingAnswer unknown;
    unknown.known = false;
    return guarded(std::move(unknown), [&] { return decided(coupling); });
  }
  CouplingWitness witness(const Coupling& coupling) {
    return guarded(CouplingWitness{}, [&] { return smallest(coupling); });
  }

 private:
  z3::context context_;
  smt::Budget budget_;
  std::optional<z3::solver> reused_;

  template <class Answer, class Work>
  Answer guarded(Answer unknown, const Work& work) {
    try {
      return work();
    } catch (const z3::exception& error) {
      unknown.reason = budget_.gave_up(error.msg());
    }
    reused_.reset();  // whatever was left in it
    return unknown;
  }

  // The simple solver: incremental tactics cost more than these small formulas take.
  z3::solver fresh_solver() { return z3::solver(context_, z3::solver::simple()); }

  CouplingAnswer decided(const Coupling& coupling) {
    const CouplingEncoding encoding(context_, coupling);
    // To make a solver takes longer than most of these queries: one serves all, and is empty again after each
    // coupling.
    if (!reused_) reused_.emplace(fresh_solver());
    z3::solver& solver = *reused_;
    const SolverScope scope(solver);
    solver.add(encoding.exists());
    const auto possible = [&](const z3::expr& condition) {
      const SolverScope asked(solver);
      solver.add(condition);
      return budget_.satisfiable(solver);
    };
    CouplingAnswer answer;
    // A configuration that is rejected exists: the question for any at all is asked only where there is none.
    answer.rejected = possible(encoding.rejected());
    answer.exists = answer.rejected || budget_.satisfiable(solver);
    if (!answer.exists) return answer;
    const bool determined = encoding.undetermined().simplify().is_false();
    answer.undetermined = !determined && possible(!encoding.rejected() && encoding.undetermined());
    answer.accepted =
        determined && !answer.rejected ? true : possible(!encoding.rejected() && !encoding.undetermined());
    return answer;
  }

  std::optional<PartialConfiguration> least(const CouplingEncoding& encoding, z3::solver& solver) {
    if (!budget_.satisfiable(solver)) return std::nullopt;
    PartialConfiguration best = encoding.configuration_in(solver.get_model());
    /// Whether the condition can be met as well; when it can, it stays, and `best` meets it.
    const auto improve = [&](const z3::expr& condition) {
      solver.push();
      solver.add(condition);
      const bool found = budget_.satisfiable(solver);
      if (found) best = encoding.configuration_in(solver.get_model());
      solver.pop();
      if (found) solver.add(condition);
      return found;
    };
    while (best.distance > 0 && improve(encoding.distance() < context_.int_val(best.distance))) {}
    solver.add(encoding.distance() <= context_.int_val(best.distance));
    for (std::size_t i = 0; i < encoding.variables().size(); ++i) {
      minimise(encoding, i, best, improve);
      solver.add(encoding.variables()[i] == encoding.values().constant(best.values[i]));
    }
    return best;
  }

  /// The least value of one parameter, by halving what lies between the least that the source accepts and the
  /// best so far.
  template <class Improve>
  static void minimise(const CouplingEncoding& encoding, std::size_t index, const PartialConfiguration& best,
                       const Improve& improve) {
    const ValueSet values = encoding.parameter(index).accepted_values();
    const auto at_most = [&](const compat::Value& value) {
      return encoding.values().at_most(encoding.variables()[index], value);
    };
    if (best.values[index] == values.least() || improve(at_most(values.least()))) return;
    if (values.type() == ValueType::integer) {
      const auto high = [&] { return std::get<std::uint64_t>(best.values[index]); };
      std::uint64_t low =
          std::get<std::uint64_t>(values.least());  // out of reach, and rises while that is so
      while (high() - low > 1) {
        const std::uint64_t middle = low + (high() - low) / 2;
        if (!improve(at_most(middle))) low = middle;
      }
    } else if (values.type() == ValueType::string) {
      const std::vector<std::string>& texts = values.strings();
      for (std::size_t i = 1; i < texts.size() && texts[i] < std::get<std::string>(best.values[index]); ++i) {
        if (improve(at_most(texts[i]))) return;
      }
    }
  }

  CouplingWitness smallest(const Coupling& coupling) {
    CouplingWitness found;
    const CouplingEncoding encoding(context_, coupling);
    z3::solver solver = fresh_solver();
    solver.add(encoding.exists());
    found.any = least(encoding, solver);
    if (!found.any) return found;
    z3::solver again = fresh_solver();
    again.add(encoding.exists());
    again.add(encoding.rejected());
    found.rejected = least(encoding, again);
    return found;
  }
};

}  // namespace

struct Z3Couplings::State {
  smt::Budget budget;
  smt::SeparateQueries separate;
  // Made when needed: to make one takes longer than most queries.
  std::unique_ptr<CouplingDecider> linear;
  std::unique_ptr<CouplingDecider> unused;  ///< stays as it was made: a child works on its copy

  explicit State(std::uint32_t milliseconds_max) : budget(milliseconds_max), separate(milliseconds_max) {}

  CouplingDecider& here() {
    if (!linear) linear = std::make_unique<CouplingDecider>(budget);
    return *linear;
  }

  /// `work` makes bytes of what the child's copy decides.
  template <class Answer, class Work, class Read>
  Answer separately(Answer unknown, const Work& work, const Read& read) {
    if (!unused) unused = std::make_unique<CouplingDecider>(budget);
    return separate.ask(
        std::move(unknown),
        [&](const smt::Budget& own) {
          unused->limit(own);
          return work(*unused);
        },
        read);
  }
};

Z3Couplings::Z3Couplings(std::uint32_t milliseconds_max)
    : state_(std::make_unique<State>(milliseconds_max)) {}
Z3Couplings::~Z3Couplings() = default;

CouplingAnswer Z3Couplings::decide(const Coupling& coupling) {
  if (!multiplies_parameters(coupling)) return state_->here().decide(coupling);
  CouplingAnswer unknown;
  unknown.known = false;
  return state_->separately(
      std::move(unknown), [&](CouplingDecider& there) { return to_bytes(there.decide(coupling)); },
      [](const std::string& bytes) { return answer_from(bytes); });
}

CouplingWitness Z3Couplings::witness(const Coupling& coupling) {
  if (!multiplies_parameters(coupling)) return state_->here().witness(coupling);
  return state_->separately(
      CouplingWitness{}, [&](CouplingDecider& there) { return to_bytes(there.witness(coupling)); },
      [&](const std::string& bytes) { return witness_from(bytes, coupling); });
}

}  // namespace portolan::solver::matrix
