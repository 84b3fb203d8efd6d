#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Compiles a module for searches, step by step: what is asked of states (predicates) and which states are one
// (symmetry) first, then `build` gives the finished model (compiled.hpp). What a search learned, the values
// of components, stays here for the next model: with more room for them (`widen`), or with just enough
// (`tighten`).
//
//   ModelBuilder builder(module, admits);
//   const Predicate safe = builder.predicate(builder.terms().ground(condition, {}));
//   builder.cover(safe);
//   auto model = builder.build();              // search …
//   if (model->overflowed()) builder.widen(), model = builder.build();   // … and again
//
// `widen`, `tighten` and `reduce` change what numbers mean: models and states made before are worth nothing
// from there on. Predicates stay, in the models that are built after them. Not thread-safe.

#include <functional>

#include "solver/explore/model/compiled.hpp"

namespace portolan::solver::explore {

class ModelBuilder {
 public:
  /// `tick`: see GroundModel. The module must outlive the builder, and the builder its models.
  ModelBuilder(const rules::Module& module, const std::function<bool(const rules::Action&)>& admits,
               const std::function<void(std::uint64_t)>& tick = {});
  ModelBuilder(const ModelBuilder&) = delete;
  ModelBuilder& operator=(const ModelBuilder&) = delete;

  const GroundModel& ground() const { return ground_; }
  Terms& terms() { return ground_.terms; }
  const Packing& packing() const { return packing_; }
  const Components& components() const { return components_; }

  Predicate predicate(TermId condition) { return predicates_.of(condition); }
  /// Rows shall tell where the condition fails, so that nobody has to ask every state for it.
  void cover(const Predicate& predicate) { predicates_.cover(predicate); }
  /// From here on states that differ by a symmetry are one. Null: none are.
  void reduce(std::unique_ptr<const Symmetry> symmetry);

  /// `tick` is called now and then; what it throws leaves the builder as it was.
  std::shared_ptr<const CompiledModel> build(const std::function<void()>& tick = {});

  /// Twice the room wherever it was used up, and some in all other components.
  void widen();
  /// Just the room that the known values need (one bit more where a model overflowed), and numbers that
  /// depend on the values alone.
  void tighten(bool overflowed);

 private:
  GroundModel ground_;
  Packing packing_;
  Components components_;
  Evaluation evaluation_;
  TermReader reader_;
  TestList tests_;
  PredicateList predicates_;
  std::shared_ptr<const Symmetry> symmetry_;
  std::shared_ptr<const Clustering> clustering_;  ///< null: the layout has changed since

  bool full(std::size_t component) const {
    return components_.known(component) == std::size_t{1} << components_.width(component);
  }
  void lay_out(const std::vector<unsigned>& widths);
};

}  // namespace portolan::solver::explore
