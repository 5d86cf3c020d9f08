#include <string>
#include <string_view>

#include <gmock/gmock.h>

#include "rig/spec/load.hpp"
#include "tests/rig/spec_files.hpp"

namespace penrig {
namespace {

/// What is wrong with the simulated rig when its travel limit is this.
std::string with_travel_limit(const std::string& limit) {
  std::string text = read_source_file("fixtures/rigs/simulated.yaml");
  const std::string key = "axial_max_mm: ";
  const std::size_t at = text.find(key) + key.size();
  text.replace(at, text.find(' ', at) - at, limit);
  // So low that any limit about 0 leaves room for the work.
  for (const std::string_view low : {"plate_axial_mm: ", "working_axial_mm: "}) {
    text.insert(text.find(low) + low.size(), "-0.1");
  }
  return render_all(load_rig(text, "simulated.yaml").mistakes);
}

TEST(RigDescription, RefusesATravelLimitThatWouldSwitchTheLimitOff) {
  for (const char* limit : {"0", "0.0004", "-0.0004"}) {
    EXPECT_THAT(with_travel_limit(limit), ::testing::HasSubstr(std::string("axial_max_mm ") + limit +
                                                               " would switch the DAQ's travel limit off"));
  }
  EXPECT_EQ(with_travel_limit("0.001"), "");
}

}  // namespace
}  // namespace penrig
