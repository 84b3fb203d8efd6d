// SPDX-License-Identifier: Apache-2.0
//
// `ambiguous-type` and `open-type`: several mdev types of one model (R10a).

#include <fmt/format.h>

#include "model/support/text.hpp"
#include "solver/properties/decisions.hpp"
#include "solver/properties/one_migration.hpp"

namespace portolan::solver::properties {
namespace {

using compat::Configuration;
using compat::End;
using compat::Ends;
using compat::Finding;
using compat::Property;
using compat::Severity;

const std::string& type_text(const End& end) {
  return end.implementation->type.empty() ? end.implementation->label : end.implementation->type;
}

Asking two_types(Prover& prover, const Family& family, const Host& host, const Ends& ends) {
  return {family,
          ends,
          question(Property::ambiguous_type, ends),
          1,
          [&prover, ends](const Configuration& witness, const Answer& answer) {
            return prover.confirmed(Property::ambiguous_type, ends, witness, answer.outcome);
          },
          [&host, ends](Finding& finding, const Broken&, const Answer&) {
            finding.direction.clear();
            finding.parameter.clear();
            finding.place = ends.destination.model->place;
            std::vector<std::string> words;
            for (const auto& [name, value] : *finding.witness)
              words.push_back(name + "=" + compat::to_string(value));
            finding.message = fmt::format("{} has two ways to realise {}: {} and {}", host.label,
                                          words.empty() ? "a device without parameters" : listed(words),
                                          type_text(ends.source), type_text(ends.destination));
            finding.remedy =
                "R10a chooses the one with fewer writes, then by name; part their values where the choice "
                "matters";
          }};
}

/// Migrations that a comparison of type names refuses.
struct Permitted {
  std::size_t migrations = 0, unknown = 0;
  std::string text() const {
    const std::string known = fmt::format("{} migration{} from it", migrations, migrations == 1 ? "" : "s");
    return unknown == 0 ? known : fmt::format("{} (and perhaps {} more)", known, unknown);
  }
};

/// Implementations with another type name that accept some configuration of this one (C1–C3).
Permitted permitted_elsewhere(Prover& prover, const Family& family, const End& source) {
  Permitted permitted;
  for (const SameWords& kind : family.kinds()) {
    std::size_t others = 0;
    for (const std::size_t member : kind.members) {
      const std::string& type = family.implementation(member).type;
      others += !type.empty() && type != source.implementation->type;
    }
    if (others == 0) continue;
    const Answer answer =
        prover.solved(accepts_question(source, kind.end), std::string(name_of(Property::open_type)));
    if (answer.outcome == Answer::Outcome::unknown)
      permitted.unknown += others;
    else if (answer.outcome == Answer::Outcome::broken)
      permitted.migrations += others;
  }
  return permitted;
}

/// A note where nothing else would take it.
std::pair<Finding, Severity> open_finding(Prover& prover, const Family& family, const End& end,
                                          const std::vector<std::string>& open,
                                          const std::vector<std::string>& implied) {
  const Permitted permitted = permitted_elsewhere(prover, family, end);
  Finding finding;
  finding.model = family.model();
  finding.parameter = open.front();
  finding.source = end.implementation->label;
  finding.place = end.model->parameters.at(open.front()).place;
  finding.message =
      fmt::format("the type {} does not fix {}{}: comparing type names refuses {} that the parameters permit",
                  type_text(end), listed(open),
                  implied.empty() ? "" : fmt::format(" (it implies {})", listed(implied)), permitted.text());
  finding.remedy =
      "judge by parameters (rfc-v3-strict) instead of by type name, or make a type for each set of values";
  const bool nobody = permitted.migrations + permitted.unknown == 0;
  return {std::move(finding), nobody ? Severity::info : row_of(Property::open_type).severity};
}

}  // namespace

void ambiguous_type(Prover& prover, compat::Ledger& ledger) {
  const std::string name(name_of(Property::ambiguous_type));
  for (const Family& family : prover.families())
    for (const Host& host : family.hosts())
      for (std::size_t i = 0; i < host.types.size(); ++i)
        for (std::size_t j = i + 1; j < host.types.size(); ++j) {
          prover.ask(ledger, name, two_types(prover, family, host, {host.types[i], host.types[j]}));
          ledger.looked_at_one();
        }
}

void open_type(Prover& prover, compat::Ledger& ledger) {
  for (const Family& family : prover.families()) {
    for (const SameWords& kind : family.kinds()) {
      for (const std::size_t member : kind.members) {
        const End end = family.end_of(member);
        if (end.implementation->type.empty()) continue;
        ledger.looked_at_one();
        std::vector<std::string> open, implied;
        for (const auto& [name, parameter] : end.model->parameters)
          (parameter.accepted_values().size() > 1 ? open : implied).push_back(name);
        if (open.empty()) continue;
        ledger.violated(family.model(), end.implementation->type + listed(open), 1,
                        {{end.implementation->label}, {}, {}},
                        [&] { return open_finding(prover, family, end, open, implied); });
      }
    }
  }
}

}  // namespace portolan::solver::properties
