#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The verdicts of all pairs of one model, four bits each: a row for each source, by the destination's number
// among the members (group.hpp).

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/compat/check.hpp"
#include "solver/matrix/definitions/direct_join.hpp"
#include "solver/matrix/definitions/relation.hpp"

namespace portolan::solver::matrix {

class Verdicts {
 public:
  explicit Verdicts(std::size_t members)
      : members_(members),
        words_((members + 63) / 64),
        fresh_(members * words_),
        relations_(members * words_) {}

  compat::Decision fresh(std::size_t source, std::size_t destination) const {
    return static_cast<compat::Decision>(fresh_[word_of(source, destination)].at(destination % 64));
  }
  RelationKind relation(std::size_t source, std::size_t destination) const {
    return static_cast<RelationKind>(relations_[word_of(source, destination)].at(destination % 64));
  }
  void set_fresh(std::size_t source, std::size_t destination, compat::Decision fresh) {
    fresh_[word_of(source, destination)].set(destination % 64, static_cast<unsigned>(fresh));
  }
  void set_relation(std::size_t source, std::size_t destination, RelationKind relation) {
    relations_[word_of(source, destination)].set(destination % 64, static_cast<unsigned>(relation));
  }

  /// All pairs of one source at once.
  void set(std::size_t source, const JoinedRows& rows, bool has_configuration) {
    for (std::size_t word = 0; word < words_; ++word) {
      TwoBits& fresh = fresh_[source * words_ + word] = rows.fresh(source, word);
      TwoBits& relations = relations_[source * words_ + word] =
          has_configuration ? rows.kinds(source, word).relations() : undetermined;
      std::uint64_t pairs = word + 1 < words_ || members_ % 64 == 0 ? ~std::uint64_t{0}
                                                                    : (std::uint64_t{1} << members_ % 64) - 1;
      if (source / 64 == word) pairs &= ~(std::uint64_t{1} << source % 64);
      fresh.keep(pairs);
      relations.keep(pairs);
    }
  }

  void add_to(MatrixSummary& summary) const {
    const std::size_t pairs = members_ * (members_ - (members_ > 0));
    const auto add = [&](const std::vector<TwoBits>& words, std::size_t& zeros,
                         std::array<std::size_t*, 3> others) {
      zeros += pairs;
      for (const TwoBits& word : words) {
        const auto counts = word.counts();
        for (std::size_t k = 0; k < counts.size(); ++k) *others[k] += counts[k], zeros -= counts[k];
      }
    };
    std::size_t no_decision = 0;
    add(fresh_, summary.fresh_accept, {&summary.fresh_reject, &summary.fresh_undetermined, &no_decision});
    add(relations_, summary.relation_all,
        {&summary.relation_some, &summary.relation_none, &summary.relation_undetermined});
  }

 private:
  static constexpr TwoBits undetermined{~std::uint64_t{0}, ~std::uint64_t{0}};

  std::size_t word_of(std::size_t source, std::size_t destination) const {
    return source * words_ + destination / 64;
  }

  std::size_t members_, words_;
  std::vector<TwoBits> fresh_, relations_;
};

}  // namespace portolan::solver::matrix
