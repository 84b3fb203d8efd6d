#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What was found about a component as bytes, for the way from one process of this program to another
// (z3_engine.hpp). Texts and lists go with their length in front, numbers in the order of this machine; it is
// no format for files.

#include <optional>
#include <string>
#include <string_view>

#include "solver/matrix/coupled.hpp"

namespace portolan::solver::matrix {

std::string to_bytes(const ComponentAnswer& answer);
std::string to_bytes(const ComponentWitness& witness);

/// Empty where the bytes are not exactly one answer.
std::optional<ComponentAnswer> answer_from(std::string_view bytes);
/// Empty where the bytes are not exactly one witness, or its values are not those of the component's
/// parameters.
std::optional<ComponentWitness> witness_from(std::string_view bytes, const Component& component);

}  // namespace portolan::solver::matrix
