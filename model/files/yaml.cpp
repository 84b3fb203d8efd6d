// SPDX-License-Identifier: Apache-2.0
//
// YAML by yaml-cpp's event interface, which has marks and does not build a tree of its own. Two things are
// looked after before it sees the text. It takes byte 0x04 for the end of the file, so control characters are
// refused (YAML forbids them anyway). And its scanner queues every token of a flow collection before it hands
// out the first one, so that 100 MB of `[` would cost gigabytes: a scan of our own counts nesting and size of
// flow collections first.

#include <algorithm>
#include <cctype>
#include <cstring>
#include <istream>
#include <optional>
#include <streambuf>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "model/files/syntax.hpp"
#include "model/support/text.hpp"

namespace portolan::files {
namespace {

/// Leaves yaml-cpp from inside its events; caught in `parse_yaml`.
struct Refused {
  Fault fault;
};

Mark mark_of(const YAML::Mark& mark) {
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_break(char c) { return c == '\n' || c == '\r'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// The core schema's numbers, and everything else that a person would take for one (`1_000`, `0x10`, `.inf`).
bool looks_like_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text == ".inf" || text == ".Inf" || text == ".INF" || text == ".nan" || text == ".NaN" ||
      text == ".NAN")
    return true;
  if (text.starts_with("0x") || text.starts_with("0X"))
    return text.size() > 2 && text.find_first_not_of("0123456789abcdefABCDEF_", 2) == std::string_view::npos;
  if (text.starts_with("0o"))
    return text.size() > 2 && text.find_first_not_of("01234567_", 2) == std::string_view::npos;
  std::size_t at = 0, digits = 0;
  const auto run = [&](bool underscores) {
    for (; at < text.size() && (is_digit(text[at]) || (underscores && digits > 0 && text[at] == '_')); ++at)
      digits += is_digit(text[at]);
  };
  run(true);
  if (at < text.size() && text[at] == '.') {
    ++at;
    run(false);
  }
  if (digits == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    digits = 0;
    run(false);
    if (digits == 0) return false;
  }
  return at == text.size();
}

/// Offset behind the closing quote of the scalar that opens there; `npos` when it is never closed.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 >= text.size() || text[at + 1] != '\'') return at + 1;
      ++at;
    }
  }
  return std::string_view::npos;
}

Fault alias_fault(Mark mark) {
  return fault_at(FaultCode::syntax, mark, "an alias (*)", "a value",
                  "write the value out: aliases and anchors are not accepted");
}

class YamlHandler : public YAML::EventHandler {
 public:
  explicit YamlHandler(std::string_view text) : text_(text) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (seen_ && text_.substr(static_cast<std::size_t>(std::max(mark.pos, 0)), 3) != "---")
      throw Refused{fault_at(FaultCode::syntax, mark_of(mark), "text after the end of the YAML document",
                             "the end of the file", "remove what follows")};
    if (seen_)
      throw Refused{fault_at(FaultCode::syntax, mark_of(mark), "a second document", "one YAML document",
                             "put it into a file of its own")};
    seen_ = true;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    no_anchor(mark, anchor);
    if (key_expected())
      throw Refused{fault_at(FaultCode::syntax, written_null(mark) ? mark_of(mark) : parent_,
                             "a key that is null", "a name", "put it in quotes")};
    // An empty value has no place of its own: yaml-cpp gives that of whatever comes next.
    value(Kind::null, written_null(mark) ? mark_of(mark) : parent_);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { throw Refused{alias_fault(mark_of(mark))}; }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    no_anchor(mark, anchor);
    no_tag(mark, tag);
    if (key_expected()) {
      // In quotes it is a name like any other.
      if (text == "<<" && tag == "?")
        throw Refused{
            fault_at(FaultCode::syntax, mark_of(mark), "a merge key (<<)", "a name",
                     "write the members out: merge keys are not accepted, as aliases and anchors are not")};
      tree_.key(text, mark_of(mark));
      parent_ = mark_of(mark);
      in_key_.back() = false;
      return;
    }
    const bool plain = tag == "?";
    const bool boolean = plain && (text == "true" || text == "True" || text == "TRUE");
    Kind kind = Kind::string;
    if (boolean || (plain && (text == "false" || text == "False" || text == "FALSE")))
      kind = Kind::boolean;
    else if (plain && looks_like_number(text))
      kind = Kind::number;
    Node* node = value(kind, mark_of(mark));
    node->boolean = boolean;
    if (kind == Kind::boolean) return;
    node->text = text;
    if (!plain) node->lead = quote(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(Kind::array, mark, tag, anchor);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(Kind::object, mark, tag, anchor);
  }
  void OnMapEnd() override { end(); }

  bool seen() const { return seen_; }
  Node take() { return tree_.take(); }

 private:
  bool key_expected() const { return tree_.in_object() && in_key_.back(); }

