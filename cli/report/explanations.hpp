#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Every word of the output that stands for something: the rules, what a reason of a rejection names, the
// properties and remarks of `check`, the kinds of fault. All that is said of them comes from the tables below
// `model`, which the commands that print remedies read, too; here they are only found and laid out.

#include <string>
#include <string_view>
#include <vector>

#include "cli/frame/json.hpp"
#include "cli/frame/output.hpp"

namespace portolan::cli {

struct ExplainedRemedy {
  std::string who;   ///< it is for: `to move one instance`; empty: whoever reads it
  std::string when;  ///< it fits; empty: always
  std::string text;
};

/// What is not said of a kind is empty.
struct Explanation {
  std::string_view kind;  ///< one of `explained_kinds`
  std::string_view name;
  std::string cited_as;  ///< `§5.8, R10`
  std::string_view meaning, why, example;
  std::vector<ExplainedRemedy> remedies;
  std::string_view note;
  std::string page, heading;  ///< where to read more: `docs/rules.md`, `properties`
};

inline constexpr std::string_view explained_kinds[] = {"rule", "reason", "property", "remark", "fault"};

/// All of them, kind by kind, each in the order of its table.
const std::vector<Explanation>& explanations();
/// Those of that name, whatever its case, and the properties that are cited by it (`§5.8`, `5.8`).
std::vector<const Explanation*> explanations_of(std::string_view word);
/// The words that somebody who wrote that one may have meant, the likeliest first; none where none is near.
std::vector<std::string> words_near(std::string_view word);

Json explanation_json(const Explanation& one);
void print_explanation(const Explanation& one, Output& output);
/// A line for each word with what it means.
void print_words(Output& output);

/// The last line of an output in which something fails: how to learn what its words mean, by one of them.
void print_where_explained(std::string_view word, Output& output);

}  // namespace portolan::cli
