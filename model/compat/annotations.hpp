#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What a catalogue says of an implementation of a model beyond its parameters: profiles, what parameters
// affect and when they may be written, constraints, saved and loaded state, what the guest sees, and what
// live instances showed and take in (docs/formats/catalogue.md). Everything is optional; where an end says
// nothing, nothing is held against it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/compat/migration_info.hpp"
#include "model/rules/expression.hpp"
#include "model/support/named.hpp"

namespace portolan::compat {

/// R9: when a parameter may be written.
enum class Writable : std::uint8_t { create, closed, runtime };
/// What a parameter changes.
enum class Affects : std::uint8_t { interface, state, both };
/// How two observations must relate (rules.md §aspects).
enum class Relation : std::uint8_t { exact, subset, bits, at_least, at_most, pairs };
/// What an aspect is a fact of (rules.md §aspects).
enum class AspectOf : std::uint8_t { device, guest, host };
/// What a loader does when a section that it knows is not in the stream.
enum class Missing : std::uint8_t { refused, defaults, lost };

inline constexpr auto writable_names = enumerator_names<Writable>(
    {{Writable::create, "create"}, {Writable::closed, "closed"}, {Writable::runtime, "runtime"}});
inline constexpr auto affects_names = enumerator_names<Affects>(
    {{Affects::interface, "interface"}, {Affects::state, "state"}, {Affects::both, "both"}});
inline constexpr auto relation_names = enumerator_names<Relation>({{Relation::exact, "exact"},
                                                                   {Relation::subset, "subset"},
                                                                   {Relation::bits, "bits"},
                                                                   {Relation::at_least, "at-least"},
                                                                   {Relation::at_most, "at-most"},
                                                                   {Relation::pairs, "pairs"}});
inline constexpr auto aspect_of_names = enumerator_names<AspectOf>(
    {{AspectOf::device, "device"}, {AspectOf::guest, "guest"}, {AspectOf::host, "host"}});
inline constexpr auto missing_names = enumerator_names<Missing>(
    {{Missing::refused, "refused"}, {Missing::defaults, "default"}, {Missing::lost, "lost"}});
constexpr std::string_view name_of(Writable writable) { return writable_names[writable]; }
constexpr std::string_view name_of(Affects affects) { return affects_names[affects]; }
constexpr std::string_view name_of(Relation relation) { return relation_names[relation]; }
constexpr std::string_view name_of(AspectOf of) { return aspect_of_names[of]; }
constexpr std::string_view name_of(Missing missing) { return missing_names[missing]; }

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
  std::string fix_for;            ///< `"fix-for": "text"`; empty when absent
  std::optional<ValueSet> takes;  ///< what a destination takes in, where that is less than `allowed_values`
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
  std::optional<Missing> missing;             ///< what becomes of it when it does not arrive
  bool applied = true;                        ///< false: it is read and dropped
  Place place;
};

/// One value that a live instance showed, or a list of them.
class Shown {
 public:
  Shown(Value value) : shown_(std::move(value)) {}             // NOLINT: a value is what is mostly shown
  Shown(std::vector<Value> list) : shown_(std::move(list)) {}  // NOLINT: and a list is told apart by its type

  const Value* value() const { return std::get_if<Value>(&shown_); }  ///< null for a list
  const std::vector<Value>* list() const { return std::get_if<std::vector<Value>>(&shown_); }
  friend bool operator==(const Shown&, const Shown&) = default;

 private:
  std::variant<Value, std::vector<Value>> shown_;
};

/// Empty: `null`, absent.
using Observation = std::optional<Shown>;
/// By profile, then by aspect.
using Observations = std::map<std::string, std::map<std::string, Observation>>;

/// What kind of thing is observed under a name (rules.md §aspects).
struct Aspect {
  std::optional<Relation> compare;  ///< also where the short form `compare` says it
  AspectOf of = AspectOf::device;
  std::string carried_by;                             ///< the parameter it travels with; empty: none
  std::map<std::string, std::vector<Value>> accepts;  ///< of `pairs`: source as text -> destinations
  std::map<std::uint64_t, std::string> bits;          ///< names of bits by number
  std::optional<bool> reported_all;                   ///< for this aspect alone
};

/// A condition under which an instance runs and its source refuses to save it. The variables of `when` are
/// `variables`: the parameters and the aspects that were ever observed, in name order.
struct Block {
  rules::Expression when;
  Parameters variables;
  std::string text;
  Place place;
};

struct Annotations {
  std::map<std::string, Profile> profiles;
  bool profiles_are_aliases = false;  ///< `"profile-names": "aliases"`: who does not know one is not to blame
  std::map<std::string, ParameterNotes> notes;
  std::map<std::string, std::string> aliases;  ///< a second name of a parameter, and which one that is
  std::vector<rules::Expression> constraints;
  std::vector<SavedSection> state;
  std::vector<LoadedSection> loads;
  std::map<std::string, rules::Expression> interface;
  /// Also where it says "nothing".
  bool says_profiles = false, says_state = false, says_loads = false, says_interface = false;
  Observations observed;
  Observations takes;     ///< what a destination takes in, where that is not what its instances show
  Observations restored;  ///< what an instance shows that came by migration
  std::map<std::string, Aspect> aspects;  ///< those about which something is said
  bool reported_all = true;               ///< no entry means absent; false: it means not reported
  std::vector<Block> blocks;
  Place place;

  /// An end that does not have the member says nothing; one that has it says of what is not in it: absent.
  bool describes_profiles() const { return says_profiles || !profiles.empty(); }
  bool describes_state() const { return says_state || !state.empty(); }
  bool describes_loads() const { return says_loads || !loads.empty(); }
  bool describes_interface() const { return says_interface || !interface.empty(); }

  const ParameterNotes& notes_of(const std::string& parameter) const;  ///< defaults where nothing was said
  const Aspect& aspect(const std::string& name) const;                 ///< defaults where nothing was said
  /// Whether an aspect without an entry is absent; else it was not reported.
  bool reports(const std::string& aspect_name) const;
  /// R13: whether an end of this profile does not know it, and is to blame for that.
  bool lacks_profile(const std::string& profile) const;
  /// Whether an implementation is judged against itself, too: the way out of it is not the way in, or `pairs`
  /// says of an aspect what goes with what (rules.md §observed).
  bool calls_for_itself() const;
};

}  // namespace portolan::compat
