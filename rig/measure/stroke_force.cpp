#include "rig/measure/stroke_force.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "rig/base/portable_math.hpp"
#include "rig/measure/broad_peak.hpp"
#include "rig/measure/contact_fit.hpp"
#include "rig/measure/harmonics.hpp"

namespace penrig {

namespace {

constexpr std::size_t kPool = kStrokesOfOneKappa;
constexpr double kPunctureSigmas = 5;

/// Least-squares quadratic over `n` values at unit spacing, evaluated at `at` (0 = first value).
double quadratic_at(const double* f, std::size_t n, double at, double* slope = nullptr) {
  const double centre = static_cast<double>(n - 1) / 2;
  double s0 = 0, s1 = 0, s2 = 0, x2 = 0, x4 = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double x = static_cast<double>(i) - centre;
    s0 += f[i];
    s1 += x * f[i];
    s2 += x * x * f[i];
    x2 += x * x;
    x4 += x * x * x * x;
  }
  const double count = static_cast<double>(n);
  const double x = at - centre;
  const double c = n > 2 ? (count * s2 - x2 * s0) / (count * x4 - x2 * x2) : 0;
  const double b = s1 / x2;
  const double a = (s0 - c * x2) / count;
  if (slope != nullptr) *slope = b + 2 * c * x;
  return a + b * x + c * x * x;
}

/// Where the samples of one cycle lie.
struct Landmarks {
  std::size_t clear = 0;     ///< first sample of the rise that may touch
  std::size_t top = 0;       ///< sample nearest the top
  std::size_t puncture = 0;  ///< last sample before the drop, if punctured
  bool punctured = false;
};

Landmarks find_landmarks(const ForceCycle& cycle, const CycleFit& fit, const ForceScales& scales) {
  Landmarks marks;
  const double top = fit.top_index() + scales.delay_samples - static_cast<double>(cycle.first);
  const double last = static_cast<double>(cycle.q_mm.size() - 1);
  marks.top = static_cast<std::size_t>(std::clamp(std::round(top), 0.0, last));
  const double bottom = cycle.q_mm.front();
  const double near_surface =
      std::max(bottom + 0.5 * (scales.surface_guess_mm - bottom), scales.surface_guess_mm - 0.2);
  while (marks.clear < marks.top && cycle.q_mm[marks.clear] < near_surface) ++marks.clear;
  const double sigma = std::max(scales.needles_noise_n(), 1e-6);
  // Noise alone has its extremes some root of 2 ln n above and below the mean of n samples, and the running maximum
  // keeps the upper one.
  const double n = static_cast<double>(marks.top - marks.clear) + 2;
  const double drop = std::max(kPunctureSigmas, 1 + 2 * std::sqrt(2 * portable_log(n))) * sigma;
  double highest = 0;
  std::size_t at = marks.clear;
  for (std::size_t i = marks.clear; i <= marks.top; ++i) {
    if (cycle.force_n[i] > highest) {
      highest = cycle.force_n[i];
      at = i;
    } else if (highest > 2 * drop && highest - cycle.force_n[i] > drop) {
      marks.puncture = at;
      marks.punctured = true;
      break;
    }
  }
  return marks;
}

/// The corner between rise and drop lasts a few samples only. Lines from both sides meet above it, for the drop begins
/// gently; a smooth curve through it stays below. The force lies between, and the half-width says how far apart they
/// are. A drop that is half over within one sample hides where between two samples it began: in the mean, midway on the
/// line of the rise. Where the cell's response was taken out, the window of that rounds the corner off as well, by
/// nothing up to `corner_loss` times the change of slope: half of it is added. Where it was not, for nobody calibrated
/// it, the resonance rings at a corner, undamped by the change of slope over its angular frequency: `ring`, in samples.
void find_puncture_force(const ForceCycle& cycle, std::size_t at, std::size_t clear, double sigma, double corner_loss,
                         double ring, StrokeForce& out) {
  const std::vector<double>& f = cycle.force_n;
  // Only samples that touch tell of the rise.
  std::size_t rise = 0;
  while (rise < 6 && rise <= at - clear && f[at - rise] > kPunctureSigmas * sigma) ++rise;
  if (rise < 4 || at < 2 || at + 4 >= f.size()) {
    // No line, no curve: the highest sample, and as much again as it rose by.
    const double last_step = at > 0 ? f[at] - f[at - 1] : f[at];
    const double open = std::max(0.1 * f[at], 0.5 * last_step);
    out.puncture_n = f[at] + open;
    out.puncture_half_width_n = open + ring * std::max(last_step, 0.0);
    return;
  }
  double slope = 0, fall = 0;
  const double up = quadratic_at(&f[at + 1 - rise], rise, static_cast<double>(rise - 1), &slope);
  const double down = quadratic_at(&f[at + 1], 4, 0, &fall);
  const double difference = slope - fall;
  const double shift = difference > 0 ? std::clamp((down - fall - up) / difference, 0.0, 1.0) : 0.0;
  const bool at_once = f[at] - f[at + 1] > 0.5 * slope;
  const double above = up + slope * (at_once ? std::max(shift, 0.5) : shift);
  const double below = std::max(quadratic_at(&f[at - 2], 5, 2), quadratic_at(&f[at - 1], 5, 2));
  const double rounded = 0.5 * corner_loss * std::max(difference, 0.0);
  out.puncture_n = 0.5 * (above + below) + rounded;
  out.puncture_half_width_n = 0.5 * std::abs(above - below) + rounded + ring * std::max(difference, 0.0);
}

/// Highest (sign = 1) or lowest (-1) value of the force smoothed by moving quadratics of 9 samples.
double smoothed_extreme(const std::vector<double>& f, std::size_t from, std::size_t to, double sign) {
  if (to < from + 9) return 0;
  double best = -std::numeric_limits<double>::infinity();
  const double* x = f.data() + from;
  for (const double* const last = f.data() + to - 9; x <= last; ++x) {
    // Savitzky and Golay's weights, / 231.
    const double sum = -21 * (x[0] + x[8]) + 14 * (x[1] + x[7]) + 39 * (x[2] + x[6]) + 54 * (x[3] + x[5]) + 59 * x[4];
    best = std::max(best, sign * sum);
  }
  return sign * best / 231;
}

/// A peak that is narrower than the nine samples of the smooth curve: it lies between that and half a step above the
/// highest sample.
void find_peak_force(const ForceCycle& cycle, std::size_t from, double sigma, StrokeForce& out) {
  constexpr double kClear = 4;
  const std::vector<double>& f = cycle.force_n;
  const double smooth = out.peak_n = smoothed_extreme(f, from, f.size(), 1);
  const auto highest =
      static_cast<std::size_t>(std::max_element(f.begin() + static_cast<std::ptrdiff_t>(from), f.end()) - f.begin());
  if (highest >= f.size() || f[highest] - smooth <= kClear * sigma) return;
  const double before = highest > 0 ? f[highest - 1] : 0, after = highest + 1 < f.size() ? f[highest + 1] : 0;
  const double above = f[highest] + 0.5 * (f[highest] - std::min(before, after));
  out.peak_n = 0.5 * (smooth + above);
  out.peak_half_width_n = 0.5 * (above - smooth);
}

void work_of(const ForceCycle& cycle, std::size_t contact, std::size_t top, StrokeForce& out) {
  double insertion = 0, loop = 0;
  for (std::size_t i = 0; i + 1 < cycle.q_mm.size(); ++i) {
    const double dw = 0.5 * (cycle.force_n[i] + cycle.force_n[i + 1]) * (cycle.q_mm[i + 1] - cycle.q_mm[i]);
    loop += dw;
    if (i >= contact && i < top) insertion += dw;
  }
  out.insertion_mj = insertion;
  out.dissipated_mj = loop;
}

void height_of_top(const ForceCycle& cycle, const CycleFit& fit, const ForceScales& scales, StrokeForce& out) {
  // The force is smooth over a few hundredths of a turn about the top; a quadratic there takes the noise out.
  const auto half = static_cast<std::size_t>(std::max(4.0, fit.period * 0.02));
  const double at = fit.top_index() + scales.delay_samples - static_cast<double>(cycle.first);
  const double first = std::floor(at) - static_cast<double>(half);
  double slope = 0, force = 0;
  if (first >= 0 && first + 2 * static_cast<double>(half) + 1 <= static_cast<double>(cycle.force_n.size())) {
    const auto from = static_cast<std::size_t>(first);
    force = quadratic_at(&cycle.force_n[from], 2 * half + 1, at - first, &slope);
  }
  const CycleFit::Point p = fit.at_turns(fit.top_turns);
  const double per_sample = kTwoPi / fit.period;
  const double acceleration_mm = p.curvature * per_sample * per_sample * scales.mm_per_count;  // mm per sample^2
  const double acceleration = acceleration_mm * 1e-3 * scales.sample_rate_hz * scales.sample_rate_hz;
  out.force_at_top_n = force;
  out.reaction_at_top_n = force + scales.reciprocating_mass_kg * acceleration;
  const double z = fit.top * scales.mm_per_count - scales.needle_zero_mm;
  out.top_mm = z - scales.tip_mm_per_n * force - scales.frame_mm_per_n * out.reaction_at_top_n -
               scales.cell_mm_per_n * (force + out.baseline_n);
  // The largest q lies a little beside the largest z, where the compliance gives way less.
  const double give = (scales.tip_mm_per_n + scales.frame_mm_per_n + scales.cell_mm_per_n) * slope;
  if (acceleration_mm < 0) out.top_mm += give * give / (-2 * acceleration_mm);
}

/// Fractional index at which q rises (from `from` on) or, falling = true, falls through a level.
double crossing(const std::vector<double>& q, std::size_t from, double level, bool falling) {
  for (std::size_t i = from; i + 1 < q.size(); ++i) {
    const bool passed = falling ? q[i] >= level && q[i + 1] < level : q[i] < level && q[i + 1] >= level;
    if (passed) return static_cast<double>(i) + (level - q[i]) / (q[i + 1] - q[i]);
  }
  return -1;
}

}  // namespace

