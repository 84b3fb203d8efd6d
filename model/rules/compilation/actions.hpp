#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One action from its text: parameters, guard, updates and steps, read against what the module declares; the
// result is its variants. For compile.hpp alone.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "model/rules/compilation/steps.hpp"
#include "model/rules/compilation/variants.hpp"

namespace portolan::rules::compilation {

class ActionReader {
 public:
  constexpr ActionReader(const ModuleText& text, const Module& module, const ExpressionReader& expressions,
                         ModuleFaults& faults)
      : text_(text), module_(module), expressions_(expressions), faults_(faults) {}

  /// Appends the variants of the action; what has a fault in it is left out.
  constexpr void read(std::size_t a, std::vector<Action>& into) const {
    const ActionText& text = text_.actions[a];
    Action made;
    made.name = text.name;
    made.text = a;
    made.meaning = text.meaning;
    made.actor = text.actor;
    made.fault = text.actor == Actor::fault;
    if (!plain(text.name)) faults_.no_name({"actions", a, "name"}, text.name, "letters, digits, _ - and .");
    for (std::size_t b = 0; b < a; ++b)
      if (text_.actions[b].name == text.name)
        faults_.given_twice({"actions", a, "name"}, "action", text.name);
    if (!text.source.empty()) made.sources.emplace_back(text.source);
    parameters(a, made);
    const std::vector<BoundView> bound = bound_of(made);
    if (!text.guard.empty()) {
      Expression guard;
      const Type boolean{};
      if (expressions_.read({"actions", a, "guard"}, text.guard, 0, bound, &boolean, guard))
        made.guards.push_back(std::move(guard));
    }
    for (const Piece& piece : pieces(text.update, ';')) update(a, piece, made);
    const StepReader reader(a, module_, bound, expressions_, faults_);
    std::vector<StepRequest> steps;
    for (const Piece& piece : pieces(text.steps, ';')) {
      StepRequest one;
      if (reader.read(piece, one)) steps.push_back(std::move(one));
    }
    if (text.update.empty() && text.steps.empty())
      faults_.add({"actions", a, "update"}, FaultCode::missing, "the action changes nothing",
                  "an update or a step of a machine");
    Variants(module_, steps, into).expand(made);
  }

 private:
  const ModuleText& text_;
  const Module& module_;
  const ExpressionReader& expressions_;
  ModuleFaults& faults_;

  static constexpr std::vector<BoundView> bound_of(const Action& action) {
    std::vector<BoundView> bound;
    for (const ActionParameter& p : action.parameters)
      bound.push_back({p.name, {TypeKind::element, false, p.sort}});
    return bound;
  }

  constexpr void parameters(std::size_t a, Action& into) const {
    const TextPlace place{"actions", a, "parameters"};
    for (const Piece& piece : pieces(text_.actions[a].parameters, ',')) {
      const std::size_t colon = piece.text.find(':');
      const bool whole = colon != std::string_view::npos;
      const std::string_view name = whole ? trimmed(piece.text.substr(0, colon)) : piece.text;
      const std::string_view sort = whole ? trimmed(piece.text.substr(colon + 1)) : std::string_view{};
      const int position = sort_named(module_.sorts, sort);
      if (!plain(name))
        faults_.add_at(piece.begin, place, FaultCode::bad_name, ModuleFaults::quoted(name) + " is no name",
                       "name: sort");
      else if (position < 0)
        faults_.add_at(piece.begin, place, FaultCode::unknown_name,
                       "unknown sort " + ModuleFaults::quoted(sort), sort_list(module_.sorts));
      else
        into.parameters.push_back({std::string(name), static_cast<std::int16_t>(position)});
    }
  }

  /// `target := value`, or the same for every element of a sort.
  constexpr void update(std::size_t a, Piece piece, Action& into) const {
    const TextPlace place{"actions", a, "update"};
    std::vector<BoundView> bound = bound_of(into);
    Assignment assignment;
    if (piece.text.substr(0, 7) == "forall(" && piece.text.back() == ')' &&
        !quantified(place, piece, bound, assignment))
      return;
    const std::size_t assign = piece.text.find(":=");
    if (assign == std::string_view::npos)
      return faults_.add_at(piece.begin, place, FaultCode::syntax,
                            ModuleFaults::quoted(piece.text) + " is no assignment", "target := expression");
    Expression target;
    if (!expressions_.read(place, piece.text.substr(0, assign), piece.begin, bound, nullptr, target)) return;
    const Node root = target.nodes.back();
    if (const std::string why = why_not(root, trimmed(piece.text.substr(0, assign))); !why.empty())
      return faults_.add_at(piece.begin, place, FaultCode::unknown_name, why, "a variable of role state");
    assignment.variable = root.symbol;
    for (const std::int32_t index : {root.a, root.b})
      if (index >= 0) splice(assignment.indices.emplace_back(), target.view(), index);
    Type wanted = module_.variables[static_cast<std::size_t>(root.symbol)].type;
    // That `none` does not get where it cannot be is seen when it is carried out.
    wanted.optional = wanted.kind == TypeKind::element;
    if (expressions_.read(place, piece.text.substr(assign + 2), piece.begin + assign + 2, bound, &wanted,
                          assignment.value))
      into.assignments.push_back(std::move(assignment));
  }

  /// Takes `forall(x in sort: ` … `)` off the piece; false, with the fault reported, where there is no such
  /// sort.
  constexpr bool quantified(TextPlace place, Piece& piece, std::vector<BoundView>& bound,
                            Assignment& assignment) const {
    const std::string_view text = piece.text;
    const std::size_t colon = text.find(':'), in = text.find(" in ");
    const std::string_view sort = colon != std::string_view::npos && in < colon
                                      ? trimmed(text.substr(in + 4, colon - in - 4))
                                      : std::string_view{};
    const int position = sort_named(module_.sorts, sort);
    if (position < 0) {
      faults_.add_at(piece.begin, place, FaultCode::unknown_name,
                     "unknown sort " + ModuleFaults::quoted(sort),
                     "forall(x in sort: target := value); sorts are " + sort_list(module_.sorts));
      return false;
    }
    assignment.for_sort = static_cast<std::int16_t>(position);
    bound.push_back({trimmed(text.substr(7, in - 7)), {TypeKind::element, false, assignment.for_sort}});
    piece = {text.substr(colon + 1, text.size() - colon - 2), piece.begin + colon + 1};
    return true;
  }

  /// Why the root of an expression is nothing that an action can update; empty where it can.
  constexpr std::string why_not(const Node& root, std::string_view target) const {
    if (root.op != Op::variable) return ModuleFaults::quoted(target) + " cannot be updated";
    const Variable& variable = module_.variables[static_cast<std::size_t>(root.symbol)];
    if (variable.fixed) return variable.name + " is fixed and cannot be updated";
    for (const MachineUse& use : module_.machines)
      if (use.state == root.symbol ||
          std::find(use.variables.begin(), use.variables.end(), root.symbol) != use.variables.end())
        return variable.name + " belongs to a machine, which moves by its own rows";
    return {};
  }
};

}  // namespace portolan::rules::compilation
