#include "rig/measure/monte_carlo.hpp"

#include <algorithm>
#include <cmath>

#include "rig/base/portable_math.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

constexpr std::uint64_t kBatches = 10;
constexpr std::size_t kFewestBatches = 3;  ///< before a spread of batches says anything

/// y, u and both ends of some values.
struct Summary {
  double y = 0, u = 0, low = 0, high = 0, shortest_low = 0, shortest_high = 0;
};

Summary summarise(std::vector<double> values) {
  Summary s;
  if (values.empty()) return s;
  const Spread spread = spread_of(values);
  s.y = spread.mean;
  s.u = spread.sd;
  std::ranges::sort(values);
  // JCGM 101 7.7: an interval from the r-th to the (r + q)-th value holds q of M.
  const std::size_t m = values.size();
  const std::size_t q =
      std::min(m - 1, static_cast<std::size_t>(std::floor(kMonteCarloCoverage * static_cast<double>(m) + 0.5)));
  const std::size_t r = (m - q) / 2;
  s.low = values[r > 0 ? r - 1 : 0];
  s.high = values[std::min(m - 1, (r > 0 ? r - 1 : 0) + q)];
  std::size_t best = 0;
  for (std::size_t i = 0; i + q < m; ++i) {
    if (values[i + q] - values[i] < values[best + q] - values[best]) best = i;
  }
  s.shortest_low = values[best];
  s.shortest_high = values[best + q];
  return s;
}

/// Standard deviation of the mean of the batches' figures.
template <class Get>
double spread_of_batches(const std::vector<Summary>& batches, Get get) {
  std::vector<double> figures;
  figures.reserve(batches.size());
  for (const Summary& s : batches) figures.push_back(get(s));
  return spread_of(figures).sd / std::sqrt(static_cast<double>(figures.size()));
}

struct Output {
  std::vector<double> values;
  std::vector<Summary> batches;
  std::size_t batched = 0;  ///< values that are in a batch

  void close_batch() {
    batches.push_back(summarise({values.begin() + static_cast<std::ptrdiff_t>(batched), values.end()}));
    batched = values.size();
  }
  Propagated propagated() const {
    const Summary s = summarise(values);
    Propagated p;
    p.trials = values.size();
    p.y = s.y;
    p.u = s.u;
    p.low = s.low;
    p.high = s.high;
    p.shortest_low = s.shortest_low;
    p.shortest_high = s.shortest_high;
    p.y_sd = spread_of_batches(batches, [](const Summary& b) { return b.y; });
    p.u_sd = spread_of_batches(batches, [](const Summary& b) { return b.u; });
    p.low_sd = spread_of_batches(batches, [](const Summary& b) { return b.low; });
    p.high_sd = spread_of_batches(batches, [](const Summary& b) { return b.high; });
    return p;
  }
  bool known_within(double tolerance) const {
    if (!(tolerance > 0) || batches.size() < kFewestBatches) return false;
    const Propagated p = propagated();
    return 2 * std::max({p.y_sd, p.u_sd, p.low_sd, p.high_sd}) <= tolerance / 5;
  }
};

}  // namespace

std::vector<Propagated> propagate(const MonteCarloModel& model, std::span<const double> tolerances,
                                  const MonteCarloOptions& options) {
  std::vector<Output> outputs(tolerances.size());
  std::vector<double> values(tolerances.size());
  std::uint64_t failed = 0, done = 0;
  const std::uint64_t trials = std::max<std::uint64_t>(options.trials, 100);
  for (std::uint64_t batch = 0; batch < kBatches; ++batch) {
    const std::uint64_t end = trials * (batch + 1) / kBatches;
    for (; done < end; ++done) {
      if (options.progress && done % 50 == 0) options.progress(done, trials);
      Random random(options.seed, "monte carlo", done);
      const bool good = model(random, values) && std::ranges::all_of(values, [](double v) { return std::isfinite(v); });
      failed += good ? 0 : 1;
      for (std::size_t i = 0; good && i < outputs.size(); ++i) outputs[i].values.push_back(values[i]);
    }
    bool enough = true;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      outputs[i].close_batch();
      enough = enough && outputs[i].known_within(tolerances[i]);
    }
    if (enough) break;
  }
  if (options.progress) options.progress(trials, trials);
  std::vector<Propagated> out;
  for (const Output& output : outputs) {
    out.push_back(output.propagated());
    out.back().failed = failed;
  }
  return out;
}

double draw_chi_squared_share(Random& random, double nu) {
  // Gamma of shape nu/2; below shape 1 that of one more, times a power of a uniform number.
  const double shape = nu / 2, raised = shape < 1 ? shape + 1 : shape;
  const double d = raised - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  double gamma = 0;
  for (;;) {
    const double x = random.normal(), v = 1 + c * x;
    if (v <= 0) continue;
    const double cube = v * v * v, u = random.uniform();
    if (u <= 0) continue;
    if (portable_log(u) < 0.5 * x * x + d - d * cube + d * portable_log(cube)) {
      gamma = d * cube;
      break;
    }
  }
  if (shape < 1) {
    double u = random.uniform();
    while (u <= 0) u = random.uniform();
    gamma *= portable_pow(u, 1 / shape);
  }
  return 2 * gamma / nu;
}

double draw_student(Random& random, double nu) {
  const double z = random.normal();
  return nu > 0 && nu < 1e6 ? z / std::sqrt(draw_chi_squared_share(random, nu)) : z;
}

double draw_line(Random& random, const BudgetLine& line) {
  if (line.distribution == "uniform") return line.u * std::sqrt(3.0) * random.uniform(-1, 1);
  if (line.distribution == "triangular") {
    return line.u * std::sqrt(6.0) * (random.uniform(-0.5, 0.5) + random.uniform(-0.5, 0.5));
  }
  if (line.distribution == "arcsine") return line.u * std::sqrt(2.0) * sin_cos_turns(random.uniform()).sin;
  return line.u * draw_student(random, line.nu);
}

double numerical_tolerance(double u, int digits) {
  // u = c 10^l with c a whole number of so many digits.
  double unit = 1;
  for (int i = 1; i < digits; ++i) unit *= 10;
  double scale = 1;
  while (u < unit * scale) scale /= 10;
  while (u >= 10 * unit * scale) scale *= 10;
  // 9.96 has the digits 10, and not 9.
  if (std::round(u / scale) >= 10 * unit) scale *= 10;
  return 0.5 * scale;
}

Comparison compare(const Propagated& p, double low, double high, double u, int digits) {
  Comparison c;
  c.low = low;
  c.high = high;
  c.low_off = std::abs(low - p.low);
  c.high_off = std::abs(high - p.high);
  if (!(u > 0) || !std::isfinite(u) || p.trials == 0) return c;
  c.tolerance = numerical_tolerance(u, digits);
  const bool within = c.low_off + 2 * p.low_sd <= c.tolerance && c.high_off + 2 * p.high_sd <= c.tolerance;
  // One of many ends is off by two sd of its trials by chance.
  const bool beyond = c.low_off - 3 * p.low_sd > c.tolerance || c.high_off - 3 * p.high_sd > c.tolerance;
  if (beyond) {
    c.agreement = Agreement::differs;
  } else if (within && p.failed == 0) {
    c.agreement = Agreement::agrees;
  }
  return c;
}

}  // namespace penrig
