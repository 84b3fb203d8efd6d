// SPDX-License-Identifier: Apache-2.0
#include "solver/properties/prove.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "model/compat/behaviour.hpp"
#include "model/support/text.hpp"
#include "solver/properties/common_configurations.hpp"

namespace portolan::solver::properties {

using compat::Acceptance;
using compat::Annotations;
using compat::Configuration;
using compat::End;
using compat::Ends;
using compat::Finding;
using compat::Property;
using compat::Severity;

namespace {

/// Implementations that describe a model in the same words.
struct EndKind {
  End end;                           ///< the first of them
  std::vector<std::size_t> members;  ///< positions in the catalogue
};

struct Family {
  std::string model;
  std::vector<EndKind> kinds;
  std::vector<Host> hosts;
  bool agrees = false;  ///< see `all_agree`
};

/// Whether all kinds give each parameter the same type and the same off value, and one without off value is
/// known to all. Then a value is carried or off everywhere (R4, R7), so that no way of migrations that can be
/// set up changes an effective value.
bool all_agree(const std::vector<EndKind>& kinds) {
  struct Known {
    const compat::Parameter* first;
    std::size_t count = 0;
  };
  std::map<std::string_view, Known> known;
  for (const EndKind& kind : kinds) {
    for (const auto& [name, parameter] : kind.end.model->parameters) {
      Known& one = known.try_emplace(name, Known{&parameter}).first->second;
      ++one.count;
      if (one.first->type != parameter.type || one.first->off != parameter.off) return false;
    }
  }
  return std::all_of(known.begin(), known.end(), [&](const auto& entry) {
    return entry.second.first->off || entry.second.count == kinds.size();
  });
}

std::vector<Family> families_of(const compat::Catalogue& catalogue) {
  std::map<std::string, Family> families;
  std::map<std::pair<std::string, std::string>, std::size_t> known;
  for (std::size_t i = 0; i < catalogue.implementations.size(); ++i) {
    for (const auto& [name, model] : catalogue.implementations[i].info.models) {
      Family& family = families[name];
      family.model = name;
      const End end{&catalogue.implementations[i], &model};
      const auto [entry, added] = known.try_emplace({name, description_of(end)}, family.kinds.size());
      if (added) family.kinds.push_back({end, {}});
      family.kinds[entry->second].members.push_back(i);
    }
  }
  std::vector<Family> result;
  for (auto& [name, family] : families) {
    family.hosts = hosts_of(catalogue, name);
    family.agrees = all_agree(family.kinds);
    result.push_back(std::move(family));
  }
  return result;
}

/// One property on its way through a catalogue.
class Ledger {
 public:
  Ledger(std::string name, std::string meaning, std::string rule, Severity severity, std::string nothing)
      : severity_(severity), nothing_(std::move(nothing)) {
    result_.name = std::move(name);
    result_.meaning = std::move(meaning);
    result_.rule = std::move(rule);
  }

  void applies() { applies_ = true; }
  void unknown(std::size_t count, std::string reason) {
    unknown_ += count;
    if (reason_.empty()) reason_ = std::move(reason);
  }
  /// The same `what` in the same model is told once.
  bool told(const std::string& model, const std::string& what, std::size_t count) {
    result_.count += count;
    const auto [entry, added] = told_.try_emplace({model, what}, findings_.size());
    if (added) return false;
    findings_[entry->second].second += count;
    return true;
  }
  /// After `told`, which said no. `severity`: of this one, where it is another than the property's.
  void tell(Finding finding, std::size_t count, std::optional<Severity> severity = std::nullopt) {
    finding.rule = result_.name;
    finding.severity = severity.value_or(severity_);
    findings_.emplace_back(std::move(finding), count > 0 ? count - 1 : 0);
  }

  void into(compat::Examination& examination) {
    if (result_.count > 0) {
      result_.verdict = compat::PropertyVerdict::violated;
      if (unknown_ > 0)
        result_.reason = fmt::format("at least: {} further case{} not known; {}", unknown_,
                                     unknown_ == 1 ? " is" : "s are", reason_);
    } else if (unknown_ > 0) {
      result_.verdict = compat::PropertyVerdict::undetermined;
      result_.reason = reason_;
    } else if (!applies_) {
      result_.verdict = compat::PropertyVerdict::vacuous;
      result_.reason = nothing_;
    }
    for (auto& [finding, further] : findings_) {
      if (further > 0)
        finding.message +=
            fmt::format("; so do {} further case{} of {}", further, further == 1 ? "" : "s", finding.model);
      examination.findings.push_back(std::move(finding));
    }
    examination.properties.push_back(std::move(result_));
  }

