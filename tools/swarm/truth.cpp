#include "tools/swarm/truth.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <span>

#include <fmt/format.h>

#include "rig/measure/probability.hpp"
#include "rig/record/attempts.hpp"
#include "rig/run/stored_inputs.hpp"

namespace penrig::swarm {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kQuantile995 = 2.5758293035489004;
/// The process' own two-sided limits of strokes: 99 % of them lie between.
constexpr double kHigh = 0.995;

double mean_of(std::span<const sim::StrokeTruth> strokes, double sim::StrokeTruth::*member) {
  double sum = 0;
  for (const auto& s : strokes) sum += s.*member;
  return sum / static_cast<double>(strokes.size());
}

/// One setting, or the link loss: what the host asked for, and what the plant did.
struct Stretch {
  std::optional<SettingInputs> inputs;
  double begin_s = 0, stop_s = 0;  ///< start sent; stop sent, or silent since
  std::vector<sim::StrokeTruth> strokes;
  std::span<const sim::StrokeTruth> judged;
  std::optional<sim::MotionTruth> motion;  ///< none: it did not move, or moves still

  double process_penetration_mm() const {
    return mean_of(judged, &sim::StrokeTruth::penetration_mm) - mean_of(judged, &sim::StrokeTruth::extension_mm) +
           mean_of(judged, &sim::StrokeTruth::process_extension_mm);
  }
};

const AnalysisInputs* inputs_of(const PhaseRecord& phase, const char* purpose) {
  for (const WaveformRecord& w : phase.waveforms) {
    if (w.purpose == purpose && !w.inputs.empty()) return &w.inputs;
  }
  return nullptr;
}

void take_plant(const sim::PlantTruthProbe& probe, Stretch& s) {
  for (const sim::MotionTruth& m : probe.motions()) {
    if (m.began_s <= s.stop_s && !(m.ended_s < s.stop_s)) s.motion = m;
  }
  const double until_s = s.motion && std::isfinite(s.motion->ended_s) ? s.motion->ended_s : kInfinity;
  for (const sim::StrokeTruth& t : probe.strokes()) {
    if (t.top_s >= s.begin_s && t.top_s <= until_s) s.strokes.push_back(t);
  }
}

std::optional<Stretch> stretch_of(const PhaseRecord& phase, const sim::PlantTruthProbe& probe) {
  Stretch s;
  if (const AnalysisInputs* stored = inputs_of(phase, "link-loss")) {
    const Result<LinkLossInputs> inputs = link_loss_inputs(*stored);
    if (!inputs) return std::nullopt;
    s.stop_s = s.begin_s = inputs->silent_since.seconds();
    take_plant(probe, s);
    return s;
  }
  const AnalysisInputs* stored = inputs_of(phase, "setting");
  if (stored == nullptr) return std::nullopt;
  Result<SettingInputs> inputs = setting_inputs(*stored);
  if (!inputs || !inputs->start_sent || !inputs->stop_sent) return std::nullopt;
  s.inputs = std::move(*inputs);
  s.begin_s = s.inputs->start_sent->seconds();
  s.stop_s = s.inputs->stop_sent->seconds();
  take_plant(probe, s);
  const std::size_t from = s.inputs->settle_strokes, to = from + s.inputs->strokes;
  if (s.strokes.size() >= to) s.judged = std::span(s.strokes).subspan(from, to - from);
  return s;
}

/// Largest residual of process depths against a line, as depth_linearity has it.
double linearity_of(const std::vector<std::pair<double, double>>& points) {
  const auto n = static_cast<double>(points.size());
  double sx = 0, sy = 0, sxx = 0, sxy = 0, worst = 0;
  for (const auto& [x, y] : points) sx += x / n, sy += y / n;
  for (const auto& [x, y] : points) sxx += (x - sx) * (x - sx), sxy += (x - sx) * (y - sy);
  for (const auto& [x, y] : points) worst = std::max(worst, std::abs(y - sy - sxy / sxx * (x - sx)));
  return worst;
}

/// The limits as the product states them, worked out anew: those of the decision are what is to be checked.
struct TrueLimits {
  std::optional<double> lower, upper;

