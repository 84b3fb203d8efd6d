// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <numeric>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "model/compat/constraint.hpp"
#include "solver/component.hpp"
#include "solver/fate.hpp"
#include "solver/z3_engine.hpp"
#include "solver/z3_fates.hpp"
#include "solver/z3_rows.hpp"

namespace portolan::solver {

using compat::Configuration;
using compat::Decision;
using compat::DeviceModel;
using compat::End;
using compat::Parameter;
using compat::Scheme;

namespace {

/// One bit for each destination, one row of bits for each of these; joined over parameters by `or`.
enum Row : std::size_t { rejected, undetermined, none_accepted, all_rejected, fresh_rejected, fresh_undetermined, row_count };

/// An implementation's side of one model.
struct Member {
  std::uint32_t implementation = 0;
  End end;
  std::vector<DefinitionId> definitions;  ///< for each column of the group; `absent` where the name is unknown
  bool constrained = false;
  bool empty = false;  ///< some parameter accepts no value, so there is no configuration at all
};

/// Columns that constraints of any member tie together, so that one partition serves all pairs; and what each member says of them, numbered. Two
/// pairs with the same two numbers have the same answer.
struct Tied {
  std::vector<std::size_t> columns;
  std::vector<std::uint32_t> slice;  ///< by member
  std::uint32_t slices = 0;
  std::unordered_map<std::uint64_t, ComponentAnswer> answers;  ///< source's slice, destination's slice
};

/// Everything of one model.
struct Group {
  std::string_view name;
  std::vector<std::string_view> columns;  ///< every parameter name, sorted
  std::vector<Member> members;            ///< in the order of the catalogue
  std::vector<Tied> tied;                 ///< empty where pairs are decided one by one
  std::vector<bool> is_tied;              ///< by column
  bool by_rows = false;                   ///< pairs share too little: one source against all destinations (z3_rows.hpp)
};

/// The kinds of configuration that exist in a part of a pair; parts are joined.
struct Kinds {
  bool any_rejected = false, any_undetermined = false;
  bool accepted_everywhere = true;      ///< every part has an accepted choice
  bool not_rejected_everywhere = true;  ///< every part has a choice that is not rejected

  void join(bool part_accepted, bool part_rejected, bool part_undetermined) {
    any_rejected = any_rejected || part_rejected;
    any_undetermined = any_undetermined || part_undetermined;
    accepted_everywhere = accepted_everywhere && part_accepted;
    not_rejected_everywhere = not_rejected_everywhere && (part_accepted || part_undetermined);
  }

  /// For a source that has a configuration.
  RelationKind relation() const {
    const bool some_undetermined = not_rejected_everywhere && any_undetermined;
    if (!any_rejected && !some_undetermined) return RelationKind::all;
    if (!accepted_everywhere && !some_undetermined) return RelationKind::none;
    return accepted_everywhere && any_rejected ? RelationKind::some : RelationKind::undetermined;
  }
};

/// What is decided about a pair, with what stands in the way where it is not.
struct Decided {
  RelationKind relation = RelationKind::undetermined;
  std::string reason;
  bool known = true;  ///< false: some procedure gave up
};

/// Both sorted by name.
bool contains_all(const std::vector<std::string_view>& columns, const compat::Parameters& parameters) {
  auto at = columns.begin();
  for (const auto& [name, parameter] : parameters) {
    while (at != columns.end() && *at < name) ++at;
    if (at == columns.end() || *at != name) return false;
  }
  return true;
}

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

std::string_view name_of(Engine engine) {
  switch (engine) {
    case Engine::automatic: return "auto";
    case Engine::direct: return "direct";
    case Engine::z3: return "z3";
    case Engine::both: return "both";
    case Engine::z3_joined: return "z3-joined";
  }
  return {};
}

std::optional<Engine> engine_named(std::string_view name) {
  for (const Engine engine : {Engine::automatic, Engine::direct, Engine::z3, Engine::both, Engine::z3_joined}) {
    if (name_of(engine) == name) return engine;
  }
  return std::nullopt;
}

struct Matrix::State {
  const compat::Catalogue& catalogue;
  MatrixOptions options;
  FateTable fates;
  std::vector<Group> groups;
  std::vector<std::string> models;
  std::vector<Pair> pairs;
  MatrixSummary summary;
  std::unique_ptr<Z3Engine> z3;
  std::unique_ptr<Z3Fates> z3_fates;
  std::unordered_map<std::string, ComponentAnswer> answers;
  std::size_t slice_questions = 0;
  std::unique_ptr<Z3Rows> pair_rows;
  const Member* row_source = nullptr;
  std::unordered_map<std::string, ComponentWitness> witnesses;

