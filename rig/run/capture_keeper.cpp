#include "rig/run/capture_keeper.hpp"

#include <cmath>
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
  may_go_on_ = false;
}

WaveformHead CaptureKeeper::head(const std::string& purpose) const {
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
  head.may_wait = head.written_at_end = run_.timeline.is_virtual();
  return head;
}

StreamRouter::Listening CaptureKeeper::begin(SampleSink& sink, const char* purpose) {
  may_go_on_ = false;
  begin_waveform(purpose, false);
  return listen(sink);
}

StreamRouter::Listening CaptureKeeper::begin_part(SampleSink& sink, const char* purpose) {
  may_go_on_ = !captures_.empty() && captures_.back().purpose == purpose && captures_.back().was_analysed();
  if (!may_go_on_) begin_waveform(purpose, true);
  return listen(sink);
}

void CaptureKeeper::begin_waveform(const std::string& purpose, bool of_parts) {
  if (!captures_.empty() && captures_.back().writer) captures_.back().writer->end();
  captures_.push_back({.writer = run_.job.sink.begin_waveform(run_.job.header.run_id, head(purpose)),
                       .purpose = purpose,
                       .of_parts = of_parts});
}

StreamRouter::Listening CaptureKeeper::listen(SampleSink& sink) {
  run_.router.record_to(this);
  return run_.router.begin(sink);
}

void CaptureKeeper::settle(bool goes_on) {
  if (!std::exchange(may_go_on_, false)) return;
  if (!goes_on) begin_waveform(std::string(captures_.back().purpose), true);
  captures_.back().part_begins = captures_.back().samples;
}

void CaptureKeeper::samples(const SampleBlock& block) {
  if (may_go_on_) settle(captures_.back().is_continued_by(block));
  Kept& kept = captures_.back();
  kept.clock.break_before(block, kept.samples);
  if (is_whole(block)) kept.samples += block.force.size();
  if (kept.writer) kept.writer->samples(block);
}

void CaptureKeeper::gap(const std::string& reason) {
  settle(false);
  if (captures_.back().writer) captures_.back().writer->gap(reason);
}

void CaptureKeeper::end() {
  run_.router.end();
  run_.router.record_to(nullptr);
  if (!captures_.empty() && captures_.back().writer && !captures_.back().of_parts) captures_.back().writer->end();
}

bool CaptureKeeper::Kept::is_continued_by(const SampleBlock& block) const {
  // Not half a sample off, as within a capture: the part's own clock must not see a break where the waveform's sees
  // none.
  const double off = std::abs(static_cast<double>(block.first_tick) - clock.tick_of(static_cast<double>(samples)));
  return is_whole(block) && block.ticks_per_sample == clock.ticks_per_sample && off <= 1;
}

bool CaptureKeeper::Kept::was_analysed() const {
  if (!of_parts || analysed.empty()) return false;
  const WaveformPart& last = analysed.back().parts.back();
  return last.first_sample + last.samples == samples;
}

Result<std::vector<WaveformRecord>> CaptureKeeper::finish() {
  std::vector<WaveformRecord> all;
  std::optional<Error> failed;
  for (Kept& kept : captures_) {
    if (!kept.writer) continue;
    kept.writer->end();
    Result<WaveformRecord> waveform = kept.writer->finish();
    if (!waveform) {
      if (!failed) failed = waveform.error();
      continue;
    }
    if (waveform->samples == 0) continue;
    for (Analysed& analysed : kept.analysed) {
      WaveformRecord& record = all.emplace_back(*waveform);
      record.inputs = std::move(analysed.inputs);
      const bool at_once = analysed.parts.size() == 1 && analysed.parts.front().samples == record.samples;
      if (!at_once) record.parts = std::move(analysed.parts);
    }
    if (kept.analysed.empty()) all.push_back(std::move(*waveform));
  }
  captures_.clear();
  if (failed) return *failed;
  return all;
}

}  // namespace penrig
