// SPDX-License-Identifier: Apache-2.0
//
// What bench/compat runs, as one line of JSON: a seeded catalogue of implementations of one model, its matrix
// by one engine, or the same cells by the peer, which asks Z3 for each pair with push and pop on one
// incremental solver, as one would write it by hand.
//   bench_compat independent|coupled|own MEMBERS PARAMETERS auto|z3-joined|push-pop [PAIRS]
// With PAIRS, about so many pairs are looked at: sources spread over all, each with all its destinations. The
// matrix decides all in any case. `independent`: no constraints. `coupled`: a base set of constraints over
// groups of up to six parameters, of which each version changes at most two. `own`: constraints of its own
// for each implementation. The digest is over the relation (all or not) of the cells that were decided, in
// order.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <z3++.h>

#include "model/compat/constraint.hpp"
#include "solver/matrix/matrix.hpp"
#include "solver/smt/terms.hpp"

using namespace portolan;
using compat::Parameter;
using compat::Value;
using compat::ValueSet;
using compat::ValueType;

namespace {

constexpr const char* model_name = "bench.example/device";

struct Shape {
  std::string kind;
  std::size_t members = 0, parameters = 0;
};

/// Families of twenty-five: later members widen ranges, and sometimes narrow them.
compat::Catalogue catalogue_of(const Shape& shape) {
  std::mt19937_64 random(42);
  const auto below = [&](std::uint64_t bound) { return random() % bound; };
  const bool coupled = shape.kind != "independent";
  const std::size_t families = coupled ? 1 : std::max<std::size_t>(1, shape.members / 25);
  const auto widened = [&](Parameter& parameter, bool widen) {
    ValueSet set(parameter.type);
    if (parameter.type == ValueType::boolean) {
      set.add(Value(false));
      if (widen) set.add(Value(true));
    } else {
      const compat::Range range = parameter.allowed->ranges().front();
      set.add(widen ? compat::Range{range.min, std::min<std::uint64_t>(range.max * 2, 1024)}
                    : compat::Range{range.min, std::max(range.min + 1, range.max / 2)});
    }
    parameter.allowed = set;
  };
  std::vector<compat::Parameters> bases(families);
  for (auto& base : bases) {
    for (std::size_t i = 0; i < shape.parameters; ++i) {
      Parameter made;
      made.name = fmt::format("p{:02}", i);
      made.type = i % 3 == 0 ? ValueType::boolean : ValueType::integer;
      ValueSet set(made.type);
      if (made.type == ValueType::boolean) {
        set.add(Value(false));
        if (coupled || below(4) == 0) set.add(Value(true));
        made.init = Value(false);
      } else {
        const std::uint64_t low = std::uint64_t{1} << below(3);
        set.add(compat::Range{low, coupled ? std::uint64_t{64} : std::uint64_t{1} << (3 + below(5))});
        made.init = Value(low);
      }
      made.allowed = set;
      base.emplace(made.name, std::move(made));
    }
  }
  // Each constraint ties a switch to two numbers next to it: groups of three, or of six where a second one
  // reaches into the next group.
  const auto constraint = [&](std::size_t group, bool reach, std::uint64_t bound) {
    const std::size_t a = group * 3, b = a + 1, c = reach && a + 4 < shape.parameters ? a + 4 : a + 2;
    return fmt::format("p{:02} => p{:02} + p{:02} <= {}", a, b, c, bound);
  };
  const std::size_t groups = shape.parameters / 3;
  std::vector<std::string> base_constraints;
  std::vector<std::uint64_t> bounds;
  for (std::size_t group = 0; group < groups; ++group) {
    bounds.push_back(64 + 8 * below(3));
    base_constraints.push_back(constraint(group, group % 2 == 0, bounds.back()));
  }

  compat::Catalogue catalogue;
  std::vector<std::string> current = base_constraints;
  for (std::size_t i = 0; i < shape.members; ++i) {
    compat::Implementation made;
    made.label = made.name = fmt::format("v{}", i);
    compat::DeviceModel& model = made.info.models[model_name];
    model.name = model_name;
    model.parameters = bases[i % families];
    if (!coupled) {
      for (int change = 0; change < 2; ++change) {
        auto at = std::next(model.parameters.begin(), static_cast<std::ptrdiff_t>(below(shape.parameters)));
        widened(at->second, below(8) != 0);
        bases[i % families].at(at->first) = at->second;
      }
    }
    if (coupled) {
      std::vector<std::string> texts;
      if (shape.kind == "coupled") {
        // Later versions lift bounds, seldom lower them.
        for (std::uint64_t change = below(3); change > 0; --change) {
          const std::size_t group = below(groups);
          bounds[group] = below(60) == 0 ? bounds[group] - 8
                                         : std::min<std::uint64_t>(bounds[group] + 8 * (below(8) == 0), 128);
          current[group] = constraint(group, group % 2 == 0, bounds[group]);
        }
        texts = current;
      } else {
        for (std::size_t group = 0; group < groups; ++group)
          texts.push_back(
              fmt::format("{} + {}", constraint(group, group % 2 == 0, 20 + i / 5), group * 2 + below(2)));
      }
      for (const std::string& text : texts) {
        auto parsed = compat::parse_parameter_expression(text, model.parameters, Place{}, ValueType::boolean);
        if (!parsed) throw std::runtime_error(text);
        made.annotations[model_name].constraints.push_back(std::move(*parsed));
      }
    }
    catalogue.implementations.push_back(std::move(made));
  }
  return catalogue;
}

struct Outcome {
  std::size_t pairs = 0, compatible = 0, queries = 0;
  double seconds = 0;
  double once = 0;  ///< of these, what does not grow with the pairs that are looked at
  std::uint64_t digest = 1469598103934665603ull;

