// SPDX-License-Identifier: Apache-2.0
#include "model/rules/exports/promela.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "model/rules/exports/promela_terms.hpp"
#include "model/rules/firing.hpp"
#include "model/support/text.hpp"

namespace portolan::rules::exports {

namespace {

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

/// One assignment of an option.
struct PromelaWrite {
  std::size_t variable = 0;
  std::vector<Term> at;
  Term value;
  PromelaTerms::Access target;
  std::vector<PromelaTerms::Access> reads;
  bool finds_itself = false;  ///< the index reads the same variable
};

class PromelaWriter {
 public:
  PromelaWriter(const Module& module, const PromelaOptions& options)
      : module_(module), options_(options), terms_(module) {}

  Result<std::string> write() {
    std::string properties, actions;
    for (const Property& property : module_.properties) properties += option_of(property);
    for (std::size_t a = 0; a < module_.actions.size(); ++a) actions += options_of(a);
    if (!terms_.faults().empty()) return fail(terms_.faults());
    return opening() + defines() + declarations() + "\ninit {\nend: do\n" + properties + actions +
           readings() + "  od\n}\n";
  }

 private:
  using Access = PromelaTerms::Access;

  const Module& module_;
  const PromelaOptions& options_;
  PromelaTerms terms_;
  std::vector<std::string> flags_;  ///< hidden variables that name what failed
  std::map<std::string, std::string, std::less<>> undefined_flags_;  ///< by action; variants share one
  std::vector<std::string> temporaries_;
  /// Options; those of properties among them; choices that cannot be enabled.
  std::size_t written_ = 0, asserted_ = 0, impossible_ = 0;

  // --- what stands before the loop ---

  std::string opening() const {
    std::string text =
        fmt::format("/* Module {}, written by portolan with the same state space, for Spin 6:\n",
                    promela_comment(module_.name));
    std::size_t bytes = 64;
    for (std::size_t v = 0; v < module_.variables.size(); ++v)
      if (!module_.variables[v].fixed) bytes += static_cast<std::size_t>(module_.widths[v]) * width_of(v);
    const std::string vector = bytes > 1000 ? fmt::format(" -DVECTORSZ={}", (bytes / 1024 + 1) * 1024) : "";
    text += fmt::format(
        "     spin -a FILE && gcc -O2 -w -DSAFETY -DNOREDUCE{} -o pan pan.c && ./pan -c0 -m10000000\n",
        vector);
    text +=
        "   Of a full search, the states stored are the module's states, and the transitions are its events "
        "and one more, because Spin\n"
        "   counts the initial state as reached by one. Each error is a step besides, unless it is an "
        "undefined event.\n";
    if (impossible_ > 0)
      text += fmt::format("   {} of {} choices of arguments can never be enabled{}.\n", impossible_,
                          written_ + (options_.keep_impossible ? 0 : impossible_) - asserted_,
                          options_.keep_impossible ? "" : " and are left out");
    for (const Property& property : module_.properties) text += note_on(property);
    return text + "*/\n";
  }

  /// What the reader is told of a property that is not checked, or not as it stands.
  std::string note_on(const Property& property) const {
    const bool chosen = options_.property == property.name, all = options_.property.empty();
    const std::string name = promela_comment(property.name);
    std::string note;
    if (property.fair && (chosen || all))
      note = fmt::format(
          "   Not checked here: eventually {}. Spin's fairness is one of processes, and this model is a "
          "single process.\n",
          name);
    else if (property.verb == Verb::eventually && (chosen || all))
      note = fmt::format(
          "   Not checked here: eventually {}. That its condition can always still be reached is a question "
          "about branching\n"
          "   time (AG EF), which neither an assertion nor LTL can put.\n",
          name);
    if (property.verb == Verb::sometimes && chosen)
      note += fmt::format("   An error is the answer yes: a state in which {} holds.\n", name);
    if (property.verb == Verb::sometimes && all)
      note += fmt::format("   Not checked here: sometimes {}; exported by its name it is.\n", name);
    return note;
  }

