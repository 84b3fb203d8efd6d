// SPDX-License-Identifier: Apache-2.0

#include "model/compat/catalogue.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <set>
#include <tuple>
#include <unordered_set>

#include <fmt/format.h>

#include "model/compat/constraint.hpp"
#include "model/compat/reading.hpp"
#include "model/files/document.hpp"
#include "model/support/text.hpp"

namespace portolan::compat {
namespace {

using files::item_path;
using files::Kind;
using files::Member;
using files::member_path;
using files::Node;

constexpr std::string_view catalogue_format = "portolan.catalogue/1";

/// One type of an implementation while it is read.
struct Type {
  std::string name;
  std::optional<std::uint64_t> available_instances;
  MigrationInfo info;
  std::map<std::string, Annotations> annotations;
  Place place;
};

class CatalogueReader {
 public:
  CatalogueReader(const std::string& file, Faults& faults)
      : folder_(std::filesystem::path(file).parent_path()), reader_(file, faults) {}

  Catalogue read(const Node& root) {
    static constexpr std::array<std::string_view, 3> known = {"format", "description", "implementations"};
    out_.file = reader_.file();
    reader_.no_duplicate_keys(root, {});
    lint_unknown(root, known, {});
    const Node* format = reader_.required(root, "format", {});
    if (format) {
      if (const auto text = read_string(reader_, *format, {empty_, "format"});
          text && *text != catalogue_format)
        reader_.report(FaultCode::unknown_name, *format, "format", "got " + in_quotes(*text),
                       in_quotes(catalogue_format));
    }
    description(root, empty_);
    const Node* implementations = reader_.required(root, "implementations", {});
    if (implementations && reader_.expect(*implementations, Kind::array, "implementations"))
      for (std::size_t k = 0; k < implementations->items.size(); ++k)
        implementation(implementations->items[k], item_path("implementations", k));
    return std::move(out_);
  }

  /// Files that the catalogue takes its migration information from.
  const std::vector<std::filesystem::path>& references() const { return references_; }

 private:
  void implementation(const Node& node, const std::string& path) {
    static constexpr std::array<std::string_view, 7> known = {
        "name", "version", "kind", "types", "models", "migration_info", "description"};
    if (!reader_.expect(node, Kind::object, path)) return;
    reader_.no_duplicate_keys(node, path);
    lint_unknown(node, known, path);
    description(node, path);

    Implementation common;
    common.place = reader_.place(node, path);
    const Node* info = node.find("migration_info");
    const Node* name = node.find("name");
    if (name) common.name = nonempty_string(*name, {path, "name"});
    // `migration_info` alone is a valid entry (§3): a file then gives the name.
    else if (info && info->kind == Kind::string)
      common.name = std::filesystem::path(info->text).stem().string();
    else
      reader_.required(node, "name", path);
    if (const Node* version = node.find("version")) {
      if (auto text = read_string(reader_, *version, {path, "version"})) common.version = std::move(*text);
    }
    if (const Node* kind = node.find("kind")) common.kind = read_kind(*kind, {path, "kind"});

    std::vector<Type> types = read_types(node, common, path);
    if (const Node* models = node.find("models")) annotations(*models, types, path);
    for (Type& type : types) {
      Implementation made = common;
      made.type = std::move(type.name);
      made.available_instances = type.available_instances;
      made.info = std::move(type.info);
      made.annotations = std::move(type.annotations);
      made.place = std::move(type.place);
      made.label = made.version.empty() ? made.name : made.name + '@' + made.version;
      if (!made.type.empty() && (types.size() > 1 || made.type != made.name)) made.label += '/' + made.type;
      unique(made);
      out_.implementations.push_back(std::move(made));
    }
  }

  void unique(const Implementation& made) {
    const auto [at, first] = seen_.try_emplace({made.name, made.version, made.type}, made.place.mark);
    if (first || made.name.empty()) return;
    reader_.report(FaultCode::duplicate, made.place.mark, made.place.path,
                   fmt::format("{} stands twice (first at {}:{})", in_quotes(made.label), at->second.line,
                               at->second.column),
                   "another name, version or type name");
  }

