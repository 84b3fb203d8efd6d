#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Findings as a reader gets them: JSON with every one, and a text that reads like a review. What is about one
// thing (a parameter or aspect of a model) stands together, errors first; of findings that are alike a few
// are told and the others counted, so that ten thousand of them are a page and no wall.

#include <string>
#include <vector>

#include "cli/frame/json.hpp"
#include "cli/frame/output.hpp"
#include "model/compat/judging/accepted.hpp"

namespace portolan::cli {

/// The findings of a check with what belongs to each: all three lists are parallel.
struct Findings {
  std::vector<compat::Finding> all;
  std::vector<std::string> prints;                       ///< fingerprints
  std::vector<const compat::AcceptedFinding*> accepted;  ///< null: not accepted

  std::size_t count(compat::Severity severity) const;  ///< of those that are not accepted
  std::size_t count_accepted() const;
};

/// `error`, `warning` or `note`, in its colour.
std::string severity_word(compat::Severity severity, const Output& output);

Json finding_json(const compat::Finding& finding, const std::string& fingerprint,
                  const compat::AcceptedFinding* accepted);

/// One line for each ordered pair and profile between which a migration is predicted to fail, with what
/// stands in its way; nothing where there is none. `whole`: nothing is left out.
void print_failing_pairs(const Findings& findings, bool whole, Output& output);

/// What is not accepted, grouped. `whole`: nothing is left out.
void print_findings(const Findings& findings, bool whole, Output& output);

/// The finding that `print_findings` tells first; null where it tells none.
const compat::Finding* first_told(const Findings& findings);

}  // namespace portolan::cli
