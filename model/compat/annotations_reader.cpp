// SPDX-License-Identifier: Apache-2.0
#include "model/compat/annotations_reader.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "model/compat/aspects_reader.hpp"
#include "model/compat/constraint.hpp"
#include "model/compat/reading.hpp"
#include "model/support/text.hpp"

namespace portolan::compat {
namespace {

using files::item_path;
using files::Kind;
using files::Member;
using files::member_path;
using files::Node;

/// Reads the annotations of one model for one type. Without a description of the model, names and expressions
/// have nothing to be held to; only shapes are read.
class ModelAnnotationsReader {
 public:
  ModelAnnotationsReader(files::Reader& reader, std::vector<Lint>& lints, const NamedAspects& aspects,
                         std::string name, const DeviceModel* model)
      : reader_(reader),
        lints_(lints),
        name_(std::move(name)),
        model_(model),
        aspects_(reader_, lints_, aspects, name_, model_) {}

  Annotations read(const Member& member, const std::string& path) {
    static constexpr std::array<std::string_view, 14> known = {
        "profiles", "params",   "constraints", "state",   "loads",  "interface", "observed",
        "takes",    "restored", "reported",    "aspects", "blocks", "compare",   "description"};
    Annotations out;
    out.place = {reader_.file(), member.key_mark, path};
    const Node& node = member.value;
    if (!read_object(reader_, node, path)) return out;
    lint_unknown(node, known, path);
    check_description(reader_, node, path);
    // What profiles pin may be called by the second names that `params` says.
    if (const Node* params = node.find("params")) notes(out, *params, member_path(path, "params"));
    for (const Member& part : node.members) read_part(out, part, member_path(path, part.key));
    if (const Node* blocks = node.find("blocks"))
      aspects_.read_blocks(out, *blocks, member_path(path, "blocks"));
    for (const auto& [key, all] : {std::pair("observed", &out.observed), std::pair("takes", &out.takes),
                                   std::pair("restored", &out.restored)})
      known_profiles(out, *all, node, path, key);
    return out;
  }

 private:
  void read_part(Annotations& out, const Member& part, const std::string& path) {
    out.says_state |= part.key == "state";
    out.says_loads |= part.key == "loads";
    out.says_interface |= part.key == "interface";
    out.says_profiles |= part.key == "profiles";
    if (part.key == "profiles")
      profiles(out, part.value, path);
    else if (part.key == "params")
      return;
    else if (part.key == "constraints")
      constraints(out, part.value, path);
    else if (part.key == "state")
      state(out, part.value, path);
    else if (part.key == "loads")
      loads(out, part.value, path);
    else if (part.key == "interface")
      interface(out, part.value, path);
    else
      aspects_.read(out, part, path);
  }

  /// `unknown-profile` for observations at what is no profile of this model.
  void known_profiles(const Annotations& out, const Observations& observations, const Node& node,
                      const std::string& path, const std::string& key) {
    for (const auto& [profile, aspects] : observations) {
      if (out.profiles.contains(profile)) continue;
      const Node& all = *node.find(key);
      const auto at = std::find_if(all.members.begin(), all.members.end(),
                                   [&](const Member& one) { return one.key == profile; });
      lints_.push_back({"unknown-profile",
                        {reader_.file(), at->key_mark, member_path(member_path(path, key), profile)},
                        name_,
                        {},
                        fmt::format("observations of the profile {}, which is not among the profiles of this "
                                    "model",
                                    in_quotes(profile)),
                        "add it to \"profiles\" ({} where it is all init values)"});
    }
  }

  void profiles(Annotations& out, const Node& node, const std::string& path) {
    if (!read_object(reader_, node, path)) return;
    for (const Member& member : node.members) {
      const std::string here = member_path(path, member.key);
      Profile profile{member.key, {}, {}, {reader_.file(), member.key_mark, here}};
      if (read_object(reader_, member.value, here)) pins(out, profile, member.value, here);
      out.profiles.try_emplace(member.key, std::move(profile));
    }
  }

  /// A second name of a parameter pins that parameter (rules.md §aspects).
  void pins(const Annotations& out, Profile& profile, const Node& node, const std::string& path) {
    std::map<std::string, std::string> called;  // what is pinned, as it is called here
    for (const Member& value : node.members) {
      const Where where{path, value.key};
      const auto alias = out.aliases.find(value.key);
      const std::string& name = alias == out.aliases.end() ? value.key : alias->second;
      const Parameter* parameter = model_ ? model_->find(name) : nullptr;
      auto read = parameter ? read_value(reader_, value.value, parameter->type, where)
                            : read_any_value(reader_, value.value, where);
      if (!read) continue;
      if (const auto [at, first] = called.try_emplace(name, value.key); !first && at->second != value.key)
        reader_.report(
            FaultCode::duplicate, value.key_mark, where.path(),
            fmt::format("{} and {} name one parameter", in_quotes(at->second), in_quotes(value.key)),
            "one of the two", "one is a second name of the other (alias-of)");
      // A pin of something that does not exist is ignored by devices; it is told as a lint where no type has
      // it.
      if (model_ && !parameter)
        profile.unknown.push_back(
            {value.key, std::move(*read), {reader_.file(), value.key_mark, where.path()}});
      else
        profile.values.try_emplace(name, std::move(*read));
    }
  }