 private:
  compat::PropertyResult result_;
  Severity severity_;
  std::string nothing_, reason_;
  bool applies_ = false;
  std::size_t unknown_ = 0;
  std::map<std::pair<std::string, std::string>, std::size_t> told_;
  std::vector<std::pair<Finding, std::size_t>> findings_;
};

/// Where the files speak of a parameter, section, aspect or constraint; the source first.
Place place_of(const Ends& ends, const std::string& what) {
  for (const End* end : {&ends.source, &ends.destination}) {
    if (end->model == nullptr) continue;
    const Annotations& notes = notes_of(*end);
    if (const auto found = end->model->parameters.find(what); found != end->model->parameters.end())
      return found->second.place;
    if (const auto found = notes.interface.find(what); found != notes.interface.end())
      return found->second.place;
    for (const auto& one : notes.constraints)
      if (one.source == what) return one.place;
    for (const auto& one : notes.state)
      if (one.section == what) return one.place;
    for (const auto& one : notes.loads)
      if (one.section == what) return one.place;
  }
  return ends.source.model->place;
}

class SchemeProver {
 public:
  SchemeProver(const compat::Catalogue& catalogue, const PropertyProofOptions& options)
      : catalogue_(catalogue), options_(options), answers_(options), families_(families_of(catalogue)) {}

  Proofs run() {
    pairs(Property::off_equals_absence,
          "with everything off that another implementation lacks, interface and saved state are those of "
          "that one",
          "§5.4, R3", Severity::error,
          "no implementation with a described interface or state lacks what another can switch off");
    pairs(Property::no_surprise, "what the check accepts can be set up", "§5.6, R5, R7", Severity::error,
          "no check accepts anything");
    pairs(Property::loads, "what can be set up loads the state", "§5.7", Severity::error,
          "no pair describes what one saves and the other loads");
    pairs(Property::interface_constant, "the guest sees the same device after a migration", "§5.8, R10",
          Severity::error, "no migration can be set up");
    pairs(Property::round_trip, "there and back gives back every value", "§5.9, R10", Severity::error,
          "no migration there and back can be set up");
    paths();
    revertible();
    pairs(Property::constraint_hole, "what the check accepts satisfies the destination's constraints",
          "§5.12, C6", Severity::error, "no destination with constraints accepts anything");
    ambiguous_types();
    pairs(Property::representation_without_parameter,
          "the same parameters and values mean the same saved sections and layouts", "§5.17", Severity::error,
          "no two implementations with a described state have the same parameters");
    pairs(Property::incomplete_state, "what is accepted and loaded carries everything", "§5.17a",
          Severity::warning, "nothing is said of what a migration may leave behind");
    runtime_interface();
    open_types();
    baseline();
    proofs_.questions = answers_.questions();
    proofs_.disagreements += answers_.disagreements();
    return std::move(proofs_);
  }

 private:
  // ---- what all have in common
  // ---------------------------------------------------------------------------------

  Answer solved(const Question& question, const std::string& name) {
    Answer answer = answers_.answer(question);
    if (options_.smtlib)
      proofs_.files +=
          answers_.z3().write_queries(question, *options_.smtlib, fmt::format("{}-{}", name, ++named_[name]));
    return answer;
  }

  std::size_t pairs_of(const EndKind& a, const EndKind& b) const {
    return a.members.size() * (&a == &b ? a.members.size() - 1 : b.members.size());
  }

  /// The first pair of different implementations of two kinds, in the order of the catalogue.
  Ends first_pair(const Family& family, const EndKind& a, const EndKind& b) const {
    const std::size_t source = a.members.front();
    const std::size_t destination = &a == &b ? a.members[1] : b.members.front();
    return {end_of(family, source), end_of(family, destination)};
  }
  End end_of(const Family& family, std::size_t implementation) const {
    const compat::Implementation& one = catalogue_.implementations[implementation];
    return {&one, one.model(family.model)};
  }

