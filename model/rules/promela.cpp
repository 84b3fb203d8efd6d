// SPDX-License-Identifier: Apache-2.0
#include "model/rules/promela.hpp"

#include <map>
#include <set>

#include <fmt/format.h>

#include "model/rules/firing.hpp"
#include "model/support/text.hpp"

namespace portolan::rules {

namespace promela_text {
namespace {

constexpr std::int64_t int_low = -2147483647 - 1, int_high = 2147483647;

// --- terms
// -------------------------------------------------------------------------------------------------------------

/// How strongly the outermost operator of a text binds.
enum Binding { disjunctive = 1, conjunctive, equality, relational, additive, multiplicative, unary, atomic };

/// An expression after its parameters and quantifiers are gone: Promela text, and between which numbers its
/// value lies. Equal bounds mean a constant. Reading one that is undefined gives some number; `Meaning` says
/// when that is.
struct Term {
  std::int64_t low = 0, high = 0;
  std::string text;
  Binding binding = atomic;
  std::string opposite =
      {};  ///< of a condition: what holds where it does not, when that can be said without `!`
  Binding opposite_binding = atomic;
  bool constant() const { return low == high; }
  bool is(std::int64_t value) const { return low == value && high == value; }
  bool always() const { return is(1); }
  bool never() const { return is(0); }
};

struct Meaning {
  Term value, defined;
};

Term truth(bool value) { return {value, value, value ? "true" : "false", atomic}; }
Term number(std::int64_t value) { return {value, value, std::to_string(value), value < 0 ? unary : atomic}; }
Term condition(std::string text, Binding binding, std::string opposite = {}) {
  return {0, 1, std::move(text), binding, std::move(opposite), binding};
}

std::string wrapped(const Term& term, Binding least) {
  return term.binding < least ? "(" + term.text + ")" : term.text;
}

Term negation(const Term& a) {
  if (a.constant()) return truth(a.never());
  if (a.opposite.empty())
    return {0, 1, "!" + wrapped(a, atomic), unary, a.text, a.binding};  // `!!` would be another token
  return {0, 1, a.opposite, a.opposite_binding, a.text, a.binding};
}
Term conjunction(const Term& a, const Term& b) {
  if (a.never() || b.never()) return truth(false);
  if (a.always() || a.text == b.text) return b;
  if (b.always()) return a;
  return condition(wrapped(a, conjunctive) + " && " + wrapped(b, conjunctive), conjunctive);
}
Term disjunction(const Term& a, const Term& b) {
  if (a.always() || b.always()) return truth(true);
  if (a.never() || a.text == b.text) return b;
  if (b.never()) return a;
  const auto side = [](const Term& t) {
    return t.binding == disjunctive ? t.text : wrapped(t, equality);
  };  // parentheses around && for the reader
  return condition(side(a) + " || " + side(b), disjunctive);
}

// --- names
// -------------------------------------------------------------------------------------------------------------

/// Words that a variable cannot have for its name: Promela's, C's (variables become members of a structure in
/// Spin's verifier), and macros of the headers that the verifier includes.
const std::set<std::string, std::less<>>& reserved() {
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

class Names {
 public:
  /// A name that nobody has yet, as near to the wanted one as may be.
  std::string take(std::string_view wanted) {
    std::string name = promela_name(wanted);
    const bool macro_of_signals = name.starts_with("si_") || name.starts_with("sa_") ||
                                  name.starts_with("st_") || name.starts_with("sigev_");
    if (reserved().contains(name) || macro_of_signals || name[0] < 'a' || name[0] > 'z') name = "m_" + name;
    std::string unique = name;
    for (int i = 2; !taken_.insert(unique).second; ++i) unique = fmt::format("{}_{}", name, i);
    return unique;
  }

 private:
  std::set<std::string, std::less<>> taken_;
};

/// Foreign text inside a comment cannot end it.
std::string commented(std::string_view text) {
  std::string safe = printable(text);
  for (std::size_t i = 0; i < safe.size(); ++i) {
    if (safe[i] == '\\') safe[i] = '|';
    if (i > 0 && ((safe[i] == '/' && safe[i - 1] == '*') || (safe[i] == '*' && safe[i - 1] == '/')))
      safe.insert(i++, " ");
  }
  return safe;
}

/// For each byte, whether it lies between the parentheses of a macro.
std::vector<bool> inside_macros(std::string_view text) {
  std::vector<bool> inside(text.size(), false), open;  // for each parenthesis that is open: is it a macro's?
  std::size_t macros = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') {
      const char before = i == 0 ? ' ' : text[i - 1];
      open.push_back(before == '_' || (before >= '0' && before <= '9') || (before >= 'a' && before <= 'z') ||
                     (before >= 'A' && before <= 'Z'));
      macros += open.back();
    } else if (text[i] == ')' && !open.empty()) {
      macros -= open.back();
      open.pop_back();
    }
    inside[i] = macros > 0;
  }
  return inside;
}

/// Breaks a line where it grows too long. Spin ends a statement at the end of a line unless an operator
/// stands there, so that outside comments a line ends in one. It is not broken inside a macro: the
/// preprocessor would put the line's end behind what the macro stands for.
std::string broken(std::string_view text, std::size_t indent) {
  constexpr std::size_t widest = 140;
  const bool comment = text.starts_with("/*");
  const std::vector<bool> macro = comment ? std::vector<bool>() : inside_macros(text);
  std::string result(indent, ' ');
  std::size_t column = indent;
  for (std::size_t begin = 0; begin < text.size();) {
    // Up to the next place where the line may end.
    std::size_t end = begin;
    do {
      end = std::min(text.find(' ', end + 1), text.size());
      const std::string_view part = text.substr(begin, end - begin);
      if (!comment && end < text.size() && macro[end]) continue;
      if (comment || part.ends_with("&&") || part.ends_with("||") || part.ends_with(";") ||
          part.ends_with("->"))
        break;
    } while (end < text.size());
    const bool full = begin > 0 && column + 1 + (end - begin) > widest;
    if (full)
      result += "\n" + std::string(indent + 4, ' ');
    else if (begin > 0)
      result += ' ';
    column = (full ? indent + 4 : column + (begin > 0)) + end - begin;
    result += text.substr(begin, end - begin);
    begin = end + 1;
  }
  return result + "\n";
}

// --- the walk
// ----------------------------------------------------------------------------------------------------------

class Writer {
 public:
  Writer(const Module& module, const PromelaOptions& options) : module_(module), options_(options) {}

