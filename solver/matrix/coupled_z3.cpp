// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/coupled_z3.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <exception>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <sys/time.h>
#include <z3++.h>

#include "solver/matrix/coupled_bytes.hpp"
#include "solver/smt/separate_process.hpp"
#include "solver/smt/terms.hpp"

namespace portolan::solver::matrix {

using compat::Decision;
using compat::Parameter;
using compat::Scheme;
using compat::Value;
using compat::ValueSet;
using compat::ValueType;

namespace {

constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();

/// Ends a query: Z3 did not decide.
struct GaveUp {
  std::string reason;
};

std::string gave_up(std::uint32_t milliseconds_max, const std::string& why) {
  return fmt::format("Z3 gave up (limit {} ms for each query): {}", milliseconds_max, why);
}

/// Whether some product has parameters on both sides, so that the constraint is not linear.
bool multiplies_parameters(const rules::Expression& constraint) {
  std::vector<bool> varies(constraint.nodes.size(), false);  // children come before their parent
  for (std::size_t i = 0; i < varies.size(); ++i) {
    const rules::Node& node = constraint.nodes[i];
    const auto child_varies = [&](std::int32_t child) {
      return child >= 0 && varies[static_cast<std::size_t>(child)];
    };
    if (node.op == rules::Op::times && child_varies(node.a) && child_varies(node.b)) return true;
    varies[i] = node.op == rules::Op::variable || child_varies(node.a) || child_varies(node.b) ||
                child_varies(node.c);
  }
  return false;
}

bool multiplies_parameters(const Component& component) {
  const auto one_does = [](const std::vector<const rules::Expression*>& constraints) {
    return std::any_of(constraints.begin(), constraints.end(),
                       [](const rules::Expression* one) { return multiplies_parameters(*one); });
  };
  return one_does(component.source_constraints) || one_does(component.destination_constraints);
}

/// A component as formulas over one constant for each of its parameters.
class Encoding {
 public:
  Encoding(z3::context& context, const Component& component)
      : component_(component),
        context_(context),
        exists(context.bool_val(true)),
        rejected(context.bool_val(false)),
        undetermined(context.bool_val(false)),
        distance(context.int_val(0)) {
    collect_texts();
    for (const std::string& name : component.parameters) variables_.push_back(variable(name));
    encode_source();
    encode_listed_and_unlisted();
    encode_destination_constraints();
  }

 private:
  const Component& component_;
  z3::context& context_;
  std::set<std::string> texts_;
  std::vector<z3::expr> variables_;

 public:
  z3::expr exists;        ///< the values are a configuration of the source
  z3::expr rejected;      ///< some condition fails
  z3::expr undetermined;  ///< some value is undetermined, R2
  z3::expr distance;      ///< parameters away from their init values

  const std::vector<z3::expr>& variables() const { return variables_; }

  z3::expr constant(const Value& value) const {
    if (const bool* truth = std::get_if<bool>(&value)) return context_.bool_val(*truth);
    if (const std::uint64_t* number = std::get_if<std::uint64_t>(&value)) return context_.int_val(*number);
    return text(std::get<std::string>(value));
  }

  /// What a model of the formulas says about a parameter.
  Value value_in(const z3::model& model, std::size_t index) const {
    const z3::expr value = model.eval(variables_[index], true);
    switch (parameter(index).type) {
      case ValueType::boolean: return value.is_true();
      case ValueType::integer: return number_of(value);
      case ValueType::string:
        return *std::next(texts_.begin(), static_cast<std::ptrdiff_t>(number_of(value)));
    }
    return false;
  }

  const Parameter& parameter(std::size_t index) const {
    return component_.source.model->parameters.at(component_.parameters[index]);
  }

  /// Bytewise order of texts is the order of their positions; false before true.
  z3::expr at_most(std::size_t index, const Value& value) const {
    const z3::expr& variable = variables_[index];
    if (const bool* truth = std::get_if<bool>(&value)) return *truth ? context_.bool_val(true) : !variable;
    return variable <= constant(value);
  }

 private:
  static std::uint64_t number_of(const z3::expr& value) {
    std::uint64_t number = 0;
    const bool fits = value.is_numeral_u64(number);
    assert(fits && "every constant is bounded");
    static_cast<void>(fits);
    return number;
  }

  z3::expr text(const std::string& value) const { return smt::Z3Terms::position(context_, texts_, value); }

  void collect_texts() {
    const auto add = [this](const Parameter& parameter) {
      if (parameter.type != ValueType::string) return;
      texts_.insert(std::get<std::string>(parameter.init));
      if (parameter.off) texts_.insert(std::get<std::string>(*parameter.off));
      if (parameter.allowed)
        texts_.insert(parameter.allowed->strings().begin(), parameter.allowed->strings().end());
    };
    for (const auto& [name, parameter] : component_.source.model->parameters) add(parameter);
    for (const auto& [name, parameter] : component_.destination.model->parameters) add(parameter);
    for (const rules::Expression* constraint : component_.source_constraints) add_texts(*constraint);
    for (const rules::Expression* constraint : component_.destination_constraints) add_texts(*constraint);
  }

