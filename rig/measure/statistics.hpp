#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace penrig {

/// Rounded to ten significant decimal digits: how quantiles and coverage factors are recorded, because the library that
/// computes them may differ in the last bits between machines. NaN and infinities pass through.
double to_ten_digits(double x);

/// Mean and standard deviation (n - 1) of a sample; sd is 0 for fewer than two values. Two passes in doubled precision:
/// what is lost is lost by the values being doubles (NIST StRD, tests/rig/strd_test.cpp).
struct Spread {
  double mean = 0, sd = 0;
  std::size_t n = 0;
};
Spread spread_of(std::span<const double> values);

/// Effective number of independent values for the mean of a stationary series,
/// n_eff = n / (1 + 2 sum (1 - i/n) r_i) over the first autocorrelations that stand out of 2/sqrt(n); the sum stops at
/// the first that does not, or at n/4. At least 2, at most n. Source: GUM Supplement on correlated observations; Bayley
/// & Hammersley.
double effective_count(std::span<const double> values);

/// The same for a variance: n / (1 + 2 sum r_i^2). Lags as above, of either sign.
double effective_count_of_variance(std::span<const double> values);

/// Value below which the share p (0..1) of the strokes lies, linear between order statistics. sorted: ascending, not
/// empty.
double quantile_of(std::span<const double> sorted, double p);

/// Two-sided coverage factor at 95.45 %; nu 0 or infinite gives 2, nu < 1 counts as 1.
double coverage_factor(double nu);

/// Factor of the two-sided normal tolerance interval mean +- k s that holds `share` of the population at `confidence`.
/// n > 1, need not be whole. Source: Howe, J. Am. Stat. Assoc. 64 (1969); NIST/SEMATECH e-Handbook 7.2.6.3.
double tolerance_factor(double n, double share = 0.99, double confidence = 0.95);

/// Factors a <= 1 <= b so that [a s, b s] holds sigma at 95 %, from chi squared with nu degrees of freedom (nu >= 1).
struct SigmaFactors {
  double low = 0, high = 0;
};
SigmaFactors sigma_factors(double nu);

/// One-sided upper Clopper-Pearson limit (95 %) of a share, from `hits` in `n`. n = 0 gives 1.
double clopper_pearson_upper(std::uint64_t hits, std::uint64_t n, double confidence = 0.95);

/// Quantile of chi squared. nu > 0, 0 < p < 1.
double chi_squared_quantile(double p, double nu);

}  // namespace penrig
