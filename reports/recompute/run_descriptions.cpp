#include "reports/recompute/run_descriptions.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "reports/calibration_json.hpp"
#include "reports/recompute/each_name.hpp"
#include "rig/calibrate/filed.hpp"
#include "rig/run/plan_steps.hpp"
#include "rig/run/stored_inputs.hpp"
#include "rig/spec/civil_date.hpp"
#include "rig/spec/load.hpp"

namespace penrig {

namespace {

template <class T>
Result<T> read_document(const RunRecord& record, std::string_view kind,
                        Loaded<T> (*load)(std::string_view, const std::string&)) {
  const auto found = std::ranges::find(record.header.documents, kind, &SourceDocument::kind);
  if (found == record.header.documents.end()) {
    return fail(Errc::bad_data, fmt::format("run {} holds no {}", record.header.run_id, kind));
  }
  Loaded<T> loaded = load(found->bytes, found->path);
  if (loaded.ok()) return std::move(loaded.value);
  return fail(Errc::bad_data, fmt::format("the {} of run {} cannot be read by this program: {}", kind,
                                          record.header.run_id, loaded.mistakes.front().message));
}

/// Of what an analysis was given, that which the descriptions say.
bool is_described(std::string_view name, const std::string& purpose) {
  constexpr std::array<std::string_view, 6> kOfSetting{"depth_mm",    "rate_per_min", "strokes",
                                                       "min_strokes", "free_running", "missed_floor_fraction"};
  if (name.starts_with("calibrations.")) return true;
  if (purpose == "touch surface") return name == "exponent";
  return purpose == "setting" &&
         (name.starts_with("simulant.") || std::ranges::find(kOfSetting, name) != kOfSetting.end());
}

/// What the descriptions say of the analyses of a phase.
AnalysisInputs described(const PhaseRecord& phase, const RunDescriptions& run, const std::vector<PlanStep>& steps) {
  SettingInputs all;
  all.in_force.calibrations = run.rig.calibrations;
  all.simulant = run.rig.simulant;
  all.missed_floor_fraction = run.product.missed_floor_fraction;
  const auto step = std::ranges::find_if(
      steps, [&](const PlanStep& s) { return s.name == phase.name && name_of(s.kind) == phase.kind; });
  if (step != steps.end()) {
    const SettingTask& task = step->setting;
    all.depth_mm = task.depth_mm;
    all.rate_per_min = task.rate_per_min;
    all.strokes = task.strokes;
    all.min_strokes = std::min(task.min_strokes, task.strokes);
    all.free_running = task.free_running;
  }
  AnalysisInputs inputs = stored(all);
  inputs["exponent"] = run.rig.simulant.contact_exponent;
  return inputs;
}

}  // namespace

Result<RunDescriptions> recorded_descriptions(const RunRecord& record) {
  Result<Plan> plan = read_document(record, "plan", load_plan);
  if (!plan) return plan.error();
  Result<Product> product = read_document(record, "product", load_recorded_product);
  if (!product) return product.error();
  Result<RigDescription> rig = read_document(record, "rig", load_rig);
  if (!rig) return rig.error();
  Result<CalibrationChoice> in_force =
      apply_filed(*rig, calibrations_of(record.header), date_of_utc(record.header.started_utc_ns));
  if (!in_force) return fail(Errc::bad_data, in_force.error().message);
  rig->calibrations = std::move(in_force->calibrations);
  return RunDescriptions{std::move(*plan), std::move(*product), std::move(*rig)};
}

std::vector<RecordDifference> unlike_descriptions(const RunRecord& record, const RunDescriptions& run) {
  std::vector<RecordDifference> unlike;
  const std::vector<PlanStep> steps = lay_out(run.plan, run.rig);
  for (const PhaseRecord& phase : record.phases) {
    std::optional<AnalysisInputs> by_documents;
    for (const WaveformRecord& w : phase.waveforms) {
      if (w.inputs.empty()) continue;
      if (!by_documents) by_documents = described(phase, run, steps);
      const AnalysisInputs& said = *by_documents;
      each_name(w.inputs, said, [&](std::string_view name, const InputValue* was, const InputValue* is) {
        if ((was != nullptr && is != nullptr && *was == *is) || !is_described(name, w.purpose)) return;
        unlike.push_back({phase.name + ", " + w.purpose, fmt::format("input {}, by the documents", name),
                          text_of_input(w.inputs, name), text_of_input(said, name)});
      });
    }
  }
  return unlike;
}

}  // namespace penrig
