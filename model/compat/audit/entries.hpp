#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One device model of a catalogue as the audit looks at it: the catalogue's entries that describe it, oldest
// first, with the profiles that they declare and what live instances of them showed. Several types of one
// entry are one end. Constant once it is made; entries are named by their position.

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/compat/judging/examination.hpp"
#include "model/compat/observed.hpp"

namespace portolan::compat::audit {

/// One catalogue entry that describes the model.
struct Entry {
  std::string label;  ///< `name@version`; the label of a plain file
  std::string name, version;
  std::vector<End> types;  ///< never empty; the annotations are the same for all

  const Annotations& notes() const { return notes_of(types.front()); }
  const Parameters& parameters() const { return types.front().model->parameters; }
  bool declares(const std::string& profile) const { return notes().profiles.contains(profile); }
  /// What was seen at a profile; null where nothing was looked at.
  const std::map<std::string, Observation>* observed(const std::string& profile) const;
  /// What was seen of one aspect there; empty: absent, or not looked at.
  Observation observation(const std::string& profile, const std::string& aspect) const;
  /// Where the profile is declared; else where the entry is.
  Place place_of(const std::string& profile) const;
  /// The type of that name, else the first.
  const End& like(const End& other) const;
};

class Model {
 public:
  Model(const Catalogue& catalogue, const std::string& name);

  const std::vector<Entry>& entries() const { return entries_; }
  const Entry& operator[](std::size_t entry) const { return entries_[entry]; }
  const Absence& absence() const { return absence_; }

  /// That some entry declares or was observed at, in name order.
  std::set<std::string> profiles() const;
  /// Entries that declare the profile or were observed at it.
  std::vector<std::size_t> knowing(const std::string& profile) const;
  /// Entries that declare the profile.
  std::vector<std::size_t> declaring(const std::string& profile) const;
  std::optional<std::size_t> first_observed(const std::string& profile) const;
  /// Every parameter that one of these entries has, in name order.
  std::set<std::string> parameters_of(const std::vector<std::size_t>& entries) const;

  /// What an entry calls the parameter: its own name, else the one of which either is a second name
  /// (`alias-of`), whoever says so. Empty: it has none.
  std::optional<std::string> own_name(std::size_t entry, const std::string& parameter) const;

  /// The effective value of a parameter at a profile, by whatever name the entry has it (R3: a parameter that
  /// is not there has the effect of its off value). Empty: not known.
  std::optional<Value> effective_at(std::size_t entry, const std::string& profile,
                                    const std::string& parameter) const;

  /// A finding that names the model and the profile.
  Finding finding_at(const std::string& profile) const;

 private:
  std::string name_;
  std::vector<Entry> entries_;
  Absence absence_;
};

/// A migration at a profile, which the audit predicts; the ends are entries of the model.
struct Move {
  std::string profile;
  std::size_t source = 0, destination = 0;
  const End* type = nullptr;  ///< the one type of the source that is meant; null: all of them
};

/// A finding that names the ends of the move and its direction besides.
Finding finding_about(const Model& model, const Move& move);

}  // namespace portolan::compat::audit
