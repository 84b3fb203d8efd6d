// SPDX-License-Identifier: Apache-2.0
//
// `diff`: what changed between two implementations, which directions that breaks, for which configuration
// first, and what would mend it.

#include <algorithm>
#include <set>
#include <tuple>

#include "cli/frame/command.hpp"
#include "cli/frame/json.hpp"
#include "cli/report/findings.hpp"
#include "cli/report/value_sets.hpp"
#include "model/compat/judging/accepted.hpp"
#include "model/compat/judging/declared.hpp"
#include "model/compat/loading.hpp"
#include "model/support/text.hpp"
#include "solver/advice/mends.hpp"
#include "solver/properties/entries.hpp"
#include "solver/properties/levels.hpp"
#include "solver/properties/prove.hpp"

namespace portolan::cli {

namespace {

using compat::Finding;
using compat::Implementation;
using compat::Parameter;
using compat::PropertyVerdict;
using compat::Severity;

struct DiffOptions {
  std::string old_file, new_file;
  std::string scheme = "declared";
};

struct Change {
  std::string model, parameter, what;  ///< `what` in words
};

struct Direction {
  std::string model, word, source, relation, reason;
  std::vector<std::string> destinations;  ///< types of the other entry, of which one has to take an instance
  std::optional<compat::Configuration> witness;
  std::vector<compat::Reason> why;
  std::vector<solver::advice::Mend> mends;
};

std::string text_of(const std::optional<compat::Value>& value) {
  return value ? compat::to_string(*value) : "none";
}

void compare(const std::string& model, const Parameter& before, const Parameter& after,
             std::vector<Change>& changes) {
  const auto changed = [&](const std::string& what) { changes.push_back({model, before.name, what}); };
  if (before.type != after.type)
    return changed(fmt::format("type {} -> {}", compat::name_of(before.type), compat::name_of(after.type)));
  if (before.init != after.init)
    changed(
        fmt::format("init_value {} -> {}", compat::to_string(before.init), compat::to_string(after.init)));
  if (before.off != after.off)
    changed(fmt::format("off_value {} -> {}", text_of(before.off), text_of(after.off)));
  if (before.allowed && !after.allowed) return changed("allowed_values is no longer published");
  if (!before.allowed && after.allowed)
    return changed(fmt::format("allowed_values is published: {}", compat::to_string(*after.allowed)));
  if (!before.allowed) return;
  if (const auto gone = before.allowed->minus(*after.allowed); !gone.empty())
    changed("no longer accepts " + compat::to_string(gone));
  if (const auto added = after.allowed->minus(*before.allowed); !added.empty())
    changed("now accepts " + compat::to_string(added));
}

/// Items that only one of the two has.
template <class Item, class Text>
void compare_lists(const std::string& model, const std::string& noun, const std::vector<Item>& before,
                   const std::vector<Item>& after, const Text& text, std::vector<Change>& changes) {
  const auto holds = [&](const std::vector<Item>& items, const std::string& wanted) {
    return std::any_of(items.begin(), items.end(), [&](const Item& one) { return text(one) == wanted; });
  };
  for (const Item& one : before)
    if (!holds(after, text(one)))
      changes.push_back({model, {}, fmt::format("{} {} is gone", noun, text(one))});
  for (const Item& one : after)
    if (!holds(before, text(one)))
      changes.push_back({model, {}, fmt::format("{} {} is new", noun, text(one))});
}

std::string expression_text(const std::optional<rules::Expression>& one, const char* word) {
  return one ? fmt::format(" {} {}", word, one->source) : std::string();
}

void compare(const std::string& model, const compat::Annotations& before, const compat::Annotations& after,
             std::vector<Change>& changes) {
  compare_lists(
      model, "constraint", before.constraints, after.constraints, [](const auto& one) { return one.source; },
      changes);
  compare_lists(
      model, "saved section", before.state, after.state,
      [](const auto& one) {
        return fmt::format("{} layout {}{}", one.section, one.layout, expression_text(one.when, "when"));
      },
      changes);
  compare_lists(
      model, "loaded section", before.loads, after.loads,
      [](const auto& one) {
        return fmt::format("{} layouts {}{}", one.section, fmt::join(one.layouts, ", "),
                           expression_text(one.required, "required"));
      },
      changes);
  using Aspect = std::pair<const std::string, rules::Expression>;
  const std::vector<Aspect> seen_before(before.interface.begin(), before.interface.end()),
      seen_after(after.interface.begin(), after.interface.end());
  compare_lists(
      model, "interface aspect", seen_before, seen_after,
      [](const Aspect& one) { return one.first + " = " + one.second.source; }, changes);
  for (const auto& [name, profile] : before.profiles) {
    const auto other = after.profiles.find(name);
    if (other == after.profiles.end())
      changes.push_back({model, {}, "profile " + name + " is gone"});
    else if (other->second.values != profile.values)
      changes.push_back({model, {}, "profile " + name + " has other values"});
  }
  for (const auto& [name, profile] : after.profiles)
    if (!before.profiles.contains(name)) changes.push_back({model, {}, "profile " + name + " is new"});
}

std::vector<Change> changes_between(const Implementation& before, const Implementation& after) {
  std::vector<Change> changes;
  for (const auto& [name, model] : before.info.models) {
    const compat::DeviceModel* other = after.model(name);
    if (other == nullptr) {
      changes.push_back({name, {}, "the model is gone"});
      continue;
    }
    for (const auto& [parameter_name, parameter] : model.parameters) {
      const auto found = other->parameters.find(parameter_name);
      if (found == other->parameters.end())
        changes.push_back({name, parameter_name, "gone"});
      else
        compare(name, parameter, found->second, changes);
    }
    for (const auto& [parameter_name, parameter] : other->parameters) {
      if (model.parameters.contains(parameter_name)) continue;
      changes.push_back(
          {name, parameter_name,
           fmt::format("new: init_value {}, off_value {}, accepts {}", compat::to_string(parameter.init),
                       text_of(parameter.off), compat::to_string(parameter.accepted_values()))});
    }
    compare(name, before.annotations_of(name), after.annotations_of(name), changes);
  }
  for (const auto& [name, model] : after.info.models)
    if (before.model(name) == nullptr) changes.push_back({name, {}, "the model is new"});
  return changes;
}

std::string type_text(const Implementation& one) {
  return one.type.empty() ? "the type without a name" : "type " + one.type;
}

using Types = std::vector<const Implementation*>;

/// Which type is which: by name, else by what they describe, else the two that are left.
class Counterparts {
 public:
  Counterparts(Types olds, Types news) : olds_(std::move(olds)), news_(std::move(news)) {
    match([](const Implementation& a, const Implementation& b) { return a.type == b.type; });
    match([](const Implementation& a, const Implementation& b) { return changes_between(a, b).empty(); });
    if (olds_.size() == 1 && news_.size() == 1)
      match([](const Implementation&, const Implementation&) { return true; });
  }

