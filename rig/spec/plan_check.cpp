#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "rig/spec/did_you_mean.hpp"
#include "rig/spec/key_unit.hpp"
#include "rig/spec/load.hpp"
#include "rig/spec/settings_grid.hpp"
#include "rig/spec/utf8.hpp"
#include "rig/spec/yaml_reader.hpp"

namespace penrig {
namespace {

/// Least samples a stroke: below it aliasing decides (rig/MEASURANDS.md).
constexpr double kSamplesPerStroke = 10;
/// A line through fewer settings has no residuals worth the name.
constexpr std::size_t kDepthsOfALine = 3;

/// What the phases of a plan yield, as bits of PhaseYield, and the depths that sweeps visit.
struct Yield {
  unsigned bits = kFromSetup | kFromReference;
  std::set<double> depths;
  bool comes_back = false;  ///< to a depth, within one sweep
  /// Over which phases of each kind ask the pen; none: over the slot's first link, whatever that is.
  std::set<std::optional<PenLink>> links, links_of_settings, links_of_reconnects;
};

/// Whether a depth is reached both from below and from above, as depth_hysteresis takes it (rig/measure/run_level.cpp):
/// the first belongs to the way that it begins.
bool comes_back(const std::vector<double>& depths_mm) {
  std::set<double> from_below, from_above;
  for (std::size_t i = 0; i < depths_mm.size(); ++i) {
    const std::size_t to = std::max<std::size_t>(i, 1);
    if (to >= depths_mm.size()) break;
    const double by_mm = depths_mm[to] - depths_mm[to - 1];
    if (by_mm > 0) from_below.insert(depths_mm[i]);
    if (by_mm < 0) from_above.insert(depths_mm[i]);
  }
  return std::ranges::any_of(from_below, [&](double depth_mm) { return from_above.contains(depth_mm); });
}

Yield yield_of(const Plan& plan) {
  Yield yield;
  for (const PhaseSpec& phase : plan.phases) {
    if (std::holds_alternative<PromptPhase>(phase)) continue;  // it asks a person
    const bool of_settings = std::holds_alternative<SweepPhase>(phase) || std::holds_alternative<SoakPhase>(phase);
    for (const auto link : {via_of(phase), is_watched(phase) ? other_than(*via_of(phase)) : via_of(phase)}) {
      yield.links.insert(link);
      if (of_settings) yield.links_of_settings.insert(link);
      if (link == PenLink::ble) yield.bits |= kFromBle;
    }
    if (const auto* sweep = std::get_if<SweepPhase>(&phase)) {
      yield.bits |= kFromSweep;
      const std::set<double> own(sweep->depths_mm.begin(), sweep->depths_mm.end());
      if (own.size() >= kDepthsOfALine) yield.bits |= kFromSweepOfDepths;
      yield.comes_back = yield.comes_back || comes_back(sweep->depths_mm);
      yield.depths.insert(own.begin(), own.end());
    } else if (std::holds_alternative<SoakPhase>(phase)) {
      yield.bits |= kFromSweep;  // a capture is judged as a setting
    } else if (std::holds_alternative<FreeRunPhase>(phase)) {
      yield.bits |= kFromFreeRun;
    } else if (std::holds_alternative<ReconnectPhase>(phase)) {
      yield.bits |= kFromReconnect;
      yield.links_of_reconnects.insert(via_of(phase));
    } else {
      yield.bits |= kFromLinkLoss;
    }
  }
  return yield;
}

/// Whether phases ask the pen over the link that a requirement is for. The slot's first link may be either.
std::string why_not_over_link(const Requirement& requirement, const Yield& yield) {
  if (!requirement.link) return "";
  const auto* links = &yield.links;
  const char* kind = "";
  if (requirement.measurand->scope == MeasurandScope::setting) {
    links = &yield.links_of_settings;
    kind = "sweep or soak ";
  } else if (requirement.measurand->yields & kFromReconnect) {
    links = &yield.links_of_reconnects;
    kind = "reconnect ";
  }
  if (links->contains(*requirement.link)) return "";
  if (*requirement.link == PenLink::serial && links->contains(std::nullopt)) return "";
  const std::string link(name_of(*requirement.link));
  return "it is for " + link + " alone: it needs a " + kind + "phase with via: " + link;
}

/// Why no phase of the plan yields the measurand; empty if one does.
std::string why_not_exercised(const MeasurandInfo& measurand, const Yield& yield) {
  if (measurand.id == "rate_droop") {
    if ((yield.bits & kFromSweep) && (yield.bits & kFromFreeRun)) return "";
    return "it needs a sweep and a free_run phase";
  }
  if (measurand.id == "depth_hysteresis") {
    return yield.comes_back
               ? ""
               : "it needs a sweep that reaches a depth from below and from above, as in depth_mm: [0.5, 1, 0.5]";
  }
  if (measurand.yields & yield.bits) return "";
  if (measurand.yields & kFromSweepOfDepths) {
    return fmt::format("it needs a sweep over at least {} depths", kDepthsOfALine);
  }
  if (measurand.yields & kFromLinkLoss) return "it needs a link_loss phase";
  if (measurand.yields & kFromReconnect) return "it needs a reconnect phase";
  if (measurand.yields & kFromBle) return "it needs a phase with via: ble";
  if (measurand.yields & kFromSweep) return "it needs a sweep or soak phase";
  return "no phase of this plan yields it";
}

/// Holds one plan against its product; the text is read again for the places.
class PlanCheck {
 public:
  PlanCheck(const Plan& plan, std::string_view text, const std::string& file, const Product& product)
      : plan_(plan), product_(product), yaml_(text, file), root_(yaml_.root()) {
    if (!root_.present()) return;
    root_.has("phases");
    phases_ = root_.mappings("phases");
  }

