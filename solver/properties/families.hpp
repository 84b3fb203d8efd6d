#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The implementations of one device model, those that describe it in the same words together: what is proved
// of one of them is proved of all. So a catalogue of hundreds of entries is a few questions.

#include <cstddef>
#include <string>
#include <vector>

#include "model/compat/judging/judgement.hpp"
#include "solver/properties/common_configurations.hpp"

namespace portolan::solver::properties {

/// Implementations that describe a model in the same words.
struct SameWords {
  compat::End end;                   ///< the first of them
  std::vector<std::size_t> members;  ///< positions in the catalogue
};

class Family {
 public:
  /// `members`: the positions of all that describe the model.
  Family(const compat::Catalogue& catalogue, const std::string& model,
         const std::vector<std::size_t>& members);

  const std::string& model() const { return model_; }
  const std::vector<SameWords>& kinds() const { return kinds_; }
  const std::vector<Host>& hosts() const { return hosts_; }
  /// Whether all kinds give each parameter the same type and the same off value, and one without off value is
  /// known to all. Then a value is carried or off everywhere (R4, R7), so that no way of migrations that can
  /// be set up changes an effective value.
  bool agrees() const { return agrees_; }

  const compat::Implementation& implementation(std::size_t position) const;
  /// An implementation of the catalogue as an end; it describes the model.
  compat::End end_of(std::size_t position) const;
  /// How many ordered pairs of different implementations there are of two kinds, perhaps the same.
  static std::size_t pairs_of(const SameWords& a, const SameWords& b);
  /// In the order of the catalogue.
  std::vector<std::string> labels_of(const SameWords& kind) const;
  /// The first such pair, in the order of the catalogue.
  compat::Ends first_pair(const SameWords& a, const SameWords& b) const;

 private:
  const compat::Catalogue* catalogue_;
  std::string model_;
  std::vector<SameWords> kinds_;
  std::vector<Host> hosts_;
  bool agrees_ = false;
};

/// In the order of the models' names. They refer to the catalogue.
std::vector<Family> families_of(const compat::Catalogue& catalogue);

/// Everything that a description of a model says, as text: equal for implementations that no property that is
/// proved can tell apart.
std::string description_of(const compat::End& end);

/// Where the files speak of a parameter, section, aspect or constraint; the source first. The destination may
/// be empty.
Place place_of(const compat::Ends& ends, const std::string& what);

/// The parameter of that name, which one of the ends must have; else empty.
std::string parameter_named(const compat::Ends& ends, const std::string& what);

}  // namespace portolan::solver::properties
