#include "rig/measure/contact_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include "rig/base/eight.hpp"
#include "rig/base/pow_of_four.hpp"
#include "rig/measure/levels.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/measure/turn_sums.hpp"

namespace penrig {

namespace {

/// Normal equations of one approach for d(kappa) and d(x_c).
struct Sums {
  double aa = 0, ab = 0, bb = 0, ar = 0, br = 0;
  std::size_t touching = 0;
};

/// Samples [from, to) of an approach: those that touch with a model force up to the limit.
struct TouchingRange {
  std::size_t from = 0, to = 0;
};

/// The range, from that for another contact and kappa. Positions rise, but for noise.
void follow(const Approach& a, double kappa, double m, TouchingRange& range) {
  const std::size_t n = a.position_mm.size();
  const auto touches = [&](std::size_t i) { return a.position_mm[i] > a.contact_mm; };
  const auto is_within = [&](std::size_t i) {
    return !touches(i) || kappa * contact_power(a.position_mm[i] - a.contact_mm, m) <= a.limit_n;
  };
  if (range.to == 0) range.from = first_not_below(a.position_mm, 0, a.contact_mm);  // for the first time
  while (range.from > 0 && touches(range.from - 1)) --range.from;
  while (range.from < n && !touches(range.from)) ++range.from;
  range.to = std::max(range.to, range.from);
  while (range.to > range.from && !is_within(range.to - 1)) --range.to;
  while (range.to < n && is_within(range.to)) ++range.to;
}

/// Of samples of an approach, for m = 1.5: eight at a time. With the law p = x^1.5 and its slope by x, 1.5 x^0.5, all
/// sums are of powers of x, or of those two times the force.
[[gnu::always_inline]] inline Sums hertzian_sums(const Approach& a, const TouchingRange& range, double kappa) {
  const double *const position_mm = a.position_mm.data(), *const force_n = a.force_n.data();
  const double contact_mm = a.contact_mm;
  Eight xs{}, squares{}, cubes{}, root_forces{}, law_forces{};
  const auto take = [&](const Eight& x, const Eight& read) __attribute__((always_inline)) {
    const Eight square = x * x, root_force = root_of(x) * read;
    xs += x;
    squares += square;
    cubes += square * x;
    root_forces += root_force;
    law_forces += x * root_force;
  };
  const auto behind_contact = [contact_mm](const Eight& position) __attribute__((always_inline)) {
    return larger(position - contact_mm, Eight{});
  };
  std::size_t at = range.from;
  for (; at + kLanes <= range.to; at += kLanes)
    take(behind_contact(eight_at(position_mm + at)), eight_at(force_n + at));
  if (at < range.to && a.position_mm.size() >= kLanes) {
    // Those beside what is left do not count: as if they did not touch.
    const std::size_t from = std::min(at, a.position_mm.size() - kLanes);
    const Eight x = behind_contact(eight_at(position_mm + from)), place = eight_from(static_cast<double>(from));
    const double first = static_cast<double>(at), end = static_cast<double>(range.to);
    const Four none{};
    take({((place.low >= first) & (place.low < end)) ? x.low : none,
          ((place.high >= first) & (place.high < end)) ? x.high : none},
         eight_at(force_n + from));
  } else if (at < range.to) {
    std::array<double, kLanes> position, read{};
    position.fill(contact_mm);
    std::copy(position_mm + at, position_mm + range.to, position.begin());
    std::copy(force_n + at, force_n + range.to, read.begin());
    take(behind_contact(eight_at(position.data())), eight_at(read.data()));
  }
  const FourByFour lanes = transposed(
      {xs.low + xs.high, squares.low + squares.high, cubes.low + cubes.high, root_forces.low + root_forces.high});
  const Four of = (lanes.a + lanes.c) + (lanes.b + lanes.d);
  const double by_slope = -1.5 * kappa, square = of[1], cube = of[2];
  return {cube,
          by_slope * square,
          by_slope * by_slope * of[0],
          sum_of(law_forces) - kappa * cube,
          by_slope * (of[3] - kappa * square),
          range.to - range.from};
}

/// Of all that were found.
PENRIG_EACH_PROCESSOR void take_hertzian_sums(std::span<const Approach> approaches,
                                              std::span<const TouchingRange> ranges, double kappa, Sums* sums) {
  for (std::size_t i = 0; i < approaches.size(); ++i) {
    if (approaches[i].found) sums[i] = hertzian_sums(approaches[i], ranges[i], kappa);
  }
}

inline void add(Sums& s, double read_n, double kappa, double power, double power_slope) {
  const double slope = -kappa * power_slope, r = read_n - kappa * power;
  s.aa += power * power;
  s.ab += power * slope;
  s.bb += slope * slope;
  s.ar += power * r;
  s.br += slope * r;
  ++s.touching;
}

Sums ideal_sums(const Approach& a, const TouchingRange& range, double kappa, double m) {
  Sums s;
  for (std::size_t i = range.from; i < range.to; ++i) {
    const double x = a.position_mm[i] - a.contact_mm;
    if (!(x > 0)) continue;
    const double power = contact_power(x, m);
    add(s, a.force_n[i], kappa, power, m * power / x);
  }
  return s;
}

/// The cell and how often it is read.
struct Cell {
  const CellResponse& response;
  double sample_rate_hz;
};

/// The law and its slope, both through the cell, in small steps along straight lines between the positions.
Sums sums_through(const Cell& cell, const Approach& a, double kappa, double m) {
  constexpr int kSteps = 16;
  const double step_s = 1 / (kSteps * cell.sample_rate_hz);
  ResponseFilter law(cell.response, step_s), slope(cell.response, step_s);
  Sums s;
  for (std::size_t i = 1; i < a.position_mm.size(); ++i) {
    const double from = a.position_mm[i - 1] - a.contact_mm, step = (a.position_mm[i] - a.position_mm[i - 1]) / kSteps;
    double power = 0, power_slope = 0;
    for (int j = 1; j <= kSteps; ++j) {
      const double x = from + j * step;
      const double at = x > 0 ? contact_power(x, m) : 0;
      power = law.next(at);
      power_slope = slope.next(x > 0 ? m * at / x : 0);
    }
    if (from + kSteps * step > 0 && kappa * power <= a.limit_n) add(s, a.force_n[i], kappa, power, power_slope);
  }
  return s;
}

/// Of positions and the m-th roots of their forces, which lie on a line: the first guesses.
struct Roots {
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  /// m-th root of kappa, or none from too few.
  std::optional<double> slope() const {
    const double d = n * sxx - sx * sx, slope = (n * sxy - sx * sy) / d;
    return n >= 2 && d > 0 && slope > 0 ? std::optional<double>(slope) : std::nullopt;
  }
  /// Where a line of this slope begins; one sample is enough.
  double contact(double slope) const { return (sx - sy / slope) / n; }
};

/// Raises n values that are no less than the least normal number; n: a multiple of four.
PENRIG_EACH_PROCESSOR void raise(double* values, std::size_t n, double exponent) {
  for (std::size_t i = 0; i < n; i += 4) {
    Four x;
    std::memcpy(&x, values + i, sizeof x);
    x = portable_pow(x, exponent);
    std::memcpy(values + i, &x, sizeof x);
  }
}

/// Of some samples whose force is well out of the noise and below the limit.
Roots roots_of(const Approach& a, double m, double noise_n) {
  constexpr std::size_t kMost = 8;
  const double least = std::max({4 * noise_n, 0.1 * a.limit_n, std::numeric_limits<double>::min()});
  const auto counts = [&](double f) { return f >= least && f <= a.limit_n; };
  const std::size_t first = first_not_below(a.force_n, 0, least);
  const auto usable = static_cast<std::size_t>(std::ranges::count_if(a.force_n.subspan(first), counts));
  const std::size_t step = 1 + usable / kMost;
  std::array<double, kMost> x, y;
  y.fill(1);
  std::size_t seen = 0, n = 0;
  for (std::size_t i = first; i < a.force_n.size() && seen < usable; ++i) {
    if (!counts(a.force_n[i]) || seen++ % step != 0) continue;
    x[n] = a.position_mm[i];
    y[n++] = a.force_n[i];
  }
  if (m != 1) raise(y.data(), (n + 3) / 4 * 4, 1 / m);
  Roots roots;
  for (std::size_t i = 0; i < n; ++i) {
    roots.n += 1;
    roots.sx += x[i];
    roots.sy += y[i];
    roots.sxx += x[i] * x[i];
    roots.sxy += x[i] * y[i];
  }
  return roots;
}

}  // namespace

double fit_contacts(std::span<Approach> approaches, double exponent, double noise_n, const CellResponse& response,
                    double sample_rate_hz) {
  // Once a round moves no contact by more than noise does, the samples stay: those at the limit would come and go for
  // ever.
  constexpr double kNearMm = 1e-3, kSettledMm = 1e-7;
  const Cell cell{response, sample_rate_hz};
  std::vector<Roots> roots;
  std::vector<double> slopes;
  for (const Approach& a : approaches) {
    roots.push_back(roots_of(a, exponent, noise_n));
    if (const auto slope = roots.back().slope()) slopes.push_back(*slope);
  }
  if (slopes.empty()) return 0;
  const double slope = median_of(slopes);
  double kappa = contact_power(slope, exponent);
  for (std::size_t i = 0; i < approaches.size(); ++i) {
    approaches[i].found = roots[i].n > 0;
    if (approaches[i].found) approaches[i].contact_mm = roots[i].contact(slope);
  }
  std::vector<Sums> sums(approaches.size());
  std::vector<TouchingRange> ranges(approaches.size());
  // Through a slow cell the first guesses are farther off.
  const bool is_ideal = response.is_ideal();
  const int iterations = is_ideal ? 12 : 40;
  bool follows = true;
  for (int iteration = 0; iteration < iterations; ++iteration) {
    for (std::size_t i = 0; i < approaches.size() && is_ideal && follows; ++i) {
      if (approaches[i].found) follow(approaches[i], kappa, exponent, ranges[i]);
    }
    if (is_ideal && exponent == 1.5) {
      take_hertzian_sums(approaches, ranges, kappa, sums.data());
    } else {
      for (std::size_t i = 0; i < approaches.size(); ++i) {
        const Approach& a = approaches[i];
        if (!a.found) continue;
        sums[i] = is_ideal ? ideal_sums(a, ranges[i], kappa, exponent) : sums_through(cell, a, kappa, exponent);
      }
    }
    double schur = 0, right = 0;
    for (std::size_t i = 0; i < approaches.size(); ++i) {
      const Sums& s = sums[i];
      if (!approaches[i].found || s.touching == 0 || !(s.bb > 0)) continue;
      schur += s.aa - s.ab * s.ab / s.bb;
      right += s.ar - s.ab * s.br / s.bb;
    }
    // An approach with one sample says nothing of kappa; it takes that of the others.
    double step = schur > 0 ? right / schur : 0;
    step = std::clamp(step, -0.5 * kappa, kappa);
    double largest = 0;
    for (std::size_t i = 0; i < approaches.size(); ++i) {
      const Sums& s = sums[i];
      if (!approaches[i].found || s.touching == 0 || !(s.bb > 0)) continue;
      const double move = std::clamp((s.br - s.ab * step) / s.bb, -0.05, 0.05);
      approaches[i].contact_mm += move;
      largest = std::max(largest, std::abs(move));
    }
    kappa += step;
    follows = follows && !(largest < kNearMm);
    if (largest < kSettledMm && std::abs(step) < 1e-7 * kappa) break;
  }
  double schur = 0;
  for (std::size_t i = 0; i < approaches.size(); ++i) {
    const Sums& s = sums[i];
    approaches[i].found = approaches[i].found && s.touching > 0 && s.bb > 0 && std::isfinite(approaches[i].contact_mm);
    if (approaches[i].found) schur += s.aa - s.ab * s.ab / s.bb;
  }
  const double var_kappa = schur > 0 ? 1 / schur : 0;
  for (std::size_t i = 0; i < approaches.size(); ++i) {
    if (!approaches[i].found) continue;
    const Sums& s = sums[i];
    approaches[i].u_contact_mm = noise_n * std::sqrt(1 / s.bb + s.ab * s.ab / (s.bb * s.bb) * var_kappa);
    approaches[i].u_kappa_mm = noise_n * std::abs(s.ab / s.bb) * std::sqrt(var_kappa);
  }
  return std::isfinite(kappa) ? kappa : 0;
}

}  // namespace penrig