  Result<std::string> write() {
    if (!options_.property.empty() && module_.property(options_.property) < 0) {
      std::vector<std::string> names;
      for (const Property& p : module_.properties) names.push_back(p.name);
      return fail({FaultCode::unknown_name,
                   {{}, {}, "properties"},
                   "unknown property " + in_quotes(options_.property),
                   names.empty() ? "the module has none" : "one of " + listed(names),
                   {}});
    }
    name_everything();
    std::string properties, actions;
    for (const Property& property : module_.properties) properties += option_of(property);
    for (const Action& action : module_.actions) actions += options_of(action);
    if (!faults_.empty()) return fail(std::move(faults_));
    return opening() + defines() + declarations() + "\ninit {\nend: do\n" + properties + actions +
           readings() + "  od\n}\n";
  }

  // --- the algebra ---
  using value = Meaning;
  Meaning boolean(bool v) const { return {truth(v), truth(true)}; }
  Meaning integer(std::uint64_t v) const {
    const bool fits = v <= 0x7fffffffffffffffull;
    return {number(fits ? static_cast<std::int64_t>(v) : 0), truth(fits)};
  }
  Meaning text(const std::string&) const { return {number(0), truth(false)}; }
  Meaning element(int sort, std::uint64_t position) const {
    return {element_term(static_cast<std::size_t>(sort), static_cast<std::int64_t>(position)), truth(true)};
  }
  Meaning none() const { return {{-1, -1, "none", atomic}, truth(true)}; }
  Meaning negation(const Meaning& a) const { return {promela_text::negation(a.value), a.defined}; }

  Meaning variable(int symbol, std::span<const Meaning> indices) {
    const auto v = static_cast<std::size_t>(symbol);
    const Variable& variable = module_.variables[v];
    Term defined = truth(true), at[2];
    for (std::size_t i = 0; i < indices.size(); ++i) {
      at[i] = indices[i].value;
      defined = conjunction(defined, conjunction(indices[i].defined, present(at[i])));
    }
    if (defined.never() || module_.widths[v] == 0) return {number(0), truth(false)};
    if (variable.fixed) return {fixed_term(v, at, indices.size()), defined};
    reads_.push_back({v, constant_cell(v, at, indices.size())});
    return {bounded(variable.low, variable.high, cell_text(v, at, indices.size()), atomic), defined};
  }

  template <class A, class B>
  Meaning logical(Op op, A left, B right) {
    const Meaning a = left();
    // The right side is looked at where the left one does not decide.
    const Term open = op == Op::disjunction ? promela_text::negation(a.value) : a.value;
    if (open.never()) return {truth(op != Op::conjunction), a.defined};
    const Meaning b = right();
    const Term defined = conjunction(a.defined, disjunction(promela_text::negation(open), b.defined));
    if (op == Op::conjunction) return {conjunction(a.value, b.value), defined};
    if (op == Op::disjunction) return {disjunction(a.value, b.value), defined};
    return {disjunction(promela_text::negation(a.value), b.value), defined};
  }

