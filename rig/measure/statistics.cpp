#include "rig/measure/statistics.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include "rig/base/double_double.hpp"
#include "rig/base/eight.hpp"
#include "rig/base/in_double.hpp"

namespace penrig {

namespace {

/// Sum of x[i] x[i - lag].
PENRIG_EACH_PROCESSOR double lagged_product(const double* x, std::size_t n, std::size_t lag) {
  Eight sums{};
  double rest = 0;
  std::size_t i = lag;
  for (; i + kLanes <= n; i += kLanes) sums += eight_at(x + i) * eight_at(x + i - lag);
  for (; i < n; ++i) rest += x[i] * x[i - lag];
  return sum_of(sums) + rest;
}

/// Autocorrelations of a series about its mean.
class Autocorrelation {
 public:
  Autocorrelation(std::span<const double> values, const Spread& spread) : about_mean_(values.begin(), values.end()) {
    for (double& x : about_mean_) x -= spread.mean;
    c0_ = spread.sd * spread.sd * static_cast<double>(values.size() - 1);
  }
  bool known() const { return about_mean_.size() >= 8 && c0_ > 0; }
  double at(std::size_t lag) const { return lagged_product(about_mean_.data(), about_mean_.size(), lag) / c0_; }

 private:
  std::vector<double> about_mean_;
  double c0_ = 0;
};

/// Eight DoubleDoubles that go through its operations side by side.
struct EightDoubled {
  Eight high{}, low{};
};
[[gnu::always_inline]] inline EightDoubled two_sum(const Eight& a, const Eight& b) {
  const Eight s = a + b, part = s - a;
  return {s, (a - (s - part)) + (b - part)};
}
[[gnu::always_inline]] inline EightDoubled two_square(const Eight& a) {
  constexpr double kSplit = 134217729;  // 2^27 + 1, as in two_product()
  const Eight at = kSplit * a, high = at - (at - a), low = a - high, p = a * a, mixed = high * low;
  return {p, ((high * high - p) + mixed + mixed) + low * low};
}
[[gnu::always_inline]] inline EightDoubled renormalised(const Eight& a, const Eight& b) {
  const Eight s = a + b;
  return {s, b - (s - a)};
}
[[gnu::always_inline]] inline EightDoubled operator+(const EightDoubled& a, const EightDoubled& b) {
  const EightDoubled s = two_sum(a.high, b.high), t = two_sum(a.low, b.low);
  const EightDoubled first = renormalised(s.high, s.low + t.high);
  return renormalised(first.high, first.low + t.low);
}

/// Over whole eights; each addition waits for the one before it in its lane, and has more digits than the result.
[[gnu::always_inline]] inline DoubleDouble sum_of(const EightDoubled& x) {
  DoubleDouble sum;
  for (std::size_t k = 0; k < kLanes; ++k) sum += DoubleDouble(x.high[k], x.low[k]);
  return sum;
}
PENRIG_EACH_PROCESSOR void sum_eights(const double* values, std::size_t n, DoubleDouble& sum) {
  EightDoubled sums;
  for (std::size_t i = 0; i < n; i += kLanes) sums = sums + EightDoubled{eight_at(values + i)};
  sum = sum_of(sums);
}
PENRIG_EACH_PROCESSOR void square_eights(const double* values, std::size_t n, const DoubleDouble& mean,
                                         DoubleDouble& sum) {
  const EightDoubled minus{eight_of(-mean.high), eight_of(-mean.low)};
  EightDoubled sums;
  for (std::size_t i = 0; i < n; i += kLanes) {
    const EightDoubled d = EightDoubled{eight_at(values + i)} + minus;
    sums = sums + two_square(d.high + d.low);
  }
  sum = sum_of(sums);
}

/// Sum of (1 - i/n) r_i of a first-order process whose first autocorrelation is r.
double sum_of_first_order(double r, double n) {
  double sum = 0, power = r;
  for (double lag = 1; lag < n && power > 1e-12; ++lag, power *= r) sum += (1 - lag / n) * power;
  return sum;
}

/// Quantile of Student's t at (1 + 95.45 %)/2, nu >= 1: Chebyshev series in 2/nu - 1, summed after Clenshaw. It is
/// smooth in 1/nu up to the normal distribution's; what is left out and rounding stay below 2e-15 of it.
double student_quantile(double nu) {
  constexpr double kSeries[] = {
      6.192639268179434,      5.5999200640479208,      1.7276330617881608,      0.37512876254656347,
      0.06258071574641251,    0.0087505873837193191,   0.0010449691429087705,   0.00010418991590688296,
      8.8722254343590912e-06, 9.3551367309219141e-07,  7.191813176658436e-08,   -1.6656923503990351e-08,
      6.8061497221896663e-09, -1.0964564991601007e-09, -3.1199525385251425e-11, 1.186449743407423e-10,
      -6.595534131312081e-11, 2.698008402164215e-11,   -8.6567630380923858e-12, 1.8641218971605634e-12,
      3.2142153530724841e-14, -3.0340493027563119e-13, 2.0393715059631203e-13,  -9.4924572806935928e-14,
      3.4626791057036912e-14, -9.3253795188472535e-15, 9.6989497177119287e-16,  8.9884956558037432e-16};
  const double x2 = 2 * (2 / nu - 1);
  double next = 0, after = 0;
  for (std::size_t i = std::size(kSeries) - 1; i > 0; --i) after = std::exchange(next, kSeries[i] + x2 * next - after);
  return kSeries[0] + 0.5 * x2 * next - after;
}

}  // namespace

double to_ten_digits(double x) {
  if (!std::isfinite(x)) return x;
  char text[40];
  const auto written = std::to_chars(text, text + sizeof text, x, std::chars_format::scientific, 9);
  double rounded = 0;
  std::from_chars(text, written.ptr, rounded);
  return rounded;
}

Spread spread_of(std::span<const double> values) {
  Spread s;
  s.n = values.size();
  if (values.empty()) return s;
  const std::size_t eights = s.n / kLanes * kLanes;
  const std::span<const double> rest = values.subspan(eights);
  DoubleDouble sum;
  sum_eights(values.data(), eights, sum);
  for (const double v : rest) sum += v;
  const DoubleDouble mean = sum / DoubleDouble(static_cast<double>(s.n));
  s.mean = mean.rounded();
  if (s.n < 2) return s;
  DoubleDouble squares;
  square_eights(values.data(), eights, mean, squares);
  for (const double v : rest) {
    const double d = (DoubleDouble(v) - mean).rounded();
    squares += two_product(d, d);
  }
  s.sd = std::sqrt(squares.rounded() / static_cast<double>(s.n - 1));
  return s;
}

double effective_count(std::span<const double> values, const Spread& spread) {
  const auto n = static_cast<double>(values.size());
  const Autocorrelation r(values, spread);
  if (!r.known()) return n;
  const double one_sigma = 1 / std::sqrt(n);
  // Taking the mean off makes every autocorrelation too small, the first by (1 + 4 r)/n (Kendall, Marriott and Pope).
  const double first = r.at(1), freed = std::min(first + (1 + 4 * first) / n, 0.98);
  if (!(freed > one_sigma)) return n;
  const double second = r.at(2);
  const auto known = [&](std::size_t lag) { return lag == 1 ? first : lag == 2 ? second : r.at(lag); };
  double sum = 0;
  if (second < -2 * one_sigma) {  // it swings: what stands out, of either sign
    for (std::size_t lag = 1; lag <= values.size() / 4; ++lag) {
      const double at = known(lag);
      if (std::abs(at) <= 2 * one_sigma) break;
      sum += (1 - static_cast<double>(lag) / n) * at;
    }
  } else {
    for (std::size_t lag = 1; lag <= values.size() / 4; ++lag) {
      const double at = known(lag) + (1 + 2 * sum) / n;
      if (!(at > 0)) break;
      sum += (1 - static_cast<double>(lag) / n) * at;
    }
    sum = std::max(sum, sum_of_first_order(freed, n));
  }
  return std::clamp(n / std::max(1 + 2 * sum, 1e-9), std::min(2.0, n), n);
}

std::optional<MeanOfBlocks> mean_of_blocks(std::span<const double> values, const Spread& spread) {
  struct Blocks {
    std::size_t count;
    double stands_out;  ///< chi squared at 99 % over its degrees of freedom, count - 1
  };
  constexpr std::array<Blocks, 3> kBlocks = {{{10, 2.407333}, {6, 3.017254}, {4, 3.781622}}};
  constexpr std::size_t kFewestOfBlock = 4;
  std::optional<MeanOfBlocks> widest;
  for (const Blocks& blocks : kBlocks) {
    const std::size_t length = values.size() / blocks.count;
    if (length < kFewestOfBlock) continue;
    std::array<double, kBlocks[0].count> means;
    for (std::size_t i = 0; i < blocks.count; ++i) {
      const std::span<const double> block = values.subspan(i * length, length);
      means[i] = std::accumulate(block.begin(), block.end(), 0.0) / static_cast<double>(length);
    }
    const double between = spread_of(std::span(means).first(blocks.count)).sd;
    if (!(between * between * static_cast<double>(length) > blocks.stands_out * spread.sd * spread.sd)) continue;
    const auto count = static_cast<double>(blocks.count);
    const MeanOfBlocks mean{between / std::sqrt(count), count - 1};
    if (!widest || mean.expanded() > widest->expanded()) widest = mean;
  }
  return widest;
}

double MeanOfBlocks::expanded() const { return coverage_factor(freedom) * u; }

double effective_count_of_variance(std::span<const double> values, const Spread& spread) {
  const auto n = static_cast<double>(values.size());
  const Autocorrelation r(values, spread);
  if (!r.known()) return n;
  double sum = 0;
  const double first = r.at(1);
  for (std::size_t lag = 1; lag <= values.size() / 4; ++lag) {
    const double at = lag == 1 ? first : r.at(lag);
    // Squares of chance are 1/n: the first two lags need no test.
    if (lag > 2 && std::abs(at) <= 2 / std::sqrt(n)) continue;
    sum += at * at;
    if (lag >= 4) break;  // timing noise between tops reaches two lags; further ones are chance
  }
  const double squared = std::min(first * first, 0.96);
  sum = std::max(sum, squared / (1 - squared));
  return std::clamp(n / (1 + 2 * sum), std::min(2.0, n), n);
}

double deviation_of_process(const Spread& seen, double n_eff) {
  const auto n = static_cast<double>(seen.n);
  if (!(n_eff > 1) || !(n_eff < n)) return seen.sd;
  return seen.sd * std::sqrt((1 - 1 / n) / (1 - 1 / n_eff));
}

double median_of(std::span<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double quantile_of(std::span<const double> sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  if (below + 1 >= sorted.size()) return sorted.back();
  const double share = at - static_cast<double>(below);
  return sorted[below] + share * (sorted[below + 1] - sorted[below]);
}

double coverage_factor(double nu) {
  if (nu == 0 || !(nu < 1e6)) return 2;
  return to_ten_digits(student_quantile(std::max(nu, 1.0)));
}

double coverage_factor(double nu, double coverage) {
  if (nu == 0 || !(nu < 1e6)) {
    return to_ten_digits(
        boost::math::quantile(boost::math::normal_distribution<double, InDouble>(), 0.5 + coverage / 2));
  }
  const boost::math::students_t_distribution<double, InDouble> t(std::max(nu, 1.0));
  return to_ten_digits(boost::math::quantile(t, 0.5 + coverage / 2));
}

double chi_squared_quantile(double p, double nu) {
  return to_ten_digits(boost::math::quantile(boost::math::chi_squared_distribution<double, InDouble>(nu), p));
}

double tolerance_factor(double n, double share, double confidence) {
  if (!(n > 1)) return std::numeric_limits<double>::quiet_NaN();
  const double nu = n - 1;
  const double z = boost::math::quantile(boost::math::normal_distribution<double, InDouble>(), 0.5 + share / 2);
  const double chi2 =
      boost::math::quantile(boost::math::chi_squared_distribution<double, InDouble>(nu), 1 - confidence);
  return to_ten_digits(z * std::sqrt(nu * (1 + 1 / n) / chi2));
}

SigmaFactors sigma_factors(double nu) {
  nu = std::max(nu, 1.0);
  return {to_ten_digits(std::sqrt(nu / chi_squared_quantile(0.975, nu))),
          to_ten_digits(std::sqrt(nu / chi_squared_quantile(0.025, nu)))};
}

double clopper_pearson_upper(std::uint64_t hits, std::uint64_t n, double confidence) {
  if (n == 0 || hits >= n) return 1;
  return to_ten_digits(boost::math::binomial_distribution<double, InDouble>::find_upper_bound_on_p(
      static_cast<double>(n), static_cast<double>(hits), 1 - confidence));
}

}  // namespace penrig
