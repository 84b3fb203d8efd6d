#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A reader of as much TLA+ as model/rules/exports/tla.cpp writes, made from the grammar of "Specifying Systems" and
// not from the writer: it parses a module, refuses what TLA+ refuses (/\ and \/ mixed without parentheses,
// comparisons in a chain, a name that is bound twice or known to nobody), and evaluates it as TLC does:
// states from Init, steps from Next, conjuncts from left to right. TLC itself does not run in these tests.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace portolan::test::tla {

struct Value {
  enum Kind { boolean, number, text, tuple, set, function } kind = boolean;
  std::int64_t n = 0;
  std::string s;
  std::vector<Value> items;                    ///< of a tuple; of a set: sorted, each once
  std::vector<std::pair<Value, Value>> pairs;  ///< of a function: sorted by argument
  friend bool operator<(const Value& a, const Value& b) {
    if (a.kind != b.kind) return a.kind < b.kind;
    if (a.n != b.n) return a.n < b.n;
    if (a.s != b.s) return a.s < b.s;
    if (a.items != b.items)
      return std::lexicographical_compare(a.items.begin(), a.items.end(), b.items.begin(), b.items.end());
    return std::lexicographical_compare(a.pairs.begin(), a.pairs.end(), b.pairs.begin(), b.pairs.end());
  }
  friend bool operator==(const Value& a, const Value& b) {
    return a.kind == b.kind && a.n == b.n && a.s == b.s && a.items == b.items && a.pairs == b.pairs;
  }
};
inline Value truth(bool v) { return {Value::boolean, v, {}, {}, {}}; }
inline Value integer(std::int64_t n) { return {Value::number, n, {}, {}, {}}; }
inline Value set_of(std::vector<Value> items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  return {Value::set, 0, {}, std::move(items), {}};
}

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

using State = std::map<std::string, Value>;

class Module {
 public:
  explicit Module(const std::string& text) : parser_(text) { parser_.module(); }

  State initial() const {
    State state;
    const State empty;
    Bound bound;
    for (const Tree& conjunct : parser_.definitions.at("Init").body->of) {
      if (conjunct->op != "=" || conjunct->of[0]->op != "name") refuse("Init is no list of values");
      state[conjunct->of[0]->name] = eval(*conjunct->of[1], empty, bound);
    }
    if (state.size() != parser_.variables.size()) refuse("Init does not give every variable a value");
    return state;
  }
  /// One for each way through Next, also those that lead to the same state.
  std::vector<State> successors(const State& now) const {
    std::vector<State> found;
    Bound bound;
    act(*parser_.definitions.at("Next").body, now, bound, {}, [&](const State& next) {
      if (next.size() != parser_.variables.size()) refuse("a step leaves a variable open");
      found.push_back(next);
    });
    return found;
  }
  bool holds(const std::string& name, const State& now) const {
    Bound bound;
    return truth_of(eval(*parser_.definitions.at(name).body, now, bound));
  }
  /// Ways in which a disjunction of quantified calls is true: how many events it stands for.
  std::size_t ways(const std::string& name, const State& now) const {
    if (!parser_.definitions.contains(name)) return 0;
    std::size_t count = 0;
    Bound bound;
    for (const Tree& one : parser_.definitions.at(name).body->of) {
      const auto add = [&] {
        count += truth_of(eval(one->op == "\\E" ? *one->of.back() : *one, now, bound));
      };
      if (one->op == "\\E")
        each(*one, now, bound, add);
      else
        add();
    }
    return count;
  }
  bool defines(const std::string& name) const { return parser_.definitions.contains(name); }

 private:
  using Bound = std::vector<std::pair<std::string, Value>>;
  Parser parser_;
  mutable std::map<const Node*, bool> steps_;

  static bool truth_of(const Value& v) {
    if (v.kind != Value::boolean) refuse("a condition is no boolean");
    return v.n != 0;
  }
  static const Value& applied(const Value& f, const Value& argument) {
    if (f.kind == Value::tuple) {
      if (argument.kind != Value::number || argument.n < 1 ||
          argument.n > static_cast<std::int64_t>(f.items.size()))
        refuse("no such place in a tuple");
      return f.items[static_cast<std::size_t>(argument.n - 1)];
    }
    for (const auto& [a, v] : f.pairs)
      if (a == argument) return v;
    refuse("a function is asked outside its domain");
  }
  /// Calls `then` for every choice of the bound names, the last one fastest.
  template <class Then>
  void each(const Node& node, const State& now, Bound& bound, Then then, std::size_t from = 0) const {
    if (from == node.bound.size()) {
      then();
      return;
    }
    const Value set = eval(*node.of[from], now, bound);
    if (set.kind != Value::set) refuse("a bound ranges over no set");
    for (const Value& one : set.items) {
      bound.emplace_back(node.bound[from], one);
      each(node, now, bound, then, from + 1);
      bound.pop_back();
    }
  }
  template <class Then>
  void call(const Node& node, const State& now, Bound& bound, Then then) const {
    const auto found = parser_.definitions.find(node.name);
    if (found == parser_.definitions.end() || found->second.parameters.size() != node.of.size())
      refuse(node.name + " is called with the wrong number of arguments");
    Bound inner;
    for (std::size_t i = 0; i < node.of.size(); ++i)
      inner.emplace_back(found->second.parameters[i], eval(*node.of[i], now, bound));
    then(*found->second.body, inner);
  }

