#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The one parser and type checker of the rule language (rules.md §rules, §expressions). It runs at run
// time over text from files and in constant evaluation over the built-in tables, so that a misspelt guard
// does not compile. Grammar, loosest first: `=>` (to the right), `||`, `&&`, one comparison or `in {…}`, `+
// -`, `*`, `!`. Names are bare when they are identifiers or have dashes, in backquotes otherwise (a backquote
// inside is doubled); `forall(x in sort: e)`, `exists(…)` and `count(…)` range over a sort; `if a then b else
// c` chooses.

#include <algorithm>
#include <limits>
#include <utility>

#include "model/rules/scope.hpp"
#include "model/rules/tokens.hpp"

namespace portolan::rules {

inline constexpr std::size_t max_expression_depth = 256;
/// `a && b && …` is a tree to the left, and every walk over it recurses: chains are shorter than that.
inline constexpr std::uint32_t max_expression_height = 2'000;

class Parser {
 public:
  constexpr Parser(std::string_view text, const Scope& scope) : tokens_(text), scope_(scope) {
    for (const BoundView& b : scope.bound) bound_.push_back(b);
    next();
  }

  /// The whole text as one expression of the wanted type (a null pointer: of any type).
  constexpr Parsed whole(const Type* wanted) {
    const std::int32_t root = expression();
    if (!broken_ && token_.kind != Token::end)
      syntax("unexpected " + shown(), "an operator or the end of the expression", after_operand_hint());
    if (!broken_ && root >= 0) {
      if (wanted != nullptr) adopt(root, *wanted);
      if (root >= 0 && pending(root)) unresolved(root);
      if (out_.faults.empty() && wanted != nullptr && !fits(at(root).type, *wanted))
        type_fault(at(root).column, "the expression is " + described(at(root).type), described(*wanted));
    }
    return std::move(out_);
  }

 private:
  Tokens tokens_;
  Scope scope_;
  std::vector<BoundView> bound_;
  Parsed out_;
  Token token_;
  std::size_t depth_ = 0;
  std::vector<std::uint32_t> heights_;  ///< of each node
  bool broken_ = false;
  struct Pending {
    std::int32_t node;
    Token name;
  };
  std::vector<Pending> pending_;
  /// The last name that was not known: where it stands, and the position of its fault.
  struct Unknown {
    Token name;
    std::size_t fault = 0;
  };
  Unknown unknown_;

  constexpr Node& at(std::int32_t i) { return out_.nodes[static_cast<std::size_t>(i)]; }

  // --- tokens

  constexpr void next() { token_ = tokens_.next(); }
  constexpr bool is(std::string_view symbol) const {
    return token_.kind == Token::symbol && token_.spelling == symbol;
  }
  constexpr bool keyword(std::string_view word) const {
    return token_.kind == Token::name && token_.spelling == word;
  }
  constexpr bool take(std::string_view symbol) {
    if (broken_ || !is(symbol)) return false;
    next();
    return true;
  }
  constexpr bool take_keyword(std::string_view word) {
    if (broken_ || !keyword(word)) return false;
    next();
    return true;
  }
  constexpr bool need(std::string_view symbol) {
    if (take(symbol)) return true;
    syntax("unexpected " + shown(), "'" + std::string(symbol) + "'", {});
    return false;
  }

  // --- faults
  // ----------------------------------------------------------------------------------------------------
  constexpr std::string shown() const {
    return token_.kind == Token::end ? std::string("end of the expression")
                                     : "'" + std::string(token_.spelling) + "'";
  }
  constexpr std::int32_t syntax(std::string finding, std::string expectation, std::string remedy,
                                FaultCode code = FaultCode::syntax) {
    if (!broken_) {
      out_.faults.clear();  // what came before may follow from the same slip
      out_.faults.push_back(
          {code, token_.column, std::move(finding), std::move(expectation), std::move(remedy)});
    }
    broken_ = true;
    return -1;
  }
  constexpr std::int32_t type_fault(std::uint32_t column, std::string finding, std::string expectation,
                                    std::string remedy = {}) {
    if (!broken_)
      out_.faults.push_back(
          {FaultCode::type_error, column, std::move(finding), std::move(expectation), std::move(remedy)});
    return -1;
  }
  constexpr std::string after_operand_hint() const {
    if (token_.kind == Token::bad && token_.spelling == "=") return "write == to compare";
    if (token_.kind == Token::bad && token_.spelling == "&") return "write && for and";
    if (token_.kind == Token::bad && token_.spelling == "|") return "write || for or";
    if (is("==") || is("!=") || is("<") || is("<=") || is(">") || is(">="))
      return "comparisons do not chain; join two of them with &&";
    return {};
  }
  constexpr std::string described(Type type) const {
    switch (type.kind) {
      case TypeKind::boolean: return "bool";
      case TypeKind::integer: return "int";
      case TypeKind::text: return "str";
      case TypeKind::element: break;
    }
    if (type.sort < 0) return "none";
    return std::string(scope_.sorts[static_cast<std::size_t>(type.sort)].name) + (type.optional ? "?" : "");
  }

