#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What `check --against` says of a publication (solver/advice/publication.hpp).

#include "cli/frame/json.hpp"
#include "cli/frame/output.hpp"
#include "solver/advice/publication.hpp"

namespace portolan::cli {

Json publication_json(const solver::advice::PublicationImpact& impact);
/// `whole`: every change, not only the first twenty.
void print_publication(const solver::advice::PublicationImpact& impact, bool whole, Output& output);

}  // namespace portolan::cli
