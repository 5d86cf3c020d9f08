#include "rig/measure/cycle_fit.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "rig/measure/cholesky.hpp"
#include "rig/measure/cycle_bounds.hpp"
#include "rig/measure/harmonics.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/measure/stroke_shape.hpp"
#include "rig/measure/top_remainder.hpp"

namespace penrig {

/// fit_cycle() without the samples up to `skip_first` after the start and from `skip_last` before the end on.
static CycleFit fit_part_of_cycle(std::span<const std::int32_t> position, double start, double end, double skip_first,
                                  double skip_last, int harmonics);

namespace {

constexpr int kFewestHarmonics = 4;
constexpr int kMaxTerms = 2 * kMaxHarmonics + 1;
using Terms = std::array<double, kMaxTerms>;
static_assert(kMaxHarmonics % 6 == 0, "accumulate() goes by sixes");

/// Basis of the series at a phase: 1, cos, sin, cos 2, sin 2, ...
void basis_at(double turns, int harmonics, Terms& basis) {
  const Complex w = turn(turns);
  Complex p = w;
  basis[0] = 1;
  for (int k = 1; k <= harmonics; ++k) {
    basis[cosine_term(k)] = p.re;
    basis[sine_term(k)] = p.im;
    p = multiply(p, w);
  }
}

/// Sums of e^{i k theta_j} over the samples of the cycle, k = 0 .. 2 harmonics.
struct PhaseSums {
  std::array<double, 2 * kMaxHarmonics + 1> cosine{}, sine{};
};
PhaseSums sum_phases(double first_turns, double step_turns, std::size_t n, int harmonics) {
  PhaseSums sums;
  sums.cosine[0] = static_cast<double>(n);
  for (int k = 1; k <= 2 * harmonics; ++k) {
    const Complex last = turn(k * step_turns * static_cast<double>(n));
    const Complex step = turn(k * step_turns);
    const Complex series = divide({last.re - 1, last.im}, {step.re - 1, step.im});
    const Complex sum = multiply(turn(k * first_turns), series);
    sums.cosine[static_cast<std::size_t>(k)] = sum.re;
    sums.sine[static_cast<std::size_t>(k)] = sum.im;
  }
  return sums;
}

using Normal = Cholesky<kMaxTerms>;

bool factorise(const PhaseSums& s, int harmonics, Normal& normal) {
  normal.rows = static_cast<std::size_t>(2 * harmonics + 1);
  const auto cosine = [&](int k) { return s.cosine[static_cast<std::size_t>(std::abs(k))]; };
  const auto sine = [&](int k) {
    return k < 0 ? -s.sine[static_cast<std::size_t>(-k)] : s.sine[static_cast<std::size_t>(k)];
  };
  normal.at(0, 0) = cosine(0);
  for (int a = 1; a <= harmonics; ++a) {
    const std::size_t ca = cosine_term(a), sa = sine_term(a);
    normal.at(ca, 0) = cosine(a);
    normal.at(sa, 0) = sine(a);
    for (int b = 1; b <= a; ++b) {
      const std::size_t cb = cosine_term(b), sb = sine_term(b);
      normal.at(ca, cb) = 0.5 * (cosine(a - b) + cosine(a + b));
      normal.at(sa, sb) = 0.5 * (cosine(a - b) - cosine(a + b));
      normal.at(sa, cb) = 0.5 * (sine(a + b) + sine(a - b));
      if (sb < ca) normal.at(ca, sb) = 0.5 * (sine(a + b) - sine(a - b));
    }
  }
  return normal.factorise();
}

/// Right side by Goertzel's recurrence: one multiplication a sample and harmonic. K is a constant so that the
/// recurrences run side by side in registers. before: harmonics that come first.
template <int K>
void accumulate(const std::int32_t* y, std::size_t n, double base, double first_turns, double step_turns, Terms& b,
                double& ss, std::size_t before = 0) {
  constexpr auto kCount = static_cast<std::size_t>(K);
  std::array<double, kCount> twice_cos{}, s1{}, s2{};
  std::array<Complex, kCount> step{};
  for (std::size_t k = 0; k < kCount; ++k) {
    step[k] = turn(static_cast<double>(before + k + 1) * step_turns);
    twice_cos[k] = 2 * step[k].re;
  }
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double x = y[i] - base;
    sum += x;
    squares += x * x;
    for (std::size_t k = 0; k < kCount; ++k) {
      const double s0 = (x - s2[k]) + twice_cos[k] * s1[k];
      s2[k] = s1[k];
      s1[k] = s0;
    }
  }
  b[0] = sum;
  ss = squares;
  for (std::size_t k = 0; k < kCount; ++k) {
    // sum x_j e^{+i j d}, counted from the first sample: e^{i(n-1)d} (s1 - e^{+i d} s2) conjugated where Goertzel has
    // e^{-i}.
    const double harmonic = static_cast<double>(before + k + 1);
    const Complex tail{s1[k] - step[k].re * s2[k], -step[k].im * s2[k]};
    const Complex last = turn(harmonic * step_turns * static_cast<double>(n - 1));
    const Complex sum_from_first = multiply(last, tail);
    const Complex total = multiply(turn(harmonic * first_turns), sum_from_first);
    b[2 * (before + k) + 1] = total.re;
    b[2 * (before + k) + 2] = total.im;
  }
}

void accumulate(int harmonics, const std::int32_t* y, std::size_t n, double base, double first, double step, Terms& b,
                double& ss) {
  switch (harmonics) {
    case 1:
      return accumulate<1>(y, n, base, first, step, b, ss);
    case 2:
      return accumulate<2>(y, n, base, first, step, b, ss);
    case 3:
      return accumulate<3>(y, n, base, first, step, b, ss);
    case 4:
      return accumulate<4>(y, n, base, first, step, b, ss);
    case 5:
      return accumulate<5>(y, n, base, first, step, b, ss);
    default:
      // Six at a time; those beyond the last are not looked at.
      for (std::size_t before = 0; before < static_cast<std::size_t>(harmonics); before += 6)
        accumulate<6>(y, n, base, first, step, b, ss, before);
  }
}

void find_top(CycleFit& fit, const Normal& normal) {
  fit.top_turns = highest_of(fit);
  const CycleFit::Point p = fit.at_turns(fit.top_turns);
  fit.top = p.value;
  Terms value{}, slope{};
  basis_at(fit.top_turns, fit.harmonics, value);
  for (int k = 1; k <= fit.harmonics; ++k) {
    const std::size_t c = cosine_term(k), s = sine_term(k);
    slope[c] = -k * value[s];
    slope[s] = k * value[c];
  }
  fit.u_top = std::sqrt(normal.quadratic(value));
  fit.u_time = std::sqrt(normal.quadratic(slope)) / std::abs(p.curvature) * fit.period / kTwoPi;
}

/// Highest harmonic above `fewest` that stands out of the noise (F-test at 99.9 %), from the fits with all of them.
int highest_that_stands_out(std::span<const CycleFit> fits, int fewest) {
  int most = 0;
  for (const CycleFit& fit : fits) most = std::max(most, fit.harmonics);
  for (int k = most; k > fewest; --k) {
    double signal = 0, noise = 0, freedom = 0;
    std::size_t n = 0;
    for (const CycleFit& fit : fits) {
      if (fit.harmonics < k) continue;
      const double a = fit.c[cosine_term(k)], b = fit.c[sine_term(k)];
      signal += (a * a + b * b) * static_cast<double>(fit.samples) / 2;
      noise += fit.residual_ss;
      freedom += static_cast<double>(fit.freedom());
      ++n;
    }
    // The noise has so many degrees of freedom that F is chi squared over its own.
    if (n > 0 && signal > chi_squared_quantile(0.999, 2 * static_cast<double>(n)) * noise / freedom) return k;
  }
  return fewest;
}

/// The fits of whole strokes among neighbours, with whole ones on both sides: those whose length, height and noise are
/// near the median. A missed or double stroke has harmonics of its own, and moves the bottoms beside it.
std::vector<CycleFit> undisturbed(std::span<const CycleFit> fits) {
  constexpr double kAlike = 0.1;
  std::vector<double> periods, swings;
  const auto swing = [](const CycleFit& f) { return f.top - f.at_turns(0).value; };
  for (const CycleFit& f : fits) {
    if (f.harmonics == 0) continue;
    periods.push_back(f.period);
    swings.push_back(swing(f));
  }
  std::vector<CycleFit> whole;
  if (periods.empty()) return whole;
  const double period = median_of(periods), height = median_of(swings), noise = typical_noise(fits);
  const auto is_whole = [&](const CycleFit& f) {
    return f.harmonics > 0 && std::abs(f.period - period) <= kAlike * period &&
           std::abs(swing(f) - height) <= kAlike * height && noise_of(f) <= 3 * noise + 1;
  };
  for (std::size_t i = 0; i < fits.size(); ++i) {
    const bool before = i == 0 || is_whole(fits[i - 1]), after = i + 1 == fits.size() || is_whole(fits[i + 1]);
    if (before && is_whole(fits[i]) && after) whole.push_back(fits[i]);
  }
  return whole;
}

/// Samples near a bottom that is not seen belong to what lies beside it.
CycleFit fit_within(std::span<const std::int32_t> position, const CycleBounds& b, int harmonics) {
  constexpr double kBeside = 0.06;  // turns
  const double beside = kBeside * (b.end - b.start);
  CycleFit fit =
      fit_part_of_cycle(position, b.start, b.end, b.start_is_own ? beside : 0, b.end_is_own ? beside : 0, harmonics);
  fit.beside_fault = b.start_is_own || b.end_is_own;
  return fit;
}

/// At least four, for the fourth of a slider-crank (0.1 um) biases tops by more than one setting's noise can show;
/// fewer only where the samples of a stroke do not hold them. Up to six are tried always. Where the samples'
/// differences show less noise than six harmonics leave, and more of them stand out, it is no crank: then as many as
/// the samples hold, for those that just do not stand out add up.
int choose_harmonics(std::span<const std::int32_t> position, std::span<const CycleBounds> bounds) {
  constexpr std::size_t kProbed = 40, kProbedLong = 12;
  constexpr double kLeft = 1.2;  // of the noise
  std::vector<double> periods;
  for (const CycleBounds& b : bounds) periods.push_back(b.end - b.start);
  const double samples = std::floor(median_of(periods));
  const int held = std::max(1, static_cast<int>((samples - 2) / 4));
  if (held < kFewestHarmonics) return held;
  const auto probe = [&](std::size_t most, int harmonics) {
    std::vector<CycleFit> fits;
    const std::size_t from = bounds.size() / 4, to = std::min(bounds.size(), from + most);
    for (std::size_t i = from; i < to; ++i) fits.push_back(fit_within(position, bounds[i], harmonics));
    return undisturbed(fits);
  };
  const std::vector<CycleFit> usual = probe(kProbed, kCrankHarmonics);
  if (usual.empty()) return kFewestHarmonics;
  const int few = highest_that_stands_out(usual, kFewestHarmonics);
  const auto from = static_cast<std::size_t>(std::max(0.0, std::ceil(usual.front().start)));
  const auto to = static_cast<std::size_t>(std::ceil(usual.back().start + usual.back().period));
  if (typical_noise(usual) <= kLeft * sample_noise(position.subspan(from, to - from))) return few;
  const int most = std::min(kMaxHarmonics, static_cast<int>(samples / 5));
  if (most <= kCrankHarmonics) return few;
  const std::vector<CycleFit> fine = probe(kProbedLong, most);
  return highest_that_stands_out(fine, few) > kCrankHarmonics ? most : few;
}

double typical_period(std::span<const CycleFit> fits) {
  std::vector<double> periods;
  for (const CycleFit& f : fits) {
    if (f.harmonics > 0) periods.push_back(f.period);
  }
  return periods.empty() ? 0 : median_of(periods);
}

constexpr double kSameLength = 0.2;  ///< of the median period, by which a stroke may differ that bounds its neighbour
/// Whether a fit's top is none of the stroke's with this highest sample: it lies elsewhere, and not on the same
/// plateau.
bool is_elsewhere(const CycleFit& fit, double top) {
  constexpr double kAway = 0.1, kLower = 0.02;  // turns, and share of the height
  if (fit.harmonics == 0 || std::abs(fit.top_index() - top) <= kAway * fit.period) return false;
  if (fit.harmonics <= kCrankHarmonics) return true;  // a crank has no plateau
  return fit.top - fit.at_index(top).value > kLower * (fit.top - fit.at_turns(0).value);
}

constexpr double kMostShift = 0.03;  ///< turns by which a bottom may still be off after the parabola

}  // namespace

