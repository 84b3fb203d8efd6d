#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The matrix: every ordered pair of implementations, every device model that both describe, over all
// configurations of the source (docs/rules.md, R2 to R6; `portolan matrix`).
//
//   const solver::matrix::Matrix matrix(catalogue);
//   for (const Pair& pair : matrix.pairs())
//     if (pair.relation == RelationKind::some) show(*matrix.witness(pair));
//
// Words. A *group* is the implementations of one model (group.hpp). The *verdict of a parameter* says what
// becomes of one parameter's values between two of its definitions (parameter_verdict.hpp); where no
// constraint has a say these are *joined* as rows of bits (direct_join.hpp, configuration_kinds.hpp). A
// *coupling* is parameters that constraints tie together (coupling.hpp): each is decided on its own, by
// enumeration while it is small and by Z3 above that. group_decision.hpp puts all of it together.
//
// Every witness is checked again with the reference evaluator before it is handed out. What Z3 cannot decide
// in its time is `undetermined`, never a guess. A verdict takes four bits; pairs, witnesses and reasons are
// made when somebody asks for them.
//
// Configurations of the source: the values that it certainly accepts (R2) and that satisfy its own
// constraints. Not thread-safe: `witness`, `reason` and `culprits` fill caches. The catalogue must outlive
// the matrix.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <vector>

#include "model/compat/check.hpp"
#include "solver/matrix/definitions/options.hpp"
#include "solver/matrix/definitions/relation.hpp"

namespace portolan::solver::matrix {

/// One cell. The numbers index `Matrix::models()` and the catalogue's implementations.
struct Pair {
  std::uint32_t model = 0;
  std::uint32_t source = 0;
  std::uint32_t destination = 0;
  compat::Decision fresh = compat::Decision::accept;  ///< the verdict for the source's init values
  RelationKind relation = RelationKind::all;
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

  /// Each implementation that is judged against itself, too (rules.md §observed), in the order of models and
  /// catalogue. They stand outside the summary.
  std::vector<Pair> to_themselves() const;

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

  /// What the reference evaluator says of one configuration of the source, with every reason: it has the last
  /// word on whatever the matrix finds.
  compat::Verdict judged(const Pair& pair, const compat::Configuration& configuration) const;

  /// What Z3 is asked under `declared` about every pair: whether some configuration is rejected, accepted and
  /// undetermined (R13), as SMT-LIB 2 with the answers, into a folder that exists. Pairs that only `compat`
  /// decides (`alias-of`), and questions that need no solver, have none. The number of files. Throws
  /// std::filesystem::filesystem_error where one cannot be written.
  std::size_t write_queries(const std::filesystem::path& folder) const;

  compat::End source(const Pair& pair) const;
  compat::End destination(const Pair& pair) const;
  const MatrixOptions& options() const;
  /// Distinct questions that were decided so far: pairs of definitions, couplings, whole pairs (z3, both),
  /// what Z3 was asked of implementations with constraints of their own.
  std::size_t distinct_questions() const;
  const compat::Catalogue& catalogue() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portolan::solver::matrix
