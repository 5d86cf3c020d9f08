#pragma once

#include <array>
#include <cmath>
#include <cstddef>

namespace penrig {

/// Cholesky's factor of a symmetric positive definite matrix of at most N rows, and what is solved with it. Of the rows
/// in use only the lower triangle is ever read or written.
template <std::size_t N>
struct Cholesky {
  using Vector = std::array<double, N>;
  Cholesky() {}  // NOLINT: the matrix may be large, and is filled by its owner

  std::size_t rows = 0;
  /// Element of the lower triangle, row >= column: of the matrix before factorise(), of its factor after.
  double& at(std::size_t row, std::size_t column) { return columns_[column][row]; }

  /// False where the matrix is not positive definite: a pivot is not above `least`.
  bool factorise(double least = 0) {
    // By columns, whose elements do not wait for each other.
    for (std::size_t j = 0; j < rows; ++j) {
      Vector& column = columns_[j];
      for (std::size_t k = 0; k < j; ++k) {
        const Vector& before = columns_[k];
        const double factor = before[j];
        for (std::size_t i = j; i < rows; ++i) column[i] -= before[i] * factor;
      }
      if (!(column[j] > least)) return false;
      const double root = std::sqrt(column[j]);
      column[j] = root;
      for (std::size_t i = j + 1; i < rows; ++i) column[i] /= root;
    }
    return true;
  }
  void solve_lower(Vector& b) const {
    for (std::size_t j = 0; j < rows; ++j) {
      const Vector& column = columns_[j];
      const double known = b[j] /= column[j];
      for (std::size_t i = j + 1; i < rows; ++i) b[i] -= column[i] * known;
    }
  }
  void solve_upper(Vector& b) const {
    for (std::size_t i = rows; i-- > 0;) {
      double left = b[i];
      for (std::size_t j = i + 1; j < rows; ++j) left -= columns_[i][j] * b[j];
      b[i] = left / columns_[i][i];
    }
  }
  /// g^T M^-1 g.
  double quadratic(Vector g) const {
    solve_lower(g);
    double sum = 0;
    for (std::size_t i = 0; i < rows; ++i) sum += g[i] * g[i];
    return sum;
  }

 private:
  std::array<Vector, N> columns_;
};

}  // namespace penrig
