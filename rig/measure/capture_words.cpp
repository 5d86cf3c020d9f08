#include "rig/measure/capture_words.hpp"

#include <cmath>

#include <fmt/format.h>

namespace penrig {

namespace {

constexpr double kSlowestHz = 0.2, kFastestHz = 400;  ///< strokes a second
constexpr double kFewestSamples = 9.9;                ///< a stroke

/// What no capture can tell: it holds no commands, and no pen speaks in it.
bool needs_commands(std::string_view id) {
  for (const char* known : {"start_latency", "stop_latency", "strokes_after_stop", "parked_extension",
                            "rate_report_error", "count_report_error"}) {
    if (id == known) return true;
  }
  return false;
}

}  // namespace

CaptureRefusal refuse(Errc code, std::string why, CapturePart part) { return {fail(code, std::move(why)), part, {}}; }

std::string plural(std::size_t n, const char* one) { return fmt::format("{} {}{}", n, one, n == 1 ? "" : "s"); }

std::optional<CaptureRefusal> check_rate(double stroke_hz, double rate_hz) {
  if (stroke_hz < 0.95 * kSlowestHz || stroke_hz > 1.05 * kFastestHz) {
    const char* hint = stroke_hz < kSlowestHz && stroke_hz * 1e3 <= kFastestHz
                           ? " (are the times milliseconds? then write the head as t_ms)"
                       : stroke_hz > kFastestHz && stroke_hz * 1e-3 >= kSlowestHz
                           ? " (is the unit of the times too small?)"
                           : "";
    return refuse(Errc::bad_data,
                  fmt::format("{:.4g} strokes a second; from {:.1f} to {:.0f} are measured{}", stroke_hz, kSlowestHz,
                              kFastestHz, hint),
                  CapturePart::time);
  }
  if (rate_hz < kFewestSamples * stroke_hz) {
    return refuse(Errc::bad_data,
                  fmt::format("{:.1f} samples a stroke; at least {:.0f} are needed (sample at {:.0f} Hz or faster)",
                              rate_hz / stroke_hz, kFewestSamples, kFewestSamples * stroke_hz));
  }
  return std::nullopt;
}

void warn_of_sampling(const Sampling& s, std::vector<std::string>& warnings) {
  if (!s.from_stamps) return;
  if (s.stamp_step_s >= 0.9 / s.rate_hz) {
    warnings.push_back(
        fmt::format("the time stamps are coarser than the sampling ({:.3g} µs against {:.4g} µs): a gap "
                    "of less than {:.0f} samples would not be seen",
                    s.stamp_step_s * 1e6, 1e6 / s.rate_hz, std::ceil(s.stamp_step_s * s.rate_hz) + 1));
  }
  if (s.wander_s > s.stamp_step_s + 2 / s.rate_hz) {
    warnings.push_back(fmt::format(
        "the sampling wanders by up to {:.1f} samples from an even one: the clock of the stamps is not that "
        "of the sampling, and rate and jitter hold the difference",
        s.wander_s * s.rate_hz));
  }
}

void warn_of_u(const CaptureOptions& options, bool with_force, std::vector<std::string>& warnings) {
  if (options.rig == nullptr) {
    warnings.emplace_back(
        "U holds what this capture shows alone, no uncertainty of scales, zero, time base, delay or compliance: name "
        "the rig that it comes from (--rig) to have them");
  } else {
    warnings.emplace_back("z has the file's own zero: no U of an extension holds an uncertainty of the zero");
  }
  if (with_force && options.rig == nullptr && !options.cell_hz) {
    warnings.emplace_back("the load cell is taken as ideal (say its response: --cell-hz)");
  }
}

bool is_beyond_captures(const MeasurandInfo& measurand) {
  return measurand.scope == MeasurandScope::run || needs_commands(measurand.id);
}

void keep_only_what_was_said(CaptureAnalysis& out) {
  std::erase_if(out.measurements, [&](const Measurement& m) {
    return needs_commands(m.measurand) || (m.measurand == "penetration_error" && !out.depth_is_set);
  });
  for (Measurement& m : out.measurements) {
    if (!out.depth_is_set) m.depth_mm.reset();
    if (!out.rate_is_set) m.rate_per_min.reset();
  }
}

void add_without_value(CaptureAnalysis& out, std::initializer_list<std::pair<const char*, const char*>> ids,
                       const char* why) {
  for (const auto& [id, unit] : ids) {
    Measurement m;
    m.measurand = id;
    m.unit = unit;
    m.note = why;
    out.measurements.push_back(std::move(m));
  }
}

}  // namespace penrig
