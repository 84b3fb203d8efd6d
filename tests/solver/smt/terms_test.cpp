// SPDX-License-Identifier: Apache-2.0
//
// The Z3 terms of an expression, evaluated at a point, are what the reference evaluator says there.
#include "solver/smt/terms.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/random_expressions.hpp"

namespace portolan::solver::smt {
namespace {

constexpr std::string_view hosts[] = {"alpha", "beta", "gamma"}, versions[] = {"old", "new"};
constexpr rules::SortView sorts[] = {{"host", hosts}, {"version", versions}, {"vm", {}}};
constexpr std::int32_t sizes[] = {3, 2, 0};  // nothing is of sort vm
constexpr rules::Type truth{}, number{rules::TypeKind::integer, false, -1},
    host{rules::TypeKind::element, false, 0}, maybe_host{rules::TypeKind::element, true, 0},
    version{rules::TypeKind::element, false, 1};
constexpr rules::VariableView variables[] = {
    {"up", truth, {0, -1}}, {"version-of", version, {0, -1}}, {"place", maybe_host},
    {"n", number},          {"free", number, {0, 1}},         {"runs", truth, {1, 1}},
    {"on", truth},          {"next", maybe_host, {0, -1}}};
constexpr rules::BoundView bound[] = {{"to", host}, {"k", number}, {"yes", truth}};
constexpr rules::Scope scope{sorts, variables, bound};

/// A value for every cell and parameter, and the same as Z3 constants with an interpretation.
struct Point {
  std::vector<std::int64_t> cells, parameters;
  std::vector<std::int32_t> offsets, strides, widths;

  Point() {
    for (const rules::VariableView& v : variables) {
      const auto size = [&](int i) { return v.index_sorts[i] < 0 ? 1 : sizes[v.index_sorts[i]]; };
      offsets.push_back(static_cast<std::int32_t>(cells.size()));
      strides.push_back(size(1));
      widths.push_back(size(0) * size(1));
      for (int cell = 0; cell < widths.back(); ++cell) cells.push_back(some(v.type));
    }
    for (const rules::BoundView& b : bound) parameters.push_back(some(b.type));
  }
  static std::int64_t some(rules::Type type) {
    const auto in = [](std::int64_t low, std::int64_t high) {
      return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(low, high + 1));
    };
    switch (type.kind) {
      case rules::TypeKind::boolean: return in(0, 1);
      case rules::TypeKind::element: return in(type.optional ? -1 : 0, sizes[type.sort] - 1);
      default: return in(-2, 5);
    }
  }
};

std::int64_t read(const z3::expr& value) {
  if (value.is_bool()) return value.is_true();
  std::int64_t found = 0;
  EXPECT_TRUE(value.is_numeral_i64(found));
  return found;
}

TEST(Z3TermsSlow, MeanWhatTheReferenceEvaluatorSays) {
  int defined = 0, undefined = 0;
  z3::context context;
  const auto compare = [&] {
    const Point point;
    test::RandomExpressions random(scope, {.text = false, .numbers = {0, 1, 2, 3, 7, 1ull << 62}});
    const rules::Type type = *rc::gen::arbitrary<bool>() ? truth : random.some_type();
    const std::string source =
        random.of_type(type, *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, 6)));
    RC_LOG() << source << "\n";
    const rules::Parsed parsed = rules::parse_expression(source, scope, &type);
    if (!parsed.faults.empty()) RC_FAIL(parsed.faults.front().finding);
    const rules::ExpressionView expression{parsed.nodes, parsed.strings};

    rules::Integers integers{point.cells, point.offsets, point.strides, point.widths, sizes};
    const std::int64_t wanted =
        rules::fold(expression, integers, std::span<const std::int64_t>(point.parameters));
    ++(integers.undefined ? undefined : defined);

    z3::model model(context);
    const auto constant = [&](const std::string& name, rules::Type its, std::int64_t value) {
      const bool boolean = its.kind == rules::TypeKind::boolean;
      const z3::expr made = boolean ? context.bool_const(name.c_str()) : context.int_const(name.c_str());
      z3::func_decl declared = made.decl();
      z3::expr meant = boolean ? context.bool_val(value != 0) : context.int_val(value);
      model.add_const_interp(declared, meant);
      return made;
    };
    std::vector<z3::expr> cells, parameters;
    for (std::size_t v = 0; v < std::size(variables); ++v)
      for (std::int32_t cell = 0; cell < point.widths[v]; ++cell) {
        const auto at = static_cast<std::size_t>(point.offsets[v] + cell);
        cells.push_back(constant("cell" + std::to_string(at), variables[v].type, point.cells[at]));
      }
    for (std::size_t b = 0; b < std::size(bound); ++b)
      parameters.push_back(constant("parameter" + std::to_string(b), bound[b].type, point.parameters[b]));
    Z3Terms terms{.context = context,
                  .cells = cells,
                  .offsets = point.offsets,
                  .strides = point.strides,
                  .widths = point.widths,
                  .sort_sizes = sizes};
    const z3::expr term = rules::fold(expression, terms, std::span<const z3::expr>(parameters));
    if (integers.undefined) return;  // translated without a fault is all that can be asked
    RC_ASSERT(read(model.eval(term, true)) == wanted);
  };
  ASSERT_TRUE(rc::check([&] {
    for (int round = 0; round < 5; ++round) compare();
  }));
  EXPECT_GT(defined, 10 * undefined);
}

}  // namespace
}  // namespace portolan::solver::smt
