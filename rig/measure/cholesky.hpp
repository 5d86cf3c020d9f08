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
  std::array<Vector, N> l;  ///< the matrix before factorise(), its factor after

  /// False where the matrix is not positive definite: a pivot is not above `least`.
  bool factorise(double least = 0) {
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        double sum = l[i][j];
        for (std::size_t k = 0; k < j; ++k) sum -= l[i][k] * l[j][k];
        if (i == j) {
          if (!(sum > least)) return false;
          l[i][i] = std::sqrt(sum);
        } else {
          l[i][j] = sum / l[j][j];
        }
      }
    }
    return true;
  }
  void solve_lower(Vector& b) const {
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < i; ++j) b[i] -= l[i][j] * b[j];
      b[i] /= l[i][i];
    }
  }
  void solve_upper(Vector& b) const {
    for (std::size_t i = rows; i-- > 0;) {
      for (std::size_t j = i + 1; j < rows; ++j) b[i] -= l[j][i] * b[j];
      b[i] /= l[i][i];
    }
  }
  /// g^T M^-1 g.
  double quadratic(Vector g) const {
    solve_lower(g);
    double sum = 0;
    for (std::size_t i = 0; i < rows; ++i) sum += g[i] * g[i];
    return sum;
  }
};

}  // namespace penrig