  Finding finding_about(const Family& family, const Ends& ends, const std::vector<std::string>& broken,
                        const Configuration& witness) const {
    Finding finding;
    finding.model = family.model;
    finding.source = ends.source.implementation->label;
    if (ends.destination.implementation != nullptr) {
      finding.destination = ends.destination.implementation->label;
      finding.direction =
          ends.source.implementation < ends.destination.implementation ? "forward" : "backward";
    }
    finding.witness = witness;
    if (!broken.empty()) {
      finding.place = place_of(ends, broken.front());
      if (ends.source.model->parameters.contains(broken.front()) ||
          (ends.destination.model != nullptr && ends.destination.model->parameters.contains(broken.front())))
        finding.parameter = broken.front();
    }
    return finding;
  }

  /// The reference has the last word: what is not confirmed is an error of ours.
  bool confirmed(Property property, const Ends& ends, const Configuration& witness, Answer::Outcome outcome) {
    const compat::Judgement judgement = judge(property, ends, witness);
    const bool real =
        failed_constraints(notes_of(ends.source), witness).empty() && !judgement.wrong.empty() &&
        judgement.applies ==
            (outcome == Answer::Outcome::broken ? Acceptance::accepted : Acceptance::undetermined);
    proofs_.disagreements += !real;
    return real;
  }

  /// What an answer means for a property; `report` makes the finding of what is broken.
  template <class Confirm, class Report>
  void take(Ledger& ledger, const Family& family, const Ends& ends, const Question& question,
            const std::string& name, std::size_t count, const Confirm& confirm, const Report& report) {
    if (!question.can_fail()) return ledger.applies();
    Question asked = question;
    std::size_t counted = count;
    // What the smallest witness does not break is asked for again without what it breaks, so that everything
    // that can go wrong is named.
    while (take_one(ledger, family, ends, asked, name, std::exchange(counted, 0), confirm, report) &&
           !asked.revertible && !asked.failures.empty()) {}
  }

  /// True where something was found broken, which is then no longer asked for.
  template <class Confirm, class Report>
  bool take_one(Ledger& ledger, const Family& family, const Ends& ends, Question& question,
                const std::string& name, std::size_t count, const Confirm& confirm, const Report& report) {
    const Answer answer = solved(question, name);
    if (answer.applies) ledger.applies();
    const std::string which = ends.destination.implementation == nullptr
                                  ? ends.source.implementation->label
                                  : fmt::format("{} -> {}", ends.source.implementation->label,
                                                ends.destination.implementation->label);
    const auto unknown = [&](const std::string& why) {
      ledger.unknown(std::max<std::size_t>(count, 1), fmt::format("{}: {}", which, why));
      return false;
    };
    if (answer.outcome == Answer::Outcome::unknown) return unknown(answer.reason);
    if (answer.outcome == Answer::Outcome::never) return false;
    const Configuration witness = configuration_of(question, ends.source, *answer.witness);
    if (!confirm(witness, answer))
      return unknown("the reference does not confirm a witness; please report it with the files");
    if (answer.outcome == Answer::Outcome::open)
      return unknown(fmt::format("R2: it hangs on a value of which nothing is published, for example at {}",
                                 compat::written_away(*ends.source.model, witness)));
    const std::vector<std::string> broken = broken_by(question, *answer.witness);
    if (!ledger.told(family.model, listed(broken), count))
      ledger.tell(report(broken, witness, answer), count);
    std::erase_if(question.failures, [&](const Failure& one) {
      return std::find(broken.begin(), broken.end(), one.what) != broken.end();
    });
    return true;
  }

  // ---- one migration
  // -------------------------------------------------------------------------------------------

  /// Whether a pair says enough for the property to be asked at all.
  static bool speaks(Property property, const Ends& ends) {
    const Annotations &from = notes_of(ends.source), &to = notes_of(ends.destination);
    switch (property) {
      case Property::off_equals_absence:
        return !lacked_by(*ends.source.model, *ends.destination.model).empty() &&
               ((!from.interface.empty() && !to.interface.empty()) ||
                (!from.state.empty() && !to.state.empty()));
      case Property::loads: return !from.state.empty() && !to.loads.empty();
      case Property::constraint_hole: return !to.constraints.empty();
      case Property::representation_without_parameter:
        return !from.state.empty() && !to.state.empty() &&
               same_parameter_space(*ends.source.model, *ends.destination.model);
      case Property::incomplete_state:
        return (!from.state.empty() && !to.loads.empty()) ||
               std::any_of(from.notes.begin(), from.notes.end(),
                           [](const auto& one) { return !one.second.fix_for.empty(); });
      default: return true;
    }
  }

