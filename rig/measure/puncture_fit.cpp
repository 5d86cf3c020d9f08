#include "rig/measure/puncture_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "rig/base/portable_math.hpp"
#include "rig/measure/cholesky.hpp"
#include "rig/measure/harmonics.hpp"
#include "rig/measure/puncture_model.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

constexpr std::size_t kFewest = 8;
constexpr std::size_t kUnknowns = CornerSums::kUnknowns;
/// Of the way from contact to corner: from where on samples say how stiff it is there.
constexpr double kUpperRise = 0.5;
constexpr double kLeastOfWay = 0.25, kMostOfWindow = 3;  ///< beyond these nothing is ever asked for
constexpr double kSettledMm = 1e-7;                      ///< a stroke's own corner, once a step moves it by less
/// Share of the window in which the corner is looked for again.
constexpr double kNarrow = 0.6;
constexpr double kLeftOfSmear = 0.5;  ///< of what strokes' own corners take off, when they are found once

using Matrix = CornerSums::Matrix;

/// The inverse of a symmetric matrix, or none where a direction is not determined.
std::optional<Matrix> inverse_of(const Matrix& a) {
  constexpr double kLeastPivot = 1e-8;  // of a matrix with ones on its diagonal
  std::array<double, kUnknowns> scale{};
  Cholesky<kUnknowns> factor;
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    if (!(a[i][i] > 0)) return std::nullopt;
    scale[i] = 1 / std::sqrt(a[i][i]);
    for (std::size_t j = 0; j <= i; ++j) factor.at(i, j) = a[i][j] * scale[i] * scale[j];
  }
  if (!factor.factorise(kUnknowns, kLeastPivot)) return std::nullopt;
  Matrix inverse{};
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    inverse[i][i] = 1;
    factor.solve_lower(kUnknowns, inverse[i]);
    factor.solve_upper(kUnknowns, inverse[i]);
    for (std::size_t j = 0; j < kUnknowns; ++j) inverse[i][j] *= scale[i] * scale[j];
  }
  return inverse;
}

struct Settled {
  Corner corner;
  double u_peak_n = 0, u_a = 0;
};

/// own_mm: how much farther each stroke's corner lies; empty: no farther.
CornerSums sums_of(const PunctureModel& model, const Corner& corner, std::span<const double> own_mm) {
  if (own_mm.empty()) return model.of_all(corner);
  CornerSums sums;
  for (std::size_t i = 0; i < own_mm.size(); ++i) sums += model.of(i, corner, own_mm[i]);
  return sums;
}

/// The pool's corner from a first guess, by Levenberg and Marquardt's steps: from far off a whole step leads astray.
std::optional<Settled> settle(const PunctureModel& model, Corner corner, double m,
                              std::span<const double> own_mm = {}) {
  double damping = 1e-2;
  CornerSums now = sums_of(model, corner, own_mm);
  for (int iteration = 0; iteration < 60; ++iteration) {
    if (now.behind < kFewest || now.n < now.behind + kFewest) return std::nullopt;
    Matrix damped = now.normal;
    for (std::size_t a = 0; a < kUnknowns; ++a) damped[a][a] *= 1 + damping;
    const auto inverse = inverse_of(damped);
    if (!inverse) return std::nullopt;
    std::array<double, kUnknowns> step{};
    for (std::size_t a = 0; a < kUnknowns; ++a) {
      for (std::size_t b = 0; b < kUnknowns; ++b) step[a] += (*inverse)[a][b] * now.right[b];
    }
    Corner next = corner;
    next.kappa += step[0];
    next.at_mm += step[1];
    next.a += step[2];
    next.b += step[3];
    const bool possible = next.kappa > 0 && next.at_mm > 0;
    const CornerSums then = possible ? sums_of(model, next, own_mm) : CornerSums{};
    if (!possible || !(then.squares < now.squares)) {
      damping *= 10;
      if (damping > 1e8) break;  // nothing is better any more
      continue;
    }
    const bool settled = now.squares - then.squares < 1e-6 * now.squares;
    damping = std::max(0.1 * damping, 1e-9);
    corner = next;
    now = then;
    if (settled) break;
  }
  const auto covariance = inverse_of(now.normal);
  if (!covariance) return std::nullopt;
  const double beyond = corner.beyond_mm();
  const std::array<double, kUnknowns> by{contact_power(corner.at_mm, m), m * corner.force_n(m) / corner.at_mm, -beyond,
                                         -beyond * beyond};
  double u2 = 0;
  for (std::size_t a = 0; a < kUnknowns; ++a) {
    for (std::size_t b = 0; b < kUnknowns; ++b) u2 += by[a] * (*covariance)[a][b] * by[b];
  }
  const double variance = now.squares / static_cast<double>(now.n - kUnknowns);
  return Settled{corner, std::sqrt(u2 * variance), std::sqrt((*covariance)[2][2] * variance)};
}

/// How much farther than the pool's each stroke's own corner lies, from what it was held for on; mm.
/// @return their mean.
double find_own_corners(const PunctureModel& model, const Corner& corner, double most_mm, std::span<double> own_mm) {
  double sum = 0;
  for (std::size_t i = 0; i < own_mm.size(); ++i) {
    for (int iteration = 0; iteration < 6; ++iteration) {
      const CornerStep step = model.step_of(i, corner, own_mm[i]);
      if (!(step.normal > 0)) break;
      const double before =
          std::exchange(own_mm[i], std::clamp(own_mm[i] + step.right / step.normal, -most_mm, most_mm));
      if (std::abs(own_mm[i] - before) < kSettledMm) break;
    }
    sum += own_mm[i];
  }
  return sum / static_cast<double>(own_mm.size());
}

