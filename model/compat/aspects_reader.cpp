// SPDX-License-Identifier: Apache-2.0
#include "model/compat/aspects_reader.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "model/compat/constraint.hpp"
#include "model/compat/reading.hpp"
#include "model/support/text.hpp"

namespace portolan::compat {

using files::item_path;
using files::Kind;
using files::Member;
using files::member_path;
using files::Node;

namespace {

void add_variable(Parameters& variables, const std::string& name, ValueType type) {
  Parameter variable;
  variable.name = name;
  variable.type = type;
  variables.try_emplace(name, std::move(variable));
}

/// The parameters of the model, and the aspects of which some value was seen, as variables of a condition.
/// What is called as a parameter is that parameter.
Parameters variables_of(const Annotations& notes, const DeviceModel& model) {
  Parameters variables = model.parameters;
  for (const Observations* all : {&notes.observed, &notes.restored, &notes.takes})
    for (const auto& [profile, aspects] : *all)
      for (const auto& [name, seen] : aspects)
        if (seen && seen->value() != nullptr) add_variable(variables, name, type_of(*seen->value()));
  return variables;
}

/// An aspect without a value here (null, a list, or somebody else's), and the types that it may have: that of
/// the first value elsewhere, else on or off, before the others.
struct Untyped {
  std::string name;
  std::vector<ValueType> types = {ValueType::boolean, ValueType::integer, ValueType::string};
};

/// Those that a text may speak of.
std::vector<Untyped> untyped_of(const std::string& text, const Parameters& variables,
                                const Annotations& notes,
                                const std::map<std::string, std::optional<ValueType>>& elsewhere) {
  constexpr std::size_t untyped_max = 6;  // each is tried with every type
  std::map<std::string, std::optional<ValueType>> names = elsewhere;
  for (const auto& [name, aspect] : notes.aspects) names.try_emplace(name);
  std::vector<Untyped> found;
  for (const auto& [name, type] : names) {
    if (variables.contains(name) || text.find(name) == std::string::npos || found.size() == untyped_max)
      continue;
    Untyped one{.name = name};
    if (type) std::rotate(one.types.begin(), std::ranges::find(one.types, *type), one.types.end());
    found.push_back(std::move(one));
  }
  return found;
}

void name_aspects(std::map<std::string, std::optional<ValueType>>& names, const Node& aspects) {
  for (const Member& aspect : aspects.members) {
    std::optional<ValueType>& type = names[aspect.key];
    if (type) continue;
    if (aspect.value.kind == Kind::boolean) type = ValueType::boolean;
    if (aspect.value.kind == Kind::number) type = ValueType::integer;
    if (aspect.value.kind == Kind::string) type = ValueType::string;
  }
}

}  // namespace

NamedAspects named_aspects(const Node& implementations) {
  NamedAspects named;
  for (const Node& implementation : implementations.items) {
    const Node* models = implementation.find("models");
    if (models == nullptr) continue;
    for (const Member& model : models->members)
      for (const char* key : {"observed", "takes", "restored"})
        if (const Node* profiles = model.value.find(key))
          for (const Member& profile : profiles->members) name_aspects(named[model.key], profile.value);
  }
  return named;
}

bool AspectsReader::read(Annotations& out, const Member& part, const std::string& path) {
  if (part.key == "observed")
    observations(out.observed, part.value, path);
  else if (part.key == "takes")
    observations(out.takes, part.value, path);
  else if (part.key == "restored")
    observations(out.restored, part.value, path);
  else if (part.key == "reported")
    out.reported_all = reported(part.value, path).value_or(true);
  else if (part.key == "compare")
    compare(out, part.value, path);
  else if (part.key == "aspects")
    aspects(out, part.value, path);
  else
    return false;
  return true;
}

void AspectsReader::observations(Observations& out, const Node& node, const std::string& path) {
  if (!read_object(reader_, node, path)) return;
  for (const Member& member : node.members) {
    const std::string here = member_path(path, member.key);
    auto& aspects = out[member.key];
    if (!read_object(reader_, member.value, here)) continue;
    for (const Member& aspect : member.value.members) {
      if (aspect.value.kind == Kind::null)
        aspects.try_emplace(aspect.key, std::nullopt);
      else if (auto value = shown(aspect.value, here, aspect.key))
        aspects.try_emplace(aspect.key, std::move(*value));
    }
  }
}

std::optional<Shown> AspectsReader::shown(const Node& node, const std::string& parent,
                                          const std::string& key) {
  if (node.kind != Kind::array) {
    auto value = read_any_value(reader_, node, {parent, key});
    return value ? std::optional<Shown>(std::move(*value)) : std::nullopt;
  }
  std::vector<Value> list;
  for (std::size_t k = 0; k < node.items.size(); ++k) {
    auto item = read_any_value(reader_, node.items[k], {parent, key, k});
    if (!item) return std::nullopt;
    list.push_back(std::move(*item));
  }
  return Shown(std::move(list));
}

std::optional<bool> AspectsReader::reported(const Node& node, const std::string& path) {
  static constexpr std::array<std::string_view, 2> choices = {"all", "some"};
  const std::string root;
  const Where where{root, path};
  const auto text = read_string(reader_, node, where);
  if (!text) return std::nullopt;
  if (*text == "all") return true;
  if (*text == "some") return false;
  report_no_choice(reader_, node, where, *text, choices);
  return std::nullopt;
}

void AspectsReader::compare(Annotations& out, const Node& node, const std::string& path) {
  if (!read_object(reader_, node, path)) return;
  for (const Member& member : node.members)
    if (const auto relation = read_enumerator(reader_, member.value, {path, member.key}, relation_names))
      put_relation(out, member.key, *relation, member.value, member_path(path, member.key));
}

void AspectsReader::put_relation(Annotations& out, const std::string& name, Relation relation,
                                 const Node& node, const std::string& path) {
  std::optional<Relation>& own = out.aspects[name].compare;
  if (own && *own != relation)
    reader_.report(
        FaultCode::duplicate, node, path,
        fmt::format("{} says {} of {}, and \"{}\" says {}",
                    path.ends_with("compare") ? "\"aspects\"" : "\"compare\"", name_of(relation),
                    in_quotes(name), path.ends_with("compare") ? "compare" : "aspects", name_of(*own)),
        "one relation", "say it once");
  own = relation;
}

void AspectsReader::aspects(Annotations& out, const Node& node, const std::string& path) {
  if (!read_object(reader_, node, path)) return;
  for (const Member& member : node.members) {
    const std::string here = member_path(path, member.key);
    if (!read_object(reader_, member.value, here)) continue;
    Aspect read = aspect(member, here);
    const auto relation = std::exchange(read.compare, std::nullopt);
    read.compare = out.aspects[member.key].compare;  // the short form may have said it
    out.aspects[member.key] = std::move(read);
    if (relation)
      put_relation(out, member.key, *relation, *member.value.find("compare"), member_path(here, "compare"));
  }
}

Aspect AspectsReader::aspect(const Member& member, const std::string& path) {
  static constexpr std::array<std::string_view, 7> known = {"compare", "of",       "carried-by", "accepts",
                                                            "bits",    "reported", "description"};
  const Node& node = member.value;
  lint_unknown_members(lints_, reader_, node, known, path, name_);
  check_description(reader_, node, path);
  Aspect read;
  if (const Node* text = node.find("compare"))
    read.compare = read_enumerator(reader_, *text, {path, "compare"}, relation_names);
  if (const Node* text = node.find("of"))
    read.of = read_enumerator(reader_, *text, {path, "of"}, aspect_of_names).value_or(read.of);
  if (const Node* text = node.find("carried-by")) carried_by(read, *text, path);
  if (const Node* all = node.find("accepts")) accepts(read, *all, member_path(path, "accepts"));
  if (const Node* names = node.find("bits")) bits(read, *names, member_path(path, "bits"));
  if (const Node* text = node.find("reported"))
    read.reported_all = reported(*text, member_path(path, "reported"));
  if (read.compare == Relation::pairs && node.find("accepts") == nullptr)
    reader_.report(FaultCode::missing, node, path, "\"accepts\" is missing", {},
                   "\"pairs\" needs it: each source with the destinations that take it");
  return read;
}

void AspectsReader::carried_by(Aspect& aspect, const Node& node, const std::string& path) {
  aspect.carried_by = read_name(reader_, node, {path, "carried-by"});
  if (model_ == nullptr || aspect.carried_by.empty() || model_->find(aspect.carried_by) != nullptr) return;
  std::vector<std::string> names;
  for (const auto& [name, parameter] : model_->parameters) names.push_back(name);
  const std::vector<std::string_view> views(names.begin(), names.end());
  reader_.report(FaultCode::unknown_name, node, member_path(path, "carried-by"),
                 fmt::format("{} has no parameter {}", shortened(model_->name), in_quotes(aspect.carried_by)),
                 names.empty() ? "no parameter: the model has none" : fmt::format("one of {}", listed(names)),
                 did_you_mean(aspect.carried_by, views));
}

void AspectsReader::accepts(Aspect& aspect, const Node& node, const std::string& path) {
  if (!read_object(reader_, node, path)) return;
  for (const Member& member : node.members) {
    auto& destinations = aspect.accepts[member.key];
    if (!reader_.expect(member.value, Kind::array, path, member.key)) continue;
    for (std::size_t k = 0; k < member.value.items.size(); ++k)
      if (auto value = read_any_value(reader_, member.value.items[k], {path, member.key, k}))
        destinations.push_back(std::move(*value));
  }
}

void AspectsReader::bits(Aspect& aspect, const Node& node, const std::string& path) {
  constexpr std::uint64_t bits_max = 256;
  if (!read_object(reader_, node, path)) return;
  for (const Member& member : node.members) {
    const auto number = parse_u64(member.key);
    if (!number || *number >= bits_max)
      reader_.report(FaultCode::out_of_range, member.key_mark, member_path(path, member.key),
                     "got the bit " + in_quotes(member.key), "a number from 0 to 255");
    else if (auto text = read_string(reader_, member.value, {path, member.key}))
      aspect.bits.insert_or_assign(*number, std::move(*text));
  }
}

void AspectsReader::read_blocks(Annotations& out, const Node& node, const std::string& path) {
  static constexpr std::array<std::string_view, 3> known = {"when", "text", "description"};
  if (!reader_.expect(node, Kind::array, path)) return;
  for (std::size_t k = 0; k < node.items.size(); ++k) {
    const Node& item = node.items[k];
    const std::string here = item_path(path, k);
    if (!read_object(reader_, item, here)) continue;
    lint_unknown_members(lints_, reader_, item, known, here, name_);
    check_description(reader_, item, here);
    Block block;
    block.place = reader_.place(item, here);
    if (const Node* text = reader_.required(item, "text", here))
      block.text = read_name(reader_, *text, {here, "text"});
    const Node* when = reader_.required(item, "when", here);
    if (when == nullptr || model_ == nullptr) continue;
    const auto text = read_string(reader_, *when, {here, "when"});
    if (!text) continue;
    const std::size_t faults = reader_.faults().size();
    read_condition(block, *text, out, {reader_.file(), when->text_mark(), member_path(here, "when")});
    if (reader_.faults().size() == faults) out.blocks.push_back(std::move(block));
  }
}

/// An aspect that has no value here has the first type with which the condition can be read.
void AspectsReader::read_condition(Block& block, const std::string& text, const Annotations& notes,
                                   const Place& place) {
  static const std::map<std::string, std::optional<ValueType>> none;
  const auto elsewhere = named_.find(name_);
  const Parameters typed = variables_of(notes, *model_);
  const std::vector<Untyped> untyped =
      untyped_of(text, typed, notes, elsewhere == named_.end() ? none : elsewhere->second);
  std::vector<std::size_t> choice(untyped.size(), 0);
  Faults first;
  while (true) {
    block.variables = typed;
    for (std::size_t k = 0; k < untyped.size(); ++k)
      add_variable(block.variables, untyped[k].name, untyped[k].types[choice[k]]);
    auto parsed = parse_parameter_expression(text, block.variables, place, ValueType::boolean);
    if (parsed) {
      block.when = std::move(*parsed);
      return;
    }
    if (first.empty()) first = std::move(parsed.error());
    std::size_t next = 0;
    while (next < choice.size() && ++choice[next] == untyped[next].types.size()) choice[next++] = 0;
    if (next == choice.size()) break;
  }
  for (Fault& fault : first) reader_.faults().push_back(std::move(fault));
}

}  // namespace portolan::compat
