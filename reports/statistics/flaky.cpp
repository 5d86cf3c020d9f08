#include "reports/statistics/flaky.hpp"

#include <algorithm>

#include "reports/statistics/distributions.hpp"

namespace penrig::statistics {

FlipRate flip_rate(std::span<const std::vector<bool>> passed) {
  FlipRate f;
  for (const auto& sequence : passed) {
    f.runs += sequence.size();
    for (std::size_t i = 1; i < sequence.size(); ++i) {
      ++f.pairs;
      if (sequence[i] != sequence[i - 1]) ++f.flips;
    }
  }
  if (f.pairs == 0) return {f.runs, 0, 0, {0, {0, 1}}};
  const auto n = static_cast<double>(f.pairs);
  const double q = static_cast<double>(f.flips) / n;
  // Var = n q (1 - q) + 2 n (q/2 - q^2): the chance that both of two neighbouring pairs flip is q/2.
  const double worth = q < 0.5 ? 1 + (1 - 2 * q) / (1 - q) : 1;
  f.rate = {q, clopper_pearson(q * n / worth, n / worth)};
  return f;
}

}  // namespace penrig::statistics
