// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "model/fleet/scenario_reading.hpp"
#include "model/support/text.hpp"

namespace portolan::fleet {

using files::Kind;
using files::Node;

Members::Members(files::Reader& reader, const Node& node, std::string path,
                 std::initializer_list<std::string_view> known)
    : reader_(reader), node_(node), path_(std::move(path)), good_(reader.expect(node, Kind::object, path_)) {
  if (!good_) return;
  reader.no_duplicate_keys(node, path_);
  for (const files::Member& member : node.members) {
    if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
    std::vector<std::string> names(known.begin(), known.end());
    reader.report(FaultCode::unknown_name, member.key_mark, files::member_path(path_, member.key),
                  "is not a member here", "one of " + listed(names, 40),
                  did_you_mean(member.key, std::vector<std::string_view>(known)));
  }
}

const Node* Members::required(std::string_view key) const {
  if (!good_) return nullptr;
  // A slip was told when the members were looked at.
  const Node* node = node_.find(key);
  return node != nullptr || files::Reader::nearly(node_, key) != nullptr
             ? node
             : reader_.required(node_, key, path_);
}

std::string Members::text(std::string_view key, std::string otherwise) const {
  const Node* node = find(key);
  return node == nullptr ? otherwise : compat::read_string(reader_, *node, {path_, key}).value_or(otherwise);
}

Placed Members::placed(std::string_view key) const {
  const Node* node = find(key);
  if (node == nullptr) return {{}, {reader_.file(), node_.mark, path_}};
  return {text(key), {reader_.file(), node->text_mark(), path(key)}};
}

std::optional<std::uint64_t> Members::number(std::string_view key) const {
  const Node* node = find(key);
  return node == nullptr ? std::nullopt : compat::read_u64(reader_, *node, {path_, key});
}

bool Members::boolean(std::string_view key, bool otherwise) const {
  const Node* node = find(key);
  if (node == nullptr || !reader_.expect(*node, Kind::boolean, path_, key)) return otherwise;
  return node->boolean;
}

std::vector<Placed> Members::list(std::string_view key) const {
  const Node* node = find(key);
  if (node == nullptr) return {};
  if (node->kind == Kind::string) return {placed(key)};
  std::vector<Placed> result;
  if (!reader_.expect(*node, Kind::array, path_, key)) return result;
  for (std::size_t i = 0; i < node->items.size(); ++i)
    if (const auto one = compat::read_string(reader_, node->items[i], {path_, key, i}))
      result.push_back({*one, {reader_.file(), node->items[i].text_mark(), files::item_path(path(key), i)}});
  return result;
}

Fault fault_in(const Placed& placed, const rules::ParseFault& fault) {
  Place place = placed.place;
  // A text that is folded over several lines keeps the place where it begins.
  if (place.mark.column > 0 && placed.text.find('\n') == std::string::npos)
    place.mark.column += fault.column - 1;
  return {fault.code, std::move(place),
          fmt::format("in the expression, column {}: {}", fault.column, fault.finding), fault.expectation,
          fault.remedy};
}

}  // namespace portolan::fleet
