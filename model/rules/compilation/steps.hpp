#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The steps of an action, from its text: which copy of which machine, by which event, with which inputs; a
// copy may also be replaced by a new one or by another copy. For compile.hpp alone.

#include <algorithm>
#include <string>
#include <vector>

#include "model/rules/compilation/text.hpp"

namespace portolan::rules::compilation {

/// `name[index].event(input: value, …)`, `name[index].new` or `name[index].take(other[index])`.
struct StepRequest {
  std::size_t use = 0, other = 0;  ///< other: the machine that `take` copies from, at inputs[0]
  Expression index;
  std::string_view event;
  std::vector<Expression> inputs;  ///< by variable of the machine; what is not given is empty
};

/// Reads the steps of one action, whose parameters are bound.
class StepReader {
 public:
  constexpr StepReader(std::size_t action, const Module& module, std::span<const BoundView> bound,
                       const ExpressionReader& expressions, ModuleFaults& faults)
      : place_{"actions", action, "steps"},
        module_(module),
        bound_(bound),
        expressions_(expressions),
        faults_(faults) {}

  /// False, with the faults reported, where the text is no step.
  constexpr bool read(const Piece& piece, StepRequest& into) const {
    const std::string_view text = piece.text;
    const Parts parts = parts_of(text);
    if (parts.dot >= text.size() || text[parts.dot] != '.')
      return refuse(piece.begin, FaultCode::syntax, ModuleFaults::quoted(text) + " is no step",
                    "machine[index].event");
    if (!machine(piece, parts, into) || !copy(piece, parts, into)) return false;
    const std::size_t paren = text.find('(', parts.dot);
    into.event = text.substr(
        parts.dot + 1, paren == std::string_view::npos ? std::string_view::npos : paren - parts.dot - 1);
    if (into.event == "take") return taken(piece, paren, into);
    const Machine& stepped = *module_.machines[into.use].machine;
    if (into.event != "new" && index_of(stepped.text->events, into.event) < 0)
      return refuse(piece.begin + parts.dot + 1, FaultCode::unknown_name,
                    "unknown event " + ModuleFaults::quoted(into.event),
                    "an event of " + std::string(stepped.text->name));
    into.inputs.resize(stepped.text->variables.size());
    return paren == std::string_view::npos || inputs(piece, paren, stepped, into);
  }

 private:
  TextPlace place_;
  const Module& module_;
  std::span<const BoundView> bound_;
  const ExpressionReader& expressions_;
  ModuleFaults& faults_;

  /// Offsets: where the machine's name ends, the brackets of the index (npos where there is none), the dot.
  struct Parts {
    std::size_t name_end = 0, open = 0, close = std::string_view::npos, dot = 0;
  };
  static constexpr Parts parts_of(std::string_view text) {
    Parts parts;
    parts.open = text.find('[');
    parts.name_end = std::min(parts.open, text.find('.'));
    const bool bracket = parts.name_end == parts.open && parts.open != std::string_view::npos;
    int depth = 0;
    for (std::size_t i = parts.open; bracket && i < text.size() && parts.close == std::string_view::npos;
         ++i) {
      depth += text[i] == '[' ? 1 : text[i] == ']' ? -1 : 0;
      if (depth == 0) parts.close = i;
    }
    parts.dot = parts.close != std::string_view::npos ? parts.close + 1 : parts.name_end;
    return parts;
  }

  constexpr bool refuse(std::size_t offset, FaultCode code, std::string finding,
                        std::string expectation) const {
    faults_.add_at(offset, place_, code, std::move(finding), std::move(expectation));
    return false;
  }

  constexpr bool machine(const Piece& piece, const Parts& parts, StepRequest& into) const {
    const std::string_view name = piece.text.substr(0, parts.name_end);
    while (into.use < module_.machines.size() && module_.machines[into.use].name != name) ++into.use;
    return into.use < module_.machines.size() ||
           refuse(piece.begin, FaultCode::unknown_name, "unknown machine " + ModuleFaults::quoted(name),
                  "a machine of the model");
  }

  constexpr bool copy(const Piece& piece, const Parts& parts, StepRequest& into) const {
    const std::int16_t sort = module_.machines[into.use].index_sort;
    if ((sort >= 0) != (parts.close != std::string_view::npos))
      return refuse(piece.begin, FaultCode::syntax,
                    sort >= 0 ? "the copy is not named" : "the machine has no index",
                    sort >= 0 ? "machine[index].event" : "machine.event");
    if (sort < 0) return true;
    const Type type{TypeKind::element, true, sort};
    return expressions_.read(place_, piece.text.substr(parts.open + 1, parts.close - parts.open - 1),
                             piece.begin + parts.open + 1, bound_, &type, into.index);
  }

  /// `(input: value, …)` from the parenthesis on.
  constexpr bool inputs(const Piece& piece, std::size_t paren, const Machine& stepped,
                        StepRequest& into) const {
    if (piece.text.back() != ')')
      return refuse(piece.begin, FaultCode::syntax, "a step without its closing parenthesis",
                    "machine[index].event(input: expression)");
    const auto& own = stepped.text->variables;
    const std::size_t inside = piece.begin + paren + 1;
    bool good = true;
    for (const Piece& input : pieces(piece.text.substr(paren + 1, piece.text.size() - paren - 2), ',')) {
      const std::size_t colon = input.text.find(':');
      const std::string_view name = trimmed(input.text.substr(0, colon));
      std::size_t k = 0;
      while (k < own.size() && (own[k].role != Role::input || own[k].name != name)) ++k;
      if (colon == std::string_view::npos || k == own.size())
        return refuse(inside + input.begin, FaultCode::unknown_name,
                      ModuleFaults::quoted(input.text) + " gives no input", "input: expression");
      const Type type = own[k].type();
      good = expressions_.read(place_, input.text.substr(colon + 1), inside + input.begin + colon + 1, bound_,
                               &type, into.inputs[k]) &&
             good;
    }
    return good;
  }

  /// `take(other[index])`, from the parenthesis on.
  constexpr bool taken(const Piece& piece, std::size_t paren, StepRequest& into) const {
    const bool whole = paren != std::string_view::npos && piece.text.back() == ')';
    Expression other;
    if (whole && !expressions_.read(place_, piece.text.substr(paren + 1, piece.text.size() - paren - 2),
                                    piece.begin + paren + 1, bound_, nullptr, other))
      return false;
    const auto& uses = module_.machines;
    while (whole && into.other < uses.size() &&
           (other.nodes.back().op != Op::variable || uses[into.other].state != other.nodes.back().symbol))
      ++into.other;
    if (!whole || into.other == uses.size() || uses[into.other].machine != uses[into.use].machine ||
        into.other == into.use)
      return refuse(piece.begin, FaultCode::type_error,
                    ModuleFaults::quoted(piece.text) + " takes no copy of the same machine",
                    "take(other[index])");
    if (other.nodes.back().a >= 0) splice(into.inputs.emplace_back(), other.view(), other.nodes.back().a);
    return true;
  }
};

}  // namespace portolan::rules::compilation