  /// How far an interval lies beyond the nearer limit, in its own unit; negative inside.
  double beyond(double low, double high) const {
    double most = -kInfinity;
    if (upper) most = std::max(most, high - *upper);
    if (lower) most = std::max(most, *lower - low);
    return most;
  }
  double beyond(double value) const { return beyond(value, value); }
};

TrueLimits limits_of(const Requirement& r, const Measurement& m) {
  TrueLimits limits{r.limit.min, r.limit.max};
  const std::optional<double> setting = r.measurand->reference == SettingReference::depth_mm       ? m.depth_mm
                                        : r.measurand->reference == SettingReference::rate_per_min ? m.rate_per_min
                                                                                                   : std::nullopt;
  if (!setting) return limits;
  for (const double tolerance :
       {r.limit.tolerance.value_or(kInfinity), *setting * r.limit.tolerance_percent.value_or(kInfinity) / 100}) {
    limits.lower = std::max(limits.lower.value_or(-kInfinity), *setting - tolerance);
    limits.upper = std::min(limits.upper.value_or(kInfinity), *setting + tolerance);
  }
  return limits;
}

Side side_of(double beyond_u) {
  if (beyond_u >= 1.5) return Side::outside;
  if (beyond_u > 0) return Side::near_outside;
  return beyond_u <= -3 ? Side::inside : Side::near_inside;
}

class Holder {
 public:
  Holder(const RunRecord& record, const Product& product, const sim::PlantTruthProbe& probe,
         const sim::PlantParameters& plant)
      : record_(record), product_(product), probe_(probe), plant_(plant) {
    for (const PhaseRecord& phase : record.phases) {
      if (superseded(phase, record.phases)) continue;
      if (auto s = stretch_of(phase, probe)) stretches_.emplace_back(&phase, std::move(*s));
    }
  }

  std::vector<HeldDecision> all() {
    std::vector<HeldDecision> out;
    for (const Decision& d : record_.outcome.decisions) out.push_back(hold(d));
    return out;
  }

 private:
  const Stretch* find(const Measurement& m) const {
    for (const auto& [phase, stretch] : stretches_) {
      const bool here = m.depth_mm ? phase->kind != "link-loss" && phase->depth_mm == m.depth_mm &&
                                         phase->rate_per_min == m.rate_per_min
                                   : phase->kind == "link-loss";
      if (here) return &stretch;
    }
    return nullptr;
  }

  HeldDecision hold(const Decision& d) {
    const Measurement& m = record_.outcome.measurements.at(d.measurement);
    HeldDecision held;
    held.requirement = d.requirement_id;
    if (m.depth_mm && m.rate_per_min) held.setting = fmt::format("{:g} mm at {:g}/min", *m.depth_mm, *m.rate_per_min);
    held.verdict = d.verdict;
    held.risk = d.false_acceptance_max.value_or(0);
    const auto requirement = std::find_if(product_.requirements.begin(), product_.requirements.end(),
                                          [&](const Requirement& r) { return r.id == d.requirement_id; });
    if (requirement == product_.requirements.end()) return held;
    if (m.measurand == "firmware") return hold_text(*requirement, held);
    const TrueLimits limits = limits_of(*requirement, m);
    const Stretch* s = find(m);
    if (m.interval && s != nullptr && !s->judged.empty()) return hold_strokes(limits, m, *s, held);
    const std::optional<double> truth = truth_of(m, s);
    if (!truth) return held;
    held.truth = *truth;
    const MeasurandInfo* info = find_measurand(m.measurand);
    if (info == nullptr || info->exact_count) {
      held.beyond = limits.beyond(*truth) > 0 ? kInfinity : -kInfinity;
    } else {
      const double value = m.value.value_or(0);
      held.u_expanded = std::max({m.high ? *m.high - value : m.expanded_u, m.low ? value - *m.low : m.expanded_u, 0.0});
      if (!(held.u_expanded > 0)) return held;
      held.beyond = limits.beyond(*truth) / held.u_expanded;
    }
    held.side = side_of(held.beyond);
    return held;
  }

  HeldDecision hold_text(const Requirement& r, HeldDecision held) const {
    const bool allowed = std::any_of(r.limit.allowed.begin(), r.limit.allowed.end(), [&](const std::string& a) {
      const std::string& said = plant_.electronics.firmware;
      return a.ends_with('*') ? said.starts_with(std::string_view(a).substr(0, a.size() - 1)) : said == a;
    });
    held.beyond = allowed ? -kInfinity : kInfinity;
    held.side = side_of(held.beyond);
    return held;
  }

