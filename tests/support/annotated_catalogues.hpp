#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Random catalogues with every member that R13 looks at (model/compat/judging/all_known.hpp): behaviour,
// profiles, observations with every relation and kind, what is taken in and restored, blocks over parameters
// and aspects, sections that are lost.

#include "model/compat/judging/all_known.hpp"
#include "tests/support/small_catalogues.hpp"

namespace portolan::test {

class RandomDeclared : public RandomBehaviours {
 public:
  using RandomBehaviours::RandomBehaviours;

  Catalogue make(std::size_t implementations) {
    Catalogue made = RandomBehaviours::make(implementations);
    const bool aliases = once_in(4);
    for (Implementation& one : made.implementations) {
      // Mostly the same device, so that what is annotated decides.
      if (&one != &made.implementations.front() && !once_in(4)) {
        one.info = made.implementations.front().info;
        one.annotations = like_;
      } else if (&one == &made.implementations.front()) {
        like_ = one.annotations;
      }
      annotate(one);
      one.annotations[model_name].profiles_are_aliases = aliases;
    }
    return made;
  }

 private:
  std::map<std::string, Annotations> like_;  ///< of the first, before it was annotated

  static constexpr const char* aspects[] = {"a", "mask", "speed", "modes", "firmware"};
  static constexpr const char* profiles[] = {"p", "q", "r"};

  Observation seen(const std::string& aspect) {
    if (once_in(6)) return std::nullopt;
    static constexpr const char* masks[] = {"0x1f", "0x3f", "001f", "ffffffffffffffffffffffffffffffff",
                                            "",     "mask"};
    if (aspect == "mask")
      return once_in(3) ? Shown(u64(below(4))) : Shown(Value(std::string(masks[below(6)])));
    if (aspect == "modes") {
      if (once_in(5)) return Shown(value(ValueType::string));
      std::vector<Value> list;
      for (std::uint64_t count = below(3); count > 0; --count) list.push_back(value(ValueType::string));
      return Shown(list);
    }
    return Shown(value(aspect == "speed" ? ValueType::integer : static_cast<ValueType>(below(3))));
  }

  std::map<std::string, Observation> all_seen() {
    std::map<std::string, Observation> all;
    for (const char* aspect : aspects)
      if (!once_in(3)) all.emplace(aspect, seen(aspect));
    return all;
  }

  Aspect aspect(const Parameters& parameters) {
    Aspect made;
    if (!once_in(3)) made.compare = static_cast<Relation>(below(6));
    made.of = static_cast<AspectOf>(below(3));
    if (once_in(8) && !parameters.empty()) made.carried_by = parameters.begin()->first;
    if (made.compare == Relation::pairs)
      for (std::uint64_t count = below(3); count > 0; --count)
        made.accepts[to_string(value(static_cast<ValueType>(below(3))))] = {
            value(static_cast<ValueType>(below(3))), value(ValueType::string)};
    if (once_in(3)) made.bits[below(6)] = "named";
    if (once_in(5)) made.reported_all = once_in(2);
    return made;
  }

  void block(Annotations& notes, const Parameters& parameters) {
    Block made;
    made.variables = parameters;
    std::vector<Parameter> in_text;
    for (const auto& [name, type] :
         {std::pair("mask", ValueType::string), std::pair("speed", ValueType::integer),
          std::pair("on", ValueType::boolean)}) {
      Parameter variable;
      variable.name = name;
      variable.type = type;
      made.variables.try_emplace(name, variable);
    }
    for (const auto& [name, variable] : made.variables) in_text.push_back(variable);
    made.when = constraint(condition(in_text, 2), made.variables);
    made.text = "it would not arrive";
    notes.blocks.push_back(std::move(made));
  }

  void annotate(Implementation& one) {
    const Parameters& parameters = one.info.models[model_name].parameters;
    Annotations& notes = one.annotations[model_name];
    for (LoadedSection& loader : notes.loads) {
      if (once_in(3)) loader.missing = static_cast<Missing>(below(3));
      loader.applied = !once_in(5);
    }
    for (const auto& [name, parameter] : parameters) {
      if (!once_in(5) || parameter.accepted_values().empty()) continue;
      ValueSet takes(parameter.type);
      for (std::uint64_t count = below(3); count > 0; --count) takes.add(value(parameter.type));
      notes.notes[name].takes = takes;
    }
    for (const char* name : profiles) {
      if (once_in(3)) continue;
      Profile profile;
      profile.name = name;
      for (const auto& [parameter, described] : parameters)
        if (once_in(2) && !described.accepted_values().empty())
          profile.values.emplace(parameter, member(described.accepted_values()));
      notes.profiles.emplace(name, std::move(profile));
      if (once_in(3)) notes.observed.emplace(name, all_seen());
      if (once_in(4)) notes.takes.emplace(name, all_seen());
      if (once_in(4)) notes.restored.emplace(name, all_seen());
    }
    for (const char* name : aspects)
      if (!once_in(2)) notes.aspects.emplace(name, aspect(parameters));
    notes.reported_all = !once_in(4);
    for (std::uint64_t count = once_in(3) ? below(3) : 0; count > 0; --count) block(notes, parameters);
  }
};

}  // namespace portolan::test