  ImplementationKind read_kind(const Node& node, const Where& where) {
    const auto text = read_string(reader_, node, where);
    if (!text) return ImplementationKind::unknown;
    for (const auto kind :
         {ImplementationKind::mdev, ImplementationKind::vfio_pci, ImplementationKind::vfio_user})
      if (name_of(kind) == *text) return kind;
    static constexpr std::array<std::string_view, 3> kinds = {"mdev", "vfio-pci", "vfio-user"};
    reader_.report(FaultCode::unknown_name, node, where.path(), "got the kind " + in_quotes(*text),
                   "mdev, vfio-pci or vfio-user", did_you_mean(*text, kinds));
    return ImplementationKind::unknown;
  }

  std::vector<Type> read_types(const Node& node, const Implementation& common, const std::string& path) {
    static constexpr std::array<std::string_view, 4> known = {"name", "available_instances", "migration_info",
                                                              "description"};
    std::vector<Type> types;
    const Node* array = node.find("types");
    if (const Node* info = node.find("migration_info")) {
      if (array)
        reader_.report(FaultCode::duplicate, *info, member_path(path, "migration_info"),
                       "both \"types\" and \"migration_info\"", "one of them",
                       "put it into the type that it describes");
      else
        types.push_back(
            {{}, {}, migration_info(*info, {path, "migration_info"}), {}, reader_.place(node, path)});
      if (!array) check_type(types.back(), common.kind, *info);
      return types;
    }
    if (!array) {
      reader_.report(FaultCode::missing, node, path, "\"types\" is missing", {},
                     "add \"types\", or \"migration_info\" where there is one type");
      return types;
    }
    const std::string here = member_path(path, "types");
    if (!reader_.expect(*array, Kind::array, here)) return types;
    if (array->items.empty())
      reader_.report(FaultCode::missing, *array, here, "no type at all", "at least one");
    for (std::size_t k = 0; k < array->items.size(); ++k) {
      const Node& item = array->items[k];
      const std::string item_at = item_path(here, k);
      if (!reader_.expect(item, Kind::object, item_at)) continue;
      reader_.no_duplicate_keys(item, item_at);
      lint_unknown(item, known, item_at);
      description(item, item_at);
      Type type;
      type.place = reader_.place(item, item_at);
      if (const Node* name = item.find("name"))
        type.name = nonempty_string(*name, {item_at, "name"});
      else if (array->items.size() == 1)
        type.name = common.name;
      else
        reader_.required(item, "name", item_at);
      if (const Node* count = item.find("available_instances"))
        type.available_instances = read_u64(reader_, *count, {item_at, "available_instances"});
      if (const Node* info = reader_.required(item, "migration_info", item_at)) {
        type.info = migration_info(*info, {item_at, "migration_info"});
        check_type(type, common.kind, *info);
      }
      types.push_back(std::move(type));
    }
    return types;
  }

  /// §1: an mdev type has one model.
  void check_type(const Type& type, ImplementationKind kind, const Node& info) {
    if (kind != ImplementationKind::mdev || type.info.models.size() < 2) return;
    lint("type-models", reader_.place(info, member_path(type.place.path, "migration_info")), {}, {},
         fmt::format("the mdev type {} describes {} models", in_quotes(type.name), type.info.models.size()),
         "give each model a type of its own");
  }

  /// Inline, or in a file beside the catalogue. Its lints become the catalogue's.
  MigrationInfo migration_info(const Node& node, const Where& where) {
    const auto taken = [&](Result<MigrationInfo> read) {
      if (!read) {
        for (Fault& fault : read.error()) reader_.faults().push_back(std::move(fault));
        return MigrationInfo{};
      }
      for (Lint& one : read->lints) out_.lints.push_back(std::move(one));
      read->lints.clear();
      return std::move(*read);
    };
    if (node.kind == Kind::object) return taken(migration_info_from(node, reader_.file(), where.path()));
    if (node.kind != Kind::string) {
      reader_.report(FaultCode::wrong_type, node, where.path(), "got " + files::shown(node),
                     "migration information, or the path of its file");
      return {};
    }
    const std::filesystem::path file = folder_ / node.text;
    const auto known = files_.find(file.string());
    if (known != files_.end()) return known->second;
    MigrationInfo& info = files_[file.string()];
    auto document = node.text.find('\0') == std::string::npos
                        ? files::read_document(file)
                        : Result<files::Document>(fail(
                              Fault{FaultCode::unreadable, {node.text, {}, {}}, "no such file", {}, {}}));
    if (!document) {
      for (Fault& fault : document.error()) {
        if (fault.code == FaultCode::unreadable)  // the place to mend is the path in the catalogue
          reader_.report(fault.code, node, where.path(),
                         fmt::format("{}: {}", shortened(fault.place.file, 200), fault.finding),
                         "the path of a migration-information file, from the catalogue's folder");
        else
          reader_.faults().push_back(std::move(fault));
      }
      return info;
    }
    references_.push_back(file);
    info = taken(migration_info_from(document->root, document->file, {}));
    return info;
  }

