#include "reports/recompute/rederive.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "reports/recompute/each_name.hpp"
#include "rig/run/stored_inputs.hpp"

namespace penrig {

namespace {

/// What is told of a phase. Its samples are the record's, and nobody asks the derived one for them.
PhaseRecord head_of(const PhaseRecord& p) {
  PhaseRecord head;
  head.name = p.name;
  head.kind = p.kind;
  head.attempt = p.attempt;
  head.depth_mm = p.depth_mm;
  head.rate_per_min = p.rate_per_min;
  head.via = p.via;
  head.started_s = p.started_s;
  head.ended_s = p.ended_s;
  head.verdict = p.verdict;
  head.error = p.error;
  head.spot = p.spot;
  head.samples = p.samples;
  head.gaps = p.gaps;
  return head;
}

/// What was measured in it.
void take_numbers(PhaseRecord& into, const PhaseRecord& p) {
  into.measurements = p.measurements;
  into.strokes = p.strokes;
  into.traces = p.traces;
  into.values = p.values;
}

/// What a phase holds of its link: no samples give it.
constexpr std::array<std::string_view, 2> kToldByTheLink{"link_answers_per_s", "reconnect_ms"};

class Rederivation {
 public:
  Rederivation(const RunRecord& record, const WaveformSource& source) : record_(record), source_(source) {}

  RederivedPhases go() {
    for (const PhaseRecord& phase : record_.phases) {
      recorded_ = &phase;
      now_ = head_of(phase);
      whole_ = true;
      anew_ = false;
      if (phase.kind == "setting" || phase.kind == "free-run") {
        setting();
      } else if (phase.kind == "link-loss") {
        link_loss();
      }
      if (phase.kind == "reconnect" && !phase.measurements.empty()) told("reconnect times");
      if (phase.kind == "prompt" && !phase.measurements.empty()) told("what people answered");
      for (const std::string_view name : kToldByTheLink) {
        const auto value = phase.values.find(std::string(name));
        if (value != phase.values.end()) now_.values.insert(*value);
      }
      if (!anew_) take_numbers(now_, phase);
      if (phase.kind == "set-up") {
        set_up();
      } else if (phase.kind == "reference") {
        reference();
      }
      out_.phases.push_back(std::move(now_));
      out_.derived.push_back(whole_);
    }
    return std::move(out_);
  }

 private:
  std::string where() const {
    return recorded_->attempt > 1 ? fmt::format("{}, attempt {}", recorded_->name, recorded_->attempt)
                                  : recorded_->name;
  }
  void lacks(const std::string& what) {
    whole_ = false;
    out_.missing.push_back(fmt::format("{}: {}", where(), what));
  }
  void told(const std::string& what) {
    if (std::ranges::find(out_.told, what) == out_.told.end()) out_.told.push_back(what);
  }
  /// An attempt that ended early: nothing was made of its samples, or not all.
  bool ended_early() const { return !recorded_->error.empty(); }

  /// An analysis that ended in an error must have ended the attempt.
  void failed(const Error& error) {
    if (recorded_->error == error.message) return;
    if (ended_early()) return told(fmt::format("why '{}' ended early", where()));
    out_.unlike.push_back({where(), "error", "none", error.message});
  }

  std::vector<const WaveformRecord*> analysed(std::string_view purpose) const {
    std::vector<const WaveformRecord*> all;
    for (const WaveformRecord& w : recorded_->waveforms) {
      if (w.purpose == purpose && !w.inputs.empty()) all.push_back(&w);
    }
    return all;
  }

  std::optional<Capture> capture_of(const WaveformRecord& waveform) {
    const Result<std::string> file = source_(waveform);
    Result<Capture> capture = file ? kept_capture(waveform, *file) : Result<Capture>(file.error());
    if (!capture) {
      lacks(capture.error().message);
      return std::nullopt;
    }
    ++out_.waveforms;
    out_.held.insert(waveform.sha256);
    out_.samples += capture->size();
    return std::move(*capture);
  }

  template <class Inputs>
  bool understood(const Result<Inputs>& inputs) {
    if (!inputs) {
      lacks("what its analysis was given cannot be read: " + inputs.error().message);
      return false;
    }
    in_force(inputs->in_force);
    return true;
  }
  void in_force(const InForce& in_force) {
    out_.calibrations = in_force.calibrations;
    out_.without = in_force.without;
  }

  /// What was derived from other captures must be what the record says that this analysis was given.
  /// @return whether it is.
  template <class Inputs>
  bool hold_against_record(const AnalysisInputs& recorded, const Inputs& inputs) {
    const AnalysisInputs again = stored(inputs);
    bool same = true;
    each_name(recorded, again, [&](std::string_view name, const InputValue* was, const InputValue* is) {
      if (was != nullptr && is != nullptr && *was == *is) return;
      same = false;
      out_.unlike.push_back(
          {where(), fmt::format("input {}", name), text_of_input(recorded, name), text_of_input(again, name)});
    });
    return same;
  }

