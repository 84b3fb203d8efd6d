// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <deque>

#include <fmt/format.h>

#include "model/fleet/scenario_reading.hpp"
#include "model/machines/run_time.hpp"
#include "model/rules/compile.hpp"

namespace portolan::fleet {

using files::Kind;
using files::Node;

namespace {

/// Keeps every text that the module's machines borrow.
struct Storage {
  struct OwnMachine {
    std::vector<std::string_view> states, events;
    std::vector<rules::MachineVariable> variables;
    std::vector<rules::RowText> rows;
    rules::MachineText text;
    rules::CompiledRows compiled;
    rules::Machine machine;
  };
  std::deque<std::string> texts;
  std::deque<OwnMachine> machines;
  std::string_view keep(std::string text) { return texts.emplace_back(std::move(text)); }
};

class ModelReader {
 public:
  ModelReader(files::Reader& reader, const Node& node) : reader_(reader), node_(node) {}

  rules::Module read(std::shared_ptr<const void>& storage) {
    storage = storage_;
    const Members model(reader_, node_, "model", {"sorts", "variables", "machines", "actions"});
    if (!model.good()) return {};
    if (const Node* all = model.find("sorts")) sorts(*all);
    if (const Node* all = model.find("variables")) variables(*all);
    if (const Node* all = model.find("machines")) machines(*all);
    if (const Node* all = model.required("actions");
        all != nullptr && reader_.expect(*all, Kind::array, "model.actions"))
      for (std::size_t i = 0; i < all->items.size(); ++i)
        action(all->items[i], files::item_path("model.actions", i));
    if (!reader_.faults().empty()) return {};
    const rules::ModuleText text{"model", sort_texts_, variable_texts_, machine_texts_, action_texts_, {}};
    rules::CompiledModule compiled = rules::compile(text);
    for (const rules::ModuleFault& fault : compiled.faults) report(fault);
    if (compiled.faults.empty())
      for (std::size_t v = 0; v < variable_nodes_.size(); ++v) initial_by_element(compiled.module, v);
    return std::move(compiled.module);
  }

 private:
  files::Reader& reader_;
  const Node& node_;
  std::shared_ptr<Storage> storage_ = std::make_shared<Storage>();
  std::deque<std::vector<std::string_view>> elements_;
  std::vector<rules::SortText> sort_texts_;
  std::vector<rules::ModuleVariableText> variable_texts_;
  std::vector<rules::MachineUseText> machine_texts_;
  std::vector<rules::ActionText> action_texts_;
  struct Origin {
    const Node* node;
    std::string path;
  };
  std::vector<Origin> sort_nodes_, variable_nodes_, machine_nodes_, action_nodes_;

  /// A scalar as the text that the rule language reads: `true`, `4`, `"gold"` without quotes.
  std::string_view scalar(const Node& node, const std::string& path) {
    switch (node.kind) {
      case Kind::boolean: return node.boolean ? "true" : "false";
      case Kind::number:
      case Kind::string: return storage_->keep(node.text);
      default:
        reader_.report(FaultCode::wrong_type, node, path, "got " + files::shown(node),
                       "a value or an expression");
        return {};
    }
  }
  std::string_view scalar(const Members& one, std::string_view key) {
    const Node* node = one.find(key);
    return node == nullptr ? std::string_view{} : scalar(*node, one.path(key));
  }

  void report(const rules::ModuleFault& fault) {
    const auto& origins = fault.section == "sorts"       ? sort_nodes_
                          : fault.section == "variables" ? variable_nodes_
                          : fault.section == "machines"  ? machine_nodes_
                                                         : action_nodes_;
    const Origin& origin = origins[fault.item];
    const Node* member = origin.node->kind == Kind::object ? origin.node->find(fault.member) : nullptr;
    if (member == nullptr)
      return reader_.faults().push_back({fault.fault.code, reader_.place(*origin.node, origin.path),
                                         fault.fault.finding, fault.fault.expectation, fault.fault.remedy});
    reader_.faults().push_back(fault_in(
        {member->text, {reader_.file(), member->text_mark(), files::member_path(origin.path, fault.member)}},
        fault.fault));
  }

