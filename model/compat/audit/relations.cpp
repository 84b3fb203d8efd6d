// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/relations.hpp"

namespace portolan::compat::audit {
namespace {

/// The destination's entry counts, else the source's.
RelationRule relation_of(const Model& model, const std::string& aspect, std::size_t source,
                         std::size_t destination) {
  for (const std::size_t k : {destination, source})
    if (const Aspect& entry = model[k].notes().aspect(aspect); entry.compare) return {*entry.compare, &entry};
  return Relation::exact;
}

/// What the entry says that it takes in; null: nothing.
const Observation* taken_in(const Entry& entry, const std::string& profile, const std::string& aspect) {
  const auto& takes = entry.notes().takes;
  const auto all = takes.find(profile);
  if (all == takes.end()) return nullptr;
  const auto at = all->second.find(aspect);
  return at == all->second.end() ? nullptr : &at->second;
}

bool related(const Model& model, const std::string& aspect, std::size_t source, std::size_t destination,
             const Observation& from, const Observation& to) {
  const auto absent = model.absence().of(aspect, model[destination].types.front().model);
  return relate(relation_of(model, aspect, source, destination), from, to, absent) == Related::yes;
}

}  // namespace

bool relates_both_ways(const Model& model, const std::string& profile, const std::string& aspect,
                       std::size_t a, std::size_t b) {
  const Observation x = model[a].observation(profile, aspect), y = model[b].observation(profile, aspect);
  return related(model, aspect, a, b, x, y) && related(model, aspect, b, a, y, x);
}

bool would_relate(const Model& model, const Move& move, const std::string& aspect, std::size_t changed,
                  const Observation& value) {
  const auto seen = [&](std::size_t entry) {
    return changed == entry ? value : model[entry].observation(move.profile, aspect);
  };
  const auto is_known = [&](std::size_t entry) {
    const auto* all = model[entry].observed(move.profile);
    return changed == entry ||
           (all != nullptr && (all->contains(aspect) || model[entry].notes().reports(aspect)));
  };
  const Observation* taken = taken_in(model[move.destination], move.profile, aspect);
  if (!is_known(move.source) || (taken == nullptr && !is_known(move.destination))) return false;
  return related(model, aspect, move.source, move.destination, seen(move.source),
                 taken != nullptr ? *taken : seen(move.destination));
}

bool is_carried(const Model& model, const std::string& aspect, std::size_t a, std::size_t b) {
  return !model[a].notes().aspect(aspect).carried_by.empty() ||
         !model[b].notes().aspect(aspect).carried_by.empty();
}

bool differs_from(const Model& model, const std::string& profile, const std::string& aspect, std::size_t one,
                  std::size_t first) {
  return relate(Relation::exact, model[one].observation(profile, aspect),
                model[first].observation(profile, aspect),
                model.absence().of(aspect, model[first].types.front().model)) != Related::yes;
}

std::string shown(const Observation& observation) { return observation ? to_string(*observation) : "absent"; }

}  // namespace portolan::compat::audit
