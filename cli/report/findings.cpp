// SPDX-License-Identifier: Apache-2.0
#include "cli/report/findings.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

#include "model/support/text.hpp"

namespace portolan::cli {

namespace {

using compat::Finding;
using compat::Severity;

// What a reader takes in: so many things, of each so many kinds of finding, of each so many examples and
// remedies.
constexpr std::size_t subjects_max = 30;
constexpr std::size_t examples_max = 3;
constexpr std::size_t remedies_max = 3;
constexpr std::size_t pairs_max = 8;
constexpr std::size_t failing_max = 20;

/// Findings of one rule, severity and profile about one thing.
struct FindingGroup {
  const Finding* first;
  std::vector<const Finding*> findings;
};

/// One thing that findings are about.
struct Subject {
  std::string model, name;
  std::vector<std::string> alike;  ///< further models of which the same is said, word for word
  Severity worst = Severity::info;
  std::vector<FindingGroup> kinds;
  std::size_t findings = 0;
};

std::vector<Subject> subjects_of(const Findings& findings) {
  std::vector<Subject> subjects;
  std::map<std::pair<std::string, std::string>, std::size_t> at;
  std::map<std::tuple<std::size_t, std::string, Severity, std::string>, std::size_t> kind_at;
  for (std::size_t k = 0; k < findings.all.size(); ++k) {
    if (findings.accepted[k] != nullptr) continue;
    const Finding& finding = findings.all[k];
    const std::string& name = finding.parameter.empty() ? finding.aspect : finding.parameter;
    const auto [entry, added] = at.try_emplace({finding.model, name}, subjects.size());
    if (added) subjects.push_back({finding.model, name, {}, Severity::info, {}, 0});
    Subject& subject = subjects[entry->second];
    subject.worst = std::min(subject.worst, finding.severity);
    ++subject.findings;
    const auto [kind, fresh] = kind_at.try_emplace(
        {entry->second, finding.rule, finding.severity, finding.profile}, subject.kinds.size());
    if (fresh) subject.kinds.push_back({&finding, {}});
    subject.kinds[kind->second].findings.push_back(&finding);
  }
  for (Subject& subject : subjects)
    std::stable_sort(
        subject.kinds.begin(), subject.kinds.end(),
        [](const FindingGroup& a, const FindingGroup& b) { return a.first->severity < b.first->severity; });
  std::stable_sort(subjects.begin(), subjects.end(),
                   [](const Subject& a, const Subject& b) { return a.worst < b.worst; });
  return subjects;
}

/// What is said of a subject, without its model.
std::string said_of(const Subject& subject) {
  std::string text = subject.name;
  for (const FindingGroup& kind : subject.kinds)
    for (const Finding* finding : kind.findings)
      text += '\0' + finding->rule + '\0' + finding->message + '\0' + finding->remedy;
  return text;
}

/// Many models share a parameter, and what is wrong with it: it is told once, with the models.
std::vector<Subject> merged(std::vector<Subject> subjects) {
  std::vector<Subject> merged;
  std::unordered_map<std::string, std::size_t> at;
  for (Subject& subject : subjects) {
    if (subject.model.empty()) {
      merged.push_back(std::move(subject));
      continue;
    }
    const auto [entry, added] = at.try_emplace(said_of(subject), merged.size());
    if (added) {
      merged.push_back(std::move(subject));
      continue;
    }
    merged[entry->second].alike.push_back(subject.model);
    merged[entry->second].findings += subject.findings;
  }
  return merged;
}

std::string title_of(const Subject& subject) {
  if (subject.model.empty()) return "The files";
  const std::string models = subject.alike.empty()
                                 ? printable(subject.model)
                                 : fmt::format("{} and {}", printable(subject.model),
                                               counted(subject.alike.size(), "further model"));
  return subject.name.empty() ? models : models + ": " + printable(subject.name);
}

std::string ends_of(const Finding& finding) {
  if (finding.source.empty()) return to_string(finding.place);
  return finding.destination.empty() ? finding.source : finding.source + " -> " + finding.destination;
}

void print_kind(const FindingGroup& kind, bool whole, Output& output) {
  // Of a level that was not asked for one example is enough.
  const std::size_t shown = whole ? kind.findings.size()
                            : kind.first->severity == Severity::info
                                ? 1
                                : std::min(kind.findings.size(), examples_max);
  std::vector<std::string> remedies;
  for (std::size_t k = 0; k < kind.findings.size(); ++k) {
    const Finding& finding = *kind.findings[k];
    if (!finding.remedy.empty() &&
        std::find(remedies.begin(), remedies.end(), finding.remedy) == remedies.end())
      remedies.push_back(finding.remedy);
    if (k >= shown) continue;
    output.print("  {} {}: {}\n", severity_word(finding.severity, output), finding.rule,
                 printable(finding.message));
    if (const std::string place = to_string(finding.place); !place.empty())
      output.print("{}", output.faint(fmt::format("    said at {}\n", printable(place))));
  }
  if (shown < kind.findings.size()) {
    std::vector<std::string> others;
    for (std::size_t k = shown; k < kind.findings.size() && others.size() < pairs_max; ++k)
      others.push_back(printable(ends_of(*kind.findings[k])));
    const std::size_t left = kind.findings.size() - shown;
    output.print("    and {} alike: {}{}\n", grouped(left), fmt::join(others, ", "),
                 others.size() < left ? fmt::format(" and {} more", grouped(left - others.size())) : "");
  }
  const std::size_t told =
      whole ? remedies.size()
            : std::min(remedies.size(), kind.first->severity == Severity::info ? 1 : remedies_max);
  for (std::size_t k = 0; k < told; ++k)
    output.print("    {} {}\n", output.bold("do:"), printable(remedies[k]));
}

}  // namespace

std::string severity_word(Severity severity, const Output& output) {
  switch (severity) {
    case Severity::error: return output.bad("error");
    case Severity::warning: return output.unsure("warning");
    case Severity::info: return output.faint("note");
  }
  return {};
}

std::size_t Findings::count(Severity severity) const {
  std::size_t number = 0;
  for (std::size_t k = 0; k < all.size(); ++k)
    number += accepted[k] == nullptr && all[k].severity == severity ? 1 : 0;
  return number;
}

std::size_t Findings::count_accepted() const {
  return static_cast<std::size_t>(
      std::count_if(accepted.begin(), accepted.end(), [](const auto* one) { return one != nullptr; }));
}

Json finding_json(const Finding& finding, const std::string& fingerprint,
                  const compat::AcceptedFinding* accepted) {
  const auto text_or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  Json json = {{"rule", finding.rule},
               {"severity", compat::name_of(finding.severity)},
               {"model", text_or_null(finding.model)},
               {"parameter", text_or_null(finding.parameter)},
               {"source", text_or_null(finding.source)},
               {"destination", text_or_null(finding.destination)},
               {"direction", text_or_null(finding.direction)},
               {"course", finding.course},
               {"profile", text_or_null(finding.profile)},
               {"aspect", text_or_null(finding.aspect)},
               {"witness", finding.witness ? json_of(*finding.witness) : Json(nullptr)},
               {"message", finding.message},
               {"remedy", text_or_null(finding.remedy)},
               {"fingerprint", fingerprint}};
  if (const auto place = to_string(finding.place); !place.empty()) json["place"] = place;
  for (const compat::AlikeCases& one : finding.alike)
    json["alike"].push_back(
        {{"sources", one.sources}, {"destinations", one.destinations}, {"by_way_of", one.by_way_of}});
  if (accepted != nullptr)
    json["accepted"] = {
        {"reason", accepted->reason},
        {"expires", accepted->expires ? Json(compat::date_text(*accepted->expires)) : Json(nullptr)}};
  return json;
}

void print_failing_pairs(const Findings& findings, bool whole, Output& output) {
  struct FailingPair {
    const Finding* first;
    std::vector<std::string> reasons;
  };
  std::vector<FailingPair> pairs;
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::size_t> at;
  std::set<std::string> models;
  for (std::size_t k = 0; k < findings.all.size(); ++k) {
    const Finding& one = findings.all[k];
    if (findings.accepted[k] != nullptr || one.severity != Severity::error || one.profile.empty() ||
        one.destination.empty())
      continue;
    const auto [entry, added] =
        at.try_emplace({one.model, one.profile, one.source, one.destination}, pairs.size());
    if (added) pairs.push_back({&one, {}});
    models.insert(one.model);
    const std::string& about = one.aspect.empty() ? one.parameter : one.aspect;
    pairs[entry->second].reasons.push_back(about.empty() ? one.rule
                                                         : fmt::format("{} ({})", about, one.rule));
  }
  if (pairs.empty()) return;
  output.print("{}\n", output.bold("Migrations that fail"));
  const std::size_t shown = whole ? pairs.size() : std::min(pairs.size(), failing_max);
  for (std::size_t k = 0; k < shown; ++k) {
    const Finding& one = *pairs[k].first;
    output.print("  {} {} -> {} at profile {}{}: {}\n", output.bad("fails"), printable(one.source),
                 printable(one.destination), printable(one.profile),
                 models.size() > 1 ? " of " + printable(one.model) : "", printable(listed(pairs[k].reasons)));
  }
  if (shown < pairs.size())
    output.print("  and {} more: --all tells them, --json has every finding\n",
                 grouped(pairs.size() - shown));
  output.print("\n");
}

void print_findings(const Findings& findings, bool whole, Output& output) {
  const std::vector<Subject> all = subjects_of(findings);
  const std::vector<Subject> subjects = whole ? all : merged(all);
  const std::size_t shown = whole ? subjects.size() : std::min(subjects.size(), subjects_max);
  for (std::size_t k = 0; k < shown; ++k) {
    const Subject& subject = subjects[k];
    if (k > 0) output.print("\n");
    output.print("{}\n", output.bold(title_of(subject)));
    for (const FindingGroup& kind : subject.kinds) print_kind(kind, whole, output);
  }
  if (shown < subjects.size()) {
    std::size_t left = 0;
    for (std::size_t k = shown; k < subjects.size(); ++k) left += subjects[k].findings;
    output.print("\n{} with {} are left out here: --all tells them, --json has every finding.\n",
                 fmt::format("{} more parameters and aspects", grouped(subjects.size() - shown)),
                 counted(left, "finding"));
  }
  if (shown > 0) output.print("\n");
}

const Finding* first_told(const Findings& findings) {
  const std::vector<Subject> subjects = subjects_of(findings);
  return subjects.empty() ? nullptr : subjects.front().kinds.front().first;
}

}  // namespace portolan::cli
