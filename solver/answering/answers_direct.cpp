// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "model/compat/constraint.hpp"
#include "solver/answering/answers.hpp"

namespace portolan::solver::answering {
namespace {

using compat::Range;
using compat::Value;
using compat::ValueSet;
using compat::ValueType;
using Kind = FormulaNode::Kind;

constexpr std::uint64_t largest_number = std::numeric_limits<std::uint64_t>::max();

/// Values that nothing tells apart, by their least.
struct Class {
  Value least;
  std::uint64_t size = 1;
};

/// Where the domain of a number has to be cut; the cut lies before the value.
struct Cuts {
  std::set<std::uint64_t> before;
  std::set<std::string> texts;  ///< that something mentions
  bool every = false;           ///< no two values are alike
  bool two = false;             ///< a class needs two values, to differ from another variable

  void at(std::uint64_t number) {
    before.insert(number);
    if (number != largest_number) before.insert(number + 1);
  }
  void at(const Value& value) {
    if (const auto* number = std::get_if<std::uint64_t>(&value))
      at(*number);
    else if (const auto* text = std::get_if<std::string>(&value))
      texts.insert(*text);
  }
  void at(const ValueSet& set) {
    for (const Range& range : set.ranges()) {
      before.insert(range.min);
      if (range.max != largest_number) before.insert(range.max + 1);
    }
    texts.insert(set.strings().begin(), set.strings().end());
  }
  void at(const ParameterTerm& term) {
    for (const auto& [value, becomes] : term.exceptions) at(value);
  }
};

/// Cuts for a parameter that an expression compares with literals; `every` where it does anything else with
/// it.
void cut_by_expression(const rules::Expression& expression, std::size_t symbol, ValueType type, Cuts& cuts) {
  if (type == ValueType::boolean) return;
  if (type == ValueType::string) {  // an order of texts may be asked for
    cuts.every = true;
    return;
  }
  const compat::LiteralUses uses = compat::literal_uses(expression, symbol);
  for (const std::uint64_t number : uses.numbers) cuts.at(number);
  if (!uses.only) cuts.every = true;
}

void cut(const BoundExpression& bound, std::vector<Cuts>& cuts) {
  if (bound.expression == nullptr) return;
  for (const auto& [symbol, term] : bound.used) {
    if (term.variable < 0) continue;
    Cuts& own = cuts[static_cast<std::size_t>(term.variable)];
    own.at(term);
    cut_by_expression(*bound.expression, symbol, term.type, own);
  }
}

void cut(const FormulaNode& formula, const Question& question, std::vector<Cuts>& cuts) {
  switch (formula.kind) {
    case Kind::truth: return;
    case Kind::within: cuts[static_cast<std::size_t>(formula.variable)].at(formula.set); return;
    case Kind::same: {
      const auto a = static_cast<std::size_t>(formula.left.variable),
                 b = static_cast<std::size_t>(formula.right.variable);
      // Equality tells two classes apart unless both are cut alike: everything that is known of either counts
      // for both.
      cuts[a].two = cuts[b].two = true;
      for (const auto& [one, other] : {std::pair(a, b), std::pair(b, a)}) {
        cuts[one].at(formula.left);
        cuts[one].at(formula.right);
        for (const ParameterTerm* term : {&formula.left, &formula.right})
          for (const auto& [value, becomes] : term->exceptions) cuts[one].at(becomes);
        cuts[one].at(question.variables[other].domain);
        cuts[one].at(question.variables[other].init);
      }
      return;
    }
    case Kind::holds:
    case Kind::differs:
      cut(formula.first, cuts);
      cut(formula.second, cuts);
      return;
    case Kind::negation:
    case Kind::conjunction:
    case Kind::disjunction:
      for (const Formula& part : formula.parts) cut(*part, question, cuts);
  }
}

/// After `cut` of everything: variables that are compared with each other share their cuts.
void share(const FormulaNode& formula, std::vector<Cuts>& cuts) {
  if (formula.kind == Kind::same) {
    Cuts &a = cuts[static_cast<std::size_t>(formula.left.variable)],
         &b = cuts[static_cast<std::size_t>(formula.right.variable)];
    a.before.insert(b.before.begin(), b.before.end());
    b.before = a.before;
    a.texts.insert(b.texts.begin(), b.texts.end());
    b.texts = a.texts;
    a.every = b.every = a.every || b.every;
  }
  for (const Formula& part : formula.parts) share(*part, cuts);
}

/// The classes of a domain, ascending by their least value; empty where there would be more than `max`.
std::optional<std::vector<Class>> classes_of(const ValueSet& domain, const Value& init, Cuts cuts,
                                             std::uint64_t max) {
  std::vector<Class> classes;
  if (domain.has_false()) classes.emplace_back(false);
  if (domain.has_true()) classes.emplace_back(true);
  if (cuts.every && domain.size() > max) return std::nullopt;
  cuts.at(init);
  const auto add = [&](std::uint64_t from, std::uint64_t to) {
    if (cuts.every) {
      for (std::uint64_t number = from;; ++number) {
        classes.emplace_back(number);
        if (number == to) return;
      }
    }
    if (cuts.two && from != to) {
      classes.emplace_back(from);
      classes.emplace_back(from + 1, to - from);
    } else {
      classes.emplace_back(from, to - from == largest_number ? largest_number : to - from + 1);
    }
  };
  for (const Range& range : domain.ranges()) {
    std::uint64_t from = range.min;
    for (auto at = cuts.before.upper_bound(range.min); at != cuts.before.end() && *at <= range.max; ++at) {
      add(from, *at - 1);
      from = *at;
    }
    add(from, range.max);
    if (classes.size() > max) return std::nullopt;
  }
  std::uint64_t others = 0;
  for (const std::string& text : domain.strings()) {
    if (cuts.every || cuts.two || cuts.texts.contains(text))
      classes.emplace_back(text);
    else if (others++ == 0)
      classes.emplace_back(text);
  }
  if (classes.size() > max) return std::nullopt;
  if (others > 1) {
    for (Class& one : classes) {
      const auto* text = std::get_if<std::string>(&one.least);
      if (text != nullptr && !cuts.texts.contains(*text)) one.size = others;
    }
  }
  return classes;
}

/// What a part of a configuration shows of what the question looks for; bits.
enum Mark : std::size_t { nothing = 0, breaks = 1, changeable = 2, mark_count = 4 };

struct Corner {
  std::uint32_t distance = 0;
  std::vector<Value> values;  ///< in the order of the part's variables
};

bool before(const Corner& a, const Corner& b) {
  return a.distance != b.distance ? a.distance < b.distance : a.values < b.values;
}

/// Parameters that have to be looked at together, and the least points that show at least the marks of an
/// index.
struct Part {
  std::vector<int> variables;
  std::vector<const FormulaNode*> conditions, failures, again;
  std::optional<Corner> least[mark_count];

