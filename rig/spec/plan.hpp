#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rig/spec/pen_link.hpp"
#include "rig/spec/prompt.hpp"
#include "rig/spec/text_place.hpp"

namespace penrig {

/// Every depth with every rate, in the order written (rates outermost), each on a fresh spot.
struct SweepPhase {
  std::string name;
  std::optional<PenLink> via;  ///< over which the pen is driven; none: the slot's first link
  bool watched = false;        ///< `via: both`: driven over BLE, and asked over the other link as well
  std::vector<double> depths_mm, rates_per_min;
  std::uint32_t strokes = 150;        ///< judged strokes a setting
  std::uint32_t settle_strokes = 15;  ///< before them, after the start
  std::uint32_t min_strokes = 30;     ///< fewer is ERROR
  bool busy = false;                  ///< the link that drives is kept full of replies meanwhile
};
/// The same pen with the stage withdrawn: nothing to puncture. For droop.
struct FreeRunPhase {
  std::string name;
  std::optional<PenLink> via;
  bool watched = false;
  double depth_mm = 0, rate_per_min = 0;
  std::uint32_t strokes = 60, settle_strokes = 15;
};
/// The pen runs, the host falls silent on the link that drives it, or cuts it: the pen must stop by itself.
struct LinkLossPhase {
  std::string name;
  std::optional<PenLink> via;
  bool watched = false;
  double depth_mm = 0, rate_per_min = 0;
  double watch_s = 1.5;  ///< how long to wait for the stop
  bool cut = false;      ///< not only silent: the link itself ends, and is opened anew afterwards
};
/// A link of the pen is cut and opened anew, while the pen stands.
struct ReconnectPhase {
  std::string name;
  std::optional<PenLink> via;
  bool watched = false;
  std::uint32_t times = 3;
};
/// Long running at one setting with captures at intervals; each capture takes part in the judgement as a setting.
struct SoakPhase {
  std::string name;
  std::optional<PenLink> via;
  bool watched = false;
  double depth_mm = 0, rate_per_min = 0;
  double duration_s = 0, capture_every_s = 0;
  std::uint32_t strokes = 150;  ///< a capture
};
using PhaseSpec = std::variant<SweepPhase, FreeRunPhase, LinkLossPhase, SoakPhase, ReconnectPhase, PromptPhase>;

/// None: over the slot's first link; or, of a prompt, over none.
inline std::optional<PenLink> via_of(const PhaseSpec& phase) {
  return std::visit(
      [](const auto& p) -> std::optional<PenLink> {
        if constexpr (requires { p.via; }) {
          return p.via;
        } else {
          return std::nullopt;
        }
      },
      phase);
}

/// Whether a phase asks the pen over its second link too.
inline bool is_watched(const PhaseSpec& phase) {
  return std::visit(
      [](const auto& p) {
        if constexpr (requires { p.watched; }) {
          return p.watched;
        } else {
          return false;
        }
      },
      phase);
}
constexpr PenLink other_than(PenLink link) { return link == PenLink::serial ? PenLink::ble : PenLink::serial; }

/// Fresh spots that a phase takes, one a setting.
std::uint64_t spots_needed(const PhaseSpec& phase);

/// A run is taken only after a recent PASS of another plan on the same rig and slot: the daily check with a pen that is
/// known, by a product file with limits of its own.
struct GoldenCheck {
  std::string plan;      ///< the other plan's name; it stands beside this one, in a file of that name (.yaml)
  double within_h = 24;  ///< since that run began
  TextPlace place{};     ///< of the name
};

/// Of a setting as it is planned, a channel: a pen that is slow may need a third more, and still fits into what is read
/// of a waveform.
inline constexpr double kMostSettingSamples = 150e6;

struct Plan {
  std::string name, title;
  std::uint32_t revision = 0;
  std::string product_path;  ///< as written, relative to the plan's own folder
  double sample_rate_hz = 50'000;
  std::uint32_t block_samples = 512;  ///< a channel in one message; at most 50 ms
  std::uint32_t reference_repeats = 5;
  std::uint32_t link_retries = 0;  ///< repeats of a phase after a link or rig ERROR
  std::uint32_t max_strokes_per_spot = 1000;
  double max_simulant_temperature_c = 40, min_simulant_temperature_c = 10;
  std::optional<GoldenCheck> golden_check{};
  std::vector<PhaseSpec> phases;
  /// Ids of the product's requirements that this plan exercises, in the product's order.
  std::vector<std::string> judge;

  /// What it asks a person, in order.
  std::vector<const PromptPhase*> prompts() const {
    std::vector<const PromptPhase*> all;
    for (const PhaseSpec& phase : phases) {
      if (const auto* prompt = std::get_if<PromptPhase>(&phase)) all.push_back(prompt);
    }
    return all;
  }

  /// Whether a phase says that it needs this link.
  bool needs(PenLink link) const {
    return std::any_of(phases.begin(), phases.end(),
                       [link](const PhaseSpec& p) { return via_of(p) == link || is_watched(p); });
  }
};

}  // namespace penrig