double extreme_near(const CycleFit& fit, double turns) {
  double at = turns;
  for (int i = 0; i < 6; ++i) {
    const CycleFit::Point p = fit.at_turns(at);
    if (p.curvature == 0) break;
    const double step = -p.slope / p.curvature / kTwoPi;
    at = std::clamp(at + step, turns - 1.0 / 6, turns + 1.0 / 6);
    if (std::abs(step) < 1e-13) break;
  }
  return at;
}

double highest_of(const CycleFit& fit) {
  if (fit.harmonics <= kCrankHarmonics) return extreme_near(fit, 0.5);
  constexpr int kPoints = 48;
  double best = 0.5, highest = fit.at_turns(best).value;
  for (int i = -kPoints; i <= kPoints; ++i) {
    const double at = 0.5 + 0.4 * i / kPoints, value = fit.at_turns(at).value;
    if (value > highest) {
      highest = value;
      best = at;
    }
  }
  const double at = extreme_near(fit, best);
  return fit.at_turns(at).value >= highest ? at : best;
}

double noise_of(const CycleFit& fit) { return std::sqrt(fit.residual_ss / static_cast<double>(fit.freedom())); }

double typical_noise(std::span<const CycleFit> fits) {
  std::vector<double> noise;
  for (const CycleFit& fit : fits) {
    if (fit.harmonics > 0) noise.push_back(noise_of(fit));
  }
  if (noise.empty()) return 0;
  std::sort(noise.begin(), noise.end());
  return noise[noise.size() / 2];
}

