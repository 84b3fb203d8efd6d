// SPDX-License-Identifier: Apache-2.0
#include "sim/replication.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace portolan::sim {

using rules::Arguments;

Replication::Replication(std::shared_ptr<const Blueprint> blueprint, const StreamName& name)
    : blueprint_(std::move(blueprint)),
      evaluator_(blueprint_->evaluator()),
      cells_(blueprint_->module().initial),
      operator_when_(name, Purpose::operator_when),
      operator_what_(name, Purpose::operator_what),
      durations_(name, Purpose::duration),
      latencies_(name, Purpose::latency),
      states_(name, Purpose::state_bytes),
      dirty_rates_(name, Purpose::dirty_rate),
      repairs_(name, Purpose::repair),
      fault_when_(name, Purpose::fault_when),
      fault_where_(name, Purpose::fault_where) {
  const auto& goal = blueprint_->loaded().goal;
  if (goal && evaluator_.holds(*goal, cells_)) goal_at_ = 0;
  if (!blueprint_->fleet()) {
    next_choice();
    return;
  }
  const auto size = [&](int sort) {
    return static_cast<std::size_t>(blueprint_->module().sort_sizes[static_cast<std::size_t>(sort)]);
  };
  vms_.resize(size(fleet().vm_sort));
  busy_vms_.assign(vms_.size(), 0);
  touched_.assign(vms_.size(), 0);
  busy_hosts_.assign(size(fleet().host_sort), 0);
  reaction_tasks_.resize(evaluator_.groups().size());
  for (const std::size_t group : fleet().vm_reactions) reaction_tasks_[group].assign(vms_.size(), none);
  for (const std::size_t group : fleet().host_reactions)
    reaction_tasks_[group].assign(busy_hosts_.size(), none);
  for (std::size_t h = 0; h < busy_hosts_.size(); ++h)
    if (at(fleet().up, h) == 0 || at(fleet().link, h) == 0) troubled_hosts_.push_back(h);
  for (std::size_t v = 0; v < vms_.size(); ++v) {
    vms_[v].session = fleet().idle;
    touch(v);
  }
  plan_active_ = blueprint_->has_plan();
  for (const std::size_t group : fleet().faults) next_fault(group);
  look_around();
  if (!plan_active_) next_turn();
}

// --- time
// ------------------------------------------------------------------------------------------------------------

std::size_t Replication::schedule(std::uint64_t delay_ns, Task task) {
  std::size_t number = free_.empty() ? tasks_.size() : free_.back();
  if (free_.empty())
    tasks_.emplace_back();
  else
    free_.pop_back();
  task.generation = tasks_[number].generation;
  const bool busy = task.kind != TaskKind::operator_turn && task.kind != TaskKind::fault;
  busy_tasks_ += busy;
  waiting_reactions_ += task.kind == TaskKind::reaction;
  constexpr auto last = static_cast<std::uint64_t>(std::numeric_limits<Time>::max());
  const std::uint64_t when = static_cast<std::uint64_t>(now_) + delay_ns;  // both below 2^63
  queue_.add(static_cast<Time>(std::min(when, last)), {number, task.generation});
  tasks_[number] = std::move(task);
  return number;
}

void Replication::release(std::size_t task) {
  const TaskKind kind = tasks_[task].kind;
  busy_tasks_ -= kind != TaskKind::operator_turn && kind != TaskKind::fault;
  waiting_reactions_ -= kind == TaskKind::reaction;
  ++tasks_[task].generation;
  free_.push_back(task);
}

void Replication::cancel(std::size_t& task) {
  if (task == none) return;
  release(task);
  task = none;
}

std::uint64_t Replication::delay_of(std::size_t group, std::span<const std::int64_t> arguments) {
  const bool reaction = blueprint_->fleet() && fleet().who[group] == Who::reaction;
  std::uint64_t delay = sample(blueprint_->duration(group), reaction ? repairs_ : durations_);
  for (std::uint32_t m = 0; m < blueprint_->messages(group); ++m)
    delay += sample(blueprint_->timing().latency_ns, latencies_);
  const auto number = static_cast<int>(group);
  if (blueprint_->fleet() && (number == fleet().load || number == fleet().refuse)) {
    // The rest of the state arrives while nobody runs.
    const auto v = static_cast<std::size_t>(arguments[0]);
    vms_[v].rest_ns = transfer_ns(rest_bytes(v), share_of_bandwidth(v));
    delay += vms_[v].rest_ns;
  }
  return std::min(delay, std::uint64_t{1} << 62);
}

