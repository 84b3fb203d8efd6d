// SPDX-License-Identifier: Apache-2.0
#include "vfio/execution/session.hpp"

#include "model/machines/run_time.hpp"

namespace portolan::vfio::execution {

namespace {

consteval std::size_t variable_named(std::string_view name) {
  for (std::size_t v = 0; v < std::size(machines::session_variables); ++v)
    if (machines::session_variables[v].name == name) return v;
  throw "a session has no variable of that name";
}
constexpr std::size_t yes_variable = variable_named("yes"), loaded_variable = variable_named("loaded");

}  // namespace

Session::Session() { now_.state = machines::session.initial; }

std::optional<std::string_view> Session::fire(SessionEvent event, bool yes) {
  rules::Configuration at = now_;
  at.environment[yes_variable] = yes;
  const rules::Step step = machines::step(machines::session, at, event.number());
  if (step.row < 0) return std::nullopt;
  now_ = step.next;
  now_.environment[yes_variable] = 0;
  return machines::session_rows[static_cast<std::size_t>(step.row)].source;
}

bool Session::loaded() const { return now_.environment[loaded_variable] != 0; }

}  // namespace portolan::vfio::execution
