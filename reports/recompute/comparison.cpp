#include "reports/recompute/comparison.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "reports/same_bits.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

bool same_to_ten_digits(double a, double b) {
  if (same_bits(a, b)) return true;
  if (!std::isfinite(a) || !std::isfinite(b)) return false;
  return to_ten_digits(a) == to_ten_digits(b);
}

/// The shortest text that reads back as the same number.
std::string exact(double value) {
  std::array<char, 40> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}
std::string exact(const std::optional<double>& value) { return value ? exact(*value) : "none"; }

void compare_curves(RecordComparison& c, const char* name, const std::vector<std::vector<float>>& recorded,
                    const std::vector<std::vector<float>>& recomputed) {
  c.count(fmt::format("curves of {}", name), recorded.size(), recomputed.size());
  for (std::size_t i = 0; i < std::min(recorded.size(), recomputed.size()); ++i) {
    const auto same = [](float a, float b) {
      return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
    };
    if (std::ranges::equal(recorded[i], recomputed[i], same)) continue;
    const auto [was, is] = std::ranges::mismatch(recorded[i], recomputed[i], same);
    c.text(fmt::format("curve {} of {}, from point {}", i + 1, name, was - recorded[i].begin()),
           was == recorded[i].end() ? "ends" : exact(static_cast<double>(*was)),
           is == recomputed[i].end() ? "ends" : exact(static_cast<double>(*is)));
  }
}

}  // namespace

void RecordComparison::add(std::string_view what, std::string recorded, std::string recomputed) {
  std::string of;
  if (!kind_.empty()) of = fmt::format("{} {}{}{}: ", kind_, number_, name_.empty() ? "" : ", ", name_);
  differences_.push_back({where_, of.append(what), std::move(recorded), std::move(recomputed)});
}

void RecordComparison::bits(std::string_view what, double recorded, double recomputed) {
  ++compared_;
  if (!same_bits(recorded, recomputed)) add(what, exact(recorded), exact(recomputed));
}
void RecordComparison::ten_digits(std::string_view what, double recorded, double recomputed) {
  ++compared_;
  if (!same_to_ten_digits(recorded, recomputed)) add(what, exact(recorded), exact(recomputed));
}
void RecordComparison::text(std::string_view what, std::string_view recorded, std::string_view recomputed) {
  ++compared_;
  if (recorded != recomputed) add(what, std::string(recorded), std::string(recomputed));
}
void RecordComparison::count(std::string_view what, std::uint64_t recorded, std::uint64_t recomputed) {
  ++compared_;
  if (recorded != recomputed) add(what, fmt::to_string(recorded), fmt::to_string(recomputed));
}
void RecordComparison::bits(std::string_view what, const std::optional<double>& recorded,
                            const std::optional<double>& recomputed) {
  if (recorded && recomputed) return bits(what, *recorded, *recomputed);
  if (!recorded && !recomputed) {
    ++compared_;
    return;
  }
  text(what, exact(recorded), exact(recomputed));
}
void RecordComparison::ten_digits(std::string_view what, const std::optional<double>& recorded,
                                  const std::optional<double>& recomputed) {
  if (recorded && recomputed) return ten_digits(what, *recorded, *recomputed);
  if (!recorded && !recomputed) {
    ++compared_;
    return;
  }
  text(what, exact(recorded), exact(recomputed));
}

std::string text_of_input(const AnalysisInputs& inputs, std::string_view name) {
  const auto found = inputs.find(name);
  if (found == inputs.end()) return "none";
  if (const auto* text = std::get_if<std::string>(&found->value)) return *text;
  if (const auto* whole = std::get_if<std::int64_t>(&found->value)) return fmt::to_string(*whole);
  return exact(std::get<double>(found->value));
}

std::string name_of_measurement(const std::string& phase, const Measurement& m) {
  std::string setting;
  if (phase.empty() && m.depth_mm && m.rate_per_min) {
    setting = fmt::format("{} mm at {}/min", *m.depth_mm, *m.rate_per_min);
  }
  const std::string& where = phase.empty() ? setting : phase;
  const std::string what = m.link == PenLink::ble ? m.measurand + " over BLE" : m.measurand;
  return where.empty() ? what : where + ": " + what;
}

