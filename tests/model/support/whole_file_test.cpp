// SPDX-License-Identifier: Apache-2.0
#include "model/support/whole_file.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temporary.hpp"

namespace portolan {
namespace {

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}
void put(const std::filesystem::path& file, const std::string& text) { std::ofstream(file) << text; }
std::size_t files_in(const std::filesystem::path& folder) {
  const std::filesystem::directory_iterator all(folder);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TEST(AnOutputFile, IsMadeOrReplacedWhole) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(write_whole(folder / "a", "one"));
  EXPECT_EQ(content_of(folder / "a"), "one");
  std::ifstream reader(folder / "a");
  ASSERT_TRUE(write_whole(folder / "a", "two, and longer"));
  EXPECT_EQ(content_of(folder / "a"), "two, and longer");
  std::ostringstream before;
  before << reader.rdbuf();
  EXPECT_EQ(before.str(), "one") << "who has it open keeps what it was";
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(AnOutputFile, KeepsItsMode) {
  const test::TemporaryFolder folder;
  put(folder / "a", "one");
  std::filesystem::permissions(folder / "a",
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  ASSERT_TRUE(write_whole(folder / "a", "two"));
  EXPECT_EQ(std::filesystem::status(folder / "a").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(AnOutputFile, IsFoundByFollowingLinksWhichStay) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "there");
  put(folder / "there/a", "one");
  std::filesystem::create_symlink("there/a", folder / "link");
  std::filesystem::create_symlink(folder / "link", folder / "link-to-link");
  std::filesystem::create_symlink("there/new", folder / "to-nothing");
  ASSERT_TRUE(write_whole(folder / "link-to-link", "two"));
  ASSERT_TRUE(write_whole(folder / "to-nothing", "three"));
  EXPECT_EQ(content_of(folder / "there/a"), "two");
  EXPECT_EQ(content_of(folder / "there/new"), "three");
  for (const char* link : {"link", "link-to-link", "to-nothing"})
    EXPECT_TRUE(std::filesystem::is_symlink(folder / link)) << link;
  EXPECT_EQ(files_in(folder / "there"), 2u);
}

TEST(AnOutputFifo, IsWrittenToAndStays) {
  const test::TemporaryFolder folder;
  const std::filesystem::path fifo = folder / "fifo", link = folder / "link";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  std::filesystem::create_symlink("fifo", link);
  for (const auto& name : {fifo, link}) {
    const int reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ASSERT_GE(reader, 0);
    EXPECT_TRUE(write_whole(name, "through the pipe"));
    char read[64] = {};
    EXPECT_EQ(::read(reader, read, sizeof read), 16);
    EXPECT_STREQ(read, "through the pipe");
    ::close(reader);
    EXPECT_TRUE(std::filesystem::is_fifo(fifo));
  }
  EXPECT_EQ(files_in(folder.path()), 2u);
}

TEST(AnOutputFifo, IsRefusedWhereNobodyReads) {
  const test::TemporaryFolder folder;
  const std::filesystem::path fifo = folder / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const auto written = write_whole(fifo, "x", "--save-scenario");
  ASSERT_FALSE(written);
  EXPECT_NE(to_string(written.error().front()).find("nobody reads from it"), std::string::npos);
  EXPECT_NE(to_string(written.error().front()).find("--save-scenario"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_fifo(fifo));
}

TEST(AnOutputDescriptor, IsWrittenWhereItIs) {
  const test::TemporaryFolder folder;
  const int opened = ::open((folder / "a").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(opened, 0);
  ASSERT_EQ(::write(opened, "before ", 7), 7);
  EXPECT_TRUE(write_whole("/proc/self/fd/" + std::to_string(opened), "after"));
  ::close(opened);
  EXPECT_EQ(content_of(folder / "a"), "before after") << "what else goes there is kept";
}

TEST(AnOutputFolder, IsRefused) {
  const test::TemporaryFolder folder;
  const auto written = write_whole(folder.path(), "x");
  ASSERT_FALSE(written);
  EXPECT_NE(to_string(written.error().front()).find("folder"), std::string::npos);
  EXPECT_EQ(files_in(folder.path()), 0u);
}

}  // namespace
}  // namespace portolan
