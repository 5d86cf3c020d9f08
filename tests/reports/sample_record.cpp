#include "tests/reports/sample_record.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "reports/digest.hpp"

namespace penrig::testing {
namespace {

/// A generator of its own: samples must be the same with every library.
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : state_(seed * 2654435761U + 12345) {}
  double uniform() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<double>(state_ >> 11U) / 9007199254740992.0;
  }
  /// Near enough to a standard normal.
  double normal() {
    double sum = 0;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum - 6;
  }

 private:
  std::uint64_t state_;
};

/// cos and sin of 0, 1, ... 360 degrees by rotation.
struct Circle {
  std::vector<double> cosine, sine;
  Circle() {
    const double c = 0.99984769515639123916, s = 0.01745240643728351282;
    double x = 1, y = 0;
    for (int i = 0; i <= 360; ++i) {
      cosine.push_back(x);
      sine.push_back(y);
      const double next = x * c - y * s;
      y = x * s + y * c;
      x = next;
    }
  }
};

Measurement measured(const char* name, const char* unit, std::optional<double> depth, std::optional<double> rate,
                     double value, double u) {
  Measurement m;
  m.measurand = name;
  m.unit = unit;
  m.depth_mm = depth;
  m.rate_per_min = rate;
  m.value = value;
  m.expanded_u = u;
  m.n = 150;
  m.n_eff = 132.5;
  m.realised = value;
  m.realised_u = u / 3;
  return m;
}

std::vector<BudgetLine> depth_budget(double s, std::uint32_t n) {
  return {{"repeatability, s/√n_eff", true, "normal", s / std::sqrt(static_cast<double>(n)), n - 1.0},
          {"simulant surface, touch of z_u", true, "normal", 0.0015, 4},
          {"zero and touch-off", true, "normal", 0.0014, 5},
          {"tilt of the array", false, "normal", 0.0012, 0, "µm", 0, 1.2, 0.001, "tilt of the array"},
          {"thermal growth", false, "uniform", 0.0011, 0},
          {"compliance of tips, c_tip", false, "normal", 0.0009, 0, "µm/N", 2.1, 1.3, -0.0009 / 1.3},
          {"needle encoder scale", false, "normal", 0.0002, 0, "1", 1, 8e-5, 2.5, "standard LASER-7"},
          {"stage encoder scale", false, "normal", 0.00015, 0, "1", 1, 1e-4, -1.5, "standard LASER-7"}};
}

SettingTraces traces(const Circle& circle, double depth, double peak_n, double s, Noise& noise) {
  SettingTraces t;
  const double half = 1.5;
  for (std::size_t i = 0; i <= 360; i += 2) {
    t.phase_deg.push_back(static_cast<float>(i));
    t.mean_position_mm.push_back(static_cast<float>(depth - half - half * circle.cosine[i]));
  }
  for (int k = 0; k < 30; ++k) {
    const double off = s * noise.normal();
    std::vector<float> z;
    for (const float v : t.mean_position_mm) z.push_back(v + static_cast<float>(off));
    t.strokes_position_mm.push_back(std::move(z));
  }
  const auto loop = [&](double scale, std::vector<float>& p, std::vector<float>& f) {
    const double puncture = 0.25;
    for (int i = -10; i <= 100; ++i) {
      const double x = depth * i / 100.0;
      const double into = std::max(x, 0.0);
      const double force = into < puncture
                               ? 0.15 * into / puncture
                               : 0.11 + (peak_n - 0.11) * (into - puncture) / std::max(depth - puncture, 0.01);
      p.push_back(static_cast<float>(x));
      f.push_back(static_cast<float>(scale * force));
    }
    for (int i = 100; i >= -10; --i) {
      const double x = depth * i / 100.0;
      const double force =
          x > 0.9 * depth ? -0.12 + (peak_n + 0.12) * (x / depth - 0.9) / 0.1 : -0.12 * std::clamp(x / 0.3, 0.0, 1.0);
      p.push_back(static_cast<float>(x));
      f.push_back(static_cast<float>(scale * force));
    }
  };
  loop(1, t.loop_penetration_mm, t.loop_force_n);
  for (int k = 0; k < 14; ++k) {
    loop(1 + 0.03 * noise.normal(), t.strokes_loop_penetration_mm.emplace_back(),
         t.strokes_loop_force_n.emplace_back());
  }
  return t;
}