  std::vector<Mistake> run() {
    // A text that is no plan at all is load_plan's to report.
    if (!root_.present()) return yaml_.mistakes();
    check_sampling();
    // A phase that could not be read is missing from the plan: then which is which cannot be told.
    for (std::size_t i = 0; i < phases_.size() && plan_.phases.size() == phases_.size(); ++i) {
      std::visit([&](const auto& phase) { check_phase(phases_[i], phase); }, plan_.phases[i]);
    }
    check_judged();
    return yaml_.mistakes();
  }

 private:
  void check_depth(const TextPlace& at, double depth_mm) {
    if (depth_mm <= 0 || is_depth_setting(product_, depth_mm)) return;  // what is missing is load_plan's to report
    yaml_.mistake(at, fmt::format("depth {} mm is no setting of {} (settings are {})", number_text(depth_mm),
                                  shown(product_.name), depth_settings_text(product_)));
  }

  void check_rate(const TextPlace& at, double rate_per_min) {
    if (rate_per_min <= 0) return;
    if (rate_per_min >= product_.rate_from_per_min && rate_per_min <= product_.rate_to_per_min) return;
    yaml_.mistake(at, fmt::format("rate {}/min is no setting of {} (settings are {})", number_text(rate_per_min),
                                  shown(product_.name), rate_settings_text(product_)));
  }

  void check_phase(YamlMapping& item, const SweepPhase& phase) {
    for (std::size_t i = 0; i < phase.depths_mm.size(); ++i) {
      check_depth(item.place("depth_mm", i), phase.depths_mm[i]);
    }
    for (std::size_t i = 0; i < phase.rates_per_min.size(); ++i) {
      check_rate(item.place("rate_per_min", i), phase.rates_per_min[i]);
    }
  }

  void check_phase(YamlMapping&, const ReconnectPhase&) {}