  // ---- annotations: written once for an implementation, read for each type against that type's own
  // parameters

  void annotations(const Node& models, std::vector<Type>& types, const std::string& path) {
    const std::string here = member_path(path, "models");
    if (!reader_.expect(models, Kind::object, here)) return;
    reader_.no_duplicate_keys(models, here);
    for (const Member& member : models.members) {
      const std::string model_path = member_path(here, member.key);
      model_ = member.key;
      bool described = false;
      for (Type& type : types) {
        const auto model = type.info.models.find(member.key);
        if (model == type.info.models.end()) continue;
        // The second type says nothing new about the shape of the annotations, only about names that it
        // lacks.
        Annotations read = read_annotations(member, model_path, &model->second);
        type.annotations.try_emplace(member.key, std::move(read));
        described = true;
      }
      unknown_pins(member.key, types);
      if (!described) {
        read_annotations(member, model_path, nullptr);
        lint("unknown-model", {reader_.file(), member.key_mark, model_path}, member.key, {},
             fmt::format("annotations for {}, which no type of this implementation describes",
                         in_quotes(member.key)),
             "correct the model's name, or remove them");
      }
      model_.clear();
    }
    reported_.clear();
    linted_.clear();
  }

  /// `unknown-pin` for what a profile gives to a parameter that no type of the implementation has.
  void unknown_pins(const std::string& model, const std::vector<Type>& types) {
    std::set<std::string> parameters;
    const Annotations* first = nullptr;
    for (const Type& type : types) {
      const auto described = type.info.models.find(model);
      if (described == type.info.models.end()) continue;
      for (const auto& [name, parameter] : described->second.parameters) parameters.insert(name);
      if (first == nullptr) first = &type.annotations.at(model);
    }
    if (first == nullptr) return;
    const std::vector<std::string_view> views(parameters.begin(), parameters.end());
    for (const auto& [name, profile] : first->profiles) {
      for (const UnknownPin& pin : profile.unknown) {
        if (parameters.contains(pin.name)) continue;
        const std::string hint = did_you_mean(pin.name, views);
        lint("unknown-pin", pin.place, model, pin.name,
             fmt::format("profile {} pins {}, which this implementation does not have: the pin has no effect",
                         in_quotes(name), in_quotes(pin.name)),
             hint.empty() ? "pin the parameter that was meant, or remove it" : hint);
      }
    }
  }

