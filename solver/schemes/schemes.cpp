// SPDX-License-Identifier: Apache-2.0
#include "solver/schemes/schemes.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <map>
#include <set>

#include <fmt/format.h>

#include "model/compat/constraint.hpp"
#include "model/support/text.hpp"

namespace portolan::solver::schemes {

using compat::Annotations;
using compat::Configuration;
using compat::Decision;
using compat::DeviceModel;
using compat::End;
using compat::NamedScheme;
using compat::Parameter;
using compat::Value;
using compat::ValueSet;
using compat::ValueType;
using compat::Verdict;
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
bool is_comparison(Op op) { return op >= Op::equal && op <= Op::greater_equal; }

/// Whether the value of a parameter matters in an expression only through comparisons with literals, or as
/// the whole of it.
bool told_apart_by_literals(const Expression& expression, std::int16_t symbol) {
  const auto& nodes = expression.nodes;
  const auto is_it = [&](std::int32_t k) {
    return k >= 0 && nodes[static_cast<std::size_t>(k)].op == Op::variable &&
           nodes[static_cast<std::size_t>(k)].symbol == symbol;
  };
  const auto literal = [&](std::int32_t k) {
    return k < 0 || is_literal(nodes[static_cast<std::size_t>(k)]);
  };
  for (const rules::Node& node : nodes) {
    if (node.op == Op::variable || (!is_it(node.a) && !is_it(node.b) && !is_it(node.c))) continue;
    if (is_comparison(node.op) && (is_it(node.a) ? literal(node.b) : literal(node.a))) continue;
    if (node.op == Op::member && is_it(node.a)) {
      bool simple = true;
      for (std::int32_t item = node.b; item >= 0; item = nodes[static_cast<std::size_t>(item)].c)
        simple = simple && literal(nodes[static_cast<std::size_t>(item)].a) &&
                 literal(nodes[static_cast<std::size_t>(item)].b);
      if (simple) continue;
    }
    return false;
  }
  return true;
}

std::int16_t symbol_of(const DeviceModel& model, const std::string& parameter) {
  return static_cast<std::int16_t>(std::distance(model.parameters.begin(), model.parameters.find(parameter)));
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
      if (known && !told_apart_by_literals(*expression, symbol_of(*end->model, own.name))) marks.all = false;
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

/// An ordered pair whose models can be compared at all.
struct Crossing {
  std::size_t source_index, destination_index;
  End source, destination;
};

std::vector<Crossing> pairs_of(const compat::Catalogue& catalogue, bool across_models) {
  std::vector<Crossing> pairs;
  const auto& all = catalogue.implementations;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const auto& [name, model] : all[i].info.models) {
      for (std::size_t j = 0; j < all.size(); ++j) {
        if (i == j) continue;
        const DeviceModel* there = all[j].model(name);
        if (there == nullptr && across_models && all[i].info.models.size() == 1 &&
            all[j].info.models.size() == 1)
          there = &all[j].info.models.begin()->second;
        if (there != nullptr) pairs.push_back({i, j, {&all[i], &model}, {&all[j], there}});
      }
    }
  }
  return pairs;
}

bool can_exist(const End& end, const Configuration& configuration) {
  for (const auto& [name, value] : configuration)
    if (end.model->parameters.at(name).accepts(value) != compat::Acceptance::accepted) return false;
  return failed_constraints(notes_of(end), configuration).empty();
}

/// Absences by model, made once.
class Absences {
 public:
  explicit Absences(const compat::Catalogue& catalogue) : catalogue_(catalogue) {}
  const compat::Absence& of(const std::string& model) {
    return made_.try_emplace(model, catalogue_, model).first->second;
  }

 private:
  const compat::Catalogue& catalogue_;
  std::map<std::string, compat::Absence> made_;
};

/// One scheme while the pairs go by.
class Judging {
 public:
  explicit Judging(NamedScheme scheme) { judgement_.scheme = scheme; }

  void begin_pair() { told_ = {}; }

  void ask(const compat::Question& question, const compat::Truth& shared) {
    const Verdict verdict = judge(judgement_.scheme, question);
    if (verdict.decision == Decision::undetermined) {
      ++judgement_.undetermined;
      return;
    }
    const bool accepted = verdict.decision == Decision::accept;
    ++(accepted ? judgement_.accepted : judgement_.rejected);
    const bool own_truth =
        compat::is_for_profiles(judgement_.scheme) || judgement_.scheme == NamedScheme::subsections;
    const compat::Truth truth = own_truth ? truth_under(judgement_.scheme, question, verdict) : shared;
    if (truth.outcome == compat::Outcome::undetermined)
      open(accepted ? judgement_.sound : judgement_.complete, truth.why);
    if (accepted && truth.outcome == compat::Outcome::fails)
      tell(FailureKind::false_accept, question, {}, truth.why);
    if (!accepted && truth.outcome == compat::Outcome::works)
      tell(FailureKind::false_reject, question, verdict.reasons.front().rule,
           verdict.reasons.front().message);
    if (accepted && truth.made && can_exist(question.destination, truth.given))
      way_back(question, truth.given);
  }

