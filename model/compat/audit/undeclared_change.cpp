// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/undeclared_change.hpp"

#include <limits>

#include <fmt/format.h>

#include "model/compat/audit/advice.hpp"
#include "model/compat/audit/guilt.hpp"
#include "model/compat/audit/pins.hpp"
#include "model/compat/audit/relations.hpp"
#include "model/compat/audit/showing.hpp"
#include "model/compat/audit/trial.hpp"
#include "model/compat/evaluation.hpp"
#include "model/compat/judging/reasons_table.hpp"
#include "model/support/text.hpp"

namespace portolan::compat::audit {
namespace {

/// One aspect of a move that does not relate.
struct Change {
  const Model& model;
  const Move& move;
  const Obstacles& obstacles;
  const AspectComparison& compared;
  const std::string& aspect;
  Guilt guilt;

  const Entry& guilty() const { return model[guilt.guilty]; }
  const Entry& other() const { return model[guilt.other]; }
  const End& end_of(std::size_t entry) const {
    return entry == move.source ? obstacles.source : obstacles.destination;
  }
  const End& end() const { return end_of(guilt.guilty); }
  bool would_relate_with(const Observation& value) const {
    return would_relate(model, move, aspect, guilt.guilty, value);
  }
  Trial with(const Pin& pin) const {
    return Trial(model, move, {obstacles.source, obstacles.destination}, guilt.guilty, pin);
  }
  RemedyWords words() const {
    RemedyWords words;
    words.source = model[move.source].label;
    words.destination = model[move.destination].label;
    words.profile = move.profile;
    return words;
  }
};

/// `; then it relates to a and b both ways, and not to c`: what the value does to the others at this profile.
std::string effect_of(const Change& change, const Value& value) {
  const std::size_t changed = change.guilt.guilty;
  std::vector<std::string> good, bad;
  for (const std::size_t k : change.model.knowing(change.move.profile)) {
    if (k == changed || change.model[k].observed(change.move.profile) == nullptr ||
        is_carried(change.model, change.aspect, k, changed))
      continue;
    const Move there{change.move.profile, changed, k}, back{change.move.profile, k, changed};
    const bool both = would_relate(change.model, there, change.aspect, changed, value) &&
                      would_relate(change.model, back, change.aspect, changed, value);
    (both ? good : bad).push_back(change.model[k].label);
  }
  std::string text;
  if (!good.empty()) text += fmt::format("; then {} relates both ways to {}", change.aspect, listed(good, 4));
  if (!bad.empty())
    text +=
        fmt::format("{} {}", text.empty() ? "; then it still does not relate both ways to" : ", still not to",
                    listed(bad, 4));
  return text;
}

/// What is still held against the parameter once that is pinned.
std::string still_refused(const Change& change, const Pin& pin, const Reason* reason) {
  if (reason == nullptr) return {};
  return fmt::format(
      "; {} still refuses {}{}", reason->rule, assignment(pin.parameter, reason->value.value_or(pin.value)),
      reason->rule == "C2" ? fmt::format(", for its off value is not what its absence does in {}",
                                         change.model[change.move.destination].label)
                           : "");
}

/// The two ends have another off value each, and mean another value at the profile: no pin mends both ways.
std::optional<Advice> by_agreement(const Change& change, const Parameter& own) {
  const Entry &a = change.model[change.move.source], &b = change.model[change.move.destination];
  const Parameter* here = change.end_of(change.move.source).model->find(own.name);
  const Parameter* there = change.end_of(change.move.destination).model->find(own.name);
  const auto at_a = change.model.effective_at(change.move.source, change.move.profile, own.name);
  const auto at_b = change.model.effective_at(change.move.destination, change.move.profile, own.name);
  if (here == nullptr || there == nullptr || !here->off || !there->off || *here->off == *there->off ||
      !at_a || !at_b || *at_a == *at_b)
    return std::nullopt;
  return Advice{own.name,
                fmt::format("give {} one off_value in {} and {} (now {} and {}), and one value in "
                            "profile {} of both (now {} and {})",
                            own.name, a.label, b.label, to_string(*here->off), to_string(*there->off),
                            change.move.profile, to_string(*at_a), to_string(*at_b))};
}

/// What the guilty end would have to show, as a value of its parameter: what it should have shown, then what
/// the other end shows.
std::vector<Value> values_wanted(const Change& change, const Parameter& own) {
  const auto off = change.model.absence().of(change.aspect, change.end().model);
  const bool destination = change.guilt.other == change.move.destination;
  std::vector<Value> wanted;
  for (const Observation& seen :
       {change.guilt.wanted, destination ? change.compared.destination : change.compared.source}) {
    const Shown shown = seen ? *seen : !off.empty() ? Shown(off.front()) : Shown(absent_like(own.init));
    const auto value = as_type(shown, own.type);
    if (value && change.would_relate_with(Shown(*value))) wanted.push_back(*value);
  }
  return wanted;
}

/// Where the guilty end shows something else than it declares, that is the cause.
std::string what_it_hides(const Change& change, const Value& declared, const std::string& parameter) {
  if (contradiction(change.guilty(), change.move.profile, change.aspect).empty()) return {};
  const std::string &profile = change.move.profile, &guilty = change.guilty().label;
  const bool pinned = change.guilty().notes().profiles.at(profile).values.contains(parameter);
  const Observation seen = change.guilty().observation(profile, change.aspect);
  return fmt::format(
      "profile {} of {} says {}{}, yet an instance showed {}: {}, or the value comes from the host, a "
      "backend "
      "or a driver; make {} honour what it declares or refuse to start, or correct what the file says was "
      "observed",
      profile, guilty, assignment(parameter, declared),
      change.would_relate_with(Shown(declared)) ? " already" : "", seen ? to_string(*seen) : "nothing of it",
      pinned ? "the pin does not take effect" : "the init value does not take effect", guilty);
}

/// The guilty end has a parameter of the aspect's name. `values`: its values at the profile.
Advice by_own_parameter(const Change& change, const Configuration& values, const Parameter& own) {
  const std::string &profile = change.move.profile, &guilty = change.guilty().label;
  const Parameter* there = change.end_of(change.guilt.other).model->find(own.name);
  if (there != nullptr && there->type != own.type) {  // of two types no values are equal
    RemedyWords words = change.words();
    words.parameter = own.name;
    return {own.name, filled(Remedy::c2_one_type, words)};
  }
  const Value& declared = values.at(own.name);
  const std::string hidden = what_it_hides(change, declared, own.name);
  if (!hidden.empty() && change.would_relate_with(Shown(declared))) return {own.name, hidden};
  if (auto agreement = by_agreement(change, own)) return std::move(*agreement);
  const std::string first = hidden.empty() ? "" : hidden + "; then ";
  const std::vector<Value> wanted = values_wanted(change, own);
  for (const Value& value : wanted) {
    const Pin pin{own.name, value};
    if (!is_new_pin(change.end(), values, pin)) continue;
    const Trial trial = change.with(pin);
    const Reason* against = trial.against(own.name);
    return {own.name,
            first +
                fmt::format("profile {} of {} should pin {}", profile, guilty, assignment(own.name, value)) +
                unknown_pins(change.guilty(), profile, own.name) + effect_of(change, value) +
                still_refused(change, pin, against)};
  }
  for (const Value& value : wanted) {
    if (own.accepts(value) == Acceptance::accepted && value != declared)
      return {own.name,
              first + fmt::format("let the constraints of {} hold with {}, and pin it in profile {}", guilty,
                                  assignment(own.name, value), profile)};
    if (value != declared)
      return {own.name, first + fmt::format("let {} accept {}, and pin it in profile {}", guilty,
                                            assignment(own.name, value), profile)};
  }
  return {own.name, first + fmt::format("let `compare` of {} permit it, if a guest can go from {} to {}",
                                        change.model[change.move.destination].label,
                                        shown(change.compared.source), shown(change.compared.destination))};
}

/// The aspect travels with a parameter, which the destination does not know or not take in.
Advice by_carrier(const Change& change) {
  const std::string& name = change.compared.carried_by;
  const End &source = change.obstacles.source, &destination = change.obstacles.destination;
  const Parameter* own = source.model->find(name);
  const auto values = values_at(source, change.move.profile);
  const Parameter* there = known_as(destination, {}, name);
  const std::string& label = change.model[change.move.destination].label;
  const std::string carried = own != nullptr && values ? assignment(name, values->at(name)) : name;
  if (there == nullptr)
    return {name, fmt::format("let {} know {} and take in {}: {} travels with it", label, name, carried,
                              change.aspect)};
  if (own != nullptr && there->type != own->type) {
    RemedyWords words = change.words();
    words.parameter = name;
    return {name, filled(Remedy::c2_one_type, words)};
  }
  const bool accepted = own != nullptr && values && there->accepts(values->at(name)) == Acceptance::accepted;
  return {name, fmt::format("let {} {} {}{}: {} travels with it", label, accepted ? "take in" : "accept",
                            carried, there->name == name ? "" : " as " + there->name, change.aspect)};
}

/// What the destination says that it takes in is too narrow.
Advice by_taking_in(const Change& change) {
  const std::string& label = change.model[change.move.destination].label;
  const Observation& source = change.compared.source;
  if (!source)
    return {{},
            fmt::format("let {} take in instances without {} at profile {}", label, change.aspect,
                        change.move.profile)};
  if (change.compared.relation == Relation::pairs)
    return {{},
            fmt::format("let {} take in a value of {} at profile {} that `accepts` lists under {}", label,
                        change.aspect, change.move.profile, to_string(*source))};
  return {{},
          fmt::format("let {} take in {}={} at profile {}", label, change.aspect, to_string(*source),
                      change.move.profile)};
}

/// A number below 0 or above 2^64-1 is no value.
std::optional<Value> value_of(const Evaluated& evaluated) {
  if (const bool* truth = std::get_if<bool>(&evaluated)) return *truth;
  if (const std::string* text = std::get_if<std::string>(&evaluated)) return *text;
  const Integer& number = std::get<Integer>(evaluated);
  if (number < 0 || number > std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  return number.convert_to<std::uint64_t>();
}

/// The aspect's interface expression depends on parameters: one of them, with a value that gives what is
/// wanted. Empty: it depends on none.
std::optional<Advice> by_interface(const Change& change, const Configuration& values) {
  const End& end = change.end();
  const auto expression = change.guilty().notes().interface.find(change.aspect);
  if (expression == change.guilty().notes().interface.end()) return std::nullopt;
  const auto names = parameters_of(expression->second, end.model->parameters);
  if (names.empty()) return std::nullopt;
  const Observation& wanted = change.guilt.wanted;
  for (const std::string& name : names) {
    for (const Value& value : values_to_try(end.model->parameters.at(name).accepted_values())) {
      Configuration pinned = values;
      pinned[name] = value;
      const auto seen = value_of(evaluate(expression->second, end.model->parameters, pinned));
      const Pin pin{name, value};
      if (!seen || !wanted || !equal(*seen, *wanted) || !is_new_pin(end, values, pin) ||
          !change.would_relate_with(*seen))
        continue;
      return Advice{name, fmt::format("profile {} of {} should pin {}; {} is {} there", change.move.profile,
                                      change.guilty().label, assignment(name, value), change.aspect,
                                      expression->second.source) +
                              effect_of(change, *seen) +
                              still_refused(change, pin, change.with(pin).against(name))};
    }
  }
  return Advice{
      names.front(),
      fmt::format(
          "{} is {} in {}, where no value of one parameter gives {}: put it under a parameter with an "
          "off value that does",
          change.aspect, expression->second.source, change.guilty().label, shown(wanted))};
}

/// Parameters of both ends whose values at the profile differ between them.
std::vector<std::string> drifted_parameters(const Change& change) {
  const std::size_t a = change.guilt.guilty, b = change.guilt.other;
  std::vector<std::string> drifted;
  for (const std::string& name : change.model.parameters_of({a, b})) {
    const auto x = change.model.effective_at(a, change.move.profile, name);
    const auto y = change.model.effective_at(b, change.move.profile, name);
    const Parameter* here = change.end_of(a).model->find(name);
    const Parameter* there = change.end_of(b).model->find(name);
    const bool both = here != nullptr && there != nullptr && here->type == there->type;
    if (both && x && y && *x != *y) drifted.push_back(name);
  }
  return drifted;
}

/// `, as b@2 has with off value false`: another implementation declares the aspect as a parameter.
std::string as_elsewhere(const Change& change) {
  const std::vector<Entry>& entries = change.model.entries();
  for (std::size_t k = 0; k < entries.size(); ++k) {
    const auto at = entries[k].parameters().find(change.aspect);
    if (k != change.guilt.guilty && at != entries[k].parameters().end() && at->second.off)
      return fmt::format(", as {} has with off value {}", entries[k].label, to_string(*at->second.off));
  }
  return {};
}

/// What a host shows is no parameter's doing: a value of a parameter of the source is offered only where it
/// was tried and makes the move relate.
Advice by_hosts(const Change& change) {
  const Move& move = change.move;
  const Entry &source = change.model[move.source], &destination = change.model[move.destination];
  const End& end = change.obstacles.source;
  const auto values = values_at(end, move.profile);
  if (const Parameter* own = end.model->find(change.aspect); own != nullptr && values)
    for (const Value& value : values_to_try(own->accepted_values())) {
      const Pin pin{own->name, value};
      if (!is_new_pin(end, *values, pin) ||
          !would_relate(change.model, move, change.aspect, move.source, Shown(value)))
        continue;
      const MovingEnds ends{end, change.obstacles.destination};
      if (Trial(change.model, move, ends, move.source, pin).against(own->name) != nullptr) break;
      return {own->name,
              fmt::format("pin {} in profile {} of {}; it is a fact of the host, so that the hosts may be "
                          "levelled instead",
                          assignment(own->name, value), move.profile, source.label)};
    }
  return {{},
          fmt::format("{} is a fact of the host: level the hosts of {} and {}, or restrict it on the VM",
                      change.aspect, source.label, destination.label)};
}

/// The guilty end has a parameter of the aspect's name, and does not declare the profile.
Advice by_a_profile(const Change& change, const Parameter& own) {
  const std::vector<Value> wanted = values_wanted(change, own);
  const std::string& guilty = change.guilty().label;
  if (wanted.empty() || own.accepts(wanted.front()) != Acceptance::accepted)
    return {own.name, fmt::format("declare profile {} in {}, so that it says what {} is there",
                                  change.move.profile, guilty, own.name)};
  return {own.name, fmt::format("declare profile {} in {}, with {}", change.move.profile, guilty,
                                assignment(own.name, wanted.front()))};
}

Advice advice_on(const Change& change) {
  if (!change.compared.carried_by.empty()) return by_carrier(change);
  if (change.compared.of == AspectOf::host) return by_hosts(change);
  if (change.compared.taken && change.guilt.guilty == change.move.destination) return by_taking_in(change);
  const auto values = values_at(change.end(), change.move.profile);
  const Parameter* own = change.end().model->find(change.aspect);
  if (own != nullptr) return values ? by_own_parameter(change, *values, *own) : by_a_profile(change, *own);
  if (values)
    if (auto advice = by_interface(change, *values)) return std::move(*advice);
  const std::string& guilty = change.guilty().label;
  const auto drifted = drifted_parameters(change);
  if (drifted.size() == 1)
    return {
        drifted.front(),
        fmt::format("{} is the only parameter whose value at profile {} differs between {} and {}: pin it "
                    "alike in both, or give {} a parameter of its own",
                    drifted.front(), change.move.profile, guilty, change.other().label, change.aspect)};
  return {{},
          fmt::format("{} has no parameter for {}: it should have one whose off value equals its absence{}, "
                      "with profile {} pinning what {} shows{}",
                      guilty, change.aspect, as_elsewhere(change), change.move.profile, change.other().label,
                      unknown_pins(change.guilty(), change.move.profile, change.aspect))};
}

/// Where the guilty end says it.
Place place_of(const Change& change) {
  const std::string& carrier = change.compared.carried_by;
  if (carrier.empty()) return change.guilty().place_of(change.move.profile);
  const End& end = change.obstacles.destination;
  const Parameter* there = known_as(end, {}, carrier);
  if (there == nullptr) return end.model->place;
  const ParameterNotes& notes = notes_of(end).notes_of(there->name);
  return notes.takes ? notes.place : there->place;
}

}  // namespace

Finding undeclared_change(const Model& model, const Move& move, const Obstacles& obstacles,
                          const AspectComparison& aspect) {
  const Change change{model, move, obstacles, aspect, aspect.aspect, guilt_of(model, move, aspect)};
  Advice advice = advice_on(change);
  Finding finding = finding_about(model, move);
  finding.aspect = aspect.aspect;
  finding.witness = values_at(obstacles.source, move.profile);
  finding.parameter = std::move(advice.parameter);
  finding.remedy = std::move(advice.text);
  finding.place = place_of(change);
  finding.message = fmt::format("at profile {} a migration {} -> {} fails: {}", move.profile, finding.source,
                                finding.destination, to_string(aspect));
  const std::string remark = fix_that_breaks(model, move, aspect, change.guilt);
  if (!remark.empty()) finding.message += "; " + remark;
  return finding;
}

}  // namespace portolan::compat::audit
