#include "rig/measure/cycle_series.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "rig/measure/cholesky.hpp"
#include "rig/measure/harmonic_sums.hpp"

namespace penrig {

namespace {

constexpr std::size_t in_lanes(std::size_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

/// From the variances of value and slope (per radian) at the top, in units of a sample's.
void take_uncertainty(double value_variance, double slope_variance, double curvature, CycleFit& fit) {
  fit.u_top = std::sqrt(value_variance);
  fit.u_time = std::sqrt(slope_variance) / std::abs(curvature) * fit.period / kTwoPi;
}

/// Least squares of a series with more harmonics than a crank has.
class ManyHarmonics {
 public:
  explicit ManyHarmonics(int harmonics) : harmonics_(harmonics) {}

  bool solve(const TurnSamples& s, CycleFit& fit) {
    fill_normal(s);
    const double squares = fill_right(s);
    if (!normal_.factorise(rows())) return false;
    std::array<double, kTerms> y;
    double explained = 0;
    for (std::size_t i = 0; i < rows(); ++i) {
      y[i] = normal_.at(rows(), i);
      explained += y[i] * y[i];
    }
    normal_.solve_upper(rows(), y);
    std::copy_n(y.begin(), rows(), fit.c.begin());
    fit.c[0] += s.base;
    fit.residual_ss = std::max(0.0, squares - explained);
    fit.harmonics = harmonics_;
    return true;
  }

  void find_top(CycleFit& fit) const {
    fit.top_turns = highest_of(fit);
    const CycleFit::Point p = fit.at_turns(fit.top_turns);
    fit.top = p.value;
    // What a coefficient adds to the value there, and to the slope.
    std::array<Two, kTerms> by;
    by[0] = Two{1, 0};
    const Complex w = turn(fit.top_turns);
    Complex v = w;
    for (int k = 1; k <= harmonics_; ++k) {
      by[cosine_term(k)] = Two{v.re, -k * v.im};
      by[sine_term(k)] = Two{v.im, k * v.re};
      v = multiply(v, w);
    }
    const Two variances = normal_.quadratic(rows(), by);
    take_uncertainty(variances[0], variances[1], p.curvature, fit);
  }

 private:
  static constexpr std::size_t kTerms = 2 * kMaxHarmonics + 1;

  std::size_t rows() const { return 2 * static_cast<std::size_t>(harmonics_) + 1; }

  /// Normal matrix from the sums of e^{i k theta} over the samples, k = 0 .. 2 harmonics.
  void fill_normal(const TurnSamples& s) {
    const std::size_t twice = 2 * static_cast<std::size_t>(harmonics_);
    std::array<Complex, in_lanes(std::size_t{2} * kMaxHarmonics) + 1> sums;
    sums[0] = {static_cast<double>(s.n), 0};
    phase_sums(s, in_lanes(twice), &sums[1]);
    const auto cosine = [&](int k) { return sums[static_cast<std::size_t>(k)].re; };
    const auto sine = [&](int k) { return sums[static_cast<std::size_t>(k)].im; };
    normal_.at(0, 0) = cosine(0);
    for (int a = 1; a <= harmonics_; ++a) {
      const std::size_t ca = cosine_term(a), sa = sine_term(a);
      normal_.at(ca, 0) = cosine(a);
      normal_.at(sa, 0) = sine(a);
      for (int b = 1; b <= a; ++b) {
        const std::size_t cb = cosine_term(b), sb = sine_term(b);
        normal_.at(ca, cb) = 0.5 * (cosine(a - b) + cosine(a + b));
        normal_.at(sa, sb) = 0.5 * (cosine(a - b) - cosine(a + b));
        normal_.at(sa, cb) = 0.5 * (sine(a + b) + sine(a - b));
        if (sb < ca) normal_.at(ca, sb) = 0.5 * (sine(a + b) - sine(a - b));
      }
    }
  }

  /// Returns the sum of squares.
  double fill_right(const TurnSamples& s) {
    const auto count = static_cast<std::size_t>(harmonics_);
    double squares = 0;
    for (std::size_t before = 0; before < count; before += kLanes) {
      const HarmonicSums sums = harmonic_sums(s, before, std::min(kLanes, count - before));
      squares = sums.squares;
      normal_.at(rows(), 0) = sums.sum;
      for (std::size_t k = 0; k < kLanes && before + k < count; ++k) {
        normal_.at(rows(), 2 * (before + k) + 1) = sums.products[k].re;
        normal_.at(rows(), 2 * (before + k) + 2) = sums.products[k].im;
      }
    }
    return squares;
  }

  int harmonics_;
  Cholesky<kTerms> normal_;
};

enum class Wanted { series, series_and_tops };

/// None where they are too few. into: gets start, period and their number.
std::optional<TurnSamples> samples_of(const BlockSums& position, const CyclePart& part, int harmonics, CycleFit& into) {
  const bool by_block = harmonics <= kCrankHarmonics;
  const std::span<const std::int32_t> counts = by_block ? position.sums() : position.counts();
  into.per_block = by_block ? position.per_block() : 1;
  into.start = part.start;
  into.period = part.end - part.start;
  const double from = part.start + part.skip_first, to = part.end - part.skip_last;
  if (!(from >= 0) || !(to <= static_cast<double>(position.counts().size())) || !(to - from > 1)) return std::nullopt;
  // Those whose middles lie inside.
  const auto per_block = static_cast<double>(into.per_block);
  const double middle = 0.5 * (per_block - 1);
  const auto first = static_cast<std::size_t>(std::ceil((from - middle) / per_block));
  const auto last = std::min(static_cast<std::size_t>(std::ceil((to - middle) / per_block)), counts.size());
  const std::size_t n = last > first ? last - first : 0;
  into.samples = n * into.per_block;
  if (n < 4 * static_cast<std::size_t>(harmonics) + 2) return std::nullopt;
  const double step = 1 / into.period;
  // From a quarter of the way on, a sample is about as high as their mean: what is taken off leaves the least.
  return TurnSamples{&counts[first], n, static_cast<double>(counts[first + n / 4]),
                     (static_cast<double>(first) * per_block + middle - part.start) * step, per_block * step};
}

/// Hands on eight cycles after the other, their equations solved where place() says. fits: get start, period and
/// samples.
template <class Place, class Take>
void solve_by_eight(const BlockSums& position, std::span<const CyclePart> parts, int harmonics,
                    std::span<CycleFit> fits, Place place, Take take) {
  EightTurns turns;
  std::array<std::size_t, kLanes> of{};
  std::size_t n = 0;
  const auto hand_on = [&] {
    std::fill(turns.begin() + static_cast<std::ptrdiff_t>(n), turns.end(), turns[n - 1]);
    EightOfCycles& cycles = place();
    cycles.of = of;
    cycles.n = std::exchange(n, 0);
    solve(turns, position.per_block(), static_cast<std::size_t>(harmonics), cycles.solved);
    take(cycles);
  };
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::optional<TurnSamples> samples = samples_of(position, parts[i], harmonics, fits[i]);
    if (!samples) continue;
    turns[n] = *samples;
    of[n++] = i;
    if (n == kLanes) hand_on();
  }
  if (n > 0) hand_on();
}

void put_series(const EightOfCycles& cycles, const EightFits& from, int harmonics, std::span<CycleFit> fits) {
  std::array<double, CycleFit{}.c.size()> nowhere;
  std::array<double*, kLanes> to;
  to.fill(nowhere.data());
  for (std::size_t lane = 0; lane < cycles.n; ++lane) {
    if (!(cycles.solved.positive[lane] > 0)) continue;
    CycleFit& fit = fits[cycles.of[lane]];
    to[lane] = fit.c.data();
    fit.residual_ss = from.residual_ss[lane];
    fit.harmonics = harmonics;
  }
  put_back(from.c, 2 * static_cast<std::size_t>(harmonics) + 1, to);
}

void put_tops(const EightOfCycles& cycles, const EightTops& from, std::span<CycleFit> fits) {
  for (std::size_t lane = 0; lane < cycles.n; ++lane) {
    CycleFit& fit = fits[cycles.of[lane]];
    if (fit.harmonics == 0) continue;
    fit.top_turns = from.turns[lane];
    fit.top = from.at.value[lane];
    take_uncertainty(from.value_variance[lane], from.slope_variance[lane], from.at.curvature[lane], fit);
  }
}

std::vector<CycleFit> fit(const BlockSums& position, std::span<const CyclePart> parts, int harmonics, Wanted wanted) {
  std::vector<CycleFit> fits(parts.size());
  if (harmonics <= kCrankHarmonics) {
    EightOfCycles some;
    const auto place = [&some]() -> EightOfCycles& { return some; };
    solve_by_eight(position, parts, harmonics, fits, place, [&](const EightOfCycles& cycles) {
      EightFits series;
      take(cycles.solved, cycles.solved.harmonics, series);
      put_series(cycles, series, harmonics, fits);
      if (wanted != Wanted::series_and_tops) return;
      EightTops tops;
      find_tops(cycles.solved, series, tops);
      put_tops(cycles, tops, fits);
    });
    return fits;
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::optional<TurnSamples> samples = samples_of(position, parts[i], harmonics, fits[i]);
    if (!samples) continue;
    ManyHarmonics series(harmonics);
    if (series.solve(*samples, fits[i]) && wanted == Wanted::series_and_tops) series.find_top(fits[i]);
  }
  return fits;
}

}  // namespace

std::vector<CycleFit> fit_series(const BlockSums& position, std::span<const CyclePart> parts, int harmonics) {
  return fit(position, parts, harmonics, Wanted::series);
}

std::vector<CycleFit> fit_series_and_tops(const BlockSums& position, std::span<const CyclePart> parts, int harmonics) {
  return fit(position, parts, harmonics, Wanted::series_and_tops);
}

CrankSeries::CrankSeries(const BlockSums& position, std::span<const CyclePart> parts) : whole_(parts.size()) {
  solved_.reserve(parts.size() / kLanes + 1);
  const auto place = [this]() -> EightOfCycles& {
    solved_.resize(solved_.size() + 1);
    return solved_.back();
  };
  solve_by_eight(position, parts, kCrankHarmonics, whole_, place, [this](const EightOfCycles& cycles) {
    EightFits series;
    take(cycles.solved, kCrankHarmonics, series);
    put_series(cycles, series, kCrankHarmonics, whole_);
  });
}

std::vector<CycleFit> CrankSeries::with(int harmonics) const {
  std::vector<CycleFit> fits;
  fits.reserve(whole_.size());
  for (const CycleFit& whole : whole_) {
    CycleFit& fit = fits.emplace_back();
    fit.start = whole.start;
    fit.period = whole.period;
    fit.samples = whole.samples;
    fit.per_block = whole.per_block;
  }
  for (const EightOfCycles& cycles : solved_) {
    EightFits series;
    take(cycles.solved, static_cast<std::size_t>(harmonics), series);
    put_series(cycles, series, harmonics, fits);
  }
  return fits;
}

}  // namespace penrig