struct Limits {
  const char* id;
  const char* title;
  std::optional<double> lower, upper;
  std::string text;
};

void decide_simply(RunOutcome& o, const Limits& l, std::size_t measurement) {
  const Measurement& m = o.measurements[measurement];
  Decision d;
  d.requirement_id = l.id;
  d.title = l.title;
  d.measurement = measurement;
  d.lower = l.lower;
  d.upper = l.upper;
  d.limit_text = l.text;
  d.guard_band = m.expanded_u;
  const double value = m.value.value_or(NAN);
  if (l.lower && l.upper && *l.upper > *l.lower) {
    d.used = (std::fabs(value - (*l.lower + *l.upper) / 2) + m.expanded_u) / ((*l.upper - *l.lower) / 2);
  } else {
    d.used = *l.upper == 0 ? value : (value + m.expanded_u) / *l.upper;
  }
  d.verdict = std::isnan(value) ? Verdict::error : d.used > 1 ? Verdict::fail : Verdict::pass;
  if (m.expanded_u > 0) {
    d.conformity = d.verdict == Verdict::pass ? 0.9999683288 : 0.0122224727;
    d.false_acceptance_max = 0.0227501319;
  }
  d.rule = fmt::format("value + U = {:.4g} + {:.2g} {} of {}", value, m.expanded_u, m.unit, l.text);
  o.decisions.push_back(std::move(d));
}

void decide_strokes(RunOutcome& o, double depth, std::size_t measurement, const std::vector<StrokeRow>& strokes) {
  Measurement& m = o.measurements[measurement];
  const ToleranceInterval& t = *m.interval;
  Decision d;
  d.requirement_id = "D1";
  d.title = "penetration of strokes";
  d.measurement = measurement;
  d.lower = depth - 0.15;
  d.upper = depth + 0.15;
  d.limit_text = fmt::format("{:.3g} ± 0.150", depth);
  d.guard_band = t.u_sys;
  const double sum = std::fabs(t.mean - depth) + t.k_factor * t.s + t.u_sys;
  d.used = sum / 0.15;
  for (const StrokeRow& row : strokes)
    m.strokes_beyond += std::fabs(row.penetration_mm - depth) - 2 * row.u_penetration_mm > 0.15 ? 1U : 0U;
  d.verdict = m.strokes_beyond > 0 ? Verdict::fail : sum > 0.15 ? Verdict::indeterminate : Verdict::pass;
  d.rule = fmt::format("|mean − setting| + k_T·s + U_sys = {:.4f} + {:.2f} × {:.4f} + {:.4f} = {:.4f} mm of 0.1500 mm",
                       std::fabs(t.mean - depth), t.k_factor, t.s, t.u_sys, sum);
  if (d.verdict == Verdict::fail)
    d.reason = fmt::format("{} of {} strokes beyond the limit by more than their U", m.strokes_beyond, strokes.size());
  if (d.verdict == Verdict::indeterminate)
    d.reason = "no stroke lies beyond the limit, but too few to say so of 99 % of them";
  o.decisions.push_back(std::move(d));
}