  void sorts(const Node& all) {
    if (!reader_.expect(all, Kind::object, "model.sorts") || !reader_.no_duplicate_keys(all, "model.sorts"))
      return;
    for (const files::Member& member : all.members) {
      const std::string path = files::member_path("model.sorts", member.key);
      auto& elements = elements_.emplace_back();
      if (member.value.kind == Kind::number) {
        const auto size = compat::read_u64(reader_, member.value, {"model.sorts", member.key});
        if (size && (*size == 0 || *size > 4096))
          reader_.report(FaultCode::out_of_range, member.value, path, fmt::format("got {}", *size),
                         "1 to 4096 elements");
        else if (size)
          for (std::uint64_t i = 1; i <= *size; ++i)
            elements.push_back(storage_->keep(member.key + std::to_string(i)));
      } else if (reader_.expect(member.value, Kind::array, path)) {
        for (std::size_t i = 0; i < member.value.items.size(); ++i)
          elements.push_back(scalar(member.value.items[i], files::item_path(path, i)));
        if (elements.empty())
          reader_.report(FaultCode::missing, member.value, path, "the sort is empty", "at least one element");
      }
      sort_texts_.push_back({storage_->keep(member.key), elements});
      sort_nodes_.push_back({&member.value, path});
    }
  }

  void variables(const Node& all) {
    if (!reader_.expect(all, Kind::object, "model.variables") ||
        !reader_.no_duplicate_keys(all, "model.variables"))
      return;
    for (const files::Member& member : all.members) {
      const std::string path = files::member_path("model.variables", member.key);
      const Members one(reader_, member.value, path, {"index", "domain", "initial", "fixed", "meaning"});
      if (!one.good()) continue;
      one.required("domain");
      const Node* initial = one.find("initial");
      const std::string_view start =
          initial != nullptr && initial->kind != Kind::object ? scalar(one, "initial") : std::string_view{};
      variable_texts_.push_back({storage_->keep(member.key), scalar(one, "index"), scalar(one, "domain"),
                                 start, one.boolean("fixed", false) ? rules::Role::fixed : rules::Role::state,
                                 scalar(one, "meaning")});
      variable_nodes_.push_back({&member.value, path});
    }
  }

  /// `initial: {h1: 2, h2: 0}`, nested once more for two indices; elements that are not named keep the first
  /// value.
  void initial_by_element(rules::Module& module, std::size_t v) {
    const Node* initial = variable_nodes_[v].node->find("initial");
    if (initial == nullptr || initial->kind != Kind::object) return;
    const std::string path = files::member_path(variable_nodes_[v].path, "initial");
    const rules::Variable& variable = module.variables[v];
    const auto each = [&](const Node& object, const std::string& at, int index, const auto& then) {
      if (!reader_.expect(object, Kind::object, at) || !reader_.no_duplicate_keys(object, at)) return;
      const std::int16_t sort = variable.index_sorts[index];
      if (sort < 0)
        return reader_.report(FaultCode::wrong_type, object, at,
                              "the variable has no index to give values for", "one value");
      const auto& elements = module.sorts[static_cast<std::size_t>(sort)].elements;
      for (const files::Member& member : object.members) {
        const auto found = std::find(elements.begin(), elements.end(), member.key);
        if (found == elements.end())
          reader_.report(FaultCode::unknown_name, member.key_mark, files::member_path(at, member.key),
                         "is no element of " + module.sorts[static_cast<std::size_t>(sort)].name,
                         "one of them");
        else
          then(member.value, files::member_path(at, member.key), found - elements.begin());
      }
    };
    const auto set = [&](const Node& node, const std::string& at, std::int64_t i, std::int64_t j) {
      const std::string_view text = scalar(node, at);
      for (std::int64_t value = variable.low; value <= variable.high; ++value) {
        if (rules::shown(module, variable, value) != text) continue;
        module.initial[module.cell(static_cast<int>(v), i, j)] = value;
        return;
      }
      reader_.report(FaultCode::out_of_range, node, at, "got " + files::shown(node),
                     "a value of the domain " + std::string(variable_texts_[v].domain));
    };
    each(*initial, path, 0, [&](const Node& node, const std::string& at, std::int64_t i) {
      if (variable.index_sorts[1] < 0)
        set(node, at, i, 0);
      else
        each(node, at, 1, [&](const Node& inner, const std::string& inner_at, std::int64_t j) {
          set(inner, inner_at, i, j);
        });
    });
  }

  void machines(const Node& all) {
    if (!reader_.expect(all, Kind::object, "model.machines") ||
        !reader_.no_duplicate_keys(all, "model.machines"))
      return;
    for (const files::Member& member : all.members) {
      const std::string path = files::member_path("model.machines", member.key);
      const Members one(reader_, member.value, path,
                        {"machine", "index", "states", "initial", "variables", "rows"});
      if (!one.good()) continue;
      const rules::Machine* machine = nullptr;
      if (const Node* name = one.find("machine")) {
        machine = machines::built_in_machine(one.text("machine"));
        if (machine == nullptr)
          reader_.report(FaultCode::unknown_name, *name, one.path("machine"), "got " + files::shown(*name),
                         "device, instance or session; or states and rows of your own");
      } else
        machine = own_machine(one, member.key, path);
      machine_texts_.push_back({storage_->keep(member.key), scalar(one, "index"), machine});
      machine_nodes_.push_back({&member.value, path});
    }
  }