  /// Whether nothing can go wrong, as can be seen without a question.
  static bool safe(Property property, const Family& family, const Ends& ends) {
    const Annotations &from = notes_of(ends.source), &to = notes_of(ends.destination);
    switch (property) {
      case Property::round_trip: return family.agrees;
      case Property::interface_constant:
        return family.agrees && (from.interface.empty() || to.interface.empty());
      case Property::no_surprise:
        return to.constraints.empty() &&
               std::all_of(ends.destination.model->parameters.begin(),
                           ends.destination.model->parameters.end(), [](const auto& one) {
                             return !one.second.off ||
                                    one.second.accepts(*one.second.off) == Acceptance::accepted;
                           });
      default: return false;
    }
  }

  void pairs(Property property, const std::string& meaning, const std::string& rule, Severity severity,
             const std::string& nothing) {
    Ledger ledger(std::string(name_of(property)), meaning, rule, severity, nothing);
    for (const Family& family : families_) {
      for (const EndKind& a : family.kinds) {
        for (const EndKind& b : family.kinds) {
          const std::size_t count = pairs_of(a, b);
          if (count == 0) continue;
          if (property == Property::representation_without_parameter &&
              a.members.front() >= b.members.front())
            continue;  // says the same of both directions
          const Ends ends = first_pair(family, a, b);
          if (!speaks(property, ends)) continue;
          if (safe(property, family, ends)) {
            ledger.applies();
            continue;
          }
          take(
              ledger, family, ends, question(property, ends), std::string(name_of(property)), count,
              [&](const Configuration& witness, const Answer& answer) {
                return confirmed(property, ends, witness, answer.outcome);
              },
              [&](const std::vector<std::string>& broken, const Configuration& witness, const Answer&) {
                Finding finding = finding_about(family, ends, broken, witness);
                say(property, finding, ends, broken, witness);
                return finding;
              });
        }
      }
    }
    ledger.into(proofs_.examination);
  }

  static std::string lacking(const Ends& ends) {
    return listed(lacked_by(*ends.source.model, *ends.destination.model));
  }

  static void say(Property property, Finding& finding, const Ends& ends,
                  const std::vector<std::string>& broken, const Configuration& witness) {
    const std::string &source = finding.source, &destination = finding.destination;
    const std::string what = listed(broken), at = compat::written_away(*ends.source.model, witness);
    switch (property) {
      case Property::off_equals_absence:
        finding.message = fmt::format("{} with {} off is not like {}, which lacks it: {} differs at {}",
                                      source, lacking(ends), destination, what, at);
        finding.remedy = fmt::format(
            "make the off value of {} the behaviour of {} (R3), or put the difference under a parameter of "
            "its own",
            lacking(ends), destination);
        return;
      case Property::no_surprise:
        finding.message =
            fmt::format("{} accepts {} of {} by C1-C3, but cannot be set up: {} stands in the way",
                        destination, at, source, what);
        finding.remedy =
            "ask rfc-v3-strict, which refuses it (C4, C6), or let the destination accept its off values and "
            "every listed combination";
        return;
      case Property::loads: {
        const std::vector<std::string> sentences =
            refused_sections(ends.source, witness, ends.destination,
                             compat::set_up(ends.source, witness, ends.destination).given);
        finding.message = fmt::format("{} can be set up for {} of {}, but the state does not load: {}",
                                      destination, at, source, listed(sentences, 5));
        finding.remedy = fmt::format(
            "save {} under a parameter that {} lacks or refuses, so that the check says no, or teach {} to "
            "load it",
            what, destination, destination);
        return;
      }
      case Property::interface_constant:
        finding.message = fmt::format("the guest of {} at {} sees {} change when it arrives at {}", source,
                                      at, what, destination);
        finding.remedy = fmt::format("carry {} as a parameter that both know, with the same off_value", what);
        return;
      case Property::round_trip:
        finding.message = fmt::format("{} -> {} -> {} does not give back {}, for example from {}", source,
                                      destination, source, what, at);
        finding.remedy = fmt::format("give {} the same off_value in both", what);
        return;
      case Property::constraint_hole:
        finding.message =
            fmt::format("the list of {} at {} passes C1-C3 at {}, which then breaks its constraint {}",
                        source, at, destination, what);
        finding.remedy = "ask rfc-v3-strict, which refuses it (C6), or narrow allowed_values so that C3 does";
        return;
      case Property::representation_without_parameter:
        finding.message = fmt::format("{} and {} have the same parameters, and at {} save {} differently",
                                      source, destination, at, what);
        finding.remedy =
            fmt::format("put the new form of {} under a parameter whose off value means the old one", what);
        return;
      case Property::incomplete_state: {
        const auto& notes = notes_of(ends.source).notes;
        std::vector<std::string> lost, switches;
        for (const std::string& one : broken) {
          const auto note = notes.find(one);
          const bool fix = note != notes.end() && !note->second.fix_for.empty();
          lost.push_back(fix ? note->second.fix_for : "section " + one + " is skipped");
          if (fix) switches.push_back(one);
        }
        finding.message =
            fmt::format("{} at {} is accepted by {} and loads, but not all of it is carried: {}", source, at,
                        destination, listed(lost));
        finding.remedy =
            switches.empty()
                ? fmt::format("let {} load what it skips, or make the section a reason to refuse",
                              destination)
                : fmt::format("switch {} on at the source wherever the destination knows it",
                              listed(switches));
        return;
      }
      case Property::path_independent:
      case Property::ambiguous_type: return;
    }
  }

