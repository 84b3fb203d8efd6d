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

/// Makes the catalogue of a shape. The order of random numbers is part of it: digests are compared between
/// versions.
class Maker {
 public:
  explicit Maker(const Shape& shape)
      : shape_(shape),
        coupled_(shape.kind != "independent"),
        families_(coupled_ ? 1 : std::max<std::size_t>(1, shape.members / 25)),
        groups_(shape.parameters / 3) {}

  compat::Catalogue catalogue() {
    for (std::size_t family = 0; family < families_; ++family) bases_.push_back(base());
    for (std::size_t group = 0; group < groups_; ++group) {
      bounds_.push_back(64 + 8 * below(3));
      constraints_.push_back(constraint(group, bounds_.back()));
    }
    compat::Catalogue made;
    for (std::size_t i = 0; i < shape_.members; ++i) made.implementations.push_back(implementation(i));
    return made;
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  /// What the first member of a family allows.
  compat::Parameters base() {
    compat::Parameters base;
    for (std::size_t i = 0; i < shape_.parameters; ++i) {
      Parameter made;
      made.name = fmt::format("p{:02}", i);
      made.type = i % 3 == 0 ? ValueType::boolean : ValueType::integer;
      ValueSet set(made.type);
      if (made.type == ValueType::boolean) {
        set.add(Value(false));
        if (coupled_ || below(4) == 0) set.add(Value(true));
        made.init = Value(false);
      } else {
        const std::uint64_t low = std::uint64_t{1} << below(3);
        set.add(compat::Range{low, coupled_ ? std::uint64_t{64} : std::uint64_t{1} << (3 + below(5))});
        made.init = Value(low);
      }
      made.allowed = set;
      base.emplace(made.name, std::move(made));
    }
    return base;
  }

  static ValueSet changed(const Parameter& parameter, bool wider) {
    ValueSet set(parameter.type);
    if (parameter.type == ValueType::boolean) {
      set.add(Value(false));
      if (wider) set.add(Value(true));
      return set;
    }
    const compat::Range range = parameter.allowed->ranges().front();
    set.add(wider ? compat::Range{range.min, std::min<std::uint64_t>(range.max * 2, 1024)}
                  : compat::Range{range.min, std::max(range.min + 1, range.max / 2)});
    return set;
  }

  /// Each constraint ties a switch to two numbers next to it: groups of three, or of six where a second one
  /// reaches into the next group.
  std::string constraint(std::size_t group, std::uint64_t bound) const {
    const bool reach = group % 2 == 0;
    const std::size_t a = group * 3, b = a + 1, c = reach && a + 4 < shape_.parameters ? a + 4 : a + 2;
    return fmt::format("p{:02} => p{:02} + p{:02} <= {}", a, b, c, bound);
  }

  compat::Implementation implementation(std::size_t i) {
    compat::Implementation made;
    made.label = made.name = fmt::format("v{}", i);
    compat::DeviceModel& model = made.info.models[model_name];
    model.name = model_name;
    compat::Parameters& base = bases_[i % families_];
    model.parameters = base;
    if (!coupled_) {
      // Later members of a family widen ranges, and sometimes narrow them.
      for (int change = 0; change < 2; ++change) {
        auto at = std::next(model.parameters.begin(), static_cast<std::ptrdiff_t>(below(shape_.parameters)));
        at->second.allowed = changed(at->second, below(8) != 0);
        base.at(at->first) = at->second;
      }
      return made;
    }
    for (const std::string& text : shape_.kind == "coupled" ? shared_constraints() : own_constraints(i)) {
      auto parsed = compat::parse_parameter_expression(text, model.parameters, Place{}, ValueType::boolean);
      if (!parsed) throw std::runtime_error(text);
      made.annotations[model_name].constraints.push_back(std::move(*parsed));
    }
    return made;
  }

  /// Later versions lift bounds, seldom lower them.
  std::vector<std::string> shared_constraints() {
    for (std::uint64_t change = below(3); change > 0; --change) {
      const std::size_t group = below(groups_);
      std::uint64_t& bound = bounds_[group];
      bound = below(60) == 0 ? bound - 8 : std::min<std::uint64_t>(bound + 8 * (below(8) == 0), 128);
      constraints_[group] = constraint(group, bound);
    }
    return constraints_;
  }
  std::vector<std::string> own_constraints(std::size_t i) {
    std::vector<std::string> texts;
    for (std::size_t group = 0; group < groups_; ++group)
      texts.push_back(fmt::format("{} + {}", constraint(group, 20 + i / 5), group * 2 + below(2)));
    return texts;
  }

  const Shape& shape_;
  const bool coupled_;
  const std::size_t families_;  ///< of twenty-five members
  const std::size_t groups_;    ///< of three parameters
  std::mt19937_64 random_{42};
  std::vector<compat::Parameters> bases_;  ///< by family
  std::vector<std::uint64_t> bounds_;      ///< by group
  std::vector<std::string> constraints_;
};

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
  const compat::Catalogue catalogue = Maker(shape).catalogue();
  const Outcome outcome = engine ? joined(catalogue, *engine, pairs_max) : push_pop(catalogue, pairs_max);
  fmt::print(
      "{{\"pairs\":{},\"compatible\":{},\"queries\":{},\"seconds\":{:.6f},\"once\":{:.6f},\"digest\":\"{:"
      "016x}\"}}\n",
      outcome.pairs, outcome.compatible, outcome.queries, outcome.seconds, outcome.once, outcome.digest);
  return 0;
}
