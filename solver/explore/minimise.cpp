// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/minimise.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/fleet/reductions.hpp"

namespace portolan::solver::explore {

namespace {

class Minimising {
 public:
  Minimising(const fleet::LoadedScenario& loaded, const std::string& property, const MinimiseOptions& options)
      : loaded_(loaded), property_(property), options_(options) {
    if (const int known = loaded.module.property(property); known >= 0)
      safety_ = loaded.module.properties[static_cast<std::size_t>(known)].verb == rules::Verb::always;
  }

  std::optional<Smaller> run() {
    std::string content = fleet::focused(loaded_.content, property_);
    for (bool again = true; again && !stopped();) {
      again = false;
      undecided_.clear();
      for (const fleet::Reduction& one : fleet::reductions(content)) {
        if (stopped()) break;
        // That something can be reached no more is not shown by taking away where it would have happened.
        if ((one.less_room && !safety_) || !attempt(one)) continue;
        note(one);
        content = one.content;
        again = true;
        break;
      }
    }
    if (!best_) return std::nullopt;
    for (const Removed& one : removed_) best_->removed.push_back(told(one.what, one.from, one.to));
    best_->undecided = undecided_;
    return std::move(best_);
  }

 private:
  struct Removed {
    std::string what;
    std::uint64_t from, to;
  };
  const fleet::LoadedScenario& loaded_;
  const std::string& property_;
  const MinimiseOptions& options_;
  bool safety_ = true;
  std::optional<Smaller> best_;
  std::vector<Removed> removed_;
  std::vector<std::string> undecided_;

  bool stopped() const { return options_.stop && options_.stop(); }
  static std::string told(const std::string& what, std::uint64_t from, std::uint64_t to) {
    return to == 0 && what != "fault budget" ? what + ": removed"
                                             : fmt::format("{}: {} -> {}", what, from, to);
  }
  void note(const fleet::Reduction& one) {
    const auto known =
        std::find_if(removed_.begin(), removed_.end(), [&](const Removed& r) { return r.what == one.what; });
    if (known == removed_.end())
      removed_.push_back({one.what, one.from, one.to});
    else
      known->to = one.to;
  }

  /// Whether the scenario is one, and violates the property within the bound.
  bool attempt(const fleet::Reduction& one) {
    auto made = fleet::read_scenario(one.content, loaded_.scenario.file, loaded_.catalogue);
    if (!made) return false;  // something in it names what is gone
    rules::Module asked = made->module;
    std::erase_if(asked.properties, [&](const rules::Property& p) { return p.name != property_; });
    if (asked.properties.empty() && property_ != well_defined) return false;
    ExploreOptions options;
    options.symmetry = true;
    options.states_max = options_.states_max;
    options.bytes_max = options_.bytes_max;
    options.stop_at_violation = true;
    options.stop = options_.stop;
    const Exploration found = Explorer(asked, options).run();
    const auto result = std::find_if(found.properties.begin(), found.properties.end(),
                                     [&](const PropertyResult& p) { return p.name == property_; });
    if (result != found.properties.end() && result->verdict == PropertyVerdict::violated && result->trace) {
      best_ = Smaller{{}, {}, std::move(*made), *result};
      return true;
    }
    if (!found.complete && (found.bound == "states" || found.bound == "memory"))
      undecided_.push_back(told(one.what, one.from, one.to));
    return false;
  }
};

}  // namespace

std::optional<Smaller> minimised(const fleet::LoadedScenario& loaded, const std::string& property,
                                 const MinimiseOptions& options) {
  return Minimising(loaded, property, options).run();
}

}  // namespace portolan::solver::explore
