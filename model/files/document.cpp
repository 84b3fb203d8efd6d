// SPDX-License-Identifier: Apache-2.0

#include "model/files/document.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "model/files/kinds.hpp"
#include "model/files/syntax.hpp"
#include "model/support/text.hpp"

namespace portolan::files {
namespace {

/// Closes itself.
struct Descriptor {
  int number;
  explicit Descriptor(int opened) : number(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

std::string error_text(int error) { return std::generic_category().message(error); }

tl::unexpected<Faults> unreadable(const std::filesystem::path& file, std::string finding,
                                  std::string expectation, std::string remedy) {
  // An empty name would leave the message without a place.
  return fail(Fault{FaultCode::unreadable,
                    {file.empty() ? "\"\"" : file.string(), {}, {}},
                    std::move(finding),
                    std::move(expectation),
                    std::move(remedy)});
}

tl::unexpected<Faults> too_large(const std::filesystem::path& file) {
  return fail(Fault{FaultCode::limit,
                    {file.string(), {}, {}},
                    "the file is too large",
                    fmt::format("at most {} MiB", max_bytes >> 20),
                    {}});
}

/// A FIFO on its way to the end of what is written to it. Who names one may start its writer a moment later,
/// and a writer may take its time; but a FIFO to which nobody ever comes is not waited for.
class Fifo {
 public:
  explicit Fifo(int descriptor) : descriptor_(descriptor) {}

  /// After a read that gave no bytes (`at_end`) or would have had to wait: whether to read again.
  bool waits(bool at_end) {
    constexpr int patience_ms = 2000, step_ms = 20;
    if (at_end && (had_writer_ || waited_ms_ >= patience_ms)) return false;
    had_writer_ = had_writer_ || !at_end;
    pollfd one{descriptor_, POLLIN, 0};
    // What poll tells, were it only that a writer has gone again, is that there was one.
    if (::poll(&one, 1, at_end ? step_ms : -1) > 0)
      had_writer_ = true;
    else
      waited_ms_ += step_ms;
    return true;
  }
  bool had_writer() const { return had_writer_; }

 private:
  int descriptor_;
  int waited_ms_ = 0;
  bool had_writer_ = false;
};

}  // namespace

std::string_view describe(Kind kind) {
  switch (kind) {
    case Kind::null: return "null";
    case Kind::boolean: return "a boolean";
    case Kind::number: return "a number";
    case Kind::string: return "a string";
    case Kind::array: return "an array";
    case Kind::object: return "an object";
  }
  return "a value";
}

const Node* Node::find(std::string_view key) const {
  for (const Member& member : members)
    if (member.key == key) return &member.value;
  return nullptr;
}

Result<std::string> read_text(const std::filesystem::path& file) {
  // Opened without waiting: for a FIFO without a writer that would be for ever.
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (opened.number < 0) {
    const int error = errno;
    if (error == ENOENT) return unreadable(file, "no such file", {}, "check the path");
    if (error == EACCES)
      return unreadable(file, "no permission to read it", {}, "change its mode or run as a user who may");
    return unreadable(file, fmt::format("cannot be opened: {}", error_text(error)), {}, {});
  }
  struct stat status {};
  if (::fstat(opened.number, &status) != 0)
    return unreadable(file, fmt::format("cannot be opened: {}", error_text(errno)), {}, {});
  if (S_ISDIR(status.st_mode)) return unreadable(file, "is a folder", "a file", {});
  if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))
    return unreadable(file, "is a device or a socket", "a file", {});
  if (S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) > max_bytes)
    return too_large(file);

  // The size is a hint only: a pipe has none, and a file may grow while it is read.
  std::string text(S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) + 1 : 65536, '\0');
  std::size_t length = 0;
  Fifo fifo(opened.number);
  for (;;) {
    if (length == text.size()) {
      if (length > max_bytes) return too_large(file);
      text.resize(text.size() * 2);
    }
    const ssize_t got = ::read(opened.number, text.data() + length, text.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN && fifo.waits(false)) continue;
    if (got < 0) return unreadable(file, fmt::format("cannot be read: {}", error_text(errno)), {}, {});
    if (got == 0 && S_ISFIFO(status.st_mode) && length == 0 && fifo.waits(true)) continue;
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length > max_bytes) return too_large(file);
  if (S_ISFIFO(status.st_mode) && length == 0 && !fifo.had_writer())
    return unreadable(file, "is a FIFO that nobody writes to", "a file, or a FIFO with a writer",
                      "start what writes to it, then read it");
  text.resize(length);
  return text;
}

