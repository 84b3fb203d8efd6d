// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/model/readings.hpp"

#include <algorithm>
#include <bit>
#include <iterator>

namespace portolan::solver::explore {

void add_readings(Readings& into, const Readings& from) {
  for (const auto& [component, reading] : from) {
    Reading& there = into[component];
    there.whole = there.whole || reading.whole;
    std::vector<TermId> both;
    std::set_union(there.subterms.begin(), there.subterms.end(), reading.subterms.begin(),
                   reading.subterms.end(), std::back_inserter(both));
    there.subterms = std::move(both);
  }
}

unsigned bits_of(const Term& term) {
  return static_cast<unsigned>(std::bit_width(static_cast<Word>(term.high) - static_cast<Word>(term.low))) +
         (term.partial ? 1 : 0);
}

int TermReader::component_of(TermId id) {
  const auto at = static_cast<std::size_t>(id);
  if (component_of_.size() <= at) component_of_.resize(at + 1, not_looked_at);
  if (component_of_[at] != not_looked_at) return component_of_[at];
  const Term term = terms_[id];
  int result = reads_none;
  const auto meet = [&](int other) {
    if (other == reads_none || result == other) return;
    result = result == reads_none ? other : reads_several;
  };
  for (const TermId child : {term.a, term.b, term.c})
    if (child >= 0) meet(component_of(child));
  if (term.op == TermOp::cell || term.op == TermOp::select)
    terms_.own_cells(id, [&](std::size_t cell) { meet(components_.of(cell)); });
  return component_of_[at] = result;
}

bool TermReader::always_holds(TermId condition) {
  return component_of(condition) == reads_none &&
         evaluation_.conjunction({condition}, std::vector<Word>(components_.raw_words()).data()) ==
             TruthValue::yes;
}

void TermReader::collect(TermId id, Readings& into) {
  const int alone = component_of(id);
  if (alone == reads_none) return;
  if (alone >= 0) {
    std::vector<TermId>& subterms = into[static_cast<std::size_t>(alone)].subterms;
    const auto at = std::lower_bound(subterms.begin(), subterms.end(), id);
    if (at == subterms.end() || *at != id) subterms.insert(at, id);
    return;
  }
  const Term term = terms_[id];
  for (const TermId child : {term.a, term.b, term.c})
    if (child >= 0) collect(child, into);
  if (term.op != TermOp::select) return;
  std::vector<std::size_t> cells;
  terms_.own_cells(id, [&](std::size_t cell) { cells.push_back(cell); });
  for (const std::size_t cell : cells)
    if (components_.of(cell) >= 0) collect(terms_.cell(cell), into);
}

void TermReader::collect(const GroundWrite& write, Readings& into) {
  for (const TermId term : {write.i, write.j, write.value})
    if (term >= 0) collect(term, into);
}

unsigned TermReader::bits(std::size_t component, const Reading& reading) const {
  unsigned result = 0;
  for (const TermId term : reading.subterms) result += bits_of(terms_[term]);
  return reading.whole || result > components_.width(component) ? components_.width(component) : result;
}

unsigned TermReader::bits(const Readings& readings) const {
  unsigned result = 0;
  for (const auto& [component, reading] : readings) result += bits(component, reading);
  return result;
}

unsigned TermReader::whole_bits(const Readings& readings) const {
  unsigned result = 0;
  for (const auto& [component, reading] : readings) result += components_.width(component);
  return result;
}

}  // namespace portolan::solver::explore
