#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "rig/base/two.hpp"
#include "rig/base/unroll.hpp"

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
  double at(std::size_t row, std::size_t column) const { return columns_[column].of[row]; }

  /// False where the matrix is not positive definite: a pivot is not above `least`.
  bool factorise(std::size_t rows, double least = 0) {
    if constexpr (N <= kMostUnrolled) {
      if (rows == N) return factorise_columns(least, std::make_index_sequence<N>());
    }
    for (std::size_t j = 0; j < rows; ++j) {
      if (!factorise_column(j, rows, least)) return false;
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
  static constexpr std::size_t kMostUnrolled = 13;
  /// A column with its element of the right side, in whole pairs.
  struct Column {
    alignas(Two) std::array<double, N / 2 * 2 + 2> of{};
    Two two(std::size_t pair) const { return two_at(&of[2 * pair]); }
    void set(std::size_t pair, Two x) { put_two(&of[2 * pair], x); }
  };

  /// From the columns before it, from the pair of the diagonal on; what comes out above the diagonal means nothing.
  /// Inlined, so that the loops of constants are unrolled.
  [[gnu::always_inline]] bool factorise_column(std::size_t j, std::size_t rows, double least) {
    Column& column = columns_[j];
    PENRIG_UNROLL(8)
    for (std::size_t i = j / 2; i <= rows / 2; ++i) {
      Two left = column.two(i);
      PENRIG_UNROLL(16)
      for (std::size_t k = 0; k < j; ++k) left -= columns_[k].two(i) * columns_[k].of[j];
      column.set(i, left);
    }
    if (!(column.of[j] > least)) return false;
    const double root = std::sqrt(column.of[j]);
    PENRIG_UNROLL(8)
    for (std::size_t i = j / 2; i <= rows / 2; ++i) column.set(i, column.two(i) / root);
    column.of[j] = root;
    return true;
  }
  template <std::size_t... J>
  bool factorise_columns(double least, std::index_sequence<J...>) {
    return (factorise_column(J, N, least) && ...);
  }

  std::array<Column, N> columns_;
};

}  // namespace penrig
