// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/undeclared_change.hpp"

#include <limits>

#include <fmt/format.h>

#include "model/compat/audit/guilt.hpp"
#include "model/compat/audit/pins.hpp"
#include "model/compat/audit/relations.hpp"
#include "model/compat/evaluation.hpp"
#include "model/support/text.hpp"

namespace portolan::compat::audit {
namespace {

/// What to do about it, and the parameter that is meant; empty where there is none.
struct Remedy {
  std::string parameter;
  std::string text;
};

/// One aspect of a move that does not relate.
struct Change {
  const Model& model;
  const Move& move;
  const std::string& aspect;
  Guilt guilt;

  const Entry& guilty() const { return model[guilt.guilty]; }
  const Entry& other() const { return model[guilt.other]; }
  const End& end() const {
    return move.type != nullptr && guilt.guilty == move.source ? *move.type : guilty().types.front();
  }
  bool would_relate_with(const Observation& value) const {
    return would_relate(model, move, aspect, guilt.guilty, value);
  }
};

/// `; then it relates to a and b both ways, and not to c`: what the value does to the others at this profile.
std::string effect_of(const Change& change, const Value& value) {
  const std::size_t changed = change.guilt.guilty;
  std::vector<std::string> good, bad;
  for (const std::size_t k : change.model.knowing(change.move.profile)) {
    if (k == changed || change.model[k].observed(change.move.profile) == nullptr) continue;
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

/// What C1–C3 say of the pair once the source pins that value.
std::string still_refused(const Change& change, const std::string& parameter, const Value& value) {
  const End& from = change.model[change.move.source].types.front();
  const End& to = change.model[change.move.destination].like(from);
  auto values = values_at(from, change.move.profile);
  if (change.guilt.guilty != change.move.source || !values || !values_at(to, change.move.profile)) return {};
  (*values)[parameter] = value;
  for (const Reason& reason : check(Scheme::rfc_v3, from, *values, to).reasons) {
    if (reason.parameter != parameter || reason.rule == "R2") continue;
    return fmt::format("; {} still refuses {}{}", reason.rule, assignment(parameter, value),
                       reason.rule == "C2"
                           ? fmt::format(", for its off value is not what its absence does in {}",
                                         change.model[change.move.destination].label)
                           : "");
  }
  return {};
}

/// The guilty end has a parameter of the aspect's name. `values`: its values at the profile.
Remedy by_own_parameter(const Change& change, const Configuration& values, const Parameter& own) {
  const std::string &profile = change.move.profile, &guilty = change.guilty().label;
  const Observation& wanted = change.guilt.wanted;
  const auto off = change.model.absence().of(change.aspect, change.end().model);
  const std::optional<Value> target = as_type(wanted         ? *wanted
                                              : !off.empty() ? Shown(off.front())
                                                             : Shown(absent_like(own.init)),
                                              own.type);
  const Value& declared = values.at(own.name);
  if (target && declared == *target)
    return {own.name,
            fmt::format("profile {} of {} says {} already, yet an instance showed {}: the pin does not take "
                        "effect, or the value comes from the host, a backend or a driver; make the "
                        "implementation honour the parameter or refuse to start",
                        profile, guilty, assignment(own.name, declared),
                        shown(change.guilty().observation(profile, change.aspect)))};
  if (target && can_pin(change.end(), values, own.name, *target) && change.would_relate_with(*target))
    return {own.name,
            fmt::format("profile {} of {} should pin {}", profile, guilty, assignment(own.name, *target)) +
                unknown_pins(change.guilty(), profile, own.name) + effect_of(change, *target) +
                still_refused(change, own.name, *target)};
  return {own.name, fmt::format("let {} accept {}={} again, and pin it in profile {}", guilty, own.name,
                                target ? to_string(*target) : shown(wanted), profile)};
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
std::optional<Remedy> by_interface(const Change& change, const Configuration& values) {
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
      if (!seen || !wanted || !equal(*seen, *wanted) || !can_pin(end, values, name, value) ||
          !change.would_relate_with(*seen))
        continue;
      return Remedy{name, fmt::format("profile {} of {} should pin {}: {} is {} there", change.move.profile,
                                      change.guilty().label, assignment(name, value), change.aspect,
                                      expression->second.source) +
                              effect_of(change, *seen)};
    }
  }
  return Remedy{
      names.front(),
      fmt::format(
          "{} is {} in {}; no value of one of its parameters gives {}: pin them together in profile {}",
          change.aspect, expression->second.source, change.guilty().label, shown(wanted),
          change.move.profile)};
}

/// Parameters whose values at the profile differ between the two ends.
std::vector<std::string> drifted_parameters(const Change& change) {
  const std::size_t a = change.guilt.guilty, b = change.guilt.other;
  std::vector<std::string> drifted;
  for (const std::string& name : change.model.parameters_of({a, b})) {
    const auto x = change.model.effective_at(a, change.move.profile, name);
    const auto y = change.model.effective_at(b, change.move.profile, name);
    if (x && y && *x != *y) drifted.push_back(name);
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
Remedy by_hosts(const Change& change) {
  const Move& move = change.move;
  const Entry &source = change.model[move.source], &destination = change.model[move.destination];
  const End& end = source.types.front();
  const auto values = values_at(end, move.profile);
  if (const Parameter* own = end.model->find(change.aspect); own != nullptr && values)
    for (const Value& value : values_to_try(own->accepted_values())) {
      if (!can_pin(end, *values, own->name, value) ||
          !would_relate(change.model, move, change.aspect, move.source, Shown(value)) ||
          values->at(own->name) == value)
        continue;
      return {own->name,
              fmt::format("pin {} in profile {} of {}; it is a fact of the host, so that the hosts may be "
                          "levelled instead",
                          assignment(own->name, value), move.profile, source.label)};
    }
  return {{},
          fmt::format("{} is a fact of the host: level the hosts of {} and {}, or restrict it on the VM",
                      change.aspect, source.label, destination.label)};
}

Remedy remedy_of(const Change& change, AspectOf of) {
  if (of == AspectOf::host) return by_hosts(change);
  const auto values = values_at(change.end(), change.move.profile);
  const Parameter* own = change.end().model->find(change.aspect);
  if (values && own != nullptr) return by_own_parameter(change, *values, *own);
  if (values)
    if (auto remedy = by_interface(change, *values)) return std::move(*remedy);
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

}  // namespace

Finding undeclared_change(const Model& model, const Move& move, const Obstacles& obstacles,
                          const AspectComparison& aspect) {
  const Change change{model, move, aspect.aspect, guilt_of(model, move, aspect.aspect)};
  Remedy remedy = remedy_of(change, aspect.of);
  Finding finding = finding_about(model, move);
  finding.aspect = aspect.aspect;
  finding.witness = values_at(obstacles.source, move.profile);
  finding.parameter = std::move(remedy.parameter);
  finding.remedy = std::move(remedy.text);
  finding.place = change.guilty().place_of(move.profile);
  finding.message = fmt::format("at profile {} a migration {} -> {} fails: {}", move.profile, finding.source,
                                finding.destination, to_string(aspect));
  const std::string remark = fix_that_breaks(model, move, aspect.aspect, change.guilt);
  if (!remark.empty()) finding.message += "; " + remark;
  return finding;
}

}  // namespace portolan::compat::audit