  /// Whether it says anything of the next state.
  bool is_step(const Node& node) const {
    if (const auto known = steps_.find(&node); known != steps_.end()) return known->second;
    bool step = node.op == "'" || node.op == "UNCHANGED";
    const auto named = node.op == "call" || node.op == "name" ? parser_.definitions.find(node.name)
                                                              : parser_.definitions.end();
    if (named != parser_.definitions.end()) step = is_step(*named->second.body);
    for (const Tree& one : node.of) step |= is_step(*one);
    return steps_[&node] = step;
  }

  void act(const Node& node, const State& now, Bound& bound, const State& next,
           const std::function<void(const State&)>& then) const {
    if (!is_step(node)) {
      if (truth_of(eval(node, now, bound))) then(next);
      return;
    }
    if (node.op == "/\\") return conjuncts(node, 0, now, bound, next, then);
    if (node.op == "\\/") {
      for (const Tree& one : node.of) act(*one, now, bound, next, then);
      return;
    }
    if (node.op == "\\E")
      return each(node, now, bound, [&] { act(*node.of.back(), now, bound, next, then); });
    if (node.op == "call")
      return call(node, now, bound,
                  [&](const Node& body, Bound& inner) { act(body, now, inner, next, then); });
    if (node.op == "name" && parser_.definitions.contains(node.name)) {
      Bound inner;
      return act(*parser_.definitions.at(node.name).body, now, inner, next, then);
    }
    if (node.op == "=" && node.of[0]->op == "'") {
      State more = next;
      if (!more.emplace(node.of[0]->of[0]->name, eval(*node.of[1], now, bound)).second)
        refuse("a variable is given two values");
      return then(more);
    }
    if (node.op == "UNCHANGED") {
      State more = next;
      for (const Tree& one : node.of[0]->of)
        if (!more.emplace(one->name, now.at(one->name)).second) refuse("a variable is given two values");
      return then(more);
    }
    refuse("a step in a place where none can be: " + node.op);
  }
  void conjuncts(const Node& node, std::size_t from, const State& now, Bound& bound, const State& next,
                 const std::function<void(const State&)>& then) const {
    if (from == node.of.size()) return then(next);
    act(*node.of[from], now, bound, next,
        [&](const State& so_far) { conjuncts(node, from + 1, now, bound, so_far, then); });
  }

