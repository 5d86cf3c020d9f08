#pragma once

#include <stdexcept>
#include <string>

#include "tests/system/virtual_run.hpp"

namespace penrig::test {

/// The first of `from` in the text becomes `to`; throws where there is none, so that no test spoils nothing.
inline void replace_first(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("'" + from + "' is not in the shipped file any more");
  text.replace(at, from.size(), to);
}

/// The shipped example of a real bench, whose ports are nowhere, with a calibration that is valid on any day.
inline std::string example_bench() {
  std::string yaml = read_text(std::string(PENRIG_SOURCE_DIR) + "/fixtures/rigs/bench-example.yaml");
  replace_first(yaml, "\n  date: ", "\n  date: 1970-01-02  # ");
  replace_first(yaml, "\n  due: ", "\n  due: 9999-12-31  # ");
  return yaml;
}

}  // namespace penrig::test
