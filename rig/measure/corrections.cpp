#include "rig/measure/corrections.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "rig/measure/decide.hpp"
#include "rig/record/switched_off.hpp"
#include "rig/spec/did_you_mean.hpp"

namespace penrig {

namespace {

using Kind = CorrectionKind;

constexpr std::array<CorrectionInfo, kCorrections> kAll{{
    {Kind::channel_delay, "channel-delay", "the force lags the position"},
    {Kind::cell_response, "cell-response", "the load cell follows a force slowly, or rings"},
    {Kind::frame_compliance, "frame-compliance", "the pen gives way under its reaction, unseen by the encoder"},
    {Kind::tip_compliance, "tip-compliance", "needles give way between encoder and tips"},
    {Kind::cell_compliance, "cell-compliance", "the load cell gives way under the simulant"},
    {Kind::inertia, "inertia", "the needle bar's mass pushes the frame"},
    {Kind::zero, "zero", "the cell's tare and the needle encoder's reference zero"},
    {Kind::scale, "scale", "counts in mm and N as calibrated, not as the data sheet says"},
    {Kind::time_base, "time-base", "the DAQ's clock is fast or slow"},
    {Kind::temperature, "temperature", "scales change with the bench's temperature"},
}};

constexpr const char* kNotCalibrated = "not calibrated";

/// The three scales, each with what belongs to it.
struct ScaleParts {
  Factor Calibrations::*factor;
  Factor Calibrations::*ppm_per_k;
  std::optional<double> Calibrations::*nominal;
  std::string_view key;
};
constexpr std::array<ScaleParts, 3> kScales{{
    {&Calibrations::position_mm_per_count, &Calibrations::position_ppm_per_k,
     &Calibrations::position_nominal_mm_per_count, "position_mm_per_count"},
    {&Calibrations::force_n_per_count, &Calibrations::force_ppm_per_k, &Calibrations::force_nominal_n_per_count,
     "force_n_per_count"},
    {&Calibrations::stage_mm_per_count, &Calibrations::stage_ppm_per_k, &Calibrations::stage_nominal_mm_per_count,
     "stage_mm_per_count"},
}};

struct OneFactor {
  Kind kind;
  Factor Calibrations::*factor;
  const char* unit;
};
constexpr std::array<OneFactor, 6> kFactors{{
    {Kind::channel_delay, &Calibrations::force_delay_us, "µs"},
    {Kind::frame_compliance, &Calibrations::frame_um_per_n, "µm/N"},
    {Kind::tip_compliance, &Calibrations::tip_um_per_n, "µm/N"},
    {Kind::cell_compliance, &Calibrations::cell_um_per_n, "µm/N"},
    {Kind::inertia, &Calibrations::reciprocating_mass_g, "g"},
    {Kind::time_base, &Calibrations::time_base_ppm, "ppm"},
}};

bool stated(const Factor& f) { return f.value != 0 || f.u != 0; }

std::string all_names() {
  std::string names;
  for (const CorrectionInfo& c : kAll) names += (names.empty() ? "" : ", ") + std::string(c.name);
  return names;
}

void describe_factors(const Calibrations& c, std::vector<Correction>& list) {
  for (const OneFactor& one : kFactors) {
    Correction& correction = list[static_cast<std::size_t>(one.kind)];
    const Factor& factor = c.*one.factor;
    correction.unit = one.unit;
    correction.value = factor.value;
    correction.u = factor.u;
    correction.applied = stated(factor);
    if (!correction.applied) correction.note = kNotCalibrated;
  }
}

void describe_response(const Calibrations& c, Correction& correction) {
  correction.unit = "Hz";
  correction.value = c.cell_corner_hz > 0 ? c.cell_corner_hz : c.cell_damping > 0 ? c.cell_resonance_hz : 0;
  correction.applied = correction.value > 0;
  if (!correction.applied) correction.note = "not calibrated: taken as a constant delay";
}

void describe_temperature(const Calibrations& c, std::optional<double> temperature_c, Correction& correction) {
  correction.unit = "K";
  if (!states_temperature(c)) {
    correction.note = "no coefficient is stated";
  } else if (!c.temperature_c) {
    correction.note = "the temperature of the calibration is not stated";
  } else if (!temperature_c || !std::isfinite(*temperature_c)) {
    correction.note = "the temperature is not known";
  } else {
    correction.value = *temperature_c - *c.temperature_c;
    correction.applied = true;
  }
}

}  // namespace

std::span<const CorrectionInfo> all_corrections() { return kAll; }

std::string WithoutCorrections::names() const {
  std::string names;
  for (const CorrectionInfo& c : kAll) {
    if (holds(c.kind)) names += (names.empty() ? "" : ", ") + std::string(c.name);
  }
  return names;
}

Result<void> switch_off(WithoutCorrections& without, std::string_view name) {
  const auto found = std::ranges::find(kAll, name, &CorrectionInfo::name);
  if (found != kAll.end()) {
    without.add(found->kind);
    return {};
  }
  std::vector<std::string_view> known;
  known.reserve(std::size(kAll));
  for (const CorrectionInfo& c : kAll) known.push_back(c.name);
  const auto meant = did_you_mean(name, known);
  return fail(Errc::usage, fmt::format("unknown correction '{}' ({}known: {})", name,
                                       meant ? fmt::format("did you mean '{}'? ", *meant) : "", all_names()));
}

Result<void> can_be_without(const WithoutCorrections& without, const Calibrations& c) {
  if (!without.holds(Kind::scale)) return {};
  std::string missing;
  for (const ScaleParts& s : kScales) {
    if (!(c.*s.nominal)) missing += (missing.empty() ? "" : ", ") + std::string(s.key);
  }
  if (missing.empty()) return {};
  return fail(Errc::usage,
              fmt::format("'scale' cannot be switched off: what would a count be? {} of {} has no nominal value "
                          "(write it into the rig's description: nominal: a number, or leave 'scale' out)",
                          missing, c.fixture_id));
}

std::vector<Correction> list_corrections(const Calibrations& c, std::optional<double> temperature_c,
                                         const WithoutCorrections& without) {
  std::vector<Correction> list(kCorrections);
  for (std::size_t i = 0; i < kCorrections; ++i) list[i].name = kAll[i].name;
  describe_factors(c, list);
  describe_response(c, list[static_cast<std::size_t>(Kind::cell_response)]);
  list[static_cast<std::size_t>(Kind::zero)].applied = true;
  list[static_cast<std::size_t>(Kind::scale)].applied = true;
  describe_temperature(c, temperature_c, list[static_cast<std::size_t>(Kind::temperature)]);
  for (const CorrectionInfo& c_info : kAll) {
    if (!without.holds(c_info.kind)) continue;
    Correction& correction = list[static_cast<std::size_t>(c_info.kind)];
    correction.applied = false;
    correction.note = kSwitchedOff;
  }
  return list;
}

bool states_temperature(const Calibrations& c) {
  return std::ranges::any_of(kScales, [&](const ScaleParts& s) { return stated(c.*s.ppm_per_k); });
}

Result<EffectiveCalibrations> effective_calibrations(const Calibrations& calibrations,
                                                     std::optional<double> temperature_c,
                                                     const WithoutCorrections& without) {
  auto corrected = corrected_calibrations(calibrations, temperature_c, without);
  if (!corrected) return corrected.error();
  return EffectiveCalibrations{std::move(*corrected), list_corrections(calibrations, temperature_c, without)};
}

Result<Calibrations> corrected_calibrations(const Calibrations& calibrations, std::optional<double> temperature_c,
                                            const WithoutCorrections& without) {
  if (auto possible = can_be_without(without, calibrations); !possible) return possible.error();
  Calibrations c = calibrations;
  for (const OneFactor& one : kFactors) {
    if (without.holds(one.kind)) (c.*one.factor).value = 0;
  }
  // A mass of 0 with an uncertainty is refused where settings are analysed.
  if (without.holds(Kind::inertia)) c.reciprocating_mass_g = {};
  if (without.holds(Kind::cell_response)) c.cell_damping = c.cell_corner_hz = 0;
  for (const ScaleParts& s : kScales) {
    if (without.holds(Kind::scale)) (c.*s.factor).value = *(c.*s.nominal);
    if (without.holds(Kind::temperature)) (c.*s.ppm_per_k).value = 0;
  }
  if (!states_temperature(c)) return c;
  if (!c.temperature_c || !temperature_c || !std::isfinite(*temperature_c)) {
    return fail(Errc::calibration,
                fmt::format("the scales of {} change with temperature, and {} is not known", c.fixture_id,
                            c.temperature_c ? "that of the bench" : "at which they were calibrated"));
  }
  const double warmer_k = *temperature_c - *c.temperature_c;
  for (const ScaleParts& s : kScales) {
    Factor& factor = c.*s.factor;
    const double change = 1 + 1e-6 * (c.*s.ppm_per_k).value * warmer_k;
    factor.value *= change;
    factor.u *= change;
    factor.u_standard *= change;
  }
  return c;
}

void refer_to_temperature(Calibrations& c, std::string_view key, double calibrated_at_c) {
  const auto found = std::ranges::find(kScales, key, &ScaleParts::key);
  if (found == kScales.end() || !c.temperature_c || !stated(c.*(found->ppm_per_k))) return;
  Factor& factor = c.*(found->factor);
  const double change = 1 + 1e-6 * (c.*(found->ppm_per_k)).value * (*c.temperature_c - calibrated_at_c);
  factor.value *= change;
  factor.u *= change;
  factor.u_standard *= change;
}

Tare effective_tare(const Tare& tare, const WithoutCorrections& without) {
  Tare t = tare;
  if (without.holds(Kind::zero)) t.zero_counts = 0;
  return t;
}

ReferenceZero effective_zero(const ReferenceZero& zero, const WithoutCorrections& without) {
  ReferenceZero z = zero;
  if (without.holds(Kind::zero)) z.needle_zero_mm = 0;
  return z;
}

void withhold_passes(RunOutcome& outcome, const WithoutCorrections& without) {
  if (without.empty()) return;
  const std::string why = fmt::format("measured without correction for {}: nothing is a PASS so", without.names());
  for (Decision& d : outcome.decisions) {
    // A probability that rests on a value known to be off says nothing.
    d.conformity.reset();
    d.false_acceptance_max.reset();
    if (d.verdict == Verdict::pass) {
      d.verdict = Verdict::indeterminate;
      d.reason = why;
    } else if (d.verdict == Verdict::indeterminate) {
      d.reason = d.reason.empty() ? why : fmt::format("{} ({})", d.reason, why);
    }
    outcome.verdict = worst(outcome.verdict, d.verdict);
  }
  outcome.deciding = deciding(outcome.decisions);
  if (outcome.verdict == Verdict::pass) outcome.verdict = Verdict::indeterminate;
  if (outcome.verdict == Verdict::indeterminate) outcome.reason = why;
}

std::string corrections_in_words(std::span<const Correction> corrections) {
  std::string on, off;
  for (const Correction& c : corrections) {
    std::string& list = c.applied ? on : off;
    list += (list.empty() ? "" : ", ") + c.name;
    if (!c.applied && !c.note.empty()) list += fmt::format(" ({})", c.note);
  }
  return fmt::format("corrected: {}; not corrected: {}", on.empty() ? "nothing" : on, off.empty() ? "nothing" : off);
}

}  // namespace penrig
