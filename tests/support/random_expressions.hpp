#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Random well-typed expressions of the rule language as text, over any scope, for RapidCheck: every operator,
// quantifiers, `none`, sets, names that stand in several sorts, literals at the edges of 64 bits. Every
// operand that is no single word stands in parentheses, so that every tree can be asked for. Only inside a
// property (`RC_GTEST_PROP`, `rc::check`).

#include <string>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include "model/rules/parse.hpp"
#include "model/rules/print.hpp"

namespace portolan::test {

struct ExpressionKinds {
  bool text = true;  ///< strings
  bool arithmetic = true;
  std::vector<std::uint64_t> numbers = {0, 1, 2, 3, 255, (1ull << 63) - 1, 1ull << 63, ~0ull - 1, ~0ull};
};

class RandomExpressions {
 public:
  using Type = rules::Type;
  explicit RandomExpressions(const rules::Scope& scope, ExpressionKinds kinds = {})
      : scope_(scope), kinds_(std::move(kinds)) {
    for (const rules::BoundView& b : scope.bound) bound_.push_back({rules::name_in_text(b.name), b.type});
  }

  /// `depth` bounds the operators on any path from the root.
  std::string of_type(Type type, int depth) { return stripped(make(type, depth, false)); }

  static constexpr Type boolean{};
  static constexpr Type integer{rules::TypeKind::integer, false, -1};
  static constexpr Type text{rules::TypeKind::text, false, -1};
  static constexpr Type element(std::size_t sort, bool optional = false) {
    return {rules::TypeKind::element, optional, static_cast<std::int16_t>(sort)};
  }

  /// Any type of which the scope has values.
  Type some_type() {
    std::vector<Type> types{boolean, integer};
    if (kinds_.text) types.push_back(text);
    for (std::size_t s = 0; s < scope_.sorts.size(); ++s) {
      if (scope_.sorts[s].elements.empty()) continue;
      types.push_back(element(s));
      types.push_back(element(s, true));
    }
    return types[below(types.size())];
  }