  Annotations read_annotations(const Member& member, const std::string& path, const DeviceModel* model) {
    static constexpr std::array<std::string_view, 9> known = {"profiles", "params",  "constraints",
                                                              "state",    "loads",   "interface",
                                                              "observed", "compare", "description"};
    Annotations out;
    out.place = {reader_.file(), member.key_mark, path};
    // Faults of a part that the types share are told once.
    const std::size_t faults_before = reader_.faults().size(), lints_before = out_.lints.size();
    const Node& node = member.value;
    if (reader_.expect(node, Kind::object, path)) {
      reader_.no_duplicate_keys(node, path);
      lint_unknown(node, known, path);
      description(node, path);
      for (const Member& part : node.members) {
        const std::string here = member_path(path, part.key);
        if (part.key == "profiles")
          profiles(out, part.value, here, model);
        else if (part.key == "params")
          notes(out, part.value, here, model);
        else if (part.key == "constraints")
          constraints(out, part.value, here, model);
        else if (part.key == "state")
          state(out, part.value, here, model);
        else if (part.key == "loads")
          loads(out, part.value, here, model);
        else if (part.key == "interface")
          interface(out, part.value, here, model);
        else if (part.key == "observed")
          observed(out, part.value, here);
        else if (part.key == "compare")
          compare(out, part.value, here);
      }
      for (const auto& [profile, aspects] : out.observed) {
        if (out.profiles.contains(profile)) continue;
        const Node& all = *node.find("observed");
        const auto at = std::find_if(all.members.begin(), all.members.end(),
                                     [&](const Member& one) { return one.key == profile; });
        lint("unknown-profile",
             {reader_.file(), at->key_mark, member_path(member_path(path, "observed"), profile)}, model_, {},
             fmt::format("observations of the profile {}, which is not among the profiles of this model",
                         in_quotes(profile)),
             "add it to \"profiles\" ({} where it is all init values)");
      }
    }
    keep_new(reader_.faults(), faults_before, reported_,
             [](const Fault& fault) { return to_string(fault.place) + fault.finding; });
    keep_new(out_.lints, lints_before, linted_,
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

  void profiles(Annotations& out, const Node& node, const std::string& path, const DeviceModel* model) {
    if (!object(node, path)) return;
    for (const Member& member : node.members) {
      const std::string here = member_path(path, member.key);
      Profile profile{member.key, {}, {}, {reader_.file(), member.key_mark, here}};
      if (object(member.value, here)) {
        for (const Member& value : member.value.members) {
          const Where where{here, value.key};
          const auto parameter = model ? model->parameters.find(value.key) : Parameters::const_iterator{};
          const bool known = model && parameter != model->parameters.end();
          auto read = known ? read_value(reader_, value.value, parameter->second.type, where)
                            : read_any_value(reader_, value.value, where);
          if (!read) continue;
          // A pin of something that does not exist is ignored by devices; it is told as a lint where no type
          // has it.
          if (model && !known)
            profile.unknown.push_back(
                {value.key, std::move(*read), {reader_.file(), value.key_mark, where.path()}});
          else
            profile.values.try_emplace(value.key, std::move(*read));
        }
      }
      out.profiles.try_emplace(member.key, std::move(profile));
    }
  }

  void notes(Annotations& out, const Node& node, const std::string& path, const DeviceModel* model) {
    static constexpr std::array<std::string_view, 4> known = {"writable", "affects", "fix-for",
                                                              "description"};
    if (!object(node, path)) return;
    for (const Member& member : node.members) {
      const std::string here = member_path(path, member.key);
      known_parameter(member, model, {path, member.key});
      if (!object(member.value, here)) continue;
      lint_unknown(member.value, known, here, member.key);
      description(member.value, here);
      ParameterNotes notes;
      notes.place = {reader_.file(), member.key_mark, here};
      if (const Node* text = member.value.find("writable"))
        notes.writable = one_of(*text, {here, "writable"},
                                {Writable::create, Writable::closed, Writable::runtime}, notes.writable);
      if (const Node* text = member.value.find("affects"))
        notes.affects = one_of(*text, {here, "affects"}, {Affects::interface, Affects::state, Affects::both},
                               notes.affects);
      if (const Node* text = member.value.find("fix-for")) {
        if (auto read = read_string(reader_, *text, {here, "fix-for"})) notes.fix_for = std::move(*read);
      }
      out.notes.try_emplace(member.key, std::move(notes));
    }
  }

  void constraints(Annotations& out, const Node& node, const std::string& path, const DeviceModel* model) {
    if (!reader_.expect(node, Kind::array, path)) return;
    for (std::size_t k = 0; k < node.items.size(); ++k)
      if (auto read = expression(node.items[k], item_path(path, k), model, ValueType::boolean))
        out.constraints.push_back(std::move(*read));
  }

  void state(Annotations& out, const Node& node, const std::string& path, const DeviceModel* model) {
    static constexpr std::array<std::string_view, 5> known = {"section", "layout", "when", "ignorable",
                                                              "description"};
    if (!reader_.expect(node, Kind::array, path)) return;
    for (std::size_t k = 0; k < node.items.size(); ++k) {
      const Node& item = node.items[k];
      const std::string here = item_path(path, k);
      if (!object(item, here)) continue;
      lint_unknown(item, known, here);
      description(item, here);
      SavedSection section;
      section.place = reader_.place(item, here);
      if (const Node* name = reader_.required(item, "section", here))
        section.section = nonempty_string(*name, {here, "section"});
      if (const Node* layout = reader_.required(item, "layout", here))
        section.layout = read_u64(reader_, *layout, {here, "layout"}).value_or(0);
      if (const Node* when = item.find("when"))
        section.when = expression(*when, member_path(here, "when"), model, ValueType::boolean);
      if (const Node* flag = item.find("ignorable")) section.ignorable = boolean(*flag, {here, "ignorable"});
      out.state.push_back(std::move(section));
    }
  }

  void loads(Annotations& out, const Node& node, const std::string& path, const DeviceModel* model) {
    static constexpr std::array<std::string_view, 6> known = {"section",  "layouts",   "layout",
                                                              "required", "ignorable", "description"};
    if (!reader_.expect(node, Kind::array, path)) return;
    for (std::size_t k = 0; k < node.items.size(); ++k) {
      const Node& item = node.items[k];
      const std::string here = item_path(path, k);
      if (!object(item, here)) continue;
      lint_unknown(item, known, here);
      description(item, here);
      LoadedSection section;
      section.place = reader_.place(item, here);
      if (const Node* name = reader_.required(item, "section", here))
        section.section = nonempty_string(*name, {here, "section"});
      const Node* layouts = item.find("layouts");
      const Node* layout = item.find("layout");
      if (!layouts && !layout)
        reader_.report(FaultCode::missing, item, here, "\"layouts\" is missing", {},
                       "add \"layouts\": the numbers that are understood");
      if (layout)
        if (const auto number = read_u64(reader_, *layout, {here, "layout"}))
          section.layouts.push_back(*number);
      if (layouts && reader_.expect(*layouts, Kind::array, here, "layouts"))
        for (std::size_t i = 0; i < layouts->items.size(); ++i)
          if (const auto number = read_u64(reader_, layouts->items[i], {here, "layouts", i}))
            section.layouts.push_back(*number);
      std::sort(section.layouts.begin(), section.layouts.end());
      section.layouts.erase(std::unique(section.layouts.begin(), section.layouts.end()),
                            section.layouts.end());
      if (const Node* required = item.find("required"))
        section.required = expression(*required, member_path(here, "required"), model, ValueType::boolean);
      if (const Node* flag = item.find("ignorable")) section.ignorable = boolean(*flag, {here, "ignorable"});
      out.loads.push_back(std::move(section));
    }
  }

  void interface(Annotations& out, const Node& node, const std::string& path, const DeviceModel* model) {
    if (!object(node, path)) return;
    for (const Member& member : node.members)
      if (auto read = expression(member.value, member_path(path, member.key), model, std::nullopt))
        out.interface.try_emplace(member.key, std::move(*read));
  }

  void observed(Annotations& out, const Node& node, const std::string& path) {
    if (!object(node, path)) return;
    for (const Member& member : node.members) {
      const std::string here = member_path(path, member.key);
      auto& aspects = out.observed[member.key];
      if (!object(member.value, here)) continue;
      for (const Member& aspect : member.value.members) {
        if (aspect.value.kind == Kind::null)
          aspects.try_emplace(aspect.key, std::nullopt);
        else if (auto value = read_any_value(reader_, aspect.value, {here, aspect.key}))
          aspects.try_emplace(aspect.key, std::move(*value));
      }
    }
  }

  void compare(Annotations& out, const Node& node, const std::string& path) {
    if (!object(node, path)) return;
    for (const Member& member : node.members)
      out.compare.try_emplace(member.key, one_of(member.value, {path, member.key},
                                                 {Relation::exact, Relation::subset}, Relation::exact));
  }

  // ---- small readers

  bool object(const Node& node, const std::string& path) {
    return reader_.expect(node, Kind::object, path) && (reader_.no_duplicate_keys(node, path), true);
  }

  bool boolean(const Node& node, const Where& where) {
    const auto value = read_value(reader_, node, ValueType::boolean, where);
    return value && std::get<bool>(*value);
  }

  std::string nonempty_string(const Node& node, const Where& where) {
    auto text = read_string(reader_, node, where);
    if (text && text->empty()) reader_.report(FaultCode::bad_name, node, where.path(), "got \"\"", "a name");
    return text.value_or(std::string());
  }

  void description(const Node& node, const std::string& path) {
    if (const Node* text = node.find("description")) read_string(reader_, *text, {path, "description"});
  }

  template <class E>
  E one_of(const Node& node, const Where& where, std::initializer_list<E> choices, E otherwise) {
    const auto text = read_string(reader_, node, where);
    if (!text) return otherwise;
    std::vector<std::string> names;
    for (const E choice : choices) {
      if (name_of(choice) == *text) return choice;
      names.emplace_back(name_of(choice));
    }
    const std::vector<std::string_view> views(names.begin(), names.end());
    reader_.report(FaultCode::unknown_name, node, where.path(), "got " + in_quotes(*text),
                   fmt::format("one of {}", listed(names)), did_you_mean(*text, views));
    return otherwise;
  }

  const Parameter* known_parameter(const Member& member, const DeviceModel* model, const Where& where) {
    if (!model) return nullptr;
    const auto at = model->parameters.find(member.key);
    if (at != model->parameters.end()) return &at->second;
    std::vector<std::string> names;
    for (const auto& [name, parameter] : model->parameters) names.push_back(name);
    const std::vector<std::string_view> views(names.begin(), names.end());
    reader_.report(
        FaultCode::unknown_name, member.key_mark, where.path(),
        fmt::format("{} has no parameter {}", shortened(model->name), in_quotes(member.key)),
        names.empty() ? "no parameter: the model has none" : fmt::format("one of {}", listed(names)),
        did_you_mean(member.key, views));
    return nullptr;
  }

  /// A text, or a plain number or boolean as a literal. Nothing to parse against where no type describes the
  /// model.
  std::optional<rules::Expression> expression(const Node& node, const std::string& path,
                                              const DeviceModel* model, std::optional<ValueType> type) {
    const bool literal = node.kind == Kind::boolean || node.kind == Kind::number;
    if (node.kind != Kind::string && !literal) {
      reader_.report(FaultCode::wrong_type, node, path, "got " + files::shown(node),
                     "an expression, as a string");
      return std::nullopt;
    }
    if (!model) return std::nullopt;
    const std::string text = node.kind == Kind::boolean ? (node.boolean ? "true" : "false") : node.text;
    auto parsed =
        parse_parameter_expression(text, model->parameters, {reader_.file(), node.text_mark(), path}, type);
    if (parsed) return std::move(*parsed);
    for (Fault& fault : parsed.error()) reader_.faults().push_back(std::move(fault));
    return std::nullopt;
  }

  void lint(std::string rule, Place place, std::string model, std::string parameter, std::string message,
            std::string remedy) {
    out_.lints.push_back({std::move(rule), std::move(place), std::move(model), std::move(parameter),
                          std::move(message), std::move(remedy)});
  }
  void lint_unknown(const Node& node, std::span<const std::string_view> known, const std::string& path,
                    const std::string& parameter = {}) {
    lint_unknown_members(out_.lints, reader_, node, known, path, model_, parameter);
  }

  const std::string empty_;
  std::filesystem::path folder_;
  files::Reader reader_;
  Catalogue out_;
  std::string model_;                           // whose annotations are being read, for lints
  std::map<std::string, MigrationInfo> files_;  // read already, by path
  std::vector<std::filesystem::path> references_;
  std::map<std::tuple<std::string, std::string, std::string>, Mark> seen_;
  std::unordered_set<std::string> reported_, linted_;
};

/// A file as it was read, with what `load` must know beside the catalogue.
struct Loaded {
  Catalogue catalogue;
  bool plain = false;  // a migration-information file
  std::vector<std::filesystem::path> references;
};

std::string label_of_plain(const std::filesystem::path& file) {
  const auto extension = file.extension();
  return (extension == ".json" || extension == ".yaml" || extension == ".yml" ? file.stem() : file.filename())
      .string();
}

Result<Loaded> read_file(const std::filesystem::path& file) {
  Result<files::Document> document = files::read_document(file);
  if (!document) return fail(std::move(document.error()));
  Loaded out;
  const Node& root = document->root;
  if (root.find("format") || root.find("implementations")) {
    Faults faults;
    CatalogueReader reader(document->file, faults);
    out.catalogue = reader.read(root);
    out.references = reader.references();
    sort_by_place(out.catalogue.lints);
    if (faults.empty()) return out;
    sort_by_place(faults);
    return fail(std::move(faults));
  }
  Result<MigrationInfo> info = migration_info_from(root, document->file, {});
  if (!info) return fail(std::move(info.error()));
  out.plain = true;
  out.catalogue.file = document->file;
  out.catalogue.lints = std::move(info->lints);
  info->lints.clear();
  Implementation made;
  made.label = made.name = label_of_plain(file);
  made.info = std::move(*info);
  made.place = {document->file, root.mark, {}};
  out.catalogue.implementations.push_back(std::move(made));
  return out;
}

/// One file of an argument, and the implementation that is picked from it.
struct Request {
  std::filesystem::path file;
  std::string pick;          // empty: all
  bool from_folder = false;  // named by its folder only
};

std::filesystem::path normal(const std::filesystem::path& file) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(file, error);
  return (error ? file : absolute).lexically_normal();
}

Request request_of(const std::string& argument) {
  std::error_code error;
  // A file whose own name holds '#' is meant before a part of one.
  if (argument.find('#') == std::string::npos || std::filesystem::exists(argument, error))
    return {argument, {}};
  for (std::size_t at = argument.find('#'); at != std::string::npos; at = argument.find('#', at + 1))
    if (std::filesystem::exists(argument.substr(0, at), error))
      return {argument.substr(0, at), argument.substr(at + 1)};
  const std::size_t at = argument.find('#');
  return {argument.substr(0, at), argument.substr(at + 1)};
}

void add_folder(const std::filesystem::path& folder, std::vector<Request>& requests, Faults& faults) {
  std::error_code error;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const auto extension = at->path().extension();
    if (extension != ".json" && extension != ".yaml" && extension != ".yml") continue;
    std::error_code ignored;
    if (!at->is_directory(ignored)) names.push_back(at->path().filename().string());
  }
  if (error) {
    faults.push_back({FaultCode::unreadable,
                      {folder.string(), {}, {}},
                      fmt::format("the folder cannot be read: {}", error.message()),
                      {},
                      {}});
    return;
  }
  if (names.empty()) {
    faults.push_back({FaultCode::missing,
                      {folder.string(), {}, {}},
                      "no *.json, *.yaml or *.yml in this folder",
                      "at least one",
                      "is it the right folder?"});
    return;
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) requests.push_back({folder / name, {}, true});
}

/// Keeps the implementations called `name`, `name@version` or by their label; a fault lists what there is.
void pick(Catalogue& catalogue, const Request& request, Faults& faults) {
  std::vector<Implementation> picked;
  std::vector<std::string> names;
  for (Implementation& one : catalogue.implementations) {
    std::string name = one.version.empty() ? one.name : one.name + '@' + one.version;
    if (request.pick == one.name || request.pick == name || request.pick == one.label)
      picked.push_back(std::move(one));
    else if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(std::move(name));
  }
  if (picked.empty()) {
    const std::vector<std::string_view> views(names.begin(), names.end());
    faults.push_back(
        {FaultCode::unknown_name,
         {catalogue.file, {}, {}},
         fmt::format("no implementation {}", in_quotes(request.pick)),
         names.empty() ? "nothing: there is none in this file" : fmt::format("one of {}", listed(names)),
         did_you_mean(request.pick, views)});
  }
  catalogue.implementations = std::move(picked);
}

struct Labelled {
  Implementation* implementation;
  std::filesystem::path file;
  bool plain;
};

/// Makes equal labels differ: by the folders of plain files, by the file of catalogue entries, at last by a
/// number.
void tell_apart(std::vector<Labelled>& all) {
  const auto groups = [&] {
    std::map<std::string, std::vector<Labelled*>> by_label;
    for (Labelled& one : all) by_label[one.implementation->label].push_back(&one);
    std::erase_if(by_label, [](const auto& group) { return group.second.size() < 2; });
    return by_label;
  };
  for (const auto& [label, same] : groups()) {
    // The folders that the files have in common say nothing; so many of the others are needed that all
    // differ.
    std::vector<std::vector<std::string>> folders;
    std::size_t deepest = 0;
    for (const Labelled* one : same) {
      auto& parts = folders.emplace_back();
      const auto path = normal(one->file);
      if (!one->plain) parts.push_back(path.stem().string());
      for (auto folder = path.parent_path(); folder.has_filename(); folder = folder.parent_path())
        parts.push_back(folder.filename().string());
      deepest = std::max(deepest, parts.size());
    }
    for (std::size_t count = 1; count <= deepest; ++count) {
      std::vector<std::string> labels;
      for (const auto& parts : folders) {
        std::string longer = label;
        for (std::size_t k = 0; k < count && k < parts.size(); ++k) longer = parts[k] + '/' + longer;
        labels.push_back(std::move(longer));
      }
      if (std::set(labels.begin(), labels.end()).size() < labels.size() && count < deepest) continue;
      for (std::size_t k = 0; k < same.size(); ++k) same[k]->implementation->label = labels[k];
      break;
    }
  }
  std::set<std::string> taken;
  for (Labelled& one : all) {
    std::string& label = one.implementation->label;
    const std::string base = label;
    for (std::size_t number = 2; !taken.insert(label).second; ++number)
      label = fmt::format("{} ({})", base, number);
  }
}

}  // namespace

std::string_view name_of(ImplementationKind kind) {
  switch (kind) {
    case ImplementationKind::mdev: return "mdev";
    case ImplementationKind::vfio_pci: return "vfio-pci";
    case ImplementationKind::vfio_user: return "vfio-user";
    case ImplementationKind::unknown: return "unknown";
  }
  assert(false);
  return {};
}

std::string_view name_of(Writable writable) {
  switch (writable) {
    case Writable::create: return "create";
    case Writable::closed: return "closed";
    case Writable::runtime: return "runtime";
  }
  assert(false);
  return {};
}

std::string_view name_of(Affects affects) {
  switch (affects) {
    case Affects::interface: return "interface";
    case Affects::state: return "state";
    case Affects::both: return "both";
  }
  assert(false);
  return {};
}

std::string_view name_of(Relation relation) {
  switch (relation) {
    case Relation::exact: return "exact";
    case Relation::subset: return "subset";
  }
  assert(false);
  return {};
}

const ParameterNotes& Annotations::notes_of(const std::string& parameter) const {
  static const ParameterNotes defaults;
  const auto at = notes.find(parameter);
  return at == notes.end() ? defaults : at->second;
}

const DeviceModel* Implementation::model(const std::string& model_name) const {
  const auto at = info.models.find(model_name);
  return at == info.models.end() ? nullptr : &at->second;
}

const Annotations& Implementation::annotations_of(const std::string& model_name) const {
  static const Annotations none;
  const auto at = annotations.find(model_name);
  return at == annotations.end() ? none : at->second;
}

Result<Catalogue> read_catalogue(const std::filesystem::path& file) {
  Result<Loaded> loaded = read_file(file);
  if (!loaded) return fail(std::move(loaded.error()));
  return std::move(loaded->catalogue);
}

Result<Catalogue> parse_catalogue(std::string_view text, std::string name) {
  Result<files::Document> document = files::parse_document(text, std::move(name), files::Syntax::json);
  if (!document) return fail(std::move(document.error()));
  Faults faults;
  CatalogueReader reader(document->file, faults);
  Catalogue out = reader.read(document->root);
  if (!faults.empty()) {
    sort_by_place(faults);
    return fail(std::move(faults));
  }
  std::vector<Labelled> labelled;
  for (Implementation& one : out.implementations) labelled.push_back({&one, document->file, false});
  tell_apart(labelled);
  return out;
}

Result<Catalogue> load(const std::vector<std::string>& arguments, bool folders) {
  Faults faults;
  std::vector<Request> requests;
  for (const std::string& argument : arguments) {
    std::error_code error;
    if (std::filesystem::is_directory(argument, error)) {
      if (folders)
        add_folder(argument, requests, faults);
      else
        faults.push_back(
            {FaultCode::unreadable, {argument, {}, {}}, "is a folder", "a file", "name one file of it"});
    } else {
      requests.push_back(request_of(argument));
    }
  }
  std::vector<Loaded> loaded;
  std::vector<Request> kept;
  std::set<std::filesystem::path> references;
  std::set<std::pair<std::filesystem::path, std::string>> seen;
  for (Request& request : requests) {
    if (!seen.emplace(normal(request.file), request.pick).second)
      continue;  // a file and its folder may both be named
    Result<Loaded> read = read_file(request.file);
    if (!read) {
      for (Fault& fault : read.error()) faults.push_back(std::move(fault));
      continue;
    }
    if (!request.pick.empty()) pick(read->catalogue, request, faults);
    for (const auto& reference : read->references) references.insert(normal(reference));
    loaded.push_back(std::move(*read));
    kept.push_back(std::move(request));
  }
  if (!faults.empty()) return fail(std::move(faults));

  Catalogue out;
  if (arguments.size() == 1) out.file = arguments.front();
  std::vector<std::pair<std::filesystem::path, bool>> origins;
  for (std::size_t k = 0; k < loaded.size(); ++k) {
    // What a catalogue of the folder refers to is there already, under the catalogue's name for it.
    if (kept[k].from_folder && loaded[k].plain && references.contains(normal(kept[k].file))) continue;
    for (Implementation& one : loaded[k].catalogue.implementations) {
      out.implementations.push_back(std::move(one));
      origins.emplace_back(kept[k].file, loaded[k].plain);
    }
    for (Lint& lint : loaded[k].catalogue.lints) out.lints.push_back(std::move(lint));
  }
  std::vector<Labelled> labelled;
  for (std::size_t k = 0; k < origins.size(); ++k)
    labelled.push_back({&out.implementations[k], origins[k].first, origins[k].second});
  tell_apart(labelled);
  return out;
}

}  // namespace portolan::compat
