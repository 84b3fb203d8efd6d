// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/coupling/coupling_bytes.hpp"

#include <cstring>
#include <limits>
#include <utility>

namespace portolan::solver::matrix {

using compat::Value;
using compat::ValueType;

namespace {

class Writer {
 public:
  std::string bytes;

  void put(std::uint64_t number) { bytes.append(reinterpret_cast<const char*>(&number), sizeof number); }
  void put(const std::string& text) {
    put(std::uint64_t{text.size()});
    bytes += text;
  }
  void put(const Value& value) {
    put(std::uint64_t{value.index()});
    if (const bool* truth = std::get_if<bool>(&value))
      put(std::uint64_t{*truth});
    else if (const std::uint64_t* number = std::get_if<std::uint64_t>(&value))
      put(*number);
    else
      put(std::get<std::string>(value));
  }
  void put(const std::optional<PartialConfiguration>& part) {
    put(std::uint64_t{part.has_value()});
    if (!part) return;
    put(std::uint64_t{part->distance});
    put(std::uint64_t{part->values.size()});
    for (const Value& value : part->values) put(value);
  }
};

/// After the first thing that is not there, everything is zero or empty, and `all_read` is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool all_read() const { return good_ && rest_.empty(); }

  std::uint64_t number_up_to(std::uint64_t max) {
    std::uint64_t number = 0;
    if (rest_.size() < sizeof number) return fail();
    std::memcpy(&number, rest_.data(), sizeof number);
    rest_.remove_prefix(sizeof number);
    return number <= max ? number : fail();
  }
  bool truth() { return number_up_to(1) != 0; }
  std::string text() {
    const std::uint64_t size = number_up_to(rest_.size());
    if (size > rest_.size()) fail();
    if (!good_) return {};
    const std::string read(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return read;
  }
  Value value_of(ValueType type) {
    if (number_up_to(2) != static_cast<std::uint64_t>(type)) fail();
    switch (type) {
      case ValueType::boolean: return truth();
      case ValueType::integer: return number_up_to(std::numeric_limits<std::uint64_t>::max());
      case ValueType::string: break;
    }
    return text();
  }
  std::optional<PartialConfiguration> part_of(const Coupling& coupling) {
    if (!truth()) return std::nullopt;
    PartialConfiguration part;
    part.distance = static_cast<std::uint32_t>(number_up_to(coupling.parameters.size()));
    if (number_up_to(coupling.parameters.size()) != coupling.parameters.size()) fail();
    for (const std::string& name : coupling.parameters) {
      if (!good_) break;
      part.values.push_back(value_of(coupling.source.model->parameters.at(name).type));
    }
    return part;
  }

 private:
  std::string_view rest_;
  bool good_ = true;

  std::uint64_t fail() {
    good_ = false;
    rest_ = {};
    return 0;
  }
};

}  // namespace

std::string to_bytes(const CouplingAnswer& answer) {
  Writer out;
  for (const bool truth :
       {answer.known, answer.exists, answer.accepted, answer.rejected, answer.undetermined})
    out.put(std::uint64_t{truth});
  out.put(answer.reason);
  return std::move(out.bytes);
}

std::string to_bytes(const CouplingWitness& witness) {
  Writer out;
  out.put(witness.any);
  out.put(witness.rejected);
  out.put(witness.reason);
  return std::move(out.bytes);
}

std::optional<CouplingAnswer> answer_from(std::string_view bytes) {
  Reader in(bytes);
  CouplingAnswer answer;
  for (bool* truth :
       {&answer.known, &answer.exists, &answer.accepted, &answer.rejected, &answer.undetermined})
    *truth = in.truth();
  answer.reason = in.text();
  return in.all_read() ? std::optional(std::move(answer)) : std::nullopt;
}

std::optional<CouplingWitness> witness_from(std::string_view bytes, const Coupling& coupling) {
  Reader in(bytes);
  CouplingWitness witness;
  witness.any = in.part_of(coupling);
  witness.rejected = in.part_of(coupling);
  witness.reason = in.text();
  return in.all_read() ? std::optional(std::move(witness)) : std::nullopt;
}

}  // namespace portolan::solver::matrix
