#include "rig/measure/stroke_shape.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "rig/measure/crank_series.hpp"
#include "rig/measure/cycle_series.hpp"
#include "rig/measure/harmonics.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/measure/turned_harmonics.hpp"

namespace penrig {

namespace {

/// What the strokes have in common: the harmonics of their mean that stand out of the noise, each stroke turned back by
/// its own lag. k counts from 1.
struct Shape {
  std::array<Complex, kMaxHarmonics + 1> c{};  ///< of cos k theta (re) and sin k theta (im), counts
  std::array<bool, kMaxHarmonics + 1> used{};
  double sharpness = 0;  ///< sum of k^2 |c_k|^2: what a lag is seen by
  int terms = 1;         ///< of the series, with its constant
  double top_turns = 0.5;
};

Complex harmonic(const CycleFit& fit, int k) { return {fit.c[cosine_term(k)], fit.c[sine_term(k)]}; }

/// A set of strokes that may share a shape: whole ones, of nearly one amplitude.
struct Family {
  std::vector<std::size_t> strokes;  ///< indices into the fits
  double variance = 0;               ///< of one sample's noise, counts^2
  double samples = 0;                ///< of all together
};

Family family_of(std::span<const CycleFit> fits) {
  constexpr double kAlike = 0.1;  // share of the amplitude, and of the period, by which strokes of one shape may differ
  Family family;
  const double typical = typical_noise(fits);
  std::vector<std::size_t> whole;
  std::vector<double> amplitudes, periods;
  for (auto* of : {&amplitudes, &periods}) of->reserve(fits.size());
  whole.reserve(fits.size());
  for (std::size_t i = 0; i < fits.size(); ++i) {
    const CycleFit& fit = fits[i];
    if (fit.harmonics == 0 || fit.beside_fault || noise_of(fit) > 3 * typical + 1) continue;
    const Complex c = harmonic(fit, 1);
    whole.push_back(i);
    amplitudes.push_back(std::sqrt(c.re * c.re + c.im * c.im));
    periods.push_back(fit.period);
  }
  if (whole.empty()) return family;
  std::vector<double> any_order = amplitudes;
  const double median = median_of(any_order), period = median_of(periods);
  family.strokes.reserve(whole.size());
  double ss = 0, freedom = 0;
  for (std::size_t w = 0; w < whole.size(); ++w) {
    const CycleFit& fit = fits[whole[w]];
    if (std::abs(amplitudes[w] - median) > kAlike * median || std::abs(fit.period - period) > kAlike * period) continue;
    family.strokes.push_back(whole[w]);
    ss += fit.residual_ss;
    freedom += static_cast<double>(fit.freedom());
    family.samples += static_cast<double>(fit.samples);
  }
  family.variance = ss / freedom;
  return family;
}

/// Mean over the family of each harmonic, lags taken out; those that noise alone would give in 0.5 % of records are
/// left out. A few rounds: the lags come from the shape.
Shape shape_of(std::span<const CycleFit> fits, const Family& family, std::vector<double>& lags) {
  constexpr double kChiSquared = 10.6;  // 99.5 %, two degrees of freedom
  const auto n = static_cast<double>(family.strokes.size());
  const int harmonics = fits[family.strokes.front()].harmonics;
  Shape shape;
  TurnedHarmonics turned(family.strokes.size(), static_cast<std::size_t>(harmonics));
  for (std::size_t w = 0; w < family.strokes.size(); ++w) {
    const CycleFit& fit = fits[family.strokes[w]];
    for (int k = 1; k <= harmonics; ++k) turned.set(w, static_cast<std::size_t>(k), harmonic(fit, k));
  }
  std::vector<Complex> sums(static_cast<std::size_t>(harmonics)), weights(sums.size());
  for (int round = 0; round < 3; ++round) {
    turned.turn_back(sums);
    shape = Shape{};
    for (int k = 1; k <= harmonics; ++k) {
      const auto at = static_cast<std::size_t>(k);
      const Complex mean{sums[at - 1].re / n, sums[at - 1].im / n};
      const double power = mean.re * mean.re + mean.im * mean.im;
      // Each coefficient of the mean has the variance 2 v / samples.
      if (k > 1 && power < kChiSquared * 2 * family.variance / family.samples) continue;
      shape.c[at] = mean;
      shape.used[at] = true;
      shape.sharpness += k * k * power;
      shape.terms += 2;
    }
    // How much later than the shape a stroke is than it was turned back by: least squares over all harmonics of the
    // shape, to first order.
    for (std::size_t k = 1; k <= weights.size(); ++k) {
      const double share = static_cast<double>(k) / shape.sharpness / kTwoPi;
      weights[k - 1] = {share * shape.c[k].re, share * shape.c[k].im};
    }
    turned.add_to_lags(weights);
  }
  for (std::size_t w = 0; w < family.strokes.size(); ++w) lags[family.strokes[w]] = turned.lag(w);
  CycleFit mean;
  mean.harmonics = harmonics;
  for (int k = 1; k <= harmonics; ++k) {
    mean.c[cosine_term(k)] = shape.c[static_cast<std::size_t>(k)].re;
    mean.c[sine_term(k)] = shape.c[static_cast<std::size_t>(k)].im;
  }
  shape.top_turns = highest_of(mean);
  return shape;
}

/// Whether the tops of the fits differ from those of the shape by no more than noise makes them (Hausman's test): then
/// the strokes have one shape, and the shape's tops are as right as those of the fits, and quieter.
bool is_one_shape(std::span<const CycleFit> fits, const Family& family, const Shape& shape,
                  const std::vector<double>& lags) {
  const auto n = static_cast<double>(family.strokes.size());
  const double u_shape2 = 2 * family.variance * n / family.samples / shape.sharpness / (kTwoPi * kTwoPi);  // turns^2
  double seen = 0, expected = 0;
  for (const std::size_t i : family.strokes) {
    const double d = fits[i].top_turns - shape.top_turns - lags[i];
    const double u = fits[i].u_time / fits[i].period;
    seen += d * d;
    expected += u * u * family.variance - u_shape2;
  }
  constexpr double kConfidence = 1 - 1e-6;  // a record of one shape that is taken for another loses a factor of five
  return expected > 0 && seen < expected * chi_squared_quantile(kConfidence, n) / n;
}

/// What a change of speed within the turn does to a stroke of this shape, to first order, for a phase that runs ahead
/// by eta b(v) at v of the axis (turns): its harmonics, how far the shape's lag and the fitted top move, and what the
/// top itself does.
struct SpeedChange {
  std::array<Complex, kMaxHarmonics + 1> c{};  ///< less what the lag explains
  double lag = 0, fitted_top = 0, top = 0;     ///< turns for an eta of 1
};

/// bump: b(v), 0 at both ends.
template <class Bump>
SpeedChange speed_change(const Shape& shape, int harmonics, Bump bump) {
  constexpr int kPoints = 512;
  CycleFit mean;
  mean.harmonics = harmonics;
  for (int k = 1; k <= harmonics; ++k) {
    mean.c[cosine_term(k)] = shape.c[static_cast<std::size_t>(k)].re;
    mean.c[sine_term(k)] = shape.c[static_cast<std::size_t>(k)].im;
  }
  CycleFit moved;  // the projection of slope times bump on the harmonics
  moved.harmonics = harmonics;
  for (int j = 0; j < kPoints; ++j) {
    const double v = (j + 0.5) / kPoints;
    const double dz = mean.at_turns(v).slope * kTwoPi * bump(v) * 2 / kPoints;
    const Complex w = turn(v);
    Complex p = w;
    for (int k = 1; k <= harmonics; ++k) {
      moved.c[cosine_term(k)] += dz * p.re;
      moved.c[sine_term(k)] += dz * p.im;
      p = multiply(p, w);
    }
  }
  SpeedChange change;
  change.top = -bump(shape.top_turns);
  change.fitted_top = -moved.at_turns(shape.top_turns).slope / mean.at_turns(shape.top_turns).curvature / kTwoPi;
  double sum = 0;
  for (int k = 1; k <= harmonics; ++k) {
    const Complex c = harmonic(moved, k), m = shape.c[static_cast<std::size_t>(k)];
    sum += k * (c.im * m.re - c.re * m.im);
  }
  change.lag = sum / shape.sharpness / kTwoPi;
  for (int k = 1; k <= harmonics; ++k) {
    const Complex c = harmonic(moved, k), m = shape.c[static_cast<std::size_t>(k)];
    const double turned = kTwoPi * k * change.lag;  // a lag adds i k lag times the harmonic
    change.c[static_cast<std::size_t>(k)] = {c.re + turned * m.im, c.im - turned * m.re};
  }
  return change;
}

/// How far the strokes' harmonics lie from a shape whose speed changes this way, each by as much as its two tops (the
/// fit's and the shape's) say; counts^2 over all.
double misfit(std::span<const CycleFit> fits, const Family& family, const Shape& shape, const std::vector<double>& lags,
              const SpeedChange& change) {
  double sum = 0;
  for (const std::size_t i : family.strokes) {
    const CycleFit& fit = fits[i];
    const double eta = (fit.top_turns - shape.top_turns - lags[i]) / (change.fitted_top - change.lag);
    for (int k = 1; k <= fit.harmonics; ++k) {
      const auto at = static_cast<std::size_t>(k);
      const Complex c = multiply(harmonic(fit, k), turn(-k * lags[i]));
      const double re = c.re - shape.c[at].re - eta * change.c[at].re,
                   im = c.im - shape.c[at].im - eta * change.c[at].im;
      sum += re * re + im * im;
    }
  }
  return sum;
}

/// Where the speed changes within the turn, the fitted top follows only as far as its harmonics can. Where the record
/// shows that it changes at dead centres, at once, what they miss is known and put right: it is a fixed share of the
/// distance between the fit's top and the shape's. A speed that changes evenly needs no such thing.
void follow_speed(std::vector<CycleFit>& fits, const Family& family, const Shape& shape,
                  const std::vector<double>& lags) {
  const int harmonics = fits[family.strokes.front()].harmonics;
  const SpeedChange at_once = speed_change(shape, harmonics, [](double v) { return std::min(v, 1 - v); });
  const SpeedChange evenly = speed_change(shape, harmonics, [](double v) { return 2 * v * (1 - v); });
  if (misfit(fits, family, shape, lags, at_once) > misfit(fits, family, shape, lags, evenly)) return;
  const double share = (at_once.top - at_once.fitted_top) / (at_once.fitted_top - at_once.lag);
  for (const std::size_t i : family.strokes) {
    CycleFit& fit = fits[i];
    const double u_shape2 = 2 / static_cast<double>(fit.samples) / shape.sharpness / (kTwoPi * kTwoPi);  // turns^2
    const double u_fit = fit.u_time / fit.period;
    fit.top_turns += share * (fit.top_turns - shape.top_turns - lags[i]);
    // The shape's top is the part of the fit's that they share.
    fit.u_time = fit.period * std::sqrt((1 + share) * (1 + share) * (u_fit * u_fit - u_shape2) + u_shape2);
  }
}

/// A phase axis: where a stroke's turn begins and how long it is, samples.
struct Axis {
  double start = 0, period = 0;
};

/// Axes about the strokes' own times, as long as the neighbours' times say, or as fitted where both are missing.
/// times: 0 where it is not known.
std::vector<Axis> axes_between_neighbours(std::span<const CycleFit> fits, const Family& family,
                                          const std::vector<double>& times, double top_turns) {
  constexpr double kNextTurn = 1.3;  // periods
  std::vector<Axis> axes;
  for (std::size_t w = 0; w < family.strokes.size(); ++w) {
    const std::size_t i = family.strokes[w];
    // A turn without a stroke may lie between two that follow each other.
    const auto next_to_each_other = [&](std::size_t a, std::size_t b) {
      const double turns = (times[b] - times[a]) / fits[i].period;
      return times[a] != 0 && times[b] != 0 && turns > 2 - kNextTurn && turns < kNextTurn;
    };
    const bool before = i > 0 && next_to_each_other(i - 1, i);
    const bool after = i + 1 < fits.size() && next_to_each_other(i, i + 1);
    const double span = (after ? times[i + 1] : times[i]) - (before ? times[i - 1] : times[i]);
    const double period = before && after ? span / 2 : before || after ? span : fits[i].period;
    axes.push_back({times[i] - top_turns * period, period});
  }
  return axes;
}

/// Whether the periods of neighbours differ so much more than the noise of the bottoms makes the fitted axes differ
/// that axes between neighbours need not be tried.
bool neighbours_differ(std::span<const CycleFit> fits, const Family& family, const std::vector<Axis>& axes) {
  constexpr double kMedianOfChiSquared = 0.455, kHopeless = 10;
  std::vector<double> tops, ratios;
  for (const std::size_t i : family.strokes) tops.push_back(fits[i].top_turns);
  const std::vector<CycleFit::Point> at_tops = points_at(fits, family.strokes, tops);
  for (std::size_t w = 0; w < axes.size(); ++w) {
    const CycleFit& fit = fits[family.strokes[w]];
    const double d = axes[w].period - fit.period;
    // Two bottoms, each as uncertain as the top but for its sharpness.
    const double u = fit.u_time * at_tops[w].curvature / fit.at_bottom().curvature;
    ratios.push_back(d * d / (2 * u * u * family.variance));
  }
  return !(median_of(ratios) < kHopeless * kMedianOfChiSquared);
}

/// Whether the harmonics that the shape leaves out hold nothing but noise, stroke by stroke. An axis that is a little
/// too long or too short moves the height of a top into them.
bool leaves_out_noise_only(std::span<const CycleFit> fits, const Family& family, const Shape& shape) {
  double seen = 0, freedom = 0;
  for (const std::size_t i : family.strokes) {
    for (int k = 1; k <= fits[i].harmonics; ++k) {
      if (shape.used[static_cast<std::size_t>(k)]) continue;
      const Complex c = harmonic(fits[i], k);
      seen += (c.re * c.re + c.im * c.im) * static_cast<double>(fits[i].samples) / (2 * family.variance);
      freedom += 2;
    }
  }
  return freedom == 0 || seen < chi_squared_quantile(1 - 1e-4, freedom);
}

/// The strokes fitted anew about their own times, each as long as its neighbours say, and the shape of those fits;
/// false if strokes then differ from it by more than noise.
bool fit_between_neighbours(const BlockSums& position, std::vector<CycleFit>& fits, Family& family,
                            std::vector<double>& lags, Shape& shape) {
  std::vector<double> times(fits.size(), 0.0);
  for (std::size_t i = 0; i < fits.size(); ++i) {
    if (fits[i].harmonics > 0 && fits[i].beside_fault) times[i] = fits[i].top_index();
  }
  for (const std::size_t i : family.strokes) times[i] = fits[i].start + fits[i].period * (shape.top_turns + lags[i]);
  const std::vector<Axis> axes = axes_between_neighbours(fits, family, times, shape.top_turns);
  if (neighbours_differ(fits, family, axes)) return false;
  std::vector<CycleFit> anew(fits);
  std::vector<CyclePart> parts;
  for (const Axis& axis : axes) parts.push_back({axis.start, axis.start + axis.period});
  const std::vector<CycleFit> tried = fit_series(position, parts, fits[family.strokes.front()].harmonics);
  for (std::size_t w = 0; w < tried.size(); ++w) {
    if (tried[w].harmonics > 0) anew[family.strokes[w]] = tried[w];  // else the record ends there
  }
  const Family again = family_of(anew);
  if (again.strokes != family.strokes) return false;
  std::vector<double> lags_anew(fits.size(), 0.0);
  const Shape shape_anew = shape_of(anew, again, lags_anew);
  if (!leaves_out_noise_only(anew, again, shape_anew)) return false;
  fits = std::move(anew);
  family = again;
  lags = std::move(lags_anew);
  shape = shape_anew;
  return true;
}

/// The middle of the part of a shape, about its highest point, that lies no lower than a ten-thousandth of its height
/// below it: the top itself where that is round, and no ripple of a plateau where it is flat.
double middle_of_top(const Shape& shape, int harmonics) {
  constexpr double kFlat = 1e-4, kStep = 1.0 / 4096;
  CycleFit mean;
  mean.harmonics = harmonics;
  for (int k = 1; k <= harmonics; ++k) {
    mean.c[cosine_term(k)] = shape.c[static_cast<std::size_t>(k)].re;
    mean.c[sine_term(k)] = shape.c[static_cast<std::size_t>(k)].im;
  }
  const double highest = mean.at_turns(shape.top_turns).value;
  const double level = highest - kFlat * (highest - mean.at_bottom().value);
  double before = shape.top_turns, after = shape.top_turns;
  while (before > shape.top_turns - 0.4 && mean.at_turns(before - kStep).value >= level) before -= kStep;
  while (after < shape.top_turns + 0.4 && mean.at_turns(after + kStep).value >= level) after += kStep;
  return 0.5 * (before + after);
}

/// With many harmonics, a stroke's own highest point may be a ripple of noise on a flat top (a cam that dwells there):
/// all tops lie at that of the shape.
void take_tops_of_shape(std::vector<CycleFit>& fits, const Family& family, const Shape& shape,
                        const std::vector<double>& lags) {
  const double top_turns = middle_of_top(shape, fits[family.strokes.front()].harmonics);
  for (const std::size_t i : family.strokes) {
    CycleFit& fit = fits[i];
    fit.top_turns = top_turns + lags[i];
    fit.top = fit.at_turns(fit.top_turns).value;
    fit.u_time = std::sqrt(2 / static_cast<double>(fit.samples) / shape.sharpness) / kTwoPi * fit.period;
  }
}

}  // namespace

void sharpen_tops(const BlockSums& position, std::vector<CycleFit>& fits) {
  constexpr std::size_t kFewest = 8;
  Family family = family_of(fits);
  if (family.strokes.size() < kFewest) return;
  std::vector<double> lags(fits.size(), 0.0);
  Shape shape = shape_of(fits, family, lags);
  if (fits[family.strokes.front()].harmonics > kCrankHarmonics) {
    take_tops_of_shape(fits, family, shape, lags);
    return;
  }
  if (!is_one_shape(fits, family, shape, lags)) {
    follow_speed(fits, family, shape, lags);
    return;
  }
  const bool between = fit_between_neighbours(position, fits, family, lags, shape);
  std::vector<double> tops;
  for (const std::size_t i : family.strokes) tops.push_back(shape.top_turns + lags[i]);
  // On axes between bottoms, which noise moves, all harmonics together hold the top; else only those of the shape do.
  const std::vector<CycleFit::Point> at_tops =
      between ? points_at(fits, family.strokes, tops, shape.used) : points_at(fits, family.strokes, tops);
  for (std::size_t w = 0; w < family.strokes.size(); ++w) {
    CycleFit& fit = fits[family.strokes[w]];
    fit.top_turns = tops[w];
    fit.u_time = std::sqrt(2 / static_cast<double>(fit.samples) / shape.sharpness) / kTwoPi * fit.period;
    fit.top = at_tops[w].value;
    if (between) fit.u_top = std::sqrt(shape.terms / static_cast<double>(fit.samples));
  }
}

}  // namespace penrig