  /// The process' quantiles, or a stroke that went beyond them; U is what the decision adds to the quantile.
  HeldDecision hold_strokes(const TrueLimits& limits, const Measurement& m, const Stretch& s, HeldDecision held) {
    const bool of_penetration = m.measurand == "penetration_ti";
    const double mean_mm =
        of_penetration ? s.process_penetration_mm() : mean_of(s.judged, &sim::StrokeTruth::process_extension_mm);
    const sim::MechanismParameters& mech = plant_.mechanism;
    if (!heights_) {
      const double sd_um = std::hypot(mech.stroke_height_noise_um, mech.stroke_height_drift_um);
      const double high_um = height_quantile_um(kHigh, sd_um, mech.wobble_um);
      heights_ = {-high_um, high_um};  // noise and swing are even
    }
    const double low = mean_mm + 1e-3 * heights_->low_um, high = mean_mm + 1e-3 * heights_->high_um;
    held.u_expanded = m.interval->u_sys + std::max(0.0, m.interval->k_factor - kQuantile995) * m.interval->s;
    held.truth = limits.beyond(low) > limits.beyond(high) ? low : high;
    held.beyond = limits.beyond(low, high) / held.u_expanded;
    // A rare stroke counts where it occurred, with its own U: it is no quantile.
    if (mech.rare_deep_probability > 0) {
      double deepest = -kInfinity;
      for (const sim::StrokeTruth& t : s.judged)
        deepest = std::max(deepest, of_penetration ? t.penetration_mm : t.extension_mm);
      const double u_stroke = 2 * 1e-3 * stroke_u_um(m);
      const double beyond = limits.beyond(deepest) / u_stroke;
      if (beyond > held.beyond) {
        held.beyond = beyond;
        held.truth = deepest;
        held.u_expanded = u_stroke;
        // No interval covers what happens once in 60: that such a pen is passed while none occurs is not the rule's
        // risk, nor is a FAIL of one that is not beyond by its own U.
        held.side = beyond >= 1.5 ? Side::outside : Side::unknown;
        return held;
      }
      if (held.beyond < 0) {
        held.side = Side::unknown;
        return held;
      }
    }
    held.side = side_of(held.beyond);
    return held;
  }

  double stroke_u_um(const Measurement& m) const {
    double u = 0;
    for (const PhaseRecord& phase : record_.phases) {
      if (phase.depth_mm != m.depth_mm || phase.rate_per_min != m.rate_per_min) continue;
      for (const StrokeRow& row : phase.strokes) u = std::max(u, row.u_penetration_mm);
    }
    return 1e3 * u;
  }

  std::optional<double> truth_of(const Measurement& m, const Stretch* s) const {
    if (m.measurand == "depth_linearity") return true_linearity();
    if (s == nullptr) return std::nullopt;
    const std::string& id = m.measurand;
    const bool ended = s->motion && std::isfinite(s->motion->ended_s);
    if (id == "link_loss_stop" || id == "stop_latency") {
      if (!s->motion) return std::nullopt;
      return ended ? 1e3 * (s->motion->ended_s - s->stop_s) : kInfinity;
    }
    if (!s->inputs) return std::nullopt;
    if (id == "strokes_after_stop") {
      return static_cast<double>(std::count_if(s->strokes.begin(), s->strokes.end(),
                                               [&](const sim::StrokeTruth& t) { return t.top_s > s->stop_s; }));
    }
    if (id == "parked_extension") return ended ? std::optional(s->motion->rest_z_mm) : std::nullopt;
    if (id == "double_strokes") return 0.0;  // no plant has these
    // Nor this; but a stroke that ends about its top is one to the pen and none to who looks, or the other way round.
    if (id == "count_report_error") return plant_.motor.parks ? std::optional(0.0) : std::nullopt;
    if (s->judged.empty()) return std::nullopt;
    if (id == "stroke_rate") return mean_of(s->judged, &sim::StrokeTruth::process_rate_per_min);
    if (id == "period_jitter") return probe_.process_jitter_us();
    if (id == "peak_force") {
      const std::vector<sim::StrokeTruth> judged(s->judged.begin(), s->judged.end());
      return probe_.process_peak_force_n(judged, s->strokes.front().number);
    }
    if (id == "penetration") return s->process_penetration_mm();
    if (id == "extension") return mean_of(s->judged, &sim::StrokeTruth::process_extension_mm);
    if (id == "rate_report_error") {
      if (!s->inputs->reported.rate_per_min) return std::nullopt;
      const std::vector<sim::StrokeTruth> judged(s->judged.begin(), s->judged.end());
      return *s->inputs->reported.rate_per_min - sim::PlantTruthProbe::realised_rate_per_min(judged);
    }
    if (id == "missed_strokes") return true_missed(*s);
    return std::nullopt;
  }

