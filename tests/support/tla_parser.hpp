#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A parser of as much TLA+ as model/rules/exports/tla.cpp writes, made from the grammar of "Specifying
// Systems" and not from the writer: it refuses what TLA+ refuses (/\ and \/ mixed without parentheses,
// comparisons in a chain, a name that is bound twice or known to nobody). tla_reader.hpp evaluates the trees.

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace portolan::test::tla {

struct Token {
  std::string text;
  std::size_t line = 1, column = 1;
  bool first = false;
  char kind = 's';
};  // kind: i name, n number, t text, s sign

struct Node {
  std::string op;
  std::vector<std::shared_ptr<Node>> of;
  std::string name;
  std::vector<std::string> bound;
  std::int64_t number = 0;
};
using Tree = std::shared_ptr<Node>;

[[noreturn]] inline void refuse(const std::string& why) { throw std::runtime_error(why); }

class Parser {
 public:
  explicit Parser(const std::string& text) { lex(text); }

  struct Definition {
    std::vector<std::string> parameters;
    Tree body;
  };
  std::map<std::string, Definition> definitions;
  std::vector<std::string> variables;

  void module() {
    if (tokens_.empty() || tokens_[0].text != "----") refuse("no header");
    next();
    expect("MODULE");
    name();
    expect("----");
    expect("EXTENDS");
    do name();
    while (accept(","));
    declare("Cardinality");
    while (peek().text != "====") {
      if (accept("VARIABLES")) {
        do {
          variables.push_back(name());
          declare(variables.back());
        } while (accept(","));
        continue;
      }
      if (peek().column != 1)
        refuse("a definition begins at line " + std::to_string(peek().line) + " behind the margin");
      const std::string defined = name();
      Definition made;
      if (accept("(")) {
        do made.parameters.push_back(name());
        while (accept(","));
        expect(")");
      }
      expect("==");
      declare(defined);
      for (const std::string& p : made.parameters) bind(p);
      made.body = body();
      for (const std::string& p : made.parameters) unbind(p);
      definitions[defined] = std::move(made);
    }
  }

 private:
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::set<std::string> known_;

  void lex(const std::string& text) {
    static const char* signs[] = {"====", "----", "/\\", "\\/", "\\notin", "\\in", "\\cup", "\\X",
                                  "\\A",  "\\E",  "|->", "->",  "==",      "=>",   "<<",    ">>",
                                  "<=",   ">=",   "..",  "=",   "#",       "<",    ">",     "+",
                                  "-",    "*",    "~",   "[]",  "]_",      "[",    "]",     "(",
                                  ")",    "{",    "}",   ",",   ":",       "!",    "'"};
    std::size_t line = 1, begin = 0, last_line = 0;
    for (std::size_t i = 0; i < text.size();) {
      if (text[i] == '\n') {
        ++line;
        begin = ++i;
        continue;
      }
      if (text[i] == ' ') {
        ++i;
        continue;
      }
      if (text.compare(i, 2, "\\*") == 0) {
        while (i < text.size() && text[i] != '\n') ++i;
        continue;
      }
      if (text.compare(i, 2, "(*") == 0) {
        const std::size_t end = text.find("*)", i);
        if (end == std::string::npos) refuse("a comment without its end");
        for (; i < end + 2; ++i)
          if (text[i] == '\n') {
            ++line;
            begin = i + 1;
          }
        continue;
      }
      Token token{{}, line, i - begin + 1, line != last_line, 's'};
      last_line = line;
      const auto word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
      if (text[i] == '"') {
        token.kind = 't';
        for (++i; i < text.size() && text[i] != '"'; ++i) {
          if (text[i] == '\n') refuse("a string over two lines");
          if (text[i] == '\\') ++i;
          token.text += text[i];
        }
        ++i;
      } else if (word(text[i]) && text[i] != '_') {
        while (i < text.size() && word(text[i])) token.text += text[i++];
        token.kind =
            std::all_of(token.text.begin(), token.text.end(), [](char c) { return c >= '0' && c <= '9'; })
                ? 'n'
                : 'i';
      } else {
        for (const char* sign : signs)
          if (text.compare(i, std::string(sign).size(), sign) == 0) {
            token.text = sign;
            break;
          }
        if (token.text.empty())
          refuse("line " + std::to_string(line) + ": no token begins with " + text.substr(i, 1));
        i += token.text.size();
      }
      tokens_.push_back(token);
    }
    tokens_.push_back({"", line + 1, 1, true, 'e'});
  }

  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  Token next() { return tokens_[std::min(at_++, tokens_.size() - 1)]; }
  bool is(const std::string& text) const { return peek().kind != 't' && peek().text == text; }
  bool accept(const std::string& text) { return is(text) ? (++at_, true) : false; }
  void expect(const std::string& text) {
    if (!accept(text))
      refuse("line " + std::to_string(peek().line) + ": got " + peek().text + ", expected " + text);
  }
  std::string name() {
    static const std::set<std::string> words = {
        "IF",   "THEN",  "ELSE",    "CASE",      "OTHER",   "CHOOSE", "DOMAIN", "EXCEPT", "UNCHANGED",
        "TRUE", "FALSE", "BOOLEAN", "VARIABLES", "EXTENDS", "MODULE", "LET",    "IN",     "ASSUME"};
    if (peek().kind != 'i' || words.contains(peek().text))
      refuse("line " + std::to_string(peek().line) + ": got " + peek().text + ", expected a name");
    return next().text;
  }
  void declare(const std::string& one) {
    if (!known_.insert(one).second) refuse(one + " is defined twice");
  }
  void bind(const std::string& one) {
    if (!known_.insert(one).second)
      refuse("line " + std::to_string(peek().line) + ": " + one + " is bound, but means something already");
  }
  void unbind(const std::string& one) { known_.erase(one); }

  static Tree make(std::string op, std::vector<Tree> of = {}, std::string called = {}) {
    return std::make_shared<Node>(Node{std::move(op), std::move(of), std::move(called), {}, 0});
  }

  /// A list of bullets, or an expression.
  Tree body() {
    if (!(is("/\\") || is("\\/")) || !peek().first) return expression();
    const Token bullet = peek();
    Tree list = make(bullet.text);
    while (is(bullet.text) && peek().first && peek().column == bullet.column) {
      next();
      list->of.push_back(expression());
    }
    if (peek().first && (is("/\\") || is("\\/")))
      refuse("line " + std::to_string(peek().line) + ": bullets of two kinds or columns in one list");
    return list;
  }
  bool bullet() const { return peek().first; }

  Tree expression() {
    Tree left = logic();
    if (!bullet() && accept("=>")) return make("=>", {left, logic()});
    return left;
  }
  Tree logic() {
    Tree left = unary();
    std::string op;
    while (!bullet() && (is("/\\") || is("\\/"))) {
      const std::string here = next().text;
      if (!op.empty() && op != here)
        refuse("line " + std::to_string(peek().line) + ": /\\ and \\/ without parentheses");
      op = here;
      left = make(op, {left, unary()});
    }
    return left;
  }
  Tree unary() {
    if (accept("~")) return make("~", {unary()});
    return comparison();
  }
  Tree comparison() {
    Tree left = sets();
    static const std::set<std::string> signs = {"=", "#", "<", "<=", ">", ">=", "\\in", "\\notin"};
    if (peek().kind == 's' && signs.contains(peek().text)) {
      const std::string op = next().text;
      left = make(op, {left, sets()});
      if (peek().kind == 's' && signs.contains(peek().text))
        refuse("line " + std::to_string(peek().line) + ": comparisons in a chain");
    }
    return left;
  }
  Tree sets() {
    Tree left = range();
    while (is("\\cup") || is("\\X")) {
      const std::string op = next().text;
      left = make(op, {left, range()});
    }
    return left;
  }
  Tree range() {
    Tree left = sum();
    return accept("..") ? make("..", {left, sum()}) : left;
  }
  Tree sum() {
    Tree left = postfix();
    std::string op;
    while (is("+") || is("-") || is("*")) {
      if (!op.empty())
        refuse("line " + std::to_string(peek().line) + ": this reader wants parentheses in arithmetic");
      op = next().text;
      left = make(op, {left, postfix()});
    }
    return left;
  }
  Tree postfix() {
    Tree left = primary();
    for (;;) {
      if (is("[") && !bullet()) {
        next();
        left = make("apply", {left, arguments("]")});
      } else if (accept("'"))
        left = make("'", {left});
      else
        return left;
    }
  }
  /// One argument, or a tuple of several.
  Tree arguments(const std::string& end) {
    Tree one = expression();
    if (accept(end)) return one;
    Tree all = make("<<>>", {one});
    while (accept(",")) all->of.push_back(expression());
    expect(end);
    return all;
  }
  /// `x \in S, y \in T`
  void bounds(Node& into) {
    do {
      into.bound.push_back(name());
      expect("\\in");
      into.of.push_back(sets());
    } while (accept(","));
  }
  Tree quantifier(const std::string& op) {
    Tree made = make(op);
    bounds(*made);
    expect(":");
    for (const std::string& b : made->bound) bind(b);
    made->of.push_back(expression());
    for (const std::string& b : made->bound) unbind(b);
    return made;
  }
  Tree primary() {
    if (peek().kind == 't') return make("text", {}, next().text);
    if (peek().kind == 'n') {
      Tree made = make("number");
      made->number = std::stoll(next().text);
      return made;
    }
    if (accept("-")) {
      Tree one = primary();
      one = make("-", {make("number"), one});
      return one;
    }
    if (accept("(")) {
      Tree one = expression();
      expect(")");
      return one;
    }
    if (accept("TRUE")) return make("true");
    if (accept("FALSE")) return make("false");
    if (accept("BOOLEAN")) return make("BOOLEAN");
    if (accept("\\A")) return quantifier("\\A");
    if (accept("\\E")) return quantifier("\\E");
    if (accept("CHOOSE")) return quantifier("CHOOSE");
    if (accept("DOMAIN")) return make("DOMAIN", {postfix()});
    if (accept("UNCHANGED")) return make("UNCHANGED", {primary()});
    if (accept("IF")) {
      Tree c = expression();
      expect("THEN");
      Tree a = expression();
      expect("ELSE");
      return make("IF", {c, a, expression()});
    }
    if (accept("CASE")) {
      Tree made = make("CASE");
      do {
        if (accept("OTHER"))
          made->of.push_back(make("true"));
        else
          made->of.push_back(expression());
        expect("->");
        made->of.push_back(expression());
      } while (accept("[]"));
      return made;
    }
    if (accept("<<")) {
      Tree made = make("<<>>");
      if (accept(">>")) return made;
      do made->of.push_back(expression());
      while (accept(","));
      expect(">>");
      return made;
    }
    if (accept("{")) return braces();
    if (accept("[]")) {  // [][Next]_vars
      expect("[");
      Tree made = make("always", {expression()});
      expect("]_");
      name();
      return made;
    }
    if (accept("[")) return brackets();
    const std::string called = name();
    if (!known_.contains(called)) refuse("line " + std::to_string(peek().line) + ": nobody knows " + called);
    Tree made = make("name", {}, called);
    if (is("(")) {
      next();
      made->op = "call";
      do made->of.push_back(expression());
      while (accept(","));
      expect(")");
    }
    return made;
  }
  Tree braces() {
    if (accept("}")) return make("{}");
    if (peek().kind == 'i' && peek(1).text == "\\in") {
      Tree made = make("filter");
      bounds(*made);
      expect(":");
      for (const std::string& b : made->bound) bind(b);
      made->of.push_back(expression());
      for (const std::string& b : made->bound) unbind(b);
      expect("}");
      return made;
    }
    // A set of values, or {value : x \in S}: the bound name comes after its use.
    const std::size_t begin = at_;
    int depth = 1;
    std::size_t colon = 0;
    for (std::size_t i = at_; i < tokens_.size() && depth > 0; ++i) {
      const std::string& t = tokens_[i].text;
      if (tokens_[i].kind != 's') continue;
      if (t == "{" || t == "(" || t == "[") ++depth;
      if (t == "}" || t == ")" || t == "]") --depth;
      if (t == ":" && depth == 1 && colon == 0 && tokens_[i + 1].kind == 'i' && tokens_[i + 2].text == "\\in")
        colon = i;
    }
    if (colon != 0) {
      Tree made = make("map");
      at_ = colon + 1;
      bounds(*made);
      const std::size_t end = at_;
      for (const std::string& b : made->bound) bind(b);
      at_ = begin;
      made->of.push_back(expression());
      if (at_ != colon)
        refuse("line " + std::to_string(peek().line) + ": got " + peek().text + " in {value : x \\in S}");
      for (const std::string& b : made->bound) unbind(b);
      at_ = end;
      expect("}");
      return made;
    }
    Tree made = make("{}");
    do made->of.push_back(expression());
    while (accept(","));
    expect("}");
    return made;
  }
  Tree brackets() {
    if (peek().kind == 'i' && peek(1).text == "\\in") {
      Tree made = make("function");
      bounds(*made);
      expect("|->");
      for (const std::string& b : made->bound) bind(b);
      made->of.push_back(expression());
      for (const std::string& b : made->bound) unbind(b);
      expect("]");
      return made;
    }
    Tree first = sets();
    if (accept("->")) {
      Tree made = make("functions", {first, sets()});
      expect("]");
      return made;
    }
    expect("EXCEPT");
    Tree made = make("EXCEPT", {first});
    do {
      expect("!");
      expect("[");
      made->of.push_back(arguments("]"));
      expect("=");
      made->of.push_back(expression());
    } while (accept(","));
    expect("]");
    return made;
  }
};

}  // namespace portolan::test::tla
