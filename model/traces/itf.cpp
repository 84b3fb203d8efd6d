// SPDX-License-Identifier: Apache-2.0
#include "model/traces/itf.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "model/fleet/scenario_reading.hpp"
#include "model/support/json.hpp"
#include "model/support/text.hpp"

namespace portolan::traces {

namespace {

using files::Kind;
using files::Node;
using rules::Cells;
using rules::Module;
using rules::Variable;

const std::vector<std::string>& elements_of(const Module& module, std::int16_t sort) {
  return module.sorts[static_cast<std::size_t>(sort)].elements;
}

Json value_json(const Module& module, const Variable& variable, std::int64_t value) {
  switch (variable.type.kind) {
    case rules::TypeKind::boolean: return value != 0;
    case rules::TypeKind::element: return rules::shown(module, variable, value);
    default: return Json{{"#bigint", std::to_string(value)}};
  }
}

Json variable_json(const Module& module, std::size_t v, const Cells& cells) {
  const Variable& variable = module.variables[v];
  const auto at = [&](std::int64_t i, std::int64_t j) {
    return value_json(module, variable, cells[module.cell(static_cast<int>(v), i, j)]);
  };
  if (variable.index_sorts[0] < 0) return at(0, 0);
  Json pairs = Json::array();
  const auto& first = elements_of(module, variable.index_sorts[0]);
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (variable.index_sorts[1] < 0) {
      pairs.push_back(Json::array({first[i], at(static_cast<std::int64_t>(i), 0)}));
      continue;
    }
    const auto& second = elements_of(module, variable.index_sorts[1]);
    for (std::size_t j = 0; j < second.size(); ++j)
      pairs.push_back(Json::array({Json{{"#tup", Json::array({first[i], second[j]})}},
                                   at(static_cast<std::int64_t>(i), static_cast<std::int64_t>(j))}));
  }
  return Json{{"#map", std::move(pairs)}};
}

Json state_json(const Module& module, const Cells& cells, Json meta) {
  Json state{{"#meta", std::move(meta)}};
  for (std::size_t v = 0; v < module.variables.size(); ++v)
    if (!module.variables[v].fixed) state[module.variables[v].name] = variable_json(module, v, cells);
  return state;
}

}  // namespace

std::string write_itf(const Module& module, const rules::Trace& trace,
                      const std::vector<rules::Trace::Step>* loop, const TraceAbout& about) {
  Json meta{{"format", "ITF"},
            {"format-description", "https://apalache.informal.systems/docs/adr/015adr-trace.html"},
            {"source", about.scenario},
            {"property", about.property},
            {"verb", about.verb},
            {"status", about.verdict}};
  if (about.undefined) meta["undefined"] = true;
  if (!about.content.empty()) meta["scenario"] = Json::parse(about.content);
  Json vars = Json::array(), states = Json::array();
  for (const Variable& variable : module.variables)
    if (!variable.fixed) vars.push_back(variable.name);
  states.push_back(state_json(module, trace.start, {{"index", 0}}));
  const auto append = [&](const rules::Trace::Step& step) {
    const rules::Action& action = module.actions[step.event.action];
    Json arguments = Json::array();
    for (std::size_t p = 0; p < action.parameters.size(); ++p)
      arguments.push_back(
          elements_of(module, action.parameters[p].sort)[static_cast<std::size_t>(step.event.arguments[p])]);
    states.push_back(state_json(module, step.after,
                                {{"index", states.size()},
                                 {"action", action.name},
                                 {"arguments", std::move(arguments)},
                                 {"fault", action.fault}}));
  };
  for (const rules::Trace::Step& step : trace.steps) append(step);
  const std::size_t repeated = states.size();
  if (loop != nullptr)
    for (const rules::Trace::Step& step : *loop) append(step);
  Json file{{"#meta", std::move(meta)}, {"vars", std::move(vars)}, {"states", std::move(states)}};
  if (loop != nullptr) file["loop"] = loop->empty() ? repeated - 1 : repeated;
  return pretty(file);
}

namespace {

class ItfReader {
 public:
  ItfReader(const files::Document& document, Faults& faults)
      : document_(document), reader_(document.file, faults) {}

  TraceAbout meta() {
    TraceAbout about;
    const Node& root = document_.root;
    if (!reader_.expect(root, Kind::object, "") || !reader_.no_duplicate_keys(root, "")) return about;
    const Node* meta = root.find("#meta");
    if (meta == nullptr || !reader_.expect(*meta, Kind::object, "#meta")) return about;
    const auto text = [&](std::string_view key, std::string& into) {
      if (const Node* node = meta->find(key);
          node != nullptr && reader_.expect(*node, Kind::string, "#meta", key))
        into = node->text;
    };
    text("source", about.scenario);
    text("property", about.property);
    text("verb", about.verb);
    text("status", about.verdict);
    if (const Node* node = meta->find("undefined");
        node != nullptr && reader_.expect(*node, Kind::boolean, "#meta", "undefined"))
      about.undefined = node->boolean;
    if (const Node* node = meta->find("scenario");
        node != nullptr && reader_.expect(*node, Kind::object, "#meta", "scenario"))
      about.content = fleet::canonical_json(*node);
    return about;
  }

