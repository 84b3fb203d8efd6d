#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// From the text of a module to the module (rules.md §rules, §fleet): in constant evaluation for the built-in
// text, at run time for files. Every fault of the text is reported at once; what has one is left out, so that
// a module with faults is not to be used. What is declared is finished before the first action is read
// (declarations.hpp), and an action with steps becomes its variants (variants.hpp).
//
//   const CompiledModule made = compile(text);
//   if (made.faults.empty()) explore(made.module);

#include <utility>
#include <vector>

#include "model/rules/compilation/actions.hpp"
#include "model/rules/compilation/declarations.hpp"

namespace portolan::rules {

struct CompiledModule {
  Module module;
  std::vector<ModuleFault> faults;
};

namespace compilation {

constexpr std::vector<Property> properties_of(const ModuleText& text, const ExpressionReader& expressions,
                                              ModuleFaults& faults) {
  std::vector<Property> properties;
  for (std::size_t p = 0; p < text.properties.size(); ++p) {
    const PropertyText& property = text.properties[p];
    Property made{std::string(property.name),
                  property.verb,
                  {},
                  std::string(property.source),
                  std::string(property.meaning)};
    for (std::size_t q = 0; q < p; ++q)
      if (text.properties[q].name == property.name)
        faults.given_twice({"properties", p, "name"}, "property", property.name);
    const Type boolean{};
    if (expressions.read({"properties", p, "condition"}, property.condition, 0, {}, &boolean, made.condition))
      properties.push_back(std::move(made));
  }
  return properties;
}

}  // namespace compilation

/// Text to module. Usable in constant evaluation: a built-in text with a fault need not compile.
constexpr CompiledModule compile(const ModuleText& text) {
  compilation::ModuleFaults faults;
  Module module = compilation::declarations(text, faults);
  std::vector<Action> actions;
  std::vector<Property> properties;
  {
    const ModuleScope names(module.sorts, module.variables);
    const compilation::ExpressionReader expressions(names, faults);
    const compilation::ActionReader reader(text, module, expressions, faults);
    for (std::size_t a = 0; a < text.actions.size(); ++a) reader.read(a, actions);
    properties = compilation::properties_of(text, expressions, faults);
  }
  module.actions = std::move(actions);
  module.properties = std::move(properties);
  return {std::move(module), faults.take()};
}

}  // namespace portolan::rules
