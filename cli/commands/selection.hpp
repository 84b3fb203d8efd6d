#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Which ends and which configuration a command line means: the model, the source's type, the destination's
// candidate types, and the values given with --profile and --set (rules.md R10a; docs/cli.md on `compat`).
// Whatever cannot be decided from the line is a usage fault that lists the choices.

#include <string>
#include <vector>

#include "model/compat/check.hpp"

namespace portolan::cli {

struct Asked {
  std::string from, to;
  std::string model, type, to_type, profile;  ///< empty: not given
  std::vector<std::string> set;               ///< `name=value`
  bool only_observed = false;  ///< the profile may be one that the source was observed at, and no more
};

struct Selection {
  compat::Catalogue from;
  compat::End source;
  compat::Configuration configuration;
  /// The destination's candidate types: those that describe the model or, when none does, all of them (C1
  /// then fails).
  compat::Catalogue to;
};

/// Faults for a source that is not one type of one implementation, and so on. The catalogues are kept by the
/// result: its pointers stay valid when it is moved.
Result<Selection> select(const Asked& asked);

/// The source's configuration: init values, then the profile's, then --set. Faults for unknown names, values
/// of the wrong type and values that the source refuses; a value that is merely undetermined is taken as
/// given. What a profile says by itself is the catalogue's word, and judged whether the source can make it or
/// not.
Result<compat::Configuration> configure(const compat::End& source, const std::string& profile,
                                        const std::vector<std::string>& set);

/// Every scheme of rules.md §schemes, in its order: what `--scheme` may be.
std::vector<std::string> scheme_names();

}  // namespace portolan::cli
