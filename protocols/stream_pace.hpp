#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <boost/asio/execution_context.hpp>

#include "rig/base/timeline.hpp"

namespace penrig {

/// The points of the clock at which links that stream are read: every 4 ms, every 2 or every 1, on one grid, so that
/// one waking serves all of them; every 8 where there are many of them. Nothing that comes waits longer than this.
inline constexpr Nanoseconds kRoundOfMany = std::chrono::milliseconds{8};
inline constexpr Nanoseconds kUsualRound = std::chrono::milliseconds{4};
inline constexpr Nanoseconds kShortestRound = std::chrono::milliseconds{1};

/// Whether reading in rounds saves wakings, from how often the links of one timeline that stream had something for
/// their reader. One DAQ whose frames come every 5 ms wakes the program less often than the rounds would.
class StreamRounds final : public boost::asio::execution_context::service {
 public:
  static boost::asio::execution_context::id id;
  explicit StreamRounds(boost::asio::execution_context& context) : service(context) {}
  static StreamRounds& of(Timeline& timeline);

  /// A read of one of them gave something.
  void came(TimePoint now);
  bool pay() const { return pay_; }
  Nanoseconds longest() const { return longest_; }

 private:
  void shutdown() override {}

  TimePoint since_;
  std::int64_t reads_ = 0;
  bool pay_ = false;
  Nanoseconds longest_ = kUsualRound;
};

/// How one link that streams is read: in rounds where that pays, the shorter the more comes; as it comes where a round
/// would find more than a terminal hands out at once.
class StreamPace {
 public:
  explicit StreamPace(StreamRounds& rounds) : rounds_(rounds) {}

  /// A read gave so many bytes.
  void came(TimePoint now, std::size_t bytes);
  /// When the link is read next; none: as it comes.
  std::optional<TimePoint> next_round(TimePoint now) const;

 private:
  StreamRounds& rounds_;
  TimePoint since_;
  std::size_t bytes_ = 0;
  std::optional<Nanoseconds> round_;
};

/// What a terminal has for a reader at once, bytes (n_tty); a read that gives less has left nothing.
inline constexpr std::size_t kTerminalHolds = 4095;

}  // namespace penrig
