#include "rig/measure/spot_surfaces.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fmt/format.h>

#include "rig/measure/probability.hpp"

namespace penrig {
namespace {

constexpr double kOdds = 1e-5;        ///< of one spot of an even sheet
constexpr double kWornOdds = 1e-4;    ///< that softer spots lie deeper by chance
constexpr double kUnlikeShare = 0.3;  ///< of its stiffness, from spot to spot, is not one simulant
constexpr double kStepMm = 0.12;      ///< from spot to spot: more than a sheet is tilted that lies as described
constexpr double kUnevenMm = 0.04;    ///< a sheet may be, whatever the rest of it is
constexpr double kUnevenShare = 0.1;  ///< of its stiffness
constexpr double kTouchMm = 0.005;    ///< touches scatter by as much, and drift between them
constexpr double kTouchShare = 0.01;  ///< of the stiffness that they find
constexpr double kWornMm = 0.02;      ///< what softer spots lie deeper by, at the least

using Column = std::vector<double>;

double product(const Column& a, const Column& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Orthonormal columns, one by one.
class Basis {
 public:
  /// What is left of a column behind all of them.
  Column beside(Column column) const {
    for (int round = 0; round < 2; ++round) {  // the second takes off what rounding left
      for (const Column& known : columns_) {
        const double share = product(column, known);
        for (std::size_t i = 0; i < column.size(); ++i) column[i] -= share * known[i];
      }
    }
    return column;
  }
  /// A column that says nothing new is left out.
  void add(const Column& column) {
    constexpr double kNew = 1e-3;
    Column left = beside(column);
    const double norm = std::sqrt(product(left, left));
    if (!(norm > kNew)) return;
    for (double& x : left) x /= norm;
    columns_.push_back(std::move(left));
  }
  std::size_t size() const { return columns_.size(); }
  /// How much a value decides what is fitted to it itself: 1 is all.
  double leverage(std::size_t i) const {
    double sum = 0;
    for (const Column& known : columns_) sum += known[i] * known[i];
    return sum;
  }

 private:
  std::vector<Column> columns_;
};

/// The one that the rest puts elsewhere with the least odds.
struct Odd {
  std::size_t spot = 0;
  double by = 0;       ///< from where the rest puts it; 0: none is odd
  double scatter = 0;  ///< of the rest
};

/// @param touch  sd of one value by itself. @param uneven  what any may be off by.
Odd oddest(const Column& values, const Basis& basis, double touch, double uneven) {
  constexpr double kDecidesItself = 0.99;
  Odd odd;
  const double n = static_cast<double>(values.size()), nu = n - static_cast<double>(basis.size()) - 1;
  if (!(nu >= 1)) return odd;
  const Column left = basis.beside(values);
  const double squares = product(left, left);
  double least = kOdds;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double own = 1 - basis.leverage(i);
    if (own < 1 - kDecidesItself) continue;
    const double rest = std::sqrt(std::max((squares - left[i] * left[i] / own) / nu, 0.0));
    const double by = left[i] / own, t = std::abs(by) * std::sqrt(own) / std::hypot(rest, touch);
    const double odds = 2 * student_above(t, nu);
    if (!(std::abs(by) > uneven) || !(odds < least)) continue;
    least = odds;
    odd = {i, by, rest};
  }
  return odd;
}

constexpr const char* kRemedy =
    "a spot that is used may disturb its neighbours: take a greater stage.spot_pitch_mm, or a firmer simulant; look at "
    "the sheet there, and at its seat";

Error off_the_rest(std::span<const SpotSurface> spots, const Odd& odd) {
  const std::string& name = spots[odd.spot].name;
  const std::string by = fmt::format("{:.3f} mm {} than the other {} of this run put it, which scatter by {:.3f} mm",
                                     std::abs(odd.by), odd.by > 0 ? "deeper" : "higher", spots.size() - 1, odd.scatter);
  if (odd.by > 0)
    return fail(Errc::not_determined, fmt::format("spot {} is sunk: its surface lies {} ({})", name, by, kRemedy));
  return fail(Errc::not_determined,
              fmt::format("spot {} stands proud, or the others are sunk: its surface lies {} ({})", name, by, kRemedy));
}

/// Whether the deeper spots are the softer ones, beside what their places say.
Result<void> refuse_worn(std::span<const SpotSurface> spots, const Column& depths, const Column& firmness,
                         const Basis& places) {
  const double nu = static_cast<double>(spots.size()) - static_cast<double>(places.size()) - 1;
  if (!(nu >= 1)) return {};
  const Column soft = places.beside(firmness), deep = places.beside(depths);
  const double squares = product(soft, soft);
  if (!(squares > 0)) return {};
  const double slope = product(soft, deep) / squares;
  const double left = std::max(product(deep, deep) - slope * slope * squares, 0.0) / nu;
  const double t = -slope * std::sqrt(squares) / std::hypot(std::sqrt(left), kTouchMm);
  const auto softest = std::ranges::min_element(soft);
  const double by_mm = slope * *softest;
  if (!(by_mm > kWornMm) || !(student_above(t, nu) < kWornOdds)) return {};
  return fail(Errc::not_determined,
              fmt::format("spot {} is sunk: of the {} spots of this run the softer lie deeper, as those do whose "
                          "neighbours were worn; this one is {:.1f} % softer and {:.3f} mm deeper ({})",
                          spots[static_cast<std::size_t>(softest - soft.begin())].name, spots.size(), -*softest * 100,
                          by_mm, kRemedy));
}

/// Of two spots already.
Result<void> refuse_unlike(std::span<const SpotSurface> spots) {
  if (spots.empty()) return {};
  const auto [softest, firmest] = std::ranges::minmax_element(spots, {}, &SpotSurface::kappa);
  const double by = 1 - softest->kappa / firmest->kappa;
  if (!(by > kUnlikeShare)) return {};
  return fail(Errc::not_determined,
              fmt::format("spot {} is sunk or worn: it is {:.0f} % softer than spot {}, and a sheet of one simulant is "
                          "alike within {:.0f} % ({})",
                          softest->name, by * 100, firmest->name, kUnlikeShare * 100, kRemedy));
}

double squared_distance(const SpotSurface& a, const SpotSurface& b) {
  const double dx = a.x_mm - b.x_mm, dy = a.y_mm - b.y_mm;
  return dx * dx + dy * dy;
}

/// Of two spots already: one lies next to another as if it stood on a step.
Result<void> refuse_steps(std::span<const SpotSurface> spots, double pitch_mm) {
  constexpr double kNext = 1.2;  // of the pitch, squared: not across, nor behind a spot that was used before
  for (const SpotSurface& deep : spots) {
    for (const SpotSurface& beside : spots) {
      const double by_mm = deep.depth_mm - beside.depth_mm;
      if (!(by_mm > kStepMm) || !(squared_distance(deep, beside) <= kNext * pitch_mm * pitch_mm)) continue;
      return fail(
          Errc::not_determined,
          fmt::format("spot {} is sunk: its surface lies {:.3f} mm deeper than that of spot {} beside it, and a "
                      "sheet is even within {:.2f} mm from spot to spot ({})",
                      deep.name, by_mm, beside.name, kStepMm, kRemedy));
    }
  }
  return {};
}

}  // namespace

Result<void> refuse_sunk_spots(std::span<const SpotSurface> spots, double pitch_mm) {
  if (const auto ok = refuse_unlike(spots); !ok) return ok;
  if (const auto ok = refuse_steps(spots, pitch_mm); !ok) return ok;
  const std::size_t n = spots.size();
  if (n < 4) return {};  // there is no telling which
  Column one(n, 1), x, y, depths, firmness;
  for (const SpotSurface& spot : spots) {
    x.push_back(spot.x_mm);
    y.push_back(spot.y_mm);
    depths.push_back(spot.depth_mm);
    firmness.push_back(spot.kappa);
  }
  Column sorted = firmness;
  std::ranges::sort(sorted);
  for (double& kappa : firmness) kappa /= sorted[n / 2];
  Basis level;
  level.add(one);
  Basis places = level;
  places.add(x);
  places.add(y);
  if (const auto ok = refuse_worn(spots, depths, firmness, places); !ok) return ok;
  if (const Odd odd = oddest(depths, places, kTouchMm, kUnevenMm); odd.by != 0) return off_the_rest(spots, odd);
  const Odd odd = oddest(firmness, level, kTouchShare, kUnevenShare);
  if (odd.by == 0) return {};
  return fail(Errc::not_determined,
              fmt::format("spot {} is not like the others: it is {:.0f} % {} than the other {} of this run, which "
                          "scatter by {:.1f} % ({})",
                          spots[odd.spot].name, std::abs(odd.by) * 100, odd.by < 0 ? "softer" : "firmer", n - 1,
                          odd.scatter * 100, kRemedy));
}

}  // namespace penrig
