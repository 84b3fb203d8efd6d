// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/explore_replay.hpp"

#include <algorithm>

#include "cli/frame/searching.hpp"
#include "cli/report/story.hpp"
#include "model/support/text.hpp"
#include "solver/explore/end_of_trace.hpp"

namespace portolan::cli {

namespace {

/// A trace as it stands in a file, with the scenario that it is of.
struct Recorded {
  std::string trace, scenario;  ///< files
  fleet::LoadedScenario loaded;
  traces::TraceFile steps;
};

Result<Recorded> read(const std::string& trace, const std::string& scenario, const Output& output) {
  const auto document = files::read_document(trace);
  if (!document) return fail(document.error());
  const auto about = traces::read_itf_meta(*document);
  if (!about) return fail(about.error());
  const std::string file = scenario.empty() ? about->scenario : scenario;
  if (file.empty())
    return fail(Fault{FaultCode::usage,
                      {trace, {}, "#meta.source"},
                      "the trace does not say which scenario it is of",
                      "a scenario",
                      "portolan explore SCENARIO --replay " + trace});
  auto loaded = fleet::load_scenario(file);
  if (!loaded) return fail(loaded.error());
  if (scenario.empty() && !about->content.empty()) {
    loaded = fleet::read_scenario(about->content, trace + ": #meta.scenario", loaded->catalogue);
    if (!loaded) return fail(loaded.error());
  }
  auto steps = traces::read_itf(*document, loaded->module);
  if (!steps) {
    if (!scenario.empty() && !about->content.empty())
      output.note("the trace is of a smaller scenario, which it carries in #meta.scenario: leave " +
                  scenario + " out to replay it there, or write the trace with --no-minimise");
    return fail(steps.error());
  }
  return Recorded{trace, file, std::move(*loaded), std::move(*steps)};
}

/// What was found when the trace was carried out again.
struct Found {
  traces::Replay replayed;
  std::string verdict;  ///< at the end, of the property that the trace is about; empty: of none
  std::string no_loop;  ///< why what the trace repeats is no loop; empty: it is, or repeats nothing
  std::string differs;  ///< empty: as it was recorded
};

Found carry_out(const Recorded& recorded) {
  const rules::Module& module = recorded.loaded.module;
  const std::string& property = recorded.steps.about.property;
  Found found;
  found.replayed = traces::replay(module, recorded.steps);
  const traces::Replay& replayed = found.replayed;
  if (!replayed.misfit.empty()) {
    found.differs =
        replayed.step == 0 ? replayed.misfit : fmt::format("step {}: {}", replayed.step, replayed.misfit);
    return found;
  }
  if (!property.empty()) found.verdict = name_of(solver::explore::verdict_at_end(module, replayed, property));
  if (const int asked = module.property(property); asked >= 0)
    found.no_loop = traces::loop_fault(module, recorded.steps, replayed,
                                       module.properties[static_cast<std::size_t>(asked)]);
  const std::string& said = recorded.steps.about.verdict;
  if (!found.no_loop.empty())
    found.differs = found.no_loop;
  else if (!property.empty() && !said.empty() && found.verdict != said)
    found.differs =
        fmt::format("{}: {} at the end of the trace, recorded as {}", property, found.verdict, said);
  return found;
}

Json replay_json(const Recorded& recorded, const Found& found) {
  const std::string& property = recorded.steps.about.property;
  Json json = versioned();
  json["scenario"] = recorded.scenario;
  json["verdict"] = found.differs.empty() ? "replayed" : "differs";
  json["steps"] = recorded.steps.states.size() - 1;
  if (!found.replayed.misfit.empty()) json["step"] = found.replayed.step;
  if (!found.differs.empty()) json["reason"] = found.differs;
  if (!property.empty())
    json["property"] = {{"name", property},
                        {"verdict", found.verdict.empty() ? Json() : Json(found.verdict)}};
  json["trace"] = json_of(recorded.loaded.module, found.replayed.trace);
  return json;
}

void print_replay(const Recorded& recorded, const Found& found, Output& output) {
  const rules::Module& module = recorded.loaded.module;
  const std::vector<traces::TraceFile::State>& states = recorded.steps.states;
  const std::string& property = recorded.steps.about.property;
  output.print("{}: {} of {}, {} of {}\n",
               found.differs.empty() ? output.good("replayed") : output.bad("differs"),
               counted(found.replayed.trace.steps.size(), "step"), states.size() - 1, recorded.scenario,
               recorded.trace);
  tell(module, found.replayed.trace, output);
  if (const auto loop = recorded.steps.loop;
      loop && found.replayed.misfit.empty() && found.no_loop.empty() && !states.empty()) {
    const std::size_t last = states.size() - 1;
    if (*loop == last && (last == 0 || states[last].cells != states[last - 1].cells))
      output.print("  and there nothing has to happen any more\n");
    else
      output.print("  and for ever again from step {} on\n", std::max<std::size_t>(*loop, 1));
  }
  if (!found.differs.empty()) output.print("  {}\n", found.differs);
  if (found.verdict.empty()) return;
  const int position = module.property(property);
  const std::string meaning = position < 0 ? "no event of the model lacks a meaning"
                                           : module.properties[static_cast<std::size_t>(position)].meaning;
  output.print("  {}: {}{}\n", property, found.verdict, meaning.empty() ? "" : " (" + meaning + ")");
}

}  // namespace

Exit replay_trace(const std::string& trace, const std::string& scenario, Output& output) {
  const auto recorded = read(trace, scenario, output);
  if (!recorded) return output.refuse(recorded.error());
  const std::string& property = recorded->steps.about.property;
  if (!property.empty() && property != solver::explore::well_defined &&
      recorded->loaded.module.property(property) < 0)
    return output.refuse({{FaultCode::unknown_name,
                           {trace, {}, "#meta.property"},
                           "there is no property " + in_quotes(property),
                           "a property of the scenario",
                           {}}});
  const Found found = carry_out(*recorded);
  if (output.json())
    output.write(pretty(replay_json(*recorded, found)));
  else
    print_replay(*recorded, found, output);
  return found.differs.empty() ? Exit::yes : Exit::no;
}

}  // namespace portolan::cli
