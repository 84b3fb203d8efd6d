// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/advice.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/compat/audit/interface_change.hpp"
#include "model/compat/audit/pins.hpp"
#include "model/compat/audit/relations.hpp"
#include "model/compat/audit/trial.hpp"
#include "model/compat/constraint.hpp"
#include "model/compat/judging/all_known.hpp"
#include "model/compat/judging/blocks.hpp"
#include "model/compat/judging/reasons_table.hpp"

namespace portolan::compat::audit {
namespace {

/// Both ends were observed, and with that value at the source the observation would not relate.
bool shows_otherwise(const Model& model, const Move& move, const std::string& parameter, const Value& value) {
  const auto* here = model[move.source].observed(move.profile);
  const auto* there = model[move.destination].observed(move.profile);
  if (here == nullptr || there == nullptr || (!here->contains(parameter) && !there->contains(parameter)))
    return false;
  return !would_relate(model, move, parameter, move.source, value);
}

/// Whether some entry before the destination, in the order of the catalogue, has the parameter.
bool was_known_before(const Model& model, const Move& move, const std::string& parameter) {
  return std::any_of(
      model.entries().begin(), model.entries().begin() + static_cast<std::ptrdiff_t>(move.destination),
      [&](const Entry& entry) {
        return std::any_of(entry.types.begin(), entry.types.end(),
                           [&](const End& type) { return type.model->find(parameter) != nullptr; });
      });
}

/// What is wrong with a listed parameter at the destination.
enum class Listed { refused, forgotten, never_known };

/// A pin of one parameter with which the block is certainly false, and that helps besides.
std::optional<Pin> pin_against(const End& end, const std::string& profile, const Block& block,
                               const std::function<bool(const Pin&)>& helps) {
  const auto values = values_at(end, profile);
  if (!values) return std::nullopt;
  for (const std::string& name : parameters_of(block.when, block.variables)) {
    const Parameter* own = end.model->find(name);
    if (own == nullptr) continue;
    for (const Value& value : values_to_try(own->accepted_values())) {
      Pin pin{name, value};
      if (!is_new_pin(end, *values, pin)) continue;
      Configuration pinned = *values;
      pinned[name] = value;
      const bool is_false = holds_of_known(block, known_at(end, pinned, profile, false)) == false;
      if (is_false && helps(pin)) return pin;
    }
  }
  return std::nullopt;
}

/// One reason, and what is said about it.
class Advising {
 public:
  Advising(const Model& model, const Move& move, const Obstacles& obstacles, const Reason& reason)
      : model_(model),
        move_(move),
        obstacles_(obstacles),
        reason_(reason),
        values_(*values_at(obstacles.source, move.profile)) {
    words_.source = model[move.source].label;
    words_.destination = model[move.destination].label;
    words_.profile = move.profile;
    words_.parameter = reason.parameter;
    words_.expects(reason.expected);
    if (reason.value) value_ = to_string(*reason.value);
    words_.value = value_;
  }

  Advice advice() {
    const std::string& rule = reason_.rule;
    if (rule == "interface") return on_interface(model_, move_, obstacles_, reason_.about);
    Advice advice{reason_.parameter, {}, reason_.place};
    advice.text = rule == "C2" || rule == "C3" ? on_listed()
                  : rule == "C4"               ? on_c4(advice)
                  : rule == "C5"               ? on_c5()
                  : rule == "C6"               ? on_c6(advice)
                  : rule == "takes"            ? on_takes()
                  : rule == "blocks"           ? on_blocks()
                  : rule == "lost" && reason_.never_sent
                      ? filled(Remedy::lost_unsent_publishing, words_)
                      : filled(usual_remedy(rule, Audience::publishing), words_);
    return advice;
  }

 private:
  const End& there() const { return obstacles_.destination; }
  MovingEnds ends() const { return {obstacles_.source, obstacles_.destination}; }
  bool is_new(const Pin& pin) const { return is_new_pin(obstacles_.source, values_, pin); }
  Trial tried(const Pin& pin) const { return Trial(model_, move_, ends(), move_.source, pin); }
  /// Pinned at the source, nothing is held against the parameter, and nothing else than before.
  bool helps(const Pin& pin) const {
    if (!is_new(pin)) return false;
    const Trial trial = tried(pin);
    return trial.against(pin.parameter) == nullptr && !trial.adds_to(obstacles_.refused);
  }

