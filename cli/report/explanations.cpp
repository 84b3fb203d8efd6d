// SPDX-License-Identifier: Apache-2.0
#include "cli/report/explanations.hpp"

#include <algorithm>
#include <cctype>

#include "model/compat/judging/properties_table.hpp"
#include "model/compat/judging/reasons_table.hpp"
#include "model/support/text.hpp"

namespace portolan::cli {

namespace {

constexpr std::string_view rules_page = "docs/rules.md", errors_page = "docs/errors.md";
constexpr std::string_view section_sign = "§";

std::string lower(std::string_view text) {
  std::string all(text);
  for (char& c : all) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return all;
}

std::string_view without_sign(std::string_view cite) {
  return cite.starts_with(section_sign) ? cite.substr(section_sign.size()) : cite;
}

/// Where docs/rules.md says how such a property is decided.
std::string_view heading_of(const compat::PropertyRow& row) {
  switch (row.decided_by) {
    case compat::DecidedBy::levels: return "levels";
    case compat::DecidedBy::observations: return "observed";
    case compat::DecidedBy::declarations:
    case compat::DecidedBy::proof: break;
  }
  return "properties";
}

std::vector<ExplainedRemedy> remedies_of(const compat::ReasonRow& reason) {
  std::vector<ExplainedRemedy> remedies;
  for (const compat::RemedyRow& row : compat::remedies_table)
    if (row.rule == reason.name)
      remedies.push_back(
          {row.audience == compat::Audience::migrating ? "to move one instance" : "to publish it otherwise",
           std::string(row.when), compat::filled(row.remedy, {})});
  return remedies;
}

std::vector<Explanation> all_words() {
  std::vector<Explanation> all;
  for (const compat::RuleRow& row : compat::rules_table)
    all.push_back({"rule",
                   row.name,
                   {},
                   row.meaning,
                   row.why,
                   row.example,
                   {{{}, {}, std::string(row.follows)}},
                   {},
                   std::string(rules_page),
                   std::string(row.name)});
  for (const compat::ReasonRow& row : compat::reasons_table)
    all.push_back({"reason",
                   row.name,
                   {},
                   row.meaning,
                   row.why,
                   row.example,
                   remedies_of(row),
                   {},
                   std::string(rules_page),
                   std::string(without_sign(row.heading))});
  for (const compat::PropertyRow& row : compat::properties_table)
    all.push_back({"property",
                   row.name,
                   std::string(row.rule),
                   row.meaning,
                   row.why,
                   row.example,
                   {{{}, {}, std::string(row.remedy)}},
                   row.decided_by == compat::DecidedBy::levels ? compat::levels_elsewhere : "",
                   std::string(rules_page),
                   std::string(heading_of(row))});
  for (const compat::RemarkRow& row : compat::remarks_table)
    all.push_back({"remark",
                   row.name,
                   {},
                   row.meaning,
                   row.why,
                   {},
                   {{{}, {}, std::string(row.remedy)}},
                   {},
                   std::string(rules_page),
                   "findings"});
  for (const FaultCodeEntry& row : fault_code_table())
    all.push_back({"fault",
                   row.name,
                   {},
                   row.meaning,
                   {},
                   row.example,
                   {{{}, {}, std::string(row.remedy)}},
                   {},
                   std::string(errors_page),
                   "kinds-of-fault"});
  return all;
}

/// Whether a property is cited by that: `5.8` of `§5.8, R10`, not the rules behind it.
bool is_cited_as(const Explanation& one, std::string_view cite) {
  const std::string_view first = std::string_view(one.cited_as).substr(0, one.cited_as.find(','));
  return !first.empty() && without_sign(first) == cite;
}

void print_labelled(std::string_view label, std::string_view text, Output& output) {
  if (text.empty()) return;
  output.print("  {}{}\n", output.bold(fmt::format("{:<9}", label)), text);
}

/// What a kind is called before its words, and after one of them.
std::string_view title_of(std::string_view kind) {
  if (kind == "rule") return "Rules";
  if (kind == "reason") return "What a reason against a migration names";
  if (kind == "property") return "Properties of check";
  if (kind == "remark") return "Remarks of check";
  return "Kinds of fault";
}

std::string_view kind_in_words(std::string_view kind) {
  if (kind == "rule") return "a rule";
  if (kind == "reason") return "named by a reason against a migration";
  if (kind == "property") return "a property of check";
  if (kind == "remark") return "a remark of check";
  return "a kind of fault";
}

}  // namespace

const std::vector<Explanation>& explanations() {
  static const std::vector<Explanation> all = all_words();
  return all;
}

std::vector<const Explanation*> explanations_of(std::string_view word) {
  const std::string asked = lower(without_sign(word));
  std::vector<const Explanation*> found;
  for (const Explanation& one : explanations())
    if (lower(one.name) == asked || is_cited_as(one, asked)) found.push_back(&one);
  return found;
}

std::vector<std::string> words_near(std::string_view word) {
  constexpr std::size_t words_max = 5;
  const std::string asked = lower(without_sign(word));
  std::vector<std::string> names, near;
  for (const Explanation& one : explanations()) names.push_back(lower(one.name));
  const auto take = [&](std::size_t k) {
    const std::string name(explanations()[k].name);
    if (near.size() < words_max && std::find(near.begin(), near.end(), name) == near.end())
      near.push_back(name);
  };
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  if (const std::string_view best = nearest(asked, candidates); !best.empty())
    take(
        static_cast<std::size_t>(std::find(candidates.begin(), candidates.end(), best) - candidates.begin()));
  // Somebody who remembers a part of a name: `interface` of `runtime-interface-constant`.
  for (std::size_t k = 0; asked.size() > 2 && k < names.size(); ++k)
    if (names[k].find(asked) != std::string::npos) take(k);
  return near;
}

Json explanation_json(const Explanation& one) {
  const auto text_or_null = [](std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); };
  Json json = {{"name", one.name},
               {"kind", one.kind},
               {"rule", text_or_null(one.cited_as)},
               {"meaning", one.meaning},
               {"why", text_or_null(one.why)},
               {"example", text_or_null(one.example)},
               {"remedies", Json::array()},
               {"note", text_or_null(one.note)},
               {"page", one.page},
               {"heading", one.heading}};
  for (const ExplainedRemedy& remedy : one.remedies)
    json["remedies"].push_back(
        {{"who", text_or_null(remedy.who)}, {"when", text_or_null(remedy.when)}, {"remedy", remedy.text}});
  return json;
}