void compare(RecordComparison& c, const Measurement& was, const Measurement& is) {
  c.text("measurand", was.measurand, is.measurand);
  c.text("unit", was.unit, is.unit);
  c.bits("depth_mm", was.depth_mm, is.depth_mm);
  c.bits("rate_per_min", was.rate_per_min, is.rate_per_min);
  c.text("link", was.link ? name_of(*was.link) : "none", is.link ? name_of(*is.link) : "none");
  c.bits("value", was.value, is.value);
  c.text("text", was.text_value, is.text_value);
  c.ten_digits("U", was.expanded_u, is.expanded_u);
  c.ten_digits("low", was.low, is.low);
  c.ten_digits("high", was.high, is.high);
  c.ten_digits("k", was.k, is.k);
  c.ten_digits("nu_eff", was.nu_eff, is.nu_eff);
  c.bits("realised", was.realised, is.realised);
  c.ten_digits("U of realised", was.realised_u, is.realised_u);
  c.count("n", was.n, is.n);
  c.ten_digits("n_eff", was.n_eff, is.n_eff);
  c.count("budget lines", was.budget.size(), is.budget.size());
  for (std::size_t i = 0; i < std::min(was.budget.size(), is.budget.size()); ++i) {
    const BudgetLine &a = was.budget[i], &b = is.budget[i];
    c.each("budget line", i + 1, a.source);
    c.text("source", a.source, b.source);
    c.text("type", a.type_a ? "A" : "B", b.type_a ? "A" : "B");
    c.text("distribution", a.distribution, b.distribution);
    c.ten_digits("u", a.u, b.u);
    c.ten_digits("nu", a.nu, b.nu);
    c.text("unit", a.unit, b.unit);
    c.bits("value", a.value, b.value);
    c.ten_digits("u of the input", a.u_input, b.u_input);
    c.ten_digits("sensitivity", a.sensitivity, b.sensitivity);
    c.text("cause", a.cause, b.cause);
  }
  c.each({});
  c.count("tolerance interval", was.interval ? 1 : 0, is.interval ? 1 : 0);
  if (was.interval && is.interval) {
    const ToleranceInterval &a = *was.interval, &b = *is.interval;
    c.ten_digits("interval: low", a.low, b.low);
    c.ten_digits("interval: high", a.high, b.high);
    c.bits("interval: mean", a.mean, b.mean);
    c.bits("interval: s", a.s, b.s);
    c.ten_digits("interval: k_T", a.k_factor, b.k_factor);
    c.ten_digits("interval: k_T at 5 %", a.k_factor_low, b.k_factor_low);
    c.ten_digits("interval: U_sys", a.u_sys, b.u_sys);
  }
  c.count("censored", was.censored_high ? 1 : 0, is.censored_high ? 1 : 0);
  c.count("strokes beyond", was.strokes_beyond, is.strokes_beyond);
  c.text("note", was.note, is.note);
}

void compare(RecordComparison& c, const Decision& was, const Decision& is) {
  c.text("requirement", was.requirement_id, is.requirement_id);
  c.text("title", was.title, is.title);
  c.count("measurement", was.measurement, is.measurement);
  c.bits("lower limit", was.lower, is.lower);
  c.bits("upper limit", was.upper, is.upper);
  c.text("limit", was.limit_text, is.limit_text);
  c.ten_digits("guard band", was.guard_band, is.guard_band);
  c.text("verdict", name_of(was.verdict), name_of(is.verdict));
  c.ten_digits("share used", was.used, is.used);
  c.ten_digits("probability of conformity", was.conformity, is.conformity);
  c.ten_digits("largest probability of false acceptance", was.false_acceptance_max, is.false_acceptance_max);
  c.text("rule", was.rule, is.rule);
  c.text("reason", was.reason, is.reason);
}

void compare(RecordComparison& c, const Correction& was, const Correction& is) {
  c.text("name", was.name, is.name);
  c.count("applied", was.applied ? 1 : 0, is.applied ? 1 : 0);
  c.bits("value", was.value, is.value);
  c.ten_digits("u", was.u, is.u);
  c.text("unit", was.unit, is.unit);
  c.text("note", was.note, is.note);
}

void compare(RecordComparison& c, const std::vector<StrokeRow>& was, const std::vector<StrokeRow>& is) {
  c.count("strokes", was.size(), is.size());
  for (std::size_t i = 0; i < std::min(was.size(), is.size()); ++i) {
    c.each("stroke", i + 1);
    c.bits("top_s", was[i].top_s, is[i].top_s);
    c.bits("period_us", was[i].period_us, is[i].period_us);
    c.bits("extension_mm", was[i].extension_mm, is[i].extension_mm);
    c.bits("penetration_mm", was[i].penetration_mm, is[i].penetration_mm);
    c.bits("peak_force_n", was[i].peak_force_n, is[i].peak_force_n);
    c.ten_digits("u_penetration_mm", was[i].u_penetration_mm, is[i].u_penetration_mm);
  }
  c.each({});
}

void compare(RecordComparison& c, const SettingTraces& was, const SettingTraces& is) {
  compare_curves(c, "the mean cycle", {was.phase_deg, was.mean_position_mm}, {is.phase_deg, is.mean_position_mm});
  compare_curves(c, "positions of strokes", was.strokes_position_mm, is.strokes_position_mm);
  compare_curves(c, "the mean loop", {was.loop_penetration_mm, was.loop_force_n},
                 {is.loop_penetration_mm, is.loop_force_n});
  compare_curves(c, "penetrations of loops", was.strokes_loop_penetration_mm, is.strokes_loop_penetration_mm);
  compare_curves(c, "forces of loops", was.strokes_loop_force_n, is.strokes_loop_force_n);
}

}  // namespace penrig