  void notes(Annotations& out, const Node& node, const std::string& path) {
    static constexpr std::array<std::string_view, 6> known = {"writable", "affects",  "fix-for",
                                                              "takes",    "alias-of", "description"};
    if (!read_object(reader_, node, path)) return;
    for (const Member& member : node.members) {
      const std::string here = member_path(path, member.key);
      if (member.value.kind == Kind::object && member.value.find("alias-of") != nullptr) {
        alias(out, member, here);
        continue;
      }
      check_known_parameter(member, {path, member.key});
      if (!read_object(reader_, member.value, here)) continue;
      lint_unknown(member.value, known, here, member.key);
      check_description(reader_, member.value, here);
      ParameterNotes notes;
      notes.place = {reader_.file(), member.key_mark, here};
      if (const Node* text = member.value.find("writable"))
        notes.writable =
            read_enumerator(reader_, *text, {here, "writable"}, writable_names).value_or(notes.writable);
      if (const Node* text = member.value.find("affects"))
        notes.affects =
            read_enumerator(reader_, *text, {here, "affects"}, affects_names).value_or(notes.affects);
      if (const Node* text = member.value.find("fix-for")) {
        if (auto read = read_string(reader_, *text, {here, "fix-for"})) notes.fix_for = std::move(*read);
      }
      if (const Node* values = member.value.find("takes")) notes.takes = taken(*values, member.key, here);
      out.notes.try_emplace(member.key, std::move(notes));
    }
  }

  /// A second name of a parameter; nothing else is said of it.
  void alias(Annotations& out, const Member& member, const std::string& path) {
    static constexpr std::array<std::string_view, 2> known = {"alias-of", "description"};
    reader_.no_duplicate_keys(member.value, path);
    lint_unknown(member.value, known, path, member.key);
    check_description(reader_, member.value, path);
    const Node& text = *member.value.find("alias-of");
    const std::string of = read_name(reader_, text, {path, "alias-of"});
    if (of.empty() || !model_) return;
    if (model_->find(of) == nullptr)
      check_known_parameter({of, text.mark, {}}, {path, "alias-of"});
    else if (model_->find(member.key) != nullptr)
      reader_.report(FaultCode::duplicate, member.key_mark, path,
                     fmt::format("{} is a parameter of its own", in_quotes(member.key)),
                     "a name that the model does not have", "an alias is a second name of one parameter");
    else
      out.aliases.try_emplace(member.key, of);
  }

  /// What a destination takes in, in the form of `allowed_values`.
  std::optional<ValueSet> taken(const Node& node, const std::string& parameter, const std::string& path) {
    const Parameter* own = model_ != nullptr ? model_->find(parameter) : nullptr;
    if (!reader_.expect(node, Kind::array, path, "takes") || own == nullptr) return std::nullopt;
    ValueSet set(own->type);
    for (std::size_t k = 0; k < node.items.size(); ++k) {
      const Where where{path, "takes", k};
      bool leading_zeros = false;
      if (own->type == ValueType::integer) {
        if (const auto range = read_range(reader_, node.items[k], where, leading_zeros)) set.add(*range);
      } else if (const auto value = read_value(reader_, node.items[k], own->type, where)) {
        set.add(*value);
      }
    }
    return set;
  }

  void constraints(Annotations& out, const Node& node, const std::string& path) {
    if (!reader_.expect(node, Kind::array, path)) return;
    for (std::size_t k = 0; k < node.items.size(); ++k)
      if (auto read = expression(node.items[k], item_path(path, k), ValueType::boolean))
        out.constraints.push_back(std::move(*read));
  }

