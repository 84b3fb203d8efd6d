#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A JSON or YAML file as one tree in which every value and every key knows its line and column. Numbers keep their
// text, so that `1.0`, `1e3` and 2^64 are seen as they were written; duplicate keys are kept, so that the reader of a
// format can report both places. Limits: depth 256, 256 MiB, valid UTF-8, no YAML aliases, anchors or tags.
// Thread-safe: no state outside the returned value.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "model/support/fault.hpp"

namespace portolan::files {

enum class Kind : std::uint8_t { null, boolean, number, string, array, object };
/// With an article, for messages: `an object`, `a string`.
std::string_view describe(Kind kind);

struct Member;

struct Node {
  Kind kind = Kind::null;
  bool boolean = false;
  std::string text;             ///< string: its value; number: as written
  std::vector<Node> items;      ///< array
  std::vector<Member> members;  ///< object, in file order, duplicates kept
  Mark mark;

  /// First member of that name, or null.
  const Node* find(std::string_view key) const;
};

struct Member {
  std::string key;
  Mark key_mark;
  Node value;
};

inline constexpr std::size_t max_depth = 256;
inline constexpr std::uint64_t max_bytes = std::uint64_t{256} << 20;

enum class Syntax : std::uint8_t { json, yaml };

struct Document {
  std::string file;  ///< as given, for messages
  Syntax syntax = Syntax::json;
  Node root;
};

/// Whole content of a regular file, or one fault (does not exist, is a folder, no permission, too large).
Result<std::string> read_text(const std::filesystem::path& file);
/// `.yaml` and `.yml` are YAML, everything else strict JSON.
Result<Document> read_document(const std::filesystem::path& file);
Result<Document> parse_document(std::string_view text, std::string file, Syntax syntax);

/// Collects faults while a format is read: hands out members with the right type and remembers what was not asked for.
class Reader {
 public:
  Reader(const std::string& file, Faults& faults) : file_(file), faults_(faults) {}

  Place place(const Node& node, std::string path) const { return {file_, node.mark, std::move(path)}; }
  void report(FaultCode code, const Node& node, std::string path, std::string finding, std::string expectation = {}, std::string remedy = {});
  /// False (and a fault) when the node is not of that kind.
  bool expect(const Node& node, Kind kind, const std::string& path);
  /// Faults for keys that occur twice (both places are named); true when there are none.
  bool no_duplicate_keys(const Node& object, const std::string& path);
  /// The member, or null; a fault when it is required and absent.
  const Node* required(const Node& object, std::string_view key, const std::string& path);
  const std::string& file() const { return file_; }
  Faults& faults() { return faults_; }

 private:
  const std::string& file_;
  Faults& faults_;
};

}  // namespace portolan::files
