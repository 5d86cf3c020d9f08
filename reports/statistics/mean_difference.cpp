#include "reports/statistics/mean_difference.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "reports/statistics/distributions.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig::statistics {

namespace {

constexpr std::size_t kFewestPens = 3;

/// Both sides of a pen that is in both.
struct Pair {
  const PenRuns *base, *fresh;
};

std::vector<Pair> pairs_of(std::span<const PenRuns> base, std::span<const PenRuns> fresh) {
  std::map<std::string, const PenRuns*> by_name;
  for (const PenRuns& p : base) by_name[p.pen] = &p;
  std::vector<Pair> pairs;
  for (const PenRuns& p : fresh)
    if (const auto at = by_name.find(p.pen); at != by_name.end()) pairs.push_back({at->second, &p});
  return pairs;
}

double mean_of_means(std::span<const PenRuns> pens) {
  std::vector<double> means;
  for (const PenRuns& p : pens) means.push_back(spread_of(p.values).mean);
  return spread_of(means).mean;
}

std::size_t runs_of(std::span<const PenRuns> pens) {
  std::size_t n = 0;
  for (const PenRuns& p : pens) n += p.values.size();
  return n;
}

/// 1 in how many ways of giving out the labels a difference without any spread would come about, of either sign.
double p_by_labels(double base_units, double fresh_units) {
  return std::min(1.0, 2 * std::exp(log_gamma(base_units + 1) + log_gamma(fresh_units + 1) -
                                    log_gamma(base_units + fresh_units + 1)));
}

/// se, df and unit counts are set.
void conclude(MeanDifference& d, double labels_p) {
  d.labels_p = labels_p;
  const double value = d.difference.value;
  // A spread of nothing but rounding is none.
  const double rounding = 1e-12 * std::max(std::abs(d.base_mean), std::abs(d.new_mean));
  if (d.se > rounding) {
    const double reach = student_quantile(0.975, d.df) * d.se;
    d.difference.interval = {value - reach, value + reach};
    d.p = student_two_sided(value / d.se, d.df);
    return;
  }
  d.se = 0;
  d.difference.interval = {value, value};
  d.p = std::abs(value) <= rounding ? 1 : labels_p;
}

/// A variance of a mean with its degrees of freedom, Satterthwaite's sum.
struct Satterthwaite {
  double variance = 0, below = 0;
  void add(double part, double df) {
    variance += part;
    if (df > 0) below += part * part / df;
  }
  double df() const { return below > 0 ? variance * variance / below : 1; }
};

MeanDifference paired(const std::vector<Pair>& pairs) {
  std::vector<double> differences;
  std::vector<PenRuns> base, fresh;
  for (const Pair& p : pairs) {
    differences.push_back(spread_of(p.fresh->values).mean - spread_of(p.base->values).mean);
    base.push_back(*p.base);
    fresh.push_back(*p.fresh);
  }
  const Spread s = spread_of(differences);
  MeanDifference d;
  d.method = DifferenceMethod::paired_pens;
  d.base_mean = mean_of_means(base);
  d.new_mean = mean_of_means(fresh);
  d.base_runs = runs_of(base);
  d.new_runs = runs_of(fresh);
  d.base_pens = d.new_pens = pairs.size();
  d.unit_sd = s.sd;
  d.units = s.n;
  d.se = s.sd / std::sqrt(static_cast<double>(s.n));
  d.df = static_cast<double>(s.n) - 1;
  d.difference.value = s.mean;
  conclude(d, std::min(1.0, 2 * std::pow(0.5, static_cast<double>(s.n))));
  return d;
}

MeanDifference separate(std::span<const PenRuns> base, std::span<const PenRuns> fresh) {
  const auto spread = [](std::span<const PenRuns> pens) {
    std::vector<double> means;
    for (const PenRuns& p : pens) means.push_back(spread_of(p.values).mean);
    return spread_of(means);
  };
  const Spread b = spread(base), f = spread(fresh);
  const auto nb = static_cast<double>(b.n), nf = static_cast<double>(f.n);
  MeanDifference d;
  d.method = DifferenceMethod::separate_pens;
  d.base_mean = b.mean;
  d.new_mean = f.mean;
  d.base_runs = runs_of(base);
  d.new_runs = runs_of(fresh);
  d.base_pens = b.n;
  d.new_pens = f.n;
  Satterthwaite sum;
  sum.add(b.sd * b.sd / nb, nb - 1);
  sum.add(f.sd * f.sd / nf, nf - 1);
  d.se = std::sqrt(sum.variance);
  d.df = sum.df();
  d.unit_sd = std::sqrt((b.sd * b.sd + f.sd * f.sd) / 2);
  d.units = std::min(b.n, f.n);
  d.difference.value = f.mean - b.mean;
  conclude(d, p_by_labels(nb, nf));
  return d;
}

Result<MeanDifference> of_fixed(const std::vector<Pair>& pairs) {
  MeanDifference d;
  d.method = DifferenceMethod::fixed_pens;
  d.base_pens = d.new_pens = pairs.size();
  const auto pens = static_cast<double>(pairs.size());
  Satterthwaite sum;
  double p_equal = 1, squares = 0;
  d.units = pairs.front().base->values.size();
  for (const Pair& p : pairs) {
    const Spread b = spread_of(p.base->values), f = spread_of(p.fresh->values);
    if (b.n < 2 || f.n < 2)
      return fail(
          Errc::usage,
          fmt::format("pen '{}' has {} {} in {}: with fewer than three pens each needs at least two runs of each",
                      p.base->pen, std::min(b.n, f.n), std::min(b.n, f.n) == 1 ? "run" : "runs",
                      b.n < 2 ? "the base" : "the new ones"));
    const auto nb = static_cast<double>(b.n), nf = static_cast<double>(f.n);
    sum.add(b.sd * b.sd / nb / (pens * pens), nb - 1);
    sum.add(f.sd * f.sd / nf / (pens * pens), nf - 1);
    d.base_mean += b.mean / pens;
    d.new_mean += f.mean / pens;
    d.base_runs += b.n;
    d.new_runs += f.n;
    d.units = std::min({d.units, b.n, f.n});
    p_equal *= p_by_labels(nb, nf);
    squares += (b.sd * b.sd + f.sd * f.sd) / (2 * pens);
  }
  d.se = std::sqrt(sum.variance);
  d.df = sum.df();
  d.unit_sd = std::sqrt(squares);
  d.difference.value = d.new_mean - d.base_mean;
  conclude(d, p_equal);
  return d;
}

std::optional<Error> mistake_of_side(std::span<const PenRuns> pens, const char* side) {
  if (runs_of(pens) == 0) return fail(Errc::usage, fmt::format("{} has no run of it", side));
  for (const PenRuns& p : pens)
    for (const double v : p.values)
      if (!std::isfinite(v)) return fail(Errc::usage, fmt::format("pen '{}' has a value that is no number", p.pen));
  return std::nullopt;
}

}  // namespace