Result<Document> read_document(const std::filesystem::path& file) {
  Result<std::string> text = read_text(file);
  if (!text) return fail(std::move(text.error()));
  const auto extension = file.extension();
  return parse_document(*text, file.string(),
                        extension == ".yaml" || extension == ".yml" ? Syntax::yaml : Syntax::json);
}

Result<Document> parse_document(std::string_view text, std::string file, Syntax syntax) {
  const auto refused = [&](Fault fault) {
    fault.place.file = file;
    return fail(std::move(fault));
  };
  if (text.size() > max_bytes)
    return refused(fault_at(FaultCode::limit, {}, "the text is too large",
                            fmt::format("at most {} MiB", max_bytes >> 20)));
  if (const auto other = looks_like(text))
    return refused(fault_at(FaultCode::syntax, {1, 1}, fmt::format("the file looks like {}", other->noun),
                            syntax == Syntax::json ? "JSON" : "YAML", std::string(other->read_by)));
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return refused(fault_at(FaultCode::syntax, {1, 1}, "the file is UTF-16", "UTF-8", "save it as UTF-8"));

  // Bytes that are not UTF-8 end the text for the parser: whichever fault comes first is the one that is
  // reported.
  const std::size_t invalid = first_invalid_utf8(text);
  tl::expected<Node, Fault> root = [&] {
    const std::string_view valid = text.substr(0, invalid);
    if (syntax == Syntax::json) return parse_json(valid);
    // yaml-cpp reports an open end where it began, so a cut text would hide the byte that cut it.
    return invalid == std::string_view::npos ? parse_yaml(valid) : tl::expected<Node, Fault>();
  }();
  if (invalid != std::string_view::npos) {
    const Mark mark = mark_at(text, invalid);
    const bool earlier = !root && std::pair(root.error().place.mark.line, root.error().place.mark.column) <
                                      std::pair(mark.line, mark.column);
    if (!earlier)
      return refused(
          fault_at(FaultCode::syntax, mark,
                   fmt::format("invalid UTF-8 (byte 0x{:02x})", static_cast<std::uint8_t>(text[invalid])),
                   "UTF-8", "save the file as UTF-8"));
  }
  if (!root) return refused(std::move(root.error()));
  return Document{std::move(file), syntax, std::move(*root)};
}

Mark mark_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  const std::size_t line_start = newline == std::string_view::npos ? 0 : newline + 1;
  return {static_cast<std::uint32_t>(1 + std::count(before.begin(), before.end(), '\n')),
          static_cast<std::uint32_t>(1 + before.size() - line_start)};
}

Fault fault_at(FaultCode code, Mark mark, std::string finding, std::string expectation, std::string remedy) {
  return {code, {{}, mark, {}}, std::move(finding), std::move(expectation), std::move(remedy)};
}

Fault too_deep(Mark mark) {
  return fault_at(FaultCode::limit, mark, "nested too deeply", fmt::format("at most {} levels", max_depth));
}

Fault too_many_values(Mark mark) {
  return fault_at(FaultCode::limit, mark, "too many values",
                  fmt::format("at most {} in one file", max_values));
}

bool TreeBuilder::begin(Kind kind, Mark mark) {
  if (open_.size() == max_depth) {
    fault_ = too_deep(mark);
    return false;
  }
  Node* node = scalar(kind, mark);
  if (node) open_.push_back(node);
  return node != nullptr;
}

Node* TreeBuilder::scalar(Kind kind, Mark mark) {
  if (++values_ > max_values) {
    fault_ = too_many_values(mark);
    return nullptr;
  }
  Node* node = &root_;
  if (!open_.empty()) {
    Node& parent = *open_.back();
    node = parent.kind == Kind::object ? &parent.members.back().value : &parent.items.emplace_back();
  }
  node->kind = kind;
  node->mark = mark;
  return node;
}

void TreeBuilder::key(std::string name, Mark mark) {
  open_.back()->members.push_back({std::move(name), mark, {}});
}

void Reader::report(FaultCode code, const Node& node, std::string path, std::string finding,
                    std::string expectation, std::string remedy) {
  report(code, node.mark, std::move(path), std::move(finding), std::move(expectation), std::move(remedy));
}

