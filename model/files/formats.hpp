#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The file formats of the product, once: what their member `format` says, and which page of docs/formats
// describes them. A new one gets a row here, a reader, and a page, which a test demands.

#include <string_view>

namespace portolan::files {

struct Format {
  std::string_view name;  ///< the member `format`: name and version
  std::string_view page;  ///< in docs/formats
  std::string_view noun;  ///< as messages call a file of it
  std::string_view read_by;
};

inline constexpr Format catalogue_format{"portolan.catalogue/1", "catalogue.md", "a catalogue",
                                         "portolan check"};
inline constexpr Format scenario_format{"portolan.scenario/1", "scenario.md", "a scenario",
                                        "portolan explore"};
inline constexpr Format plan_format{"portolan.plan/1", "plan.md", "a plan", "portolan plan show"};
inline constexpr Format inventory_format{"portolan.inventory/1", "inventory.md", "an inventory",
                                         "portolan apply --inventory"};
inline constexpr Format accepted_findings_format{"portolan.accepted-findings/1", "accepted-findings.md",
                                                 "accepted findings", "portolan check --baseline"};

inline constexpr Format formats[] = {catalogue_format, scenario_format, plan_format, inventory_format,
                                     accepted_findings_format};

}  // namespace portolan::files