  // ---- two migrations
  // ------------------------------------------------------------------------------------------

  void paths() {
    Ledger ledger("path-independent", "by way of a third implementation ends as straight on", "§5.10",
                  Severity::error,
                  "no model has three different implementations between which migrations can be set up");
    std::size_t looked_at = 0, left_out = 0;
    for (const Family& family : families_) {
      if (family.agrees) {
        if (family.kinds.size() > 2) ledger.applies();
        continue;
      }
      for (const EndKind& a : family.kinds)
        for (const EndKind& b : family.kinds)
          for (const EndKind& c : family.kinds) {
            if (&a == &b || &b == &c || &a == &c) continue;  // the rest is round-trip, or changes nothing
            const std::size_t count = a.members.size() * b.members.size() * c.members.size();
            if (looked_at++ >= options_.ways_max) {
              left_out += count;
              continue;
            }
            const Ends ends{end_of(family, a.members.front()), end_of(family, c.members.front()),
                            end_of(family, b.members.front())};
            take(
                ledger, family, ends, question(Property::path_independent, ends), "path-independent", count,
                [&](const Configuration& witness, const Answer& answer) {
                  return confirmed(Property::path_independent, ends, witness, answer.outcome);
                },
                [&](const std::vector<std::string>& broken, const Configuration& witness, const Answer&) {
                  Finding finding = finding_about(family, ends, broken, witness);
                  finding.message =
                      fmt::format("from {} of {}, by way of {} to {} ends with another {} than straight on",
                                  compat::written_away(*ends.source.model, witness), finding.source,
                                  ends.by_way_of.implementation->label, finding.destination, listed(broken));
                  finding.remedy = fmt::format("give {} the same off_value everywhere", listed(broken));
                  return finding;
                });
          }
    }
    if (left_out > 0)
      ledger.unknown(
          left_out,
          fmt::format(
              "there are more than {} ways over a third implementation; the others were not looked at",
              options_.ways_max));
    ledger.into(proofs_.examination);
  }

  // ---- run time
  // --------------------------------------------------------------------------------------------------

  void revertible() {
    Ledger ledger("revertible",
                  "after any run-time change some run-time change lets the instance go back to the "
                  "implementation before",
                  "§5.11, R9", Severity::error,
                  "no implementation with another before it has parameters that are writable at run time");
    std::set<std::pair<std::string, std::string>> asked;
    for (const Family& family : families_) {
      for (std::size_t h = 1; h < family.hosts.size(); ++h) {
        for (const End& source : family.hosts[h].types) {
          const auto& notes = notes_of(source).notes;
          if (std::none_of(source.model->parameters.begin(), source.model->parameters.end(),
                           [&](const auto& one) {
                             const auto note = notes.find(one.first);
                             return note != notes.end() && note->second.writable == compat::Writable::runtime;
                           }))
            continue;
          const std::vector<End>& earlier = family.hosts[h - 1].types;
          const auto namesake = std::find_if(earlier.begin(), earlier.end(), [&](const End& one) {
            return one.implementation->type == source.implementation->type;
          });
          if (namesake == earlier.end() && earlier.size() > 1) {
            ledger.unknown(
                1, fmt::format("{}: {} has no type of that name, and several others that could take it",
                               source.implementation->label, family.hosts[h - 1].label));
            continue;
          }
          const Ends ends{source, namesake == earlier.end() ? earlier.front() : *namesake};
          if (!asked.emplace(description_of(ends.source), description_of(ends.destination)).second) continue;
          take(
              ledger, family, ends, revertible_question(ends.source, ends.destination), "revertible", 1,
              [&](const Configuration& witness, const Answer&) {
                return failed_constraints(notes_of(source), witness).empty() &&
                       fixed_values_fit(ends, witness);
              },
              [&](const std::vector<std::string>& broken, const Configuration& witness, const Answer&) {
                Finding finding = finding_about(family, ends, broken, witness);
                finding.message = fmt::format(
                    "point of no return: at {} of {}, no run-time change makes {} accept again; {} stands in "
                    "the way",
                    compat::written_away(*source.model, witness), finding.source, finding.destination,
                    listed(broken));
                finding.remedy = fmt::format(
                    "give {} an off_value, or a value that {} accepts, and let it be set while the guest "
                    "runs",
                    listed(broken), finding.destination);
                return finding;
              });
        }
      }
    }
    ledger.into(proofs_.examination);
  }

