#include "rig/measure/cycle_fit.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "rig/measure/harmonics.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/measure/stroke_shape.hpp"

namespace penrig {

namespace {

constexpr int kFewestHarmonics = 4;
constexpr int kMaxTerms = 2 * kMaxHarmonics + 1;
using Terms = std::array<double, kMaxTerms>;

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

/// Cholesky factor of the normal matrix, lower triangle.
struct Normal {
  int terms = 0;
  std::array<Terms, kMaxTerms> l{};

  void solve_lower(Terms& b) const {
    for (int i = 0; i < terms; ++i) {
      const auto r = static_cast<std::size_t>(i);
      for (std::size_t j = 0; j < r; ++j) b[r] -= l[r][j] * b[j];
      b[r] /= l[r][r];
    }
  }
  void solve_upper(Terms& b) const {
    for (int i = terms - 1; i >= 0; --i) {
      const auto r = static_cast<std::size_t>(i);
      for (auto j = r + 1; j < static_cast<std::size_t>(terms); ++j) b[r] -= l[j][r] * b[j];
      b[r] /= l[r][r];
    }
  }
  /// g^T M^-1 g.
  double quadratic(Terms g) const {
    solve_lower(g);
    double sum = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(terms); ++i) sum += g[i] * g[i];
    return sum;
  }
};

bool factorise(const PhaseSums& s, int harmonics, Normal& normal) {
  normal.terms = 2 * harmonics + 1;
  const auto terms = static_cast<std::size_t>(normal.terms);
  const auto cosine = [&](int k) { return s.cosine[static_cast<std::size_t>(std::abs(k))]; };
  const auto sine = [&](int k) {
    return k < 0 ? -s.sine[static_cast<std::size_t>(-k)] : s.sine[static_cast<std::size_t>(k)];
  };
  std::array<Terms, kMaxTerms>& m = normal.l;
  m[0][0] = cosine(0);
  for (int a = 1; a <= harmonics; ++a) {
    const std::size_t ca = cosine_term(a), sa = sine_term(a);
    m[ca][0] = cosine(a);
    m[sa][0] = sine(a);
    for (int b = 1; b <= a; ++b) {
      const std::size_t cb = cosine_term(b), sb = sine_term(b);
      m[ca][cb] = 0.5 * (cosine(a - b) + cosine(a + b));
      m[sa][sb] = 0.5 * (cosine(a - b) - cosine(a + b));
      m[sa][cb] = 0.5 * (sine(a + b) + sine(a - b));
      if (sb < ca) m[ca][sb] = 0.5 * (sine(a + b) - sine(a - b));
    }
  }
  for (std::size_t i = 0; i < terms; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = m[i][j];
      for (std::size_t k = 0; k < j; ++k) sum -= m[i][k] * m[j][k];
      if (i == j) {
        if (!(sum > 0)) return false;
        m[i][i] = std::sqrt(sum);
      } else {
        m[i][j] = sum / m[j][j];
      }
    }
  }
  return true;
}

/// Right side by Goertzel's recurrence: one multiplication a sample and harmonic. K is a constant so that the
/// recurrences run side by side in registers.
template <int K>
void accumulate(const std::int32_t* y, std::size_t n, double base, double first_turns, double step_turns, Terms& b,
                double& ss) {
  constexpr auto kCount = static_cast<std::size_t>(K);
  std::array<double, kCount> twice_cos{}, s1{}, s2{};
  std::array<Complex, kCount> step{};
  for (std::size_t k = 0; k < kCount; ++k) {
    step[k] = turn(static_cast<double>(k + 1) * step_turns);
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
    const double harmonic = static_cast<double>(k + 1);
    const Complex tail{s1[k] - step[k].re * s2[k], -step[k].im * s2[k]};
    const Complex last = turn(harmonic * step_turns * static_cast<double>(n - 1));
    const Complex sum_from_first = multiply(last, tail);
    const Complex total = multiply(turn(harmonic * first_turns), sum_from_first);
    b[2 * k + 1] = total.re;
    b[2 * k + 2] = total.im;
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
      return accumulate<6>(y, n, base, first, step, b, ss);
  }
}