  // --- types
  // -----------------------------------------------------------------------------------------------------
  static constexpr bool fits(Type type, Type wanted) {
    if (type.kind != wanted.kind) return false;
    return type.kind != TypeKind::element ||
           (type.sort == wanted.sort && (!type.optional || wanted.optional)) ||
           (type.sort < 0 && wanted.optional);
  }
  static constexpr bool comparable(Type a, Type b) {
    if (a.kind != b.kind) return false;
    return a.kind != TypeKind::element || a.sort == b.sort || a.sort < 0 || b.sort < 0;
  }
  constexpr bool pending(std::int32_t i) { return at(i).op == Op::element && at(i).symbol == -2; }
  constexpr Token pending_name(std::int32_t i) const {
    for (const Pending& p : pending_)
      if (p.node == i) return p.name;
    return {};
  }
  /// An element name that stands in several sorts takes the sort of what it is compared with.
  constexpr void adopt(std::int32_t i, Type wanted) {
    if (i < 0 || !pending(i) || wanted.kind != TypeKind::element || wanted.sort < 0) return;
    const auto elements = scope_.sorts[static_cast<std::size_t>(wanted.sort)].elements;
    for (std::size_t e = 0; e < elements.size(); ++e) {
      if (!is_named(pending_name(i), elements[e])) continue;
      at(i).symbol = wanted.sort;
      at(i).number = e;
      at(i).type = {TypeKind::element, false, wanted.sort};
    }
  }
  constexpr std::int32_t unresolved(std::int32_t i) {
    return type_fault(at(i).column, "'" + name_of(pending_name(i)) + "' belongs to several sorts",
                      "a comparison that tells which one is meant");
  }

  constexpr std::int32_t push(Node node) {
    std::uint32_t height = 0;
    for (const std::int32_t child :
         {node.a, node.b, node.op == Op::item ? -1 : node.c})  // an item's c is the next one of the list
      if (child >= 0) height = std::max(height, heights_[static_cast<std::size_t>(child)]);
    heights_.push_back(height + 1);
    if (height + 1 > max_expression_height)
      return syntax("a chain of more than 2,000 operators", {}, "split the expression into several",
                    FaultCode::limit);
    out_.nodes.push_back(node);
    return static_cast<std::int32_t>(out_.nodes.size()) - 1;
  }

  // --- grammar
  // ---------------------------------------------------------------------------------------------------
  constexpr std::int32_t expression() {
    if (broken_) return -1;
    if (++depth_ > max_expression_depth)
      return syntax("the expression is nested deeper than 256", {}, "split it", FaultCode::limit);
    const std::int32_t result = keyword("if") ? choice() : implication();
    --depth_;
    return result;
  }

  constexpr std::int32_t choice() {
    const std::uint32_t column = token_.column;
    next();
    const std::int32_t a = expression();
    if (!take_keyword("then")) return syntax("unexpected " + shown(), "'then'", {});
    const std::int32_t b = expression();
    if (!take_keyword("else")) return syntax("unexpected " + shown(), "'else'", {});
    const std::int32_t c = expression();
    if (a < 0 || b < 0 || c < 0 || !boolean(a)) return -1;
    adopt(b, at(c).type);
    adopt(c, at(b).type);
    if (pending(b)) return unresolved(b);
    if (pending(c)) return unresolved(c);
    if (!comparable(at(b).type, at(c).type))
      return type_fault(at(c).column,
                        "'then' is " + described(at(b).type) + " and 'else' is " + described(at(c).type),
                        "two of one type");
    Type type = at(b).type.sort >= 0 ? at(b).type : at(c).type;
    type.optional = at(b).type.optional || at(c).type.optional;
    return push({Op::conditional, type, -1, a, b, c, column, 0});
  }

