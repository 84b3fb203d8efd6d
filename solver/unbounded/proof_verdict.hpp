#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What a proof for any number (of steps, of elements) may say. `unknown` is an answer, not an error: a bound
// was met, or what was found cannot be confirmed.

#include <cstdint>

namespace portolan::solver::unbounded {

enum class ProofVerdict : std::uint8_t { proved, refuted, unknown };

}  // namespace portolan::solver::unbounded
