// SPDX-License-Identifier: Apache-2.0
#include "solver/unbounded/one_of_many_z3.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "solver/smt/budget.hpp"
#include "solver/smt/terms.hpp"

namespace portolan::solver::unbounded {

namespace {

using ElementState = std::vector<z3::expr>;  ///< one term for each variable

/// Whether no number in it leaves 64 bits: then the reference has a value wherever Z3 has one, since nothing
/// else in one element can lack a value.
bool stays_small(const rules::Module& one, const rules::Expression& expression) {
  constexpr long double most = 0x1p62L;
  std::vector<long double> bounds;  // of absolute values; children come before their parent
  for (const rules::Node& node : expression.nodes) {
    const auto child = [&](std::int32_t index) {
      return index < 0 ? 0.0L : bounds[static_cast<std::size_t>(index)];
    };
    long double bound = std::max({1.0L, child(node.a), child(node.b), child(node.c)});
    if (node.op == rules::Op::integer)
      bound = static_cast<long double>(node.number);
    else if (node.op == rules::Op::variable) {
      const rules::Variable& variable = one.variables[static_cast<std::size_t>(node.symbol)];
      bound = std::max(std::abs(static_cast<long double>(variable.low)),
                       std::abs(static_cast<long double>(variable.high)));
    } else if (node.op == rules::Op::plus || node.op == rules::Op::minus)
      bound = child(node.a) + child(node.b);
    else if (node.op == rules::Op::times)
      bound = child(node.a) * child(node.b);
    if (bound > most) return false;
    bounds.push_back(bound);
  }
  return true;
}

class ElementEncoding {
 public:
  ElementEncoding(z3::context& context, const rules::Module& one) : context_(context), one_(one) {}

  /// Constants named for the `number`th state of a course.
  ElementState state(std::size_t number) const {
    ElementState constants;
    for (std::size_t v = 0; v < one_.variables.size(); ++v) {
      const std::string name = fmt::format("{}@{}", one_.variables[v].name, number);
      constants.push_back(truth(v) ? context_.bool_const(name.c_str()) : context_.int_const(name.c_str()));
    }
    return constants;
  }
  z3::expr term(const rules::Expression& expression, const ElementState& at) const {
    if (expression.view().always()) return context_.bool_val(true);
    smt::Z3Terms terms{.context = context_, .cells = at, .sort_sizes = one_.sort_sizes};
    return rules::fold(expression.view(), terms);
  }
  z3::expr is(const ElementState& at, const rules::Cells& cells) const {
    z3::expr_vector all(context_);
    for (std::size_t v = 0; v < at.size(); ++v) all.push_back(at[v] == value(v, cells[v]));
    return z3::mk_and(all);
  }
  z3::expr value(std::size_t variable, std::int64_t number) const {
    return truth(variable) ? context_.bool_val(number != 0) : context_.int_val(number);
  }

  /// Some action leads from one state to the other: its guards hold, every new value lies in its domain, and
  /// no variable is given two.
  z3::expr step(const ElementState& at, const ElementState& then) const {
    z3::expr_vector any(context_);
    for (const rules::Action& action : one_.actions) {
      z3::expr_vector all(context_);
      for (const rules::Expression& guard : action.guards) all.push_back(term(guard, at));
      std::vector<bool> written(at.size(), false);
      for (const rules::Assignment& assignment : action.assignments) {
        const auto v = static_cast<std::size_t>(assignment.variable);
        all.push_back(then[v] == term(assignment.value, at));
        if (!truth(v))
          all.push_back(then[v] >= context_.int_val(one_.variables[v].low) &&
                        then[v] <= context_.int_val(one_.variables[v].high));
        written[v] = true;
      }
      for (std::size_t v = 0; v < at.size(); ++v)
        if (!written[v]) all.push_back(then[v] == at[v]);
      any.push_back(z3::mk_and(all));
    }
    return z3::mk_or(any);
  }

  rules::Cells cells(const z3::model& model, const ElementState& at) const {
    rules::Cells found;
    for (const z3::expr& constant : at) {
      const z3::expr value = model.eval(constant, true);
      std::int64_t number = value.is_bool() && value.is_true();
      const bool fits = value.is_bool() || value.is_numeral_i64(number);
      assert(fits && "every value lies in a domain");
      static_cast<void>(fits);
      found.push_back(number);
    }
    return found;
  }

 private:
  bool truth(std::size_t variable) const {
    return one_.variables[variable].type.kind == rules::TypeKind::boolean;
  }

  z3::context& context_;
  const rules::Module& one_;
};

/// Ends what Z3 does once `stop` says so.
class InterruptWhenStopped {
 public:
  InterruptWhenStopped(z3::context& context, const std::function<bool()>& stop) {
    if (!stop) return;
    thread_ = std::jthread([&context, stop](std::stop_token over) {
      std::mutex mutex;
      std::condition_variable_any bell;
      std::unique_lock lock(mutex);
      while (!bell.wait_for(lock, over, std::chrono::milliseconds(20),
                            [&over] { return over.stop_requested(); }))
        if (stop()) context.interrupt();
    });
  }

