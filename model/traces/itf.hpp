#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Traces as files, in the Informal Trace Format of Apalache
// (https://apalache.informal.systems/docs/adr/015adr-trace.html): `#meta`, `vars` and `states`, where each
// state gives every variable a value. Booleans are JSON's, numbers are `{"#bigint": "4"}`, elements of sorts
// are texts (`none` is the text "none"), an indexed variable is `{"#map": [[element, value], …]}` and one
// with two indices has keys `{"#tup": [a, b]}`. Fixed variables are no state and are left out. `#meta` of a
// state says which event led to it; a reader that knows only the format can do without. Where something can
// go on for ever, `loop` is the position of the state that follows the last one: the first of what is
// repeated; the last one itself where nothing has to happen any more.

#include <optional>
#include <string>
#include <vector>

#include "model/files/document.hpp"
#include "model/rules/trace.hpp"

namespace portolan::traces {

/// What a trace is of, for its `#meta`.
struct TraceAbout {
  std::string scenario;  ///< the file
  std::string content;   ///< of a smaller scenario made from it, as JSON; empty: the file's own
  std::string property, verb, verdict;
  bool undefined = false;  ///< the last event has no meaning: the state before it stands twice
};

/// The text of the file. `loop`: what goes on for ever after the trace; null: nothing does.
std::string write_itf(const rules::Module& module, const rules::Trace& trace,
                      const std::vector<rules::Trace::Step>* loop, const TraceAbout& about);

/// A trace as it was read.
struct TraceFile {
  struct State {
    rules::Cells cells;
    std::optional<std::string> action;  ///< that led here, with its arguments; empty: the file does not say
    std::vector<std::string> arguments;
    Place place;
  };
  TraceAbout about;
  std::vector<State> states;        ///< never empty
  std::optional<std::size_t> loop;  ///< position of the state that follows the last one
};

/// `#meta` alone, which needs no module: to find out which scenario the trace is of.
Result<TraceAbout> read_itf_meta(const files::Document& document);
/// Every fault at once: a variable that the module lacks or that is missing, a value outside its domain, an
/// element twice.
Result<TraceFile> read_itf(const files::Document& document, const rules::Module& module);

}  // namespace portolan::traces
