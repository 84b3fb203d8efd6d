// SPDX-License-Identifier: Apache-2.0
//
// `impact`: before a parameter of a running instance is written: which destinations that loses or gains, why,
// and what would bring them back (rules.md R9, E11a).

#include <algorithm>

#include "cli/commands/selection.hpp"
#include "cli/frame/command.hpp"
#include "cli/frame/json.hpp"
#include "model/compat/judging/judgement.hpp"
#include "model/compat/judging/schemes.hpp"
#include "model/compat/loading.hpp"
#include "model/support/text.hpp"
#include "solver/advice/remedies.hpp"

namespace portolan::cli {

namespace {

using compat::Configuration;
using compat::Decision;
using compat::End;

struct ImpactOptions {
  std::string from, model, type, profile;
  std::vector<std::string> now, set, files;
  std::string scheme = "declared";
};

/// What the write does to one destination.
struct Effect {
  End destination;
  compat::Verdict before, after;
  std::vector<compat::Repair> brings_back;  ///< run-time settings first
  std::vector<std::string> left_behind;     ///< accepted afterwards, and not carried (§5.17a)

  std::string word() const {
    const bool was = before.decision == Decision::accept, is = after.decision == Decision::accept;
    if (was && is) return "kept";
    if (was) return "lost";
    return is ? "gained" : "still-refused";
  }
};

/// R9: which of the written parameters an open instance refuses to change.
std::vector<std::string> refused_while_open(const End& source,
                                            const std::map<std::string, compat::Value>& write) {
  std::vector<std::string> refused;
  const auto& notes = source.implementation->annotations_of(source.model->name);
  for (const auto& [name, value] : write)
    if (notes.notes_of(name).writable != compat::Writable::runtime) refused.push_back(name);
  return refused;
}

std::vector<std::string> left_behind(const End& source, const Configuration& configuration,
                                     const End& destination) {
  if (destination.model == nullptr) return {};  // a file of destinations may describe other models too
  const auto judgement = judge(compat::Property::incomplete_state, {source, destination}, configuration);
  if (judgement.applies != compat::Acceptance::accepted) return {};
  std::vector<std::string> lost;
  for (const std::string& one : judgement.wrong) {
    const std::string& fix = source.implementation->annotations_of(source.model->name).notes_of(one).fix_for;
    lost.push_back(fix.empty() ? "section " + one + " is skipped" : fix);
  }
  return lost;
}

Effect effect_on(compat::Scheme scheme, const compat::Absence& absence, const End& source,
                 const Configuration& before, const Configuration& after, const End& destination) {
  const auto judged = [&](const Configuration& configuration) {
    return compat::judge(compat::named(scheme), {source, configuration, destination, {}, &absence, false});
  };
  Effect effect{destination, judged(before), judged(after), {}, {}};
  if (effect.after.decision != Decision::accept)
    effect.brings_back = solver::advice::remedies(scheme, source, after, destination).repairs;
  std::erase_if(effect.brings_back, [&](const auto& repair) {
    Configuration changed = after;
    for (const auto& [name, value] : repair.set) changed[name] = value;
    return judged(changed).decision != Decision::accept;
  });
  std::stable_sort(effect.brings_back.begin(), effect.brings_back.end(),
                   [](const auto& a, const auto& b) { return a.power_cycle < b.power_cycle; });
  effect.left_behind = left_behind(source, after, destination);
  return effect;
}

std::string assignments(const std::map<std::string, compat::Value>& values) {
  std::vector<std::string> words;
  for (const auto& [name, value] : values) words.push_back(name + "=" + compat::to_string(value));
  return listed(words);
}

Json whole_json(const ImpactOptions& options, const End& source, const Configuration& before,
                const Configuration& after, const std::map<std::string, compat::Value>& write,
                const std::vector<Effect>& effects) {
  Json json = versioned();
  json["scheme"] = options.scheme;
  json["model"] = source.model->name;
  json["source"] = source.implementation->label;
  json["before"] = json_of(before);
  json["after"] = json_of(after);
  json["write"] = json_of(write);
  json["refused_while_open"] = refused_while_open(source, write);
  json["destinations"] = Json::array();
  for (const Effect& effect : effects) {
    Json one = {{"destination", effect.destination.implementation->label},
                {"before", compat::name_of(effect.before.decision)},
                {"after", compat::name_of(effect.after.decision)},
                {"effect", effect.word()},
                {"reasons", Json::array()},
                {"brings_back", Json::array()},
                {"left_behind", effect.left_behind}};
    for (const auto& reason : effect.after.reasons) {
      one["reasons"].push_back(
          {{"rule", reason.rule},
           {"parameter", reason.parameter.empty() ? Json(nullptr) : Json(reason.parameter)},
           {"value", reason.value ? json_of(*reason.value) : Json(nullptr)},
           {"expected", reason.expected},
           {"message", reason.message}});
    }
    for (const auto& repair : effect.brings_back)
      one["brings_back"].push_back({{"set", json_of(repair.set)},
                                    {"where", "source"},
                                    {"cost", repair.cost()},
                                    {"power_cycle", repair.power_cycle}});
    json["destinations"].push_back(std::move(one));
  }
  return json;
}

void print_text(const ImpactOptions& options, const End& source,
                const std::map<std::string, compat::Value>& write, const std::vector<Effect>& effects,
                Output& output) {
  if (write.empty()) {
    output.print("{} has these values already: nothing changes (--now gives other values that it has)\n",
                 printable(source.implementation->label));
  } else {
    output.print("Writing {} at {} ({}):\n", output.bold(printable(assignments(write))),
                 printable(source.implementation->label), options.scheme);
    for (const auto& name : refused_while_open(source, write))
      output.print("  {} is not writable while the instance is open (R9, EBUSY): it needs a power cycle\n",
                   printable(name));
  }
  for (const Effect& effect : effects) {
    const std::string word = effect.word();
    output.print("  {} {}\n",
                 word == "lost"            ? output.bad(word)
                 : word == "still-refused" ? output.unsure("refused, as before:")
                                           : output.good(word),
                 printable(effect.destination.implementation->label));
    for (const auto& reason : effect.after.reasons) output.print("    {}\n", printable(reason.message));
    if (!effect.brings_back.empty()) {
      const auto& repair = effect.brings_back.front();
      output.print("    setting {} {}{}\n", printable(assignments(repair.set)),
                   word == "lost" ? "brings it back" : "would gain it",
                   repair.power_cycle ? ", which needs a power cycle" : ", while it runs");
    } else if (effect.after.decision != Decision::accept) {
      output.print("    no setting that was tried brings it back\n");
    }
    for (const auto& one : effect.left_behind)
      output.print("    accepted, but left behind: {}\n", printable(one));
  }
}

/// Values and files that follow `--set` or `--now` look alike to the parser of the line: what has no `=` is a
/// file.
ImpactOptions sorted_out(ImpactOptions options) {
  for (auto* values : {&options.now, &options.set}) {
    std::vector<std::string> assignments;
    for (std::string& word : *values)
      (word.find('=') == std::string::npos ? options.files : assignments).push_back(std::move(word));
    *values = std::move(assignments);
  }
  return options;
}

Exit impact(const ImpactOptions& line, Output& output) {
  const ImpactOptions options = sorted_out(line);
  if (options.files.empty())
    return output.refuse({{FaultCode::usage,
                           {"FILE", {}, {}},
                           "no destination given",
                           "migration information, catalogues, or folders of them",
                           {}}});
  if (options.set.empty())
    return output.refuse({{FaultCode::usage, {"--set", {}, {}}, "nothing to write", "name=value", {}}});
  Asked asked;
  asked.from = asked.to = options.from;
  asked.model = options.model;
  asked.type = options.type;
  asked.profile = options.profile;
  asked.set = options.now;
  // The line names one source as `compat` does; who the destinations are is said apart.
  auto selection = select(asked);
  if (!selection) return output.refuse(selection.error());
  const End source = selection->source;
  const Configuration before = selection->configuration;
  const auto written = configure(source, {}, options.set);
  if (!written) return output.refuse(written.error());
  Configuration after = before;
  std::map<std::string, compat::Value> write;
  for (const std::string& assignment : options.set) {
    const std::string name = assignment.substr(0, assignment.find('='));
    if (written->at(name) != before.at(name)) write[name] = after[name] = written->at(name);
  }
  const auto destinations = compat::load(options.files, true);
  if (!destinations) return output.refuse(destinations.error());
  compat::Catalogue all = *destinations;
  for (const auto* more : {&selection->from.implementations, &selection->from.beside})
    all.beside.insert(all.beside.end(), more->begin(), more->end());
  const compat::Absence absence(all, source.model->name);
  std::vector<Effect> effects;
  for (const auto& one : destinations->implementations)
    effects.push_back(effect_on(*compat::scheme_named(options.scheme), absence, source, before, after,
                                {&one, one.model(source.model->name)}));
  if (output.json())
    output.write(pretty(whole_json(options, source, before, after, write, effects)));
  else
    print_text(options, source, write, effects, output);
  bool lost = false, open = false;
  for (const Effect& effect : effects) {
    lost = lost || (effect.word() == "lost" && effect.after.decision == Decision::reject);
    open = open || (effect.word() == "lost" && effect.after.decision == Decision::undetermined);
  }
  return lost ? Exit::no : open ? Exit::undetermined : Exit::yes;
}

}  // namespace

void add_impact(Command& root) {
  auto options = std::make_shared<ImpactOptions>();
  Command command =
      root.command("impact", "What a write to a running instance does to where it can go", {"text", "json"},
                   "portolan impact --from 'nics.yaml#acme@2' --now fix=off --set fix=on nics.yaml");
  command.option(
      "FILE", options->files,
      "The destinations: migration information, catalogues, or folders; also the host it came from");
  command.option("--from", options->from, "The instance: migration information, or catalogue#name@version")
      .required()
      .stands_for("FILE");
  command.option("--set", options->set, "What is to be written").required().stands_for("NAME=VALUE");
  command.option("--now", options->now, "Values that the instance has now; the others have their init values")
      .stands_for("NAME=VALUE");
  command.option("--profile", options->profile, "Values of a profile that it has now; --now overrides them");
  command.option("--model", options->model, "The device model; needed when the source describes several");
  command.option("--type", options->type, "The source's type; needed when it has several of the model");
  command
      .option("--scheme", options->scheme,
              "rfc-v3 asks C1-C3, rfc-v3-strict C1-C6, declared all that is known (R13)")
      .one_of({"rfc-v3", "rfc-v3-strict", "declared"})
      .shows_default();
  command.on_chosen(options, impact);
}

}  // namespace portolan::cli