  /// Cheap part of `judge_revertible`: nothing that is fixed while the guest runs is refused, and something
  /// else is.
  static bool fixed_values_fit(const Ends& ends, const Configuration& witness) {
    const auto verdict = check(compat::Scheme::rfc_v3, ends.source, witness, ends.destination);
    return verdict.decision != compat::Decision::accept &&
           std::all_of(verdict.reasons.begin(), verdict.reasons.end(), [&](const compat::Reason& reason) {
             return reason.rule == "R2" ||
                    notes_of(ends.source).notes_of(reason.parameter).writable == compat::Writable::runtime;
           });
  }

  void runtime_interface() {
    Ledger ledger("runtime-interface-constant",
                  "no parameter that is writable at run time changes what the guest sees", "§5.17b, R10",
                  Severity::error, "no parameter is writable at run time");
    for (const Family& family : families_) {
      for (const EndKind& kind : family.kinds) {
        for (const auto& [name, parameter] : kind.end.model->parameters) {
          if (notes_of(kind.end).notes_of(name).writable != compat::Writable::runtime) continue;
          const Ends ends{kind.end, {}};
          const Question asked = runtime_interface_question(kind.end, name);
          const auto after = [&, &changed = name](const Configuration& witness, const Answer& answer) {
            Configuration then = witness;
            then[changed] = answer.witness->back();
            return then;
          };
          take(
              ledger, family, ends, asked, "runtime-interface-constant", kind.members.size(),
              [&](const Configuration& witness, const Answer& answer) {
                const bool real = !seen_by_the_guest(kind.end, witness, after(witness, answer)).empty() &&
                                  failed_constraints(notes_of(kind.end), after(witness, answer)).empty();
                proofs_.disagreements += !real;
                return real;
              },
              [&, &changed = name](const std::vector<std::string>& broken, const Configuration& witness,
                                   const Answer& answer) {
                Finding finding = finding_about(family, ends, {changed}, witness);
                finding.message = fmt::format(
                    "{} of {} may be written while the guest runs, and from {} writing {} changes what the "
                    "guest sees: {}",
                    changed, finding.source, compat::written_away(*kind.end.model, witness),
                    compat::to_string(answer.witness->back()), listed(broken));
                finding.remedy = fmt::format(
                    "make {} writable while the instance is closed, or keep what the guest sees independent "
                    "of it",
                    changed);
                return finding;
              });
        }
      }
    }
    ledger.into(proofs_.examination);
  }

  // ---- types
  // -------------------------------------------------------------------------------------------------------