  /// Strokes of the judged ones that stay below the product's floor. Unknown where one does at their edge (whose it is
  /// the plant cannot tell), or is nearer to the floor than anybody measures.
  std::optional<double> true_missed(const Stretch& s) const {
    constexpr std::size_t kEdge = 2;
    constexpr double kNearMm = 0.02;
    const double floor_mm = product_.missed_floor_fraction * s.inputs->depth_mm;
    const std::size_t from = static_cast<std::size_t>(s.judged.data() - s.strokes.data()), to = from + s.judged.size();
    double missed = 0;
    for (std::size_t i = from > kEdge ? from - kEdge : 0; i < std::min(to + kEdge, s.strokes.size()); ++i) {
      const double above_mm = s.strokes[i].extension_mm - floor_mm;
      if (std::abs(above_mm) < kNearMm) return std::nullopt;
      if (above_mm > 0) continue;
      if (i < from + kEdge || i + kEdge >= to) return std::nullopt;
      missed += 1;
    }
    return missed;
  }

  std::optional<double> true_linearity() const {
    std::map<double, std::vector<std::pair<double, double>>> rates;
    for (const auto& [phase, s] : stretches_) {
      if (phase->kind != "setting") continue;
      if (s.judged.empty()) return std::nullopt;
      rates[*phase->rate_per_min].emplace_back(*phase->depth_mm, s.process_penetration_mm());
    }
    double worst = 0;
    for (const auto& [rate, points] : rates) worst = std::max(worst, linearity_of(points));
    return rates.empty() ? std::nullopt : std::optional(worst);
  }

  const RunRecord& record_;
  const Product& product_;
  const sim::PlantTruthProbe& probe_;
  const sim::PlantParameters& plant_;
  std::vector<std::pair<const PhaseRecord*, Stretch>> stretches_;
  struct Heights {
    double low_um, high_um;
  };
  std::optional<Heights> heights_;  ///< of this pen's strokes about their process, once they are asked for
};

}  // namespace

const char* name_of(Side side) {
  switch (side) {
    case Side::outside:
      return "outside";
    case Side::near_outside:
      return "near, outside";
    case Side::near_inside:
      return "near, inside";
    case Side::inside:
      return "inside";
    case Side::unknown:
      break;
  }
  return "unknown";
}

std::vector<HeldDecision> hold_against_truth(const RunRecord& record, const Product& product,
                                             const sim::PlantTruthProbe& probe, const sim::PlantParameters& plant) {
  return Holder(record, product, probe, plant).all();
}

double height_quantile_um(double p, double sd_um, double swing_um) {
  constexpr std::size_t kPhases = 32;  // of the half turn from trough to crest: the other half is the same
  const double sd = std::max(sd_um, 1e-9);
  std::array<double, kPhases> swing{};
  for (std::size_t i = 0; i < kPhases; ++i) {
    swing.at(i) = -swing_um * std::cos((static_cast<double>(i) + 0.5) * M_PI / kPhases);
  }
  // Newton, held in a bracket.
  double low = -swing_um - 8 * sd, high = swing_um + 8 * sd, x = p < 0.5 ? low + 5 * sd : high - 5 * sd;
  for (int i = 0; i < 60 && high - low > 1e-9 * sd; ++i) {
    double share = 0, density = 0;
    for (const double at : swing) {
      const NormalTail below = normal_tail((at - x) / sd);
      share += below.above / kPhases;
      density += below.density / kPhases / sd;
    }
    (share < p ? low : high) = x;
    double next = x - (share - p) / density;
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (std::abs(next - x) <= 1e-9 * sd) return next;
    x = next;
  }
  return (low + high) / 2;
}

}  // namespace penrig::swarm