PhaseRecord setting_phase(const SampleOptions& opt, const Circle& circle, double depth, double rate, double at,
                          std::size_t spot, Noise& noise) {
  PhaseRecord p;
  p.name = fmt::format("{} mm at {}/min", depth, rate);
  p.kind = "setting";
  p.depth_mm = depth;
  p.rate_per_min = rate;
  p.started_s = at;
  p.ended_s = at + 2.1;
  p.spot = Spot{fmt::format("{}{}", static_cast<char>('B' + spot / 5), spot % 5 + 1), 0, opt.strokes + 15};
  p.samples = 105'000;
  p.values = {{"surface_mm", -0.0123456789 * static_cast<double>(spot)}, {"noise_position_um", 1.4}};
  const bool deep = opt.end == SampleEnd::fail && depth == opt.depths_mm.back();
  const double s = 0.008 + 0.004 * depth, bias = 0.01 * depth + (deep ? 0.07 + 0.012 * (rate - 7500) / 1500 : 0),
               peak = 0.12 + 0.2 * depth;
  const double period = 60e6 / (rate * 0.996);
  double top = 0.31, sum = 0, squares = 0;
  for (std::uint32_t i = 0; i < opt.strokes; ++i) {
    StrokeRow row;
    row.top_s = top;
    row.period_us = i + 1 < opt.strokes ? period + 22 * noise.normal() : 0;
    row.penetration_mm = depth + bias + s * noise.normal();
    row.extension_mm = row.penetration_mm + 0.031;
    row.peak_force_n = peak * (1 + 0.02 * noise.normal());
    row.u_penetration_mm = 0.0012;
    top += row.period_us * 1e-6;
    sum += row.penetration_mm;
    p.strokes.push_back(row);
  }
  const double n = opt.strokes, mean = sum / n;
  for (const StrokeRow& row : p.strokes) squares += (row.penetration_mm - mean) * (row.penetration_mm - mean);
  const double sd = std::sqrt(squares / (n - 1));
  p.traces = traces(circle, depth, peak, s, noise);

  Measurement ti = measured("penetration_ti", "mm", depth, rate, mean, 0.0058);
  ti.interval = ToleranceInterval{mean - 2.86 * sd, mean + 2.86 * sd, mean, sd, 2.86, 2.38, 0.0058};
  p.measurements.push_back(ti);
  Measurement penetration = measured("penetration", "mm", depth, rate, mean, 0.0068);
  penetration.budget = depth_budget(sd, opt.strokes);
  penetration.nu_eff = 611;
  p.measurements.push_back(penetration);
  Measurement speed = measured("stroke_rate", "1/min", depth, rate, rate * 0.996 + noise.normal(), rate * 2e-5);
  speed.budget = {{"time base, calibration", false, "normal", rate * 9e-6, 0},
                  {"period noise, n_eff", true, "normal", rate * 1.5e-6, n - 2}};
  p.measurements.push_back(speed);
  Measurement jitter = measured("period_jitter", "µs", depth, rate, 22 + noise.normal(), 2.6);
  jitter.low = *jitter.value - 2.4;
  jitter.high = *jitter.value + 2.9;
  p.measurements.push_back(jitter);
  p.measurements.push_back(measured("extension", "mm", depth, rate, mean + 0.031, 0.0049));
  p.measurements.push_back(measured("surface_sink", "mm", depth, rate, 0.0312, 0.0051));
  p.measurements.push_back(measured("peak_force", "N", depth, rate, peak, 0.0094));
  p.measurements.push_back(measured("puncture_force", "N", depth, rate, 0.15, 0.0031));
  p.measurements.push_back(measured("contact_speed", "mm/s", depth, rate, 1074.2, 3.1));
  p.measurements.push_back(measured("missed_strokes", "1", depth, rate, 0, 0));
  p.measurements.push_back(measured("double_strokes", "1", depth, rate, 0, 0));
  p.measurements.push_back(measured("stop_latency", "ms", depth, rate, 82 + noise.uniform(), 1.1));
  p.measurements.push_back(measured("strokes_after_stop", "1", depth, rate, 11, 0));
  p.measurements.push_back(measured("parked_extension", "mm", depth, rate, -0.412, 0.0061));
  return p;
}

