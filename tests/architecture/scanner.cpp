// SPDX-License-Identifier: Apache-2.0
#include "tests/architecture/scanner.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace portolan::architecture {

namespace {

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool begins_with(std::string_view text, std::size_t at, std::string_view with) {
  return text.substr(at, with.size()) == with;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

/// What is no code: where it ends when it begins at `at`, or `at` when code stands there.
class Extents {
 public:
  explicit Extents(std::string_view text) : text_(text) {}

  std::size_t comment(std::size_t at) const {
    if (begins_with(text_, at, "//")) return std::min(text_.find('\n', at), text_.size());
    if (begins_with(text_, at, "/*")) return after(text_.find("*/", at + 2), 2);
    return at;
  }
  std::size_t literal(std::size_t at) const {
    if (begins_with(text_, at, "R\"") && (at == 0 || !in_word(text_[at - 1]))) return raw_string(at);
    const char quote = text_[at];
    if (quote != '"' && quote != '\'') return at;
    if (quote == '\'' && at > 0 && in_word(text_[at - 1])) return at;  // 1'000
    for (std::size_t i = at + 1; i < text_.size(); ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == quote) {
        return i + 1;
      }
    }
    return text_.size();
  }
  std::size_t directive(std::size_t at) const {
    if (text_[at] != '#') return at;
    const auto line = at == 0 ? std::string_view::npos : text_.rfind('\n', at - 1);
    const auto begin = line == std::string_view::npos ? 0 : line + 1;
    if (!trimmed(text_.substr(begin, at - begin)).empty()) return at;
    auto end = text_.find('\n', at);
    while (end != std::string_view::npos && text_[end - 1] == '\\') end = text_.find('\n', end + 1);
    return std::min(end, text_.size());
  }

 private:
  std::size_t after(std::size_t found, std::size_t length) const {
    return found == std::string_view::npos ? text_.size() : found + length;
  }
  std::size_t raw_string(std::size_t at) const {
    const auto open = text_.find('(', at);
    if (open == std::string_view::npos) return text_.size();
    const std::string close = ")" + std::string(text_.substr(at + 2, open - at - 2)) + "\"";
    return after(text_.find(close, open), close.size());
  }

  std::string_view text_;
};

/// What stands before a brace, since the end of the statement before.
class Head {
 public:
  enum class Opens { scope, function, other };

  explicit Head(std::string_view text) : text_(without_templates(trimmed(text))) {}

  Opens opens() const {
    static constexpr std::array<std::string_view, 6> scopes = {"namespace", "inline namespace", "extern",
                                                               "class",     "struct",           "union"};
    const std::string_view bare = without_specifiers();
    if (bare.starts_with("enum")) return Opens::other;
    for (const std::string_view scope : scopes) {
      if (bare.starts_with(scope) && (bare.size() == scope.size() || !in_word(bare[scope.size()])))
        return Opens::scope;
    }
    const auto assigned = top_level('=');
    if (assigned != npos) {
      const bool lambda = trimmed(std::string_view(text_).substr(assigned + 1)).starts_with('[');
      return lambda ? Opens::function : Opens::other;
    }
    const auto parameters = top_level('(');
    if (parameters == npos) return Opens::other;
    return initialises_a_member(parameters) ? Opens::other : Opens::function;
  }

  std::string name() const {
    const auto assigned = top_level('=');
    const std::string_view all = text_;
    auto end = assigned != npos ? assigned : top_level('(');
    const std::string_view before = trimmed(all.substr(0, end));
    auto begin = before.size();
    while (begin > 0 && (in_word(before[begin - 1]) || before[begin - 1] == ':' || before[begin - 1] == '~'))
      --begin;
    const auto at = before.rfind("operator");
    std::string found(at != npos && at <= begin ? before.substr(at) : before.substr(begin));
    const auto capital = [](char c) { return c == '_' || std::isupper(static_cast<unsigned char>(c)) != 0; };
    const bool macro = found.size() > 3 && std::all_of(found.begin(), found.end(), capital);
    if (macro && before == found && end != npos) found += all.substr(end, closing(end) + 1 - end);
    return found;
  }

 private:
  static constexpr auto npos = std::string_view::npos;