void Replication::end(std::string reason, std::string detail) {
  if (!end_) end_ = {std::move(reason), now_, goal_at_, std::move(detail)};
}

// --- events
// ----------------------------------------------------------------------------------------------------------

bool Replication::enabled(std::size_t group, std::span<const std::int64_t> arguments) {
  bool defined = true;
  const bool yes = evaluator_.enabled(group, arguments, cells_, defined) >= 0;
  if (!defined)
    end("undefined", fmt::format("the guard of {} has no value", blueprint_->shown(group, arguments)));
  return yes;
}

bool Replication::changes_something(std::size_t group, std::span<const std::int64_t> arguments) {
  bool defined = true;
  const int variant = evaluator_.enabled(group, arguments, cells_, defined);
  if (variant < 0 || evaluator_.writes(static_cast<std::size_t>(variant), arguments, cells_, writes_) !=
                         rules::Firing::fired)
    return false;
  return std::any_of(writes_.begin(), writes_.end(),
                     [&](const Write& write) { return cells_[write.cell] != write.value; });
}

/// The event, if it is enabled now.
bool Replication::happen(std::size_t group, std::span<const std::int64_t> arguments) {
  bool defined = true;
  const int variant = evaluator_.enabled(group, arguments, cells_, defined);
  if (!defined)
    end("undefined", fmt::format("the guard of {} has no value", blueprint_->shown(group, arguments)));
  if (variant < 0) return false;
  if (evaluator_.writes(static_cast<std::size_t>(variant), arguments, cells_, writes_) !=
      rules::Firing::fired) {
    end("undefined", fmt::format("{} has no next state", blueprint_->shown(group, arguments)));
    return false;
  }
  blueprint_->machines().step(static_cast<std::size_t>(variant), arguments, cells_, stepped_);
  const rules::Module& module = blueprint_->module();
  if (blueprint_->fleet()) {
    const FleetView& view = fleet();
    for (const Write& write : writes_) {
      if (cells_[write.cell] == write.value) continue;
      const auto after = std::upper_bound(module.offsets.begin(), module.offsets.end(),
                                          static_cast<std::int32_t>(write.cell));
      // Variables without cells share an offset with the next one; the last of them has the cell.
      const auto variable = static_cast<std::size_t>(after - module.offsets.begin()) - 1;
      const auto first = (write.cell - static_cast<std::size_t>(module.offsets[variable])) /
                         static_cast<std::size_t>(module.strides[variable]);
      const int sort = module.variables[variable].index_sorts[0];
      if (sort == view.vm_sort) touch(first);
      if (sort != view.host_sort) continue;
      // Whatever happens to a host is looked at by those who are on it or on their way.
      for (std::size_t v = 0; v < vms_.size(); ++v)
        if (at(view.place, v) == static_cast<std::int64_t>(first) ||
            at(view.target, v) == static_cast<std::int64_t>(first))
          touch(v);
      if (static_cast<int>(variable) == view.up || static_cast<int>(variable) == view.link)
        if (std::find(troubled_hosts_.begin(), troubled_hosts_.end(), first) == troubled_hosts_.end())
          troubled_hosts_.push_back(first);
    }
    if (static_cast<int>(group) == view.load || static_cast<int>(group) == view.refuse) {
      Vm& vm = vms_[static_cast<std::size_t>(arguments[0])];
      vm.row.rounds.push_back({rest_bytes(static_cast<std::size_t>(arguments[0])), vm.rest_ns, true});
    }
  }
  for (const Write& write : writes_) cells_[write.cell] = write.value;
  for (const Write& stepped : stepped_) {
    if (cells_[stepped.cell] == stepped.value) continue;
    const auto after = std::upper_bound(module.offsets.begin(), module.offsets.end(),
                                        static_cast<std::int32_t>(stepped.cell));
    const auto variable = static_cast<std::size_t>(after - module.offsets.begin()) - 1;
    const rules::Variable& named = module.variables[variable];
    throw Disagreement(fmt::format(
        "{}: the machine gives {} = {} where the module gives {}", blueprint_->shown(group, arguments),
        rules::cell_name(module, variable, stepped.cell - static_cast<std::size_t>(module.offsets[variable])),
        rules::shown(module, named, stepped.value), rules::shown(module, named, cells_[stepped.cell])));
  }
  ++sequence_;
  ports::EventRow row{now_, blueprint_->name_of_action(group), {}};
  row.arguments.fill(ports::no_name);
  for (std::size_t p = 0; p < arguments.size(); ++p)
    row.arguments[p] = blueprint_->name_of_element(evaluator_.groups()[group].sorts[p], arguments[p]);
  batch_->events.push_back(row);
  if (const auto& goal = blueprint_->loaded().goal; goal && !goal_at_ && evaluator_.holds(*goal, cells_))
    goal_at_ = now_;
  if (static_cast<std::uint64_t>(sequence_) >= blueprint_->timing().events_max) end("events");
  return true;
}

