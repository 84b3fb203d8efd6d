// SPDX-License-Identifier: Apache-2.0
#include "model/files/kinds.hpp"

#include <algorithm>
#include <fstream>

#include <gmock/gmock.h>

#include "model/compat/catalogue.hpp"
#include "model/compat/judging/accepted.hpp"
#include "model/fleet/plans/inventory.hpp"
#include "model/fleet/plans/plan.hpp"
#include "model/fleet/scenario.hpp"
#include "tests/support/temporary.hpp"

namespace portolan::files {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

std::string looks(const std::string& text) {
  const auto found = looks_like(text);
  return found ? std::string(found->noun) : "";
}

TEST(KindsOfFiles, AreSeenByTheirBeginning) {
  EXPECT_EQ(looks("SQLite format 3\0\x10\0"s), "a SQLite database");
  EXPECT_EQ(looks("\x7f"
                  "ELF\x02\x01"s),
            "a program");
  EXPECT_EQ(looks("QEVM\0\0\0\3"s), "a migration stream of QEMU");
  EXPECT_EQ(looks("<?xml version=\"1.0\"?>\n<domain/>"), "XML");
  EXPECT_EQ(looks("\n  <domain type='kvm'>"), "XML");
  EXPECT_EQ(looks("\1\0\2\0\3\0\4\0"s), "a binary file");
  for (const char* ours : {"{}", "format: portolan.scenario/1", "", "<", "<<: 1", "< 4", "models: {}"})
    EXPECT_EQ(looks(ours), "") << ours;
}

TEST(KindsOfFiles, AreSaidInsteadOfWhatTheyLack) {
  for (const Syntax syntax : {Syntax::json, Syntax::yaml}) {
    const auto document = parse_document("<domain type='kvm'/>", "vm.xml", syntax);
    ASSERT_FALSE(document);
    EXPECT_EQ(to_string(document.error()), syntax == Syntax::json
                                               ? "vm.xml:1:1: the file looks like XML, expected JSON\n"
                                               : "vm.xml:1:1: the file looks like XML, expected YAML\n");
  }
}

/// What each reader says of a file.
std::vector<std::string> said_of(const std::filesystem::path& file) {
  std::vector<std::string> all;
  const auto add = [&](const auto& result) { all.push_back(result ? "good" : to_string(result.error())); };
  add(compat::read_catalogue(file));
  add(fleet::load_scenario(file));
  add(fleet::read_plan(file));
  add(fleet::read_inventory(file));
  add(compat::read_accepted(file));
  return all;
}

TEST(KindsOfFiles, AreToldWithWhatReadsThem) {
  const test::TemporaryFolder folder;
  for (std::size_t kind = 0; kind < std::size(formats); ++kind) {
    const std::filesystem::path file = folder / "f.json";
    std::ofstream(file) << "{\"format\": \"" << formats[kind].name << "\"}";
    const std::vector<std::string> said = said_of(file);
    for (std::size_t reader = 0; reader < said.size(); ++reader) {
      if (reader == kind) continue;
      EXPECT_THAT(said[reader],
                  HasSubstr("f.json:1:12: format: the file is " + std::string(formats[kind].noun)));
      EXPECT_THAT(said[reader], HasSubstr(", expected " + std::string(formats[reader].noun)));
      EXPECT_THAT(said[reader], HasSubstr(std::string(formats[kind].read_by) + " reads it"));
      EXPECT_EQ(std::count(said[reader].begin(), said[reader].end(), '\n'), 1) << "one line says it all";
    }
  }
}

TEST(KindsOfFiles, OfOthersAreKnownToo) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder / "f.json";
  std::ofstream(file) << "{\"vmschkmachine\": {\"Name\": \"pc-q35-7.2\"}, \"rtl8139\": {\"version_id\": 5}}";
  for (const std::string& said : said_of(file))
    EXPECT_THAT(said, HasSubstr("looks like QEMU's dump of its VMState (-dump-vmstate)"));
  std::ofstream(file) << "{\"models\": {}}";
  const std::vector<std::string> said = said_of(file);
  EXPECT_EQ(said[0], "good");
  EXPECT_THAT(said[1],
              HasSubstr("looks like migration information, expected a scenario (portolan.scenario/1); "
                        "portolan check reads it"));
}

}  // namespace
}  // namespace portolan::files