  void set_up() {
    if (!recorded_->measurements.empty()) told("identity and firmware of the pen");
    const bool filled = recorded_->values.contains("force_zero_counts");
    for (const WaveformRecord* w : analysed("tare")) {
      const Result<TareInputs> inputs = tare_inputs(w->inputs);
      if (!understood(inputs)) continue;
      const std::optional<Capture> capture = capture_of(*w);
      if (!capture) continue;
      const Result<Tare> tare = analyse_tare(*capture, *inputs);
      if (!tare) {
        failed(tare.error());
        continue;
      }
      if (!filled) continue;
      tare_ = *tare;
      given_touch_.reset();
      fill(now_, *tare, *inputs);
      now_.samples = capture->size();
      return;
    }
    if (filled && whole_) lacks("the record names no waveform of its tare");
  }

  /// What a touch was given. Most were given what the one before was, which then is neither read nor held again.
  std::optional<TouchInputs> given_touch(const WaveformRecord& waveform) {
    if (given_touch_ && same_to_the_bit(given_touch_->recorded, waveform.inputs)) {
      in_force(given_touch_->inputs.in_force);
      return given_touch_->inputs;
    }
    given_touch_.reset();
    Result<TouchInputs> inputs = touch_inputs(waveform.inputs);
    if (!understood(inputs)) return std::nullopt;
    if (tare_) inputs->tare = *tare_;
    if (hold_against_record(waveform.inputs, *inputs)) given_touch_.emplace(GivenTouch{waveform.inputs, *inputs});
    return std::move(*inputs);
  }

  std::vector<BenchTouch> touches(std::string_view purpose) {
    std::vector<BenchTouch> all;
    for (const WaveformRecord* w : analysed(purpose)) {
      const std::optional<TouchInputs> inputs = given_touch(*w);
      if (!inputs) continue;
      const std::optional<Capture> capture = capture_of(*w);
      if (!capture) continue;
      const auto take = [&](const Capture& of_one) {
        const Result<BenchTouch> touch = analyse_touch(of_one, *inputs);
        touch ? all.push_back(*touch) : failed(touch.error());
      };
      if (w->parts.empty()) take(*capture);
      for (const WaveformPart& part : w->parts) take(part_of(*capture, part.first_sample, part.samples));
    }
    return all;
  }

  void reference() {
    const std::vector<BenchTouch> nose = touches("touch nose"), tips = touches("touch tips");
    if (!recorded_->values.contains("needle_zero_mm") || !whole_) return;
    if (!out_.calibrations || nose.empty() || tips.empty())
      return lacks("the record names no waveforms of its touches");
    const Result<BenchZero> zero = analyse_reference(nose, tips, *out_.calibrations, out_.without);
    if (!zero) return failed(zero.error());
    fill(now_, *zero);
    if (!out_.zero_before) zero_ = zero->as_measured;
    (out_.zero_before ? out_.zero_after : out_.zero_before) = zero->by_all;
  }

  void setting() {
    const std::vector<BenchTouch> surface = touches("touch surface");
    for (const WaveformRecord* w : analysed("setting")) {
      Result<SettingInputs> inputs = setting_inputs(w->inputs);
      if (!understood(inputs)) continue;
      if (tare_) inputs->tare = *tare_;
      if (zero_) inputs->zero = *zero_;
      if (!surface.empty()) inputs->surface = surface.back().as_measured;
      hold_against_record(w->inputs, *inputs);
      const std::optional<Capture> capture = capture_of(*w);
      if (!capture) continue;
      Result<SettingResult> result = analyse_setting(*capture, *inputs);
      if (!result) return failed(result.error());
      if (ended_early()) return told(fmt::format("why '{}' ended early", where()));
      anew_ = true;
      fill(now_, std::move(*result), *inputs);
      now_.samples = capture->size();
      now_.gaps = capture->gaps.size();
      return;
    }
    if (!ended_early() && whole_) lacks("the record names no waveform of its strokes");
  }

  void link_loss() {
    for (const WaveformRecord* w : analysed("link-loss")) {
      Result<LinkLossInputs> inputs = link_loss_inputs(w->inputs);
      if (!understood(inputs)) continue;
      if (zero_) inputs->zero = *zero_;
      hold_against_record(w->inputs, *inputs);
      const std::optional<Capture> capture = capture_of(*w);
      if (!capture) continue;
      Result<LinkLossResult> result = analyse_link_loss(*capture, *inputs);
      if (!result) return failed(result.error());
      anew_ = true;
      fill(now_, std::move(*result));
      now_.samples = capture->size();
      now_.gaps = capture->gaps.size();
      return;
    }
    if (!ended_early() && whole_) lacks("the record names no waveform of it");
  }

  const RunRecord& record_;
  const WaveformSource& source_;
  RederivedPhases out_;
  const PhaseRecord* recorded_ = nullptr;
  PhaseRecord now_;
  bool whole_ = true;
  bool anew_ = false;  ///< nothing that was measured in this phase is taken from the record
  std::optional<Tare> tare_;
  struct GivenTouch {
    const AnalysisInputs& recorded;
    TouchInputs inputs;
  };
  std::optional<GivenTouch> given_touch_;  ///< the last whose inputs are what the samples give
  std::optional<ReferenceZero> zero_;      ///< as measured
};

}  // namespace

RederivedPhases rederive(const RunRecord& record, const WaveformSource& source) {
  return Rederivation(record, source).go();
}

}  // namespace penrig
