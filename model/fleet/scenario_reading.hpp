#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What the readers of a scenario's parts share: scenario.cpp reads the file, members.cpp one object of it,
// model_section.cpp a model of its own, timing.cpp the times, questions.cpp what is asked of the module,
// inputs.cpp what the answers depend on.

#include "model/compat/reading.hpp"
#include "model/fleet/scenario.hpp"

namespace portolan::fleet {

/// Members of one object of the scenario. An unknown member is an error here: a scenario is written by hand,
/// and a misspelt limit that is silently ignored would make every verdict a lie.
class Members {
 public:
  Members(files::Reader& reader, const files::Node& node, std::string path,
          std::initializer_list<std::string_view> known);

  bool good() const { return good_; }
  const files::Node* find(std::string_view key) const { return good_ ? node_.find(key) : nullptr; }
  /// With a fault when it is not there.
  const files::Node* required(std::string_view key) const;
  std::string text(std::string_view key, std::string otherwise = {}) const;
  Placed placed(std::string_view key) const;
  std::optional<std::uint64_t> number(std::string_view key) const;
  bool boolean(std::string_view key, bool otherwise) const;
  /// A list of strings; a single string is a list of one.
  std::vector<Placed> list(std::string_view key) const;
  std::string path(std::string_view key) const { return files::member_path(path_, key); }
  const std::string& path() const { return path_; }

 private:
  files::Reader& reader_;
  const files::Node& node_;
  std::string path_;
  bool good_;
};

/// The `model:` section: a module of the scenario's own. `storage` keeps what its machines borrow.
rules::Module read_model_section(files::Reader& reader, const files::Node& node,
                                 std::shared_ptr<const void>& storage);

/// The members of timing.hpp; `actions` are the names that durations and weights may be given for.
void read_timing(files::Reader& reader, const files::Node& root, const std::vector<std::string>& actions,
                 Timing& into);

/// The tree as JSON on one line: members in their order, numbers as they were written.
std::string canonical_json(const files::Node& node);

/// LoadedScenario::inputs; `catalogue` may be null.
std::map<std::string, std::string> inputs_of(const files::Node& root, const compat::Catalogue* catalogue);

/// The scenario's goal and properties become properties of its module; the faults in what it asks and
/// expects.
Faults put_questions(LoadedScenario& loaded);

/// What a scenario writes for an action: its name, or what stands before the dot for all that begin so.
inline bool stands_for(std::string_view written, std::string_view action) {
  return action == written || (action.starts_with(written) && action.substr(written.size()).starts_with('.'));
}

/// A fault of an expression as a fault of the file: at its column where the text is on the line where it
/// begins.
Fault fault_in(const Placed& placed, const rules::ParseFault& fault);

}  // namespace portolan::fleet
