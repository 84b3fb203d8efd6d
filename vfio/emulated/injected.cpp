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

using Given = std::map<std::string, std::string>;

/// The keys behind `KIND:`, each once and among those that the kind takes.
Result<Given> keys_of(const std::string& text, std::size_t colon, const InjectedKind& kind) {
  Given given;
  for (std::size_t at = colon; at != std::string::npos;) {
    const auto next = text.find(',', at + 1);
    const std::string item = text.substr(at + 1, next == std::string::npos ? next : next - at - 1);
    const auto equals = item.find('=');
    const std::string key = item.substr(0, equals);
    // A key stands in the table as `key=`.
    if (equals == std::string::npos ||
        fmt::format(" {}", kind.keys).find(fmt::format(" {}=", key)) == std::string::npos)
      return fail(
          wrong(text, "got " + in_quotes(item),
                kind.keys.empty() ? fmt::format("nothing after {}", kind.name) : std::string(kind.keys)));
    if (!given.emplace(key, item.substr(equals + 1)).second)
      return fail(wrong(text, key + " is given twice", "one value"));
    at = next;
  }
  return given;
}

/// What the keys say, and every fault of theirs.
class InjectedReader {
 public:
  InjectedReader(const std::string& text, const InjectedKind& kind, const Given& given)
      : text_(text), kind_(kind), given_(given) {}

  Faults read(Injected& injected) {
    const std::string_view kind = kind_.name;
    if (kind == "fail-hop")
      injected.hops.push_back(hop());
    else if (kind == "stall")
      injected.breaks.push_back(breaking(Silence::stall));
    else if (kind == "close")
      injected.breaks.push_back(breaking(Silence::close));
    else if (kind == "exit")
      injected.breaks.push_back(breaking(Silence::exit));
    else if (kind == "short-reads")
      injected.short_reads =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(needed("bytes"), ~std::uint32_t{0}));
    else if (kind == "padded-reads")
      injected.padded_reads = true;
    else if (kind == "corrupt")
      injected.corrupt.push_back(needed("at"));
    else if (kind == "refuse-data") {
      injected.refuse_data = number("at").value_or(1);
      injected.refuse_data_error = error(EINVAL);
    } else if (kind == "refuse-value") {
      if (given_.contains("name"))
        injected.refuse_values.push_back(given_.at("name"));
      else
        report("name is missing", "the name of a parameter");
    } else
      injected.forgiving = true;
    return std::move(faults_);
  }

 private:
  const std::string& text_;
  const InjectedKind& kind_;
  const Given& given_;
  Faults faults_;

  void report(std::string finding, std::string expectation) {
    faults_.push_back(wrong(text_, std::move(finding), std::move(expectation)));
  }
  std::optional<std::uint64_t> number(const std::string& key) {
    const auto found = given_.find(key);
    if (found == given_.end()) return std::nullopt;
    const auto value = compat::parse_u64(found->second);
    if (!value || *value == 0) report(key + " is " + in_quotes(found->second), "a number from 1");
    return value;
  }
  std::uint64_t needed(const std::string& key) {
    const auto value = number(key);
    if (!value && faults_.empty()) report(key + " is missing", std::string(kind_.keys));
    return value.value_or(0);
  }
  int error(int otherwise) {
    const auto found = given_.find("errno");
    if (found == given_.end()) return otherwise;
    const int value = errno_named(found->second);
    if (value == 0) report("errno is " + in_quotes(found->second), "a name such as EIO");
    return value;
  }
  /// Whether it is the second; the first is meant where nothing is said.
  bool one_of(const std::string& key, const std::string& first, const std::string& second) {
    const auto found = given_.find(key);
    if (found == given_.end() || found->second == first) return false;
    if (found->second != second) report(key + " is " + in_quotes(found->second), first + " or " + second);
    return true;
  }
  Injected::Hop hop() {
    Injected::Hop hop{.at = number("at"),
                      .entering = {},
                      .error = error(EIO),
                      .into_error = one_of("leaves", "old", "error")};
    if (given_.contains("times")) hop.times = needed("times");
    if (const auto state = given_.find("state"); state != given_.end()) {
      hop.entering = machines::device_state_named(state->second);
      if (!hop.entering) report("unknown state " + in_quotes(state->second), "a state as in linux/vfio.h");
    }
    if (hop.at.has_value() == hop.entering.has_value() && faults_.empty())
      report("which hop", "either at or state");
    return hop;
  }
  Injected::Break breaking(Silence how) {
    const Injected::Break one{how, number("message"), number("byte"), one_of("when", "before", "after")};
    if (one.message.has_value() == one.byte.has_value() && faults_.empty())
      report("when", "either message or byte");
    return one;
  }
};

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
  const auto given = keys_of(text, colon, *known);
  if (!given) return fail(given.error());
  if (Faults faults = InjectedReader(text, *known, *given).read(injected); !faults.empty())
    return fail(std::move(faults));
  return {};
}

}  // namespace portolan::vfio::emulated
