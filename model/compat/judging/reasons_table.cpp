// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/reasons_table.hpp"

#include <fmt/format.h>

namespace portolan::compat {

std::string filled(Remedy remedy, const RemedyWords& words) {
  const std::string_view text = row_of(remedy).text;
  return fmt::format(fmt::runtime(text), fmt::arg("source", words.source),
                     fmt::arg("destination", words.destination), fmt::arg("parameter", words.parameter),
                     fmt::arg("value", words.value), fmt::arg("profile", words.profile),
                     fmt::arg("values", words.values), fmt::arg("condition", words.condition),
                     fmt::arg("expected", words.expected));
}

}  // namespace portolan::compat