  void state(Annotations& out, const Node& node, const std::string& path) {
    static constexpr std::array<std::string_view, 5> known = {"section", "layout", "when", "ignorable",
                                                              "description"};
    if (!reader_.expect(node, Kind::array, path)) return;
    for (std::size_t k = 0; k < node.items.size(); ++k) {
      const Node& item = node.items[k];
      const std::string here = item_path(path, k);
      if (!read_object(reader_, item, here)) continue;
      lint_unknown(item, known, here);
      check_description(reader_, item, here);
      SavedSection section;
      section.place = reader_.place(item, here);
      if (const Node* name = reader_.required(item, "section", here))
        section.section = read_name(reader_, *name, {here, "section"});
      if (const Node* layout = reader_.required(item, "layout", here))
        section.layout = read_u64(reader_, *layout, {here, "layout"}).value_or(0);
      if (const Node* when = item.find("when"))
        section.when = expression(*when, member_path(here, "when"), ValueType::boolean);
      if (const Node* flag = item.find("ignorable"))
        section.ignorable = read_flag(reader_, *flag, {here, "ignorable"});
      out.state.push_back(std::move(section));
    }
  }

  void loads(Annotations& out, const Node& node, const std::string& path) {
    static constexpr std::array<std::string_view, 8> known = {
        "section", "layouts", "layout", "required", "ignorable", "missing", "applied", "description"};
    if (!reader_.expect(node, Kind::array, path)) return;
    for (std::size_t k = 0; k < node.items.size(); ++k) {
      const Node& item = node.items[k];
      const std::string here = item_path(path, k);
      if (!read_object(reader_, item, here)) continue;
      lint_unknown(item, known, here);
      check_description(reader_, item, here);
      LoadedSection section;
      section.place = reader_.place(item, here);
      if (const Node* name = reader_.required(item, "section", here))
        section.section = read_name(reader_, *name, {here, "section"});
      section.layouts = layouts(item, here);
      if (const Node* required = item.find("required"))
        section.required = expression(*required, member_path(here, "required"), ValueType::boolean);
      if (const Node* flag = item.find("ignorable"))
        section.ignorable = read_flag(reader_, *flag, {here, "ignorable"});
      if (const Node* text = item.find("missing"))
        section.missing = read_enumerator(reader_, *text, {here, "missing"}, missing_names);
      if (const Node* flag = item.find("applied"))
        section.applied = read_flag(reader_, *flag, {here, "applied"});
      out.loads.push_back(std::move(section));
    }
  }

  /// `layouts`, or `layout` where it is one: in order, each once.
  std::vector<std::uint64_t> layouts(const Node& item, const std::string& path) {
    std::vector<std::uint64_t> numbers;
    const Node* several = item.find("layouts");
    const Node* one = item.find("layout");
    if (!several && !one && !reader_.misspelt(item, "layouts", path) &&
        !reader_.misspelt(item, "layout", path))
      reader_.report(FaultCode::missing, item, path, "\"layouts\" is missing", {},
                     "add \"layouts\": the numbers that are understood");
    if (one)
      if (const auto number = read_u64(reader_, *one, {path, "layout"})) numbers.push_back(*number);
    if (several && reader_.expect(*several, Kind::array, path, "layouts"))
      for (std::size_t i = 0; i < several->items.size(); ++i)
        if (const auto number = read_u64(reader_, several->items[i], {path, "layouts", i}))
          numbers.push_back(*number);
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers;
  }

  void interface(Annotations& out, const Node& node, const std::string& path) {
    if (!read_object(reader_, node, path)) return;
    for (const Member& member : node.members)
      if (auto read = expression(member.value, member_path(path, member.key), std::nullopt))
        out.interface.try_emplace(member.key, std::move(*read));
  }

  void check_known_parameter(const Member& member, const Where& where) {
    if (!model_ || model_->find(member.key) != nullptr) return;
    std::vector<std::string> names;
    for (const auto& [name, parameter] : model_->parameters) names.push_back(name);
    const std::vector<std::string_view> views(names.begin(), names.end());
    reader_.report(
        FaultCode::unknown_name, member.key_mark, where.path(),
        fmt::format("{} has no parameter {}", shortened(model_->name), in_quotes(member.key)),
        names.empty() ? "no parameter: the model has none" : fmt::format("one of {}", listed(names)),
        did_you_mean(member.key, views));
  }

  /// A text, or a plain number or boolean as a literal. Nothing to parse against where no type describes the
  /// model.
  std::optional<rules::Expression> expression(const Node& node, const std::string& path,
                                              std::optional<ValueType> type) {
    const bool literal = node.kind == Kind::boolean || node.kind == Kind::number;
    if (node.kind != Kind::string && !literal) {
      reader_.report(FaultCode::wrong_type, node, path, "got " + files::shown(node),
                     "an expression, as a string");
      return std::nullopt;
    }
    if (!model_) return std::nullopt;
    const std::string text = node.kind == Kind::boolean ? (node.boolean ? "true" : "false") : node.text;
    auto parsed =
        parse_parameter_expression(text, model_->parameters, {reader_.file(), node.text_mark(), path}, type);
    if (parsed) return std::move(*parsed);
    for (Fault& fault : parsed.error()) reader_.faults().push_back(std::move(fault));
    return std::nullopt;
  }