  /// Its decision goes by its name.
  void check_phase(YamlMapping& item, const PromptPhase& phase) {
    const auto same = std::ranges::find(product_.requirements, phase.name, &Requirement::id);
    if (phase.name.empty() || same == product_.requirements.end()) return;
    item.mistake("prompt", fmt::format("'{}' is a requirement of {} (give the prompt another name)", shown(phase.name),
                                       shown(product_.name)));
  }

  template <class Phase>
  void check_phase(YamlMapping& item, const Phase& phase) {
    check_depth(item.place("depth_mm"), phase.depth_mm);
    check_rate(item.place("rate_per_min"), phase.rate_per_min);
    if constexpr (std::is_same_v<Phase, LinkLossPhase>) check_watch(item, phase);
  }

  /// A watch that ends before the limit could never tell a pen that stops late from one that never stops.
  void check_watch(YamlMapping& item, const LinkLossPhase& phase) {
    for (const Requirement& requirement : product_.requirements) {
      if (!requirement.measurand || requirement.measurand->id != "link_loss_stop" || !is_judged(requirement.id))
        continue;
      if (!requirement.limit.max || phase.watch_s * 1e3 > *requirement.limit.max) continue;
      item.mistake(item.has("watch_s") ? "watch_s" : "link_loss",
                   fmt::format("watch_s {} ends before the limit of {} ({} ms) is reached (write at least {})",
                               number_text(phase.watch_s), shown(requirement.id), number_text(*requirement.limit.max),
                               number_text((*requirement.limit.max + 200) / 1e3)));
    }
  }

  void check_sampling() {
    const double least_hz = kSamplesPerStroke * product_.rate_to_per_min / 60;
    if (plan_.sample_rate_hz >= least_hz) return;
    root_.mistake("sample_rate_hz",
                  fmt::format("{} Hz is less than {} samples a stroke at the {}/min of {} (write at least {:.0f})",
                              number_text(plan_.sample_rate_hz), number_text(kSamplesPerStroke),
                              number_text(product_.rate_to_per_min), shown(product_.name), least_hz + 0.5));
  }

  bool is_judged(const std::string& id) const {
    return std::find(plan_.judge.begin(), plan_.judge.end(), id) != plan_.judge.end();
  }

  void check_judged() {
    const Yield yield = yield_of(plan_);
    std::vector<std::string_view> known;
    for (const Requirement& requirement : product_.requirements) known.push_back(requirement.id);
    if (plan_.judge.empty()) root_.mistake("judge", "a plan that judges nothing is refused (name requirements)");
    for (std::size_t i = 0; i < plan_.judge.size(); ++i) {
      const std::string& id = plan_.judge[i];
      const auto found = std::find(known.begin(), known.end(), id);
      if (found == known.end()) {
        const auto near = did_you_mean(id, known);
        yaml_.mistake(root_.place("judge", i),
                      fmt::format("{} has no requirement '{}' ({})", shown(product_.name), shown(id),
                                  near ? fmt::format("did you mean '{}'?", *near)
                                       : fmt::format("it has {}", fmt::join(known, ", "))));
        continue;
      }
      const Requirement& requirement = product_.requirements[static_cast<std::size_t>(found - known.begin())];
      const MeasurandInfo* measurand = requirement.measurand;
      if (!measurand) continue;
      std::string why = why_not_exercised(*measurand, yield);
      if (why.empty()) why = why_not_over_link(requirement, yield);
      if (why.empty()) continue;
      yaml_.mistake(root_.place("judge", i), fmt::format("'{}' limits {}, which nothing in this plan exercises ({})",
                                                         shown(id), measurand->id, why));
    }
  }

  const Plan& plan_;
  const Product& product_;
  YamlText yaml_;
  YamlMapping root_;
  std::vector<YamlMapping> phases_;
};

}  // namespace

std::vector<Mistake> check_plan(const Plan& plan, std::string_view plan_text, const std::string& plan_file,
                                const Product& product) {
  return PlanCheck(plan, plan_text, plan_file, product).run();
}

}  // namespace penrig
