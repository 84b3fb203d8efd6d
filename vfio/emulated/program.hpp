#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The command line of `portolan-device` (rules.md R11): what it means, and the device that it makes.
// One process is one instance; a value that the migration information refuses makes no instance.

#include <iosfwd>

#include "vfio/emulated/device.hpp"

namespace portolan::vfio::emulated {

/// Runs the program until it is stopped: `stop_fd` becomes readable. `arguments` without the program's name.
/// Events go to `out`, one JSON object a line. Returns the exit status: 0, 1 when the instance cannot be
/// made, 2 for usage.
int run_device(const std::vector<std::string>& arguments, const std::string& version, std::ostream& out,
               std::ostream& err, int stop_fd);

/// `4G`, `64KiB`, `1048577`; K, M and G are powers of 1024.
std::optional<std::uint64_t> parse_bytes(std::string_view text);

}  // namespace portolan::vfio::emulated