  constexpr bool boolean(std::int32_t i) {
    if (i < 0) return false;
    if (at(i).type.kind == TypeKind::boolean) return true;
    type_fault(at(i).column, "this operand is " + described(at(i).type), "bool");
    return false;
  }
  constexpr std::int32_t logical(Op op, std::uint32_t column, std::int32_t a, std::int32_t b) {
    const bool left = boolean(a), right = boolean(b);
    return left && right ? push({op, {}, -1, a, b, -1, column, 0}) : -1;
  }

  constexpr std::int32_t implication() {
    if (broken_) return -1;
    std::vector<std::pair<std::int32_t, std::uint32_t>>
        operands;  // a => b => c is a => (b => c), read without recursion
    for (;;) {
      const std::int32_t a = disjunction();
      operands.push_back({a, token_.column});
      if (!take("=>")) break;
    }
    std::int32_t result = operands.back().first;
    for (std::size_t i = operands.size() - 1; i-- > 0;)
      result = logical(Op::implication, operands[i].second, operands[i].first, result);
    return result;
  }
  constexpr std::int32_t disjunction() {
    std::int32_t a = conjunction();
    for (std::uint32_t column = token_.column; take("||"); column = token_.column)
      a = logical(Op::disjunction, column, a, conjunction());
    return a;
  }
  constexpr std::int32_t conjunction() {
    std::int32_t a = comparison();
    for (std::uint32_t column = token_.column; take("&&"); column = token_.column)
      a = logical(Op::conjunction, column, a, comparison());
    return a;
  }

  constexpr std::int32_t comparison() {
    const std::uint32_t left = token_.column;
    const std::int32_t a = sum();
    const Unknown unknown_left = unknown_;
    const std::uint32_t column = token_.column;
    if (take_keyword("in")) return membership(a, column);
    constexpr std::pair<std::string_view, Op> operators[] = {{"==", Op::equal},  {"!=", Op::not_equal},
                                                             {"<", Op::less},    {"<=", Op::less_equal},
                                                             {">", Op::greater}, {">=", Op::greater_equal}};
    for (const auto& [spelling, op] : operators) {
      if (!take(spelling)) continue;
      const std::uint32_t right = token_.column;
      const std::int32_t b = sum();
      if (a < 0 && b >= 0) would_be(unknown_left, left, at(b).type);
      if (b < 0 && a >= 0) would_be(unknown_, right, at(a).type);
      if (is("==") || is("!=") || is("<") || is("<=") || is(">") || is(">="))
        return syntax("unexpected " + shown(), "an operator that joins conditions",
                      "comparisons do not chain; join two of them with &&");
      return compared(op, column, a, b);
    }
    return a;
  }
  constexpr std::int32_t compared(Op op, std::uint32_t column, std::int32_t a, std::int32_t b) {
    if (a < 0 || b < 0) return -1;
    adopt(a, at(b).type);
    adopt(b, at(a).type);
    if (pending(a)) return unresolved(a);
    if (pending(b)) return unresolved(b);
    const bool ordered = op != Op::equal && op != Op::not_equal;
    if (ordered ? at(a).type.kind != TypeKind::integer || at(b).type.kind != TypeKind::integer
                : !comparable(at(a).type, at(b).type))
      return type_fault(column, "the operands are " + described(at(a).type) + " and " + described(at(b).type),
                        ordered ? "two of type int" : "two of one type",
                        ordered ? "only int is ordered" : std::string());
    return push({op, {}, -1, a, b, -1, column, 0});
  }

