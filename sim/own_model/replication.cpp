// SPDX-License-Identifier: Apache-2.0
#include "sim/own_model/replication.hpp"

#include <numeric>

#include "sim/time/lottery.hpp"

namespace portolan::sim::own_model {

std::unique_ptr<run::Replication> Blueprint::replicate(const time::StreamName& name) const {
  return std::make_unique<Replication>(std::static_pointer_cast<const Blueprint>(shared_from_this()), name);
}

Replication::Replication(std::shared_ptr<const Blueprint> blueprint, const time::StreamName& name)
    : run::Replication(blueprint, name),
      blueprint_(*blueprint),
      groups_(evaluator().groups().size()),
      choices_(name, time::Purpose::operator_what) {
  std::iota(groups_.begin(), groups_.end(), std::size_t{0});
  choose_next();
}

void Replication::do_next() {
  const run::Choice event = std::move(due_->what);
  due_.reset();
  happen(event);
  if (!ended()) choose_next();
}

void Replication::choose_next() {
  for (time::Lottery lottery(groups_, blueprint_.weights()); const auto group = lottery.draw(choices_);) {
    run::Choice choice{*group, {}};
    if (!evaluator().choose(*group, cells(), choices_, choice.arguments)) continue;
    due_ = {after(delay_of(*group, durations_)), std::move(choice)};
    return;
  }
}

}  // namespace portolan::sim::own_model
