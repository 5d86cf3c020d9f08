#include <cmath>
#include <cstdio>
#include <ostream>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/measure/cycle_fit.hpp"
#include "rig/measure/strokes.hpp"
#include "rig/measure/timing.hpp"

namespace penrig {
namespace {

/// A record of white noise on a shape of 1, 2 or 4 harmonics. Amplitude and noise in mm.
struct NoisyRecord {
  double fs_hz, rate_hz, amplitude, noise, seconds;
  int harmonics;

  friend void PrintTo(const NoisyRecord& c, std::ostream* out) {
    *out << c.rate_hz << " Hz, " << c.amplitude << " mm, noise " << c.noise << " mm, " << c.seconds << " s at "
         << c.fs_hz << " Hz, K = " << c.harmonics;
  }
};

double shape_at(const NoisyRecord& c, double angle) {
  double z = c.amplitude * std::cos(angle);
  if (c.harmonics >= 2) z += 0.1 * c.amplitude * std::cos(2 * angle);
  if (c.harmonics >= 4) z += 0.02 * c.amplitude * std::cos(3 * angle) + 0.01 * c.amplitude * std::cos(4 * angle);
  return z;
}

/// Error relative to its bound, over records.
class Ratio {
 public:
  void add(double error, double bound) {
    sum_ += error / bound;
    squares_ += error * error / (bound * bound);
    ++n_;
  }
  double rmse() const { return std::sqrt(squares_ / n_); }
  double bias() const { return sum_ / n_; }

 private:
  double sum_ = 0, squares_ = 0, n_ = 0;
};

class EstimatorBounds : public ::testing::TestWithParam<NoisyRecord> {};

// Bounds: Rife & Boorstyn (1974) and MEASURANDS: frequency, mean peak, one cycle's peak and time (K = 1).
TEST_P(EstimatorBounds, AreReachedWithinTenPercent) {
  constexpr int kRecords = 1000;
  constexpr double kMmPerCount = 1e-6;
  const NoisyRecord& c = GetParam();
  const auto n = static_cast<std::size_t>(c.seconds * c.fs_hz);
  const auto count = static_cast<double>(n);
  const double bound_rate = std::sqrt(6 * c.noise * c.noise * c.fs_hz * c.fs_hz /
                                      (M_PI * M_PI * c.amplitude * c.amplitude * count * (count * count - 1)));
  const double bound_peak = c.noise * std::sqrt((1 + 2 * c.harmonics) / count);
  const double bound_cycle_peak = c.noise * std::sqrt(3 * c.rate_hz / c.fs_hz);
  const double bound_cycle_time = c.noise / (M_PI * c.amplitude * std::sqrt(2 * c.rate_hz * c.fs_hz));
  Ratio rate, peak, cycle_peak, cycle_time;
  for (int record = 0; record < kRecords; ++record) {
    Random random(static_cast<std::uint64_t>(record), "bounds " + ::testing::PrintToString(c));
    const double phase = 2 * M_PI * random.uniform();
    std::vector<std::int32_t> y(n);
    for (std::size_t i = 0; i < n; ++i) {
      const double angle = 2 * M_PI * c.rate_hz * static_cast<double>(i) / c.fs_hz + phase;
      y[i] = static_cast<std::int32_t>(std::lround((shape_at(c, angle) + c.noise * random.normal()) / kMmPerCount));
    }
    const double hysteresis = std::max(0.16 * c.amplitude, 12 * c.noise) / kMmPerCount;
    std::vector<double> times, turns;
    double sum = 0;
    for (const CycleFit& fit : fit_cycles(y, find_cycles(y, static_cast<std::int32_t>(hysteresis)), 0)) {
      if (fit.harmonics == 0) continue;
      const double t = fit.top_index() / c.fs_hz, top = fit.top * kMmPerCount;
      const double turn = std::round(c.rate_hz * t + phase / (2 * M_PI));
      cycle_time.add(t - (turn - phase / (2 * M_PI)) / c.rate_hz, bound_cycle_time);
      cycle_peak.add(top - shape_at(c, 0), bound_cycle_peak);
      times.push_back(t);
      turns.push_back(static_cast<double>(turns.size()));
      sum += top;
    }
    ASSERT_GE(times.size() + 2, std::floor(c.seconds * c.rate_hz)) << "record " << record;
    rate.add(1 / process_period(times, turns).period - c.rate_hz, bound_rate);
    peak.add(sum / static_cast<double>(times.size()) - shape_at(c, 0), bound_peak);
  }
  std::printf("RMSE (bias) over the bound: rate %.3f (%.3f), mean peak %.3f (%.3f), cycle's peak %.3f, time %.3f\n",
              rate.rmse(), rate.bias(), peak.rmse(), peak.bias(), cycle_peak.rmse(), cycle_time.rmse());
  EXPECT_LE(rate.rmse(), 1.10);
  EXPECT_LE(std::abs(rate.bias()), 0.2);
  EXPECT_LE(peak.rmse(), 1.10);
  EXPECT_LE(std::abs(peak.bias()), 0.2);
  if (c.harmonics > 1) return;
  EXPECT_LE(cycle_peak.rmse(), 1.10);
  EXPECT_LE(std::abs(cycle_peak.bias()), 0.2);
  EXPECT_LE(cycle_time.rmse(), 1.10);
  EXPECT_LE(std::abs(cycle_time.bias()), 0.2);
}

INSTANTIATE_TEST_SUITE_P(
    Grid, EstimatorBounds,
    ::testing::Values(NoisyRecord{20'000, 100, 0.5, 0.002, 0.5, 1}, NoisyRecord{20'000, 117, 0.75, 0.002, 1, 1},
                      NoisyRecord{50'000, 116.67, 0.5, 0.001, 1, 1}, NoisyRecord{50'000, 150, 1, 0.005, 0.5, 1},
                      NoisyRecord{50'000, 150, 1, 0.05, 0.5, 1}, NoisyRecord{100'000, 150, 0.75, 0.002, 0.3, 1},
                      NoisyRecord{100'000, 300, 0.25, 0.002, 0.2, 1}, NoisyRecord{2'000, 1, 1, 0.01, 40, 1},
                      NoisyRecord{50, 0.2, 1, 0.003, 400, 1}, NoisyRecord{200'000, 400, 0.5, 0.001, 0.15, 1},
                      NoisyRecord{50'000, 150, 1, 0.001, 1, 2}, NoisyRecord{20'000, 100, 1, 0.004, 1, 2},
                      NoisyRecord{50'000, 150, 1, 0.001, 1, 4}, NoisyRecord{50'000, 100, 1.5, 0.002, 1, 4}));

}  // namespace
}  // namespace penrig
