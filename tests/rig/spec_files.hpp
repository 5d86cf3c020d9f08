#pragma once

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rig/spec/load.hpp"

namespace penrig {

/// The text of a file of this source tree; throws if it cannot be read.
inline std::string read_source_file(const std::string& path) {
  std::ifstream in(std::string(PENRIG_SOURCE_DIR "/") + path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The shipped example of a real bench, that wants these calibrations filed.
inline RigDescription bench_example(std::vector<std::string> required = {}) {
  RigDescription rig = load_rig(read_source_file("fixtures/rigs/bench-example.yaml"), "bench.yaml").value;
  rig.calibrations.required = std::move(required);
  return rig;
}

/// As a terminal shows them: one after the other, a blank line between.
inline std::string render_all(const std::vector<Mistake>& mistakes) {
  std::string out;
  for (const Mistake& mistake : mistakes) out += (out.empty() ? "" : "\n") + render(mistake, false);
  return out;
}

}  // namespace penrig
