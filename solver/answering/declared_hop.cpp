// SPDX-License-Identifier: Apache-2.0
#include "solver/answering/declared_hop.hpp"

#include <utility>

namespace portolan::solver::answering {

using compat::End;
using compat::Parameter;

namespace {

Formula any_of_failures(const std::vector<Failure>& failures) {
  std::vector<Formula> parts;
  for (const Failure& one : failures) parts.push_back(one.formula);
  return any_of(std::move(parts));
}

/// R4: the value is not listed.
Formula unlisted(const End& source, std::span<const ParameterTerm> terms, const std::string& name) {
  const auto own = position(source, name);
  if (!own) return truth(true);
  const Parameter& parameter = source.model->parameters.at(name);
  return parameter.off ? is(terms[*own], *parameter.off) : truth(false);
}

/// R6/C4 and C5 for one parameter of the destination.
void unlisted_parameter(DeclaredHop& made, const End& source, std::span<const ParameterTerm> terms,
                        const Parameter& there) {
  const Formula off = unlisted(source, terms, there.name);
  const Parameter* here = source.model->find(there.name);
  if (!there.off || there.accepts(*there.off) != compat::Acceptance::accepted)
    made.rejected.push_back({off, "C4 " + there.name});
  if (there.off && here != nullptr && here->off && *here->off != *there.off)
    made.rejected.push_back({off, "C5 " + there.name});
}

void taken_in(DeclaredHop& made, const End& source, std::span<const ParameterTerm> terms,
              const End& destination) {
  for (const auto& [name, notes] : notes_of(destination).notes) {
    const Parameter* there = destination.model->find(name);
    const auto own = position(source, name);
    if (!notes.takes || there == nullptr || !own || terms[*own].type != there->type) continue;
    made.rejected.push_back(
        {all_of({negation(unlisted(source, terms, name)), negation(within(terms[*own], *notes.takes))}),
         "takes " + name});
  }
}

void blocked(DeclaredHop& made, const End& source, std::span<const ParameterTerm> terms) {
  for (const compat::Block& block : notes_of(source).blocks) {
    const compat::BlockBounds& bounds = made.bounds.emplace_back(bounds_of(block, *source.model));
    const Formula certain = holds(bounds.certain, terms), possible = holds(bounds.possible, terms);
    made.rejected.push_back({certain, "blocks " + block.when.source});
    made.open.push_back(all_of({possible, negation(certain)}));
  }
}

void leave_out_what_never_fails(DeclaredHop& made) {
  std::erase_if(made.rejected, [](const Failure& one) {
    return one.formula->kind == FormulaNode::Kind::truth && !one.formula->value;
  });
}

}  // namespace

Formula DeclaredHop::rejects() const { return any_of_failures(rejected); }
Formula DeclaredHop::undetermined() const { return all_of({negation(rejects()), any_of(open)}); }
Formula DeclaredHop::accepts() const { return all_of({negation(rejects()), negation(any_of(open))}); }

DeclaredHop hop_by(compat::Scheme scheme, const End& source, const End& destination) {
  DeclaredHop made;
  const std::vector<ParameterTerm> own = terms_of(source);
  const Hop there = hop(source, own, destination);
  for (std::size_t i = 0; i < there.accepted.size(); ++i) {
    const Failure &certain = there.accepted[i], &possible = there.possibly_accepted[i];
    const bool known = destination.model->find(certain.what) != nullptr;
    made.rejected.push_back({negation(possible.formula), (known ? "C3 " : "C2 ") + certain.what});
    made.open.push_back(all_of({possible.formula, negation(certain.formula)}));  // R2
  }
  if (!is_strict(scheme)) return made;
  for (const auto& [name, parameter] : destination.model->parameters)
    unlisted_parameter(made, source, own, parameter);
  for (const Failure& one : there.constraints)
    made.rejected.push_back({negation(one.formula), "C6 " + one.what});
  if (scheme != compat::Scheme::declared) return made;
  taken_in(made, source, own, destination);
  const Sections carried = sections(source, own, destination, there.given);
  for (const Failure& one : carried.refused) made.rejected.push_back({one.formula, "loads " + one.what});
  for (const Failure& one : carried.lost) made.rejected.push_back({one.formula, "lost " + one.what});
  Question interface;
  different_aspects(interface, source, own, destination, there.given);
  for (const Failure& one : interface.failures)
    made.rejected.push_back({one.formula, "interface " + one.what});
  blocked(made, source, own);
  leave_out_what_never_fails(made);
  return made;
}

DeclaredHop declared_hop(const End& source, const End& destination) {
  return hop_by(compat::Scheme::declared, source, destination);
}

}  // namespace portolan::solver::answering
