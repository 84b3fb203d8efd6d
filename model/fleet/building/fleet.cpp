// SPDX-License-Identifier: Apache-2.0
#include "model/fleet/building/draft.hpp"

namespace portolan::fleet {

Result<LoadedScenario> build_fleet(Scenario scenario, std::shared_ptr<const compat::Catalogue> catalogue,
                                   const rules::ModuleText& text) {
  Draft draft;
  draft.scenario = std::move(scenario);
  draft.catalogue = std::move(catalogue);
  for (const compat::Implementation& one : draft.catalogue->implementations)
    add_new(draft.drivers, driver_name(one));
  Settings settings(draft);
  place_hosts(draft);
  place_vms(draft, settings);
  restrict(draft);
  if (!draft.faults.empty()) return draft.refused();
  settings.close();
  if (!draft.faults.empty()) return draft.refused();
  settings.compare_interfaces();
  settings.check_may_set();
  LoadedScenario loaded;
  loaded.module = module_of(draft, text);
  if (!draft.faults.empty()) return draft.refused();
  loaded.settings = std::move(draft.settings);
  loaded.catalogue = std::move(draft.catalogue);
  loaded.scenario = std::move(draft.scenario);
  return loaded;
}

}  // namespace portolan::fleet
