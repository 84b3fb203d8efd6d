#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What was found about a coupling as bytes, for the way from one process of this program to another
// (coupling_z3.hpp). Texts and lists go with their length in front, numbers in the order of this machine; it
// is no format for files.

#include <optional>
#include <string>
#include <string_view>

#include "solver/matrix/coupling/coupling.hpp"

namespace portolan::solver::matrix {

std::string to_bytes(const CouplingAnswer& answer);
std::string to_bytes(const CouplingWitness& witness);

/// Empty where the bytes are not exactly one answer.
std::optional<CouplingAnswer> answer_from(std::string_view bytes);
/// Empty where the bytes are not exactly one witness, or its values are not those of the coupling's
/// parameters.
std::optional<CouplingWitness> witness_from(std::string_view bytes, const Coupling& coupling);

}  // namespace portolan::solver::matrix
