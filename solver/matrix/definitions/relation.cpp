// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/definitions/relation.hpp"

namespace portolan::solver::matrix {

std::string_view name_of(RelationKind kind) {
  switch (kind) {
    case RelationKind::all: return "all";
    case RelationKind::some: return "some";
    case RelationKind::none: return "none";
    case RelationKind::undetermined: return "undetermined";
  }
  return {};
}

}  // namespace portolan::solver::matrix
