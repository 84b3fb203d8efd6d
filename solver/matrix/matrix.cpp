// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/matrix.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <numeric>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "model/compat/constraint.hpp"
#include "solver/matrix/coupled.hpp"
#include "solver/matrix/coupled_z3.hpp"
#include "solver/matrix/direct_join.hpp"
#include "solver/matrix/fate.hpp"
#include "solver/matrix/fate_z3.hpp"
#include "solver/matrix/rows_z3.hpp"

namespace portolan::solver::matrix {

using compat::Configuration;
using compat::Decision;
using compat::DeviceModel;
using compat::End;
using compat::Parameter;
using compat::Scheme;

namespace {

/// An implementation's side of one model.
struct Member {
  std::uint32_t implementation = 0;
  End end;
  std::vector<DefinitionId>
      definitions;  ///< for each column of the group; `absent` where the name is unknown
  bool constrained = false;
  bool empty = false;  ///< some parameter accepts no value, so there is no configuration at all
};

/// Columns that constraints of any member tie together, so that one partition serves all pairs; and what each
/// member says of them, numbered. Two pairs with the same two numbers have the same answer.
struct Tied {
  std::vector<std::size_t> columns;
  std::vector<std::uint32_t> slice;  ///< by member
  std::uint32_t slices = 0;
  std::unordered_map<std::uint64_t, ComponentAnswer> answers;  ///< by `key`
  std::unordered_set<std::uint64_t>
      implied;  ///< by `key`: whatever the source is at, the destination's constraints here hold
  std::vector<std::vector<const rules::Expression*>> constraints;  ///< by member
  std::unordered_map<std::uint64_t, bool>
      fresh_breaks;  ///< whether the source's init values fail a constraint of the destination, by `key`

  std::uint64_t key(std::size_t source, std::size_t destination) const {
    return std::uint64_t{slice[source]} << 32 | slice[destination];
  }
};

/// The verdicts of one model's pairs, by member: a row for each source.
class Verdicts {
 public:
  Verdicts() = default;
  explicit Verdicts(std::size_t members)
      : members_(members),
        words_((members + 63) / 64),
        fresh_(members * words_),
        relations_(members * words_) {}

  Decision fresh(std::size_t i, std::size_t j) const {
    return static_cast<Decision>(fresh_[i * words_ + j / 64].at(j % 64));
  }
  RelationKind relation(std::size_t i, std::size_t j) const {
    return static_cast<RelationKind>(relations_[i * words_ + j / 64].at(j % 64));
  }
  void set_fresh(std::size_t i, std::size_t j, Decision fresh) {
    fresh_[i * words_ + j / 64].set(j % 64, static_cast<unsigned>(fresh));
  }
  void set_relation(std::size_t i, std::size_t j, RelationKind relation) {
    relations_[i * words_ + j / 64].set(j % 64, static_cast<unsigned>(relation));
  }

  /// All pairs of one source at once.
  void set(std::size_t i, const JoinedRows& rows, bool has_configuration) {
    for (std::size_t word = 0; word < words_; ++word) {
      TwoBits& fresh = fresh_[i * words_ + word] = rows.fresh(i, word);
      TwoBits& relations = relations_[i * words_ + word] =
          has_configuration ? rows.kinds(i, word).relations() : undetermined;
      std::uint64_t pairs = word + 1 < words_ || members_ % 64 == 0 ? ~std::uint64_t{0}
                                                                    : (std::uint64_t{1} << members_ % 64) - 1;
      if (i / 64 == word) pairs &= ~(std::uint64_t{1} << i % 64);
      fresh.keep(pairs);
      relations.keep(pairs);
    }
  }

  void add_to(MatrixSummary& summary) const {
    const std::size_t pairs = members_ * (members_ - (members_ > 0));
    const auto add = [&](const std::vector<TwoBits>& words, std::size_t& zeros,
                         std::array<std::size_t*, 3> others) {
      zeros += pairs;
      for (const TwoBits& word : words) {
        const auto counts = word.counts();
        for (std::size_t k = 0; k < counts.size(); ++k) *others[k] += counts[k], zeros -= counts[k];
      }
    };
    std::size_t no_decision = 0;
    add(fresh_, summary.fresh_accept, {&summary.fresh_reject, &summary.fresh_undetermined, &no_decision});
    add(relations_, summary.relation_all,
        {&summary.relation_some, &summary.relation_none, &summary.relation_undetermined});
  }

 private:
  static constexpr TwoBits undetermined{~std::uint64_t{0}, ~std::uint64_t{0}};
  static_assert(static_cast<int>(Decision::reject) == 1 && static_cast<int>(Decision::undetermined) == 2,
                "as JoinedRows::fresh has them");
  static_assert(static_cast<int>(RelationKind::some) == 1 && static_cast<int>(RelationKind::none) == 2 &&
                    static_cast<int>(RelationKind::undetermined) == 3,
                "as Kinds::relations has them");

