#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Reads what the annotations of one model say of live instances: `observed`, `takes`, `restored`, `reported`,
// `aspects`, the short form `compare`, and `blocks` (docs/formats/catalogue.md, rules.md §aspects). Faults
// and lints go to whoever reads the whole.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/compat/annotations.hpp"
#include "model/files/document.hpp"

namespace portolan::compat {

/// What aspects are called anywhere in a catalogue, by model, with the type of the first value that one was
/// seen with; empty: none was. A condition of `blocks` may use an aspect that its own implementation never
/// showed.
using NamedAspects = std::map<std::string, std::map<std::string, std::optional<ValueType>>>;
NamedAspects named_aspects(const files::Node& implementations);

class AspectsReader {
 public:
  /// `model` is null where no type of the implementation describes it; expressions are then not read.
  AspectsReader(files::Reader& reader, std::vector<Lint>& lints, const NamedAspects& named,
                const std::string& name, const DeviceModel* model)
      : reader_(reader), lints_(lints), named_(named), name_(name), model_(model) {}

  /// Whether the member is one of those above, other than `blocks`; it is read then.
  bool read(Annotations& out, const files::Member& part, const std::string& path);
  /// After all other members, since a condition may use whatever was observed.
  void read_blocks(Annotations& out, const files::Node& node, const std::string& path);

 private:
  void observations(Observations& out, const files::Node& node, const std::string& path);
  std::optional<Shown> shown(const files::Node& node, const std::string& parent, const std::string& key);
  std::optional<bool> reported(const files::Node& node, const std::string& parent);
  void compare(Annotations& out, const files::Node& node, const std::string& path);
  void aspects(Annotations& out, const files::Node& node, const std::string& path);
  Aspect aspect(const files::Member& member, const std::string& path);
  void carried_by(Aspect& aspect, const files::Node& node, const std::string& path);
  void accepts(Aspect& aspect, const files::Node& node, const std::string& path);
  void bits(Aspect& aspect, const files::Node& node, const std::string& path);
  void read_condition(Block& block, const std::string& text, const Annotations& notes, const Place& place);
  void put_relation(Annotations& out, const std::string& name, Relation relation, const files::Node& node,
                    const std::string& path);

  files::Reader& reader_;
  std::vector<Lint>& lints_;
  const NamedAspects& named_;
  const std::string& name_;
  const DeviceModel* model_;
};

}  // namespace portolan::compat