void Reader::report(FaultCode code, Mark mark, std::string path, std::string finding, std::string expectation,
                    std::string remedy) {
  if (faults_.size() > max_faults) return;
  if (faults_.size() == max_faults) {
    faults_.push_back({FaultCode::limit,
                       {file_, mark, {}},
                       fmt::format("more than {} faults", max_faults),
                       {},
                       "mend those above first"});
    return;
  }
  faults_.push_back(
      {code, {file_, mark, std::move(path)}, std::move(finding), std::move(expectation), std::move(remedy)});
}

bool Reader::expect(const Node& node, Kind kind, const std::string& path) {
  if (node.kind == kind) return true;
  report(FaultCode::wrong_type, node, path, "got " + shown(node), std::string(describe(kind)));
  return false;
}

bool Reader::expect(const Node& node, Kind kind, const std::string& parent, std::string_view key) {
  return node.kind == kind || expect(node, kind, member_path(parent, key));
}

bool Reader::no_duplicate_keys(const Node& object, const std::string& path) {
  const auto& members = object.members;
  std::vector<std::uint32_t> order;  // member numbers by key, equal keys in file order
  const auto report_second = [&](const Member& first, const Member& second) {
    report(FaultCode::duplicate, second.key_mark, member_path(path, second.key),
           fmt::format("{} stands twice (first at {}:{})", in_quotes(second.key), first.key_mark.line,
                       first.key_mark.column),
           {}, "keep one of them");
  };
  if (members.size() <= 8) {  // nearly always: comparing all beats sorting
    bool none = true;
    for (std::size_t k = 1; k < members.size(); ++k) {
      for (std::size_t i = 0; i < k; ++i) {
        if (members[i].key != members[k].key) continue;
        report_second(members[i], members[k]);
        none = false;
        break;
      }
    }
    return none;
  }
  order.resize(members.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return members[a].key < members[b].key; });
  std::vector<std::pair<std::uint32_t, std::uint32_t>> twice;  // second place, first place
  for (std::size_t k = 1, first = 0; k < order.size(); ++k) {
    if (members[order[k]].key == members[order[first]].key)
      twice.emplace_back(order[k], order[first]);
    else
      first = k;
  }
  std::sort(twice.begin(), twice.end());
  for (const auto& [second, first] : twice) report_second(members[first], members[second]);
  return twice.empty();
}

const Member* Reader::nearly(const Node& object, std::string_view key) {
  // Two letters that changed places are two edits.
  const std::size_t edits_max = key.size() < 3 ? 0 : key.size() < 5 ? 1 : 2;
  for (const Member& member : object.members)
    if (edit_distance(member.key, key) <= edits_max) return &member;
  return nullptr;
}

bool Reader::misspelt(const Node& object, std::string_view key, const std::string& path) {
  const Member* member = nearly(object, key);
  if (member == nullptr) return false;
  report(FaultCode::unknown_name, member->key_mark, member_path(path, member->key),
         fmt::format("is not a member here, and {} is missing", in_quotes(key)), {},
         fmt::format("did you mean {}?", in_quotes(key)));
  return true;
}

const Node* Reader::required(const Node& object, std::string_view key, const std::string& path) {
  const Node* node = object.find(key);
  if (!node && !misspelt(object, key, path))
    report(FaultCode::missing, object, path, fmt::format("{} is missing", in_quotes(key)), {},
           fmt::format("add {}", in_quotes(key)));
  return node;
}

void Reader::expect_format(const Node& root, const Format& format) {
  const Node* node = required(root, "format", {});
  if (node == nullptr || (node->kind == Kind::string && node->text == format.name)) return;
  report(node->kind == Kind::string ? FaultCode::unknown_name : FaultCode::wrong_type, *node, "format",
         "got " + shown(*node), in_quotes(format.name));
}

std::string member_path(const std::string& parent, std::string_view key) {
  const std::string name = key.empty() ? "\"\"" : shortened(key, 80);
  return parent.empty() ? name : parent + '.' + name;
}

std::string item_path(const std::string& parent, std::size_t index) {
  return fmt::format("{}[{}]", parent, index);
}

std::string shown(const Node& node) {
  switch (node.kind) {
    case Kind::boolean: return node.boolean ? "true" : "false";
    case Kind::number: return shortened(node.text, 40);
    case Kind::string: return in_quotes(node.text);
    default: return std::string(describe(node.kind));
  }
}

}  // namespace portolan::files
