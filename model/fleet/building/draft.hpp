#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A fleet that is being built from its scenario and catalogue, in three steps that each add to the draft and
// report what is wrong: placement.cpp names hosts and VMs and places them, settings.cpp finds the settings
// that can occur, fleet_module.cpp writes all of it into the tables of the module. fleet.cpp takes the steps.

#include <set>

#include "model/fleet/scenario_reading.hpp"

namespace portolan::fleet {

struct DraftHost {
  std::string name;
  std::size_t group = 0, driver = 0;
};
struct DraftVm {
  std::string name;
  std::size_t group = 0, host = 0, setting = 0;
  std::vector<std::size_t> may_have;  ///< settings with which it may be created
};

struct Draft {
  Scenario scenario;
  std::shared_ptr<const compat::Catalogue> catalogue;
  Faults faults;
  std::vector<std::string> drivers;
  std::vector<DraftHost> hosts;
  std::vector<DraftVm> vms;
  std::vector<SettingInfo> settings;
  std::vector<std::string> setting_names, interface_names, resources, zones;
  std::vector<std::vector<bool>> allowed;  ///< by group of VMs and host; empty: everywhere
  std::vector<std::size_t> interfaces;     ///< by setting
  /// Pairs of settings: the check accepts the first and gives the second.
  std::vector<std::pair<std::size_t, std::size_t>> accepts;
  /// What one write makes of a setting: the setting that it leads to, and the write.
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> writes;
  std::vector<std::string> write_names;        ///< `fix=true`
  std::vector<std::set<std::size_t>> may_set;  ///< by group of VMs: writes

  void report(FaultCode code, const Place& place, std::string finding, std::string expectation,
              std::string remedy = {}) {
    faults.push_back({code, place, std::move(finding), std::move(expectation), std::move(remedy)});
  }
  tl::unexpected<Faults> refused() {
    compat::sort_by_place(faults);
    return fail(std::move(faults));
  }
  std::size_t driver_of(const compat::Implementation& one) const;
};

/// `acme@2`.
std::string driver_name(const compat::Implementation& one);
/// Its mdev type, or the driver where it is the only one.
std::string type_name(const compat::Implementation& one);
/// `one of a, b`.
std::string one_of(const std::vector<std::string>& names);
/// A remedy: the name that is nearest to a word.
std::string closest(const std::string& word, const std::vector<std::string>& names);
/// Appends what is not there yet.
void add_new(std::vector<std::string>& names, const std::string& name);

/// Faults: names that are taken, implementations, versions and types that the catalogue does not have.
void place_hosts(Draft& draft);

/// After `place_hosts`: the fleet's resources and zones, and where each group may be. Faults: hosts and
/// labels that nobody has, a host that does not say how much it has of what VMs need.
void restrict(Draft& draft);

class Settings {
 public:
  explicit Settings(Draft& draft) : draft_(draft) {}

  /// The VM's setting on its host, and the settings with which it may be created anywhere. `complain`: a
  /// fault where there is none on its host.
  void settle(const VmGroup& group, DraftVm& vm, bool complain);
  /// Follows every way by which a setting can come about, until no new one does.
  void close();
  /// Which settings look alike to the guest.
  void compare_interfaces();
  /// Faults: parameters in may_set that nobody can write at run time.
  void check_may_set();

 private:
  Draft& draft_;
  /// model -> parameter -> off value of the first that declares one
  std::map<std::string, std::map<std::string, compat::Value>> off_;
  /// model -> interface aspects that every implementation declares
  std::map<std::string, std::vector<std::string>> aspects_;

  compat::End end_of(std::size_t setting) const;
  /// `arrived`: of an instance that came by migration.
  std::size_t intern(const compat::Implementation& implementation, const std::string& model,
                     const compat::Configuration& configuration, bool arrived);
  /// The values that the VM asks for, on that type: init values, the profile's, then those of `parameters`.
  /// Empty where the type does not know or refuses one of them; `complain` says so at its place.
  std::optional<compat::Configuration> asked(const VmGroup& group,
                                             const compat::Implementation& implementation,
                                             const compat::DeviceModel& model, bool complain);
  std::optional<compat::Value> read(const files::Node& node, compat::ValueType type, const Place& place,
                                    bool complain);
  void look_at_models();
  void follow(std::size_t setting);
  /// What set_param may make of it with these values of the parameter.
  void write(std::size_t s, const SettingInfo& info, std::size_t group, const std::string& name,
             const std::vector<files::Node>& values);
};

/// After `place_hosts`. Faults: names that are taken, hosts and models that are not there, parameters that no
/// type takes.
void place_vms(Draft& draft, Settings& settings);

/// The text with the draft's elements, its tables filled in, without what nobody takes here. Faults are
/// reported in the draft.
rules::Module module_of(Draft& draft, const rules::ModuleText& text);

}  // namespace portolan::fleet
