// SPDX-License-Identifier: Apache-2.0
#include "solver/properties/one_migration.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include <fmt/format.h>

#include "model/compat/judging/behaviour.hpp"
#include "model/support/text.hpp"

namespace portolan::solver::properties {

using compat::Annotations;
using compat::Configuration;
using compat::End;
using compat::Ends;
using compat::Finding;
using compat::Parameter;
using compat::Property;

namespace {

/// What is found broken, in the words of the finding that is to say so.
struct Case {
  Finding& finding;
  const Ends& ends;
  const Broken& broken;

  std::string what() const { return listed(broken); }
  const Configuration& witness() const { return *finding.witness; }
  std::string at() const { return compat::written_away(*ends.source.model, witness()); }
};

/// What the source knows and the destination lacks.
std::string lacking(const Ends& ends) {
  return listed(lacked_by(*ends.source.model, *ends.destination.model));
}

bool always(const Ends&) { return true; }
bool never(const Family&, const Ends&) { return false; }

// ---- off-equals-absence

bool off_is_described(const Ends& ends) {
  const Annotations &from = notes_of(ends.source), &to = notes_of(ends.destination);
  return !lacked_by(*ends.source.model, *ends.destination.model).empty() &&
         ((from.describes_interface() && to.describes_interface()) ||
          (from.describes_state() && to.describes_state()));
}

void ask_off_equals_absence(Question& asked, std::span<const ParameterTerm> own, const Ends& ends) {
  if (lacked_by(*ends.source.model, *ends.destination.model).empty()) return never_fails(asked);
  const auto there = same_at(asked, ends.source, own, ends.destination);
  if (!there) return never_fails(asked);
  different_aspects(asked, ends.source, own, ends.destination, *there);
  different_state(asked, ends.source, own, ends.destination, *there);
}

void say_off_equals_absence(const Case& one) {
  const std::string off = lacking(one.ends);
  one.finding.message = fmt::format("{} with {} off is not like {}, which lacks it: {} differs at {}",
                                    one.finding.source, off, one.finding.destination, one.what(), one.at());
  one.finding.remedy = fmt::format(
      "make the off value of {} the behaviour of {} (R3), or put the difference under a parameter of its own",
      off, one.finding.destination);
}

// ---- no-surprise

void ask_no_surprise(Question& asked, std::span<const ParameterTerm> own, const Ends& ends) {
  const Hop there = hop(ends.source, own, ends.destination);
  accepted(asked, there);
  promises(asked, there.writes);
  promises(asked, there.constraints);
}

bool takes_every_write(const Family&, const Ends& ends) {
  return notes_of(ends.destination).constraints.empty() &&
         std::all_of(ends.destination.model->parameters.begin(), ends.destination.model->parameters.end(),
                     [](const auto& one) {
                       return !one.second.off ||
                              one.second.accepts(*one.second.off) == compat::Acceptance::accepted;
                     });
}

void say_no_surprise(const Case& one) {
  one.finding.message =
      fmt::format("{} accepts {} of {} by C1-C3, but cannot be set up: {} stands in the way",
                  one.finding.destination, one.at(), one.finding.source, one.what());
  one.finding.remedy =
      "ask rfc-v3-strict, which refuses it (C4, C6), or let the destination accept its off values and every "
      "listed combination";
}

// ---- loads

bool state_is_described(const Ends& ends) {
  return notes_of(ends.source).describes_state() && notes_of(ends.destination).describes_loads();
}

void ask_loads(Question& asked, std::span<const ParameterTerm> own, const Ends& ends) {
  const Hop there = hop(ends.source, own, ends.destination);
  set_up_succeeds(asked, there);
  asked.failures = sections(ends.source, own, ends.destination, there.given).refused;
}

void say_loads(const Case& one) {
  const auto& [source, destination, by_way_of] = one.ends;
  const Configuration given = compat::set_up(source, one.witness(), destination).given;
  const std::vector<std::string> sentences = refused_sections(source, one.witness(), destination, given);
  one.finding.message =
      fmt::format("{} can be set up for {} of {}, but the state does not load: {}", one.finding.destination,
                  one.at(), one.finding.source, listed(sentences, 5));
  one.finding.remedy = fmt::format(
      "save {} under a parameter that {} lacks or refuses, so that the check says no, or teach {} to load it",
      one.what(), one.finding.destination, one.finding.destination);
}

// ---- interface-constant

void ask_interface_constant(Question& asked, std::span<const ParameterTerm> own, const Ends& ends) {
  const Hop there = hop(ends.source, own, ends.destination);
  set_up_succeeds(asked, there);
  visible_changes(asked, ends.source, own, ends.destination, there.given);
  different_aspects(asked, ends.source, own, ends.destination, there.given);
}

bool agrees_and_shows_nothing(const Family& family, const Ends& ends) {
  return family.agrees() &&
         (!notes_of(ends.source).describes_interface() || !notes_of(ends.destination).describes_interface());
}

void say_interface_constant(const Case& one) {
  one.finding.message = fmt::format("the guest of {} at {} sees {} change when it arrives at {}",
                                    one.finding.source, one.at(), one.what(), one.finding.destination);
  one.finding.remedy =
      fmt::format("carry {} as a parameter that both know, with the same off_value", one.what());
}

// ---- round-trip

void ask_round_trip(Question& asked, std::span<const ParameterTerm> own, const Ends& ends) {
  const Hop there = hop(ends.source, own, ends.destination);
  const Hop back = hop(ends.destination, there.given, ends.source);
  set_up_succeeds(asked, there);
  set_up_succeeds(asked, back);
  for (std::size_t i = 0; i < own.size(); ++i)
    asked.failures.push_back({negation(same(own[i], back.given[i])), asked.variables[i].name});
}

bool family_agrees(const Family& family, const Ends&) { return family.agrees(); }

void say_round_trip(const Case& one) {
  one.finding.message =
      fmt::format("{} -> {} -> {} does not give back {}, for example from {}", one.finding.source,
                  one.finding.destination, one.finding.source, one.what(), one.at());
  one.finding.remedy = fmt::format("give {} the same off_value in both", one.what());
}

// ---- path-independent (decided in two_migrations.cpp)

void ask_path_independent(Question& asked, std::span<const ParameterTerm> own, const Ends& ends) {
  const auto& [source, destination, by_way_of] = ends;
  const Hop first = hop(source, own, by_way_of);
  const Hop second = hop(by_way_of, first.given, destination);
  const Hop straight = hop(source, own, destination);
  for (const Hop* one : {&first, &second, &straight}) set_up_succeeds(asked, *one);
  std::size_t i = 0;
  for (const auto& [name, parameter] : destination.model->parameters) {
    asked.failures.push_back({negation(same(second.given[i], straight.given[i])), name});
    ++i;
  }
}

// ---- constraint-hole

bool has_constraints(const Ends& ends) { return !notes_of(ends.destination).constraints.empty(); }

void ask_constraint_hole(Question& asked, std::span<const ParameterTerm> own, const Ends& ends) {
  const Hop there = hop(ends.source, own, ends.destination);
  accepted(asked, there);
  promises(asked, there.constraints);
}

void say_constraint_hole(const Case& one) {
  one.finding.message =
      fmt::format("the list of {} at {} passes C1-C3 at {}, which then breaks its constraint {}",
                  one.finding.source, one.at(), one.finding.destination, one.what());
  one.finding.remedy = "ask rfc-v3-strict, which refuses it (C6), or narrow allowed_values so that C3 does";
}

// ---- ambiguous-type (decided in types.cpp)

void ask_ambiguous_type(Question& asked, std::span<const ParameterTerm> own, const Ends& ends) {
  if (!same_at(asked, ends.source, own, ends.destination)) return never_fails(asked);
  asked.failures.push_back({truth(true), ends.destination.implementation->type});
}

// ---- representation-without-parameter

bool saves_the_same_space(const Ends& ends) {
  return notes_of(ends.source).describes_state() && notes_of(ends.destination).describes_state() &&
         same_parameter_space(*ends.source.model, *ends.destination.model);
}

void ask_representation(Question& asked, std::span<const ParameterTerm> own, const Ends& ends) {
  if (!same_parameter_space(*ends.source.model, *ends.destination.model)) return never_fails(asked);
  const auto there = same_at(asked, ends.source, own, ends.destination);
  if (!there) return never_fails(asked);
  different_state(asked, ends.source, own, ends.destination, *there);
}

void say_representation(const Case& one) {
  one.finding.message = fmt::format("{} and {} have the same parameters, and at {} save {} differently",
                                    one.finding.source, one.finding.destination, one.at(), one.what());
  one.finding.remedy =
      fmt::format("put the new form of {} under a parameter whose off value means the old one", one.what());
}

// ---- incomplete-state

bool may_leave_something(const Ends& ends) {
  const auto& notes = notes_of(ends.source).notes;
  return state_is_described(ends) ||
         std::any_of(notes.begin(), notes.end(), [](const auto& one) { return !one.second.fix_for.empty(); });
}

void ask_incomplete_state(Question& asked, std::span<const ParameterTerm> own, const Ends& ends) {
  const Hop there = hop(ends.source, own, ends.destination);
  set_up_succeeds(asked, there);
  const Sections carried = sections(ends.source, own, ends.destination, there.given);
  for (auto* to : {&asked.condition, &asked.possible})
    for (const Failure& one : carried.refused) to->push_back(negation(one.formula));
  for (const auto& [name, notes] : notes_of(ends.source).notes) {
    const Parameter* parameter = ends.source.model->find(name);
    if (notes.fix_for.empty() || parameter == nullptr || !parameter->off) continue;
    asked.failures.push_back({is(own[*position(ends.source, name)], *parameter->off), name});
  }
  for (const Failure& one : carried.skipped) asked.failures.push_back(one);
}

void say_incomplete_state(const Case& one) {
  const auto& notes = notes_of(one.ends.source).notes;
  std::vector<std::string> lost, switches;
  for (const std::string& name : one.broken) {
    const auto note = notes.find(name);
    const bool fix = note != notes.end() && !note->second.fix_for.empty();
    lost.push_back(fix ? note->second.fix_for : "section " + name + " is skipped");
    if (fix) switches.push_back(name);
  }
  one.finding.message = fmt::format("{} at {} is accepted by {} and loads, but not all of it is carried: {}",
                                    one.finding.source, one.at(), one.finding.destination, listed(lost));
  one.finding.remedy =
      switches.empty()
          ? fmt::format("let {} load what it skips, or make the section a reason to refuse",
                        one.finding.destination)
          : fmt::format("switch {} on at the source wherever the destination knows it", listed(switches));
}

// ---- the table

struct Row {
  Property property;
  void (*ask)(Question& asked, std::span<const ParameterTerm> own, const Ends& ends);
  bool (*speaks)(const Ends& ends);                       ///< the pair says enough to be asked about
  bool (*holds)(const Family& family, const Ends& ends);  ///< as can be seen without a question
  void (*say)(const Case& one);                           ///< null: decided elsewhere
};

constexpr std::array<Row, 10> rows{{
    {Property::off_equals_absence, ask_off_equals_absence, off_is_described, never, say_off_equals_absence},
    {Property::no_surprise, ask_no_surprise, always, takes_every_write, say_no_surprise},
    {Property::loads, ask_loads, state_is_described, never, say_loads},
    {Property::interface_constant, ask_interface_constant, always, agrees_and_shows_nothing,
     say_interface_constant},
    {Property::round_trip, ask_round_trip, always, family_agrees, say_round_trip},
    {Property::path_independent, ask_path_independent, always, never, nullptr},
    {Property::constraint_hole, ask_constraint_hole, has_constraints, never, say_constraint_hole},
    {Property::ambiguous_type, ask_ambiguous_type, always, never, nullptr},
    {Property::representation_without_parameter, ask_representation, saves_the_same_space, never,
     say_representation},
    {Property::incomplete_state, ask_incomplete_state, may_leave_something, never, say_incomplete_state},
}};

const Row& row_for(Property property) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [=](const Row& row) { return row.property == property; });
  assert(found != rows.end());
  return *found;
}

