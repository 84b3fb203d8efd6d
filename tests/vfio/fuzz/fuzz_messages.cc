// SPDX-License-Identifier: Apache-2.0
//
// The fuzzer over tests/vfio/fuzz/one_input.hpp, for clang's libFuzzer: scripts/fuzz builds and runs it.

#include "tests/vfio/fuzz/one_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portolan::test::one_input({data, size});
  return 0;
}
