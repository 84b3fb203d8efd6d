#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Catalogues made in memory for tests: a builder for those that are written down, a seeded generator for
// random ones (few parameters, tiny domains at the edges of 64 bits, absent allowed and off values,
// constraints with every operator), and the brute force to which the decision procedures are held.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/compat/check.hpp"
#include "model/compat/constraint.hpp"

namespace portolan::test {

using namespace compat;

inline constexpr const char* model_name = "example.org/device";

inline Value u64(std::uint64_t number) { return number; }

inline ValueSet set_of(ValueType type, const std::vector<Value>& values) {
  ValueSet set(type);
  for (const Value& value : values) set.add(value);
  return set;
}

/// The type is that of the init value. No `allowed`: allowed_values is absent.
inline Parameter parameter(const std::string& name, const Value& init,
                           const std::optional<Value>& off = std::nullopt,
                           const std::optional<std::vector<Value>>& allowed = std::nullopt) {
  Parameter made;
  made.name = name;
  made.type = type_of(init);
  made.init = init;
  made.off = off;
  if (allowed) made.allowed = set_of(made.type, *allowed);
  return made;
}

inline rules::Expression constraint(const std::string& text, const Parameters& parameters) {
  auto parsed =
      parse_parameter_expression(text, parameters, Place{"constraints", {1, 1}, {}}, ValueType::boolean);
  if (!parsed) throw std::invalid_argument(text + ": " + to_string(parsed.error()));
  return *parsed;
}

inline Implementation implementation(const std::string& label, const std::vector<Parameter>& parameters,
                                     const std::vector<std::string>& constraints = {},
                                     const std::string& model = model_name) {
  Implementation made;
  made.label = made.name = label;
  DeviceModel& described = made.info.models[model];
  described.name = model;
  for (const Parameter& one : parameters) described.parameters.emplace(one.name, one);
  for (const std::string& text : constraints)
    made.annotations[model].constraints.push_back(constraint(text, described.parameters));
  return made;
}

inline Catalogue catalogue(std::vector<Implementation> implementations) {
  Catalogue made;
  made.file = "catalogue.yaml";
  made.implementations = std::move(implementations);
  return made;
}

inline End end_of(const Implementation& implementation, const std::string& model = model_name) {
  return {&implementation, implementation.model(model)};
}

// ---- random catalogues
// ---------------------------------------------------------------------------------------------

class RandomCatalogue {
 public:
  explicit RandomCatalogue(std::uint64_t seed) : random_(seed) {}

  Catalogue make(std::size_t implementations) {
    for (const char* name : names) types_.push_back({name, static_cast<ValueType>(below(3))});
    std::vector<Implementation> made;
    for (std::size_t i = 0; i < implementations; ++i) made.push_back(one("v" + std::to_string(i)));
    return catalogue(std::move(made));
  }

 protected:
  static constexpr const char* names[] = {"a", "b-c", "3d", "e"};
  static constexpr std::uint64_t numbers[] = {0, 1, 2, 3, (1ull << 63) - 1, 1ull << 63, ~0ull - 1, ~0ull};
  static constexpr const char* texts[] = {"", "gold", "silver", "0-255"};

  struct Typed {
    std::string name;
    ValueType type;
  };

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool once_in(std::uint64_t number) { return below(number) == 0; }

  Value value(ValueType type) {
    switch (type) {
      case ValueType::boolean: return below(2) == 1;
      case ValueType::integer: return numbers[once_in(3) ? below(8) : below(4)];
      case ValueType::string: return std::string(texts[below(4)]);
    }
    return false;
  }

  Parameter random_parameter(const Typed& typed) {
    Parameter made;
    made.name = typed.name;
    made.type = once_in(12) ? static_cast<ValueType>(below(3)) : typed.type;
    if (!once_in(3)) {
      ValueSet allowed(made.type);
      for (std::uint64_t count = once_in(25) ? 0 : 1 + below(3); count > 0; --count)
        allowed.add(value(made.type));
      if (made.type == ValueType::integer && once_in(3)) {
        const std::uint64_t low = once_in(4) ? ~0ull - 2 : below(3);
        allowed.add(Range{low, low + below(3)});
      }
      made.allowed = allowed;
    }
    // Mostly one of the allowed values, sometimes none of them.
    made.init =
        made.allowed && !made.allowed->empty() && !once_in(6) ? member(*made.allowed) : value(made.type);
    if (!once_in(4))
      made.off =
          made.allowed && !made.allowed->empty() && !once_in(6) ? member(*made.allowed) : value(made.type);
    return made;
  }

  Value member(const ValueSet& set) {
    for (int attempt = 0; attempt < 50; ++attempt) {
      const Value candidate = value(set.type());
      if (set.contains(candidate)) return candidate;
    }
    return set.least();
  }