  Node* value(Kind kind, Mark mark) {
    Node* node = tree_.scalar(kind, mark);
    if (!node) throw Refused{tree_.fault()};
    after_value();
    return node;
  }
  void after_value() {
    if (tree_.in_object()) in_key_.back() = true;
  }
  void begin(Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    no_anchor(mark, anchor);
    no_tag(mark, tag);
    if (key_expected())
      throw Refused{fault_at(FaultCode::syntax, mark_of(mark),
                             fmt::format("a key that is {}", describe(kind)), "a name", {})};
    if (!tree_.begin(kind, mark_of(mark))) throw Refused{tree_.fault()};
    in_key_.push_back(kind == Kind::object);
    parent_ = mark_of(mark);
  }
  void end() {
    tree_.end();
    in_key_.pop_back();
    after_value();
  }
  /// Length of the opening quote: none for a block scalar. yaml-cpp takes a quote that is never closed for
  /// closed when the file ends with a line break.
  std::uint8_t quote(const YAML::Mark& mark) const {
    const auto offset = static_cast<std::size_t>(mark.pos);
    if (offset >= text_.size() || (text_[offset] != '"' && text_[offset] != '\'')) return 0;
    if (end_of_quoted(text_, offset) == std::string_view::npos)
      throw Refused{fault_at(
          FaultCode::syntax, mark_at(text_, text_.size()),
          fmt::format("the file ends inside the string that begins at {}:{}", mark.line + 1, mark.column + 1),
          "a closing quote", "is the file complete?")};
    return 1;
  }
  bool written_null(const YAML::Mark& mark) const {
    const auto offset = static_cast<std::size_t>(mark.pos);
    if (mark.pos < 0 || offset >= text_.size()) return false;
    const std::string_view rest = text_.substr(offset, 5);
    for (const std::string_view word : {"~", "null", "Null", "NULL"})
      if (rest.starts_with(word) && (rest.size() == word.size() || word == "~" ||
                                     !std::isalnum(static_cast<unsigned char>(rest[word.size()]))))
        return true;
    return false;
  }
  void no_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor != 0)
      throw Refused{fault_at(FaultCode::syntax, mark_of(mark), "an anchor (&)", "a value",
                             "write the value where it is needed: aliases and anchors are not accepted")};
  }
  void no_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (tag.empty() || tag == "?" || tag == "!") return;
    throw Refused{fault_at(FaultCode::syntax, mark_of(mark), "the tag " + in_quotes(tag),
                           "a value without a tag", "put a text that begins with ! in quotes")};
  }

  std::string_view text_;
  TreeBuilder tree_;
  std::vector<bool> in_key_;  // for each open container: the next scalar is a key
  Mark parent_{1, 1};         // of the last key or opening, for values that are empty
  bool seen_ = false;
};

/// Reads the caller's text without a copy.
class TextBuffer : public std::streambuf {
 public:
  explicit TextBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // a get area is never written to
    setg(begin, begin, begin + text.size());
  }
};

struct FlowScan {
  std::optional<Fault> fault;           ///< too deep or too large
  std::optional<std::size_t> unclosed;  ///< offset of the innermost flow collection that is open at the end
};

/// Bounds what yaml-cpp's scanner may have to queue. Follows quotes, comments, block scalars and plain
/// scalars closely enough that brackets inside them are not counted.
FlowScan scan_flow(std::string_view text) {
  std::vector<std::size_t> open;  // offsets of the open flow collections
  std::size_t entries = 0;        // of all flow collections
  std::size_t at = 0, line_start = 0;
  bool token_start = true;  // in block context: whether a value can begin here
  const auto skip_comment = [&] {
    while (at < text.size() && !is_break(text[at])) ++at;
  };
  const auto indent_of = [&](std::size_t start) {
    std::size_t spaces = 0;
    while (start + spaces < text.size() && text[start + spaces] == ' ') ++spaces;
    return spaces;
  };
  while (at < text.size()) {
    const char c = text[at];
    const bool separated = at == line_start || is_blank(text[at - 1]);
    if (c == '\n') {
      ++at;
      line_start = at;
      token_start = true;
    } else if (is_blank(c) || c == '\r') {
      ++at;
    } else if (c == '#' && separated) {
      skip_comment();
    } else if ((c == '"' || c == '\'') && token_start) {
      at = std::min(end_of_quoted(text, at), text.size());
      token_start = false;
    } else if ((c == '[' || c == '{') && (token_start || !open.empty())) {
      if (open.size() == max_depth) return {too_deep(mark_at(text, at)), {}};
      if (++entries > max_values) return {too_many_values(mark_at(text, at)), {}};
      open.push_back(at);
      ++at;
      token_start = true;
    } else if (!open.empty()) {
      if (c == ']' || c == '}') {
        open.pop_back();
        token_start = false;
      } else if (c == ',') {
        if (++entries > max_values) return {too_many_values(mark_at(text, at)), {}};
        token_start = true;
      } else {
        token_start = c == ':' || (c == '?' && token_start);
      }
      ++at;
    } else if ((c == '|' || c == '>') && token_start) {
      // A block scalar: every following line that is indented more than the line of its header.
      const std::size_t indent = indent_of(line_start);
      skip_comment();
      while (at < text.size()) {
        ++at;  // the line break
        const std::size_t spaces = indent_of(at);
        const bool blank_line = at + spaces >= text.size() || is_break(text[at + spaces]);
        line_start = at;
        if (!blank_line && spaces <= indent && !(indent == 0 && spaces > 0)) break;
        while (at < text.size() && text[at] != '\n') ++at;
      }
      token_start = true;
    } else {
      // `- `, `? ` and `: ` are followed by a value; anything else is (part of) a plain scalar.
      const bool last = at + 1 == text.size() || is_blank(text[at + 1]) || is_break(text[at + 1]);
      token_start = last && (c == ':' || (token_start && (c == '-' || c == '?')));
      ++at;
    }
  }
  FlowScan scan;
  if (!open.empty()) scan.unclosed = open.back();
  return scan;
}