Result<MeanDifference> difference_of(std::span<const PenRuns> base, std::span<const PenRuns> fresh) {
  std::vector<PenRuns> b(base.begin(), base.end()), f(fresh.begin(), fresh.end());
  for (auto* side : {&b, &f}) std::erase_if(*side, [](const PenRuns& p) { return p.values.empty(); });
  if (const auto wrong = mistake_of_side(b, "the base")) return *wrong;
  if (const auto wrong = mistake_of_side(f, "the new selection")) return *wrong;
  const std::vector<Pair> pairs = pairs_of(b, f);
  const std::size_t fewer = std::min(b.size(), f.size());
  if (pairs.size() >= kFewestPens && 2 * pairs.size() >= fewer) {
    MeanDifference d = paired(pairs);
    d.left_out = b.size() + f.size() - 2 * pairs.size();
    return d;
  }
  if (fewer >= kFewestPens) return separate(b, f);
  if (!pairs.empty()) {
    Result<MeanDifference> d = of_fixed(pairs);
    if (d) d->left_out = b.size() + f.size() - 2 * pairs.size();
    return d;
  }
  return fail(Errc::usage,
              fmt::format("{} {} in the base, {} other {} in the new selection: what the pens differ by and what the "
                          "revision changed cannot be told apart; measure the same pens, or three or more of each",
                          b.size(), b.size() == 1 ? "pen" : "pens", f.size(), f.size() == 1 ? "pen" : "pens"));
}

}  // namespace penrig::statistics
