// SPDX-License-Identifier: Apache-2.0
#include "solver/properties/prover.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/support/text.hpp"

namespace portolan::solver::properties {

using compat::Acceptance;
using compat::Configuration;
using compat::Ends;
using compat::Finding;
using compat::Ledger;

namespace {

std::string label_of(const Ends& ends) {
  const std::string& source = ends.source.implementation->label;
  return ends.destination.implementation == nullptr
             ? source
             : fmt::format("{} -> {}", source, ends.destination.implementation->label);
}

compat::AlikeCases alone(const Finding& finding) {
  if (finding.destination.empty()) return {{finding.source}, {}, {}};
  return {{finding.source}, {finding.destination}, {}};
}

}  // namespace

Answer Prover::solved(const Question& question, const std::string& property) {
  Answer answer = answers_.answer(question);
  if (options_.smtlib)
    files_ += answers_.z3().write_queries(question, *options_.smtlib,
                                          fmt::format("{}-{}", property, ++named_[property]));
  return answer;
}

bool Prover::confirmed(bool real) {
  unconfirmed_ += !real;
  return real;
}

bool Prover::confirmed(compat::Property property, const Ends& ends, const Configuration& witness,
                       Answer::Outcome outcome) {
  const compat::Judgement judgement = judge(property, ends, witness);
  const Acceptance applies =
      outcome == Answer::Outcome::broken ? Acceptance::accepted : Acceptance::undetermined;
  return confirmed(failed_constraints(notes_of(ends.source), witness).empty() && !judgement.wrong.empty() &&
                   judgement.applies == applies);
}

void Prover::ask(Ledger& ledger, const std::string& property, Asking asking) {
  if (!asking.question.can_fail()) return ledger.looked_at_one();
  std::size_t cases = asking.cases;
  while (ask_once(ledger, property, asking, std::exchange(cases, 0)) && !asking.question.revertible &&
         !asking.question.failures.empty()) {}
}

/// True where something was found broken, which is then no longer asked for.
bool Prover::ask_once(Ledger& ledger, const std::string& property, Asking& asking, std::size_t cases) {
  const Question& question = asking.question;
  const Answer answer = solved(question, property);
  if (answer.applies) ledger.looked_at_one();
  const auto unknown = [&](const std::string& why) {
    ledger.open(fmt::format("{}: {}", label_of(asking.ends), why), std::max<std::size_t>(cases, 1));
    return false;
  };
  if (answer.outcome == Answer::Outcome::unknown) return unknown(answer.reason);
  if (answer.outcome == Answer::Outcome::never) return false;
  const Configuration witness = configuration_of(question, asking.ends.source, *answer.witness);
  if (!asking.confirmed(witness, answer))
    return unknown("the reference does not confirm a witness; please report it with the files");
  if (answer.outcome == Answer::Outcome::open)
    return unknown(fmt::format("R2: it hangs on a value of which nothing is published, for example at {}",
                               compat::written_away(*asking.ends.source.model, witness)));
  const Broken broken = broken_by(question, *answer.witness);
  Finding finding = finding_about(asking.family, asking.ends, broken, witness);
  asking.say(finding, broken, answer);
  compat::AlikeCases alike = asking.alike ? asking.alike() : alone(finding);
  ledger.violated(asking.family.model(), listed(broken), cases, std::move(alike), [&] { return finding; });
  std::erase_if(asking.question.failures, [&](const Failure& one) {
    return std::find(broken.begin(), broken.end(), one.what) != broken.end();
  });
  return true;
}

Finding finding_about(const Family& family, const Ends& ends, const Broken& broken,
                      const Configuration& witness) {
  Finding finding;
  finding.model = family.model();
  finding.source = ends.source.implementation->label;
  if (ends.destination.implementation != nullptr) {
    finding.destination = ends.destination.implementation->label;
    finding.direction = ends.source.implementation < ends.destination.implementation ? "forward" : "backward";
  }
  finding.witness = witness;
  if (broken.empty()) return finding;
  finding.place = place_of(ends, broken.front());
  finding.parameter = parameter_named(ends, broken.front());
  return finding;
}

}  // namespace portolan::solver::properties
