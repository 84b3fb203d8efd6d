#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Which procedure answers a question about all configurations or all states: one choice that the matrix, the
// proofs of properties and the proofs for any number of elements share. Each has at least two ways to the
// same answer, written apart, so that one can be held to the other.

#include <cstdint>
#include <optional>
#include <string_view>

namespace portolan::solver {

/// `automatic` is the fastest that is certain; `direct` never calls Z3 and says *undetermined* where what has
/// to be enumerated is too much; `z3` decides everything with Z3, one question at a time; `both` compares the
/// two. `z3_joined` asks Z3 once for each distinct question of the matrix and joins the answers as
/// `automatic` does.
enum class Engine : std::uint8_t { automatic, direct, z3, both, z3_joined };
std::string_view name_of(Engine engine);
std::optional<Engine> engine_named(std::string_view name);  ///< `auto`, `direct`, `z3`, `both`, `z3-joined`

}  // namespace portolan::solver
