#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// `explore --interactive`: a walk through a scenario by hand. At each state the enabled events with what each
// would change; back, forward, jump to a violation. Lines are read from standard input and answered at once,
// so that a person and a pipe are served alike.

#include "cli/frame/searching.hpp"

namespace portolan::cli {

/// Ends with `quit` or the end of the input; refused where there is no line at all.
Exit step_through(const fleet::LoadedScenario& loaded, const SearchOptions& search, Output& output);

}  // namespace portolan::cli
