// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/examination.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "model/support/named.hpp"

namespace portolan::compat {
namespace {

constexpr auto severity_names = enumerator_names<Severity>(
    {{Severity::error, "error"}, {Severity::warning, "warning"}, {Severity::info, "info"}});

constexpr auto verdict_names =
    enumerator_names<PropertyVerdict>({{PropertyVerdict::holds, "holds"},
                                       {PropertyVerdict::violated, "violated"},
                                       {PropertyVerdict::undetermined, "undetermined"},
                                       {PropertyVerdict::vacuous, "vacuous"}});

}  // namespace

std::string_view name_of(Severity severity) { return severity_names[severity]; }
std::string_view name_of(PropertyVerdict verdict) { return verdict_names[verdict]; }

void Examination::add(Examination more) {
  std::move(more.findings.begin(), more.findings.end(), std::back_inserter(findings));
  std::move(more.properties.begin(), more.properties.end(), std::back_inserter(properties));
}

std::optional<Severity> worst(const std::vector<Finding>& findings) {
  const auto first =
      std::min_element(findings.begin(), findings.end(),
                       [](const Finding& a, const Finding& b) { return a.severity < b.severity; });
  return first == findings.end() ? std::nullopt : std::optional(first->severity);
}

}  // namespace portolan::compat
