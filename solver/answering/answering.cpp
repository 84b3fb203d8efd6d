// SPDX-License-Identifier: Apache-2.0
#include "solver/answering/answering.hpp"

namespace portolan::solver::answering {

using compat::Configuration;
using compat::End;

Answer Answers::answer(const Question& question) {
  ++questions_;
  switch (options_.engine) {
    case Engine::direct: return answer_directly(question, options_.enumerated_direct_max);
    case Engine::z3:
    case Engine::z3_joined: return z3_.answer(question);
    case Engine::automatic: {
      Answer answer = answer_directly(question, options_.enumerated_max);
      return answer.outcome == Answer::Outcome::unknown ? z3_.answer(question) : answer;
    }
    case Engine::both: break;
  }
  Answer direct = answer_directly(question, options_.enumerated_direct_max);
  Answer by_z3 = z3_.answer(question);
  disagreements_ += !direct.agrees_with(by_z3);
  return direct.outcome == Answer::Outcome::unknown ? by_z3 : direct;
}

Configuration configuration_of(const Question& question, const End& source,
                               const std::vector<compat::Value>& witness) {
  Configuration configuration;
  for (std::size_t i = 0; i < source.model->parameters.size(); ++i)
    configuration.emplace(question.variables[i].name, witness[i]);
  return configuration;
}

}  // namespace portolan::solver::answering
