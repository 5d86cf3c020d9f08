#include "rig/measure/motion.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "rig/base/eight.hpp"
#include "rig/base/extremes.hpp"

namespace penrig {

namespace {

constexpr double kQuietMm = 0.005;  ///< what may pass for rest beside the noise
constexpr double kFarLevels = 16;   ///< the second level of a begin
constexpr double kFineCountMm = 0.5e-3;
constexpr double kNextToNoNoise = 0.4;  ///< counts at rest: 64 samples are one count once in a million records
constexpr std::size_t kLeastSame = 64;
constexpr std::size_t kLooked = 64;  ///< samples before the last that lay beside the rest
constexpr double kMuchNoisier = 3;
constexpr double kNoisier =
    1.5;  ///< noise behind the motion that is so much more than before sets the level of the end

/// Of counts, and of the squares of what each differs by from the one before it.
struct RestSums {
  double counts, differences;
};
/// n: at least one.
PENRIG_EACH_PROCESSOR RestSums rest_sums(const std::int32_t* x, std::size_t n) {
  Eight sums{}, squares{};
  std::size_t i = 1;
  for (; i + kLanes <= n; i += kLanes) {
    const Eight here = eight_at(x + i), step = here - eight_at(x + i - 1);
    sums += here;
    squares += step * step;
  }
  RestSums all{x[0] + sum_of(sums), sum_of(squares)};
  for (; i < n; ++i) {
    const double step = static_cast<double>(x[i]) - x[i - 1];
    all.counts += x[i];
    all.differences += step * step;
  }
  return all;
}

PENRIG_EACH_PROCESSOR double squares_about(const std::int32_t* x, std::size_t n, double mean) {
  Eight squares{};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Eight off = eight_at(x + i) - mean;
    squares += off * off;
  }
  double all = sum_of(squares);
  for (; i < n; ++i) all += (x[i] - mean) * (x[i] - mean);
  return all;
}

/// Whether one of eight lies farther from the mean than a distance.
[[gnu::always_inline]] inline bool is_any_beyond(const std::int32_t* x, double mean, double distance) {
  const Eight off = eight_at(x) - mean;
  const auto is = (off.low > distance) | (off.low < -distance) | (off.high > distance) | (off.high < -distance);
  return (is[0] | is[1] | is[2] | is[3]) != 0;
}
PENRIG_EACH_PROCESSOR std::size_t eights_within(const std::int32_t* x, std::size_t n, double mean, double distance) {
  std::size_t i = 0;
  while (i + kLanes <= n && !is_any_beyond(x + i, mean, distance)) i += kLanes;
  return i;
}
PENRIG_EACH_PROCESSOR std::size_t end_before_eights_within(const std::int32_t* x, std::size_t n, double mean,
                                                           double distance) {
  while (n >= kLanes && !is_any_beyond(x + n - kLanes, mean, distance)) n -= kLanes;
  return n;
}

/// The first from one on that lies farther from the mean than a distance; one past the last if none does.
std::size_t first_beyond(std::span<const std::int32_t> x, std::size_t from, double mean, double distance) {
  from += eights_within(x.data() + from, x.size() - from, mean, distance);
  while (from < x.size() && std::abs(x[from] - mean) <= distance) ++from;
  return from;
}
/// One past the last that does; 0 if none does.
std::size_t end_of_beyond(std::span<const std::int32_t> x, double mean, double distance) {
  std::size_t end = end_before_eights_within(x.data(), x.size(), mean, distance);
  while (end > 0 && !(std::abs(x[end - 1] - mean) > distance)) --end;
  return end;
}

Rest rest_of(std::span<const std::int32_t> x, double mm_per_count) {
  Rest rest;
  const std::size_t n = x.size();
  if (n < 16) return rest;
  const auto [sum, differences] = rest_sums(x.data(), n);
  rest.mean = sum / static_cast<double>(n);
  rest.noise = std::sqrt(differences / (2 * static_cast<double>(n - 1)));  // motion hardly enters differences
  // The variance by differences of n normal numbers has a relative sd of sqrt(3/n) (von Neumann), its root half of it.
  constexpr double kSds = 2;
  rest.most_noise = rest.noise * (1 + kSds * std::sqrt(3 / static_cast<double>(n)) / 2);
  const auto [low, high] = extremes_of(x);
  const double squares = squares_about(x.data(), n, rest.mean);
  // Ten samples a turn differ so much from one to the next that a turn looks like noise by these differences alone.
  const double quiet = kQuietMm / mm_per_count, variance = squares / static_cast<double>(n);
  rest.still = static_cast<double>(high) - low <= 10 * rest.noise + quiet &&
               variance <= 3 * rest.noise * rest.noise + quiet * quiet;
  return rest;
}

}  // namespace