  constexpr std::int32_t membership(std::int32_t a, std::uint32_t column) {
    if (!need("{")) return -1;
    struct Entry {
      std::int32_t low, high;
      std::uint32_t column;
    };
    std::vector<Entry> entries;
    bool good = a >= 0;
    while (!broken_ && !is("}")) {
      Entry entry{-1, -1, token_.column};
      entry.low = sum();
      const bool range = take("..");
      if (range) entry.high = sum();
      if (broken_) return -1;
      if (entry.low < 0 && a >= 0) would_be(unknown_, entry.column, at(a).type);
      if (entry.low < 0 || (range && entry.high < 0)) good = false;
      if (good) {
        adopt(a, at(entry.low).type);
        adopt(entry.low, at(a).type);
        if (pending(entry.low)) {
          unresolved(entry.low);
          good = false;
        } else if (!comparable(at(entry.low).type, at(a).type)) {
          type_fault(entry.column, "the item is " + described(at(entry.low).type), described(at(a).type));
          good = false;
        } else if (range &&
                   (at(a).type.kind != TypeKind::integer || at(entry.high).type.kind != TypeKind::integer)) {
          type_fault(entry.column, "the range is not over int", "a..b of type int");
          good = false;
        }
      }
      entries.push_back(entry);
      if (!take(",")) break;
    }
    if (!need("}") || !good) return -1;
    if (pending(a)) return unresolved(a);
    std::int32_t list = -1;
    for (std::size_t i = entries.size(); i-- > 0;)
      list = push({Op::item, at(a).type, -1, entries[i].low, entries[i].high, list, entries[i].column, 0});
    return push({Op::member, {}, -1, a, list, -1, column, 0});
  }

  constexpr bool number(std::int32_t i) {
    if (i < 0) return false;
    if (at(i).type.kind == TypeKind::integer) return true;
    type_fault(at(i).column, "this operand is " + described(at(i).type), "int");
    return false;
  }
  constexpr std::int32_t arithmetic(Op op, std::uint32_t column, std::int32_t a, std::int32_t b) {
    const bool left = number(a), right = number(b);
    return left && right ? push({op, {TypeKind::integer, false, -1}, -1, a, b, -1, column, 0}) : -1;
  }
  constexpr std::int32_t sum() {
    std::int32_t a = product();
    for (;;) {
      const std::uint32_t column = token_.column;
      if (take("+"))
        a = arithmetic(Op::plus, column, a, product());
      else if (take("-"))
        a = arithmetic(Op::minus, column, a, product());
      else
        return a;
    }
  }
  constexpr std::int32_t product() {
    std::int32_t a = unary();
    for (std::uint32_t column = token_.column; take("*"); column = token_.column)
      a = arithmetic(Op::times, column, a, unary());
    return a;
  }
  constexpr std::int32_t unary() {
    std::vector<std::uint32_t> signs;
    for (std::uint32_t column = token_.column; take("!"); column = token_.column) signs.push_back(column);
    if (signs.size() > max_expression_depth)
      return syntax("the expression is nested deeper than 256", {}, "split it", FaultCode::limit);
    std::int32_t a = primary();
    while (!signs.empty() && a >= 0) {
      if (!boolean(a)) return -1;
      a = push({Op::negation, {}, -1, a, -1, -1, signs.back(), 0});
      signs.pop_back();
    }
    return a;
  }

  constexpr std::int32_t primary() {
    if (broken_) return -1;
    const Token token = token_;
    if (take("(")) {
      const std::int32_t inner = expression();
      return need(")") ? inner : -1;
    }
    switch (token.kind) {
      case Token::number: next(); return integer(token);
      case Token::text: next(); return literal_text(token);
      case Token::name:
        if (take_keyword("true")) return push({Op::boolean, {}, -1, -1, -1, -1, token.column, 1});
        if (take_keyword("false")) return push({Op::boolean, {}, -1, -1, -1, -1, token.column, 0});
        if (take_keyword("none"))
          return push({Op::none, {TypeKind::element, true, -1}, -1, -1, -1, -1, token.column, 0});
        if (take_keyword("forall")) return quantified(Op::for_all, token.column);
        if (take_keyword("exists")) return quantified(Op::exists, token.column);
        if (take_keyword("count")) return quantified(Op::count, token.column);
        if (keyword("sum") && tokens_.followed_by('(')) {
          next();
          return quantified(Op::sum, token.column);
        }
        if (keyword("in") || keyword("if") || keyword("then") || keyword("else"))
          return syntax("unexpected '" + std::string(token.spelling) + "'", "a value or a name",
                        "a parameter of this name is written in backquotes");
        next();
        return named(token);
      case Token::quoted_name: next(); return named(token);
      case Token::bad:
        if (token.spelling.front() == '"') return syntax("a string without its closing quote", "\"…\"", {});
        if (token.spelling.front() == '`') return syntax("a name without its closing backquote", "`…`", {});
        if (Tokens::digit(token.spelling.front()))
          return syntax("'" + std::string(token.spelling) + "' is not a number", "decimal digits",
                        "a name that begins with a digit is written in backquotes");
        if (token.spelling == "'")
          return syntax("unexpected '", "a value or a name", "strings are written with double quotes");
        return syntax("unexpected " + shown(), "a value or a name", {});
      default: break;
    }
    if (is("-"))
      return syntax("unexpected '-'", "a value or a name", "there is no negative literal; write 0 - x");
    return syntax("unexpected " + shown(), "a value or a name", {});
  }