/// Says the same of both directions.
bool is_symmetric(Property property) { return property == Property::representation_without_parameter; }

Asking asked_about(Prover& prover, const Row& row, const Family& family, const SameWords& a,
                   const SameWords& b) {
  const Ends ends = family.first_pair(a, b);
  return {family,
          ends,
          question(row.property, ends),
          Family::pairs_of(a, b),
          [&prover, &row, ends](const Configuration& witness, const Answer& answer) {
            return prover.confirmed(row.property, ends, witness, answer.outcome);
          },
          [&row, ends](Finding& finding, const Broken& broken, const Answer&) {
            row.say({finding, ends, broken});
          },
          [&family, &a, &b] {
            return compat::AlikeCases{family.labels_of(a), family.labels_of(b), {}};
          }};
}

}  // namespace

Question question(Property property, const Ends& ends) {
  Question asked = about(ends.source);
  row_for(property).ask(asked, terms_of(ends.source), ends);
  finish(asked);
  return asked;
}

Question accepts_question(const End& source, const End& destination) {
  Question asked = question(Property::constraint_hole, {source, destination});
  asked.failures = {{truth(true), {}}};
  asked.open = false;
  return asked;
}

void of_one_migration(Property property, Prover& prover, compat::Ledger& ledger) {
  const std::string name(name_of(property));
  const Row& row = row_for(property);
  for (const Family& family : prover.families()) {
    for (const SameWords& a : family.kinds()) {
      for (const SameWords& b : family.kinds()) {
        if (Family::pairs_of(a, b) == 0) continue;
        if (is_symmetric(property) && a.members.front() >= b.members.front()) continue;
        const Ends ends = family.first_pair(a, b);
        if (!row.speaks(ends)) continue;
        if (row.holds(family, ends))
          ledger.looked_at_one();
        else
          prover.ask(ledger, name, asked_about(prover, row, family, a, b));
      }
    }
  }
}

}  // namespace portolan::solver::properties