CycleFit::Point CycleFit::at_turns(double turns) const {
  const Complex w = turn(turns);
  Complex p = w;
  Point out{c[0], 0, 0};
  for (int k = 1; k <= harmonics; ++k) {
    const double a = c[cosine_term(k)], b = c[sine_term(k)];
    const double value = a * p.re + b * p.im;
    out.value += value;
    out.slope += k * (b * p.re - a * p.im);
    out.curvature -= k * k * value;
    p = multiply(p, w);
  }
  return out;
}

CycleFit::Point CycleFit::at_index(double index) const {
  const double rate = kTwoPi / period;
  const Point p = at_turns((index - start) / period);
  return {p.value, p.slope * rate, p.curvature * rate * rate};
}

CycleFit fit_cycle(std::span<const std::int32_t> position, double start, double end, int harmonics) {
  return fit_part_of_cycle(position, start, end, 0, 0, harmonics);
}

CycleFit fit_part_of_cycle(std::span<const std::int32_t> position, double start, double end, double skip_first,
                           double skip_last, int harmonics) {
  CycleFit fit;
  fit.start = start;
  fit.period = end - start;
  const double from = start + skip_first, to = end - skip_last;
  if (!(from >= 0) || !(to <= static_cast<double>(position.size())) || !(to - from > 1)) return fit;
  const auto first = static_cast<std::size_t>(std::ceil(from));
  const auto last = static_cast<std::size_t>(std::ceil(to));
  fit.samples = last - first;
  if (fit.samples < 4 * static_cast<std::size_t>(harmonics) + 2) return fit;
  const double step = 1 / fit.period;
  const double first_turns = (static_cast<double>(first) - start) * step;
  Normal normal;
  if (!factorise(sum_phases(first_turns, step, fit.samples, harmonics), harmonics, normal)) return fit;
  Terms b{};
  double ss = 0;
  const double base = position[first];  // keeps the sums small
  accumulate(harmonics, position.data() + first, fit.samples, base, first_turns, step, b, ss);
  Terms y = b;
  normal.solve_lower(y);
  double explained = 0;
  for (std::size_t i = 0; i < normal.rows; ++i) explained += y[i] * y[i];
  normal.solve_upper(y);
  fit.harmonics = harmonics;
  fit.c = y;
  fit.c[0] += base;
  fit.residual_ss = std::max(0.0, ss - explained);
  find_top(fit, normal);
  return fit;
}