 private:
  std::jthread thread_;
};

class SpacerDecision {
 public:
  SpacerDecision(const rules::Module& one, std::span<const rules::Cells> beginnings,
                 const rules::Expression& condition, const OneOfManyZ3Options& options)
      : one_(one),
        beginnings_(beginnings),
        condition_(condition),
        options_(options),
        budget_(options.milliseconds_max, options.stop),
        encoding_(context_, one),
        now_(encoding_.state(0)),
        then_(encoding_.state(1)) {}

  OneOfManyAnswer run() {
    const InterruptWhenStopped watch(context_, options_.stop);
    z3::fixedpoint spacer(context_);
    std::optional<z3::func_decl> reached;
    switch (asked(spacer, reached)) {
      case z3::unsat: return confirmed(spacer.get_answer(), *reached);
      case z3::sat: return shortest_course();
      default: return unknown(spacer.reason_unknown());
    }
  }

  OneOfManyAnswer unknown(const std::string& why) const {
    OneOfManyAnswer answer;
    answer.reason =
        fmt::format("Z3 gave up (limit {} ms for each property): {}", options_.milliseconds_max, why);
    return answer;
  }

 private:
  const rules::Module& one_;
  std::span<const rules::Cells> beginnings_;
  const rules::Expression& condition_;
  OneOfManyZ3Options options_;
  smt::SharedBudget budget_;
  mutable z3::context context_;
  ElementEncoding encoding_;
  ElementState now_, then_;

  z3::expr_vector vector(const ElementState& state) const {
    z3::expr_vector made(context_);
    for (const z3::expr& one : state) made.push_back(one);
    return made;
  }

  // The simple solver: incremental tactics cost more than these formulas take.
  z3::solver plain_solver() const { return z3::solver(context_, z3::solver::simple()); }

  /// sat: a state without the condition is reached.
  z3::check_result asked(z3::fixedpoint& spacer, std::optional<z3::func_decl>& reached) {
    z3::params params = budget_.params(context_);
    params.set("engine", context_.str_symbol("spacer"));
    // The clauses stay as they are, so that the answer speaks of the relation that it is asked for.
    for (const char* change : {"xform.inline_eager", "xform.inline_linear", "xform.slice"})
      params.set(change, false);
    spacer.set(params);
    z3::sort_vector sorts(context_);
    for (const z3::expr& constant : now_) sorts.push_back(constant.get_sort());
    reached = context_.function("reached", sorts, context_.bool_sort());
    z3::func_decl broken = context_.function("broken", z3::sort_vector(context_), context_.bool_sort());
    spacer.register_relation(*reached);
    spacer.register_relation(broken);
    const auto rule = [&](z3::expr clause, const std::string& name) {
      spacer.add_rule(clause, context_.str_symbol(name.c_str()));
    };
    const z3::expr at = (*reached)(vector(now_));
    for (std::size_t b = 0; b < beginnings_.size(); ++b) {
      z3::expr_vector values(context_);
      for (std::size_t v = 0; v < now_.size(); ++v) values.push_back(encoding_.value(v, beginnings_[b][v]));
      rule((*reached)(values), fmt::format("begins {}", b));
    }
    z3::expr_vector both = vector(now_);
    for (const z3::expr& constant : then_) both.push_back(constant);
    // An element without variables is in its one state.
    const auto for_all = [](const z3::expr_vector& constants, const z3::expr& clause) {
      return constants.empty() ? clause : z3::forall(constants, clause);
    };
    rule(for_all(both, z3::implies(at && encoding_.step(now_, then_), (*reached)(vector(then_)))), "step");
    z3::expr violation = broken();
    rule(for_all(vector(now_), z3::implies(at && !encoding_.term(condition_, now_), violation)), "broken");
    return spacer.query(violation);
  }

  /// What the answer says of the relation, over `now_`: a conjunct `forall x: reached(x) = …`. Without one
  /// the relation was not needed.
  std::optional<z3::expr> invariant_in(const z3::expr& answer, const z3::func_decl& reached) const {
    std::vector<z3::expr> conjuncts{answer};
    if (answer.is_and()) {
      conjuncts.clear();
      for (unsigned i = 0; i < answer.num_args(); ++i) conjuncts.push_back(answer.arg(i));
    }
    for (const z3::expr& conjunct : conjuncts) {
      const z3::expr whole = conjunct.is_quantifier() ? conjunct.body() : conjunct;
      if (!whole.is_app() || whole.decl().decl_kind() != Z3_OP_EQ || !whole.arg(0).is_app() ||
          whole.arg(0).decl().name().str() != reached.name().str())
        continue;
      z3::expr_vector values = vector(now_);
      for (unsigned v = 0; v < now_.size(); ++v) {
        const z3::expr place = whole.arg(0).arg(v);
        if (!place.is_var()) return std::nullopt;
        z3::expr value = now_[v];
        values.set(Z3_get_index_value(context_, place), value);
      }
      return whole.arg(1).substitute(values);
    }
    return encoding_.term(condition_, now_);
  }

