#include "tools/penrig/station_slot.hpp"

#include <fmt/format.h>

#include "reports/number_format.hpp"
#include "rig/spec/measurand.hpp"
#include "tools/penrig/offered_plan.hpp"
#include "tools/penrig/requirement_table.hpp"

namespace penrig::cli {
namespace {

constexpr Nanoseconds kTellAgain = std::chrono::milliseconds{200};  // five a second are enough for a page

std::string deciding_text(const RunOutcome& outcome) {
  if (!outcome.deciding || *outcome.deciding >= outcome.decisions.size()) return {};
  const Decision& decision = outcome.decisions[*outcome.deciding];
  const Measurement& m = outcome.measurements.at(decision.measurement);
  const MeasurandInfo* info = find_measurand(m.measurand);
  return fmt::format("{}, {}, {}", decision.requirement_id, info == nullptr ? decision.title : std::string(info->title),
                     where(m, " at "));
}

}  // namespace

StationRig::Slot::Slot(StationRig& rig, const SlotDescription& slot, std::size_t number)
    : description(slot), index(number), rig_(rig) {
  status.slot = slot.name;
}

void StationRig::Slot::begin(const RunIntroduction& introduction) {
  lost_.clear();
  status.progress.seconds_left = introduction.planned_s;
  status.state = SlotStatus::State::running;
  status.started_utc_ns = rig_.now_utc_ns();
  status.void_as_certificate = introduction.void_as_certificate;
  rig_.tell_changed(*this);
}

void StationRig::Slot::links_are(bool up, const std::string& detail) {
  bool changed = rig_.heard_->link(status.slot, "pen", up, detail);
  changed = rig_.heard_->link(status.slot, "DAQ", up, detail) || changed;
  if (changed) rig_.tell_bench();
}

void StationRig::Slot::connected(const PenIdentity&, const DaqIdentity&) { links_are(true, ""); }

void StationRig::Slot::progress(const Progress& progress) {
  const TimePoint now = rig_.timeline_.now();
  status.progress = progress;
  if (now - told_ < kTellAgain) return;
  told_ = now;
  rig_.tell_changed(*this);
}

void StationRig::Slot::phase_done(const PhaseRecord& phase) {
  if (rig_.listener_ == nullptr || plan == nullptr) return;
  const SlotReadings readings = readings_of(*plan, status.slot, status.progress.step, phase);
  if (!readings.values.empty() || !readings.strokes_mm.empty()) rig_.listener_->readings(readings);
}

void StationRig::Slot::event(const RunEvent& event) {
  if (event.kind == "interlock" && event.text.starts_with("lost link: ")) lost_ = event.text;
}

void StationRig::Slot::interlocks(const DaqStatus& status_now) {
  if (rig_.heard_->interlocks(status.slot, status_now, rig_.now_utc_ns())) rig_.tell_bench();
}

void StationRig::Slot::closed(const RunResult& result) {
  const RunOutcome& outcome = result.outcome;
  writing = true;
  status.state = SlotStatus::State::ended;
  status.ended_utc_ns = rig_.now_utc_ns();
  status.run_id = result.run_id;
  status.verdict = result.verdict();
  status.reason = result.record_durable ? outcome.reason : "the record is not on disk: " + result.record_error;
  status.decided_by = result.record_durable ? deciding_text(outcome) : "";
  status.safe_state_confirmed = outcome.safe_state_confirmed;
  // A bench that was reached and then refused, as one with another pen in it, has its links.
  const bool never_came = !result.reached_bench && outcome.verdict == Verdict::error;
  if (!lost_.empty() || never_came) {
    links_are(false, lost_.empty() ? outcome.reason : lost_);
  } else if (result.reached_bench) {
    links_are(true, "");
  }
  rig_.tell_changed(*this);
}

void StationRig::Slot::was_interrupted(const RunRow& row) {
  status.state = SlotStatus::State::ended;
  status.serial_number = row.serial_number;
  status.plan = row.plan_name;
  status.product = row.product_name;
  status.run_id = row.run_id;
  status.started_utc_ns = row.started_utc_ns;
  status.verdict = Verdict::error;
  status.interrupted = true;
  status.void_as_certificate = row.simulated ? "SIMULATED" : row.engineering ? "ENGINEERING" : "";
  status.reason = row.reason;
}

}  // namespace penrig::cli
