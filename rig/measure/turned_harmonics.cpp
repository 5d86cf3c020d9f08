#include "rig/measure/turned_harmonics.hpp"

#include <algorithm>

#include "rig/measure/turn_sums.hpp"

namespace penrig {

namespace {

/// Eight strokes, in rows that lie so far apart.
struct Rows {
  std::size_t padded, harmonics;
};

[[gnu::always_inline]] inline EightComplex complex_at(const double* first, const Rows& rows, std::size_t k) {
  return {eight_at(first + 2 * k * rows.padded), eight_at(first + (2 * k + 1) * rows.padded)};
}

PENRIG_EACH_PROCESSOR void turn_all_back(const Rows& rows, const double* lags, const double* as_fitted, double* turned,
                                         Complex* sums) {
  constexpr std::size_t kMost = kMaxHarmonics;
  std::array<EightComplex, kMost> all;
  for (std::size_t k = 0; k < rows.harmonics; ++k) all[k] = EightComplex{};
  for (std::size_t i = 0; i < rows.padded; i += kLanes) {
    const EightComplex back = turn(-eight_at(lags + i));
    EightComplex by = back;
    for (std::size_t k = 0; k < rows.harmonics; ++k) {
      const EightComplex c = multiply(complex_at(as_fitted + i, rows, k), by);
      put_eight(turned + i + 2 * k * rows.padded, c.re);
      put_eight(turned + i + (2 * k + 1) * rows.padded, c.im);
      all[k].re += c.re;
      all[k].im += c.im;
      by = multiply(by, back);
    }
  }
  for (std::size_t k = 0; k < rows.harmonics; ++k) sums[k] = {sum_of(all[k].re), sum_of(all[k].im)};
}

PENRIG_EACH_PROCESSOR void add_to_all(const Rows& rows, const double* turned, const Complex* weights, double* lags) {
  for (std::size_t i = 0; i < rows.padded; i += kLanes) {
    Eight lag = eight_at(lags + i);
    for (std::size_t k = 0; k < rows.harmonics; ++k) {
      const EightComplex c = complex_at(turned + i, rows, k);
      lag += c.im * weights[k].re - c.re * weights[k].im;
    }
    put_eight(lags + i, lag);
  }
}

}  // namespace

TurnedHarmonics::TurnedHarmonics(std::size_t strokes, std::size_t harmonics)
    : padded_((strokes + kLanes - 1) / kLanes * kLanes),
      harmonics_(harmonics),
      as_fitted_(2 * harmonics * padded_),
      turned_(2 * harmonics * padded_),
      lags_(padded_) {
  for (std::size_t of = 0; of < 2 * harmonics; ++of) std::fill(row(of) + strokes, row(of) + padded_, 0.0);
}

void TurnedHarmonics::turn_back(std::span<Complex> sums) {
  turn_all_back({padded_, harmonics_}, lags_.data(), as_fitted_.data(), turned_.data(), sums.data());
}

void TurnedHarmonics::add_to_lags(std::span<const Complex> weights) {
  add_to_all({padded_, harmonics_}, turned_.data(), weights.data(), lags_.data());
}

}  // namespace penrig
