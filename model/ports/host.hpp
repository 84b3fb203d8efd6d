#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What an executor asks of a host: what a driver publishes there, a driver installed, an instance made,
// prepared and ended. Programs on this machine (vfio/user/programs.hpp) are the first implementation; a
// kernel, QEMU and an agent on another machine can be others. An instance is known by the name of its device.
// Every call returns within a time limit.
//
//   const Proposal proposal = host.propose(request);   // nothing is done yet: the journal hears of it first
//   if (host.make(request, proposal)) host.prepare(proposal.device, request.configuration);
//   …
//   host.destroy(proposal.device);

#include <map>
#include <optional>
#include <string>

#include "model/compat/catalogue.hpp"
#include "model/compat/check.hpp"

namespace portolan::ports {

/// A driver as a catalogue names it: for one type of device, or for all that it has.
struct Driver {
  std::string label;    ///< `acme-gfx@2/gfx`; without types, as `version`
  std::string version;  ///< `acme-gfx@2`
};

/// What a driver says of itself there.
struct Published {
  compat::MigrationInfo info;
  std::string by;  ///< who said so, for a message
};

struct InstanceRequest {
  std::string vm;
  Driver driver;
  compat::Configuration configuration;  ///< a value for each parameter
};

/// An instance that is not made yet.
struct Proposal {
  std::string device;  ///< its name, which nothing has yet
  std::string how;     ///< what will be done, as a person would type it
};

/// What became of an instance that was to be ended.
struct Ended {
  bool gone = false;
  std::string said;  ///< one sentence
};

/// Whoever can end an instance.
class Keeper {
 public:
  virtual ~Keeper() = default;
  virtual Ended destroy(const std::string& device) = 0;
};

class Host : public Keeper {
 public:
  /// What its drivers are: a catalogue's driver of another kind cannot be had here.
  virtual compat::ImplementationKind kind() const = 0;
  /// What stands against instances for that VM here, as far as it can be said without asking anybody.
  virtual Faults objections(const std::string& vm) = 0;
  virtual Result<Published> publish(const Driver& driver) = 0;

  /// The command that installs a driver, for people; nothing where it needs none.
  virtual std::optional<std::string> installation(const std::string& version) = 0;
  virtual Result<void> install(const std::string& version) = 0;

  virtual Proposal propose(const InstanceRequest& request) = 0;
  /// Its device can be opened afterwards. An instance that takes its values only while it is made has them.
  virtual Result<void> make(const InstanceRequest& request, const Proposal& proposal) = 0;
  /// R7: every parameter has its value afterwards, or a fault says which was refused.
  virtual Result<void> prepare(const std::string& device, const compat::Configuration& configuration) = 0;
};

/// The hosts that an executor may act on.
class Hosts {
 public:
  virtual ~Hosts() = default;
  /// nullptr: nothing can be done there.
  virtual Host* host(const std::string& name) = 0;
  /// Who ends the device that the VM had before the executor came; nullptr: nobody was told how.
  virtual Keeper* keeper(const std::string& vm) = 0;
};

}  // namespace portolan::ports