  Value eval(const Node& node, const State& now, Bound& bound) const {
    const auto of = [&](std::size_t i) { return eval(*node.of[i], now, bound); };
    const auto number = [&](std::size_t i) {
      const Value v = of(i);
      if (v.kind != Value::number) refuse("arithmetic without a number");
      return v.n;
    };
    const std::string& op = node.op;
    if (op == "true" || op == "false") return truth(op == "true");
    if (op == "number") return integer(node.number);
    if (op == "text") return {Value::text, 0, node.name, {}, {}};
    if (op == "name") {
      for (auto b = bound.rbegin(); b != bound.rend(); ++b)
        if (b->first == node.name) return b->second;
      if (const auto found = now.find(node.name); found != now.end()) return found->second;
      Bound inner;
      return eval(*parser_.definitions.at(node.name).body, now, inner);
    }
    if (op == "call") {
      if (node.name == "Cardinality") return integer(static_cast<std::int64_t>(of(0).items.size()));
      Value result;
      call(node, now, bound, [&](const Node& body, Bound& inner) { result = eval(body, now, inner); });
      return result;
    }
    if (op == "/\\") {
      for (const Tree& one : node.of)
        if (!truth_of(eval(*one, now, bound))) return truth(false);
      return truth(true);
    }
    if (op == "\\/") {
      for (const Tree& one : node.of)
        if (truth_of(eval(*one, now, bound))) return truth(true);
      return truth(false);
    }
    if (op == "=>") return truth(!truth_of(of(0)) || truth_of(of(1)));
    if (op == "~") return truth(!truth_of(of(0)));
    if (op == "=" || op == "#") {
      const Value a = of(0), b = of(1);
      if (a.kind != b.kind) refuse("TLC does not compare values of two kinds");
      return truth((a == b) == (op == "="));
    }
    if (op == "<") return truth(number(0) < number(1));
    if (op == "<=") return truth(number(0) <= number(1));
    if (op == ">") return truth(number(0) > number(1));
    if (op == ">=") return truth(number(0) >= number(1));
    if (op == "+") return integer(number(0) + number(1));
    if (op == "-") return integer(number(0) - number(1));
    if (op == "*") return integer(number(0) * number(1));
    if (op == "\\in" || op == "\\notin") return truth(in(of(0), *node.of[1], now, bound) == (op == "\\in"));
    if (op == "..") {
      std::vector<Value> items;
      for (std::int64_t i = number(0), end = number(1); i <= end; ++i) items.push_back(integer(i));
      return set_of(std::move(items));
    }
    if (op == "\\cup") {
      Value a = of(0);
      const Value b = of(1);
      a.items.insert(a.items.end(), b.items.begin(), b.items.end());
      return set_of(std::move(a.items));
    }
    if (op == "\\X") {
      std::vector<Value> items;
      for (const Value& a : of(0).items)
        for (const Value& b : of(1).items) items.push_back({Value::tuple, 0, {}, {a, b}, {}});
      return set_of(std::move(items));
    }
    if (op == "BOOLEAN") return set_of({truth(false), truth(true)});
    if (op == "{}" || op == "<<>>") {
      std::vector<Value> items;
      for (std::size_t i = 0; i < node.of.size(); ++i) items.push_back(of(i));
      return op == "{}" ? set_of(std::move(items)) : Value{Value::tuple, 0, {}, std::move(items), {}};
    }
    if (op == "IF") return truth_of(of(0)) ? of(1) : of(2);
    if (op == "CASE") {
      for (std::size_t i = 0; i + 1 < node.of.size(); i += 2)
        if (truth_of(of(i))) return of(i + 1);
      refuse("no case fits");
    }
    if (op == "apply") {
      const Value f = of(0);
      return applied(f, of(1));
    }
    if (op == "DOMAIN") {
      std::vector<Value> items;
      for (const auto& [a, v] : of(0).pairs) items.push_back(a);
      return set_of(std::move(items));
    }
    if (op == "\\A" || op == "\\E") {
      bool decided = false;
      each(node, now, bound, [&] {
        if (!decided && truth_of(eval(*node.of.back(), now, bound)) == (op == "\\E")) decided = true;
      });
      return truth(decided == (op == "\\E"));
    }
    if (op == "CHOOSE") {
      std::vector<Value> fit;
      each(node, now, bound, [&] {
        if (truth_of(eval(*node.of.back(), now, bound))) fit.push_back(bound.back().second);
      });
      if (fit.empty()) refuse("nothing to choose");
      return fit.front();
    }
    if (op == "filter" || op == "map") {
      std::vector<Value> items;
      each(node, now, bound, [&] {
        const Value one = eval(*node.of.back(), now, bound);
        if (op == "map")
          items.push_back(one);
        else if (truth_of(one))
          items.push_back(bound.back().second);
      });
      return set_of(std::move(items));
    }
    if (op == "function") {
      Value f{Value::function, 0, {}, {}, {}};
      each(node, now, bound, [&] {
        Value argument = bound.back().second;
        if (node.bound.size() == 2)
          argument = {Value::tuple, 0, {}, {bound[bound.size() - 2].second, bound.back().second}, {}};
        f.pairs.emplace_back(std::move(argument), eval(*node.of.back(), now, bound));
      });
      std::sort(f.pairs.begin(), f.pairs.end());
      return f;
    }
    if (op == "EXCEPT") {
      Value f = of(0);
      for (std::size_t i = 1; i + 1 < node.of.size(); i += 2) {
        const Value argument = of(i);
        static_cast<void>(applied(f, argument));  // TLC refuses a cell that is not there
        for (auto& [a, v] : f.pairs)
          if (a == argument) v = of(i + 1);
      }
      return f;
    }
    refuse("cannot evaluate " + op);
  }
  /// Sets of functions are not listed, only asked.
  bool in(const Value& value, const Node& set, const State& now, Bound& bound) const {
    if (set.op != "functions") {
      const Value all = eval(set, now, bound);
      return std::binary_search(all.items.begin(), all.items.end(), value);
    }
    const Value domain = eval(*set.of[0], now, bound), range = eval(*set.of[1], now, bound);
    if (value.kind != Value::function || value.pairs.size() != domain.items.size()) return false;
    for (std::size_t i = 0; i < value.pairs.size(); ++i)
      if (!(value.pairs[i].first == domain.items[i]) ||
          !std::binary_search(range.items.begin(), range.items.end(), value.pairs[i].second))
        return false;
    return true;
  }
};

}  // namespace portolan::test::tla
