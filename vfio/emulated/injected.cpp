// SPDX-License-Identifier: Apache-2.0
#include "vfio/emulated/injected.hpp"

#include <algorithm>
#include <cerrno>
#include <map>

#include <fmt/format.h>

#include "model/compat/value.hpp"
#include "model/machines/device.hpp"
#include "model/support/failure.hpp"
#include "model/support/text.hpp"

namespace portolan::vfio::emulated {

const std::vector<InjectedKind>& injected_kinds() {
  static const std::vector<InjectedKind> kinds = {
      {"fail-hop", "at=N | state=S, errno=E, leaves=old|error, times=N",
       "the N-th hop, or each hop into state S, fails with E (EIO)"},
      {"stall", "message=N | byte=N, when=before|after", "no answer any more, and the connection stays open"},
      {"close", "message=N | byte=N, when=before|after", "closes the connection once"},
      {"exit", "message=N | byte=N, when=before|after", "the process ends"},
      {"short-reads", "bytes=N", "a read of migration data gives at most N bytes"},
      {"padded-reads", "", "a reply to a read is as long as was asked for"},
      {"corrupt", "at=N", "flips a bit in the N-th byte of migration data that is read"},
      {"refuse-data", "at=N, errno=E", "refuses the write that holds byte N of the data (1) with E (EINVAL)"},
      {"refuse-value", "name=P", "the instance cannot be made when it is given a value for parameter P"},
      {"forgiving", "", "loads damaged data without a word"},
  };
  return kinds;
}

namespace {

Fault wrong(const std::string& text, std::string finding, std::string expectation) {
  return {FaultCode::usage, {"--fault", {}, text}, std::move(finding), std::move(expectation), {}};
}

}  // namespace

Result<void> add_injected(Injected& injected, const std::string& text) {
  const auto colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  const auto known = std::ranges::find(injected_kinds(), kind, &InjectedKind::name);
  if (known == injected_kinds().end()) {
    std::vector<std::string> names;
    for (const auto& one : injected_kinds()) names.emplace_back(one.name);
    return fail(wrong(text, "unknown kind " + in_quotes(kind), "one of " + listed(names)));
  }
  std::map<std::string, std::string> given;
  for (std::size_t at = colon; at != std::string::npos;) {
    const auto next = text.find(',', at + 1);
    const std::string item = text.substr(at + 1, next == std::string::npos ? next : next - at - 1);
    const auto equals = item.find('=');
    const std::string key = item.substr(0, equals);
    // A key stands in the table as `key=`.
    if (equals == std::string::npos ||
        fmt::format(" {}", known->keys).find(fmt::format(" {}=", key)) == std::string::npos)
      return fail(wrong(text, "got " + in_quotes(item),
                        known->keys.empty() ? "nothing after " + kind : std::string(known->keys)));
    if (!given.emplace(key, item.substr(equals + 1)).second)
      return fail(wrong(text, key + " is given twice", "one value"));
    at = next;
  }

  Faults faults;
  const auto number = [&](const char* key) -> std::optional<std::uint64_t> {
    const auto found = given.find(key);
    if (found == given.end()) return std::nullopt;
    const auto value = compat::parse_u64(found->second);
    if (!value || *value == 0)
      faults.push_back(wrong(text, std::string(key) + " is " + in_quotes(found->second), "a number from 1"));
    return value;
  };
  const auto needed = [&](const char* key) {
    const auto value = number(key);
    if (!value && faults.empty())
      faults.push_back(wrong(text, std::string(key) + " is missing", std::string(known->keys)));
    return value.value_or(0);
  };
  const auto error = [&](int otherwise) {
    const auto found = given.find("errno");
    if (found == given.end()) return otherwise;
    const int value = errno_named(found->second);
    if (value == 0)
      faults.push_back(wrong(text, "errno is " + in_quotes(found->second), "a name such as EIO"));
    return value;
  };
  const auto one_of = [&](const char* key, const char* first, const char* second) {
    const auto found = given.find(key);
    if (found == given.end() || found->second == first) return false;
    if (found->second != second)
      faults.push_back(wrong(text, std::string(key) + " is " + in_quotes(found->second),
                             std::string(first) + " or " + second));
    return true;
  };

  if (kind == "fail-hop") {
    Injected::Hop hop{.at = number("at"),
                      .entering = {},
                      .error = error(EIO),
                      .into_error = one_of("leaves", "old", "error")};
    if (given.contains("times")) hop.times = needed("times");
    if (const auto state = given.find("state"); state != given.end()) {
      hop.entering = machines::device_state_named(state->second);
      if (!hop.entering)
        faults.push_back(
            wrong(text, "unknown state " + in_quotes(state->second), "a state as in linux/vfio.h"));
    }
    if (hop.at.has_value() == hop.entering.has_value() && faults.empty())
      faults.push_back(wrong(text, "which hop", "either at or state"));
    injected.hops.push_back(hop);
  } else if (kind == "stall" || kind == "close" || kind == "exit") {
    const Silence how = kind == "stall" ? Silence::stall : kind == "close" ? Silence::close : Silence::exit;
    const Injected::Break one{how, number("message"), number("byte"), one_of("when", "before", "after")};
    if (one.message.has_value() == one.byte.has_value() && faults.empty())
      faults.push_back(wrong(text, "when", "either message or byte"));
    injected.breaks.push_back(one);
  } else if (kind == "short-reads") {
    injected.short_reads =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(needed("bytes"), ~std::uint32_t{0}));
  } else if (kind == "padded-reads") {
    injected.padded_reads = true;
  } else if (kind == "corrupt") {
    injected.corrupt.push_back(needed("at"));
  } else if (kind == "refuse-data") {
    injected.refuse_data = number("at").value_or(1);
    injected.refuse_data_error = error(EINVAL);
  } else if (kind == "refuse-value") {
    if (!given.contains("name"))
      faults.push_back(wrong(text, "name is missing", "the name of a parameter"));
    else
      injected.refuse_values.push_back(given.at("name"));
  } else {
    injected.forgiving = true;
  }
  if (!faults.empty()) return fail(std::move(faults));
  return {};
}

}  // namespace portolan::vfio::emulated
