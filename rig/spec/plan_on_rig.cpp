#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "rig/spec/key_unit.hpp"
#include "rig/spec/load.hpp"
#include "rig/spec/utf8.hpp"
#include "rig/spec/yaml_reader.hpp"

namespace penrig {
namespace {

/// A depth that a phase sets, and where it stands in the plan's text.
struct DepthAt {
  double mm;
  TextPlace place;
};

std::vector<DepthAt> depths_of(const PhaseSpec& phase, YamlMapping& item) {
  if (const auto* sweep = std::get_if<SweepPhase>(&phase)) {
    std::vector<DepthAt> depths;
    for (std::size_t i = 0; i < sweep->depths_mm.size(); ++i)
      depths.push_back({sweep->depths_mm[i], item.place("depth_mm", i)});
    return depths;
  }
  if (std::holds_alternative<ReconnectPhase>(phase) || std::holds_alternative<PromptPhase>(phase))
    return {};  // it turns nothing
  const double mm = std::visit(
      [](const auto& p) {
        if constexpr (requires { p.depth_mm; }) return p.depth_mm;
        return 0.0;
      },
      phase);
  return {{mm, item.place("depth_mm")}};
}

}  // namespace

std::uint64_t spots_needed(const PhaseSpec& phase) {
  if (const auto* sweep = std::get_if<SweepPhase>(&phase)) return sweep->depths_mm.size() * sweep->rates_per_min.size();
  if (const auto* soak = std::get_if<SoakPhase>(&phase)) {
    return static_cast<std::uint64_t>(std::ceil(soak->duration_s / soak->capture_every_s));
  }
  return 0;
}

std::vector<Mistake> check_plan_on_rig(const Plan& plan, std::string_view plan_text, const std::string& plan_file,
                                       const RigDescription& rig) {
  YamlText yaml(plan_text, plan_file);
  YamlMapping root = yaml.root();
  if (!root.present()) return {};
  std::vector<YamlMapping> items = root.mappings("phases");
  // A phase that could not be read is missing from the plan: then which is which cannot be told.
  if (items.size() != plan.phases.size()) return {};
  const std::uint64_t spots = std::uint64_t{rig.stage.spot_rows} * rig.stage.spot_columns;
  std::uint64_t used = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::uint64_t before = used;
    used += spots_needed(plan.phases[i]);
    if (used > spots && before <= spots) {
      items[i].mistake(fmt::format(
          "with this phase the plan takes {} fresh spots, one a setting, and rig '{}' has {} (fewer settings, or a "
          "rig with more spots)",
          used, shown(rig.name), spots));
    }
    for (const DepthAt& depth : depths_of(plan.phases[i], items[i])) {
      if (depth.mm < rig.over_depth_mm) continue;
      items[i].mistake_at(depth.place,
                          fmt::format("depth {} mm would trip the interlock of rig '{}', over_depth_mm {} (a smaller "
                                      "depth, or a rig that allows it)",
                                      number_text(depth.mm), shown(rig.name), number_text(rig.over_depth_mm)));
    }
  }
  return yaml.mistakes();
}

}  // namespace penrig