  void ambiguous_types() {
    Ledger ledger("ambiguous-type", "one parent realises a configuration in one way only", "§5.13, R10a",
                  Severity::warning, "no parent has two types of a model");
    std::set<std::pair<std::string, std::string>> asked;
    for (const Family& family : families_) {
      for (const Host& host : family.hosts) {
        for (std::size_t i = 0; i < host.types.size(); ++i)
          for (std::size_t j = i + 1; j < host.types.size(); ++j) {
            const Ends ends{host.types[i], host.types[j]};
            take(
                ledger, family, ends, question(Property::ambiguous_type, ends), "ambiguous-type", 1,
                [&](const Configuration& witness, const Answer& answer) {
                  return confirmed(Property::ambiguous_type, ends, witness, answer.outcome);
                },
                [&](const std::vector<std::string>&, const Configuration& witness, const Answer&) {
                  Finding finding = finding_about(family, ends, {}, witness);
                  finding.direction.clear();
                  finding.place = ends.destination.model->place;
                  std::vector<std::string> words;
                  for (const auto& [name, value] : witness)
                    words.push_back(name + "=" + compat::to_string(value));
                  finding.message = fmt::format("{} has two ways to realise {}: {} and {}", host.label,
                                                words.empty() ? "a device without parameters" : listed(words),
                                                type_text(ends.source), type_text(ends.destination));
                  finding.remedy =
                      "R10a chooses the one with fewer writes, then by name; part their values where the "
                      "choice matters";
                  return finding;
                });
            ledger.applies();
          }
      }
    }
    ledger.into(proofs_.examination);
  }

  static const std::string& type_text(const End& end) {
    return end.implementation->type.empty() ? end.implementation->label : end.implementation->type;
  }

  void open_types() {
    Ledger ledger("open-type", "an mdev type fixes the parameters of its model", "§5.17c", Severity::warning,
                  "no implementation has types");
    for (const Family& family : families_) {
      for (const EndKind& kind : family.kinds) {
        for (const std::size_t member : kind.members) {
          const End end = end_of(family, member);
          if (end.implementation->type.empty()) continue;
          ledger.applies();
          std::vector<std::string> open, implied;
          for (const auto& [name, parameter] : end.model->parameters)
            (parameter.accepted_values().size() > 1 ? open : implied).push_back(name);
          if (open.empty() || ledger.told(family.model, end.implementation->type + listed(open), 1)) continue;
          const Permitted permitted = permitted_elsewhere(family, end);
          Finding finding;
          finding.model = family.model;
          finding.parameter = open.front();
          finding.source = end.implementation->label;
          finding.place = end.model->parameters.at(open.front()).place;
          finding.message = fmt::format(
              "the type {} does not fix {}{}: comparing type names refuses {} that the parameters permit",
              type_text(end), listed(open),
              implied.empty() ? "" : fmt::format(" (it implies {})", listed(implied)), permitted.text());
          finding.remedy =
              "judge by parameters (rfc-v3-strict) instead of by type name, or make a type for each set of "
              "values";
          ledger.tell(
              std::move(finding), 1,
              permitted.migrations + permitted.unknown == 0 ? std::optional(Severity::info) : std::nullopt);
        }
      }
    }
    ledger.into(proofs_.examination);
  }

  struct Permitted {
    std::size_t migrations = 0, unknown = 0;
    std::string text() const {
      const std::string known = fmt::format("{} migration{} from it", migrations, migrations == 1 ? "" : "s");
      return unknown == 0 ? known : fmt::format("{} (and perhaps {} more)", known, unknown);
    }
  };

  /// Implementations with another type name that accept some configuration of this one (C1–C3).
  Permitted permitted_elsewhere(const Family& family, const End& source) {
    Permitted permitted;
    for (const EndKind& kind : family.kinds) {
      std::size_t others = 0;
      for (const std::size_t member : kind.members) {
        const std::string& type = catalogue_.implementations[member].type;
        others += !type.empty() && type != source.implementation->type;
      }
      if (others == 0) continue;
      Question accepts = question(Property::constraint_hole, {source, kind.end});
      accepts.failures = {{truth(true), {}}};
      accepts.open = false;
      const Answer answer = solved(accepts, "open-type");
      if (answer.outcome == Answer::Outcome::unknown)
        permitted.unknown += others;
      else if (answer.outcome == Answer::Outcome::broken)
        permitted.migrations += others;
    }
    return permitted;
  }

  // ---- all together
  // ------------------------------------------------------------------------------------------------

