// SPDX-License-Identifier: Apache-2.0
#include "solver/unbounded/machine_induction.hpp"

#include <cassert>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "solver/smt/budget.hpp"
#include "solver/smt/terms.hpp"

namespace portolan::solver::unbounded {

using rules::Machine;
using rules::MachineVariable;
using rules::Role;

namespace {

/// A configuration as terms: the machine's variables, then its state. This is also the order of names in a
/// sentence.
using Moment = std::vector<z3::expr>;

/// What a step makes of a moment. Inputs are kept, as `rules::step` keeps them.
struct After {
  Moment moment;
  z3::expr row;  ///< -1: no row answers
};

class MachineEncoding {
 public:
  MachineEncoding(z3::context& context, const Machine& machine) : context_(context), machine_(machine) {}

  std::size_t state() const { return machine_.text->variables.size(); }

  /// Constants named for the `number`th moment of a run.
  Moment moment(std::uint32_t number) const {
    Moment constants;
    for (const MachineVariable& v : machine_.text->variables) {
      const std::string name = fmt::format("{}@{}", v.name, number);
      constants.push_back(v.boolean() ? context_.bool_const(name.c_str()) : context_.int_const(name.c_str()));
    }
    constants.push_back(context_.int_const(fmt::format("@{}", number).c_str()));
    return constants;
  }
  z3::expr event(std::uint32_t number) const {
    return context_.int_const(fmt::format("event@{}", number).c_str());
  }

  z3::expr value(std::size_t variable, std::int64_t number) const {
    const bool truth = variable < state() && machine_.text->variables[variable].boolean();
    return truth ? context_.bool_val(number != 0) : context_.int_val(number);
  }

  z3::expr in_domain(const Moment& at) const {
    z3::expr_vector all(context_);
    for (std::size_t v = 0; v < state(); ++v) {
      const MachineVariable& variable = machine_.text->variables[v];
      if (!variable.boolean())
        all.push_back(at[v] >= context_.int_val(variable.low) && at[v] <= context_.int_val(variable.high));
    }
    all.push_back(at[state()] >= 0 &&
                  at[state()] < context_.int_val(static_cast<std::uint64_t>(machine_.text->states.size())));
    return z3::mk_and(all);
  }
  z3::expr is_event(const z3::expr& event) const {
    return event >= 0 && event < context_.int_val(static_cast<std::uint64_t>(machine_.text->events.size()));
  }
  z3::expr initial(const Moment& at) const {
    z3::expr_vector all(context_);
    all.push_back(at[state()] == value(state(), machine_.initial));
    for (std::size_t v = 0; v < state(); ++v)
      if (machine_.text->variables[v].role == Role::state)
        all.push_back(at[v] == value(v, machine_.text->variables[v].low));
    return z3::mk_and(all);
  }

  z3::expr truth(rules::ExpressionView expression, const Moment& at) const {
    return expression.always() ? context_.bool_val(true) : term(expression, at);
  }

  /// The first row in table order whose state, event and guard match; built from the last to the first.
  After after(const Moment& at, const z3::expr& event) const {
    After next{at, context_.int_val(-1)};
    for (std::size_t r = machine_.rows.size(); r-- > 0;) {
      const rules::Row& row = machine_.rows[r];
      const z3::expr fires = at[state()] == value(state(), row.from) &&
                             event == context_.int_val(row.event) && truth(row.guard.view(), at);
      next.row = z3::ite(fires, context_.int_val(static_cast<std::uint64_t>(r)), next.row);
      next.moment[state()] = z3::ite(fires, value(state(), row.to), next.moment[state()]);
      for (std::size_t v = 0; v < state(); ++v) {
        if (machine_.text->variables[v].role != Role::state) continue;
        z3::expr updated = at[v];
        for (const rules::Update& update : row.update_list())
          if (update.variable == v)
            updated = term(update.value.view(), at);  // the last of two updates counts
        next.moment[v] = z3::ite(fires, updated, next.moment[v]);
      }
    }
    return next;
  }

  /// The relation of two moments of a run: inputs of the later one are free.
  z3::expr step(const Moment& at, const z3::expr& event, const Moment& then) const {
    const After next = after(at, event);
    z3::expr_vector all(context_);
    for (std::size_t v = 0; v <= state(); ++v)
      if (v == state() || machine_.text->variables[v].role != Role::input)
        all.push_back(then[v] == next.moment[v]);
    return z3::mk_and(all);
  }
  z3::expr differ(const Moment& a, const Moment& b) const {
    z3::expr_vector any(context_);
    for (std::size_t v = 0; v <= state(); ++v)
      if (v == state() || machine_.text->variables[v].role != Role::input) any.push_back(a[v] != b[v]);
    return z3::mk_or(any);
  }

