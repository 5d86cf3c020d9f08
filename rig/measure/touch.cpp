#include "rig/measure/touch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "rig/base/eight.hpp"
#include "rig/base/extremes.hpp"
#include "rig/base/unroll.hpp"
#include "rig/measure/contact_fit.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/measure/touch_groups.hpp"

namespace penrig {

namespace {

Result<void> check_record(const Capture& capture, const Calibrations& c, const char* what) {
  if (capture.size() == 0) return fail(Errc::bad_data, fmt::format("the {} recorded nothing", what));
  if (!capture.gaps.empty())
    return fail(Errc::gap_in_record,
                fmt::format("the record of the {} has a gap: {}", what, capture.gaps.front().reason));
  const auto [low, high] = extremes_of(capture.force);
  if (low <= c.force_min_counts || high >= c.force_max_counts) {
    return fail(Errc::saturated,
                fmt::format("the load cell is saturated during the {}: {} to {} counts, its range is {} to {}", what,
                            low, high, c.force_min_counts, c.force_max_counts));
  }
  return {};
}

/// A step towards the fit, and what a little more give moves the contact by.
struct TouchStep {
  double kappa, contact_mm, offset_n, by_give, contact_variance;
};

/// Solves the normal equations by elimination; none where the force says nothing.
PENRIG_EACH_PROCESSOR std::optional<TouchStep> step_by(const LawSums& sums) {
  std::array<Eight, 3> rows;  // of the matrix, right sides behind it, the last of which gives the contact's variance
  PENRIG_UNROLL(3)
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& row = sums.normal[i];
    rows[i] = Eight{Four{row[0], row[1], row[2], sums.left[i]}, Four{sums.give[i], i == 1 ? 1.0 : 0.0, 0, 0}};
  }
  PENRIG_UNROLL(3)
  for (std::size_t i = 0; i < 3; ++i) {
    if (!(std::abs(rows[i].low[i]) > 0)) return std::nullopt;
    PENRIG_UNROLL(3)
    for (std::size_t r = 0; r < 3; ++r) {
      if (r != i) rows[r] = rows[r] - rows[r].low[i] / rows[i].low[i] * rows[i];
    }
  }
  const double of_contact = rows[1].low[1];
  return TouchStep{rows[0].low[3] / rows[0].low[0], rows[1].low[3] / of_contact, rows[2].low[3] / rows[2].low[2],
                   rows[1].high[0] / of_contact, rows[1].high[1] / of_contact};
}

/// How many samples of an approach are taken together: 8, for the noise of single ones starts no contact; fewer where
/// they lie so far apart at its end that a stiff plate would rise within a group or two.
std::size_t group_of(const Capture& approach, std::size_t peak, double mm_per_count) {
  constexpr double kMost = 8, kGroupMm = 0.4e-3, kEndMm = 0.02;
  const double end = approach.stage[peak] - kEndMm / mm_per_count;
  std::size_t from = peak;
  while (from > 0 && approach.stage[from] > end) --from;
  const double travel_mm = (approach.stage[peak] - approach.stage[from]) * mm_per_count;
  const double samples = std::round(kGroupMm * static_cast<double>(peak - from) / std::max(travel_mm, 1e-9));
  return static_cast<std::size_t>(std::clamp(samples, 1.0, kMost));
}

/// Of one sample, N.
double noise_n(const Tare& tare, const Calibrations& c) {
  return std::max(tare.noise_counts, 0.3) * c.force_n_per_count.value;
}

/// Of samples that only have to be told from others: no number that is recorded comes from it, so plain sums do.
Spread level_of(std::span<const std::int32_t> counts, double unit) {
  const auto [sum, squares] = sums_above_first(counts);  // so that they stay small
  const auto n = static_cast<double>(counts.size());
  return {(counts[0] + sum / n) * unit, std::sqrt(std::max(0.0, squares - sum * sum / n) / (n - 1)) * unit,
          counts.size()};
}

/// Whether two stretches of a quiet channel lie at one level: within the noise of their means, or within `least`.
bool at_one_level(const Spread& a, const Spread& b, double sigma, double least) {
  constexpr double kSigmas = 8;
  const double by_noise = sigma * std::sqrt(2.0 / static_cast<double>(std::min(a.n, b.n)));
  return std::abs(b.mean - a.mean) <= std::max(kSigmas * by_noise, least);
}

/// The least that is no less.
std::int32_t whole_counts(double x) {
  constexpr double kLeast = std::numeric_limits<std::int32_t>::min(), kMost = std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int32_t>(std::clamp(std::ceil(x), kLeast, kMost));
}

/// A load cell that drifts or rings finds a contact where nothing is. Far before the contact, next to it, and after the
/// stage went back behind it (where the record goes that far) the force has to be the same but for noise and 3 % of
/// what was felt; and on either side of it no noisier than it was at the tare.
Result<void> refuse_unrest(const Capture& touch, double contact_mm, double largest_n, const Tare& tare,
                           const Calibrations& c) {
  constexpr std::size_t kLeast = 16, kMost = 512;  // samples that say where the force rests
  constexpr double kClearMm = 0.01;                // of the corner, which is not sharp
  constexpr double kNoisier = 3, kMostDrift = 0.03;
  const double sigma = noise_n(tare, c), clear = (contact_mm - kClearMm) / c.stage_mm_per_count.value;
  const auto touching = [clear](std::int32_t stage) { return stage >= clear; };
  const auto went = std::find_if(touch.stage.rbegin(), touch.stage.rend(), touching);
  const std::size_t free = first_at_least(touch.stage, whole_counts(clear));
  const std::size_t n = std::min(free / 2, kMost);
  if (n < kLeast) {
    return fail(Errc::not_determined,
                "the touch began in contact: the force was never seen at rest before it (check "
                "the load cell for drift, and where the stage stood)");
  }
  const auto force = [&](std::size_t from, std::size_t count) {
    return level_of(std::span(touch.force).subspan(from, count), c.force_n_per_count.value);
  };
  const auto drift = [&](const Spread& before, const Spread& after, const char* when) -> Result<void> {
    if (at_one_level(before, after, sigma, kMostDrift * largest_n)) return {};
    return fail(Errc::not_determined,
                fmt::format("the load cell drifts: its force changed by {:.4f} N {}, of {:.4f} N felt in the touch "
                            "(check the load cell, its amplifier and its temperature)",
                            after.mean - before.mean, when, largest_n));
  };
  const auto quiet = [&](const Spread& rest, const char* when) -> Result<void> {
    if (!(rest.sd > kNoisier * sigma)) return {};
    return fail(Errc::not_determined,
                fmt::format("the load cell rings: {} its force scattered by {:.4f} N, at the tare by {:.4f} N (check "
                            "the load cell, its amplifier and what shakes the bench)",
                            when, rest.sd, sigma));
  };
  const Spread far = force(0, n), near = force(free - n, n);
  if (const auto ok = quiet(near, "before anything was touched"); !ok) return ok.error();
  if (const auto ok = drift(far, near, "before anything was touched"); !ok) return ok.error();
  const std::size_t back = std::min(static_cast<std::size_t>(went - touch.stage.rbegin()), kMost);
  if (back < kLeast) return {};
  const Spread after = force(touch.size() - back, back);
  if (const auto ok = quiet(after, "when the stage had gone back"); !ok) return ok.error();
  return drift(near, after, "between coming and going");
}

/// The needles stand while they are touched off, and a living encoder shows it: its reading neither moves, nor keeps
/// one and the same count where a count is finer than anything stands still, unless it has next to no noise.
Result<void> refuse_restless_needles(const Capture& touch, std::size_t peak, const Tare& tare, const Calibrations& c) {
  constexpr std::size_t kLeast = 16, kLeastSame = 64;  // samples
  constexpr double kLeastMoveMm = 0.005, kFineMm = 0.5e-3;
  const double mm_per_count = c.position_mm_per_count.value;
  const std::span<const std::int32_t> approach = std::span(touch.position).first(peak + 1);
  const auto [low, high] = extremes_of(approach);
  if (approach.size() >= kLeastSame && mm_per_count <= kFineMm && !tare.needles_quiet && low == high) {
    return fail(
        Errc::not_determined,
        fmt::format("the needle encoder showed {} counts for all {} samples of the touch, and one count is {:g} "
                    "µm: it is stuck (check the encoder, its cable and its supply)",
                    approach[0], approach.size(), mm_per_count * 1e3));
  }
  const std::size_t n = approach.size() / 4;
  if (n < kLeast) return {};
  const Spread first = level_of(approach.first(n), mm_per_count);
  const Spread last = level_of(approach.last(n), mm_per_count);
  if (at_one_level(first, last, std::min(first.sd, last.sd), kLeastMoveMm)) return {};
  return fail(
      Errc::not_determined,
      fmt::format("the needle encoder moved by {:.4f} mm while the needles stood and were touched off (check that the "
                  "pen holds them, the encoder, its cable and its coupling)",
                  last.mean - first.mean));
}

/// How much groups scatter about a curve that is smooth from one to the next, by its second differences. The median of
/// them, for a step of the curve is in a few only.
double scatter_of(std::span<const double> x) {
  if (x.size() < 3) return 0;
  UnsetVector<double> bends = bends_of(x);
  const auto middle = bends.begin() + static_cast<std::ptrdiff_t>(bends.size() / 2);
  std::ranges::nth_element(bends, middle);
  return *middle / (0.6745 * std::sqrt(6.0));
}

/// The law of contact finds a surface only while the tips press on it. Tips that puncture on the way feel less from
/// there on, often without any fall, and the law that is fitted to all of it begins tens of micrometres off: but then
/// it does not fit. A plate, which cannot be punctured, gives way by less than is looked at. By where the stage stood,
/// so that a stage that hunts does no harm; the last part is left out, for the stage rests there and a soft surface
/// yields.
/// @param at  mm, where the groups lay. @param beside  N, what they felt more than the law. @param scatter  N, of one.
Result<void> refuse_puncture(std::span<const double> at, std::span<const double> beside, double contact_mm,
                             double largest_n, double scatter) {
  constexpr std::size_t kParts = 16;  // from contact to end, and as many before
  constexpr double kSoftMm = 0.02, kSigmas = 5, kMostShare = 0.04;
  const double part_mm = (at.back() - contact_mm) / kParts;
  if (!(part_mm * kParts > kSoftMm)) return {};
  double sum[2 * kParts] = {};
  std::size_t groups[2 * kParts] = {};
  for (std::size_t i = 0; i < at.size(); ++i) {
    const double part = (at[i] - contact_mm) / part_mm + kParts;
    if (!(part >= 0 && part < 2 * kParts - 1)) continue;
    sum[static_cast<std::size_t>(part)] += beside[i];
    ++groups[static_cast<std::size_t>(part)];
  }
  double worst = 0;
  for (std::size_t k = 0; k < 2 * kParts; ++k) {
    if (groups[k] == 0) continue;
    const auto n = static_cast<double>(groups[k]);
    const double off = sum[k] / n, by_noise = kSigmas * scatter / std::sqrt(n);
    if (std::abs(off) > std::max(by_noise, std::abs(worst))) worst = off;
  }
  if (std::abs(worst) <= kMostShare * largest_n) return {};
  return fail(Errc::not_determined,
              fmt::format("the force of the touch, of up to {:.4f} N, lies {:.4f} N {} the law of contact, so where it "
                          "began is not known: the tips punctured what they were pressed on, or slid, or it follows "
                          "another law (lower the touch force, take a firmer simulant, check its exponent)",
                          largest_n, std::abs(worst), worst > 0 ? "above" : "below"));
}

}  // namespace

