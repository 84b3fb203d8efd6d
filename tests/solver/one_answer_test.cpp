// SPDX-License-Identifier: Apache-2.0
//
// One answer for one pair, configuration and profile, whoever is asked (rules.md §R13): the reference, the
// matrix by sets and by Z3 and at each profile, `check`, the line of `schemes`, and the table that fleets,
// plans and simulations follow; over every catalogue of the project and random ones with every member.

#include <random>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "model/compat/audit/audit.hpp"
#include "model/fleet/scenario.hpp"
#include "model/fleet/vocabulary.hpp"
#include "solver/schemes/schemes.hpp"
#include "solver/schemes/space.hpp"
#include "tests/support/annotated_catalogues.hpp"
#include "tests/support/repository_catalogues.hpp"
#include "tests/support/thorough.hpp"

namespace {

using namespace portolan;
using namespace portolan::test;
using solver::Engine;
using solver::matrix::Matrix;
using solver::matrix::RelationKind;
using Json = nlohmann::json;

/// How often each kind of answer was compared, so that a comparison of nothing shows.
struct HowOften {
  std::size_t cells = 0, at_profiles = 0, predicted = 0, migrations = 0, arrived = 0, gave_up = 0;
  std::size_t decisions[3] = {};
};

std::set<std::string> profile_names(const Annotations& notes) {
  std::set<std::string> names;
  for (const auto& [name, profile] : notes.profiles) names.insert(name);
  return names;
}

bool can_be(const End& end, const Configuration& configuration) {
  for (const auto& [name, value] : configuration)
    if (end.model->parameters.at(name).accepts(value) != Acceptance::accepted) return false;
  return failed_constraints(notes_of(end), configuration).empty();
}

class OneAnswer {
 public:
  OneAnswer(const Catalogue& catalogue, std::uint64_t seed, HowOften& met)
      : catalogue_(catalogue), random_(seed), met_(met) {
    for (const Implementation& one : catalogue.implementations)
      for (const auto& [name, model] : one.info.models) absences_.try_emplace(name, catalogue, name);
  }

  void hold() {
    for (const Engine engine : {Engine::direct, Engine::z3}) hold_matrix(engine);
    hold_matrix_at_profiles();
    hold_check();
    hold_schemes();
    hold_fleet();
  }

 private:
  Verdict reference(const End& source, const Configuration& configuration, const End& destination,
                    const std::string& profile = {}, bool arrived = false) {
    Verdict verdict = judge_all_known(
        {source, configuration, destination, profile, &absences_.at(source.model->name), arrived});
    ++met_.decisions[static_cast<std::size_t>(verdict.decision)];
    return verdict;
  }

  static std::string named(const End& source, const End& destination) {
    return source.model->name + ", " + source.implementation->label + " -> " +
           destination.implementation->label;
  }

  // ---- the matrix, and with it diff and impact, which show its cells

  std::vector<Configuration> some_configurations(const End& source) {
    std::vector<Configuration> found{fresh(*source.model)};
    for (const std::string& name : profile_names(notes_of(source))) found.push_back(*values_at(source, name));
    for (int k = 0; k < 6; ++k) {
      Configuration made = found.front();
      for (auto& [name, value] : made) {
        const Parameter& parameter = source.model->parameters.at(name);
        if (random_() % 3 == 0 && parameter.off) value = *parameter.off;
        if (random_() % 3 == 0 && !parameter.accepted_values().empty())
          value = member(parameter.accepted_values());
      }
      found.push_back(std::move(made));
    }
    std::erase_if(found, [&](const Configuration& one) { return !can_be(source, one); });
    return found;
  }

  Value member(const ValueSet& set) {
    switch (set.type()) {
      case ValueType::boolean: return set.has_true() && (!set.has_false() || random_() % 2 == 0);
      case ValueType::string: return set.strings()[random_() % set.strings().size()];
      case ValueType::integer: break;
    }
    const Range& range = set.ranges()[random_() % set.ranges().size()];
    return random_() % 2 == 0 ? range.min : range.max;
  }

