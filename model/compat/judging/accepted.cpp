// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/accepted.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "model/compat/reading.hpp"
#include "model/files/document.hpp"
#include "model/files/kinds.hpp"
#include "model/support/text.hpp"

namespace portolan::compat {
namespace {

using files::Kind;
using files::Node;

/// FNV-1a, 64 bits: the same on every machine and in every version.
class Fingerprint {
 public:
  void add(std::string_view text) {
    for (const char c : text) step(static_cast<std::uint8_t>(c));
    step(0);
  }
  std::string text() const { return fmt::format("{:016x}", hash_); }

 private:
  void step(std::uint8_t byte) { hash_ = (hash_ ^ byte) * 1099511628211u; }
  std::uint64_t hash_ = 14695981039346656037u;
};

std::optional<std::chrono::year_month_day> date_of(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = parse_u64(text.substr(0, 4)), month = parse_u64(text.substr(5, 2)),
             day = parse_u64(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  return date.ok() ? std::optional(date) : std::nullopt;
}

class AcceptedReader {
 public:
  AcceptedReader(const std::string& file, Faults& faults) : reader_(file, faults) { out_.file = file; }

  AcceptedFindings read(const Node& root) {
    if (!reader_.expect(root, Kind::object, {})) return std::move(out_);
    reader_.no_duplicate_keys(root, {});
    only(root, std::array<std::string_view, 3>{"format", "description", "accepted"}, {});
    reader_.expect_format(root, files::accepted_findings_format);
    const Node* accepted = reader_.required(root, "accepted", {});
    if (accepted && reader_.expect(*accepted, Kind::array, "accepted"))
      for (std::size_t k = 0; k < accepted->items.size(); ++k)
        entry(accepted->items[k], files::item_path("accepted", k));
    return std::move(out_);
  }

 private:
  /// A misspelt "expires" would make an exception last for ever: what is not known here is an error.
  template <std::size_t Count>
  void only(const Node& object, const std::array<std::string_view, Count>& known, const std::string& path) {
    for (const files::Member& member : object.members) {
      if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
      reader_.report(FaultCode::unknown_name, member.key_mark, files::member_path(path, member.key),
                     "got " + in_quotes(member.key), "a member of this format",
                     did_you_mean(member.key, known));
    }
  }

  void entry(const Node& node, const std::string& path) {
    if (!reader_.expect(node, Kind::object, path)) return;
    reader_.no_duplicate_keys(node, path);
    only(node, std::array<std::string_view, 5>{"fingerprint", "rule", "finding", "reason", "expires"}, path);
    AcceptedFinding made;
    made.place = reader_.place(node, path);
    if (const Node* text = reader_.required(node, "fingerprint", path))
      made.fingerprint = read_string(reader_, *text, {path, "fingerprint"}).value_or("");
    for (const auto& [name, into] :
         {std::pair("rule", &made.rule), {"finding", &made.finding}, {"reason", &made.reason}})
      if (const Node* text = node.find(name)) *into = read_string(reader_, *text, {path, name}).value_or("");
    if (const Node* day = node.find("expires"); day && day->kind != Kind::null) {
      if (const auto text = read_string(reader_, *day, {path, "expires"})) {
        made.expires = date_of(*text);
        if (!made.expires)
          reader_.report(FaultCode::out_of_range, *day, files::member_path(path, "expires"),
                         "got " + in_quotes(*text), "a day, as 2027-01-31");
      }
    }
    const auto twice =
        std::find_if(out_.accepted.begin(), out_.accepted.end(), [&](const AcceptedFinding& one) {
          return one.fingerprint == made.fingerprint && !made.fingerprint.empty();
        });
    if (twice != out_.accepted.end())
      reader_.report(
          FaultCode::duplicate, node, path,
          fmt::format("{} is accepted twice (first at line {})", made.fingerprint, twice->place.mark.line),
          "each finding once");
    out_.accepted.push_back(std::move(made));
  }

  const std::string empty_;
  files::Reader reader_;
  AcceptedFindings out_;
};

Finding about(const AcceptedFinding& entry, std::string rule, std::string message, std::string remedy) {
  Finding finding;
  finding.rule = std::move(rule);
  finding.severity = Severity::warning;
  finding.message = std::move(message);
  finding.remedy = std::move(remedy);
  finding.place = entry.place;
  return finding;
}

std::string called(const AcceptedFinding& entry) {
  return entry.finding.empty() ? fmt::format("the finding {}", entry.fingerprint)
                               : fmt::format("{}{}{}", entry.rule, entry.rule.empty() ? "" : ": ",
                                             shortened(entry.finding, 160));
}

}  // namespace

std::string date_text(const std::chrono::year_month_day& day) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

std::vector<std::string> fingerprints(const std::vector<Finding>& findings) {
  std::vector<std::string> texts;
  std::map<std::string, std::size_t> seen;
  for (const Finding& finding : findings) {
    Fingerprint print;
    for (const std::string* part :
         {&finding.rule, &finding.model, &finding.parameter, &finding.aspect, &finding.source,
          &finding.destination, &finding.direction, &finding.profile})
      print.add(*part);
    if (finding.source.empty()) print.add(finding.place.path);
    std::string text = print.text();
    if (const std::size_t number = ++seen[text]; number > 1) text += fmt::format("-{}", number);
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<AcceptedFindings> read_accepted(const std::filesystem::path& file) {
  Result<files::Document> document = files::read_document(file);
  if (!document) return fail(std::move(document.error()));
  if (auto other = files::of_another_kind(*document, files::accepted_findings_format))
    return fail(std::move(*other));
  Faults faults;
  AcceptedReader reader(document->file, faults);
  AcceptedFindings accepted = reader.read(document->root);
  if (faults.empty()) return accepted;
  sort_by_place(faults);
  return fail(std::move(faults));
}

std::string write_accepted(const AcceptedFindings& accepted) {
  nlohmann::ordered_json json = {{"format", files::accepted_findings_format.name},
                                 {"accepted", nlohmann::ordered_json::array()}};
  for (const AcceptedFinding& one : accepted.accepted) {
    json["accepted"].push_back({{"fingerprint", one.fingerprint},
                                {"rule", one.rule},
                                {"finding", one.finding},
                                {"reason", one.reason},
                                {"expires", one.expires ? nlohmann::ordered_json(date_text(*one.expires))
                                                        : nlohmann::ordered_json(nullptr)}});
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

Acceptances accept(const std::vector<Finding>& findings, const AcceptedFindings& accepted,
                   std::chrono::sys_days today) {
  Acceptances result;
  const std::vector<std::string> prints = fingerprints(findings);
  std::map<std::string, const AcceptedFinding*> by_print;
  for (const AcceptedFinding& one : accepted.accepted) by_print.emplace(one.fingerprint, &one);
  std::map<const AcceptedFinding*, bool> used;
  for (const std::string& print : prints) {
    const auto at = by_print.find(print);
    const AcceptedFinding* entry = at == by_print.end() ? nullptr : at->second;
    if (entry != nullptr) used[entry] = true;
    const bool expired = entry != nullptr && entry->expires && std::chrono::sys_days(*entry->expires) < today;
    result.of.push_back(expired ? nullptr : entry);
  }
  for (const AcceptedFinding& one : accepted.accepted) {
    if (!used.contains(&one)) {
      result.warnings.push_back(
          about(one, "acceptance-unused",
                fmt::format("nothing is found any more that this accepts: {}", called(one)),
                "remove the entry: it would hide the same finding if it came back"));
    } else if (one.expires && std::chrono::sys_days(*one.expires) < today) {
      result.warnings.push_back(
          about(one, "acceptance-expired",
                fmt::format("accepted until {}, and still found: {}", date_text(*one.expires), called(one)),
                "mend it, or give a new day and the reason"));
    } else if (one.reason.empty()) {
      result.warnings.push_back(about(one, "acceptance-without-reason",
                                      fmt::format("accepted, and nobody says why: {}", called(one)),
                                      "fill in \"reason\", and \"expires\" where it is not for ever"));
    }
  }
  return result;
}

AcceptedFindings all_accepted(const std::vector<Finding>& findings, const AcceptedFindings& before) {
  AcceptedFindings made;
  made.file = before.file;
  const std::vector<std::string> prints = fingerprints(findings);
  for (std::size_t k = 0; k < findings.size(); ++k) {
    if (findings[k].severity == Severity::info) continue;
    const auto known = std::find_if(before.accepted.begin(), before.accepted.end(),
                                    [&](const AcceptedFinding& one) { return one.fingerprint == prints[k]; });
    AcceptedFinding one = known == before.accepted.end() ? AcceptedFinding{} : *known;
    one.fingerprint = prints[k];
    one.rule = findings[k].rule;
    one.finding = findings[k].message;
    made.accepted.push_back(std::move(one));
  }
  return made;
}

}  // namespace portolan::compat
