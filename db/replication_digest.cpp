// SPDX-License-Identifier: Apache-2.0
#include "db/replication_digest.hpp"

#include <array>
#include <charconv>

namespace portolan::db {

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
  std::string text = "events " + events_.hexadecimal() + "\nmigrations " + migrations_.hexadecimal() +
                     "\nended " + end.reason + " " + std::to_string(end.time_ns) + " goal ";
  text += end.goal_ns ? std::to_string(*end.goal_ns) : "-";
  return sha256(text + "\n");
}

}  // namespace portolan::db
