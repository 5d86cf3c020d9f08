#include "rig/measure/range_ends.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <fmt/format.h>

#include "rig/base/eight.hpp"
#include "rig/base/extremes.hpp"
#include "rig/measure/strokes.hpp"

namespace penrig {

namespace {

constexpr double kNoisyCounts = 2;       ///< from here on noise does not repeat a value by chance
constexpr std::size_t kRepeats = 4;      ///< equal samples in a row that noise does not make
constexpr std::size_t kLeastRun = 3;     ///< equal samples; two make a smooth top by chance
constexpr double kSteps = 8;             ///< a smooth top of kLeastRun samples or more falls by less, so near to it
constexpr double kFlankOfReach = 0.25;   ///< of the range: how far down a flank is looked at
constexpr double kSteepeningMost = 1.8;  ///< of a cut flank; one that leaves a dwell steepens by more
constexpr std::size_t kTimes = 3;        ///< runs that no single stroke makes
constexpr double kShareLeast = 0.1;      ///< of the runs there; of smooth tops at most some in a hundred look cut
/// Equal samples in a row of a noisy channel, more than a converter that is read several times for one reading gives.
constexpr std::size_t kManyRepeats = 8;
constexpr std::size_t kLookedAtOnce = 512;  ///< samples, whose ends say whether any is at that of all

/// The smallest change from one sample to the next: a channel may be coarser than its digits.
double step_of(std::span<const std::int32_t> x) {
  std::int64_t least = INT64_MAX;
  for (std::size_t i = 1; i < x.size(); ++i) {
    const std::int64_t change = std::abs(std::int64_t{x[i]} - x[i - 1]);
    if (change > 0) least = std::min(least, change);
  }
  return least == INT64_MAX ? 1 : static_cast<double>(least);
}

/// One side of a run, outwards from its last sample.
class Flank {
 public:
  /// @param direction  1 or -1.
  Flank(std::span<const std::int32_t> x, std::size_t last_of_run, std::ptrdiff_t direction)
      : x_(x),
        at_(last_of_run),
        direction_(direction),
        room_(direction > 0 ? x.size() - 1 - last_of_run : last_of_run) {}

  /// Samples that there are.
  std::size_t room() const { return room_; }
  /// How far it has fallen k samples behind the run.
  double fall(std::size_t k) const {
    const std::ptrdiff_t place = static_cast<std::ptrdiff_t>(at_) + direction_ * static_cast<std::ptrdiff_t>(k);
    return static_cast<double>(x_[at_]) - x_[static_cast<std::size_t>(place)];
  }

