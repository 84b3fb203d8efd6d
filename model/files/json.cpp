// SPDX-License-Identifier: Apache-2.0
//
// Strict JSON (RFC 8259) by RapidJSON's SAX reader. Its events come without positions, but the stream knows
// how far it has been read, and between two tokens there is nothing but whitespace, commas and colons: so the
// gap behind the last token is walked once, counting lines, and leads to the first character of the next. The
// reader is iterative: nesting costs no stack.

#include <cstring>

#include <fmt/format.h>
#include <rapidjson/reader.h>

#include "model/files/syntax.hpp"
#include "model/support/text.hpp"

namespace portolan::files {
namespace {

/// What RapidJSON reads from. It takes a NUL for the end, which `parse_json` tells apart from a NUL in the
/// file.
class Stream {
 public:
  using Ch = char;
  explicit Stream(std::string_view text)
      : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()) {}
  Ch Peek() const { return at_ == end_ ? '\0' : *at_; }
  Ch Take() { return at_ == end_ ? '\0' : *at_++; }
  std::size_t Tell() const { return static_cast<std::size_t>(at_ - begin_); }
  // Only for parsing in place, which is not done here.
  Ch* PutBegin() { return nullptr; }
  void Put(Ch) {}
  void Flush() {}
  std::size_t PutEnd(Ch*) { return 0; }