Result<Tare> tare(const Capture& capture, const Calibrations& calibrations) {
  if (const auto ok = check_record(capture, calibrations, "tare"); !ok) return ok.error();
  const std::vector<double> counts(capture.force.begin(), capture.force.end());
  const Spread s = spread_of(counts);
  const auto [low, high] = extremes_of(capture.position);
  return Tare{s.mean, s.sd / std::sqrt(static_cast<double>(s.n)), s.sd, std::int64_t{high} - low <= 1};
}

Result<Touch> fit_touch(const Capture& capture, const Tare& tare, const Calibrations& c, double exponent, Touching by) {
  if (const auto ok = check_record(capture, c, "touch"); !ok) return ok.error();
  const double n_per_count = c.force_n_per_count.value, mm_per_count = c.stage_mm_per_count.value;
  const double sigma = noise_n(tare, c);
  // The approach ends where the stage stands nearest to the pen; what follows is the retraction.
  const std::size_t peak = first_at_least(capture.stage, extremes_of(capture.stage).high);
  const std::size_t group = group_of(capture, peak, mm_per_count);
  const double needles = by == Touching::tips ? c.tip_um_per_n.value + c.frame_um_per_n.value : 0;
  const double soft = (needles + c.cell_um_per_n.value) * 1e-3;
  const TouchGroups groups(std::span(capture.stage).first(peak + 1), std::span(capture.force).first(peak + 1), group,
                           {mm_per_count, n_per_count, tare.zero_counts, soft});
  const std::span<const double> a = groups.at_mm(), f = groups.force_n();
  const double largest = groups.largest_n();
  const double group_sigma = sigma / std::sqrt(static_cast<double>(group));
  if (f.size() < 8 || largest < std::max(10 * group_sigma, 0.01)) {
    return fail(Errc::not_determined,
                fmt::format("no contact: the load cell felt at most {:.4f} N in the touch (check the load cell, and "
                            "what should stand there)",
                            largest));
  }
  // Where the force passes a quarter of the largest for the last time before the end, and the law from there back to
  // zero.
  std::size_t rise = f.size() - 1;
  while (rise > 0 && f[rise] > 0.25 * largest) --rise;
  double contact = a[rise] - (a.back() - a[rise]) * 0.7;
  const auto span_from = [&](double from_mm) { return std::max(a.back() - from_mm, 1e-4); };
  LawOfTouch law{exponent, largest / contact_power(span_from(contact), exponent), contact, 0};
  // As much of the free approach as of the contact twenty times: enough to know the zero, too little to see it drift.
  double variance = 0, noise_variance = 0, by_give = 0;
  bool converged = false;
  for (int iteration = 0; iteration < 40 && !converged; ++iteration) {
    const double span = span_from(law.contact_mm);
    const LawSums sums = law.sums(groups, law.contact_mm - 20 * span);
    const std::optional<TouchStep> step = step_by(sums);
    if (!step)
      return fail(
          Errc::not_determined,
          "no contact: the force does not rise with the stage (check the load cell for ringing and drift, and what "
          "should stand there)");
    by_give = step->by_give;
    variance = step->contact_variance;
    // A group that changes sides at the corner may keep the last nanometres moving.
    // On a stiff plate the stage's noise outweighs the cell's; the residuals hold both.
    noise_variance = sums.touching > 4 ? sums.touching_ss / (static_cast<double>(sums.touching) - 3) : 0;
    converged = std::abs(step->contact_mm) < (iteration < 20 ? 1e-8 : 2e-5);
    law.kappa = std::max(law.kappa + step->kappa, 0.1 * law.kappa);
    law.contact_mm += std::clamp(step->contact_mm, -0.5 * span, 0.5 * span);
    law.offset_n += step->offset_n;
  }
  contact = law.contact_mm;
  if (!converged || !(law.kappa > 0) || !std::isfinite(contact) || contact < a.front() || contact > a.back()) {
    return fail(
        Errc::not_determined,
        "the touch shows no contact that the law of contact fits (check the load cell for ringing and drift, and "
        "what was touched)");
  }
  if (const auto ok = refuse_unrest(capture, contact, largest, tare, c); !ok) return ok.error();
  const UnsetVector<double> beside = law.beside(groups);
  const double scatter = std::max(group_sigma, scatter_of(beside));
  if (const auto ok = refuse_puncture(a, beside, contact, largest, scatter); !ok) return ok.error();
  if (const auto ok = refuse_restless_needles(capture, peak, tare, c); !ok) return ok.error();
  Touch touch;
  touch.stage_mm = contact;
  touch.u_mm = std::max(group_sigma, std::sqrt(noise_variance)) * std::sqrt(std::max(variance, 0.0));
  touch.force_n = largest;
  touch.stage_by_give_n = by_give;
  touch.kappa = law.kappa;
  const double needle = sum_of_counts(std::span(capture.position).first(peak + 1));
  touch.needle_reading_mm = needle / static_cast<double>(peak + 1) * c.position_mm_per_count.value;
  return touch;
}

