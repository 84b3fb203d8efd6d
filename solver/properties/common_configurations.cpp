// SPDX-License-Identifier: Apache-2.0
#include "solver/properties/common_configurations.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "model/support/minimal.hpp"

namespace portolan::solver::properties {

using compat::End;
using compat::Parameter;
using compat::Value;
using compat::ValueSet;

namespace {

constexpr std::size_t choices_max = 4096;
constexpr std::uint64_t enumerated_max = 4096;

/// What all of these can hold of one parameter; empty where they part.
ValueSet common_values(const std::vector<End>& ends, const std::string& name) {
  std::vector<const Parameter*> knowing;
  for (const End& end : ends) {
    const auto found = end.model->parameters.find(name);
    if (found != end.model->parameters.end()) knowing.push_back(&found->second);
  }
  ValueSet values = knowing.front()->accepted_values();
  for (const Parameter* one : knowing) values = values.intersection(one->accepted_values());
  ValueSet offs(values.type());
  const std::optional<Value>& off = knowing.front()->off;
  bool same_off = off.has_value();
  for (const Parameter* one : knowing) {
    if (one->type != values.type()) return ValueSet(values.type());
    if (one->off) offs.add(*one->off);
    same_off = same_off && one->off == off;
  }
  ValueSet off_alone(values.type());
  if (same_off && values.contains(*off)) off_alone.add(*off);
  if (knowing.size() < ends.size()) return off_alone;  // R3: some end lacks it
  ValueSet kept = values.minus(offs);
  if (!off_alone.empty()) kept.add(*off);
  return kept;
}

struct CommonSpace {
  Question question;
  std::vector<std::string> parted;  ///< parameters without a common value
};

/// `ends` as one question: is there a configuration at all?
CommonSpace space_of(const std::vector<End>& ends) {
  CommonSpace space;
  std::map<std::string, const Parameter*> names;
  for (const End& end : ends)
    for (const auto& [name, parameter] : end.model->parameters) names.emplace(name, &parameter);
  std::map<std::string, std::size_t> number;
  for (const auto& [name, parameter] : names) {
    number.emplace(name, space.question.variables.size());
    ValueSet values = common_values(ends, name);
    if (values.empty()) space.parted.push_back(name);
    space.question.variables.push_back({name, std::move(values), parameter->init});
  }
  if (!space.parted.empty()) return space;
  for (const End& end : ends) {
    std::vector<ParameterTerm> terms;
    for (const auto& [name, parameter] : end.model->parameters)
      terms.push_back(ParameterTerm::of_variable(static_cast<int>(number.at(name)), parameter.type));
    for (const rules::Expression& constraint : constraints_of(end))
      space.question.exists.push_back(holds(constraint, terms));
  }
  space.question.failures.push_back({truth(true), {}});
  return space;
}

class CommonSearch {
 public:
  CommonSearch(Engine engine, std::uint32_t milliseconds) : engine_(engine), z3_(milliseconds) {}

  Answer answer(const Question& question) {
    if (engine_ != Engine::z3) {
      Answer direct = answer_directly(question, engine_ == Engine::direct ? 65536 : enumerated_max);
      if (direct.outcome != Answer::Outcome::unknown || engine_ == Engine::direct) return direct;
    }
    return z3_.answer(question);
  }

  /// Whether these have something in common; empty where it is not known.
  std::optional<bool> some(const std::vector<End>& ends, std::string& reason) {
    const CommonSpace space = space_of(ends);
    if (!space.parted.empty()) return false;
    const Answer found = answer(space.question);
    if (found.outcome == Answer::Outcome::unknown) {
      reason = found.reason;
      return std::nullopt;
    }
    return found.outcome == Answer::Outcome::broken;
  }

  /// Calls `visit` with each choice of one type for each of the hosts, until it returns false. False where
  /// there are too many.
  template <class Visit>
  static bool choices(const std::vector<const Host*>& hosts, const Visit& visit) {
    std::size_t product = 1;
    for (const Host* host : hosts) {
      product *= host->types.size();
      if (product > choices_max) return false;
    }
    std::vector<std::size_t> at(hosts.size(), 0);
    while (true) {
      if (!visit(at)) return true;
      std::size_t i = at.size();
      while (i > 0 && ++at[i - 1] == hosts[i - 1]->types.size()) at[--i] = 0;
      if (i == 0) return true;
    }
  }

