#include "reports/statistics/control_chart.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "reports/counted.hpp"
#include "reports/statistics/not_finite.hpp"
#include "reports/statistics/range_constants.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig::statistics {

namespace {

constexpr std::size_t kLargestSubgroup = 25;

using Subgroups = std::span<const std::vector<double>>;

bool of_single_values(ChartKind kind, Subgroups subgroups) {
  if (kind == ChartKind::individuals) return true;
  if (kind == ChartKind::mean_and_range || kind == ChartKind::mean_and_deviation) return false;
  return std::all_of(subgroups.begin(), subgroups.end(), [](const auto& g) { return g.size() == 1; });
}

std::optional<Error> mistake_in(Subgroups subgroups, ChartKind kind) {
  const bool single = of_single_values(kind, subgroups);
  for (std::size_t i = 0; i < subgroups.size(); ++i) {
    const auto& g = subgroups[i];
    if (single && g.size() != 1)
      return fail(Errc::usage, fmt::format("subgroup {} has {}: a chart of individuals needs one each, a chart of "
                                           "means takes more",
                                           i + 1, counted(g.size(), "value")));
    if (!single && (g.size() < 2 || g.size() > kLargestSubgroup))
      return fail(Errc::usage, fmt::format("subgroup {} has {}: a chart of means needs 2 to {} each", i + 1,
                                           counted(g.size(), "value"), kLargestSubgroup));
    if (!std::all_of(g.begin(), g.end(), [](double v) { return std::isfinite(v); }))
      return fail(Errc::usage, fmt::format("subgroup {} has a value that is no number", i + 1));
  }
  return std::nullopt;
}

/// A chart in the making.
class Plot {
 public:
  Plot(std::string name, std::size_t first, const RuleSet& rules) : set_(rules), watch_(rules) {
    series_.name = std::move(name);
    series_.first = first;
  }
  /// Limits `below` and `above` the centre; the rules see the point in thirds of the limit on its side.
  void add(double value, double centre, double below, double above) {
    series_.values.push_back(value);
    series_.centre.push_back(centre);
    series_.lower.push_back(centre - below);
    series_.upper.push_back(centre + above);
    const double reach = value < centre ? below : above;
    const std::uint32_t found = watch_.push(reach > 0 ? 3 * (value - centre) / reach : 0);
    for (std::size_t r = 0; r < kRunRules; ++r) {
      const auto rule = static_cast<RunRule>(r);
      if ((found >> r & 1U) != 0) signal(text_of(rule, set_));
    }
  }
  void signal(std::string text) {
    series_.signals.push_back({series_.first + series_.values.size() - 1, std::move(text)});
  }
  ChartSeries take() { return std::move(series_); }

 private:
  RuleSet set_;
  RuleWatch watch_;
  ChartSeries series_;
};

ChartSeries moving_ranges(Subgroups subgroups, double sigma) {
  const double centre = d2(2) * sigma;
  Plot plot("moving range", 1, limits_only());
  for (std::size_t i = 1; i < subgroups.size(); ++i)
    plot.add(std::abs(subgroups[i].front() - subgroups[i - 1].front()), centre, kInfinite, 3 * d3(2) * sigma);
  return plot.take();
}

ChartSeries spreads(Subgroups subgroups, bool ranges, double sigma) {
  Plot plot(ranges ? "range" : "standard deviation", 0, limits_only());
  for (const auto& g : subgroups) {
    const double c = ranges ? d2(g.size()) : c4(g.size());
    const double width = 3 * sigma * (ranges ? d3(g.size()) : std::sqrt(1 - c * c));
    const double centre = c * sigma;
    plot.add(ranges ? range_of(g) : spread_of(g).sd, centre, width < centre ? width : kInfinite, width);
  }
  return plot.take();
}

ChartSeries locations(Subgroups subgroups, const ChartReference& r, const RuleSet& rules, bool single) {
  Plot plot(single ? "individuals" : "mean", 0, rules);
  for (const auto& g : subgroups) {
    const double width = 3 * r.sigma / std::sqrt(static_cast<double>(g.size()));
    plot.add(spread_of(g).mean, r.mean, width, width);
  }
  return plot.take();
}

ChartSeries ewma(Subgroups subgroups, const ChartReference& r, const ChartOptions& o) {
  Plot plot("EWMA", 0, limits_only());
  double z = r.mean, variance = 0;
  const double keep = 1 - o.lambda;
  for (const auto& g : subgroups) {
    z = o.lambda * spread_of(g).mean + keep * z;
    variance = o.lambda * o.lambda * r.sigma * r.sigma / static_cast<double>(g.size()) + keep * keep * variance;
    const double width = o.width * std::sqrt(variance);
    plot.add(z, r.mean, width, width);
  }
  return plot.take();
}

/// Upwards or downwards, in units of the value; the sum begins anew after a signal.
ChartSeries cusum(Subgroups subgroups, const ChartReference& r, const ChartOptions& o, double direction) {
  Plot plot(direction > 0 ? "CUSUM up" : "CUSUM down", 0, RuleSet{"", 0, 9});
  double sum = 0;
  for (const auto& g : subgroups) {
    const double sigma = r.sigma / std::sqrt(static_cast<double>(g.size())), limit = o.decision * sigma;
    sum = std::max(0.0, sum + direction * (spread_of(g).mean - r.mean) - o.allowance * sigma);
    plot.add(direction * sum, 0, direction > 0 ? kInfinite : limit, direction > 0 ? limit : kInfinite);
    if (sum > limit) {
      plot.signal("beyond the limit");
      sum = 0;
    }
  }
  return plot.take();
}

}  // namespace

