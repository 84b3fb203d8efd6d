// SPDX-License-Identifier: Apache-2.0
#include "model/rules/exports/promela_terms.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/support/text.hpp"

namespace portolan::rules::exports {

namespace {

constexpr std::int64_t int_low = -2147483647 - 1, int_high = 2147483647;

/// How strongly the outermost operator of a text binds.
struct Binding {
  enum Level { disjunctive = 1, conjunctive, equality, relational, additive, multiplicative, unary, atomic };
};

constexpr Grammar promela_grammar{.yes = "true",
                                  .no = "false",
                                  .negation = "!",
                                  .conjunction = " && ",
                                  .disjunction = " || ",
                                  .comparisons = {"==", "!=", "<", "<=", ">", ">="},
                                  .disjunctive = Binding::disjunctive,
                                  .conjunctive = Binding::conjunctive,
                                  .negated = Binding::unary,
                                  .equality = Binding::equality,
                                  .relational = Binding::relational,
                                  .atomic = Binding::atomic,
                                  .operand = Binding::equality,  // parentheses around && in || for the reader
                                  .compared = Binding::additive,
                                  .reversible = 0,  // `!!` would be another token
                                  .restored = 0,
                                  .folds = true,
                                  .keeps_parts = false};

constexpr Numbers promela_numbers{.finding = "a number may leave the 32 bits that Promela has",
                                  .expectation = "-2147483648..2147483647",
                                  .refuses_constants = false};

/// Words that a variable cannot have for its name: Promela's, C's (variables become members of a structure in
/// Spin's verifier), and macros of the headers that the verifier includes.
const std::set<std::string, std::less<>>& promela_words() {
  static const std::set<std::string, std::less<>> words = {
      "active",    "assert",      "atomic",   "bit",      "bool",         "break",      "byte",
      "c_code",    "c_decl",      "c_expr",   "c_state",  "c_track",      "chan",       "d_proctype",
      "d_step",    "D_proctype",  "do",       "else",     "empty",        "enabled",    "eval",
      "false",     "fi",          "for",      "full",     "get_priority", "goto",       "hidden",
      "if",        "in",          "init",     "inline",   "int",          "len",        "local",
      "ltl",       "mtype",       "nempty",   "never",    "nfull",        "notrace",    "np_",
      "nr_pr",     "od",          "of",       "pc_value", "pid",          "printf",     "printm",
      "priority",  "proctype",    "provided", "return",   "run",          "select",     "set_priority",
      "short",     "show",        "skip",     "timeout",  "trace",        "true",       "typedef",
      "unless",    "unsigned",    "xr",       "xs",       "always",       "eventually", "until",
      "weakuntil", "stronguntil", "release",  "implies",  "equivalent",   "next",       "auto",
      "case",      "char",        "const",    "continue", "default",      "double",     "enum",
      "extern",    "float",       "long",     "register", "restrict",     "signed",     "sizeof",
      "static",    "struct",      "switch",   "union",    "void",         "volatile",   "while",
      "asm",       "typeof",      "stdin",    "stdout",   "stderr",       "errno",      "unix",
      "linux",     "uchar",       "uint",     "ulong",    "ushort",       "minseq0",    "maxseq0",
      "wasnew",    "none",        "now"};
  return words;
}

bool unusable_in_promela(const std::string& name) {
  const bool macro_of_signals = name.starts_with("si_") || name.starts_with("sa_") ||
                                name.starts_with("st_") || name.starts_with("sigev_");
  return promela_words().contains(name) || macro_of_signals || name[0] < 'a' || name[0] > 'z';
}

std::vector<Term> values_of(std::span<const Meaning> indices) {
  std::vector<Term> values;
  for (const Meaning& index : indices) values.push_back(index.value);
  return values;
}

}  // namespace

PromelaTerms::PromelaTerms(const Module& module)
    : Translation(module, promela_grammar, promela_numbers, Names(unusable_in_promela)) {
  std::int64_t largest = 0;
  for (const Variable& v : module.variables)
    if (v.type.kind == TypeKind::element)
      largest = std::max(largest, module.sorts[static_cast<std::size_t>(v.type.sort)].size());
  none_ = largest <= 255 ? 255 : largest <= 32767 ? 32767 : int_high;
  for (const Variable& variable : module.variables) name(variable);
  for (const Sort& sort : module.sorts) {
    auto& names = element_names_.emplace_back();
    for (const std::string& element : sort.elements) names.push_back(names_.take(sort.name + "_" + element));
  }
}

void PromelaTerms::name(const Variable& variable) {
  const std::span<const std::int64_t> cells = cells_of(variable_names_.size());
  const bool shifted =
      !variable.fixed && variable.type.kind == TypeKind::integer && !cells.empty() &&
      std::any_of(cells.begin(), cells.end(), [&](std::int64_t cell) { return cell != cells[0]; }) &&
      *std::min_element(cells.begin(), cells.end()) < 0;
  now_at("variables", variable.name);
  if (!variable.fixed && (variable.low < int_low || variable.high > int_high ||
                          (shifted && variable.high - variable.low > int_high)))
    refuse_number();
  shifts_.push_back(shifted ? -variable.low : 0);
  setters_.push_back(shifted ? names_.take("set_" + variable.name) : std::string());
  variable_names_.push_back(names_.take(variable.name));
  cells_names_.push_back(shifted || (variable.index_sorts[1] >= 0 && !variable.fixed)
                             ? names_.take(variable.name + "_cells")
                             : variable_names_.back());
}

Term PromelaTerms::number(std::int64_t n) const {
  return term(n, n, std::to_string(n), n < 0 ? Binding::unary : Binding::atomic);
}

Term PromelaTerms::element_term(std::size_t sort, std::int64_t position) const {
  if (position < 0) return term(-1, -1, "none", Binding::atomic);
  return term(position, position, element_names_[sort][static_cast<std::size_t>(position)], Binding::atomic);
}

const Term& PromelaTerms::spelled(const Term& term) {
  if (term.low < int_low || term.high > int_high) refuse_number();
  return term;
}

Term PromelaTerms::bounded(std::int64_t low, std::int64_t high, std::string text, int binding) {
  return spelled(term(low, std::max(low, high), std::move(text), binding));
}

Term PromelaTerms::choice(const Term& c, const Term& a, const Term& b) {
  if (a.text == b.text) return a;
  if (a.text == promela_grammar.yes) return disjunction(c, b);
  if (a.text == promela_grammar.no) return conjunction(Logic::negation(c), b);
  return bounded(std::min(a.low, b.low), std::max(a.high, b.high),
                 fmt::format("({} -> {} : {})", c.text, spelled(a).text, spelled(b).text), Binding::atomic);
}

Term PromelaTerms::arithmetic(Op op, const Term& a, const Term& b, std::int64_t low, std::int64_t high) {
  const int binding = op == Op::times ? Binding::multiplicative : Binding::additive;
  const std::string_view sign = op == Op::plus ? " + " : op == Op::minus ? " - " : " * ";
  return bounded(low, high,
                 wrapped(spelled(a), binding) + std::string(sign) + wrapped(spelled(b), binding + 1),
                 binding);
}

Meaning PromelaTerms::member(const Meaning& a,
                             const std::vector<std::pair<Meaning, std::optional<Meaning>>>& items) {
  Meaning result{truth(false), a.defined};
  for (const auto& [low, high] : items) {
    result.defined =
        conjunction(result.defined, high ? conjunction(low.defined, high->defined) : low.defined);
    const Term inside = high ? conjunction(compared(Op::less_equal, low.value, a.value),
                                           compared(Op::less_equal, a.value, high->value))
                             : compared(Op::equal, a.value, low.value);
    result.value = disjunction(result.value, inside);
  }
  return result;
}

Meaning PromelaTerms::over_elements(Op op, std::size_t sort, const BodyOf& body) {
  std::vector<Meaning> bodies;
  for (std::int64_t e = 0; e < module_.sort_sizes[sort]; ++e) bodies.push_back(body(element_term(sort, e)));
  if (op == Op::count || op == Op::sum) return added(bodies);
  Meaning result = certain(truth(op == Op::for_all));
  // From the last element to the first, because each is looked at only where those before it did not decide.
  for (std::size_t e = bodies.size(); e-- > 0;) {
    const Meaning& one = bodies[e];
    result.defined = defined_in_order(op, one, result.defined);
    result.value =
        op == Op::for_all ? conjunction(one.value, result.value) : disjunction(one.value, result.value);
  }
  return result;
}

void PromelaTerms::fits(const Variable& variable, const Term& written, Term& sound) {
  if (variable.type.kind == TypeKind::integer)
    sound = conjunction(sound, conjunction(compared(Op::greater_equal, written, number(variable.low)),
                                           compared(Op::less_equal, written, number(variable.high))));
}

std::int64_t PromelaTerms::constant_cell(std::size_t v, std::span<const Term> at) const {
  for (const Term& index : at)
    if (!index.constant()) return -1;
  return at.size() == 2 ? at[0].low * module_.strides[v] + at[1].low : at.size() == 1 ? at[0].low : 0;
}

Term PromelaTerms::read(std::size_t v, std::span<const Meaning> indices) {
  const std::vector<Term> at = values_of(indices);
  const Variable& variable = module_.variables[v];
  if (variable.fixed) return fixed_term(v, at);
  reads_.push_back(access(v, at));
  return bounded(variable.low, variable.high, cell_text(v, at), Binding::atomic);
}

Term PromelaTerms::fixed_term(std::size_t v, std::span<const Term> at) {
  const Variable& variable = module_.variables[v];
  const std::span<const std::int64_t> cells = cells_of(v);
  if (const std::int64_t cell = constant_cell(v, at); cell >= 0)
    return cell_value(variable, cells[static_cast<std::size_t>(cell)]);
  const auto [low, high] = std::minmax_element(cells.begin(), cells.end());
  if (*low == *high) return cell_value(variable, *low);
  tables_.insert(v);
  const std::string arguments = at.size() == 2 ? at[0].text + ", " + at[1].text : at[0].text;
  return bounded(*low, *high, fmt::format("{}({})", variable_names_[v], arguments), Binding::atomic);
}

std::string PromelaTerms::cell_text(std::size_t v, std::span<const Term> at) const {
  const auto index = [&](std::size_t i) {
    return at[i].constant()
               ? element_term(static_cast<std::size_t>(module_.variables[v].index_sorts[i]), at[i].low).text
               : at[i].text;
  };
  if (at.empty()) return variable_names_[v];
  if (at.size() == 2) return fmt::format("{}({}, {})", variable_names_[v], index(0), index(1));
  return variable_names_[v] + (shifts_[v] == 0 ? "[" + index(0) + "]" : "(" + index(0) + ")");
}

std::string PromelaTerms::stored(std::size_t v, std::span<const Term> at, const Term& written) {
  const std::string cell = cell_text(v, at);
  if (shifts_[v] == 0) return cell + " = " + spelled(written).text;
  const std::size_t name = variable_names_[v].size();
  return setters_[v] + cell.substr(name, cell.size() - name - 1) + ", " + spelled(written).text + ")";
}

std::string promela_comment(std::string_view text) {
  std::string safe = printable(text);
  for (std::size_t i = 0; i < safe.size(); ++i) {
    if (safe[i] == '\\') safe[i] = '|';
    if (i > 0 && ((safe[i] == '/' && safe[i - 1] == '*') || (safe[i] == '*' && safe[i - 1] == '/')))
      safe.insert(i++, " ");
  }
  return safe;
}

}  // namespace portolan::rules::exports
