// SPDX-License-Identifier: Apache-2.0
#include "vfio/execution/ledger.hpp"

namespace portolan::vfio::execution {

bool Ledger::intend(const std::string& what, const std::string& detail) {
  return journal_->intent({step_, what, detail});
}

std::string Ledger::record(ports::Outcome outcome, const std::vector<fleet::NamedEvent>& events,
                           const std::string& what) {
  std::string wrong;
  for (const fleet::NamedEvent& event : events) {
    if (const auto refused = course_.take(event)) {
      wrong = *refused;
      break;
    }
    std::vector<std::string> words{event.action};
    words.insert(words.end(), event.arguments.begin(), event.arguments.end());
    outcome.events.push_back(std::move(words));
  }
  if (wrong.empty()) wrong = course_.difference(outcome.observed);
  if (!wrong.empty()) outcome.said += (outcome.said.empty() ? "" : "; ") + wrong;
  if (tell_) tell_(step_, what, outcome.said);
  if (!journal_->outcome(outcome)) return std::string(unwritable);
  return wrong;
}

}  // namespace portolan::vfio::execution
