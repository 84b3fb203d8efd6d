// SPDX-License-Identifier: Apache-2.0
#include "model/compat/catalogue_reader.hpp"

#include <array>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "model/compat/annotations_reader.hpp"
#include "model/compat/reading.hpp"
#include "model/files/kinds.hpp"
#include "model/support/text.hpp"

namespace portolan::compat {
namespace {

using files::item_path;
using files::Kind;
using files::member_path;
using files::Node;

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

  CatalogueFile read(const Node& root) && {
    static constexpr std::array<std::string_view, 4> known = {"format", "description", "profile-names",
                                                              "implementations"};
    out_.file = reader_.file();
    reader_.no_duplicate_keys(root, {});
    lint_unknown(root, known, {});
    reader_.expect_format(root, files::catalogue_format);
    check_description(reader_, root, {});
    profile_names(root);
    const Node* implementations = reader_.required(root, "implementations", {});
    if (implementations) aspects_ = named_aspects(*implementations);
    if (implementations && reader_.expect(*implementations, Kind::array, "implementations"))
      for (std::size_t k = 0; k < implementations->items.size(); ++k)
        implementation(implementations->items[k], item_path("implementations", k));
    return {std::move(out_), false, std::move(references_)};
  }

 private:
  /// R13: whether an implementation that does not know a profile's name refuses it.
  void profile_names(const Node& root) {
    static constexpr std::array<std::string_view, 2> choices = {"names", "aliases"};
    const Node* node = root.find("profile-names");
    if (node == nullptr) return;
    const std::string none;
    const Where where{none, "profile-names"};
    const auto text = read_string(reader_, *node, where);
    if (!text) return;
    aliases_ = *text == "aliases";
    if (!aliases_ && *text != "names") report_no_choice(reader_, *node, where, *text, choices);
  }

