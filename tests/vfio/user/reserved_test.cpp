// SPDX-License-Identifier: Apache-2.0
//
// Fields that mean nothing have to be empty, at both ends: what is in them is not understood.

#include <array>
#include <cerrno>
#include <thread>

#include <gmock/gmock.h>

#include "tests/support/temporary.hpp"
#include "vfio/emulated/server.hpp"
#include "vfio/user/client.hpp"

namespace portolan::vfio::user {
namespace {

/// What a server says to a question after the device's state.
struct Said {
  std::uint32_t header_flags = header_reply, error = 0;
  std::uint32_t feature_flags = feature_get | feature_migration_state;
  std::uint32_t unused = 0;
};

/// The client's answer to it.
Answer<machines::DeviceState> heard(const Said& said) {
  const test::TemporaryFolder folder;
  auto listener = Listener::at(folder / "a.sock");
  std::jthread server([&] {
    auto client = listener->accept(-1);
    for (const bool greeting : {true, false}) {
      std::array<std::uint8_t, sizeof(Header)> raw{};
      if (!client->receive(raw, Deadline::max())) return;
      const Header asked = *decode<Header>(raw);
      Bytes body(asked.size - sizeof(Header));
      if (!client->receive(body, Deadline::max())) return;
      body = greeting ? encode_version({0, 0}, {}) : Bytes{};
      if (!greeting) {
        append(body, Feature{.argsz = 16, .flags = said.feature_flags});
        append(body, MigrationState{.state = 2, .unused = said.unused});
      }
      const Header answer{.id = asked.id,
                          .command = asked.command,
                          .size = static_cast<std::uint32_t>(sizeof(Header) + body.size()),
                          .flags = greeting ? header_reply : said.header_flags,
                          .error = greeting ? 0 : said.error};
      if (!client->send(bytes_of(answer), body, {}, Deadline::max())) return;
    }
  });
  auto client = Client::connect(folder / "a.sock", "test", {});
  if (!client) return failed(client.error());
  return client->state();
}

TEST(ReservedFields, OfRepliesAreLookedAt) {
  for (const std::uint32_t nothing : {0u, ~0u})
    EXPECT_EQ(heard({.unused = nothing}).value(), machines::DeviceState::running);
  const std::pair<Said, const char*> wrong[] = {
      {{.header_flags = header_reply | 0x40}, "flags 0x41, expected reserved bits that are 0"},
      {{.error = EIO}, "errno 5 without an error"},
      {{.feature_flags = feature_get | feature_migration_state | 1u << 20}, "reserved bits that are 0"},
      {{.unused = 7}, "7 behind the device state"}};
  for (const auto& [said, why] : wrong) {
    const auto answer = heard(said);
    ASSERT_FALSE(answer) << why;
    EXPECT_EQ(answer.error().trouble, Trouble::broken);
    EXPECT_THAT(to_string(answer.error()), testing::HasSubstr(why));
  }
}

TEST(ReservedFields, OfRequestsAreLookedAt) {
  emulated::DeviceSettings settings;
  settings.model = "example.org/device";
  settings.now_ns = [] { return std::uint64_t{0}; };
  settings.log = [](const std::string&) {};
  emulated::Device device(settings);
  emulated::Dialogue dialogue(device, transfer_bytes_default);
  dialogue.begin();
  ASSERT_EQ(dialogue.answer(static_cast<std::uint16_t>(Command::version), encode_version({0, 0}, {})), 0);
  const auto set = [&](std::uint32_t flags, std::uint32_t unused) {
    Bytes body;
    append(body, Feature{.argsz = 16, .flags = feature_set | feature_migration_state | flags});
    append(body, MigrationState{.state = static_cast<std::uint32_t>(machines::DeviceState::stop),
                                .unused = unused});
    return dialogue.answer(static_cast<std::uint16_t>(Command::device_feature), body);
  };
  EXPECT_EQ(set(0, 7), EINVAL);
  EXPECT_EQ(set(1u << 20, 0), EINVAL);
  EXPECT_EQ(device.state(), machines::DeviceState::running);
  EXPECT_EQ(set(0, ~0u), 0) << "as the kernel's data_fd of a client that has none";
  EXPECT_EQ(device.state(), machines::DeviceState::stop);
}

}  // namespace
}  // namespace portolan::vfio::user
