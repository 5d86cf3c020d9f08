#include "tools/swarm/pen_draw.hpp"

#include <array>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "rig/base/random.hpp"
#include "rig/spec/did_you_mean.hpp"

namespace penrig::swarm {
namespace {

using sim::PlantParameters;

constexpr std::array kSized{
    SizedDefect{"depth-offset", "mm", -0.3, 0.3, "added to every depth setting", false,
                [](PlantParameters& p, double mm) { p.mechanism.depth_offset_mm += mm; }},
    SizedDefect{"depth-scale", "%", -12, 12, "relative error of the depth setting", false,
                [](PlantParameters& p, double percent) { p.mechanism.depth_scale_error += 1e-2 * percent; }},
    SizedDefect{"wobble", "um", 0, 200, "amplitude by which depth swings every 5.3 strokes", false,
                [](PlantParameters& p, double um) { p.mechanism.wobble_um = um; }},
    SizedDefect{"loose-bearing", "um", 0, 80, "sd of depth from stroke to stroke", false,
                [](PlantParameters& p, double um) { p.mechanism.stroke_height_noise_um = um; }},
    SizedDefect{"rare-deep", "mm", 0.15, 0.6, "1 in 60 strokes goes so much deeper", false,
                [](PlantParameters& p, double mm) {
                  p.mechanism.rare_deep_probability = 1.0 / 60;
                  p.mechanism.rare_deep_mm = mm;
                }},
    SizedDefect{"missed", "%", 0, 10, "share of strokes that stay below half of the setting", false,
                [](PlantParameters& p, double percent) { p.mechanism.missed_probability = 1e-2 * percent; }},
    SizedDefect{"rate", "%", -4, 4, "error of the stroke rate", false,
                [](PlantParameters& p, double percent) { p.motor.rate_error_fraction += 1e-2 * percent; }},
    SizedDefect{"droop", "%", 0, 5, "rate lost under load", false,
                [](PlantParameters& p, double percent) { p.motor.droop_fraction = 1e-2 * percent; }},
    SizedDefect{"jitter", "us", 0, 250, "sd of the times of bottom dead centre; periods of tops have 0.71 of it", false,
                [](PlantParameters& p, double us) { p.motor.bottom_timing_noise_us = us; }},
    SizedDefect{"slow-brake", "ms", 20, 120, "time constant of the brake", false,
                [](PlantParameters& p, double ms) { p.motor.brake_tau_ms = ms; }},
    SizedDefect{"parks-out", "", 1, 1, "stops with the needles out, and believes that it parked", false,
                [](PlantParameters& p, double) { p.motor.parks = false; }},
    SizedDefect{"late-dead-man", "ms", 300, 1000, "silence after which the pen stops by itself", false,
                [](PlantParameters& p, double ms) { p.electronics.dead_man_ms = ms; }},
    SizedDefect{"no-dead-man", "", 1, 1, "runs on when its link falls silent", false,
                [](PlantParameters& p, double) { p.electronics.ignores_dead_man = true; }},
    SizedDefect{"rate-report", "%", -1, 1, "error of the rate that the pen reports", false,
                [](PlantParameters& p, double percent) { p.electronics.rate_report_factor = 1 + 1e-2 * percent; }},
    SizedDefect{"blunt", "N", 0.35, 3.5, "force at which the needles puncture", false,
                [](PlantParameters& p, double n) { p.simulant.puncture_force_n = n; }},
    SizedDefect{"firmware", "", 1, 1, "carries firmware 9.9.9", false,
                [](PlantParameters& p, double) { p.electronics.firmware = "9.9.9"; }},
    SizedDefect{"identity", "", 1, 1, "says another serial number than the one on its label", true,
                [](PlantParameters& p, double) { p.electronics.serial_number_override = "PRO-9999"; }},
    SizedDefect{"encoder-stuck", "", 1, 1, "the rig's needle encoder stands still from stroke 20 on", true,
                [](PlantParameters& p, double) { p.encoder.stuck_from_stroke = 20; }},
    SizedDefect{"cell-overloaded", "N", 0.05, 0.3, "the rig's load cell ends so near above its zero", true,
                [](PlantParameters& p, double n) {
                  p.load_cell.zero_shift_n = p.load_cell.range_n - n;
                  p.load_cell.zero_spread_mn = 5;
                }},
};

Error wrong(std::string_view mix, std::string what) {
  return fail(Errc::usage, fmt::format("defects '{}': {}", mix, std::move(what)));
}

}  // namespace

std::span<const SizedDefect> sized_defects() { return kSized; }

Result<DefectMix> parse_defect_mix(std::string_view text) {
  DefectMix mix;
  mix.text = std::string(text);
  std::string_view names = text;
  if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    names = text.substr(0, colon);
    const std::string_view share = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(share.data(), share.data() + share.size(), mix.share);
    if (error != std::errc{} || end != share.data() + share.size() || !(mix.share >= 0 && mix.share <= 1))
      return wrong(text, fmt::format("'{}' is no share of the seeds, 0 to 1 (all:0.5)", share));
  }
  if (names == "none") return mix;
  std::vector<std::string_view> known;
  for (const SizedDefect& d : kSized) known.push_back(d.name);
  while (true) {
    const std::size_t comma = names.find(',');
    const std::string_view name = names.substr(0, comma);
    bool found = false;
    for (const SizedDefect& d : kSized) {
      if (name != d.name && name != "all") continue;
      mix.defects.push_back(&d);
      found = true;
    }
    if (!found) {
      const auto meant = did_you_mean(name, known);
      return wrong(text,
                   fmt::format("unknown '{}'{}; known: none, all, {}", name,
                               meant ? fmt::format(" (did you mean '{}'?)", *meant) : "", fmt::join(known, ", ")));
    }
    if (comma == std::string_view::npos) return mix;
    names.remove_prefix(comma + 1);
  }
}

DrawnPen draw_pen(std::uint64_t seed, const DefectMix& mix, const sim::PlantParameters& plant) {
  DrawnPen pen;
  pen.plant = plant;
  Random random(seed, "swarm: pen");
  if (mix.defects.empty() || !random.bernoulli(mix.share)) return pen;
  const SizedDefect& defect = *mix.defects[random.below(mix.defects.size())];
  pen.defect = std::string(defect.name);
  pen.unit = std::string(defect.unit);
  pen.size = random.uniform(defect.least, defect.greatest);
  pen.never_passes = defect.never_passes;
  defect.apply(pen.plant, pen.size);
  return pen;
}

}  // namespace penrig::swarm
