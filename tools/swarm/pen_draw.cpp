#include "tools/swarm/pen_draw.hpp"

#include <charconv>

#include <fmt/format.h>

#include "rig/base/random.hpp"

namespace penrig::swarm {

Result<DefectMix> parse_defect_mix(std::string_view text) {
  DefectMix mix;
  mix.text = std::string(text);
  std::string_view names = text;
  if (const std::size_t slash = text.rfind('/'); slash != std::string_view::npos) {
    names = text.substr(0, slash);
    const std::string_view share = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(share.data(), share.data() + share.size(), mix.share);
    if (error != std::errc{} || end != share.data() + share.size() || !(mix.share >= 0 && mix.share <= 1)) {
      return fail(Errc::usage,
                  fmt::format("defects '{}': '{}' is no share of the seeds, 0 to 1 (all/0.5)", text, share));
    }
  }
  if (names == "none") return mix;
  if (names == "all") {
    mix.defects.assign(sim::defects().begin(), sim::defects().end());
    return mix;
  }
  while (true) {
    const std::size_t comma = names.find(',');
    const std::string_view name = names.substr(0, comma);
    const Result<sim::SizedDefect> defect = sim::parse_defect(name);
    if (!defect) {
      return fail(Errc::usage, fmt::format("defects '{}': {}, or none, or all", text, defect.error().message));
    }
    mix.defects.push_back(*defect->info);
    // A size that was written is the only one.
    if (name.find(':') != std::string_view::npos) mix.defects.back().least = mix.defects.back().greatest = defect->size;
    if (comma == std::string_view::npos) return mix;
    names.remove_prefix(comma + 1);
  }
}

DrawnPen draw_pen(std::uint64_t seed, const DefectMix& mix, const sim::PlantParameters& plant) {
  DrawnPen pen;
  pen.plant = plant;
  Random random(seed, "swarm: pen");
  if (mix.defects.empty() || !random.bernoulli(mix.share)) return pen;
  const sim::DefectInfo& defect = mix.defects[random.below(mix.defects.size())];
  pen.defect = std::string(defect.name);
  pen.unit = std::string(defect.unit);
  pen.size_from = defect.least;
  pen.size_to = defect.greatest;
  pen.size = random.uniform(defect.least, defect.greatest);
  pen.never_passes = defect.kind == "rig" || defect.name == "wrong-identity";
  sim::apply_defect(pen.plant, {sim::parse_defect(defect.name)->info, pen.size});
  return pen;
}

}  // namespace penrig::swarm