MotionWatch::MotionWatch(double mm_per_count, std::size_t rest_samples, std::size_t hold_samples)
    : mm_per_count_(mm_per_count), rest_samples_(rest_samples), hold_samples_(std::max(hold_samples, rest_samples)) {}

double MotionWatch::level(double noise_counts) const { return std::max(6 * noise_counts, kQuietMm / mm_per_count_); }

double MotionWatch::end_level(const Rest& after) const {
  if (!before_ || !before_->still) return level(after.most_noise);
  return level(after.noise > kNoisier * before_->noise ? after.most_noise : before_->most_noise);
}

/// A needle that comes to rest lies beside it until it is there, and on one side. What is at rest lies there but for
/// noise: to and fro, or hardly off it.
bool MotionWatch::rested_before(const HeldCounts& held, const Rest& rest, double level, double passed) const {
  const auto to = static_cast<std::size_t>(passed);
  if (to < held_from_ + kLooked + 1 || to > seen_) return false;
  const UnsetVector<std::int32_t> last = held.samples(to - 1 - kLooked, to - 1);
  std::size_t turns = 0, near = 0;
  for (std::size_t i = 0; i < kLooked; ++i) {
    if (i > 0 && (last[i] > rest.mean) != (last[i - 1] > rest.mean)) ++turns;
    if (std::abs(last[i] - rest.mean) <= level / 4) ++near;
  }
  return turns >= kLooked / 4 || near > kLooked / 2;
}

/// An encoder that stops to read while the needle moves, does so from one sample to the next.
bool MotionWatch::came_gradually(const HeldCounts& held, double passed, double passed_far) const {
  constexpr double kLeastSamples = 8, kQuiet = 0.6;  // of second differences: a count's rounding and half a count
  const auto to = static_cast<std::size_t>(passed);
  if (!(passed - passed_far >= kLeastSamples) || to < held_from_ + kLooked || to > seen_) return false;
  const UnsetVector<std::int32_t> last = held.samples(to - kLooked, to);
  double bends = 0;
  for (std::size_t i = 2; i < kLooked; ++i) {
    const double bend = static_cast<double>(last[i]) - 2.0 * last[i - 1] + last[i - 2];
    bends += bend * bend;
  }
  return std::sqrt(bends / (6.0 * (kLooked - 2))) <= kQuiet;
}

void MotionWatch::samples(const SeenCounts& seen, const HeldCounts& held) {
  std::span<const std::int32_t> position = seen.counts;
  if (position.empty()) return;
  const auto [low, high] = seen.extremes;
  low_ = seen_ == 0 ? low : std::min(low_, low);
  high_ = seen_ == 0 ? high : std::max(high_, high);
  const bool bounded = hold_samples_ <= std::numeric_limits<std::size_t>::max() / 2;
  // In pieces that end where something is due, so that nothing hangs on how the samples are cut into blocks.
  while (!position.empty()) {
    std::size_t n = position.size();
    if (!before_ && seen_ < rest_samples_) n = std::min(n, rest_samples_ - seen_);
    if (bounded) n = std::min(n, held_from_ + 2 * hold_samples_ - seen_);
    const std::span<const std::int32_t> piece = position.first(n);
    if (before_) look_for_begin(piece, seen_);
    seen_ += n;
    if (!before_ && seen_ >= rest_samples_) {
      const UnsetVector<std::int32_t> first = held.samples(0, seen_);
      before_ = rest_of(first, mm_per_count_);
      look_for_begin(first, 0);
    }
    if (bounded && seen_ - held_from_ >= 2 * hold_samples_) let_go(held);
    position = position.subspan(n);
  }
}

void MotionWatch::look_for_begin(std::span<const std::int32_t> position, std::size_t first) {
  if (!before_->still || left_far_) return;
  const double near = level(before_->most_noise), far = kFarLevels * near;
  std::size_t i = 0;
  if (!left_near_) {
    i = first_beyond(position, i, before_->mean, near);
    if (i == position.size()) return;
    left_near_ = first + i;
  }
  i = first_beyond(position, i, before_->mean, far);
  if (i < position.size()) left_far_ = first + i;
}

Rest MotionWatch::last_window(const HeldCounts& held) const {
  return rest_of(held.samples(seen_ - rest_samples_, seen_), mm_per_count_);
}

