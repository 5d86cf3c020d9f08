#include "rig/measure/puncture_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "rig/base/portable_math.hpp"
#include "rig/base/two.hpp"
#include "rig/measure/cholesky.hpp"
#include "rig/measure/contact_fit.hpp"
#include "rig/measure/harmonics.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

constexpr std::size_t kFewest = 8;
constexpr std::size_t kUnknowns = 4;
/// Of the way from contact to corner: from where on samples say how stiff it is there.
constexpr double kUpperRise = 0.5;
/// Share of the window in which the corner is looked for again.
constexpr double kNarrow = 0.6;

/// F = kappa min(x, x_p)^m - a s - b s^2, s = x - x_p behind the corner.
struct Corner {
  double kappa = 0;               ///< N / mm^m
  double at_mm = 0;               ///< x_p
  double a = 0, b = 0;            ///< N / mm, N / mm^2
  double from_mm = 0, to_mm = 0;  ///< x of the samples that count
  double force_n(double m) const { return kappa * contact_power(at_mm, m); }
};

/// What the model says of one sample: its value, and its derivatives to kappa, x_p, a, b.
struct Predicted {
  double value = 0;
  std::array<double, kUnknowns> by{};
  bool on_rise = false;  ///< nothing behind the corner has reached the reading yet: only the first derivative is not 0
};

class Model {
 public:
  Model(double exponent, const CellResponse& response, double sample_rate_hz)
      : m_(exponent), ideal_(response.is_ideal()), at_rest_(response, 1 / (kSteps * sample_rate_hz)) {}

  /// Visits the samples of a stroke that the model holds for: from the upper rise to the end of the window. In one
  /// piece with who asks, whose sums stay in registers then.
  template <class Visit>
  [[gnu::always_inline]] void each(const PunctureSearch& stroke, const Corner& corner, double own_mm,
                                   const Visit& visit) const {
    const double at = corner.at_mm + own_mm;
    const std::size_t end = std::min(stroke.after + 1, stroke.position_mm.size());
    const auto wanted = [&](double x) { return x > corner.from_mm && x <= corner.to_mm; };
    const Law law(*this, corner, at);
    if (ideal_) {
      for (std::size_t i = 0; i < end; ++i) {
        const double x = stroke.position_mm[i] - stroke.contact_mm;
        if (!wanted(x)) continue;
        if (x > at) {
          visit(i, true, law.behind(law.parts_behind(x)));
        } else {
          visit(i, false, law.on_rise(law.rise(x)));
        }
      }
      return;
    }
    // One filter a part; those of what lies behind the corner rest until it is passed first.
    std::array<ResponseFilter, 4> filters{at_rest_, at_rest_, at_rest_, at_rest_};
    Parts read{};
    bool passed = false;
    for (std::size_t i = 1; i < end; ++i) {
      const double from = stroke.position_mm[i - 1] - stroke.contact_mm;
      const double to = stroke.position_mm[i] - stroke.contact_mm;
      if (to <= 0) continue;
      if (from > corner.to_mm) return;
      for (int j = 1; j <= kSteps; ++j) {
        const double x = from + (to - from) * j / kSteps;
        passed = passed || x > at;
        if (!passed) {
          read[0] = filters[0].next(law.rise(x));
          continue;
        }
        const Parts now = x > at ? law.parts_behind(x) : Parts{law.rise(x)};
        for (std::size_t k = 0; k < now.size(); ++k) read[k] = filters[k].next(now[k]);
      }
      if (wanted(to)) visit(i, to > at, passed ? law.behind(read) : law.on_rise(read[0]));
    }
  }

 private:
  static constexpr int kSteps = 8;              ///< between two samples
  using Parts = std::array<double, kUnknowns>;  ///< min(x, x_p)^m; behind the corner 1, s, s^2

  /// The law for one corner, with what does not change from sample to sample.
  class Law {
   public:
    Law(const Model& model, const Corner& c, double at)
        : m_(model.m_), at_(at), c_(c), power_(contact_power(at, m_)), slope_(c.kappa * m_ * power_ / at) {}
    double rise(double x) const { return x > 0 ? contact_power(x, m_) : 0; }
    Parts parts_behind(double x) const {
      const double s = x - at_;
      return {power_, 1, s, s * s};
    }
    Predicted on_rise(double part) const { return {c_.kappa * part, {part, 0, 0, 0}, true}; }
    Predicted behind(const Parts& p) const {
      return {c_.kappa * p[0] - c_.a * p[2] - c_.b * p[3],
              {p[0], (slope_ + c_.a) * p[1] + 2 * c_.b * p[2], -p[2], -p[3]},
              false};
    }

   private:
    double m_, at_;
    const Corner& c_;
    double power_, slope_;
  };

  double m_;
  bool ideal_;
  ResponseFilter at_rest_;
};

using Matrix = std::array<std::array<double, kUnknowns>, kUnknowns>;

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

/// Sums over all strokes for one corner.
struct Sums {
  Matrix normal{};
  std::array<double, kUnknowns> right{};
  double squares = 0;
  std::size_t n = 0, behind = 0;
};