  std::string defines() const {
    std::string text = fmt::format("#define none {}\n", terms_.none_number());
    for (std::size_t s = 0; s < module_.sorts.size(); ++s) {
      text += fmt::format("\n/* {} */\n", promela_comment(module_.sorts[s].name));
      for (std::size_t e = 0; e < terms_.element_names()[s].size(); ++e)
        text += fmt::format("#define {} {}\n", terms_.element_names()[s][e], e);
    }
    std::string fixed;
    for (std::size_t v = 0; v < module_.variables.size(); ++v)
      if (module_.variables[v].fixed)
        fixed += (fixed.empty() ? "" : ", ") + promela_comment(module_.variables[v].name);
    if (!fixed.empty()) text += "\n" + broken("/* Fixed, and therefore no state: " + fixed + ". */", 0);
    for (const std::size_t v : terms_.tables()) text += table(v);
    return text;
  }
  /// A fixed variable as a macro: the value that most cells have is what is left at the end.
  std::string table(std::size_t v) const {
    const Variable& variable = module_.variables[v];
    const std::span<const std::int64_t> cells = terms_.cells_of(v);
    const std::int64_t most = most_frequent(terms_.cells_by_value(v));
    const bool two = variable.index_sorts[1] >= 0;
    const auto name = [&](int index, std::size_t e) {
      return terms_.element_names()[static_cast<std::size_t>(variable.index_sorts[index])][e];
    };
    const auto stride = static_cast<std::size_t>(module_.strides[v]);
    std::string body = terms_.cell_value(variable, most).text;
    for (std::size_t i = cells.size(); i-- > 0;) {
      if (cells[i] == most) continue;
      const std::string here =
          two ? fmt::format("(i) == {} && (j) == {}", name(0, i / stride), name(1, i % stride))
              : fmt::format("(i) == {}", name(0, i));
      body = fmt::format("({} -> {} : {})", here, terms_.cell_value(variable, cells[i]).text, body);
    }
    return fmt::format("#define {}({}) {}\n", terms_.variable_name(v), two ? "i, j" : "i", body);
  }

  std::string_view type_of(std::size_t variable) const {
    const Variable& v = module_.variables[variable];
    const std::int64_t low = v.type.optional ? 0 : v.low + terms_.shift(variable),
                       high = v.type.optional ? terms_.none_number() : v.high + terms_.shift(variable);
    if (v.type.kind == TypeKind::boolean) return "bool";
    if (low >= 0 && high <= 1) return "bit";
    if (low >= 0 && high <= 255) return "byte";
    return low >= -32768 && high <= 32767 ? "short" : "int";
  }
  std::size_t width_of(std::size_t variable) const {
    const std::string_view type = type_of(variable);
    return type == "int" ? 4 : type == "short" ? 2 : 1;
  }

  std::string declarations() const {
    std::string text = "\n";
    for (std::size_t v = 0; v < module_.variables.size(); ++v) {
      const Variable& variable = module_.variables[v];
      if (variable.fixed || module_.widths[v] == 0) continue;
      const std::span<const std::int64_t> cells = terms_.cells_of(v);
      std::string initial;
      if (std::count(cells.begin(), cells.end(), cells[0]) == static_cast<std::ptrdiff_t>(cells.size())) {
        initial = terms_.cell_value(variable, cells[0]).text;
      } else {
        for (const std::int64_t cell : cells)
          initial +=
              (initial.empty() ? "{ " : ", ") + terms_.cell_value(variable, cell + terms_.shift(v)).text;
        initial += " }";
      }
      const std::string size = variable.index_sorts[0] < 0 ? "" : fmt::format("[{}]", cells.size());
      text += fmt::format("{} {}{} = {};  /* {} */\n", type_of(v), terms_.cells_name(v), size, initial,
                          promela_comment(described(variable)));
      text += macros_of(v);
    }
    if (!flags_.empty() || !temporaries_.empty())
      text += "\n/* No state: each is given its value in the step that reads it. */\n";
    for (const std::string& name : flags_) text += fmt::format("hidden byte {};\n", name);
    for (const std::string& name : temporaries_) text += fmt::format("hidden int {};\n", name);
    return text;
  }

