// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/ledger.hpp"

#include <fmt/format.h>

namespace portolan::compat {

Ledger::Ledger(const PropertyRow& row, std::size_t findings_max)
    : row_(&row), rule_(row.name), severity_(row.severity), findings_max_(findings_max) {}

Ledger::Ledger(const RemarkRow& row, std::size_t findings_max)
    : rule_(row.name), severity_(Severity::warning), findings_max_(findings_max) {}

void Ledger::open(std::string reason, std::size_t cases) {
  ++open_;
  open_cases_ += cases;
  if (reason_.empty()) reason_ = std::move(reason);
}

std::size_t Ledger::tell(std::pair<Finding, Severity> finding) {
  finding.first.rule = rule_;
  finding.first.severity = finding.second;
  findings_.push_back({std::move(finding.first), 0});
  return findings_.size() - 1;
}

void Ledger::stands_for(std::size_t finding, std::size_t further, AlikeCases alike) {
  findings_[finding].further += further;
  findings_[finding].finding.alike.push_back(std::move(alike));
}

void Ledger::into(Examination& examination) && {
  if (row_ != nullptr) examination.properties.push_back(result());
  for (Told& told : findings_) {
    told.finding.message += with_further(told);
    const auto& alike = told.finding.alike;
    if (alike.size() == 1 && alike.front().sources.size() <= 1 && alike.front().destinations.size() <= 1)
      told.finding.alike.clear();
    examination.findings.push_back(std::move(told.finding));
  }
}

PropertyResult Ledger::result() const {
  PropertyResult result{std::string(row_->name),
                        std::string(row_->meaning),
                        std::string(row_->rule),
                        PropertyVerdict::holds,
                        {},
                        violated_};
  if (violated_ > 0) {
    result.verdict = PropertyVerdict::violated;
    if (left_out_ > 0)
      result.reason = fmt::format("the first {} of {} findings are told", findings_.size(), violated_);
    else if (open_cases_ > 0)
      result.reason = fmt::format("at least: {} further case{} not known; {}", open_cases_,
                                  open_cases_ == 1 ? " is" : "s are", reason_);
  } else if (open_ > 0) {
    result.verdict = PropertyVerdict::undetermined;
    result.reason = reason_;
  } else if (looked_at_ == 0) {
    result.verdict = PropertyVerdict::vacuous;
    result.reason = row_->vacuous;
  }
  return result;
}

std::string Ledger::with_further(const Told& told) const {
  if (told.further == 0) return {};
  const char* plural = told.further == 1 ? "" : "s";
  if (row_ != nullptr && row_->decided_by == DecidedBy::levels)
    return fmt::format("; the same breaks {} further pair{} of implementations", told.further, plural);
  return fmt::format("; so do {} further case{} of {}", told.further, plural, told.finding.model);
}

}  // namespace portolan::compat