  void offer(std::size_t marks, const Corner& point) {
    for (std::size_t wanted = 0; wanted < mark_count; ++wanted) {
      if ((wanted & marks) != wanted) continue;
      if (!least[wanted] || before(point, *least[wanted])) least[wanted] = point;
    }
  }
};

class Regions {
 public:
  explicit Regions(std::size_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), 0); }
  int root(int x) {
    while (parent_[static_cast<std::size_t>(x)] != x)
      x = parent_[static_cast<std::size_t>(x)] =
          parent_[static_cast<std::size_t>(parent_[static_cast<std::size_t>(x)])];
    return x;
  }
  void merge(const std::vector<int>& all) {
    for (const int one : all) parent_[static_cast<std::size_t>(root(one))] = root(all.front());
  }

 private:
  std::vector<int> parent_;
};

struct TooMany {
  std::string reason;
};

/// The question for certain, or with everything granted that R2 leaves open.
class Direct {
 public:
  Direct(const Question& question, bool granted, std::uint64_t enumerated_max)
      : question_(question), enumerated_max_(enumerated_max), variables_(question.variables.size()) {
    for (const Variable& variable : question.variables) domains_.push_back(variable.domain);
    for (const Formula& one : question.exists) require(one);
    for (const Formula& one : granted ? question.possible : question.condition) require(one);
    for (const Failure& one : question.failures) fail_if(one.formula);
    // A refusal that may turn out to be none does not break a promise for certain.
    for (const Formula& one : granted ? question.again : question.again_possible) again_.push_back(one);
  }

  bool applies() const { return applies_; }

