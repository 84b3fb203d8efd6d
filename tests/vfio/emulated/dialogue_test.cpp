// SPDX-License-Identifier: Apache-2.0
//
// What becomes of bytes that nobody should send to a device.

#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include "tests/vfio/inputs/one_input.hpp"

namespace {

using portolan::Bytes;

// Every sequence of messages is answered, and the device is in a state of its own afterwards: for a corpus,
// for the corpus damaged at random, and for mere chance.
TEST(Dialogue, AnswersTheCorpus) {
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(PORTOLAN_SOURCE_DIR "/tests/vfio/inputs/corpus")) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    SCOPED_TRACE(entry.path());
    portolan::test::one_input({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    ++files;
  }
  EXPECT_GE(files, 5u);
}

TEST(Dialogue, AnswersACorpusThatIsDamaged) {
  std::vector<Bytes> corpus;
  for (const auto& entry :
       std::filesystem::directory_iterator(PORTOLAN_SOURCE_DIR "/tests/vfio/inputs/corpus")) {
    std::ifstream in(entry.path(), std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  std::mt19937_64 chance(21);
  for (int round = 0; round < 3000; ++round) {
    Bytes bytes = corpus[chance() % corpus.size()];
    for (auto damages = chance() % 8; damages > 0; --damages)
      bytes[chance() % bytes.size()] = static_cast<std::uint8_t>(chance());
    if (chance() % 4 == 0) bytes.resize(chance() % bytes.size());
    if (const Bytes& more = corpus[chance() % corpus.size()]; chance() % 4 == 0)
      bytes.insert(bytes.end(), more.begin(), more.end());
    portolan::test::one_input(bytes);
  }
}

TEST(Dialogue, AnswersWhateverComes) {
  std::mt19937_64 chance(20);
  for (int round = 0; round < 3000; ++round) {
    Bytes bytes(chance() % 400);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(chance() % 3 == 0 ? chance() : chance() % 20);
    portolan::test::one_input(bytes);
  }
}

}  // namespace