void evaluate_cycle(std::span<const std::int32_t> force, const CycleFit& fit, const ForceScales& s, ForceCycle& into) {
  const auto limit = static_cast<double>(force.size());
  const double begin = std::ceil(fit.start + s.delay_samples),
               end = std::min(std::ceil(fit.start + fit.period + s.delay_samples), limit);
  into.first = static_cast<std::size_t>(begin);
  const std::size_t n = end > begin ? static_cast<std::size_t>(end - begin) : 0;
  into.q_mm.resize(n);
  into.force_n.resize(n);
  const double step_turns = 1 / fit.period;
  const SinCos first = sin_cos_turns((begin - s.delay_samples - fit.start) * step_turns),
               step = sin_cos_turns(step_turns);
  double wc = first.cos, ws = first.sin;
  const double rate = kTwoPi * step_turns * s.sample_rate_hz;  // radians a second
  const double inertia =
      s.frame_mm_per_n * s.reciprocating_mass_kg * rate * rate * 1e-3;  // mm of frame per mm of curvature
  const double soft = s.tip_mm_per_n + s.frame_mm_per_n + s.cell_mm_per_n;
  const int harmonics = fit.harmonics;
  std::array<double, kMaxHarmonics> scale{};
  for (int k = 1; k <= harmonics; ++k) scale[static_cast<std::size_t>(k - 1)] = (1 + inertia * k * k) * s.mm_per_count;
  const double constant = fit.c[0] * s.mm_per_count - s.needle_zero_mm;
  std::array<double, kMaxHarmonics> a{}, b{};
  for (std::size_t k = 0; k < static_cast<std::size_t>(harmonics); ++k) {
    a[k] = fit.c[2 * k + 1] * scale[k];
    b[k] = fit.c[2 * k + 2] * scale[k];
  }
  for (std::size_t i = 0; i < n; ++i) {
    // Clenshaw's recurrence: z and the frame's give under inertia in one series.
    const double twice = 2 * wc;
    double b1 = 0, b2 = 0, d1 = 0, d2 = 0;
    for (std::size_t k = static_cast<std::size_t>(harmonics); k-- > 0;) {
      const double b0 = a[k] + twice * b1 - b2;
      b2 = b1;
      b1 = b0;
      const double d0 = b[k] + twice * d1 - d2;
      d2 = d1;
      d1 = d0;
    }
    into.q_mm[i] = constant + wc * b1 - b2 + ws * d1;
    into.force_n[i] = (force[into.first + i] - s.zero_counts) * s.n_per_count;
    const double next = wc * step.cos - ws * step.sin;
    ws = wc * step.sin + ws * step.cos;
    wc = next;
  }
  into.read_n.clear();
  if (n == 0) return;
  const ResponseInverse inverse(s.cell, s.sample_rate_hz);
  if (inverse.half_width() > 0) {
    into.read_n = into.force_n;
    for (std::size_t i = 0; i < n; ++i) {
      into.force_n[i] = (inverse.at(force, force.size(), into.first + i) - s.zero_counts) * s.n_per_count;
    }
  }
  const double bottom = into.q_mm.front();
  const double clear = bottom + 0.5 * (s.surface_guess_mm - bottom);
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < n && into.q_mm[i] < clear; ++i, ++count) sum += into.force_n[i];
  for (std::size_t i = n; i-- > 0 && into.q_mm[i] < clear; ++count) sum += into.force_n[i];
  into.baseline_known = count >= 8 && s.surface_guess_mm - bottom > 0.1;
  into.baseline_n = into.baseline_known ? sum / static_cast<double>(count) : 0;
  for (std::size_t i = 0; i < n; ++i) {
    into.q_mm[i] -= soft * into.force_n[i] - (s.tip_mm_per_n + s.frame_mm_per_n) * into.baseline_n;
    into.force_n[i] -= into.baseline_n;
  }
  if (into.read_n.empty()) return;
  // A resonance is that of the cell's own spring, which gives way to what it read; a corner is electrical.
  const double spring = s.cell.corner_hz > 0 ? 0 : s.cell_mm_per_n;
  for (std::size_t i = 0; i < n; ++i) {
    into.read_n[i] -= into.baseline_n;
    into.q_mm[i] += spring * (into.force_n[i] - into.read_n[i]);
  }
}

