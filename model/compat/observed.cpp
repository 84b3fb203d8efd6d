// SPDX-License-Identifier: Apache-2.0
#include "model/compat/observed.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "model/compat/constraint.hpp"
#include "model/support/text.hpp"

namespace portolan::compat {
namespace {

// More values of one parameter than this are not tried when a pin is sought.
constexpr std::uint64_t pins_tried_max = 512;

/// true and 1, false and 0 are the same on a device; a text is never a number.
std::optional<std::uint64_t> number_of(const Value& value) {
  if (const bool* truth = std::get_if<bool>(&value)) return *truth ? 1 : 0;
  if (const std::uint64_t* number = std::get_if<std::uint64_t>(&value)) return *number;
  return std::nullopt;
}

bool equal(const Value& a, const Value& b) {
  const auto x = number_of(a), y = number_of(b);
  return x && y ? *x == *y : a == b;
}

bool is_on(const Value& value) {
  const auto number = number_of(value);
  return number ? *number != 0 : !std::get<std::string>(value).empty();
}

/// §3: false, 0 or "", of the type that the other end has.
Value nothing_like(const Value& other) {
  switch (type_of(other)) {
    case ValueType::boolean: return false;
    case ValueType::integer: return std::uint64_t{0};
    case ValueType::string: break;
  }
  return std::string();
}

std::string shown(const Observation& observation) { return observation ? to_string(*observation) : "absent"; }

/// One catalogue entry that describes a model: all its types are one end of the audit.
struct ObservedEntry {
  std::string label;  ///< `name@version`; the label of a plain file
  std::string name, version;
  std::vector<End> types;

  const Annotations& notes() const {
    return types.front().implementation->annotations_of(types.front().model->name);
  }
  /// What was seen at a profile; null where nothing was looked at.
  const std::map<std::string, Observation>* observed(const std::string& profile) const {
    const auto at = notes().observed.find(profile);
    return at == notes().observed.end() ? nullptr : &at->second;
  }
  Observation observation(const std::string& profile, const std::string& aspect) const {
    const auto* all = observed(profile);
    if (all == nullptr) return std::nullopt;
    const auto at = all->find(aspect);
    return at == all->end() ? std::nullopt : at->second;
  }
  bool declares(const std::string& profile) const { return notes().profiles.contains(profile); }
  /// The type of that name, else the first.
  const End& like(const End& other) const {
    for (const End& type : types)
      if (type.implementation->type == other.implementation->type) return type;
    return types.front();
  }
};

std::vector<ObservedEntry> entries_of(const Catalogue& catalogue, const std::string& model) {
  std::vector<ObservedEntry> entries;
  for (const Implementation& one : catalogue.implementations) {
    const DeviceModel* described = one.model(model);
    if (described == nullptr) continue;
    const bool same = !entries.empty() && !one.type.empty() &&
                      !entries.back().types.front().implementation->type.empty() &&
                      entries.back().name == one.name && entries.back().version == one.version;
    if (!same)
      entries.push_back(
          {one.version.empty() ? one.label : one.name + '@' + one.version, one.name, one.version, {}});
    entries.back().types.push_back({&one, described});
  }
  return entries;
}

/// The effective value of a parameter at a profile (R3: a parameter that is not there has the effect of its
/// off value). Empty: not known.
std::optional<Value> effective_at(const ObservedEntry& entry, const std::string& profile,
                                  const std::string& parameter, const Absence& absence) {
  const auto values = values_at(entry.types.front(), profile);
  if (!values) return std::nullopt;
  if (const auto at = values->find(parameter); at != values->end()) return at->second;
  const auto offs = absence.of(parameter, nullptr);
  return offs.size() == 1 ? std::optional(offs.front()) : std::nullopt;
}

/// Whether an implementation can make an instance at a profile: R2 for each value, then its own constraints.
/// `undetermined` where it does not say whether it accepts a value.
struct Makeable {
  Decision decision = Decision::accept;
  std::string why;
  std::string parameter;
};

Makeable makeable(const End& end, const std::string& profile) {
  Makeable made;
  const auto values = values_at(end, profile);
  assert(values);
  for (const auto& [name, value] : *values) {
    const Parameter& parameter = end.model->parameters.at(name);
    const Acceptance acceptance = parameter.accepts(value);
    if (acceptance == Acceptance::accepted) continue;
    if (acceptance == Acceptance::undetermined && made.decision != Decision::accept) continue;
    if (acceptance == Acceptance::refused && made.decision == Decision::reject) continue;
    made.decision = acceptance == Acceptance::refused ? Decision::reject : Decision::undetermined;
    made.parameter = name;
    made.why = acceptance == Acceptance::refused
                   ? fmt::format("{} is not among the values that it accepts, {}", assignment(name, value),
                                 to_string(parameter.accepted_values()))
                   : fmt::format("it does not say whether it accepts {}", assignment(name, value));
  }
  if (made.decision == Decision::reject) return made;
  const Annotations& notes = end.implementation->annotations_of(end.model->name);
  for (const std::size_t index : failed_constraints(notes, *values)) {
    made.decision = Decision::reject;
    made.parameter.clear();
    made.why = fmt::format("its constraint {} fails", notes.constraints[index].source);
    break;
  }
  return made;
}

/// A property as it is filled: counts everything, tells no more than a limit.
class Collected {
 public:
  Collected(std::string name, std::string meaning, std::string rule, std::string nothing, Severity severity,
            std::size_t findings_max)
      : nothing_(std::move(nothing)), severity_(severity), findings_max_(findings_max) {
    result_.name = std::move(name);
    result_.meaning = std::move(meaning);
    result_.rule = std::move(rule);
  }