  const std::vector<std::pair<const Implementation*, const Implementation*>>& pairs() const { return pairs_; }
  std::vector<Change> changes() const {
    std::vector<Change> changes;
    for (const auto& [before, after] : pairs_)
      if (before->type != after->type)
        changes.push_back({{}, {}, fmt::format("{} is {} now", type_text(*before), type_text(*after))});
    for (const Implementation* one : olds_) changes.push_back({{}, {}, type_text(*one) + " is gone"});
    for (const Implementation* one : news_) changes.push_back({{}, {}, type_text(*one) + " is new"});
    return changes;
  }

 private:
  template <class Same>
  void match(const Same& same) {
    std::erase_if(olds_, [&](const Implementation* before) {
      const auto after = std::ranges::find_if(news_, [&](const auto* one) { return same(*before, *one); });
      if (after == news_.end()) return false;
      pairs_.emplace_back(before, *after);
      news_.erase(after);
      return true;
    });
  }

  Types olds_, news_;  // without a counterpart
  std::vector<std::pair<const Implementation*, const Implementation*>> pairs_;
};

struct Compared {
  compat::Catalogue both;  ///< the old ones, then the new ones
  std::size_t old_count = 0;
  std::vector<Change> changes;
  std::vector<Direction> directions;
  compat::Examination examination;
};

Result<compat::Catalogue> one_entry(const std::string& file, const char* which) {
  auto read = compat::load({file}, false);
  if (!read) return read;
  for (const Implementation& one : read->implementations) {
    const Implementation& first = read->implementations.front();
    if (one.name != first.name || one.version != first.version) {
      return fail(Fault{FaultCode::usage,
                        {which, {}, {}},
                        fmt::format("{} holds several implementations", in_quotes(file)),
                        "one implementation, with any number of types",
                        fmt::format("name one of them: {}#{}{}", file, first.name,
                                    first.version.empty() ? "" : "@" + first.version)});
    }
  }
  return read;
}

Result<Compared> compared(const DiffOptions& options) {
  auto before = one_entry(options.old_file, "OLD"), after = one_entry(options.new_file, "NEW");
  Faults faults;
  for (auto* read : {&before, &after})
    if (!*read) faults.insert(faults.end(), read->error().begin(), read->error().end());
  if (!faults.empty()) return fail(std::move(faults));
  Compared result;
  result.both.file = options.new_file;
  result.old_count = before->implementations.size();
  for (const auto* read : {&*before, &*after})
    result.both.beside.insert(result.both.beside.end(), read->beside.begin(), read->beside.end());
  for (Implementation& one : before->implementations) result.both.implementations.push_back(std::move(one));
  for (Implementation& one : after->implementations) {
    const auto same = std::find_if(result.both.implementations.begin(), result.both.implementations.end(),
                                   [&](const Implementation& other) { return other.label == one.label; });
    if (same != result.both.implementations.end()) {  // an edit of the same version
      same->label += " (old)";
      one.label += " (new)";
    }
    if (one.name == result.both.implementations.front().name &&
        one.version == result.both.implementations.front().version)
      one.version += " (new)";
    result.both.implementations.push_back(std::move(one));
  }
  return result;
}

/// What the old entry describes and the new one does not.
std::vector<Finding> models_gone(const Types& olds, const Types& news) {
  std::set<std::string> described;
  for (const Implementation* one : news)
    for (const auto& [name, model] : one->info.models) described.insert(name);
  std::vector<Finding> gone;
  std::set<std::string> told = described;
  for (const Implementation* one : olds) {
    for (const auto& [name, model] : one->info.models) {
      if (!told.insert(name).second) continue;
      gone.push_back(compat::gone_model(*one, *news.front(), name, described));
      gone.back().severity = Severity::error;  // whoever asks for the difference asks for the way
    }
  }
  return gone;
}

void find_changes(Compared& compared, const Types& olds, const Types& news) {
  const Counterparts types(olds, news);
  compared.changes = types.changes();
  std::set<std::tuple<std::string, std::string, std::string>> told;
  for (const auto& [before, after] : types.pairs())
    for (Change& change : changes_between(*before, *after))
      if (told.emplace(change.model, change.parameter, change.what).second)
        compared.changes.push_back(std::move(change));
}

Direction direction_of(const solver::matrix::Matrix& matrix, solver::properties::EntryJudge& entries,
                       const solver::properties::Choice& choice, const char* word) {
  solver::properties::EntryVerdict verdict = entries.judge(choice);
  const solver::matrix::Pair& pair = verdict.pair;
  const bool alone = choice.size() == 1;  // then it is as the matrix has it
  const solver::matrix::RelationKind relation = alone ? pair.relation : verdict.relation;
  Direction direction{matrix.models()[pair.model],
                      word,
                      matrix.source(pair).implementation->label,
                      std::string(name_of(relation)),
                      alone ? matrix.reason(pair) : verdict.reason,
                      {},
                      alone ? matrix.witness(pair) : std::move(verdict.witness),
                      {},
                      {}};
  for (const auto& one : choice)
    direction.destinations.push_back(matrix.destination(one).implementation->label);
  if (direction.witness) direction.why = matrix.judged(pair, *direction.witness).reasons;
  if (alone && relation != solver::matrix::RelationKind::all)
    direction.mends =
        solver::advice::mends(matrix.options().scheme, matrix.source(pair), matrix.destination(pair));
  return direction;
}

void decide(const DiffOptions& options, Compared& compared) {
  Types olds, news;
  for (std::size_t i = 0; i < compared.both.implementations.size(); ++i)
    (i < compared.old_count ? olds : news).push_back(&compared.both.implementations[i]);
  find_changes(compared, olds, news);
  const std::vector<Finding> gone = models_gone(olds, news);
  solver::matrix::MatrixOptions how;
  how.scheme = *compat::scheme_named(options.scheme);
  const solver::matrix::Matrix matrix(compared.both, how);
  solver::properties::EntryJudge entries(matrix);
  for (const auto& model : entries.models()) {
    if (model.entries.size() != 2) continue;  // gone, or new
    for (const std::size_t type : model.entries[0])
      compared.directions.push_back(
          direction_of(matrix, entries, entries.choice(model, type, model.entries[1]), "forward"));
    for (const std::size_t type : model.entries[1])
      compared.directions.push_back(
          direction_of(matrix, entries, entries.choice(model, type, model.entries[0]), "backward"));
  }
  compared.examination = solver::properties::levels(matrix, solver::properties::Level::full);
  compared.examination.findings.insert(compared.examination.findings.begin(), gone.begin(), gone.end());
  auto proofs = solver::properties::prove(compared.both);
  std::move(proofs.examination.findings.begin(), proofs.examination.findings.end(),
            std::back_inserter(compared.examination.findings));
  std::move(proofs.examination.properties.begin(), proofs.examination.properties.end(),
            std::back_inserter(compared.examination.properties));
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json whole_json(const DiffOptions& options, const Compared& compared) {
  Json json = versioned();
  json["scheme"] = options.scheme;
  json["changes"] = Json::array();
  for (const Change& one : compared.changes)
    json["changes"].push_back({{"model", text_or_null(one.model)},
                               {"parameter", text_or_null(one.parameter)},
                               {"change", one.what}});
  json["directions"] = Json::array();
  for (const Direction& one : compared.directions) {
    Json row = {{"model", one.model},       {"direction", one.word},
                {"source", one.source},     {"destinations", one.destinations},
                {"relation", one.relation}, {"witness", one.witness ? json_of(*one.witness) : Json(nullptr)},
                {"reasons", Json::array()}, {"mends", Json::array()}};
    row["destination"] = one.destinations.size() == 1 ? Json(one.destinations.front()) : Json(nullptr);
    for (const auto& reason : one.why)
      row["reasons"].push_back({{"rule", reason.rule},
                                {"parameter", text_or_null(reason.parameter)},
                                {"message", reason.message}});
    for (const auto& mend : one.mends)
      row["mends"].push_back({{"where", mend.at_source ? "source" : "destination"},
                              {"parameter", mend.parameter},
                              {"change", mend.change}});
    if (!one.reason.empty()) row["reason"] = one.reason;
    json["directions"].push_back(std::move(row));
  }
  json["findings"] = Json::array();
  const std::vector<std::string> prints = compat::fingerprints(compared.examination.findings);
  for (std::size_t k = 0; k < prints.size(); ++k)
    json["findings"].push_back(finding_json(compared.examination.findings[k], prints[k], nullptr));
  json["properties"] = Json::array();
  for (const auto& one : compared.examination.properties) {
    Json row = {{"name", one.name}, {"verdict", compat::name_of(one.verdict)}};
    if (!one.reason.empty()) row["reason"] = one.reason;
    json["properties"].push_back(std::move(row));
  }
  return json;
}

bool is_level(const Finding& finding) { return solver::properties::level_named(finding.rule).has_value(); }

void print_text(const DiffOptions& options, const Compared& compared, Output& output) {
  output.print("{}\n", output.bold("What changed"));
  if (compared.changes.empty()) output.print("  nothing that is described\n");
  std::string model;
  for (const Change& one : compared.changes) {
    if (one.model != model) output.print("  {}\n", printable(one.model));
    model = one.model;
    output.print("    {}{}\n", one.parameter.empty() ? "" : printable(one.parameter) + ": ",
                 printable(one.what));
  }
  output.print("\n{}\n", output.bold(fmt::format("Which directions break ({})", options.scheme)));
  for (const Direction& one : compared.directions) {
    const bool all = one.relation == "all", several = one.destinations.size() > 1;
    output.print("  {}: {} -> {}, {}: {}\n", one.word == "forward" ? "old -> new" : "new -> old",
                 printable(one.source),
                 printable(fmt::format("{}", fmt::join(one.destinations, several ? " or " : ""))),
                 printable(one.model),
                 all                      ? output.good("every configuration is accepted")
                 : one.relation == "none" ? output.bad("no configuration is accepted")
                 : one.relation == "some" ? output.bad("not every configuration is accepted")
                                          : output.unsure("undetermined"));
    if (!one.reason.empty()) output.print("    {}\n", printable(one.reason));
    if (one.witness) {
      std::vector<std::string> words;
      for (const auto& [name, value] : *one.witness) words.push_back(name + "=" + compat::to_string(value));
      output.print("    refused, for example: {}\n",
                   words.empty() ? "a device without parameters" : printable(listed(words)));
    }
    for (const auto& reason : one.why) output.print("      {}\n", printable(reason.message));
    for (const auto& mend : one.mends) output.print("    mended by: {}\n", printable(mend.change));
    if (!all && !several && one.mends.empty())
      output.print("    no change of values, off values or pins mends it\n");
  }
  bool head = false;
  for (const Finding& one : compared.examination.findings) {
    if (is_level(one)) continue;
    if (!head) output.print("\n{}\n", output.bold("What else to know"));
    head = true;
    output.print("  {} {}: {}\n    {}\n", severity_word(one.severity, output), one.rule,
                 printable(one.message), printable(one.remedy));
  }
}

Exit diff(const DiffOptions& options, Output& output) {
  auto result = compared(options);
  if (!result) return output.refuse(result.error());
  decide(options, *result);
  if (output.json())
    output.write(pretty(whole_json(options, *result)));
  else
    print_text(options, *result, output);
  const auto& findings = result->examination.findings;
  if (std::any_of(findings.begin(), findings.end(),
                  [](const Finding& one) { return one.severity == Severity::error; }))
    return Exit::no;
  const bool open = std::any_of(result->directions.begin(), result->directions.end(),
                                [](const Direction& one) { return one.relation == "undetermined"; });
  return open ? Exit::undetermined : Exit::yes;
}

}  // namespace

void add_diff(Command& root) {
  auto options = std::make_shared<DiffOptions>();
  Command command =
      root.command("diff", "What changed between two implementations, and which directions that breaks",
                   {"text", "json"}, "portolan diff gfx-4GB.json gfx-variable.json");
  command.option("OLD", options->old_file, "Migration information, or catalogue#name@version").required();
  command.option("NEW", options->new_file, "The same, of the newer one").required();
  command
      .option("--scheme", options->scheme,
              "rfc-v3 asks C1-C3, rfc-v3-strict C1-C6, declared all that is known (R13)")
      .one_of({"rfc-v3", "rfc-v3-strict", "declared"})
      .shows_default();
  command.on_chosen(options, diff);
}

}  // namespace portolan::cli
