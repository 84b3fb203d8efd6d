#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Mutants of a machine: the same table with one thing wrong. A row is missing, a guard is missing or turned
// round, an assignment is missing, a row leads elsewhere. What is said about a machine is only worth
// something if it is no longer true of these; tests ask that of every one, and a model checker that is to be
// trusted must find them.

#include <string>
#include <vector>

#include "model/rules/machine.hpp"
#include "model/support/named.hpp"

namespace portolan::rules {

enum class MutationKind : std::uint8_t {
  row_dropped,
  guard_dropped,
  guard_negated,
  assignment_dropped,
  target_changed
};
inline constexpr auto mutation_names = enumerator_names<MutationKind>({
    {MutationKind::row_dropped, "the row is dropped"},
    {MutationKind::guard_dropped, "the guard is dropped"},
    {MutationKind::guard_negated, "the guard is negated"},
    {MutationKind::assignment_dropped, "an assignment is dropped"},
    {MutationKind::target_changed, "the target is changed"},
});
constexpr std::string_view name_of(MutationKind kind) { return mutation_names[kind]; }

struct Mutation {
  MutationKind kind = MutationKind::row_dropped;
  std::size_t row = 0;
  std::size_t detail = 0;  ///< which assignment is dropped; which state it leads to
};

/// Every mutation of a table, in the order of its rows.
std::vector<Mutation> mutations(const MachineText& text);
/// `Checked prepare (row 3): the guard is negated`.
std::string to_string(const MachineText& text, const Mutation& mutation);

/// A machine with one mutation. It borrows the names of the original and owns what differs.
class Mutant {
 public:
  Mutant(const MachineText& original, const Mutation& mutation);
  Mutant(const Mutant&) = delete;
  Mutant& operator=(const Mutant&) = delete;
  const Machine& machine() const { return machine_; }

 private:
  std::vector<RowText> rows_;
  std::string guard_, update_;
  MachineText text_;
  CompiledRows compiled_;
  Machine machine_;
};

}  // namespace portolan::rules