  void hold_matrix(Engine engine) {
    solver::matrix::MatrixOptions options;
    options.scheme = Scheme::declared;
    options.engine = engine;
    const Matrix matrix(catalogue_, options);
    EXPECT_EQ(matrix.summary().disagreements, 0u);
    for (const auto& pair : matrix.pairs()) {
      const End source = matrix.source(pair), destination = matrix.destination(pair);
      SCOPED_TRACE("matrix by " + std::string(solver::name_of(engine)) + ": " + named(source, destination));
      EXPECT_EQ(name_of(pair.fresh), name_of(reference(source, fresh(*source.model), destination).decision));
      std::size_t seen[3] = {};
      for (const Configuration& one : some_configurations(source)) {
        const Verdict verdict = reference(source, one, destination);
        EXPECT_EQ(name_of(matrix.judged(pair, one).decision), name_of(verdict.decision));
        ++seen[static_cast<std::size_t>(verdict.decision)];
      }
      hold_relation(matrix, pair, seen);
      ++met_.cells;
    }
  }

  void hold_relation(const Matrix& matrix, const solver::matrix::Pair& pair, const std::size_t (&seen)[3]) {
    const auto [accepted, rejected, open] = seen;
    const std::string reason = matrix.reason(pair);
    if (reason.find("Z3 gave up") != std::string::npos || reason.find("alias-of") != std::string::npos) {
      ++met_.gave_up;
      return;
    }
    switch (pair.relation) {
      case RelationKind::all: EXPECT_EQ(rejected + open, 0u); break;
      case RelationKind::none: EXPECT_EQ(accepted + open, 0u); break;
      case RelationKind::some: break;
      case RelationKind::undetermined: EXPECT_FALSE(accepted > 0 && rejected > 0) << reason; break;
    }
    if (accepted > 0 && rejected > 0) {
      EXPECT_EQ(name_of(pair.relation), "some");
    }
    if (const auto witness = matrix.witness(pair)) {
      EXPECT_EQ(name_of(matrix.judged(pair, *witness).decision), "reject");
    }
  }

  void hold_matrix_at_profiles() {
    std::set<std::string> names;
    for (const Implementation& one : catalogue_.implementations)
      for (const auto& [model, notes] : one.annotations) names.merge(profile_names(notes));
    for (const std::string& name : names)
      for (const auto& cell : solver::schemes::scheme_matrix(catalogue_, NamedScheme::declared, name)) {
        const End source = end(cell.source, cell.model), destination = end(cell.destination, cell.model);
        SCOPED_TRACE("matrix at profile " + name + ": " + named(source, destination));
        const auto values = values_at(source, name);
        EXPECT_EQ(name_of(cell.fresh),
                  values ? name_of(reference(source, *values, destination, name).decision) : "undetermined");
        ++met_.at_profiles;
      }
  }

  End end(std::size_t implementation, const std::string& model) const {
    const Implementation& one = catalogue_.implementations[implementation];
    return {&one, one.model(model)};
  }

  // ---- what `check` predicts for each pair and profile

  /// All types of one entry of the catalogue that describe the model.
  struct Entry {
    std::string label;
    std::vector<End> types;
  };

  std::vector<Entry> entries_of(const std::string& model) const {
    std::vector<Entry> entries;
    for (const Implementation& one : catalogue_.implementations) {
      if (one.model(model) == nullptr) continue;
      const bool another = entries.empty() || entries.back().types.front().implementation->name != one.name ||
                           entries.back().types.front().implementation->version != one.version;
      if (another)
        entries.push_back({one.type.empty()      ? one.label
                           : one.version.empty() ? one.name
                                                 : one.name + "@" + one.version,
                           {}});
      entries.back().types.push_back({&one, one.model(model)});
    }
    return entries;
  }

  /// Of the type that fares worst, at the type of the destination that suits it best (R10a).
  std::optional<Verdict> worst_rejection(const Entry& from, const Entry& to, const std::string& profile) {
    for (const End& source : from.types) {
      std::optional<Verdict> best;
      for (const End& destination : to.types) {
        Verdict verdict = reference(source, *values_at(source, profile), destination, profile);
        if (verdict.decision != Decision::reject) {
          best.reset();
          break;
        }
        if (!best || verdict.reasons.size() < best->reasons.size()) best = std::move(verdict);
      }
      if (best) return best;
    }
    return std::nullopt;
  }

  using Prediction = std::tuple<std::string, std::string, std::string, std::string>;

