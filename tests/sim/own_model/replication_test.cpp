// SPDX-License-Identifier: Apache-2.0
#include "sim/own_model/replication.hpp"

#include <gmock/gmock.h>

#include "tests/sim/scenarios.hpp"

namespace portolan::sim::own_model {
namespace {

using test::Ran;
using test::ran_of;
using testing::HasSubstr;

TEST(OwnModels, HaveOneEventAfterAnotherUntilNoneIsEnabled) {
  const auto blueprint = test::blueprint_of(R"yaml(
format: portolan.scenario/1
description: a counter with a machine
model:
  sorts: {lamp: 2}
  machines:
    light: {index: lamp, states: [off, on, broken], rows: [{from: off, event: press, to: on, source: test}, )yaml"
                                            R"yaml({from: on, event: press, to: broken, source: test}]}
  actions:
    - {name: press, parameters: "l: lamp", guard: "true", steps: "light[l].press", source: test}
durations: {press_ns: 5}
)yaml");
  const Ran ran = ran_of(blueprint);
  EXPECT_EQ(ran.end.reason, "nothing-left");
  ASSERT_EQ(ran.events.size(), 4u);
  EXPECT_EQ(ran.events.back().time_ns, 20);
}

TEST(OwnModels, SayWhereTheyAreUndefined) {
  const Ran ran = ran_of(test::blueprint_of(R"yaml(
format: portolan.scenario/1
description: counts past its domain
model:
  variables: {n: {domain: 0..2, initial: 0}}
  actions: [{name: count, guard: "true", update: "n := n + 1", source: test}]
)yaml"));
  EXPECT_EQ(ran.end.reason, "undefined");
  EXPECT_THAT(ran.end.detail, HasSubstr("count() has no next state"));
  EXPECT_EQ(ran.events.size(), 2u);
}

TEST(OwnModels, RefuseActionsWithMoreParametersThanARowHas) {
  const auto made = prepare(test::load_text(R"yaml(
format: portolan.scenario/1
description: five parameters
model:
  sorts: {x: 2}
  variables: {n: {domain: bool}}
  actions: [{name: five, parameters: "a: x, b: x, c: x, d: x, e: x", update: "n := true", source: test}]
)yaml"));
  ASSERT_FALSE(made);
  EXPECT_THAT(to_string(made.error()), HasSubstr("5 parameters"));
}

}  // namespace
}  // namespace portolan::sim::own_model
