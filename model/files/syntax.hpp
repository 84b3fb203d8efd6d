#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The two syntaxes behind `parse_document`, and what they share. Each gets text that was checked to be valid
// UTF-8 up to its end and gives the tree, or the first syntax fault. Library types and exceptions do not
// leave json.cpp and yaml.cpp.

#include <string_view>

#include "model/files/document.hpp"

namespace portolan::files {

tl::expected<Node, Fault> parse_json(std::string_view text);
tl::expected<Node, Fault> parse_yaml(std::string_view text);

/// Line and column of an offset, found by counting from the beginning.
Mark mark_at(std::string_view text, std::size_t offset);
/// A fault of one finding at a place whose file is filled in by `parse_document`.
Fault fault_at(FaultCode code, Mark mark, std::string finding, std::string expectation = {},
               std::string remedy = {});
Fault too_deep(Mark mark);
Fault too_many_values(Mark mark);

/// Grows a tree event by event, for both parsers. The open containers are kept as pointers: while a child is
/// open, its parent gets no further child and so does not move it.
class TreeBuilder {
 public:
  /// False when the tree would get too deep or too large; `fault()` says which.
  bool begin(Kind kind, Mark mark);
  void end() { open_.pop_back(); }
  /// The new node, or null when the tree would get too large.
  Node* scalar(Kind kind, Mark mark);
  void key(std::string name, Mark mark);
  bool in_object() const { return !open_.empty() && open_.back()->kind == Kind::object; }
  std::size_t depth() const { return open_.size(); }
  const Fault& fault() const { return fault_; }
  Node take() { return std::move(root_); }

 private:
  Node root_;
  std::vector<Node*> open_;
  std::size_t values_ = 0;
  Fault fault_;
};

}  // namespace portolan::files