  void cell(bool all) {
    digest = (digest ^ (all ? 1u : 2u)) * 1099511628211ull;
    ++pairs;
    compatible += all;
  }
};

/// Of this process, in the program and in the system.
double cpu_seconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

/// Every so many sources, so that about `pairs_max` pairs are looked at.
std::size_t stride_of(const compat::Catalogue& catalogue, std::size_t pairs_max) {
  const std::size_t size = catalogue.implementations.size(),
                    sources = std::clamp<std::size_t>(pairs_max / (size - 1), 1, size);
  return (size + sources - 1) / sources;
}

/// Every value of every configuration is accepted there, or a configuration is found that is not: one query
/// for each pair.
Outcome push_pop(const compat::Catalogue& catalogue, std::size_t pairs_max) {
  Outcome outcome;
  const std::size_t stride = stride_of(catalogue, pairs_max);
  const double begin = cpu_seconds();
  z3::context context;
  std::vector<z3::expr> values;
  const compat::Parameters& parameters =
      catalogue.implementations.front().info.models.at(model_name).parameters;
  for (const auto& [name, parameter] : parameters)
    values.push_back(parameter.type == ValueType::boolean ? context.bool_const(name.c_str())
                                                          : context.int_const(name.c_str()));
  std::vector<z3::expr> allows, takes;
  for (const compat::Implementation& one : catalogue.implementations) {
    z3::expr_vector all(context);
    std::size_t i = 0;
    for (const auto& [name, parameter] : one.info.models.at(model_name).parameters) {
      const z3::expr& value = values[i++];
      if (parameter.type == ValueType::boolean) {
        if (!parameter.allowed->has_true()) all.push_back(!value);
      } else {
        const compat::Range range = parameter.allowed->ranges().front();
        all.push_back(value >= context.int_val(range.min) && value <= context.int_val(range.max));
      }
    }
    z3::expr_vector constraints(context);
    for (const rules::Expression& constraint : one.annotations_of(model_name).constraints) {
      solver::smt::Z3Terms terms{.context = context, .cells = values};
      constraints.push_back(rules::fold(constraint.view(), terms));
    }
    allows.push_back(z3::mk_and(all) && z3::mk_and(constraints));
  }
  outcome.once = cpu_seconds() - begin;
  z3::solver solver(context);
  for (std::size_t a = 0; a < allows.size(); a += stride) {
    solver.push();
    solver.add(allows[a]);
    for (std::size_t b = 0; b < allows.size(); ++b) {
      if (a == b) continue;
      solver.push();
      solver.add(!allows[b]);
      ++outcome.queries;
      outcome.cell(solver.check() == z3::unsat);
      solver.pop();
    }
    solver.pop();
  }
  outcome.seconds = cpu_seconds() - begin;
  return outcome;
}

Outcome joined(const compat::Catalogue& catalogue, solver::Engine engine, std::size_t pairs_max) {
  Outcome outcome;
  solver::matrix::MatrixOptions options;
  options.scheme = compat::Scheme::rfc_v3_strict;  // constraints of the destination count (C6)
  options.engine = engine;
  const double begin = cpu_seconds();
  const solver::matrix::Matrix matrix(catalogue, options);
  outcome.seconds = cpu_seconds() - begin;
  const std::size_t stride = stride_of(catalogue, pairs_max);
  const std::size_t others = catalogue.implementations.size() - 1;
  for (std::size_t source = 0; source <= others; source += stride)
    for (std::size_t i = source * others; i < (source + 1) * others; ++i)
      outcome.cell(matrix.pair(i).relation == solver::matrix::RelationKind::all);
  outcome.queries = matrix.distinct_questions();
  return outcome;
}

std::size_t number(const char* text) {
  std::size_t result = 0;
  std::from_chars(text, text + std::strlen(text), result);
  return result;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string kind = count > 1 ? arguments[1] : "", how = count > 4 ? arguments[4] : "";
  const Shape shape{kind, count > 2 ? number(arguments[2]) : 0, count > 3 ? number(arguments[3]) : 0};
  const std::size_t pairs_max = count == 6 ? number(arguments[5]) : ~std::size_t{0};
  const auto engine = solver::engine_named(how);
  if ((count != 5 && count != 6) || (kind != "independent" && kind != "coupled" && kind != "own") ||
      shape.members < 2 || shape.parameters < 6 || (!engine && how != "push-pop")) {
    fmt::print(stderr,
               "usage: bench_compat independent|coupled|own MEMBERS PARAMETERS "
               "auto|direct|z3-joined|push-pop [PAIRS]\n");
    return 2;
  }
  const compat::Catalogue catalogue = catalogue_of(shape);
  const Outcome outcome = engine ? joined(catalogue, *engine, pairs_max) : push_pop(catalogue, pairs_max);
  fmt::print(
      "{{\"pairs\":{},\"compatible\":{},\"queries\":{},\"seconds\":{:.6f},\"once\":{:.6f},\"digest\":\"{:"
      "016x}\"}}\n",
      outcome.pairs, outcome.compatible, outcome.queries, outcome.seconds, outcome.once, outcome.digest);
  return 0;
}
