// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/refusal.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/compat/audit/advice.hpp"

namespace portolan::compat::audit {

Finding refusal(const Model& model, const Move& move, const Obstacles& obstacles) {
  Finding finding = finding_about(model, move);
  std::vector<std::string> messages, remedies;
  for (const Reason& reason : obstacles.refused) {
    Advice advice = advice_on(model, move, obstacles, reason);
    if (messages.empty()) {
      finding.parameter = std::move(advice.parameter);
      finding.place = std::move(advice.place);
    }
    messages.push_back(reason.message);
    if (std::ranges::find(remedies, advice.text) == remedies.end())
      remedies.push_back(std::move(advice.text));
  }
  finding.message = fmt::format("at profile {} a migration {} -> {} is refused: {}", move.profile,
                                finding.source, finding.destination, fmt::join(messages, "; "));
  finding.remedy = fmt::format("{}", fmt::join(remedies, "; "));
  if (auto values = values_at(obstacles.source, move.profile); values && !values->empty())
    finding.witness = std::move(*values);
  return finding;
}

}  // namespace portolan::compat::audit