std::size_t ControlChart::signals() const {
  std::size_t n = 0;
  for (const ChartSeries& s : series) n += s.signals.size();
  return n;
}

Result<ChartReference> chart_reference(Subgroups subgroups, ChartKind kind) {
  if (subgroups.size() < kFewestReference)
    return fail(Errc::usage, fmt::format("{} of reference: limits need at least {}, better 25",
                                         counted(subgroups.size(), "point"), kFewestReference));
  if (const std::optional<Error> wrong = mistake_in(subgroups, kind)) return *wrong;
  const bool single = of_single_values(kind, subgroups);
  std::vector<double> all, sigmas;
  for (std::size_t i = 0; i < subgroups.size(); ++i) {
    const auto& g = subgroups[i];
    all.insert(all.end(), g.begin(), g.end());
    if (single && i > 0) sigmas.push_back(std::abs(g.front() - subgroups[i - 1].front()) / d2(2));
    if (!single)
      sigmas.push_back(kind == ChartKind::mean_and_range ? range_of(g) / d2(g.size()) : spread_of(g).sd / c4(g.size()));
  }
  const ChartReference r{spread_of(all).mean, spread_of(sigmas).mean, subgroups.size(), all.size()};
  if (!(r.sigma > 0))
    return fail(Errc::usage, fmt::format("the {} values of reference have no spread: there are no limits", all.size()));
  return r;
}

Result<ControlChart> control_chart(Subgroups subgroups, ChartKind kind, const ChartReference& reference,
                                   const ChartOptions& options) {
  if (!(reference.sigma > 0) || !std::isfinite(reference.sigma) || !std::isfinite(reference.mean))
    return fail(Errc::usage, "the reference of the control chart has no mean and sigma");
  if (subgroups.empty()) return fail(Errc::usage, "there are no points to chart");
  if (const std::optional<Error> wrong = mistake_in(subgroups, kind)) return *wrong;
  ControlChart chart{kind, reference, options, {}};
  switch (kind) {
    case ChartKind::individuals:
      chart.series = {locations(subgroups, reference, options.rules, true), moving_ranges(subgroups, reference.sigma)};
      break;
    case ChartKind::mean_and_range:
    case ChartKind::mean_and_deviation:
      chart.series = {locations(subgroups, reference, options.rules, false),
                      spreads(subgroups, kind == ChartKind::mean_and_range, reference.sigma)};
      break;
    case ChartKind::ewma:
      chart.series = {ewma(subgroups, reference, options)};
      break;
    case ChartKind::cusum:
      chart.series = {cusum(subgroups, reference, options, 1), cusum(subgroups, reference, options, -1)};
      break;
  }
  return chart;
}

}  // namespace penrig::statistics
