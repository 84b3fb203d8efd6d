// SPDX-License-Identifier: Apache-2.0
//
// `compat`: one migration. Decides it for one configuration, says everything that stands in its way at once
// (R6), which of the destination's types would take it (R10a), and what would mend it.

#include <algorithm>
#include <memory>

#include "cli/commands/selection.hpp"
#include "cli/frame/command.hpp"
#include "cli/frame/json.hpp"
#include "cli/frame/storing.hpp"
#include "cli/report/explanations.hpp"
#include "model/compat/judging/all_known.hpp"
#include "model/compat/judging/reasons_table.hpp"
#include "model/compat/judging/schemes.hpp"
#include "model/compat/judging/types.hpp"
#include "model/compat/loading.hpp"
#include "model/support/text.hpp"
#include "solver/advice/remedies.hpp"

namespace portolan::cli {

namespace {

using compat::Decision;
using compat::Reason;

struct CompatOptions : Asked {
  std::string scheme = "declared";
  std::string database;
  bool arrived = false;
};

struct Decided {
  compat::NamedScheme scheme = compat::NamedScheme::declared;
  compat::End destination;
  std::shared_ptr<const compat::DeviceModel> at_profile;  ///< that `destination` is then of (R13)
  bool only_observed = false;                             ///< nobody says which values the source has
  compat::TypeChoice choice;
  compat::Verdict verdict;
  compat::Verdict declared;                       ///< R13, whichever scheme was asked for
  solver::advice::Remedies remedies;              ///< for the schemes of R5 and R6
  std::optional<compat::Configuration> prepared;  ///< what an accepted instance is given at the destination
  std::vector<compat::DestinationChange>
      changes;  ///< of the destination's migration information; all together
};

/// What is absent counts as the off value that any implementation of the model declares: of the
/// whole file, whatever was picked from it.
compat::Absence absence_of(const Selection& selection) {
  compat::Catalogue all;
  for (const compat::Catalogue* picked : {&selection.from, &selection.to})
    for (const auto* implementations : {&picked->implementations, &picked->beside})
      all.beside.insert(all.beside.end(), implementations->begin(), implementations->end());
  return {all, selection.source.model->name};
}

std::vector<std::string> labels_of(const std::vector<compat::TypeCandidate>& candidates) {
  std::vector<std::string> labels;
  for (const auto& one : candidates) labels.push_back(one.implementation->label);
  return labels;
}

/// R13, `room`: every type that accepts has no instance left. A moment's reading, but the one that counts
/// now.
void no_room(Decided& decided) {
  const auto& accepted = decided.choice.accepted;
  const bool full = !accepted.empty() && std::all_of(accepted.begin(), accepted.end(), [](const auto& one) {
    return one.implementation->available_instances == std::optional(std::uint64_t{0});
  });
  if (!full) return;
  Reason reason;
  reason.rule = "room";
  reason.expected = "an instance that is available";
  reason.message = fmt::format("room: {} {} available_instances 0", listed(labels_of(accepted)),
                               accepted.size() == 1 ? "has" : "have");
  reason.place = accepted.front().implementation->place;
  for (compat::Verdict* one : {&decided.verdict, &decided.declared}) {
    one->decision = Decision::reject;
    one->reasons.push_back(reason);
  }
}

Decided decide(compat::NamedScheme scheme, const CompatOptions& asked, const Selection& selection) {
  Decided decided;
  decided.scheme = scheme;
  const auto& [from, source, configuration, to] = selection;
  const auto end_of = [&](const compat::Implementation& one) {
    return compat::End{&one, one.model(source.model->name)};
  };
  const compat::Absence absence = absence_of(selection);
  const auto question = [&](const compat::End& destination) {
    return compat::SchemeQuestion{source, configuration, destination, asked.profile, &absence, asked.arrived};
  };
  const auto judged = [&](const compat::Implementation& one) {
    return compat::judge(scheme, question(end_of(one)));
  };
  const auto plain = compat::plain(scheme);
  decided.choice = compat::choose_type(question({}), to);
  if (const auto* chosen = decided.choice.chosen(); chosen && plain) {
    decided.destination = end_of(*chosen->implementation);
  } else {
    // No type takes it strictly, or the scheme is another one: the answer is about the type that comes
    // nearest under the scheme that was asked for.
    const auto distance = [&](const compat::Implementation& one) {
      const auto verdict = judged(one);
      return std::pair(verdict.decision == Decision::accept         ? 0
                       : verdict.decision == Decision::undetermined ? 1
                                                                    : 2,
                       verdict.reasons.size());
    };
    const auto nearest = std::min_element(to.implementations.begin(), to.implementations.end(),
                                          [&](const auto& a, const auto& b) {
                                            return std::pair(distance(a), compat::type_name_of(a)) <
                                                   std::pair(distance(b), compat::type_name_of(b));
                                          });
    decided.destination = end_of(*nearest);
  }
  decided.verdict = judged(*decided.destination.implementation);
  if (scheme == compat::NamedScheme::declared && decided.destination.model != nullptr) {
    decided.at_profile = std::make_shared<const compat::DeviceModel>(
        compat::destination_at_profile(question(decided.destination)));
    decided.destination.model = decided.at_profile.get();
  }
  decided.declared = compat::judge(compat::NamedScheme::declared, question(decided.destination));
  if (scheme == compat::NamedScheme::declared) no_room(decided);
  decided.only_observed = compat::is_only_observed(source, asked.profile);
  if (plain && !decided.only_observed) {
    decided.remedies = solver::advice::remedies(*plain, source, configuration, decided.destination);
    std::erase_if(decided.remedies.repairs, [&](const auto& repair) {
      auto changed = question(decided.destination);
      for (const auto& [name, value] : repair.set) changed.configuration[name] = value;
      return compat::judge(scheme, changed).decision != Decision::accept;
    });
    decided.changes = compat::destination_changes(*plain, source, configuration, decided.destination);
  }
  if (decided.destination.model && decided.verdict.decision == Decision::accept) {
    decided.prepared =
        compat::is_for_profiles(scheme)
            ? compat::values_at(decided.destination, asked.profile)
            : std::optional(compat::prepared(compat::as_known(decided.verdict.list, decided.destination),
                                             *decided.destination.model));
  }
  return decided;
}

Json reason_json(const Reason& reason, const compat::End& source, const compat::End& destination) {
  Json json = {{"rule", reason.rule},
               {"parameter", reason.parameter.empty() ? Json(nullptr) : Json(reason.parameter)},
               {"value", reason.value ? json_of(*reason.value) : Json(nullptr)},
               {"expected", reason.expected},
               {"message", reason.message},
               {"remedy", compat::remedy_of(reason, source, destination)}};
  if (const auto place = to_string(reason.place); !place.empty()) json["place"] = place;
  return json;
}

Json condition_json(const solver::advice::Condition& condition) {
  Json json = {{"rule", condition.rule},
               {"parameter", condition.parameter.empty() ? Json(nullptr) : Json(condition.parameter)},
               {"message", condition.message}};
  if (const auto place = to_string(condition.place); !place.empty()) json["place"] = place;
  return json;
}

Json whole_json(const Selection& selection, const Decided& decided, const std::string& profile) {
  Json json = versioned();
  json["verdict"] = compat::name_of(decided.verdict.decision);
  json["scheme"] = compat::name_of(decided.scheme);
  if (decided.declared.decision != decided.verdict.decision) {
    json["declared"] = {{"verdict", compat::name_of(decided.declared.decision)}, {"reasons", Json::array()}};
    for (const auto& reason : decided.declared.reasons)
      json["declared"]["reasons"].push_back(reason_json(reason, selection.source, decided.destination));
  }
  json["model"] = selection.source.model->name;
  json["source"] = selection.source.implementation->label;
  json["destination"] = decided.destination.implementation->label;
  json["configuration"] = decided.only_observed ? Json(nullptr) : json_of(selection.configuration);
  json["list"] = json_of(decided.verdict.list);
  json["reasons"] = Json::array();
  for (const auto& reason : decided.verdict.reasons)
    json["reasons"].push_back(reason_json(reason, selection.source, decided.destination));
  json["repairs"] = Json::array();
  for (const auto& repair : decided.remedies.repairs) {
    Json one = {{"set", json_of(repair.set)},
                {"where", "source"},
                {"cost", repair.cost()},
                {"power_cycle", repair.power_cycle}};
    if (!profile.empty()) one["pin"] = profile;
    json["repairs"].push_back(std::move(one));
  }
  if (!decided.changes.empty()) {
    Json set = Json::object();
    std::vector<std::string> words;
    for (const auto& change : decided.changes) {
      set[change.parameter] = json_of(change.value);
      words.push_back(compat::to_string(change, *decided.destination.implementation));
    }
    json["repairs"].push_back({{"set", std::move(set)},
                               {"where", "destination"},
                               {"cost", decided.changes.size()},
                               {"changes", words}});
  }
  if (!decided.remedies.core.empty()) {
    json["core"] = Json::array();
    for (const auto& one : decided.remedies.core) json["core"].push_back(condition_json(one));
    json["core_minimal"] = decided.remedies.minimal;
  }
  if (!decided.remedies.undetermined.empty()) json["repairs_undetermined"] = decided.remedies.undetermined;
  // R7: what a new instance at the destination would be given.
  if (decided.prepared) json["prepared"] = json_of(*decided.prepared);
  if (selection.to.implementations.size() > 1 && compat::plain(decided.scheme)) {
    Json candidates = Json::array();
    const auto add = [&](const compat::TypeCandidate& one, bool accepted) {
      candidates.push_back({{"type", compat::type_name_of(*one.implementation)},
                            {"accepted", accepted},
                            {"writes", one.writes},
                            {"why", one.why}});
    };
    for (const auto& one : decided.choice.accepted) add(one, true);
    for (const auto& one : decided.choice.refused) add(one, false);
    const auto* chosen = decided.choice.chosen();
    json["type"] = {{"chosen", chosen ? Json(compat::type_name_of(*chosen->implementation)) : Json(nullptr)},
                    {"why", decided.choice.why},
                    {"candidates", std::move(candidates)}};
  }
  return json;
}

void print_verdict(const Selection& selection, const Decided& decided, Output& output) {
  const auto& verdict = decided.verdict;
  const std::string word(compat::name_of(verdict.decision));
  const std::string shown = verdict.decision == Decision::accept   ? output.good(word)
                            : verdict.decision == Decision::reject ? output.bad(word)
                                                                   : output.unsure(word);
  output.print("{}: {}, {} -> {} ({})\n", shown, printable(selection.source.model->name),
               printable(selection.source.implementation->label),
               printable(decided.destination.implementation->label), compat::name_of(decided.scheme));
}

/// Where another scheme was asked for, and R13 answers otherwise.
void print_but(const Decided& decided, Output& output) {
  if (decided.declared.decision == decided.verdict.decision) return;
  output.print("but: all that the catalogue says comes to {}{}{}\n",
               compat::name_of(decided.declared.decision), decided.declared.reasons.empty() ? "" : ": ",
               decided.declared.reasons.empty() ? "" : printable(decided.declared.reasons.front().message));
}

/// The list that travels (R4), and what the destination gives its other parameters (R7).
void print_values(const Decided& decided, Output& output) {
  const auto& verdict = decided.verdict;
  if (verdict.list.empty()) {
    output.print(
        "\nThe migration parameter list is empty: every parameter of the source is at its off value.\n");
  } else {
    output.print("\nThe migration parameter list (what differs from the source's off values):\n");
    for (const auto& [name, value] : verdict.list)
      output.print("  {}\n", printable(name + "=" + compat::to_string(value)));
  }
  if (decided.prepared && !compat::is_for_profiles(decided.scheme)) {
    std::string off, init;
    for (const auto& [name, parameter] : decided.destination.model->parameters) {
      if (verdict.list.contains(name)) continue;
      (parameter.off ? off : init) +=
          "  " + printable(name + "=" + compat::to_string(parameter.off ? *parameter.off : parameter.init)) +
          "\n";
    }
    if (!off.empty())
      output.print("\nThe destination's other parameters, which get its off values:\n{}", off);
    if (!init.empty())
      output.print(
          "\nThe destination's parameters that nobody sets and that cannot be off, which keep their init "
          "values:\n{}",
          init);
  }
}

/// Which of the destination's types was chosen (R10a).
void print_types(const Selection& selection, const Decided& decided, Output& output) {
  if (selection.to.implementations.size() > 1 && compat::plain(decided.scheme)) {
    output.print("\nThe destination's types: {}\n", printable(decided.choice.why));
    for (const auto* group : {&decided.choice.accepted, &decided.choice.refused}) {
      for (const auto& one : *group)
        output.print("  {}: {}\n", printable(compat::type_name_of(*one.implementation)), printable(one.why));
    }
  }
}

void print_reasons(const Selection& selection, const Decided& decided, Output& output) {
  const auto& verdict = decided.verdict;
  if (!verdict.reasons.empty()) {
    output.print("\n{}\n", verdict.decision == Decision::reject ? "Why not:" : "What is not known:");
    for (const auto& reason : verdict.reasons) {
      output.print("  {}\n", printable(reason.message));
      if (const auto place = to_string(reason.place); !place.empty())
        output.print("{}", output.faint(fmt::format("    said at {}\n", place)));
      output.print("    {}\n", printable(compat::remedy_of(reason, selection.source, decided.destination)));
    }
  }
}

void print_repairs(const Selection& selection, const Decided& decided, const std::string& profile,
                   Output& output) {
  if (!decided.remedies.repairs.empty() || !decided.changes.empty()) {
    output.print("\nWhat would make it acceptable (each was checked again):\n");
    for (const auto& repair : decided.remedies.repairs) {
      std::vector<std::string> words;
      for (const auto& [name, value] : repair.set) words.push_back(name + "=" + compat::to_string(value));
      output.print("  set {} at the source {}\n", printable(listed(words)),
                   repair.power_cycle ? "(writable only while the instance is closed: needs a power cycle)"
                                      : "(writable while it runs)");
      if (!profile.empty())
        output.print("    or move the pin: profile {} of {} with {}\n", printable(profile),
                     printable(selection.source.implementation->label), printable(listed(words)));
    }
    std::vector<std::string> words;
    for (const auto& change : decided.changes)
      words.push_back(compat::to_string(change, *decided.destination.implementation));
    if (!words.empty()) output.print("  {} (a change of what it publishes, R3)\n", printable(listed(words)));
  }
}

/// Where nothing at the source helps: what stands in the way.
void print_core(const Selection& selection, const Decided& decided, Output& output) {
  const auto& core = decided.remedies.core;
  if (!core.empty() && core.front().rule != "C1") {
    const bool fixed =
        std::any_of(core.begin(), core.end(), [](const auto& one) { return one.rule == "R9"; });
    const std::string nothing = fmt::format("No configuration {}{} would be accepted",
                                            fixed ? "that this instance can have of " : "of ",
                                            printable(selection.source.implementation->label));
    if (core.size() == 1) {
      output.print("\n{}: {}\n", nothing, printable(core.front().message));
    } else {
      output.print(
          "\n{}; these alone leave none{}:\n", nothing,
          decided.remedies.minimal
              ? ", and none of them can be left out of this list (there may be other reasons beside it)"
              : "");
      for (const auto& one : core) {
        output.print("  {}: {}\n", one.rule, printable(one.message));
        if (const auto place = to_string(one.place); !place.empty())
          output.print("{}", output.faint(fmt::format("    said at {}\n", place)));
      }
    }
  }
}

void print_text(const Selection& selection, const Decided& decided, const std::string& profile,
                Output& output) {
  print_verdict(selection, decided, output);
  print_but(decided, output);
  if (!decided.only_observed) print_values(decided, output);
  print_types(selection, decided, output);
  print_reasons(selection, decided, output);
  print_repairs(selection, decided, profile, output);
  print_core(selection, decided, output);
  if (!decided.remedies.undetermined.empty())
    output.print("\nWhether other values at the source would be accepted is not known: {}\n",
                 printable(decided.remedies.undetermined));
  const auto& reasons = decided.verdict.reasons.empty() ? decided.declared.reasons : decided.verdict.reasons;
  if (!reasons.empty()) {
    output.print("\n");
    print_where_explained(reasons.front().rule, output);
  }
}

Exit compat(const CompatOptions& options, Output& output) {
  const auto scheme = *compat::any_scheme_named(options.scheme);
  if (compat::is_for_profiles(scheme) && options.profile.empty()) {
    return output.refuse(
        {{FaultCode::usage,
          {"--scheme", {}, {}},
          fmt::format("{} makes both ends from a profile, and none is given", options.scheme),
          "--profile NAME",
          {}}});
  }
  Asked asked = options;
  asked.only_observed = scheme == compat::NamedScheme::declared;
  const auto selection = select(asked);
  if (!selection) return output.refuse(selection.error());
  const Decided decided = decide(scheme, options, *selection);
  const auto stored = store(
      options.database, {&selection->from, &selection->to}, "compat", options.scheme, output,
      [&](const std::vector<db::StoredCatalogue>& catalogues, db::Report& report) {
        const auto row_of = [](const compat::Catalogue& catalogue, const db::StoredCatalogue& rows,
                               const compat::Implementation* one) {
          return rows.implementations[static_cast<std::size_t>(one - catalogue.implementations.data())];
        };
        Json reasons = Json::array();
        for (const auto& reason : decided.verdict.reasons)
          reasons.push_back(reason_json(reason, selection->source, decided.destination));
        report.verdicts.push_back({selection->source.model->name,
                                   row_of(selection->from, catalogues[0], selection->source.implementation),
                                   row_of(selection->to, catalogues[1], decided.destination.implementation),
                                   decided.verdict.decision, std::nullopt, compact(reasons),
                                   compact(json_of(selection->configuration))});
      });
  if (!stored) return output.refuse(stored.error());
  if (output.json()) {
    output.write(pretty(whole_json(*selection, decided, options.profile)));
  } else {
    print_text(*selection, decided, options.profile, output);
  }
  switch (decided.verdict.decision) {
    case Decision::accept: return Exit::yes;
    case Decision::reject: return Exit::no;
    case Decision::undetermined: return Exit::undetermined;
  }
  return Exit::internal;
}

}  // namespace

void add_compat(Command& root) {
  auto options = std::make_shared<CompatOptions>();
  Command command =
      root.command("compat", "Decides one migration and says why", {"text", "json"},
                   "portolan compat --from old.json --to new.json --set num-queues=4\n"
                   "  portolan compat --from 'cards.yaml#acme@2.1' --type gfx-4GB --to other.yaml --json");
  command.option("--from", options->from, "The source: migration information, or catalogue#name@version")
      .required()
      .stands_for("FILE");
  command.option("--to", options->to, "The destination").required().stands_for("FILE");
  command.option("--model", options->model, "The device model; needed when the source describes several");
  command.option("--type", options->type, "The source's type; needed when it has several of the model");
  command.option("--to-type", options->to_type, "The destination's type; without it the best one is chosen");
  command.option("--set", options->set, "Values at the source; the others have their init values")
      .stands_for("NAME=VALUE");
  command.option("--profile", options->profile, "Values of a profile of the source; --set overrides them");
  command.option("--scheme", options->scheme, "Which scheme decides; see docs/schemes.md")
      .one_of(scheme_names())
      .shows_default();
  command.flag("--arrived", options->arrived, "The instance came by migration: it shows what is `restored`");
  command.option("--db", options->database, "Also store the verdict in this database")
      .stands_for("FILE")
      .not_empty(a_file);
  command.on_chosen(options, compat);
}

}  // namespace portolan::cli
