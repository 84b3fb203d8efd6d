#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A trace carried out again, step by step, by the reference meaning (rules::successors): what was written
// down once is only worth something while it is still what the scenario does. Whoever made the trace does not
// matter.

#include <span>

#include "model/traces/itf.hpp"

namespace portolan::traces {

struct Replay {
  rules::Trace trace;      ///< as far as it fits
  bool undefined = false;  ///< its last event has no meaning
  std::string
      misfit;  ///< empty: every step is one of the model; else why the next one is not, in one sentence
  std::size_t step = 0;  ///< the step that does not fit; 0: the beginning does not
};

Replay replay(const rules::Module& module, const TraceFile& recorded);

/// Why what the file repeats for ever does not put off an *eventually* with fairness, in one sentence: the
/// condition holds on the way, or a named action stays enabled and is not taken. Empty: it does, or the file
/// repeats nothing. `replayed` fits.
std::string loop_fault(const rules::Module& module, const TraceFile& recorded, const Replay& replayed,
                       const rules::Property& property);

/// Events as texts: the name of the action, then its arguments.
using EventTexts = std::vector<std::vector<std::string>>;
/// The same for events alone, from the module's beginning; what they change is the model's affair.
Replay follow(const rules::Module& module, const EventTexts& events);
/// `follow`'s events of a trace.
EventTexts event_texts(const rules::Module& module, const rules::Trace& trace);

}  // namespace portolan::traces
