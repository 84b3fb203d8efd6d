// SPDX-License-Identifier: Apache-2.0
#include "sim/run/replication.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace portolan::sim::run {

Replication::Replication(std::shared_ptr<const Blueprint> blueprint, const time::StreamName& name)
    : durations_(name, time::Purpose::duration),
      blueprint_(std::move(blueprint)),
      evaluator_(blueprint_->evaluator()),
      cells_(blueprint_->module().initial),
      latencies_(name, time::Purpose::latency) {
  const auto& goal = blueprint_->loaded().goal;
  if (goal && evaluator_.holds(*goal, cells_)) goal_at_ = 0;
}

// --- the loop ---

bool Replication::step() {
  if (end_) return false;
  const auto due = next_due();
  look_for_end();
  if (!due)
    end("nothing-left");
  else if (static_cast<std::uint64_t>(*due) > timing().until_ns && !end_) {
    now_ = static_cast<time::Time>(timing().until_ns);
    end("until");
  }
  if (end_) return false;
  now_ = *due;
  do_next();
  return !end_;
}

bool Replication::run(ports::Batch& batch, std::size_t events_max) {
  batch_ = &batch;
  while (batch.events.size() < events_max && step()) {}
  if (end_) {
    close(batch);
    batch.end = end_;
  }
  batch_ = nullptr;
  return end_.has_value();
}

void Replication::run_until(ports::Batch& batch, time::Time until) {
  batch_ = &batch;
  for (auto due = next_due(); due && *due <= until && step(); due = next_due()) {}
  batch_ = nullptr;
}

void Replication::end(std::string reason, std::string detail) {
  if (!end_) end_ = {std::move(reason), now_, goal_at_, std::move(detail)};
}

// --- time ---

std::uint64_t Replication::delay_of(std::size_t group, time::Stream& durations) {
  std::uint64_t delay = sample(blueprint_->duration(group), durations);
  for (std::uint32_t m = 0; m < blueprint_->messages(group); ++m)
    delay += sample(timing().latency_ns, latencies_);
  return std::min(delay, std::uint64_t{1} << 62);
}

time::Time Replication::after(std::uint64_t delay_ns) const {
  constexpr auto last = static_cast<std::uint64_t>(std::numeric_limits<time::Time>::max());
  const std::uint64_t when = static_cast<std::uint64_t>(now_) + delay_ns;  // both below 2^63
  return static_cast<time::Time>(std::min(when, last));
}

// --- events ---

void Replication::before_change(const Choice&, std::span<const Write>) {}

/// The variant that is enabled, or -1.
int Replication::variant_of(std::size_t group, std::span<const std::int64_t> arguments) {
  bool defined = true;
  const int variant = evaluator_.enabled(group, arguments, cells_, defined);
  if (!defined)
    end("undefined", fmt::format("the guard of {} has no value", blueprint_->shown(group, arguments)));
  return variant;
}

bool Replication::enabled(std::size_t group, std::span<const std::int64_t> arguments) {
  return variant_of(group, arguments) >= 0;
}

bool Replication::changes_something(std::size_t group, std::span<const std::int64_t> arguments,
                                    std::vector<Write>& writes) const {
  bool defined = true;
  const int variant = evaluator_.enabled(group, arguments, cells_, defined);
  if (variant < 0 ||
      evaluator_.writes(static_cast<std::size_t>(variant), arguments, cells_, writes) != rules::Firing::fired)
    return false;
  return std::any_of(writes.begin(), writes.end(),
                     [&](const Write& write) { return cells_[write.cell] != write.value; });
}

bool Replication::happen(const Choice& event) {
  const int found = variant_of(event.group, event.arguments);
  if (found < 0) return false;
  const auto variant = static_cast<std::size_t>(found);
  if (evaluator_.writes(variant, event.arguments, cells_, writes_) != rules::Firing::fired) {
    end("undefined", fmt::format("{} has no next state", blueprint_->shown(event.group, event.arguments)));
    return false;
  }
  blueprint_->machines().step(variant, event.arguments, cells_, stepped_);
  before_change(event, writes_);
  for (const Write& write : writes_) cells_[write.cell] = write.value;
  compare_with_machines(event);
  record(event);
  return true;
}

/// What the machines' steps gave has to be what the module wrote.
void Replication::compare_with_machines(const Choice& event) const {
  const rules::Module& module = blueprint_->module();
  for (const Write& stepped : stepped_) {
    if (cells_[stepped.cell] == stepped.value) continue;
    const std::size_t variable = evaluator_.variable_of(stepped.cell);
    const rules::Variable& named = module.variables[variable];
    throw Disagreement(fmt::format(
        "{}: the machine gives {} = {} where the module gives {}",
        blueprint_->shown(event.group, event.arguments),
        rules::cell_name(module, variable, stepped.cell - static_cast<std::size_t>(module.offsets[variable])),
        rules::shown(module, named, stepped.value), rules::shown(module, named, cells_[stepped.cell])));
  }
}

void Replication::record(const Choice& event) {
  ++events_;
  ports::EventRow row{now_, blueprint_->name_of_action(event.group), {}};
  row.arguments.fill(ports::no_name);
  for (std::size_t p = 0; p < event.arguments.size(); ++p)
    row.arguments[p] =
        blueprint_->name_of_element(evaluator_.groups()[event.group].sorts[p], event.arguments[p]);
  batch_->events.push_back(row);
  if (const auto& goal = blueprint_->loaded().goal; goal && !goal_at_ && evaluator_.holds(*goal, cells_))
    goal_at_ = now_;
  if (static_cast<std::uint64_t>(events_) >= timing().events_max) end("events");
}

}  // namespace portolan::sim::run
