#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Whether a source refuses to save an instance (`blocks`, rules.md §aspects). A condition speaks of
// parameters and of what the instance shows; what is not known of the latter is unknown, and so is whatever
// hangs on it (three-valued logic: false && unknown is false).

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/compat/check.hpp"

namespace portolan::compat {

/// What is known of an instance: values by name, of parameters and of aspects.
using KnownValues = std::map<std::string, Value>;

/// True, false, or empty: not known.
std::optional<bool> holds_of_known(const Block& block, const KnownValues& known);

/// What an instance of the end shows at a profile, as far as it is known: of an end that reports everything,
/// what has no entry is absent. `arrived`: the instance came by migration.
KnownValues known_at(const End& end, const Configuration& configuration, const std::string& profile,
                     bool arrived);

/// Why a source may not save an instance: every block that is not known to be false.
struct Refused {
  const Block* block = nullptr;
  bool certain = true;
};
/// `profile`: where the instance's aspects are known from; empty: nowhere.
std::vector<Refused> refusals_to_save(const End& source, const Configuration& configuration,
                                      const std::string& profile, bool arrived);

/// The condition of a block as expressions over the parameters of the model alone, where nothing is known of
/// any aspect: when it is certainly true, and when it may be.
struct BlockBounds {
  rules::Expression certain, possible;
};
BlockBounds bounds_of(const Block& block, const DeviceModel& model);

}  // namespace portolan::compat
