#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Findings that somebody accepted, with a reason and a day until which that counts (format
// `portolan.accepted-findings/1`, JSON or YAML): so that a check fails for what is new, and an exception is
// not forgotten. A finding is known by its fingerprint, which does not change when lines move, when a message
// is worded anew, or when another witness is found.

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/compat/judging/examination.hpp"

namespace portolan::compat {

/// One fingerprint for each finding: 16 hexadecimal digits from rule, model, parameter, aspect, both ends,
/// direction and profile; for findings about no implementation also from the member's path. Findings that are
/// alike in all of these get `-2`, `-3` … in their order.
std::vector<std::string> fingerprints(const std::vector<Finding>& findings);

/// `2027-01-31`.
std::string date_text(const std::chrono::year_month_day& day);

/// One entry of the file.
struct AcceptedFinding {
  std::string fingerprint;
  std::string rule;     ///< for the reader; not compared
  std::string finding;  ///< for the reader; not compared
  std::string reason;   ///< why it is accepted; empty: nobody said so yet
  std::optional<std::chrono::year_month_day>
      expires;  ///< the last day on which it counts, UTC; absent: for ever
  Place place;
};

struct AcceptedFindings {
  std::string file;
  std::vector<AcceptedFinding> accepted;
};

/// All faults of the file at once.
Result<AcceptedFindings> read_accepted(const std::filesystem::path& file);
/// Canonical JSON; read(write(x)) equals x in everything but places.
std::string write_accepted(const AcceptedFindings& accepted);

/// What a file of accepted findings does to those of a check.
struct Acceptances {
  std::vector<const AcceptedFinding*> of;  ///< for each finding: the entry that accepts it today, or null
  std::vector<Finding> warnings;  ///< `acceptance-unused`, `acceptance-expired`, `acceptance-without-reason`,
                                  ///< about the file's entries
};
Acceptances accept(const std::vector<Finding>& findings, const AcceptedFindings& accepted,
                   std::chrono::sys_days today);

/// The file that accepts every error and warning of a check; what `before` says of them is kept.
AcceptedFindings all_accepted(const std::vector<Finding>& findings, const AcceptedFindings& before);

}  // namespace portolan::compat
