// SPDX-License-Identifier: Apache-2.0
//
// `revertible` and `runtime-interface-constant`: what may be written while the guest runs (R9).

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "model/support/text.hpp"
#include "solver/properties/decisions.hpp"

namespace portolan::solver::properties {
namespace {

using compat::Configuration;
using compat::End;
using compat::Ends;
using compat::Finding;

bool is_runtime(const End& end, const std::string& parameter) {
  return notes_of(end).notes_of(parameter).writable == compat::Writable::runtime;
}

bool has_runtime_parameter(const End& end) {
  return std::any_of(end.model->parameters.begin(), end.model->parameters.end(),
                     [&](const auto& one) { return is_runtime(end, one.first); });
}

/// Cheap part of `judge_revertible`: nothing that is fixed while the guest runs is refused, and something
/// else is.
bool fixed_values_fit(const Ends& ends, const Configuration& witness) {
  const auto verdict = check(compat::Scheme::rfc_v3, ends.source, witness, ends.destination);
  return verdict.decision != compat::Decision::accept &&
         std::all_of(verdict.reasons.begin(), verdict.reasons.end(), [&](const compat::Reason& reason) {
           return reason.rule == "R2" || is_runtime(ends.source, reason.parameter);
         });
}

/// Of several types of the host before, the namesake; null where there is none to choose.
const End* type_before(const Host& before, const End& source) {
  const auto namesake = std::find_if(before.types.begin(), before.types.end(), [&](const End& one) {
    return one.implementation->type == source.implementation->type;
  });
  if (namesake != before.types.end()) return &*namesake;
  return before.types.size() == 1 ? &before.types.front() : nullptr;
}

Asking back_from(const Family& family, const Ends& ends) {
  return {family,
          ends,
          revertible_question(ends.source, ends.destination),
          1,
          [ends](const Configuration& witness, const Answer&) {
            return failed_constraints(notes_of(ends.source), witness).empty() &&
                   fixed_values_fit(ends, witness);
          },
          [ends](Finding& finding, const Broken& broken, const Answer&) {
            finding.message = fmt::format(
                "point of no return: at {} of {}, no run-time change makes {} accept again; {} stands in the "
                "way",
                compat::written_away(*ends.source.model, *finding.witness), finding.source,
                finding.destination, listed(broken));
            finding.remedy = fmt::format(
                "give {} an off_value, or a value that {} accepts, and let it be set while the guest runs",
                listed(broken), finding.destination);
          }};
}

Asking written_at_run_time(Prover& prover, const Family& family, const SameWords& kind,
                           const std::string& parameter) {
  const End end = kind.end;
  const auto after = [parameter](const Configuration& witness, const Answer& answer) {
    Configuration then = witness;
    then[parameter] = answer.witness->back();
    return then;
  };
  return {
      family,
      {end, {}},
      runtime_interface_question(end, parameter),
      kind.members.size(),
      [&prover, end, after](const Configuration& witness, const Answer& answer) {
        const Configuration then = after(witness, answer);
        return prover.confirmed(!seen_by_the_guest(end, witness, then).empty() &&
                                failed_constraints(notes_of(end), then).empty());
      },
      [end, parameter](Finding& finding, const Broken& broken, const Answer& answer) {
        finding.parameter = parameter;
        finding.place = place_of({end, {}}, parameter);
        finding.message = fmt::format(
            "{} of {} may be written while the guest runs, and from {} writing {} changes what the guest "
            "sees: {}",
            parameter, finding.source, compat::written_away(*end.model, *finding.witness),
            compat::to_string(answer.witness->back()), listed(broken));
        finding.remedy = fmt::format(
            "make {} writable while the instance is closed, or keep what the guest sees independent of it",
            parameter);
      },
      [&family, &kind] {
        return compat::AlikeCases{family.labels_of(kind), {}, {}};
      }};
}

}  // namespace

void revertible(Prover& prover, compat::Ledger& ledger) {
  const std::string name(name_of(compat::Property::revertible));
  std::set<std::pair<std::string, std::string>> asked;
  for (const Family& family : prover.families()) {
    for (std::size_t h = 1; h < family.hosts().size(); ++h) {
      const Host& before = family.hosts()[h - 1];
      for (const End& source : family.hosts()[h].types) {
        if (!has_runtime_parameter(source)) continue;
        const End* previous = type_before(before, source);
        if (previous == nullptr) {
          ledger.open(fmt::format("{}: {} has no type of that name, and several others that could take it",
                                  source.implementation->label, before.label),
                      1);
          continue;
        }
        if (asked.emplace(description_of(source), description_of(*previous)).second)
          prover.ask(ledger, name, back_from(family, {source, *previous}));
      }
    }
  }
}

void runtime_interface_constant(Prover& prover, compat::Ledger& ledger) {
  const std::string name(name_of(compat::Property::runtime_interface_constant));
  for (const Family& family : prover.families())
    for (const SameWords& kind : family.kinds())
      for (const auto& [parameter, declared] : kind.end.model->parameters)
        if (is_runtime(kind.end, parameter))
          prover.ask(ledger, name, written_at_run_time(prover, family, kind, parameter));
}

}  // namespace portolan::solver::properties