namespace {

/// Peak forces of a pool: the broad maximum behind the puncture, or the puncture, whichever is higher. What is open of
/// the corner is open of the peak as far as it lies above the broad maximum. A narrow peak without a puncture stands.
void settle_peaks(std::span<const ForceCycle> cycles, std::span<const Landmarks> marks,
                  std::span<const CycleFit* const> fits, std::span<StrokeForce> strokes) {
  std::vector<PeakSearch> searches;
  std::vector<std::size_t> owner;
  double period = 0;
  for (std::size_t i = 0; i < strokes.size(); ++i) {
    const std::vector<double>& f = cycles[i].force_n;
    const Landmarks& m = marks[i];
    if (f.size() < 16 || (strokes[i].peak_half_width_n > 0 && !m.punctured)) continue;
    std::size_t from = m.clear;
    if (m.punctured) {
      const auto begin = f.begin() + static_cast<std::ptrdiff_t>(m.puncture);
      const auto end = f.begin() + static_cast<std::ptrdiff_t>(std::max(m.top, m.puncture)) + 1;
      from = static_cast<std::size_t>(std::min_element(begin, end) - f.begin());
    }
    searches.push_back({f, from, m.top});
    owner.push_back(i);
    period += fits[i]->period;
  }
  if (searches.empty()) return;
  const auto half = static_cast<std::size_t>(std::max(4.0, 0.02 * period / static_cast<double>(searches.size())));
  const std::vector<std::optional<double>> broad = broad_peaks(searches, half);
  for (std::size_t k = 0; k < broad.size(); ++k) {
    if (!broad[k]) continue;
    StrokeForce& stroke = strokes[owner[k]];
    stroke.peak_n = *broad[k];
    stroke.peak_half_width_n = 0;
    if (!stroke.puncture_n) continue;
    const double low = std::max(*stroke.puncture_n - stroke.puncture_half_width_n, *broad[k]);
    const double high = std::max(*stroke.puncture_n + stroke.puncture_half_width_n, *broad[k]);
    // The better of both estimates, not the middle of what is possible: a wide corner below a sure top would lift it.
    stroke.peak_n = std::max(*stroke.puncture_n, *broad[k]);
    stroke.peak_half_width_n = std::max(high - stroke.peak_n, stroke.peak_n - low);
  }
}

}  // namespace