std::vector<CycleFit> fit_cycles(std::span<const std::int32_t> position, std::span<const RawCycle> cycles,
                                 int harmonics) {
  std::vector<CycleFit> fits;
  fits.reserve(cycles.size());
  if (cycles.empty()) return fits;
  std::vector<CycleBounds> bounds = bounds_of(position, cycles);
  if (harmonics == 0) harmonics = choose_harmonics(position, bounds);
  for (int pass = 0; pass < 2; ++pass) {
    fits.clear();
    for (const CycleBounds& b : bounds) fits.push_back(fit_within(position, b, harmonics));
    if (pass == 1) break;
    const double typical = typical_noise(fits);
    const double period = typical_period(fits);
    // A cycle that begins or ends at rest, shares its turn with another, or is none, fits badly and must not shift its
    // neighbour's bottom.
    const auto shift_of = [typical, period](const CycleFit& f) -> std::optional<double> {
      if (f.harmonics == 0 || noise_of(f) > 3 * typical + 1) return std::nullopt;
      if (std::abs(f.period - period) > kSameLength * period) return std::nullopt;
      const double turns = extreme_near(f, 0);
      return std::abs(turns) < kMostShift ? std::optional<double>(turns * f.period) : std::nullopt;
    };
    std::vector<CycleBounds> better = bounds;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
      const std::optional<double> own = shift_of(fits[i]);
      const bool joined = i + 1 < bounds.size() && bounds[i].end == bounds[i + 1].start;
      const bool alone = i == 0 || bounds[i - 1].end != bounds[i].start;
      if (alone && !bounds[i].start_is_own) better[i].start += own.value_or(0);
      const std::optional<double> next = joined ? shift_of(fits[i + 1]) : std::nullopt;
      if (!bounds[i].end_is_own) better[i].end += own && next ? 0.5 * (*own + *next) : own ? *own : next.value_or(0);
      if (joined) better[i + 1].start = better[i].end;
    }
    bounds = std::move(better);
  }
  for (std::size_t i = 0; i < fits.size(); ++i) {
    if (cycles[i].cut || is_elsewhere(fits[i], static_cast<double>(cycles[i].top))) fits[i].harmonics = 0;
  }
  sharpen_tops(position, fits);
  if (harmonics > kCrankHarmonics || harmonics < kFewestHarmonics) add_what_harmonics_leave(position, fits);
  for (std::size_t i = 0; i < fits.size(); ++i) {
    fits[i].swing = std::abs(static_cast<double>(position[cycles[i].first_bottom]) - position[cycles[i].second_bottom]);
  }
  return fits;
}

}  // namespace penrig