  /// `template <class T> struct X` is a struct.
  static std::string without_templates(std::string_view text) {
    while (text.starts_with("template")) {
      int depth = 0;
      auto at = text.find('<');
      for (; at < text.size(); ++at) {
        if (text[at] == '<') ++depth;
        if (text[at] == '>' && --depth == 0) break;
      }
      if (at >= text.size()) break;
      text = trimmed(text.substr(at + 1));
    }
    return std::string(text);
  }
  std::string_view without_specifiers() const {
    static constexpr std::array<std::string_view, 7> specifiers = {
        "static ", "constexpr ", "const ", "inline ", "typedef ", "mutable ", "constinit "};
    std::string_view rest = text_;
    if (rest.starts_with("inline namespace")) return rest;
    for (bool found = true; found;) {
      found = false;
      for (const std::string_view specifier : specifiers) {
        if (!rest.starts_with(specifier)) continue;
        rest = trimmed(rest.substr(specifier.size()));
        found = true;
      }
    }
    return rest;
  }
  /// The first such character outside parentheses, brackets and braces. A `=` that is part of an operator
  /// is none.
  std::size_t top_level(char wanted, std::size_t from = 0) const {
    int depth = 0;
    for (std::size_t i = from; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == wanted && depth == 0 && stands_alone(i)) return i;
      if (c == '(' || c == '[' || c == '{') ++depth;
      if (c == ')' || c == ']' || c == '}') --depth;
    }
    return npos;
  }
  bool stands_alone(std::size_t at) const {
    const std::string_view before = trimmed(std::string_view(text_).substr(0, at));
    const char last = before.empty() ? ' ' : before.back(),
               next = at + 1 < text_.size() ? text_[at + 1] : ' ';
    if (text_[at] == '(') return !before.ends_with("operator") && !before.ends_with("alignas");
    if (text_[at] == ':') return next != ':' && (at == 0 || text_[at - 1] != ':');
    if (text_[at] == '=')
      return next != '=' && !before.ends_with("operator") &&
             std::string_view("=!<>+-*/%&|^").find(last) == npos;
    return true;
  }
  std::size_t closing(std::size_t open) const {
    int depth = 0;
    for (std::size_t i = open; i < text_.size(); ++i) {
      if (text_[i] == '(') ++depth;
      if (text_[i] == ')' && --depth == 0) return i;
    }
    return text_.size() - 1;
  }
  /// `X(int a) : a_` before a brace: the brace gives `a_` its value.
  bool initialises_a_member(std::size_t parameters) const {
    const auto colon = top_level(':', parameters);
    return colon != npos && (in_word(text_.back()) || text_.back() == '>' || text_.back() == ':');
  }

  std::string text_;
};

/// One walk over the code, brace by brace.
class FunctionScan {
 public:
  explicit FunctionScan(std::string_view text) : code_(code_only(text)) {}

  std::vector<Function> run() {
    for (const char c : code_) {
      if (c == '\n') ++line_;
      if (c == '{') {
        open();
      } else if (c == '}') {
        close();
      } else if (inside_nothing()) {
        in_head(c);
      }
    }
    return std::move(found_);
  }

 private:
  bool inside_nothing() const { return opaque_ == 0; }
  void in_head(char c) {
    if (c == '(') ++parentheses_;
    if (c == ')') --parentheses_;
    if (c == ';' && parentheses_ == 0) return forget();
    if (c == ':' && is_access(trimmed(head_))) return forget();
    if (head_.empty() && (c == ' ' || c == '\n')) return;
    if (head_.empty()) head_line_ = line_;
    head_ += c == '\n' ? ' ' : c;
  }
  static bool is_access(std::string_view head) {
    return head == "public" || head == "private" || head == "protected";
  }
  void forget() {
    head_.clear();
    parentheses_ = 0;
  }
  void open() {
    const auto opens = !inside_nothing() || parentheses_ > 0 ? Head::Opens::other : Head(head_).opens();
    braces_.push_back(opens);
    if (opens != Head::Opens::scope) ++opaque_;
    if (opens == Head::Opens::function) found_.push_back({Head(head_).name(), head_line_, 0});
    if (opens == Head::Opens::scope) forget();
  }
  void close() {
    if (braces_.empty()) return;
    const auto opened = braces_.back();
    braces_.pop_back();
    if (opened != Head::Opens::scope) --opaque_;
    if (opened == Head::Opens::function) {
      found_.back().last_line = line_;
      forget();
    } else if (opened == Head::Opens::scope) {
      forget();
    } else if (inside_nothing()) {
      head_ += "{}";  // a value; the declaration goes on
    }
  }

  std::string code_, head_;
  std::size_t line_ = 1, head_line_ = 1;
  int parentheses_ = 0;
  std::vector<Head::Opens> braces_;
  std::size_t opaque_ = 0;  // of them, those that are no scope
  std::vector<Function> found_;
};

}  // namespace

std::string code_only(std::string_view text) {
  const Extents extents(text);
  std::string code(text);
  for (std::size_t i = 0; i < text.size();) {
    auto end = extents.comment(i);
    if (end == i) end = extents.literal(i);
    if (end == i) end = extents.directive(i);
    if (end == i) {
      ++i;
      continue;
    }
    for (; i < end; ++i) {
      if (text[i] != '\n') code[i] = ' ';
    }
  }
  return code;
}

std::string prose_only(std::string_view text) {
  const std::string code = code_only(text);
  std::string prose(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\n' && code[i] == text[i]) prose[i] = ' ';
  }
  return prose;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    lines.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::vector<Include> includes_of(std::string_view text) {
  std::vector<Include> includes;
  std::size_t number = 0;
  for (std::string line : lines_of(text)) {
    ++number;
    std::erase_if(line, [](char c) { return c == ' ' || c == '\t'; });
    const std::string_view directive = "#include";
    if (!line.starts_with(directive) || line.size() <= directive.size()) continue;
    const auto first = directive.size() + 1, last = line.find_first_of(">\"", first);
    if (last != std::string::npos)
      includes.push_back({number, line.substr(first, last - first), line[first - 1] == '"'});
  }
  return includes;
}

std::vector<Function> functions_of(std::string_view text) { return FunctionScan(text).run(); }

}  // namespace portolan::architecture
