// SPDX-License-Identifier: Apache-2.0
#include "model/support/failure.hpp"

#include <cerrno>
#include <cstring>

namespace portolan {

std::string_view name_of(Trouble trouble) {
  switch (trouble) {
    case Trouble::refused: return "refused";
    case Trouble::closed: return "closed";
    case Trouble::silent: return "silent";
    case Trouble::broken: return "broken";
  }
  return {};
}

bool dead(const Failure& failure) {
  return failure.trouble == Trouble::closed &&
         (failure.error == ECONNREFUSED || failure.error == ENOENT || failure.error == ESTALE);
}

Fault fault_of(const Failure& failure, std::string remedy) {
  const FaultCode code = failure.trouble == Trouble::refused  ? FaultCode::refused
                         : failure.trouble == Trouble::closed ? FaultCode::unreachable
                         : failure.trouble == Trouble::silent ? FaultCode::timeout
                                                              : FaultCode::protocol;
  return {code, {failure.device, {}, {}}, failure.finding, failure.expectation, std::move(remedy)};
}

std::string to_string(const Failure& failure) { return portolan::to_string(fault_of(failure)); }

std::string errno_name(int error) {
  const char* name = strerrorname_np(error);
  return name ? name : "errno " + std::to_string(error);
}

int errno_named(std::string_view name) {
  constexpr int largest = 133;  // EHWPOISON, the last one of Linux
  for (int error = 1; error <= largest; ++error) {
    if (const char* known = strerrorname_np(error); known && name == known) return error;
  }
  return 0;
}

}  // namespace portolan
