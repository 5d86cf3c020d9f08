#include "rig/measure/pool_forces.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "rig/measure/broad_peak.hpp"
#include "rig/measure/harmonics.hpp"
#include "rig/measure/levels.hpp"
#include "rig/measure/puncture_fit.hpp"

namespace penrig {

namespace {

/// The higher of a value that is spread as a triangle and of one that is known.
struct Higher {
  double mean = 0, half_width = 0;  ///< of the triangle that has the same standard deviation
};
Higher higher_of(double middle, double half_width, double known) {
  const double z = half_width > 0 ? (known - middle) / half_width : known > middle ? 1.0 : -1.0;
  if (z >= 1) return {known, 0};
  if (z <= -1) return {middle, half_width};
  // Moments of max(t, z) for the density 1 - |t| on [-1, 1].
  const double a = std::abs(z), z2 = z * z;
  const double below = z < 0 ? 0.5 * (1 + z) * (1 + z) : 1 - 0.5 * (1 - z) * (1 - z);
  const double first = z * below + 1.0 / 6 - z2 / 2 + a * z2 / 3;
  const double second = z2 * below + 1.0 / 12 + (z < 0 ? a * z2 / 3 - z2 * z2 / 4 : z2 * z2 / 4 - a * z2 / 3);
  return {middle + half_width * first, half_width * std::sqrt(6 * std::max(0.0, second - first * first))};
}

/// By how much the law of contact rises over a sample's way from the highest sample on, N; none where too few samples
/// touch. From the stroke's contact, or where none was fitted, from the last two samples of the rise.
std::optional<double> gain_of_a_sample(const ForceCycle& cycle, const Landmarks& marks,
                                       std::optional<double> contact_mm, double kappa, double m, double sigma) {
  constexpr double kClear = 5;
  const std::size_t at = marks.puncture;
  if (at == 0) return std::nullopt;
  if (contact_mm) {
    const double x = std::max(cycle.q_mm[at] - *contact_mm, 0.0),
                 step = std::max(cycle.q_mm[at] - cycle.q_mm[at - 1], 0.0);
    return kappa * (contact_power(x + step, m) - contact_power(x, m));
  }
  const double high = cycle.force_n[at], before = cycle.force_n[at - 1];
  if (!(before > kClear * sigma) || !(high > before)) return std::nullopt;
  const double step = 1 - (m == 1 ? before / high : portable_pow(before / high, 1 / m));  // of the way from the contact
  return high * (contact_power(1 + step, m) - 1);
}

/// How many samples behind the highest one the force has fallen half way to the lowest, along straight lines.
double samples_to_half(std::span<const double> f, const Landmarks& marks) {
  const double half = 0.5 * (f[marks.puncture] + f[marks.after]);
  const std::size_t i = first_not_above(f.first(marks.after), marks.puncture + 1, half);
  return static_cast<double>(i - 1 - marks.puncture) + (f[i - 1] - half) / (f[i - 1] - f[i]);
}

/// What a pool's corners may lie above all that was read, N: where the force falls by half as quickly as it does if it
/// breaks down within a sample's way. Then estimates of the corner that agree are low together. It lies up to a
/// sample's way farther than the highest sample, by what the law of contact gains on it, and a chain that lags never
/// shows what it would have gained in that time. 0 where the fall is seen.
double unseen_of_corners(std::span<const ForceCycle> cycles, std::span<const Landmarks> marks,
                         std::span<const std::optional<double>> contacts_mm, double kappa, const ForceScales& scales) {
  const double sigma = scales.needles_noise_n();
  double punctured = 0, to_half = 0, gains = 0, known = 0;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    const Landmarks& m = marks[i];
    if (!m.punctured || m.after <= m.puncture) continue;
    punctured += 1;
    to_half += samples_to_half(cycles[i].force_n, m);
    const auto gain = gain_of_a_sample(cycles[i], m, contacts_mm[i], kappa, scales.contact_exponent, sigma);
    if (!gain) continue;
    gains += *gain;
    known += 1;
  }
  // What a fall takes that takes no time: part of a sample on average, and what the chain makes of it. Of a response
  // that is taken out, half a sample at most stays.
  const CellResponse& cell = scales.cell;
  const double own = cell.is_ideal() || !(cell.resonance_hz > 0)
                         ? 0
                         : 2 * cell.damping / (kTwoPi * cell.resonance_hz) * scales.sample_rate_hz,
               lag = std::max(scales.delay_samples, 0.0) + std::min(own, 0.5),
               rounded = ResponseInverse(cell, scales.sample_rate_hz).corner_loss(cell, scales.sample_rate_hz);
  constexpr double kOfASample = 0.4, kLags = 1.2, kRounds = 1.85;
  if (!(to_half < (kOfASample + kLags * lag + kRounds * rounded) * punctured) || !(known > 0)) return 0;
  const double kTriangular = std::sqrt(6.0) / 2;  // half-width over U: it all lies on one side
  return kTriangular * (0.5 + lag) * gains / known;
}

/// Broad maxima, of a window that is halved as long as that lowers them or lifts them by more than noise does: a curve
/// swings over a corner within it.
/// @param moved  by how much the last halving did, N.
std::vector<std::optional<double>> fitting_peaks(std::span<const PeakSearch> searches, std::size_t half, double sigma,
                                                 double& moved) {
  constexpr double kSigmas = 3;
  constexpr std::size_t kLeastHalf = 4;
  std::vector<double> narrower;
  for (;;) {
    const std::vector<std::optional<double>> broad = broad_peaks(searches, half, &narrower);
    double apart = 0, n = 0;
    for (std::size_t k = 0; k < broad.size(); ++k) {
      if (!broad[k]) continue;
      apart += *broad[k] - narrower[k];
      n += 1;
    }
    if (!(std::abs(apart) > kSigmas * sigma * std::sqrt(n))) return broad;
    moved = std::abs(apart) / n;
    if (half < 2 * kLeastHalf) return broad;
    half /= 2;
  }
}

/// Where the force stands nearly still behind the corner before it falls, each stroke's highest sample is that of its
/// noise, and all that is read about it too high. Then the corner is even over some samples, and read there.
/// @return whether that is so. Fewer than 8 strokes do not say.
bool settle_even_corners(std::span<const ForceCycle> cycles, std::span<const Landmarks> marks, double sigma,
                         std::span<StrokeForce> strokes) {
  constexpr std::size_t kFewest = 8;
  constexpr double kMostShare = 0.03, kLift = 1.5;  // by which even samples differ
  std::vector<EvenSearch> searches;
  std::vector<std::size_t> owner;
  for (std::size_t i = 0; i < strokes.size(); ++i) {
    const Landmarks& m = marks[i];
    if (!m.punctured) continue;
    searches.push_back({cycles[i].force_n, m.clear, m.after + 1, m.top});
    owner.push_back(i);
  }
  if (searches.size() < kFewest) return false;
  const EvenForce even = highest_means(searches);
  const double mean = even.over_all_n();
  if (even.mean_n.empty() || !(even.highest_n - even.lowest_n < kMostShare * mean)) return false;
  // Steeper corners that the strokes do not share are lowered by the mean of all.
  double own = 0;
  for (const std::size_t i : owner) own += *strokes[i].puncture_n / static_cast<double>(owner.size());
  if (own - mean > kLift * sigma) return false;
  for (std::size_t k = 0; k < even.mean_n.size(); ++k) {
    StrokeForce& stroke = strokes[owner[k]];
    stroke.puncture_n = even.mean_n[k];
    stroke.puncture_half_width_n = even.highest_n - mean;
  }
  return true;
}

}  // namespace