  template <class C, class A, class B>
  Meaning conditional(C which, A yes, B no) {
    const Meaning c = which();
    if (c.value.always() || c.value.never()) {
      Meaning taken = c.value.always() ? yes() : no();
      taken.defined = conjunction(c.defined, taken.defined);
      return taken;
    }
    const Meaning a = yes(), b = no();
    return {choice(c.value, a.value, b.value), conjunction(c.defined, choice(c.value, a.defined, b.defined))};
  }

  Meaning binary(Op op, const Meaning& a, const Meaning& b) {
    const Term defined = conjunction(a.defined, b.defined);
    if (!is_arithmetic(op)) return {compared(op, a.value, b.value), defined};
    std::int64_t ends[4];
    bool overflow = false;
    for (int i = 0; i < 4; ++i) {
      const std::int64_t x = i < 2 ? a.value.low : a.value.high, y = i % 2 == 0 ? b.value.low : b.value.high;
      if (op == Op::plus)
        overflow |= __builtin_add_overflow(x, y, &ends[i]);
      else if (op == Op::minus)
        overflow |= __builtin_sub_overflow(x, y, &ends[i]);
      else
        overflow |= __builtin_mul_overflow(x, y, &ends[i]);
    }
    if (a.value.constant() && b.value.constant())
      return overflow ? Meaning{number(0), truth(false)} : Meaning{number(ends[0]), defined};
    if (overflow) too_wide();
    const Binding binding = op == Op::times ? multiplicative : additive;
    const std::string_view sign = op == Op::plus ? " + " : op == Op::minus ? " - " : " * ";
    std::string joined = wrapped(spelled(a.value), binding) + std::string(sign) +
                         wrapped(spelled(b.value), static_cast<Binding>(binding + 1));
    return {bounded(*std::min_element(ends, ends + 4), *std::max_element(ends, ends + 4), std::move(joined),
                    binding),
            defined};
  }