  std::size_t members_ = 0, words_ = 0;
  std::vector<TwoBits> fresh_, relations_;
};

RelationKind relation_of(const Kinds& kinds) { return static_cast<RelationKind>(kinds.relations().at(0)); }

/// Everything of one model.
struct Group {
  std::string_view name;
  std::vector<std::string_view> columns;  ///< every parameter name, sorted
  std::vector<Member> members;            ///< in the order of the catalogue
  std::vector<Tied> tied;                 ///< empty where pairs are decided one by one
  std::vector<bool> is_tied;              ///< by column
  bool by_rows = false;        ///< pairs share too little: one source against all destinations (z3_rows.hpp)
  std::size_t first_pair = 0;  ///< of the matrix
  Verdicts verdicts;

  std::size_t pairs() const { return members.size() * (members.size() - 1); }
};

/// What is decided about a pair, with what stands in the way where it is not.
struct Decided {
  RelationKind relation = RelationKind::undetermined;
  std::string reason;
  bool known = true;  ///< false: some procedure gave up
};

}  // namespace

std::string_view name_of(RelationKind kind) {
  switch (kind) {
    case RelationKind::all: return "all";
    case RelationKind::some: return "some";
    case RelationKind::none: return "none";
    case RelationKind::undetermined: return "undetermined";
  }
  return {};
}

struct Matrix::State {
  const compat::Catalogue& catalogue;
  MatrixOptions options;
  FateTable fates;
  std::vector<Group> groups;
  std::vector<std::string> models;
  MatrixSummary summary;
  std::unique_ptr<Z3Engine> z3;
  std::unique_ptr<Z3Fates> z3_fates;
  std::unordered_map<std::string, ComponentAnswer> answers;
  std::size_t slice_questions = 0;
  std::unique_ptr<Z3Rows> pair_rows;
  const Member* row_source = nullptr;
  std::vector<const compat::Value*> given;  ///< of this source to destinations that define this
  const Member* given_source = nullptr;
  std::vector<DefinitionId> given_definitions;
  std::unordered_map<std::string, ComponentWitness> witnesses;

  State(const compat::Catalogue& catalogue_, const MatrixOptions& options_)
      : catalogue(catalogue_), options(options_), fates(options_.scheme) {
    if (options.engine != Engine::z3_joined) return;
    z3_fates = std::make_unique<Z3Fates>(options.z3_milliseconds_max);
    fates.decide_by([this](const Parameter& source, const Parameter* destination) {
      return z3_fates->decide(options.scheme, source, destination);
    });
  }

  bool strict() const { return options.scheme == Scheme::rfc_v3_strict; }

