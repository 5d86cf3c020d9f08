#include "rig/calibrate/polynomial_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <boost/math/distributions/fisher_f.hpp>
#include <fmt/format.h>

#include "rig/base/in_double.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {
namespace {

constexpr double kLackLevel = 0.05, kTermLevel = 0.025;
/// What is left below this share of the values is rounding, not scatter.
constexpr double kNothing = 1e-13;

using Row = std::array<DoubleDouble, kMaxCoefficients>;

/// The power of two at or above |x|, so that dividing by it loses nothing; 1 for 0.
double power_of_two_above(double x) {
  if (x == 0) return 1;
  int exponent = 0;
  std::frexp(x, &exponent);
  return std::ldexp(1.0, exponent);
}

std::size_t count_different(std::span<const double> x, bool without_zero) {
  std::vector<double> sorted(x.begin(), x.end());
  std::ranges::sort(sorted);
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  if (without_zero) std::erase(sorted, 0.0);
  return sorted.size();
}

Result<void> check(std::span<const double> x, std::span<const double> y, unsigned degree, bool intercept,
                   std::span<const double> weights) {
  if (x.size() != y.size() || (!weights.empty() && weights.size() != x.size()))
    return fail(Errc::bad_data, "a fit needs one y (and one weight) for each x");
  if (degree > kMaxDegree || (degree == 0 && !intercept))
    return fail(Errc::bad_data,
                fmt::format("degree {} cannot be fitted: {} to {} can", degree, intercept ? 0 : 1, kMaxDegree));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool sound = std::isfinite(x[i]) && std::isfinite(y[i]) &&
                       (weights.empty() || (weights[i] > 0 && std::isfinite(weights[i])));
    if (!sound)
      return fail(Errc::bad_data, fmt::format("point {} is not a number, or its weight is not above 0", i + 1));
  }
  const std::size_t p = degree + (intercept ? 1U : 0U);
  if (x.size() <= p) {
    return fail(Errc::bad_data, fmt::format("{} points leave nothing to judge a fit of degree {} by: at least {} are "
                                            "needed",
                                            x.size(), degree, p + 1));
  }
  if (const std::size_t different = count_different(x, !intercept); different < p) {
    return fail(Errc::bad_data, fmt::format("{} different values do not determine degree {}: at least {} are needed",
                                            different, degree, p));
  }
  return {};
}

double probability_above(double f, std::size_t above, std::size_t below) {
  if (!std::isfinite(f)) return 0;
  if (!(f > 0)) return 1;
  const boost::math::fisher_f_distribution<double, InDouble> d(static_cast<double>(above), static_cast<double>(below));
  return to_ten_digits(boost::math::cdf(boost::math::complement(d, f)));
}

FTest test_of(DoubleDouble above_ss, std::size_t above, DoubleDouble below_ss, std::size_t below) {
  FTest test;
  test.dof_above = above;
  test.dof_below = below;
  const double top = std::max(0.0, above_ss.rounded()) / static_cast<double>(above);
  const double bottom = below_ss.rounded() / static_cast<double>(below);
  test.f = bottom > 0 ? top / bottom : top > 0 ? std::numeric_limits<double>::infinity() : 0;
  test.p = probability_above(test.f, above, below);
  return test;
}

/// Householder QR of the rows in place, the last column being y. Returns false where a column hangs on others.
bool factorise(std::vector<Row>& a, std::vector<DoubleDouble>& y, std::size_t p) {
  const std::size_t n = a.size();
  for (std::size_t k = 0; k < p; ++k) {
    DoubleDouble squares;
    for (std::size_t i = k; i < n; ++i) squares += a[i][k] * a[i][k];
    DoubleDouble norm = square_root(squares);
    if (!(norm.high > 0)) return false;
    if (a[k][k].high > 0) norm = -norm;  // no cancellation in the pivot
    const DoubleDouble pivot = a[k][k] - norm;
    // v = (pivot, a[k+1..]); H = I - v v' / (-norm pivot)
    const DoubleDouble h = -(norm * pivot);
    const auto reflect = [&](auto&& column) {
      DoubleDouble dot = pivot * column(k);
      for (std::size_t i = k + 1; i < n; ++i) dot += a[i][k] * column(i);
      const DoubleDouble factor = dot / h;
      column(k) -= factor * pivot;
      for (std::size_t i = k + 1; i < n; ++i) column(i) -= factor * a[i][k];
    };
    for (std::size_t j = k + 1; j < p; ++j) reflect([&](std::size_t i) -> DoubleDouble& { return a[i][j]; });
    reflect([&](std::size_t i) -> DoubleDouble& { return y[i]; });
    a[k][k] = norm;
  }
  return true;
}