  void hold_check() {
    const Examination said = compat::audit::examine(catalogue_);
    std::map<Prediction, std::set<std::string>> told;
    for (const Finding& one : said.findings)
      if (one.rule == "undeclared-change" || one.rule == "profile-migration" || one.rule == "nowhere-to-go")
        told[{one.model, one.profile, one.source, one.destination}].insert(one.rule);
    for (const auto& [model, absence] : absences_) {
      const std::vector<Entry> entries = entries_of(model);
      for (const Entry& from : entries)
        for (const Entry& to : entries)
          for (const std::string& profile : profile_names(notes_of(from.types.front()))) {
            SCOPED_TRACE("check: " + model + ", " + from.label + " -> " + to.label + " at " + profile);
            const auto found = told.find({model, profile, from.label, to.label});
            hold_prediction(from, to, profile, found == told.end() ? std::set<std::string>() : found->second);
          }
    }
  }

  void hold_prediction(const Entry& from, const Entry& to, const std::string& profile,
                       const std::set<std::string>& rules) {
    const auto rejected = worst_rejection(from, to, profile);
    // An entry is judged against itself only where the way out is not the way in.
    if (&from == &to && rules.empty()) return;
    EXPECT_EQ(!rules.empty(), rejected.has_value());
    ++met_.predicted;
    if (!rejected || from.types.size() > 1 || to.types.size() > 1) return;
    std::set<std::string> expected;
    for (const Reason& one : rejected->reasons) {
      if (!one.certain) continue;
      const bool of_aspect = one.rule == "observed" || (one.rule == "takes" && one.parameter.empty());
      expected.insert(of_aspect               ? "undeclared-change"
                      : one.rule == "profile" ? "nowhere-to-go"
                                              : "profile-migration");
    }
    if (expected.contains("nowhere-to-go")) expected = {"nowhere-to-go"};  // nothing else is then asked
    EXPECT_EQ(rules, expected);
  }

  // ---- the line of `schemes`

