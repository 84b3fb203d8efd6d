#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The matrix: every ordered pair of implementations, every device model that both describe, over all
// configurations of the source (compatibility.md R2–R6, cli.md `matrix`). Where no constraint couples
// parameters the answer is computed directly from value sets (direct_join.hpp): each distinct pair of
// parameter definitions is classified once, and the verdicts of all destinations of one source are joined as
// rows of bits. Where constraints couple parameters, each connected component is decided on its own, by
// enumeration while it is small and by Z3 above that. Every witness is checked again with the reference
// evaluator before it is handed out. What Z3 cannot decide in its time is `undetermined`, never a guess. A
// verdict takes four bits; pairs, witnesses and reasons are made when somebody asks for them.
//
// Configurations of the source: the values that it certainly accepts (R2) and that satisfy its own
// constraints. Not thread-safe: `witness` and `reason` fill caches. The catalogue must outlive the matrix.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <vector>

#include "model/compat/check.hpp"
#include "solver/engine.hpp"

namespace portolan::solver::matrix {

/// How the configurations of the source fare: all accepted, some accepted and some rejected, none but
/// rejected ones.
enum class RelationKind : std::uint8_t { all, some, none, undetermined };
std::string_view name_of(RelationKind kind);

struct MatrixOptions {
  compat::Scheme scheme = compat::Scheme::rfc_v3;
  Engine engine = Engine::automatic;
  std::uint32_t z3_milliseconds_max = 5000;  ///< for each query (z3_engine.hpp)
  std::uint64_t enumerated_max = 4096;  ///< configurations of a component that `automatic` still enumerates
  std::uint64_t enumerated_direct_max = 65536;  ///< the same for `direct` and `both`
};

/// One cell. The numbers index `Matrix::models()` and the catalogue's implementations.
struct Pair {
  std::uint32_t model = 0;
  std::uint32_t source = 0;
  std::uint32_t destination = 0;
  compat::Decision fresh = compat::Decision::accept;  ///< the verdict for the source's init values
  RelationKind relation = RelationKind::all;
};

/// The counters of cli.md.
struct MatrixSummary {
  std::size_t pairs = 0;
  std::size_t fresh_accept = 0, fresh_reject = 0, fresh_undetermined = 0;
  std::size_t relation_all = 0, relation_some = 0, relation_none = 0, relation_undetermined = 0;
  std::size_t disagreements =
      0;  ///< with `Engine::both`: cells on which the procedures differ, an error of ours
};

class Matrix {
 public:
  explicit Matrix(const compat::Catalogue& catalogue, const MatrixOptions& options = {});
  ~Matrix();
  Matrix(Matrix&&) noexcept;
  Matrix& operator=(Matrix&&) noexcept;

  const std::vector<std::string>& models() const;  ///< in name order
  Pair pair(std::size_t index) const;  ///< by model, then source, then destination; below `summary().pairs`
  /// All of them, each made when it is looked at.
  auto pairs() const {
    return std::views::iota(std::size_t{0}, summary().pairs) |
           std::views::transform([this](std::size_t index) { return pair(index); });
  }
  const MatrixSummary& summary() const;

  /// For `some` and `none`: the smallest configuration of the source that is rejected (fewest parameters away
  /// from their init values, then the least values in name order). Empty for other relations, and when Z3 ran
  /// out of time.
  std::optional<compat::Configuration> witness(const Pair& pair) const;
  /// For `undetermined`: why, in one sentence; empty otherwise.
  std::string reason(const Pair& pair) const;
  /// What rejects some configuration of the source, cheaply: the parameters of which the destination refuses
  /// some value (C2–C5), in name order, then the constraints of the destination that may fail (C6), as
  /// written.
  std::vector<std::string> culprits(const Pair& pair) const;

  compat::End source(const Pair& pair) const;
  compat::End destination(const Pair& pair) const;
  const MatrixOptions& options() const;
  /// Distinct questions that were decided so far: pairs of definitions, components, whole pairs (z3, both),
  /// what Z3 was asked of rows.
  std::size_t distinct_questions() const;
  const compat::Catalogue& catalogue() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portolan::solver::matrix