  void left_out(const std::string& why) {
    for (SchemeClaim* claim : {&judgement_.sound, &judgement_.complete, &judgement_.directional})
      open(*claim, why);
  }

  SchemeJudgement result() {
    const std::uint64_t asked = judgement_.accepted + judgement_.rejected;
    const std::string nothing =
        judgement_.undetermined > 0 ? "it decides nothing here" : "there is no pair to ask about";
    close(judgement_.sound, judgement_.accepted > 0, asked > 0 ? "it accepts nothing" : nothing);
    close(judgement_.complete, asked > 0, nothing);
    close(judgement_.directional, judgement_.accepted > 0, asked > 0 ? "it accepts nothing" : nothing);
    std::stable_sort(judgement_.failures.begin(), judgement_.failures.end(),
                     [](const SchemeFailure& a, const SchemeFailure& b) {
                       return std::pair(a.kind, a.away) < std::pair(b.kind, b.away);
                     });
    return std::move(judgement_);
  }

 private:
  SchemeClaim& claim_of(FailureKind kind) {
    return kind == FailureKind::false_accept   ? judgement_.sound
           : kind == FailureKind::false_reject ? judgement_.complete
                                               : judgement_.directional;
  }

  void open(SchemeClaim& claim, const std::string& why) {
    open_.insert(&claim);
    if (claim.reason.empty()) claim.reason = why;
  }

  void tell(FailureKind kind, const compat::Question& question, std::string rule, std::string why) {
    if (!told_.insert(kind).second) return;  // the first of a pair is the smallest
    ++claim_of(kind).pairs;
    judgement_.failures.push_back(
        {kind, question.source, question.destination,
         compat::is_for_profiles(judgement_.scheme) ? question.profile : std::string(),
         question.configuration, away_from_init(*question.source.model, question.configuration),
         std::move(rule), std::move(why)});
  }

  void way_back(const compat::Question& question, const Configuration& given) {
    if (told_.contains(FailureKind::one_way)) return;
    const Verdict back = judge(judgement_.scheme, {question.destination, given, question.source,
                                                   question.profile, question.absence});
    if (back.decision == Decision::reject)
      tell(FailureKind::one_way, question, back.reasons.front().rule,
           "the way back is rejected: " + back.reasons.front().message);
    if (back.decision == Decision::undetermined)
      open(judgement_.directional, "the way back is undetermined: " + back.reasons.front().message);
  }

  void close(SchemeClaim& claim, bool looked_at, const std::string& nothing) {
    if (claim.pairs > 0) {
      claim.verdict = compat::PropertyVerdict::violated;
      claim.reason.clear();
    } else if (open_.contains(&claim)) {
      claim.verdict = compat::PropertyVerdict::undetermined;
    } else {
      claim.verdict = looked_at ? compat::PropertyVerdict::holds : compat::PropertyVerdict::vacuous;
      claim.reason = looked_at ? std::string() : nothing;
    }
  }

  SchemeJudgement judgement_;
  std::set<FailureKind> told_;
  std::set<const SchemeClaim*> open_;
};

std::uint64_t share_of(const SchemeLimits& limits, std::size_t pairs) {
  return std::min(limits.configurations_max, std::max<std::uint64_t>(1, limits.configurations_all_max /
                                                                            std::max<std::size_t>(pairs, 1)));
}

/// The profiles of the source with their configurations, as far as the source can make them.
std::vector<std::pair<std::string, Configuration>> profiles_of(const End& source) {
  std::vector<std::pair<std::string, Configuration>> made;
  for (const auto& [name, profile] : notes_of(source).profiles) {
    Configuration values = *values_at(source, name);
    if (can_exist(source, values)) made.emplace_back(name, std::move(values));
  }
  return made;
}

}  // namespace

std::size_t away_from_init(const DeviceModel& model, const Configuration& configuration) {
  return static_cast<std::size_t>(std::count_if(
      configuration.begin(), configuration.end(),
      [&](const auto& entry) { return entry.second != model.parameters.at(entry.first).init; }));
}

std::string_view name_of(FailureKind kind) {
  switch (kind) {
    case FailureKind::false_accept: return "false-accept";
    case FailureKind::false_reject: return "false-reject";
    case FailureKind::one_way: return "one-way";
  }
  assert(false);
  return {};
}

Space space_of(const End& source, const End& destination, std::uint64_t configurations_max) {
  return Listing(source, destination, configurations_max).run();
}

