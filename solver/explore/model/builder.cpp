// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/model/builder.hpp"

#include <algorithm>

namespace portolan::solver::explore {

ModelBuilder::ModelBuilder(const rules::Module& module,
                           const std::function<bool(const rules::Action&)>& admits,
                           const std::function<void(std::uint64_t)>& tick)
    : ground_(module, admits, tick),
      packing_(module, ground_.terms.constants()),
      components_(packing_, module),
      evaluation_(ground_, packing_),
      reader_(ground_, packing_, components_),
      tests_(reader_),
      predicates_(ground_.terms, reader_, tests_) {}

void ModelBuilder::lay_out(const std::vector<unsigned>& widths) {
  components_.lay_out(widths);
  clustering_.reset();
}

void ModelBuilder::reduce(std::unique_ptr<const Symmetry> symmetry) {
  if (symmetry == nullptr && symmetry_ == nullptr) return;
  symmetry_ = std::move(symmetry);
  // Members of a sorted group number their values alike from the first one on, and have the same room.
  components_.forget();
  if (symmetry_ == nullptr || symmetry_->sorted().empty()) return;
  std::vector<unsigned> widths;
  for (std::size_t c = 0; c < components_.count(); ++c) widths.push_back(components_.width(c));
  for (const std::vector<std::size_t>& group : symmetry_->sorted())
    for (const std::size_t c : group)
      widths[group.front()] = std::min(widths[group.front()], components_.width(c));
  for (const std::vector<std::size_t>& group : symmetry_->sorted())
    for (const std::size_t c : group) widths[c] = widths[group.front()];
  lay_out(widths);
}

std::shared_ptr<const CompiledModel> ModelBuilder::build(const std::function<void()>& tick) {
  if (clustering_ == nullptr)
    clustering_ =
        std::make_shared<const Clustering>(cluster_actions(ground_, components_, reader_, tests_, tick));
  return std::make_shared<const CompiledModel>(ModelParts{.ground = ground_,
                                                          .packing = packing_,
                                                          .evaluation = evaluation_,
                                                          .reader = reader_,
                                                          .components = components_,
                                                          .tests = tests_,
                                                          .predicates = predicates_,
                                                          .clustering = clustering_,
                                                          .symmetry = symmetry_});
}

void ModelBuilder::widen() {
  std::vector<unsigned> widths = components_.tight();
  for (std::size_t c = 0; c < widths.size(); ++c) {
    const unsigned width = components_.width(c);
    widths[c] =
        std::min(components_.raw_bits(c), full(c) ? width + 3 : std::max(widths[c] + 2, std::min(width, 8u)));
  }
  if (symmetry_ != nullptr)
    for (const std::vector<std::size_t>& group : symmetry_->sorted())
      for (const std::size_t c : group) widths[c] = widths[group.front()];
  lay_out(widths);
}

void ModelBuilder::tighten(bool overflowed) {
  std::vector<unsigned> widths = components_.tight();
  for (std::size_t c = 0; c < widths.size(); ++c)
    if (overflowed && full(c)) widths[c] = std::min(components_.width(c) + 1, components_.raw_bits(c));
  components_.sort(symmetry_ == nullptr ? std::vector<std::vector<std::size_t>>{} : symmetry_->sorted());
  lay_out(widths);
}

}  // namespace portolan::solver::explore
