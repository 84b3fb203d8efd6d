#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The configurations of a source that are worth asking about one destination, those with the fewest
// parameters away from their init values first. Of a parameter with many values one of each class is asked:
// values that no literal, bound, init or off value of the two ends tells apart fare alike. Where that does
// not hold (a parameter in arithmetic, or compared with another), or where there are more than the limit, the
// space says so.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/compat/check.hpp"

namespace portolan::solver::schemes {

/// The configurations of a source that can tell anything about moving it to a destination.
struct Space {
  std::vector<compat::Configuration>
      configurations;    ///< fewest parameters away from init first, then the least values in name order
  bool complete = true;  ///< every other configuration fares like one of these
  std::string why;       ///< where it is not: what was left out
};
Space space_of(const compat::End& source, const compat::End& destination, std::uint64_t configurations_max);

/// How many parameters are away from their init values.
std::size_t away_from_init(const compat::DeviceModel& model, const compat::Configuration& configuration);

}  // namespace portolan::solver::schemes