  /// Whether the promise is broken; `witness` is filled where it is.
  bool broken(std::optional<std::vector<Value>>& witness) {
    if (impossible_ || !parts()) return false;
    applies_ = !question_.revertible || reachable(changeable).has_value();
    if (!always_broken_ && !question_.can_fail()) return false;
    witness = reachable(question_.revertible ? breaks | changeable : always_broken_ ? nothing : breaks);
    return witness.has_value();
  }

 private:
  void require(const Formula& formula) {
    const FormulaNode& node = *formula;
    if (node.kind == Kind::truth)
      impossible_ = impossible_ || !node.value;
    else if (node.kind == Kind::conjunction)
      for (const Formula& part : node.parts) require(part);
    else if (node.kind == Kind::within)
      narrow(node.variable, domain(node.variable).intersection(node.set));
    else if (node.kind == Kind::negation && node.parts.front()->kind == Kind::within)
      narrow(node.parts.front()->variable,
             domain(node.parts.front()->variable).minus(node.parts.front()->set));
    else
      conditions_.push_back(formula);
  }
  const ValueSet& domain(int variable) const { return domains_[static_cast<std::size_t>(variable)]; }
  void narrow(int variable, ValueSet set) { domains_[static_cast<std::size_t>(variable)] = std::move(set); }

  void fail_if(const Formula& formula) {
    if (formula->kind == Kind::truth)
      always_broken_ = always_broken_ || formula->value;
    else if (formula->kind == Kind::disjunction)
      for (const Formula& part : formula->parts) fail_if(part);
    else
      failures_.push_back(formula);
  }

  /// Makes the parts and their least points; false where some part has none.
  bool parts() {
    Regions partition(variables_);
    for (const auto* all : {&conditions_, &failures_})
      for (const Formula& one : *all) partition.merge(one->support);
    std::map<int, std::size_t> number;
    std::vector<std::size_t> of_variable(variables_);
    for (std::size_t i = 0; i < variables_; ++i) {
      const auto [entry, added] = number.try_emplace(partition.root(static_cast<int>(i)), parts_.size());
      if (added) parts_.emplace_back();
      of_variable[i] = entry->second;
      parts_[entry->second].variables.push_back(static_cast<int>(i));
    }
    const auto part_of = [&](const Formula& one) -> Part& {
      return parts_[of_variable[static_cast<std::size_t>(one->support.front())]];
    };
    for (const Formula& one : conditions_) part_of(one).conditions.push_back(one.get());
    for (const Formula& one : failures_) part_of(one).failures.push_back(one.get());
    bool always_refused = false;
    for (const Formula& one : again_) {
      if (one->kind == Kind::truth)
        always_refused = always_refused || !one->value;
      else
        part_of(one).again.push_back(one.get());
    }
    always_refused_ = always_refused;
    for (Part& part : parts_) {
      solve(part);
      if (!part.least[nothing]) return false;
    }
    return true;
  }

  void solve(Part& part) {
    if (part.variables.size() == 1 && part.conditions.empty() && !question_.revertible)
      return solve_alone(part);
    std::vector<Cuts> cuts(variables_);
    for (const auto* all : {&part.conditions, &part.failures, &part.again})
      for (const FormulaNode* one : *all) cut(*one, question_, cuts);
    for (const auto* all : {&part.conditions, &part.failures})
      for (int round = 0; round < 2; ++round)
        for (const FormulaNode* one : *all) share(*one, cuts);
    std::vector<std::vector<Class>> classes;
    std::uint64_t product = 1;
    for (const int variable : part.variables) {
      const auto v = static_cast<std::size_t>(variable);
      auto own = classes_of(domains_[v], question_.variables[v].init, cuts[v], enumerated_max_);
      const bool saturated =
          own && __builtin_mul_overflow(product, std::max<std::uint64_t>(own->size(), 1), &product);
      if (!own || saturated || product > enumerated_max_)
        throw TooMany{fmt::format("{} has too many values to try them all, and constraints tie {} parameters",
                                  question_.variables[v].name, part.variables.size())};
      classes.push_back(std::move(*own));
    }
    if (question_.revertible)
      enumerate_settings(part, classes);
    else
      enumerate(part, classes);
  }

