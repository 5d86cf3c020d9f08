#include "rig/measure/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

constexpr std::size_t kFewestRows = 16;
constexpr double kGap = 1.5;           ///< intervals
constexpr double kMostScatter = 0.01;  ///< of the interval, rms
constexpr double kManyFaults = 0.005;  ///< share of the rows: then it is the sampling, not a fault here and there

CaptureRefusal refuse_sampling(Errc code, std::string why, CapturePart part = CapturePart::time,
                               std::optional<std::size_t> row = {}) {
  return {fail(code, std::move(why)), part, row};
}

/// Median slope over some sixty parts: a gap disturbs one of them.
double typical_interval(std::span<const double> t) {
  const std::size_t part = std::max<std::size_t>(1, (t.size() - 1) / 63);
  std::vector<double> slopes;
  for (std::size_t i = 0; i + part < t.size(); i += part) {
    slopes.push_back((t[i + part] - t[i]) / static_cast<double>(part));
  }
  return median_of(slopes);
}

std::string interval_text(double seconds) {
  if (seconds >= 1) return fmt::format("{:.6g} s", seconds);
  if (seconds >= 1e-3) return fmt::format("{:.6g} ms", seconds * 1e3);
  return fmt::format("{:.6g} µs", seconds * 1e6);
}

/// What a wrong unit of the time column would look like.
std::string unit_hint(double rate_hz) {
  for (const auto& [factor, unit] : {std::pair{1e3, "milliseconds (t_ms)"}, std::pair{1e6, "microseconds (t_us)"},
                                     std::pair{1e9, "nanoseconds (t_ns)"}}) {
    const double then = rate_hz * factor;
    if (rate_hz < kSlowestSampling && then >= 1000 && then <= kFastestSampling) {
      return fmt::format("; if these are {}, it is {:.6g} samples/s", unit, then);
    }
  }
  return "";
}

CaptureResult<Sampling> within_range(const Sampling& s) {
  if (s.rate_hz >= kSlowestSampling * (1 - 1e-3) && s.rate_hz <= kFastestSampling * (1 + 1e-3)) return s;
  return refuse_sampling(
      Errc::bad_data,
      fmt::format("one sample every {}: {:.6g} samples/s, from {:.0f} to {:.0f} are measured{}",
                  interval_text(1 / s.rate_hz), s.rate_hz, kSlowestSampling, kFastestSampling, unit_hint(s.rate_hz)));
}

/// The first fault between neighbours, and how many there are.
struct Faults {
  std::size_t count = 0, first = 0;
  double step = 0, before = 0;  ///< of the first
  double squares = 0;           ///< of what intervals differ from the typical one
};

Faults find_faults(std::span<const double> t, double interval, double step) {
  Faults faults;
  // Rounding moves each end of an interval by half a step.
  const double longest = kGap * interval + step;
  const bool may_repeat = step >= 0.9 * interval;
  for (std::size_t i = 1; i < t.size(); ++i) {
    const double d = t[i] - t[i - 1];
    faults.squares += (d - interval) * (d - interval);
    const bool forward = may_repeat ? d > -0.5 * step : d > 0;
    if (d <= longest && forward) continue;
    if (faults.count++ == 0) {
      faults.first = i;
      faults.step = d;
      faults.before = t[i - 1];
    }
  }
  return faults;
}

CaptureRefusal refuse_fault(const Faults& faults, double interval) {
  std::string why;
  if (faults.step < 0) {
    why = fmt::format("the time goes back by {}, from {:.6f} s", interval_text(-faults.step), faults.before);
  } else if (faults.step == 0) {
    why = fmt::format("the time repeats: {:.6f} s twice", faults.before);
  } else {
    why = fmt::format("a gap: {} after {:.6f} s, where the interval is {}", interval_text(faults.step), faults.before,
                      interval_text(interval));
  }
  if (faults.count > 1) why += fmt::format(", the first of {} such places", faults.count);
  return refuse_sampling(Errc::gap_in_record, why + "; a record with holes carries no number (cut the file there)",
                         CapturePart::time, faults.first);
}

}  // namespace

CaptureResult<Sampling> find_sampling(std::span<const double> t, double step_s) {
  const std::size_t n = t.size();
  if (n < kFewestRows) {
    return refuse_sampling(Errc::too_few_strokes, fmt::format("{} rows are too few for anything", n),
                           CapturePart::whole);
  }
  const auto bad = std::ranges::find_if(t, [](double x) { return !std::isfinite(x); });
  if (bad != t.end()) {
    return refuse_sampling(Errc::bad_data, "the time is not a finite number", CapturePart::time,
                           static_cast<std::size_t>(bad - t.begin()));
  }
  const double interval = typical_interval(t);
  const double largest = std::max(std::abs(t.front()), std::abs(t.back()));
  // A stamp since 1970 has some 0.2 us in a double, however many digits it is printed with.
  const double step = std::max(step_s, largest * std::numeric_limits<double>::epsilon());
  if (!(interval > 0)) {
    std::size_t i = 1;
    while (i + 1 < n && t[i] > t[i - 1]) ++i;
    const bool repeats = t[i] == t[i - 1];
    return refuse_sampling(
        Errc::gap_in_record,
        fmt::format("the time {}: {:.6f} s after {:.6f} s", repeats ? "stands still" : "goes back", t[i], t[i - 1]),
        CapturePart::time, i);
  }
  const Faults faults = find_faults(t, interval, step);
  const double scatter2 = faults.squares / static_cast<double>(n - 1) - step * step / 6;
  const double scatter = std::sqrt(std::max(0.0, scatter2));
  if (faults.count > 0 && static_cast<double>(faults.count) <= kManyFaults * static_cast<double>(n)) {
    return refuse_fault(faults, interval);
  }
  if (faults.count > 0 || scatter > kMostScatter * interval) {
    return refuse_sampling(
        Errc::bad_data,
        fmt::format("irregular sampling: intervals of {} scatter by {} rms, {:.1f} % of them; at most 1 % can "
                    "be measured (sample by a clock, not by a program's loop)",
                    interval_text(interval), interval_text(scatter), 100 * scatter / interval));
  }
  // Least squares for what is left of a line through the first stamp.
  const double centre = static_cast<double>(n - 1) / 2;
  double sum = 0, slope = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double r = (t[i] - t.front()) - static_cast<double>(i) * interval;
    sum += r;
    slope += r * (static_cast<double>(i) - centre);
  }
  const auto count = static_cast<double>(n);
  slope /= count * (count * count - 1) / 12;
  Sampling s;
  s.rows = n;
  s.rate_hz = 1 / (interval + slope);
  s.start_s = t.front() + sum / count - slope * centre;
  s.jitter_s = scatter;
  s.stamp_step_s = step;
  s.from_stamps = true;
  for (std::size_t i = 0; i < n; ++i) {
    s.wander_s = std::max(s.wander_s, std::abs(t[i] - s.start_s - static_cast<double>(i) / s.rate_hz));
  }
  return within_range(s);
}

CaptureResult<Sampling> stated_sampling(double rate_hz, std::size_t rows) {
  if (rows < kFewestRows) {
    return refuse_sampling(Errc::too_few_strokes, fmt::format("{} rows are too few for anything", rows),
                           CapturePart::whole);
  }
  Sampling s;
  s.rate_hz = rate_hz;
  s.rows = rows;
  return within_range(s);
}

}  // namespace penrig
