// SPDX-License-Identifier: Apache-2.0
#include "model/ports/device_registry.hpp"

#include "model/ports/device_name.hpp"
#include "model/support/text.hpp"

namespace portolan::ports {

Result<Answer<std::unique_ptr<Device>>> DeviceRegistry::open(const std::string& name,
                                                             const std::string& option) const {
  const auto parsed = parse_device_name(name);
  const auto opener = parsed ? openers_.find(parsed->scheme) : openers_.end();
  if (opener == openers_.end())
    return fail(
        Fault{FaultCode::usage, {option, {}, {}}, "got " + in_quotes(name), expected_device_name(), {}});
  return opener->second(parsed->rest);
}

}  // namespace portolan::ports