  void hold_schemes() {
    const solver::schemes::SchemeLimits limits{48, 400'000};
    const auto all = solver::schemes::judge_schemes(catalogue_, limits);
    const auto declared = std::find_if(all.begin(), all.end(),
                                       [](const auto& one) { return one.scheme == NamedScheme::declared; });
    std::uint64_t seen[3] = {};
    const auto& implementations = catalogue_.implementations;
    for (const Implementation& one : implementations)
      for (const auto& [name, model] : one.info.models)
        for (const Implementation& other : implementations) {
          const DeviceModel* there = other.model(name);
          if (there == nullptr && one.info.models.size() == 1 && other.info.models.size() == 1)
            there = &other.info.models.begin()->second;
          if (&one == &other || there == nullptr) continue;
          const End source{&one, &model}, destination{&other, there};
          const auto space = solver::schemes::space_of(source, solver::schemes::axes_of(source, destination),
                                                       limits.configurations_max);
          for (std::size_t number = 0; number < space.configurations.size(); ++number)
            ++seen[static_cast<std::size_t>(
                reference(source, space.configuration(number), destination).decision)];
        }
    SCOPED_TRACE("schemes");
    EXPECT_EQ(declared->accepted, seen[0]);
    EXPECT_EQ(declared->rejected, seen[1]);
    EXPECT_EQ(declared->undetermined, seen[2]);
  }

  // ---- the table of fleets, which explore, plan and sim follow

  /// One host for each driver, and for each of a few ends VMs at its init values, at each of its profiles,
  /// and one of each that has arrived.
  std::string fleet_text() const {
    Json fleet{{"hosts", Json::array()}, {"vms", Json::array()}};
    std::map<std::pair<std::string, std::string>, std::string> hosts;
    for (const Implementation& one : catalogue_.implementations) {
      const auto [at, first] =
          hosts.try_emplace({one.name, one.version}, "host" + std::to_string(hosts.size()));
      if (!first) continue;
      fleet["hosts"].push_back({{"name", at->second}, {"implementation", one.name}});
      if (!one.version.empty()) fleet["hosts"].back()["version"] = one.version;
    }
    const std::size_t count = catalogue_.implementations.size();
    for (std::size_t k = 0; k < count; k += 1 + count / 6) {
      const Implementation& one = catalogue_.implementations[k];
      for (const auto& [name, model] : one.info.models) {
        std::set<std::string> profiles = profile_names(one.annotations_of(name));
        profiles.insert("");
        for (const std::string& profile : profiles)
          for (const bool arrived : {false, true}) {
            Json vm{{"name", "vm" + std::to_string(fleet["vms"].size())},
                    {"model", name},
                    {"place", hosts.at({one.name, one.version})},
                    {"arrived", arrived}};
            if (!one.type.empty()) vm["type"] = one.type;
            if (!profile.empty()) vm["profile"] = profile;
            fleet["vms"].push_back(std::move(vm));
          }
      }
    }
    return Json{{"format", "portolan.scenario/1"},
                {"description", "every end"},
                {"catalogue", "c.json"},
                {"fleet", fleet}}
        .dump();
  }

  void hold_fleet() {
    SCOPED_TRACE("fleet");
    const auto loaded =
        fleet::read_scenario(fleet_text(), "fleet", std::make_shared<const Catalogue>(catalogue_));
    ASSERT_TRUE(loaded.has_value()) << to_string(loaded.error());
    const auto table = fleet::vocabulary::variable::accepts.position();
    for (std::size_t s = 0; s < loaded->settings.size(); ++s) {
      const fleet::SettingInfo& from = loaded->settings[s];
      const End source{from.implementation, from.implementation->model(from.model)};
      for (const Implementation& other : loaded->catalogue->implementations) {
        if (other.model(from.model) == nullptr) continue;
        const End destination{&other, other.model(from.model)};
        SCOPED_TRACE(named(source, destination) + (from.arrived ? ", arrived" : ""));
        const Verdict verdict = reference(source, from.configuration, destination, {}, from.arrived);
        std::size_t given = 0;
        for (std::size_t t = 0; t < loaded->settings.size(); ++t) {
          if (loaded->settings[t].implementation != &other || loaded->settings[t].model != from.model)
            continue;
          if (loaded->module.initial[loaded->module.cell(table, static_cast<std::int64_t>(s),
                                                         static_cast<std::int64_t>(t))] == 0)
            continue;
          ++given;
          EXPECT_EQ(loaded->settings[t].arrived, !notes_of(destination).restored.empty());
          EXPECT_EQ(loaded->settings[t].configuration,
                    prepared(as_known(verdict.list, destination), *destination.model));
        }
        EXPECT_EQ(given, verdict.decision == Decision::accept ? 1u : 0u);
        ++met_.migrations;
        met_.arrived += from.arrived ? 1 : 0;
      }
    }
  }

  const Catalogue& catalogue_;
  std::map<std::string, Absence> absences_;
  std::mt19937_64 random_;
  HowOften& met_;
};

void hold_one_answer(std::uint64_t first, std::uint64_t count) {
  HowOften met;
  for (std::uint64_t done = 0; done < count && !testing::Test::HasFailure(); say_progress(++done, count)) {
    const std::uint64_t seed = first + skipped_seeds() + done;
    const Catalogue catalogue = RandomDeclared(seed).make(3);
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + write_catalogue(catalogue));
    OneAnswer(catalogue, seed, met).hold();
  }
  for (const std::size_t number : met.decisions) EXPECT_GT(number, count);
  for (const std::size_t number : {met.cells, met.at_profiles, met.predicted, met.migrations, met.arrived})
    EXPECT_GT(number, count);
  EXPECT_LT(met.gave_up, met.cells / 50 + 1);
}

TEST(OneAnswer, OfAllWhoAreAskedOverRandomCatalogues) { hold_one_answer(1, 6); }
TEST(OneAnswerSlow, OfAllWhoAreAskedOverManyRandomCatalogues) { hold_one_answer(50'000, thorough(20)); }

TEST(OneAnswerSlow, OfAllWhoAreAskedOverEveryCatalogueOfTheProject) {
  HowOften met;
  const auto catalogues = repository_catalogues(6);
  EXPECT_GE(catalogues.size(), 40u);
  for (const Catalogue& one : catalogues) {
    SCOPED_TRACE(one.file);
    OneAnswer(one, 1, met).hold();
  }
  for (const std::size_t number : met.decisions) EXPECT_GT(number, catalogues.size());
  EXPECT_GT(met.predicted, 200u);
}

}  // namespace
