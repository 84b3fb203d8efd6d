#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A module text that is put together at run time: it keeps the strings that the text's views refer to. For
// models that are made by a program: measurements, and random modules in the tests.

#include <deque>
#include <string>
#include <vector>

#include "model/rules/module_text.hpp"

namespace portolan::bench {

class ModuleSource {
 public:
  explicit ModuleSource(std::string name) : name_(std::move(name)) {}
  ModuleSource(ModuleSource&&) = default;

  void sort(std::string name, const std::vector<std::string>& elements) {
    std::vector<std::string_view>& views = elements_.emplace_back();
    for (const std::string& element : elements) views.push_back(keep(element));
    sorts_.push_back({keep(std::move(name)), views});
  }
  void variable(std::string name, std::string index, std::string domain, std::string initial = {},
                rules::Role role = rules::Role::state) {
    variables_.push_back({keep(std::move(name)), keep(std::move(index)), keep(std::move(domain)),
                          keep(std::move(initial)), role});
  }
  void machine(std::string name, std::string index, const rules::Machine& machine) {
    machines_.push_back({keep(std::move(name)), keep(std::move(index)), &machine});
  }
  void action(std::string name, std::string parameters, std::string guard, std::string steps,
              std::string update, rules::Actor actor = rules::Actor::decision) {
    actions_.push_back({keep(std::move(name)), keep(std::move(parameters)), keep(std::move(guard)),
                        keep(std::move(steps)), keep(std::move(update)), "", "", actor});
  }
  void property(std::string name, rules::Verb verb, std::string condition) {
    properties_.push_back({keep(std::move(name)), verb, keep(std::move(condition)), "", ""});
  }

  /// Valid as long as this lives and is not added to.
  rules::ModuleText text() const { return {name_, sorts_, variables_, machines_, actions_, properties_}; }
  /// All of it, to be read by people.
  std::string shown() const {
    std::string out = "module " + name_ + "\n";
    for (const auto& s : sorts_) {
      out += "  sort " + std::string(s.name) + ":";
      for (const auto e : s.elements) out += " " + std::string(e);
      out += "\n";
    }
    for (const auto& v : variables_)
      out += "  " + std::string(v.role == rules::Role::fixed ? "fixed " : "variable ") + std::string(v.name) +
             "[" + std::string(v.index) + "]: " + std::string(v.domain) + " := " + std::string(v.initial) +
             "\n";
    for (const auto& m : machines_)
      out += "  machine " + std::string(m.name) + "[" + std::string(m.index) + "]\n";
    for (const auto& a : actions_)
      out += "  " + std::string(a.actor == rules::Actor::fault ? "fault " : "action ") + std::string(a.name) +
             "(" + std::string(a.parameters) + "): " + std::string(a.guard) + " | " + std::string(a.steps) +
             " | " + std::string(a.update) + "\n";
    for (const auto& p : properties_)
      out += "  " + std::string(rules::name_of(p.verb)) + " " + std::string(p.name) + ": " +
             std::string(p.condition) + "\n";
    return out;
  }

 private:
  std::string name_;
  std::deque<std::string> kept_;
  std::deque<std::vector<std::string_view>> elements_;
  std::vector<rules::SortText> sorts_;
  std::vector<rules::ModuleVariableText> variables_;
  std::vector<rules::MachineUseText> machines_;
  std::vector<rules::ActionText> actions_;
  std::vector<rules::PropertyText> properties_;

  std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }
};

}  // namespace portolan::bench
