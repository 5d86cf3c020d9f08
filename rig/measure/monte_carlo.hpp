#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rig/base/random.hpp"
#include "rig/record/measurement.hpp"

namespace penrig {

/// Share of values that an interval holds, as everywhere.
inline constexpr double kMonteCarloCoverage = 0.9545;

/// How long, and from which random numbers: the same options give the same bits.
struct MonteCarloOptions {
  std::uint64_t trials = 10'000;  ///< at most; at least 100
  std::uint64_t seed = 1;
  int digits = 1;  ///< of u that are taken as significant (n_dig of JCGM 101 7.9.2): they set the numerical tolerance
  /// Called now and then with the trials that are done.
  std::function<void(std::uint64_t done, std::uint64_t trials)> progress{};
};

/// What the draws of one output look like.
struct Propagated {
  std::uint64_t trials = 0, failed = 0;  ///< failed: the model had no value; they are left out of all numbers
  double y = 0, u = 0;
  double low = 0, high = 0;                            ///< probabilistically symmetric interval (JCGM 101 7.7)
  double shortest_low = 0, shortest_high = 0;          ///< the shortest that holds the same share
  double y_sd = 0, u_sd = 0, low_sd = 0, high_sd = 0;  ///< what the finite number of trials leaves open, standard
};

/// One trial: draws every input from its distribution, in an order of its own, and gives every output.
/// false: no values.
using MonteCarloModel = std::function<bool(Random& random, std::span<double> outputs)>;

/// Propagates distributions by Monte Carlo (JCGM 101 clause 7). Each trial has a stream of its own. Stops early where
/// twice the sd of y, u and both ends are within a fifth of `tolerances` for every output (7.9, 8.2); ten batches tell
/// those sd.
/// @param tolerances  one an output; 0 or less never stops early.
std::vector<Propagated> propagate(const MonteCarloModel& model, std::span<const double> tolerances,
                                  const MonteCarloOptions& options);

/// Student's t with nu degrees of freedom (JCGM 101 6.4.9); nu 0 or infinite: normal. nu > 0.
double draw_student(Random& random, double nu);
/// Chi squared over its degrees of freedom; nu > 0. Source: Marsaglia and Tsang, ACM Trans. Math. Softw. 26 (2000).
double draw_chi_squared_share(Random& random, double nu);
/// An error from a budget line's distribution, in the measurement's unit: normal (Student's t where it has degrees of
/// freedom), uniform or arcsine; any other counts as normal.
double draw_line(Random& random, const BudgetLine& line);

/// Numerical tolerance of a standard uncertainty of which `digits` are significant: half of its last digit's unit.
/// u > 0. Source: JCGM 101 7.9.2.
double numerical_tolerance(double u, int digits);

/// How an interval stands to that of the Monte Carlo (JCGM 101 8.1): both ends within the tolerance, or not, even with
/// what the trials leave open; or the trials are too few to say. Where trials failed it never agrees.
enum class Agreement : std::uint8_t { agrees, differs, open };
/// "agrees", "differs", "open"
constexpr const char* name_of(Agreement a) {
  constexpr std::array<const char*, 3> kNames = {"agrees", "differs", "open"};
  return kNames[static_cast<std::size_t>(a)];
}

struct Comparison {
  double low = 0, high = 0;          ///< the interval that is held against it
  double low_off = 0, high_off = 0;  ///< how far its ends are from the Monte Carlo's
  double tolerance = 0;
  Agreement agreement = Agreement::open;
};
Comparison compare(const Propagated& propagated, double low, double high, double u, int digits);

/// One measurement's check.
struct MonteCarloCheck {
  std::string measurand;
  Propagated propagated;
  Comparison gum;                    ///< value +- U of the budget
  std::optional<Comparison> stated;  ///< where the measurement states an asymmetric interval
};

}  // namespace penrig
