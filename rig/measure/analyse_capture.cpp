#include "rig/measure/analyse_capture.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "rig/measure/capture_by_force.hpp"
#include "rig/measure/capture_calibrations.hpp"
#include "rig/measure/capture_look.hpp"
#include "rig/measure/capture_words.hpp"
#include "rig/measure/monte_carlo_setting.hpp"
#include "rig/measure/range_ends.hpp"
#include "rig/measure/setting_analysis.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

constexpr double kManySamples = 2000;     ///< a stroke: from here on neighbours are averaged, ...
constexpr double kSmoothSamples = 150;    ///< a stroke: below that nine of them are a good part of a turn
constexpr double kEnoughSamples = 1000;   ///< ... down to at least so many
constexpr std::size_t kPlanStrokes = 30;  ///< what a plan needs
constexpr double kMotionSigmas = 20;      ///< range over noise: white noise alone reaches 10
constexpr double kLeftToWarn = 0.003, kLeftToRefuse = 0.01;  ///< of the swing, rms, that the fits leave

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

using Judged = JudgedTurns;

class ByPosition {
 public:
  ByPosition(const CaptureData& data, const CaptureOptions& options, const Sampling& sampling)
      : data_(data), options_(options), sampling_(sampling) {
    out_.sampling = sampling;
  }

  CaptureResult<CaptureAnalysis> measure() {
    if (auto no = look()) return *std::move(no);
    const Judged judged = judged_turns(turns_, position_.counts);
    if (judged.last - judged.first < kFewestCaptureStrokes) {
      return refuse(Errc::too_few_strokes,
                    fmt::format("{} whole at speed of {} seen ({} cut off at the ends, {} running up or braking); at "
                                "least {} are needed",
                                plural(judged.last - judged.first, "stroke"), turns_.cycles.size(), judged.cut,
                                judged.ramps, kFewestCaptureStrokes),
                    CapturePart::position);
    }
    auto effective = capture_calibrations(options_, position_.scale, force_.counts.empty() ? 1 : force_.scale);
    if (!effective) return CaptureRefusal{effective.error(), CapturePart::whole, {}};
    calibrations_ = std::move(effective->calibrations);
    out_.corrections = std::move(effective->corrections);
    if (with_force()) {
      guess_ = guess_contact(position_, force_, turns_, force_noise_);
      if (auto no = upside_down(force_, guess_.correlation)) return *std::move(no);
    }
    fill_setting(judged);
    Result<SettingAnalysis> analysis = analyse_strokes(input_);
    if (!analysis) return CaptureRefusal{analysis.error(), CapturePart::whole, {}};
    if (auto no = check_fit(*analysis)) return *std::move(no);
    take(setting_result(input_, *analysis), *analysis);
    if (options_.monte_carlo) out_.monte_carlo = monte_carlo(input_, out_.measurements, *options_.monte_carlo);
    warn(judged);
    return std::move(out_);
  }

 private:
  bool with_force() const { return !data_.force_n.empty(); }

