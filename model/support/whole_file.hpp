#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Files that are written whole or not at all: by a file beside it and a rename. Whoever reads the file
// meanwhile, or after a crash, has the old one or the new one.

#include <filesystem>
#include <string>

#include "model/support/fault.hpp"

namespace portolan {

/// `option` is what another file is named with, for the message.
Result<void> write_whole(const std::filesystem::path& file, const std::string& text,
                         const std::string& option = "-o");

}  // namespace portolan
