#include "rig/measure/touch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "rig/base/extremes.hpp"
#include "rig/measure/contact_fit.hpp"
#include "rig/measure/statistics.hpp"

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

/// Solves a symmetric 3 x 3 system by elimination; inverse's diagonal element 1 into variance.
bool solve3(double (&m)[3][3], double (&b)[3], double& variance) {
  double a[3][5];
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) a[i][j] = m[i][j];
    a[i][3] = b[i];
    a[i][4] = i == 1 ? 1 : 0;
  }
  for (int i = 0; i < 3; ++i) {
    if (!(std::abs(a[i][i]) > 0)) return false;
    for (int r = 0; r < 3; ++r) {
      if (r == i) continue;
      const double f = a[r][i] / a[i][i];
      for (int j = i; j < 5; ++j) a[r][j] -= f * a[i][j];
    }
  }
  for (int i = 0; i < 3; ++i) b[i] = a[i][3] / a[i][i];
  variance = a[1][4] / a[1][1];
  return true;
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
  double sum = 0, squares = 0;  // from the first sample, so that they stay small
  for (const std::int32_t x : counts) {
    const double d = static_cast<double>(x) - counts[0];
    sum += d;
    squares += d * d;
  }
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
  const auto came = std::ranges::find_if(touch.stage, touching);
  const auto went = std::find_if(touch.stage.rbegin(), touch.stage.rend(), touching);
  const auto free = static_cast<std::size_t>(came - touch.stage.begin());
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
  if (approach.size() >= kLeastSame && mm_per_count <= kFineMm && !tare.needles_quiet &&
      std::ranges::count(approach, approach[0]) == static_cast<std::ptrdiff_t>(approach.size())) {
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
  std::vector<double> bends;
  for (std::size_t i = 2; i < x.size(); ++i) bends.push_back(std::abs(x[i] - 2 * x[i - 1] + x[i - 2]));
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
  const auto peak =
      static_cast<std::size_t>(std::max_element(capture.stage.begin(), capture.stage.end()) - capture.stage.begin());
  const std::size_t group = group_of(capture, peak, mm_per_count);
  const double needles = by == Touching::tips ? c.tip_um_per_n.value + c.frame_um_per_n.value : 0;
  const double soft = (needles + c.cell_um_per_n.value) * 1e-3;
  std::vector<double> a, f;
  a.reserve(peak / group + 1);
  f.reserve(peak / group + 1);
  double largest = 0;
  for (std::size_t i = 0; i + group <= peak + 1; i += group) {
    std::int64_t force = 0, stage = 0;
    for (std::size_t k = i; k < i + group; ++k) {
      force += capture.force[k];
      stage += capture.stage[k];
    }
    const auto n = static_cast<double>(group);
    f.push_back((static_cast<double>(force) / n - tare.zero_counts) * n_per_count);
    a.push_back(static_cast<double>(stage) / n * mm_per_count - soft * f.back());
    largest = std::max(largest, f.back());
  }
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
  double kappa = largest / contact_power(std::max(a.back() - contact, 1e-4), exponent);
  double offset = 0;
  // As much of the free approach as of the contact twenty times: enough to know the zero, too little to see it drift.
  double variance = 0, noise_variance = 0, by_give = 0;
  bool converged = false;
  for (int iteration = 0; iteration < 40 && !converged; ++iteration) {
    const double from = contact - 20 * std::max(a.back() - contact, 1e-4);
    double m[3][3] = {}, b[3] = {}, give[3] = {};
    double touching_ss = 0, touching = 0;
    std::size_t counted = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i] < from) continue;
      ++counted;
      if (!(a[i] > contact)) {  // free: it tells of the offset alone
        b[2] += f[i] - offset;
        continue;
      }
      const double x = a[i] - contact, power = contact_power(x, exponent);
      const double r = f[i] - offset - kappa * power, by_contact = -kappa * exponent * power / x;
      touching_ss += r * r;
      touching += 1;
      const double both = power * by_contact, squared = by_contact * by_contact;
      m[0][0] += power * power;
      m[0][1] += both;
      m[0][2] += power;
      m[1][1] += squared;
      m[1][2] += by_contact;
      b[0] += power * r;
      b[1] += by_contact * r;
      b[2] += r;
      // Of more give, which takes as much as the force off every position.
      give[0] -= both * f[i];
      give[1] -= squared * f[i];
      give[2] -= by_contact * f[i];
    }
    m[1][0] = m[0][1];
    m[2][0] = m[0][2];
    m[2][1] = m[1][2];
    m[2][2] = static_cast<double>(counted);
    if (!solve3(m, b, variance) || !solve3(m, give, variance))
      return fail(
          Errc::not_determined,
          "no contact: the force does not rise with the stage (check the load cell for ringing and drift, and what "
          "should stand there)");
    by_give = give[1];
    const double span = std::max(a.back() - contact, 1e-4);
    const double step = std::clamp(b[1], -0.5 * span, 0.5 * span);
    // A group that changes sides at the corner may keep the last nanometres moving.
    // On a stiff plate the stage's noise outweighs the cell's; the residuals hold both.
    noise_variance = touching > 4 ? touching_ss / (touching - 3) : 0;
    converged = std::abs(b[1]) < (iteration < 20 ? 1e-8 : 2e-5);
    kappa = std::max(kappa + b[0], 0.1 * kappa);
    contact += step;
    offset += b[2];
  }
  if (!converged || !(kappa > 0) || !std::isfinite(contact) || contact < a.front() || contact > a.back()) {
    return fail(
        Errc::not_determined,
        "the touch shows no contact that the law of contact fits (check the load cell for ringing and drift, and "
        "what was touched)");
  }
  if (const auto ok = refuse_unrest(capture, contact, largest, tare, c); !ok) return ok.error();
  std::vector<double> beside;
  beside.reserve(a.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    beside.push_back(f[i] - offset - kappa * contact_power(std::max(a[i] - contact, 0.0), exponent));
  const double scatter = std::max(group_sigma, scatter_of(beside));
  if (const auto ok = refuse_puncture(a, beside, contact, largest, scatter); !ok) return ok.error();
  if (const auto ok = refuse_restless_needles(capture, peak, tare, c); !ok) return ok.error();
  Touch touch;
  touch.stage_mm = contact;
  touch.u_mm = std::max(group_sigma, std::sqrt(noise_variance)) * std::sqrt(std::max(variance, 0.0));
  touch.force_n = largest;
  touch.stage_by_give_n = by_give;
  touch.kappa = kappa;
  std::int64_t needle = 0;
  for (std::size_t i = 0; i <= peak; ++i) needle += capture.position[i];
  touch.needle_reading_mm = static_cast<double>(needle) / static_cast<double>(peak + 1) * c.position_mm_per_count.value;
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