  /// Counts, turns, and whether they can be what the heads say.
  std::optional<CaptureRefusal> look() {
    position_ = column_counts(data_.position_mm, data_.position_step_mm);
    const double reach = position_.range() / position_.scale;
    const double noise = sample_noise(position_.counts);
    turns_ = find_turns(position_.counts, std::max(0.08 * reach, std::min(12 * noise, 0.5 * reach)));
    if (with_force()) force_ = column_counts(data_.force_n, data_.force_step_n);
    if (auto no =
            implausible_position(position_, data_.position_exponent, turns_, noise, with_force() ? &force_ : nullptr))
      return no;
    if (with_force()) {
      force_noise_ = sample_noise(force_.counts);
      if (auto no = implausible_force(force_, data_.force_exponent, force_noise_)) return no;
      look_for_ends(force_, force_noise_, "force");
    }
    look_for_ends(position_, noise, "position");
    if (reach < kMotionSigmas * noise || position_.range() < kMotionMm) {
      return refuse(Errc::no_motion,
                    fmt::format("no motion: the position moves by {:.4g} mm in {:.3g} s, and its noise is {:.2g} mm (a "
                                "stroke moves it by {} mm at least)",
                                position_.range(), sampling_.duration_s(), noise * position_.scale, kMotionMm),
                    CapturePart::position);
    }
    if (turns_.cycles.size() < kFewestCaptureStrokes) {
      return refuse(turns_.cycles.empty() ? Errc::no_motion : Errc::too_few_strokes,
                    fmt::format("the position moves by {:.4g} mm in {:.3g} s and makes {}; at least {} are needed",
                                position_.range(), sampling_.duration_s(), plural(turns_.cycles.size(), "stroke"),
                                kFewestCaptureStrokes),
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

  /// A channel at the end of its range costs the strokes where it stands there.
  void look_for_ends(const ColumnCounts& column, double noise, const char* what) {
    for (const Stretch& s : stretches_at_end(column, noise)) {
      spoiled_.push_back({s.first, s.first + s.length});
      out_.warnings.push_back(
          fmt::format("the {} stands at the end of its range for {} samples from row {} on: that stroke is left out",
                      what, s.length, s.first + 1));
    }
  }

  void average_neighbours(std::size_t m) {
    for (SampleRange& r : spoiled_) r = {r.from / m, r.to / m + 1};
    out_.warnings.push_back(
        fmt::format("{:.0f} samples a stroke: the means of {} neighbours are measured", turns_.period, m));
    const double offset = 0.5 * static_cast<double>(m - 1) / sampling_.rate_hz;
    position_ = column_counts(averaged_down(data_.position_mm, m), 0);
    if (with_force()) {
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

    const auto margin = static_cast<std::size_t>(kMargin * turns_.period);
    from_ = cycles[judged.first].first_bottom - margin;
    for (const SampleRange& r : spoiled_) {
      if (r.to > from_) input_.spoiled.push_back({r.from - std::min(r.from, from_), r.to - from_});
    }
    const std::size_t to = cycles[judged.last - 1].second_bottom + margin;
    const auto cut = [&](std::vector<std::int32_t>& x) {
      x.resize(to);
      x.erase(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(from_));
      return std::move(x);
    };
    capture_.ticks_per_sample = 1;
    capture_.position = cut(position_.counts);
    capture_.force = with_force() ? cut(force_.counts) : std::vector<std::int32_t>(capture_.position.size());
    capture_.stage.assign(capture_.position.size(), 0);

    if (options_.rig != nullptr) simulant_ = options_.rig->simulant;
    if (options_.contact_exponent) simulant_.contact_exponent = *options_.contact_exponent;
    input_.capture = &capture_;
    input_.tick_hz = sampling_.rate_hz;
    input_.clock.tick_hz = sampling_.rate_hz;
    input_.tare = {with_force() ? -force_.offset / force_.scale : 0, 0, force_noise_};
    input_.zero.needle_zero_mm = -position_.offset * (calibrations_.position_mm_per_count.value / scale);
    input_.temperature_c = options_.temperature_c;
    if (options_.surface_mm) {
      input_.surface = Touch{.stage_mm = 0,
                             .needle_reading_mm = input_.zero.needle_zero_mm + *options_.surface_mm,
                             .u_mm = 0,
                             .force_n = 0,
                             .touched = false};
    }
    input_.surface_guess_mm = guess_.surface_mm;
    input_.depth_mm = *out_.depth_mm;
    input_.rate_per_min = out_.rate_per_min;
    input_.strokes = UINT32_MAX;
    input_.min_strokes = kFewestCaptureStrokes;
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
    input_.free_running = !with_force();
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
        const KeptForce& f = j.force;
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
    for (const BriefTop& brief : a.brief_tops) {
      CaptureStroke& s = out_.strokes[a.averaged[brief.averaged]];
      for (std::optional<double>* depth : {&s.extension_mm, &s.penetration_mm, &s.penetration_contact_mm}) {
        if (*depth) **depth += brief.above_mm;
      }
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
  ContactGuess guess_;
  std::size_t from_ = 0;
  std::vector<SampleRange> spoiled_;  ///< rows
  Capture capture_;
  Calibrations calibrations_;
  SimulantDescription simulant_;
  SettingInput input_;
  CaptureAnalysis out_;
};

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
  if (data.position_mm.empty()) return analyse_force_alone(data, options, *sampling);
  return ByPosition(data, options, *sampling).measure();
}

}  // namespace penrig
