#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/house/source_tree.hpp"

namespace penrig::house {
namespace {

/// "test_rig:Decide.FailsClosed" of every test in the sources.
std::set<std::string> tests_in_the_sources() {
  static const std::regex test(R"re(^\s*TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+))re");
  std::set<std::string> found;
  for (const SourceLine& line : source_lines()) {
    static const std::regex place(R"re(^tests/(\w+)/)re");
    std::smatch room, name;
    if (!std::regex_search(line.file, room, place) || !std::regex_search(line.text, name, test)) continue;
    found.insert("test_" + room[1].str() + ":" + name[1].str() + "." + name[2].str());
  }
  return found;
}

TEST(Validation, NamesTestsThatThereAreAndOneAtLeastForEveryRule) {
  std::ifstream in(std::string(PENRIG_SOURCE_DIR) + "/tests/validation.toml");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::set<std::string> known = tests_in_the_sources();
  ASSERT_GT(known.size(), 500U);
  static const std::regex rule(
      R"re(\[\[rule\]\]\nid = "(\w+)"\narea = "[^"]+"\nrule = "[^"]+"\ntests = \[([^\]]*)\])re");
  static const std::regex test(R"re("([^"]+)")re");
  std::size_t rules = 0;
  std::set<std::string> ids;
  for (std::sregex_iterator r(text.begin(), text.end(), rule), end; r != end; ++r, ++rules) {
    ids.insert((*r)[1]);
    const std::string tests = (*r)[2];
    std::size_t named = 0;
    for (std::sregex_iterator t(tests.begin(), tests.end(), test); t != end; ++t, ++named)
      EXPECT_TRUE(known.contains((*t)[1])) << (*r)[1] << ": there is no test " << (*t)[1];
    EXPECT_GT(named, 0U) << (*r)[1] << " has no test";
  }
  std::size_t written = 0;
  for (std::size_t at = text.find("[[rule]]"); at != std::string::npos; at = text.find("[[rule]]", at + 1)) ++written;
  EXPECT_EQ(rules, written) << "a rule is written in another order: id, area, rule, tests";
  EXPECT_EQ(ids.size(), rules) << "an id stands there twice";
  EXPECT_GT(rules, 20U);
}

}  // namespace
}  // namespace penrig::house
