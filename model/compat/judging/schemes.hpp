#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The schemes of docs/rules.md §schemes: twelve ways of deciding whether a migration is allowed, as they are
// in use or were proposed. One reference function decides each of them for one configuration, with reasons;
// truth.hpp says what really happens. An architect chooses a scheme by comparing the two.
//
// `Scheme` of check.hpp names the three that the product itself plans with; this list holds those too.

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "model/compat/judging/scheme_question.hpp"

namespace portolan::compat {

enum class NamedScheme : std::uint8_t {
  none,
  mdev_type,
  version_string,
  semver,
  profile,
  rfc_v1,
  rfc_v3,
  rfc_v3_strict,
  declared,
  subsections,
  min_max,
  observed
};

/// In the order of docs/rules.md §schemes.
inline constexpr std::array<NamedScheme, 12> every_scheme{
    NamedScheme::none,     NamedScheme::mdev_type,   NamedScheme::version_string, NamedScheme::semver,
    NamedScheme::profile,  NamedScheme::rfc_v1,      NamedScheme::rfc_v3,         NamedScheme::rfc_v3_strict,
    NamedScheme::declared, NamedScheme::subsections, NamedScheme::min_max,        NamedScheme::observed};

std::string_view name_of(NamedScheme scheme);
std::optional<NamedScheme> any_scheme_named(std::string_view name);
/// When the scheme accepts, in one line.
std::string_view meaning_of(NamedScheme scheme);
/// The scheme of check.hpp, where it is one of the three.
std::optional<Scheme> plain(NamedScheme scheme);
NamedScheme named(Scheme scheme);
/// `profile` and `observed`: both ends are made from their own values of one named profile, and nothing
/// else is decided.
bool is_for_profiles(NamedScheme scheme);
/// The verdict is the same for every configuration of a pair.
bool ignores_configuration(NamedScheme scheme);

/// The verdict of a scheme. `rule` of a reason is C1 to C6 or R2 where the scheme has these conditions, else
/// the name of the scheme. `undetermined` where the scheme needs something that is not there: a type, a
/// version that reads as one, a profile, an observation.
Verdict judge(NamedScheme scheme, const SchemeQuestion& asked);

}  // namespace portolan::compat