  void looked_at_one() { ++looked_at_; }
  void open(std::string reason) {
    ++looked_at_;
    if (open_++ == 0) result_.reason = std::move(reason);
  }
  bool wants_more() const { return findings_.size() < findings_max_; }
  void counts_one() { ++result_.count; }
  void tell(Finding finding) {
    finding.rule = result_.name;
    finding.severity = severity_;
    findings_.push_back(std::move(finding));
  }
  void violated(Finding finding) {
    counts_one();
    if (wants_more()) tell(std::move(finding));
  }

  void into(Examination& examination) {
    if (result_.count > 0) {
      result_.verdict = PropertyVerdict::violated;
      result_.reason = result_.count > findings_.size() ? fmt::format("the first {} of {} findings are told",
                                                                      findings_.size(), result_.count)
                                                        : std::string();
    } else if (open_ > 0) {
      result_.verdict = PropertyVerdict::undetermined;
    } else if (looked_at_ == 0) {
      result_.verdict = PropertyVerdict::vacuous;
      result_.reason = nothing_;
    }
    examination.properties.push_back(std::move(result_));
    std::move(findings_.begin(), findings_.end(), std::back_inserter(examination.findings));
  }

 private:
  std::string nothing_;
  Severity severity_;
  std::size_t findings_max_;
  std::size_t looked_at_ = 0, open_ = 0;
  PropertyResult result_;
  std::vector<Finding> findings_;
};

/// What was found guilty of an observation that does not relate, and what to do about it.
struct Mend {
  std::string parameter;
  std::string remedy;
  std::string remark;  ///< what else the pair shows, for the message
  Place place;
};

/// One device model of the catalogue.
class ModelAudit {
 public:
  ModelAudit(const Catalogue& catalogue, const std::string& model, Collected& changes, Collected& refusals,
             Collected& dead, Collected& refused, Collected& drift, Collected& returns)
      : model_(model),
        entries_(entries_of(catalogue, model)),
        absence_(catalogue, model),
        changes_(changes),
        refusals_(refusals),
        dead_(dead),
        refused_(refused),
        drift_(drift),
        returns_(returns) {}

  void run() {
    std::set<std::string> profiles;
    for (const ObservedEntry& entry : entries_) {
      for (const auto& [name, profile] : entry.notes().profiles) profiles.insert(name);
      for (const auto& [name, aspects] : entry.notes().observed) profiles.insert(name);
    }
    for (const std::string& profile : profiles) {
      pairs(profile);
      cannot_be_made(profile);
      means_different_values(profile);
    }
    histories(profiles);
  }

 private:
  Finding about(const std::string& profile) const {
    Finding finding;
    finding.model = model_;
    finding.profile = profile;
    return finding;
  }

  Finding about_pair(const std::string& profile, std::size_t source, std::size_t destination) const {
    Finding finding = about(profile);
    finding.source = entries_[source].label;
    finding.destination = entries_[destination].label;
    finding.direction = source < destination ? "forward" : "backward";
    return finding;
  }

  Place place_of(const ObservedEntry& entry, const std::string& profile) const {
    const auto at = entry.notes().profiles.find(profile);
    return at == entry.notes().profiles.end() ? entry.types.front().implementation->place : at->second.place;
  }

  // ---- §5.15: every ordered pair at a profile

  void pairs(const std::string& profile) {
    std::vector<std::size_t> knowing;
    for (std::size_t k = 0; k < entries_.size(); ++k)
      if (entries_[k].declares(profile) || entries_[k].observed(profile) != nullptr) knowing.push_back(k);
    for (const std::size_t source : knowing)
      for (const std::size_t destination : knowing)
        if (source != destination) pair(profile, source, destination, knowing);
  }

  /// The problems of one type of the source with one type of the destination.
  struct Problems {
    End source, destination;
    std::vector<AspectComparison> aspects;  ///< that do not relate
    bool refused = false;                   ///< C1–C3
    std::string open;                       ///< why something is not decided; empty: all is
    bool none() const { return aspects.empty() && !refused; }
    std::size_t count() const { return aspects.size() + (refused ? 1 : 0); }
  };

  Problems problems(const std::string& profile, const End& source, const End& destination) const {
    Problems found{source, destination, {}, false, {}};
    if (auto all = compare_observations(absence_, source, destination, profile)) {
      for (AspectComparison& one : *all) {
        if (one.related == Related::undetermined && found.open.empty())
          found.open = fmt::format(
              "{} is absent at an end of {} -> {} at profile {}, and its off value is another in every "
              "implementation",
              one.aspect, source.implementation->label, destination.implementation->label, profile);
        if (one.related == Related::no) found.aspects.push_back(std::move(one));
      }
    }
    const auto values = values_at(source, profile);
    if (!values || !values_at(destination, profile)) return found;
    // C2 and C3 without their messages: most pairs have nothing to tell.
    for (const auto& [name, value] : *values) {
      const Parameter& own = source.model->parameters.at(name);
      if (own.off && value == *own.off) continue;  // R4
      const auto there = destination.model->parameters.find(name);
      const Acceptance acceptance =
          there == destination.model->parameters.end() ? Acceptance::refused : there->second.accepts(value);
      found.refused |= acceptance == Acceptance::refused;
      if (acceptance == Acceptance::undetermined && found.open.empty())
        found.open = fmt::format(
            "{} publishes no allowed_values for {}, so nothing says whether it accepts {} at profile {}",
            destination.implementation->label, name, assignment(name, value), profile);
    }
    return found;
  }

