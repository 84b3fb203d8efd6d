// SPDX-License-Identifier: Apache-2.0
//
// Boost.MSM lives in this file alone. Three traps, met and avoided: MSM tries the rows of one state and event
// from last to first, so the table is reversed; its default no_transition asserts; it numbers states in order
// of appearance, so numbers are mapped both ways.
#include "model/machines/run_time.hpp"

#include <boost/mp11.hpp>
#include <boost/mp11/mpl.hpp>
#include <boost/msm/back/state_machine.hpp>
#include <boost/msm/front/functor_row.hpp>
#include <boost/msm/front/state_machine_def.hpp>

#include "model/machines/device.hpp"
#include "model/machines/instance.hpp"
#include "model/machines/session.hpp"

namespace portolan::machines {
namespace {

namespace mp11 = boost::mp11;
namespace msm = boost::msm;

template <const rules::Machine& M, std::size_t I>
struct StateOf : msm::front::state<> {};
template <const rules::Machine& M, std::size_t I>
struct EventOf {};

template <const rules::Machine& M, std::size_t R>
struct GuardOf {
  template <class Event, class Machine, class Source, class Target>
  bool operator()(const Event&, Machine& machine, Source&, Target&) const {
    return rules::holds(M.rows[R].guard, machine.environment);
  }
};
template <const rules::Machine& M, std::size_t R>
struct ActionOf {
  template <class Event, class Machine, class Source, class Target>
  void operator()(const Event&, Machine& machine, Source&, Target&) const {
    machine.row = static_cast<int>(R);
    machine.environment = rules::updated(M.rows[R], machine.environment);
  }
};
template <const rules::Machine& M>
struct RowOf {
  template <class I>
  using fn = msm::front::Row<StateOf<M, M.rows[I::value].from>, EventOf<M, M.rows[I::value].event>,
                             StateOf<M, M.rows[I::value].to>, ActionOf<M, I::value>, GuardOf<M, I::value>>;
};

template <const rules::Machine& M>
struct Front : msm::front::state_machine_def<Front<M>> {
  using transition_table = mp11::mp_reverse<mp11::mp_transform_q<RowOf<M>, mp11::mp_iota_c<M.rows.size()>>>;
  using initial_state = StateOf<M, M.initial>;
  using no_message_queue = int;
  using no_exception_thrown = int;
  rules::Environment environment{};
  int row = -1;
  template <class Machine, class Event>
  void no_transition(const Event&, Machine&, int) {}
};

/// Sets the current state of an MSM machine through its serialisation door.
struct Placement {
  int id;
  template <class T>
  Placement& operator&(T&) {
    return *this;
  }
  Placement& operator&(int (&current)[1]) {
    current[0] = id;
    return *this;
  }
};

template <const rules::Machine& M>
class Running {
  using Back = msm::back::state_machine<Front<M>>;
  static constexpr std::size_t states = M.text->states.size(), events = M.text->events.size();
  static constexpr auto to_msm = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<int, states>{msm::back::get_state_id<typename Back::stt, StateOf<M, I>>::value...};
  }(std::make_index_sequence<states>{});
  static constexpr auto from_msm = [] {
    std::array<std::uint8_t, states> numbers{};
    for (std::size_t i = 0; i < states; ++i)
      numbers[static_cast<std::size_t>(to_msm[i])] = static_cast<std::uint8_t>(i);
    return numbers;
  }();
  static constexpr auto process = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array{+[](Back& back) { return back.process_event(EventOf<M, I>{}); }...};
  }(std::make_index_sequence<events>{});

 public:
  static rules::Step step(const rules::Configuration& at, std::uint8_t event) {
    Back back;
    back.start();
    Placement placement{to_msm[at.state]};
    back.serialize(placement, 0u);
    back.environment = at.environment;
    if (process[event](back) != msm::back::HANDLED_TRUE)
      return {at, -1};  // a rejected guard calls no handler
    return {{from_msm[static_cast<std::size_t>(back.current_state()[0])], back.environment}, back.row};
  }
};

constexpr const rules::Machine* machines[] = {&device, &instance, &session};

// Here and not beside the tables, so that it is checked once.
constexpr bool sound(const rules::Machine& machine) {
  return rules::updates_stay_in_domain(machine) && rules::rows_are_guarded_apart(machine) &&
         rules::every_state_is_reachable(machine);
}
static_assert(sound(device));
static_assert(sound(instance));
static_assert(sound(session));

}  // namespace

rules::Step step(const rules::Machine& machine, const rules::Configuration& at, std::uint8_t event) {
  if (&machine == &device) return Running<rules::built_in<device_text>>::step(at, event);
  if (&machine == &instance) return Running<rules::built_in<instance_text>>::step(at, event);
  assert(&machine == &session && "only the built-in machines are generated");
  return Running<rules::built_in<session_text>>::step(at, event);
}

std::span<const rules::Machine* const> built_in_machines() { return machines; }

const rules::Machine* built_in_machine(std::string_view name) {
  for (const rules::Machine* machine : machines)
    if (machine->text->name == name) return machine;
  return nullptr;
}

}  // namespace portolan::machines
