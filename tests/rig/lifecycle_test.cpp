#include "rig/run/lifecycle.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace penrig {
namespace {

/// Every event in every state, against the table itself.
template <class State, class Event>
void expect_every_pair(const LifecycleTable<State, Event>& table) {
  int known = 0;
  for (std::size_t s = 0; s < table.states.size(); ++s) {
    // A way to the state: breadth first over the table.
    std::vector<std::vector<Event>> ways(table.states.size());
    std::vector<bool> seen(table.states.size());
    seen[0] = true;
    std::vector<std::size_t> queue{0};
    for (std::size_t i = 0; i < queue.size(); ++i) {
      for (const auto& t : table.transitions) {
        const auto to = static_cast<std::size_t>(t.to);
        if (static_cast<std::size_t>(t.from) != queue[i] || seen[to]) continue;
        seen[to] = true;
        ways[to] = ways[queue[i]];
        ways[to].push_back(t.event);
        queue.push_back(to);
      }
    }
    ASSERT_TRUE(seen[s]) << table.of << ": no way to '" << table.states[s] << "'";
    for (std::size_t e = 0; e < table.events.size(); ++e) {
      Lifecycle<State, Event> life(table);
      for (const Event event : ways[s]) ASSERT_TRUE(life.happened(event));
      ASSERT_EQ(life.name(), table.states[s]);
      const auto to = table.next(static_cast<State>(s), static_cast<Event>(e));
      const Result<void> said = life.happened(static_cast<Event>(e));
      EXPECT_EQ(said.has_value(), to.has_value());
      if (to) {
        ++known;
        EXPECT_EQ(life.state(), *to);
        continue;
      }
      EXPECT_EQ(said.error().code, Errc::internal);
      EXPECT_EQ(life.name(), table.states[s]) << "what is not expected changes nothing";
      for (const auto& name : {table.states[s], table.events[e]}) {
        EXPECT_NE(said.error().message.find("'" + std::string(name) + "'"), std::string::npos) << said.error().message;
      }
    }
  }
  EXPECT_EQ(static_cast<std::size_t>(known), table.transitions.size());
}

TEST(Lifecycle, TakesWhatItsTableKnowsAndNamesStateAndEventOfWhatItDoesNot) {
  expect_every_pair(kRunLifecycle);
  expect_every_pair(kPhaseLifecycle);
  expect_every_pair(kDeviceLifecycle);
}

TEST(Lifecycle, IsDrawnOnThePageAsTheCodeHasIt) {
  const std::string path = std::string(PENRIG_SOURCE_DIR) + "/rig/ARCHITECTURE.md";
  std::stringstream read;
  read << std::ifstream(path).rdbuf();
  std::string page = read.str();
  const auto place = [&](const char* of, const std::string& table) {
    const std::string begin = std::string("<!-- lifecycle of a ") + of + " -->\n", end = "<!-- end -->";
    const auto from = page.find(begin);
    ASSERT_NE(from, std::string::npos) << begin;
    const auto to = page.find(end, from);
    ASSERT_NE(to, std::string::npos);
    const auto first = from + begin.size();
    if (std::getenv("UPDATE_GOLDEN") != nullptr) page.replace(first, to - first, table);
    EXPECT_EQ(page.substr(first, page.find(end, from) - first), table) << "UPDATE_GOLDEN=1 draws it anew";
  };
  place("run", drawn(kRunLifecycle));
  place("phase", drawn(kPhaseLifecycle));
  place("device", drawn(kDeviceLifecycle));
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path) << page;
}

}  // namespace
}  // namespace penrig
