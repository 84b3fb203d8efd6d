// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <z3++.h>

#include "model/support/whole_file.hpp"
#include "solver/answering/answers.hpp"
#include "solver/smt/separate_queries.hpp"
#include "solver/smt/terms.hpp"

namespace portolan::solver::answering {
namespace {

using compat::Value;
using compat::ValueSet;
using compat::ValueType;
using Kind = FormulaNode::Kind;

struct AnswerGivenUp {
  std::string reason;
};

bool multiplies_parameters(const BoundExpression& bound) {
  if (bound.expression == nullptr) return false;
  std::set<std::size_t> vary;
  for (const auto& [symbol, term] : bound.used)
    if (term.variable >= 0) vary.insert(symbol);
  const auto& nodes = bound.expression->nodes;
  std::vector<bool> varies(nodes.size(), false);  // children come before their parent
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const rules::Node& node = nodes[i];
    const auto child = [&](std::int32_t index) {
      return index >= 0 && varies[static_cast<std::size_t>(index)];
    };
    if (node.op == rules::Op::times && child(node.a) && child(node.b)) return true;
    varies[i] = node.op == rules::Op::variable ? vary.contains(static_cast<std::size_t>(node.symbol))
                                               : child(node.a) || child(node.b) || child(node.c);
  }
  return false;
}

bool multiplies_parameters(const FormulaNode& formula) {
  return multiplies_parameters(formula.first) || multiplies_parameters(formula.second) ||
         std::any_of(formula.parts.begin(), formula.parts.end(),
                     [](const Formula& part) { return multiplies_parameters(*part); });
}

/// A name that every reader of SMT-LIB takes for a simple symbol, whatever the parameter is called:
/// `p.num-queues`, `p.3d`, `p.a~2fb`.
std::string symbol_of(const std::string& name) {
  std::string symbol = "p.";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                       (byte >= 'A' && byte <= 'Z') || byte == '-' || byte == '_';
    symbol += plain ? std::string(1, c) : fmt::format("~{:02x}", byte);
  }
  return symbol;
}

/// Calls `visit` for every formula of a question.
template <class Visit>
void each_formula(const Question& question, const Visit& visit) {
  for (const auto* all :
       {&question.exists, &question.condition, &question.possible, &question.again, &question.again_possible})
    for (const Formula& one : *all) visit(*one);
  for (const Failure& one : question.failures) visit(*one.formula);
}

/// A question in Z3: one constant for each variable, or given values in their place.
class QuestionEncoding {
 public:
  QuestionEncoding(z3::context& context, const Question& question) : context_(context), question_(question) {
    for (const Variable& variable : question.variables) {
      texts_.insert(variable.domain.strings().begin(), variable.domain.strings().end());
      collect(variable.init);
    }
    each_formula(question, [this](const FormulaNode& formula) { collect(formula); });
    for (const Variable& variable : question.variables) {
      constants_.push_back(variable.domain.type() == ValueType::boolean
                               ? context.bool_const(symbol_of(variable.name).c_str())
                               : context.int_const(symbol_of(variable.name).c_str()));
    }
  }

  const std::vector<z3::expr>& constants() const { return constants_; }
  z3::expr constant(const Value& value) const {
    if (const bool* boolean = std::get_if<bool>(&value)) return context_.bool_val(*boolean);
    if (const auto* number = std::get_if<std::uint64_t>(&value)) return context_.int_val(*number);
    return smt::Z3Terms::position(context_, texts_, std::get<std::string>(value));
  }

  z3::expr in_set(const z3::expr& value, const ValueSet& set) const {
    z3::expr_vector choices(context_);
    switch (set.type()) {
      case ValueType::boolean:
        if (set.has_true() && set.has_false()) return context_.bool_val(true);
        return set.has_true() ? value : set.has_false() ? !value : context_.bool_val(false);
      case ValueType::integer:
        for (const compat::Range& range : set.ranges()) {
          const z3::expr low = constant(Value(range.min)), high = constant(Value(range.max));
          choices.push_back(range.min == range.max ? value == low : low <= value && value <= high);
        }
        break;
      case ValueType::string:
        for (const std::string& text : set.strings()) choices.push_back(value == constant(Value(text)));
    }
    return z3::mk_or(choices);
  }

