#include "protocols/stream_pace.hpp"

namespace penrig {
namespace {

/// What is decided is decided anew so often, from what came meanwhile. A pause between says nothing of the stream.
constexpr Nanoseconds kWindow = std::chrono::milliseconds{100};
/// Reads a round that had something, of all links: more than the first begins rounds, fewer than the second ends them.
/// A link that has more than one frame a round has something in each, but for rounds that come late: hardly 1 must be
/// enough to go on.
constexpr double kBegin = 1.25, kEnd = 0.85;
/// The same of longer rounds: a dozen benches, and eight.
constexpr double kMany = 12, kFew = 8;
/// Half of what a terminal holds: frames do not come evenly.
constexpr double kBytesARound = kTerminalHolds / 2.0;

double in(Nanoseconds part, Nanoseconds whole) {
  return static_cast<double>(part.count()) / static_cast<double>(whole.count());
}

}  // namespace

boost::asio::execution_context::id StreamRounds::id;

StreamRounds& StreamRounds::of(Timeline& timeline) { return boost::asio::use_service<StreamRounds>(timeline.io()); }

void StreamRounds::came(TimePoint now) {
  ++reads_;
  const Nanoseconds passed = now - since_;
  if (passed < kWindow) return;
  if (passed < 2 * kWindow) {
    const double reads_a_round = static_cast<double>(reads_) * in(longest_, passed);
    pay_ = reads_a_round > (pay_ ? kEnd : kBegin);
    longest_ = reads_a_round > (longest_ == kRoundOfMany ? kFew : kMany) ? kRoundOfMany : kUsualRound;
  }
  since_ = now;
  reads_ = 0;
}

void StreamPace::came(TimePoint now, std::size_t bytes) {
  rounds_.came(now);
  bytes_ += bytes;
  if (bytes >= kTerminalHolds) round_.reset();
  const Nanoseconds passed = now - since_;
  if (passed < kWindow) return;
  if (passed < 2 * kWindow) {
    Nanoseconds round = rounds_.longest();
    const auto fits = [&] { return static_cast<double>(bytes_) * in(round, passed) <= kBytesARound; };
    while (!fits() && round > kShortestRound) round /= 2;
    round_ = fits() ? std::optional(round) : std::nullopt;
  }
  since_ = now;
  bytes_ = 0;
}

std::optional<TimePoint> StreamPace::next_round(TimePoint now) const {
  if (!round_ || !rounds_.pay()) return std::nullopt;
  return next_on_grid(now, *round_);
}

}  // namespace penrig
