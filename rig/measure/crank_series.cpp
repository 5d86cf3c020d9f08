#include "rig/measure/crank_series.hpp"

#include <algorithm>
#include <cstring>

#include "rig/base/unroll.hpp"

namespace penrig {

namespace {

/// What a step of Newton's method is held to, and whether the lanes still move; turns.
struct Search {
  Four at, lowest, highest, moving;
};

[[gnu::always_inline]] inline void step_towards_extreme(const Four& slope, const Four& curvature, Search& search) {
  constexpr double kArrived = 1e-7;  // what is left is as its square
  const Four step = -slope / curvature / kTwoPi, to = search.at + step;
  const Four held = to < search.lowest ? search.lowest : (to > search.highest ? search.highest : to);
  const Four size = step < 0 ? -step : step, none{};
  const Four moves = curvature == 0 ? none : search.moving;
  search.at = moves != 0 ? held : search.at;
  search.moving = size < kArrived ? none : moves;
}

[[gnu::always_inline]] inline Eight extreme_of(const EightSeries& c, std::size_t harmonics, double turns) {
  const Four from = Four{} + turns, one = Four{} + 1.0;
  Search low{from, from - 1.0 / 6, from + 1.0 / 6, one}, high = low;
  for (int i = 0; i < 6; ++i) {
    const EightPoints p = points_of(c, harmonics, {low.at, high.at});
    step_towards_extreme(p.slope.low, p.curvature.low, low);
    step_towards_extreme(p.slope.high, p.curvature.high, high);
    if (sum_of({low.moving, high.moving}) == 0) break;
  }
  return {low.at, high.at};
}

/// The boxcar's response to each harmonic: sin(m x) / sin(x) for a block of m samples, as a product of cosines.
[[gnu::always_inline]] inline void take_gain(const Eight& step_turns, std::size_t per_block, EightCranks& cranks) {
  const auto samples = static_cast<double>(per_block);
  const EightComplex of_first = turn(step_turns * (0.5 / samples));  // half a sample
  EightComplex half = of_first;
  cranks.gain[0] = eight_of(samples);
  for (std::size_t k = 1; k <= cranks.harmonics; ++k) {
    Eight gain = eight_of(1), cosine = half.re;
    for (std::size_t m = 1; m < per_block; m *= 2) {
      gain = gain * (2 * cosine);
      cosine = 2 * cosine * cosine - 1;
    }
    cranks.gain[k] = gain;
    half = multiply(half, of_first);
  }
}

/// Normal matrix from the sums of e^{i k theta} over the samples, k = 0 .. 2 harmonics.
[[gnu::always_inline]] inline void fill_normal(const Eight& n, const TurnPhases& sums, EightCranks& cranks) {
  auto& rows = cranks.rows;
  rows[0][0] = n;
  for (std::size_t a = 1; a <= cranks.harmonics; ++a) {
    const std::size_t ca = 2 * a - 1, sa = 2 * a;
    rows[ca][0] = sums[a - 1].re;
    rows[sa][0] = sums[a - 1].im;
    for (std::size_t b = 1; b < a; ++b) {
      const std::size_t cb = 2 * b - 1, sb = 2 * b;
      const EightComplex less = sums[a - b - 1], more = sums[a + b - 1];
      rows[ca][cb] = 0.5 * (less.re + more.re);
      rows[sa][sb] = 0.5 * (less.re - more.re);
      rows[sa][cb] = 0.5 * (more.im + less.im);
      rows[ca][sb] = 0.5 * (more.im - less.im);
    }
    const EightComplex twice = sums[2 * a - 1];
    rows[ca][ca] = 0.5 * (n + twice.re);
    rows[sa][sa] = 0.5 * (n - twice.re);
    rows[sa][ca] = 0.5 * twice.im;
  }
}

[[gnu::always_inline]] inline void fill_right(const TurnSums& sums, EightCranks& cranks) {
  auto& right = cranks.rows[cranks.own];
  right[0] = sums.sum;
  for (std::size_t k = 1; k <= cranks.harmonics; ++k) {
    right[2 * k - 1] = sums.products[k - 1].re;
    right[2 * k] = sums.products[k - 1].im;
  }
}

[[gnu::always_inline]] inline void factorise(EightCranks& cranks) {
  auto& rows = cranks.rows;
  const Four none{};
  cranks.positive = eight_of(1);
  for (std::size_t j = 0; j < cranks.own; ++j) {
    const auto& pivots = rows[j];
    Eight pivot = pivots[j];
    for (std::size_t k = 0; k < j; ++k) pivot = pivot - pivots[k] * pivots[k];
    cranks.positive = {pivot.low > 0 ? cranks.positive.low : none, pivot.high > 0 ? cranks.positive.high : none};
    const Eight reciprocal = 1 / root_of(pivot);
    rows[j][j] = reciprocal;
    std::size_t i = j + 1;
    for (; i < cranks.own; i += 2) {  // two rows at a time
      auto &row = rows[i], &next = rows[i + 1];
      Eight left = row[j], left_of_next = next[j];
      for (std::size_t k = 0; k < j; ++k) {
        const Eight& by = pivots[k];
        left = left - row[k] * by;
        left_of_next = left_of_next - next[k] * by;
      }
      row[j] = left * reciprocal;
      next[j] = left_of_next * reciprocal;
    }
    if (i > cranks.own) continue;
    Eight left = rows[i][j];
    for (std::size_t k = 0; k < j; ++k) left = left - rows[i][k] * pivots[k];
    rows[i][j] = left * reciprocal;
  }
}

}  // namespace

PENRIG_EACH_PROCESSOR void gather(const std::array<const double*, kLanes>& from, std::size_t terms, EightSeries& c) {
  for (std::size_t i = 0; i < terms; i += 4) {
    std::array<Four, kLanes> by_lane;
    PENRIG_UNROLL(8)
    for (std::size_t lane = 0; lane < kLanes; ++lane) std::memcpy(&by_lane[lane], from[lane] + i, sizeof(Four));
    const FourByFour low = transposed({by_lane[0], by_lane[1], by_lane[2], by_lane[3]}),
                     high = transposed({by_lane[4], by_lane[5], by_lane[6], by_lane[7]});
    c[i] = {low.a, high.a};
    if (i + 1 < terms) c[i + 1] = {low.b, high.b};
    if (i + 2 < terms) c[i + 2] = {low.c, high.c};
    if (i + 3 < terms) c[i + 3] = {low.d, high.d};
  }
}

PENRIG_EACH_PROCESSOR void put_back(const EightSeries& c, std::size_t terms, const std::array<double*, kLanes>& to) {
  const Eight none{};
  for (std::size_t i = 0; i < terms; i += 4) {
    const Eight second = i + 1 < terms ? c[i + 1] : none, third = i + 2 < terms ? c[i + 2] : none,
                fourth = i + 3 < terms ? c[i + 3] : none;
    const FourByFour low = transposed({c[i].low, second.low, third.low, fourth.low}),
                     high = transposed({c[i].high, second.high, third.high, fourth.high});
    const std::array<Four, kLanes> by_lane = {low.a, low.b, low.c, low.d, high.a, high.b, high.c, high.d};
    PENRIG_UNROLL(8)
    for (std::size_t lane = 0; lane < kLanes; ++lane) std::memcpy(to[lane] + i, &by_lane[lane], sizeof(Four));
  }
}

namespace {

/// Some fits in lanes; those left over have the last once more.
struct Gathered {
  std::size_t harmonics = 0, n = 0;
  EightSeries c;
  Eight turns;
};
Gathered gathered(std::span<const CycleFit> fits, std::span<const std::size_t> which) {
  Gathered all;
  all.n = std::min(kLanes, which.size());
  std::array<const double*, kLanes> from;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const CycleFit& fit = fits[which[std::min(lane, all.n - 1)]];
    all.harmonics = std::max(all.harmonics, static_cast<std::size_t>(fit.harmonics));
    from[lane] = fit.c.data();
  }
  gather(from, 2 * all.harmonics + 1, all.c);  // of fewer harmonics the others are 0
  return all;
}

PENRIG_EACH_PROCESSOR void find_extremes(const Gathered& of, double near, double* at) {
  put_eight(at, extreme_of(of.c, of.harmonics, near));
}

struct Points {
  std::array<double, kLanes> value, slope, curvature;
};
PENRIG_EACH_PROCESSOR void find_points(const Gathered& of, Points& at) {
  const EightPoints p = points_of(of.c, of.harmonics, of.turns);
  put_eight(at.value.data(), p.value);
  put_eight(at.slope.data(), p.slope);
  put_eight(at.curvature.data(), p.curvature);
}

}  // namespace

