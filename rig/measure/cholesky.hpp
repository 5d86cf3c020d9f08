#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include "rig/base/two.hpp"

namespace penrig {

/// Cholesky's factor of a symmetric positive definite matrix of at most N rows, and what is solved with it. `rows` are
/// those in use (where it is a constant, loops are unrolled); of them only the lower triangle is ever asked for. The
/// right side of a system may be given as one more row: what factorise() makes of it is the first half of the solution.
template <std::size_t N>
class Cholesky {
 public:
  /// Element of the lower triangle, row >= column: of the matrix before factorise(), of its factor after. In row `rows`
  /// stands the right side before, and what solve_lower() would make of it after.
  double& at(std::size_t row, std::size_t column) { return columns_[column].of[row]; }

  /// False where the matrix is not positive definite: a pivot is not above `least`.
  bool factorise(std::size_t rows, double least = 0) {
    // By columns, whose elements do not wait for each other. What comes out above the diagonal means nothing.
    const std::size_t pairs = rows / 2 + 1;
    for (std::size_t j = 0; j < rows; ++j) {
      Column& column = columns_[j];
      std::array<Two, kPairs> left;
      for (std::size_t i = 0; i < pairs; ++i) left[i] = column.two(i);
      for (std::size_t k = 0; k < j; ++k) {
        const Column& before = columns_[k];
        const double factor = before.of[j];
#pragma GCC unroll 7
        for (std::size_t i = 0; i < pairs; ++i) left[i] -= before.two(i) * factor;
      }
      const double pivot = left[j / 2][j % 2];
      if (!(pivot > least)) return false;
      const double root = std::sqrt(pivot);
      for (std::size_t i = 0; i < pairs; ++i) column.set(i, left[i] / root);
      column.of[j] = root;
    }
    return true;
  }
  /// T: double, or Two for two right sides at once.
  template <class T>
  void solve_lower(std::size_t rows, std::array<T, N>& b) const {
    for (std::size_t i = 0; i < rows; ++i) {
      T left = b[i];
      for (std::size_t j = 0; j < i; ++j) left -= columns_[j].of[i] * b[j];
      b[i] = left / columns_[i].of[i];
    }
  }
  void solve_upper(std::size_t rows, std::array<double, N>& b) const {
    for (std::size_t i = rows; i-- > 0;) {
      double left = b[i];
      for (std::size_t j = i + 1; j < rows; ++j) left -= columns_[i].of[j] * b[j];
      b[i] = left / columns_[i].of[i];
    }
  }
  /// g^T M^-1 g; T as above.
  template <class T>
  T quadratic(std::size_t rows, std::array<T, N> g) const {
    solve_lower(rows, g);
    T sum{};
    for (std::size_t i = 0; i < rows; ++i) sum += g[i] * g[i];
    return sum;
  }

 private:
  static constexpr std::size_t kPairs = N / 2 + 1;  ///< that hold a column and its element of the right side
  struct Column {
    alignas(Two) std::array<double, 2 * kPairs> of{};
    Two two(std::size_t pair) const { return two_at(&of[2 * pair]); }
    void set(std::size_t pair, Two x) { put_two(&of[2 * pair], x); }
  };
  std::array<Column, N> columns_;
};

}  // namespace penrig
