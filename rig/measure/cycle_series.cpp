#include "rig/measure/cycle_series.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "rig/base/unroll.hpp"
#include "rig/measure/harmonics.hpp"

namespace penrig {

namespace {

static_assert(kMaxHarmonics % kCrankHarmonics == 0, "sum_products() goes by as many as a crank has");

/// Which samples are fitted, and where on the turn they lie.
struct Samples {
  const std::int32_t* counts = nullptr;
  std::size_t n = 0;
  double base = 0;  ///< counts that are taken off: it keeps the sums small
  double first_turns = 0, step_turns = 0;
};

/// turn() of k x turns, k = 1 .. n, rounded up to a whole pair.
template <std::size_t Most>
std::array<Complex, Most> turns_of(std::size_t n, double turns) {
  static_assert(Most % 2 == 0);
  std::array<Complex, Most> out;
  for (std::size_t k = 0; k < n; k += 2) {
    const auto first = static_cast<double>(k + 1);
    const SinCosOfTwo sc = sin_cos_turns(Two{first, first + 1} * turns);
    out[k] = {sc.cos[0], sc.sin[0]};
    out[k + 1] = {sc.cos[1], sc.sin[1]};
  }
  return out;
}

/// Least squares of a series with up to Most harmonics. Up to as many as a crank has, there are exactly Most of them,
/// which the compiler then knows.
template <int Most>
class Series {
 public:
  explicit Series(int harmonics) : harmonics_(Most <= kCrankHarmonics ? Most : harmonics) {}

  bool solve(const Samples& s, CycleFit& fit) {
    const auto twice = static_cast<std::size_t>(2 * harmonics());
    const Turns step = turns_of<kTurns>(twice, s.step_turns), first = turns_of<kTurns>(twice, s.first_turns);
    solved_.own = rows();
    solved_.base = s.base;
    fill_normal(s, step, first);
    fill_right(s, step, first);
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
    by[0] = Two{1, 0};
    const Complex w = turn(fit.top_turns);
    Complex v = w;
    for (int k = 1; k <= harmonics(); ++k) {
      by[cosine_term(k)] = Two{v.re, -k * v.im};
      by[sine_term(k)] = Two{v.im, k * v.re};
      v = multiply(v, w);
    }
    const Two variances = solved_.normal.quadratic(rows(), by);
    fit.u_top = std::sqrt(variances[0]);
    fit.u_time = std::sqrt(variances[1]) / std::abs(p.curvature) * fit.period / kTwoPi;
  }

 private:
  static constexpr std::size_t kTerms = 2 * Most + 1, kTurns = 2 * Most;
  using Turns = std::array<Complex, kTurns>;

  int harmonics() const { return Most <= kCrankHarmonics ? Most : harmonics_; }
  std::size_t rows() const { return static_cast<std::size_t>(2 * harmonics() + 1); }

