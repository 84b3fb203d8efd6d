#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Output files. A regular file, or one that is not there yet, is written whole or not at all, by a file
// beside it and a rename: whoever reads it meanwhile, or after a crash, has the old one or the new one. A
// link is followed, and stays. What is no regular file is never replaced: a device, a FIFO and an open
// descriptor
// (/dev/stdout) are written to.

#include <filesystem>
#include <string>

#include "model/support/fault.hpp"

namespace portolan {

/// `option` is what another file is named with, for the message. A FIFO that nobody reads is refused.
Result<void> write_whole(const std::filesystem::path& file, const std::string& text,
                         const std::string& option = "-o");

}  // namespace portolan