std::vector<double> extremes_near(std::span<const CycleFit> fits, std::span<const std::size_t> which, double turns) {
  std::vector<double> all(which.size());
  for (std::size_t first = 0; first < which.size(); first += kLanes) {
    const Gathered some = gathered(fits, which.subspan(first));
    std::array<double, kLanes> at;
    find_extremes(some, turns, at.data());
    std::copy_n(at.begin(), some.n, &all[first]);
  }
  return all;
}

std::vector<CycleFit::Point> points_at(std::span<const CycleFit> fits, std::span<const std::size_t> which,
                                       std::span<const double> turns) {
  UsedHarmonics all;
  all.fill(true);
  return points_at(fits, which, turns, all);
}

std::vector<CycleFit::Point> points_at(std::span<const CycleFit> fits, std::span<const std::size_t> which,
                                       std::span<const double> turns, const UsedHarmonics& used) {
  std::vector<CycleFit::Point> all;
  all.reserve(which.size());
  for (std::size_t first = 0; first < which.size(); first += kLanes) {
    Gathered some = gathered(fits, which.subspan(first));
    for (std::size_t k = 1; k <= some.harmonics; ++k) {
      if (!used[k]) some.c[2 * k - 1] = some.c[2 * k] = Eight{};
    }
    std::array<double, kLanes> at{};
    std::copy_n(&turns[first], some.n, at.begin());
    some.turns = eight_at(at.data());
    Points points;
    find_points(some, points);
    for (std::size_t lane = 0; lane < some.n; ++lane)
      all.push_back({points.value[lane], points.slope[lane], points.curvature[lane]});
  }
  return all;
}

