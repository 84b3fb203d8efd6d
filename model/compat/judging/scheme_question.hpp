#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One migration as a scheme is asked about it, and what belongs to the question: which profiles of the source
// it is about, and what absence counts as between the two ends.

#include <optional>
#include <string>
#include <vector>

#include "model/compat/check.hpp"
#include "model/compat/observed.hpp"

namespace portolan::compat {

struct SchemeQuestion {
  End source;
  Configuration configuration;
  End destination;                   ///< its model may be another one, or null where it describes none
  std::string profile;               ///< empty: whichever profiles of the source have this configuration
  const Absence* absence = nullptr;  ///< what absence counts as; null: from the two ends alone
  bool arrived = false;              ///< the source's instance came by migration
};

/// The profiles of the source that a question is about: the one that is named, where the configuration is its
/// own, else all that have the configuration. In name order.
std::vector<std::string> profiles_of(const SchemeQuestion& asked);

/// Whether live instances of the source were observed at a profile that it does not describe: what it means
/// is then not known, and what they showed is.
bool is_only_observed(const End& source, const std::string& profile);

/// `asked.absence`, or what the two ends say, which is then kept in `own`.
const Absence& absence_of(const SchemeQuestion& asked, std::optional<Absence>& own);

}  // namespace portolan::compat