  const rules::Machine* own_machine(const Members& one, const std::string& name, const std::string& path) {
    Storage::OwnMachine& own = storage_->machines.emplace_back();
    for (const Placed& state : one.required("states") == nullptr ? std::vector<Placed>{} : one.list("states"))
      own.states.push_back(storage_->keep(state.text));
    if (const Node* variables = one.find("variables");
        variables != nullptr && reader_.expect(*variables, Kind::object, path, "variables")) {
      for (const files::Member& member : variables->members) {
        const Members v(reader_, member.value, files::member_path(one.path("variables"), member.key),
                        {"role", "low", "high"});
        if (!v.good()) continue;
        const std::string role = v.text("role", "state");
        if (role != "state" && role != "fixed" && role != "input")
          reader_.report(FaultCode::unknown_name, *v.find("role"), v.path("role"), "got \"" + role + "\"",
                         "state, fixed or input");
        const std::uint64_t low = v.number("low").value_or(0), high = v.number("high").value_or(1);
        if (low > high || high > 1'000'000)
          reader_.report(FaultCode::out_of_range, member.value, v.path(),
                         fmt::format("got {}..{}", low, high), "low <= high <= 1000000");
        own.variables.push_back({storage_->keep(member.key),
                                 role == "fixed"   ? rules::Role::fixed
                                 : role == "input" ? rules::Role::input
                                                   : rules::Role::state,
                                 static_cast<std::int64_t>(low), static_cast<std::int64_t>(high)});
      }
    }
    std::vector<Origin> rows;
    if (const Node* all = one.required("rows");
        all != nullptr && reader_.expect(*all, Kind::array, path, "rows")) {
      for (std::size_t i = 0; i < all->items.size(); ++i) {
        const Members row(reader_, all->items[i], files::item_path(one.path("rows"), i),
                          {"from", "event", "to", "guard", "update", "source"});
        if (!row.good()) continue;
        for (const char* key : {"from", "event", "to", "source"}) row.required(key);
        own.rows.push_back({scalar(row, "from"), scalar(row, "event"), scalar(row, "to"),
                            scalar(row, "guard"), scalar(row, "update"), scalar(row, "source")});
        if (rules::index_of(own.events, own.rows.back().event) < 0)
          own.events.push_back(own.rows.back().event);
        rows.push_back({&all->items[i], row.path()});
      }
    }
    if (own.states.size() > 255 || own.events.size() > 255)
      reader_.report(FaultCode::limit, *one.find("states"), path, "too many states or events",
                     "at most 255 of each");
    if (!reader_.faults().empty()) return nullptr;
    const std::string_view initial = one.find("initial") != nullptr ? scalar(one, "initial")
                                     : own.states.empty()           ? std::string_view{}
                                                                    : own.states.front();
    own.text = {storage_->keep(name), own.states, own.events, own.variables, own.rows, initial};
    own.compiled = rules::compile(own.text);
    for (const rules::TableFault& fault : own.compiled.faults) {
      const Node* member =
          fault.row >= 0 ? rows[static_cast<std::size_t>(fault.row)].node->find(fault.column) : nullptr;
      const std::string at = fault.row >= 0 ? rows[static_cast<std::size_t>(fault.row)].path : path;
      if (member != nullptr)
        reader_.faults().push_back(fault_in(
            {member->text, {reader_.file(), member->text_mark(), files::member_path(at, fault.column)}},
            fault.fault));
      else
        reader_.faults().push_back(
            {fault.fault.code,
             {reader_.file(),
              fault.row >= 0 ? rows[static_cast<std::size_t>(fault.row)].node->mark : node_.mark, at},
             fault.fault.finding,
             fault.fault.expectation,
             fault.fault.remedy});
    }
    own.machine = {&own.text, own.compiled.rows, own.compiled.initial};
    return own.compiled.faults.empty() ? &own.machine : nullptr;
  }

  void action(const Node& node, const std::string& path) {
    const Members one(reader_, node, path,
                      {"name", "parameters", "guard", "steps", "update", "source", "meaning", "fault"});
    if (!one.good()) return;
    one.required("name");
    action_texts_.push_back({scalar(one, "name"), scalar(one, "parameters"), scalar(one, "guard"),
                             scalar(one, "steps"), scalar(one, "update"), scalar(one, "source"),
                             scalar(one, "meaning"),
                             one.boolean("fault", false) ? rules::Actor::fault : rules::Actor::decision});
    action_nodes_.push_back({&node, path});
  }
};

}  // namespace

rules::Module read_model_section(files::Reader& reader, const Node& node,
                                 std::shared_ptr<const void>& storage) {
  return ModelReader(reader, node).read(storage);
}

}  // namespace portolan::fleet
