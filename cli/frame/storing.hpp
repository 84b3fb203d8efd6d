#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How the commands store their results in a database: the one place of the command line that reads the clock.

#include <chrono>
#include <string>
#include <vector>

#include "cli/frame/output.hpp"
#include "db/store.hpp"

namespace portolan::cli {

/// Seconds since 1970, UTC.
inline db::Seconds now_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// A database that is opened before a command begins its work, so that a file which cannot be used is found
/// out first; or none.
class Storing {
 public:
  /// Nothing is stored when `file` is empty.
  static Result<Storing> open(const std::string& file) {
    Storing made;
    if (file.empty()) return made;
    auto opened = db::Store::open(file, db::Opening::create);
    if (!opened) return fail(opened.error());
    made.file_ = file;
    made.store_ = std::move(*opened);
    return made;
  }

  /// Stores the catalogues and the report that `fill` completes for them. Program and time are filled in
  /// here. Says on standard error where it went.
  template <class Fill>
  Result<void> store(const std::vector<const compat::Catalogue*>& catalogues, const Output& output,
                     Fill fill) {
    if (!store_) return {};
    const db::Seconds when_s = now_s();
    auto report = store_->add(catalogues, when_s, [&](const std::vector<db::StoredCatalogue>& stored) {
      db::Report made;
      made.program = PORTOLAN_VERSION;
      made.when_s = when_s;
      fill(stored, made);
      return made;
    });
    if (!report) return fail(report.error());
    output.note(fmt::format("stored as report {} in {}; see portolan db show {} --db {}", *report, file_,
                            *report, file_));
    return {};
  }

 private:
  std::string file_;
  std::optional<db::Store> store_;
};

/// For commands that are done at once: opens, stores, closes.
template <class Fill>
Result<void> store(const std::string& file, const std::vector<const compat::Catalogue*>& catalogues,
                   const std::string& command, const std::optional<std::string>& scheme, const Output& output,
                   Fill fill) {
  auto storing = Storing::open(file);
  if (!storing) return fail(storing.error());
  return storing->store(catalogues, output,
                        [&](const std::vector<db::StoredCatalogue>& stored, db::Report& made) {
                          made.command = command;
                          made.scheme = scheme;
                          fill(stored, made);
                        });
}

}  // namespace portolan::cli