  void collect() {
    std::map<std::string_view, std::size_t> number;
    for (std::size_t i = 0; i < catalogue.implementations.size(); ++i) {
      const compat::Implementation& implementation = catalogue.implementations[i];
      for (const auto& [name, model] : implementation.info.models) {
        const auto [entry, added] = number.try_emplace(name, groups.size());
        if (added) groups.emplace_back().name = name;
        Member member;
        member.implementation = static_cast<std::uint32_t>(i);
        member.end = {&implementation, &model};
        member.constrained = !implementation.annotations_of(name).constraints.empty();
        groups[entry->second].members.push_back(std::move(member));
      }
    }
    std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.name < b.name; });
    for (Group& group : groups) {
      models.emplace_back(group.name);
      make_columns(group);
      group.first_pair = summary.pairs;
      summary.pairs += group.pairs();
    }
  }

  /// All members are walked through side by side, name by name: a catalogue is larger than the caches, and so
  /// what one waits for does not hold up the others.
  void make_columns(Group& group) {
    std::vector<compat::Parameters::const_iterator> at, end;
    for (const Member& member : group.members) {
      at.push_back(member.end.model->parameters.begin());
      end.push_back(member.end.model->parameters.end());
    }
    std::vector<bool> here(at.size());
    for (;;) {
      const std::string* least = nullptr;
      for (std::size_t m = 0; m < at.size(); ++m) {
        if (at[m] == end[m]) continue;
        __builtin_prefetch(&at[m]->second.init);
        __builtin_prefetch(&at[m]->second.allowed);
        if (least == nullptr || at[m]->first < *least) least = &at[m]->first;
      }
      if (least == nullptr) return;
      group.columns.emplace_back(*least);
      for (std::size_t m = 0; m < at.size(); ++m) {
        Member& member = group.members[m];
        here[m] = at[m] != end[m] && at[m]->first == *least;
        member.definitions.push_back(here[m] ? fates.intern(at[m]->second) : absent);
        member.empty = member.empty || (here[m] && fates.accepted_values(member.definitions.back()).empty());
      }
      for (std::size_t m = 0; m < at.size(); ++m)
        if (here[m]) ++at[m];
    }
  }

  // ---- all pairs
  // --------------------------------------------------------------------------------------------------

  void decide_group(Group& group) {
    const std::size_t size = group.members.size();
    group.verdicts = Verdicts(size);
    if (size < 2) return;
    tie(group);
    std::vector<std::span<const DefinitionId>> definitions;
    for (const Member& member : group.members) definitions.emplace_back(member.definitions);
    std::vector<std::size_t> columns[2];  // untied, tied
    for (std::size_t column = 0; column < group.columns.size(); ++column)
      columns[!group.tied.empty() && group.is_tied[column]].push_back(column);
    DirectJoin join(fates, definitions);
    JoinedRows rows = join.empty(), untied;
    join.add(columns[false], rows);
    if (!group.tied.empty()) untied = rows;
    join.add(columns[true], rows);
    const bool bits_decide =
        !asks_whole_pairs() && std::none_of(group.members.begin(), group.members.end(),
                                            [](const Member& one) { return one.constrained; });
    for (std::size_t i = 0; i < size; ++i) {
      group.verdicts.set(i, rows, !group.members[i].empty);
      if (!bits_decide) decide_source(group, i, rows, untied);
    }
  }

  bool asks_whole_pairs() const { return options.engine == Engine::z3 || options.engine == Engine::both; }

  /// What bits do not decide: constraints, and engines that ask Z3 about whole pairs.
  void decide_source(Group& group, std::size_t i, const JoinedRows& rows, const JoinedRows& untied) {
    const Member& source = group.members[i];
    for (std::size_t j = 0; j < group.members.size(); ++j) {
      const Member& destination = group.members[j];
      if (j == i || !(asks_whole_pairs() || needs_components(source, destination))) continue;
      if (strict() && destination.constrained && group.verdicts.fresh(i, j) != Decision::reject &&
          fresh_breaks_constraint(group, i, j)) {
        group.verdicts.set_fresh(i, j, Decision::reject);  // C6
      }
      if (asks_whole_pairs()) {
        compare(group, i, j, rows.kinds(i, j / 64).of(j % 64));
      } else if (!source.empty) {
        group.verdicts.set_relation(i, j,
                                    group.tied.empty()
                                        ? by_components(group, source, destination).relation
                                        : by_slices(group, i, j, untied.kinds(i, j / 64).of(j % 64)));
      }
    }
  }

  // ---- components that many pairs share
  // ---------------------------------------------------------------------------

  /// Finds what ties columns together, for all members at once. Left empty where that would make a component
  /// of many parameters.
  void tie(Group& group) {
    constexpr std::size_t columns_max = 8;
    const bool constrained = std::any_of(group.members.begin(), group.members.end(),
                                         [](const Member& one) { return one.constrained; });
    if (!constrained || (options.engine != Engine::automatic && options.engine != Engine::z3_joined)) return;
    std::vector<std::size_t> parent(group.columns.size());
    std::iota(parent.begin(), parent.end(), std::size_t{0});
    const auto root = [&parent](std::size_t x) {
      while (parent[x] != x) x = parent[x] = parent[parent[x]];
      return x;
    };
    struct Constraint {
      const rules::Expression* one;
      std::size_t column;  ///< any of its columns; none: `columns.size()`
    };
    std::vector<std::vector<Constraint>> constraints(group.members.size());
    std::vector<bool> touched(group.columns.size(), false);
    bool without_parameters = false;
    for (std::size_t m = 0; m < group.members.size(); ++m) {
      const End& end = group.members[m].end;
      for (const rules::Expression& one : end.implementation->annotations_of(end.model->name).constraints) {
        std::size_t first = group.columns.size();
        for (const std::string& name : parameters_of(one, end.model->parameters)) {
          const auto column = static_cast<std::size_t>(
              std::lower_bound(group.columns.begin(), group.columns.end(), name) - group.columns.begin());
          touched[column] = true;
          if (first == group.columns.size()) first = column;
          parent[root(column)] = root(first);
        }
        without_parameters = without_parameters || first == group.columns.size();
        constraints[m].push_back({&one, first});
      }
    }
    if (without_parameters) return;  // rare, and decided pair by pair
    std::map<std::size_t, std::size_t> number;
    std::vector<Tied> tied;
    std::vector<std::size_t> of_column(group.columns.size(), 0);
    for (std::size_t column = 0; column < group.columns.size(); ++column) {
      if (!touched[column]) continue;
      const auto [entry, added] = number.try_emplace(root(column), tied.size());
      if (added) tied.emplace_back();
      tied[entry->second].columns.push_back(column);
      of_column[column] = entry->second;
    }
    if (std::any_of(tied.begin(), tied.end(),
                    [](const Tied& one) { return one.columns.size() > columns_max; }))
      return;
    std::vector<std::unordered_map<std::string, std::uint32_t>> known(tied.size());
    for (std::size_t m = 0; m < group.members.size(); ++m) {
      std::vector<std::string> texts(tied.size());
      for (std::size_t k = 0; k < tied.size(); ++k)
        for (const std::size_t column : tied[k].columns)
          texts[k] += fmt::format("{} ", group.members[m].definitions[column]);
      for (Tied& one : tied) one.constraints.emplace_back();
      for (const Constraint& constraint : constraints[m]) {
        const std::size_t k = of_column[constraint.column];
        texts[k] += "\n" + constraint.one->source;
        tied[k].constraints.back().push_back(constraint.one);
      }
      for (std::size_t k = 0; k < tied.size(); ++k) {
        const auto [entry, added] = known[k].try_emplace(std::move(texts[k]), tied[k].slices);
        tied[k].slices += added;
        tied[k].slice.push_back(entry->second);
      }
    }
    // More distinct questions than pairs, where Z3 would have to answer them.
    double questions = 0;
    for (const Tied& one : tied) questions += static_cast<double>(one.slices) * one.slices;
    const double pairs_of_group =
        static_cast<double>(group.members.size()) * static_cast<double>(group.members.size());
    group.by_rows = strict() && questions > pairs_of_group && group.members.size() > 8 &&
                    std::all_of(group.members.begin(), group.members.end(),
                                [](const Member& one) { return Z3Rows::fits(one.end); });
    group.is_tied = std::move(touched);
    group.tied = std::move(tied);
  }

  /// Whether the destination takes every value of the tied columns as it is, so that its constraints alone
  /// decide.
  bool constraints_decide(const Group& group, const Member& source, const Member& destination) {
    for (std::size_t column = 0; column < group.columns.size(); ++column) {
      if (!group.is_tied[column]) continue;
      const Fate& fate = fates.fate(source.definitions[column], destination.definitions[column]);
      if (fate.rejected || fate.undetermined) return false;
      const DefinitionId here = source.definitions[column], there = destination.definitions[column];
      if (here == absent && there != absent) return false;
      if (here != absent && there != absent && fates.definition(here).type != fates.definition(there).type)
        return false;
    }
    return true;
  }

  /// What an earlier pair has shown of some tied columns is not asked again where both say the same:
  /// components of a source do not share parameters, so that one which implies a constraint does so whatever
  /// the others are.
  std::optional<RelationKind> by_row(Group& group, std::size_t i, std::size_t j, Kinds kinds) {
    const Member& source = group.members[i];
    if (!constraints_decide(group, source, group.members[j])) return std::nullopt;
    if (!pair_rows) pair_rows = std::make_unique<Z3Rows>(options.z3_milliseconds_max);
    if (row_source != &source) {
      std::vector<std::string> names;
      for (std::size_t column = 0; column < group.columns.size(); ++column)
        if (group.is_tied[column] && source.definitions[column] != absent)
          names.emplace_back(group.columns[column]);
      pair_rows->begin(source.end, names);
      row_source = &source;
    }
    std::vector<const rules::Expression*> open;
    for (const Tied& tied : group.tied)
      if (!tied.implied.contains(tied.key(i, j)))
        open.insert(open.end(), tied.constraints[j].begin(), tied.constraints[j].end());
    const ComponentAnswer answer = pair_rows->decide(group.members[j].end, open);
    if (!answer.known) return std::nullopt;
    if (!answer.exists) return RelationKind::undetermined;
    if (!answer.rejected)
      for (Tied& tied : group.tied) tied.implied.insert(tied.key(i, j));
    kinds.join(answer.accepted, answer.rejected, false);
    return relation_of(kinds);
  }

  RelationKind by_slices(Group& group, std::size_t i, std::size_t j, Kinds kinds) {
    if (group.by_rows) {
      if (const auto relation = by_row(group, i, j, kinds)) return *relation;
    }
    for (Tied& tied : group.tied) {
      const auto [entry, added] = tied.answers.try_emplace(tied.key(i, j));
      ComponentAnswer& answer = entry->second;
      if (added) {
        const Component component = component_of(group, tied, i, j);
        ++slice_questions;
        answer = enumerates(component) ? enumerate(component) : solver().decide(component);
      }
      // A coarse component may be too much where its parts are not.
      if (!answer.known) return by_components(group, group.members[i], group.members[j]).relation;
      if (!answer.exists) return RelationKind::undetermined;
      kinds.join(answer.accepted, answer.rejected, answer.undetermined);
    }
    return relation_of(kinds);
  }

  Component component_of(const Group& group, const Tied& tied, std::size_t i, std::size_t j) const {
    const Member& source = group.members[i];
    const Member& destination = group.members[j];
    Component component;
    component.scheme = options.scheme;
    component.source = source.end;
    component.destination = destination.end;
    for (const std::size_t column : tied.columns) {
      if (source.definitions[column] != absent)
        component.parameters.emplace_back(group.columns[column]);
      else if (destination.definitions[column] != absent)
        component.destination_only.emplace_back(group.columns[column]);
    }
    component.source_constraints = tied.constraints[i];
    if (strict()) component.destination_constraints = tied.constraints[j];
    return component;
  }

  /// R7 on init values, by position: `prepared` of the reference without its maps.
  static std::vector<const compat::Value*> given_fresh(const Member& source, const Member& destination) {
    const DeviceModel& there = *destination.end.model;
    const compat::Parameters& ours = source.end.model->parameters;
    std::vector<const compat::Value*> given;
    given.reserve(there.parameters.size());
    auto own = ours.begin();
    for (const auto& [name, parameter] : there.parameters) {
      while (own != ours.end() && own->first < name) ++own;
      const bool listed = own != ours.end() && own->first == name && own->second.type == parameter.type &&
                          own->second.off != own->second.init;
      given.push_back(listed ? &own->second.init : parameter.off ? &*parameter.off : &parameter.init);
    }
    return given;
  }

  /// C6 on init values. What two members say of tied columns decides for these, so it is asked once for all
  /// that say the same.
  bool fresh_breaks_constraint(Group& group, std::size_t i, std::size_t j) {
    const Member& source = group.members[i];
    const Member& destination = group.members[j];
    const auto fails = [](const rules::Expression& one, const std::vector<const compat::Value*>& values) {
      return !std::get<bool>(compat::evaluate(one, values));
    };
    if (group.tied.empty() || group.by_rows) {
      // Neighbours mostly define the same parameters, so that the same values are given.
      if (given_source != &source || given_definitions != destination.definitions) {
        given = given_fresh(source, destination);
        given_source = &source;
        given_definitions = destination.definitions;
      }
      return std::ranges::any_of(constraints_of(destination.end),
                                 [&](const rules::Expression& one) { return fails(one, given); });
    }
    return std::ranges::any_of(group.tied, [&](Tied& tied) {
      const auto [entry, added] = tied.fresh_breaks.try_emplace(tied.key(i, j));
      if (added) {
        const auto values = given_fresh(source, destination);
        entry->second = std::ranges::any_of(
            tied.constraints[j], [&](const rules::Expression* one) { return fails(*one, values); });
      }
      return entry->second;
    });
  }

  bool needs_components(const Member& source, const Member& destination) const {
    return source.constrained || (strict() && destination.constrained);
  }

  // ---- components
  // ------------------------------------------------------------------------------------------------

  Z3Engine& solver() {
    if (!z3) z3 = std::make_unique<Z3Engine>(options.z3_milliseconds_max);
    return *z3;
  }

  bool enumerates(const Component& component) const {
    if (options.engine == Engine::z3 || options.engine == Engine::z3_joined) return false;
    const std::uint64_t max =
        options.engine == Engine::automatic ? options.enumerated_max : options.enumerated_direct_max;
    return size_of(component) <= max;
  }

  static DefinitionId definition_at(const Group& group, const Member& member, std::string_view name) {
    const auto found = std::lower_bound(group.columns.begin(), group.columns.end(), name);
    return member.definitions[static_cast<std::size_t>(found - group.columns.begin())];
  }

  /// Two components with the same key have the same answers, whichever implementations they come from.
  static std::string key_of(const Group& group, const Member& source, const Member& destination,
                            const Component& component) {
    std::string key;
    for (const std::string& name : component.parameters) {
      key += fmt::format("{}\n{} {}\n", name, definition_at(group, source, name),
                         definition_at(group, destination, name));
    }
    for (const std::string& name : component.destination_only)
      key += fmt::format("+{}\n", definition_at(group, destination, name));
    for (const rules::Expression* constraint : component.source_constraints)
      key += "<" + constraint->source + '\n';
    for (const rules::Expression* constraint : component.destination_constraints) {
      key += ">" + constraint->source + '\n';
      for (const std::string& name : parameters_of(*constraint, component.destination.model->parameters)) {
        if (std::binary_search(component.parameters.begin(), component.parameters.end(), name)) continue;
        const Parameter& constant = component.destination.model->parameters.at(name);
        key += fmt::format("{}={}\n", name, compat::to_json(constant.off.value_or(constant.init)));
      }
    }
    return key;
  }

  const ComponentAnswer& answer_of(const Group& group, const Member& source, const Member& destination,
                                   const Component& component) {
    const auto [entry, added] = answers.try_emplace(key_of(group, source, destination, component));
    if (!added) return entry->second;
    if (enumerates(component)) {
      entry->second = enumerate(component);
    } else if (options.engine == Engine::direct || options.engine == Engine::both) {
      entry->second.known = false;
      entry->second.reason =
          fmt::format("{} parameters are tied by constraints and have too many configurations to enumerate",
                      component.parameters.size());
    } else {
      entry->second = solver().decide(component);
    }
    return entry->second;
  }

  const ComponentWitness& witness_of(const Group& group, const Member& source, const Member& destination,
                                     const Component& component) {
    const auto [entry, added] = witnesses.try_emplace(key_of(group, source, destination, component));
    if (added)
      entry->second = enumerates(component) ? enumerate_witness(component) : solver().witness(component);
    return entry->second;
  }

  /// The parameters that no component holds, by column.
  static std::vector<bool> free_columns(const Group& group, const std::vector<Component>& components) {
    std::vector<bool> free(group.columns.size(), true);
    for (const Component& component : components) {
      for (const std::string& name : component.parameters) {
        free[static_cast<std::size_t>(std::lower_bound(group.columns.begin(), group.columns.end(), name) -
                                      group.columns.begin())] = false;
      }
    }
    return free;
  }

  /// From the joined rows where no constraint is involved, else component by component.
  Decided direct(const Group& group, const Member& source, const Member& destination, const Kinds& kinds) {
    if (source.empty) return {RelationKind::undetermined, {}};
    return needs_components(source, destination) ? by_components(group, source, destination)
                                                 : Decided{relation_of(kinds), {}};
  }

  Decided by_components(const Group& group, const Member& source, const Member& destination) {
    if (source.empty) return {RelationKind::undetermined, no_configuration(group, source)};
    const std::vector<Component> components = coupled(options.scheme, source.end, destination.end);
    const std::vector<bool> free = free_columns(group, components);
    Kinds kinds;
    for (std::size_t column = 0; column < free.size(); ++column) {
      if (!free[column]) continue;
      const Fate& fate = fates.fate(source.definitions[column], destination.definitions[column]);
      kinds.join(fate.accepted, fate.rejected, fate.undetermined);
    }
    for (const Component& component : components) {
      const ComponentAnswer& answer = answer_of(group, source, destination, component);
      if (!answer.known) return {RelationKind::undetermined, answer.reason, false};
      if (!answer.exists) return {RelationKind::undetermined, no_configuration(group, source)};
      kinds.join(answer.accepted, answer.rejected, answer.undetermined);
    }
    return explained(relation_of(kinds), group, source, destination);
  }

  Decided by_whole(const Group& group, const Member& source, const Member& destination) {
    const Component component = whole(options.scheme, source.end, destination.end);
    const auto [entry, added] =
        answers.try_emplace("whole\n" + key_of(group, source, destination, component));
    if (added) entry->second = solver().decide(component);
    const ComponentAnswer& answer = entry->second;
    if (!answer.known) return {RelationKind::undetermined, answer.reason, false};
    if (!answer.exists) return {RelationKind::undetermined, no_configuration(group, source)};
    Kinds kinds;
    kinds.join(answer.accepted, answer.rejected, answer.undetermined);
    return explained(relation_of(kinds), group, source, destination);
  }

  Decided explained(RelationKind relation, const Group& group, const Member& source,
                    const Member& destination) {
    return {relation, relation == RelationKind::undetermined ? undetermined_values(group, source, destination)
                                                             : std::string{}};
  }

  /// Engines `z3` and `both`: the relation from Z3 on the whole pair, the fresh verdict from the reference
  /// evaluator.
  void compare(Group& group, std::size_t i, std::size_t j, const Kinds& kinds) {
    const Member& source = group.members[i];
    const Member& destination = group.members[j];
    const Decision reference =
        check(options.scheme, source.end, fresh(*source.end.model), destination.end).decision;
    const Decided by_z3 = by_whole(group, source, destination);
    RelationKind relation = by_z3.relation;
    if (options.engine == Engine::both) {
      const Decided other = direct(group, source, destination, kinds);
      if (!by_z3.known) relation = other.relation;
      summary.disagreements += group.verdicts.fresh(i, j) != reference ||
                               (by_z3.known && other.known && by_z3.relation != other.relation);
    }
    group.verdicts.set_fresh(i, j, reference);
    group.verdicts.set_relation(i, j, relation);
  }

  // ---- reasons
  // ---------------------------------------------------------------------------------------------------

  std::string no_configuration(const Group& group, const Member& source) {
    for (std::size_t column = 0; column < group.columns.size(); ++column) {
      const DefinitionId id = source.definitions[column];
      if (id == absent || !fates.accepted_values(id).empty()) continue;
      return fmt::format("{} has no configuration: allowed_values of {} is empty",
                         source.end.implementation->label, group.columns[column]);
    }
    return fmt::format("{} has no configuration: no accepted values satisfy its constraints",
                       source.end.implementation->label);
  }

  std::string undetermined_values(const Group& group, const Member& source, const Member& destination) {
    std::string names;
    for (std::size_t column = 0; column < group.columns.size(); ++column) {
      if (!fates.fate(source.definitions[column], destination.definitions[column]).undetermined) continue;
      names += (names.empty() ? "" : ", ") + std::string(group.columns[column]);
    }
    return fmt::format(
        "R2: {} publishes no allowed_values for {}, so it is not known whether it takes every value of {}",
        destination.end.implementation->label, names, source.end.implementation->label);
  }

  // ---- one pair again
  // --------------------------------------------------------------------------------------------

  Pair pair(std::size_t index) const {
    assert(index < summary.pairs);
    const auto after =
        std::upper_bound(groups.begin(), groups.end(), index,
                         [](std::size_t wanted, const Group& group) { return wanted < group.first_pair; });
    const Group& group = *std::prev(after);
    const std::size_t others = group.members.size() - 1, i = (index - group.first_pair) / others;
    const std::size_t other = (index - group.first_pair) % others, j = other + (other >= i);
    return {static_cast<std::uint32_t>(&group - groups.data()), group.members[i].implementation,
            group.members[j].implementation, group.verdicts.fresh(i, j), group.verdicts.relation(i, j)};
  }

  const Group& group_of(const Pair& pair) const { return groups[pair.model]; }

  static const Member& member_of(const Group& group, std::uint32_t implementation) {
    const auto found = std::lower_bound(
        group.members.begin(), group.members.end(), implementation,
        [](const Member& member, std::uint32_t wanted) { return member.implementation < wanted; });
    assert(found != group.members.end() && found->implementation == implementation);
    return *found;
  }

  std::optional<Configuration> witness(const Pair& pair) {
    if (pair.relation != RelationKind::some && pair.relation != RelationKind::none) return std::nullopt;
    const Group& group = group_of(pair);
    const Member& source = member_of(group, pair.source);
    const Member& destination = member_of(group, pair.destination);
    std::optional<Configuration> best = options.engine == Engine::z3
                                            ? whole_witness(group, source, destination)
                                            : joined_witness(group, source, destination);
    if (!best) return std::nullopt;
    // The solver's answer is checked by the evaluator that knows nothing of how it was found.
    const bool real =
        check(options.scheme, source.end, *best, destination.end).decision == Decision::reject &&
        failed_constraints(source.end.implementation->annotations_of(source.end.model->name), *best).empty();
    assert(real && "a witness must be rejected by the reference evaluator");
    return real ? best : std::nullopt;
  }

  std::optional<Configuration> whole_witness(const Group& group, const Member& source,
                                             const Member& destination) {
    const Component component = whole(options.scheme, source.end, destination.end);
    const ComponentWitness& found = witness_of(group, source, destination, component);
    if (!found.rejected) return std::nullopt;
    Configuration configuration;
    for (std::size_t i = 0; i < component.parameters.size(); ++i) {
      configuration.emplace(component.parameters[i], found.rejected->values[i]);
    }
    return configuration;
  }

  /// The best configuration in which one part is rejected and every other part is as small as it can be.
  /// Parts do not share parameters, so the least of a part is the same whatever the others are.
  std::optional<Configuration> joined_witness(const Group& group, const Member& source,
                                              const Member& destination) {
    struct Part {
      std::vector<std::string> names;
      Point least;
      std::optional<Point> rejected;
    };
    std::vector<Part> parts;
    bool always_rejected = false;
    std::vector<Component> components;
    if (needs_components(source, destination))
      components = coupled(options.scheme, source.end, destination.end);
    for (const Component& component : components) {
      const ComponentWitness& found = witness_of(group, source, destination, component);
      if (!found.any) return std::nullopt;
      if (component.parameters.empty()) always_rejected = always_rejected || found.rejected.has_value();
      parts.push_back({component.parameters, *found.any, found.rejected});
    }
    const std::vector<bool> free = free_columns(group, components);
    for (std::size_t column = 0; column < free.size(); ++column) {
      if (!free[column]) continue;
      const DefinitionId id = source.definitions[column];
      const Fate& fate = fates.fate(id, destination.definitions[column]);
      if (id == absent) {
        always_rejected = always_rejected || fate.rejected;  // C4
        continue;
      }
      const compat::Value& init = fates.definition(id).init;
      const compat::ValueSet& values = fates.accepted_values(id);
      Part part{{std::string(group.columns[column])}, {}, std::nullopt};
      part.least = values.contains(init) ? Point{0, {init}} : Point{1, {values.least()}};
      if (fate.rejects_init)
        part.rejected = Point{0, {init}};
      else if (fate.rejected)
        part.rejected = Point{1, {*fate.least_rejected}};
      parts.push_back(std::move(part));
    }

    Configuration smallest;
    for (const Part& part : parts) {
      for (std::size_t i = 0; i < part.names.size(); ++i)
        smallest.emplace(part.names[i], part.least.values[i]);
    }
    if (always_rejected) return smallest;
    std::optional<Configuration> best;
    std::uint32_t best_extra = 0;
    for (const Part& part : parts) {
      if (!part.rejected) continue;
      const std::uint32_t extra = part.rejected->distance - part.least.distance;
      if (best && extra > best_extra) continue;
      Configuration candidate = smallest;
      for (std::size_t i = 0; i < part.names.size(); ++i) candidate[part.names[i]] = part.rejected->values[i];
      // Maps of the same names compare by the values in name order.
      if (!best || extra < best_extra || candidate < *best) {
        best = std::move(candidate);
        best_extra = extra;
      }
    }
    return best;
  }

  std::vector<std::string> culprits(const Pair& pair) {
    const Group& group = group_of(pair);
    const Member& source = member_of(group, pair.source);
    const Member& destination = member_of(group, pair.destination);
    std::vector<std::string> found;
    for (std::size_t column = 0; column < group.columns.size(); ++column) {
      if (fates.fate(source.definitions[column], destination.definitions[column]).rejected)
        found.emplace_back(group.columns[column]);
    }
    if (strict() && destination.constrained) {
      for (const Component& component : coupled(options.scheme, source.end, destination.end)) {
        const ComponentAnswer& answer = answer_of(group, source, destination, component);
        if (answer.known && !answer.rejected) continue;
        for (const rules::Expression* constraint : component.destination_constraints)
          found.push_back(constraint->source);
      }
    }
    return found;
  }
};

