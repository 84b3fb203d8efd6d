#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What would make one direction between two implementations work for every configuration: values that the
// destination would have to allow, off values to add or to agree on, and parameters to keep at their off
// value at the source because the destination lacks them (a profile pin). Offered only when the matrix finds
// that with all of these changes every configuration is accepted, and with any one of them left out not.

#include <string>
#include <vector>

#include "solver/matrix/matrix.hpp"

namespace portolan::solver::advice {

struct Mend {
  bool at_source = false;
  std::string parameter;
  std::string change;  ///< a sentence in the imperative: `let v1 accept memory in {8192}`
};

/// Empty where nothing is broken, or where changes of these kinds do not mend it.
std::vector<Mend> mends(compat::Scheme scheme, const compat::End& source, const compat::End& destination);

}  // namespace portolan::solver::advice
