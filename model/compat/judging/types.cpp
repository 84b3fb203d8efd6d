// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/types.hpp"
#include "model/compat/judging/all_known.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace portolan::compat {
namespace {

std::string plural(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count == 0 ? "no" : std::to_string(count), noun, count == 1 ? "" : "s");
}

std::string writes_of(const TypeCandidate& candidate) {
  std::string text = plural(candidate.writes.size(), "write");
  for (std::size_t i = 0; i < candidate.writes.size(); ++i) {
    const std::string& name = candidate.writes[i];
    text += fmt::format("{}{}={}", i == 0 ? ": " : ", ", name, to_string(candidate.given.at(name)));
  }
  return text;
}

bool before(const TypeCandidate& a, const TypeCandidate& b) {
  const auto key = [](const TypeCandidate& c) {
    return std::tuple<std::size_t, const std::string&, const std::string&>(
        c.writes.size(), type_name_of(*c.implementation), c.implementation->label);
  };
  return key(a) < key(b);
}

}  // namespace

const std::string& type_name_of(const Implementation& implementation) {
  return implementation.type.empty() ? implementation.label : implementation.type;
}

TypeChoice choose_type(const SchemeQuestion& asked, const Catalogue& destination) {
  TypeChoice choice;
  const End& source = asked.source;
  for (const Implementation& implementation : destination.implementations) {
    const DeviceModel* model = implementation.model(source.model->name);
    if (model == nullptr) continue;
    TypeCandidate candidate;
    candidate.implementation = &implementation;
    SchemeQuestion one = asked;
    one.destination = {&implementation, model};
    candidate.verdict = judge_all_known(one);
    if (candidate.verdict.decision != Decision::accept) {
      const std::vector<Reason>& reasons = candidate.verdict.reasons;
      candidate.why = reasons.front().message;
      if (reasons.size() > 1)
        candidate.why += fmt::format(" (and {})", plural(reasons.size() - 1, "further reason"));
      choice.refused.push_back(std::move(candidate));
      continue;
    }
    candidate.given =
        prepared(as_known(candidate.verdict.list, one.destination), destination_at_profile(one));
    for (const auto& [name, value] : candidate.given) {
      if (value != model->parameters.at(name).init) candidate.writes.push_back(name);
    }
    choice.accepted.push_back(std::move(candidate));
  }
  // R10a: fewest writes, then name order.
  std::stable_sort(choice.accepted.begin(), choice.accepted.end(), before);
  std::stable_sort(choice.refused.begin(), choice.refused.end(), before);

  for (std::size_t i = 0; i < choice.accepted.size(); ++i) {
    TypeCandidate& candidate = choice.accepted[i];
    candidate.why = writes_of(candidate);
    if (i == 0) continue;
    const TypeCandidate& first = choice.accepted.front();
    candidate.why +=
        candidate.writes.size() > first.writes.size()
            ? fmt::format("; {} needs fewer", first.implementation->label)
            : fmt::format("; as many as {}, which comes first by name", first.implementation->label);
  }
  if (choice.accepted.empty()) {
    choice.why = choice.refused.empty()
                     ? fmt::format("R10a: no type of {} offers {}", destination.file, source.model->name)
                     : fmt::format("R10a: none of the {} of {} accepts",
                                   plural(choice.refused.size(), "type"), source.model->name);
  } else {
    const TypeCandidate& first = choice.accepted.front();
    choice.why = fmt::format("R10a: {} is chosen with {}, out of {} that accept{}",
                             first.implementation->label, writes_of(first),
                             plural(choice.accepted.size(), "type"), choice.accepted.size() == 1 ? "s" : "");
  }
  return choice;
}

}  // namespace portolan::compat
