#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Where one migration stands in the table of sessions (model/machines/session.hpp), which says what may
// follow. Events and states are looked up when this is compiled, so that a misspelt one does not compile.
//
//   Session session;                          // Idle
//   session.fire("check", true);              // the citation of the row that fired
//   if (session.is("Committed")) …

#include <optional>
#include <string_view>

#include "model/machines/session.hpp"

namespace portolan::vfio::execution {

class SessionEvent {
 public:
  consteval SessionEvent(const char* name) : number_(rules::index_of(machines::session_events, name)) {
    if (number_ < 0) throw "a session has no event of that name";
  }
  constexpr std::uint8_t number() const { return static_cast<std::uint8_t>(number_); }

 private:
  int number_;
};

class SessionState {
 public:
  consteval SessionState(const char* name) : number_(rules::index_of(machines::session_states, name)) {
    if (number_ < 0) throw "a session has no state of that name";
  }
  constexpr std::uint8_t number() const { return static_cast<std::uint8_t>(number_); }

 private:
  int number_;
};

class Session {
 public:
  Session();
  /// `yes` is the answer to the event at hand. The citation of the row that fired; nothing when the table
  /// has none here, and then the session stays where it is.
  std::optional<std::string_view> fire(SessionEvent event, bool yes = false);
  bool is(SessionState state) const { return now_.state == state.number(); }
  /// `Transferring`.
  std::string_view state() const { return machines::session_states[now_.state]; }
  /// Every device completed RESUMING -> STOP at the destination.
  bool loaded() const;

 private:
  rules::Configuration now_;
};

}  // namespace portolan::vfio::execution
