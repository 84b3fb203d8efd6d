// SPDX-License-Identifier: Apache-2.0

#include "model/compat/catalogue.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "model/compat/loading.hpp"
#include "tests/support/temporary.hpp"

namespace portolan::compat {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string plain =
    R"({"models": {"com.gfx/GPU": {"params": {"memory": {"type": "int", "init_value": 4096, )"
    R"("allowed_values": [4096]}}}}})";

void write(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

std::vector<std::string> labels(const Catalogue& catalogue) {
  std::vector<std::string> out;
  for (const Implementation& one : catalogue.implementations) out.push_back(one.label);
  return out;
}

/// Labels, or the messages without the folder.
std::vector<std::string> loaded(const test::TemporaryFolder& folder, std::vector<std::string> arguments,
                                bool folders = true) {
  for (std::string& argument : arguments)
    argument = argument.starts_with('/') ? argument : (folder / argument).string();
  const auto catalogue = load(arguments, folders);
  if (catalogue) return labels(*catalogue);
  std::vector<std::string> out;
  const std::string prefix = folder.path().string() + '/';
  for (const Fault& fault : catalogue.error()) {
    std::string text = to_string(fault);
    if (text.starts_with(prefix)) text.erase(0, prefix.size());
    out.push_back(std::move(text));
  }
  return out;
}

// An example with every member, with a second type whose migration information is inline.
const char* const gfx = R"({ "format": "portolan.catalogue/1",
  "implementations": [
    { "name": "acme-gfx", "version": "2.1", "kind": "mdev",
      "types": [ { "name": "gfx-4GB", "available_instances": 4, "migration_info": "gfx-4GB.json" },
                 { "name": "gfx-8GB", "migration_info": {"models": {"com.gfx/GPU": {"params": {
                     "new-feature": {"type": "bool", "init_value": true, "off_value": false},
                     "num-queues": {"type": "int", "init_value": 8}, "a-first": {"type": "str", )"
                        R"("init_value": ""} }}}} } ],
      "models": { "com.gfx/GPU": {
        "profiles":    { "1": { "new-feature": false }, "2": {} },
        "params":      { "new-feature": { "writable": "runtime", "affects": "state", "fix-for": "lost interrupts" } },
        "constraints": [ "new-feature => num-queues > 2" ],
        "state":       [ { "section": "rings", "layout": 2, "when": "new-feature" }, { "section": "rings", )"
                        R"("layout": 1, "when": "!new-feature" },
                         { "section": "log", "layout": 1, "ignorable": true } ],
        "loads":       [ { "section": "rings", "layouts": [2, 1], "required": "true" }, { "section": "log", )"
                        R"("layout": 1 } ],
        "interface":   { "msix-vectors": "num-queues + 1", "vendor": 4660 },
        "observed":    { "1": { "msix-vectors": 5, "msi": true, "firmware": "a", "gone": null } },
        "compare":     { "msix-vectors": "exact", "msi": "subset" } } } } ] }
)";
const char* const gfx_4gb = R"({"models": {"com.gfx/GPU": {"params": {
  "new-feature": {"type": "bool", "init_value": true, "off_value": false}, "num-queues": {"type": "int", )"
                            R"("init_value": 4}}}}})";

TEST(CatalogueFile, IsReadWithAllItsAnnotations) {
  const test::TemporaryFolder folder;
  write(folder / "gfx.json", gfx);
  write(folder / "gfx-4GB.json", gfx_4gb);
  const auto catalogue = read_catalogue(folder / "gfx.json");
  ASSERT_TRUE(catalogue.has_value()) << to_string(catalogue.error());
  EXPECT_TRUE(catalogue->lints.empty());
  EXPECT_THAT(labels(*catalogue), ElementsAre("acme-gfx@2.1/gfx-4GB", "acme-gfx@2.1/gfx-8GB"));
  const Implementation& small = catalogue->implementations[0];
  EXPECT_EQ(small.name, "acme-gfx");
  EXPECT_EQ(small.version, "2.1");
  EXPECT_EQ(small.kind, ImplementationKind::mdev);
  EXPECT_EQ(small.type, "gfx-4GB");
  EXPECT_EQ(small.available_instances, 4u);
  EXPECT_EQ(catalogue->implementations[1].available_instances, std::nullopt);
  ASSERT_NE(small.model("com.gfx/GPU"), nullptr);
  EXPECT_EQ(small.model("com.gfx/other"), nullptr);
  EXPECT_EQ(small.model("com.gfx/GPU")->parameters.at("num-queues").init, Value(std::uint64_t{4}));
  EXPECT_EQ(small.model("com.gfx/GPU")->place.file, (folder / "gfx-4GB.json").string())
      << "places are in the file that says so";

  const Annotations& notes = small.annotations_of("com.gfx/GPU");
  ASSERT_EQ(notes.profiles.size(), 2u);
  EXPECT_EQ(notes.profiles.at("1").values.at("new-feature"), Value(false));
  EXPECT_TRUE(notes.profiles.at("2").values.empty());
  EXPECT_EQ(notes.notes_of("new-feature").writable, Writable::runtime);
  EXPECT_EQ(notes.notes_of("new-feature").affects, Affects::state);
  EXPECT_EQ(notes.notes_of("new-feature").fix_for, "lost interrupts");
  EXPECT_EQ(notes.notes_of("num-queues").writable, Writable::closed) << "the defaults of rules.md §catalogue";
  EXPECT_EQ(notes.notes_of("num-queues").affects, Affects::both);
  ASSERT_EQ(notes.constraints.size(), 1u);
  EXPECT_EQ(notes.constraints[0].source, "new-feature => num-queues > 2");
  EXPECT_EQ(notes.constraints[0].place.mark, (Mark{11, 27})) << "behind the quote";
  ASSERT_EQ(notes.state.size(), 3u);
  EXPECT_EQ(notes.state[1].section, "rings");
  EXPECT_EQ(notes.state[1].layout, 1u);
  EXPECT_EQ(notes.state[1].when->source, "!new-feature");
  EXPECT_FALSE(notes.state[1].ignorable);
  EXPECT_FALSE(notes.state[2].when.has_value());
  EXPECT_TRUE(notes.state[2].ignorable);
  ASSERT_EQ(notes.loads.size(), 2u);
  EXPECT_THAT(notes.loads[0].layouts, ElementsAre(1u, 2u));
  EXPECT_EQ(notes.loads[0].required->source, "true");
  EXPECT_THAT(notes.loads[1].layouts, ElementsAre(1u));
  EXPECT_EQ(notes.interface.at("msix-vectors").source, "num-queues + 1");
  EXPECT_EQ(notes.interface.at("vendor").source, "4660") << "a plain number is a literal";
  const auto& observed = notes.observed.at("1");
  EXPECT_EQ(observed.at("msix-vectors"), Observation(Value(std::uint64_t{5})));
  EXPECT_EQ(observed.at("msi"), Observation(Value(true)));
  EXPECT_EQ(observed.at("firmware"), Observation(Value(std::string("a"))));
  EXPECT_EQ(observed.at("gone"), Observation()) << "null is absent";
  EXPECT_EQ(notes.aspect("msix-vectors").compare, Relation::exact);
  EXPECT_EQ(notes.aspect("msi").compare, Relation::subset);
  EXPECT_TRUE(small.annotations_of("com.gfx/other").constraints.empty());
}

TEST(CatalogueFile, ParsesExpressionsAgainstEachTypesOwnParameters) {
  const test::TemporaryFolder folder;
  write(folder / "gfx.json", gfx);
  write(folder / "gfx-4GB.json", gfx_4gb);
  const auto catalogue = read_catalogue(folder / "gfx.json");
  ASSERT_TRUE(catalogue.has_value());
  const auto first_variable = [&](std::size_t type) {
    for (const rules::Node& node :
         catalogue->implementations[type].annotations_of("com.gfx/GPU").constraints[0].nodes)
      if (node.op == rules::Op::variable) return node.symbol;
    return std::int16_t{-1};
  };
  EXPECT_EQ(first_variable(0), 0) << "new-feature is the first parameter of gfx-4GB";
  EXPECT_EQ(first_variable(1), 1) << "and the second of gfx-8GB, behind a-first";
}

TEST(CatalogueFile, SaysTheSameInYaml) {
  const test::TemporaryFolder folder;
  write(folder / "gfx.json", gfx);
  write(folder / "gfx.yaml", gfx);  // JSON is YAML
  write(folder / "gfx-4GB.json", gfx_4gb);
  const auto json = read_catalogue(folder / "gfx.json"), yaml = read_catalogue(folder / "gfx.yaml");
  ASSERT_TRUE(json.has_value());
  ASSERT_TRUE(yaml.has_value()) << to_string(yaml.error());
  EXPECT_EQ(write_catalogue(*json), write_catalogue(*yaml));
}

TEST(CatalogueFile, WrittenAndReadAgainIsTheSame) {
  const test::TemporaryFolder folder;
  write(folder / "gfx.json", gfx);
  write(folder / "gfx-4GB.json", gfx_4gb);
  write(folder / "plain.json", plain);
  write(folder / "other.yaml",
        "format: portolan.catalogue/1\nimplementations:\n  - { name: a, types: [ { name: t, migration_info: "
        "{ models: {} } } ] }\n"
        "  - { name: b, kind: vfio-pci, migration_info: { models: {} } }\n");
  const auto first = load({folder / "gfx.json", folder / "plain.json", folder / "other.yaml"}, false);
  ASSERT_TRUE(first.has_value()) << to_string(first.error());
  const std::string text = write_catalogue(*first);
  write(folder / "written.json", text);
  const auto second = read_catalogue(folder / "written.json");
  ASSERT_TRUE(second.has_value()) << to_string(second.error());
  EXPECT_TRUE(second->lints.empty());
  EXPECT_EQ(labels(*second), labels(*first));
  EXPECT_EQ(write_catalogue(*second), text);
  for (std::size_t k = 0; k < first->implementations.size(); ++k) {
    EXPECT_EQ(second->implementations[k].kind, first->implementations[k].kind);
    EXPECT_EQ(second->implementations[k].type, first->implementations[k].type);
    EXPECT_EQ(second->implementations[k].available_instances, first->implementations[k].available_instances);
    EXPECT_EQ(write_migration_info(second->implementations[k].info),
              write_migration_info(first->implementations[k].info));
  }
}

TEST(CatalogueFile, ReadsAnEntryThatIsMigrationInformationAlone) {
  const test::TemporaryFolder folder;
  write(folder / "card.json", plain);
  write(folder / "all.json",
        R"({"format": "portolan.catalogue/1", "implementations": [{"migration_info": "card.json"}]})");
  EXPECT_THAT(loaded(folder, {"all.json"}), ElementsAre("card"));
}

TEST(CatalogueFile, LabelsAnImplementationByItsTypeOnlyWhereThatSaysMore) {
  const test::TemporaryFolder folder;
  const auto entry = [](const std::string& version, const std::string& types) {
    return "{\"name\": \"a\"" + version + ", \"types\": [" + types + "]}";
  };
  const std::string info = "\"migration_info\": {\"models\": {}}";
  write(folder / "all.json", "{\"format\": \"portolan.catalogue/1\", \"implementations\": [" +
                                 entry(", \"version\": \"1\"", "{\"name\": \"a\", " + info + "}") + "," +
                                 entry(", \"version\": \"2\"", "{" + info + "}") + "," +
                                 entry(", \"version\": \"3\"", "{\"name\": \"t\", " + info + "}") + "," +
                                 entry(", \"version\": \"4\"",
                                       "{\"name\": \"a\", " + info + "}, {\"name\": \"t\", " + info + "}") +
                                 "," + entry("", "{" + info + "}") + "]}");
  EXPECT_THAT(loaded(folder, {"all.json"}), ElementsAre("a@1", "a@2", "a@3/t", "a@4/a", "a@4/t", "a"));
}

TEST(CatalogueFile, ReportsAFileThatTwoTypesShareOnce) {
  const test::TemporaryFolder folder;
  write(folder / "t.json", R"({"models": {}, "extra": 1})");
  write(folder / "all.json",
        R"({"format": "portolan.catalogue/1", "implementations": [{"name": "a", "types": [
    {"name": "t", "migration_info": "t.json"}, {"name": "u", "migration_info": "t.json"}]}]})");
  const auto catalogue = read_catalogue(folder / "all.json");
  ASSERT_TRUE(catalogue.has_value());
  ASSERT_EQ(catalogue->lints.size(), 1u);
  EXPECT_EQ(catalogue->lints[0].rule, "unknown-member");
  EXPECT_EQ(catalogue->lints[0].place.file, (folder / "t.json").string());
  for (const Implementation& one : catalogue->implementations)
    EXPECT_TRUE(one.info.lints.empty()) << "they are the catalogue's";
}

// ---- what the command line calls a FILE

TEST(Loading, TakesPlainFilesByTheirName) {
  const test::TemporaryFolder folder;
  write(folder / "pc-q35-2.10.json", plain);
  write(folder / "b.yaml", plain);
  write(folder / "no-extension", plain);
  EXPECT_THAT(loaded(folder, {"pc-q35-2.10.json", "b.yaml", "no-extension"}),
              ElementsAre("pc-q35-2.10", "b", "no-extension"));
}

TEST(Loading, PicksImplementationsOfACatalogue) {
  const test::TemporaryFolder folder;
  std::string entries;
  for (const char* version : {"1", "2"})
    entries += (entries.empty() ? "" : ",") + ("{\"name\": \"a\", \"version\": \"" + std::string(version)) +
               "\", \"migration_info\": " + plain + "}";
  entries += ", {\"name\": \"b\", \"migration_info\": " + plain + "}";
  write(folder / "all.json",
        "{\"format\": \"portolan.catalogue/1\", \"implementations\": [" + entries + "]}");
  EXPECT_THAT(loaded(folder, {"all.json#a@2"}), ElementsAre("a@2"));
  EXPECT_THAT(loaded(folder, {"all.json#a"}), ElementsAre("a@1", "a@2"));
  EXPECT_THAT(loaded(folder, {"all.json#b", "all.json#a@1"}), ElementsAre("b", "a@1"));
  EXPECT_THAT(
      loaded(folder, {"all.json#a@3"}),
      ElementsAre("all.json: no implementation \"a@3\", expected one of a@1, a@2, b; did you mean \"a@1\"?"));
  EXPECT_THAT(loaded(folder, {"all.json#"}), ElementsAre("a@1", "a@2", "b"));
  EXPECT_THAT(loaded(folder, {"nowhere.json#a"}), ElementsAre("nowhere.json: no such file; check the path"));
}

TEST(Loading, OpensAFileWhoseOwnNameHoldsAHash) {
  const test::TemporaryFolder folder;
  write(folder / "a#b.json", plain);
  EXPECT_THAT(loaded(folder, {"a#b.json"}), ElementsAre("a#b"));
  EXPECT_THAT(loaded(folder, {"a#b.json#a#b"}), ElementsAre("a#b"));
  write(folder / "a", plain);
  EXPECT_THAT(loaded(folder, {"a#b.json"}), ElementsAre("a#b")) << "the whole name comes first";
  EXPECT_THAT(loaded(folder, {"a#a"}), ElementsAre("a"));
}

TEST(Loading, TakesTheFilesOfAFolderInNameOrderAndNoFurther) {
  const test::TemporaryFolder folder;
  for (const char* name : {"set/b.json", "set/a.yml", "set/c.yaml", "set/below/d.json", "set/e.txt"})
    write(folder / name, plain);
  std::filesystem::create_directories(folder / "set/f.json");
  EXPECT_THAT(loaded(folder, {"set"}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(loaded(folder, {"set/", "set/b.json"}), ElementsAre("a", "b", "c"))
      << "a file that is named twice is one";
  EXPECT_THAT(loaded(folder, {"set"}, false),
              ElementsAre("set: is a folder, expected a file; name one file of it"));
  std::filesystem::create_directories(folder / "empty");
  EXPECT_THAT(loaded(folder, {"empty"}), ElementsAre("empty: no *.json, *.yaml or *.yml in this folder, "
                                                     "expected at least one; is it the right folder?"));
}

TEST(Loading, DoesNotTakeAFileTwiceThatACatalogueOfTheFolderRefersTo) {
  const test::TemporaryFolder folder;
  write(folder / "gfx-4GB.json", gfx_4gb);
  write(folder / "gfx.json", gfx);
  write(folder / "other.json", plain);
  EXPECT_THAT(loaded(folder, {folder.path()}),
              ElementsAre("acme-gfx@2.1/gfx-4GB", "acme-gfx@2.1/gfx-8GB", "other"));
  EXPECT_THAT(loaded(folder, {"gfx.json", "gfx-4GB.json"}),
              ElementsAre("acme-gfx@2.1/gfx-4GB", "acme-gfx@2.1/gfx-8GB", "gfx-4GB"))
      << "named by hand it is meant";
}

TEST(Loading, TellsEqualLabelsApartByTheirFolders) {
  const test::TemporaryFolder folder;
  for (const char* name : {"old/gpu.json", "new/gpu.json", "x/same/gpu.json", "y/same/gpu.json", "nic.json"})
    write(folder / name, plain);
  EXPECT_THAT(loaded(folder, {"old/gpu.json", "nic.json", "new/gpu.json"}),
              ElementsAre("old/gpu", "nic", "new/gpu"));
  EXPECT_THAT(loaded(folder, {"x/same/gpu.json", "y/same/gpu.json"}),
              ElementsAre("x/same/gpu", "y/same/gpu"));
  write(folder / "gpu.yaml", plain);
  write(folder / "gpu.json", plain);
  const auto same_folder = loaded(folder, {"gpu.yaml", "gpu.json"});
  ASSERT_EQ(same_folder.size(), 2u);
  EXPECT_NE(same_folder[0], same_folder[1]);
}

TEST(Loading, TellsEqualEntriesOfTwoCataloguesApartByTheirFiles) {
  const test::TemporaryFolder folder;
  const std::string text =
      R"({"format": "portolan.catalogue/1", "implementations": [{"name": "a", "version": "1", )"
      R"("migration_info": {"models": {}}}]})";
  write(folder / "before.json", text);
  write(folder / "after.json", text);
  EXPECT_THAT(loaded(folder, {"before.json", "after.json"}), ElementsAre("before/a@1", "after/a@1"));
}

TEST(Loading, ReportsTheFaultsOfAllFiles) {
  const test::TemporaryFolder folder;
  write(folder / "a.json", "{");
  write(folder / "b.json", "{\"models\": 1}");
  write(folder / "c.json", plain);
  EXPECT_THAT(loaded(folder, {"a.json", "b.json", "c.json", "d.json", "c.json#x"}),
              ElementsAre(HasSubstr("a.json:1:2: the file ends inside the object"),
                          HasSubstr("b.json:1:12: models: got 1, expected an object"),
                          HasSubstr("d.json: no such file"),
                          HasSubstr("c.json: no implementation \"x\", expected one of c")));
}

TEST(Loading, OfNothingGivesNothing) { EXPECT_THAT(labels(load({}, true).value()), IsEmpty()); }

// ---- whatever the text

RC_GTEST_PROP(CatalogueProperty, SaysWhereWhateverOneCharacterIsChangedTo, ()) {
  static const test::TemporaryFolder folder;
  write(folder / "gfx-4GB.json", gfx_4gb);
  std::string text = gfx;
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  const char c = *rc::gen::elementOf(std::string("\"{}[]:,-.0eE'\\ \n\x01\xff/=ax!>&|"));
  if (*rc::gen::arbitrary<bool>())
    text[at] = c;
  else if (*rc::gen::arbitrary<bool>())
    text.erase(at, 1);
  else
    text.insert(at, 1, c);
  const std::filesystem::path file = folder / (*rc::gen::arbitrary<bool>() ? "gfx.json" : "gfx.yaml");
  write(file, text);
  const auto catalogue = read_catalogue(file);
  if (catalogue) {
    write(folder / "again.json", write_catalogue(*catalogue));
    RC_ASSERT(read_catalogue(folder / "again.json").has_value());
    return;
  }
  RC_ASSERT(!catalogue.error().empty());
  for (const Fault& fault : catalogue.error()) {
    RC_ASSERT(fault.place.mark.line > 0u);
    RC_ASSERT(fault.place.mark.column > 0u);
    RC_ASSERT(!fault.finding.empty());
  }
}

}  // namespace
}  // namespace portolan::compat
