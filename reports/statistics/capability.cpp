#include "reports/statistics/capability.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "reports/statistics/distributions.hpp"
#include "reports/statistics/non_normal.hpp"
#include "reports/statistics/range_constants.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig::statistics {

namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr double kTail = 0.025;
constexpr double kRefuseNormalBelow = 0.05;

/// An estimate of sigma that is chi with df degrees of freedom, and how many values its mean counts for.
struct Sigma {
  double sd = 0, df = 0, n = 0;
};

Estimate side_index(double room, const Sigma& sigma) {
  const double index = room / (3 * sigma.sd);
  const double t = 3 * std::sqrt(sigma.n) * index;
  const auto bound = [&](double p) { return noncentrality_of_t(p, t, sigma.df) / (3 * std::sqrt(sigma.n)); };
  return {index, {bound(1 - kTail), bound(kTail)}};
}

/// The worse side, and the smaller one of each of the two sides' bounds.
Estimate worse(const Estimate& a, const Estimate& b) {
  return {std::min(a.value, b.value),
          {std::min(a.interval.low, b.interval.low), std::min(a.interval.high, b.interval.high)}};
}

Indices indices_of(double mean, const Sigma& sigma, const Tolerance& tolerance) {
  Indices out;
  out.sd = sigma.sd;
  out.df = sigma.df;
  std::optional<Estimate> lower, upper;
  if (tolerance.lower) {
    lower = side_index(mean - *tolerance.lower, sigma);
    out.lower = lower->value;
    out.beyond += normal_below(-3 * lower->value);
  }
  if (tolerance.upper) {
    upper = side_index(*tolerance.upper - mean, sigma);
    out.upper = upper->value;
    out.beyond += normal_below(-3 * upper->value);
  }
  if (lower && upper) {
    const double cp = (*tolerance.upper - *tolerance.lower) / (6 * sigma.sd);
    const SigmaFactors factors = sigma_factors(sigma.df);
    out.spread = Estimate{cp, {cp / factors.high, cp / factors.low}};
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
  if (df > 0) return {std::sqrt(squares / df), df, static_cast<double>(n)};
  double ranges = 0;
  std::optional<double> before;
  for (const auto& group : subgroups) {
    for (const double v : group) {
      if (before) ranges += std::abs(v - *before);
      before = v;
    }
  }
  return {ranges / static_cast<double>(n - 1) / d2(2), degrees_of_moving_range(n), static_cast<double>(n)};
}

/// Takes the spread of reading out. The mean keeps what it was spread by: fewer values of a narrower process.
std::optional<Sigma> without_reading(const Sigma& seen, const ReadingSpread& reading) {
  const double nu = reading.nu > 0 ? reading.nu : kInfinite;
  const double all = seen.sd * seen.sd, u2 = reading.u * reading.u, left = all - u2;
  if (!(left > 0) || f_above(all / u2, seen.df, nu) > kTail) return std::nullopt;
  const double df = left * left / (all * all / seen.df + (std::isinf(nu) ? 0 : u2 * u2 / nu));
  return Sigma{std::sqrt(left), df, seen.n * left / all};
}

Result<std::vector<double>> checked(std::span<const std::vector<double>> subgroups, const Tolerance& tolerance) {
  if (!tolerance.lower && !tolerance.upper)
    return fail(Errc::usage, "no limit to be capable of: a lower or an upper one is needed");
  if (tolerance.lower && tolerance.upper && !(*tolerance.lower < *tolerance.upper))
    return fail(Errc::usage,
                fmt::format("the lower limit {} is not below the upper one {}", *tolerance.lower, *tolerance.upper));
  std::vector<double> all;
  for (const auto& group : subgroups) all.insert(all.end(), group.begin(), group.end());
  if (all.size() < 5)
    return fail(Errc::usage, fmt::format("{} values: a capability needs at least 5, better 50 or more", all.size()));
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
  const std::optional<Sigma> inner = without_reading(within, reading), outer = without_reading(overall, reading);
  if (inner) c.process_within = indices_of(c.mean, *inner, tolerance);
  if (outer) c.process_overall = indices_of(c.mean, *outer, tolerance);
  if (!inner || !outer)
    c.process_note = fmt::format(
        "the {}spread {:.4g} is not clearly more than that of reading, {:.4g}: what the "
        "process has of it cannot be told",
        outer ? "short-term " : "", outer ? within.sd : overall.sd, reading.u);
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
  const Sigma overall{s.sd, n - 1, n};
  Sigma within = within_sigma(subgroups, s.n);
  if (!(within.sd > 0))
    return fail(Errc::usage, "the values of each subgroup are all the same: there is no spread within them");
  c.within = indices_of(s.mean, within, tolerance);
  c.overall = indices_of(s.mean, overall, tolerance);
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
