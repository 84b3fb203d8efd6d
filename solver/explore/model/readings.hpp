#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What terms read of a state's components (components.hpp). Of a component that is only read, a table needs
// no value but its *class*: values that make the same subterms true are one (`place[w] == h` is one bit,
// whatever else w may be). So a *reading* of a component is a set of subterms that read it alone, or the
// whole value, and takes as many bits as tell its cases apart.

#include <map>
#include <vector>

#include "solver/explore/ground/components.hpp"
#include "solver/explore/model/evaluation.hpp"

namespace portolan::solver::explore {

/// What some terms need to know of a component: the values of the largest subterms that read it alone, or
/// which value it is.
struct Reading {
  std::vector<TermId> subterms;  ///< sorted
  bool whole = false;
};
using Readings = std::map<std::size_t, Reading>;  ///< by component

void add_readings(Readings& into, const Readings& from);

/// Bits that tell the values of a term apart, and that it has none.
unsigned bits_of(const Term& term);

/// Finds the readings of terms. Widths are those that the components have at the moment.
class TermReader {
 public:
  static constexpr int reads_none = -1, reads_several = -2;

  TermReader(GroundModel& ground, const Packing& packing, const Components& components)
      : terms_(ground.terms), evaluation_(ground, packing), components_(components) {}

  /// The one component that the term reads, or `reads_none` or `reads_several`.
  int component_of(TermId term);
  /// Whether a condition reads only what never changes, and holds.
  bool always_holds(TermId condition);

  void collect(TermId term, Readings& into);
  void collect(const GroundWrite& write, Readings& into);

  unsigned bits(std::size_t component, const Reading& reading) const;
  unsigned bits(const Readings& readings) const;
  /// Bits of the values of all these components, whatever is read of them.
  unsigned whole_bits(const Readings& readings) const;

 private:
  Terms& terms_;
  Evaluation evaluation_;
  const Components& components_;
  std::vector<int> component_of_;  ///< by term

  static constexpr int not_looked_at = -3;
};

}  // namespace portolan::solver::explore
