// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/bounds.hpp"

#include <memory>

namespace portolan::solver::explore {

using Clock = std::chrono::steady_clock;

std::string bound_name(SearchEnd end) {
  switch (end) {
    case SearchEnd::complete: return {};
    case SearchEnd::found: return "violation";
    case SearchEnd::states: return "states";
    case SearchEnd::memory: return "memory";
    case SearchEnd::time: return "time";
    case SearchEnd::stopped: return "stopped";
    case SearchEnd::narrow:
    case SearchEnd::grew:
    case SearchEnd::paused: break;
  }
  return {};
}

std::string bound_reason(SearchEnd end) {
  switch (end) {
    case SearchEnd::complete: return {};
    case SearchEnd::found: return "the search ended at the first violation";
    case SearchEnd::states: return "the search ended at its bound on states";
    case SearchEnd::memory: return "the search ended at its bound on memory";
    case SearchEnd::time: return "the search ended at its bound on time";
    case SearchEnd::stopped: return "the search was stopped";
    case SearchEnd::narrow:
    case SearchEnd::grew:
    case SearchEnd::paused: break;
  }
  return {};
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::function<void(std::uint64_t)> preparation_tick(const SearchLimits& limits) {
  return [&limits](std::uint64_t bytes) {
    if (limits.stop && limits.stop()) throw PreparationEnded{SearchEnd::stopped};
    if (limits.deadline && Clock::now() >= *limits.deadline) throw PreparationEnded{SearchEnd::time};
    if (limits.bytes_max > 0 && bytes > limits.bytes_max) throw PreparationEnded{SearchEnd::memory};
  };
}

SearchLimits search_limits(const ExploreOptions& options, Clock::time_point begin) {
  const auto span = [](double seconds) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  };
  SearchLimits limits;
  limits.states_max = options.states_max;
  limits.bytes_max = options.bytes_max;
  if (options.seconds_max > 0) {
    limits.deadline = options.deadline.value_or(begin + span(options.seconds_max));
    limits.grace = span(options.seconds_max * 0.08);
  }
  limits.stop = options.stop;
  if (options.progress)
    limits.progress = [&options, begin, most = std::make_shared<std::uint64_t>(0)](
                          std::uint64_t states, std::uint64_t transitions, std::uint64_t depth,
                          std::uint64_t frontier, std::uint64_t bytes) {
      // A search that began again, with limits of its own, has not come as far as the one before.
      if (states < *most) return;
      *most = states;
      options.progress({states, transitions, depth, frontier, bytes, seconds_since(begin)});
    };
  return limits;
}

}  // namespace portolan::solver::explore
