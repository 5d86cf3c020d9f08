#include <iostream>

#include <fmt/format.h>

#include "rig/run/sequencer.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/introduction_text.hpp"
#include "tools/penrig/prepare_run.hpp"

namespace penrig::cli {
namespace {

std::string phase_line(const PhaseSpec& phase) {
  struct Describe {
    std::string operator()(const SweepPhase& p) const {
      return fmt::format("{}: sweep of {} depth{} × {} rate{}, {} strokes each", p.name, p.depths_mm.size(),
                         p.depths_mm.size() == 1 ? "" : "s", p.rates_per_min.size(),
                         p.rates_per_min.size() == 1 ? "" : "s", p.strokes);
    }
    std::string operator()(const FreeRunPhase& p) const {
      return fmt::format("{}: free run, {} strokes at {:g} mm, {:g}/min", p.name, p.strokes, p.depth_mm,
                         p.rate_per_min);
    }
    std::string operator()(const LinkLossPhase& p) const {
      return fmt::format("{}: link {} at {:g} mm, {:g}/min, watched for {:g} s", p.name, p.cut ? "cut" : "loss",
                         p.depth_mm, p.rate_per_min, p.watch_s);
    }
    std::string operator()(const ReconnectPhase& p) const {
      return fmt::format("{}: a link is cut and opened anew, {} time{}", p.name, p.times, p.times == 1 ? "" : "s");
    }
    std::string operator()(const PromptPhase& p) const {
      return fmt::format("{}: asks a person ({}), {}, within {:g} s: {}", p.name, name_of(p.kind),
                         p.is_judged() ? "judged" : "for information", p.within_s, p.title);
    }
    std::string operator()(const SoakPhase& p) const {
      return fmt::format("{}: soak for {:g} s, a capture every {:g} s", p.name, p.duration_s, p.capture_every_s);
    }
  };
  const auto via = via_of(phase);
  const std::string over = is_watched(phase)     ? ", over both links"
                           : via == PenLink::ble ? ", over BLE"
                           : via                 ? ", over serial"
                                                 : "";
  return std::visit(Describe{}, phase) + over;
}

std::string judged(const Plan& plan) {
  std::string text;
  for (const std::string& id : plan.judge) text += (text.empty() ? "" : ", ") + id;
  return text;
}

}  // namespace

ExitCode plan_check_command(const PlanCheckOptions& options) {
  const TerminalStyle style = detect_style(1);
  Inputs inputs = load_inputs(options.plan_path, options.rig);
  if (inputs.has_plan && inputs.has_rig) {
    for (const SlotDescription& slot : inputs.rig.slots) {
      for (Mistake& mistake : check_links(inputs, slot)) inputs.mistakes.push_back(std::move(mistake));
    }
  }
  if (!inputs.ok()) {
    std::cout << render_mistakes(inputs.mistakes, style, "nothing has moved.");
    return ExitCode::usage;
  }

  const PlanCounts counts = count_plan(inputs.plan, inputs.product, PenLink::serial);
  std::vector<Line> lines;
  // Without a rig the stage's travel is that of the simulated one: the time is about right.
  const RigDescription rig = options.rig.empty() ? RigDescription{} : inputs.rig;
  lines.push_back(labelled("plan", plan_line(inputs.plan, counts, planned_seconds(inputs.plan, rig))));
  for (const PhaseSpec& phase : inputs.plan.phases) lines.push_back(labelled("", phase_line(phase)));
  lines.push_back(labelled("judges", judged(inputs.plan)));
  lines.push_back(labelled("product", product_line(inputs.product, inputs.plan, counts)));
  if (!options.rig.empty()) {
    lines.push_back(labelled("rig", fmt::format("{} rev {}: {} slot{}", inputs.rig.name, inputs.rig.revision,
                                                inputs.rig.slots.size(), inputs.rig.slots.size() == 1 ? "" : "s")));
  }
  lines.push_back({{"no mistakes"}});
  print(style, folded(style, lines, kLabelWidth));
  return ExitCode::pass;
}

}  // namespace penrig::cli