void Replication::handle(Task task) {
  switch (task.kind) {
    case TaskKind::driver: {
      Vm& vm = vms_[static_cast<std::size_t>(task.arguments[0])];
      vm.task = none;
      happen(task.group, task.arguments);
      touch(static_cast<std::size_t>(task.arguments[0]));
      break;
    }
    case TaskKind::round: {
      const auto v = static_cast<std::size_t>(task.arguments[0]);
      Vm& vm = vms_[v];
      vm.task = none;
      const std::uint64_t bytes = vm.copy.remaining();
      vm.copy.end();
      vm.row.rounds.push_back({bytes, vm.copy.round_ns(), false});
      touch(v);
      break;
    }
    case TaskKind::reaction:
      reaction_tasks_[task.group][static_cast<std::size_t>(task.arguments[0])] = none;
      happen(task.group, task.arguments);
      if (evaluator_.groups()[task.group].sorts[0] == fleet().vm_sort)
        touch(static_cast<std::size_t>(task.arguments[0]));
      break;
    case TaskKind::operator_turn:
      operator_turn();
      next_turn();
      break;
    case TaskKind::operator_action: {
      const ActionGroup& group = evaluator_.groups()[task.group];
      for (std::size_t p = 0; p < task.arguments.size(); ++p) {
        if (group.sorts[p] == fleet().vm_sort) --busy_vms_[static_cast<std::size_t>(task.arguments[p])];
        if (group.sorts[p] == fleet().host_sort) --busy_hosts_[static_cast<std::size_t>(task.arguments[p])];
      }
      happen(task.group, task.arguments);
      break;
    }
    case TaskKind::planned:
      plan_task_ = none;
      if (happen(task.group, task.arguments)) ++plan_cursor_;
      break;
    case TaskKind::fault: {
      // Every element has a clock of its own; together they are one that ticks as often as all of them, and
      // then picks an element. A tick in a state where nothing can go wrong is none.
      const std::int32_t size = evaluator_.groups()[task.group].sizes[0];
      const std::int64_t element[] = {
          static_cast<std::int64_t>(fault_where_.below(static_cast<std::uint64_t>(size)))};
      happen(task.group, element);
      next_fault(task.group);
      break;
    }
    case TaskKind::choice:
      happen(task.group, task.arguments);
      if (!end_) next_choice();
      break;
  }
}

bool Replication::step_once() {
  if (end_) return false;
  while (!queue_.empty() && tasks_[queue_.next().what.task].generation != queue_.next().what.generation)
    queue_.take();
  const bool over = blueprint_->fleet() && blueprint_->has_plan() && !plan_active_ && busy_tasks_ == 0;
  if (over)
    end(plan_diverged_ ? "plan-diverged" : "plan-done", diverged_at_);
  else if (queue_.empty())
    end("nothing-left");
  else if (static_cast<std::uint64_t>(queue_.next().at) > blueprint_->timing().until_ns) {
    now_ = static_cast<Time>(blueprint_->timing().until_ns);
    end("until");
  }
  if (end_) return false;
  const auto entry = queue_.take();
  now_ = entry.at;
  Task task = tasks_[entry.what.task];
  release(entry.what.task);
  handle(std::move(task));
  if (blueprint_->fleet()) look_around();
  return !end_;
}

