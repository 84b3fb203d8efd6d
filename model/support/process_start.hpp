#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// When a process of this machine was started: with its number, which the kernel gives again, that tells it
// from every other process since the machine came up.

#include <string>

namespace portolan {

/// In ticks of the kernel since it came up; empty without such a process.
std::string process_start(const std::string& pid);

}  // namespace portolan