  void pair(const std::string& profile, std::size_t source, std::size_t destination,
            const std::vector<std::size_t>& knowing) {
    std::optional<Problems> worst;
    std::string open;
    for (const End& from : entries_[source].types) {
      std::optional<Problems> best;
      const auto consider = [&](const End& to) {
        Problems found = problems(profile, from, to);
        if (!best || found.count() < best->count() ||
            (found.count() == best->count() && !best->open.empty() && found.open.empty()))
          best = std::move(found);
      };
      consider(entries_[destination].like(from));
      for (const End& to : entries_[destination].types)
        if (!best->none() || !best->open.empty()) consider(to);
      if (best->none() && open.empty()) open = best->open;
      if (!best->none() && !worst) worst = std::move(best);
    }
    const bool observed =
        entries_[source].observed(profile) != nullptr && entries_[destination].observed(profile) != nullptr;
    const bool declared = entries_[source].declares(profile) && entries_[destination].declares(profile);
    if (observed) changes_.looked_at_one();
    if (declared) refusals_.looked_at_one();
    if (!worst) {
      if (!open.empty()) (declared ? refusals_ : changes_).open(open);
      return;
    }
    if (worst->refused) {
      refusals_.counts_one();
      if (refusals_.wants_more()) refusals_.tell(refusal(profile, source, destination, *worst));
    }
    for (const AspectComparison& one : worst->aspects) {
      changes_.counts_one();
      if (changes_.wants_more()) changes_.tell(change(profile, source, destination, *worst, one, knowing));
    }
  }

  Finding refusal(const std::string& profile, std::size_t source, std::size_t destination,
                  const Problems& problems) const {
    Finding finding = about_pair(profile, source, destination);
    const auto values = *values_at(problems.source, profile);
    const Verdict verdict = check(Scheme::rfc_v3, problems.source, values, problems.destination);
    assert(verdict.decision == Decision::reject);
    std::vector<std::string> messages, remedies;
    for (const Reason& reason : verdict.reasons) {
      if (reason.rule == "R2") continue;
      if (finding.parameter.empty()) {
        finding.parameter = reason.parameter;
        finding.place = reason.place;
      }
      messages.push_back(reason.message);
      remedies.push_back(accepted_pin(profile, source, destination, problems, values, reason));
    }
    finding.message = fmt::format("at profile {} a migration {} -> {} is refused: {}", profile,
                                  finding.source, finding.destination, fmt::join(messages, "; "));
    finding.remedy = fmt::format("{}", fmt::join(remedies, "; "));
    finding.witness = values;
    return finding;
  }

  /// The value of a profile that would make C2 or C3 hold for one parameter; tried before it is told.
  std::string accepted_pin(const std::string& profile, std::size_t source, std::size_t destination,
                           const Problems& problems, const Configuration& values,
                           const Reason& reason) const {
    const Parameter& own = problems.source.model->parameters.at(reason.parameter);
    // The profile of the one that knew it first says what it means; the other one has to follow.
    const std::optional<std::size_t> first = first_declaring(profile);
    const std::optional<Value> meant =
        first ? effective_at(entries_[*first], profile, own.name, absence_) : std::nullopt;
    const auto there = problems.destination.model->parameters.find(own.name);
    if (meant != std::optional(values.at(own.name))) {
      std::vector<Value> candidates;
      if (meant) candidates.push_back(*meant);
      if (own.off) candidates.push_back(*own.off);
      for (const Value& value : candidates) {
        if (type_of(value) != own.type || !can_pin(problems.source, values, own.name, value)) continue;
        Configuration pinned = values;
        pinned[own.name] = value;
        const Verdict again = check(Scheme::rfc_v3, problems.source, pinned, problems.destination);
        const bool mended = std::none_of(again.reasons.begin(), again.reasons.end(),
                                         [&](const Reason& one) { return one.parameter == own.name; });
        if (!mended) continue;
        if (shows_otherwise(profile, own.name, source, destination, value)) {
          return fmt::format(
              "{} should give {} another off_value: {} is not what its absence does in {}, which shows {} "
              "(R3)",
              entries_[source].label, own.name, to_string(value), entries_[destination].label,
              shown(entries_[destination].observation(profile, own.name)));
        }
        return fmt::format("profile {} of {} should pin {}", profile, entries_[source].label,
                           assignment(own.name, value));
      }
    }
    if (there == problems.destination.model->parameters.end())
      return fmt::format("{} should know {} again: instances at profile {} of {} use {}",
                         entries_[destination].label, own.name, profile, entries_[source].label,
                         assignment(own.name, values.at(own.name)));
    return fmt::format("{} should accept {}, which is what profile {} means in {}",
                       entries_[destination].label, assignment(own.name, values.at(own.name)), profile,
                       entries_[source].label);
  }

  /// Both ends were observed, and with that value at the source the observation would not relate.
  bool shows_otherwise(const std::string& profile, const std::string& parameter, std::size_t source,
                       std::size_t destination, const Value& value) const {
    const auto *here = entries_[source].observed(profile), *there = entries_[destination].observed(profile);
    if (here == nullptr || there == nullptr || (!here->contains(parameter) && !there->contains(parameter)))
      return false;
    return !would_relate(profile, parameter, source, destination, source, value);
  }

  std::optional<std::size_t> first_declaring(const std::string& profile) const {
    for (std::size_t k = 0; k < entries_.size(); ++k)
      if (entries_[k].declares(profile)) return k;
    return std::nullopt;
  }
  std::optional<std::size_t> first_observed(const std::string& profile) const {
    for (std::size_t k = 0; k < entries_.size(); ++k)
      if (entries_[k].observed(profile) != nullptr) return k;
    return std::nullopt;
  }