bool Replication::run(ports::Batch& batch, std::size_t events_max) {
  batch_ = &batch;
  while (batch.events.size() < events_max && step_once()) {}
  if (end_) {
    for (std::size_t v = 0; v < vms_.size(); ++v) {
      Vm& vm = vms_[v];
      if (!vm.in_migration) continue;
      vm.in_migration = false;
      vm.row.last_event = sequence_;
      vm.row.end_ns = end_->time_ns;
      if (!vm.running) vm.row.downtime_ns += end_->time_ns - vm.down_since;
      batch.migrations.push_back(std::move(vm.row));
    }
    batch.end = end_;
  }
  batch_ = nullptr;
  return end_.has_value();
}

void Replication::run_until(ports::Batch& batch, Time until) {
  batch_ = &batch;
  for (;;) {
    while (!queue_.empty() && tasks_[queue_.next().what.task].generation != queue_.next().what.generation)
      queue_.take();
    if (queue_.empty() || queue_.next().at > until || !step_once()) break;
  }
  batch_ = nullptr;
}

// --- what follows from the state
// -------------------------------------------------------------------------------------

void Replication::touch(std::size_t vm) {
  if (touched_[vm] != 0) return;
  touched_[vm] = 1;
  touched_list_.push_back(vm);
}

void Replication::look_around() {
  for (const std::size_t v : stalled_) touch(v);
  stalled_.clear();
  std::sort(touched_list_.begin(), touched_list_.end());  // the order must not depend on the order of writes
  for (const std::size_t v : touched_list_) observe(v);
  std::erase_if(troubled_hosts_,
                [&](std::size_t h) { return at(fleet().up, h) != 0 && at(fleet().link, h) != 0; });
  std::sort(troubled_hosts_.begin(), troubled_hosts_.end());
  for (const std::size_t group : fleet().host_reactions)
    for (const std::size_t h : troubled_hosts_) react(group, h);
  for (const std::size_t v : touched_list_) {
    for (const std::size_t group : fleet().vm_reactions) react(group, v);
    decide(v);
  }
  for (const std::size_t v : touched_list_) touched_[v] = 0;
  touched_list_.clear();
  if (plan_active_) advance_plan();
}

/// Keeps the books of migrations: begin, end, outcome, and how long the guest ran nowhere.
void Replication::observe(std::size_t v) {
  const FleetView& view = fleet();
  Vm& vm = vms_[v];
  const std::int64_t session = at(view.session, v), source = at(view.source, v), place = at(view.place, v),
                     target = at(view.target, v);
  const auto is_up = [&](std::int64_t host) {
    return host >= 0 && at(view.up, static_cast<std::size_t>(host)) != 0;
  };
  const bool running = (at(view.instance_running, v) != 0 && is_up(place)) ||
                       (at(view.replica_running, v) != 0 && is_up(target));
  if (!vm.in_migration && session != view.idle) {
    vm.in_migration = true;
    vm.copying = false;
    vm.row = {};
    vm.row.vm = blueprint_->name_of_element(view.vm_sort, static_cast<std::int64_t>(v));
    vm.row.source = blueprint_->name_of_element(view.host_sort, place);
    vm.row.destination = blueprint_->name_of_element(view.host_sort, target);
    vm.row.setting = blueprint_->name_of_element(
        blueprint_->module().variables[static_cast<std::size_t>(view.given)].type.sort, at(view.given, v));
    vm.row.first_event = sequence_;
    vm.row.begin_ns = now_;
    vm.down_since = now_;
    vm.state_bytes = sample(blueprint_->timing().state_bytes, states_);
    vm.dirty_bytes_per_s = sample(blueprint_->timing().dirty_bytes_per_s, dirty_rates_);
  } else if (vm.in_migration) {
    if (vm.running && !running) vm.down_since = now_;
    if (!vm.running && running) vm.row.downtime_ns += now_ - vm.down_since;
  }
  if (vm.in_migration && source == view.pre_copy && vm.source != view.pre_copy) {
    vm.copy = PreCopy(vm.state_bytes, vm.dirty_bytes_per_s, blueprint_->timing().downtime_max_ns,
                      blueprint_->timing().rounds_max);
    vm.copying = true;
  }
  if (vm.in_migration && session == view.idle) {
    vm.in_migration = false;
    vm.row.last_event = sequence_;
    vm.row.end_ns = now_;
    vm.row.outcome = place < 0                      ? ports::MigrationOutcome::lost
                     : vm.session == view.committed ? ports::MigrationOutcome::committed
                                                    : ports::MigrationOutcome::aborted;
    if (!running) vm.row.downtime_ns += now_ - vm.down_since;
    batch_->migrations.push_back(std::move(vm.row));
  }
  vm.session = session;
  vm.source = source;
  vm.running = running;
}