  /// Every variable is in its domain, and the source's constraints hold.
  z3::expr exists(const std::vector<z3::expr>& values) const {
    z3::expr_vector all(context_);
    for (std::size_t i = 0; i < values.size(); ++i)
      all.push_back(in_set(values[i], question_.variables[i].domain));
    for (const Formula& one : question_.exists) all.push_back(of(*one, values));
    return z3::mk_and(all);
  }
  z3::expr all(const std::vector<Formula>& formulas, const std::vector<z3::expr>& values) const {
    z3::expr_vector terms(context_);
    for (const Formula& one : formulas) terms.push_back(of(*one, values));
    return z3::mk_and(terms);
  }
  z3::expr some_failure() const {
    z3::expr_vector terms(context_);
    for (const Failure& one : question_.failures) terms.push_back(of(*one.formula, constants_));
    return z3::mk_or(terms);
  }
  z3::expr distance() const {
    z3::expr_vector away(context_);
    for (std::size_t i = 0; i < constants_.size(); ++i) {
      if (question_.variables[i].counts)
        away.push_back(z3::ite(constants_[i] == constant(question_.variables[i].init), context_.int_val(0),
                               context_.int_val(1)));
    }
    return away.empty() ? context_.int_val(0) : z3::sum(away);
  }

  Value value_in(const z3::model& model, const z3::expr& of_variable, ValueType type) const {
    const z3::expr value = model.eval(of_variable, true);
    if (type == ValueType::boolean) return value.is_true();
    std::uint64_t number = 0;
    if (!value.is_numeral_u64(number)) throw AnswerGivenUp{"a model without a number"};
    if (type == ValueType::integer) return number;
    // The domain holds it to a position of a text.
    return *std::next(texts_.begin(),
                      static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(number, texts_.size() - 1)));
  }
  z3::expr at_most(std::size_t index, const Value& value) const {
    if (const bool* boolean = std::get_if<bool>(&value))
      return *boolean ? context_.bool_val(true) : !constants_[index];
    return constants_[index] <= constant(value);
  }

 private:
  void collect(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) texts_.insert(*text);
  }
  void collect(const ParameterTerm& term) {
    collect(term.constant);
    for (const auto& [value, becomes] : term.exceptions) {
      collect(value);
      collect(becomes);
    }
  }
  void collect(const BoundExpression& bound) {
    if (bound.expression == nullptr) return;
    texts_.insert(bound.expression->strings.begin(), bound.expression->strings.end());
    for (const auto& [symbol, term] : bound.used) collect(term);
    texts_.insert("");  // of an aspect that is not there
  }
  void collect(const FormulaNode& formula) {
    texts_.insert(formula.set.strings().begin(), formula.set.strings().end());
    collect(formula.left);
    collect(formula.right);
    collect(formula.first);
    collect(formula.second);
    for (const Formula& part : formula.parts) collect(*part);
  }

  z3::expr of(const ParameterTerm& term, const std::vector<z3::expr>& values) const {
    if (term.variable < 0) return constant(term.constant);
    const z3::expr& own = values[static_cast<std::size_t>(term.variable)];
    z3::expr result = own;
    for (const auto& [value, becomes] : term.exceptions)
      result = z3::ite(own == constant(value), constant(becomes), result);
    return result;
  }
  z3::expr of(const BoundExpression& bound, const std::vector<z3::expr>& values) const {
    std::vector<z3::expr> cells(bound.parameters, context_.bool_val(false));
    for (const auto& [symbol, term] : bound.used) cells[symbol] = of(term, values);
    smt::Z3Terms terms{.context = context_, .cells = cells, .texts = &texts_};
    return rules::fold(bound.expression->view(), terms);
  }
  z3::expr of(const FormulaNode& formula, const std::vector<z3::expr>& values) const {
    z3::expr_vector parts(context_);
    for (const Formula& part : formula.parts) parts.push_back(of(*part, values));
    switch (formula.kind) {
      case Kind::truth: return context_.bool_val(formula.value);
      case Kind::within: return in_set(values[static_cast<std::size_t>(formula.variable)], formula.set);
      case Kind::same: return of(formula.left, values) == of(formula.right, values);
      case Kind::holds: return of(formula.first, values);
      case Kind::differs: {
        const z3::expr left = of(formula.first, values);
        if (formula.second.expression != nullptr) {
          const z3::expr right = of(formula.second, values);
          // Aspects of two types always differ.
          return z3::eq(left.get_sort(), right.get_sort()) &&
                         is_text(formula.first) == is_text(formula.second)
                     ? left != right
                     : context_.bool_val(true);
        }
        if (left.is_bool()) return left;
        return left != (is_text(formula.first) ? constant(Value(std::string())) : context_.int_val(0));
      }
      case Kind::negation: return !parts[0];
      case Kind::conjunction: return z3::mk_and(parts);
      case Kind::disjunction: return z3::mk_or(parts);
    }
    return context_.bool_val(false);
  }
  static bool is_text(const BoundExpression& bound) {
    return bound.expression->nodes.back().type.kind == rules::TypeKind::text;
  }

  z3::context& context_;
  const Question& question_;
  std::set<std::string> texts_;
  std::vector<z3::expr> constants_;
};