RunHeader header(const SampleOptions& opt) {
  RunHeader h;
  h.run_id = "R-000391";
  h.serial_number = "PRO-000123";
  h.operator_name = "J. Marsh";
  h.slot = "left";
  h.plan_name = "eol-pro";
  h.product_name = "pen-pro";
  h.rig_name = "bench-2";
  h.plan_revision = 4;
  h.product_revision = 3;
  h.rig_revision = 9;
  for (const char* kind : {"plan", "product", "rig"}) {
    const std::string bytes = fmt::format("# the {} of the sample\nname: {}\nnote: \"<5 & >3\"\n", kind, kind);
    h.documents.push_back(
        {kind, fmt::format("{} of the sample", kind), fmt::format("{}.yaml", kind), bytes, sha256_hex(bytes)});
  }
  h.software_version = "0.1.0";
  h.software_commit = "3f9a2c1";
  h.started_utc_ns = 1'795'167'672'000'000'000;
  h.simulated = opt.simulated;
  h.engineering = opt.engineering;
  if (opt.simulated) h.simulation = fmt::format("sim:seed={}", opt.seed);
  h.cartridge_lot = "N12-2611";
  h.simulant_lot = "S-2610-04";
  h.simulant_sheet = "7";
  h.fixture_id = "bench-2";
  h.cartridge_needles = 12;
  h.settings_planned = opt.depths_mm.size() * opt.rates_per_min.size();
  h.decisions_planned = h.settings_planned * 6 + 3;
  return h;
}

PhaseRecord simple_phase(const char* name, const char* kind, double from, double to) {
  PhaseRecord p;
  p.name = name;
  p.kind = kind;
  p.started_s = from;
  p.ended_s = to;
  p.samples = 60'000;
  return p;
}

void judge(RunRecord& run) {
  RunOutcome& o = run.outcome;
  for (const PhaseRecord& p : run.phases) {
    for (const Measurement& m : p.measurements) {
      o.measurements.push_back(m);
      const std::size_t i = o.measurements.size() - 1;
      const double rate = m.rate_per_min.value_or(0);
      if (m.measurand == "penetration_ti") decide_strokes(o, *m.depth_mm, i, p.strokes);
      if (m.measurand == "stroke_rate")
        decide_simply(o, {"R1", "stroke rate", rate * 0.98, rate * 1.02, fmt::format("{} ± 2 %", rate)}, i);
      if (m.measurand == "period_jitter") decide_simply(o, {"J1", "period jitter", {}, 100, "≤ 100"}, i);
      if (m.measurand == "stop_latency") decide_simply(o, {"S1", "stop latency", {}, 200, "≤ 200"}, i);
      if (m.measurand == "strokes_after_stop") decide_simply(o, {"S2", "strokes after stop", {}, 20, "≤ 20"}, i);
      if (m.measurand == "missed_strokes") decide_simply(o, {"M1", "missed strokes", {}, 0, "0"}, i);
    }
  }
  o.measurements.push_back(measured("depth_linearity", "mm", {}, {}, 0.003, 0.0085));
  decide_simply(o, {"L1", "depth linearity", {}, 0.05, "≤ 0.0500"}, o.measurements.size() - 1);
  o.measurements.push_back(measured("link_loss_stop", "ms", {}, {}, 371.4, 1.2));
  decide_simply(o, {"S3", "link loss to stop", {}, 800, "≤ 800"}, o.measurements.size() - 1);
  Measurement firmware;
  firmware.measurand = "firmware";
  firmware.text_value = "2.4.1";
  o.measurements.push_back(firmware);
  Decision d;
  d.requirement_id = "F1";
  d.title = "firmware";
  d.measurement = o.measurements.size() - 1;
  d.limit_text = "2.4.*";
  d.verdict = Verdict::pass;
  d.rule = "2.4.1 is allowed";
  o.decisions.push_back(d);
  o.measurements.push_back(measured("thermal_growth", "mm", {}, {}, 0.0038, 0.0014));
  o.measurements.push_back(measured("rate_droop", "%", {}, {}, 0.412, 0.004));
  o.verdict = Verdict::not_judged;
  for (std::size_t i = 0; i < o.decisions.size(); ++i) {
    o.verdict = worst(o.verdict, o.decisions[i].verdict);
    const auto& best = o.deciding ? o.decisions[*o.deciding] : o.decisions[i];
    if (!o.deciding || o.decisions[i].verdict > best.verdict ||
        (o.decisions[i].verdict == best.verdict && o.decisions[i].used > best.used))
      o.deciding = i;
  }
  if (o.verdict != Verdict::pass) o.reason = o.decisions[*o.deciding].reason;
}

}  // namespace