/// Inverse of the upper triangle of a.
std::array<Row, kMaxCoefficients> inverse_of_triangle(const std::vector<Row>& a, std::size_t p) {
  std::array<Row, kMaxCoefficients> inverse{};
  for (std::size_t j = 0; j < p; ++j) {
    inverse[j][j] = DoubleDouble(1) / a[j][j];
    for (std::size_t i = j; i-- > 0;) {
      DoubleDouble sum;
      for (std::size_t k = i + 1; k <= j; ++k) sum += a[i][k] * inverse[k][j];
      inverse[i][j] = -(sum / a[i][i]);
    }
  }
  return inverse;
}

/// Powers of t that the model has: from 0, or from 1 through the origin.
Row basis(const PolynomialFit& fit, double x) {
  const PolynomialFit::Internal& in = fit.internal;
  const DoubleDouble t = two_sum(x, -in.centre) / DoubleDouble(in.scale);
  Row powers{};
  DoubleDouble power = fit.intercept ? DoubleDouble(1) : t;
  for (std::size_t j = 0; j < fit.coefficients.size(); ++j) {
    powers[j] = power;
    power = power * t;
  }
  return powers;
}

DoubleDouble value_at(const PolynomialFit& fit, double x) {
  const Row powers = basis(fit, x);
  DoubleDouble sum;
  for (std::size_t j = 0; j < fit.coefficients.size(); ++j) sum += fit.internal.a[j] * powers[j];
  return sum;
}

/// Row j gives coefficient j of x from those of t.
std::array<Row, kMaxCoefficients> back_to_x(const PolynomialFit& fit, std::size_t p) {
  std::array<Row, kMaxCoefficients> rows{};
  DoubleDouble scale_power = fit.intercept ? 1 : fit.internal.scale;
  for (std::size_t k = 0; k < p; ++k) {
    if (!fit.intercept) {  // not centred
      rows[k][k] = DoubleDouble(1) / scale_power;
    } else {
      DoubleDouble power(1);
      double binomial = 1;
      for (std::size_t j = k + 1; j-- > 0;) {  // C(k, j) (-centre)^(k-j)
        rows[j][k] = DoubleDouble(binomial) * power / scale_power;
        power = power * DoubleDouble(-fit.internal.centre);
        binomial = binomial * static_cast<double>(j) / static_cast<double>(k - j + 1);
      }
    }
    scale_power = scale_power * DoubleDouble(fit.internal.scale);
  }
  return rows;
}

void set_scale(PolynomialFit& fit, std::span<const double> x) {
  const auto [low, high] = std::ranges::minmax_element(x);
  fit.x_min = *low;
  fit.x_max = *high;
  if (fit.intercept) fit.internal.centre = fit.x_min + (fit.x_max - fit.x_min) / 2;
  fit.internal.scale = power_of_two_above(
      std::max(std::abs(fit.x_max - fit.internal.centre), std::abs(fit.x_min - fit.internal.centre)));
}

void fill_coefficients(PolynomialFit& fit, DoubleDouble variance) {
  const std::size_t p = fit.coefficients.size();
  const auto rows = back_to_x(fit, p);
  std::array<Row, kMaxCoefficients> m{};  // rows times the inverse of R
  for (std::size_t i = 0; i < p; ++i) {
    DoubleDouble b;
    for (std::size_t k = 0; k < p; ++k) b += rows[i][k] * fit.internal.a[k];
    fit.coefficients[i] = b.rounded();
    for (std::size_t j = 0; j < p; ++j) {
      for (std::size_t k = 0; k <= j; ++k) m[i][j] += rows[i][k] * fit.internal.r_inverse[k][j];
    }
  }
  for (std::size_t i = 0; i < p; ++i) {
    for (std::size_t j = 0; j < p; ++j) {
      DoubleDouble dot;
      for (std::size_t k = 0; k < p; ++k) dot += m[i][k] * m[j][k];
      fit.covariance[i][j] = (variance * dot).rounded();
      if (i == j) fit.coefficient_sd[i] = square_root(variance * dot).rounded();
    }
  }
}