/// Each query that was decided, for `write_queries`.
struct DecidedQuery {
  std::string text;
  bool satisfiable;
};

class QuestionDecider {
 public:
  explicit QuestionDecider(const smt::Budget& budget) : budget_(budget) {}

  void limit(const smt::Budget& budget) { budget_ = budget; }
  std::size_t queries = 0;
  std::vector<DecidedQuery>* record = nullptr;
  bool want_witness = true;

  Answer answer(const Question& question) {
    Answer answer;
    try {
      const QuestionEncoding encoding(context_, question);
      answer.applies = applies(question, encoding);
      if (!question.can_fail()) return answer;
      if (seek(question, encoding, false, answer))
        answer.outcome = Answer::Outcome::broken;
      else if (question.open && seek(question, encoding, true, answer))
        answer.outcome = Answer::Outcome::open;
    } catch (const AnswerGivenUp& error) {
      answer = unknown(error.reason);
    } catch (const z3::exception& error) {
      answer = unknown(error.msg());
    }
    return answer;
  }

  Answer unknown(const std::string& why) const {
    Answer answer;
    answer.outcome = Answer::Outcome::unknown;
    answer.reason = budget_.gave_up(why);
    return answer;
  }

 private:
  z3::solver simple() { return z3::solver(context_, z3::solver::simple()); }

  bool satisfiable(z3::solver& solver) {
    ++queries;
    return budget_.satisfiable(solver);
  }

  bool decided(z3::solver& solver) {
    const bool result = satisfiable(solver);
    if (record != nullptr) {
      z3::solver plain(context_);
      for (const z3::expr& one : solver.assertions()) plain.add(one);
      record->push_back({plain.to_smt2(), result});
    }
    return result;
  }

  bool applies(const Question& question, const QuestionEncoding& encoding) {
    z3::solver solver = simple();
    solver.add(encoding.exists(encoding.constants()));
    solver.add(encoding.all(question.condition, encoding.constants()));
    if (question.revertible) solver.add(other_setting(question, encoding));
    return decided(solver);
  }