  void states(const Module& module, std::vector<TraceFile::State>& into) {
    const Node& root = document_.root;
    if (root.kind != Kind::object) return;
    vars(module);
    const Node* all = reader_.required(root, "states", "");
    if (all == nullptr || !reader_.expect(*all, Kind::array, "states")) return;
    if (all->items.empty())
      reader_.report(FaultCode::missing, *all, "states", "there is no state", "at least one");
    for (std::size_t i = 0; i < all->items.size(); ++i)
      into.push_back(state(module, all->items[i], files::item_path("states", i)));
  }

  std::optional<std::size_t> loop(std::size_t states) {
    const Node* node = document_.root.kind == Kind::object ? document_.root.find("loop") : nullptr;
    if (node == nullptr || !reader_.expect(*node, Kind::number, "loop")) return std::nullopt;
    std::size_t at = 0;
    const char* end = node->text.data() + node->text.size();
    const auto read = std::from_chars(node->text.data(), end, at);
    if (read.ec == std::errc{} && read.ptr == end && at < states) return at;
    reader_.report(FaultCode::out_of_range, *node, "loop", "got " + files::shown(*node),
                   "the position of a state, counted from 0", "name the state that follows the last one");
    return std::nullopt;
  }

 private:
  const files::Document& document_;
  files::Reader reader_;

  void vars(const Module& module) {
    const Node* all = reader_.required(document_.root, "vars", "");
    if (all == nullptr || !reader_.expect(*all, Kind::array, "vars")) return;
    for (std::size_t i = 0; i < all->items.size(); ++i) {
      const std::string path = files::item_path("vars", i);
      if (!reader_.expect(all->items[i], Kind::string, path)) continue;
      const int v = module.variable(all->items[i].text);
      if (v < 0 || module.variables[static_cast<std::size_t>(v)].fixed)
        reader_.report(FaultCode::unknown_name, all->items[i], path, "got " + files::shown(all->items[i]),
                       "a variable of the scenario that can change",
                       "give the scenario that the trace is of");
    }
  }

  TraceFile::State state(const Module& module, const Node& node, const std::string& path) {
    TraceFile::State made{module.initial, {}, {}, reader_.place(node, path)};
    if (!reader_.expect(node, Kind::object, path) || !reader_.no_duplicate_keys(node, path)) return made;
    for (const files::Member& member : node.members)
      if (member.key != "#meta" && module.variable(member.key) < 0)
        reader_.report(FaultCode::unknown_name, member.key_mark, files::member_path(path, member.key),
                       "is no variable of the scenario", "a variable of the scenario that can change");
    for (std::size_t v = 0; v < module.variables.size(); ++v) {
      const Variable& variable = module.variables[v];
      if (variable.fixed) continue;
      // Variables may well have nearly the same names: a missing one is no slip of another.
      if (const Node* value = node.find(variable.name))
        cells(module, v, *value, files::member_path(path, variable.name), made.cells);
      else
        reader_.report(FaultCode::missing, node, path, fmt::format("{} is missing", in_quotes(variable.name)),
                       {}, fmt::format("add {}", in_quotes(variable.name)));
    }
    if (const Node* meta = node.find("#meta"); meta != nullptr && meta->kind == Kind::object)
      event(*meta, files::member_path(path, "#meta"), made);
    return made;
  }

  void event(const Node& meta, const std::string& path, TraceFile::State& into) {
    const Node* action = meta.find("action");
    if (action == nullptr || !reader_.expect(*action, Kind::string, path, "action")) return;
    into.action = action->text;
    const Node* arguments = meta.find("arguments");
    if (arguments == nullptr || !reader_.expect(*arguments, Kind::array, path, "arguments")) return;
    for (std::size_t i = 0; i < arguments->items.size(); ++i)
      if (reader_.expect(arguments->items[i], Kind::string,
                         files::item_path(files::member_path(path, "arguments"), i)))
        into.arguments.push_back(arguments->items[i].text);
  }

