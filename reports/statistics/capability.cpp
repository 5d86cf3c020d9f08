#include "reports/statistics/capability.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "reports/counted.hpp"
#include "reports/statistics/distributions.hpp"
#include "reports/statistics/non_normal.hpp"
#include "reports/statistics/not_finite.hpp"
#include "reports/statistics/range_constants.hpp"
#include "reports/statistics/spread_law.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig::statistics {

namespace {

constexpr double kRefuseNormalBelow = 0.05;

/// Steps to each side of the points that stand for a law; of two laws at once fewer of each.
constexpr int kSteps = 120, kStepsOfTwo = 30, kStepsOfReading = 12;

/// An estimate of sigma, how it lies about it, and of how many values the mean is.
struct Sigma {
  double sd = 0, df = 0, n = 0;
  SpreadLaw law;
};
Sigma deviation(double sd, double df, double n) { return {sd, df, n, law_of_deviation(df)}; }

/// One side's index and sigma, with the spread of reading in it or without.
struct Bounds {
  double sd = 0;
  Interval sd_interval;
  std::function<Interval(double room)> side;
};

Bounds as_seen(const Sigma& s) {
  const Interval f = factors_of(s.law);
  Bounds b{s.sd, {s.sd * f.low, s.sd * f.high}, {}};
  if (s.law.is_of_deviation()) {  // the noncentral t itself, which is quicker than the sum for any law
    b.side = [s](double room) {
      const double root = std::sqrt(s.n), t = root * room / s.sd;
      const auto bound = [&](double p) { return noncentrality_of_t(p, t, s.df) / (3 * root); };
      return Interval{bound(1 - kTail), bound(kTail)};
    };
  } else {
    b.side = [s, points = points_of(s.law, kSteps)](double room) { return side_interval(points, room, s.sd, s.n); };
  }
  return b;
}

/// The worse side, and the smaller one of each of the two sides' bounds.
Estimate worse(const Estimate& a, const Estimate& b) {
  return {std::min(a.value, b.value),
          {std::min(a.interval.low, b.interval.low), std::min(a.interval.high, b.interval.high)}};
}

Indices indices_of(double mean, const Bounds& sigma, double df, const Tolerance& tolerance) {
  Indices out;
  out.sd = sigma.sd;
  out.df = df;
  const auto side_index = [&](double room) {
    return Estimate{room == 0 ? 0 : room / (3 * sigma.sd), sigma.side(room)};
  };
  std::optional<Estimate> lower, upper;
  if (tolerance.lower) {
    lower = side_index(mean - *tolerance.lower);
    out.lower = lower->value;
    out.beyond += normal_below(-3 * lower->value);
  }
  if (tolerance.upper) {
    upper = side_index(*tolerance.upper - mean);
    out.upper = upper->value;
    out.beyond += normal_below(-3 * upper->value);
  }
  if (lower && upper) {
    const double sixth = (*tolerance.upper - *tolerance.lower) / 6;
    out.spread = Estimate{sixth / sigma.sd, {sixth / sigma.sd_interval.high, sixth / sigma.sd_interval.low}};
    out.least = worse(*lower, *upper);
  } else {
    out.least = lower ? *lower : *upper;
  }
  return out;
}

Sigma within_sigma(std::span<const std::vector<double>> subgroups, std::size_t n) {
  double squares = 0, df = 0;
  for (const auto& group : subgroups) {
    const Spread s = spread_of(group);
    if (s.n < 2) continue;
    squares += s.sd * s.sd * static_cast<double>(s.n - 1);
    df += static_cast<double>(s.n - 1);
  }
  if (df > 0) return deviation(std::sqrt(squares / df), df, static_cast<double>(n));
  double ranges = 0;
  std::optional<double> before;
  for (const auto& group : subgroups) {
    for (const double v : group) {
      if (before) ranges += std::abs(v - *before);
      before = v;
    }
  }
  return {ranges / static_cast<double>(n - 1) / d2(2), degrees_of_moving_range(n), static_cast<double>(n),
          law_of_moving_range(n)};
}

/// Takes the spread of reading out; the mean keeps what it was spread by. None where it is clear at 2.5 % that nothing
/// is left.
std::optional<Bounds> without_reading(const Sigma& seen, const ReadingSpread& reading) {
  const bool known = !(reading.nu > 0) || std::isinf(reading.nu);
  const ReadingVariance u{reading.u * reading.u,
                          points_of(law_of_deviation(known ? kInfinite : reading.nu), kStepsOfReading)};
  const LawPoints points = points_of(seen.law, known ? kSteps : kStepsOfTwo);
  const double left = std::max(0.0, seen.sd * seen.sd - u.variance);
  const Interval of_sd = deviation_without(points, u, seen.sd);
  if (!(of_sd.high > 0)) return std::nullopt;
  return Bounds{std::sqrt(left), of_sd,
                [=](double room) { return side_interval_without(points, u, room, seen.sd, seen.n); }};
}

/// Satterthwaite's degrees of freedom of what is left, to tell.
double df_without(const Sigma& seen, const ReadingSpread& reading) {
  const double all = seen.sd * seen.sd, u2 = reading.u * reading.u, left = std::max(0.0, all - u2);
  const double known = reading.nu > 0 ? u2 * u2 / reading.nu : 0;
  return left * left / (all * all / seen.df + known);
}

Result<std::vector<double>> checked(std::span<const std::vector<double>> subgroups, const Tolerance& tolerance) {
  if (!tolerance.lower && !tolerance.upper)
    return fail(Errc::usage, "no limit to be capable of: a lower or an upper one is needed");
  if (tolerance.lower && tolerance.upper && !(*tolerance.lower < *tolerance.upper))
    return fail(Errc::usage,
                fmt::format("the lower limit {} is not below the upper one {}", *tolerance.lower, *tolerance.upper));
  std::vector<double> all;
  for (const auto& group : subgroups) all.insert(all.end(), group.begin(), group.end());
  if (all.size() < kFewestCapability)
    return fail(Errc::usage, fmt::format("{}: a capability needs at least {}, better 50 or more",
                                         counted(all.size(), "value"), kFewestCapability));
  if (!std::all_of(all.begin(), all.end(), [](double v) { return std::isfinite(v); }))
    return fail(Errc::usage, "a value is no number");
  if (std::all_of(all.begin(), all.end(), [&](double v) { return v == all.front(); }))
    return fail(Errc::usage,
                fmt::format("all {} values are {}: without a spread there is no capability", all.size(), all.front()));
  return all;
}

void take_reading_out(Capability& c, const Sigma& within, const Sigma& overall, const Tolerance& tolerance,
                      const ReadingSpread& reading) {
  if (!(reading.u > 0)) return;
  const auto inner = without_reading(within, reading), outer = without_reading(overall, reading);
  if (inner) c.process_within = indices_of(c.mean, *inner, df_without(within, reading), tolerance);
  if (outer) c.process_overall = indices_of(c.mean, *outer, df_without(overall, reading), tolerance);
  const auto clear = [](const std::optional<Bounds>& b) { return b && b->sd_interval.low > 0; };
  if (clear(inner) && clear(outer)) return;
  const bool short_term = clear(outer), some = short_term ? inner.has_value() : outer.has_value();
  c.process_note = fmt::format(
      "the {}spread {:.4g} is not clearly more than that of reading, {:.4g}: what the process "
      "has of it {}",
      short_term ? "short-term " : "", short_term ? within.sd : overall.sd, reading.u,
      some ? "may be nothing" : "cannot be told");
}

}  // namespace