  /// Other values of the run-time variables, the rest as it is.
  std::vector<z3::expr> resettable(const Question& question, const QuestionEncoding& encoding,
                                   const char* suffix) {
    std::vector<z3::expr> values = encoding.constants();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (question.variables[i].runtime)
        values[i] =
            context_.constant(symbol_of(question.variables[i].name + suffix).c_str(), values[i].get_sort());
    }
    return values;
  }

  /// There is another setting, so that a run-time change leads here.
  z3::expr other_setting(const Question& question, const QuestionEncoding& encoding) {
    const std::vector<z3::expr> other = resettable(question, encoding, " before");
    z3::expr_vector different(context_);
    for (std::size_t i = 0; i < other.size(); ++i) {
      if (question.variables[i].runtime) different.push_back(other[i] != encoding.constants()[i]);
    }
    return encoding.exists(other) && z3::mk_or(different);
  }

  bool seek(const Question& question, const QuestionEncoding& encoding, bool granted, Answer& answer) {
    z3::solver solver = simple();
    solver.add(encoding.exists(encoding.constants()));
    solver.add(encoding.all(granted ? question.possible : question.condition, encoding.constants()));
    if (question.revertible)
      solver.add(other_setting(question, encoding));
    else
      solver.add(encoding.some_failure());
    const std::vector<Formula>& again = granted ? question.again : question.again_possible;
    std::vector<z3::expr> learnt;
    /// Whether the solver's formulas can be met by a setting that nothing mends; leaves the model in `model`.
    std::optional<z3::model> model;
    const auto check = [&](bool first) {
      while (first ? decided(solver) : satisfiable(solver)) {
        model = solver.get_model();
        if (!question.revertible) return true;
        const auto mends = setting_that_mends(question, encoding, *model, again, first);
        if (!mends) return true;
        // Whatever else it is, the configuration sought is none that this setting mends.
        learnt.push_back(!(encoding.exists(*mends) && encoding.all(again, *mends)));
        solver.add(learnt.back());
      }
      return false;
    };
    if (!check(true)) return false;
    if (want_witness)
      answer.witness = least(question, encoding, solver, model, learnt, [&] { return check(false); });
    return true;
  }

  std::optional<std::vector<z3::expr>> setting_that_mends(const Question& question,
                                                          const QuestionEncoding& encoding,
                                                          const z3::model& model,
                                                          const std::vector<Formula>& again, bool record_it) {
    const std::vector<z3::expr> other = resettable(question, encoding, " again");
    z3::solver solver = simple();
    for (std::size_t i = 0; i < other.size(); ++i) {
      if (!question.variables[i].runtime)
        solver.add(encoding.constants()[i] ==
                   encoding.constant(encoding.value_in(model, encoding.constants()[i],
                                                       question.variables[i].domain.type())));
    }
    solver.add(encoding.exists(other));
    solver.add(encoding.all(again, other));
    if (!(record_it ? decided(solver) : satisfiable(solver))) return std::nullopt;
    const z3::model found = solver.get_model();
    std::vector<z3::expr> setting = encoding.constants();
    for (std::size_t i = 0; i < other.size(); ++i) {
      if (question.variables[i].runtime)
        setting[i] =
            encoding.constant(encoding.value_in(found, other[i], question.variables[i].domain.type()));
    }
    return setting;
  }

  template <class Check>
  std::vector<Value> least(const Question& question, const QuestionEncoding& encoding, z3::solver& solver,
                           std::optional<z3::model>& model, std::vector<z3::expr>& learnt,
                           const Check& check) {
    const auto& constants = encoding.constants();
    std::vector<Value> best;
    std::uint64_t distance = 0;
    const auto take = [&] {
      best.clear();
      distance = 0;
      for (std::size_t i = 0; i < constants.size(); ++i) {
        best.push_back(encoding.value_in(*model, constants[i], question.variables[i].domain.type()));
        distance += question.variables[i].counts && best[i] != question.variables[i].init;
      }
    };
    const auto improve = [&](const z3::expr& condition) {
      const std::size_t known = learnt.size();
      solver.push();
      solver.add(condition);
      const bool found = check();
      if (found) take();
      solver.pop();
      for (std::size_t i = known; i < learnt.size(); ++i) solver.add(learnt[i]);
      if (found) solver.add(condition);
      return found;
    };
    take();
    const z3::expr away = encoding.distance();
    while (distance > 0 && improve(away < context_.int_val(distance))) {}
    solver.add(away <= context_.int_val(distance));
    for (std::size_t i = 0; i < constants.size(); ++i) {
      minimise(question.variables[i].domain, encoding, i, best, improve);
      solver.add(constants[i] == encoding.constant(best[i]));
    }
    return best;
  }

  template <class Improve>
  void minimise(const ValueSet& domain, const QuestionEncoding& encoding, std::size_t index,
                const std::vector<Value>& best, const Improve& improve) {
    if (best[index] == domain.least() || improve(encoding.at_most(index, domain.least()))) return;
    if (domain.type() == ValueType::integer) {
      const auto high = [&] { return std::get<std::uint64_t>(best[index]); };
      std::uint64_t low = std::get<std::uint64_t>(domain.least());
      while (high() - low > 1) {
        const std::uint64_t middle = low + (high() - low) / 2;
        if (!improve(encoding.at_most(index, middle))) low = middle;
      }
    } else if (domain.type() == ValueType::string) {
      for (const std::string& text : domain.strings()) {
        if (text >= std::get<std::string>(best[index]) || improve(encoding.at_most(index, text))) return;
      }
    }
  }

  z3::context context_;
  smt::Budget budget_;
};

// ---- an answer on its way from one process to another
// ----------------------------------------------------------------

std::string to_bytes(const Answer& answer) {
  std::string bytes =
      fmt::format("{}{}{}", static_cast<int>(answer.outcome), answer.applies ? 1 : 0, answer.witness ? 1 : 0);
  const auto add = [&bytes](const std::string& text) { bytes += fmt::format("{}:{}", text.size(), text); };
  add(answer.reason);
  if (answer.witness) {
    for (const Value& value : *answer.witness) add(std::to_string(value.index()) + compat::to_string(value));
  }
  return bytes;
}