  /// One parameter that is only compared with sets: no class is needed.
  void solve_alone(Part& part) {
    const auto v = static_cast<std::size_t>(part.variables.front());
    const Variable& variable = question_.variables[v];
    const auto least_in = [&](const ValueSet& set) -> std::optional<Corner> {
      if (set.empty()) return std::nullopt;
      if (set.contains(variable.init)) return Corner{0, {variable.init}};
      return Corner{variable.counts ? 1u : 0u, {set.least()}};
    };
    if (const auto point = least_in(domains_[v])) part.offer(nothing, *point);
    for (const FormulaNode* one : part.failures) {
      if (one->kind == Kind::within) {
        if (const auto point = least_in(domains_[v].intersection(one->set))) part.offer(breaks, *point);
      } else if (one->kind == Kind::negation && one->parts.front()->kind == Kind::within) {
        if (const auto point = least_in(domains_[v].minus(one->parts.front()->set)))
          part.offer(breaks, *point);
      } else {
        std::vector<Cuts> cuts(variables_);
        cut(*one, question_, cuts);
        const auto classes = classes_of(domains_[v], variable.init, cuts[v], enumerated_max_);
        if (!classes) throw TooMany{fmt::format("{} has too many values to try them all", variable.name)};
        std::vector<const Value*> values(variables_, nullptr);
        for (const Class& each : *classes) {
          values[v] = &each.least;
          if (meaning(*one, values))
            part.offer(breaks, {variable.counts && each.least != variable.init ? 1u : 0u, {each.least}});
        }
      }
    }
  }

  /// Calls `visit` for each combination of classes of the part's variables that meets the conditions,
  /// ascending. `values` is by variable.
  template <class Visit>
  void walk(const Part& part, const std::vector<std::vector<Class>>& classes, const Visit& visit) {
    std::vector<const Value*> values(variables_, nullptr);
    std::vector<std::size_t> at(part.variables.size(), 0);
    for (const auto& own : classes)
      if (own.empty()) return;
    while (true) {
      for (std::size_t i = 0; i < at.size(); ++i)
        values[static_cast<std::size_t>(part.variables[i])] = &classes[i][at[i]].least;
      if (std::all_of(part.conditions.begin(), part.conditions.end(),
                      [&](const FormulaNode* one) { return meaning(*one, values); }))
        visit(values, at);
      std::size_t i = at.size();
      while (i > 0 && ++at[i - 1] == classes[i - 1].size()) at[--i] = 0;
      if (i == 0) return;
    }
  }

  Corner point_of(const Part& part, const std::vector<const Value*>& values) const {
    Corner point;
    for (const int variable : part.variables) {
      const auto v = static_cast<std::size_t>(variable);
      point.distance += question_.variables[v].counts && *values[v] != question_.variables[v].init;
      point.values.push_back(*values[v]);
    }
    return point;
  }

  void enumerate(Part& part, const std::vector<std::vector<Class>>& classes) {
    walk(part, classes, [&](const std::vector<const Value*>& values, const std::vector<std::size_t>&) {
      const bool wrong = std::any_of(part.failures.begin(), part.failures.end(),
                                     [&](const FormulaNode* one) { return meaning(*one, values); });
      part.offer(wrong ? breaks : nothing, point_of(part, values));
    });
  }

  /// By setting of what cannot be changed while the guest runs: how many run-time settings there are, and
  /// whether one of them is accepted.
  void enumerate_settings(Part& part, const std::vector<std::vector<Class>>& classes) {
    struct Setting {
      std::uint64_t settings = 0;
      bool accepted = false;
      std::vector<Corner> points;
    };
    std::map<std::vector<std::size_t>, Setting> by_fixed;
    walk(part, classes, [&](const std::vector<const Value*>& values, const std::vector<std::size_t>& at) {
      std::vector<std::size_t> fixed;
      std::uint64_t settings = 1;
      for (std::size_t i = 0; i < at.size(); ++i) {
        if (!question_.variables[static_cast<std::size_t>(part.variables[i])].runtime)
          fixed.push_back(at[i]);
        else if (__builtin_mul_overflow(settings, classes[i][at[i]].size, &settings))
          settings = largest_number;
      }
      Setting& setting = by_fixed[fixed];
      setting.settings =
          setting.settings > largest_number - settings ? largest_number : setting.settings + settings;
      setting.accepted =
          setting.accepted || std::all_of(part.again.begin(), part.again.end(),
                                          [&](const FormulaNode* one) { return meaning(*one, values); });
      setting.points.push_back(point_of(part, values));
    });
    for (const auto& [fixed, setting] : by_fixed) {
      const std::size_t marks = (setting.accepted ? 0u : std::size_t{breaks}) |
                                (setting.settings > 1 ? std::size_t{changeable} : 0u);
      for (const Corner& point : setting.points) part.offer(marks, point);
    }
  }

