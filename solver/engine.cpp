// SPDX-License-Identifier: Apache-2.0
#include "solver/engine.hpp"

namespace portolan::solver {

std::string_view name_of(Engine engine) {
  switch (engine) {
    case Engine::automatic: return "auto";
    case Engine::direct: return "direct";
    case Engine::z3: return "z3";
    case Engine::both: return "both";
    case Engine::z3_joined: return "z3-joined";
  }
  return {};
}

std::optional<Engine> engine_named(std::string_view name) {
  for (const Engine engine :
       {Engine::automatic, Engine::direct, Engine::z3, Engine::both, Engine::z3_joined}) {
    if (name_of(engine) == name) return engine;
  }
  return std::nullopt;
}

}  // namespace portolan::solver
