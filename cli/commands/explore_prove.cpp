// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/explore_prove.hpp"

#include <algorithm>
#include <chrono>

#include "model/support/text.hpp"
#include "solver/unbounded/one_of_many.hpp"

namespace portolan::cli {

Exit prove(const fleet::LoadedScenario& loaded, const SearchOptions& search, solver::Engine engine,
           Output& output) {
  std::vector<solver::unbounded::OneOfManyProof> proofs;
  {
    const Interruption interruption;
    Progress progress(output, progress_kind(search));
    const auto bounds = search_options(search, progress, interruption);
    if (!bounds) return output.refuse(bounds.error());
    solver::unbounded::OneOfManyOptions options;
    options.engine = engine;
    if (search.states_max > 0) options.states_max = search.states_max;
    options.stop = [&] {
      return interruption.signal() != 0 ||
             (bounds->deadline && std::chrono::steady_clock::now() >= *bounds->deadline);
    };
    proofs = solver::unbounded::prove_for_any_number(loaded.module, options);
  }
  const auto disagreements = static_cast<std::size_t>(
      std::count_if(proofs.begin(), proofs.end(),
                    [](const solver::unbounded::OneOfManyProof& proof) { return proof.disagreed; }));
  if (disagreements > 0) {
    output.note(
        fmt::format("portolan explore: the procedures disagree on {}; please report it with the files",
                    disagreements == 1 ? "1 property" : counted(disagreements, "properties")));
    return Exit::internal;
  }
  const bool all = std::all_of(proofs.begin(), proofs.end(),
                               [](const solver::unbounded::OneOfManyProof& proof) { return proof.proved; });
  const Exit status = all ? Exit::yes : Exit::undetermined;
  if (output.json()) {
    Json json = versioned();
    json["scenario"] = loaded.scenario.file;
    json["proofs"] = Json::array();
    for (const solver::unbounded::OneOfManyProof& proof : proofs) {
      Json one{{"name", proof.property}, {"verdict", proof.proved ? "proved" : "open"}};
      if (!proof.sort.empty()) one["for_any_number_of"] = proof.sort;
      if (engine != solver::Engine::z3) one["states"] = proof.states;
      if (!proof.proved) {
        one["reason"] = proof.reason;
        one["events"] = proof.events;
      }
      json["proofs"].push_back(std::move(one));
    }
    output.write(pretty(json));
    return status;
  }
  output.print("{}\n", output.bold("For any number of elements, faults and steps, each element beginning as "
                                   "one of the scenario's does:"));
  std::size_t width = 0;
  for (const solver::unbounded::OneOfManyProof& proof : proofs)
    width = std::max(width, proof.property.size());
  for (const solver::unbounded::OneOfManyProof& proof : proofs) {
    const int position = loaded.module.property(proof.property);
    const rules::Property& property = loaded.module.properties[static_cast<std::size_t>(position)];
    const std::string of = proof.sort.empty() ? "" : "any " + proof.sort;
    output.print("  {} {:<{}}  {:<12} {}\n", proof.proved ? output.good("proved") : output.unsure("open  "),
                 proof.property, width, of,
                 output.faint(property.meaning.empty() ? property.condition.source : property.meaning));
    if (!proof.proved)
      output.print("         {}{}\n", proof.reason,
                   proof.events.empty() ? "" : ": " + listed(proof.events, 12));
  }
  if (!all)
    output.print(
        "what is open may hold all the same: explore without --prove decides it for the scenario as it is\n");
  return status;
}

}  // namespace portolan::cli