  std::optional<bool> some_choice(const std::vector<const Host*>& hosts, std::string& reason,
                                  std::vector<std::size_t>* chosen = nullptr) {
    bool unknown = false, found = false;
    const bool all = choices(hosts, [&](const std::vector<std::size_t>& at) {
      std::vector<End> ends;
      for (std::size_t i = 0; i < hosts.size(); ++i) ends.push_back(hosts[i]->types[at[i]]);
      const auto one = some(ends, reason);
      unknown = unknown || !one;
      found = one.value_or(false);
      if (found && chosen != nullptr) *chosen = at;
      return !found;
    });
    if (found) return true;
    if (!all) reason = fmt::format("the hosts offer more than {} choices of types", choices_max);
    return unknown || !all ? std::nullopt : std::optional(false);
  }

 private:
  Engine engine_;
  Z3Answers z3_;
};

}  // namespace

std::vector<Host> hosts_of(const compat::Catalogue& catalogue, const std::string& model) {
  std::vector<Host> hosts;
  const compat::Implementation* last = nullptr;
  for (const compat::Implementation& one : catalogue.implementations) {
    const compat::DeviceModel* described = one.model(model);
    if (described == nullptr) continue;
    const bool same = last != nullptr && !one.type.empty() && !last->type.empty() && one.name == last->name &&
                      one.version == last->version;
    if (!same)
      hosts.push_back({one.type.empty()      ? one.label
                       : one.version.empty() ? one.name
                                             : one.name + "@" + one.version,
                       {}});
    hosts.back().types.push_back({&one, described});
    last = &one;
  }
  for (Host& host : hosts)
    if (host.types.size() == 1) host.label = host.types.front().implementation->label;
  return hosts;
}

Common common_space(const std::vector<Host>& hosts, Engine engine, std::uint32_t z3_milliseconds_max) {
  CommonSearch search(engine, z3_milliseconds_max);
  Common common;
  std::vector<const Host*> all;
  for (const Host& host : hosts) all.push_back(&host);
  const auto found = search.some_choice(all, common.reason, &common.chosen);
  if (!found) {
    common.outcome = Common::Outcome::unknown;
    return common;
  }
  if (*found) {
    common.outcome = Common::Outcome::some;
    std::vector<End> ends;
    for (std::size_t i = 0; i < hosts.size(); ++i) ends.push_back(hosts[i].types[common.chosen[i]]);
    const CommonSpace space = space_of(ends);
    const Answer answer = search.answer(space.question);
    compat::Configuration example;
    for (std::size_t i = 0; i < space.question.variables.size(); ++i) {
      const Variable& variable = space.question.variables[i];
      const bool everywhere = std::all_of(ends.begin(), ends.end(), [&](const End& end) {
        return end.model->parameters.contains(variable.name);
      });
      if (everywhere)
        common.values.emplace(variable.name, variable.domain);
      else
        common.absent.push_back(variable.name);
      if (answer.witness) example.emplace(variable.name, (*answer.witness)[i]);
    }
    if (answer.witness) common.example = std::move(example);
    std::set<std::string> texts;
    for (const End& end : ends)
      for (const rules::Expression& constraint : constraints_of(end))
        if (texts.insert(constraint.source).second) common.constraints.push_back(&constraint);
    return common;
  }
  common.outcome = Common::Outcome::none;
  std::vector<std::size_t> numbers(hosts.size());
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  std::string ignored;
  common.blocker.hosts = minimal(numbers, [&](const std::vector<std::size_t>& fewer) {
    std::vector<const Host*> chosen;
    for (const std::size_t i : fewer) chosen.push_back(&hosts[i]);
    return search.some_choice(chosen, ignored) == std::optional(false);
  });
  // On what they part, for the first choice of types: parameters without a common value, else constraints, of
  // which a minimal set is named.
  std::vector<End> ends;
  for (const std::size_t i : common.blocker.hosts) ends.push_back(hosts[i].types.front());
  CommonSpace space = space_of(ends);
  common.blocker.parameters = space.parted;
  if (space.parted.empty()) {
    std::vector<std::pair<Formula, std::string>> constraints;
    std::size_t next = 0;
    for (const End& end : ends)
      for (const rules::Expression& constraint : constraints_of(end))
        constraints.emplace_back(space.question.exists[next++], constraint.source);
    const auto core = minimal(constraints, [&](const auto& fewer) {
      Question question = space.question;
      question.exists.clear();
      for (const auto& [formula, text] : fewer) question.exists.push_back(formula);
      return search.answer(question).outcome == Answer::Outcome::never;
    });
    for (const auto& [formula, text] : core) common.blocker.constraints.push_back(text);
  }
  return common;
}

}  // namespace portolan::solver::properties
