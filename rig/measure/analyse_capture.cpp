#include "rig/measure/analyse_capture.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "rig/measure/budget.hpp"
#include "rig/measure/capture_look.hpp"
#include "rig/measure/force_strokes.hpp"
#include "rig/measure/setting_analysis.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

constexpr double kSlowestHz = 0.2, kFastestHz = 400;  ///< strokes a second
constexpr double kFewestSamples = 20;                 ///< a stroke
constexpr double kManySamples = 2000;                 ///< a stroke: from here on neighbours are averaged, ...
constexpr double kSmoothSamples = 150;                ///< a stroke: below that nine of them are a good part of a turn
constexpr double kEnoughSamples = 1000;               ///< ... down to at least so many
constexpr std::size_t kFewestStrokes = 4;             ///< below that nothing has a spread
constexpr std::size_t kPlanStrokes = 30;              ///< what a plan needs
constexpr double kMotionSigmas = 20, kForceSigmas = 14;  ///< range over noise: white noise alone reaches 10
constexpr double kIdealCellHz = 1e9;
constexpr double kLeftToWarn = 0.003, kLeftToRefuse = 0.01;  ///< of the swing, rms, that the fits leave
constexpr double kMargin = 0.3;                              ///< of a turn, kept on both sides of the judged ones
constexpr double kOtherSpeed = 0.1;  ///< a turn that differs by more from the median at an end is run-up or braking

CaptureRefusal refuse(Errc code, std::string why, CapturePart part = CapturePart::whole) {
  return {fail(code, std::move(why)), part, {}};
}

std::string plural(std::size_t n, const char* one) { return fmt::format("{} {}{}", n, one, n == 1 ? "" : "s"); }

/// Strokes a second must be what a pen can do; else a unit of the time is wrong.
std::optional<CaptureRefusal> check_rate(double stroke_hz, double rate_hz) {
  if (stroke_hz < 0.95 * kSlowestHz || stroke_hz > 1.05 * kFastestHz) {
    const char* hint = stroke_hz < kSlowestHz && stroke_hz * 1e3 <= kFastestHz
                           ? " (are the times milliseconds? then write the head as t_ms)"
                       : stroke_hz > kFastestHz && stroke_hz * 1e-3 >= kSlowestHz
                           ? " (is the unit of the times too small?)"
                           : "";
    return refuse(Errc::bad_data,
                  fmt::format("{:.4g} strokes a second; from {:.1f} to {:.0f} are measured{}", stroke_hz, kSlowestHz,
                              kFastestHz, hint),
                  CapturePart::time);
  }
  if (rate_hz < kFewestSamples * stroke_hz) {
    return refuse(Errc::bad_data,
                  fmt::format("{:.1f} samples a stroke; at least {:.0f} are needed (sample at {:.0f} Hz or faster)",
                              rate_hz / stroke_hz, kFewestSamples, kFewestSamples * stroke_hz));
  }
  return std::nullopt;
}

/// Means of m neighbours: what is sampled far faster than it moves has the same tops with less noise.
std::vector<double> averaged_down(std::span<const double> x, std::size_t m) {
  std::vector<double> out;
  out.reserve(x.size() / m);
  for (std::size_t i = 0; i + m <= x.size(); i += m) {
    double sum = 0;
    for (std::size_t k = 0; k < m; ++k) sum += x[i + k];
    out.push_back(sum / static_cast<double>(m));
  }
  return out;
}

/// The whole turns at speed.
struct Judged {
  std::size_t first = 0, last = 0;  ///< cycles [first, last)
  std::size_t cut = 0, ramps = 0;   ///< left out at the ends
};
Judged judged_turns(const Turns& turns, std::size_t samples) {
  const std::vector<RawCycle>& cycles = turns.cycles;
  Judged judged{0, cycles.size(), 0, 0};
  const double margin = kMargin * turns.period;
  const auto is_cut = [&](const RawCycle& c) {
    return c.cut || static_cast<double>(c.first_bottom) < margin ||
           static_cast<double>(c.second_bottom) + margin > static_cast<double>(samples);
  };
  while (judged.first < judged.last && is_cut(cycles[judged.first])) ++judged.first, ++judged.cut;
  while (judged.first < judged.last && is_cut(cycles[judged.last - 1])) --judged.last, ++judged.cut;
  const auto other_speed = [&](const RawCycle& c) {
    const double length = static_cast<double>(c.second_bottom - c.first_bottom);
    return std::abs(length - turns.period) > kOtherSpeed * turns.period;
  };
  while (judged.first < judged.last && other_speed(cycles[judged.first])) ++judged.first, ++judged.ramps;
  while (judged.first < judged.last && other_speed(cycles[judged.last - 1])) --judged.last, ++judged.ramps;
  return judged;
}

