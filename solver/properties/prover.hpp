#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Puts questions about all configurations of a catalogue, and writes what they come to into the ledger of the
// property that is asked: nothing, an unknown case, or a finding with the smallest witness. The reference has
// the last word: a witness that it does not confirm is an error of ours, and no finding.

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/compat/judging/ledger.hpp"
#include "solver/answering/answering.hpp"
#include "solver/properties/families.hpp"

namespace portolan::solver::properties {

// NOLINTNEXTLINE(google-build-using-namespace): questions and answers are the words of this chapter
using namespace answering;

/// What is broken, as the question names it, in order.
using Broken = std::vector<std::string>;

/// One question, and what is said of its answer.
struct Asking {
  const Family& family;
  compat::Ends ends;  ///< no destination: the property is about one end
  Question question;
  std::size_t cases = 1;  ///< that the question stands for
  /// Whether the reference says the same of the witness.
  std::function<bool(const compat::Configuration& witness, const Answer& answer)> confirmed;
  /// The finding about what is broken; its ends, witness and place are there already.
  std::function<void(compat::Finding& finding, const Broken& broken, const Answer& answer)> say;
  /// The cases by their labels; empty where there are none but `ends`.
  std::function<compat::AlikeCases()> alike = {};
};

class Prover {
 public:
  Prover(const compat::Catalogue& catalogue, const PropertyProofOptions& options)
      : options_(options), families_(families_of(catalogue)), answers_(options) {}

  const PropertyProofOptions& options() const { return options_; }
  const std::vector<Family>& families() const { return families_; }
  std::size_t questions() const { return answers_.questions(); }
  /// Between the procedures, or with the reference.
  std::size_t disagreements() const { return answers_.disagreements() + unconfirmed_; }
  std::size_t files() const { return files_; }  ///< of queries that were written

  /// What the smallest witness does not break is asked for again without what it breaks, so that everything
  /// that can go wrong is named.
  void ask(compat::Ledger& ledger, const std::string& property, Asking asking);

  /// The answer alone; with its queries written where that was asked for.
  Answer solved(const Question& question, const std::string& property);

  /// The reference for a property that `judge` judges.
  bool confirmed(compat::Property property, const compat::Ends& ends, const compat::Configuration& witness,
                 Answer::Outcome outcome);
  /// The same where the caller looked: `real` is what the reference says.
  bool confirmed(bool real);

 private:
  bool ask_once(compat::Ledger& ledger, const std::string& property, Asking& asking, std::size_t cases);

  PropertyProofOptions options_;
  std::vector<Family> families_;
  Answers answers_;
  std::size_t unconfirmed_ = 0, files_ = 0;
  std::map<std::string, std::size_t> named_;  // queries written so far, by property
};

/// A finding about what is broken at a witness: model, ends, place, and the parameter where it is one.
compat::Finding finding_about(const Family& family, const compat::Ends& ends, const Broken& broken,
                              const compat::Configuration& witness);

}  // namespace portolan::solver::properties