/// `'?'`, where that is a character that can be shown.
std::string character_at(std::string_view text, const YAML::Mark& mark) {
  const auto at = static_cast<std::size_t>(std::max(mark.pos, 0));
  if (mark.is_null() || at >= text.size() || text[at] <= ' ' || text[at] > '~') return "this character";
  return std::string("'") + text[at] + "'";
}

/// yaml-cpp's own words where they are clear, with a remedy for the commonest slips.
Fault explained(const YAML::Exception& error, std::string_view text) {
  const Mark mark = error.mark.is_null() ? Mark{1, 1} : mark_of(error.mark);
  const std::string& said = error.msg;
  const auto contains = [&](std::string_view words) { return said.find(words) != std::string::npos; };
  if (contains("referenced anchor")) return alias_fault(mark);
  if (contains("EOF in scalar"))
    return fault_at(FaultCode::syntax, mark, "the file ends inside a quoted string", "a closing quote",
                    "is the file complete?");
  const std::size_t line_start =
      error.mark.is_null() ? 0 : static_cast<std::size_t>(std::max(error.mark.pos - error.mark.column, 0));
  const std::string_view line = text.substr(std::min(line_start, text.size()), 1000);
  if (contains("tab") || line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos)
    return fault_at(FaultCode::syntax, mark, "not YAML: " + said, {}, "indent with spaces");
  if (contains("unknown token"))
    return fault_at(FaultCode::syntax, mark,
                    "not YAML: no value begins with " + character_at(text, error.mark), {},
                    "put the text in quotes");
  if (contains("illegal map value") || contains("end of map not found") ||
      contains("end of sequence not found"))
    return fault_at(FaultCode::syntax, mark, "not YAML: " + said, {},
                    "check the indentation, and put a text that holds \": \" in quotes");
  return fault_at(FaultCode::syntax, mark, "not YAML: " + said);
}

}  // namespace

tl::expected<Node, Fault> parse_yaml(std::string_view text) {
  const std::size_t order_mark = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  text.remove_prefix(order_mark);
  // YAML 1.2 c-printable: of the control characters only tab, line feed and carriage return.
  const auto control = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && !is_break(c)) || byte == 0x7F;
  });
  if (control != text.end())
    return tl::unexpected(fault_at(
        FaultCode::syntax, mark_at(text, static_cast<std::size_t>(control - text.begin())),
        *control == '\0' ? std::string("a NUL byte")
                         : fmt::format("control character 0x{:02x}", static_cast<unsigned char>(*control)),
        "printable text", "write it as an escape in double quotes"));
  FlowScan flow = scan_flow(text);
  if (flow.fault) return tl::unexpected(std::move(*flow.fault));
  // yaml-cpp takes an unclosed collection for a key, or complains where it begins; the place to look at is
  // the end.
  const auto refused = [&](Fault fault) {
    if (flow.unclosed) {
      const Mark begin = mark_at(text, *flow.unclosed);
      const Mark mark = fault.place.mark;
      if (mark.line > begin.line || (mark.line == begin.line && mark.column >= begin.column) ||
          fault.finding.starts_with("a key that is") || fault.finding.ends_with("flow not found"))
        fault =
            fault_at(FaultCode::syntax, mark_at(text, text.size()),
                     fmt::format("the file ends inside the {} that begins at {}:{}",
                                 text[*flow.unclosed] == '[' ? "array" : "object", begin.line, begin.column),
                     text[*flow.unclosed] == '[' ? "a closing ]" : "a closing }", "is the file complete?");
    }
    return tl::unexpected(std::move(fault));
  };

  TextBuffer buffer(text);
  std::istream stream(&buffer);
  YamlHandler handler(text);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(handler)) continue;
  } catch (const Refused& stop) {
    return refused(stop.fault);
  } catch (const YAML::Exception& error) {
    return refused(explained(error, text));
  }
  if (!handler.seen())
    return tl::unexpected(fault_at(FaultCode::syntax, {1, 1},
                                   text.empty() ? "the file is empty" : "the file holds no value",
                                   "a YAML document"));
  return handler.take();
}

}  // namespace portolan::files
