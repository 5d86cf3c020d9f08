#include "rig/measure/contact_fit.hpp"

#include <algorithm>
#include <cmath>

#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

/// Normal equations of one approach for d(kappa) and d(x_c).
struct Sums {
  double aa = 0, ab = 0, bb = 0, ar = 0, br = 0;
  std::size_t touching = 0;
};

inline void add(Sums& s, const Approach& a, std::size_t i, double kappa, double power, double power_slope) {
  const double model = kappa * power;
  if (model > a.limit_n) return;
  const double slope = -kappa * power_slope;
  const double r = a.force_n[i] - model;
  s.aa += power * power;
  s.ab += power * slope;
  s.bb += slope * slope;
  s.ar += power * r;
  s.br += slope * r;
  ++s.touching;
}

/// The cell and how often it is read.
struct Cell {
  const CellResponse& response;
  double sample_rate_hz;
};

Sums accumulate(const Approach& a, double kappa, double m, const Cell& cell) {
  Sums s;
  if (cell.response.is_ideal()) {
    for (std::size_t i = 0; i < a.position_mm.size(); ++i) {
      const double x = a.position_mm[i] - a.contact_mm;
      if (x <= 0) continue;
      const double power = contact_power(x, m);
      add(s, a, i, kappa, power, m * power / x);
    }
    return s;
  }
  // The law and its slope, both through the cell, in small steps along straight lines between the positions.
  constexpr int kSteps = 16;
  const double step_s = 1 / (kSteps * cell.sample_rate_hz);
  ResponseFilter law(cell.response, step_s), slope(cell.response, step_s);
  for (std::size_t i = 1; i < a.position_mm.size(); ++i) {
    const double from = a.position_mm[i - 1] - a.contact_mm, step = (a.position_mm[i] - a.position_mm[i - 1]) / kSteps;
    double power = 0, power_slope = 0;
    for (int j = 1; j <= kSteps; ++j) {
      const double x = from + j * step;
      const double at = x > 0 ? contact_power(x, m) : 0;
      power = law.next(at);
      power_slope = slope.next(x > 0 ? m * at / x : 0);
    }
    if (from + kSteps * step > 0) add(s, a, i, kappa, power, power_slope);
  }
  return s;
}

bool usable(const Approach& a, std::size_t i, double noise_n) {
  return a.force_n[i] >= std::max(4 * noise_n, 0.1 * a.limit_n) && a.force_n[i] <= a.limit_n;
}

/// First guess of kappa: m-th roots of the forces lie on a line.
bool guess_kappa(const Approach& a, double m, double noise_n, double& kappa) {
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (std::size_t i = 0; i < a.position_mm.size(); ++i) {
    const double f = a.force_n[i];
    if (!usable(a, i, noise_n)) continue;
    const double y = m == 1 ? f : portable_pow(f, 1 / m);
    n += 1;
    sx += a.position_mm[i];
    sy += y;
    sxx += a.position_mm[i] * a.position_mm[i];
    sxy += a.position_mm[i] * y;
  }
  const double d = n * sxx - sx * sx;
  if (n < 2 || !(d > 0)) return false;
  const double slope = (n * sxy - sx * sy) / d;
  if (!(slope > 0)) return false;
  kappa = contact_power(slope, m);
  return true;
}

/// First guess of the contact with kappa known; one sample is enough.
bool guess_contact(Approach& a, double m, double noise_n, double kappa) {
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < a.position_mm.size(); ++i) {
    if (!usable(a, i, noise_n)) continue;
    sum += a.position_mm[i] - portable_pow(a.force_n[i] / kappa, 1 / m);
    n += 1;
  }
  if (n > 0) a.contact_mm = sum / n;
  return n > 0;
}

}  // namespace

double fit_contacts(std::span<Approach> approaches, double exponent, double noise_n, const CellResponse& response,
                    double sample_rate_hz) {
  const Cell cell{response, sample_rate_hz};
  std::vector<double> kappas;
  for (const Approach& a : approaches) {
    double kappa = 0;
    if (guess_kappa(a, exponent, noise_n, kappa)) kappas.push_back(kappa);
  }
  if (kappas.empty()) return 0;
  double kappa = median_of(kappas);
  for (Approach& a : approaches) a.found = guess_contact(a, exponent, noise_n, kappa);
  std::vector<Sums> sums(approaches.size());
  // Through a slow cell the first guesses are farther off.
  const int iterations = response.is_ideal() ? 12 : 40;
  for (int iteration = 0; iteration < iterations; ++iteration) {
    double schur = 0, right = 0;
    for (std::size_t i = 0; i < approaches.size(); ++i) {
      if (!approaches[i].found) continue;
      sums[i] = accumulate(approaches[i], kappa, exponent, cell);
      const Sums& s = sums[i];
      if (s.touching == 0 || !(s.bb > 0)) continue;
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
    if (largest < 1e-8 && std::abs(step) < 1e-8 * kappa) break;
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
