// SPDX-License-Identifier: Apache-2.0
//
// What bench/explore runs: F(hosts, VMs, versions, switches) as Promela on standard output, or explored, with
// the result as one line of JSON.
//   bench_explore promela HOSTS VMS VERSIONS SWITCHES
//   bench_explore run|reduced HOSTS VMS VERSIONS SWITCHES THREADS
//   bench_explore scenario|scenario-reduced SCENARIO THREADS    its *always* and *sometimes*, as Spin has
//   them bench_explore backward SCENARIO THREADS    every *eventually* of a scenario, and the same search
//   without them
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "bench/fleet_model.hpp"
#include "model/fleet/scenario.hpp"
#include "model/rules/compile.hpp"
#include "solver/explore/explorer.hpp"

using namespace portolan;

namespace {

struct Scenario {
  rules::Module whole, without;  ///< *eventually*
};

std::optional<Scenario> load(const char* file) {
  auto loaded = fleet::load_scenario(file);
  if (!loaded) {
    fmt::print(stderr, "{}\n", to_string(loaded.error()));
    return std::nullopt;
  }
  Scenario scenario{loaded->module, loaded->module};
  std::erase_if(scenario.without.properties,
                [](const rules::Property& p) { return p.verb == rules::Verb::eventually; });
  return scenario;
}

void print(const solver::explore::Exploration& got) {
  const bool violated = std::any_of(got.properties.begin(), got.properties.end(), [](const auto& p) {
    return p.verb == rules::Verb::always && p.verdict == solver::explore::PropertyVerdict::violated;
  });
  fmt::print(
      "{{\"states\":{},\"transitions\":{},\"depth\":{},\"seconds\":{:.3f},\"peak_bytes\":{},\"complete\":{},"
      "\"safe\":\"{}\"}}\n",
      got.states, got.transitions, got.depth, got.seconds, got.peak_bytes, got.complete,
      violated       ? "violated"
      : got.complete ? "holds"
                     : "undetermined");
}

int scenario(const char* file, bool symmetry, unsigned threads) {
  const auto loaded = load(file);
  if (!loaded) return 2;
  print(solver::explore::Explorer(loaded->without, {.threads = threads, .symmetry = symmetry}).run());
  return 0;
}

int backward(const char* file, unsigned threads) {
  const auto loaded = load(file);
  if (!loaded) return 2;
  const auto explored = [&](const rules::Module& module) {
    return solver::explore::Explorer(module, {.threads = threads}).run();
  };
  const solver::explore::Exploration forward = explored(loaded->without), both = explored(loaded->whole);
  fmt::print(
      "{{\"states\":{},\"eventually\":{},\"forward_seconds\":{:.3f},\"both_seconds\":{:.3f},\"forward_"
      "bytes\":{},\"both_bytes\":{}}}\n",
      both.states, loaded->whole.properties.size() - loaded->without.properties.size(), forward.seconds,
      both.seconds, forward.peak_bytes, both.peak_bytes);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 4) {
    const auto threads = static_cast<unsigned>(std::max(1, std::atoi(arguments[3])));
    if (std::strcmp(arguments[1], "backward") == 0) return backward(arguments[2], threads);
    if (std::strcmp(arguments[1], "scenario") == 0) return scenario(arguments[2], false, threads);
    if (std::strcmp(arguments[1], "scenario-reduced") == 0) return scenario(arguments[2], true, threads);
  }
  const bool run = count == 7 &&
                   (std::strcmp(arguments[1], "run") == 0 || std::strcmp(arguments[1], "reduced") == 0),
             promela = count == 6 && std::strcmp(arguments[1], "promela") == 0;
  int numbers[5] = {1, 1, 1, 1, 1};
  for (int i = 2; i < count && i < 7; ++i)
    std::from_chars(arguments[i], arguments[i] + std::strlen(arguments[i]), numbers[i - 2]);
  if (!(run || promela) || *std::min_element(numbers, numbers + 5) < 1) {
    fmt::print(
        stderr,
        "usage: bench_explore promela HOSTS VMS VERSIONS SWITCHES | bench_explore run|reduced HOSTS VMS "
        "VERSIONS SWITCHES THREADS | bench_explore scenario|scenario-reduced|backward SCENARIO THREADS\n");
    return 2;
  }
  const bench::FleetSize size{numbers[0], numbers[1], numbers[2], numbers[3]};
  if (promela) {
    fmt::print("{}", bench::fleet_promela(size));
    return 0;
  }
  const bench::ModuleSource source = bench::fleet_module(size);
  const rules::CompiledModule compiled = rules::compile(source.text());
  if (!compiled.faults.empty()) {
    fmt::print(stderr, "{}\n", compiled.faults.front().fault.finding);
    return 3;
  }
  solver::explore::ExploreOptions options;
  options.symmetry = std::strcmp(arguments[1], "reduced") == 0;
  options.threads = static_cast<unsigned>(numbers[4]);
  const solver::explore::Exploration got = solver::explore::Explorer(compiled.module, options).run();
  print(got);
  return 0;
}
