#include "reports/statistics/run_length.hpp"

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "reports/statistics/distributions.hpp"

namespace penrig::statistics {

namespace {

/// (I - Q) x = 1 by elimination with the largest pivot of a column; what comes back is x.
std::vector<double> steps_to_leave(std::vector<std::vector<double>> q) {
  const std::size_t n = q.size();
  std::vector<double> x(n, 1);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) q[i][j] = (i == j ? 1.0 : 0.0) - q[i][j];
  for (std::size_t c = 0; c < n; ++c) {
    std::size_t pivot = c;
    for (std::size_t r = c + 1; r < n; ++r)
      if (std::abs(q[r][c]) > std::abs(q[pivot][c])) pivot = r;
    std::swap(q[c], q[pivot]);
    std::swap(x[c], x[pivot]);
    for (std::size_t r = c + 1; r < n; ++r) {
      const double factor = q[r][c] / q[c][c];
      for (std::size_t j = c; j < n; ++j) q[r][j] -= factor * q[c][j];
      x[r] -= factor * x[c];
    }
  }
  for (std::size_t c = n; c-- > 0;) {
    for (std::size_t j = c + 1; j < n; ++j) x[c] -= q[c][j] * x[j];
    x[c] /= q[c][c];
  }
  return x;
}

double one_sided_cusum(double allowance, double decision, double shift) {
  constexpr std::size_t kStates = 200;
  const double width = 2 * decision / (2.0 * kStates - 1);  // the first state is half as wide
  std::vector<std::vector<double>> q(kStates, std::vector<double>(kStates));
  for (std::size_t i = 0; i < kStates; ++i) {
    for (std::size_t j = 0; j < kStates; ++j) {
      const double step = (static_cast<double>(j) - static_cast<double>(i)) * width + allowance - shift;
      q[i][j] = normal_below(step + width / 2) - (j == 0 ? 0 : normal_below(step - width / 2));
    }
  }
  return steps_to_leave(std::move(q)).front();
}

}  // namespace

double shewhart_run_length(double shift, double width) {
  return 1 / (normal_below(-width - shift) + normal_below(-width + shift));
}

double cusum_run_length(double allowance, double decision, double shift) {
  return 1 / (1 / one_sided_cusum(allowance, decision, shift) + 1 / one_sided_cusum(allowance, decision, -shift));
}

double ewma_run_length(double lambda, double width, double shift) {
  constexpr std::size_t kStates = 201;
  const double limit = width * std::sqrt(lambda / (2 - lambda)), cell = 2 * limit / kStates;
  const auto middle = [&](std::size_t i) { return -limit + (static_cast<double>(i) + 0.5) * cell; };
  std::vector<std::vector<double>> q(kStates, std::vector<double>(kStates));
  for (std::size_t i = 0; i < kStates; ++i) {
    for (std::size_t j = 0; j < kStates; ++j) {
      const auto needed = [&](double to) { return (to - (1 - lambda) * middle(i)) / lambda - shift; };
      q[i][j] = normal_below(needed(middle(j) + cell / 2)) - normal_below(needed(middle(j) - cell / 2));
    }
  }
  return steps_to_leave(std::move(q))[kStates / 2];
}

}  // namespace penrig::statistics
