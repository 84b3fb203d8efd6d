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
      {FaultCode::unreadable, "unreadable", "a file cannot be opened, is a folder, or cannot be written",
       "nic.yaml: no such file",
       "check the path and who may read or write it; an output needs a folder that exists and room on the "
       "disk"},
      {FaultCode::syntax, "syntax", "the text is not JSON, YAML or an expression",
       "a comma is missing between two members of an object",
       "look at the place that the message names and just before it: nothing behind it was read yet"},
      {FaultCode::wrong_type, "wrong-type", "a member has another JSON type than it must have",
       "init_value: \"4\" where the type is int",
       "write it as the page of the format says: numbers and true or false without quotes, texts with them"},
      {FaultCode::out_of_range, "out-of-range",
       "a number is not a plain unsigned 64-bit integer, or lies outside its domain",
       "init_value: -1, 1.0 or 18446744073709551616",
       "give a whole number within what the message expects, in digits alone"},
      {FaultCode::bad_range, "bad-range", "a range is not digits-digits with the smaller number first",
       "allowed_values: [\"9-3\"]", "write min-max in decimal digits, with min not above max"},
      {FaultCode::bad_name, "bad-name", "a name or a value is outside its grammar",
       "a parameter named a=b, or a value with a line break",
       "choose a name without the character that the message names"},
      {FaultCode::duplicate, "duplicate", "the same key or name stands twice",
       "init_value twice in one parameter",
       "remove one of the two, or rename it: neither is taken, for nobody says which is meant"},
      {FaultCode::missing, "missing", "a required member is absent", "a parameter without init_value",
       "add the member that the message names; the page of the format says what it holds"},
      {FaultCode::unknown_name, "unknown-name",
       "a type, parameter, model, profile or state of that name does not exist here",
       "--set queue=4, where the parameter is queues",
       "take one of the names that the message lists, or add what is missing to the file"},
      {FaultCode::type_error, "type-error", "the operands of an expression do not fit its operator",
       "new-feature > 2, where new-feature is a bool",
       "compare with a value of its type, or apply another operator"},
      {FaultCode::usage, "usage", "the command line asks for something that makes no sense",
       "check --write-baseline without --baseline FILE",
       "correct the line as the message says; --help of the command lists its options"},
      {FaultCode::storage, "storage", "the database refused",
       "a database whose folder cannot be written, or that another program has locked",
       "check the file, its folder and the room on the disk, or name another file with --db"},
      {FaultCode::limit, "limit", "deeper or larger than is accepted",
       "a document with a hundred thousand brackets inside one another",
       "make the input smaller, or part it into several files"},
      {FaultCode::unreachable, "unreachable", "a device cannot be reached, or closed its connection",
       "nobody listens on the socket of the inventory",
       "start the device's program, or correct the path of its socket"},
      {FaultCode::timeout, "timeout", "a device did not answer in time",
       "a device that hangs while it is told to stop",
       "look at the device before anything is tried again: it may still have done what it was asked"},
      {FaultCode::protocol, "protocol", "a device sent what the protocol does not allow",
       "a reply to a message that was not sent",
       "report it to who makes the device; nothing that it said after that was believed"},
      {FaultCode::refused, "refused", "a device answered with an error",
       "EBUSY to a write while a migration goes on",
       "do what the device's error asks for; the message has its number and the step"},
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