void Replication::react(std::size_t group, std::size_t element) {
  std::size_t& task = reaction_tasks_[group][element];
  const std::int64_t arguments[] = {static_cast<std::int64_t>(element)};
  // What changes nothing would happen for ever.
  if (task != none || !changes_something(group, arguments)) return;
  task = schedule(delay_of(group, arguments), {TaskKind::reaction, group, {arguments[0]}, 0, false});
}

/// The migration is in pre-copy and has rounds to go before the guest is stopped.
bool Replication::copy_next(std::size_t v) const {
  const Vm& vm = vms_[v];
  return vm.copying && vm.session == fleet().transferring && vm.source == fleet().pre_copy &&
         at(fleet().source_runs, v) != 0 && !vm.copy.done();
}

bool Replication::linked(std::size_t v) const {
  for (const int end : {fleet().place, fleet().target}) {
    const std::int64_t host = at(end, v);
    if (host < 0 || at(fleet().up, static_cast<std::size_t>(host)) == 0 ||
        at(fleet().link, static_cast<std::size_t>(host)) == 0)
      return false;
  }
  return true;
}

std::uint64_t Replication::rest_bytes(std::size_t v) const {
  return vms_[v].copying ? vms_[v].copy.remaining() : vms_[v].state_bytes;
}

/// A link is divided evenly among the migrations that move state over it when the transfer begins.
std::uint64_t Replication::share_of_bandwidth(std::size_t v) const {
  const auto sharing = [&](std::int64_t host) {
    std::uint64_t number = 1;
    for (std::size_t w = 0; w < vms_.size(); ++w) {
      const Vm& other = vms_[w];
      if (w == v || other.task == none || (at(fleet().place, w) != host && at(fleet().target, w) != host))
        continue;
      const Task& task = tasks_[other.task];
      number += task.kind == TaskKind::round || static_cast<int>(task.group) == fleet().load ||
                static_cast<int>(task.group) == fleet().refuse;
    }
    return number;
  };
  return std::max<std::uint64_t>(1,
                                 blueprint_->timing().bandwidth_bytes_per_s /
                                     std::max(sharing(at(fleet().place, v)), sharing(at(fleet().target, v))));
}

void Replication::start_round(std::size_t v) {
  vms_[v].task = schedule(vms_[v].copy.begin(share_of_bandwidth(v)),
                          {TaskKind::round, 0, {static_cast<std::int64_t>(v)}, 0, false});
}

/// The step that the migration prefers, or `none`; a pause that still has to wait for rounds is none.
std::size_t Replication::next_step(std::size_t v, Arguments& arguments) {
  for (const std::size_t group : fleet().driver) {
    if (static_cast<int>(group) == fleet().pause && copy_next(v)) continue;
    const auto vm = static_cast<std::int64_t>(v);
    if (evaluator_.groups()[group].sizes.size() == 1) {
      arguments.assign(1, vm);
      if (enabled(group, arguments)) return group;
    } else if (evaluator_.choose(group, cells_, operator_what_, arguments,
                                 [&](std::size_t parameter, std::int64_t element) {
                                   return parameter > 0 || element == vm;
                                 })) {
      return group;
    }
  }
  return none;
}

