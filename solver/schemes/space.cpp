// SPDX-License-Identifier: Apache-2.0
#include "solver/schemes/space.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "model/compat/constraint.hpp"

namespace portolan::solver::schemes {

using compat::Annotations;
using compat::Configuration;
using compat::DeviceModel;
using compat::End;
using compat::Parameter;
using compat::Parameters;
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
std::vector<const Expression*> expressions_of(const Annotations& notes) {
  std::vector<const Expression*> all;
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
bool told_apart_by_literals(const Expression& expression, const Parameters& parameters,
                            const std::string& name) {
  const auto found = parameters.find(name);
  if (found == parameters.end() || expression.nodes.size() == 1) return true;
  const auto position = static_cast<std::size_t>(std::distance(parameters.begin(), found));
  return compat::literal_uses(expression, position).only;
}

void add_around(ValueSet& values, std::uint64_t number) {
  values.add(
      compat::Range{number == 0 ? 0 : number - 1, number == largest_listed ? largest_listed : number + 1});
}

/// What a parameter's value is told apart by, and whether that is all: there, and on the way back.
class Marks {
 public:
  Marks(const Parameter& own, const End& source, const End& destination)
      : values(own.type), source_(source), destination_(destination) {
    add(std::uint64_t{0});
    add(std::string());
    here_.insert(own.name);
    if (const Parameter* there = known_as(destination, {}, own.name)) {
      there_.insert(there->name);
      if (const Parameter* back = known_as(source, {}, there->name)) here_.insert(back->name);
    }
    said_by(source_, here_);
    said_by(destination_, there_);
    aspects();
  }

  ValueSet values;
  bool all = true;

 private:
  using Names = std::set<std::string>;

  void add(const Value& value) {
    if (compat::type_of(value) != values.type()) return;
    if (const auto* number = std::get_if<std::uint64_t>(&value))
      add_around(values, *number);
    else
      values.add(value);
  }
  void add(const ValueSet& set) {
    for (const auto& range : set.ranges()) {
      add(range.min);
      add(range.max);
    }
    for (const std::string& text : set.strings()) add(text);
  }
  void add(const Expression& expression, const Parameters& variables, const Names& names) {
    for (const rules::Node& node : expression.nodes) {
      if (node.op == Op::integer) add(node.number);
      if (node.op == Op::text) add(expression.strings[node.number]);
    }
    for (const std::string& name : names) all = all && told_apart_by_literals(expression, variables, name);
  }

  void said_by(const End& end, const Names& names) {
    const Annotations& notes = notes_of(end);
    for (const std::string& name : names) {
      const Parameter& parameter = end.model->parameters.at(name);
      add(parameter.init);
      if (parameter.off) add(*parameter.off);
      add(parameter.accepted_values());
      if (const auto& takes = notes.notes_of(name).takes) add(*takes);
      // What is known of a profile counts at that very configuration (R13).
      for (const auto& [label, profile] : notes.profiles)
        if (const auto pin = profile.values.find(name); pin != profile.values.end()) add(pin->second);
    }
    for (const Expression* expression : expressions_of(notes)) add(*expression, end.model->parameters, names);
    for (const compat::Block& block : notes.blocks) add(block.when, block.variables, names);
  }

  static bool is_parameter(const Expression& expression, const End& end, const Names& names) {
    if (expression.nodes.size() != 1 || expression.nodes[0].op != Op::variable) return false;
    const auto used = compat::parameters_of(expression, end.model->parameters);
    return used.size() == 1 && names.contains(used.front());
  }

  /// An aspect that is the parameter itself at one end has to be that, or a literal, at the other: else it is
  /// told apart by more.
  void aspects() {
    const auto& there = notes_of(destination_).interface;
    for (const auto& [aspect, a] : notes_of(source_).interface) {
      const auto b = there.find(aspect);
      if (b == there.end()) continue;  // absent: told apart by 0 and "", which are marks
      const bool whole_here = is_parameter(a, source_, here_),
                 whole_there = is_parameter(b->second, destination_, there_);
      if (whole_here != whole_there && !is_literal(whole_here ? b->second.nodes.back() : a.nodes.back()))
        all = false;
    }
  }

  const End &source_, &destination_;
  Names here_, there_;  ///< the parameters that have the value at each end
};

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

}  // namespace

Axis axis_of(const Parameter& own, const End& source, const End& destination) {
  Axis axis;
  const ValueSet accepted = own.accepted_values();
  if (accepted.size() <= whole_domain_max) {
    axis.values = listed_values(accepted);
  } else {
    const Marks marks(own, source, destination);
    ValueSet asked = accepted.intersection(marks.values);
    // Between the marks all values fare alike: one of each gap stands for them.
    const ValueSet rest = accepted.minus(marks.values);
    for (const auto& range : rest.ranges()) asked.add(range.min);
    if (!rest.strings().empty()) asked.add(rest.strings().front());
    axis.all = marks.all;
    axis.values = listed_values(asked);
  }
  const auto init = std::find(axis.values.begin(), axis.values.end(), own.init);
  if (init != axis.values.end()) {
    std::rotate(axis.values.begin(), init, init + 1);
    axis.begins_with_init = true;
  }
  return axis;
}

Axes axes_of(const End& source, const End& destination) {
  Axes axes;
  for (const auto& [name, parameter] : source.model->parameters)
    axes.push_back(std::make_shared<const Axis>(axis_of(parameter, source, destination)));
  return axes;
}

Configuration Space::configuration(std::size_t number) const {
  Configuration made;
  auto step = configurations[number].begin();
  std::uint32_t parameter = 0;
  for (const auto& [name, described] : model->parameters) {
    const bool steps = step != configurations[number].end() && step->parameter == parameter;
    made.emplace_hint(made.end(), name, axes[parameter]->values[steps ? step->value : 0]);
    if (steps) ++step;
    ++parameter;
  }
  return made;
}

namespace {

class Listing {
 public:
  Listing(const End& source, Axes axes, std::uint64_t configurations_max)
      : source_(source), notes_(notes_of(source)), configurations_max_(configurations_max) {
    space_.model = source.model;
    space_.axes = std::move(axes);
  }

