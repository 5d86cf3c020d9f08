#include "rig/spec/measurand.hpp"

#include <algorithm>
#include <array>

namespace penrig {
namespace {

constexpr auto kSetting = MeasurandScope::setting;
constexpr auto kRun = MeasurandScope::run;
constexpr auto kNone = SettingReference::none;
constexpr auto kDepth = SettingReference::depth_mm;
constexpr auto kRate = SettingReference::rate_per_min;

/// A count: no uncertainty, no unit in the keys of its limits.
constexpr MeasurandInfo count_of(std::string_view id, std::string_view title) {
  return {.id = id,
          .title = title,
          .unit = "1",
          .suffix = "",
          .scope = kSetting,
          .reference = kNone,
          .yields = kFromSweep,
          .exact_count = true,
          .decimals = 0};
}

/// A quantity that every setting of a sweep (and every capture of a soak) gives.
constexpr MeasurandInfo of_setting(std::string_view id, std::string_view title, std::string_view unit,
                                   std::string_view suffix, int decimals, SettingReference reference = kNone) {
  return {.id = id,
          .title = title,
          .unit = unit,
          .suffix = suffix,
          .scope = kSetting,
          .reference = reference,
          .yields = kFromSweep,
          .decimals = decimals};
}

/// The same, its limit holding for the strokes.
constexpr MeasurandInfo of_strokes(std::string_view id, std::string_view title) {
  MeasurandInfo info = of_setting(id, title, "mm", "mm", 3, kDepth);
  info.per_stroke = true;
  return info;
}

/// A quantity that a run gives once.
constexpr MeasurandInfo of_run(std::string_view id, std::string_view title, std::string_view unit,
                               std::string_view suffix, int decimals, unsigned yields) {
  return {.id = id,
          .title = title,
          .unit = unit,
          .suffix = suffix,
          .scope = kRun,
          .reference = kNone,
          .yields = yields,
          .decimals = decimals};
}

/// A standard deviation, a share, a time, a largest difference.
constexpr MeasurandInfo not_negative(MeasurandInfo info) {
  info.not_negative = true;
  return info;
}

/// What the pen says over one of its links, or what the link itself does.
constexpr MeasurandInfo of_link(MeasurandInfo info) {
  info.per_link = true;
  return info;
}

constexpr std::array kCatalogue{
    not_negative(of_setting("stroke_rate", "stroke rate", "1/min", "per_min", 0, kRate)),
    not_negative(of_setting("period_jitter", "period jitter", "µs", "us", 0)),
    of_setting("extension", "extension", "mm", "mm", 3, kDepth),
    of_strokes("extension_ti", "extension of strokes"),
    of_setting("penetration", "penetration", "mm", "mm", 3, kDepth),
    of_strokes("penetration_ti", "penetration of strokes"),
    of_setting("penetration_contact", "penetration from contact", "mm", "mm", 3, kDepth),
    of_setting("surface_sink", "sink of the surface", "mm", "mm", 3),
    of_setting("penetration_min", "least penetration", "mm", "mm", 3, kDepth),
    of_setting("penetration_max", "greatest penetration", "mm", "mm", 3, kDepth),
    of_setting("penetration_p005", "0.5 % quantile of penetration", "mm", "mm", 3, kDepth),
    of_setting("penetration_p995", "99.5 % quantile of penetration", "mm", "mm", 3, kDepth),
    of_setting("penetration_error", "penetration error", "mm", "mm", 3),
    count_of("missed_strokes", "missed strokes"),
    count_of("double_strokes", "double strokes"),
    not_negative(of_setting("missed_rate", "share of missed strokes", "%", "percent", 1)),
    not_negative(of_setting("contact_speed", "speed at contact", "mm/s", "mm_per_s", 0)),
    not_negative(of_setting("dwell", "dwell", "µs", "us", 0)),
    of_setting("peak_force", "peak force", "N", "n", 2),
    of_setting("puncture_force", "puncture force", "N", "n", 2),
    of_setting("withdrawal_force", "withdrawal force", "N", "n", 2),
    of_setting("insertion_work", "insertion work", "mJ", "mj", 2),
    of_setting("dissipated_work", "dissipated work", "mJ", "mj", 2),
    not_negative(of_setting("start_latency", "start latency", "ms", "ms", 0)),
    not_negative(of_setting("stop_latency", "stop latency", "ms", "ms", 0)),
    count_of("strokes_after_stop", "strokes after stop"),
    of_setting("parked_extension", "parked extension", "mm", "mm", 3),
    of_link(of_setting("rate_report_error", "error of the reported rate", "1/min", "per_min", 0)),
    of_link(count_of("count_report_error", "error of the reported count")),
    not_negative(of_run("link_loss_stop", "link loss to stop", "ms", "ms", 0, kFromLinkLoss)),
    not_negative(of_run("depth_linearity", "depth linearity", "mm", "mm", 4, kFromSweepOfDepths)),
    not_negative(of_run("depth_hysteresis", "depth hysteresis", "mm", "mm", 4, kFromSweepOfDepths)),
    of_run("rate_droop", "rate droop", "%", "percent", 1, kFromSweep | kFromFreeRun),
    of_link(not_negative(of_run("command_latency_median", "command latency, median", "ms", "ms", 1, kFromSetup))),
    of_link(not_negative(of_run("command_latency_p99", "command latency, P99", "ms", "ms", 1, kFromSetup))),
    of_link(not_negative(of_run("reconnect_time", "reconnect time", "ms", "ms", 0, kFromReconnect))),
    of_link(of_run("rssi", "signal strength", "dBm", "dbm", 0, kFromBle)),
    of_run("thermal_growth", "thermal growth", "mm", "mm", 4, kFromReference),
    MeasurandInfo{.id = "firmware",
                  .title = "firmware",
                  .unit = "",
                  .suffix = "",
                  .scope = kRun,
                  .reference = kNone,
                  .yields = kFromSetup,
                  .text = true,
                  .decimals = 0},
    not_negative(of_run("battery", "battery charge", "%", "percent", 0, kFromSetup)),
};

}  // namespace

std::span<const MeasurandInfo> measurands() { return kCatalogue; }

const MeasurandInfo* find_measurand(std::string_view id) {
  const auto found = std::find_if(kCatalogue.begin(), kCatalogue.end(), [&](const auto& m) { return m.id == id; });
  return found == kCatalogue.end() ? nullptr : &*found;
}

}  // namespace penrig