Result<ReferenceZero> reference_zero(std::span<const Touch> nose, std::span<const Touch> tips, const Calibrations& c) {
  if (nose.size() < 2 || tips.size() < 2) {
    return fail(Errc::not_determined,
                fmt::format("the reference needs two touches of nose cone and of tips at least, not {} and {}",
                            nose.size(), tips.size()));
  }
  std::vector<double> nose_stage, zeros;
  for (const Touch& t : nose) nose_stage.push_back(t.stage_mm);
  const Spread n = spread_of(nose_stage);
  double fit_u2 = 0, extension_sum = 0, force = 0;
  for (const Touch& t : tips) {
    const double extension = n.mean - t.stage_mm;  // the plate meets tips that are out by e a stage travel of e earlier
    zeros.push_back(t.needle_reading_mm - extension);
    extension_sum += extension;
    fit_u2 += t.u_mm * t.u_mm;
    force = std::max(force, t.force_n);
  }
  const Spread z = spread_of(zeros);
  ReferenceZero zero;
  zero.needle_zero_mm = z.mean;
  zero.nose_stage_mm = n.mean;
  zero.repeats = std::min(nose.size(), tips.size());
  zero.tip_extension_mm = extension_sum / static_cast<double>(tips.size());
  const auto tips_n = static_cast<double>(tips.size()), nose_n = static_cast<double>(nose.size());
  // Few repeats may agree by chance; the noise of the fits is a floor.
  const double u_tips = std::sqrt(std::max(z.sd * z.sd, fit_u2 / tips_n) / tips_n);
  const double u_nose = n.sd / std::sqrt(nose_n);
  const double u_give = force * (c.tip_um_per_n.u + c.frame_um_per_n.u + c.cell_um_per_n.u) * 1e-3;
  zero.u_mm = std::sqrt(u_tips * u_tips + u_nose * u_nose + u_give * u_give);
  const double fourth =
      u_tips * u_tips * u_tips * u_tips / (tips_n - 1) + u_nose * u_nose * u_nose * u_nose / (nose_n - 1);
  zero.nu = fourth > 0 ? to_ten_digits(zero.u_mm * zero.u_mm * zero.u_mm * zero.u_mm / fourth) : 0;
  return zero;
}

}  // namespace penrig
