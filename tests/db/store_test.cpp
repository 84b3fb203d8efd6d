// SPDX-License-Identifier: Apache-2.0
#include "db/store.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include <gmock/gmock.h>

#include "tests/support/temporary.hpp"

using namespace portolan;
using testing::HasSubstr;

namespace {

compat::Catalogue two_cards() {
  compat::Catalogue catalogue;
  catalogue.file = "cards.json";
  for (const auto* name : {"old", "new"}) {
    compat::Implementation card;
    card.label = card.name = name;
    card.version = "1";
    card.kind = compat::ImplementationKind::mdev;
    compat::DeviceModel model{"com.gfx/GPU", {}, {}};
    compat::Parameter memory;
    memory.name = "memory";
    memory.type = compat::ValueType::integer;
    memory.init = std::uint64_t{18446744073709551615u};
    model.parameters.emplace("memory", memory);
    card.info.models.emplace(model.name, model);
    catalogue.implementations.push_back(card);
  }
  return catalogue;
}

db::Report one_verdict(const db::StoredCatalogue& stored) {
  db::Report report;
  report.command = "compat";
  report.scheme = "rfc-v3";
  report.program = "test";
  report.when_s = 0;
  report.verdicts.push_back({"com.gfx/GPU", stored.implementations[0], stored.implementations[1],
                             compat::Decision::reject, std::nullopt, R"([{"rule":"C3"}])", std::nullopt});
  return report;
}

TEST(Store, ListsWhatWasStored) {
  test::TemporaryFolder folder;
  const auto catalogue = two_cards();
  {
    auto store = db::Store::open(folder / "a.db", db::Opening::create);
    ASSERT_TRUE(store) << to_string(store.error());
    auto id = store->add({&catalogue}, 0, [](const std::vector<db::StoredCatalogue>& stored) {
      return one_verdict(stored[0]);
    });
    ASSERT_TRUE(id) << to_string(id.error());
    EXPECT_EQ(*id, 1);
  }
  auto store = db::Store::open(folder / "a.db", db::Opening::existing);
  ASSERT_TRUE(store);
  const auto catalogues = store->catalogues().value();
  ASSERT_EQ(catalogues.size(), 1u);
  EXPECT_EQ(catalogues[0].implementations, 2);
  EXPECT_EQ(catalogues[0].file, "cards.json");
  EXPECT_EQ(catalogues[0].stored, "1970-01-01 00:00:00");
  const auto report = store->report(1).value();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->command, "compat");
  EXPECT_EQ(report->verdicts, 1);
  const auto verdicts = store->verdicts(1).value();
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_EQ(verdicts[0].source, "old");
  EXPECT_EQ(verdicts[0].destination, "new");
  EXPECT_EQ(verdicts[0].verdict, "reject");
  EXPECT_EQ(verdicts[0].relation, std::nullopt);
  EXPECT_EQ(verdicts[0].reasons, R"([{"rule":"C3"}])");
  EXPECT_FALSE(store->report(2).value());
}

TEST(Store, KeepsACatalogueOnceForEachContent) {
  test::TemporaryFolder folder;
  auto store = db::Store::open(folder / "a.db", db::Opening::create);
  auto catalogue = two_cards();
  const auto fill = [](const std::vector<db::StoredCatalogue>& stored) { return one_verdict(stored[0]); };
  ASSERT_TRUE(store->add({&catalogue}, 0, fill));
  catalogue.file = "the same under another name.json";
  ASSERT_TRUE(store->add({&catalogue}, 1, fill));
  EXPECT_EQ(store->catalogues().value().size(), 1u);
  catalogue.implementations.pop_back();
  catalogue.implementations.push_back(two_cards().implementations[0]);
  catalogue.implementations.back().version = "2";
  ASSERT_TRUE(store->add({&catalogue}, 2, fill));
  EXPECT_EQ(store->catalogues().value().size(), 2u);
  EXPECT_EQ(store->reports().value().size(), 3u);
}

TEST(Store, StoresAReportWholeOrNotAtAll) {
  test::TemporaryFolder folder;
  auto store = db::Store::open(folder / "a.db", db::Opening::create);
  const auto catalogue = two_cards();
  auto broken = store->add({&catalogue}, 0, [](const std::vector<db::StoredCatalogue>& stored) {
    auto report = one_verdict(stored[0]);
    report.verdicts.push_back(report.verdicts.front());
    report.verdicts.back().reasons = "no json";
    return report;
  });
  ASSERT_FALSE(broken);
  EXPECT_THAT(to_string(broken.error()), HasSubstr("a.db"));
  EXPECT_TRUE(store->catalogues().value().empty());
  EXPECT_TRUE(store->reports().value().empty());
}

TEST(Store, SaysThatADatabaseIsMissing) {
  test::TemporaryFolder folder;
  auto store = db::Store::open(folder / "none.db", db::Opening::existing);
  ASSERT_FALSE(store);
  EXPECT_THAT(to_string(store.error()), HasSubstr("does not exist"));
  EXPECT_FALSE(std::filesystem::exists(folder / "none.db"));
}

TEST(Store, IsSharedByProcessesThatWriteAtTheSameTime) {
  test::TemporaryFolder folder;
  constexpr int processes = 4, reports = 10;
  std::vector<pid_t> children;
  for (int process = 0; process < processes; ++process) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto catalogue = two_cards();
      for (int k = 0; k < reports; ++k) {
        auto store = db::Store::open(folder / "shared.db", db::Opening::create);
        if (!store) _exit(1);
        if (!store->add({&catalogue}, 0, [](const std::vector<db::StoredCatalogue>& stored) {
              return one_verdict(stored[0]);
            }))
          _exit(2);
      }
      _exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  auto store = db::Store::open(folder / "shared.db", db::Opening::existing);
  EXPECT_EQ(store->reports().value().size(), static_cast<std::size_t>(processes * reports));
  EXPECT_EQ(store->catalogues().value().size(), 1u);
}

}  // namespace