  rules::Configuration configuration(const z3::model& model, const Moment& at) const {
    rules::Configuration found;
    for (std::size_t v = 0; v < state(); ++v) found.environment[v] = number(model, at[v]);
    found.state = static_cast<std::uint8_t>(number(model, at[state()]));
    return found;
  }
  static std::int64_t number(const z3::model& model, const z3::expr& term) {
    const z3::expr value = model.eval(term, true);
    if (value.is_bool()) return value.is_true();
    std::int64_t number = 0;
    const bool fits = value.is_numeral_i64(number);
    assert(fits && "every constant is bounded");
    static_cast<void>(fits);
    return number;
  }

 private:
  z3::expr term(rules::ExpressionView expression, const Moment& at) const {
    const std::int32_t states[] = {static_cast<std::int32_t>(machine_.text->states.size())};
    smt::Z3Terms terms{.context = context_, .cells = at, .sort_sizes = states};
    return rules::fold(expression, terms);
  }

  z3::context& context_;
  Machine machine_;
};

}  // namespace

// An evaluation by Z3 costs far more than what it evaluates here, so everything that a step says is one
// number: the row, then the state, then the variables, as digits over the sizes of their domains.
struct StepRelation::Formula {
  explicit Formula(const Machine& machine_)
      : machine(machine_),
        encoding(context, machine),
        at(encoding.moment(0)),
        event(encoding.event(0)),
        said(context.int_val(0)),
        point(context) {
    const After next = encoding.after(at, event);
    for (std::size_t v = encoding.state(); v-- > 0;) {
      const MachineVariable& variable = machine.text->variables[v];
      const z3::expr& value = next.moment[v];
      const z3::expr digit = variable.boolean() ? z3::ite(value, context.int_val(1), context.int_val(0))
                                                : value - context.int_val(variable.low);
      said = said * context.int_val(variable.high - variable.low + 1) + digit;
    }
    said = said * context.int_val(static_cast<std::uint64_t>(machine.text->states.size())) +
           next.moment[encoding.state()];
    said = said * context.int_val(static_cast<std::uint64_t>(machine.rows.size() + 1)) + next.row + 1;
  }

  std::int64_t evaluated(const rules::Configuration& where, std::uint8_t which) {
    const auto put = [this](const z3::expr& constant, z3::expr value) {
      z3::func_decl name = constant.decl();
      point.add_const_interp(name, value);
    };
    for (std::size_t v = 0; v < encoding.state(); ++v) put(at[v], encoding.value(v, where.environment[v]));
    put(at[encoding.state()], encoding.value(encoding.state(), where.state));
    put(event, context.int_val(which));
    return MachineEncoding::number(point, said);
  }

  rules::Step read(std::int64_t number) const {
    const auto digit = [&number](std::int64_t size) {
      const std::int64_t value = number % size;
      number /= size;
      return value;
    };
    rules::Step step;
    step.row = static_cast<int>(digit(static_cast<std::int64_t>(machine.rows.size()) + 1)) - 1;
    step.next.state =
        static_cast<std::uint8_t>(digit(static_cast<std::int64_t>(machine.text->states.size())));
    for (std::size_t v = 0; v < encoding.state(); ++v) {
      const MachineVariable& variable = machine.text->variables[v];
      step.next.environment[v] = variable.low + digit(variable.high - variable.low + 1);
    }
    return step;
  }

  Machine machine;
  z3::context context;
  MachineEncoding encoding;
  Moment at;
  z3::expr event;
  z3::expr said;
  z3::model point;  ///< a later interpretation of a constant replaces the one before
};

StepRelation::StepRelation(const Machine& machine) : formula_(std::make_unique<Formula>(machine)) {}
StepRelation::~StepRelation() = default;

rules::Step StepRelation::step(const rules::Configuration& at, std::uint8_t event) const {
  return formula_->read(formula_->evaluated(at, event));
}

namespace {

class KInduction {
 public:
  KInduction(const Machine& machine, std::span<const rules::ExpressionView> sentences,
             const InductionOptions& options)
      : machine_(machine),
        sentences_(sentences),
        options_(options),
        encoding_(context_, machine),
        base_(context_),
        inductive_(context_) {
    const z3::params params = smt::Budget(options.milliseconds_max).params(context_);
    base_.set(params);
    inductive_.set(params);
  }

