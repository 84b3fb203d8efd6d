#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The configurations of a source that are worth asking about one destination, those with the fewest
// parameters away from their init values first. Of a parameter with many values one of each class is asked:
// values that nothing the two ends say tells apart fare alike: no literal, bound, init or off value, none
// that a destination takes in (`takes`) or that a profile gives, under either name of a parameter
// (rules.md §aspects). Where that does not hold (a parameter in arithmetic, or compared with another), or
// where there are more than the limit, the space says so.
//
// A configuration is kept as what it has other than the first value of each parameter, for most have next to
// nothing: there may be thousands of parameters.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/compat/check.hpp"

namespace portolan::solver::schemes {

/// The values of one parameter that are asked; its init value first where the source accepts it.
struct Axis {
  std::vector<compat::Value> values;
  bool begins_with_init = false;
  bool all = true;  ///< every other value fares like one of these
};
Axis axis_of(const compat::Parameter& own, const compat::End& source, const compat::End& destination);

/// One axis for each parameter of the source, in name order.
using Axes = std::vector<std::shared_ptr<const Axis>>;
Axes axes_of(const compat::End& source, const compat::End& destination);

/// A parameter that has another value than the first of its axis.
struct Step {
  std::uint32_t parameter = 0;  ///< its number, in name order
  std::uint32_t value = 0;      ///< its number on the axis, never 0
};

/// The configurations of a source that can tell anything about moving it to a destination: fewest parameters
/// away from init first, then the least values in name order.
struct Space {
  const compat::DeviceModel* model = nullptr;  ///< of the source, which must outlive the space
  Axes axes;
  std::vector<std::vector<Step>> configurations;  ///< what each has away from the first values, in name order
  bool complete = true;                           ///< every other configuration fares like one of these
  std::string why;                                ///< where it is not: what was left out

  compat::Configuration configuration(std::size_t number) const;
};
Space space_of(const compat::End& source, Axes axes, std::uint64_t configurations_max);

/// How many parameters are away from their init values.
std::size_t away_from_init(const compat::DeviceModel& model, const compat::Configuration& configuration);

}  // namespace portolan::solver::schemes