  static bool can_pin(const End& end, const Configuration& values, const std::string& parameter,
                      const Value& value) {
    const auto own = end.model->parameters.find(parameter);
    if (own == end.model->parameters.end() || own->second.accepts(value) != Acceptance::accepted)
      return false;
    Configuration pinned = values;
    pinned[parameter] = value;
    return failed_constraints(end.implementation->annotations_of(end.model->name), pinned).empty();
  }

  Finding change(const std::string& profile, std::size_t source, std::size_t destination,
                 const Problems& problems, const AspectComparison& compared,
                 const std::vector<std::size_t>& knowing) const {
    Finding finding = about_pair(profile, source, destination);
    finding.aspect = compared.aspect;
    finding.witness = values_at(problems.source, profile);
    const Mend mend = mended(profile, source, destination, compared, knowing);
    finding.parameter = mend.parameter;
    finding.remedy = mend.remedy;
    finding.place = mend.place;
    finding.message = fmt::format("at profile {} a migration {} -> {} changes what the guest sees: {}",
                                  profile, finding.source, finding.destination, to_string(compared));
    if (!mend.remark.empty()) finding.message += "; " + mend.remark;
    return finding;
  }

  Related related(const std::string& aspect, std::size_t source, std::size_t destination,
                  const Observation& from, const Observation& to) const {
    return relate(relation_of(aspect, source, destination), from, to,
                  absence_.of(aspect, entries_[destination].types.front().model));
  }
  Relation relation_of(const std::string& aspect, std::size_t source, std::size_t destination) const {
    for (const std::size_t k : {source, destination}) {
      const auto& compare = entries_[k].notes().compare;
      if (const auto at = compare.find(aspect); at != compare.end()) return at->second;
    }
    return Relation::exact;
  }
  bool relates_both_ways(const std::string& profile, const std::string& aspect, std::size_t a,
                         std::size_t b) const {
    const Observation x = entries_[a].observation(profile, aspect),
                      y = entries_[b].observation(profile, aspect);
    return related(aspect, a, b, x, y) == Related::yes && related(aspect, b, a, y, x) == Related::yes;
  }
  bool differs_from(const std::string& profile, const std::string& aspect, std::size_t one,
                    std::size_t first) const {
    return relate(Relation::exact, entries_[one].observation(profile, aspect),
                  entries_[first].observation(profile, aspect),
                  absence_.of(aspect, entries_[first].types.front().model)) != Related::yes;
  }

  /// Who is guilty: the end that shows something else than the implementation that had the profile first.
  std::size_t deviant(const std::string& profile, const std::string& aspect, std::size_t source,
                      std::size_t destination, std::size_t first) const {
    const bool a = differs_from(profile, aspect, source, first),
               b = differs_from(profile, aspect, destination, first);
    if (a != b) return a ? source : destination;
    return std::max(source, destination);
  }

  Mend mended(const std::string& profile, std::size_t source, std::size_t destination,
              const AspectComparison& compared, const std::vector<std::size_t>& knowing) const {
    const std::size_t first = *first_observed(profile);
    const std::size_t guilty = deviant(profile, compared.aspect, source, destination, first);
    const std::size_t other = guilty == source ? destination : source;
    const ObservedEntry& entry = entries_[guilty];
    const End& end = entry.types.front();
    Mend mend;
    mend.place = place_of(entry, profile);
    mend.remark = fix_that_breaks(profile, compared.aspect, guilty, other, first);

    // What the guilty end should have shown.
    const Observation wanted =
        entries_[differs_from(profile, compared.aspect, other, first) ? first : other].observation(
            profile, compared.aspect);
    const auto values = values_at(end, profile);
    const auto own = end.model->parameters.find(compared.aspect);
    if (values && own != end.model->parameters.end()) {
      mend.parameter = own->first;
      const auto off = absence_.of(compared.aspect, end.model);
      const Observation shown_here = entry.observation(profile, compared.aspect);
      const std::optional<Value> target = typed(wanted         ? *wanted
                                                : !off.empty() ? off.front()
                                                               : nothing_like(own->second.init),
                                                own->second.type);
      const Value& declared = values->at(own->first);
      if (target && declared == *target) {
        mend.remedy = fmt::format(
            "profile {} of {} says {} already, yet an instance showed {}: the pin does not take effect, or "
            "the value comes from the host, a backend or a driver; "
            "make the implementation honour the parameter or refuse to start",
            profile, entry.label, assignment(own->first, declared), shown(shown_here));
        return mend;
      }
      if (target && can_pin(end, *values, own->first, *target) &&
          would_relate(profile, compared.aspect, source, destination, guilty, *target)) {
        mend.remedy = fmt::format("profile {} of {} should pin {}", profile, entry.label,
                                  assignment(own->first, *target)) +
                      unknown_pins(entry, profile, own->first) +
                      effect_of(profile, compared.aspect, guilty, *target, knowing) +
                      still_refused(profile, source, destination, guilty, own->first, *target);
        return mend;
      }
      mend.remedy = fmt::format("let {} accept {}={} again, and pin it in profile {}", entry.label,
                                own->first, target ? to_string(*target) : shown(wanted), profile);
      return mend;
    }
    if (values &&
        interface_pin(profile, source, destination, guilty, compared.aspect, wanted, *values, knowing, mend))
      return mend;
    const auto drifted = drifted_parameters(profile, guilty, other);
    if (drifted.size() == 1) {
      mend.parameter = drifted.front();
      mend.remedy = fmt::format(
          "{} is the only parameter whose value at profile {} differs between {} and {}: pin it alike in "
          "both, or give {} a parameter of its own",
          drifted.front(), profile, entry.label, entries_[other].label, compared.aspect);
      return mend;
    }
    mend.remedy = fmt::format(
        "{} has no parameter for {}: it should have one whose off value equals its absence{}, with profile "
        "{} pinning what {} shows{}",
        entry.label, compared.aspect, as_elsewhere(compared.aspect, guilty), profile, entries_[other].label,
        unknown_pins(entry, profile, compared.aspect));
    return mend;
  }

