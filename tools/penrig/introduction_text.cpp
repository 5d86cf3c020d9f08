#include "tools/penrig/introduction_text.hpp"

#include <algorithm>
#include <set>
#include <variant>

#include <fmt/format.h>

#include "reports/counted.hpp"
#include "reports/number_format.hpp"

namespace penrig::cli {
namespace {

/// Strokes of a setting, where all settings of the plan agree.
std::optional<std::uint32_t> strokes_each(const Plan& plan) {
  std::set<std::uint32_t> all;
  for (const PhaseSpec& phase : plan.phases) {
    if (const auto* sweep = std::get_if<SweepPhase>(&phase)) all.insert(sweep->strokes);
    if (const auto* soak = std::get_if<SoakPhase>(&phase)) all.insert(soak->strokes);
  }
  return all.size() == 1 ? std::optional(*all.begin()) : std::nullopt;
}

std::string guard_band(const Product& product, const Plan& plan) {
  std::set<double> factors;
  bool simple = false, guarded = false;
  for (const Requirement& requirement : product.requirements) {
    if (std::ranges::find(plan.judge, requirement.id) == plan.judge.end()) continue;
    simple = simple || requirement.limit.simple_acceptance;
    guarded = guarded || !requirement.limit.simple_acceptance;
    if (!requirement.limit.simple_acceptance) factors.insert(requirement.limit.guard_band_r);
  }
  if (!guarded) return simple ? "simple acceptance" : "";
  std::string text = "guard bands by requirement";
  if (factors.size() == 1) {
    const double r = *factors.begin();
    text = r == 1 ? "guard band w = U" : fmt::format("guard band w = {} U", format_short(r));
  }
  return simple ? text + ", some by simple acceptance" : text;
}

std::string rough_duration(double seconds) {
  return seconds < 120 ? fmt::format("about {:.0f} s", seconds) : fmt::format("about {:.0f} min", seconds / 60);
}

}  // namespace

Line labelled(const std::string& label, std::string text) {
  return {{fmt::format("{:<{}}", label, kLabelWidth), Ink::label}, {std::move(text)}};
}

std::string plan_line(const Plan& plan, const PlanCounts& counts, double planned_s) {
  std::string text = fmt::format("{} rev {}: {}", plan.name, plan.revision, counted(counts.settings, "setting"));
  if (const auto strokes = strokes_each(plan)) text += fmt::format(", {} strokes each", *strokes);
  return text + ", " + rough_duration(planned_s);
}

std::string product_line(const Product& product, const Plan& plan, const PlanCounts& counts) {
  std::string text = fmt::format("{} rev {}: {}, {}", product.name, product.revision,
                                 counted(plan.judge.size(), "requirement"), counted(counts.decisions, "decision"));
  const std::string guard = guard_band(product, plan);
  return guard.empty() ? text : text + ", " + guard;
}

std::vector<Line> introduction_text(const RunIntroduction& introduction) {
  const RigDescription& rig = introduction.rig;
  std::string rig_line = fmt::format("{} rev {}: calibration {} valid until {}", rig.name, rig.revision,
                                     rig.calibrations.head.id, rig.calibrations.head.due.text);
  if (rig.slots.size() > 1) rig_line += fmt::format(", slot {} of {}", introduction.slot, rig.slots.size());
  std::vector<Line> lines{
      labelled("plan", plan_line(introduction.plan, introduction.counts, introduction.planned_s)),
      labelled("product", product_line(introduction.product, introduction.plan, introduction.counts)),
      labelled("rig", std::move(rig_line))};
  for (Line& line : filed_lines(introduction.calibrations, introduction.passed_over)) lines.push_back(std::move(line));
  return lines;
}

std::vector<Line> filed_lines(const std::vector<Calibration>& used, const std::vector<std::string>& passed_over) {
  std::vector<Line> lines;
  for (const Calibration& c : used) {
    lines.push_back(labelled("with", fmt::format("{}, {}, valid until {}", c.id, c.target, c.due.text)));
  }
  for (const std::string& why : passed_over) {
    lines.push_back(labelled("not with", why + "; the description's newer value is taken"));
  }
  return lines;
}

Line pen_line(const std::string& scanned, const PenIdentity& pen) {
  const std::string firmware = pen.firmware.empty() ? "" : ", firmware " + pen.firmware;
  if (pen.serial_number == scanned) {
    return labelled("pen", fmt::format("{}{}, the same as scanned", pen.serial_number, firmware));
  }
  Line line = labelled("pen", pen.serial_number + firmware);
  line.push_back({fmt::format(", NOT the scanned {}", scanned), Ink::strong});
  return line;
}

}  // namespace penrig::cli