  State(const compat::Catalogue& catalogue_, const MatrixOptions& options_)
      : catalogue(catalogue_), options(options_), fates(options_.scheme) {
    if (options.engine != Engine::z3_joined) return;
    z3_fates = std::make_unique<Z3Fates>(options.z3_milliseconds_max);
    fates.decide_by([this](const Parameter& source, const Parameter* destination) { return z3_fates->decide(options.scheme, source, destination); });
  }

  bool strict() const { return options.scheme == Scheme::rfc_v3_strict; }

  void collect() {
    std::map<std::string_view, std::size_t> number;
    for (std::size_t i = 0; i < catalogue.implementations.size(); ++i) {
      const compat::Implementation& implementation = catalogue.implementations[i];
      for (const auto& [name, model] : implementation.info.models) {
        const auto [entry, added] = number.try_emplace(name, groups.size());
        if (added) groups.push_back({name, {}, {}, {}, {}, false});
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
    }
  }

  void make_columns(Group& group) {
    std::vector<std::string_view> merged;
    for (const Member& member : group.members) {
      const compat::Parameters& parameters = member.end.model->parameters;
      if (contains_all(group.columns, parameters)) continue;
      merged.clear();
      for (const auto& [name, parameter] : parameters) merged.push_back(name);
      std::vector<std::string_view> columns;
      std::set_union(group.columns.begin(), group.columns.end(), merged.begin(), merged.end(), std::back_inserter(columns));
      group.columns = std::move(columns);
    }
    for (Member& member : group.members) {
      member.definitions.assign(group.columns.size(), absent);
      std::size_t column = 0;
      for (const auto& [name, parameter] : member.end.model->parameters) {
        while (group.columns[column] != name) ++column;
        member.definitions[column] = fates.intern(parameter);
        member.empty = member.empty || fates.accepted_values(member.definitions[column]).empty();
      }
    }
  }

  // ---- the direct join ------------------------------------------------------------------------------------------

  void decide_group(std::uint32_t model) {
    const Group& group = groups[model];
    const std::size_t size = group.members.size();
    if (size < 2) return;
    const std::size_t words = (size + 63) / 64;
    std::vector<std::uint64_t> rows(size * row_count * words, 0);  // [source][row][word]
    tie(groups[model]);
    std::vector<std::uint64_t> free_rows(group.tied.empty() ? 0 : rows.size(), 0);  // of the columns that nothing ties
    std::vector<DefinitionId> distinct;
    std::vector<std::uint32_t> local(size);
    std::vector<std::uint64_t> row(row_count * words);
    for (std::size_t column = 0; column < group.columns.size(); ++column) {
      distinct.clear();
      std::unordered_map<DefinitionId, std::uint32_t> seen;
      for (std::size_t i = 0; i < size; ++i) {
        const DefinitionId id = group.members[i].definitions[column];
        if (i > 0 && id == distinct[local[i - 1]]) {  // neighbours are mostly alike
          local[i] = local[i - 1];
          continue;
        }
        const auto [entry, added] = seen.try_emplace(id, static_cast<std::uint32_t>(distinct.size()));
        if (added) distinct.push_back(id);
        local[i] = entry->second;
      }
      std::vector<std::uint8_t> codes(distinct.size());
      for (std::uint32_t source = 0; source < distinct.size(); ++source) {
        bool any = false;
        for (std::size_t destination = 0; destination < distinct.size(); ++destination) {
          codes[destination] = code_of(fates.fate(distinct[source], distinct[destination]));
          any = any || codes[destination] != 0;
        }
        if (!any) continue;
        std::fill(row.begin(), row.end(), 0);
        for (std::size_t i = 0; i < size; ++i) {
          const std::uint8_t code = codes[local[i]];
          for (std::size_t r = 0; code >> r != 0; ++r) row[r * words + i / 64] |= std::uint64_t{code >> r & 1u} << i % 64;
        }
        for (std::size_t i = 0; i < size; ++i) {
          if (local[i] != source) continue;
          std::uint64_t* to = rows.data() + i * row_count * words;
          for (std::size_t w = 0; w < row.size(); ++w) to[w] |= row[w];
          if (free_rows.empty() || group.is_tied[column]) continue;
          to = free_rows.data() + i * row_count * words;
          for (std::size_t w = 0; w < row.size(); ++w) to[w] |= row[w];
        }
      }
    }
    for (std::size_t i = 0; i < size; ++i) {
      const Member& source = group.members[i];
      const std::uint64_t* own = rows.data() + i * row_count * words;
      for (std::size_t j = 0; j < size; ++j) {
        if (j == i) continue;
        const Member& destination = group.members[j];
        const auto bit = [&](Row r) { return (own[r * words + j / 64] >> j % 64 & 1u) != 0; };
        Pair pair{model, source.implementation, destination.implementation, Decision::accept, RelationKind::undetermined};
        pair.fresh = bit(fresh_rejected) ? Decision::reject : bit(fresh_undetermined) ? Decision::undetermined : Decision::accept;
        if (strict() && destination.constrained && pair.fresh != Decision::reject && fresh_breaks_constraint(source, destination)) {
          pair.fresh = Decision::reject;  // C6
        }
        const Kinds kinds{bit(rejected), bit(undetermined), !bit(none_accepted), !bit(all_rejected)};
        if (options.engine == Engine::z3 || options.engine == Engine::both) {
          compare(pair, group, source, destination, kinds);
        } else {
          if (free_rows.empty() || source.empty || !needs_components(source, destination)) {
            pair.relation = direct(group, source, destination, kinds).relation;
          } else {
            const std::uint64_t* untied = free_rows.data() + i * row_count * words;
            const auto free_bit = [&](Row r) { return (untied[r * words + j / 64] >> j % 64 & 1u) != 0; };
            const Kinds free_kinds{free_bit(rejected), free_bit(undetermined), !free_bit(none_accepted), !free_bit(all_rejected)};
            pair.relation = by_slices(groups[model], i, j, free_kinds);
          }
        }
        pairs.push_back(pair);
      }
    }
  }

  // ---- components that many pairs share ---------------------------------------------------------------------------

  /// Finds what ties columns together, for all members at once. Left empty where that would make a component of many parameters.
  void tie(Group& group) {
    constexpr std::size_t columns_max = 8;
    const bool constrained = std::any_of(group.members.begin(), group.members.end(), [](const Member& one) { return one.constrained; });
    if (!constrained || (options.engine != Engine::automatic && options.engine != Engine::z3_joined)) return;
    std::vector<std::size_t> parent(group.columns.size());
    std::iota(parent.begin(), parent.end(), std::size_t{0});
    const auto root = [&parent](std::size_t x) {
      while (parent[x] != x) x = parent[x] = parent[parent[x]];
      return x;
    };
    struct Constraint {
      const std::string* text;
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
          const auto column = static_cast<std::size_t>(std::lower_bound(group.columns.begin(), group.columns.end(), name) - group.columns.begin());
          touched[column] = true;
          if (first == group.columns.size()) first = column;
          parent[root(column)] = root(first);
        }
        without_parameters = without_parameters || first == group.columns.size();
        constraints[m].push_back({&one.source, first});
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
    if (std::any_of(tied.begin(), tied.end(), [](const Tied& one) { return one.columns.size() > columns_max; })) return;
    std::vector<std::unordered_map<std::string, std::uint32_t>> known(tied.size());
    for (std::size_t m = 0; m < group.members.size(); ++m) {
      std::vector<std::string> texts(tied.size());
      for (std::size_t k = 0; k < tied.size(); ++k)
        for (const std::size_t column : tied[k].columns) texts[k] += fmt::format("{} ", group.members[m].definitions[column]);
      for (const Constraint& one : constraints[m]) texts[of_column[one.column]] += "\n" + *one.text;
      for (std::size_t k = 0; k < tied.size(); ++k) {
        const auto [entry, added] = known[k].try_emplace(std::move(texts[k]), tied[k].slices);
        tied[k].slices += added;
        tied[k].slice.push_back(entry->second);
      }
    }
    // More distinct questions than pairs, where Z3 would have to answer them.
    double questions = 0;
    for (const Tied& one : tied) questions += static_cast<double>(one.slices) * one.slices;
    const double pairs_of_group = static_cast<double>(group.members.size()) * static_cast<double>(group.members.size());
    group.by_rows = strict() && questions > pairs_of_group && group.members.size() > 8 &&
                    std::all_of(group.members.begin(), group.members.end(), [](const Member& one) { return Z3Rows::fits(one.end); });
    group.is_tied = std::move(touched);
    group.tied = std::move(tied);
  }

  /// Whether the destination takes every value of the tied columns as it is, so that its constraints alone decide.
  bool constraints_decide(const Group& group, const Member& source, const Member& destination) {
    for (std::size_t column = 0; column < group.columns.size(); ++column) {
      if (!group.is_tied[column]) continue;
      const Fate& fate = fates.fate(source.definitions[column], destination.definitions[column]);
      if (fate.rejected || fate.undetermined) return false;
      const DefinitionId here = source.definitions[column], there = destination.definitions[column];
      if (here == absent && there != absent) return false;
      if (here != absent && there != absent && fates.definition(here).type != fates.definition(there).type) return false;
    }
    return true;
  }

  std::optional<RelationKind> by_row(const Group& group, std::size_t i, std::size_t j, Kinds kinds) {
    const Member& source = group.members[i];
    if (!constraints_decide(group, source, group.members[j])) return std::nullopt;
    if (!pair_rows) pair_rows = std::make_unique<Z3Rows>(options.z3_milliseconds_max);
    if (row_source != &source) {
      std::vector<std::string> names;
      for (std::size_t column = 0; column < group.columns.size(); ++column)
        if (group.is_tied[column] && source.definitions[column] != absent) names.emplace_back(group.columns[column]);
      pair_rows->begin(source.end, names);
      row_source = &source;
    }
    ++slice_questions;
    const ComponentAnswer answer = pair_rows->decide(group.members[j].end);
    if (!answer.known) return std::nullopt;
    if (!answer.exists) return RelationKind::undetermined;
    kinds.join(answer.accepted, answer.rejected, false);
    return kinds.relation();
  }

  RelationKind by_slices(Group& group, std::size_t i, std::size_t j, Kinds kinds) {
    if (group.by_rows) {
      if (const auto relation = by_row(group, i, j, kinds)) return *relation;
    }
    for (Tied& tied : group.tied) {
      const auto [entry, added] = tied.answers.try_emplace(std::uint64_t{tied.slice[i]} << 32 | tied.slice[j]);
      ComponentAnswer& answer = entry->second;
      if (added) {
        const Component component = component_of(group, tied, group.members[i], group.members[j]);
        ++slice_questions;
        answer = enumerates(component) ? enumerate(component) : solver().decide(component);
      }
      // A coarse component may be too much where its parts are not.
      if (!answer.known) return by_components(group, group.members[i], group.members[j]).relation;
      if (!answer.exists) return RelationKind::undetermined;
      kinds.join(answer.accepted, answer.rejected, answer.undetermined);
    }
    return kinds.relation();
  }

  Component component_of(const Group& group, const Tied& tied, const Member& source, const Member& destination) const {
    Component component;
    component.scheme = options.scheme;
    component.source = source.end;
    component.destination = destination.end;
    const auto inside = [&](const End& end, const rules::Expression& constraint) {
      const std::vector<std::string> names = parameters_of(constraint, end.model->parameters);
      return std::any_of(tied.columns.begin(), tied.columns.end(), [&](std::size_t column) { return group.columns[column] == names.front(); });
    };
    for (const std::size_t column : tied.columns) {
      if (source.definitions[column] != absent) component.parameters.emplace_back(group.columns[column]);
      else if (destination.definitions[column] != absent) component.destination_only.emplace_back(group.columns[column]);
    }
    for (const rules::Expression& one : source.end.implementation->annotations_of(source.end.model->name).constraints) if (inside(source.end, one)) component.source_constraints.push_back(&one);
    if (!strict()) return component;
    for (const rules::Expression& one : destination.end.implementation->annotations_of(source.end.model->name).constraints) if (inside(destination.end, one)) component.destination_constraints.push_back(&one);
    return component;
  }

  static std::uint8_t code_of(const Fate& fate) {
    const auto flag = [](bool is, Row r) { return static_cast<unsigned>(is) << r; };
    return static_cast<std::uint8_t>(
        flag(fate.rejected, rejected) | flag(fate.undetermined, undetermined) | flag(!fate.accepted, none_accepted) |
        flag(!fate.accepted && !fate.undetermined, all_rejected) | flag(fate.fresh == Decision::reject, fresh_rejected) |
        flag(fate.fresh == Decision::undetermined, fresh_undetermined));
  }

  /// R7 on init values, by position: `prepared` and `failed_constraints` of the reference without their maps.
  static bool fresh_breaks_constraint(const Member& source, const Member& destination) {
    const DeviceModel& there = *destination.end.model;
    const compat::Parameters& ours = source.end.model->parameters;
    std::vector<const compat::Value*> given;
    given.reserve(there.parameters.size());
    auto own = ours.begin();
    for (const auto& [name, parameter] : there.parameters) {
      while (own != ours.end() && own->first < name) ++own;
      const bool listed = own != ours.end() && own->first == name && own->second.type == parameter.type && own->second.off != own->second.init;
      given.push_back(listed ? &own->second.init : parameter.off ? &*parameter.off : &parameter.init);
    }
    const auto& constraints = destination.end.implementation->annotations_of(there.name).constraints;
    return std::any_of(constraints.begin(), constraints.end(), [&](const rules::Expression& one) { return !std::get<bool>(compat::evaluate(one, given)); });
  }

  bool needs_components(const Member& source, const Member& destination) const {
    return source.constrained || (strict() && destination.constrained);
  }

  // ---- components ------------------------------------------------------------------------------------------------

  Z3Engine& solver() {
    if (!z3) z3 = std::make_unique<Z3Engine>(options.z3_milliseconds_max);
    return *z3;
  }

  bool enumerates(const Component& component) const {
    if (options.engine == Engine::z3 || options.engine == Engine::z3_joined) return false;
    const std::uint64_t max = options.engine == Engine::automatic ? options.enumerated_max : options.enumerated_direct_max;
    return size_of(component) <= max;
  }

  static DefinitionId definition_at(const Group& group, const Member& member, std::string_view name) {
    const auto found = std::lower_bound(group.columns.begin(), group.columns.end(), name);
    return member.definitions[static_cast<std::size_t>(found - group.columns.begin())];
  }

  /// Two components with the same key have the same answers, whichever implementations they come from.
  static std::string key_of(const Group& group, const Member& source, const Member& destination, const Component& component) {
    std::string key;
    for (const std::string& name : component.parameters) {
      key += fmt::format("{}\n{} {}\n", name, definition_at(group, source, name), definition_at(group, destination, name));
    }
    for (const std::string& name : component.destination_only) key += fmt::format("+{}\n", definition_at(group, destination, name));
    for (const rules::Expression* constraint : component.source_constraints) key += "<" + constraint->source + '\n';
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

  const ComponentAnswer& answer_of(const Group& group, const Member& source, const Member& destination, const Component& component) {
    const auto [entry, added] = answers.try_emplace(key_of(group, source, destination, component));
    if (!added) return entry->second;
    if (enumerates(component)) {
      entry->second = enumerate(component);
    } else if (options.engine == Engine::direct || options.engine == Engine::both) {
      entry->second.known = false;
      entry->second.reason = fmt::format("{} parameters are tied by constraints and have too many configurations to enumerate",
                                         component.parameters.size());
    } else {
      entry->second = solver().decide(component);
    }
    return entry->second;
  }

  const ComponentWitness& witness_of(const Group& group, const Member& source, const Member& destination, const Component& component) {
    const auto [entry, added] = witnesses.try_emplace(key_of(group, source, destination, component));
    if (added) entry->second = enumerates(component) ? enumerate_witness(component) : solver().witness(component);
    return entry->second;
  }

  /// The parameters that no component holds, by column.
  static std::vector<bool> free_columns(const Group& group, const std::vector<Component>& components) {
    std::vector<bool> free(group.columns.size(), true);
    for (const Component& component : components) {
      for (const std::string& name : component.parameters) {
        free[static_cast<std::size_t>(std::lower_bound(group.columns.begin(), group.columns.end(), name) - group.columns.begin())] = false;
      }
    }
    return free;
  }

  /// From the joined rows where no constraint is involved, else component by component.
  Decided direct(const Group& group, const Member& source, const Member& destination, const Kinds& kinds) {
    if (source.empty) return {RelationKind::undetermined, {}};
    return needs_components(source, destination) ? by_components(group, source, destination) : Decided{kinds.relation(), {}};
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
    return explained(kinds.relation(), group, source, destination);
  }

  Decided by_whole(const Group& group, const Member& source, const Member& destination) {
    const Component component = whole(options.scheme, source.end, destination.end);
    const auto [entry, added] = answers.try_emplace("whole\n" + key_of(group, source, destination, component));
    if (added) entry->second = solver().decide(component);
    const ComponentAnswer& answer = entry->second;
    if (!answer.known) return {RelationKind::undetermined, answer.reason, false};
    if (!answer.exists) return {RelationKind::undetermined, no_configuration(group, source)};
    Kinds kinds;
    kinds.join(answer.accepted, answer.rejected, answer.undetermined);
    return explained(kinds.relation(), group, source, destination);
  }

  Decided explained(RelationKind relation, const Group& group, const Member& source, const Member& destination) {
    return {relation, relation == RelationKind::undetermined ? undetermined_values(group, source, destination) : std::string{}};
  }

  /// Engines `z3` and `both`: the relation from Z3 on the whole pair, the fresh verdict from the reference evaluator.
  void compare(Pair& pair, const Group& group, const Member& source, const Member& destination, const Kinds& kinds) {
    const Decision reference = check(options.scheme, source.end, fresh(*source.end.model), destination.end).decision;
    const Decided by_z3 = by_whole(group, source, destination);
    pair.relation = by_z3.relation;
    if (options.engine == Engine::both) {
      const Decided other = direct(group, source, destination, kinds);
      if (!by_z3.known) pair.relation = other.relation;
      summary.disagreements += pair.fresh != reference || (by_z3.known && other.known && by_z3.relation != other.relation);
    }
    pair.fresh = reference;
  }

  // ---- reasons ---------------------------------------------------------------------------------------------------

  std::string no_configuration(const Group& group, const Member& source) {
    for (std::size_t column = 0; column < group.columns.size(); ++column) {
      const DefinitionId id = source.definitions[column];
      if (id == absent || !fates.accepted_values(id).empty()) continue;
      return fmt::format("{} has no configuration: allowed_values of {} is empty", source.end.implementation->label, group.columns[column]);
    }
    return fmt::format("{} has no configuration: no accepted values satisfy its constraints", source.end.implementation->label);
  }

  std::string undetermined_values(const Group& group, const Member& source, const Member& destination) {
    std::string names;
    for (std::size_t column = 0; column < group.columns.size(); ++column) {
      if (!fates.fate(source.definitions[column], destination.definitions[column]).undetermined) continue;
      names += (names.empty() ? "" : ", ") + std::string(group.columns[column]);
    }
    return fmt::format("R2: {} publishes no allowed_values for {}, so it is not known whether it takes every value of {}",
                       destination.end.implementation->label, names, source.end.implementation->label);
  }

  // ---- one pair again --------------------------------------------------------------------------------------------

  const Group& group_of(const Pair& pair) const { return groups[pair.model]; }

  static const Member& member_of(const Group& group, std::uint32_t implementation) {
    const auto found = std::lower_bound(group.members.begin(), group.members.end(), implementation,
                                        [](const Member& member, std::uint32_t wanted) { return member.implementation < wanted; });
    assert(found != group.members.end() && found->implementation == implementation);
    return *found;
  }

  std::optional<Configuration> witness(const Pair& pair) {
    if (pair.relation != RelationKind::some && pair.relation != RelationKind::none) return std::nullopt;
    const Group& group = group_of(pair);
    const Member& source = member_of(group, pair.source);
    const Member& destination = member_of(group, pair.destination);
    std::optional<Configuration> best = options.engine == Engine::z3 ? whole_witness(group, source, destination)
                                                                     : joined_witness(group, source, destination);
    if (!best) return std::nullopt;
    // The solver's answer is checked by the evaluator that knows nothing of how it was found.
    const bool real = check(options.scheme, source.end, *best, destination.end).decision == Decision::reject &&
                      failed_constraints(source.end.implementation->annotations_of(source.end.model->name), *best).empty();
    assert(real && "a witness must be rejected by the reference evaluator");
    return real ? best : std::nullopt;
  }

  std::optional<Configuration> whole_witness(const Group& group, const Member& source, const Member& destination) {
    const Component component = whole(options.scheme, source.end, destination.end);
    const ComponentWitness& found = witness_of(group, source, destination, component);
    if (!found.rejected) return std::nullopt;
    Configuration configuration;
    for (std::size_t i = 0; i < component.parameters.size(); ++i) {
      configuration.emplace(component.parameters[i], found.rejected->values[i]);
    }
    return configuration;
  }

  /// The best configuration in which one part is rejected and every other part is as small as it can be. Parts do not
  /// share parameters, so the least of a part is the same whatever the others are.
  std::optional<Configuration> joined_witness(const Group& group, const Member& source, const Member& destination) {
    struct Part {
      std::vector<std::string> names;
      Point least;
      std::optional<Point> rejected;
    };
    std::vector<Part> parts;
    bool always_rejected = false;
    std::vector<Component> components;
    if (needs_components(source, destination)) components = coupled(options.scheme, source.end, destination.end);
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
      if (fate.rejects_init) part.rejected = Point{0, {init}};
      else if (fate.rejected) part.rejected = Point{1, {*fate.least_rejected}};
      parts.push_back(std::move(part));
    }

    Configuration smallest;
    for (const Part& part : parts) {
      for (std::size_t i = 0; i < part.names.size(); ++i) smallest.emplace(part.names[i], part.least.values[i]);
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
      if (fates.fate(source.definitions[column], destination.definitions[column]).rejected) found.emplace_back(group.columns[column]);
    }
    if (strict() && destination.constrained) {
      for (const Component& component : coupled(options.scheme, source.end, destination.end)) {
        const ComponentAnswer& answer = answer_of(group, source, destination, component);
        if (answer.known && !answer.rejected) continue;
        for (const rules::Expression* constraint : component.destination_constraints) found.push_back(constraint->source);
      }
    }
    return found;
  }

  void summarise() {
    summary.pairs = pairs.size();
    for (const Pair& pair : pairs) {
      summary.fresh_accept += pair.fresh == Decision::accept;
      summary.fresh_reject += pair.fresh == Decision::reject;
      summary.fresh_undetermined += pair.fresh == Decision::undetermined;
      summary.relation_all += pair.relation == RelationKind::all;
      summary.relation_some += pair.relation == RelationKind::some;
      summary.relation_none += pair.relation == RelationKind::none;
      summary.relation_undetermined += pair.relation == RelationKind::undetermined;
    }
  }
};

Matrix::Matrix(const compat::Catalogue& catalogue, const MatrixOptions& options) : state_(std::make_unique<State>(catalogue, options)) {
  state_->collect();
  std::size_t count = 0;
  for (const Group& group : state_->groups) count += group.members.size() * (group.members.size() - 1);
  state_->pairs.reserve(count);
  for (std::uint32_t model = 0; model < state_->groups.size(); ++model) state_->decide_group(model);
  state_->summarise();
}

Matrix::~Matrix() = default;
Matrix::Matrix(Matrix&&) noexcept = default;
Matrix& Matrix::operator=(Matrix&&) noexcept = default;

const std::vector<std::string>& Matrix::models() const { return state_->models; }
const std::vector<Pair>& Matrix::pairs() const { return state_->pairs; }
const MatrixSummary& Matrix::summary() const { return state_->summary; }
const MatrixOptions& Matrix::options() const { return state_->options; }
const compat::Catalogue& Matrix::catalogue() const { return state_->catalogue; }

std::size_t Matrix::distinct_questions() const { return state_->fates.distinct_pairs() + state_->answers.size() + state_->slice_questions; }

std::optional<Configuration> Matrix::witness(const Pair& pair) const { return state_->witness(pair); }

std::string Matrix::reason(const Pair& pair) const {
  if (pair.relation != RelationKind::undetermined) return {};
  const Group& group = state_->group_of(pair);
  const Member& source = State::member_of(group, pair.source);
  const Member& destination = State::member_of(group, pair.destination);
  if (state_->options.engine == Engine::z3) return state_->by_whole(group, source, destination).reason;
  const Decided direct = state_->by_components(group, source, destination);
  if (state_->options.engine == Engine::both && !direct.known) return state_->by_whole(group, source, destination).reason;
  return direct.reason;
}

std::vector<std::string> Matrix::culprits(const Pair& pair) const { return state_->culprits(pair); }

compat::End Matrix::source(const Pair& pair) const { return State::member_of(state_->group_of(pair), pair.source).end; }
compat::End Matrix::destination(const Pair& pair) const { return State::member_of(state_->group_of(pair), pair.destination).end; }

}  // namespace portolan::solver
