#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What a catalogue says of an implementation of a model beyond its parameters: profiles, what parameters
// affect and when they may be written, constraints, saved and loaded state, what the guest sees, and what
// live instances showed (docs/formats/catalogue.md). Everything is optional; where an end says nothing,
// nothing is held against it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/compat/migration_info.hpp"
#include "model/rules/expression.hpp"
#include "model/support/named.hpp"

namespace portolan::compat {

/// R9: when a parameter may be written.
enum class Writable : std::uint8_t { create, closed, runtime };
/// What a parameter changes.
enum class Affects : std::uint8_t { interface, state, both };
/// How two observations, or two interfaces, must relate.
enum class Relation : std::uint8_t { exact, subset };

inline constexpr auto writable_names = enumerator_names<Writable>(
    {{Writable::create, "create"}, {Writable::closed, "closed"}, {Writable::runtime, "runtime"}});
inline constexpr auto affects_names = enumerator_names<Affects>(
    {{Affects::interface, "interface"}, {Affects::state, "state"}, {Affects::both, "both"}});
inline constexpr auto relation_names =
    enumerator_names<Relation>({{Relation::exact, "exact"}, {Relation::subset, "subset"}});
constexpr std::string_view name_of(Writable writable) { return writable_names[writable]; }
constexpr std::string_view name_of(Affects affects) { return affects_names[affects]; }
constexpr std::string_view name_of(Relation relation) { return relation_names[relation]; }

/// A value that a profile gives to a parameter which does not exist: it has no effect, and somebody meant
/// something by it.
struct UnknownPin {
  std::string name;
  Value value;
  Place place;
};

/// A named set of parameter values; parameters that are not named take their init value.
struct Profile {
  std::string name;
  std::map<std::string, Value> values;
  std::vector<UnknownPin> unknown;  ///< in the order of the file
  Place place;
};

struct ParameterNotes {
  Writable writable = Writable::closed;
  Affects affects = Affects::both;
  std::string fix_for;  ///< `"fix-for": "text"`; empty when absent
  Place place;
};

struct SavedSection {
  std::string section;
  std::uint64_t layout = 0;
  std::optional<rules::Expression> when;  ///< absent: always
  bool ignorable = false;
  Place place;
};

struct LoadedSection {
  std::string section;
  std::vector<std::uint64_t> layouts;
  std::optional<rules::Expression> required;  ///< the stream must hold the section when true
  bool ignorable = false;                     ///< can be skipped when it arrives and is not understood
  Place place;
};

/// A value that a live instance showed; empty: `null`, absent.
using Observation = std::optional<Value>;

struct Annotations {
  std::map<std::string, Profile> profiles;
  std::map<std::string, ParameterNotes> notes;
  std::vector<rules::Expression> constraints;
  std::vector<SavedSection> state;
  std::vector<LoadedSection> loads;
  std::map<std::string, rules::Expression> interface;
  std::map<std::string, std::map<std::string, Observation>> observed;  ///< profile -> aspect -> value
  std::map<std::string, Relation> compare;
  Place place;

  const ParameterNotes& notes_of(const std::string& parameter) const;  ///< defaults where nothing was said
};

}  // namespace portolan::compat