  void add_texts(const rules::Expression& expression) {
    texts_.insert(expression.strings.begin(), expression.strings.end());
  }

  z3::expr variable(const std::string& name) const {
    const Parameter& parameter = component_.source.model->parameters.at(name);
    return parameter.type == ValueType::boolean ? context_.bool_const(name.c_str())
                                                : context_.int_const(name.c_str());
  }

  z3::expr member(const z3::expr& variable, const ValueSet& set) const {
    z3::expr_vector choices(context_);
    if (set.has_false()) choices.push_back(!variable);
    if (set.has_true()) choices.push_back(variable);
    for (const compat::Range& range : set.ranges()) {
      choices.push_back(range.min == range.max ? variable == context_.int_val(range.min)
                                               : variable >= context_.int_val(range.min) &&
                                                     variable <= context_.int_val(range.max));
    }
    for (const std::string& value : set.strings()) choices.push_back(variable == text(value));
    return z3::mk_or(choices);
  }

  void encode_source() {
    for (std::size_t i = 0; i < variables_.size(); ++i) {
      const Parameter& here = parameter(i);
      if (here.type == ValueType::integer)
        exists = exists && variables_[i] >= 0 && variables_[i] <= context_.int_val(greatest);
      exists = exists && member(variables_[i], here.accepted_values());  // R2
      distance =
          distance + z3::ite(variables_[i] == constant(here.init), context_.int_val(0), context_.int_val(1));
    }
    for (const rules::Expression* constraint : component_.source_constraints) {
      std::vector<z3::expr> values;
      for (const auto& [name, here] : component_.source.model->parameters)
        values.push_back(source_value(name, here));
      exists = exists && translate(*constraint, values);
    }
  }

  z3::expr source_value(const std::string& name, const Parameter& parameter) const {
    const auto& names = component_.parameters;
    const auto found = std::lower_bound(names.begin(), names.end(), name);
    return found != names.end() && *found == name
               ? variables_[static_cast<std::size_t>(found - names.begin())]
               : constant(parameter.init);
  }

  z3::expr listed(std::size_t index) const {  // R4
    const Parameter& here = parameter(index);
    return here.off ? variables_[index] != constant(*here.off) : context_.bool_val(true);
  }

  void encode_listed_and_unlisted() {
    const bool strict = component_.scheme == Scheme::rfc_v3_strict;
    for (std::size_t i = 0; i < variables_.size(); ++i) {
      const Parameter& here = parameter(i);
      const Parameter* there = component_.destination.model->find(here.name);
      if (there == nullptr || there->type != here.type) {
        rejected = rejected || listed(i);  // C2
      } else if (there->allowed) {
        rejected = rejected || (listed(i) && !member(variables_[i], *there->allowed));  // C3
      } else {
        undetermined = undetermined || (listed(i) && !member(variables_[i], there->accepted_values()));  // R2
      }
      if (!strict || there == nullptr || !here.off) continue;
      if (!off_is_accepted(*there) || *there->off != *here.off) rejected = rejected || !listed(i);  // C4, C5
    }
    if (!strict) return;
    for (const std::string& name : component_.destination_only) {
      if (!off_is_accepted(component_.destination.model->parameters.at(name)))
        rejected = context_.bool_val(true);  // C4
    }
  }

  static bool off_is_accepted(const Parameter& parameter) {
    return parameter.off && (!parameter.allowed || parameter.allowed->contains(*parameter.off));
  }

  void encode_destination_constraints() {
    if (component_.destination_constraints.empty()) return;
    std::vector<z3::expr> given;  // R7
    for (const auto& [name, there] : component_.destination.model->parameters) {
      const auto& names = component_.parameters;
      const auto found = std::lower_bound(names.begin(), names.end(), name);
      const z3::expr fallback = constant(there.off.value_or(there.init));
      const std::size_t index = static_cast<std::size_t>(found - names.begin());
      const bool varies = found != names.end() && *found == name && parameter(index).type == there.type;
      given.push_back(varies ? z3::ite(listed(index), variables_[index], fallback) : fallback);
    }
    for (const rules::Expression* constraint : component_.destination_constraints) {
      rejected = rejected || !translate(*constraint, given);  // C6
    }
  }

  z3::expr translate(const rules::Expression& expression, const std::vector<z3::expr>& values) const {
    if (expression.view().always()) return context_.bool_val(true);
    smt::Z3Terms terms{.context = context_, .cells = values, .texts = &texts_};
    return rules::fold(expression.view(), terms);
  }
};

/// Z3 with a time limit for each query.
class Decider {
 public:
  /// `alone`: in a process of its own, which ends where a query does not look at its limit.
  Decider(std::uint32_t milliseconds_max, bool alone) : milliseconds_max_(milliseconds_max), alone_(alone) {}