  void implementation(const Node& node, const std::string& path) {
    static constexpr std::array<std::string_view, 7> known = {
        "name", "version", "kind", "types", "models", "migration_info", "description"};
    if (!read_object(reader_, node, path)) return;
    lint_unknown(node, known, path);
    check_description(reader_, node, path);

    Implementation common;
    common.place = reader_.place(node, path);
    const Node* info = node.find("migration_info");
    const Node* name = node.find("name");
    if (name) common.name = read_name(reader_, *name, {path, "name"});
    // `migration_info` alone is a valid entry: a file then gives the name.
    else if (info && info->kind == Kind::string)
      common.name = std::filesystem::path(info->text).stem().string();
    else
      reader_.required(node, "name", path);
    if (const Node* version = node.find("version")) {
      if (auto text = read_string(reader_, *version, {path, "version"})) common.version = std::move(*text);
    }
    if (const Node* kind = node.find("kind")) common.kind = read_kind(*kind, {path, "kind"});

    std::vector<Type> types = read_types(node, common, path);
    if (const Node* models = node.find("models")) annotate(types, *models, member_path(path, "models"));
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

  void annotate(std::vector<Type>& types, const Node& models, const std::string& path) {
    std::vector<const MigrationInfo*> infos;
    for (const Type& type : types) infos.push_back(&type.info);
    auto read = read_annotations(reader_, out_.lints, aspects_, models, path, infos);
    for (std::size_t k = 0; k < types.size(); ++k) {
      types[k].annotations = std::move(read[k]);
      for (auto& [model, annotations] : types[k].annotations) annotations.profiles_are_aliases = aliases_;
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
    const auto kind = implementation_kind_names.find(*text);
    if (kind && *kind != ImplementationKind::unknown) return *kind;
    const auto kinds = std::span(implementation_kind_names.texts())
                           .first(static_cast<std::size_t>(ImplementationKind::unknown));
    reader_.report(FaultCode::unknown_name, node, where.path(), "got the kind " + in_quotes(*text),
                   "mdev, vfio-pci or vfio-user", did_you_mean(*text, kinds));
    return ImplementationKind::unknown;
  }

  std::vector<Type> read_types(const Node& node, const Implementation& common, const std::string& path) {
    const Node* array = node.find("types");
    const Node* info = node.find("migration_info");
    if (info && array) {
      reader_.report(FaultCode::duplicate, *info, member_path(path, "migration_info"),
                     "both \"types\" and \"migration_info\"", "one of them",
                     "put it into the type that it describes");
      return {};
    }
    if (info) {
      Type type{{}, {}, migration_info(*info, {path, "migration_info"}), {}, reader_.place(node, path)};
      check_type(type, common.kind, *info);
      return {std::move(type)};
    }
    if (!array) {
      if (!reader_.misspelt(node, "types", path) && !reader_.misspelt(node, "migration_info", path))
        reader_.report(FaultCode::missing, node, path, "\"types\" is missing", {},
                       "add \"types\", or \"migration_info\" where there is one type");
      return {};
    }
    const std::string here = member_path(path, "types");
    std::vector<Type> types;
    if (!reader_.expect(*array, Kind::array, here)) return types;
    if (array->items.empty())
      reader_.report(FaultCode::missing, *array, here, "no type at all", "at least one");
    for (std::size_t k = 0; k < array->items.size(); ++k)
      if (auto type = read_type(array->items[k], common, item_path(here, k), array->items.size() == 1))
        types.push_back(std::move(*type));
    return types;
  }

  /// `alone`: the only one, which takes the implementation's name where it has none.
  std::optional<Type> read_type(const Node& item, const Implementation& common, const std::string& path,
                                bool alone) {
    static constexpr std::array<std::string_view, 4> known = {"name", "available_instances", "migration_info",
                                                              "description"};
    if (!read_object(reader_, item, path)) return std::nullopt;
    lint_unknown(item, known, path);
    check_description(reader_, item, path);
    Type type;
    type.place = reader_.place(item, path);
    if (const Node* name = item.find("name"))
      type.name = read_name(reader_, *name, {path, "name"});
    else if (alone)
      type.name = common.name;
    else
      reader_.required(item, "name", path);
    if (const Node* count = item.find("available_instances"))
      type.available_instances = read_u64(reader_, *count, {path, "available_instances"});
    if (const Node* info = reader_.required(item, "migration_info", path)) {
      type.info = migration_info(*info, {path, "migration_info"});
      check_type(type, common.kind, *info);
    }
    return type;
  }

  /// An mdev type has one model.
  void check_type(const Type& type, ImplementationKind kind, const Node& info) {
    if (kind != ImplementationKind::mdev || type.info.models.size() < 2) return;
    out_.lints.push_back(
        {"type-models",
         reader_.place(info, member_path(type.place.path, "migration_info")),
         {},
         {},
         fmt::format("the mdev type {} describes {} models", in_quotes(type.name), type.info.models.size()),
         "give each model a type of its own"});
  }

  /// Its lints become the catalogue's.
  MigrationInfo taken(Result<MigrationInfo> read) {
    if (!read) {
      for (Fault& fault : read.error()) reader_.faults().push_back(std::move(fault));
      return {};
    }
    for (Lint& one : read->lints) out_.lints.push_back(std::move(one));
    read->lints.clear();
    return std::move(*read);
  }

  /// Inline, or in a file beside the catalogue.
  MigrationInfo migration_info(const Node& node, const Where& where) {
    if (node.kind == Kind::object) return taken(migration_info_from(node, reader_.file(), where.path()));
    if (node.kind != Kind::string) {
      reader_.report(FaultCode::wrong_type, node, where.path(), "got " + files::shown(node),
                     "migration information, or the path of its file");
      return {};
    }
    const std::filesystem::path file = folder_ / node.text;
    const auto [at, first] = files_.try_emplace(file.string());
    if (first) at->second = referenced(file, node, where);
    return at->second;
  }

  MigrationInfo referenced(const std::filesystem::path& file, const Node& node, const Where& where) {
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
      return {};
    }
    references_.push_back(file);
    return taken(migration_info_from(document->root, document->file, {}));
  }

  void lint_unknown(const Node& node, std::span<const std::string_view> known, const std::string& path) {
    lint_unknown_members(out_.lints, reader_, node, known, path);
  }

  std::filesystem::path folder_;
  bool aliases_ = false;  ///< `profile-names`
  NamedAspects aspects_;  ///< of the whole file
  files::Reader reader_;
  Catalogue out_;
  std::map<std::string, MigrationInfo> files_;  // read already, by path
  std::vector<std::filesystem::path> references_;
  std::map<std::tuple<std::string, std::string, std::string>, Mark> seen_;
};

std::string label_of_plain(const std::filesystem::path& file) {
  const auto extension = file.extension();
  return (extension == ".json" || extension == ".yaml" || extension == ".yml" ? file.stem() : file.filename())
      .string();
}

/// Migration information as a catalogue of one implementation, which takes its name from the file.
Result<CatalogueFile> plain_file(const files::Document& document) {
  Result<MigrationInfo> info = migration_info_from(document.root, document.file, {});
  if (!info) return fail(std::move(info.error()));
  CatalogueFile out;
  out.plain = true;
  out.catalogue.file = document.file;
  out.catalogue.lints = std::move(info->lints);
  info->lints.clear();
  Implementation made;
  made.label = made.name = label_of_plain(document.file);
  made.info = std::move(*info);
  made.place = {document.file, document.root.mark, {}};
  out.catalogue.implementations.push_back(std::move(made));
  return out;
}

}  // namespace

Result<CatalogueFile> catalogue_file_from(const files::Document& document) {
  Faults faults;
  CatalogueFile out = CatalogueReader(document.file, faults).read(document.root);
  if (faults.empty()) return out;
  sort_by_place(faults);
  return fail(std::move(faults));
}

Result<CatalogueFile> read_catalogue_file(const std::filesystem::path& file) {
  const Result<files::Document> document = files::read_document(file);
  if (!document) return fail(document.error());
  if (auto other = files::of_another_kind(*document, files::catalogue_format)) return fail(std::move(*other));
  if (!document->root.find("format") && !document->root.find("implementations")) return plain_file(*document);
  Result<CatalogueFile> out = catalogue_file_from(*document);
  if (out) sort_by_place(out->catalogue.lints);
  return out;
}

}  // namespace portolan::compat