 private:
  const char *begin_, *at_, *end_;
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_line_break(char c) { return c == '\n' || c == '\r'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class JsonHandler {
 public:
  using Ch = char;
  JsonHandler(std::string_view text, const Stream& stream) : text_(text), stream_(stream) {}

  bool Null() { return literal(4, Kind::null, false); }
  bool Bool(bool value) { return literal(value ? 4 : 5, Kind::boolean, value); }
  bool RawNumber(const Ch* text, rapidjson::SizeType length, bool) {
    Node* node = scalar(Kind::number);
    if (!node) return false;
    node->text.assign(text, length);
    return next(stream_.Tell());
  }
  bool String(const Ch* text, rapidjson::SizeType length, bool) {
    Node* node = scalar(Kind::string);
    if (!node) return false;
    node->text.assign(text, length);
    node->lead = 1;
    return encoded(node->text) && next(stream_.Tell());
  }
  bool Key(const Ch* text, rapidjson::SizeType length, bool) {
    std::string key(text, length);
    const Mark mark = token();
    if (!encoded(key)) return false;
    tree_.key(std::move(key), mark);
    return next(stream_.Tell());
  }
  bool StartObject() { return begin(Kind::object); }
  bool StartArray() { return begin(Kind::array); }
  bool EndObject(rapidjson::SizeType) { return end(); }
  bool EndArray(rapidjson::SizeType) { return end(); }
  // The reader hands out numbers as text only.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  /// Walks to the first character of the next token.
  Mark token() {
    while (at_ < text_.size() && (is_space(text_[at_]) || text_[at_] == ',' || text_[at_] == ':')) {
      if (text_[at_] == '\n') {
        ++line_;
        line_start_ = at_ + 1;
      }
      ++at_;
    }
    return mark(at_);
  }
  /// Of an offset in the line of the last token.
  Mark mark(std::size_t offset) const {
    return {line_, static_cast<std::uint32_t>(offset - line_start_ + 1)};
  }
  std::size_t at() const { return at_; }
  const std::vector<Mark>& open() const { return open_; }
  bool in_object() const { return tree_.in_object(); }
  /// Why a handler stopped the reader.
  const Fault& fault() const { return fault_; }
  Node take() { return tree_.take(); }

 private:
  Node* scalar(Kind kind) {
    Node* node = tree_.scalar(kind, token());
    if (!node) fault_ = tree_.fault();
    return node;
  }
  bool literal(std::size_t length, Kind kind, bool value) {
    Node* node = scalar(kind);
    if (!node) return false;
    node->boolean = value;
    return next(at_ + length);
  }
  bool begin(Kind kind) {
    const Mark mark = token();
    if (!tree_.begin(kind, mark)) {
      fault_ = tree_.fault();
      return false;
    }
    open_.push_back(mark);
    return next(at_ + 1);
  }
  bool end() {
    token();
    tree_.end();
    open_.pop_back();
    return next(at_ + 1);
  }
  bool next(std::size_t offset) {
    at_ = offset;
    return true;
  }
  /// The file is UTF-8, but an escape may name half a character, which RapidJSON lets through for the second
  /// half.
  bool encoded(std::string_view value) {
    const bool escaped = stream_.Tell() - at_ != value.size() + 2;
    if (!escaped || first_invalid_utf8(value) == std::string_view::npos) return true;
    fault_ = fault_at(FaultCode::syntax, mark(at_), "an escape names half of a surrogate pair",
                      "a pair such as \\ud83d\\ude00", "write both halves, or the character itself");
    return false;
  }

  std::string_view text_;
  const Stream& stream_;
  TreeBuilder tree_;
  std::vector<Mark> open_;  // where the open containers begin
  std::size_t at_ = 0;      // behind the last token
  std::uint32_t line_ = 1;
  std::size_t line_start_ = 0;
  Fault fault_;
};

std::string here(Mark mark) { return fmt::format("{}:{}", mark.line, mark.column); }

/// The text ends before the value does.
Fault truncated(std::string_view text, const JsonHandler& handler, bool in_string, Mark string_mark) {
  const Mark end = mark_at(text, text.size());
  if (in_string)
    return fault_at(FaultCode::syntax, end,
                    "the file ends inside the string that begins at " + here(string_mark), "a closing \"",
                    "is the file complete?");
  if (handler.open().empty())
    return fault_at(FaultCode::syntax, end, "the file ends inside a value", {}, "is the file complete?");
  return fault_at(FaultCode::syntax, end,
                  fmt::format("the file ends inside the {} that begins at {}",
                              handler.in_object() ? "object" : "array", here(handler.open().back())),
                  handler.in_object() ? "a closing }" : "a closing ]", "is the file complete?");
}

/// A string, a word or one character, as it stands at the offset.
std::string found_at(std::string_view text, std::size_t offset) {
  std::size_t end = offset;
  if (text[offset] == '"') {
    while (end < text.size() && end - offset < 60 && (end == offset || text[end] != '"') &&
           !is_line_break(text[end]))
      ++end;
    return in_quotes(text.substr(offset + 1, end - offset - 1), 40);
  }
  while (end < text.size() && end - offset < 40 &&
         (is_word(text[end]) || text[end] == '-' || text[end] == '+' || text[end] == '.'))
    ++end;
  if (end == offset) {  // one character, which may have several bytes
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) ++end;
  }
  return shortened(text.substr(offset, end - offset), 40);
}

/// Where a token was found that cannot stand there: the commonest slips have a remedy of their own.
Fault misplaced(std::string_view text, std::size_t offset, Mark mark, std::string expectation,
                const JsonHandler& handler) {
  const char c = text[offset];
  const auto fault = [&](std::string finding, std::string expected, std::string remedy) {
    return fault_at(FaultCode::syntax, mark, std::move(finding), std::move(expected), std::move(remedy));
  };
  const std::string found = found_at(text, offset);
  if (c == '\0') return fault("a NUL byte", "text", "is this a JSON file?");
  if (c == '\'') return fault("a single quote", "a double quote", "JSON strings stand in double quotes");
  if (c == '/' || c == '#')
    return fault("a comment", std::move(expectation), "JSON has no comments; put it in a \"description\"");
  if ((c == '}' || c == ']') && handler.at() > 0) {
    std::size_t before = offset;
    while (before > 0 && is_space(text[before - 1])) --before;
    if (before > 0 && text[before - 1] == ',')
      return fault(fmt::format("a comma before {}", c), std::move(expectation),
                   "JSON allows no trailing comma; remove it");
  }
  if (c >= '0' && c <= '9' && offset > 0 && text[offset - 1] == '0' &&
      (offset == 1 || !is_word(text[offset - 2])))
    return fault("a number with a leading zero", "plain decimal", "remove the zero");
  if (c == '+' || c == '.') return fault("got " + found, "a number that begins with a digit or -", {});
  if (found == "True" || found == "False" || found == "None")
    return fault("got " + found, std::move(expectation), "JSON writes true, false and null");
  if (found == "NaN" || found == "Infinity" || found == "-Infinity" || found == "nan" || found == "inf")
    return fault("got " + found, std::move(expectation), "JSON has no such number");
  if (is_word(c) && !(c >= '0' && c <= '9'))
    return fault("got " + found, std::move(expectation), "names and strings stand in double quotes");
  return fault("got " + found, std::move(expectation), {});
}

Fault control_character(std::string_view text, std::size_t offset, Mark string_mark) {
  const Mark mark = mark_at(text, offset);
  if (text[offset] == '\n' || text[offset] == '\r')
    return fault_at(FaultCode::syntax, mark,
                    "the line ends inside the string that begins at " + here(string_mark), "a closing \"",
                    "write \\n for a line break");
  return fault_at(
      FaultCode::syntax, mark,
      fmt::format("control character 0x{:02x} in a string", static_cast<unsigned char>(text[offset])), {},
      "write it as an escape");
}

Fault describe_error(std::string_view text, rapidjson::ParseErrorCode code, std::size_t offset,
                     JsonHandler& handler) {
  const std::size_t string_start = (handler.token(), handler.at());
  const Mark token = handler.mark(string_start);
  const auto at_token = [&](std::string finding, std::string expectation, std::string remedy = {}) {
    return fault_at(FaultCode::syntax, token, std::move(finding), std::move(expectation), std::move(remedy));
  };
  const auto at_offset = [&](std::string finding, std::string expectation, std::string remedy = {}) {
    return fault_at(FaultCode::syntax, mark_at(text, offset), std::move(finding), std::move(expectation),
                    std::move(remedy));
  };
  const bool in_string = string_start < text.size() && text[string_start] == '"';
  if (code == rapidjson::kParseErrorTermination) return handler.fault();
  if (offset >= text.size() && code != rapidjson::kParseErrorDocumentEmpty)
    return truncated(text, handler, in_string, token);
  switch (code) {
    case rapidjson::kParseErrorDocumentEmpty:
      if (offset < text.size())
        return misplaced(text, offset, mark_at(text, offset), "a JSON value", handler);
      return fault_at(FaultCode::syntax, {1, 1},
                      text.empty() ? "the file is empty" : "the file holds nothing but whitespace",
                      "a JSON value");
    case rapidjson::kParseErrorDocumentRootNotSingular:
      return at_offset("text after the end of the JSON value", "the end of the file",
                       "remove what follows, or close the value later");
    case rapidjson::kParseErrorObjectMissName:
      return misplaced(text, offset, mark_at(text, offset), "a name in double quotes", handler);
    case rapidjson::kParseErrorObjectMissColon:
      return misplaced(text, offset, mark_at(text, offset), "a colon", handler);
    case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket:
      return misplaced(text, offset, mark_at(text, offset), "a comma or }", handler);
    case rapidjson::kParseErrorArrayMissCommaOrSquareBracket:
      return misplaced(text, offset, mark_at(text, offset), "a comma or ]", handler);
    case rapidjson::kParseErrorValueInvalid:
      return misplaced(text, string_start, token, "a JSON value", handler);
    case rapidjson::kParseErrorStringUnicodeEscapeInvalidHex:
      return at_offset("a \\u escape without four hexadecimal digits", "\\u0000 to \\uffff");
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
      return at_offset("an escape names half of a surrogate pair", "a pair such as \\ud83d\\ude00",
                       "write both halves, or the character itself");
    case rapidjson::kParseErrorStringEscapeInvalid:  // also what it calls a control character
      if (static_cast<unsigned char>(text[offset]) < 0x20) return control_character(text, offset, token);
      return at_offset("an unknown escape", "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u",
                       "write \\\\ for a backslash");
    case rapidjson::kParseErrorStringMissQuotationMark:
    case rapidjson::kParseErrorStringInvalidEncoding: return control_character(text, offset, token);
    case rapidjson::kParseErrorNumberTooBig:
      return fault_at(FaultCode::out_of_range, token, "got " + found_at(text, string_start),
                      "a plain unsigned 64-bit integer");
    case rapidjson::kParseErrorNumberMissFraction:
      return at_token("got " + found_at(text, string_start), "a digit after the decimal point");
    case rapidjson::kParseErrorNumberMissExponent:
      return at_token("got " + found_at(text, string_start), "a digit in the exponent");
    default: return at_offset("not JSON", "a JSON value");
  }
}

}  // namespace

tl::expected<Node, Fault> parse_json(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF"))
    return tl::unexpected(fault_at(FaultCode::syntax, {1, 1}, "a byte order mark", "JSON without one",
                                   "save the file as UTF-8 without a byte order mark"));
  Stream stream(text);
  JsonHandler handler(text, stream);
  rapidjson::Reader reader;
  constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag |
                             rapidjson::kParseValidateEncodingFlag;
  const rapidjson::ParseResult parsed = reader.Parse<flags>(stream, handler);
  if (parsed.IsError()) return tl::unexpected(describe_error(text, parsed.Code(), parsed.Offset(), handler));
  if (stream.Tell() < text.size())  // the reader took a NUL behind the value for the end of the file
    return tl::unexpected(fault_at(FaultCode::syntax, mark_at(text, stream.Tell()),
                                   "a NUL byte after the end of the JSON value", "the end of the file"));
  return handler.take();
}

}  // namespace portolan::files
