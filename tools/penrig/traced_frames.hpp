#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "reports/trace/pcapng.hpp"

namespace penrig::cli {

/// What stood between two delimiters on a link, or how the link ended.
struct TracedFrame {
  std::int64_t utc_ns = 0;  ///< when its last byte passed
  std::uint32_t link = 0;
  TraceDirection direction = TraceDirection::in;
  std::string message;           ///< "daq.touch_off"; empty: no message
  std::uint32_t request_id = 0;  ///< 0: nobody asked
  std::size_t bytes = 0;         ///< on the wire, with its delimiter
  std::string note;              ///< what a message says in short, or why there is none
  bool bad = false;              ///< a frame that a receiver drops
};

/// Takes a trace apart into frames as the two ends of each link do, in the order in which they ended.
class TracedFrames {
 public:
  explicit TracedFrames(std::function<void(const TracedFrame&)> on_frame) : on_frame_(std::move(on_frame)) {}
  void add(const TraceChunk& chunk);
  /// Says what has no end.
  void finish();

 private:
  struct Unfinished {
    std::vector<std::byte> bytes;
    std::size_t beyond = 0;  // of a frame that is too long
    std::int64_t utc_ns = 0;
  };
  std::function<void(const TracedFrame&)> on_frame_;
  std::map<std::pair<std::uint32_t, TraceDirection>, Unfinished> unfinished_;
};

}  // namespace penrig::cli
