#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How the commands store their results with --db: the one place of the command line that reads the clock.

#include <chrono>
#include <string>
#include <vector>

#include "cli/output.hpp"
#include "db/store.hpp"

namespace portolan::cli {

/// Stores the catalogues and the report that `fill` makes for them; nothing when `file` is empty. Command, scheme,
/// program and time are filled in here. Says on standard error where it went.
template <class Fill>
Result<void> store(const std::string& file, const std::vector<const compat::Catalogue*>& catalogues, const std::string& command,
                   std::optional<std::string> scheme, const Output& output, Fill fill) {
  if (file.empty()) return {};
  auto opened = db::Store::open(file, db::Opening::create);
  if (!opened) return fail(opened.error());
  const db::Seconds now_s = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  auto report = opened->add(catalogues, now_s, [&](const std::vector<db::StoredCatalogue>& stored) {
    db::Report made;
    made.command = command;
    made.scheme = scheme;
    made.program = PORTOLAN_VERSION;
    made.when_s = now_s;
    fill(stored, made);
    return made;
  });
  if (!report) return fail(report.error());
  output.note(fmt::format("stored as report {} in {}; see portolan db show {} --db {}", *report, file, *report, file));
  return {};
}

}  // namespace portolan::cli