void settle_punctures(std::span<const ForceCycle> cycles, std::span<const Landmarks> marks,
                      std::span<const Approach> approaches, std::span<const std::size_t> owner, double kappa,
                      std::size_t first, const ForceScales& scales, std::span<StrokeForce> strokes) {
  const std::span<StrokeForce> pool = strokes.subspan(first, std::min(marks.size(), strokes.size() - first));
  if (settle_even_corners(cycles, marks, scales.needles_noise_n(), pool)) return;
  std::vector<PunctureSearch> searches;
  std::vector<std::size_t> of;
  std::vector<std::optional<double>> contacts_mm(marks.size());
  for (std::size_t k = 0; k < approaches.size(); ++k) {
    const Landmarks& m = marks[owner[k] - first];
    if (!approaches[k].found || !m.punctured) continue;
    const ForceCycle& cycle = cycles[owner[k] - first];
    const std::size_t count = m.after + 1 - m.clear;
    PunctureSearch search;
    search.position_mm = std::span(cycle.q_mm).subspan(m.clear, count);
    search.read_n = cycle.as_read().subspan(m.clear, count);
    search.contact_mm = approaches[k].contact_mm;
    search.after = count - 1;
    search.guess_n = *strokes[owner[k]].puncture_n;
    searches.push_back(search);
    of.push_back(owner[k]);
    contacts_mm[owner[k] - first] = search.contact_mm;
  }
  const auto fit =
      fit_punctures(searches, kappa, scales.contact_exponent, scales.noise_n, scales.cell, scales.sample_rate_hz);
  // What all strokes of a pool have in common; how single ones differ by noise is in their scatter.
  OpenCorner mean;
  double punctured = 0;
  for (const Landmarks& m : marks) {
    if (!m.punctured) continue;
    mean.apart_n += m.corner.apart_n;
    mean.rounded_n += m.corner.rounded_n;
    mean.rings_n += m.corner.rings_n;
    punctured += 1;
  }
  if (!(punctured > 0)) return;
  for (double* part : {&mean.apart_n, &mean.rounded_n, &mean.rings_n}) *part /= punctured;
  double half_width = mean.half_width_n();
  if (fit) {
    // As wide as a triangle of the same u. Where it is the wider one it is so for a reason: what single strokes show
    // has a middle that is too high where the force begins to fall gently, in all of them alike.
    half_width = std::sqrt(6 * fit->u_mean_n * fit->u_mean_n + mean.rings_n * mean.rings_n);
    for (std::size_t k = 0; k < searches.size(); ++k) strokes[of[k]].puncture_n = searches[k].puncture_n;
  }
  const double unseen = unseen_of_corners(cycles, marks, contacts_mm, kappa, scales);
  half_width = std::max(half_width, unseen);
  for (std::size_t i = 0; i < marks.size() && first + i < strokes.size(); ++i) {
    StrokeForce& stroke = strokes[first + i];
    if (!marks[i].punctured) continue;
    stroke.puncture_half_width_n = half_width;
    stroke.corner_unseen = unseen > 0;
    if (*stroke.puncture_n + stroke.puncture_half_width_n < stroke.peak_n - stroke.peak_half_width_n) continue;
    stroke.peak_n = *stroke.puncture_n;
    stroke.peak_half_width_n = stroke.puncture_half_width_n;
  }
}

