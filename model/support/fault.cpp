// SPDX-License-Identifier: Apache-2.0

#include "model/support/fault.hpp"

#include <cassert>

#include "model/support/text.hpp"

namespace portolan {

std::string to_string(const Place& place) {
  std::string out = shortened(place.file, 1000);
  if (place.mark.line != 0) {
    if (!out.empty()) out += ':';
    out += std::to_string(place.mark.line);
    if (place.mark.column != 0) out += ':' + std::to_string(place.mark.column);
  }
  if (!place.path.empty()) {
    if (!out.empty()) out += ": ";
    out += shortened(place.path, 400);
  }
  return out;
}

std::string to_string(const Fault& fault) {
  // Findings quote foreign text through `in_quotes`; `shortened` is the second lock on the same door.
  std::string said = shortened(fault.finding, 1000);
  if (!fault.expectation.empty())
    said += (said.empty() ? "expected " : ", expected ") + shortened(fault.expectation, 1000);
  if (!fault.remedy.empty()) said += (said.empty() ? "" : "; ") + shortened(fault.remedy, 1000);
  const std::string place = to_string(fault.place);
  return place.empty() || said.empty() ? place + said : place + ": " + said;
}

std::string to_string(const Faults& faults) {
  std::string out;
  for (const Fault& fault : faults) out += to_string(fault) + '\n';
  return out;
}

const std::vector<FaultCodeEntry>& fault_code_table() {
  static const std::vector<FaultCodeEntry> table = {
      {FaultCode::unreadable, "unreadable", "a file cannot be opened, is a folder, or cannot be written"},
      {FaultCode::syntax, "syntax", "the text is not JSON, YAML or an expression"},
      {FaultCode::wrong_type, "wrong-type", "a member has another JSON type than it must have"},
      {FaultCode::out_of_range, "out-of-range",
       "a number is not a plain unsigned 64-bit integer, or lies outside its domain"},
      {FaultCode::bad_range, "bad-range", "a range is not digits-digits with the smaller number first"},
      {FaultCode::bad_name, "bad-name", "a name or a value is outside its grammar"},
      {FaultCode::duplicate, "duplicate", "the same key or name stands twice"},
      {FaultCode::missing, "missing", "a required member is absent"},
      {FaultCode::unknown_name, "unknown-name",
       "a type, parameter, model, profile or state of that name does not exist here"},
      {FaultCode::type_error, "type-error", "the operands of an expression do not fit its operator"},
      {FaultCode::usage, "usage", "the command line asks for something that makes no sense"},
      {FaultCode::storage, "storage", "the database refused"},
      {FaultCode::limit, "limit", "deeper or larger than is accepted"},
      {FaultCode::unreachable, "unreachable", "a device cannot be reached, or closed its connection"},
      {FaultCode::timeout, "timeout", "a device did not answer in time"},
      {FaultCode::protocol, "protocol", "a device sent what the protocol does not allow"},
      {FaultCode::refused, "refused", "a device answered with an error"},
  };
  return table;
}

std::string_view name_of(FaultCode code) {
  for (const FaultCodeEntry& entry : fault_code_table())
    if (entry.code == code) return entry.name;
  assert(false && "every code stands in the table");
  return {};
}

}  // namespace portolan