PENRIG_EACH_PROCESSOR void solve(const EightTurns& turns, std::size_t per_block, std::size_t harmonics,
                                 EightCranks& cranks) {
  cranks.harmonics = harmonics;
  cranks.own = 2 * harmonics + 1;
  std::array<double, kLanes> n, base, step;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    n[lane] = static_cast<double>(turns[lane].n);
    base[lane] = turns[lane].base;
    step[lane] = turns[lane].step_turns;
  }
  cranks.base = eight_at(base.data());
  take_gain(eight_at(step.data()), per_block, cranks);
  TurnPhases phases;
  phase_sums(turns, 2 * harmonics, phases);
  fill_normal(eight_at(n.data()), phases, cranks);
  TurnSums sums;
  harmonic_sums(turns, harmonics, sums);
  cranks.squares = sums.squares;
  fill_right(sums, cranks);
  factorise(cranks);
}

PENRIG_EACH_PROCESSOR void take(const EightCranks& cranks, std::size_t harmonics, EightFits& fits) {
  const auto& right = cranks.rows[cranks.own];
  const std::size_t terms = 2 * harmonics + 1;
  EightSeries& c = fits.c;
  Eight explained{};
  for (std::size_t i = 0; i < terms; ++i) explained += right[i] * right[i];
  for (std::size_t i = terms; i-- > 0;) {
    Eight left = right[i];
    for (std::size_t j = i + 1; j < terms; ++j) left = left - cranks.rows[j][i] * c[j];
    c[i] = left * cranks.rows[i][i];
  }
  c[0] = (c[0] + cranks.base) / cranks.gain[0];
  for (std::size_t k = 1; k <= harmonics; ++k) {
    const Eight of_sum = 1 / cranks.gain[k];
    c[2 * k - 1] = c[2 * k - 1] * of_sum;
    c[2 * k] = c[2 * k] * of_sum;
  }
  // A sum has the variance of its samples.
  fits.residual_ss = larger(eight_of(0), cranks.squares - explained) / cranks.gain[0];
}

PENRIG_EACH_PROCESSOR void find_tops(const EightCranks& cranks, const EightFits& fits, EightTops& tops) {
  tops.turns = extreme_of(fits.c, cranks.harmonics, 0.5);
  tops.at = points_of(fits.c, cranks.harmonics, tops.turns);
  // What a coefficient adds to the value there, and to the slope.
  EightSeries value, slope;
  value[0] = 1 / cranks.gain[0];
  slope[0] = eight_of(0);
  const EightComplex w = turn(tops.turns);
  EightComplex v = w;
  for (std::size_t k = 1; k <= cranks.harmonics; ++k) {
    const Eight of_sum = 1 / cranks.gain[k], of_slope = static_cast<double>(k) * of_sum;
    value[2 * k - 1] = v.re * of_sum;
    value[2 * k] = v.im * of_sum;
    slope[2 * k - 1] = -v.im * of_slope;
    slope[2 * k] = v.re * of_slope;
    v = multiply(v, w);
  }
  Eight value_variance{}, slope_variance{};
  for (std::size_t i = 0; i < cranks.own; ++i) {
    const auto& row = cranks.rows[i];
    Eight left_of_value = value[i], left_of_slope = slope[i];
    for (std::size_t j = 0; j < i; ++j) {
      left_of_value = left_of_value - row[j] * value[j];
      left_of_slope = left_of_slope - row[j] * slope[j];
    }
    value[i] = left_of_value * row[i];
    slope[i] = left_of_slope * row[i];
    value_variance += value[i] * value[i];
    slope_variance += slope[i] * slope[i];
  }
  tops.value_variance = value_variance * cranks.gain[0];
  tops.slope_variance = slope_variance * cranks.gain[0];
}

}  // namespace penrig