 private:
  std::span<const std::int32_t> x_;
  std::size_t at_;
  std::ptrdiff_t direction_;
  std::size_t room_;
};

/// The fall over n samples, and over the n behind them; not from the first, which lies anywhere between run and flank.
struct Steepening {
  double near = 0, far = 0;
};

Steepening steepening_of(const Flank& flank, std::size_t most, double reach) {
  std::size_t n = std::max<std::size_t>(1, most);
  while (n > 1 && (1 + 2 * n > flank.room() || flank.fall(1 + 2 * n) > kFlankOfReach * reach)) --n;
  if (1 + 2 * n > flank.room()) return {};
  return {flank.fall(1 + n) - flank.fall(1), flank.fall(1 + 2 * n) - flank.fall(1 + n)};
}

bool is_cut(std::span<const std::int32_t> x, const Stretch& run, double step, double reach) {
  const Flank left(x, run.first, -1), right(x, run.first + run.length - 1, 1);
  const std::size_t out = std::max<std::size_t>(1, run.length / 4);
  if (out > left.room() || out > right.room()) return false;
  if (std::min(left.fall(out), right.fall(out)) <= kSteps * step) return false;
  const Steepening a = steepening_of(left, run.length / 8, reach), b = steepening_of(right, run.length / 8, reach);
  return a.far + b.far + 2 * step <= kSteepeningMost * (a.near + b.near);  // steps: what rounding makes of it
}

/// Runs of one value, of `least` samples and more.
std::vector<Stretch> runs_of(std::span<const std::int32_t> x, std::int32_t value, std::size_t least) {
  std::vector<Stretch> runs;
  // A run of `least` holds one of every least-th samples: only those are looked at.
  std::size_t past = 0;  // of the last run found
  for (std::size_t i = least - 1; i < x.size(); i += least) {
    if (x[i] != value || i < past) continue;
    std::size_t first = i;
    while (first > past && x[first - 1] == value) --first;
    past = i + 1;
    while (past < x.size() && x[past] == value) ++past;
    if (past - first >= least) runs.push_back({first, past - first});
  }
  return runs;
}

/// Runs of the largest value that are cut off, or of at least so many samples.
std::vector<Stretch> runs_at_top(std::span<const std::int32_t> x, std::size_t enough) {
  if (x.empty()) return {};
  const auto [low, high] = std::ranges::minmax(x);
  std::vector<Stretch> runs = runs_of(x, high, kLeastRun);
  if (runs.empty()) return runs;
  const double step = step_of(x), reach = static_cast<double>(high) - low;
  std::erase_if(runs, [&](const Stretch& run) { return run.length < enough && !is_cut(x, run, step, reach); });
  return runs;
}

/// How many of the samples are of one value.
PENRIG_EACH_PROCESSOR std::size_t count_of(const std::int32_t* counts, std::size_t n, std::int32_t value) {
  EightCounts found{};
  std::size_t i = 0;
  for (; i + kEightCounts <= n; i += kEightCounts) found -= eight_counts_at(counts + i) == value;
  std::size_t sum = 0;
  for (std::size_t lane = 0; lane < kEightCounts; ++lane) sum += static_cast<std::size_t>(found[lane]);
  for (; i < n; ++i) sum += counts[i] == value ? 1 : 0;
  return sum;
}

/// Of every kLookedAtOnce samples, and of what is left of them.
std::vector<Extremes> extremes_of_each(std::span<const std::int32_t> x) {
  std::vector<Extremes> all;
  all.reserve(x.size() / kLookedAtOnce + 1);
  for (std::size_t at = 0; at < x.size(); at += kLookedAtOnce)
    all.push_back(extremes_of(x.subspan(at, std::min(kLookedAtOnce, x.size() - at))));
  return all;
}

/// How many of the samples are at an end of them all: only where some are is counted.
std::size_t count_at_end(std::span<const std::int32_t> x, std::span<const Extremes> each, std::int32_t Extremes::*end,
                         std::int32_t value) {
  std::size_t count = 0;
  for (std::size_t k = 0, at = 0; k < each.size(); ++k, at += kLookedAtOnce) {
    if (each[k].*end == value) count += count_of(&x[at], std::min(kLookedAtOnce, x.size() - at), value);
  }
  return count;
}

/// Whether the record goes on for a while at both sides of a run: a needle that stands when it begins or ends does not.
bool has_sides(std::span<const std::int32_t> x, const Stretch& run) {
  const std::size_t side = std::max<std::size_t>(1, run.length / 4);
  return run.first >= side && run.first + run.length + side <= x.size();
}

}  // namespace

std::vector<Stretch> cut_tops(const ColumnCounts& column) { return runs_at_top(column.counts, SIZE_MAX); }

std::vector<Stretch> stretches_at_end(const ColumnCounts& column, double noise) {
  if (!(noise > kNoisyCounts)) return cut_tops(column);
  std::vector<Stretch> at_high = runs_at_top(column.counts, kRepeats);
  return at_high.empty() ? runs_of(column.counts, std::ranges::min(column.counts), kRepeats) : at_high;
}

void RangeEnds::part(std::span<const std::int32_t> counts, double noise) {
  if (counts.empty()) return;
  const std::vector<Extremes> each = extremes_of_each(counts);
  Extremes seen = each.front();
  for (const Extremes& e : each) seen = {std::min(seen.low, e.low), std::max(seen.high, e.high)};
  if (!begun_ || seen.high > high_.at) high_ = {.at = seen.high};
  if (!begun_ || seen.low < low_.at) low_ = {.at = seen.low};
  begun_ = true;
  const double reach = static_cast<double>(seen.high) - seen.low;
  const auto is_often_at = [&](std::int32_t Extremes::*end, std::int32_t value) {
    return seen.*end == value && count_at_end(counts, each, end, value) >= kLeastRun;
  };
  if (is_often_at(&Extremes::high, high_.at)) look(counts, noise, reach, high_);
  if (is_often_at(&Extremes::low, low_.at)) look(counts, noise, {}, low_);
}

void RangeEnds::look(std::span<const std::int32_t> x, double noise, std::optional<double> reach, End& end) {
  const std::vector<Stretch> runs = runs_of(x, end.at, kLeastRun);
  if (runs.empty()) return;
  const double step = step_of(x);
  // Both: noise of a rest may be a slow one, which repeats its values; that of a motion may be none of a dwell.
  const bool noisy = noise > kNoisyCounts * step && sample_noise(x) > kNoisyCounts * step;
  for (const Stretch& run : runs) {
    ++end.runs;
    const bool repeats = noisy && run.length >= kRepeats && has_sides(x, run);
    if (!repeats && !(reach && is_cut(x, run, step, *reach))) continue;
    ++end.cut;
    end.longest = std::max(end.longest, run.length);
    end.certain = end.certain || (repeats && run.length >= kManyRepeats);
  }
}

std::optional<RangeEnd> RangeEnds::found() const {
  for (const End* end : {&high_, &low_}) {
    if (!end->certain &&
        (end->cut < kTimes || static_cast<double>(end->cut) < kShareLeast * static_cast<double>(end->runs)))
      continue;
    return RangeEnd{end->at, end->cut, end->longest};
  }
  return std::nullopt;
}

Error stands_at_end(CapturePart part, double at, std::size_t times, std::size_t longest) {
  const bool force = part == CapturePart::force;
  const std::string stands =
      fmt::format("it stands at {:.6g} {} for up to {} samples, {} times", at, force ? "N" : "mm", longest, times);
  return fail(Errc::saturated,
              force ? fmt::format("the load cell is saturated: {}; the forces are not known (a cell of a larger range, "
                                  "or look for what presses)",
                                  stands)
                    : fmt::format("the position is at the end of its range: {}; how far the needles came is not known "
                                  "(an encoder of a larger range, or shift its zero)",
                                  stands));
}

}  // namespace penrig