  Implementation one(const std::string& label) {
    std::vector<Parameter> parameters;
    for (const Typed& typed : types_) {
      if (!once_in(4)) parameters.push_back(random_parameter(typed));
    }
    std::vector<std::string> constraints;
    if (!parameters.empty()) {
      for (std::uint64_t count = once_in(3) ? 0 : 1 + below(2); count > 0; --count)
        constraints.push_back(condition(parameters, 2));
    }
    return implementation(label, parameters, constraints);
  }

  std::string name_in_text(const Parameter& parameter) {
    return parameter.name == "3d" ? "`3d`" : parameter.name;
  }

  const Parameter* some(const std::vector<Parameter>& parameters, ValueType type) {
    std::vector<const Parameter*> fitting;
    for (const Parameter& one : parameters) {
      if (one.type == type) fitting.push_back(&one);
    }
    return fitting.empty() ? nullptr : fitting[below(fitting.size())];
  }

  std::string literal(ValueType type) { return to_json(value(type)); }

  std::string term(const std::vector<Parameter>& parameters, ValueType type, int depth) {
    const Parameter* parameter = once_in(4) ? nullptr : some(parameters, type);
    std::string atom = parameter != nullptr ? name_in_text(*parameter) : literal(type);
    if (type != ValueType::integer || depth == 0 || !once_in(3)) return atom;
    static constexpr const char* operators[] = {"+", "-", "*"};
    return "(" + atom + " " + operators[below(3)] + " " + term(parameters, type, depth - 1) + ")";
  }

  std::string condition(const std::vector<Parameter>& parameters, int depth) {
    if (depth > 0 && !once_in(3)) {
      const std::string left = condition(parameters, depth - 1);
      static constexpr const char* operators[] = {"&&", "||", "=>"};
      if (once_in(5)) return "!(" + left + ")";
      return "(" + left + " " + operators[below(3)] + " " + condition(parameters, depth - 1) + ")";
    }
    const ValueType type = static_cast<ValueType>(below(3));
    if (type == ValueType::boolean && once_in(2)) return term(parameters, type, 0);
    if (once_in(4)) {
      std::string items;
      for (std::uint64_t count = below(4); count > 0; --count) {
        items += (items.empty() ? "" : ", ") + literal(type);
        if (type == ValueType::integer && once_in(3)) items += ".." + literal(type);
      }
      return term(parameters, type, 1) + " in {" + items + "}";
    }
    static constexpr const char* comparisons[] = {"==", "!=", "<", "<=", ">", ">="};
    const std::string comparison = comparisons[below(type == ValueType::integer ? 6 : 2)];
    return term(parameters, type, 2) + " " + comparison + " " + term(parameters, type, 2);
  }

  std::mt19937_64 random_;
  std::vector<Typed> types_;
};

/// The same with behaviour: what is saved, loaded and seen, and which parameters may be written at run time.
class RandomBehaviours : public RandomCatalogue {
 public:
  using RandomCatalogue::RandomCatalogue;

  Catalogue make(std::size_t implementations) {
    Catalogue made = RandomCatalogue::make(implementations);
    for (Implementation& one : made.implementations) behave(one);
    return made;
  }

 protected:
  std::optional<rules::Expression> maybe(const std::vector<Parameter>& parameters,
                                         const Parameters& by_name) {
    if (parameters.empty() || once_in(2)) return std::nullopt;
    return constraint(condition(parameters, 1), by_name);
  }

