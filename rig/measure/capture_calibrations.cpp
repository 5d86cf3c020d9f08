#include "rig/measure/capture_calibrations.hpp"

namespace penrig {

namespace {

constexpr double kIdealCellHz = 1e9;

Calibrations as_said(const CaptureOptions& options, double mm_per_count, double n_per_count) {
  Calibrations c;
  c.cell_resonance_hz = kIdealCellHz;
  c.fixture_id = "this capture";
  if (options.rig != nullptr) c = options.rig->calibrations;
  const auto same_share = [](double scale, const Factor& of) {
    Factor f = of;
    f.value = scale;
    f.u = of.value > 0 ? scale * of.u / of.value : 0;
    f.u_standard = of.value > 0 ? scale * of.u_standard / of.value : 0;
    return f;
  };
  c.position_mm_per_count = same_share(mm_per_count, c.position_mm_per_count);
  c.force_n_per_count = same_share(n_per_count, c.force_n_per_count);
  c.stage_mm_per_count = {1e-6, 0};  // no stage in a capture: it stands still at 0
  c.stage_ppm_per_k = {};
  if (options.delay_us) c.force_delay_us = {*options.delay_us, 0};
  if (options.frame_um_per_n) c.frame_um_per_n = {*options.frame_um_per_n, 0};
  if (options.cell_hz && options.cell_damping) {
    c.cell_resonance_hz = *options.cell_hz;
    c.cell_damping = *options.cell_damping;
    c.cell_corner_hz = 0;
  } else if (options.cell_hz) {
    c.cell_corner_hz = *options.cell_hz;
    c.cell_damping = 0;
  }
  c.force_min_counts = c.position_min_counts = INT32_MIN;
  c.force_max_counts = c.position_max_counts = INT32_MAX;
  return c;
}

}  // namespace

Result<EffectiveCalibrations> capture_calibrations(const CaptureOptions& options, double mm_per_count,
                                                   double n_per_count) {
  Calibrations c = as_said(options, mm_per_count, n_per_count);
  std::vector<Correction> list = list_corrections(c, options.temperature_c, options.without);
  const auto entry = [&](CorrectionKind kind) -> Correction& { return list[static_cast<std::size_t>(kind)]; };
  const auto said = [&](CorrectionKind kind, bool is_said) {
    if (!is_said || options.without.holds(kind)) return;
    entry(kind).applied = true;  // also where a person says 0
    entry(kind).note.clear();
  };
  said(CorrectionKind::channel_delay, options.delay_us.has_value());
  said(CorrectionKind::frame_compliance, options.frame_um_per_n.has_value());
  entry(CorrectionKind::zero).applied = entry(CorrectionKind::scale).applied = false;
  entry(CorrectionKind::zero).note = "the file has its own";
  entry(CorrectionKind::scale).note = "the file is in mm and N already";
  if (!options.temperature_c) c.position_ppm_per_k = c.force_ppm_per_k = {};
  WithoutCorrections without = options.without;
  without.remove(CorrectionKind::scale);
  auto effective = effective_calibrations(c, options.temperature_c, without);
  if (!effective) return effective.error();
  effective->corrections = std::move(list);
  return effective;
}

std::vector<Correction> only_of_force(std::vector<Correction> corrections) {
  for (const CorrectionInfo& info : all_corrections()) {
    Correction& c = corrections[static_cast<std::size_t>(info.kind)];
    const bool of_force = info.kind == CorrectionKind::time_base || info.kind == CorrectionKind::temperature;
    if (of_force || !c.applied) continue;
    c.applied = false;
    c.note = "the capture holds no position";
  }
  return corrections;
}

}  // namespace penrig
