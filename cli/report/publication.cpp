// SPDX-License-Identifier: Apache-2.0
#include "cli/report/publication.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/report/findings.hpp"
#include "model/support/text.hpp"

namespace portolan::cli {

namespace {

using compat::Finding;
using solver::advice::PairVerdict;
using solver::advice::PublicationImpact;
using solver::advice::VerdictChange;

constexpr std::size_t changes_shown_max = 20;

std::string text_of(const PairVerdict& cell) {
  return fmt::format("{}, {} over all configurations", compat::name_of(cell.fresh), name_of(cell.relation));
}

Json cell_json(const PairVerdict& cell) {
  return {{"fresh", compat::name_of(cell.fresh)}, {"relation", name_of(cell.relation)}};
}

}  // namespace

Json publication_json(const PublicationImpact& impact) {
  const auto list = [](const std::vector<Finding>& findings) {
    Json array = Json::array();
    const auto prints = compat::fingerprints(findings);
    for (std::size_t k = 0; k < findings.size(); ++k)
      array.push_back(finding_json(findings[k], prints[k], nullptr));
    return array;
  };
  Json json = {{"file", impact.file},      {"worse", impact.worse()},   {"replaced", impact.replaced},
               {"added", impact.added},    {"verdicts", Json::array()}, {"found", list(impact.found)},
               {"gone", list(impact.gone)}};
  for (const VerdictChange& one : impact.verdicts) {
    json["verdicts"].push_back({{"model", one.model},
                                {"source", one.source},
                                {"destination", one.destination},
                                {"before", cell_json(one.before)},
                                {"after", cell_json(one.after)},
                                {"worse", one.worse},
                                {"witness", one.witness ? json_of(*one.witness) : Json(nullptr)}});
  }
  return json;
}

void print_publication(const PublicationImpact& impact, bool whole, Output& output) {
  output.print("\n{}\n", output.bold("If " + printable(impact.file) + " were published"));
  if (!impact.replaced.empty()) output.print("  it takes the place of {}\n", listed(impact.replaced, 6));
  if (!impact.added.empty()) output.print("  it adds {}\n", listed(impact.added, 6));
  std::vector<const VerdictChange*> changed;
  for (const bool worse : {true, false})
    for (const VerdictChange& one : impact.verdicts)
      if (one.worse == worse) changed.push_back(&one);
  if (changed.empty()) output.print("  no verdict changes between implementations that are there already\n");
  const std::size_t shown = whole ? changed.size() : std::min(changed.size(), changes_shown_max);
  for (std::size_t k = 0; k < shown; ++k) {
    const VerdictChange& one = *changed[k];
    output.print("  {} {}: {} -> {}: {}; before: {}\n",
                 one.worse ? output.bad("worse") : output.good("better"), printable(one.model),
                 printable(one.source), printable(one.destination), text_of(one.after), text_of(one.before));
    if (!one.worse || !one.witness) continue;
    std::vector<std::string> words;
    for (const auto& [name, value] : *one.witness) words.push_back(compat::assignment(name, value));
    output.print("    refused now, for example: {}\n",
                 words.empty() ? "a device without parameters" : printable(listed(words)));
  }
  if (shown < changed.size()) output.print("  and {}\n", counted(changed.size() - shown, "further verdict"));
  for (const auto& [findings, word] : {std::pair(&impact.found, "new"), std::pair(&impact.gone, "gone")}) {
    std::size_t told = 0, all = 0;
    for (const Finding& one : *findings) {
      if (one.severity == compat::Severity::info) continue;
      ++all;
      if (!whole && told >= changes_shown_max) continue;
      ++told;
      output.print("  {}: {} {}: {}\n", word, compat::name_of(one.severity), one.rule,
                   printable(one.message));
    }
    if (told < all)
      output.print("  and {} that {}\n", counted(all - told, "further finding"),
                   std::string_view(word) == "new" ? "are new" : "are gone");
  }
}

}  // namespace portolan::cli
