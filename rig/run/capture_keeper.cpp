#include "rig/run/capture_keeper.hpp"

#include <optional>
#include <utility>

#include "rig/run/run_state.hpp"

namespace penrig {

namespace {

/// "RIG-7, C-000012 load-cell": the certificate, and the filed calibrations that took the place of its factors.
std::string calibration_ids(const RunState& run) {
  std::string ids = run.calibrations.head.id;
  for (const SourceDocument& document : run.job.header.documents) {
    if (document.kind == "calibration") ids += (ids.empty() ? "" : ", ") + document.name;
  }
  return ids;
}

}  // namespace

void CaptureKeeper::begin_attempt(std::string phase, std::uint32_t attempt) {
  phase_ = std::move(phase);
  attempt_ = attempt;
  captures_.clear();
}

WaveformHead CaptureKeeper::head(const char* purpose) const {
  const Calibrations& c = run_.calibrations;
  WaveformHead head;
  head.phase = phase_;
  head.attempt = attempt_;
  head.purpose = purpose;
  head.calibration = calibration_ids(run_);
  head.force = {c.force_n_per_count.value, -run_.tare.zero_counts * c.force_n_per_count.value};
  head.position = {c.position_mm_per_count.value, run_.zero_before ? -run_.zero_before->needle_zero_mm : 0};
  head.stage = {c.stage_mm_per_count.value, 0};
  head.clock = run_.clock;
  head.clock_utc_ns = run_.timeline.utc_ns(run_.clock.host_ref);
  head.may_wait = run_.timeline.is_virtual();
  return head;
}

void CaptureKeeper::begin(SampleSink& sink, const char* purpose) {
  captures_.push_back({run_.job.sink.begin_waveform(run_.job.header.run_id, head(purpose)), {}});
  run_.router.begin(sink);
  run_.router.record_to(captures_.back().writer.get());
}

void CaptureKeeper::end() {
  run_.router.end();
  run_.router.record_to(nullptr);
  if (!captures_.empty() && captures_.back().writer) captures_.back().writer->end();
}

Result<std::vector<WaveformRecord>> CaptureKeeper::finish() {
  std::vector<WaveformRecord> all;
  std::optional<Error> failed;
  for (Kept& kept : captures_) {
    if (!kept.writer) continue;
    Result<WaveformRecord> waveform = kept.writer->finish();
    if (!waveform) {
      if (!failed) failed = waveform.error();
      continue;
    }
    if (waveform->samples == 0) continue;
    waveform->inputs = std::move(kept.inputs);
    all.push_back(std::move(*waveform));
  }
  captures_.clear();
  if (failed) return *failed;
  return all;
}

}  // namespace penrig
