#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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

/// Effective number of independent values for the mean of a stationary series, n_eff = n / (1 + 2 sum (1 - i/n) r_i).
/// The autocorrelations r_i are freed of what taking the mean off does to them, and summed up to the first that is not
/// positive; the sum is at least that of a first-order process with the same r_1, whose tail a short series does not
/// show. r_1 within one sigma, 1/sqrt(n), or below it: n. Where the series swings (r_2 below -2/sqrt(n)) those beyond
/// 2/sqrt(n) are summed instead. At least 2, at most n; n below 8 values.
///
/// One sigma, not two: at n = 40 a test at two sigmas misses r_1 = 0.3 in most series, and U of their mean covers 88 %
/// in place of 95 (tests/rig/tolerance_coverage_test.cpp). A white series loses 7 % of n at 40, 4 % at 300.
/// Source: Kendall (1954), Marriott and Pope (1954) for the bias; Geyer (1992) for where to stop; Bayley and Hammersley
/// (1946).
///
/// @param spread  spread_of(values).
double effective_count(std::span<const double> values, const Spread& spread);

/// Standard uncertainty of a series' mean from the scatter of the means of blocks in a row.
struct MeanOfBlocks {
  double u = 0, freedom = 0;
  double expanded() const;  ///< U at 95.45 %
};
/// Of 10, 6 or 4 blocks (4 values each at least) those with the largest U, among those that scatter by more than white
/// noise would (chi squared at 99 %); none: as if no drift were in them. A drift beneath noise, or beneath a swing, is
/// in hardly any r_i, and in all of these means. One as long as the series shows in neither.
///
/// At 95 % U of the mean of white noise would be wider by 18 %, at 99 % it is by 4; of a drift as in the tests it
/// covers 69 % (79 at 95 %), by neighbours alone 60.
/// @param spread  spread_of(values).
std::optional<MeanOfBlocks> mean_of_blocks(std::span<const double> values, const Spread& spread);

/// The same for a variance: n / (1 + 2 sum r_i^2), of the first two autocorrelations and those further ones beyond
/// 2/sqrt(n), of either sign; the sum is at least that of a first-order process with the same r_1.
double effective_count_of_variance(std::span<const double> values, const Spread& spread);

/// Standard deviation of the process behind a series of which n_eff values count as independent: values that go
/// together differ less among themselves, E s^2 = sigma^2 (1 - 1/n_eff)/(1 - 1/n). n_eff <= 1 or >= n gives the
/// spread's own.
double deviation_of_process(const Spread& seen, double n_eff);

/// Value below which the share p (0..1) of the strokes lies, linear between order statistics. sorted: ascending, not
/// empty.
double quantile_of(std::span<const double> sorted, double p);

/// The middle value (of an even number the upper of both); 0 of none. Brings the values into another order.
double median_of(std::span<double> values);

/// Two-sided coverage factor at 95.45 %; nu 0 or infinite gives 2, nu < 1 counts as 1.
double coverage_factor(double nu);
/// The same at another share; nu 0 or infinite gives the normal distribution's.
double coverage_factor(double nu, double coverage);

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