std::vector<SchemeJudgement> judge_schemes(const compat::Catalogue& catalogue, const SchemeLimits& limits) {
  const std::vector<Crossing> pairs = pairs_of(catalogue, true);
  const std::uint64_t share = share_of(limits, pairs.size());
  Absences absences(catalogue);
  std::vector<Judging> schemes(compat::every_scheme.begin(), compat::every_scheme.end());
  for (const Crossing& pair : pairs) {
    const compat::Absence& absence = absences.of(pair.source.model->name);
    for (Judging& scheme : schemes) scheme.begin_pair();
    const Space space = space_of(pair.source, pair.destination, share);
    for (const Configuration& configuration : space.configurations) {
      const compat::Question question{pair.source, configuration, pair.destination, {}, &absence};
      const compat::Truth shared = truth(pair.source, configuration,
                                         parameter_list(*pair.source.model, configuration), pair.destination);
      for (std::size_t k = 0; k < schemes.size(); ++k)
        if (!compat::is_for_profiles(compat::every_scheme[k])) schemes[k].ask(question, shared);
    }
    const bool same_model = pair.source.model->name == pair.destination.model->name;
    for (const auto& [profile, configuration] : profiles_of(pair.source)) {
      if (!same_model) continue;  // a profile of another model is another thing of the same name
      for (std::size_t k = 0; k < schemes.size(); ++k)
        if (compat::is_for_profiles(compat::every_scheme[k]))
          schemes[k].ask({pair.source, configuration, pair.destination, profile, &absence}, {});
    }
    if (space.complete) continue;
    for (std::size_t k = 0; k < schemes.size(); ++k)
      if (!compat::is_for_profiles(compat::every_scheme[k]))
        schemes[k].left_out(fmt::format("{} -> {}: {}", pair.source.implementation->label,
                                        pair.destination.implementation->label, space.why));
  }
  std::vector<SchemeJudgement> judgements;
  for (Judging& scheme : schemes) judgements.push_back(scheme.result());
  return judgements;
}

std::vector<SchemePair> scheme_matrix(const compat::Catalogue& catalogue, NamedScheme scheme,
                                      const std::string& profile, const SchemeLimits& limits) {
  std::vector<Crossing> pairs = pairs_of(catalogue, false);
  std::stable_sort(pairs.begin(), pairs.end(), [](const Crossing& a, const Crossing& b) {
    return a.source.model->name < b.source.model->name;
  });
  const std::uint64_t share = share_of(limits, pairs.size());
  Absences absences(catalogue);
  std::vector<SchemePair> cells;
  for (const Crossing& pair : pairs) {
    SchemePair cell{pair.source.model->name,
                    pair.source_index,
                    pair.destination_index,
                    Decision::undetermined,
                    matrix::RelationKind::undetermined,
                    {},
                    {}};
    Space space;
    if (compat::is_for_profiles(scheme)) {
      if (auto values = values_at(pair.source, profile))
        space.configurations.push_back(std::move(*values));
      else
        cell.reason =
            fmt::format("{} does not know the profile {}", pair.source.implementation->label, profile);
    } else if (compat::ignores_configuration(scheme)) {
      space.configurations.push_back(fresh(*pair.source.model));
    } else {
      space = space_of(pair.source, pair.destination, share);
    }
    const auto verdict_of = [&](const Configuration& configuration) {
      return judge(scheme, {pair.source, configuration, pair.destination, profile,
                            &absences.of(pair.source.model->name)});
    };
    if (!compat::is_for_profiles(scheme)) cell.fresh = verdict_of(fresh(*pair.source.model)).decision;
    std::size_t accepted = 0, rejected = 0;
    for (const Configuration& configuration : space.configurations) {
      const Verdict verdict = verdict_of(configuration);
      if (compat::is_for_profiles(scheme)) cell.fresh = verdict.decision;
      accepted += verdict.decision == Decision::accept ? 1 : 0;
      if (verdict.decision == Decision::reject && rejected++ == 0) cell.witness = configuration;
      if (verdict.decision == Decision::undetermined && cell.reason.empty())
        cell.reason = verdict.reasons.front().message;
    }
    // What was not asked leaves `all` and `none` open; `some` needs one of each only.
    const bool whole = space.complete && accepted + rejected == space.configurations.size();
    if (accepted > 0 && rejected > 0)
      cell.relation = matrix::RelationKind::some;
    else if (whole && accepted > 0)
      cell.relation = matrix::RelationKind::all;
    else if (whole && rejected > 0)
      cell.relation = matrix::RelationKind::none;
    if (cell.relation != matrix::RelationKind::undetermined)
      cell.reason.clear();
    else {
      if (!space.complete && cell.reason.empty()) cell.reason = space.why;
      if (cell.reason.empty())
        cell.reason = fmt::format(
            "{} can have no configuration: no value of a parameter, or no combination that its constraints "
            "allow",
            pair.source.implementation->label);
      cell.witness.reset();
    }
    cells.push_back(std::move(cell));
  }
  return cells;
}

}  // namespace portolan::solver::schemes