/// What the VM's migration does next, unless it is about to do what it still can.
void Replication::decide(std::size_t v) {
  Vm& vm = vms_[v];
  if (vm.task != none) {
    const Task& task = tasks_[vm.task];
    const bool keep = task.kind == TaskKind::round ? copy_next(v) && linked(v)
                                                   : !task.patience && enabled(task.group, task.arguments);
    if (keep) return;
  }
  if (vm.session == fleet().idle || plan_active_) return cancel(vm.task);
  const bool patient = vm.task != none && tasks_[vm.task].patience;
  if (copy_next(v) && linked(v)) {
    cancel(vm.task);
    return start_round(v);
  }
  Arguments arguments;
  if (const std::size_t group = next_step(v, arguments); group != none) {
    cancel(vm.task);
    const std::uint64_t delay = delay_of(group, arguments);
    vm.task = schedule(delay, {TaskKind::driver, group, arguments, 0, false});
    return;
  }
  arguments.assign(1, static_cast<std::int64_t>(v));
  const bool may_abort = fleet().abort >= 0 && enabled(static_cast<std::size_t>(fleet().abort), arguments);
  if (may_abort && patient) return;
  cancel(vm.task);
  if (may_abort)
    vm.task = schedule(delay_of(static_cast<std::size_t>(fleet().abort), arguments),
                       {TaskKind::driver, static_cast<std::size_t>(fleet().abort), arguments, 0, true});
  else
    stalled_.push_back(v);
}

// --- who decides
// -----------------------------------------------------------------------------------------------------

/// The next step of the plan when nothing of it is under way. Where it is not enabled, what the world does by
/// itself may still help; else the plan is left, and the migrations are brought to their ends.
void Replication::advance_plan() {
  if (plan_task_ != none || end_) return;
  for (std::size_t v = 0; v < vms_.size(); ++v)
    if (vms_[v].task != none) return;  // a round
  const auto& plan = blueprint_->plan();
  if (plan_cursor_ < plan.size()) {
    const PlannedEvent& step = plan[plan_cursor_];
    const bool copies = static_cast<int>(step.group) == fleet().pause &&
                        copy_next(static_cast<std::size_t>(step.arguments[0]));
    if (copies && linked(static_cast<std::size_t>(step.arguments[0])))
      return start_round(static_cast<std::size_t>(step.arguments[0]));
    if (!copies && enabled(step.group, step.arguments)) {
      plan_task_ = schedule(delay_of(step.group, step.arguments),
                            {TaskKind::planned, step.group, step.arguments, 0, false});
      return;
    }
    if (waiting_reactions_ > 0 || end_) return;
    plan_diverged_ = true;
    diverged_at_ = fmt::format("step {}, {}, is not enabled", plan_cursor_ + 1,
                               blueprint_->shown(step.group, step.arguments));
  }
  plan_active_ = false;
  for (std::size_t v = 0; v < vms_.size(); ++v) decide(v);
}

void Replication::next_turn() {
  if (blueprint_->has_plan()) return;
  schedule(std::max<std::uint64_t>(1, sample(blueprint_->timing().operator_interval_ns, operator_when_)),
           {TaskKind::operator_turn, 0, {}, 0, false});
}