std::optional<Answer> answer_from(std::string_view bytes, std::size_t variables) {
  if (bytes.size() < 3) return std::nullopt;
  Answer answer;
  answer.outcome = static_cast<Answer::Outcome>(bytes[0] - '0');
  answer.applies = bytes[1] == '1';
  const bool witness = bytes[2] == '1';
  bytes.remove_prefix(3);
  const auto take = [&bytes]() -> std::optional<std::string> {
    const std::size_t colon = bytes.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto size = compat::parse_u64(bytes.substr(0, colon));
    if (!size || *size > bytes.size() - colon - 1) return std::nullopt;
    std::string text(bytes.substr(colon + 1, *size));
    bytes.remove_prefix(colon + 1 + *size);
    return text;
  };
  const auto reason = take();
  if (!reason) return std::nullopt;
  answer.reason = *reason;
  if (witness) {
    answer.witness.emplace();
    for (std::size_t i = 0; i < variables; ++i) {
      const auto text = take();
      if (!text || text->empty() || (*text)[0] < '0' || (*text)[0] > '2') return std::nullopt;
      auto value =
          compat::parse_value(static_cast<ValueType>((*text)[0] - '0'), std::string_view(*text).substr(1));
      if (!value) return std::nullopt;
      answer.witness->push_back(std::move(*value));
    }
  }
  if (!bytes.empty()) return std::nullopt;
  return answer;
}

}  // namespace

struct Z3Answers::State {
  explicit State(std::uint32_t milliseconds_max) : budget(milliseconds_max), separate(milliseconds_max) {}

  smt::Budget budget;
  smt::SeparateQueries separate;
  std::unique_ptr<QuestionDecider> linear;
  std::unique_ptr<QuestionDecider> unused;  ///< stays as it was made: a child works on its copy

  QuestionDecider& here() {
    if (!linear) linear = std::make_unique<QuestionDecider>(budget);
    return *linear;
  }

  Answer separately(const Question& question) {
    if (!unused) unused = std::make_unique<QuestionDecider>(budget);
    Answer unknown;
    unknown.outcome = Answer::Outcome::unknown;
    return separate.ask(
        std::move(unknown),
        [&](const smt::Budget& own) {
          unused->limit(own);
          return to_bytes(unused->answer(question));
        },
        [&](const std::string& bytes) { return answer_from(bytes, question.variables.size()); });
  }
};

Z3Answers::Z3Answers(std::uint32_t milliseconds_max) : state_(std::make_unique<State>(milliseconds_max)) {}
Z3Answers::~Z3Answers() = default;

Answer Z3Answers::answer(const Question& question) {
  bool products = false;
  each_formula(question,
               [&products](const FormulaNode& one) { products = products || multiplies_parameters(one); });
  return products ? state_->separately(question) : state_->here().answer(question);
}

std::size_t Z3Answers::write_queries(const Question& question, const std::filesystem::path& folder,
                                     const std::string& name) {
  bool products = false;
  each_formula(question,
               [&products](const FormulaNode& one) { products = products || multiplies_parameters(one); });
  if (products) return 0;
  std::vector<DecidedQuery> decided;
  QuestionDecider decider(state_->budget);
  decider.record = &decided;
  decider.want_witness = false;
  if (decider.answer(question).outcome == Answer::Outcome::unknown) return 0;
  std::size_t number = 0;
  for (const DecidedQuery& one : decided) {
    const std::filesystem::path file = folder / fmt::format("{}-{}.smt2", name, ++number);
    // Z3 writes a status of its own, which is always unknown.
    std::string text = one.text;
    if (const auto at = text.find("(set-info :status"); at != std::string::npos)
      text.erase(at, text.find('\n', at) + 1 - at);
    const std::string head =
        fmt::format("(set-logic ALL)\n(set-info :status {})\n", one.satisfiable ? "sat" : "unsat");
    if (!write_whole(file, head + text, "--smtlib"))
      throw std::filesystem::filesystem_error("cannot be written", file,
                                              std::make_error_code(std::errc::io_error));
  }
  return decided.size();
}

std::size_t Z3Answers::queries() const { return state_->linear ? state_->linear->queries : 0; }

}  // namespace portolan::solver::answering