Result<Capability> capability_of(std::span<const std::vector<double>> subgroups, const Tolerance& tolerance,
                                 const std::optional<ReadingSpread>& reading) {
  const Result<std::vector<double>> all = checked(subgroups, tolerance);
  if (!all) return all.error();
  const Spread s = spread_of(*all);
  const auto n = static_cast<double>(s.n);
  Capability c;
  c.n = s.n;
  c.mean = s.mean;
  const Sigma overall = deviation(s.sd, n - 1, n);
  Sigma within = within_sigma(subgroups, s.n);
  if (!(within.sd > 0))
    return fail(Errc::usage, "the values of each subgroup are all the same: there is no spread within them");
  c.within = indices_of(s.mean, as_seen(within), within.df, tolerance);
  c.overall = indices_of(s.mean, as_seen(overall), overall.df, tolerance);
  for (const double v : *all) {
    if ((tolerance.lower && v < *tolerance.lower) || (tolerance.upper && v > *tolerance.upper)) ++c.outside;
  }
  c.outside_share = {static_cast<double>(c.outside) / n, clopper_pearson(static_cast<double>(c.outside), n)};
  c.normality = anderson_darling(*all);
  if (c.normality.p < kRefuseNormalBelow) {
    c.non_normal = non_normal_capability(*all, tolerance);
    c.method = c.non_normal && !(c.non_normal->after.p < kRefuseNormalBelow) ? CapabilityMethod::transformed
                                                                             : CapabilityMethod::counted;
  }
  if (reading) take_reading_out(c, within, overall, tolerance, *reading);
  return c;
}

}  // namespace penrig::statistics