  void lint_unknown(const Node& node, std::span<const std::string_view> known, const std::string& path,
                    const std::string& parameter = {}) {
    lint_unknown_members(lints_, reader_, node, known, path, name_, parameter);
  }

  files::Reader& reader_;
  std::vector<Lint>& lints_;
  std::string name_;
  const DeviceModel* model_;
  AspectsReader aspects_;
};

/// Reads what is shared by all types of an implementation for each of them.
class ImplementationAnnotationsReader {
 public:
  using ByModel = std::map<std::string, Annotations>;

  ImplementationAnnotationsReader(files::Reader& reader, std::vector<Lint>& lints,
                                  const NamedAspects& aspects, std::span<const MigrationInfo* const> infos)
      : reader_(reader), lints_(lints), aspects_(aspects), infos_(infos), read_(infos.size()) {}

  std::vector<ByModel> read(const Node& models, const std::string& path) {
    if (read_object(reader_, models, path))
      for (const Member& member : models.members) read_model(member, member_path(path, member.key));
    return std::move(read_);
  }

 private:
  void read_model(const Member& member, const std::string& path) {
    bool described = false;
    for (std::size_t type = 0; type < infos_.size(); ++type) {
      const auto model = infos_[type]->models.find(member.key);
      if (model == infos_[type]->models.end()) continue;
      read_[type].try_emplace(member.key, read_once(member, path, &model->second));
      described = true;
    }
    unknown_pins(member.key);
    if (described) return;
    read_once(member, path, nullptr);
    lints_.push_back({"unknown-model",
                      {reader_.file(), member.key_mark, path},
                      member.key,
                      {},
                      fmt::format("annotations for {}, which no type of this implementation describes",
                                  in_quotes(member.key)),
                      "correct the model's name, or remove them"});
  }

  /// The second type says nothing new about the shape of the annotations, only about names that it lacks.
  Annotations read_once(const Member& member, const std::string& path, const DeviceModel* model) {
    const std::size_t faults_before = reader_.faults().size(), lints_before = lints_.size();
    Annotations out = ModelAnnotationsReader(reader_, lints_, aspects_, member.key, model).read(member, path);
    keep_new(reader_.faults(), faults_before, reported_,
             [](const Fault& fault) { return to_string(fault.place) + fault.finding; });
    keep_new(lints_, lints_before, linted_,
             [](const Lint& one) { return one.rule + to_string(one.place) + one.message; });
    return out;
  }

  template <class T, class Key>
  static void keep_new(std::vector<T>& all, std::size_t from, std::unordered_set<std::string>& seen,
                       Key key) {
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(from);
    all.erase(std::remove_if(first, all.end(), [&](const T& one) { return !seen.insert(key(one)).second; }),
              all.end());
  }

  /// `unknown-pin` for what a profile gives to a parameter that no type of the implementation has.
  void unknown_pins(const std::string& model) {
    std::set<std::string> parameters;
    const Annotations* first = nullptr;
    for (std::size_t type = 0; type < infos_.size(); ++type) {
      const auto described = infos_[type]->models.find(model);
      if (described == infos_[type]->models.end()) continue;
      for (const auto& [name, parameter] : described->second.parameters) parameters.insert(name);
      if (first == nullptr) first = &read_[type].at(model);
    }
    if (first == nullptr) return;
    const std::vector<std::string_view> views(parameters.begin(), parameters.end());
    for (const auto& [name, profile] : first->profiles) {
      for (const UnknownPin& pin : profile.unknown) {
        if (parameters.contains(pin.name)) continue;
        const std::string hint = did_you_mean(pin.name, views);
        lints_.push_back(
            {"unknown-pin", pin.place, model, pin.name,
             fmt::format("profile {} pins {}, which this implementation does not have: the pin has no effect",
                         in_quotes(name), in_quotes(pin.name)),
             hint.empty() ? "pin the parameter that was meant, or remove it" : hint});
      }
    }
  }

  files::Reader& reader_;
  std::vector<Lint>& lints_;
  const NamedAspects& aspects_;
  std::span<const MigrationInfo* const> infos_;
  std::vector<ByModel> read_;
  std::unordered_set<std::string> reported_, linted_;
};

}  // namespace

std::vector<std::map<std::string, Annotations>> read_annotations(
    files::Reader& reader, std::vector<Lint>& lints, const NamedAspects& aspects, const Node& models,
    const std::string& path, std::span<const MigrationInfo* const> infos) {
  return ImplementationAnnotationsReader(reader, lints, aspects, infos).read(models, path);
}

}  // namespace portolan::compat