  std::string with_value(Remedy remedy, const std::string& value) {
    RemedyWords words = words_;
    words.value = value;
    return filled(remedy, words);
  }

  /// C2 and C3.
  std::string on_listed() {
    const Parameter& own = obstacles_.source.model->parameters.at(reason_.parameter);
    const Parameter* known = known_as(there(), {}, own.name);
    // No pin helps, off neither: of two types no values are equal.
    if (known != nullptr && known->type != own.type) return filled(Remedy::c2_one_type, words_);
    if (known == nullptr)
      for (const auto& [second, first] : notes_of(obstacles_.source).aliases)
        if (const Parameter* same = there().model->find(second);
            first == own.name && same != nullptr && same->type == own.type)
          return with_value(Remedy::c2_one_name, second);
    const Listed listed = known != nullptr                            ? Listed::refused
                          : was_known_before(model_, move_, own.name) ? Listed::forgotten
                                                                      : Listed::never_known;
    if (std::string pin = pin_at_source(own, listed); !pin.empty()) return pin;
    const std::string value =
        to_string(listed == Listed::never_known && own.off ? *own.off : values_.at(own.name));
    switch (listed) {
      case Listed::refused: return with_value(Remedy::c3_accept, value);
      case Listed::forgotten: return with_value(Remedy::c2_know_again, value);
      case Listed::never_known: break;
    }
    return with_value(own.off ? Remedy::c2_accept_off : Remedy::c2_give_off, value);
  }

  /// What the source's profile could pin instead, or, where the observations forbid it, that its off value
  /// is wrong; empty where nothing helps.
  std::string pin_at_source(const Parameter& own, Listed listed) {
    // The profile of the one that knew it first says what it means; the other one has to follow.
    const std::vector<std::size_t> declaring = model_.declaring(move_.profile);
    const std::optional<Value> meant =
        declaring.empty() ? std::nullopt : model_.effective_at(declaring.front(), move_.profile, own.name);
    // A destination that never knew the parameter cannot follow: that would be another version.
    if (listed != Listed::never_known && meant == std::optional(values_.at(own.name))) return {};
    const bool known = listed == Listed::refused;
    std::vector<Value> candidates;
    if (meant) candidates.push_back(*meant);
    if (own.off) candidates.push_back(*own.off);
    for (const Value& value : candidates) {
      const Pin pin{own.name, value};
      if (type_of(value) != own.type || !helps(pin)) continue;
      if (!shows_otherwise(model_, move_, own.name, value))
        return with_value(known ? Remedy::c3_pin : Remedy::c2_pin, to_string(value));
      const std::string shown_there = shown(model_[move_.destination].observation(move_.profile, own.name));
      words_.expected = shown_there;
      return with_value(known ? Remedy::c3_off_differs : Remedy::c2_off_differs, to_string(value));
    }
    return {};
  }

  std::string on_c4(Advice& advice) {
    const Parameter& own = there().model->parameters.at(reason_.parameter);
    if (own.off) return with_value(Remedy::c4_accept_off, to_string(*own.off));
    const auto& profiles = notes_of(there()).profiles;
    const auto profile = profiles.find(move_.profile);
    if (profile == profiles.end()) return filled(Remedy::c4_give_off, words_);
    const auto pin = profile->second.values.find(own.name);
    if (pin == profile->second.values.end()) return filled(Remedy::c4_publishing, words_);
    advice.place = profile->second.place;
    const std::string accepted = to_string(own.accepted_values());
    words_.expects(accepted);
    return with_value(own.accepted_values().empty() ? Remedy::c4_accept_pin : Remedy::c4_other_pin,
                      to_string(pin->second));
  }

  std::string on_c5() {
    const Parameter& own = there().model->parameters.at(reason_.parameter);
    const auto values = values_at(there(), move_.profile);
    const Parameter* ours = obstacles_.source.model->find(own.name);
    if (!own.off && values && ours != nullptr && ours->off) {
      const Pin pin{own.name, *ours->off};
      if (is_new_pin(there(), *values, pin) &&
          Trial(model_, move_, ends(), move_.destination, pin).against(own.name) == nullptr)
        return with_value(Remedy::c5_pin, to_string(*ours->off));
    }
    return filled(Remedy::c5_publishing, words_);
  }

