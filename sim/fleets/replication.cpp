// SPDX-License-Identifier: Apache-2.0
#include "sim/fleets/replication.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/machines/paths.hpp"

namespace portolan::sim::fleets {

namespace variable = fleet::vocabulary::variable;
namespace sort = fleet::vocabulary::sort;
namespace session_state = fleet::vocabulary::session_state;

using run::Choice;

namespace {

constexpr auto pre_copy = static_cast<std::int64_t>(machines::DeviceState::pre_copy);

}  // namespace

std::unique_ptr<run::Replication> Blueprint::replicate(const time::StreamName& name) const {
  return std::make_unique<Replication>(std::static_pointer_cast<const Blueprint>(shared_from_this()), name);
}

Replication::Replication(std::shared_ptr<const Blueprint> blueprint, const time::StreamName& name)
    : run::Replication(blueprint, name),
      blueprint_(*blueprint),
      parts_(blueprint_.parts()),
      operator_(blueprint_, parts_, name),
      operator_when_(name, time::Purpose::operator_when),
      states_(name, time::Purpose::state_bytes),
      dirty_rates_(name, time::Purpose::dirty_rate),
      repairs_(name, time::Purpose::repair),
      fault_when_(name, time::Purpose::fault_when),
      fault_where_(name, time::Purpose::fault_where) {
  const auto size = [&](fleet::vocabulary::Sort of) {
    return static_cast<std::size_t>(blueprint_.module().sort_sizes[static_cast<std::size_t>(of.position())]);
  };
  const std::size_t hosts = size(sort::host);
  vms_.resize(size(sort::vm));
  touched_.assign(vms_.size(), 0);
  reaction_tasks_.resize(evaluator().groups().size());
  for (const std::size_t group : parts_.vm_reactions) reaction_tasks_[group].assign(vms_.size(), none);
  for (const std::size_t group : parts_.host_reactions) reaction_tasks_[group].assign(hosts, none);
  for (std::size_t h = 0; h < hosts; ++h)
    if (!reachable(static_cast<std::int64_t>(h))) troubled_hosts_.push_back(h);
  for (std::size_t v = 0; v < vms_.size(); ++v) {
    vms_[v].session = session_state::idle.number();
    touch(v);
  }
  plan_.active = !blueprint_.plan().empty();
  for (const std::size_t group : parts_.faults) next_fault(group);
  look_around();
  if (!plan_.active) next_turn();
}

// --- tasks

std::size_t Replication::schedule(std::uint64_t delay_ns, Task task) {
  count(task, 1);
  return agenda_.add(after(delay_ns), std::move(task));
}

void Replication::cancel(std::size_t& task) {
  if (task == none) return;
  count(agenda_[task], -1);
  agenda_.cancel(task);
  task = none;
}

void Replication::count(const Task& task, int by) {
  const auto one = static_cast<std::size_t>(by);
  if (task.kind != TaskKind::operator_turn && task.kind != TaskKind::fault) busy_tasks_ += one;
  if (task.kind == TaskKind::reaction) waiting_reactions_ += one;
}

std::uint64_t Replication::delay(const Choice& choice) {
  std::uint64_t ns = delay_of(choice.group, parts_.is_reaction[choice.group] != 0 ? repairs_ : durations_);
  if (parts_.moves_the_rest(choice.group)) {
    const auto v = static_cast<std::size_t>(choice.arguments[0]);
    Transfer& transfer = vms_[v].transfer;
    transfer.rest_ns = time::transfer_ns(transfer.rest_bytes(), share_of_bandwidth(v));
    ns += transfer.rest_ns;
  }
  return std::min(ns, std::uint64_t{1} << 62);
}

void Replication::look_for_end() {
  if (blueprint_.plan().empty() || plan_.active || busy_tasks_ > 0) return;
  end(plan_.diverged ? "plan-diverged" : "plan-done", plan_.diverged_at);
}

void Replication::do_next() {
  const Task task = agenda_.take();
  count(task, -1);
  handle(task);
  look_around();
}

void Replication::handle(const Task& task) {
  const std::size_t element =
      task.what.arguments.empty() ? 0 : static_cast<std::size_t>(task.what.arguments[0]);
  switch (task.kind) {
    case TaskKind::driver:
      vms_[element].task = none;
      happen(task.what);
      touch(element);
      break;
    case TaskKind::round: {
      Vm& vm = vms_[element];
      vm.task = none;
      time::PreCopy& copy = vm.transfer.copy;
      const std::uint64_t bytes = copy.remaining();
      copy.end();
      vm.log.sent({bytes, copy.round_ns(), false});
      touch(element);
      break;
    }
    case TaskKind::reaction:
      reaction_tasks_[task.what.group][element] = none;
      happen(task.what);
      if (evaluator().groups()[task.what.group].sorts[0] == sort::vm.position()) touch(element);
      break;
    case TaskKind::operator_turn:
      operator_turn();
      next_turn();
      break;
    case TaskKind::operator_action:
      operator_.done(task.what);
      happen(task.what);
      break;
    case TaskKind::planned:
      plan_.task = none;
      if (happen(task.what)) ++plan_.cursor;
      break;
    case TaskKind::fault: {
      // Every element has a clock of its own; together they are one that ticks as often as all of them, and
      // then picks an element. A tick in a state where nothing can go wrong is none.
      const std::int32_t size = evaluator().groups()[task.what.group].sizes[0];
      const std::uint64_t where = fault_where_.below(static_cast<std::uint64_t>(size));
      happen({task.what.group, {static_cast<std::int64_t>(where)}});
      next_fault(task.what.group);
      break;
    }
  }
}

// --- what an event changes

bool Replication::is_up(std::int64_t host) const {
  return host >= 0 && at(variable::up, static_cast<std::size_t>(host)) != 0;
}

bool Replication::reachable(std::int64_t host) const {
  return is_up(host) && at(variable::link, static_cast<std::size_t>(host)) != 0;
}

void Replication::before_change(const Choice& event, std::span<const run::Write> writes) {
  const rules::Module& module = blueprint_.module();
  for (const run::Write& write : writes) {
    if (cells()[write.cell] == write.value) continue;
    const std::size_t changed = evaluator().variable_of(write.cell);
    const auto first = (write.cell - static_cast<std::size_t>(module.offsets[changed])) /
                       static_cast<std::size_t>(module.strides[changed]);
    const int of = module.variables[changed].index_sorts[0];
    if (of == sort::vm.position()) touch(first);
    if (of != sort::host.position()) continue;
    touch_those_at(first);
    const auto position = static_cast<int>(changed);
    if ((position == variable::up.position() || position == variable::link.position()) &&
        std::find(troubled_hosts_.begin(), troubled_hosts_.end(), first) == troubled_hosts_.end())
      troubled_hosts_.push_back(first);
  }
  if (parts_.moves_the_rest(event.group)) {
    Vm& vm = vms_[static_cast<std::size_t>(event.arguments[0])];
    vm.log.sent({vm.transfer.rest_bytes(), vm.transfer.rest_ns, true});
  }
}

void Replication::touch(std::size_t vm) {
  if (touched_[vm] != 0) return;
  touched_[vm] = 1;
  touched_list_.push_back(vm);
}

/// Whatever happens to a host is looked at by those who are on it or on their way.
void Replication::touch_those_at(std::size_t host) {
  const auto number = static_cast<std::int64_t>(host);
  for (std::size_t v = 0; v < vms_.size(); ++v)
    if (at(variable::place, v) == number || at(variable::target, v) == number) touch(v);
}

// --- what follows from the state

void Replication::look_around() {
  for (const std::size_t v : stalled_) touch(v);
  stalled_.clear();
  std::sort(touched_list_.begin(), touched_list_.end());  // the order must not depend on the order of writes
  for (const std::size_t v : touched_list_) observe(v);
  std::erase_if(troubled_hosts_, [&](std::size_t h) { return reachable(static_cast<std::int64_t>(h)); });
  std::sort(troubled_hosts_.begin(), troubled_hosts_.end());
  for (const std::size_t group : parts_.host_reactions)
    for (const std::size_t h : troubled_hosts_) react(group, h);
  for (const std::size_t v : touched_list_) {
    for (const std::size_t group : parts_.vm_reactions) react(group, v);
    decide(v);
  }
  for (const std::size_t v : touched_list_) touched_[v] = 0;
  touched_list_.clear();
  if (plan_.active) advance_plan();
}

/// Keeps the books of migrations.
void Replication::observe(std::size_t v) {
  Vm& vm = vms_[v];
  const std::int64_t session = at(variable::session, v), source = at(variable::source, v),
                     place = at(variable::place, v);
  const bool idle = session == session_state::idle.number();
  const bool runs = (at(variable::instance_running, v) != 0 && is_up(place)) ||
                    (at(variable::replica_running, v) != 0 && is_up(at(variable::target, v)));
  if (!vm.log.open() && !idle)
    begin_migration(v, runs);
  else
    vm.log.guest(runs, now());
  if (vm.log.open() && source == pre_copy && vm.source != pre_copy) {
    vm.transfer.copy = time::PreCopy(vm.transfer.state_bytes, vm.transfer.dirty_bytes_per_s,
                                     timing().downtime_max_ns, timing().rounds_max);
    vm.transfer.copying = true;
  }
  if (vm.log.open() && idle) {
    const bool committed = vm.session == session_state::committed.number();
    batch().migrations.push_back(vm.log.end(place < 0   ? ports::MigrationOutcome::lost
                                            : committed ? ports::MigrationOutcome::committed
                                                        : ports::MigrationOutcome::aborted,
                                            events(), now()));
  }
  vm.session = session;
  vm.source = source;
}

void Replication::begin_migration(std::size_t v, bool guest_runs) {
  const auto name = [&](fleet::vocabulary::Sort of, std::int64_t element) {
    return blueprint_.name_of_element(of.position(), element);
  };
  ports::MigrationRow row;
  row.vm = name(sort::vm, static_cast<std::int64_t>(v));
  row.source = name(sort::host, at(variable::place, v));
  row.destination = name(sort::host, at(variable::target, v));
  row.setting = name(sort::setting, at(variable::given, v));
  Vm& vm = vms_[v];
  vm.log.begin(std::move(row), events(), guest_runs, now());
  vm.transfer.copying = false;
  vm.transfer.state_bytes = sample(timing().state_bytes, states_);
  vm.transfer.dirty_bytes_per_s = sample(timing().dirty_bytes_per_s, dirty_rates_);
}

void Replication::close(ports::Batch& batch) {
  for (Vm& vm : vms_)
    if (vm.log.open())
      batch.migrations.push_back(vm.log.end(ports::MigrationOutcome::unfinished, events(), now()));
}

void Replication::react(std::size_t group, std::size_t element) {
  std::size_t& task = reaction_tasks_[group][element];
  const std::int64_t arguments[] = {static_cast<std::int64_t>(element)};
  // What changes nothing would happen for ever.
  if (task != none || !changes_something(group, arguments, writes_)) return;
  Choice reaction{group, {arguments[0]}};
  const std::uint64_t ns = delay(reaction);
  task = schedule(ns, {TaskKind::reaction, std::move(reaction), false});
}

// --- the transfer

/// The migration is in pre-copy and has rounds to go before the guest is stopped.
bool Replication::copy_next(std::size_t v) const {
  const Vm& vm = vms_[v];
  return vm.transfer.copying && vm.session == session_state::transferring.number() && vm.source == pre_copy &&
         at(variable::session_source_runs, v) != 0 && !vm.transfer.copy.done();
}

bool Replication::linked(std::size_t v) const {
  return reachable(at(variable::place, v)) && reachable(at(variable::target, v));
}

/// A link is divided evenly among the migrations that move state over it when the transfer begins.
std::uint64_t Replication::share_of_bandwidth(std::size_t v) const {
  const std::uint64_t number =
      std::max(sharing(at(variable::place, v), v), sharing(at(variable::target, v), v));
  return std::max<std::uint64_t>(1, timing().bandwidth_bytes_per_s / number);
}

/// How many migrations move state over the host's link when this one does.
std::uint64_t Replication::sharing(std::int64_t host, std::size_t v) const {
  std::uint64_t number = 1;
  for (std::size_t w = 0; w < vms_.size(); ++w) {
    if (w == v || vms_[w].task == none) continue;
    if (at(variable::place, w) != host && at(variable::target, w) != host) continue;
    const Task& task = agenda_[vms_[w].task];
    number += task.kind == TaskKind::round || parts_.moves_the_rest(task.what.group);
  }
  return number;
}

void Replication::start_round(std::size_t v) {
  vms_[v].task = schedule(vms_[v].transfer.copy.begin(share_of_bandwidth(v)),
                          {TaskKind::round, {none, {static_cast<std::int64_t>(v)}}, false});
}

// --- the driver of a migration

/// The step that the migration prefers; a pause that still has to wait for rounds is none.
std::optional<Choice> Replication::next_step(std::size_t v) {
  const auto vm = static_cast<std::int64_t>(v);
  Choice step;
  for (const std::size_t group : parts_.driver) {
    if (group == parts_.pause && copy_next(v)) continue;
    step.group = group;
    if (evaluator().groups()[group].sizes.size() == 1) {
      step.arguments.assign(1, vm);
      if (enabled(group, step.arguments)) return step;
    } else if (evaluator().choose(group, cells(), operator_.stream(), step.arguments,
                                  [&](std::size_t parameter, std::int64_t element) {
                                    return parameter > 0 || element == vm;
                                  })) {
      return step;
    }
  }
  return std::nullopt;
}

/// It is about to do what it still can.
bool Replication::goes_on(const Vm& vm, std::size_t v) {
  if (vm.task == none) return false;
  const Task& task = agenda_[vm.task];
  if (task.kind == TaskKind::round) return copy_next(v) && linked(v);
  return !task.patience && enabled(task.what.group, task.what.arguments);
}

/// What the VM's migration does next.
void Replication::decide(std::size_t v) {
  Vm& vm = vms_[v];
  if (goes_on(vm, v)) return;
  if (vm.session == session_state::idle.number() || plan_.active) return cancel(vm.task);
  const bool patient = vm.task != none && agenda_[vm.task].patience;
  if (copy_next(v) && linked(v)) {
    cancel(vm.task);
    return start_round(v);
  }
  if (auto step = next_step(v)) {
    cancel(vm.task);
    const std::uint64_t ns = delay(*step);
    vm.task = schedule(ns, {TaskKind::driver, std::move(*step), false});
    return;
  }
  Choice abort{parts_.abort, {static_cast<std::int64_t>(v)}};
  const bool may_abort = abort.group != Parts::none && enabled(abort.group, abort.arguments);
  if (may_abort && patient) return;
  cancel(vm.task);
  if (!may_abort) return stalled_.push_back(v);
  const std::uint64_t ns = delay(abort);
  vm.task = schedule(ns, {TaskKind::driver, std::move(abort), true});
}

// --- who decides

/// The next step of the plan when nothing of it is under way. Where it is not enabled, what the world does by
/// itself may still help; else the plan is left, and the migrations are brought to their ends.
void Replication::advance_plan() {
  if (plan_.task != none || ended()) return;
  for (const Vm& vm : vms_)
    if (vm.task != none) return;  // a round
  const auto& plan = blueprint_.plan();
  if (plan_.cursor < plan.size()) {
    const Choice& step = plan[plan_.cursor];
    const std::size_t v = step.arguments.empty() ? 0 : static_cast<std::size_t>(step.arguments[0]);
    const bool copies = step.group == parts_.pause && copy_next(v);
    if (copies && linked(v)) return start_round(v);
    if (!copies && enabled(step.group, step.arguments)) {
      const std::uint64_t ns = delay(step);
      plan_.task = schedule(ns, {TaskKind::planned, step, false});
      return;
    }
    if (waiting_reactions_ > 0 || ended()) return;
    plan_.diverged = true;
    plan_.diverged_at = fmt::format("step {}, {}, is not enabled", plan_.cursor + 1,
                                    blueprint_.shown(step.group, step.arguments));
  }
  plan_.active = false;
  for (std::size_t v = 0; v < vms_.size(); ++v) decide(v);
}

void Replication::next_turn() {
  if (!blueprint_.plan().empty()) return;
  schedule(std::max<std::uint64_t>(1, sample(timing().operator_interval_ns, operator_when_)),
           {TaskKind::operator_turn, {}, false});
}

void Replication::operator_turn() {
  auto choice = operator_.decide(cells());
  if (!choice) return;
  // The duration of giving up is the driver's patience; the operator has none.
  const std::uint64_t ns = choice->group == parts_.abort ? 0 : delay(*choice);
  schedule(ns, {TaskKind::operator_action, std::move(*choice), false});
}

void Replication::next_fault(std::size_t group) {
  const run::ActionGroup& one = evaluator().groups()[group];
  // Nothing gives a fault back: once the budget is spent, none is left to wait for.
  if (one.sizes.size() != 1 || one.sizes[0] == 0 || at(variable::faults_left, 0) == 0) return;
  const std::uint64_t mean =
      std::max<std::uint64_t>(1, timing().rate_ns(one.name) / static_cast<std::uint64_t>(one.sizes[0]));
  const std::uint64_t wait = sample({fleet::Distribution::Kind::exponential, mean, 0}, fault_when_);
  schedule(std::max<std::uint64_t>(1, wait), {TaskKind::fault, {group, {}}, false});
}

std::vector<std::string> Replication::overlooked() const {
  std::vector<std::string> found;
  if (plan_.active || ended()) return found;
  std::vector<run::Write> writes;
  const auto look = [&](std::size_t group, std::size_t element) {
    const std::int64_t arguments[] = {static_cast<std::int64_t>(element)};
    if (changes_something(group, arguments, writes))
      found.push_back(fmt::format("{} {}", evaluator().groups()[group].name, element));
  };
  for (const auto* groups : {&parts_.vm_reactions, &parts_.host_reactions})
    for (const std::size_t group : *groups)
      for (std::size_t e = 0; e < reaction_tasks_[group].size(); ++e)
        if (reaction_tasks_[group][e] == none) look(group, e);
  for (std::size_t v = 0; v < vms_.size(); ++v)
    if (vms_[v].task == none)
      for (const std::size_t group : parts_.driver)
        if (evaluator().groups()[group].sizes.size() == 1) look(group, v);
  return found;
}

}  // namespace portolan::sim::fleets