/// What of the weighted values the fit explains, and what not; exact fits are said to be so.
DoubleDouble fill_sums(PolynomialFit& fit, std::span<const double> x, std::span<const double> y,
                       std::span<const double> weights) {
  DoubleDouble weight_sum, mean;
  for (std::size_t i = 0; i < fit.n; ++i) {
    const DoubleDouble w = weights.empty() ? 1 : weights[i];
    weight_sum += w;
    mean += w * DoubleDouble(y[i]);
  }
  mean = fit.intercept ? mean / weight_sum : DoubleDouble(0);
  DoubleDouble left, explained;
  for (std::size_t i = 0; i < fit.n; ++i) {
    const DoubleDouble w = weights.empty() ? 1 : weights[i];
    const DoubleDouble value = value_at(fit, x[i]), r = DoubleDouble(y[i]) - value, e = value - mean;
    fit.residuals[i] = r.rounded();
    left += w * r * r;
    explained += w * e * e;
  }
  fit.residual_ss = left.rounded();
  fit.regression_ss = explained.rounded();
  const DoubleDouble variance = left / DoubleDouble(static_cast<double>(fit.dof));
  fit.residual_sd = square_root(variance).rounded();
  fit.regression_dof = fit.degree;
  const double total = (left + explained).rounded();
  fit.r_squared = total > 0 ? (explained / (left + explained)).rounded() : 1;
  fit.f_regression = fit.regression_dof == 0 ? 0 : test_of(explained, fit.regression_dof, left, fit.dof).f;
  return variance;
}

struct PureError {
  DoubleDouble ss;
  std::size_t dof = 0, different = 0;
};

PureError pure_error(std::span<const double> x, std::span<const double> y, std::span<const double> weights) {
  struct Group {
    DoubleDouble weight, sum;
    std::size_t n = 0;
  };
  std::map<double, Group> groups;
  const auto weight = [&](std::size_t i) { return DoubleDouble(weights.empty() ? 1 : weights[i]); };
  for (std::size_t i = 0; i < x.size(); ++i) {
    Group& g = groups[x[i]];
    g.weight += weight(i);
    g.sum += weight(i) * DoubleDouble(y[i]);
    ++g.n;
  }
  PureError pure;
  pure.different = groups.size();
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Group& g = groups[x[i]];
    const DoubleDouble d = DoubleDouble(y[i]) - g.sum / g.weight;
    pure.ss += weight(i) * d * d;
  }
  pure.dof = x.size() - groups.size();
  return pure;
}

/// Whether the fit leaves nothing but rounding.
bool exact(const PolynomialFit& fit) {
  return fit.residual_ss <= kNothing * kNothing * (fit.residual_ss + fit.regression_ss);
}

}  // namespace

double PolynomialFit::at(double x) const { return value_at(*this, x).rounded(); }

double PolynomialFit::slope_at(double x) const {
  const DoubleDouble t = two_sum(x, -internal.centre) / DoubleDouble(internal.scale);
  DoubleDouble sum, power(1);
  for (std::size_t j = intercept ? 1 : 0; j < coefficients.size(); ++j) {
    const double order = static_cast<double>(intercept ? j : j + 1);
    sum += internal.a[j] * power * DoubleDouble(order);
    power = power * t;
  }
  return (sum / DoubleDouble(internal.scale)).rounded();
}

double PolynomialFit::sd_at(double x) const {
  const Row powers = basis(*this, x);
  DoubleDouble squares;
  for (std::size_t j = 0; j < coefficients.size(); ++j) {
    DoubleDouble dot;
    for (std::size_t k = 0; k <= j; ++k) dot += powers[k] * internal.r_inverse[k][j];
    squares += dot * dot;
  }
  return residual_sd * square_root(squares).rounded();
}

