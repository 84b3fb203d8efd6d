#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One property of the table on its way through a catalogue: how much there was to look at, what is wrong,
// what nobody can tell, and the findings that are told of it. Whoever decides a property (declared.hpp,
// audit/, solver/properties) keeps its ledger; the verdict is the ledger's own:
//
//   violated      something is wrong
//   undetermined  else, something is not known
//   vacuous       else, there was nothing to look at
//   holds         else
//
//   Ledger ledger(row_of(Property::dead_profile));
//   ledger.looked_at_one();
//   ledger.violated([&] { return finding_about(profile); });
//   std::move(ledger).into(examination);
//
// Everything that is wrong is counted; of the findings no more are told, or made, than a limit. A ledger of a
// remark holds findings alone.

#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/compat/judging/examination.hpp"

namespace portolan::compat {

class Ledger {
 public:
  static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

  explicit Ledger(const PropertyRow& row, std::size_t findings_max = no_limit);
  explicit Ledger(const RemarkRow& row, std::size_t findings_max = no_limit);

  void looked_at_one() { ++looked_at_; }

  /// Something cannot be told; of several reasons the first is kept. `cases` is how many it stands for where
  /// that is to be said beside violations.
  void open(std::string reason, std::size_t cases = 0);

  /// Something is wrong that no finding of its own tells.
  void counts(std::size_t cases = 1) { violated_ += cases; }

  /// Something is wrong; `make` gives its finding, and is called where there is room for one more.
  template <class Make>
  void violated(const Make& make) {
    counts();
    if (findings_.size() < findings_max_)
      tell(make());
    else
      ++left_out_;
  }

  /// The same where `what` of a model goes wrong in many cases: one finding stands for all of them, and says
  /// for how many and for which. `make` may give a severity with it.
  template <class Make>
  void violated(const std::string& model, const std::string& what, std::size_t cases, AlikeCases alike,
                const Make& make) {
    counts(cases);
    const auto [at, first] = first_of_.try_emplace({model, what}, findings_.size());
    if (first)
      stands_for(tell(make()), cases > 0 ? cases - 1 : 0, std::move(alike));
    else
      stands_for(at->second, cases, std::move(alike));
  }

  /// A finding, which counts nothing, with the row's severity or another. Its number, for `stands_for`.
  std::size_t tell(Finding finding) { return tell({std::move(finding), severity_}); }
  std::size_t tell(std::pair<Finding, Severity> finding);
  /// The finding stands for further cases, which it says.
  void stands_for(std::size_t finding, std::size_t further, AlikeCases alike);

  /// Findings and verdict, after those that are there.
  void into(Examination& examination) &&;

 private:
  struct Told {
    Finding finding;
    std::size_t further = 0;
  };
  PropertyResult result() const;
  std::string with_further(const Told& told) const;

  const PropertyRow* row_ = nullptr;  // none: a remark
  std::string rule_;
  Severity severity_;
  std::size_t findings_max_;
  std::size_t looked_at_ = 0, violated_ = 0, open_ = 0, open_cases_ = 0, left_out_ = 0;
  std::string reason_;
  std::vector<Told> findings_;
  std::map<std::pair<std::string, std::string>, std::size_t> first_of_;
};

}  // namespace portolan::compat
