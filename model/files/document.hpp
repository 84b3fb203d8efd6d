#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A JSON or YAML file as one tree in which every value and every key knows its line and column. Numbers keep
// their text, so that `1.0`, `1e3` and 2^64 are seen as they were written; duplicate keys are kept, so that
// the reader of a format can report both places. Limits: depth 256, 256 MiB, 2^24 values, valid UTF-8, no
// YAML aliases, anchors or tags. In YAML a quoted scalar is a string; a plain one is null, a boolean, a
// number or a string by the core schema of YAML 1.2 (so `yes`, `on` and `off` are strings). Thread-safe: no
// state outside the returned value.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "model/files/formats.hpp"
#include "model/support/fault.hpp"

namespace portolan::files {

enum class Kind : std::uint8_t { null, boolean, number, string, array, object };
/// With an article, for messages: `an object`, `a string`.
std::string_view describe(Kind kind);

struct Member;

struct Node {
  Kind kind = Kind::null;
  bool boolean = false;
  std::uint8_t lead = 0;  ///< bytes between `mark` and the first character of `text`: 1 for an opening quote
  std::string text;       ///< string: its value; number: as written
  std::vector<Node> items;      ///< array
  std::vector<Member> members;  ///< object, in file order, duplicates kept
  Mark mark;

  /// First member of that name, or null.
  const Node* find(std::string_view key) const;
  /// Position of the first character of `text`, for faults inside it.
  Mark text_mark() const { return {mark.line, mark.column + lead}; }
};

struct Member {
  std::string key;
  Mark key_mark;
  Node value;
};

inline constexpr std::size_t max_depth = 256;
inline constexpr std::uint64_t max_bytes = std::uint64_t{256} << 20;
inline constexpr std::size_t max_values = std::size_t{1} << 24;
/// A file that is wrong everywhere is not listed for ever: after that many faults one more says so.
inline constexpr std::size_t max_faults = 100'000;

enum class Syntax : std::uint8_t { json, yaml };

struct Document {
  std::string file;  ///< as given, for messages
  Syntax syntax = Syntax::json;
  Node root;
};

/// Whole content of a regular file or a pipe, or one fault (does not exist, is a folder, no permission, too
/// large, a pipe to which nobody writes for two seconds).
Result<std::string> read_text(const std::filesystem::path& file);
/// `.yaml` and `.yml` are YAML, everything else strict JSON.
Result<Document> read_document(const std::filesystem::path& file);
Result<Document> parse_document(std::string_view text, std::string file, Syntax syntax);

/// Collects faults while a format is read: hands out members with the right type and reports what is not as
/// it must be.
class Reader {
 public:
  Reader(const std::string& file, Faults& faults) : file_(file), faults_(faults) {}

  Place place(const Node& node, std::string path) const { return {file_, node.mark, std::move(path)}; }
  void report(FaultCode code, const Node& node, std::string path, std::string finding,
              std::string expectation = {}, std::string remedy = {});
  void report(FaultCode code, Mark mark, std::string path, std::string finding, std::string expectation = {},
              std::string remedy = {});
  /// False (and a fault) when the node is not of that kind.
  bool expect(const Node& node, Kind kind, const std::string& path);
  /// The same for a member of the value at `parent`; the path is only built when there is something to say.
  bool expect(const Node& node, Kind kind, const std::string& parent, std::string_view key);
  /// Faults for keys that occur twice (both places are named); true when there are none.
  bool no_duplicate_keys(const Node& object, const std::string& path);
  /// A member with nearly that name, or null: a slip of the hand.
  static const Member* nearly(const Node& object, std::string_view key);
  /// A fault that names such a member; false, and none, where there is none.
  bool misspelt(const Node& object, std::string_view key, const std::string& path);
  /// The member, or null; a fault when it is required and absent, at what nearly has its name where there is
  /// such a member.
  const Node* required(const Node& object, std::string_view key, const std::string& path);
  /// A fault unless the file's root has the member `format` and it says this one.
  void expect_format(const Node& root, const Format& format);
  const std::string& file() const { return file_; }
  Faults& faults() { return faults_; }

 private:
  const std::string& file_;
  Faults& faults_;
};

/// `models.com.gfx/GPU`, `hosts[0]`: paths as they stand in messages. Long keys are shortened.
std::string member_path(const std::string& parent, std::string_view key);
std::string item_path(const std::string& parent, std::size_t index);
/// What stands there, for `got …`: `an object`, `"on"`, `1.0`, `true`.
std::string shown(const Node& node);

}  // namespace portolan::files
