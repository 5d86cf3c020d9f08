#include "rig/measure/cycle_series.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "rig/measure/harmonic_sums.hpp"

namespace penrig {

namespace {

constexpr std::size_t in_lanes(std::size_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

/// Least squares of a series with up to Most harmonics. Up to as many as a crank has, there are exactly Most of them,
/// which the compiler then knows.
template <int Most>
class FourierSeries {
 public:
  explicit FourierSeries(int harmonics) : harmonics_(Most <= kCrankHarmonics ? Most : harmonics) {}

  bool solve(const TurnSamples& s, CycleFit& fit) {
    solved_.own = rows();
    solved_.base = s.base;
    take_gain(s, fit);
    fill_normal(s);
    fill_right(s);
    if (!solved_.normal.factorise(rows())) return false;
    solved_.take(harmonics(), fit);
    return true;
  }
  const auto& solved() const { return solved_; }

  void find_top(CycleFit& fit) const {
    fit.top_turns = highest_of(fit);
    const CycleFit::Point p = fit.at_turns(fit.top_turns);
    fit.top = p.value;
    // What a coefficient adds to the value there, and to the slope.
    std::array<Two, kTerms> by;
    by[0] = Two{1 / solved_.gain[0], 0};
    const Complex w = turn(fit.top_turns);
    Complex v = w;
    for (int k = 1; k <= harmonics(); ++k) {
      const double of_sum = 1 / solved_.gain[static_cast<std::size_t>(k)];
      by[cosine_term(k)] = Two{v.re, -k * v.im} * of_sum;
      by[sine_term(k)] = Two{v.im, k * v.re} * of_sum;
      v = multiply(v, w);
    }
    const Two variances = solved_.normal.quadratic(rows(), by) * solved_.gain[0];
    fit.u_top = std::sqrt(variances[0]);
    fit.u_time = std::sqrt(variances[1]) / std::abs(p.curvature) * fit.period / kTwoPi;
  }

 private:
  static constexpr std::size_t kTerms = 2 * Most + 1;

  int harmonics() const { return Most <= kCrankHarmonics ? Most : harmonics_; }
  std::size_t rows() const { return 2 * static_cast<std::size_t>(harmonics()) + 1; }

  /// The boxcar's response to each harmonic.
  void take_gain(const TurnSamples& s, const CycleFit& fit) {
    solved_.gain.fill(1);
    if (fit.per_block == 1) return;
    const double per_block = solved_.gain[0] = static_cast<double>(fit.per_block);
    const double half = 0.5 * s.step_turns;  // of a block
    for (int k = 1; k <= harmonics(); ++k) {
      const SinCosOfTwo of_block_and_sample = sin_cos_turns(Two{k * half, k * half / per_block});
      solved_.gain[static_cast<std::size_t>(k)] = of_block_and_sample.sin[0] / of_block_and_sample.sin[1];
    }
  }

  /// Normal matrix from the sums of e^{i k theta} over the samples, k = 0 .. 2 harmonics.
  void fill_normal(const TurnSamples& s) {
    const std::size_t twice = 2 * static_cast<std::size_t>(harmonics());
    std::array<Complex, in_lanes(std::size_t{2} * Most) + 1> sums;
    sums[0] = {static_cast<double>(s.n), 0};
    phase_sums(s, in_lanes(twice), &sums[1]);
    const auto cosine = [&](int k) { return sums[static_cast<std::size_t>(k)].re; };
    const auto sine = [&](int k) { return sums[static_cast<std::size_t>(k)].im; };
    solved_.normal.at(0, 0) = cosine(0);
    for (int a = 1; a <= harmonics(); ++a) {
      const std::size_t ca = cosine_term(a), sa = sine_term(a);
      solved_.normal.at(ca, 0) = cosine(a);
      solved_.normal.at(sa, 0) = sine(a);
      for (int b = 1; b <= a; ++b) {
        const std::size_t cb = cosine_term(b), sb = sine_term(b);
        solved_.normal.at(ca, cb) = 0.5 * (cosine(a - b) + cosine(a + b));
        solved_.normal.at(sa, sb) = 0.5 * (cosine(a - b) - cosine(a + b));
        solved_.normal.at(sa, cb) = 0.5 * (sine(a + b) + sine(a - b));
        if (sb < ca) solved_.normal.at(ca, sb) = 0.5 * (sine(a + b) - sine(a - b));
      }
    }
  }

  void fill_right(const TurnSamples& s) {
    const auto count = static_cast<std::size_t>(harmonics());
    for (std::size_t before = 0; before < count; before += kLanes) {
      const HarmonicSums sums = harmonic_sums(s, before, std::min(kLanes, count - before));
      solved_.squares = sums.squares;
      solved_.normal.at(rows(), 0) = sums.sum;
      for (std::size_t k = 0; k < kLanes && before + k < count; ++k) {
        solved_.normal.at(rows(), 2 * (before + k) + 1) = sums.products[k].re;
        solved_.normal.at(rows(), 2 * (before + k) + 2) = sums.products[k].im;
      }
    }
  }

  int harmonics_;
  SolvedSeries<kTerms> solved_;
};

enum class Wanted { series, series_and_top };

template <int Most>
void fit_samples(const TurnSamples& samples, int harmonics, Wanted wanted, CycleFit& fit) {
  FourierSeries<Most> series(harmonics);
  if (series.solve(samples, fit) && wanted == Wanted::series_and_top) series.find_top(fit);
}

/// None where they are too few. into: gets start, period and their number.
std::optional<TurnSamples> samples_of(const BlockSums& position, const CyclePart& part, int harmonics, CycleFit& into) {
  const bool by_block = harmonics <= kCrankHarmonics;
  const std::span<const std::int32_t> counts = by_block ? position.sums() : position.counts();
  into.per_block = by_block ? position.per_block() : 1;
  into.start = part.start;
  into.period = part.end - part.start;
  const double from = part.start + part.skip_first, to = part.end - part.skip_last;
  if (!(from >= 0) || !(to <= static_cast<double>(position.counts().size())) || !(to - from > 1)) return std::nullopt;
  // Those whose middles lie inside.
  const auto per_block = static_cast<double>(into.per_block);
  const double middle = 0.5 * (per_block - 1);
  const auto first = static_cast<std::size_t>(std::ceil((from - middle) / per_block));
  const auto last = std::min(static_cast<std::size_t>(std::ceil((to - middle) / per_block)), counts.size());
  const std::size_t n = last > first ? last - first : 0;
  into.samples = n * into.per_block;
  if (n < 4 * static_cast<std::size_t>(harmonics) + 2) return std::nullopt;
  const double step = 1 / into.period;
  return TurnSamples{&counts[first], n, static_cast<double>(counts[first]),
                     (static_cast<double>(first) * per_block + middle - part.start) * step, per_block * step};
}

CycleFit fit(const BlockSums& position, const CyclePart& part, int harmonics, Wanted wanted) {
  CycleFit out;
  const std::optional<TurnSamples> held = samples_of(position, part, harmonics, out);
  if (!held) return out;
  const TurnSamples& samples = *held;
  switch (harmonics) {
    case 1:
      fit_samples<1>(samples, harmonics, wanted, out);
      break;
    case 2:
      fit_samples<2>(samples, harmonics, wanted, out);
      break;
    case 3:
      fit_samples<3>(samples, harmonics, wanted, out);
      break;
    case 4:
      fit_samples<4>(samples, harmonics, wanted, out);
      break;
    case 5:
      fit_samples<5>(samples, harmonics, wanted, out);
      break;
    case 6:
      fit_samples<6>(samples, harmonics, wanted, out);
      break;
    default:
      fit_samples<kMaxHarmonics>(samples, harmonics, wanted, out);
  }
  return out;
}

}  // namespace

CycleFit fit_series(const BlockSums& position, const CyclePart& part, int harmonics) {
  return fit(position, part, harmonics, Wanted::series);
}

CycleFit fit_series_and_top(const BlockSums& position, const CyclePart& part, int harmonics) {
  return fit(position, part, harmonics, Wanted::series_and_top);
}

CrankSeries::CrankSeries(const BlockSums& position, const CyclePart& part) {
  const std::optional<TurnSamples> samples = samples_of(position, part, kCrankHarmonics, whole_);
  if (!samples) return;
  FourierSeries<kCrankHarmonics> series(kCrankHarmonics);
  series.solve(*samples, whole_);
  solved_ = series.solved();
}

CycleFit CrankSeries::with(int harmonics) const {
  CycleFit fit;
  fit.start = whole_.start;
  fit.period = whole_.period;
  fit.samples = whole_.samples;
  fit.per_block = whole_.per_block;
  solved_.take(harmonics, fit);
  return fit;
}

}  // namespace penrig
