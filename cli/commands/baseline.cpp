// SPDX-License-Identifier: Apache-2.0
//
// `baseline`: what all hosts of a set have in common, model by model: the greatest configuration space within
// which an instance moves between any two of them unchanged, what each host gives up for it, or the fewest
// hosts that stand against it (rules.md §properties, §5.18).

#include <set>

#include "cli/frame/command.hpp"
#include "cli/frame/json.hpp"
#include "cli/report/value_sets.hpp"
#include "model/compat/loading.hpp"
#include "model/support/text.hpp"
#include "solver/properties/common_configurations.hpp"

namespace portolan::cli {

namespace {

using solver::properties::Common;
using solver::properties::Host;

struct BaselineOptions {
  std::vector<std::string> files;
  std::string engine = "auto";
};

struct Loss {
  std::string host, parameter;
  compat::ValueSet values;
};

/// Values that a host accepts and the common space does not hold, for the type that was chosen.
std::vector<Loss> losses(const std::vector<Host>& hosts, const Common& common) {
  std::vector<Loss> lost;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const compat::End end = hosts[i].types[common.chosen[i]];
    for (const auto& [name, parameter] : end.model->parameters) {
      const auto kept = common.values.find(name);
      compat::ValueSet rest = parameter.accepted_values();
      if (kept != common.values.end())
        rest = rest.minus(kept->second);
      else if (parameter.off) {
        compat::ValueSet off(parameter.type);
        off.add(*parameter.off);
        rest = rest.minus(off);
      }
      if (!rest.empty()) lost.push_back({hosts[i].label, name, std::move(rest)});
    }
  }
  return lost;
}

struct Answered {
  std::string model;
  std::vector<Host> hosts;
  Common common;
};

std::string_view word(Common::Outcome outcome) {
  return outcome == Common::Outcome::some   ? "common"
         : outcome == Common::Outcome::none ? "none"
                                            : "undetermined";
}

std::vector<std::string> labels(const std::vector<Host>& hosts, const std::vector<std::size_t>& chosen) {
  std::vector<std::string> names;
  for (const std::size_t i : chosen) names.push_back(hosts[i].label);
  return names;
}

Json model_json(const Answered& one) {
  Json json = {{"model", one.model}, {"verdict", word(one.common.outcome)}, {"hosts", Json::array()}};
  for (const Host& host : one.hosts) json["hosts"].push_back(host.label);
  if (!one.common.reason.empty()) json["reason"] = one.common.reason;
  if (one.common.outcome == Common::Outcome::some) {
    json["types"] = Json::object();
    for (std::size_t i = 0; i < one.hosts.size(); ++i)
      json["types"][one.hosts[i].label] = one.hosts[i].types[one.common.chosen[i]].implementation->label;
    json["values"] = Json::object();
    for (const auto& [name, values] : one.common.values) json["values"][name] = json_of(values);
    json["off"] = one.common.absent;
    json["constraints"] = Json::array();
    for (const auto* constraint : one.common.constraints) json["constraints"].push_back(constraint->source);
    json["example"] = one.common.example ? json_of(*one.common.example) : Json(nullptr);
    json["losses"] = Json::array();
    for (const Loss& loss : losses(one.hosts, one.common))
      json["losses"].push_back(
          {{"host", loss.host}, {"parameter", loss.parameter}, {"values", json_of(loss.values)}});
  } else if (one.common.outcome == Common::Outcome::none) {
    json["blockers"] = {{"hosts", labels(one.hosts, one.common.blocker.hosts)},
                        {"parameters", one.common.blocker.parameters},
                        {"constraints", one.common.blocker.constraints}};
  }
  return json;
}

void print_model(const Answered& one, Output& output) {
  const Common& common = one.common;
  const std::string hosts = counted(one.hosts.size(), "host");
  if (common.outcome == Common::Outcome::unknown) {
    output.print("{}: {} for {} ({})\n", printable(one.model), output.unsure("undetermined"), hosts,
                 printable(common.reason));
    return;
  }
  if (common.outcome == Common::Outcome::none) {
    output.print("{}: {} of {} have nothing in common\n", printable(one.model),
                 output.bad(listed(labels(one.hosts, common.blocker.hosts))), hosts);
    if (!common.blocker.parameters.empty())
      output.print("  they part over {}\n", printable(listed(common.blocker.parameters)));
    for (const auto& constraint : common.blocker.constraints)
      output.print("  no common configuration satisfies {}\n", printable(constraint));
    output.print(
        "  that is for all of these together, each is needed for it: take one out of the pool, or mend what "
        "they part over; other hosts may part as well\n");
    return;
  }
  output.print("{}: {} for {}\n", printable(one.model), output.good("a common configuration"), hosts);
  for (const auto& [name, values] : common.values)
    output.print("  {} in {}\n", printable(name), compat::to_string(values));
  for (const auto& name : common.absent)
    output.print("  {} off: some host does not know it\n", printable(name));
  for (const auto* constraint : common.constraints) output.print("  and {}\n", printable(constraint->source));
  if (common.example) {
    std::vector<std::string> words;
    for (const auto& [name, value] : *common.example) words.push_back(name + "=" + compat::to_string(value));
    output.print("  for example {}\n",
                 words.empty() ? "a device without parameters" : printable(listed(words)));
  }
  for (const Loss& loss : losses(one.hosts, common))
    output.print("  {} gives up {} in {}\n", printable(loss.host), printable(loss.parameter),
                 compat::to_string(loss.values));
}

Exit baseline(const BaselineOptions& options, Output& output) {
  const auto catalogue = compat::load(options.files, true);
  if (!catalogue) return output.refuse(catalogue.error());
  std::set<std::string> models;
  for (const auto& one : catalogue->implementations)
    for (const auto& [name, model] : one.info.models) models.insert(name);
  std::vector<Answered> answers;
  bool none = false, unknown = false;
  for (const auto& model : models) {
    auto hosts = solver::properties::hosts_of(*catalogue, model);
    auto common = solver::properties::common_space(hosts, *solver::engine_named(options.engine));
    none = none || common.outcome == Common::Outcome::none;
    unknown = unknown || common.outcome == Common::Outcome::unknown;
    answers.push_back({model, std::move(hosts), std::move(common)});
  }
  if (output.json()) {
    Json json = versioned();
    json["models"] = Json::array();
    for (const auto& one : answers) json["models"].push_back(model_json(one));
    output.write(pretty(json));
  } else {
    for (const auto& one : answers) print_model(one, output);
  }
  return none ? Exit::no : unknown ? Exit::undetermined : Exit::yes;
}

}  // namespace

void add_baseline(Command& root) {
  auto options = std::make_shared<BaselineOptions>();
  Command command =
      root.command("baseline", "What all hosts of a set have in common, or which of them stand against it",
                   {"text", "json"}, "portolan baseline host1.json host2.json host3.yaml");
  command
      .option("FILE", options->files,
              "Migration information, catalogues, or folders of them; each entry is a host")
      .required();
  command.option("--solver", options->engine, "Which procedure decides")
      .one_of({"auto", "direct", "z3"})
      .shows_default();
  command.on_chosen(options, baseline);
}

}  // namespace portolan::cli