  void baseline() {
    Ledger ledger("baseline", "all hosts of a model have a configuration in common", "§5.18, R6",
                  Severity::warning, "no model is described by two hosts");
    for (const Family& family : families_) {
      if (family.hosts.size() < 2) continue;
      ledger.applies();
      const Common common = common_space(family.hosts, options_.engine, options_.z3_milliseconds_max);
      if (common.outcome == Common::Outcome::unknown)
        ledger.unknown(1, fmt::format("{}: {}", family.model, common.reason));
      if (common.outcome != Common::Outcome::none) continue;
      const Blocker& blocker = common.blocker;
      std::vector<std::string> hosts, over;
      for (const std::size_t i : blocker.hosts) hosts.push_back(family.hosts[i].label);
      for (const std::string& one : blocker.parameters) over.push_back(one);
      for (const std::string& one : blocker.constraints) over.push_back("constraint " + one);
      const End first = family.hosts[blocker.hosts.front()].types.front();
      Finding finding;
      finding.model = family.model;
      if (!blocker.parameters.empty()) finding.parameter = blocker.parameters.front();
      finding.source = hosts.front();
      if (hosts.size() > 1) finding.destination = hosts.back();
      finding.place = over.empty() ? first.model->place
                                   : place_of({first, family.hosts[blocker.hosts.back()].types.front()},
                                              blocker.parameters.empty() ? blocker.constraints.front()
                                                                         : blocker.parameters.front());
      finding.message = fmt::format("{} have no configuration of {} in common{}", listed(hosts), family.model,
                                    over.empty() ? "" : ": they part over " + listed(over));
      finding.remedy =
          over.empty()
              ? "take one of these hosts out of the pool"
              : fmt::format("let them share a value of {}, or take one of these hosts out of the pool",
                            listed(over));
      ledger.told(family.model, {}, 1);
      ledger.tell(std::move(finding), 1);
    }
    ledger.into(proofs_.examination);
  }

  const compat::Catalogue& catalogue_;
  PropertyProofOptions options_;
  Answers answers_;
  std::vector<Family> families_;
  Proofs proofs_;
  std::map<std::string, std::size_t> named_;
};

}  // namespace

Answer Answers::answer(const Question& question) {
  ++questions_;
  switch (options_.engine) {
    case Engine::direct: return answer_directly(question, options_.enumerated_direct_max);
    case Engine::z3:
    case Engine::z3_joined: return z3_.answer(question);
    case Engine::automatic: {
      Answer answer = answer_directly(question, options_.enumerated_max);
      return answer.outcome == Answer::Outcome::unknown ? z3_.answer(question) : answer;
    }
    case Engine::both: break;
  }
  Answer direct = answer_directly(question, options_.enumerated_direct_max);
  Answer by_z3 = z3_.answer(question);
  disagreements_ += !direct.agrees_with(by_z3);
  return direct.outcome == Answer::Outcome::unknown ? by_z3 : direct;
}

Configuration configuration_of(const Question& question, const End& source,
                               const std::vector<compat::Value>& witness) {
  Configuration configuration;
  for (std::size_t i = 0; i < source.model->parameters.size(); ++i)
    configuration.emplace(question.variables[i].name, witness[i]);
  return configuration;
}

std::string description_of(const End& end) {
  const auto set = [](const std::optional<compat::ValueSet>& values) {
    return values ? compat::to_string(*values) : std::string("-");
  };
  const auto value = [](const std::optional<compat::Value>& one) {
    return one ? compat::to_json(*one) : std::string("-");
  };
  const auto expression = [](const std::optional<rules::Expression>& one) {
    return one ? one->source : std::string("-");
  };
  const Annotations& notes = notes_of(end);
  std::string text;
  for (const auto& [name, parameter] : end.model->parameters) {
    text += fmt::format("p {} {} {} {}\n", name, value(parameter.init), value(parameter.off),
                        set(parameter.allowed));
    const compat::ParameterNotes& note = notes.notes_of(name);
    text += fmt::format("n {} {} {}\n", compat::name_of(note.writable), compat::name_of(note.affects),
                        json_quoted(note.fix_for));
  }
  for (const auto& one : notes.constraints) text += "c " + json_quoted(one.source) + "\n";
  for (const auto& one : notes.state)
    text += fmt::format("s {} {} {} {}\n", json_quoted(one.section), one.layout, one.ignorable,
                        json_quoted(expression(one.when)));
  for (const auto& one : notes.loads) {
    text += fmt::format("l {} {} {}", json_quoted(one.section), one.ignorable,
                        json_quoted(expression(one.required)));
    for (const std::uint64_t layout : one.layouts) text += fmt::format(" {}", layout);
    text += "\n";
  }
  for (const auto& [aspect, one] : notes.interface)
    text += fmt::format("i {} {}\n", json_quoted(aspect), json_quoted(one.source));
  return text;
}

Proofs prove(const compat::Catalogue& catalogue, const PropertyProofOptions& options) {
  return SchemeProver(catalogue, options).run();
}

}  // namespace portolan::solver::properties