  static std::optional<Value> typed(const Value& value, ValueType type) {
    if (type_of(value) == type) return value;
    const auto number = number_of(value);
    if (!number) return std::nullopt;
    if (type == ValueType::integer) return *number;
    if (type == ValueType::boolean && *number <= 1) return *number == 1;
    return std::nullopt;
  }

  bool would_relate(const std::string& profile, const std::string& aspect, std::size_t source,
                    std::size_t destination, std::size_t changed, const Observation& value) const {
    const Observation from = changed == source ? value : entries_[source].observation(profile, aspect);
    const Observation to =
        changed == destination ? value : entries_[destination].observation(profile, aspect);
    return related(aspect, source, destination, from, to) == Related::yes;
  }

  /// What C1–C3 say of the pair once the source pins that value.
  std::string still_refused(const std::string& profile, std::size_t source, std::size_t destination,
                            std::size_t guilty, const std::string& parameter, const Value& value) const {
    const End& from = entries_[source].types.front();
    const End& to = entries_[destination].like(from);
    auto values = values_at(from, profile);
    if (guilty != source || !values || !values_at(to, profile)) return {};
    (*values)[parameter] = value;
    for (const Reason& reason : check(Scheme::rfc_v3, from, *values, to).reasons) {
      if (reason.parameter != parameter || reason.rule == "R2") continue;
      return fmt::format("; {} still refuses {}{}", reason.rule, assignment(parameter, value),
                         reason.rule == "C2"
                             ? fmt::format(", for its off value is not what its absence does in {}",
                                           entries_[destination].label)
                             : "");
    }
    return {};
  }

  /// `; then it relates to a and b both ways, and not to c`: what the pin does to the others at this profile.
  std::string effect_of(const std::string& profile, const std::string& aspect, std::size_t changed,
                        const Value& value, const std::vector<std::size_t>& knowing) const {
    std::vector<std::string> good, bad;
    for (const std::size_t k : knowing) {
      if (k == changed || entries_[k].observed(profile) == nullptr) continue;
      const bool both = would_relate(profile, aspect, changed, k, changed, value) &&
                        would_relate(profile, aspect, k, changed, changed, value);
      (both ? good : bad).push_back(entries_[k].label);
    }
    std::string text;
    if (!good.empty()) text += fmt::format("; then {} relates both ways to {}", aspect, listed(good, 4));
    if (!bad.empty())
      text += fmt::format("{} {}",
                          text.empty() ? "; then it still does not relate both ways to" : ", still not to",
                          listed(bad, 4));
    return text;
  }

  /// The profile names a parameter that does not exist: most likely the pin that is missing.
  static std::string unknown_pins(const ObservedEntry& entry, const std::string& profile,
                                  const std::string& parameter) {
    const auto at = entry.notes().profiles.find(profile);
    if (at == entry.notes().profiles.end() || at->second.unknown.empty()) return {};
    std::vector<std::string> names;
    for (const UnknownPin& pin : at->second.unknown) names.push_back(in_quotes(pin.name));
    return fmt::format(" (it pins {}, which {} does not have; is {} meant?)", listed(names, 4), entry.label,
                       parameter);
  }

  /// A parameter that the aspect's interface expression depends on, with a value that gives what is wanted.
  bool interface_pin(const std::string& profile, std::size_t source, std::size_t destination,
                     std::size_t guilty, const std::string& aspect, const Observation& wanted,
                     const Configuration& values, const std::vector<std::size_t>& knowing, Mend& mend) const {
    const ObservedEntry& entry = entries_[guilty];
    const End& end = entry.types.front();
    const auto expression = entry.notes().interface.find(aspect);
    if (expression == entry.notes().interface.end()) return false;
    const auto names = parameters_of(expression->second, end.model->parameters);
    if (names.empty()) return false;
    mend.parameter = names.front();
    for (const std::string& name : names) {
      const ValueSet accepted = end.model->parameters.at(name).accepted_values();
      for (const Value& value : first_values(accepted)) {
        Configuration pinned = values;
        pinned[name] = value;
        const auto seen = value_of(evaluate(expression->second, end.model->parameters, pinned));
        if (!seen || !wanted || !equal(*seen, *wanted) || !can_pin(end, values, name, value) ||
            !would_relate(profile, aspect, source, destination, guilty, *seen))
          continue;
        mend.parameter = name;
        mend.remedy = fmt::format("profile {} of {} should pin {}: {} is {} there", profile, entry.label,
                                  assignment(name, value), aspect, expression->second.source) +
                      effect_of(profile, aspect, guilty, *seen, knowing);
        return true;
      }
    }
    mend.remedy = fmt::format(
        "{} is {} in {}; no value of one of its parameters gives {}: pin them together in profile {}", aspect,
        expression->second.source, entry.label, shown(wanted), profile);
    return true;
  }

  static std::vector<Value> first_values(const ValueSet& set) {
    std::vector<Value> values;
    if (set.has_false()) values.push_back(false);
    if (set.has_true()) values.push_back(true);
    for (const Range& range : set.ranges())
      for (std::uint64_t k = range.min; values.size() < pins_tried_max; ++k) {
        values.push_back(k);
        if (k == range.max) break;
      }
    for (const std::string& text : set.strings())
      if (values.size() < pins_tried_max) values.push_back(text);
    return values;
  }

