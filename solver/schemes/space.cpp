// SPDX-License-Identifier: Apache-2.0
#include "solver/schemes/space.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "model/compat/constraint.hpp"

namespace portolan::solver::schemes {

using compat::Annotations;
using compat::Configuration;
using compat::DeviceModel;
using compat::End;
using compat::Parameter;
using compat::Value;
using compat::ValueSet;
using compat::ValueType;
using rules::Expression;
using rules::Op;

namespace {

constexpr std::uint64_t largest_listed = std::numeric_limits<std::uint64_t>::max();
// A parameter with no more values than these is asked with all of them.
constexpr std::uint64_t whole_domain_max = 64;

/// Every expression that an end evaluates over its parameters.
std::vector<const Expression*> expressions_of(const End& end) {
  std::vector<const Expression*> all;
  const Annotations& notes = notes_of(end);
  for (const auto& one : notes.constraints) all.push_back(&one);
  for (const auto& one : notes.state)
    if (one.when) all.push_back(&*one.when);
  for (const auto& one : notes.loads)
    if (one.required) all.push_back(&*one.required);
  for (const auto& [aspect, one] : notes.interface) all.push_back(&one);
  return all;
}

bool is_literal(const rules::Node& node) {
  return node.op == Op::integer || node.op == Op::text || node.op == Op::boolean;
}
/// Whether the value of a parameter matters in an expression only through comparisons with literals, or as
/// the whole of it.
bool told_apart_by_literals(const Expression& expression, std::size_t parameter) {
  return expression.nodes.size() == 1 || compat::literal_uses(expression, parameter).only;
}

std::size_t position_of(const DeviceModel& model, const std::string& parameter) {
  return static_cast<std::size_t>(std::distance(model.parameters.begin(), model.parameters.find(parameter)));
}

/// What a parameter's value is told apart by, and whether that is all.
struct Marks {
  ValueSet values;
  bool all = true;
  explicit Marks(ValueType type) : values(type) {}
};

void add_around(ValueSet& values, std::uint64_t number) {
  values.add(
      compat::Range{number == 0 ? 0 : number - 1, number == largest_listed ? largest_listed : number + 1});
}

Marks marks_of(const Parameter& own, const End& source, const End& destination) {
  Marks marks(own.type);
  const auto add = [&](const Value& value) {
    if (compat::type_of(value) != own.type) return;
    if (const auto* number = std::get_if<std::uint64_t>(&value))
      add_around(marks.values, *number);
    else
      marks.values.add(value);
  };
  const auto about = [&](const Parameter& parameter) {
    add(parameter.init);
    if (parameter.off) add(*parameter.off);
    const ValueSet accepted = parameter.accepted_values();
    for (const auto& range : accepted.ranges()) {
      add(range.min);
      add(range.max);
    }
    for (const std::string& text : accepted.strings()) add(text);
  };
  add(std::uint64_t{0});
  add(std::string());
  for (const End* end : {&source, &destination}) {
    const auto parameter = end->model->parameters.find(own.name);
    const bool known = parameter != end->model->parameters.end();
    if (known) about(parameter->second);
    for (const Expression* expression : expressions_of(*end)) {
      for (const rules::Node& node : expression->nodes) {
        if (node.op == Op::integer) add(node.number);
        if (node.op == Op::text) add(expression->strings[node.number]);
      }
      if (known && !told_apart_by_literals(*expression, position_of(*end->model, own.name)))
        marks.all = false;
    }
  }
  // An aspect that is the parameter itself at one end has to be that, or a literal, at the other: else it is
  // told apart by more.
  const auto& here = notes_of(source).interface;
  const auto& there = notes_of(destination).interface;
  const auto is_parameter = [&](const Expression& expression, const End& end) {
    if (expression.nodes.size() != 1 || expression.nodes[0].op != Op::variable) return false;
    const auto names = compat::parameters_of(expression, end.model->parameters);
    return names.size() == 1 && names.front() == own.name;
  };
  for (const auto& [aspect, a] : here) {
    const auto b = there.find(aspect);
    if (b == there.end()) continue;  // absent: told apart by 0 and "", which are marks
    const bool whole_here = is_parameter(a, source), whole_there = is_parameter(b->second, destination);
    if (whole_here != whole_there && !is_literal(whole_here ? b->second.nodes.back() : a.nodes.back()))
      marks.all = false;
  }
  return marks;
}

std::vector<Value> listed_values(const ValueSet& set) {
  std::vector<Value> values;
  if (set.has_false()) values.emplace_back(false);
  if (set.has_true()) values.emplace_back(true);
  for (const auto& range : set.ranges())
    for (std::uint64_t number = range.min;; ++number) {
      values.emplace_back(number);
      if (number == range.max) break;
    }
  for (const std::string& text : set.strings()) values.emplace_back(text);
  return values;
}

/// The values of one parameter that are asked; its init value first where the source accepts it.
struct Domain {
  std::string name;
  std::vector<Value> values;
  bool begins_with_init = false;
  bool all = true;
};

Domain domain_of(const Parameter& own, const End& source, const End& destination) {
  Domain domain;
  domain.name = own.name;
  const ValueSet accepted = own.accepted_values();
  if (accepted.size() <= whole_domain_max) {
    domain.values = listed_values(accepted);
  } else {
    const Marks marks = marks_of(own, source, destination);
    ValueSet asked = accepted.intersection(marks.values);
    // Between the marks all values fare alike: one of each gap stands for them.
    const ValueSet rest = accepted.minus(marks.values);
    for (const auto& range : rest.ranges()) asked.add(range.min);
    if (!rest.strings().empty()) asked.add(rest.strings().front());
    domain.all = marks.all;
    domain.values = listed_values(asked);
  }
  const auto init = std::find(domain.values.begin(), domain.values.end(), own.init);
  if (init != domain.values.end()) {
    std::rotate(domain.values.begin(), init, init + 1);
    domain.begins_with_init = true;
  }
  return domain;
}

class Listing {
 public:
  Listing(const End& source, const End& destination, std::uint64_t configurations_max)
      : source_(source), notes_(notes_of(source)), configurations_max_(configurations_max) {
    for (const auto& [name, parameter] : source.model->parameters)
      domains_.push_back(domain_of(parameter, source, destination));
  }