  ComponentAnswer decide(const Component& component) {
    ComponentAnswer unknown;
    unknown.known = false;
    return guarded(std::move(unknown), [&] { return decided(component); });
  }
  ComponentWitness witness(const Component& component) {
    return guarded(ComponentWitness{}, [&] { return least_points(component); });
  }

  void limit(std::uint32_t milliseconds_max) { milliseconds_max_ = milliseconds_max; }

 private:
  z3::context context_;
  std::uint32_t milliseconds_max_;
  bool alone_;

  std::optional<z3::solver> reused_;

  /// Formulas that are gone at the end.
  struct Scope {
    explicit Scope(z3::solver& of) : solver(of) { solver.push(); }
    ~Scope() {
      if (std::uncaught_exceptions() == 0) solver.pop();
    }
    z3::solver& solver;
  };

  template <class properties::Answer, class Work>
  properties::Answer guarded(properties::Answer unknown, const Work& work) {
    try {
      return work();
    } catch (const GaveUp& error) {
      unknown.reason = gave_up(milliseconds_max_, error.reason);
    } catch (const z3::exception& error) {
      unknown.reason = gave_up(milliseconds_max_, error.msg());
    }
    reused_.reset();  // whatever was left in it
    return unknown;
  }

  // The simple solver: incremental tactics cost more than these small formulas take.
  z3::solver fresh_solver() { return z3::solver(context_, z3::solver::simple()); }

  /// First with a number of steps that nearly every query stays below, because a time limit costs a thread
  /// for each query and depends on the machine; then with the time limit.
  bool satisfiable(z3::solver& solver) {
    constexpr unsigned steps_max = 10'000;
    if (alone_) start_alarm();
    z3::params params(context_);
    params.set("ctrl_c", false);  // Z3 would take SIGINT for "unknown" and the program would go on
    params.set("rlimit", steps_max);
    params.set("timeout", std::numeric_limits<unsigned>::max());
    solver.set(params);
    z3::check_result result = solver.check();
    if (result == z3::unknown) {
      params.set("rlimit", 0u);
      params.set("timeout", milliseconds_max_);
      solver.set(params);
      result = solver.check();
    }
    if (result == z3::unknown) throw GaveUp{solver.reason_unknown()};
    return result == z3::sat;
  }

  /// A little later than Z3's own limit, which leaves the better reason where Z3 looks at it.
  void start_alarm() const {
    const std::uint64_t milliseconds = std::uint64_t{milliseconds_max_} + milliseconds_max_ / 8 + 10;
    const itimerval once{
        {0, 0},
        {static_cast<time_t>(milliseconds / 1000), static_cast<suseconds_t>(milliseconds % 1000 * 1000)}};
    setitimer(ITIMER_REAL, &once, nullptr);
  }

  ComponentAnswer decided(const Component& component) {
    const Encoding encoding(context_, component);
    // To make a solver takes longer than most of these queries: one serves all, and is empty again after each
    // component.
    if (!reused_) reused_.emplace(fresh_solver());
    z3::solver& solver = *reused_;
    const Scope scope(solver);
    solver.add(encoding.exists);
    const auto possible = [&](const z3::expr& condition) {
      solver.push();
      solver.add(condition);
      const bool found = satisfiable(solver);
      solver.pop();
      return found;
    };
    ComponentAnswer answer;
    // A configuration that is rejected exists: the question for any at all is asked only where there is none.
    answer.rejected = possible(encoding.rejected);
    answer.exists = answer.rejected || satisfiable(solver);
    if (!answer.exists) return answer;
    const bool determined = encoding.undetermined.simplify().is_false();
    answer.undetermined = !determined && possible(!encoding.rejected && encoding.undetermined);
    answer.accepted =
        determined && !answer.rejected ? true : possible(!encoding.rejected && !encoding.undetermined);
    return answer;
  }

  std::optional<Point> least(const Component& component, const Encoding& encoding, z3::solver& solver) {
    if (!satisfiable(solver)) return std::nullopt;
    const std::size_t size = component.parameters.size();
    Point best;
    const auto take = [&] {
      const z3::model model = solver.get_model();
      best.values.clear();
      best.distance = 0;
      for (std::size_t i = 0; i < size; ++i) {
        best.values.push_back(encoding.value_in(model, i));
        best.distance += best.values[i] != encoding.parameter(i).init;
      }
    };
    /// Whether the condition can be met as well; when it can, it stays, and `best` meets it.
    const auto improve = [&](const z3::expr& condition) {
      solver.push();
      solver.add(condition);
      const bool found = satisfiable(solver);
      if (found) take();
      solver.pop();
      if (found) solver.add(condition);
      return found;
    };
    take();
    while (best.distance > 0 && improve(encoding.distance < context_.int_val(best.distance))) {}
    solver.add(encoding.distance <= context_.int_val(best.distance));
    for (std::size_t i = 0; i < size; ++i) {
      minimise(component, encoding, i, best, improve);
      solver.add(encoding.variables()[i] == encoding.constant(best.values[i]));
    }
    return best;
  }

