#pragma once

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <pugixml.hpp>

#include "reports/scratch_directory.hpp"
#include "tests/system/program.hpp"
#include "tools/penrig/load_inputs.hpp"

namespace penrig::test {

inline std::string read_text(const std::filesystem::path& path) { return cli::read_text(path.string()).value(); }

/// The program over suites in a folder of its own.
class SuiteRun : public ::testing::Test {
 protected:
  SuiteRun() {
    write("smoke.yaml", plan("smoke"));
    write("product.yaml", read_text(std::string(PENRIG_SOURCE_DIR) + "/fixtures/products/pen-pro.yaml"));
  }
  static std::string plan(const std::string& name) {
    std::string text = read_text(std::string(PENRIG_SOURCE_DIR) + "/rig/plans/smoke.yaml");
    const auto replace = [&](const std::string& from, const std::string& to) {
      text.replace(text.find(from), from.size(), to);
    };
    replace("../../fixtures/products/pen-pro.yaml", "product.yaml");
    replace("name: smoke", "name: " + name);
    return text;
  }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder_.path() / name) << text; }
  Finished program(const std::vector<std::string>& arguments) const {
    return run_program(arguments, folder_.path().string());
  }
  Finished suite(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"suite", "run", "suite.yaml", "--junit", "suite.xml"});
    return program(more);
  }
  /// The testcases of the suite itself, "NAME: kind".
  std::set<std::string> items() const {
    pugi::xml_document xml;
    EXPECT_TRUE(xml.load_file((folder_.path() / "suite.xml").c_str()));
    std::set<std::string> all;
    for (const auto& item : xml.child("testsuites").child("testsuite").children("testcase")) {
      const std::string kind = item.first_child() ? item.first_child().name() : "passed";
      all.insert(std::string(item.attribute("name").value()) + ": " + kind);
    }
    return all;
  }
  std::size_t suites_in_junit() const {
    pugi::xml_document xml;
    EXPECT_TRUE(xml.load_file((folder_.path() / "suite.xml").c_str()));
    const auto all = xml.child("testsuites").children("testsuite");
    return static_cast<std::size_t>(std::distance(all.begin(), all.end()));
  }
  std::string audit() const { return program({"audit"}).out; }

  const std::string head_ = "name: s\nrevision: 1\nrig: sim:seed=1\npens: [PRO-0001, PRO-0002]\nruns:\n";
  ScratchDirectory folder_;
};

}  // namespace penrig::test