RunRecord sample_record(const SampleOptions& opt) {
  Noise noise(opt.seed);
  const Circle circle;
  RunRecord run;
  run.header = header(opt);
  run.phases.push_back(simple_phase("set-up", "set-up", 0, 0.9));
  run.phases.push_back(simple_phase("reference before", "reference", 0.9, 3.2));
  double at = 4.2;
  const bool broken = opt.end == SampleEnd::error || opt.end == SampleEnd::aborted || opt.end == SampleEnd::interrupted;
  std::size_t spot = 0;
  for (const double rate : opt.rates_per_min) {
    for (const double depth : opt.depths_mm) {
      if (broken && spot == 4) break;
      run.phases.push_back(setting_phase(opt, circle, depth, rate, at, spot, noise));
      ++spot;
      at += 2.9;
    }
  }
  RunOutcome& o = run.outcome;
  o.events.push_back({0.612, "identified", "PRO-000123, firmware 2.4.1, same as scanned", {}});
  if (broken && opt.end != SampleEnd::interrupted) {
    PhaseRecord bad = simple_phase("2.5 mm at 6000/min", "setting", at, at + 0.8);
    bad.depth_mm = 2.5;
    bad.rate_per_min = 6000;
    bad.verdict = opt.end == SampleEnd::error ? Verdict::error : Verdict::aborted;
    bad.error = opt.end == SampleEnd::error
                    ? "the DAQ's link is lost: nothing was heard for 300 ms; check cable and power of the DAQ"
                    : "stopped by the operator (SIGINT)";
    run.phases.push_back(bad);
    for (const PhaseRecord& p : run.phases)
      o.measurements.insert(o.measurements.end(), p.measurements.begin(), p.measurements.end());
    o.verdict = bad.verdict;
    o.reason = "2.5 mm at 6000/min: " + bad.error;
    o.events.push_back({at + 0.8, opt.end == SampleEnd::error ? "interlock" : "abort", bad.error, 21.5});
    o.events.push_back({at + 0.9, "safe-state", "pen stopped, stage withdrawn", 31.25});
    at += 1;
  }
  run.phases.push_back(simple_phase("link loss", "link-loss", at, at + 1.6));
  run.phases.push_back(simple_phase("reference after", "reference", at + 1.6, at + 3.4));
  run.phases.push_back(simple_phase("teardown", "teardown", at + 3.4, at + 4));
  if (!broken) judge(run);
  o.corrections = {{"channel delay", true, 10.0 / 3, 0.12, "µs", ""},
                   {"compliance of the tips", true, 2.1, 1.3, "µm/N", ""},
                   {"inertia", true, 0, 0, "", ""},
                   {"temperature", false, 0, 0, "", "not calibrated"},
                   {"cell response", false, 9800, 150, "Hz", "switched off by --without"}};
  o.pen = PenIdentity{"pen-pro", "PRO-000123", "2.4.1", "8c1f0de", "C", true, opt.simulated};
  o.daq = DaqIdentity{"bench-2", "DAQ-0007", "1.2.0", 1e7 / 3, 50'000, opt.simulated};
  o.battery_before_percent = 96;
  o.battery_after_percent = 95;
  o.temperature_c = 21.4;
  o.humidity_percent = 47;
  o.safe_state_confirmed = opt.end != SampleEnd::error;
  o.duration_s = at + 4;
  o.ended_utc_ns = run.header.started_utc_ns + static_cast<std::int64_t>((at + 4) * 1e9);
  run.closed = opt.end != SampleEnd::interrupted;
  if (!run.closed) {
    run.phases.erase(run.phases.end() - 3, run.phases.end());
    run.outcome = {};
    run.outcome.reason = "the run was never closed: its program or machine stopped before its end";
  }
  // A certifying run is one that somebody signed; its leaf is given by the store that it is kept in.
  if (!opt.simulated && !opt.engineering)
    run.standing.signatures.push_back({"M. Okafor", "SHA256:sample", run.outcome.ended_utc_ns});
  return run;
}

}  // namespace penrig::testing