void print_explanation(const Explanation& one, Output& output) {
  output.print("{}: {}{}\n", output.bold(one.name), kind_in_words(one.kind),
               one.cited_as.empty() ? "" : fmt::format(" ({})", one.cited_as));
  print_labelled("means", one.meaning, output);
  print_labelled("why", one.why, output);
  print_labelled("example", one.example, output);
  for (const ExplainedRemedy& remedy : one.remedies) {
    std::string before = remedy.who;
    if (!remedy.when.empty()) before += (before.empty() ? "" : ", ") + remedy.when;
    print_labelled("do", before.empty() ? remedy.text : before + ": " + remedy.text, output);
  }
  print_labelled("beware", one.note, output);
  print_labelled("more", fmt::format("{} {}{}", one.page, section_sign, one.heading), output);
}

void print_words(Output& output) {
  for (const std::string_view kind : explained_kinds) {
    std::size_t width = 0;
    for (const Explanation& one : explanations())
      if (one.kind == kind) width = std::max(width, one.name.size());
    output.print("{}\n", output.bold(title_of(kind)));
    for (const Explanation& one : explanations())
      if (one.kind == kind) output.print("  {:<{}}  {}\n", one.name, width, one.meaning);
    output.print("\n");
  }
  output.print("portolan explain WORD says why it matters, gives an example and what to do.\n");
}

void print_where_explained(std::string_view word, Output& output) {
  output.print("portolan explain {} says what a rule or property means\n", printable(word));
}

}  // namespace portolan::cli