Sums sums_of(std::span<const PunctureSearch> strokes, const Model& model, const Corner& corner) {
  Sums s;
  // Two columns at a time; what lies left of the diagonal stands right of it as well.
  Two right0{}, right2{}, row0{}, row0_2{}, row1{}, row1_2{}, row2_2{}, row3_2{};
  double squares = 0;
  std::size_t n = 0, behind = 0;
  for (const PunctureSearch& stroke : strokes) {
    model.each(stroke, corner, 0, [&](std::size_t i, bool is_behind, const Predicted& p) {
      const double r = stroke.read_n[i] - p.value;
      const Two by0{p.by[0], p.by[1]};
      row0 += p.by[0] * by0;
      right0 += by0 * r;
      squares += r * r;
      ++n;
      behind += is_behind ? 1U : 0U;
      if (p.on_rise) return;
      const Two by2{p.by[2], p.by[3]};
      row0_2 += p.by[0] * by2;
      row1 += p.by[1] * by0;
      row1_2 += p.by[1] * by2;
      row2_2 += p.by[2] * by2;
      row3_2 += p.by[3] * by2;
      right2 += by2 * r;
    });
  }
  s.normal = {{{row0[0], row0[1], row0_2[0], row0_2[1]},
               {row0[1], row1[1], row1_2[0], row1_2[1]},
               {row0_2[0], row1_2[0], row2_2[0], row2_2[1]},
               {row0_2[1], row1_2[1], row2_2[1], row3_2[1]}}};
  s.right = {right0[0], right0[1], right2[0], right2[1]};
  s.squares = squares;
  s.n = n;
  s.behind = behind;
  return s;
}

struct Settled {
  Corner corner;
  double u_force_n = 0, u_a = 0;
};

/// The pool's corner from a first guess, by Levenberg and Marquardt's steps: from far off a whole step leads astray.
std::optional<Settled> settle(std::span<const PunctureSearch> strokes, const Model& model, Corner corner, double m) {
  double damping = 1e-2;
  Sums now = sums_of(strokes, model, corner);
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
    const Sums then = possible ? sums_of(strokes, model, next) : Sums{};
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
  const std::array<double, 2> by{contact_power(corner.at_mm, m), m * corner.force_n(m) / corner.at_mm};
  double u2 = 0;
  for (std::size_t a = 0; a < 2; ++a) {
    for (std::size_t b = 0; b < 2; ++b) u2 += by[a] * (*covariance)[a][b] * by[b];
  }
  const double variance = now.squares / static_cast<double>(now.n - kUnknowns);
  return Settled{corner, std::sqrt(u2 * variance), std::sqrt((*covariance)[2][2] * variance)};
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
  const Model model(m, response, sample_rate_hz);
  guess.a = 0.5 * peak / window_mm;
  std::optional<Settled> settled;
  // The second time the samples are those about the corner that was found.
  for (int round = 0; round < 2; ++round) {
    guess.from_mm = kUpperRise * guess.at_mm;
    guess.to_mm = guess.at_mm + window_mm;
    settled = settle(strokes, model, guess, m);
    if (!settled) return std::nullopt;
    guess = settled->corner;
  }
  // Where the force stands still before it falls there is no corner that this could find.
  if (!(settled->corner.a > 2 * settled->u_a)) return std::nullopt;
  // A fall that is none of the model's shape gives another corner in a narrower window.
  Corner narrow = settled->corner;
  narrow.to_mm = narrow.at_mm + kNarrow * window_mm;
  const std::optional<Settled> nearer = settle(strokes, model, narrow, m);
  if (!nearer) return std::nullopt;
  const double moved = nearer->corner.force_n(m) - settled->corner.force_n(m);

  const Corner& corner = settled->corner;
  double sum = 0, squares = 0;
  std::size_t n = 0;
  for (PunctureSearch& stroke : strokes) {
    double own = 0;
    const double most = 0.5 * window_mm;
    for (int iteration = 0; iteration < 6; ++iteration) {
      double normal = 0, right = 0;
      model.each(stroke, corner, own, [&](std::size_t i, bool, const Predicted& p) {
        normal += p.by[1] * p.by[1];
        right += p.by[1] * (stroke.read_n[i] - p.value);
      });
      if (!(normal > 0)) break;
      own = std::clamp(own + right / normal, -most, most);
    }
    stroke.puncture_n = corner.kappa * contact_power(corner.at_mm + own, m);
    sum += stroke.puncture_n;
    model.each(stroke, corner, own, [&](std::size_t i, bool, const Predicted& p) {
      squares += (stroke.read_n[i] - p.value) * (stroke.read_n[i] - p.value);
      ++n;
    });
  }
  // What strokes of their own corners still differ by is no noise: the model does not fit so well.
  const double misfit2 = std::max(0.0, squares / static_cast<double>(n) - noise_n * noise_n);
  const double u2 = settled->u_force_n * settled->u_force_n + misfit2 + moved * moved;
  return PunctureFit{sum / static_cast<double>(strokes.size()), std::sqrt(u2)};
}

}  // namespace penrig
