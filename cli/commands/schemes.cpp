// SPDX-License-Identifier: Apache-2.0
//
// `schemes`: every scheme of rules.md §schemes against the behaviour that a catalogue declares: where it
// accepts what fails, rejects what works, or accepts one way only.

#include <algorithm>

#include "cli/commands/selection.hpp"
#include "cli/frame/command.hpp"
#include "cli/frame/json.hpp"
#include "model/compat/loading.hpp"
#include "model/support/text.hpp"
#include "solver/schemes/schemes.hpp"

namespace portolan::cli {

namespace {

using compat::PropertyVerdict;
using solver::schemes::FailureKind;
using solver::schemes::FailureWords;
using solver::schemes::SchemeClaim;
using solver::schemes::SchemeFailure;
using solver::schemes::SchemeJudgement;

struct SchemesOptions {
  std::vector<std::string> files;
  std::string scheme;
  std::uint64_t configurations_max = solver::schemes::SchemeLimits{}.configurations_max;
};

constexpr std::array every_kind{FailureKind::false_accept, FailureKind::false_reject, FailureKind::one_way};

std::string_view title_of(FailureKind kind) {
  switch (kind) {
    case FailureKind::false_accept: return "false accept";
    case FailureKind::false_reject: return "false reject";
    case FailureKind::one_way: return "one-way pair";
  }
  return {};
}

const SchemeClaim& claim_of(const SchemeJudgement& judgement, FailureKind kind) {
  return kind == FailureKind::false_accept   ? judgement.sound
         : kind == FailureKind::false_reject ? judgement.complete
                                             : judgement.directional;
}

Json claim_json(const SchemeClaim& claim) {
  Json json = {{"verdict", compat::name_of(claim.verdict)}, {"pairs", claim.pairs}};
  if (!claim.reason.empty()) json["reason"] = claim.reason;
  return json;
}

Json failure_json(const SchemeFailure& failure, const FailureWords& words) {
  const auto text_or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  return {{"kind", name_of(failure.kind)},
          {"model", failure.source.model->name},
          {"source", failure.source.implementation->label},
          {"destination", failure.destination.implementation->label},
          {"profile", text_or_null(failure.profile)},
          {"witness", json_of(failure.witness)},
          {"away", failure.away},
          {"rule", text_or_null(words.rule)},
          {"message", words.why}};
}

void print_json(const compat::Catalogue& catalogue, const std::vector<SchemeJudgement>& judgements,
                Output& output) {
  Json json = versioned();
  json["implementations"] = Json::array();
  for (const auto& one : catalogue.implementations) json["implementations"].push_back(one.label);
  json["schemes"] = Json::array();
  solver::schemes::FailureWording wording(catalogue);
  for (const auto& judgement : judgements) {
    Json row = {{"name", compat::name_of(judgement.scheme)},
                {"accepts_when", compat::meaning_of(judgement.scheme)},
                {"configurations",
                 {{"accepted", judgement.accepted},
                  {"rejected", judgement.rejected},
                  {"undetermined", judgement.undetermined}}},
                {"sound", claim_json(judgement.sound)},
                {"complete", claim_json(judgement.complete)},
                {"directional", claim_json(judgement.directional)},
                {"failures", Json::array()}};
    for (const auto& failure : judgement.failures)
      row["failures"].push_back(failure_json(failure, wording.of(judgement.scheme, failure)));
    json["schemes"].push_back(std::move(row));
  }
  output.write(pretty(json));
}

std::string coloured(const SchemeClaim& claim, Output& output) {
  const std::string word = fmt::format("{:<13}", compat::name_of(claim.verdict));
  return claim.verdict == PropertyVerdict::holds      ? output.good(word)
         : claim.verdict == PropertyVerdict::violated ? output.bad(word)
                                                      : output.unsure(word);
}

std::string configuration_text(const SchemeFailure& failure) {
  if (!failure.profile.empty()) return "at profile " + failure.profile;
  std::string text;
  for (const auto& [name, value] : failure.witness)
    if (value != failure.source.model->parameters.at(name).init)
      text += fmt::format("{}{}={}", text.empty() ? "with " : ", ", name, compat::to_string(value));
  return text.empty() ? "with the init values" : text;
}

void print_text(const compat::Catalogue& catalogue, const std::vector<SchemeJudgement>& judgements,
                Output& output) {
  output.print("{:<15} {:<13} {:<13} {:<13} {:>9} {:>9} {:>13}\n", "scheme", "sound", "complete", "both ways",
               "accepted", "rejected", "undetermined");
  for (const auto& one : judgements) {
    output.print("{:<15} {} {} {} {:>9} {:>9} {:>13}\n", compat::name_of(one.scheme),
                 coloured(one.sound, output), coloured(one.complete, output),
                 coloured(one.directional, output), grouped(one.accepted), grouped(one.rejected),
                 grouped(one.undetermined));
  }
  solver::schemes::FailureWording wording(catalogue);
  for (const auto& one : judgements) {
    output.print("\n{}: accepts when {}\n", output.bold(compat::name_of(one.scheme)),
                 compat::meaning_of(one.scheme));
    for (const FailureKind kind : every_kind) {
      const SchemeClaim& claim = claim_of(one, kind);
      if (claim.verdict == PropertyVerdict::undetermined)
        output.print("  no {} was found, but not everything is known: {}\n", title_of(kind),
                     printable(claim.reason));
      const auto smallest = std::find_if(one.failures.begin(), one.failures.end(),
                                         [&](const SchemeFailure& failure) { return failure.kind == kind; });
      if (smallest == one.failures.end()) continue;
      output.print("  {} on {}, the smallest: {} -> {} {}\n    {}\n", title_of(kind),
                   counted(claim.pairs, "ordered pair"), printable(smallest->source.implementation->label),
                   printable(smallest->destination.implementation->label),
                   printable(configuration_text(*smallest)),
                   printable(wording.of(one.scheme, *smallest).why));
    }
    const bool clean = one.failures.empty() && one.sound.verdict == PropertyVerdict::holds &&
                       one.complete.verdict == PropertyVerdict::holds;
    if (clean) output.print("  nothing is wrong with it on these implementations\n");
    if (one.sound.verdict == PropertyVerdict::vacuous) output.print("  {}\n", printable(one.sound.reason));
  }
  output.print(
      "\n{}. Sound: what is accepted works. Complete: what works is never rejected. Both ways: what is "
      "accepted is accepted back.\n",
      counted(catalogue.implementations.size(), "implementation"));
}

Exit schemes(const SchemesOptions& options, Output& output) {
  const auto catalogue = compat::load(options.files, true);
  if (!catalogue) return output.refuse(catalogue.error());
  solver::schemes::SchemeLimits limits;
  limits.configurations_max = options.configurations_max;
  auto judgements = solver::schemes::judge_schemes(*catalogue, limits);
  if (!options.scheme.empty())
    std::erase_if(judgements,
                  [&](const SchemeJudgement& one) { return compat::name_of(one.scheme) != options.scheme; });
  if (output.json())
    print_json(*catalogue, judgements, output);
  else
    print_text(*catalogue, judgements, output);
  if (options.scheme.empty()) return Exit::yes;
  const SchemeJudgement& one = judgements.front();
  if (one.sound.verdict == PropertyVerdict::violated) return Exit::no;
  return one.sound.verdict == PropertyVerdict::undetermined ? Exit::undetermined : Exit::yes;
}

}  // namespace

void add_schemes(Command& root) {
  auto options = std::make_shared<SchemesOptions>();
  Command command =
      root.command("schemes", "Judges every scheme against the behaviour that a catalogue declares",
                   {"text", "json"}, "portolan schemes scenarios/schemes/nic.yaml");
  command.option("CATALOGUE", options->files, "Catalogues with state, loads and interface").required();
  command
      .option("--scheme", options->scheme,
              "Only this one; exit status 1 when it is not sound, 3 when that is undetermined")
      .one_of(scheme_names());
  command
      .option("--max-configurations", options->configurations_max,
              "Of each ordered pair, those with the fewest parameters away from their init values first")
      .stands_for("N")
      .shows_default(std::to_string(solver::schemes::SchemeLimits{}.configurations_max));
  command.on_chosen(options, schemes);
}

}  // namespace portolan::cli