  MachineProof run() {
    extend();
    base_.add(encoding_.initial(moments_.front()));
    std::optional<z3::model> leaving;
    for (std::uint32_t depth = 0; depth <= options_.depth_max; ++depth) {
      if (const auto broken = model_of_a_break(base_)) return refuted(depth, *broken);
      base_.add(all_hold(moments_.back()));
      inductive_.add(all_hold(moments_.back()));
      extend();
      leaving = model_of_a_break(inductive_);
      if (!leaving) return {ProofVerdict::proved, depth + 1, 0, std::nullopt, {}};
    }
    return {ProofVerdict::unknown, options_.depth_max, 0, trace(*leaving),
            fmt::format("no sentence is broken within {0} steps, but {1} configurations in a row that "
                        "satisfy all of them may be left by one more step",
                        options_.depth_max, options_.depth_max + 1)};
  }

 private:
  /// One more moment at the end of both runs.
  void extend() {
    const auto number = static_cast<std::uint32_t>(moments_.size());
    Moment moment = encoding_.moment(number);
    const z3::expr domain = encoding_.in_domain(moment);
    base_.add(domain);
    inductive_.add(domain);
    if (number > 0) {
      const z3::expr event = encoding_.event(number - 1);
      const z3::expr step = encoding_.is_event(event) && encoding_.step(moments_.back(), event, moment);
      base_.add(step);
      inductive_.add(step);
      for (const Moment& earlier : moments_) inductive_.add(encoding_.differ(earlier, moment));
    }
    moments_.push_back(std::move(moment));
  }

  z3::expr all_hold(const Moment& at) const {
    z3::expr_vector all(context_);
    for (const rules::ExpressionView sentence : sentences_) all.push_back(encoding_.truth(sentence, at));
    return z3::mk_and(all);
  }

  /// A run at whose end some sentence is false.
  std::optional<z3::model> model_of_a_break(z3::solver& solver) {
    solver.push();
    solver.add(!all_hold(moments_.back()));
    const z3::check_result result = solver.check();
    if (result == z3::unknown) throw z3::exception(solver.reason_unknown().c_str());
    std::optional<z3::model> found;
    if (result == z3::sat) found.emplace(solver.get_model());
    solver.pop();
    return found;
  }

  rules::MachineRun trace(const z3::model& model) const {
    rules::MachineRun run;
    run.start = encoding_.configuration(model, moments_.front());
    rules::Configuration at = run.start;
    for (std::uint32_t i = 0; i + 1 < moments_.size(); ++i) {
      const auto event = static_cast<std::uint8_t>(MachineEncoding::number(model, encoding_.event(i)));
      rules::Move move{at, event, rules::step(machine_, at, event)};
      at = encoding_.configuration(model, moments_[i + 1]);
      const bool agrees =
          rules::without_inputs(machine_, move.step.next) == rules::without_inputs(machine_, at);
      assert(agrees && "the reference takes the step that Z3 found");
      static_cast<void>(agrees);
      move.step.next = at;
      run.moves.push_back(move);
    }
    return run;
  }

  /// The reference has the last word: it takes every step of the run and finds the sentence that is false.
  MachineProof refuted(std::uint32_t depth, const z3::model& model) {
    MachineProof proof{ProofVerdict::refuted, depth, 0, trace(model), {}};
    while (proof.sentence < sentences_.size() &&
           rules::sentence_holds(sentences_[proof.sentence], machine_, proof.trace->end()))
      ++proof.sentence;
    const bool real = proof.sentence < sentences_.size();
    assert(real && "a counterexample must be one for the reference evaluator, too");
    return real ? proof
                : MachineProof{ProofVerdict::unknown, depth, 0, std::nullopt,
                               "Z3 and the reference evaluator differ"};
  }

  Machine machine_;
  std::span<const rules::ExpressionView> sentences_;
  InductionOptions options_;
  mutable z3::context context_;
  MachineEncoding encoding_;
  z3::solver base_, inductive_;
  std::vector<Moment> moments_;
};

}  // namespace

MachineProof prove_by_induction(const Machine& machine, std::span<const rules::ExpressionView> sentences,
                                const InductionOptions& options) {
  try {
    return KInduction(machine, sentences, options).run();
  } catch (const z3::exception& error) {
    MachineProof unknown;
    unknown.reason =
        fmt::format("Z3 gave up (limit {} ms for each query): {}", options.milliseconds_max, error.msg());
    return unknown;
  }
}

}  // namespace portolan::solver::unbounded