  void cells(const Module& module, std::size_t v, const Node& node, const std::string& path, Cells& into) {
    const Variable& variable = module.variables[v];
    if (variable.index_sorts[0] < 0)
      return value(module, variable, node, path, into[module.cell(static_cast<int>(v))]);
    const Node* pairs = node.kind == Kind::object ? node.find("#map") : nullptr;
    if (pairs == nullptr || pairs->kind != Kind::array)
      return reader_.report(FaultCode::wrong_type, node, path, "got " + files::shown(node),
                            "{\"#map\": [[element, value], …]}");
    const bool two = variable.index_sorts[1] >= 0;
    std::vector<bool> given(static_cast<std::size_t>(module.widths[v]), false);
    for (std::size_t p = 0; p < pairs->items.size(); ++p) {
      const Node& pair = pairs->items[p];
      const std::string at = files::item_path(files::member_path(path, "#map"), p);
      if (pair.kind != Kind::array || pair.items.size() != 2) {
        reader_.report(FaultCode::wrong_type, pair, at, "got " + files::shown(pair), "[element, value]");
        continue;
      }
      std::int64_t index[2] = {0, 0};
      const Node* tuple = two && pair.items[0].kind == Kind::object ? pair.items[0].find("#tup") : nullptr;
      if (two && (tuple == nullptr || tuple->kind != Kind::array || tuple->items.size() != 2)) {
        reader_.report(FaultCode::wrong_type, pair.items[0], at, "got " + files::shown(pair.items[0]),
                       "{\"#tup\": [element, element]}");
        continue;
      }
      bool good =
          element(module, variable.index_sorts[0], two ? tuple->items[0] : pair.items[0], at, index[0]);
      if (two) good = element(module, variable.index_sorts[1], tuple->items[1], at, index[1]) && good;
      if (!good) continue;
      const std::size_t cell = module.cell(static_cast<int>(v), index[0], index[1]);
      const std::size_t in_variable = cell - static_cast<std::size_t>(module.offsets[v]);
      if (given[in_variable])
        reader_.report(FaultCode::duplicate, pair, at,
                       rules::cell_name(module, v, in_variable) + " is given twice", "once");
      given[in_variable] = true;
      value(module, variable, pair.items[1], at, into[cell]);
    }
    for (std::size_t i = 0; i < given.size(); ++i)
      if (!given[i])
        reader_.report(FaultCode::missing, node, path, rules::cell_name(module, v, i) + " is missing",
                       "a value for every element");
  }

  bool element(const Module& module, std::int16_t sort, const Node& node, const std::string& path,
               std::int64_t& into) {
    const auto& elements = elements_of(module, sort);
    const auto found =
        node.kind == Kind::string ? std::find(elements.begin(), elements.end(), node.text) : elements.end();
    if (found == elements.end()) {
      reader_.report(FaultCode::unknown_name, node, path, "got " + files::shown(node),
                     "an element of " + module.sorts[static_cast<std::size_t>(sort)].name);
      return false;
    }
    into = found - elements.begin();
    return true;
  }

  void value(const Module& module, const Variable& variable, const Node& node, const std::string& path,
             std::int64_t& into) {
    switch (variable.type.kind) {
      case rules::TypeKind::boolean:
        if (reader_.expect(node, Kind::boolean, path)) into = node.boolean;
        return;
      case rules::TypeKind::element:
        if (variable.type.optional && node.kind == Kind::string && node.text == "none")
          into = -1;
        else
          element(module, variable.type.sort, node, path, into);
        return;
      default: break;
    }
    const Node* big = node.kind == Kind::object ? node.find("#bigint") : nullptr;
    const Node& digits = big == nullptr ? node : *big;
    std::int64_t number = 0;
    const char* end = digits.text.data() + digits.text.size();
    const auto read = std::from_chars(digits.text.data(), end, number);
    const bool whole = (digits.kind == Kind::string) == (big != nullptr) &&
                       (digits.kind == Kind::string || digits.kind == Kind::number) &&
                       read.ec == std::errc{} && read.ptr == end;
    if (!whole || number < variable.low || number > variable.high)
      return reader_.report(whole ? FaultCode::out_of_range : FaultCode::wrong_type, node, path,
                            "got " + (big == nullptr ? files::shown(node) : in_quotes(digits.text)),
                            fmt::format("{{\"#bigint\": \"…\"}} from {} to {}", variable.low, variable.high));
    into = number;
  }
};

}  // namespace

Result<TraceAbout> read_itf_meta(const files::Document& document) {
  Faults faults;
  TraceAbout about = ItfReader(document, faults).meta();
  if (!faults.empty()) return fail(std::move(faults));
  return about;
}

Result<TraceFile> read_itf(const files::Document& document, const Module& module) {
  Faults faults;
  TraceFile made;
  ItfReader reader(document, faults);
  made.about = reader.meta();
  reader.states(module, made.states);
  made.loop = reader.loop(made.states.size());
  if (!faults.empty()) return fail(std::move(faults));
  return made;
}

}  // namespace portolan::traces