  Space run() {
    // Saturating: only whether it is more than the limit matters, and the number is told.
    std::uint64_t product = 1;
    std::string coupled;
    for (const Domain& domain : domains_) {
      if (domain.values.empty()) return std::move(space_);  // the source accepts nothing
      product =
          product > largest_listed / domain.values.size() ? largest_listed : product * domain.values.size();
      if (!domain.all && coupled.empty()) coupled = domain.name;
      if (!domain.begins_with_init) ++forced_;
      configuration_[domain.name] = domain.values.front();
    }
    for (std::size_t away = forced_; away <= domains_.size() && !full_; ++away) {
      const auto first = static_cast<std::ptrdiff_t>(space_.configurations.size());
      choose(0, away);
      std::sort(space_.configurations.begin() + first, space_.configurations.end());
    }
    if (full_) {
      space_.complete = false;
      space_.why = product == largest_listed
                       ? fmt::format("there are more than 2^64 configurations, and {} were asked",
                                     space_.configurations.size())
                       : fmt::format("there are {} configurations, and {} were asked", product,
                                     space_.configurations.size());
    } else if (!coupled.empty()) {
      space_.complete = false;
      space_.why = fmt::format(
          "{} has {} values and takes part in more than comparisons with literals; {} configurations were "
          "asked",
          coupled, source_.model->parameters.at(coupled).accepted_values().size(),
          space_.configurations.size());
    }
    return std::move(space_);
  }

 private:
  /// Every choice of exactly `away` parameters from `from` on that leave their init value.
  void choose(std::size_t from, std::size_t away) {
    if (full_) return;
    if (away == 0) {
      for (std::size_t k = from; k < domains_.size(); ++k)
        if (!domains_[k].begins_with_init) return;  // one is still to leave, and cannot
      visit();
      return;
    }
    if (domains_.size() - from < away) return;
    const Domain& domain = domains_[from];
    if (domain.begins_with_init) choose(from + 1, away);
    Value& value = configuration_.at(domain.name);
    for (std::size_t k = domain.begins_with_init ? 1 : 0; k < domain.values.size() && !full_; ++k) {
      value = domain.values[k];
      choose(from + 1, away - 1);
    }
    value = domain.values.front();
  }

  void visit() {
    if (space_.configurations.size() >= configurations_max_ || ++visited_ > 16 * configurations_max_) {
      full_ = true;
      return;
    }
    if (failed_constraints(notes_, configuration_).empty()) space_.configurations.push_back(configuration_);
  }

  const End& source_;
  const Annotations& notes_;
  std::uint64_t configurations_max_, visited_ = 0;
  std::vector<Domain> domains_;
  std::size_t forced_ = 0;
  Configuration configuration_;
  bool full_ = false;
  Space space_;
};

}  // namespace

std::size_t away_from_init(const DeviceModel& model, const Configuration& configuration) {
  return static_cast<std::size_t>(std::count_if(
      configuration.begin(), configuration.end(),
      [&](const auto& entry) { return entry.second != model.parameters.at(entry.first).init; }));
}

Space space_of(const End& source, const End& destination, std::uint64_t configurations_max) {
  return Listing(source, destination, configurations_max).run();
}

}  // namespace portolan::solver::schemes
