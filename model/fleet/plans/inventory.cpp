// SPDX-License-Identifier: Apache-2.0
#include "model/fleet/plans/inventory.hpp"

#include <fmt/format.h>

#include "model/files/kinds.hpp"
#include "model/fleet/scenario_reading.hpp"
#include "model/ports/device_name.hpp"
#include "model/support/name.hpp"
#include "model/support/text.hpp"

namespace portolan::fleet {

using files::Kind;
using files::Node;

namespace {

class InventoryReader {
 public:
  explicit InventoryReader(const files::Document& document)
      : document_(document), reader_(document.file, faults_) {
    folder_ = std::filesystem::path(document.file).parent_path();
  }

  Result<Inventory> read() {
    Inventory inventory;
    inventory.file = document_.file;
    inventory.folder = folder_.empty() ? "." : folder_;
    const Members top(reader_, document_.root, "", {"format", "description", "hosts", "vms"});
    if (!top.good()) return fail(std::move(faults_));
    reader_.expect_format(document_.root, files::inventory_format);
    inventory.description = top.text("description");
    each(top, "hosts", [&](const std::string& name, const Node& node, const std::string& path) {
      const Members one(reader_, node, path, {"directory", "drivers", "install"});
      named(name, node, path);
      HostEntry host;
      host.place = {document_.file, node.mark, path};
      if (one.required("directory") != nullptr) host.directory = from_folder(one.text("directory"));
      commands(one, "drivers", host.drivers);
      commands(one, "install", host.install);
      if (one.good()) one.required("drivers");
      inventory.hosts.emplace(name, std::move(host));
    });
    each(top, "vms", [&](const std::string& name, const Node& node, const std::string& path) {
      const Members one(reader_, node, path, {"device", "retire"});
      named(name, node, path);
      VmEntry vm;
      vm.place = {document_.file, node.mark, path};
      vm.device = one.text("device");
      if (const Node* device = one.find("device"); device != nullptr && device->kind == Kind::string) {
        auto parsed = ports::parse_device_name(vm.device);
        const auto* scheme = parsed ? ports::scheme_named(parsed->scheme) : nullptr;
        if (scheme == nullptr) {
          reader_.report(FaultCode::wrong_type, *device, one.path("device"), "got " + files::shown(*device),
                         ports::expected_device_name());
        } else {
          // Journals keep it, and are read in other folders.
          if (scheme->path) parsed->rest = std::filesystem::absolute(from_folder(parsed->rest)).string();
          vm.device = ports::to_string(*parsed);
        }
      }
      if (const Node* retire = one.find("retire");
          retire != nullptr && reader_.expect(*retire, Kind::array, path, "retire"))
        for (const Placed& word : one.list("retire")) vm.retire.push_back(word.text);
      inventory.vms.emplace(name, std::move(vm));
    });
    if (!faults_.empty()) {
      compat::sort_by_place(faults_);
      return fail(std::move(faults_));
    }
    inventory.content = canonical_json(document_.root);
    return inventory;
  }

 private:
  const files::Document& document_;
  Faults faults_;
  files::Reader reader_;
  std::filesystem::path folder_;

  std::filesystem::path from_folder(const std::filesystem::path& path) const {
    return path.is_absolute() || folder_.empty() ? path : folder_ / path;
  }

  /// They become parts of paths.
  void named(const std::string& name, const Node& node, const std::string& path) {
    if (std::string wrong = wrong_with_name(name); !wrong.empty())
      reader_.report(FaultCode::bad_name, node, path, std::move(wrong), std::string(name_grammar));
  }

  template <class F>
  void each(const Members& parent, std::string_view key, F&& f) {
    const Node* node = parent.find(key);
    if (node == nullptr || !reader_.expect(*node, Kind::object, parent.path(), key)) return;
    reader_.no_duplicate_keys(*node, parent.path(key));
    for (const files::Member& member : node->members)
      f(member.key, member.value, files::member_path(parent.path(key), member.key));
  }

  void commands(const Members& host, std::string_view key,
                std::map<std::string, std::vector<std::string>>& into) {
    each(host, key, [&](const std::string& driver, const Node& node, const std::string& path) {
      if (!reader_.expect(node, Kind::array, host.path(key), driver)) return;
      std::vector<std::string> words;
      for (std::size_t i = 0; i < node.items.size(); ++i)
        if (const auto word = compat::read_string(reader_, node.items[i], {host.path(key), driver, i}))
          words.push_back(*word);
      if (node.items.empty())
        reader_.report(FaultCode::missing, node, path, "is empty", "a program and its arguments");
      into.emplace(driver, std::move(words));
    });
  }
};

}  // namespace

Result<Inventory> read_inventory(const std::filesystem::path& file) {
  auto document = files::read_document(file);
  if (!document) return fail(std::move(document.error()));
  if (auto other = files::of_another_kind(*document, files::inventory_format)) return fail(std::move(*other));
  return InventoryReader(*document).read();
}

Faults missing_from(const Inventory& inventory, const LoadedScenario& scenario,
                    const std::vector<std::string>& hosts, const std::vector<std::string>& vms) {
  Faults faults;
  const auto missing = [&](std::string path, std::string finding, std::string expectation) {
    faults.push_back({FaultCode::missing,
                      {inventory.file, {}, std::move(path)},
                      std::move(finding),
                      std::move(expectation),
                      "add it to the inventory"});
  };
  for (const std::string& host : hosts)
    if (!inventory.hosts.contains(host))
      missing("hosts", "there is no host " + in_quotes(host), "every host to which the plan moves something");
  for (const std::string& vm : vms)
    if (!inventory.vms.contains(vm))
      missing("vms", "there is no VM " + in_quotes(vm), "every VM that the plan moves");
  // A name that the scenario does not have is a slip.
  const auto elements = [&](const char* sort) -> const std::vector<std::string>& {
    return scenario.module.sorts[static_cast<std::size_t>(scenario.module.sort(sort))].elements;
  };
  const auto unknown = [&](const std::string& name, const Place& place, const std::vector<std::string>& known,
                           const char* what) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      faults.push_back({FaultCode::unknown_name, place,
                        fmt::format("the scenario has no {} {}", what, in_quotes(name)),
                        "one of " + listed(known, 40),
                        did_you_mean(name, std::vector<std::string_view>(known.begin(), known.end()))});
  };
  for (const auto& [name, host] : inventory.hosts) unknown(name, host.place, elements("host"), "host");
  for (const auto& [name, vm] : inventory.vms) unknown(name, vm.place, elements("vm"), "VM");
  return faults;
}

}  // namespace portolan::fleet
