// SPDX-License-Identifier: Apache-2.0
//
// Which settings can occur in a fleet: those of the VMs at the beginning, what set_param may make of them,
// and where the check and R7 take them, by the reference evaluators of model/compat.
#include <algorithm>

#include <fmt/format.h>

#include "model/compat/judging/behaviour.hpp"
#include "model/compat/judging/schemes.hpp"
#include "model/fleet/building/draft.hpp"
#include "model/support/text.hpp"

namespace portolan::fleet {

using compat::Configuration;
using compat::Implementation;

namespace {

constexpr std::size_t settings_max = 256;

}  // namespace

compat::End Settings::end_of(std::size_t setting) const {
  const SettingInfo& info = draft_.settings[setting];
  return {info.implementation, info.implementation->model(info.model)};
}

std::size_t Settings::intern(const Implementation& implementation, const std::string& model,
                             const Configuration& configuration, bool arrived) {
  // Where nothing is `restored`, or the scheme does not look at it, who came by migration is no other one.
  arrived = arrived && draft_.scenario.scheme == compat::Scheme::declared &&
            !implementation.annotations_of(model).restored.empty();
  for (std::size_t s = 0; s < draft_.settings.size(); ++s)
    if (draft_.settings[s].implementation == &implementation && draft_.settings[s].model == model &&
        draft_.settings[s].configuration == configuration && draft_.settings[s].arrived == arrived)
      return s;
  std::string differences;
  for (const auto& [name, value] : configuration)
    if (value != implementation.model(model)->parameters.at(name).init)
      differences += (differences.empty() ? "" : ", ") + name + "=" + compat::to_string(value);
  std::string name = implementation.label;
  if (implementation.info.models.size() > 1) name += " " + model;
  if (!differences.empty()) name += " {" + differences + "}";
  if (arrived) name += " (arrived)";
  draft_.settings.push_back({&implementation, model, configuration, arrived});
  draft_.setting_names.push_back(std::move(name));
  return draft_.settings.size() - 1;
}

void Settings::settle(const VmGroup& group, DraftVm& vm, bool complain) {
  const std::string& driver = draft_.drivers[draft_.hosts[vm.host].driver];
  std::optional<std::size_t> chosen;
  std::vector<const Implementation*> candidates;
  for (const Implementation& one : draft_.catalogue->implementations) {
    const compat::DeviceModel* model = one.model(group.model);
    if (model == nullptr) continue;
    const bool here = driver_name(one) == driver && (group.type.empty() || one.type == group.type);
    if (here) candidates.push_back(&one);
    const auto configuration = asked(group, one, *model, false);
    if (!configuration) continue;
    vm.may_have.push_back(intern(one, group.model, *configuration, false));
    if (here && !chosen) chosen = intern(one, group.model, *configuration, group.arrived);
  }
  if (chosen) {
    vm.setting = *chosen;
    return;
  }
  if (!complain) return;
  if (candidates.size() == 1) {
    asked(group, *candidates.front(), *candidates.front()->model(group.model), true);
    return;
  }
  if (candidates.empty())
    draft_.report(
        FaultCode::unknown_name, group.place,
        fmt::format("{} on {} offers no {} of model {}", driver, draft_.hosts[vm.host].name,
                    group.type.empty() ? "type" : "type " + in_quotes(group.type), in_quotes(group.model)),
        "a host whose driver has it", "place the VM on another host, or change its model or type");
  else {
    std::vector<std::string> types;
    for (const Implementation* one : candidates) types.push_back(type_name(*one));
    draft_.report(FaultCode::out_of_range, group.place,
                  fmt::format("no type of {} takes these parameters", driver),
                  "values that one of them accepts: " + listed(types), "name one with type: to see why not");
  }
}

std::optional<Configuration> Settings::asked(const VmGroup& group, const Implementation& implementation,
                                             const compat::DeviceModel& model, bool complain) {
  Configuration configuration = compat::fresh(model);
  bool good = true;
  const auto wrong = [&](const Place& place, FaultCode code, std::string finding, std::string expectation) {
    good = false;
    if (complain) draft_.report(code, place, std::move(finding), std::move(expectation));
  };
  if (!group.profile.empty()) {
    const auto& profiles = implementation.annotations_of(model.name).profiles;
    const auto found = profiles.find(group.profile);
    std::vector<std::string> known;
    for (const auto& [name, profile] : profiles) known.push_back(name);
    if (found == profiles.end())
      wrong(group.place, FaultCode::unknown_name,
            fmt::format("{} has no profile {}", implementation.label, in_quotes(group.profile)),
            one_of(known));
    else
      for (const auto& [name, value] : found->second.values) configuration[name] = value;
  }
  for (const auto& [name, node] : group.parameters) {
    const Place place{draft_.scenario.file, node.mark, group.place.path + ".parameters." + name};
    const auto parameter = model.parameters.find(name);
    if (parameter == model.parameters.end()) {
      std::vector<std::string> known;
      for (const auto& [other, unused] : model.parameters) known.push_back(other);
      wrong(place, FaultCode::unknown_name,
            fmt::format("{} has no parameter {}", implementation.label, in_quotes(name)), one_of(known));
      continue;
    }
    const auto value = read(node, parameter->second.type, place, complain);
    if (!value) {
      good = false;
      continue;
    }
    if (parameter->second.accepts(*value) == compat::Acceptance::refused)
      wrong(place, FaultCode::out_of_range,
            fmt::format("{} refuses {}={}", implementation.label, name, compat::to_string(*value)),
            "one of " + compat::to_string(parameter->second.accepted_values()));
    configuration[name] = *value;
  }
  if (!good) return std::nullopt;
  return configuration;
}

std::optional<compat::Value> Settings::read(const files::Node& node, compat::ValueType type,
                                            const Place& place, bool complain) {
  Faults faults;
  files::Reader reader(draft_.scenario.file, faults);
  auto value = compat::read_value(reader, node, type, {place.path, ""});
  if (complain)
    for (Fault& fault : faults) {
      fault.place = place;
      draft_.faults.push_back(std::move(fault));
    }
  return value;
}

/// Off values and interface aspects of the models.
void Settings::look_at_models() {
  for (const Implementation& one : draft_.catalogue->implementations)
    for (const auto& [name, model] : one.info.models) {
      for (const auto& [parameter, definition] : model.parameters)
        if (definition.off) off_[name].try_emplace(parameter, *definition.off);
      const auto& interface = one.annotations_of(name).interface;
      const bool first = !aspects_.contains(name);
      auto& aspects = aspects_[name];
      if (first)
        for (const auto& [aspect, unused] : interface) aspects.push_back(aspect);
      std::erase_if(aspects, [&](const std::string& aspect) { return !interface.contains(aspect); });
    }
}

void Settings::close() {
  look_at_models();
  draft_.may_set.resize(draft_.scenario.vms.size());
  for (std::size_t s = 0; s < draft_.settings.size(); ++s) {
    if (draft_.settings.size() > settings_max)
      return draft_.report(FaultCode::limit, {draft_.scenario.file, {}, "fleet"},
                           fmt::format("more than {} settings can occur", settings_max),
                           "fewer types, or fewer values in may_set");
    follow(s);
  }
}

/// Where the check and R7 take it, and what set_param may make of it.
void Settings::follow(std::size_t s) {
  const SettingInfo info = draft_.settings[s];
  const compat::Absence absence(*draft_.catalogue, info.model);
  for (const Implementation& other : draft_.catalogue->implementations) {
    const compat::DeviceModel* model = other.model(info.model);
    if (model == nullptr) continue;
    const compat::Verdict verdict =
        compat::judge(compat::named(draft_.scenario.scheme),
                      {end_of(s), info.configuration, {&other, model}, {}, &absence, info.arrived});
    if (verdict.decision != compat::Decision::accept)
      continue;  // what is undetermined may be refused: not counted on
    draft_.accepts.emplace_back(
        s, intern(other, info.model,
                  compat::prepared(compat::as_known(verdict.list, {&other, model}), *model), true));
  }
  const std::vector<VmGroup>& groups = draft_.scenario.vms;
  for (std::size_t g = 0; g < groups.size(); ++g)
    if (groups[g].model == info.model)
      for (const auto& [name, values] : groups[g].may_set) write(s, info, g, name, values);
}

void Settings::write(std::size_t s, const SettingInfo& info, std::size_t group, const std::string& name,
                     const std::vector<files::Node>& values) {
  const auto& parameters = info.implementation->model(info.model)->parameters;
  const auto parameter = parameters.find(name);
  if (parameter == parameters.end())
    return;  // an implementation that lacks it; that some has it is checked below
  if (info.implementation->annotations_of(info.model).notes_of(name).writable != compat::Writable::runtime)
    return;
  for (const files::Node& node : values) {
    const Place place{draft_.scenario.file, node.mark,
                      draft_.scenario.vms[group].place.path + ".may_set." + name};
    const std::size_t before = draft_.faults.size();
    const auto value = read(node, parameter->second.type, place, true);
    if (draft_.faults.size() > before && !value) return;
    if (!value || *value == info.configuration.at(name) ||
        parameter->second.accepts(*value) != compat::Acceptance::accepted)
      continue;
    Configuration changed = info.configuration;
    changed[name] = *value;
    const std::string written = name + "=" + compat::to_string(*value);
    add_new(draft_.write_names, written);
    const auto number =
        static_cast<std::size_t>(std::find(draft_.write_names.begin(), draft_.write_names.end(), written) -
                                 draft_.write_names.begin());
    draft_.writes.try_emplace({s, intern(*info.implementation, info.model, changed, info.arrived)}, number);
    draft_.may_set[group].insert(number);
  }
}

void Settings::check_may_set() {
  for (const VmGroup& group : draft_.scenario.vms)
    for (const auto& [name, values] : group.may_set) {
      bool known = false, writable = false;
      for (const Implementation& one : draft_.catalogue->implementations) {
        const compat::DeviceModel* model = one.model(group.model);
        if (model == nullptr || !model->parameters.contains(name)) continue;
        known = true;
        writable |= one.annotations_of(group.model).notes_of(name).writable == compat::Writable::runtime;
      }
      const Place place{draft_.scenario.file, values.empty() ? group.place.mark : values.front().mark,
                        group.place.path + ".may_set." + name};
      if (!known)
        draft_.report(FaultCode::unknown_name, place,
                      fmt::format("no implementation of {} has a parameter {}", in_quotes(group.model),
                                  in_quotes(name)),
                      "a parameter of the model");
      else if (!writable)
        draft_.report(FaultCode::usage, place,
                      fmt::format("{} is writable at run time in no implementation", in_quotes(name)),
                      "a parameter with writable: runtime (R9)",
                      "say so in the catalogue, or leave it out here");
    }
}

void Settings::compare_interfaces() {
  for (std::size_t s = 0; s < draft_.settings.size(); ++s) {
    const SettingInfo& info = draft_.settings[s];
    std::string text =
        compat::interface_of(end_of(s), info.configuration, off_[info.model], aspects_[info.model]);
    if (aspects_.size() > 1) text = info.model + ": " + text;
    auto& known = draft_.interface_names;
    draft_.interfaces.push_back(
        static_cast<std::size_t>(std::find(known.begin(), known.end(), text) - known.begin()));
    if (draft_.interfaces.back() == known.size()) known.push_back(std::move(text));
  }
}

}  // namespace portolan::fleet