void settle_peaks(std::span<const ForceCycle> cycles, std::span<const Landmarks> marks,
                  std::span<const CycleFit* const> fits, double sigma, std::span<StrokeForce> strokes) {
  std::vector<PeakSearch> searches;
  std::vector<std::size_t> owner;
  double period = 0;
  for (std::size_t i = 0; i < strokes.size(); ++i) {
    const std::span<const double> f = cycles[i].force_n;
    const Landmarks& m = marks[i];
    if (f.size() < 16 || (strokes[i].peak_half_width_n > 0 && !m.punctured)) continue;
    searches.push_back({f, m.punctured ? m.after : m.clear, m.top});
    owner.push_back(i);
    period += fits[i]->period;
  }
  if (searches.empty()) return;
  const auto half = static_cast<std::size_t>(std::max(4.0, 0.02 * period / static_cast<double>(searches.size())));
  double moved = 0;
  const std::vector<std::optional<double>> broad = fitting_peaks(searches, half, sigma, moved);
  // Corners so near the top that too little of the drop is seen to call it one lie at another place in each stroke.
  // Then every stroke has its own maximum: noise lifts that of nine samples by less than this, and a corner that loses
  // more is narrow by itself.
  constexpr double kLift = 1.5;
  double excess = 0, whole = 0;
  for (std::size_t k = 0; k < broad.size(); ++k) {
    if (!broad[k] || marks[owner[k]].punctured) continue;
    excess += strokes[owner[k]].peak_n - *broad[k];
    whole += 1;
  }
  if (excess > kLift * sigma * whole) {
    for (const std::size_t i : owner) {
      if (!marks[i].punctured) strokes[i].peak_half_width_n = kLift * sigma;
    }
    return;
  }
  for (std::size_t k = 0; k < broad.size(); ++k) {
    if (!broad[k]) continue;
    StrokeForce& stroke = strokes[owner[k]];
    stroke.peak_n = *broad[k];
    stroke.peak_half_width_n = moved;
    if (!stroke.puncture_n) continue;
    const Higher higher = higher_of(*stroke.puncture_n, stroke.puncture_half_width_n, *broad[k]);
    stroke.peak_n = higher.mean;
    stroke.peak_half_width_n = std::max(higher.half_width, stroke.peak_n > *stroke.puncture_n ? moved : 0.0);
    // What lies above all that was read is no less possible for a maximum that is known.
    const double highest = *stroke.puncture_n + stroke.puncture_half_width_n;
    if (stroke.corner_unseen) stroke.peak_half_width_n = std::max(stroke.peak_half_width_n, highest - higher.mean);
  }
}

void settle_pulls(std::span<const ForceCycle> cycles, std::span<const Landmarks> marks, double sigma,
                  std::span<StrokeForce> strokes) {
  std::vector<EvenSearch> searches;
  std::vector<std::size_t> owner;
  for (std::size_t i = 0; i < strokes.size(); ++i) {
    const std::span<const double> f = cycles[i].force_n;
    if (f.size() < 16) continue;
    searches.push_back({f, marks[i].top, f.size(), marks[i].top});
    owner.push_back(i);
  }
  const EvenForce even = lowest_means(searches);
  if (even.mean_n.empty()) {  // each one's own, which noise lifted
    for (const std::size_t i : owner) {
      strokes[i].withdrawal_n = find_pull_force(cycles[i], marks[i].top);
      strokes[i].withdrawal_half_width_n = 1.5 * sigma;
    }
    return;
  }
  // All of it lies on one side, and some between the samples.
  constexpr double kOneSided = 1.5;
  const double open = kOneSided * (even.over_all_n() - even.lowest_n);
  for (std::size_t k = 0; k < even.mean_n.size(); ++k) {
    strokes[owner[k]].withdrawal_n = -even.mean_n[k];
    strokes[owner[k]].withdrawal_half_width_n = open;
  }
}

}  // namespace penrig