  Space run() {
    // Saturating: only whether it is more than the limit matters, and the number is told.
    std::uint64_t product = 1;
    for (const auto& axis : space_.axes) {
      if (axis->values.empty()) return std::move(space_);  // the source accepts nothing
      product =
          product > largest_listed / axis->values.size() ? largest_listed : product * axis->values.size();
    }
    prepare();
    for (std::size_t away = forced_from_.front(); away <= space_.axes.size() && !full_; ++away) {
      const auto first = static_cast<std::ptrdiff_t>(space_.configurations.size());
      choose(0, away);
      std::sort(space_.configurations.begin() + first, space_.configurations.end(),
                [this](const Steps& a, const Steps& b) { return less(a, b); });
    }
    say_what_was_left_out(product);
    return std::move(space_);
  }

 private:
  using Steps = std::vector<Step>;

  void prepare() {
    forced_from_.assign(space_.axes.size() + 1, 0);
    for (std::size_t k = space_.axes.size(); k-- > 0;)
      forced_from_[k] = forced_from_[k + 1] + (space_.axes[k]->begins_with_init ? 0 : 1);
    if (notes_.constraints.empty()) return;
    std::size_t number = 0;
    for (const auto& [name, parameter] : source_.model->parameters)
      held_.push_back(&(configuration_[name] = space_.axes[number++]->values.front()));
  }

  void say_what_was_left_out(std::uint64_t product) {
    const std::size_t asked = space_.configurations.size();
    if (full_) {
      space_.complete = false;
      space_.why = product == largest_listed
                       ? fmt::format("there are more than 2^64 configurations, and {} were asked", asked)
                       : fmt::format("there are {} configurations, and {} were asked", product, asked);
      return;
    }
    auto axis = space_.axes.begin();
    for (const auto& [name, parameter] : source_.model->parameters) {
      if ((*axis++)->all) continue;
      space_.complete = false;
      space_.why = fmt::format(
          "{} has {} values and takes part in more than comparisons with literals; {} configurations were "
          "asked",
          name, parameter.accepted_values().size(), asked);
      return;
    }
  }

  /// By the values in name order, as configurations are.
  bool less(const Steps& a, const Steps& b) const {
    auto left = a.begin(), right = b.begin();
    while (left != a.end() || right != b.end()) {
      const bool here = right == b.end() || (left != a.end() && left->parameter <= right->parameter);
      const bool there = left == a.end() || (right != b.end() && right->parameter <= left->parameter);
      const auto& values = space_.axes[here ? left->parameter : right->parameter]->values;
      const Value &one = values[here ? left->value : 0], &other = values[there ? right->value : 0];
      if (one != other) return one < other;
      ++left, ++right;  // the same step: where only one steps, the values differ
    }
    return false;
  }

  /// Every choice of exactly `away` parameters from `from` on that leave their init value.
  void choose(std::size_t from, std::size_t away) {
    if (full_) return;
    if (away == 0) {
      if (forced_from_[from] == 0) visit();  // else one is still to leave, and cannot
      return;
    }
    if (space_.axes.size() - from < away) return;
    const Axis& axis = *space_.axes[from];
    if (axis.begins_with_init) choose(from + 1, away);
    for (std::size_t k = axis.begins_with_init ? 1 : 0; k < axis.values.size() && !full_; ++k) {
      if (k > 0) steps_.push_back({static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(k)});
      if (!held_.empty()) *held_[from] = axis.values[k];
      choose(from + 1, away - 1);
      if (k > 0) steps_.pop_back();
    }
    if (!held_.empty()) *held_[from] = axis.values.front();
  }

  void visit() {
    if (space_.configurations.size() >= configurations_max_ || ++visited_ > 16 * configurations_max_) {
      full_ = true;
      return;
    }
    if (failed_constraints(notes_, configuration_).empty()) space_.configurations.push_back(steps_);
  }

  const End& source_;
  const Annotations& notes_;
  std::uint64_t configurations_max_, visited_ = 0;
  std::vector<std::size_t> forced_from_;  ///< parameters that cannot be at init, from each one on
  Steps steps_;
  Configuration configuration_;  ///< as the steps say, where constraints look at it
  std::vector<Value*> held_;     ///< its values, in name order
  bool full_ = false;
  Space space_;
};

}  // namespace

std::size_t away_from_init(const DeviceModel& model, const Configuration& configuration) {
  return static_cast<std::size_t>(std::count_if(
      configuration.begin(), configuration.end(),
      [&](const auto& entry) { return entry.second != model.parameters.at(entry.first).init; }));
}

Space space_of(const End& source, Axes axes, std::uint64_t configurations_max) {
  return Listing(source, std::move(axes), configurations_max).run();
}

}  // namespace portolan::solver::schemes