  /// Normal matrix from the sums of e^{i k theta_j} over the samples, k = 0 .. 2 harmonics.
  void fill_normal(const Samples& s, const Turns& step, const Turns& first) {
    const auto twice = static_cast<std::size_t>(2 * harmonics());
    std::array<double, kTurns + 1> cosine_sum, sine_sum;
    cosine_sum[0] = static_cast<double>(s.n);
    sine_sum[0] = 0;
    for (std::size_t k = 1; k <= twice; k += 2) {
      const auto harmonic = static_cast<double>(k);
      const SinCosOfTwo last = sin_cos_turns(Two{harmonic, harmonic + 1} * s.step_turns * static_cast<double>(s.n));
      for (std::size_t i = 0; i < 2; ++i) {
        const Complex of_step = step[k + i - 1];
        const Complex series = divide({last.cos[i] - 1, last.sin[i]}, {of_step.re - 1, of_step.im});
        const Complex sum = multiply(first[k + i - 1], series);
        cosine_sum[k + i] = sum.re;
        sine_sum[k + i] = sum.im;
      }
    }
    const auto cosine = [&](int k) { return cosine_sum[static_cast<std::size_t>(k)]; };
    const auto sine = [&](int k) { return sine_sum[static_cast<std::size_t>(k)]; };
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

  /// Right side by Goertzel's recurrence; the sum of squares is returned.
  void fill_right(const Samples& s, const Turns& step, const Turns& first) {
    for (int before = 0; before < harmonics(); before += kCrankHarmonics)
      sum_products(s, step, first, static_cast<std::size_t>(before));
  }

  /// One multiplication a sample and harmonic, for up to six harmonics (a constant, so that the recurrences run side by
  /// side in registers), `before` of which come first. Those beyond the last are not looked at.
  void sum_products(const Samples& s, const Turns& step, const Turns& first, std::size_t before) {
    constexpr std::size_t kCount = std::min(Most, kCrankHarmonics), kPairs = (kCount + 1) / 2;
    std::array<Two, kPairs> twice_cos{}, s1{}, s2{};
    for (std::size_t k = 0; k < kCount; ++k) twice_cos[k / 2][k % 2] = 2 * step[before + k].re;
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < s.n; ++i) {
      const double x = s.counts[i] - s.base;
      sum += x;
      squares += x * x;
      PENRIG_UNROLL(3)
      for (std::size_t k = 0; k < kPairs; ++k) {
        const Two s0 = (x - s2[k]) + twice_cos[k] * s1[k];
        s2[k] = s1[k];
        s1[k] = s0;
      }
    }
    solved_.squares = squares;
    solved_.normal.at(rows(), 0) = sum;
    const double to_last = static_cast<double>(s.n - 1);
    for (std::size_t pair = 0; pair < kPairs; ++pair) {
      // sum x_j e^{+i j d}, counted from the first sample: e^{i(n-1)d} (s1 - e^{+i d} s2) conjugated where Goertzel has
      // e^{-i}.
      const auto harmonic = static_cast<double>(before + 2 * pair + 1);
      const SinCosOfTwo last = sin_cos_turns(Two{harmonic, harmonic + 1} * s.step_turns * to_last);
      for (std::size_t i = 0; i < 2 && 2 * pair + i < kCount; ++i) {
        const std::size_t k = before + 2 * pair + i;
        const Complex tail{s1[pair][i] - step[k].re * s2[pair][i], -step[k].im * s2[pair][i]};
        const Complex total = multiply(first[k], multiply({last.cos[i], last.sin[i]}, tail));
        solved_.normal.at(rows(), 2 * k + 1) = total.re;
        solved_.normal.at(rows(), 2 * k + 2) = total.im;
      }
    }
  }

  int harmonics_;
  SolvedSeries<kTerms> solved_;
};

enum class Wanted { series, series_and_top };

template <int Most>
void fit_samples(const Samples& samples, int harmonics, Wanted wanted, CycleFit& fit) {
  Series<Most> series(harmonics);
  if (series.solve(samples, fit) && wanted == Wanted::series_and_top) series.find_top(fit);
}

/// None where they are too few. into: gets start, period and their number.
std::optional<Samples> samples_of(std::span<const std::int32_t> position, const CyclePart& part, int harmonics,
                                  CycleFit& into) {
  into.start = part.start;
  into.period = part.end - part.start;
  const double from = part.start + part.skip_first, to = part.end - part.skip_last;
  if (!(from >= 0) || !(to <= static_cast<double>(position.size())) || !(to - from > 1)) return std::nullopt;
  const auto first = static_cast<std::size_t>(std::ceil(from));
  const auto last = static_cast<std::size_t>(std::ceil(to));
  into.samples = last - first;
  if (into.samples < 4 * static_cast<std::size_t>(harmonics) + 2) return std::nullopt;
  const double step = 1 / into.period;
  return Samples{position.data() + first, into.samples, static_cast<double>(position[first]),
                 (static_cast<double>(first) - part.start) * step, step};
}

CycleFit fit(std::span<const std::int32_t> position, const CyclePart& part, int harmonics, Wanted wanted) {
  CycleFit out;
  const std::optional<Samples> held = samples_of(position, part, harmonics, out);
  if (!held) return out;
  const Samples& samples = *held;
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

CycleFit fit_series(std::span<const std::int32_t> position, const CyclePart& part, int harmonics) {
  return fit(position, part, harmonics, Wanted::series);
}

CycleFit fit_series_and_top(std::span<const std::int32_t> position, const CyclePart& part, int harmonics) {
  return fit(position, part, harmonics, Wanted::series_and_top);
}

CrankSeries::CrankSeries(std::span<const std::int32_t> position, const CyclePart& part) {
  const std::optional<Samples> samples = samples_of(position, part, kCrankHarmonics, whole_);
  if (!samples) return;
  Series<kCrankHarmonics> series(kCrankHarmonics);
  series.solve(*samples, whole_);
  solved_ = series.solved();
}

CycleFit CrankSeries::with(int harmonics) const {
  CycleFit fit;
  fit.start = whole_.start;
  fit.period = whole_.period;
  fit.samples = whole_.samples;
  solved_.take(harmonics, fit);
  return fit;
}

}  // namespace penrig