  /// The least configuration whose parts together show the marks.
  std::optional<std::vector<Value>> reachable(std::size_t wanted) const {
    if (always_refused_) wanted &= ~std::size_t{breaks};
    struct Partial {
      std::uint32_t distance = 0;
      std::vector<std::pair<int, const Value*>> values;  ///< by variable, ascending
    };
    const auto less = [](const Partial& a, const Partial& b) {
      if (a.distance != b.distance) return a.distance < b.distance;
      for (std::size_t i = 0; i < a.values.size(); ++i)
        if (*a.values[i].second != *b.values[i].second) return *a.values[i].second < *b.values[i].second;
      return false;
    };
    // The best so far for each set of marks that is shown; a part that is least for its marks is least within
    // any whole.
    std::optional<Partial> best[mark_count];
    best[nothing] = Partial{};
    for (const Part& part : parts_) {
      std::optional<Partial> next[mark_count];
      for (std::size_t have = 0; have < mark_count; ++have) {
        if (!best[have]) continue;
        for (std::size_t more = 0; more < mark_count; ++more) {
          if (!part.least[more] || (more & wanted) != more) continue;
          if (more != nothing && (have | more) == have) continue;
          Partial longer = *best[have];
          longer.distance += part.least[more]->distance;
          for (std::size_t i = 0; i < part.variables.size(); ++i)
            longer.values.emplace_back(part.variables[i], &part.least[more]->values[i]);
          std::sort(longer.values.begin(), longer.values.end(),
                    [](const auto& a, const auto& b) { return a.first < b.first; });
          auto& slot = next[have | more];
          if (!slot || less(longer, *slot)) slot = std::move(longer);
        }
      }
      for (std::size_t i = 0; i < mark_count; ++i) best[i] = std::move(next[i]);
    }
    if (!best[wanted]) return std::nullopt;
    std::vector<Value> values;
    for (const auto& [variable, value] : best[wanted]->values) values.push_back(*value);
    return values;
  }

  const Question& question_;
  std::uint64_t enumerated_max_;
  std::size_t variables_;
  std::vector<ValueSet> domains_;
  std::vector<Formula> conditions_, failures_, again_;
  std::vector<Part> parts_;
  bool impossible_ = false, always_broken_ = false, always_refused_ = false, applies_ = false;
};

}  // namespace

bool Answer::agrees_with(const Answer& other) const {
  if (outcome == Outcome::unknown || other.outcome == Outcome::unknown) return true;
  return outcome == other.outcome && applies == other.applies &&
         (!witness || !other.witness || *witness == *other.witness);
}

std::vector<std::string> broken_by(const Question& question, const std::vector<Value>& witness) {
  std::vector<const Value*> values;
  for (const Value& value : witness) values.push_back(&value);
  std::vector<std::string> broken;
  for (const Failure& one : question.failures) {
    if (meaning(*one.formula, values) && std::find(broken.begin(), broken.end(), one.what) == broken.end())
      broken.push_back(one.what);
  }
  if (question.revertible) {
    std::size_t next = 0;
    for (const Variable& variable : question.variables) {
      if (variable.runtime && !meaning(*question.again[next++], values)) broken.push_back(variable.name);
    }
    if (broken.empty()) broken.emplace_back("the run-time settings together");
  }
  return broken;
}

Answer answer_directly(const Question& question, std::uint64_t enumerated_max) {
  Answer answer;
  try {
    Direct certain(question, false, enumerated_max);
    const bool broken = certain.broken(answer.witness);
    answer.applies = certain.applies();
    if (broken) {
      answer.outcome = Answer::Outcome::broken;
    } else if (question.open) {
      Direct granted(question, true, enumerated_max);
      if (granted.broken(answer.witness)) answer.outcome = Answer::Outcome::open;
    }
  } catch (const TooMany& error) {
    answer = {};
    answer.outcome = Answer::Outcome::unknown;
    answer.reason = error.reason;
  }
  return answer;
}

}  // namespace portolan::solver::answering