  void behave(Implementation& one) {
    static constexpr const char* sections[] = {"rings", "clock", "irq"};
    static constexpr const char* aspects[] = {"size", "vectors", "a"};
    const Parameters& by_name = one.info.models[model_name].parameters;
    std::vector<Parameter> parameters;
    for (const auto& [name, parameter] : by_name) parameters.push_back(parameter);
    Annotations& notes = one.annotations[model_name];
    for (const Parameter& parameter : parameters) {
      ParameterNotes note;
      note.writable = once_in(2) ? Writable::runtime : once_in(4) ? Writable::create : Writable::closed;
      note.affects = once_in(2) ? Affects::state : once_in(2) ? Affects::both : Affects::interface;
      if (once_in(4)) note.fix_for = "something";
      if (!once_in(5)) notes.notes[parameter.name] = note;
    }
    if (!once_in(4)) {
      for (const char* section : sections) {
        for (std::uint64_t count = below(3); count > 0; --count)
          notes.state.push_back({section, 1 + below(2), maybe(parameters, by_name), once_in(6), {}});
      }
    }
    if (!once_in(4)) {
      for (const char* section : sections) {
        if (once_in(4)) continue;
        LoadedSection loader;
        loader.section = section;
        loader.layouts = {1 + below(2)};
        loader.ignorable = once_in(6);
        if (once_in(2)) loader.layouts = {1, 2};
        if (once_in(3)) loader.required = maybe(parameters, by_name);
        notes.loads.push_back(std::move(loader));
      }
    }
    if (!once_in(3) && !parameters.empty()) {
      for (const char* aspect : aspects) {
        if (once_in(2)) continue;
        const auto text =
            once_in(2) ? condition(parameters, 1) : term(parameters, static_cast<ValueType>(below(3)), 1);
        auto parsed = parse_parameter_expression(text, by_name, Place{"interface", {1, 1}, {}}, std::nullopt);
        if (parsed) notes.interface.emplace(aspect, *parsed);
      }
    }
  }
};

// ---- brute force
// ---------------------------------------------------------------------------------------------------

inline std::vector<Value> every_value(const ValueSet& set) {
  std::vector<Value> values;
  if (set.has_false()) values.emplace_back(false);
  if (set.has_true()) values.emplace_back(true);
  for (const Range& range : set.ranges()) {
    for (std::uint64_t number = range.min; number - range.min <= range.max - range.min; ++number) {
      values.emplace_back(number);
      if (number == std::numeric_limits<std::uint64_t>::max()) break;
    }
  }
  values.insert(values.end(), set.strings().begin(), set.strings().end());
  return values;
}

/// Every configuration of a source: values that it accepts for certain, constraints that hold. Ascending by
/// values.
inline std::vector<Configuration> every_configuration(const End& source) {
  std::vector<Configuration> configurations{{}};
  for (const auto& [name, one] : source.model->parameters) {
    std::vector<Configuration> longer;
    for (const Configuration& configuration : configurations) {
      for (const Value& value : every_value(one.accepted_values())) {
        longer.push_back(configuration);
        longer.back().emplace(name, value);
      }
    }
    configurations = std::move(longer);
  }
  const Annotations& annotations = source.implementation->annotations_of(source.model->name);
  std::erase_if(configurations,
                [&](const Configuration& one) { return !failed_constraints(annotations, one).empty(); });
  return configurations;
}

struct BruteForce {
  std::size_t accepted = 0, rejected = 0, undetermined = 0;
  std::optional<Configuration> least_rejected;  ///< fewest parameters away from init, then the least values

  std::string relation() const {
    if (accepted > 0 && rejected > 0) return "some";
    if (undetermined > 0 || accepted + rejected == 0) return "undetermined";
    return accepted > 0 ? "all" : "none";
  }
};

inline std::size_t distance_from_init(const DeviceModel& model, const Configuration& configuration) {
  return static_cast<std::size_t>(std::count_if(
      configuration.begin(), configuration.end(),
      [&](const auto& entry) { return entry.second != model.parameters.at(entry.first).init; }));
}

/// `decide` gives the decision on one configuration.
template <class Decide>
BruteForce brute_force_by(const End& source, const Decide& decide) {
  BruteForce result;
  for (const Configuration& configuration : every_configuration(source)) {
    switch (decide(configuration)) {
      case Decision::accept: ++result.accepted; break;
      case Decision::undetermined: ++result.undetermined; break;
      case Decision::reject:
        ++result.rejected;
        if (!result.least_rejected || distance_from_init(*source.model, configuration) <
                                          distance_from_init(*source.model, *result.least_rejected)) {
          result.least_rejected = configuration;
        }
        break;
    }
  }
  return result;
}
inline BruteForce brute_force(Scheme scheme, const End& source, const End& destination) {
  return brute_force_by(source, [&](const Configuration& configuration) {
    return check(scheme, source, configuration, destination).decision;
  });
}

/// A catalogue as a failing test prints it.
inline std::string describe(const Catalogue& catalogue) {
  std::string text;
  for (const Implementation& one : catalogue.implementations) {
    text += one.label + ":\n";
    for (const auto& [model, described] : one.info.models) {
      for (const auto& [name, parameter] : described.parameters) {
        text += "  " + name + ": init " + to_json(parameter.init) + ", off " +
                (parameter.off ? to_json(*parameter.off) : "none") + ", allowed " +
                (parameter.allowed ? to_string(*parameter.allowed) : "absent") + "\n";
      }
      const Annotations& notes = one.annotations_of(model);
      for (const rules::Expression& one_constraint : notes.constraints)
        text += "  constraint " + one_constraint.source + "\n";
      for (const auto& [name, note] : notes.notes)
        text += "  " + name + ": " + std::string(name_of(note.writable)) + ", affects " +
                std::string(name_of(note.affects)) + ", fix-for " + note.fix_for + "\n";
      for (const auto& saved : notes.state)
        text += "  saves " + saved.section + " " + std::to_string(saved.layout) +
                (saved.when ? " when " + saved.when->source : "") + (saved.ignorable ? " ignorable" : "") +
                "\n";
      for (const auto& loaded : notes.loads) {
        text += "  loads " + loaded.section;
        for (const std::uint64_t layout : loaded.layouts) text += " " + std::to_string(layout);
        text += (loaded.required ? " required " + loaded.required->source : "") +
                (loaded.ignorable ? " ignorable" : "") + "\n";
      }
      for (const auto& [aspect, seen] : notes.interface)
        text += "  shows " + aspect + ": " + seen.source + "\n";
    }
  }
  return text;
}

}  // namespace portolan::test
