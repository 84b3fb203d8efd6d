// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "model/machines/device.hpp"
#include "model/machines/diagram.hpp"
#include "model/machines/instance.hpp"
#include "model/machines/session.hpp"

namespace portolan {
namespace {

TEST(ArchitecturePage, HoldsTheDiagramsThatTheTablesGive) {
  std::ifstream file(PORTOLAN_SOURCE_DIR "/docs/architecture.md");
  std::stringstream page;
  page << file.rdbuf();
  const auto holds = [&](const std::string& diagram) {
    EXPECT_NE(page.str().find("```mermaid\n" + diagram + "```\n"), std::string::npos)
        << "docs/architecture.md lacks what `portolan fsm diagram` prints now:\n"
        << diagram;
  };
  const rules::Environment every_flag{1, 1};
  holds(machines::diagram(machines::device, machines::DiagramFormat::mermaid,
                          [&](const rules::Row& row) { return rules::holds(row.guard, every_flag); }));
  holds(machines::diagram(machines::instance, machines::DiagramFormat::mermaid));
  holds(machines::diagram(machines::session, machines::DiagramFormat::mermaid));
}

}  // namespace
}  // namespace portolan
