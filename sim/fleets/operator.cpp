// SPDX-License-Identifier: Apache-2.0
#include "sim/fleets/operator.hpp"

namespace portolan::sim::fleets {

namespace sort = fleet::vocabulary::sort;

Operator::Operator(const run::Blueprint& blueprint, const Parts& parts, const time::StreamName& name)
    : blueprint_(blueprint), parts_(parts), stream_(name, time::Purpose::operator_what) {
  const auto& sizes = blueprint.module().sort_sizes;
  busy_vms_.assign(static_cast<std::size_t>(sizes[static_cast<std::size_t>(sort::vm.position())]), 0);
  busy_hosts_.assign(static_cast<std::size_t>(sizes[static_cast<std::size_t>(sort::host.position())]), 0);
}

std::optional<run::Choice> Operator::decide(const rules::Cells& cells) {
  const run::Evaluator& evaluator = blueprint_.evaluator();
  for (time::Lottery lottery(parts_.operators, blueprint_.weights());
       const auto group = lottery.draw(stream_);) {
    const auto free = [&, &sorts = evaluator.groups()[*group].sorts](std::size_t parameter,
                                                                     std::int64_t element) {
      const auto e = static_cast<std::size_t>(element);
      if (sorts[parameter] == sort::vm.position()) return busy_vms_[e] == 0;
      return sorts[parameter] != sort::host.position() || busy_hosts_[e] == 0;
    };
    run::Choice choice{*group, {}};
    if (!evaluator.choose(*group, cells, stream_, choice.arguments, free)) continue;
    count(choice, 1);
    return choice;
  }
  return std::nullopt;
}

void Operator::count(const run::Choice& choice, int by) {
  const auto& sorts = blueprint_.evaluator().groups()[choice.group].sorts;
  for (std::size_t p = 0; p < choice.arguments.size(); ++p) {
    const auto element = static_cast<std::size_t>(choice.arguments[p]);
    if (sorts[p] == sort::vm.position()) busy_vms_[element] += by;
    if (sorts[p] == sort::host.position()) busy_hosts_[element] += by;
  }
}

}  // namespace portolan::sim::fleets
