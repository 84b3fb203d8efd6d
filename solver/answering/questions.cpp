// SPDX-License-Identifier: Apache-2.0
#include "solver/answering/questions.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <set>

#include "model/compat/judging/behaviour.hpp"

namespace portolan::solver::answering {

using compat::Annotations;
using compat::End;
using compat::Parameter;
using compat::Value;
using compat::ValueSet;

namespace {

void append(std::vector<Formula>& to, const std::vector<Failure>& failures) {
  for (const Failure& one : failures) to.push_back(one.formula);
}

Formula condition_of(const std::optional<rules::Expression>& when, std::span<const ParameterTerm> terms) {
  return when ? holds(*when, terms) : truth(true);
}

/// The condition under which each (section, layout) is saved.
using Saved = std::map<std::pair<std::string, std::uint64_t>, Formula>;
Saved saved_by(const End& end, std::span<const ParameterTerm> terms) {
  std::map<std::pair<std::string, std::uint64_t>, std::vector<Formula>> cases;
  for (const compat::SavedSection& section : notes_of(end).state)
    cases[{section.section, section.layout}].push_back(condition_of(section.when, terms));
  Saved saved;
  for (auto& [key, formulas] : cases) saved.emplace(key, any_of(std::move(formulas)));
  return saved;
}

}  // namespace

std::optional<std::size_t> position(const End& end, const std::string& name) {
  const auto found = end.model->parameters.find(name);
  if (found == end.model->parameters.end()) return std::nullopt;
  return static_cast<std::size_t>(std::distance(end.model->parameters.begin(), found));
}

Question about(const End& source) {
  Question question;
  for (const auto& [name, parameter] : source.model->parameters) {
    question.variables.push_back({name, parameter.accepted_values(), parameter.init, true,
                                  notes_of(source).notes_of(name).writable == compat::Writable::runtime});
  }
  const std::vector<ParameterTerm> terms = terms_of(source);
  for (const rules::Expression& constraint : notes_of(source).constraints)
    question.exists.push_back(holds(constraint, terms));
  return question;
}

std::vector<ParameterTerm> terms_of(const End& source) {
  std::vector<ParameterTerm> terms;
  for (const auto& [name, parameter] : source.model->parameters)
    terms.push_back(ParameterTerm::of_variable(static_cast<int>(terms.size()), parameter.type));
  return terms;
}

void never_fails(Question& question) {
  question.failures.clear();
  question.condition = question.possible = {truth(false)};
}

void finish(Question& question) {
  question.open = question.condition != question.possible || question.again != question.again_possible;
  std::erase_if(question.failures, [](const Failure& one) {
    return one.formula->kind == FormulaNode::Kind::truth && !one.formula->value;
  });
}

namespace {

/// C2 and C3 for one parameter of the source.
void hop_of_listed(Hop& hop, const Parameter& parameter, const ParameterTerm& term, const Parameter* there) {
  const Formula unlisted = parameter.off ? is(term, *parameter.off) : truth(false);  // R4
  const std::string& name = parameter.name;
  if (there == nullptr || there->type != parameter.type) {  // R5/C2
    hop.accepted.push_back({unlisted, name});
    hop.possibly_accepted.push_back({unlisted, name});
    return;
  }
  const Formula accepted = any_of({unlisted, within(term, there->accepted_values())});  // R5/C3
  hop.accepted.push_back({accepted, name});
  hop.possibly_accepted.push_back({there->allowed ? accepted : truth(true), name});  // R2
}

/// R7: what a parameter of the destination is given, from the source's parameter and its term, if it has
/// them.
ParameterTerm given_value(const Parameter& parameter, const Parameter* here, const ParameterTerm* own) {
  const Value fallback = parameter.off.value_or(parameter.init);
  if (own == nullptr || here->type != parameter.type) return ParameterTerm::of_value(fallback);
  if (own->variable < 0)
    return ParameterTerm::of_value(here->off == own->constant ? fallback : own->constant);
  ParameterTerm given = *own;
  if (!here->off) return given;
  for (auto& [value, becomes] : given.exceptions)
    if (becomes == *here->off) becomes = fallback;
  given.exceptions.emplace(*here->off, fallback);
  std::erase_if(given.exceptions, [](const auto& entry) { return entry.first == entry.second; });
  return given;
}

}  // namespace

Hop hop(const End& source, std::span<const ParameterTerm> terms, const End& destination) {
  Hop result;
  std::vector<const ParameterTerm*> ours(destination.model->parameters.size(), nullptr);
  std::size_t i = 0;
  for (const auto& [name, parameter] : source.model->parameters) {
    const ParameterTerm& term = terms[i++];
    hop_of_listed(result, parameter, term, destination.model->find(name));
    if (const auto there = position(destination, name)) ours[*there] = &term;
  }
  i = 0;
  for (const auto& [name, parameter] : destination.model->parameters) {
    const ParameterTerm* own = ours[i++];
    const Parameter* here = source.model->find(name);
    result.given.push_back(given_value(parameter, here, own));
    const Formula unlisted = own == nullptr ? truth(true) : (here->off ? is(*own, *here->off) : truth(false));
    if (parameter.off && parameter.accepts(*parameter.off) != compat::Acceptance::accepted)
      result.writes.push_back({negation(unlisted), name});
  }
  for (const rules::Expression& constraint : notes_of(destination).constraints)
    result.constraints.push_back({holds(constraint, result.given), constraint.source});
  return result;
}

void accepted(Question& question, const Hop& hop) {
  append(question.condition, hop.accepted);
  append(question.possible, hop.possibly_accepted);
}

void set_up_succeeds(Question& question, const Hop& hop) {
  accepted(question, hop);
  for (auto* to : {&question.condition, &question.possible}) {
    append(*to, hop.writes);
    append(*to, hop.constraints);
  }
}

void promises(Question& question, const std::vector<Failure>& promised) {
  for (const Failure& one : promised) question.failures.push_back({negation(one.formula), one.what});
}

std::optional<std::vector<ParameterTerm>> same_at(Question& question, const End& from,
                                                  std::span<const ParameterTerm> terms, const End& to) {
  std::vector<Formula> conditions;
  for (const std::string& name : lacked_by(*from.model, *to.model)) {
    const Parameter& parameter = from.model->parameters.at(name);
    conditions.push_back(parameter.off ? is(terms[*position(from, name)], *parameter.off) : truth(false));
  }
  std::vector<ParameterTerm> there;
  for (const auto& [name, parameter] : to.model->parameters) {
    const auto own = position(from, name);
    if (!own && !parameter.off) return std::nullopt;
    there.push_back(own ? terms[*own] : ParameterTerm::of_value(*parameter.off));
    if (there.back().type != parameter.type) return std::nullopt;
    conditions.push_back(within(there.back(), parameter.accepted_values()));
  }
  for (const rules::Expression& constraint : notes_of(to).constraints)
    conditions.push_back(holds(constraint, there));
  for (const Formula& one : conditions) {
    question.condition.push_back(one);
    question.possible.push_back(one);
  }
  return there;
}

void different_state(Question& question, const End& a, std::span<const ParameterTerm> at_a, const End& b,
                     std::span<const ParameterTerm> at_b) {
  if (!notes_of(a).describes_state() || !notes_of(b).describes_state()) return;
  const Saved here = saved_by(a, at_a), there = saved_by(b, at_b);
  std::set<std::pair<std::string, std::uint64_t>> keys;
  for (const auto& [key, formula] : here) keys.insert(key);
  for (const auto& [key, formula] : there) keys.insert(key);
  const auto in = [](const Saved& saved, const auto& key) {
    const auto found = saved.find(key);
    return found == saved.end() ? truth(false) : found->second;
  };
  for (const auto& key : keys) {
    const Formula p = in(here, key), q = in(there, key);
    question.failures.push_back({any_of({all_of({p, negation(q)}), all_of({negation(p), q})}), key.first});
  }
}

void different_aspects(Question& question, const End& a, std::span<const ParameterTerm> at_a, const End& b,
                       std::span<const ParameterTerm> at_b) {
  const auto& here = notes_of(a).interface;
  const auto& there = notes_of(b).interface;
  if (!notes_of(a).describes_interface() || !notes_of(b).describes_interface()) return;
  std::set<std::string> aspects;
  for (const auto& [aspect, expression] : here) aspects.insert(aspect);
  for (const auto& [aspect, expression] : there) aspects.insert(aspect);
  const auto in = [](const auto& interface, const std::string& aspect) {
    const auto found = interface.find(aspect);
    return found == interface.end() ? nullptr : &found->second;
  };
  for (const std::string& aspect : aspects)
    question.failures.push_back({differs(in(here, aspect), at_a, in(there, aspect), at_b), aspect});
}

void visible_changes(Question& question, const End& source, std::span<const ParameterTerm> from,
                     const End& destination, std::span<const ParameterTerm> to) {
  const auto visible = [](const End& end, const std::string& name) {
    return end.model->parameters.contains(name) &&
           notes_of(end).notes_of(name).affects != compat::Affects::state;
  };
  std::size_t i = 0;
  for (const auto& [name, parameter] : source.model->parameters) {
    const ParameterTerm& own = from[i++];
    if (!visible(source, name) && !visible(destination, name)) continue;
    const auto there = position(destination, name);
    const Formula unchanged = there           ? same(own, to[*there])
                              : parameter.off ? is(own, *parameter.off)
                                              : truth(false);
    question.failures.push_back({negation(unchanged), name});
  }
  i = 0;
  for (const auto& [name, parameter] : destination.model->parameters) {
    const ParameterTerm& there = to[i++];
    if (source.model->parameters.contains(name) || !visible(destination, name)) continue;
    question.failures.push_back({negation(parameter.off ? is(there, *parameter.off) : truth(false)), name});
  }
}

Sections sections(const End& source, std::span<const ParameterTerm> saved, const End& destination,
                  std::span<const ParameterTerm> given) {
  Sections result;
  const Annotations& from = notes_of(source);
  const Annotations& to = notes_of(destination);
  if (!from.describes_state() || !to.describes_loads()) return result;
  std::map<std::string, std::vector<Formula>> refused, skipped, lost, sent;
  for (const compat::SavedSection& section : from.state) {
    bool known = false, applied = false, may_skip = section.ignorable;
    for (const compat::LoadedSection& loader : to.loads) {
      if (loader.section != section.section) continue;
      const bool understood = std::ranges::find(loader.layouts, section.layout) != loader.layouts.end();
      known = known || understood;
      applied = applied || (understood && loader.applied);
      may_skip = may_skip || loader.ignorable;
    }
    const Formula when = condition_of(section.when, saved);
    sent[section.section].push_back(when);
    if (!known) (may_skip ? skipped : refused)[section.section].push_back(when);
    if (known && !applied) lost[section.section].push_back(when);
  }
  for (const compat::LoadedSection& loader : to.loads) {
    const auto there = sent.find(loader.section);
    const Formula missing = there == sent.end() ? truth(true) : negation(any_of(there->second));
    if (loader.missing == compat::Missing::refused) refused[loader.section].push_back(missing);
    if (loader.required) refused[loader.section].push_back(all_of({holds(*loader.required, given), missing}));
    if (loader.missing == compat::Missing::lost && there == sent.end())
      lost[loader.section].push_back(truth(true));
  }
  for (auto& [section, cases] : refused) result.refused.push_back({any_of(std::move(cases)), section});
  for (auto& [section, cases] : skipped) result.skipped.push_back({any_of(std::move(cases)), section});
  for (auto& [section, cases] : lost) result.lost.push_back({any_of(std::move(cases)), section});
  return result;
}

Question revertible_question(const End& source, const End& previous) {
  Question asked = about(source);
  asked.revertible = true;
  const std::vector<ParameterTerm> own = terms_of(source);
  const Hop back = hop(source, own, previous);
  for (std::size_t i = 0; i < own.size(); ++i) {
    const bool runtime = asked.variables[i].runtime;
    (runtime ? asked.again : asked.condition).push_back(back.accepted[i].formula);
    (runtime ? asked.again_possible : asked.possible).push_back(back.possibly_accepted[i].formula);
  }
  finish(asked);
  return asked;
}

Question runtime_interface_question(const End& end, const std::string& parameter) {
  Question asked = about(end);
  const std::size_t at = *position(end, parameter);
  Variable after = asked.variables[at];
  after.name += " afterwards";
  after.counts = false;
  std::vector<ParameterTerm> own = terms_of(end), then = own;
  then[at] = ParameterTerm::of_variable(static_cast<int>(asked.variables.size()), own[at].type);
  asked.variables.push_back(std::move(after));
  for (const rules::Expression& constraint : notes_of(end).constraints)
    asked.exists.push_back(holds(constraint, then));
  visible_changes(asked, end, own, end, then);
  different_aspects(asked, end, own, end, then);
  finish(asked);
  return asked;
}

}  // namespace portolan::solver::answering