  /// The parameters of the constraint that fails.
  std::vector<std::string> constrained() const {
    for (const rules::Expression& one : constraints_of(there()))
      if (one.source == reason_.expected) return parameters_of(one, there().model->parameters);
    return {};
  }

  std::string on_c6(Advice& advice) {
    const std::vector<std::string> names = constrained();
    // Of two versions the newer one has to follow; a release that is out cannot.
    if (move_.source > move_.destination)
      for (const std::string& name : names) {
        const Parameter* own = obstacles_.source.model->find(name);
        if (own == nullptr) continue;
        for (const Value& value : tried_values(*own)) {
          const Pin pin{name, value};
          if (!helps(pin) || !tried(pin).meets("C6", reason_.expected)) continue;
          advice.parameter = name;
          words_.parameter = advice.parameter;
          return with_value(Remedy::c6_pin, to_string(value));
        }
      }
    const auto list = as_known(parameter_list(*obstacles_.source.model, values_), there());
    const DeviceModel made = destination_at_profile(
        {obstacles_.source, values_, there(), move_.profile, &model_.absence(), false});
    const Configuration given = prepared(list, made);
    std::vector<std::string> texts;
    bool is_listed = false;
    for (const std::string& name : names) {
      is_listed = is_listed || list.contains(name);
      texts.push_back(assignment(name, given.at(name)));
    }
    const std::string text = fmt::format("{}", fmt::join(texts, ", "));
    words_.values = text;
    return filled(is_listed ? Remedy::c6_permit : Remedy::c6_off, words_);
  }

  std::string on_takes() {
    const Parameter* own = obstacles_.source.model->find(reason_.parameter);
    const Parameter* known = known_as(there(), {}, reason_.parameter);
    const auto& profile = notes_of(obstacles_.source).profiles.at(move_.profile);
    if (own == nullptr || known == nullptr || profile.values.contains(own->name))
      return filled(Remedy::takes_publishing, words_);
    const auto& takes = notes_of(there()).notes_of(known->name).takes;
    ValueSet helping(own->type);
    if (takes)
      for (const Value& value : values_to_try(own->accepted_values().intersection(*takes))) {
        const Pin pin{own->name, value};
        if (helps(pin) && !shows_otherwise(model_, move_, own->name, value)) helping.add(value);
      }
    if (helping.empty()) return filled(Remedy::takes_publishing, words_);
    const std::string values = to_string(helping);
    words_.values = values;
    return filled(Remedy::takes_pin, words_);
  }

  std::string on_blocks() {
    for (const Block& block : notes_of(obstacles_.source).blocks) {
      if (reason_.expected != fmt::format("!({})", block.when.source)) continue;
      const auto pin =
          pin_against(obstacles_.source, move_.profile, block, [&](const Pin& one) { return helps(one); });
      if (!pin) continue;
      words_.parameter = pin->parameter;
      return with_value(Remedy::blocks_pin, to_string(pin->value));
    }
    return filled(Remedy::blocks_publishing, words_);
  }

  /// A few at both ends of what it accepts, so that much is tried in little time.
  static std::vector<Value> tried_values(const Parameter& own) {
    constexpr std::size_t tried_max = 64;
    std::vector<Value> values = values_to_try(own.accepted_values());
    if (values.size() > tried_max) values.resize(tried_max);
    return values;
  }

  const Model& model_;
  const Move& move_;
  const Obstacles& obstacles_;
  const Reason& reason_;
  const Configuration values_;
  std::string value_;
  RemedyWords words_;
};

}  // namespace

Advice advice_on(const Model& model, const Move& move, const Obstacles& obstacles, const Reason& reason) {
  return Advising(model, move, obstacles, reason).advice();
}

std::string advice_on_block(const Entry& entry, const End& end, const std::string& profile,
                            const Block& block) {
  RemedyWords words;
  words.source = entry.label;
  words.profile = profile;
  const std::string condition = fmt::format("!({})", block.when.source);
  words.expects(condition);
  const auto pin = pin_against(end, profile, block, [](const Pin&) { return true; });
  if (!pin) return filled(Remedy::blocks_publishing, words);
  words.parameter = pin->parameter;
  const std::string value = to_string(pin->value);
  words.value = value;
  return filled(Remedy::blocks_pin, words);
}

}  // namespace portolan::compat::audit