std::vector<StrokeForce> analyse_forces(std::span<const std::int32_t> force, std::span<const CycleFit* const> fits,
                                        const ForceScales& scales) {
  std::vector<StrokeForce> out(fits.size());
  const double corner_loss =
      ResponseInverse(scales.cell, scales.sample_rate_hz).corner_loss(scales.cell, scales.sample_rate_hz);
  const double ring = scales.cell.is_ideal() && scales.cell.resonance_hz > 0
                          ? scales.sample_rate_hz / (kTwoPi * scales.cell.resonance_hz)
                          : 0;
  std::vector<Approach> approaches;
  std::vector<std::size_t> owner;
  std::vector<ForceCycle> cycles(std::min(kPool, fits.size()));
  std::vector<Landmarks> marks(cycles.size());
  // Pools of equal size, so that the last is no remnant of a few strokes.
  const std::size_t pools = std::max<std::size_t>(1, fits.size() / kPool);
  for (std::size_t pool = 0; pool < pools; ++pool) {
    const std::size_t from = fits.size() * pool / pools, to = fits.size() * (pool + 1) / pools;
    if (cycles.size() < to - from) {
      cycles.resize(to - from);
      marks.resize(to - from);
    }
    approaches.clear();
    owner.clear();
    for (std::size_t i = from; i < to; ++i) {
      ForceCycle& cycle = cycles[i - from];
      evaluate_cycle(force, *fits[i], scales, cycle);
      StrokeForce& stroke = out[i];
      if (cycle.q_mm.size() < 16) continue;
      stroke.baseline_n = cycle.baseline_n;
      stroke.baseline_known = cycle.baseline_known;
      height_of_top(cycle, *fits[i], scales, stroke);
      const Landmarks m = marks[i - from] = find_landmarks(cycle, *fits[i], scales);
      const std::size_t n = cycle.force_n.size();
      find_peak_force(cycle, m.clear, scales.needles_noise_n(), stroke);
      stroke.withdrawal_n = -smoothed_extreme(cycle.force_n, m.top, n, -1);
      if (m.punctured) {
        find_puncture_force(cycle, m.puncture, m.clear, scales.needles_noise_n(), corner_loss, ring, stroke);
        // Where the puncture may be the peak, its estimate stands.
        if (*stroke.puncture_n + stroke.puncture_half_width_n >= stroke.peak_n - stroke.peak_half_width_n) {
          stroke.peak_n = *stroke.puncture_n;
          stroke.peak_half_width_n = stroke.puncture_half_width_n;
        }
      }
      const std::size_t end = m.punctured ? m.puncture : m.top;
      Approach approach;
      approach.limit_n = 0.6 * (stroke.puncture_n ? *stroke.puncture_n : stroke.peak_n);
      if (end <= m.clear + 1 || !(approach.limit_n > 5 * scales.noise_n) || !cycle.baseline_known) continue;
      approach.position_mm.assign(cycle.q_mm.begin() + static_cast<std::ptrdiff_t>(m.clear),
                                  cycle.q_mm.begin() + static_cast<std::ptrdiff_t>(end));
      const std::vector<double>& read = cycle.as_read();
      approach.force_n.assign(read.begin() + static_cast<std::ptrdiff_t>(m.clear),
                              read.begin() + static_cast<std::ptrdiff_t>(end));
      approaches.push_back(std::move(approach));
      owner.push_back(i);
    }
    settle_peaks(std::span(cycles).first(to - from), std::span(marks).first(to - from), fits.subspan(from, to - from),
                 std::span(out).subspan(from, to - from));
    fit_contacts(approaches, scales.contact_exponent, scales.noise_n, scales.cell, scales.sample_rate_hz);
    for (std::size_t k = 0; k < approaches.size(); ++k) {
      if (!approaches[k].found) continue;
      StrokeForce& stroke = out[owner[k]];
      const ForceCycle& cycle = cycles[owner[k] - from];
      const Landmarks& m = marks[owner[k] - from];
      const double rise = crossing(cycle.q_mm, 0, approaches[k].contact_mm, false);
      const double fall = crossing(cycle.q_mm, m.top, approaches[k].contact_mm, true);
      if (rise < 0) continue;
      stroke.contact_mm = approaches[k].contact_mm;
      stroke.u_contact_mm = approaches[k].u_contact_mm;
      stroke.u_kappa_mm = approaches[k].u_kappa_mm;
      stroke.contact_index = static_cast<double>(cycle.first) + rise - scales.delay_samples;
      stroke.contact_speed_mm_per_s =
          fits[owner[k]]->at_index(stroke.contact_index).slope * scales.mm_per_count * scales.sample_rate_hz;
      if (fall > rise) stroke.dwell_us = (fall - rise) / scales.sample_rate_hz * 1e6;
      work_of(cycle, static_cast<std::size_t>(rise), m.top, stroke);
    }
  }
  return out;
}

}  // namespace penrig
