#include "rig/measure/cycle_fit.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "rig/measure/crank_series.hpp"
#include "rig/measure/cycle_bounds.hpp"
#include "rig/measure/cycle_series.hpp"
#include "rig/measure/harmonics.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/measure/stroke_shape.hpp"
#include "rig/measure/top_remainder.hpp"

namespace penrig {

namespace {

constexpr int kFewestHarmonics = 4;

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

std::vector<std::size_t> all_of(std::span<const CycleFit> fits) {
  std::vector<std::size_t> all(fits.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

bool are_of_cranks(std::span<const CycleFit> fits) {
  return std::ranges::all_of(fits, [](const CycleFit& fit) { return fit.harmonics <= kCrankHarmonics; });
}

/// From the bottom to the top of each; of one without harmonics 0.
std::vector<double> swings_of(std::span<const CycleFit> fits) {
  std::vector<double> swings;
  if (are_of_cranks(fits)) {
    const std::vector<std::size_t> all = all_of(fits);
    const std::vector<CycleFit::Point> tops = points_at(fits, all, extremes_near(fits, all, 0.5));
    for (const std::size_t i : all) swings.push_back(tops[i].value - fits[i].at_bottom().value);
    return swings;
  }
  for (const CycleFit& f : fits)
    swings.push_back(f.harmonics > 0 ? f.at_turns(highest_of(f)).value - f.at_bottom().value : 0);
  return swings;
}

/// The fits of whole strokes among neighbours, with whole ones on both sides: those whose length, height and noise are
/// near the median. A missed or double stroke has harmonics of its own, and moves the bottoms beside it.
std::vector<CycleFit> undisturbed(std::vector<CycleFit> fits) {
  constexpr double kAlike = 0.1;
  std::vector<double> periods, sorted;
  const std::vector<double> swings = swings_of(fits);
  for (std::size_t i = 0; i < fits.size(); ++i) {
    if (fits[i].harmonics == 0) continue;
    periods.push_back(fits[i].period);
    sorted.push_back(swings[i]);
  }
  if (periods.empty()) return {};
  const double period = median_of(periods), height = median_of(sorted), noise = typical_noise(fits);
  std::vector<bool> whole;
  for (std::size_t i = 0; i < fits.size(); ++i) {
    const CycleFit& f = fits[i];
    whole.push_back(f.harmonics > 0 && std::abs(f.period - period) <= kAlike * period &&
                    std::abs(swings[i] - height) <= kAlike * height && noise_of(f) <= 3 * noise + 1);
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < fits.size(); ++i) {
    const bool before = i == 0 || whole[i - 1], after = i + 1 == fits.size() || whole[i + 1];
    if (!before || !whole[i] || !after) continue;
    if (kept != i) fits[kept] = fits[i];
    ++kept;
  }
  fits.resize(kept);
  return fits;
}

/// Samples near a bottom that is not seen belong to what lies beside it.
CyclePart part_within(const CycleBounds& b) {
  constexpr double kBeside = 0.06;  // turns
  const double beside = kBeside * (b.end - b.start);
  return {b.start, b.end, b.start_is_own ? beside : 0, b.end_is_own ? beside : 0};
}

std::vector<CyclePart> parts_within(std::span<const CycleBounds> bounds) {
  std::vector<CyclePart> parts;
  parts.reserve(bounds.size());
  for (const CycleBounds& b : bounds) parts.push_back(part_within(b));
  return parts;
}

/// What was fitted to choose the number of harmonics, from one of the cycles on.
struct Probes {
  std::size_t from = 0;
  CrankSeries series;
};

double typical_length(std::span<const CycleBounds> bounds) {
  std::vector<double> lengths;
  lengths.reserve(bounds.size());
  for (const CycleBounds& b : bounds) lengths.push_back(b.end - b.start);
  return median_of(lengths);
}

/// Of a sample, from what blocks show: noise that is the same over a block is in both.
double noise_of_sums(const BlockSums& position, double from, double to) {
  const auto per_block = static_cast<double>(position.per_block());
  const auto first = static_cast<std::size_t>(std::max(0.0, std::ceil(from / per_block)));
  const auto last = std::min(static_cast<std::size_t>(std::ceil(to / per_block)), position.sums().size());
  return sample_noise(position.sums().subspan(first, last - first)) / std::sqrt(per_block);
}

/// At least four, for the fourth of a slider-crank (0.1 um) biases tops by more than one setting's noise can show;
/// fewer only where the samples of a stroke do not hold them. Up to six are tried always. Where the samples'
/// differences show less noise than six harmonics leave, and more of them stand out, it is no crank: then as many as
/// the samples hold, for those that just do not stand out add up. length: of a typical turn, samples.
int choose_harmonics(const BlockSums& position, std::span<const CycleBounds> bounds, double length, Probes& probes) {
  constexpr std::size_t kProbed = 40, kProbedLong = 12;
  constexpr double kLeft = 1.2;  // of the noise
  const double samples = std::floor(length);
  const int held = std::max(1, static_cast<int>((samples - 2) / 4));
  if (held < kFewestHarmonics) return held;
  probes.from = bounds.size() / 4;
  const auto probed = [&](std::size_t most) {
    return parts_within(bounds.subspan(probes.from, std::min(bounds.size() - probes.from, most)));
  };
  probes.series = CrankSeries(position, probed(kProbed));
  const std::span<const CycleFit> whole = probes.series.whole();
  const std::vector<CycleFit> usual = undisturbed({whole.begin(), whole.end()});
  if (usual.empty()) return kFewestHarmonics;
  const int few = highest_that_stands_out(usual, kFewestHarmonics);
  const double seen = noise_of_sums(position, usual.front().start, usual.back().start + usual.back().period);
  if (typical_noise(usual) <= kLeft * seen) return few;
  const int most = std::min(kMaxHarmonics, static_cast<int>(samples / 5));
  if (most <= kCrankHarmonics) return few;
  std::vector<CycleFit> fine = fit_series(position, probed(kProbedLong), most);
  return highest_that_stands_out(undisturbed(std::move(fine)), few) > kCrankHarmonics ? most : few;
}

/// Series for the bottoms: those that follow from what was fitted, and the others from fewer blocks.
std::vector<CycleFit> fit_for_bottoms(const BlockSums& position, std::span<const CycleBounds> bounds,
                                      const Probes& probes, int harmonics) {
  std::vector<CycleFit> known(bounds.size());
  if (harmonics <= kCrankHarmonics) {
    std::vector<CycleFit> probed = probes.series.with(harmonics);
    std::move(probed.begin(), probed.end(), known.begin() + static_cast<std::ptrdiff_t>(probes.from));
  }
  std::vector<std::size_t> others;
  std::vector<CyclePart> parts;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    if (known[i].harmonics > 0) continue;
    others.push_back(i);
    parts.push_back(part_within(bounds[i]));
  }
  if (parts.empty()) return known;
  const std::vector<CycleFit> fits = fit_series(position.coarser(), parts, harmonics);
  for (std::size_t i = 0; i < fits.size(); ++i) known[others[i]] = fits[i];
  return known;
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
  return fit.top - fit.at_index(top).value > kLower * (fit.top - fit.at_bottom().value);
}

/// Where the fitted curves have their first bottoms, as far as these may move: samples after they begin. A cycle that
/// begins or ends at rest, shares its turn with another, or is none, fits badly and must not shift its neighbour's
/// bottom.
std::vector<std::optional<double>> shifts_of(std::span<const CycleFit> fits) {
  constexpr double kMostShift = 0.03;  // turns by which a bottom may still be off after the parabola
  const double typical = typical_noise(fits), period = typical_period(fits);
  std::vector<std::size_t> sound;
  for (std::size_t i = 0; i < fits.size(); ++i) {
    const CycleFit& f = fits[i];
    if (f.harmonics == 0 || noise_of(f) > 3 * typical + 1) continue;
    if (std::abs(f.period - period) <= kSameLength * period) sound.push_back(i);
  }
  std::vector<double> turns;
  if (are_of_cranks(fits)) {
    turns = extremes_near(fits, sound, 0);
  } else {
    for (const std::size_t i : sound) turns.push_back(extreme_near(fits[i], 0));
  }
  std::vector<std::optional<double>> shifts(fits.size());
  for (std::size_t w = 0; w < sound.size(); ++w) {
    if (std::abs(turns[w]) < kMostShift) shifts[sound[w]] = turns[w] * fits[sound[w]].period;
  }
  return shifts;
}

}  // namespace

double extreme_near(const CycleFit& fit, double turns) {
  double at = turns;
  for (int i = 0; i < 6; ++i) {
    const CycleFit::Point p = fit.at_turns(at);
    if (p.curvature == 0) break;
    const double step = -p.slope / p.curvature / kTwoPi;
    at = std::clamp(at + step, turns - 1.0 / 6, turns + 1.0 / 6);
    if (std::abs(step) < 1e-7) break;  // what is left is as its square
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
  return median_of(noise);
}

CycleFit::Point CycleFit::at_turns(double turns) const {
  const Complex w = turn(turns);
  Complex p = w;
  Point out{c[0], 0, 0};
  double harmonic = 1;
  for (int k = 1; k <= harmonics; ++k, ++harmonic) {
    const double a = c[cosine_term(k)], b = c[sine_term(k)];
    const double value = a * p.re + b * p.im;
    out.value += value;
    out.slope += harmonic * (b * p.re - a * p.im);
    out.curvature -= harmonic * harmonic * value;
    p = multiply(p, w);
  }
  return out;
}

CycleFit::Point CycleFit::at_bottom() const {
  Point out{c[0], 0, 0};
  double harmonic = 1;
  for (int k = 1; k <= harmonics; ++k, ++harmonic) {
    out.value += c[cosine_term(k)];
    out.slope += harmonic * c[sine_term(k)];
    out.curvature -= harmonic * harmonic * c[cosine_term(k)];
  }
  return out;
}

CycleFit::Point CycleFit::at_index(double index) const {
  const double rate = kTwoPi / period;
  const Point p = at_turns((index - start) / period);
  return {p.value, p.slope * rate, p.curvature * rate * rate};
}

std::vector<CycleFit> fit_cycles(std::span<const std::int32_t> position, std::span<const RawCycle> cycles,
                                 int harmonics) {
  std::vector<CycleFit> fits;
  if (cycles.empty()) return fits;
  std::vector<CycleBounds> bounds = bounds_of(position, cycles);
  const double length = typical_length(bounds);
  const BlockSums sums(position, length);
  Probes probes;
  if (harmonics == 0) harmonics = choose_harmonics(sums, bounds, length, probes);
  for (int pass = 0; pass < 2; ++pass) {
    // The first pass is for the bottoms, and the second looks for them once more.
    fits = pass == 0 ? fit_for_bottoms(sums, bounds, probes, harmonics)
                     : fit_series_and_tops(sums, parts_within(bounds), harmonics);
    for (std::size_t i = 0; i < bounds.size(); ++i)
      fits[i].beside_fault = bounds[i].start_is_own || bounds[i].end_is_own;
    if (pass == 1) break;
    const std::vector<std::optional<double>> shifts = shifts_of(fits);
    std::vector<CycleBounds> better = bounds;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
      const std::optional<double> own = shifts[i];
      const bool joined = i + 1 < bounds.size() && bounds[i].end == bounds[i + 1].start;
      const bool alone = i == 0 || bounds[i - 1].end != bounds[i].start;
      if (alone && !bounds[i].start_is_own) better[i].start += own.value_or(0);
      const std::optional<double> next = joined ? shifts[i + 1] : std::nullopt;
      if (!bounds[i].end_is_own) better[i].end += own && next ? 0.5 * (*own + *next) : own ? *own : next.value_or(0);
      if (joined) better[i + 1].start = better[i].end;
    }
    bounds = std::move(better);
  }
  for (std::size_t i = 0; i < fits.size(); ++i) {
    if (cycles[i].cut || is_elsewhere(fits[i], static_cast<double>(cycles[i].top))) fits[i].harmonics = 0;
  }
  sharpen_tops(sums, fits);
  if (harmonics > kCrankHarmonics || harmonics < kFewestHarmonics) add_what_harmonics_leave(position, fits);
  for (std::size_t i = 0; i < fits.size(); ++i) {
    fits[i].swing = std::abs(static_cast<double>(position[cycles[i].first_bottom]) - position[cycles[i].second_bottom]);
  }
  return fits;
}

}  // namespace penrig