Matrix::Matrix(const compat::Catalogue& catalogue, const MatrixOptions& options)
    : state_(std::make_unique<State>(catalogue, options)) {
  state_->collect();
  for (Group& group : state_->groups) {
    state_->decide_group(group);
    group.verdicts.add_to(state_->summary);
  }
}

Matrix::~Matrix() = default;
Matrix::Matrix(Matrix&&) noexcept = default;
Matrix& Matrix::operator=(Matrix&&) noexcept = default;

const std::vector<std::string>& Matrix::models() const { return state_->models; }
Pair Matrix::pair(std::size_t index) const { return state_->pair(index); }
const MatrixSummary& Matrix::summary() const { return state_->summary; }
const MatrixOptions& Matrix::options() const { return state_->options; }
const compat::Catalogue& Matrix::catalogue() const { return state_->catalogue; }

std::size_t Matrix::distinct_questions() const {
  return state_->fates.distinct_pairs() + state_->answers.size() + state_->slice_questions +
         (state_->pair_rows ? state_->pair_rows->queries() : 0);
}

std::optional<Configuration> Matrix::witness(const Pair& pair) const { return state_->witness(pair); }

std::string Matrix::reason(const Pair& pair) const {
  if (pair.relation != RelationKind::undetermined) return {};
  const Group& group = state_->group_of(pair);
  const Member& source = State::member_of(group, pair.source);
  const Member& destination = State::member_of(group, pair.destination);
  if (state_->options.engine == Engine::z3) return state_->by_whole(group, source, destination).reason;
  const Decided direct = state_->by_components(group, source, destination);
  if (state_->options.engine == Engine::both && !direct.known)
    return state_->by_whole(group, source, destination).reason;
  return direct.reason;
}

std::vector<std::string> Matrix::culprits(const Pair& pair) const { return state_->culprits(pair); }

compat::End Matrix::source(const Pair& pair) const {
  return State::member_of(state_->group_of(pair), pair.source).end;
}
compat::End Matrix::destination(const Pair& pair) const {
  return State::member_of(state_->group_of(pair), pair.destination).end;
}

}  // namespace portolan::solver::matrix