 private:
  static std::size_t below(std::size_t bound) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, bound));
  }
  static bool once_in(std::size_t number) { return below(number) == number - 1; }
  static std::string stripped(const std::string& word) {
    return word.front() == '(' ? word.substr(1, word.size() - 2) : word;
  }

  static Type certain(Type type) { return {type.kind, false, type.sort}; }
  static bool fits(Type type, Type wanted) {
    return type.kind == wanted.kind && (type.kind != rules::TypeKind::element ||
                                        (type.sort == wanted.sort && (!type.optional || wanted.optional)));
  }
  bool stands_in_several_sorts(std::string_view name) const {
    int sorts = 0;
    for (const rules::SortView& sort : scope_.sorts)
      for (const std::string_view element : sort.elements) sorts += element == name;
    return sorts > 1;
  }

  /// A literal, a name or a variable. `meant`: the surroundings tell the sort of a name that stands in
  /// several.
  std::string leaf(Type type, int depth, bool meant) {
    std::vector<std::string> names;
    for (const auto& [name, bound_type] : bound_)
      if (fits(bound_type, type)) names.push_back(name);
    for (const rules::VariableView& variable : scope_.variables) {
      if (!fits(variable.type, type)) continue;
      std::string name = rules::name_in_text(variable.name);
      bool possible = true;
      for (int i = 0; i < 2 && variable.index_sorts[i] >= 0; ++i) {
        const auto sort = static_cast<std::size_t>(variable.index_sorts[i]);
        possible = possible && (depth > 0 || names_an_element(sort));
        if (possible)
          name += (i == 0 ? "[" : ", ") +
                  stripped(make(element(sort, depth > 0 && once_in(8)), depth > 0 ? depth - 1 : 0, true));
      }
      if (!possible) continue;
      names.push_back(variable.index_sorts[0] >= 0 ? name + "]" : name);
    }
    if (type.kind == rules::TypeKind::element) {
      for (const std::string_view e : scope_.sorts[static_cast<std::size_t>(type.sort)].elements)
        if (meant || !stands_in_several_sorts(e)) names.push_back(rules::name_in_text(e));
      if (type.optional) names.push_back("none");
    }
    if (!names.empty() && !once_in(3)) return names[below(names.size())];
    switch (type.kind) {
      case rules::TypeKind::boolean: return once_in(2) ? "true" : "false";
      case rules::TypeKind::integer: return std::to_string(kinds_.numbers[below(kinds_.numbers.size())]);
      case rules::TypeKind::text: {
        static const std::vector<std::string> texts{
            R"("")", R"("gold")", R"("0-255")", R"("a \"b\" \\ (c")", "\"`x` ) ü\n\"", R"("then")"};
        return texts[below(texts.size())];
      }
      case rules::TypeKind::element: break;
    }
    return names[below(names.size())];
  }
  bool names_an_element(std::size_t sort) const { return !scope_.sorts[sort].elements.empty(); }

  std::string quantified(const char* word, int depth) {
    const std::size_t sort = below(scope_.sorts.size());
    // A name that is new, or one that hides another.
    static const std::vector<std::string> names{"x", "y", "z", "h", "only-in-version"};
    const std::string name = names[below(names.size())];
    std::vector<std::pair<std::string, Type>> outside = bound_;
    std::erase_if(bound_, [&](const auto& one) { return one.first == name; });
    bound_.push_back({name, element(sort)});
    const std::string body = stripped(make_hiding(name, depth, std::string_view(word) == "sum" ? integer : boolean));
    bound_ = std::move(outside);
    return std::string(word) + "(" + name + " in " + std::string(scope_.sorts[sort].name) + ": " + body + ")";
  }
  /// A body in which `name` means the quantified element, so that variables and elements of that name cannot
  /// be written.
  std::string make_hiding(const std::string& name, int depth, Type type) {
    const auto variables = scope_.variables;
    const auto sorts = scope_.sorts;
    std::vector<rules::VariableView> visible;
    for (const rules::VariableView& v : variables)
      if (rules::name_in_text(v.name) != name) visible.push_back(v);
    std::vector<std::vector<std::string_view>> elements;
    std::vector<rules::SortView> left;
    for (const rules::SortView& sort : sorts) {
      elements.emplace_back();
      for (const std::string_view e : sort.elements)
        if (rules::name_in_text(e) != name) elements.back().push_back(e);
    }
    for (std::size_t s = 0; s < sorts.size(); ++s) left.push_back({sorts[s].name, elements[s]});
    scope_.variables = visible;
    scope_.sorts = left;
    std::string body = make(type, depth, false);
    scope_.variables = variables;
    scope_.sorts = sorts;
    return body;
  }

  std::string make(Type type, int depth, bool meant) {
    if (depth <= 0 || once_in(6)) return leaf(type, depth, meant);
    --depth;
    if (once_in(8)) {
      const std::string condition = stripped(make(boolean, depth, false)),
                        yes = stripped(make(type, depth, false));
      return "(if " + condition + " then " + yes + " else " + stripped(make(type, depth, !type.optional)) +
             ")";
    }
    const bool sorts = !scope_.sorts.empty();
    if (type.kind == rules::TypeKind::boolean) {
      switch (below(sorts ? 8 : 6)) {
        case 0: return "(!" + make(boolean, depth, false) + ")";
        case 1: return "(" + make(boolean, depth, false) + " && " + make(boolean, depth, false) + ")";
        case 2: return "(" + make(boolean, depth, false) + " || " + make(boolean, depth, false) + ")";
        case 3: return "(" + make(boolean, depth, false) + " => " + make(boolean, depth, false) + ")";
        case 4: {
          const Type operands = once_in(3) ? integer : some_type();
          static const std::vector<std::string> comparisons{" == ", " != ", " < ", " <= ", " > ", " >= "};
          const std::string& comparison = comparisons[below(operands == integer ? 6 : 2)];
          // One of them must tell the sort of the other, which `none` does not.
          const std::string teller = make(certain(operands), depth, false),
                            other = make(operands, depth, true);
          return once_in(2) ? "(" + teller + comparison + other + ")"
                            : "(" + other + comparison + teller + ")";
        }
        case 5: {
          const Type operands = some_type();
          const bool tells = once_in(2);
          std::string items;
          for (std::size_t count = below(4); count > 0; --count) {
            items += (items.empty() ? "" : ", ") + make(operands, depth, tells);
            if (operands == integer && once_in(3)) items += ".." + make(operands, depth, true);
          }
          return "(" + make(tells ? certain(operands) : operands, depth, false) + " in {" + items + "})";
        }
        case 6: return quantified("forall", depth);
        default: return quantified("exists", depth);
      }
    }
    if (type == integer && kinds_.arithmetic) {
      switch (below(sorts ? 5 : 3)) {
        case 0: return "(" + make(integer, depth, false) + " + " + make(integer, depth, false) + ")";
        case 1: return "(" + make(integer, depth, false) + " - " + make(integer, depth, false) + ")";
        case 2: return "(" + make(integer, depth, false) + " * " + make(integer, depth, false) + ")";
        case 3: return quantified("count", depth);
        default: return quantified("sum", depth);
      }
    }
    return leaf(type, depth, meant);
  }

  rules::Scope scope_;
  ExpressionKinds kinds_;
  std::vector<std::pair<std::string, Type>> bound_;
};

}  // namespace portolan::test