MotionWatch::Passed MotionWatch::last_passed(const HeldCounts& held, const Rest& rest, double level) const {
  constexpr std::size_t kPiece = 1024;
  const auto last_beyond = [&](double distance, double otherwise) {
    for (std::size_t to = seen_; to > held_from_;) {
      const std::size_t from = to - std::min(to - held_from_, kPiece);
      const UnsetVector<std::int32_t> piece = held.samples(from, to);
      const std::size_t end = end_of_beyond(piece, rest.mean, distance);
      if (end > 0) return static_cast<double>(from + end);
      to = from;
    }
    return otherwise;
  };
  const double near = last_beyond(level, -1);
  if (near < 0) return {before_held_.near, last_beyond(4 * level, before_held_.far), before_held_.rested};
  return {near, last_beyond(4 * level, before_held_.far), rested_before(held, rest, level, near)};
}

void MotionWatch::let_go(const HeldCounts& held) {
  std::size_t from = seen_ - hold_samples_;
  const Rest now = last_window(held);
  // What moves now comes to rest in what is held from now on.
  Passed passed;
  if (now.still) passed = last_passed(held, now, end_level(now));
  // What comes to rest at the beginning of what is held goes on with what came before.
  const double begins = passed.near - static_cast<double>(from);
  if (now.still && begins > 0 && begins <= kLooked + 1 && hold_samples_ > 2 * kLooked) from -= kLooked + 1;
  const auto end_of_gone = static_cast<double>(from);
  if (now.still) {
    passed.rested = passed.rested && passed.near <= end_of_gone;
    passed.near = std::min(passed.near, end_of_gone);
    passed.far = std::min(passed.far, end_of_gone);
  } else {
    passed = {end_of_gone, end_of_gone};
  }
  before_held_ = passed;
  held_from_ = from;
}

Motion MotionWatch::motion(const HeldCounts& held) const {
  Motion motion;
  const std::size_t n = seen_;
  if (n == 0) return motion;
  if (!before_) return find_motion(held.samples(0, n), mm_per_count_, n);  // shorter than a rest
  motion.range_mm = (static_cast<double>(high_) - low_) * mm_per_count_;
  const Rest& before = *before_;
  const Rest after = last_window(held);
  motion.noise_counts = before.still ? before.noise : after.still ? after.noise : 0;
  motion.moved = motion.range_mm > kMotionMm;

  motion.began_at_rest = before.still;
  if (motion.moved && before.still) {
    const double t1 = static_cast<double>(left_near_.value_or(n - 1)),
                 t2 = static_cast<double>(left_far_.value_or(n - 1));
    motion.begin = t1 - (t2 - t1) * 2 / 3;        // t^4: t1 - (t2 - t1); t^2: t1 - (t2 - t1)/3
    motion.begin_half_width = (t2 - t1) / 2 + 1;  // more than the third that holds both: neither is the edge
  }
  motion.ended = after.still;
  if (after.still) {
    const auto [t1, t2, rested] = last_passed(held, after, end_level(after));
    const bool noisier = before.still && after.noise > kMuchNoisier * before.noise && level(after.noise) > level(0);
    motion.end_is_noise = motion.moved && (rested || noisier);
    // t^2: t1 + (t1 - t2), which every crank that creeps into its bottom follows; at one speed and abruptly:
    // t1 + (t1 - t2)/3. No law may lie at the half-width's edge, which k of a uniform line leaves out.
    motion.end = t1 + (t1 - t2);
    motion.end_half_width = (t1 - t2) * 3 / 4 + 1;
    const auto from = std::max(
        static_cast<std::size_t>(std::min(std::ceil(motion.end), static_cast<double>(n - rest_samples_))), held_from_);
    motion.rest_samples = n - from;
    motion.rest_counts = held.sum(from, n) / static_cast<double>(motion.rest_samples);
    const UnsetVector<std::int32_t> last = held.samples(n - std::min(n - held_from_, kLeastSame), n);
    motion.last_are_one_count =
        last.size() == kLeastSame && std::ranges::count(last, last[0]) == static_cast<std::ptrdiff_t>(kLeastSame);
    motion.ended_alive = came_gradually(held, t1, t2);
    motion.u_rest_counts = after.noise / std::sqrt(static_cast<double>(motion.rest_samples));
  }
  return motion;
}

bool rests_by_a_stuck_encoder(const Motion& motion, double mm_per_count) {
  if (!motion.moved || !motion.ended || !motion.last_are_one_count) return false;
  if (motion.began_at_rest && motion.noise_counts > 1) return true;
  // A channel with next to no noise had none before, and may well show one count.
  const bool quiet = motion.began_at_rest && motion.noise_counts < kNextToNoNoise;
  return mm_per_count <= kFineCountMm && !quiet && !motion.ended_alive;
}

Motion find_motion(std::span<const std::int32_t> position, double mm_per_count, std::size_t rest_samples) {
  MotionWatch watch(mm_per_count, rest_samples);
  HeldCounts held;
  held.append(position);
  watch.samples(position, held);
  return watch.motion(held);
}

}  // namespace penrig