void find_top(CycleFit& fit, const Normal& normal) {
  fit.top_turns = extreme_near(fit, 0.5);
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

/// Highest harmonic that stands out of the noise (F-test at 99.9 %), from the fits with all of them; at least four, for
/// the fourth of a slider-crank (0.1 um) biases tops by more than one setting's noise can show.
int choose_harmonics(std::span<const CycleFit> fits) {
  for (int k = kMaxHarmonics; k > kFewestHarmonics; --k) {
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
  return kFewestHarmonics;
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
  CycleFit fit;
  fit.start = start;
  fit.period = end - start;
  if (!(start >= 0) || !(end <= static_cast<double>(position.size())) || !(fit.period > 1)) return fit;
  const auto first = static_cast<std::size_t>(std::ceil(start));
  const auto last = static_cast<std::size_t>(std::ceil(end));
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
  for (std::size_t i = 0; i < static_cast<std::size_t>(normal.terms); ++i) explained += y[i] * y[i];
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
  if (cycles.empty()) return fits;
  // Bottom i lies between cycles i - 1 and i. A stroke that is alone at its side has its own.
  struct Bounds {
    double start, end;
  };
  std::vector<Bounds> bounds;
  bounds.reserve(cycles.size());
  for (const RawCycle& cycle : cycles) {
    const std::size_t half = std::max<std::size_t>(3, (cycle.second_bottom - cycle.first_bottom) * 2 / 25);
    bounds.push_back({extreme_by_parabola(position, cycle.first_bottom, half),
                      extreme_by_parabola(position, cycle.second_bottom, half)});
  }
  for (std::size_t i = 1; i < bounds.size(); ++i) {
    if (cycles[i].first_bottom == cycles[i - 1].second_bottom) bounds[i].start = bounds[i - 1].end;
  }
  if (harmonics == 0) {
    std::vector<CycleFit> probe;
    const std::size_t from = cycles.size() / 4, to = std::min(cycles.size(), from + 40);
    for (std::size_t i = from; i < to; ++i)
      probe.push_back(fit_cycle(position, bounds[i].start, bounds[i].end, kMaxHarmonics));
    harmonics = choose_harmonics(probe);
  }
  for (int pass = 0; pass < 2; ++pass) {
    fits.clear();
    for (const Bounds& b : bounds) fits.push_back(fit_cycle(position, b.start, b.end, harmonics));
    if (pass == 1) break;
    const double typical = typical_noise(fits);
    // A cycle that begins or ends at rest, or is none, fits badly and must not shift its neighbour's bottom.
    const auto shift_of = [typical](const CycleFit& f) -> std::optional<double> {
      if (f.harmonics == 0 || noise_of(f) > 3 * typical + 1) return std::nullopt;
      const double turns = extreme_near(f, 0);
      return std::abs(turns) < kMostShift ? std::optional<double>(turns * f.period) : std::nullopt;
    };
    std::vector<Bounds> better = bounds;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
      const std::optional<double> own = shift_of(fits[i]);
      const bool joined = i + 1 < bounds.size() && bounds[i].end == bounds[i + 1].start;
      if (i == 0 || bounds[i - 1].end != bounds[i].start) better[i].start += own.value_or(0);
      const std::optional<double> next = joined ? shift_of(fits[i + 1]) : std::nullopt;
      better[i].end += own && next ? 0.5 * (*own + *next) : own ? *own : next.value_or(0);
      if (joined) better[i + 1].start = better[i].end;
    }
    bounds = std::move(better);
  }
  for (std::size_t i = 0; i < fits.size(); ++i) {
    if (cycles[i].cut) fits[i].harmonics = 0;
  }
  sharpen_tops(position, fits);
  for (std::size_t i = 0; i < fits.size(); ++i) {
    fits[i].swing = std::abs(static_cast<double>(position[cycles[i].first_bottom]) - position[cycles[i].second_bottom]);
  }
  return fits;
}

}  // namespace penrig