  Meaning member(const Meaning& a, const std::vector<std::pair<Meaning, std::optional<Meaning>>>& items) {
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

  template <class Body>
  Meaning quantified(Op op, int sort, Body body) {
    const auto s = static_cast<std::size_t>(sort);
    std::vector<Meaning> bodies;
    for (std::int64_t e = 0; e < module_.sort_sizes[s]; ++e)
      bodies.push_back(body({element_term(s, e), truth(true)}));
    Meaning result{op == Op::count ? number(0) : truth(op == Op::for_all), truth(true)};
    if (op == Op::count) {
      std::int64_t certain = 0;
      for (const Meaning& one : bodies) {
        if (one.value.constant())
          certain += one.value.low;
        else
          result.value = result.value.is(0) ? one.value : binary(Op::plus, result, one).value;
        result.defined = conjunction(result.defined, one.defined);
      }
      return certain == 0 ? result : binary(Op::plus, result, {number(certain), truth(true)});
    }
    // From the last element to the first, because each is looked at only where those before it did not
    // decide.
    for (std::size_t e = bodies.size(); e-- > 0;) {
      const Meaning& one = bodies[e];
      const Term decided = op == Op::for_all ? promela_text::negation(one.value) : one.value;
      result.defined = conjunction(one.defined, disjunction(decided, result.defined));
      result.value =
          op == Op::for_all ? conjunction(one.value, result.value) : disjunction(one.value, result.value);
    }
    return result;
  }

 private:
  const Module& module_;
  const PromelaOptions& options_;
  Faults faults_;
  std::string where_;  ///< which part of the module is being written, for faults
  Names names_;
  std::vector<std::string> variable_names_,
      cell_names_;  ///< where a macro reads the cells, cell_names_ holds the array behind it
  std::vector<std::string> setters_;  ///< macros that write what is stored shifted
  std::vector<std::int64_t> shifts_;  ///< what is added to the values of a variable when they are stored
  std::vector<std::vector<std::string>> element_names_;
  std::set<std::size_t> tables_;    ///< fixed variables that are indexed by something that is not constant
  std::vector<std::string> flags_;  ///< hidden variables that name what failed
  std::map<std::string, std::string, std::less<>> undefined_flags_;  ///< by action; variants share one
  std::int64_t none_ =
      255;  ///< how Promela spells `none`: no element's number; elements are only ever compared for equality
  std::vector<std::string> temporaries_;
  std::size_t written_ = 0, asserted_ = 0,
              impossible_ = 0;  ///< options; those of properties among them; choices that cannot be enabled

  /// A read of a cell; -1: of some cell of the variable.
  struct Access {
    std::size_t variable = 0;
    std::int64_t cell = -1;
    bool meets(const Access& other) const {
      return variable == other.variable && (cell < 0 || other.cell < 0 || cell == other.cell);
    }
  };
  std::vector<Access> reads_;  ///< of the expression at hand

  struct Written {
    std::size_t variable = 0;
    Term indices[2], value;
    std::size_t dimensions = 0;
    Access target;
    std::vector<Access> reads;
    bool finds_itself = false;  ///< the index reads the same variable
  };

  Meaning meaning(const Expression& expression, std::span<const Meaning> bound) {
    return fold(expression.view(), *this, bound);
  }

  void too_wide() {
    if (!faults_.empty() && faults_.back().place.path == where_) return;
    faults_.push_back({FaultCode::out_of_range,
                       {{}, {}, where_},
                       "a number may leave the 32 bits that Promela has",
                       "-2147483648..2147483647",
                       "narrow the domains"});
  }
  /// Text that stands in a computation.
  const Term& spelled(const Term& term) {
    if (term.low < int_low || term.high > int_high) too_wide();
    return term;
  }
  Term bounded(std::int64_t low, std::int64_t high, std::string spelling, Binding binding) {
    return spelled(Term{low, std::max(low, high), std::move(spelling), binding});
  }

  Term element_term(std::size_t sort, std::int64_t position) const {
    if (position < 0) return {-1, -1, "none", atomic};
    return {position, position, element_names_[sort][static_cast<std::size_t>(position)], atomic};
  }
  Term value_term(const Variable& variable, std::int64_t cell) const {
    if (variable.type.kind == TypeKind::element)
      return element_term(static_cast<std::size_t>(variable.type.sort), cell);
    return variable.type.kind == TypeKind::boolean ? truth(cell != 0) : number(cell);
  }
  static Term present(const Term& index) {
    if (index.low >= 0) return truth(true);
    if (index.high < 0) return truth(false);
    return condition(wrapped(index, additive) + " != none", equality, wrapped(index, additive) + " == none");
  }

  Term compared(Op op, const Term& a, const Term& b) {
    if (a.constant() && b.constant()) return truth(compare(op, a.low, b.low));
    const bool below = a.high < b.low, above = b.high < a.low, same = a.text == b.text;
    switch (op) {
      case Op::equal:
        if (below || above) return truth(false);
        if (same) return truth(true);
        break;
      case Op::not_equal:
        if (below || above) return truth(true);
        if (same) return truth(false);
        break;
      case Op::less:
        if (below) return truth(true);
        if (a.low >= b.high || same) return truth(false);
        break;
      case Op::less_equal:
        if (a.high <= b.low || same) return truth(true);
        if (above) return truth(false);
        break;
      case Op::greater:
        if (above) return truth(true);
        if (b.low >= a.high || same) return truth(false);
        break;
      default:
        if (b.high <= a.low || same) return truth(true);
        if (below) return truth(false);
        break;
    }
    constexpr std::string_view signs[] = {"==", "!=", "<", "<=", ">", ">="};
    const bool equal = op == Op::equal || op == Op::not_equal;
    constexpr std::string_view opposites[] = {"!=", "==", ">=", ">", "<=", "<"};
    const std::size_t which = static_cast<std::size_t>(op) - static_cast<std::size_t>(Op::equal);
    const std::string left = wrapped(spelled(a), additive), right = wrapped(spelled(b), additive);
    return condition(left + " " + std::string(signs[which]) + " " + right, equal ? equality : relational,
                     left + " " + std::string(opposites[which]) + " " + right);
  }
  Term choice(const Term& c, const Term& a, const Term& b) {
    if (a.text == b.text) return a;
    if (a.text == "true") return disjunction(c, b);
    if (a.text == "false") return conjunction(promela_text::negation(c), b);
    return bounded(std::min(a.low, b.low), std::max(a.high, b.high),
                   fmt::format("({} -> {} : {})", c.text, spelled(a).text, spelled(b).text), atomic);
  }

  std::int64_t constant_cell(std::size_t v, const Term (&at)[2], std::size_t dimensions) const {
    for (std::size_t i = 0; i < dimensions; ++i)
      if (!at[i].constant()) return -1;
    return dimensions == 2 ? at[0].low * module_.strides[v] + at[1].low : dimensions == 1 ? at[0].low : 0;
  }
  std::span<const std::int64_t> cells_of(std::size_t v) const {
    return std::span(module_.initial)
        .subspan(static_cast<std::size_t>(module_.offsets[v]), static_cast<std::size_t>(module_.widths[v]));
  }
  std::string cell_text(std::size_t v, const Term (&at)[2], std::size_t dimensions) const {
    const auto index = [&](std::size_t i) {
      return at[i].constant()
                 ? element_term(static_cast<std::size_t>(module_.variables[v].index_sorts[i]), at[i].low).text
                 : at[i].text;
    };
    if (dimensions == 0) return variable_names_[v];
    if (dimensions == 2) return fmt::format("{}({}, {})", variable_names_[v], index(0), index(1));
    return variable_names_[v] + (shifts_[v] == 0 ? "[" + index(0) + "]" : "(" + index(0) + ")");
  }
  /// `cell = value`, or `set_cell(index, value)` where values are stored shifted.
  std::string stored(const Written& write) {
    const std::string cell = cell_text(write.variable, write.indices, write.dimensions);
    if (shifts_[write.variable] == 0) return cell + " = " + spelled(write.value).text;
    return setters_[write.variable] +
           cell.substr(variable_names_[write.variable].size(),
                       cell.size() - variable_names_[write.variable].size() - 1) +
           ", " + spelled(write.value).text + ")";
  }
  Term fixed_term(std::size_t v, const Term (&at)[2], std::size_t dimensions) {
    const Variable& variable = module_.variables[v];
    const std::span<const std::int64_t> cells = cells_of(v);
    if (const std::int64_t cell = constant_cell(v, at, dimensions); cell >= 0)
      return value_term(variable, cells[static_cast<std::size_t>(cell)]);
    const auto [low, high] = std::minmax_element(cells.begin(), cells.end());
    if (*low == *high) return value_term(variable, *low);
    tables_.insert(v);
    const std::string arguments = dimensions == 2 ? at[0].text + ", " + at[1].text : at[0].text;
    return bounded(*low, *high, fmt::format("{}({})", variable_names_[v], arguments), atomic);
  }

  // --- parts of the text ---
  void name_everything() {
    std::int64_t largest = 0;
    for (const Variable& v : module_.variables)
      if (v.type.kind == TypeKind::element)
        largest = std::max(largest, module_.sorts[static_cast<std::size_t>(v.type.sort)].size());
    none_ = largest <= 255 ? 255 : largest <= 32767 ? 32767 : int_high;
    for (const Variable& variable : module_.variables) {
      // The list of values that an array begins with may not hold negative numbers.
      const std::span<const std::int64_t> cells = cells_of(variable_names_.size());
      const bool shifted =
          !variable.fixed && variable.type.kind == TypeKind::integer && !cells.empty() &&
          std::any_of(cells.begin(), cells.end(), [&](std::int64_t cell) { return cell != cells[0]; }) &&
          *std::min_element(cells.begin(), cells.end()) < 0;
      where_ = "variables." + variable.name;
      if (!variable.fixed && (variable.low < int_low || variable.high > int_high ||
                              (shifted && variable.high - variable.low > int_high)))
        too_wide();
      shifts_.push_back(shifted ? -variable.low : 0);
      setters_.push_back(shifted ? names_.take("set_" + variable.name) : std::string());
      variable_names_.push_back(names_.take(variable.name));
      cell_names_.push_back(shifted || (variable.index_sorts[1] >= 0 && !variable.fixed)
                                ? names_.take(variable.name + "_cells")
                                : variable_names_.back());
    }
    for (const Sort& sort : module_.sorts) {
      auto& names = element_names_.emplace_back();
      for (const std::string& element : sort.elements)
        names.push_back(names_.take(sort.name + "_" + element));
    }
  }
  std::string flag(std::string_view kind, std::string_view name) {
    flags_.push_back(names_.take(std::string(kind) + "_" + std::string(name)));
    return flags_.back();
  }

  std::string opening() const {
    std::string about =
        fmt::format("/* Module {}, written by portolan with the same state space, for Spin 6:\n",
                    commented(module_.name));
    std::size_t bytes = 64;
    for (std::size_t v = 0; v < module_.variables.size(); ++v)
      if (!module_.variables[v].fixed) bytes += static_cast<std::size_t>(module_.widths[v]) * width_of(v);
    const std::string vector = bytes > 1000 ? fmt::format(" -DVECTORSZ={}", (bytes / 1024 + 1) * 1024) : "";
    about += fmt::format(
        "     spin -a FILE && gcc -O2 -w -DSAFETY -DNOREDUCE{} -o pan pan.c && ./pan -c0 -m10000000\n",
        vector);
    about +=
        "   Of a full search, the states stored are the module's states, and the transitions are its events "
        "and one more, because Spin\n"
        "   counts the initial state as reached by one. Each error is a step besides, unless it is an "
        "undefined event.\n";
    if (impossible_ > 0)
      about += fmt::format("   {} of {} choices of arguments can never be enabled{}.\n", impossible_,
                           written_ + (options_.keep_impossible ? 0 : impossible_) - asserted_,
                           options_.keep_impossible ? "" : " and are left out");
    for (const Property& property : module_.properties) {
      const bool chosen = options_.property == property.name;
      if (property.fair && (chosen || options_.property.empty()))
        about += fmt::format(
            "   Not checked here: eventually {}. Spin's fairness is one of processes, and this model is a "
            "single process.\n",
            commented(property.name));
      else if (property.verb == Verb::eventually && (chosen || options_.property.empty()))
        about += fmt::format(
            "   Not checked here: eventually {}. That its condition can always still be reached is a "
            "question about branching\n"
            "   time (AG EF), which neither an assertion nor LTL can put.\n",
            commented(property.name));
      if (property.verb == Verb::sometimes && chosen)
        about += fmt::format("   An error is the answer yes: a state in which {} holds.\n",
                             commented(property.name));
      if (property.verb == Verb::sometimes && options_.property.empty())
        about += fmt::format("   Not checked here: sometimes {}; exported by its name it is.\n",
                             commented(property.name));
    }
    return about + "*/\n";
  }

  std::string defines() const {
    std::string text = fmt::format("#define none {}\n", none_);
    for (std::size_t s = 0; s < module_.sorts.size(); ++s) {
      text += fmt::format("\n/* {} */\n", commented(module_.sorts[s].name));
      for (std::size_t e = 0; e < element_names_[s].size(); ++e)
        text += fmt::format("#define {} {}\n", element_names_[s][e], e);
    }
    std::string fixed;
    for (std::size_t v = 0; v < module_.variables.size(); ++v)
      if (module_.variables[v].fixed)
        fixed += (fixed.empty() ? "" : ", ") + commented(module_.variables[v].name);
    if (!fixed.empty()) text += "\n" + broken("/* Fixed, and therefore no state: " + fixed + ". */", 0);
    for (const std::size_t v : tables_) text += table(v);
    return text;
  }
  /// A fixed variable as a macro: the value that most cells have is what is left at the end.
  std::string table(std::size_t v) const {
    const Variable& variable = module_.variables[v];
    const auto cell = [&](std::int64_t i) {
      return module_.initial[static_cast<std::size_t>(module_.offsets[v] + i)];
    };
    std::map<std::int64_t, int> uses;
    for (std::int64_t i = 0; i < module_.widths[v]; ++i) ++uses[cell(i)];
    const auto most = std::max_element(uses.begin(), uses.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    const bool two = variable.index_sorts[1] >= 0;
    std::string body = value_term(variable, most->first).text;
    for (std::int64_t i = module_.widths[v]; i-- > 0;) {
      if (cell(i) == most->first) continue;
      const auto name = [&](int index, std::int64_t e) {
        return element_names_[static_cast<std::size_t>(variable.index_sorts[index])]
                             [static_cast<std::size_t>(e)];
      };
      const std::string here = two ? fmt::format("(i) == {} && (j) == {}", name(0, i / module_.strides[v]),
                                                 name(1, i % module_.strides[v]))
                                   : fmt::format("(i) == {}", name(0, i));
      body = fmt::format("({} -> {} : {})", here, value_term(variable, cell(i)).text, body);
    }
    return fmt::format("#define {}({}) {}\n", variable_names_[v], two ? "i, j" : "i", body);
  }

  std::string_view type_of(std::size_t variable) const {
    const Variable& v = module_.variables[variable];
    const std::int64_t low = v.type.optional ? 0 : v.low + shifts_[variable],
                       high = v.type.optional ? none_ : v.high + shifts_[variable];
    if (v.type.kind == TypeKind::boolean) return "bool";
    if (low >= 0 && high <= 1) return "bit";
    if (low >= 0 && high <= 255) return "byte";
    return low >= -32768 && high <= 32767 ? "short" : "int";
  }
  std::size_t width_of(std::size_t variable) const {
    const std::string_view type = type_of(variable);
    return type == "int" ? 4 : type == "short" ? 2 : 1;
  }

  std::string declarations() {
    std::string text = "\n";
    for (std::size_t v = 0; v < module_.variables.size(); ++v) {
      const Variable& variable = module_.variables[v];
      if (variable.fixed || module_.widths[v] == 0) continue;
      const std::span<const std::int64_t> cells = cells_of(v);
      std::string initial;
      if (std::count(cells.begin(), cells.end(), cells[0]) == static_cast<std::ptrdiff_t>(cells.size())) {
        initial = value_term(variable, cells[0]).text;
      } else {
        for (const std::int64_t cell : cells)
          initial += (initial.empty() ? "{ " : ", ") + value_term(variable, cell + shifts_[v]).text;
        initial += " }";
      }
      const std::string size = variable.index_sorts[0] < 0 ? "" : fmt::format("[{}]", cells.size());
      text += fmt::format("{} {}{} = {};  /* {} */\n", type_of(v), cell_names_[v], size, initial,
                          commented(described(variable)));
      if (variable_names_[v] == cell_names_[v]) continue;
      const bool two = variable.index_sorts[1] >= 0;
      const std::string_view parameters = two ? "i, j" : "i";
      const std::string cell = two ? fmt::format("{}[(i) * {} + (j)]", cell_names_[v], module_.strides[v])
                                   : cell_names_[v] + "[i]";
      text += fmt::format("#define {}({}) {}\n", variable_names_[v], parameters,
                          shifts_[v] == 0 ? cell : fmt::format("({} - {})", cell, shifts_[v]));
      if (shifts_[v] != 0)
        text += fmt::format("#define {}({}, value) {} = (value) + {}\n", setters_[v], parameters, cell,
                            shifts_[v]);
    }
    if (!flags_.empty() || !temporaries_.empty())
      text += "\n/* No state: each is given its value in the step that reads it. */\n";
    for (const std::string& name : flags_) text += fmt::format("hidden byte {};\n", name);
    for (const std::string& name : temporaries_) text += fmt::format("hidden int {};\n", name);
    return text;
  }
  /// Spin takes a variable that nothing reads for no state, unless it is called with -o2. The text does not
  /// depend on that.
  std::string readings() const {
    std::string all;
    for (std::size_t v = 0; v < module_.variables.size(); ++v)
      if (!module_.variables[v].fixed && module_.widths[v] > 0)
        all += fmt::format("{}{}{} == 0", all.empty() ? "" : " || ", cell_names_[v],
                           module_.variables[v].index_sorts[0] < 0 ? "" : "[0]");
    return "\n  /* Never taken. It reads every variable, because Spin leaves out of the state what nothing "
           "reads. */\n" +
           broken(
               all.empty() ? ":: d_step { false -> skip }" : ":: d_step { false && (" + all + ") -> skip }",
               2);
  }
  /// `place[vm]: host or none; where it runs`
  std::string described(const Variable& variable) const {
    std::string text = variable.name;
    for (int i = 0; i < 2; ++i)
      if (variable.index_sorts[i] >= 0)
        text += (i == 0 ? "[" : ", ") + module_.sorts[static_cast<std::size_t>(variable.index_sorts[i])].name;
    if (variable.index_sorts[0] >= 0) text += "]";
    switch (variable.type.kind) {
      case TypeKind::boolean: text += ": bool"; break;
      case TypeKind::element:
        text += ": " + module_.sorts[static_cast<std::size_t>(variable.type.sort)].name +
                (variable.type.optional ? " or none" : "");
        break;
      default: text += fmt::format(": {}..{}", variable.low, variable.high);
    }
    return variable.meaning.empty() ? text : text + "; " + variable.meaning;
  }

  std::string option_of(const Property& property) {
    const bool chosen = options_.property == property.name;
    if (property.verb == Verb::eventually ||
        (!chosen && !(options_.property.empty() && property.verb == Verb::always)))
      return {};
    where_ = "properties." + property.name;
    const Meaning condition = meaning(property.condition, {});
    const Term holds =
        conjunction(condition.defined, condition.value);  // an undefined condition does not hold
    const bool always = property.verb == Verb::always;
    const Term found = always ? promela_text::negation(holds) : holds;
    std::string text =
        broken("/* " + std::string(name_of(property.verb)) + " " + commented(property.name) +
                   cited({property.source}) + ": " + commented(property.condition.source) + " */",
               2);
    if (found.never()) return text + "  /* follows from the fixed values: nothing to check */\n";
    const std::string name = flag(always ? "violated" : "reached", property.name);
    ++written_;
    ++asserted_;
    return text + broken(fmt::format(":: d_step {{ {} -> {} = 1; assert(!{}) }}", found.text, name, name), 2);
  }

  static std::string cited(const std::vector<std::string>& sources) {
    std::string text;
    for (const std::string& source : sources)
      if (!source.empty()) text += (text.empty() ? " (" : "; ") + commented(source);
    return text.empty() ? text : text + ")";
  }

  std::string options_of(const Action& action) {
    where_ = "actions." + action.name;
    std::string options;
    const std::size_t position = static_cast<std::size_t>(&action - module_.actions.data());
    for_each_choice(module_, action, [&](std::span<const std::int64_t> arguments) {
      options += option_of(action, position, arguments);
    });
    if (options.empty()) return {};
    std::string about = action.name + (action.fault ? ", a fault" : "") +
                        (action.meaning.empty() ? "" : ": " + action.meaning);
    return "\n" + broken("/* " + commented(about) + cited(action.sources) + " */", 2) + options;
  }

  std::string option_of(const Action& action, std::size_t position, std::span<const std::int64_t> arguments) {
    std::vector<Meaning> bound;
    for (std::size_t p = 0; p < arguments.size(); ++p)
      bound.push_back(
          {element_term(static_cast<std::size_t>(action.parameters[p].sort), arguments[p]), truth(true)});
    std::vector<Meaning> guards;
    for (const Expression& guard : action.guards) {
      guards.push_back(meaning(guard, bound));
      if (guards.back().value.never() && guards.back().defined.always()) break;
    }
    // Enabled, or undefined: a guard without a value, or one that holds and the next ones likewise. `sound`:
    // not undefined.
    Term enabled = truth(true), sound = truth(true);
    for (std::size_t g = guards.size(); g-- > 0;) {
      enabled = disjunction(promela_text::negation(guards[g].defined), conjunction(guards[g].value, enabled));
      sound = conjunction(guards[g].defined, sound);
    }
    if (enabled.never()) {
      ++impossible_;
      if (!options_.keep_impossible) return {};
    }
    std::vector<Written> writes;
    if (!enabled.never())
      for (const Assignment& assignment : action.assignments) ground(assignment, bound, writes, sound);
    for (std::size_t i = 0; i < writes.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) sound = conjunction(sound, agree(writes[j], writes[i]));

    ++written_;
    std::string text;
    if (!arguments.empty())
      text =
          fmt::format("  /* {} */\n",
                      commented(to_string(module_, Event{position, {arguments.begin(), arguments.end()}})));
    if (sound.always())
      return text + broken(fmt::format(":: d_step {{ {} -> {} }}", enabled.text, statements(writes)), 2);
    std::string& undefined = undefined_flags_[action.name];
    if (undefined.empty()) undefined = flag("undefined", action.name);
    const std::string refuse = fmt::format("{} = 1; assert(!{})", undefined, undefined);
    if (sound.never()) return text + broken(fmt::format(":: d_step {{ {} -> {} }}", enabled.text, refuse), 2);
    return text + broken(fmt::format(":: d_step {{ {} ->", enabled.text), 2) + "       if\n" +
           broken(fmt::format(":: {} -> {}", promela_text::negation(sound).text, refuse), 7) +
           broken(":: else -> " + statements(writes), 7) + "       fi }\n";
  }

  /// One assignment for each element that it ranges over; `sound` gains what must hold for it to have a
  /// meaning.
  void ground(const Assignment& assignment, std::vector<Meaning>& bound, std::vector<Written>& into,
              Term& sound) {
    const auto one = [&] {
      Written write;
      write.variable = static_cast<std::size_t>(assignment.variable);
      const Variable& variable = module_.variables[write.variable];
      reads_.clear();
      for (const Expression& index : assignment.indices) {
        const Meaning at = meaning(index, bound);
        sound = conjunction(sound, conjunction(at.defined, present(at.value)));
        write.indices[write.dimensions++] = at.value;
      }
      write.finds_itself = std::any_of(reads_.begin(), reads_.end(),
                                       [&](const Access& read) { return read.variable == write.variable; });
      const Meaning given = meaning(assignment.value, bound);
      sound = conjunction(sound, given.defined);
      if (variable.type.kind == TypeKind::integer)
        sound = conjunction(sound, conjunction(compared(Op::greater_equal, given.value, number(variable.low)),
                                               compared(Op::less_equal, given.value, number(variable.high))));
      write.value = given.value;
      write.reads = std::move(reads_);
      write.target = {write.variable, constant_cell(write.variable, write.indices, write.dimensions)};
      into.push_back(std::move(write));
    };
    if (assignment.for_sort < 0) return one();
    const auto sort = static_cast<std::size_t>(assignment.for_sort);
    for (std::int64_t e = 0; e < module_.sort_sizes[sort]; ++e) {
      bound.push_back({element_term(sort, e), truth(true)});
      one();
      bound.pop_back();
    }
  }

  /// Two assignments to one cell give it one value.
  Term agree(const Written& a, const Written& b) {
    if (a.variable != b.variable) return truth(true);
    Term same = truth(true);
    for (std::size_t i = 0; i < a.dimensions; ++i)
      same = conjunction(same, compared(Op::equal, a.indices[i], b.indices[i]));
    if (same.never()) return truth(true);
    return disjunction(promela_text::negation(same), compared(Op::equal, a.value, b.value));
  }

  /// The assignments one after the other; what one of them reads and an earlier one writes is put aside
  /// first.
  std::string statements(const std::vector<Written>& writes) {
    std::string before, text;
    std::size_t used = 0;
    for (std::size_t i = 0; i < writes.size(); ++i) {
      Written write = writes[i];
      const bool clash = std::any_of(
          writes.begin(), writes.begin() + static_cast<std::ptrdiff_t>(i), [&](const Written& earlier) {
            return std::any_of(write.reads.begin(), write.reads.end(),
                               [&](const Access& read) { return earlier.target.meets(read); });
          });
      const auto put_aside = [&](Term& term) {
        if (term.constant()) return;
        if (used == temporaries_.size()) temporaries_.push_back(names_.take(fmt::format("old_{}", used + 1)));
        before += fmt::format("{} = {}; ", temporaries_[used], term.text);
        term.text = temporaries_[used++];
      };
      if (clash || write.finds_itself)  // Spin refuses to assign to x[x[0]]
        for (Term& index : write.indices) put_aside(index);
      if (clash) put_aside(write.value);
      const std::string target = cell_text(write.variable, write.indices, write.dimensions);
      if (target == write.value.text) continue;
      text += (text.empty() ? "" : "; ") + stored(write);
    }
    return text.empty() ? "skip" : before + text;
  }
};

}  // namespace
}  // namespace promela_text

std::string promela_name(std::string_view name) {
  std::string mangled(name);
  for (char& c : mangled)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) c = '_';
  return mangled;
}

Result<std::string> promela(const Module& module, const PromelaOptions& options) {
  return promela_text::Writer(module, options).write();
}

}  // namespace portolan::rules