double mean_peak_n(const Corner& corner, double m, std::span<const double> own_mm) {
  double sum = 0;
  for (const double own : own_mm) sum += corner.kappa * contact_power(corner.at_mm + own, m);
  return sum / static_cast<double>(own_mm.size()) + corner.gain_n();
}

/// How much later a cell shows a change of slope, s.
double lag_s(const CellResponse& response) {
  if (response.is_ideal()) return 0;
  return response.corner_hz > 0 ? 1 / (kTwoPi * response.corner_hz) : 1 / (kTwoPi * response.resonance_hz);
}

/// How far behind the corner the force has fallen by half of what it falls, mm; in one stroke.
double half_way_down(const PunctureSearch& stroke, double peak_n, double at_mm) {
  const double low = stroke.read_n[stroke.after], half = 0.5 * (peak_n + low);
  for (std::size_t i = stroke.after; i-- > 0;) {
    const double f0 = stroke.read_n[i], f1 = stroke.read_n[i + 1];
    if (f0 < half) continue;
    const double share = f0 > f1 ? (f0 - half) / (f0 - f1) : 0;
    const double q0 = stroke.position_mm[i], q1 = stroke.position_mm[i + 1];
    return q0 + share * (q1 - q0) - stroke.contact_mm - at_mm;
  }
  return 0;
}

}  // namespace

std::optional<PunctureFit> fit_punctures(std::span<PunctureSearch> strokes, double kappa, double exponent,
                                         double noise_n, const CellResponse& response, double sample_rate_hz) {
  if (strokes.size() < kFewest || !(kappa > 0)) return std::nullopt;
  const double m = exponent;
  std::vector<double> guesses;
  for (const PunctureSearch& s : strokes) guesses.push_back(s.guess_n);
  Corner guess;
  guess.kappa = kappa;
  const double peak = median_of(guesses);
  guess.at_mm = m == 1 ? peak / guess.kappa : portable_pow(peak / guess.kappa, 1 / m);
  std::vector<double> windows, steps;
  for (const PunctureSearch& s : strokes) {
    windows.push_back(half_way_down(s, peak, guess.at_mm));
    steps.push_back((s.position_mm[s.after] - s.position_mm[0]) / static_cast<double>(s.after));
  }
  // A slow cell shows the corner late.
  const double step_mm = median_of(steps);
  const double window_mm = std::max(median_of(windows), 1.2 * step_mm) + lag_s(response) * sample_rate_hz * step_mm;
  const std::unique_ptr<PunctureModel> model = make_puncture_model(
      strokes, kLeastOfWay * guess.at_mm, guess.at_mm + kMostOfWindow * window_mm, m, response, sample_rate_hz);
  guess.a = 0.5 * peak / window_mm;
  std::optional<Settled> settled;
  double from_mm = 0, to_mm = 0;
  // The second time the samples are those about the corner that was found.
  for (int round = 0; round < 2; ++round) {
    from_mm = kUpperRise * guess.at_mm;
    to_mm = guess.at_mm + window_mm;
    model->look_between(from_mm, to_mm);
    settled = settle(*model, guess, m);
    if (!settled) return std::nullopt;
    guess = settled->corner;
  }
  // Where the force goes on as it rose there is no corner that this could find, nor where it falls behind all samples.
  const double rise = m * settled->corner.force_n(m) / settled->corner.at_mm;
  if (!(rise + settled->corner.a > 2 * settled->u_a) || !(settled->corner.beyond_mm() < 0.5 * window_mm)) {
    return std::nullopt;
  }
  // A fall that is none of the model's shape gives another corner in a narrower window.
  model->look_between(from_mm, settled->corner.at_mm + kNarrow * window_mm);
  const std::optional<Settled> nearer = settle(*model, settled->corner, m);
  if (!nearer) return std::nullopt;
  model->look_between(from_mm, to_mm);
  const auto peak_n = [m](const Corner& corner) { return corner.force_n(m) + corner.gain_n(); };
  const double moved = peak_n(nearer->corner) - peak_n(settled->corner);

  // Strokes that puncture here and there smear what they have in common. With the places that their own corners have in
  // it, it is found once more; what that changes is by so much what it leaves.
  std::vector<double> own_mm(strokes.size());
  Corner corner = settled->corner;
  const double mean_own_mm = find_own_corners(*model, corner, 0.5 * window_mm, own_mm),
               smeared_n = mean_peak_n(corner, m, own_mm);
  corner.at_mm += mean_own_mm;
  for (double& own : own_mm) own -= mean_own_mm;
  const std::optional<Settled> apart = settle(*model, corner, m, own_mm);
  if (!apart || !(apart->corner.beyond_mm() < 0.5 * window_mm)) return std::nullopt;
  corner = apart->corner;
  find_own_corners(*model, corner, 0.5 * window_mm, own_mm);
  const double mean_n = mean_peak_n(corner, m, own_mm), left_n = kLeftOfSmear * (mean_n - smeared_n);
  double squares = 0;
  std::size_t n = 0;
  for (std::size_t i = 0; i < strokes.size(); ++i) {
    strokes[i].puncture_n = corner.kappa * contact_power(corner.at_mm + own_mm[i], m) + corner.gain_n();
    const CornerSums one = model->of(i, corner, own_mm[i]);
    squares += one.squares;
    n += one.n;
  }
  // What strokes of their own corners still differ by is no noise: the model does not fit so well.
  const double misfit2 = std::max(0.0, squares / static_cast<double>(n) - noise_n * noise_n);
  const double u2 = settled->u_peak_n * settled->u_peak_n + misfit2 + moved * moved + left_n * left_n;
  return PunctureFit{mean_n, std::sqrt(u2)};
}

}  // namespace penrig
