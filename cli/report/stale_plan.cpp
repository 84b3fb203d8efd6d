// SPDX-License-Identifier: Apache-2.0
#include "cli/report/stale_plan.hpp"

#include "cli/frame/json.hpp"

namespace portolan::cli {

Exit refuse_stale(const fleet::Staleness& stale, const std::string& scenario, const std::string& plan_file,
                  Output& output) {
  if (output.json()) {
    Json json = versioned();
    json["verdict"] = "stale";
    json["reason"] = stale.reason;
    json["changed"] = stale.details;
    output.write(pretty(json));
  } else {
    output.print("{}: {}\n", output.bad("stale"), stale.reason);
    for (const std::string& one : stale.details) output.print("  {}\n", one);
    output.print("  make it again: portolan plan {} -o {}\n", scenario, plan_file);
  }
  return Exit::unmet;
}

}  // namespace portolan::cli