  OneOfManyAnswer confirmed(const z3::expr& answer, const z3::func_decl& reached) {
    const std::optional<z3::expr> invariant = invariant_in(answer, reached);
    if (!invariant) return unknown("its invariant cannot be read");
    z3::expr later = *invariant;
    later = later.substitute(vector(now_), vector(then_));
    z3::expr_vector beginnings(context_);
    for (const rules::Cells& beginning : beginnings_) beginnings.push_back(encoding_.is(now_, beginning));
    for (const z3::expr& gap :
         {z3::mk_or(beginnings) && !*invariant, *invariant && encoding_.step(now_, then_) && !later,
          *invariant && !encoding_.term(condition_, now_)}) {
      z3::solver solver = plain_solver();
      solver.set(budget_.params(context_));
      solver.add(gap);
      const z3::check_result found = solver.check();
      if (found == z3::unknown) return unknown(solver.reason_unknown());
      if (found == z3::sat) return contradicted("the invariant that Spacer found is none");
    }
    OneOfManyAnswer proved;
    proved.verdict = ProofVerdict::proved;
    return proved;
  }

  OneOfManyAnswer shortest_course() {
    z3::solver solver = plain_solver();
    std::vector<ElementState> states{now_};
    z3::expr_vector beginnings(context_);
    for (const rules::Cells& beginning : beginnings_) beginnings.push_back(encoding_.is(now_, beginning));
    solver.add(z3::mk_or(beginnings));
    for (;;) {
      solver.push();
      solver.add(!encoding_.term(condition_, states.back()));
      solver.set(budget_.params(context_));
      const z3::check_result found = solver.check();
      if (found == z3::unknown) return unknown(solver.reason_unknown());
      if (found == z3::sat) return replayed(solver.get_model(), states);
      solver.pop();
      solver.add(encoding_.term(condition_, states.back()));
      states.push_back(encoding_.state(states.size()));
      solver.add(encoding_.step(states[states.size() - 2], states.back()));
    }
  }

  /// The reference has the last word: it begins there, takes every step, and finds the condition false at the
  /// end.
  OneOfManyAnswer replayed(const z3::model& model, const std::vector<ElementState>& states) const {
    OneOfManyAnswer answer;
    answer.beginning = encoding_.cells(model, states.front());
    if (std::find(beginnings_.begin(), beginnings_.end(), answer.beginning) == beginnings_.end())
      return contradicted("its course begins elsewhere");
    rules::Cells at = answer.beginning;
    for (std::size_t i = 1; i < states.size(); ++i) {
      const rules::Cells then = encoding_.cells(model, states[i]);
      const std::vector<rules::Successor> steps = rules::successors(one_, at);
      const auto taken = std::find_if(steps.begin(), steps.end(), [&](const rules::Successor& step) {
        return step.defined && step.next == then;
      });
      if (taken == steps.end())
        return contradicted(fmt::format("the reference evaluator does not take step {} of its course", i));
      answer.actions.push_back(taken->event.action);
      at = then;
    }
    if (rules::holds(one_, condition_, at))
      return contradicted("the condition holds at the end of its course");
    answer.verdict = ProofVerdict::refuted;
    return answer;
  }

  static OneOfManyAnswer contradicted(const std::string& finding) {
    OneOfManyAnswer answer;
    answer.differs = true;
    answer.reason = "Z3 is contradicted: " + finding;
    return answer;
  }
};

}  // namespace

OneOfManyAnswer decide_by_z3(const rules::Module& one, std::span<const rules::Cells> beginnings,
                             const rules::Expression& condition, const OneOfManyZ3Options& options) {
  bool small = stays_small(one, condition);
  for (const rules::Action& action : one.actions) {
    assert(action.parameters.empty() && "the actions of one element have no parameters");
    for (const rules::Expression& guard : action.guards) small = small && stays_small(one, guard);
    for (const rules::Assignment& assignment : action.assignments)
      small = small && stays_small(one, assignment.value);
  }
  if (!small) {
    OneOfManyAnswer answer;
    answer.reason = "its numbers may leave 64 bits, where Z3 and the program differ";
    return answer;
  }
  try {
    SpacerDecision decider(one, beginnings, condition, options);
    try {
      return decider.run();
    } catch (const z3::exception& error) {
      return decider.unknown(error.msg());
    }
  } catch (const z3::exception& error) {
    OneOfManyAnswer answer;
    answer.reason = fmt::format("Z3 gave up: {}", error.msg());
    return answer;
  }
}

}  // namespace portolan::solver::unbounded