  constexpr std::int32_t integer(const Token& token) {
    std::uint64_t value = 0;
    for (char c : token.spelling) {
      const auto d = static_cast<std::uint64_t>(c - '0');
      if (value > (std::numeric_limits<std::uint64_t>::max() - d) / 10) {
        out_.faults.push_back({FaultCode::out_of_range,
                               token.column,
                               std::string(token.spelling) + " is too large",
                               "at most 18446744073709551615",
                               {}});
        return -1;
      }
      value = value * 10 + d;
    }
    return push({Op::integer, {TypeKind::integer, false, -1}, -1, -1, -1, -1, token.column, value});
  }

  constexpr std::int32_t literal_text(const Token& token) {
    std::string value;
    for (std::size_t i = 1; i + 1 < token.spelling.size(); ++i) {
      char c = token.spelling[i];
      if (c == '\\') {
        c = token.spelling[++i];
        if (c != '"' && c != '\\') {
          out_.faults.push_back({FaultCode::syntax,
                                 token.column + static_cast<std::uint32_t>(i),
                                 "unknown escape '\\" + std::string(1, c) + "'",
                                 "\\\" or \\\\",
                                 {}});
          return -1;
        }
      }
      value += c;
    }
    out_.strings.push_back(std::move(value));
    return push(
        {Op::text, {TypeKind::text, false, -1}, -1, -1, -1, -1, token.column, out_.strings.size() - 1});
  }

  /// Without its backquotes, where it has some.
  static constexpr std::string name_of(const Token& token) {
    if (token.kind != Token::quoted_name) return std::string(token.spelling);
    std::string name;
    for (std::size_t i = 1; i + 1 < token.spelling.size(); ++i) {
      name += token.spelling[i];
      if (token.spelling[i] == '`') ++i;
    }
    return name;
  }
  /// Whether the token says this name. Names are compared as they stand in the text, since not every compiler
  /// can make a string in constant evaluation (clang 16 with libstdc++ 12).
  static constexpr bool is_named(const Token& token, std::string_view name) {
    if (token.kind != Token::quoted_name) return token.spelling == name;
    std::size_t matched = 0;
    for (std::size_t i = 1; i + 1 < token.spelling.size(); ++i, ++matched) {
      if (matched >= name.size() || token.spelling[i] != name[matched]) return false;
      if (token.spelling[i] == '`') ++i;
    }
    return matched == name.size();
  }

