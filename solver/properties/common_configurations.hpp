#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// `baseline` (docs/rules.md §properties): the configurations that every host of a set can have, so that an
// instance may move from any of them to any other and back with nothing changed (the strict check, R6,
// accepts each of these migrations). For each parameter: a value that all hosts accept and none takes for its
// off value, or the off value of all of them; a parameter that some host lacks is off. The hosts' constraints
// hold. Where there is none: a minimal set of hosts that have none in common, and the parameters and
// constraints on which they part.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "solver/answering/answers.hpp"
#include "solver/engine.hpp"

namespace portolan::solver::properties {

// NOLINTNEXTLINE(google-build-using-namespace): questions and answers are the words of this chapter
using namespace answering;

/// One place for instances; several types of a model are a choice (R10a).
struct Host {
  std::string label;
  std::vector<compat::End> types;
};

/// The entries of a catalogue that describe the model, types of one entry together, in the order of the
/// catalogue.
std::vector<Host> hosts_of(const compat::Catalogue& catalogue, const std::string& model);

struct Blocker {
  std::vector<std::size_t> hosts;  ///< positions; without any one of them the others have something in common
  std::vector<std::string> parameters;   ///< on which these hosts part: no common value
  std::vector<std::string> constraints;  ///< as written; that nothing in common satisfies
};

struct Common {
  enum class Outcome { some, none, unknown } outcome = Outcome::none;
  std::string reason;               ///< of unknown
  std::vector<std::size_t> chosen;  ///< a type of each host, in the order of the hosts
  std::map<std::string, compat::ValueSet>
      values;                       ///< of each parameter that all hosts know, before constraints
  std::vector<std::string> absent;  ///< parameters that must be off, since some host lacks them
  std::vector<const rules::Expression*> constraints;  ///< that bind the values further, each text once
  std::optional<compat::Configuration>
      example;  ///< the one nearest to the init values of the first host that knows a parameter
  Blocker blocker;
};

/// `hosts` must not be empty; all of one model. At most 4096 choices of types are tried.
Common common_space(const std::vector<Host>& hosts, Engine engine, std::uint32_t z3_milliseconds_max = 5000);

}  // namespace portolan::solver::properties