Calibrations calibrations_for(const CaptureOptions& options, double mm_per_count, double n_per_count) {
  Calibrations c;
  c.cell_resonance_hz = kIdealCellHz;
  c.fixture_id = "this capture";
  if (options.rig != nullptr) c = options.rig->calibrations;
  const auto same_share = [](double scale, const Factor& of) {
    return Factor{scale, of.value > 0 ? scale * of.u / of.value : 0};
  };
  c.position_mm_per_count = same_share(mm_per_count, c.position_mm_per_count);
  c.force_n_per_count = same_share(n_per_count, c.force_n_per_count);
  c.stage_mm_per_count = {1e-6, 0};  // no stage in a capture: it stands still at 0
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

void warn_of_sampling(const Sampling& s, std::vector<std::string>& warnings) {
  if (!s.from_stamps) return;
  if (s.stamp_step_s >= 0.9 / s.rate_hz) {
    warnings.push_back(
        fmt::format("the time stamps are coarser than the sampling ({:.3g} µs against {:.4g} µs): a gap "
                    "of less than {:.0f} samples would not be seen",
                    s.stamp_step_s * 1e6, 1e6 / s.rate_hz, std::ceil(s.stamp_step_s * s.rate_hz) + 1));
  }
  if (s.wander_s > s.stamp_step_s + 2 / s.rate_hz) {
    warnings.push_back(fmt::format(
        "the sampling wanders by up to {:.1f} samples from an even one: the clock of the stamps is not that "
        "of the sampling, and rate and jitter hold the difference",
        s.wander_s * s.rate_hz));
  }
}

void warn_of_u(const CaptureOptions& options, bool with_force, std::vector<std::string>& warnings) {
  if (options.rig == nullptr) {
    warnings.emplace_back(
        "U holds what this capture shows alone, no uncertainty of scales, zero, time base, delay or compliance: name "
        "the rig that it comes from (--rig) to have them");
  } else {
    warnings.emplace_back("z has the file's own zero: no U of an extension holds an uncertainty of the zero");
  }
  if (with_force && options.rig == nullptr && !options.cell_hz) {
    warnings.emplace_back("the load cell is taken as ideal (say its response: --cell-hz)");
  }
}

/// What no capture can tell: it holds no commands, and no pen speaks in it.
bool needs_commands(const std::string& id) {
  for (const char* known : {"start_latency", "stop_latency", "strokes_after_stop", "parked_extension",
                            "rate_report_error", "count_report_error"}) {
    if (id == known) return true;
  }
  return false;
}

/// A setting that was only seen is no setting that a tolerance may be held against.
void keep_only_what_was_said(CaptureAnalysis& out) {
  std::erase_if(out.measurements, [&](const Measurement& m) {
    return needs_commands(m.measurand) || (m.measurand == "penetration_error" && !out.depth_is_set);
  });
  for (Measurement& m : out.measurements) {
    if (!out.depth_is_set) m.depth_mm.reset();
    if (!out.rate_is_set) m.rate_per_min.reset();
  }
}

void add_without_value(CaptureAnalysis& out, std::initializer_list<std::pair<const char*, const char*>> ids,
                       const char* why) {
  for (const auto& [id, unit] : ids) {
    Measurement m;
    m.measurand = id;
    m.unit = unit;
    m.note = why;
    out.measurements.push_back(std::move(m));
  }
}

class ByPosition {
 public:
  ByPosition(const CaptureData& data, const CaptureOptions& options, const Sampling& sampling)
      : data_(data), options_(options), sampling_(sampling) {
    out_.sampling = sampling;
  }

  CaptureResult<CaptureAnalysis> measure() {
    if (auto no = look()) return *std::move(no);
    const Judged judged = judged_turns(turns_, position_.counts.size());
    if (judged.last - judged.first < kFewestStrokes) {
      return refuse(Errc::too_few_strokes,
                    fmt::format("{} whole at speed of {} seen ({} cut off at the ends, {} running up or braking); at "
                                "least {} are needed",
                                plural(judged.last - judged.first, "stroke"), turns_.cycles.size(), judged.cut,
                                judged.ramps, kFewestStrokes),
                    CapturePart::position);
    }
    fill_setting(judged);
    const Result<SettingAnalysis> analysis = analyse_strokes(input_);
    if (!analysis) return CaptureRefusal{analysis.error(), CapturePart::whole, {}};
    if (auto no = check_fit(*analysis)) return *std::move(no);
    take(setting_result(input_, *analysis), *analysis);
    warn(judged);
    return std::move(out_);
  }

 private:
  /// Counts, turns, and whether they can be what the heads say.
  std::optional<CaptureRefusal> look() {
    position_ = column_counts(data_.position_mm, data_.position_step_mm);
    const double reach = position_.range() / position_.scale;
    const double noise = sample_noise(position_.counts);
    turns_ = find_turns(position_.counts, std::max(0.08 * reach, std::min(12 * noise, 0.5 * reach)));
    const bool with_force = !data_.force_n.empty();
    if (with_force) force_ = column_counts(data_.force_n, data_.force_step_n);
    if (auto no = implausible_position(position_, turns_, noise, with_force ? &force_ : nullptr)) return no;
    if (with_force) {
      force_noise_ = sample_noise(force_.counts);
      if (auto no = implausible_force(force_, force_noise_)) return no;
    }
    if (reach < kMotionSigmas * noise || position_.range() < kMotionMm) {
      return refuse(Errc::no_motion,
                    fmt::format("no motion: the position moves by {:.4g} mm in {:.3g} s, and its noise is {:.2g} mm (a "
                                "stroke moves it by {} mm at least)",
                                position_.range(), sampling_.duration_s(), noise * position_.scale, kMotionMm),
                    CapturePart::position);
    }
    if (turns_.cycles.size() < kFewestStrokes) {
      return refuse(turns_.cycles.empty() ? Errc::no_motion : Errc::too_few_strokes,
                    fmt::format("the position moves by {:.4g} mm in {:.3g} s and makes {}; at least {} are needed",
                                position_.range(), sampling_.duration_s(), plural(turns_.cycles.size(), "stroke"),
                                kFewestStrokes),
                    CapturePart::position);
    }
    if (auto no = check_rate(sampling_.rate_hz / turns_.period, sampling_.rate_hz)) return no;
    if (options_.delay_us && std::abs(*options_.delay_us) * 1e-6 * sampling_.rate_hz > 0.25 * turns_.period) {
      return refuse(Errc::usage,
                    fmt::format("a delay of {:.6g} µs is more than a quarter of a stroke", *options_.delay_us));
    }
    if (turns_.period < kManySamples) return std::nullopt;
    average_neighbours(static_cast<std::size_t>(turns_.period / kEnoughSamples));
    return std::nullopt;
  }

  void average_neighbours(std::size_t m) {
    out_.warnings.push_back(
        fmt::format("{:.0f} samples a stroke: the means of {} neighbours are measured", turns_.period, m));
    const double offset = 0.5 * static_cast<double>(m - 1) / sampling_.rate_hz;
    position_ = column_counts(averaged_down(data_.position_mm, m), 0);
    if (!data_.force_n.empty()) {
      force_ = column_counts(averaged_down(data_.force_n, m), 0);
      force_noise_ = sample_noise(force_.counts);
    }
    sampling_.rate_hz /= static_cast<double>(m);
    sampling_.start_s += offset;
    const double reach = position_.range() / position_.scale, noise = sample_noise(position_.counts);
    turns_ = find_turns(position_.counts, std::max(0.08 * reach, std::min(12 * noise, 0.5 * reach)));
  }

  void fill_setting(const Judged& judged) {
    const std::vector<RawCycle>& cycles = turns_.cycles;
    const double scale = position_.scale;
    std::vector<double> tops, bottoms;
    for (std::size_t i = judged.first; i < judged.last; ++i) {
      tops.push_back(position_.counts[cycles[i].top] * scale + position_.offset);
      bottoms.push_back(position_.counts[cycles[i].first_bottom] * scale + position_.offset);
    }
    std::sort(tops.begin(), tops.end());
    std::sort(bottoms.begin(), bottoms.end());
    const double top = quantile_of(tops, 0.5), bottom = quantile_of(bottoms, 0.5);
    const double rate = 60 * sampling_.rate_hz / turns_.period;
    out_.depth_is_set = options_.depth_mm.has_value();
    out_.rate_is_set = options_.rate_per_min.has_value();
    out_.depth_mm = options_.depth_mm.value_or(top);
    out_.rate_per_min = options_.rate_per_min.value_or(rate);
    if (out_.rate_is_set && std::abs(rate / out_.rate_per_min - 1) > 0.2) {
      out_.warnings.push_back(
          fmt::format("{:.0f} strokes a minute are seen where {:.6g} are set", rate, out_.rate_per_min));
    }

    ContactGuess guess;
    if (!force_.counts.empty()) {
      guess = guess_contact(position_, force_, turns_, force_noise_);
      if (guess.correlation < -0.3) {
        out_.warnings.emplace_back(
            "the force falls where the needles come out: is the sign of the force or of the position the other way? "
            "(out of the pen and pushing are positive)");
      }
    }

    const auto margin = static_cast<std::size_t>(kMargin * turns_.period);
    from_ = cycles[judged.first].first_bottom - margin;
    const std::size_t to = cycles[judged.last - 1].second_bottom + margin;
    const auto cut = [&](std::vector<std::int32_t>& x) {
      x.resize(to);
      x.erase(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(from_));
      return std::move(x);
    };
    capture_.ticks_per_sample = 1;
    capture_.position = cut(position_.counts);
    const bool with_force = !force_.counts.empty();
    capture_.force = with_force ? cut(force_.counts) : std::vector<std::int32_t>(capture_.position.size());
    capture_.stage.assign(capture_.position.size(), 0);

    calibrations_ = calibrations_for(options_, scale, with_force ? force_.scale : 1);
    if (options_.rig != nullptr) simulant_ = options_.rig->simulant;
    if (options_.contact_exponent) simulant_.contact_exponent = *options_.contact_exponent;
    input_.capture = &capture_;
    input_.tick_hz = sampling_.rate_hz;
    input_.clock.tick_hz = sampling_.rate_hz;
    input_.tare = {with_force ? -force_.offset / force_.scale : 0, 0, force_noise_};
    input_.zero.needle_zero_mm = -position_.offset;
    if (options_.surface_mm) {
      input_.surface = Touch{.stage_mm = 0,
                             .needle_reading_mm = input_.zero.needle_zero_mm + *options_.surface_mm,
                             .u_mm = 0,
                             .force_n = 0};
    }
    input_.surface_guess_mm = guess.surface_mm;
    input_.depth_mm = *out_.depth_mm;
    input_.rate_per_min = out_.rate_per_min;
    input_.strokes = UINT32_MAX;
    input_.min_strokes = kFewestStrokes;
    // Where nobody says a depth, or where the file's zero is not that of the depth, half of the swing tells a stroke
    // that was missed.
    const double half = bottom + 0.5 * (top - bottom);
    if (!out_.depth_is_set || top < input_.missed_floor_fraction * input_.depth_mm) {
      if (out_.depth_is_set) {
        out_.warnings.push_back(
            fmt::format("the tops lie at {:.4g} mm where {:.4g} mm are set: is the file's zero the "
                        "nose cone?",
                        top, input_.depth_mm));
      }
      const double depth = std::abs(input_.depth_mm) > 1e-6 ? input_.depth_mm : 1e-6;
      input_.depth_mm = out_.depth_is_set ? input_.depth_mm : depth;
      input_.missed_floor_fraction = half / depth;
    }
    input_.free_running = !with_force;
    input_.calibrations = &calibrations_;
    input_.simulant = &simulant_;
  }

  /// A cam that rests has no bottom to begin a turn at: what a few harmonics leave of it is no noise.
  std::optional<CaptureRefusal> check_fit(const SettingAnalysis& a) {
    const double swing = a.motion.range_mm, left = a.noise_counts * calibrations_.position_mm_per_count.value;
    const double share = swing > 0 ? left / swing : 0;
    const double noise = sample_noise(capture_.position) * calibrations_.position_mm_per_count.value;
    if (share < kLeftToWarn || left < 5 * noise) return std::nullopt;
    const std::string what = fmt::format(
        "the strokes are no crank's: a series of six harmonics leaves {:.2g} mm rms of "
        "{:.3g} mm, where the noise is {:.2g} mm",
        left, swing, noise);
    if (share >= kLeftToRefuse) {
      return refuse(Errc::not_determined, what + "; tops found so would be wrong", CapturePart::position);
    }
    out_.warnings.push_back(what);
    return std::nullopt;
  }

  void take(SettingResult result, const SettingAnalysis& a) {
    const double before = static_cast<double>(from_) / sampling_.rate_hz;
    out_.measurements = std::move(result.measurements);
    out_.traces = std::move(result.traces);
    out_.values = std::move(result.values);
    out_.values.erase("working_stage_mm");
    for (std::string& warning : result.warnings) {
      if (warning.find("was not touched") == std::string::npos) out_.warnings.push_back(std::move(warning));
    }
    out_.rows = std::move(result.strokes);
    for (StrokeRow& row : out_.rows) row.top_s += before;
    out_.strokes_seen = turns_.cycles.size();
    for (std::size_t i = 0; i < a.judged.size(); ++i) {
      const JudgedStroke& j = a.judged[i];
      CaptureStroke s;
      s.top_s = sampling_.start_s + before + j.top_s;
      if (i + 1 < a.judged.size()) s.period_us = (a.judged[i + 1].top_s - j.top_s) * 1e6;
      s.extension_mm = j.extension_mm;
      s.missed = j.missed;
      s.doubled = j.doubled;
      s.averaged = j.averaged();
      if (a.with_force && s.averaged) {
        const StrokeForce& f = j.force;
        if (a.surface_mm) s.penetration_mm = f.top_mm - *a.surface_mm;
        s.peak_force_n = f.peak_n;
        s.withdrawal_force_n = f.withdrawal_n;
        s.puncture_force_n = f.puncture_n;
        if (f.contact_mm) {
          s.contact_mm = f.contact_mm;
          s.penetration_contact_mm = f.top_mm - *f.contact_mm;
          s.contact_speed_mm_per_s = f.contact_speed_mm_per_s;
          s.dwell_us = f.dwell_us;
          s.insertion_work_mj = f.insertion_mj;
          s.dissipated_work_mj = f.dissipated_mj;
        }
      }
      out_.strokes.push_back(s);
    }
    for (Measurement& m : out_.measurements) {
      if (m.note.find("was not touched") != std::string::npos) m.note = "no surface is given (--surface-mm)";
    }
    const auto rate = std::ranges::find(out_.measurements, "stroke_rate", &Measurement::measurand);
    if (!out_.rate_is_set && rate != out_.measurements.end() && rate->value) out_.rate_per_min = *rate->value;
    keep_only_what_was_said(out_);
    if (!a.with_force) {
      add_without_value(out_, {{"penetration_contact", "mm"}, {"peak_force", "N"}}, "the capture holds no force");
    }
  }

  void warn(const Judged& judged) {
    std::vector<std::string>& w = out_.warnings;
    warn_of_sampling(out_.sampling, w);
    warn_of_u(options_, !input_.free_running, w);
    if (judged.cut > 0) w.push_back(fmt::format("{} cut off at the ends, left out", plural(judged.cut, "stroke")));
    if (judged.ramps > 0) {
      w.push_back(fmt::format("{} of another speed at the ends (running up, braking), left out",
                              plural(judged.ramps, "stroke")));
    }
    if (!out_.depth_is_set) {
      w.push_back(
          fmt::format("no depth is set: {:.3f} mm, the median height of the tops, stands for it (--set "
                      "depth_mm=…)",
                      *out_.depth_mm));
    }
    if (out_.strokes.size() < kPlanStrokes) {
      w.push_back(fmt::format("{}; a plan judges from {} on", plural(out_.strokes.size(), "stroke"), kPlanStrokes));
    }
    if (input_.free_running) {
      w.emplace_back("no force: no penetration, no forces");
      return;
    }
    if (turns_.period < kSmoothSamples) {
      w.push_back(
          fmt::format("{:.0f} samples a stroke: forces are those of a curve through nine samples, {:.0f}° of a "
                      "turn; a peak that is narrower comes out too low, and a contact may not be found",
                      turns_.period, 9 * 360 / turns_.period));
    }
    if (!options_.surface_mm) {
      w.emplace_back("no surface is given: penetration_contact alone, from where each stroke meets the simulant");
    }
    const auto speed = std::ranges::find(out_.measurements, "contact_speed", &Measurement::measurand);
    if (!options_.delay_us && options_.rig == nullptr && speed != out_.measurements.end() && speed->value) {
      w.push_back(
          fmt::format("the delay between force and position is taken as 0: each 10 µs put the contact {:.1f} µm "
                      "off (--delay-us)",
                      *speed->value * 1e-2));
    }
  }

  const CaptureData& data_;
  const CaptureOptions& options_;
  Sampling sampling_;  ///< of what is measured: its neighbours may be averaged
  ColumnCounts position_, force_;
  Turns turns_;
  double force_noise_ = 0;
  std::size_t from_ = 0;
  Capture capture_;
  Calibrations calibrations_;
  SimulantDescription simulant_;
  SettingInput input_;
  CaptureAnalysis out_;
};

/// Without a position: when strokes were, and how hard.
CaptureResult<CaptureAnalysis> by_force(const CaptureData& data, const CaptureOptions& options,
                                        const Sampling& sampling) {
  const ColumnCounts force = column_counts(data.force_n, data.force_step_n);
  const double noise = sample_noise(force.counts), reach = force.range() / force.scale;
  if (auto no = implausible_force(force, noise)) return *std::move(no);
  if (reach < kForceSigmas * noise) {
    return refuse(Errc::no_motion,
                  fmt::format("no strokes: the force moves by {:.4g} N, and its noise is {:.2g} N", force.range(),
                              noise * force.scale),
                  CapturePart::force);
  }
  const Turns turns = find_turns(force.counts, std::max(0.3 * reach, std::min(12 * noise, 0.5 * reach)));
  if (turns.cycles.size() < kFewestStrokes) {
    return refuse(
        turns.cycles.empty() ? Errc::no_motion : Errc::too_few_strokes,
        fmt::format("the force moves by {:.4g} N in {:.3g} s and shows {}; at least {} are needed", force.range(),
                    sampling.duration_s(), plural(turns.cycles.size(), "stroke"), kFewestStrokes),
        CapturePart::force);
  }
  if (auto no = check_rate(sampling.rate_hz / turns.period, sampling.rate_hz)) return *std::move(no);
  const ForceStrokes strokes = find_force_strokes(force.counts, turns);
  if (strokes.peak.size() < kFewestStrokes) {
    return refuse(Errc::too_few_strokes, fmt::format("{} whole in the force; at least {} are needed",
                                                     plural(strokes.peak.size(), "stroke"), kFewestStrokes));
  }
  CaptureAnalysis out;
  out.sampling = sampling;
  out.rate_is_set = options.rate_per_min.has_value();
  out.rate_per_min = options.rate_per_min.value_or(60 * sampling.rate_hz / turns.period);
  out.strokes_seen = turns.cycles.size();
  const Calibrations calibrations = calibrations_for(options, 1, force.scale);
  const double rate_hz = sampling.rate_hz * (1 + calibrations.time_base_ppm.value * 1e-6);
  SettingInput input;
  input.rate_per_min = out.rate_per_min;
  input.free_running = true;
  input.calibrations = &calibrations;
  SettingAnalysis a;
  a.sample_rate_hz = rate_hz;
  a.mean_u_time = strokes.u_at / rate_hz;
  a.seen_strokes = turns.cycles.size();
  double turn = 0;
  for (std::size_t i = 0; i < strokes.at.size(); ++i) {
    JudgedStroke j;
    j.top_s = strokes.at[i] / rate_hz;
    if (i > 0) turn += std::max(1.0, std::round((strokes.at[i] - strokes.at[i - 1]) / turns.period));
    j.turns = turn;
    a.judged.push_back(j);
    CaptureStroke s;
    s.top_s = sampling.start_s + j.top_s;
    if (i + 1 < strokes.at.size()) s.period_us = (strokes.at[i + 1] - strokes.at[i]) / rate_hz * 1e6;
    s.peak_force_n = strokes.peak[i] * force.scale;
    out.strokes.push_back(s);
    StrokeRow row;
    row.top_s = j.top_s;
    row.period_us = s.period_us.value_or(0);
    row.peak_force_n = *s.peak_force_n;
    out.rows.push_back(row);
  }
  measure_timing(input, a, out.measurements);
  std::vector<double> peaks;
  for (const CaptureStroke& s : out.strokes) peaks.push_back(*s.peak_force_n);
  const Spread spread = spread_of(peaks);
  Measurement peak = setting_measurement(input, "peak_force", "N");
  peak.value = spread.mean;
  peak.n = spread.n;
  peak.n_eff = effective_count(peaks);
  const Factor& scale = calibrations.force_n_per_count;
  peak.budget = {normal_line("calibration", scale.u / scale.value * spread.mean),
                 observed_line("noise", noise * force.scale / std::sqrt(static_cast<double>(spread.n)),
                               static_cast<double>(spread.n - 1)),
                 uniform_line("corner of the puncture", strokes.half_width * force.scale),
                 observed_line(kRepeatability, spread.sd / std::sqrt(peak.n_eff), peak.n_eff - 1)};
  finish(peak);
  out.measurements.push_back(std::move(peak));
  keep_only_what_was_said(out);
  for (Measurement& m : out.measurements) m.depth_mm.reset();
  add_without_value(out, {{"extension", "mm"}, {"penetration_contact", "mm"}}, "the capture holds no position");
  out.values["noise_force_mn"] = noise * force.scale * 1e3;
  warn_of_sampling(sampling, out.warnings);
  warn_of_u(options, true, out.warnings);
  out.warnings.emplace_back(
      "no position: strokes are told by the force alone; no extension, no penetration, and a "
      "stroke that touches nothing is not seen");
  return out;
}

}  // namespace

CaptureResult<CaptureAnalysis> analyse_capture(const CaptureData& data, const CaptureOptions& options) {
  const std::size_t rows = std::max(data.position_mm.size(), data.force_n.size());
  for (const auto& [column, part] :
       {std::pair{data.position_mm, CapturePart::position}, std::pair{data.force_n, CapturePart::force}}) {
    constexpr double kMost = 1e9;  // mm or N; NaN is not below it either
    const auto bad = std::ranges::find_if(column, [](double x) { return !(std::abs(x) < kMost); });
    if (bad != column.end()) {
      return CaptureRefusal{
          fail(Errc::bad_data,
               fmt::format("{} is no {}", *bad, part == CapturePart::force ? "force in N" : "position in mm")),
          part, static_cast<std::size_t>(bad - column.begin())};
    }
  }
  const CaptureResult<Sampling> sampling =
      data.time_s.empty() ? stated_sampling(data.rate_hz, rows) : find_sampling(data.time_s, data.time_step_s);
  if (!sampling) return sampling.error();
  if (data.position_mm.empty()) return by_force(data, options, *sampling);
  return ByPosition(data, options, *sampling).measure();
}

}  // namespace penrig
