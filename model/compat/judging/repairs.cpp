// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/repairs.hpp"

#include <algorithm>
#include <limits>

#include "model/compat/constraint.hpp"

namespace portolan::compat {

namespace {

// More ranges or strings than this are not tried: a list of that length has no meaning for a person either.
constexpr std::size_t most_candidates = 64;

class Search {
 public:
  Search(Scheme scheme, const End& source, const End& destination)
      : scheme_(scheme),
        source_(source),
        destination_(destination),
        notes_(source.implementation->annotations_of(source.model->name)) {}

  bool accepted(const Configuration& configuration) const {
    return failed_constraints(notes_, configuration).empty() &&
           check(scheme_, source_, configuration, destination_).decision == Decision::accept;
  }

  // R9: a parameter that is fixed at creation cannot be changed for an instance that exists.
  bool changeable(const std::string& name) const {
    return notes_.notes_of(name).writable != Writable::create;
  }
  bool power_cycle(const std::string& name) const {
    return notes_.notes_of(name).writable == Writable::closed;
  }

  /// Values worth trying for a source parameter: off, init, then what both ends accept, then beside the
  /// constraints' numbers.
  std::vector<Value> candidates(const Parameter& parameter) const {
    std::vector<Value> values;
    const ValueSet own = parameter.accepted_values();
    const auto offer = [&](const Value& value) {
      if (type_of(value) == parameter.type && own.contains(value) &&
          std::find(values.begin(), values.end(), value) == values.end()) {
        values.push_back(value);
      }
    };
    if (parameter.off) offer(*parameter.off);
    offer(parameter.init);
    ValueSet shared = own;
    if (const auto other = destination_.model->parameters.find(parameter.name);
        other != destination_.model->parameters.end()) {
      offer(other->second.init);
      shared = own.intersection(other->second.accepted_values());
    }
    if (shared.has_false()) offer(false);
    if (shared.has_true()) offer(true);
    for (const auto& range : shared.ranges()) {
      if (values.size() >= most_candidates) break;
      offer(range.min);
      offer(range.max);
    }
    for (const auto& text : shared.strings()) {
      if (values.size() >= most_candidates) break;
      offer(text);
    }
    for (const auto& constraint :
         destination_.implementation->annotations_of(destination_.model->name).constraints) {
      for (const auto& node : constraint.nodes) {
        if (node.op != rules::Op::integer) continue;
        if (node.number > 0) offer(node.number - 1);
        offer(node.number);
        if (node.number < std::numeric_limits<std::uint64_t>::max()) offer(node.number + 1);
      }
    }
    return values;
  }

 private:
  Scheme scheme_;
  End source_, destination_;
  const Annotations& notes_;
};

void allow(Parameter& parameter, const Value& value) {
  ValueSet allowed = parameter.accepted_values();
  allowed.add(value);
  parameter.allowed = allowed;
}

/// Whether the destination accepts once it is changed.
bool accepts_after(Scheme scheme, const End& source, const Configuration& configuration,
                   const End& destination, const std::vector<DestinationChange>& changes) {
  Implementation changed = *destination.implementation;
  Parameters& parameters = changed.info.models.at(destination.model->name).parameters;
  for (const DestinationChange& change : changes) {
    Parameter& parameter = parameters.at(change.parameter);
    if (change.kind == DestinationChange::Kind::set_off_value)
      parameter.off = change.value;
    else
      allow(parameter, change.value);
  }
  return check(scheme, source, configuration, {&changed, changed.model(destination.model->name)}).decision ==
         Decision::accept;
}

/// What answers one reason; nothing where no such change does.
std::vector<DestinationChange> answer_to(const Reason& reason, const End& source, const End& destination) {
  using Change = DestinationChange::Kind;
  const Parameter* found = known_as(destination, {}, reason.parameter);
  if (found == nullptr) return {};
  const Parameter& parameter = *found;
  if (reason.rule == "C3" || reason.rule == "R2")
    return {{Change::allow_value, parameter.name, *reason.value}};
  if (reason.rule == "C4" && parameter.off) return {{Change::allow_value, reason.parameter, *parameter.off}};
  const auto own = source.model->parameters.find(reason.parameter);
  const bool same_type =
      own != source.model->parameters.end() && own->second.type == parameter.type && own->second.off;
  if (reason.rule == "C4" || reason.rule == "C5") {
    if (!same_type) return {};  // R3: only its maker knows which value means absence
    const Value off = *own->second.off;
    std::vector<DestinationChange> changes{{Change::set_off_value, reason.parameter, off}};
    if (!parameter.accepted_values().contains(off))
      changes.push_back({Change::allow_value, reason.parameter, off});
    return changes;
  }
  return {};
}

}  // namespace

std::string to_string(const DestinationChange& change, const Implementation& destination) {
  return change.kind == DestinationChange::Kind::allow_value
             ? "let " + destination.label + " accept " + change.parameter + "=" + to_string(change.value)
             : "give " + change.parameter + " the off_value " + to_string(change.value) + " in " +
                   destination.label;
}

std::vector<DestinationChange> destination_changes(Scheme scheme, const End& source,
                                                   const Configuration& configuration,
                                                   const End& destination) {
  const Verdict verdict = check(scheme, source, configuration, destination);
  if (verdict.decision == Decision::accept || !destination.model ||
      source.model->name != destination.model->name)
    return {};
  std::vector<DestinationChange> changes;
  for (const Reason& reason : verdict.reasons) {
    for (DestinationChange& change : answer_to(reason, source, destination)) {
      const bool known = std::any_of(changes.begin(), changes.end(), [&](const DestinationChange& one) {
        return one.kind == change.kind && one.parameter == change.parameter && one.value == change.value;
      });
      if (!known) changes.push_back(std::move(change));
    }
  }
  if (changes.empty() || !accepts_after(scheme, source, configuration, destination, changes)) return {};
  for (std::size_t i = 0; i < changes.size();) {
    std::vector<DestinationChange> fewer = changes;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    if (accepts_after(scheme, source, configuration, destination, fewer))
      changes = std::move(fewer);
    else
      ++i;
  }
  return changes;
}

std::vector<Repair> repairs(Scheme scheme, const End& source, const Configuration& configuration,
                            const End& destination) {
  const Verdict verdict = check(scheme, source, configuration, destination);
  if (verdict.decision == Decision::accept || !destination.model ||
      source.model->name != destination.model->name)
    return {};  // C1: no value mends a name
  const Search search(scheme, source, destination);

  std::vector<Repair> found;
  for (const auto& [name, parameter] : source.model->parameters) {
    if (!search.changeable(name)) continue;
    Configuration changed = configuration;
    for (const auto& value : search.candidates(parameter)) {
      if (value == configuration.at(name)) continue;
      changed[name] = value;
      if (search.accepted(changed)) {
        found.push_back({{{name, value}}, search.power_cycle(name)});
        break;  // the first value is the one nearest to "off": one proposal for each parameter is enough
      }
    }
  }

  std::stable_sort(found.begin(), found.end(), [](const Repair& a, const Repair& b) {
    return std::pair(a.cost(), a.power_cycle) < std::pair(b.cost(), b.power_cycle);
  });
  return found;
}

}  // namespace portolan::compat