  /// The least value of one parameter, by halving what lies between the least that the source accepts and the
  /// best so far.
  template <class Improve>
  void minimise(const Component& component, const Encoding& encoding, std::size_t index, const Point& best,
                const Improve& improve) {
    const ValueSet values =
        component.source.model->parameters.at(component.parameters[index]).accepted_values();
    if (best.values[index] == values.least() || improve(encoding.at_most(index, values.least()))) return;
    if (values.type() == ValueType::integer) {
      const auto high = [&] { return std::get<std::uint64_t>(best.values[index]); };
      std::uint64_t low =
          std::get<std::uint64_t>(values.least());  // out of reach, and rises while that is so
      while (high() - low > 1) {
        const std::uint64_t middle = low + (high() - low) / 2;
        if (!improve(encoding.at_most(index, middle))) low = middle;
      }
    } else if (values.type() == ValueType::string) {
      const std::vector<std::string>& texts = values.strings();
      for (std::size_t i = 1; i < texts.size() && texts[i] < std::get<std::string>(best.values[index]); ++i) {
        if (improve(encoding.at_most(index, texts[i]))) return;
      }
    }
  }

  ComponentWitness least_points(const Component& component) {
    ComponentWitness found;
    const Encoding encoding(context_, component);
    z3::solver solver = fresh_solver();
    solver.add(encoding.exists);
    found.any = least(component, encoding, solver);
    if (!found.any) return found;
    z3::solver again = fresh_solver();
    again.add(encoding.exists);
    again.add(encoding.rejected);
    found.rejected = least(component, encoding, again);
    return found;
  }
};

}  // namespace

struct Z3Engine::State {
  std::uint32_t milliseconds_max;
  std::uint32_t separate_milliseconds_max;
  // Made when needed: to make one takes longer than most queries.
  std::unique_ptr<Decider> linear;
  std::unique_ptr<Decider> unused;  ///< stays as it was made: a child works on its copy

  explicit State(std::uint32_t milliseconds)
      : milliseconds_max(milliseconds), separate_milliseconds_max(milliseconds) {}

  Decider& here() {
    if (!linear) linear = std::make_unique<Decider>(milliseconds_max, false);
    return *linear;
  }

  /// What `work` makes of a Z3 of its own in a process of its own, or `unknown` with the reason.
  template <class properties::Answer, class Work, class Read>
  properties::Answer separately(properties::Answer unknown, const Work& work, const Read& read) {
    if (!unused) unused = std::make_unique<Decider>(milliseconds_max, true);
    const std::uint32_t limit = separate_milliseconds_max;
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(std::uint64_t{limit} * 2);
    const auto in_child = [&] {
      unused->limit(limit);
      return work(*unused);
    };
    const smt::SeparateResult result = smt::run_separately(in_child, deadline);
    if (result.ending == smt::SeparateResult::Ending::answered) {
      if (std::optional<properties::Answer> answer = read(result.bytes)) return *std::move(answer);
      unknown.reason = gave_up(limit, "the answer of its process cannot be read");
      return unknown;
    }
    // A catalogue with many components of this kind must end, too: the next one has half the time, down to an
    // eighth.
    separate_milliseconds_max = std::max({limit / 2, milliseconds_max / 8, std::uint32_t{1}});
    unknown.reason = gave_up(
        limit, result.reason.empty() ? "products of parameters" : "products of parameters; " + result.reason);
    return unknown;
  }
};

Z3Engine::Z3Engine(std::uint32_t milliseconds_max) : state_(std::make_unique<State>(milliseconds_max)) {}
Z3Engine::~Z3Engine() = default;

ComponentAnswer Z3Engine::decide(const Component& component) {
  if (!multiplies_parameters(component)) return state_->here().decide(component);
  ComponentAnswer unknown;
  unknown.known = false;
  return state_->separately(
      std::move(unknown), [&](Decider& there) { return to_bytes(there.decide(component)); },
      [](const std::string& bytes) { return answer_from(bytes); });
}

ComponentWitness Z3Engine::witness(const Component& component) {
  if (!multiplies_parameters(component)) return state_->here().witness(component);
  return state_->separately(
      ComponentWitness{}, [&](Decider& there) { return to_bytes(there.witness(component)); },
      [&](const std::string& bytes) { return witness_from(bytes, component); });
}

}  // namespace portolan::solver::matrix
