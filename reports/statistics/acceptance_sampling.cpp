#include "reports/statistics/acceptance_sampling.hpp"

#include <cmath>

#include "reports/statistics/distributions.hpp"
#include "reports/statistics/search.hpp"

namespace penrig::statistics {

namespace {

constexpr std::uint64_t kMostAttributes = 100000, kMostVariables = 10000;

bool sensible(const SamplingTarget& t) {
  const auto inside = [](double p) { return p > 0 && p < 1; };
  return inside(t.good) && inside(t.bad) && t.good < t.bad && inside(t.alpha) && inside(t.beta) && t.alpha + t.beta < 1;
}

/// The largest k that still accepts good lots often enough with this sample.
double k_of(std::uint64_t n, const SamplingTarget& t) {
  // P(T < sqrt(n) k) = alpha with noncentrality sqrt(n) z_good.
  const double root = std::sqrt(static_cast<double>(n)), z_good = normal_quantile(1 - t.good);
  return where(t.alpha, -10, z_good + 10,
               [&](double k) { return noncentral_t_below(root * k, static_cast<double>(n - 1), root * z_good); });
}

}  // namespace

double AttributesPlan::probability_of_acceptance(double share) const { return binomial_at_most(accept, sample, share); }

std::optional<AttributesPlan> attributes_plan(const SamplingTarget& target) {
  if (!sensible(target)) return std::nullopt;
  // For each number of acceptance the smallest sample that refuses bad lots; the first that accepts good ones.
  std::uint64_t sample = 1;
  for (std::uint64_t accept = 0; sample <= kMostAttributes; ++accept) {
    while (sample <= kMostAttributes && binomial_at_most(accept, sample, target.bad) > target.beta) ++sample;
    const AttributesPlan plan{sample, accept};
    if (plan.probability_of_acceptance(target.good) >= 1 - target.alpha) return plan;
  }
  return std::nullopt;
}

double VariablesPlan::probability_of_acceptance(double share) const {
  const double root = std::sqrt(static_cast<double>(sample));
  return 1 - noncentral_t_below(root * k, static_cast<double>(sample - 1), root * normal_quantile(1 - share));
}

std::optional<VariablesPlan> variables_plan(const SamplingTarget& target) {
  if (!sensible(target)) return std::nullopt;
  const auto enough = [&](std::uint64_t n) {
    return VariablesPlan{n, k_of(n, target)}.probability_of_acceptance(target.bad) <= target.beta;
  };
  std::uint64_t high = 2;
  while (!enough(high)) {
    if (high >= kMostVariables) return std::nullopt;
    high *= 2;
  }
  std::uint64_t low = high / 2;
  while (low + 1 < high) {
    const std::uint64_t middle = (low + high) / 2;
    (enough(middle) ? high : low) = middle;
  }
  if (low >= 2 && enough(low)) high = low;
  return VariablesPlan{high, k_of(high, target)};
}

}  // namespace penrig::statistics