/// One action by its weight, then one choice of arguments that no other action of the operator is busy with.
void Replication::operator_turn() {
  std::vector<std::size_t> left = fleet().operators;
  const auto free = [&](std::size_t group) {
    return [this, &sorts = evaluator_.groups()[group].sorts](std::size_t parameter, std::int64_t element) {
      if (sorts[parameter] == fleet().vm_sort) return busy_vms_[static_cast<std::size_t>(element)] == 0;
      return sorts[parameter] != fleet().host_sort || busy_hosts_[static_cast<std::size_t>(element)] == 0;
    };
  };
  for (;;) {
    std::uint64_t total = 0;
    for (const std::size_t group : left) total += blueprint_->weight(group);
    if (total == 0) return;
    std::uint64_t ticket = operator_what_.below(total);
    std::size_t k = 0;
    for (; ticket >= blueprint_->weight(left[k]); ++k) ticket -= blueprint_->weight(left[k]);
    const std::size_t group = left[k];
    Arguments arguments;
    if (!evaluator_.choose(group, cells_, operator_what_, arguments, free(group))) {
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(k));
      continue;
    }
    const ActionGroup& one = evaluator_.groups()[group];
    for (std::size_t p = 0; p < arguments.size(); ++p) {
      if (one.sorts[p] == fleet().vm_sort) ++busy_vms_[static_cast<std::size_t>(arguments[p])];
      if (one.sorts[p] == fleet().host_sort) ++busy_hosts_[static_cast<std::size_t>(arguments[p])];
    }
    // The duration of giving up is the driver's patience; the operator has none.
    const std::uint64_t delay = static_cast<int>(group) == fleet().abort ? 0 : delay_of(group, arguments);
    schedule(delay, {TaskKind::operator_action, group, std::move(arguments), 0, false});
    return;
  }
}

void Replication::next_fault(std::size_t group) {
  const ActionGroup& one = evaluator_.groups()[group];
  // Nothing gives a fault back: once the budget is spent, none is left to wait for.
  if (one.sizes.size() != 1 || one.sizes[0] == 0 || at(fleet().faults_left, 0) == 0) return;
  const std::uint64_t mean = std::max<std::uint64_t>(
      1, blueprint_->timing().rate_ns(one.name) / static_cast<std::uint64_t>(one.sizes[0]));
  const std::uint64_t wait =
      std::max<std::uint64_t>(1, sample({fleet::Distribution::Kind::exponential, mean, 0}, fault_when_));
  schedule(wait, {TaskKind::fault, group, {}, 0, false});
}

void Replication::next_choice() {
  std::vector<std::size_t> left(evaluator_.groups().size());
  for (std::size_t g = 0; g < left.size(); ++g) left[g] = g;
  for (;;) {
    std::uint64_t total = 0;
    for (const std::size_t group : left) total += blueprint_->weight(group);
    if (total == 0) return;
    std::uint64_t ticket = operator_what_.below(total);
    std::size_t k = 0;
    for (; ticket >= blueprint_->weight(left[k]); ++k) ticket -= blueprint_->weight(left[k]);
    Arguments arguments;
    if (evaluator_.choose(left[k], cells_, operator_what_, arguments)) {
      const std::uint64_t delay = delay_of(left[k], arguments);
      schedule(delay, {TaskKind::choice, left[k], std::move(arguments), 0, false});
      return;
    }
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(k));
  }
}

std::vector<std::string> Replication::overlooked() const {
  std::vector<std::string> found;
  if (!blueprint_->fleet() || plan_active_ || end_) return found;
  std::vector<Write> writes;
  const auto enabled_now = [&](std::size_t group, std::int64_t element) {
    bool defined = true;
    const std::int64_t arguments[] = {element};
    const int variant = evaluator_.enabled(group, arguments, cells_, defined);
    if (variant < 0 || evaluator_.writes(static_cast<std::size_t>(variant), arguments, cells_, writes) !=
                           rules::Firing::fired)
      return false;
    return std::any_of(writes.begin(), writes.end(),
                       [&](const Write& write) { return cells_[write.cell] != write.value; });
  };
  for (const auto* groups : {&fleet().vm_reactions, &fleet().host_reactions})
    for (const std::size_t group : *groups)
      for (std::size_t e = 0; e < reaction_tasks_[group].size(); ++e)
        if (reaction_tasks_[group][e] == none && enabled_now(group, static_cast<std::int64_t>(e)))
          found.push_back(fmt::format("{} {}", evaluator_.groups()[group].name, e));
  for (std::size_t v = 0; v < vms_.size(); ++v) {
    if (vms_[v].task != none) continue;
    for (const std::size_t group : fleet().driver)
      if (evaluator_.groups()[group].sizes.size() == 1 && enabled_now(group, static_cast<std::int64_t>(v)))
        found.push_back(fmt::format("{} {}", evaluator_.groups()[group].name, v));
  }
  return found;
}

}  // namespace portolan::sim
