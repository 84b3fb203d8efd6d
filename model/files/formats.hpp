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
};

inline constexpr Format catalogue_format{"portolan.catalogue/1", "catalogue.md"};
inline constexpr Format scenario_format{"portolan.scenario/1", "scenario.md"};
inline constexpr Format plan_format{"portolan.plan/1", "plan.md"};
inline constexpr Format inventory_format{"portolan.inventory/1", "inventory.md"};
inline constexpr Format accepted_findings_format{"portolan.accepted-findings/1", "accepted-findings.md"};

inline constexpr Format formats[] = {catalogue_format, scenario_format, plan_format, inventory_format,
                                     accepted_findings_format};

}  // namespace portolan::files
