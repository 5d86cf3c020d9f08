#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "protocols/byte_link.hpp"

namespace penrig::test {

/// What happens to one request of a whole run.
enum class StepFault {
  none,
  refused,      ///< the device understands something else, and says no
  lost,         ///< it and its repetitions never arrive
  unanswered,   ///< it is carried out, and no answer to it or its repetitions arrives
  wrong_reply,  ///< it is answered by what answers another request
  closed,       ///< the link ends as it is sent
};
const char* name_of(StepFault fault);

/// Counts the requests of a run over both links, in the order in which they are sent, each once however often it is
/// repeated, and lets one of them fail. Shared by the links of all connections of the run.
struct FailingStep {
  StepFault fault = StepFault::none;
  std::uint64_t at = 0;  ///< which one, from 0

  std::vector<std::string> sent;  ///< "pen.set_depth", as messages are named, one a request
  std::string victim;             ///< the one that failed; empty: it did not come so far
  bool victim_of_pen = false;
};

/// A link whose requests count. `step` outlives it.
std::unique_ptr<ByteLink> failing_step_link(std::unique_ptr<ByteLink> inner, bool is_pen, FailingStep& step);

}  // namespace penrig::test
