#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Values that a profile could give to a parameter: whether an implementation could make such an instance, and
// which values are worth a try. A pin that is offered as a remedy was tried.

#include "model/compat/audit/entries.hpp"

namespace portolan::compat::audit {

/// Whether the implementation accepts the value, and its constraints hold with it.
bool can_pin(const End& end, const Configuration& values, const std::string& parameter, const Value& value);

/// The least values of a set, at most 512.
std::vector<Value> values_to_try(const ValueSet& set);

/// The value as one of that type, where it is the same on a device (1 and true); else empty.
std::optional<Value> as_type(const Shown& shown, ValueType type);

/// ` (it pins "x", which a@1 does not have; is y meant?)`: the profile names a parameter that does not exist,
/// most likely the pin that is missing. Empty where it names none.
std::string unknown_pins(const Entry& entry, const std::string& profile, const std::string& parameter);

}  // namespace portolan::compat::audit