  constexpr std::int32_t named(const Token& token) {
    for (std::size_t slot = bound_.size(); slot-- > 0;)
      if (is_named(token, bound_[slot].name))
        return push(
            {Op::bound, bound_[slot].type, static_cast<std::int16_t>(slot), -1, -1, -1, token.column, 0});
    for (std::size_t v = 0; v < scope_.variables.size(); ++v)
      if (is_named(token, scope_.variables[v].name)) return variable(v, token);
    std::int16_t sort = -1;
    std::size_t position = 0;
    for (std::size_t s = 0; s < scope_.sorts.size(); ++s)
      for (std::size_t e = 0; e < scope_.sorts[s].elements.size(); ++e)
        if (is_named(token, scope_.sorts[s].elements[e])) {
          sort = sort == -1 ? static_cast<std::int16_t>(s) : static_cast<std::int16_t>(-2);
          position = e;
        }
    if (sort == -2) {
      const std::int32_t node =
          push({Op::element, {TypeKind::element, false, -1}, -2, -1, -1, -1, token.column, 0});
      pending_.push_back({node, token});
      return node;
    }
    if (sort >= 0)
      return push({Op::element, {TypeKind::element, false, sort}, sort, -1, -1, -1, token.column, position});
    return unknown(token);
  }
  constexpr std::int32_t unknown(const Token& token) {
    const std::string name = name_of(token);
    std::string expectation, remedy;
    for (const VariableView& v : scope_.variables)
      expectation += (expectation.empty() ? "one of " : ", ") + std::string(v.name);
    const std::size_t dash = name.find('-');
    if (dash != std::string::npos && known(name.substr(0, dash)))
      remedy = "a dash inside a name belongs to it; write spaces around a minus";
    else if (name.find('.') != std::string::npos)
      remedy = "a parameter with other characters is written in backquotes";
    unknown_ = {token, out_.faults.size()};
    out_.faults.push_back({FaultCode::unknown_name, token.column, "unknown name '" + name + "'",
                           std::move(expectation), std::move(remedy)});
    std::vector<std::string_view> names;
    for (const VariableView& v : scope_.variables) names.push_back(v.name);
    for (const SortView& sort : scope_.sorts)
      names.insert(names.end(), sort.elements.begin(), sort.elements.end());
    suggest(out_.faults.back(), name, names);
    // What is in the brackets of a variable that is none says nothing more.
    if (is("[")) broken_ = true;
    return -1;
  }
  /// What stands at that column, and is not known, would have to be of that type: then its elements are what
  /// is expected, and not every name that there is.
  constexpr void would_be(const Unknown& unknown, std::uint32_t column, Type type) {
    if (broken_ || unknown.name.spelling.empty() || unknown.name.column != column ||
        type.kind != TypeKind::element || type.sort < 0)
      return;
    expect_element(out_.faults[unknown.fault], name_of(unknown.name),
                   scope_.sorts[static_cast<std::size_t>(type.sort)].elements);
  }
  constexpr bool known(std::string_view name) const {
    for (const VariableView& v : scope_.variables)
      if (v.name == name) return true;
    return false;
  }

  constexpr std::int32_t variable(std::size_t v, const Token& token) {
    const VariableView& view = scope_.variables[v];
    std::int32_t indices[2] = {-1, -1};
    std::size_t wanted = 0;
    while (wanted < 2 && view.index_sorts[wanted] >= 0) ++wanted;
    if (wanted > 0) {
      if (!need("[")) return -1;
      for (std::size_t i = 0; i < wanted; ++i) {
        if (i > 0 && !need(",")) return -1;
        const std::uint32_t column = token_.column;
        const Type type{TypeKind::element, true, view.index_sorts[i]};
        indices[i] = expression();
        if (indices[i] < 0) {
          would_be(unknown_, column, type);
          continue;
        }
        adopt(indices[i], type);
        if (pending(indices[i]))
          unresolved(indices[i]);
        else if (!fits(at(indices[i]).type, type))
          type_fault(at(indices[i]).column, "the index is " + described(at(indices[i]).type),
                     described({TypeKind::element, false, type.sort}));
      }
      if (!need("]")) return -1;
      for (std::size_t i = 0; i < wanted; ++i)
        if (indices[i] < 0) return -1;
    }
    return push(
        {Op::variable, view.type, static_cast<std::int16_t>(v), indices[0], indices[1], -1, token.column, 0});
  }

  constexpr std::int32_t quantified(Op op, std::uint32_t column) {
    if (!need("(")) return -1;
    const Token name = token_;
    if (name.kind != Token::name) return syntax("unexpected " + shown(), "a name for the element", {});
    next();
    if (!take_keyword("in")) return syntax("unexpected " + shown(), "'in' and a sort", {});
    std::int16_t sort = -1;
    for (std::size_t s = 0; s < scope_.sorts.size(); ++s)
      if (token_.kind == Token::name && scope_.sorts[s].name == token_.spelling)
        sort = static_cast<std::int16_t>(s);
    if (sort < 0) return syntax("unknown sort " + shown(), one_of(scope_.sorts), {}, FaultCode::unknown_name);
    next();
    if (!need(":")) return -1;
    const std::size_t slot = bound_.size();
    bound_.push_back({name.spelling, {TypeKind::element, false, sort}});
    const std::int32_t body = expression();
    bound_.pop_back();
    if (!need(")") || !(op == Op::sum ? number(body) : boolean(body))) return -1;
    const Type type = op == Op::count || op == Op::sum ? Type{TypeKind::integer, false, -1} : Type{};
    return push({op, type, sort, body, -1, -1, column, slot});
  }
};

/// Parses one expression. Usable in constant evaluation.
constexpr Parsed parse_expression(std::string_view text, const Scope& scope, const Type* wanted) {
  return Parser(text, scope).whole(wanted);
}

}  // namespace portolan::rules