  static std::optional<Value> value_of(const Evaluated& evaluated) {
    if (const bool* truth = std::get_if<bool>(&evaluated)) return *truth;
    if (const std::string* text = std::get_if<std::string>(&evaluated)) return *text;
    const Integer& number = std::get<Integer>(evaluated);
    if (number < 0 || number > std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
    return number.convert_to<std::uint64_t>();
  }

  std::vector<std::string> drifted_parameters(const std::string& profile, std::size_t a,
                                              std::size_t b) const {
    std::set<std::string> names;
    for (const std::size_t k : {a, b})
      for (const auto& [name, parameter] : entries_[k].types.front().model->parameters) names.insert(name);
    std::vector<std::string> drifted;
    for (const std::string& name : names) {
      const auto x = effective_at(entries_[a], profile, name, absence_),
                 y = effective_at(entries_[b], profile, name, absence_);
      if (x && y && *x != *y) drifted.push_back(name);
    }
    return drifted;
  }

  std::string as_elsewhere(const std::string& aspect, std::size_t except) const {
    for (std::size_t k = 0; k < entries_.size(); ++k) {
      const auto& parameters = entries_[k].types.front().model->parameters;
      const auto at = parameters.find(aspect);
      if (k != except && at != parameters.end() && at->second.off)
        return fmt::format(", as {} has with off value {}", entries_[k].label, to_string(*at->second.off));
    }
    return {};
  }

  /// Three implementations: the newer end agrees with the first one, where the guilty one does not; what
  /// mends the way to the first breaks the way from the release that was wrong.
  std::string fix_that_breaks(const std::string& profile, const std::string& aspect, std::size_t guilty,
                              std::size_t other, std::size_t first) const {
    if (guilty == first || other == first || other < guilty) return {};
    if (relates_both_ways(profile, aspect, guilty, first) ||
        !relates_both_ways(profile, aspect, other, first))
      return {};
    return fmt::format(
        "{} shows {} as {} does and {} does not: what mends the way to {} breaks the way from the release "
        "that was wrong, whose instances need a power cycle first",
        entries_[other].label, aspect, entries_[first].label, entries_[guilty].label, entries_[first].label);
  }

  // ---- §5.14

  void cannot_be_made(const std::string& profile) {
    std::vector<std::pair<std::size_t, Makeable>> refusing;
    std::size_t declaring = 0, open = 0;
    std::string reason;
    for (std::size_t k = 0; k < entries_.size(); ++k) {
      if (!entries_[k].declares(profile)) continue;
      ++declaring;
      // An entry can make it when one of its types can.
      std::optional<Makeable> best;
      for (const End& type : entries_[k].types) {
        Makeable made = makeable(type, profile);
        if (!best || made.decision < best->decision ||
            (best->decision == Decision::reject && made.decision == Decision::undetermined))
          best = std::move(made);
        if (best->decision == Decision::accept) break;
      }
      if (best->decision == Decision::undetermined) {
        ++open;
        if (reason.empty())
          reason = fmt::format("profile {} of {}: {}", profile, entries_[k].label, best->why);
      }
      if (best->decision == Decision::reject) refusing.emplace_back(k, std::move(*best));
    }
    if (declaring == 0) return;
    const bool nobody = refusing.size() == declaring;
    if (open > 0 && refusing.size() + open == declaring)
      dead_.open(reason);
    else
      dead_.looked_at_one();
    if (nobody) {
      const auto& [k, made] = refusing.front();
      Finding finding = about(profile);
      finding.source = entries_[k].label;
      finding.parameter = made.parameter;
      finding.place = place_of(entries_[k], profile);
      finding.message =
          fmt::format("no implementation can make profile {}: {}: {}{}", profile, entries_[k].label, made.why,
                      refusing.size() > 1 ? fmt::format(" (and {} more that refuse it)", refusing.size() - 1)
                                          : std::string());
      finding.remedy = fmt::format("change what the profile pins, or remove it");
      dead_.violated(std::move(finding));
      return;
    }
    for (const auto& [k, made] : refusing) {
      Finding finding = about(profile);
      finding.source = entries_[k].label;
      finding.parameter = made.parameter;
      finding.place = place_of(entries_[k], profile);
      finding.message =
          fmt::format("{} cannot make its own profile {}: {}", entries_[k].label, profile, made.why);
      finding.remedy = made.parameter.empty()
                           ? "change the profile's values so that the constraint holds"
                           : fmt::format("let {} accept that value, or pin another one", entries_[k].label);
      refused_.violated(std::move(finding));
    }
  }

  void means_different_values(const std::string& profile) {
    std::set<std::string> names;
    std::vector<std::size_t> declaring;
    for (std::size_t k = 0; k < entries_.size(); ++k) {
      if (!entries_[k].declares(profile)) continue;
      declaring.push_back(k);
      for (const auto& [name, parameter] : entries_[k].types.front().model->parameters) names.insert(name);
    }
    if (declaring.size() < 2) return;
    drift_.looked_at_one();
    for (const std::string& name : names) {
      std::vector<std::pair<Value, std::vector<std::string>>> meanings;
      std::size_t newest = declaring.front();
      for (const std::size_t k : declaring) {
        const auto value = effective_at(entries_[k], profile, name, absence_);
        if (!value) continue;
        const auto same = std::find_if(meanings.begin(), meanings.end(),
                                       [&](const auto& meaning) { return meaning.first == *value; });
        if (same != meanings.end())
          same->second.push_back(entries_[k].label);
        else {
          meanings.push_back({*value, {entries_[k].label}});
          newest = k;
        }
      }
      if (meanings.size() < 2) continue;
      Finding finding = about(profile);
      finding.parameter = name;
      finding.source = meanings.front().second.front();
      finding.destination = meanings.back().second.front();
      finding.place = place_of(entries_[newest], profile);
      std::vector<std::string> texts;
      for (const auto& [value, who] : meanings)
        texts.push_back(fmt::format("{} in {}", assignment(name, value), listed(who, 4)));
      finding.message = fmt::format(
          "profile {} means different values: {} (a parameter that is lacking counts as its off value)",
          profile, fmt::join(texts, ", "));
      finding.remedy =
          fmt::format("pin {} in profile {} of {}, if instances there are meant to look as before",
                      assignment(name, meanings.front().first), profile, finding.destination);
      drift_.violated(std::move(finding));
    }
  }

  // ---- §5.16

  using History =
      std::vector<std::pair<std::size_t, Value>>;  // entry and value, in the order of the catalogue

  void histories(const std::set<std::string>& profiles) {
    // Only versions of one product have a history; files without a version are taken to be versions in their
    // order.
    std::map<std::pair<std::string, std::string>, std::vector<std::size_t>> products;
    for (std::size_t k = 0; k < entries_.size(); ++k) {
      const bool plain = entries_[k].version.empty();
      products[{plain ? "" : entries_[k].name, plain ? "plain" : "versions"}].push_back(k);
    }
    for (const auto& [product, members] : products) {
      if (members.size() < 3) continue;
      std::set<std::string> names;
      for (const std::size_t k : members)
        for (const auto& [name, parameter] : entries_[k].types.front().model->parameters) names.insert(name);
      for (const std::string& name : names) {
        const auto offs = absence_.of(name, nullptr);
        History inits, offs_of;
        for (const std::size_t k : members) {
          const auto& parameters = entries_[k].types.front().model->parameters;
          const auto at = parameters.find(name);
          if (at != parameters.end()) {
            inits.emplace_back(k, at->second.init);
            if (at->second.off) offs_of.emplace_back(k, *at->second.off);
          } else if (offs.size() == 1)
            inits.emplace_back(k, offs.front());  // R3
        }
        returning(inits, "the init value of " + name, name, {}, {});
        returning(offs_of, "the off value of " + name, name, {}, {});
        for (const std::string& profile : profiles) {
          History values;
          for (const std::size_t k : members)
            if (entries_[k].declares(profile))
              if (const auto value = effective_at(entries_[k], profile, name, absence_))
                values.emplace_back(k, *value);
          returning(values, fmt::format("the value of {} at profile {}", name, profile), name, profile, {});
        }
      }
      for (const std::string& profile : profiles) {
        std::set<std::string> aspects;
        for (const std::size_t k : members)
          if (const auto* all = entries_[k].observed(profile))
            for (const auto& [aspect, value] : *all) aspects.insert(aspect);
        for (const std::string& aspect : aspects) {
          if (told_.contains({profile, aspect})) continue;  // what is declared says it already
          returning(observations(members, profile, aspect),
                    fmt::format("what was observed of {} at profile {}", aspect, profile), {}, profile,
                    aspect);
        }
      }
    }
  }

  History observations(const std::vector<std::size_t>& members, const std::string& profile,
                       const std::string& aspect) const {
    const auto offs = absence_.of(aspect, nullptr);
    std::optional<Value> absent = offs.size() == 1 ? std::optional(offs.front()) : std::nullopt;
    if (offs.empty())
      for (const std::size_t k : members)
        if (const auto seen = entries_[k].observation(profile, aspect)) {
          absent = nothing_like(*seen);
          break;
        }
    History history;
    for (const std::size_t k : members) {
      if (entries_[k].observed(profile) == nullptr) continue;
      const auto seen = entries_[k].observation(profile, aspect);
      if (seen)
        history.emplace_back(k, *seen);
      else if (absent)
        history.emplace_back(k, *absent);
    }
    return history;
  }

  void returning(const History& history, const std::string& what, const std::string& parameter,
                 const std::string& profile, const std::string& aspect) {
    if (history.size() < 3) return;
    returns_.looked_at_one();
    for (std::size_t c = 2; c < history.size(); ++c) {
      if (equal(history[c].second, history[c - 1].second)) continue;
      for (std::size_t a = c - 1; a-- > 0;) {
        if (!equal(history[a].second, history[c].second)) continue;
        const auto changed =
            std::find_if(history.begin() + static_cast<std::ptrdiff_t>(a), history.end(),
                         [&](const auto& one) { return !equal(one.second, history[a].second); });
        Finding finding = about(profile);
        finding.parameter = parameter;
        finding.aspect = aspect;
        finding.source = entries_[history[a].first].label;
        finding.destination = entries_[history[c].first].label;
        finding.place = profile.empty() ? entries_[history[c].first].types.front().implementation->place
                                        : place_of(entries_[history[c].first], profile);
        finding.message =
            fmt::format("{} was {} in {}, is {} in {} and {} again in {}", what, to_string(history[a].second),
                        finding.source, to_string(changed->second), entries_[changed->first].label,
                        to_string(history[c].second), finding.destination);
        finding.remedy = fmt::format(
            "whoever began with {} has {}: keep that in a profile of {} and pin it from then on",
            entries_[changed->first].label, to_string(changed->second), entries_[changed->first].label);
        told_.emplace(profile, parameter);
        returns_.violated(std::move(finding));
        return;  // one for each history: the first return
      }
    }
  }

  const std::string& model_;
  std::vector<ObservedEntry> entries_;
  Absence absence_;
  std::set<std::pair<std::string, std::string>> told_;  ///< profile and parameter whose return was told
  Collected &changes_, &refusals_, &dead_, &refused_, &drift_, &returns_;
};

}  // namespace

Absence::Absence(const Catalogue& catalogue, const std::string& model) {
  for (const Implementation& one : catalogue.implementations) {
    const DeviceModel* described = one.model(model);
    if (described == nullptr) continue;
    for (const auto& [name, parameter] : described->parameters) {
      if (!parameter.off) continue;
      auto& values = offs_[name];
      if (std::find(values.begin(), values.end(), *parameter.off) == values.end())
        values.push_back(*parameter.off);
    }
  }
}

std::vector<Value> Absence::of(const std::string& aspect, const DeviceModel* destination) const {
  if (destination != nullptr) {
    const auto own = destination->parameters.find(aspect);
    if (own != destination->parameters.end() && own->second.off) return {*own->second.off};
  }
  const auto at = offs_.find(aspect);
  return at == offs_.end() ? std::vector<Value>{} : at->second;
}

Related relate(Relation relation, const Observation& source, const Observation& destination,
               const std::vector<Value>& absent) {
  if (!source && !destination) return Related::yes;
  const auto holds = [&](const Value& from, const Value& to) {
    return relation == Relation::exact ? equal(from, to) : !is_on(from) || is_on(to);
  };
  if (source && destination) return holds(*source, *destination) ? Related::yes : Related::no;
  std::vector<Value> meanings = absent;
  if (meanings.empty()) meanings.push_back(nothing_like(source ? *source : *destination));
  std::size_t held = 0;
  for (const Value& meaning : meanings)
    held += holds(source ? *source : meaning, destination ? *destination : meaning) ? 1 : 0;
  return held == meanings.size() ? Related::yes : held == 0 ? Related::no : Related::undetermined;
}

std::optional<Configuration> values_at(const End& end, const std::string& profile) {
  const Annotations& notes = end.implementation->annotations_of(end.model->name);
  const auto found = notes.profiles.find(profile);
  if (found == notes.profiles.end()) return std::nullopt;
  Configuration values = fresh(*end.model);
  for (const auto& [name, value] : found->second.values) values[name] = value;
  return values;
}

std::optional<std::vector<AspectComparison>> compare_observations(const Absence& absence, const End& source,
                                                                  const End& destination,
                                                                  const std::string& profile) {
  const Annotations& from = source.implementation->annotations_of(source.model->name);
  const Annotations& to = destination.implementation->annotations_of(destination.model->name);
  const auto here = from.observed.find(profile), there = to.observed.find(profile);
  if (here == from.observed.end() || there == to.observed.end()) return std::nullopt;
  std::set<std::string> aspects;
  for (const auto* side : {&here->second, &there->second})
    for (const auto& [aspect, value] : *side) aspects.insert(aspect);
  std::vector<AspectComparison> compared;
  for (const std::string& aspect : aspects) {
    AspectComparison one;
    one.aspect = aspect;
    for (const Annotations* notes : {&to, &from})  // §3: the source's entry counts, else the destination's
      if (const auto at = notes->compare.find(aspect); at != notes->compare.end()) one.relation = at->second;
    if (const auto at = here->second.find(aspect); at != here->second.end()) one.source = at->second;
    if (const auto at = there->second.find(aspect); at != there->second.end()) one.destination = at->second;
    one.absent = absence.of(aspect, destination.model);
    one.related = relate(one.relation, one.source, one.destination, one.absent);
    compared.push_back(std::move(one));
  }
  return compared;
}

std::string to_string(const AspectComparison& comparison) {
  const auto end = [&](const Observation& own, const Observation& other, std::string_view where) {
    if (own) return fmt::format("{} at the {}", to_string(*own), where);
    std::vector<std::string> meanings;
    for (const Value& value : comparison.absent) meanings.push_back(to_string(value));
    if (meanings.empty() && other) meanings.push_back(to_json(nothing_like(*other)));
    return fmt::format("absent at the {} (which counts as {})", where, fmt::join(meanings, " or "));
  };
  return fmt::format("{} is {} and {}; compare says {}", comparison.aspect,
                     end(comparison.source, comparison.destination, "source"),
                     end(comparison.destination, comparison.source, "destination"),
                     name_of(comparison.relation));
}

Examination audit(const Catalogue& catalogue, std::size_t findings_max) {
  Collected changes("undeclared-change",
                    "at each profile that two implementations know, what was observed relates as compare "
                    "says, in both directions",
                    "§5.15, §3", "no profile was observed in two implementations of a model", Severity::error,
                    findings_max);
  Collected refusals("profile-migration",
                     "at each profile that two implementations know, the values of the one are accepted by "
                     "the other (C1-C3), in both directions",
                     "§5.15, R5", "no profile is known to two implementations of a model", Severity::error,
                     findings_max);
  Collected dead("dead-profile", "each profile can be made by some implementation that declares it", "§5.14",
                 "there are no profiles", Severity::warning, findings_max);
  Collected refused("profile-refused", {}, {}, {}, Severity::warning, findings_max);
  Collected drift("profile-drift", "a profile means the same values in all implementations", "§5.14",
                  "no profile is known to two implementations of a model", Severity::warning, findings_max);
  Collected returns("a-b-a", "no value changes from one version to the next and returns later", "§5.16",
                    "no value has three versions", Severity::warning, findings_max);
  std::set<std::string> models;
  for (const Implementation& one : catalogue.implementations)
    for (const auto& [name, model] : one.info.models) models.insert(name);
  for (const std::string& model : models)
    ModelAudit(catalogue, model, changes, refusals, dead, refused, drift, returns).run();
  Examination examination;
  for (Collected* one : {&changes, &refusals, &dead, &drift, &returns}) one->into(examination);
  Examination odd;
  refused.into(odd);
  std::move(odd.findings.begin(), odd.findings.end(), std::back_inserter(examination.findings));
  return examination;
}

}  // namespace portolan::compat
