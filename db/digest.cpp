// SPDX-License-Identifier: Apache-2.0
#include "db/digest.hpp"

#include <array>
#include <charconv>
#include <new>

#include <sodium.h>

namespace portolan::db {

namespace {

std::string hexadecimal_of(const std::array<unsigned char, crypto_hash_sha256_BYTES>& bytes) {
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hexadecimal{};
  sodium_bin2hex(hexadecimal.data(), hexadecimal.size(), bytes.data(), bytes.size());
  return hexadecimal.data();
}

}  // namespace

std::string sha256(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> bytes{};
  crypto_hash_sha256(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return hexadecimal_of(bytes);
}

static_assert(sizeof(crypto_hash_sha256_state) <= 104 && alignof(crypto_hash_sha256_state) <= 8);

Sha256::Sha256() { crypto_hash_sha256_init(new (state_.data()) crypto_hash_sha256_state); }

void Sha256::add(std::string_view text) {
  crypto_hash_sha256_update(std::launder(reinterpret_cast<crypto_hash_sha256_state*>(state_.data())),
                            reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

std::string Sha256::finish() {
  std::array<unsigned char, crypto_hash_sha256_BYTES> bytes{};
  crypto_hash_sha256_final(std::launder(reinterpret_cast<crypto_hash_sha256_state*>(state_.data())),
                           bytes.data());
  return hexadecimal_of(bytes);
}

void ReplicationDigest::number(std::int64_t value) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  line_.append(digits.data(), end);
  line_ += ' ';
}

void ReplicationDigest::name(ports::Name name, std::span<const std::string> names) {
  if (name == ports::no_name) {
    line_ += "- ";
    return;
  }
  const std::string& text = names[static_cast<std::size_t>(name)];
  number(static_cast<std::int64_t>(text.size()));
  line_.back() = ':';
  line_ += text;
  line_ += ' ';
}

void ReplicationDigest::add(const ports::EventRow& row, std::span<const std::string> names) {
  line_.clear();
  number(row.time_ns);
  name(row.action, names);
  for (const ports::Name argument : row.arguments)
    if (argument != ports::no_name) name(argument, names);
  line_.back() = '\n';
  events_.add(line_);
}

void ReplicationDigest::add(const ports::MigrationRow& row, std::span<const std::string> names) {
  line_.clear();
  for (const ports::Name one : {row.vm, row.source, row.destination, row.setting}) name(one, names);
  for (const std::int64_t value :
       {row.first_event, row.last_event, row.begin_ns, row.end_ns, row.downtime_ns})
    number(value);
  line_ += ports::name_of(row.outcome);
  for (const ports::RoundRow& round : row.rounds) {
    line_ += round.stopped ? " stopped " : " round ";
    number(static_cast<std::int64_t>(round.bytes));
    number(static_cast<std::int64_t>(round.duration_ns));
    line_.pop_back();
  }
  line_ += '\n';
  migrations_.add(line_);
}

std::string ReplicationDigest::finish(const ports::ReplicationEnd& end) {
  std::string text = "events " + events_.finish() + "\nmigrations " + migrations_.finish() + "\nended " +
                     end.reason + " " + std::to_string(end.time_ns) + " goal ";
  text += end.goal_ns ? std::to_string(*end.goal_ns) : "-";
  return sha256(text + "\n");
}

}  // namespace portolan::db