  /// How a variable is read and written whose cells stand behind another name.
  std::string macros_of(std::size_t v) const {
    if (terms_.variable_name(v) == terms_.cells_name(v)) return {};
    const bool two = module_.variables[v].index_sorts[1] >= 0;
    const std::string_view parameters = two ? "i, j" : "i";
    const std::string cell = two ? fmt::format("{}[(i) * {} + (j)]", terms_.cells_name(v), module_.strides[v])
                                 : terms_.cells_name(v) + "[i]";
    std::string text =
        fmt::format("#define {}({}) {}\n", terms_.variable_name(v), parameters,
                    terms_.shift(v) == 0 ? cell : fmt::format("({} - {})", cell, terms_.shift(v)));
    if (terms_.shift(v) != 0)
      text += fmt::format("#define {}({}, value) {} = (value) + {}\n", terms_.setter(v), parameters, cell,
                          terms_.shift(v));
    return text;
  }
  /// Spin takes a variable that nothing reads for no state, unless it is called with -o2. The text does not
  /// depend on that.
  std::string readings() const {
    std::string all;
    for (std::size_t v = 0; v < module_.variables.size(); ++v)
      if (!module_.variables[v].fixed && module_.widths[v] > 0)
        all += fmt::format("{}{}{} == 0", all.empty() ? "" : " || ", terms_.cells_name(v),
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

  // --- options of the loop ---

  std::string flag(std::string_view kind, std::string_view name) {
    flags_.push_back(terms_.named(std::string(kind) + "_" + std::string(name)));
    return flags_.back();
  }

  std::string option_of(const Property& property) {
    const bool chosen = options_.property == property.name;
    if (property.verb == Verb::eventually ||
        (!chosen && !(options_.property.empty() && property.verb == Verb::always)))
      return {};
    terms_.now_at("properties", property.name);
    const Term holds = terms_.holds(property.condition);
    const bool always = property.verb == Verb::always;
    const Term found = always ? terms_.Logic::negation(holds) : holds;
    std::string text = broken("/* " + std::string(name_of(property.verb)) + " " +
                                  promela_comment(property.name) + cited({property.source}, promela_comment) +
                                  ": " + promela_comment(property.condition.source) + " */",
                              2);
    if (found.never()) return text + "  /* follows from the fixed values: nothing to check */\n";
    const std::string name = flag(always ? "violated" : "reached", property.name);
    ++written_;
    ++asserted_;
    return text + broken(fmt::format(":: d_step {{ {} -> {} = 1; assert(!{}) }}", found.text, name, name), 2);
  }

  std::string options_of(std::size_t a) {
    const Action& action = module_.actions[a];
    terms_.now_at("actions", action.name);
    std::string options;
    for_each_choice(module_, action,
                    [&](std::span<const std::int64_t> arguments) { options += option_of(a, arguments); });
    if (options.empty()) return {};
    return "\n" +
           broken("/* " + promela_comment(about(action)) + cited(action.sources, promela_comment) + " */",
                  2) +
           options;
  }

  std::string option_of(std::size_t a, std::span<const std::int64_t> arguments) {
    const Action& action = module_.actions[a];
    std::vector<Meaning> bound;
    for (std::size_t p = 0; p < arguments.size(); ++p)
      bound.push_back(terms_.element(action.parameters[p].sort, static_cast<std::uint64_t>(arguments[p])));
    std::vector<Meaning> guards;
    for (const Expression& guard : action.guards) {
      guards.push_back(terms_.meaning(guard, bound));
      if (guards.back().value.never() && guards.back().defined.always()) break;
    }
    // Enabled, or undefined: a guard without a value, or one that holds and the next ones likewise.
    const Term enabled = terms_.behind(guards, terms_.truth(true));
    if (enabled.never()) {
      ++impossible_;
      if (!options_.keep_impossible) return {};
    }
    Term sound = terms_.truth(true);  // not undefined
    for (std::size_t g = guards.size(); g-- > 0;) sound = terms_.conjunction(guards[g].defined, sound);
    std::vector<PromelaWrite> writes;
    if (!enabled.never())
      for (const Assignment& assignment : action.assignments) ground(assignment, bound, writes, sound);
    for (std::size_t i = 0; i < writes.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) sound = terms_.conjunction(sound, agree(writes[j], writes[i]));
    ++written_;
    std::string text;
    if (!arguments.empty())
      text = fmt::format("  /* {} */\n",
                         promela_comment(to_string(module_, Event{a, {arguments.begin(), arguments.end()}})));
    return text + carried_out(action, enabled, sound, writes);
  }

  std::string carried_out(const Action& action, const Term& enabled, const Term& sound,
                          const std::vector<PromelaWrite>& writes) {
    if (sound.always())
      return broken(fmt::format(":: d_step {{ {} -> {} }}", enabled.text, statements(writes)), 2);
    std::string& undefined = undefined_flags_[action.name];
    if (undefined.empty()) undefined = flag("undefined", action.name);
    const std::string refuse = fmt::format("{} = 1; assert(!{})", undefined, undefined);
    if (sound.never()) return broken(fmt::format(":: d_step {{ {} -> {} }}", enabled.text, refuse), 2);
    return broken(fmt::format(":: d_step {{ {} ->", enabled.text), 2) + "       if\n" +
           broken(fmt::format(":: {} -> {}", terms_.Logic::negation(sound).text, refuse), 7) +
           broken(":: else -> " + statements(writes), 7) + "       fi }\n";
  }

  /// One assignment for each element that it ranges over; `sound` gains what must hold for it to have a
  /// meaning.
  void ground(const Assignment& assignment, std::vector<Meaning>& bound, std::vector<PromelaWrite>& into,
              Term& sound) {
    const auto one = [&] {
      PromelaWrite write;
      write.variable = static_cast<std::size_t>(assignment.variable);
      terms_.take_reads();
      write.at = terms_.target(assignment, bound, {}, sound);
      write.reads = terms_.take_reads();
      write.finds_itself = std::any_of(write.reads.begin(), write.reads.end(),
                                       [&](const Access& read) { return read.variable == write.variable; });
      write.value = terms_.given(assignment, bound, {}, sound);
      for (const Access& read : terms_.take_reads()) write.reads.push_back(read);
      write.target = terms_.access(write.variable, write.at);
      into.push_back(std::move(write));
    };
    if (assignment.for_sort < 0) return one();
    for (std::int64_t e = 0; e < module_.sort_sizes[static_cast<std::size_t>(assignment.for_sort)]; ++e) {
      bound.push_back(terms_.element(assignment.for_sort, static_cast<std::uint64_t>(e)));
      one();
      bound.pop_back();
    }
  }

  Term agree(const PromelaWrite& a, const PromelaWrite& b) {
    return a.variable == b.variable ? terms_.agree(a.at, a.value, b.at, b.value) : terms_.truth(true);
  }

  /// The assignments one after the other; what one of them reads and an earlier one writes is put aside
  /// first.
  std::string statements(const std::vector<PromelaWrite>& writes) {
    std::string before, text;
    std::size_t used = 0;
    const auto put_aside = [&](Term& term) {
      if (term.constant()) return;
      if (used == temporaries_.size()) temporaries_.push_back(terms_.named(fmt::format("old_{}", used + 1)));
      before += fmt::format("{} = {}; ", temporaries_[used], term.text);
      term.text = temporaries_[used++];
    };
    for (std::size_t i = 0; i < writes.size(); ++i) {
      PromelaWrite write = writes[i];
      const bool clash = std::any_of(
          writes.begin(), writes.begin() + static_cast<std::ptrdiff_t>(i), [&](const auto& earlier) {
            return std::any_of(write.reads.begin(), write.reads.end(),
                               [&](const Access& read) { return earlier.target.meets(read); });
          });
      if (clash || write.finds_itself)  // Spin refuses to assign to x[x[0]]
        for (Term& index : write.at) put_aside(index);
      if (clash) put_aside(write.value);
      if (terms_.cell_text(write.variable, write.at) == write.value.text) continue;
      text += (text.empty() ? "" : "; ") + terms_.stored(write.variable, write.at, write.value);
    }
    return text.empty() ? "skip" : before + text;
  }
};

}  // namespace

Result<std::string> promela(const Module& module, const PromelaOptions& options) {
  if (!options.property.empty() && module.property(options.property) < 0) {
    std::vector<std::string> names;
    for (const Property& p : module.properties) names.push_back(p.name);
    return fail({FaultCode::unknown_name,
                 {{}, {}, "properties"},
                 "unknown property " + in_quotes(options.property),
                 names.empty() ? "the module has none" : "one of " + listed(names),
                 {}});
  }
  return PromelaWriter(module, options).write();
}

}  // namespace portolan::rules::exports
