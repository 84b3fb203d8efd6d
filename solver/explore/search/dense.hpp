#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The same search where a state's number itself is short: visited states are one bit each, and a level is
// worked through in the order of numbers, so that what one state touches its neighbours touch soon after. The
// levels stay, as lists of differences, about a byte for each state, for traces and for the backward pass.

#include "solver/explore/search/search.hpp"

namespace portolan::solver::explore {

/// Bytes that a dense search over numbers of so many bits takes at most, without its lists.
std::uint64_t dense_bytes(unsigned bits);

/// The model's states have one word, and its values are numbered by what they are (Components::sort). A value
/// that was not known before ends the search with `grew`: numbers must not depend on the order in which
/// threads come to values. There must be no bound on states.
std::unique_ptr<Search> make_dense_search(const CompiledModel& model, Workers& workers, SearchLimits limits);

}  // namespace portolan::solver::explore