Result<PolynomialFit> fit_polynomial(std::span<const double> x, std::span<const double> y, unsigned degree,
                                     bool intercept, std::span<const double> weights) {
  if (const auto sound = check(x, y, degree, intercept, weights); !sound) return sound.error();
  const std::size_t p = degree + (intercept ? 1U : 0U);
  PolynomialFit fit;
  fit.degree = degree;
  fit.intercept = intercept;
  fit.n = x.size();
  fit.dof = fit.n - p;
  fit.coefficients.resize(p);
  fit.coefficient_sd.resize(p);
  fit.covariance.assign(p, std::vector<double>(p));
  fit.residuals.resize(fit.n);
  set_scale(fit, x);

  std::vector<Row> rows(fit.n);
  std::vector<DoubleDouble> right(fit.n);
  for (std::size_t i = 0; i < fit.n; ++i) {
    const DoubleDouble root = weights.empty() ? 1 : square_root(weights[i]);
    rows[i] = basis(fit, x[i]);
    for (DoubleDouble& v : rows[i]) v = v * root;
    right[i] = root * DoubleDouble(y[i]);
  }
  if (!factorise(rows, right, p))
    return fail(Errc::bad_data, fmt::format("the points do not determine a fit of degree {}", degree));
  fit.internal.r_inverse = inverse_of_triangle(rows, p);
  for (std::size_t i = 0; i < p; ++i) {
    for (std::size_t j = i; j < p; ++j) fit.internal.a[i] += fit.internal.r_inverse[i][j] * right[j];
  }
  const DoubleDouble variance = fill_sums(fit, x, y, weights);
  fill_coefficients(fit, variance);
  return fit;
}

std::optional<FTest> lack_of_fit(const PolynomialFit& fit, std::span<const double> x, std::span<const double> y,
                                 std::span<const double> weights) {
  const PureError pure = pure_error(x, y, weights);
  const std::size_t p = fit.coefficients.size();
  if (pure.dof == 0 || pure.different <= p || exact(fit)) return std::nullopt;
  return test_of(DoubleDouble(fit.residual_ss) - pure.ss, pure.different - p, pure.ss, pure.dof);
}

FTest added_terms(const PolynomialFit& smaller, const PolynomialFit& larger) {
  FTest none;
  none.dof_above = larger.degree - smaller.degree;
  none.dof_below = larger.dof;
  if (exact(smaller)) return none;
  return test_of(DoubleDouble(smaller.residual_ss) - DoubleDouble(larger.residual_ss), none.dof_above,
                 larger.residual_ss, larger.dof);
}

Result<DegreeChoice> choose_degree(std::span<const double> x, std::span<const double> y, bool intercept,
                                   unsigned max_degree, std::span<const double> weights) {
  const std::size_t different = count_different(x, !intercept);
  // One different value more than there are coefficients, so that every candidate can be wrong.
  const std::size_t most = different < (intercept ? 3U : 2U) ? 1 : different - (intercept ? 2U : 1U);
  const auto highest = static_cast<unsigned>(std::min<std::size_t>(std::clamp(max_degree, 1U, kMaxDegree), most));
  DegreeChoice choice;
  for (unsigned degree = 1; degree <= highest; ++degree) {
    auto fit = fit_polynomial(x, y, degree, intercept, weights);
    if (!fit) {
      if (degree == 1) return fit.error();
      break;
    }
    DegreeCandidate candidate;
    candidate.lack = lack_of_fit(*fit, x, y, weights);
    candidate.fit = std::move(*fit);
    if (!choice.candidates.empty()) candidate.added = added_terms(choice.candidates.back().fit, candidate.fit);
    choice.candidates.push_back(std::move(candidate));
  }
  const std::size_t count = choice.candidates.size();
  for (std::size_t i = 0; i < count; ++i) {
    DegreeCandidate& c = choice.candidates[i];
    c.adequate = !c.lack || c.lack->p >= kLackLevel;
    for (std::size_t above = i + 1; above < std::min(count, i + 3); ++above) {
      if (added_terms(c.fit, choice.candidates[above].fit).p < kTermLevel) c.adequate = false;
    }
  }
  const auto first = std::ranges::find(choice.candidates, true, &DegreeCandidate::adequate);
  choice.fits = first != choice.candidates.end();
  if (choice.fits) {
    choice.chosen = static_cast<std::size_t>(first - choice.candidates.begin());
    return choice;
  }
  for (std::size_t i = count; i-- > 0;) {
    if (i > 0 && choice.candidates[i].added->p >= kTermLevel) continue;
    choice.chosen = i;
    break;
  }
  return choice;
}

std::string polynomial_text(const PolynomialFit& fit, const std::string& y, const std::string& x) {
  std::string text = y + " =";
  for (std::size_t j = 0; j < fit.coefficients.size(); ++j) {
    const double b = fit.coefficients[j];
    const std::size_t power = fit.intercept ? j : j + 1;
    text += j == 0 ? (b < 0 ? " −" : " ") : (b < 0 ? " − " : " + ");
    text += fmt::format("{:.9g}", std::abs(b));
    if (power > 0) text += "·" + x;
    if (power > 1) text += fmt::format("^{}", power);
  }
  return text;
}

}  // namespace penrig
