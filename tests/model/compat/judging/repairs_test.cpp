// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/repairs.hpp"

#include <random>

#include <gmock/gmock.h>

namespace {

using namespace portolan::compat;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr auto card_model = "com.gfx/GPU";

Parameter integer(const std::string& name, std::uint64_t init, std::optional<std::uint64_t> off,
                  const std::vector<std::uint64_t>& allowed) {
  Parameter parameter;
  parameter.name = name;
  parameter.type = ValueType::integer;
  parameter.init = init;
  if (off) parameter.off = *off;
  ValueSet set(ValueType::integer);
  for (const auto value : allowed) set.add(Value(value));
  parameter.allowed = set;
  return parameter;
}

Implementation card(const std::vector<Parameter>& parameters) {
  Implementation card;
  card.label = "card";
  DeviceModel model{card_model, {}, {}};
  for (const auto& parameter : parameters) model.parameters.emplace(parameter.name, parameter);
  card.info.models.emplace(model.name, model);
  return card;
}

End end_of_card(const Implementation& card) { return {&card, card.model(card_model)}; }

std::vector<Repair> repairs_of(const Implementation& source, const Implementation& destination,
                               Scheme scheme = Scheme::rfc_v3) {
  return repairs(scheme, end_of_card(source), fresh(*source.model(card_model)), end_of_card(destination));
}

TEST(Repairs, AreNotOfferedForWhatIsAccepted) {
  const auto one = card({integer("memory", 4, std::nullopt, {4})});
  EXPECT_THAT(repairs_of(one, one), IsEmpty());
}

TEST(Repairs, TurnOffWhatTheDestinationDoesNotKnow) {
  const auto source = card({integer("feature", 1, 0, {0, 1})}), destination = card({});
  const auto found = repairs_of(source, destination);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].set, ElementsAre(Pair("feature", Value(std::uint64_t{0}))));
  EXPECT_TRUE(found[0].power_cycle) << "R9: writable while closed is the default";
}

TEST(Repairs, ChooseAValueThatBothEndsAccept) {
  const auto source = card({integer("memory", 8, std::nullopt, {2, 4, 8})}),
             destination = card({integer("memory", 4, std::nullopt, {1, 4})});
  const auto found = repairs_of(source, destination);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].set, ElementsAre(Pair("memory", Value(std::uint64_t{4}))));
}

TEST(Repairs, NeedNoPowerCycleForRuntimeWritableParameters) {
  auto source = card({integer("feature", 1, 0, {0, 1})});
  source.annotations[card_model].notes["feature"].writable = Writable::runtime;
  const auto found = repairs_of(source, card({}));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FALSE(found[0].power_cycle);
}

TEST(Repairs, NeverChangeWhatIsFixedAtCreation) {
  auto source = card({integer("feature", 1, 0, {0, 1})});
  source.annotations[card_model].notes["feature"].writable = Writable::create;
  EXPECT_THAT(repairs_of(source, card({})), IsEmpty());
}

TEST(Repairs, AreNoneAcrossModels) {
  const auto source = card({});
  auto other = card({});
  DeviceModel model{"com.gfx/OTHER", {}, {}};
  other.info.models = {{model.name, model}};
  EXPECT_THAT(repairs(Scheme::rfc_v3, end_of_card(source), {}, {&other, other.model("com.gfx/OTHER")}),
              IsEmpty());
  EXPECT_THAT(repairs(Scheme::rfc_v3, end_of_card(source), {}, {&other, nullptr}), IsEmpty());
}

// On small random models every repair is accepted by the reference, and where any single change is accepted
// one is found.
TEST(SlowRepairs, AgreeWithTryingEverySingleChange) {
  std::mt19937 random(20261124);
  const auto upto = [&](std::uint32_t n) { return random() % n; };
  int offered = 0;
  for (int round = 0; round < 3000; ++round) {
    const auto some_card = [&] {
      std::vector<Parameter> parameters;
      for (const auto* name : {"a", "b", "c"}) {
        if (upto(4) == 0) continue;
        std::vector<std::uint64_t> allowed;
        for (std::uint64_t value = 0; value < 4; ++value) {
          if (upto(2) == 0) allowed.push_back(value);
        }
        if (allowed.empty()) allowed.push_back(upto(4));
        const auto pick = [&] { return allowed[upto(static_cast<std::uint32_t>(allowed.size()))]; };
        parameters.push_back(integer(name, pick(), upto(2) ? std::optional(pick()) : std::nullopt, allowed));
      }
      return card(parameters);
    };
    const auto source = some_card(), destination = some_card();
    const auto configuration = fresh(*source.model(card_model));
    for (const auto scheme : {Scheme::rfc_v3, Scheme::rfc_v3_strict}) {
      const auto accepted = [&](const Configuration& tried) {
        return check(scheme, end_of_card(source), tried, end_of_card(destination)).decision ==
               Decision::accept;
      };
      const auto found = repairs_of(source, destination, scheme);
      for (const auto& repair : found) {
        auto tried = configuration;
        for (const auto& [name, value] : repair.set) {
          EXPECT_EQ(source.model(card_model)->parameters.at(name).accepts(value), Acceptance::accepted);
          tried[name] = value;
        }
        EXPECT_TRUE(accepted(tried));
        ++offered;
      }
      if (accepted(configuration)) {
        EXPECT_THAT(found, IsEmpty());
        continue;
      }
      bool one_is_enough = false;
      for (const auto& [name, parameter] : source.model(card_model)->parameters) {
        for (std::uint64_t value = 0; value < 4; ++value) {
          if (parameter.accepts(value) != Acceptance::accepted) continue;
          auto tried = configuration;
          tried[name] = value;
          one_is_enough |= accepted(tried);
        }
      }
      const bool offered_single = !found.empty() && found.front().cost() == 1;
      EXPECT_EQ(offered_single, one_is_enough) << "round " << round;
    }
  }
  EXPECT_GT(offered, 500) << "the models were too easy or too hard to say anything";
}

}  // namespace
