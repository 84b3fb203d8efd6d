// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/schemes.hpp"

#include <algorithm>
#include <cassert>
#include <set>

#include <fmt/format.h>

#include "model/compat/constraint.hpp"
#include "model/compat/judging/all_known.hpp"
#include "model/compat/judging/behaviour.hpp"
#include "model/support/named.hpp"
#include "model/support/text.hpp"

namespace portolan::compat {
namespace {

constexpr auto named_scheme_names =
    enumerator_names<NamedScheme>({{NamedScheme::none, "none"},
                                   {NamedScheme::mdev_type, "mdev-type"},
                                   {NamedScheme::version_string, "version-string"},
                                   {NamedScheme::semver, "semver"},
                                   {NamedScheme::profile, "profile"},
                                   {NamedScheme::rfc_v1, "rfc-v1"},
                                   {NamedScheme::rfc_v3, "rfc-v3"},
                                   {NamedScheme::rfc_v3_strict, "rfc-v3-strict"},
                                   {NamedScheme::declared, "declared"},
                                   {NamedScheme::subsections, "subsections"},
                                   {NamedScheme::min_max, "min-max"},
                                   {NamedScheme::observed, "observed"}});

Verdict decided(NamedScheme scheme, Decision decision, const SchemeQuestion& asked, std::string expected = {},
                std::string message = {}) {
  Verdict verdict;
  verdict.decision = decision;
  verdict.list = parameter_list(*asked.source.model, asked.configuration);
  if (decision == Decision::accept) return verdict;
  Reason reason;
  reason.rule = name_of(scheme);
  reason.expected = std::move(expected);
  reason.message = reason.rule + ": " + message;
  reason.place = asked.destination.implementation->place;
  reason.certain = decision == Decision::reject;
  verdict.reasons.push_back(std::move(reason));
  return verdict;
}

/// A rejection outweighs an undetermined value.
Decision decision_of(const std::vector<Reason>& reasons) {
  if (reasons.empty()) return Decision::accept;
  return std::all_of(reasons.begin(), reasons.end(), [](const Reason& one) { return !one.certain; })
             ? Decision::undetermined
             : Decision::reject;
}

Verdict mdev_type(const SchemeQuestion& asked) {
  const Implementation &from = *asked.source.implementation, &to = *asked.destination.implementation;
  if (from.type.empty() || to.type.empty())
    return decided(NamedScheme::mdev_type, Decision::undetermined, asked, "an mdev type",
                   fmt::format("{} has no mdev type", from.type.empty() ? from.label : to.label));
  if (from.type == to.type) return decided(NamedScheme::mdev_type, Decision::accept, asked);
  return decided(NamedScheme::mdev_type, Decision::reject, asked, "the type " + from.type,
                 fmt::format("the source's type is {}, that of {} is {}", from.type, to.label, to.type));
}

Verdict version_string(const SchemeQuestion& asked) {
  const Implementation &from = *asked.source.implementation, &to = *asked.destination.implementation;
  if (from.name != to.name)
    return decided(NamedScheme::version_string, Decision::reject, asked, "the implementation " + from.name,
                   fmt::format("the source is {}, {} is {}", from.name, to.label, to.name));
  if (from.version.empty() || to.version.empty())
    return decided(NamedScheme::version_string, Decision::undetermined, asked, "a version",
                   fmt::format("{} has no version", from.version.empty() ? from.label : to.label));
  if (from.version == to.version) return decided(NamedScheme::version_string, Decision::accept, asked);
  return decided(
      NamedScheme::version_string, Decision::reject, asked, "the version " + from.version,
      fmt::format("the source's version is {}, that of {} is {}", from.version, to.label, to.version));
}

struct Version {
  std::uint64_t major = 0, minor = 0;
};

/// Numbers parted by points, then nothing, or something after `-` or `+`. A minor number that is left out is
/// 0.
std::optional<Version> version_of(std::string_view text) {
  text = text.substr(0, text.find_first_of("-+"));
  std::vector<std::uint64_t> numbers;
  while (true) {
    const std::size_t point = text.find('.');
    const auto number = parse_u64(text.substr(0, point));
    if (!number) return std::nullopt;
    numbers.push_back(*number);
    if (point == std::string_view::npos) break;
    text = text.substr(point + 1);
  }
  return Version{numbers[0], numbers.size() > 1 ? numbers[1] : 0};
}

Verdict semver(const SchemeQuestion& asked) {
  const Implementation &from = *asked.source.implementation, &to = *asked.destination.implementation;
  const auto source = version_of(from.version), destination = version_of(to.version);
  if (!source || !destination) {
    const Implementation& odd = source ? to : from;
    return decided(NamedScheme::semver, Decision::undetermined, asked, "major.minor",
                   fmt::format("{} has {}", odd.label,
                               odd.version.empty() ? "no version"
                                                   : fmt::format("the version {}, which is not major.minor",
                                                                 in_quotes(odd.version))));
  }
  if (source->major == destination->major && source->minor <= destination->minor)
    return decided(NamedScheme::semver, Decision::accept, asked);
  const bool major = source->major != destination->major;
  return decided(
      NamedScheme::semver, Decision::reject, asked,
      fmt::format("{}.{} or a later minor version", source->major, source->minor),
      fmt::format("{} of {} is {}, of the source {}", major ? "the major version" : "the minor version",
                  to.label, major ? destination->major : destination->minor,
                  major ? source->major : source->minor));
}

std::string no_profile(const SchemeQuestion& asked) {
  if (asked.profile.empty())
    return fmt::format("this configuration of {} is that of no profile", asked.source.implementation->label);
  const auto& profiles = asked.source.implementation->annotations_of(asked.source.model->name).profiles;
  return profiles.contains(asked.profile)
             ? fmt::format("this configuration of {} is not that of its profile {}",
                           asked.source.implementation->label, asked.profile)
             : fmt::format("{} has no profile {}", asked.source.implementation->label, asked.profile);
}

Verdict profile(const SchemeQuestion& asked) {
  const auto names = profiles_of(asked);
  if (names.empty())
    return decided(NamedScheme::profile, Decision::undetermined, asked, "a configuration of a profile",
                   no_profile(asked));
  const Annotations* there =
      asked.destination.model == nullptr
          ? nullptr
          : &asked.destination.implementation->annotations_of(asked.destination.model->name);
  std::vector<std::string> unknown;
  for (const std::string& name : names)
    if (there == nullptr || !there->profiles.contains(name)) unknown.push_back(name);
  if (unknown.empty()) return decided(NamedScheme::profile, Decision::accept, asked);
  const std::string message = fmt::format("{} does not know the profile {}",
                                          asked.destination.implementation->label, unknown.front());
  if (unknown.size() == names.size())
    return decided(NamedScheme::profile, Decision::reject, asked, "the profile " + unknown.front(), message);
  return decided(NamedScheme::profile, Decision::undetermined, asked, "one profile",
                 fmt::format("the configuration is that of several profiles, and {}", message));
}

Verdict observed(const SchemeQuestion& asked) {
  const auto names = profiles_of(asked);
  if (names.empty())
    return decided(NamedScheme::observed, Decision::undetermined, asked, "a configuration of a profile",
                   no_profile(asked));
  std::optional<Absence> own;
  const Absence& absence = absence_of(asked, own);
  Verdict verdict = decided(NamedScheme::observed, Decision::accept, asked);
  const auto add = [&](Decision decision, std::string expected, const std::string& message) {
    if (decision == Decision::reject || verdict.decision == Decision::accept) verdict.decision = decision;
    Reason reason;
    reason.rule = name_of(NamedScheme::observed);
    reason.expected = std::move(expected);
    reason.message = reason.rule + ": " + message;
    reason.place = asked.destination.implementation->place;
    reason.certain = decision == Decision::reject;
    verdict.reasons.push_back(std::move(reason));
  };
  std::size_t rejected = 0;
  for (const std::string& name : names) {
    const auto compared =
        asked.destination.model == nullptr
            ? std::nullopt
            : compare_observations(absence, asked.source, asked.destination, name, asked.arrived);
    if (!compared) {
      add(Decision::undetermined, "an observation at both ends",
          fmt::format("{} and {} were not both observed at profile {}", asked.source.implementation->label,
                      asked.destination.implementation->label, name));
      continue;
    }
    bool relates = true;
    for (const AspectComparison& one : *compared) {
      if (one.related == Related::yes) continue;
      relates = relates && one.related != Related::no;
      add(one.related == Related::no ? Decision::reject : Decision::undetermined,
          std::string(name_of(one.relation)), fmt::format("at profile {}, {}", name, to_string(one)));
    }
    rejected += relates ? 0 : 1;
  }
  // Several profiles have this configuration, and they differ: which one the instance was made from decides.
  if (verdict.decision == Decision::reject && rejected < names.size())
    verdict.decision = Decision::undetermined;
  return verdict;
}

/// A model like `model` with every parameter changed by `change`.
template <class Change>
DeviceModel changed(const DeviceModel& model, Change change) {
  DeviceModel made = model;
  for (auto& [name, parameter] : made.parameters) change(parameter);
  return made;
}

Verdict rfc_v1(const SchemeQuestion& asked) {
  const DeviceModel source =
      changed(*asked.source.model, [](Parameter& parameter) { parameter.off.reset(); });
  return check(Scheme::rfc_v3, {asked.source.implementation, &source}, asked.configuration,
               asked.destination);
}

/// allowed_values weakened to min..max for int and to anything for str.
void weaken(Parameter& parameter) {
  if (!parameter.allowed) return;
  if (parameter.type == ValueType::integer && !parameter.allowed->ranges().empty())
    parameter.allowed->add(
        Range{parameter.allowed->ranges().front().min, parameter.allowed->ranges().back().max});
}

Verdict min_max(const SchemeQuestion& asked) {
  if (asked.destination.model == nullptr)
    return check(Scheme::rfc_v3, asked.source, asked.configuration, asked.destination);
  const DeviceModel destination = changed(*asked.destination.model, weaken);
  const End there{asked.destination.implementation, &destination};
  Verdict verdict = check(Scheme::rfc_v3, asked.source, asked.configuration, there);
  const auto any_text = [&](const Reason& one) {
    if (one.rule != "C3") return false;
    const Parameter& parameter = *known_as(there, verdict.list, one.parameter);
    return parameter.type == ValueType::string && parameter.allowed.has_value();
  };
  std::erase_if(verdict.reasons, any_text);
  verdict.decision = decision_of(verdict.reasons);
  return verdict;
}

/// Whether some section that depends on the parameter is sent under these values. Empty: no section depends
/// on it.
std::optional<bool> is_sent(const SchemeQuestion& asked, const std::string& name) {
  std::optional<bool> sent;
  for (const SavedSection& section :
       asked.source.implementation->annotations_of(asked.source.model->name).state) {
    if (!section.when) continue;
    const auto names = parameters_of(*section.when, asked.source.model->parameters);
    if (std::find(names.begin(), names.end(), name) == names.end()) continue;
    sent = sent.value_or(false) || holds(*section.when, asked.source.model->parameters, asked.configuration);
  }
  return sent;
}

Verdict subsections(const SchemeQuestion& asked) {
  Verdict verdict = check(Scheme::rfc_v3, asked.source, asked.configuration, asked.destination);
  const Annotations& notes = asked.source.implementation->annotations_of(asked.source.model->name);
  std::set<std::string> silent;
  for (const auto& [name, value] : verdict.list)
    if (notes.notes_of(name).affects == Affects::state && is_sent(asked, name) == std::optional(false))
      silent.insert(name);
  for (const std::string& name : silent) verdict.list.erase(name);
  std::erase_if(verdict.reasons, [&](const Reason& one) { return silent.contains(one.parameter); });
  verdict.decision = decision_of(verdict.reasons);
  return verdict;
}

}  // namespace

std::string_view name_of(NamedScheme scheme) { return named_scheme_names[scheme]; }
std::optional<NamedScheme> any_scheme_named(std::string_view name) { return named_scheme_names.find(name); }

std::string_view meaning_of(NamedScheme scheme) {
  switch (scheme) {
    case NamedScheme::none: return "always";
    case NamedScheme::mdev_type: return "both ends have the same mdev type name";
    case NamedScheme::version_string: return "implementation name and version are equal";
    case NamedScheme::semver:
      return "the major versions are equal, and the source's minor version is not above the destination's";
    case NamedScheme::profile: return "the destination knows a profile of the same name";
    case NamedScheme::rfc_v1:
      return "the models are equal, and every parameter of the source is known to the destination and its "
             "value accepted; there are no off values";
    case NamedScheme::rfc_v3: return "C1 to C3: what is listed is known and accepted";
    case NamedScheme::rfc_v3_strict:
      return "C1 to C6: also, what is not listed is off alike at both ends, and the destination's "
             "constraints hold";
    case NamedScheme::declared:
      return "rfc-v3-strict accepts, and nothing else that the catalogue says speaks against it (R13)";
    case NamedScheme::subsections:
      return "as rfc-v3, but a parameter that affects the state alone is listed only while its section is "
             "sent";
    case NamedScheme::min_max:
      return "as rfc-v3, with allowed_values weakened to min..max for int and to anything for str";
    case NamedScheme::observed: return "every aspect that was observed relates as compare says";
  }
  assert(false);
  return {};
}

std::optional<Scheme> plain(NamedScheme scheme) {
  if (scheme == NamedScheme::rfc_v3) return Scheme::rfc_v3;
  if (scheme == NamedScheme::rfc_v3_strict) return Scheme::rfc_v3_strict;
  if (scheme == NamedScheme::declared) return Scheme::declared;
  return std::nullopt;
}

NamedScheme named(Scheme scheme) {
  switch (scheme) {
    case Scheme::rfc_v3: return NamedScheme::rfc_v3;
    case Scheme::rfc_v3_strict: return NamedScheme::rfc_v3_strict;
    case Scheme::declared: break;
  }
  return NamedScheme::declared;
}

bool is_for_profiles(NamedScheme scheme) {
  return scheme == NamedScheme::profile || scheme == NamedScheme::observed;
}

bool ignores_configuration(NamedScheme scheme) {
  return scheme == NamedScheme::none || scheme == NamedScheme::mdev_type ||
         scheme == NamedScheme::version_string || scheme == NamedScheme::semver;
}

Verdict judge(NamedScheme scheme, const SchemeQuestion& asked) {
  assert(asked.source.implementation != nullptr && asked.source.model != nullptr &&
         asked.destination.implementation != nullptr);
  switch (scheme) {
    case NamedScheme::none: return decided(scheme, Decision::accept, asked);
    case NamedScheme::mdev_type: return mdev_type(asked);
    case NamedScheme::version_string: return version_string(asked);
    case NamedScheme::semver: return semver(asked);
    case NamedScheme::profile: return profile(asked);
    case NamedScheme::rfc_v1: return rfc_v1(asked);
    case NamedScheme::rfc_v3:
      return check(Scheme::rfc_v3, asked.source, asked.configuration, asked.destination);
    case NamedScheme::rfc_v3_strict:
      return check(Scheme::rfc_v3_strict, asked.source, asked.configuration, asked.destination);
    case NamedScheme::declared: return judge_all_known(asked);
    case NamedScheme::subsections: return subsections(asked);
    case NamedScheme::min_max: return min_max(asked);
    case NamedScheme::observed: return observed(asked);
  }
  assert(false);
  return {};
}

}  // namespace portolan::compat
