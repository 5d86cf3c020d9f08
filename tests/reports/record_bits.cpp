#include "tests/reports/record_bits.hpp"

#include <bit>
#include <cstdint>

#include <fmt/format.h>

namespace penrig::testing {
namespace {

class Dump {
 public:
  template <class... Fields>
  void line(const char* name, const Fields&... fields) {
    out += name;
    (put(fields), ...);
    out += '\n';
  }
  std::string out;

 private:
  void put(double v) { out += fmt::format(" {:016x}", std::bit_cast<std::uint64_t>(v)); }
  void put(float v) { out += fmt::format(" {:08x}", std::bit_cast<std::uint32_t>(v)); }
  void put(const std::string& v) { out += fmt::format(" [{}:{}]", v.size(), v); }
  void put(bool v) { out += v ? " yes" : " no"; }
  void put(std::uint64_t v) { out += fmt::format(" {}", v); }
  void put(std::int64_t v) { out += fmt::format(" {}", v); }
  void put(std::uint32_t v) { out += fmt::format(" {}", v); }
  void put(Verdict v) { out += fmt::format(" {}", name_of(v)); }
  template <class T>
  void put(const std::optional<T>& v) {
    if (v) {
      put(*v);
    } else {
      out += " none";
    }
  }
  template <class T>
  void put(const std::vector<T>& v) {
    out += fmt::format(" #{}", v.size());
    for (const T& item : v) put(item);
  }
};

void dump(Dump& d, const Measurement& m) {
  d.line("measurement", m.measurand, m.unit, m.depth_mm, m.rate_per_min, std::string(m.link ? name_of(*m.link) : ""),
         m.value, m.text_value, m.expanded_u, m.low, m.high, m.k, m.nu_eff, m.realised, m.realised_u, m.n, m.n_eff,
         m.censored_high, m.strokes_beyond, m.note);
  for (const BudgetLine& l : m.budget) {
    d.line(" budget", l.source, l.type_a, l.distribution, l.u, l.nu, l.unit, l.value, l.u_input, l.sensitivity,
           l.cause);
  }
  if (m.interval) {
    const ToleranceInterval& t = *m.interval;
    d.line(" interval", t.low, t.high, t.mean, t.s, t.k_factor, t.k_factor_low, t.u_sys);
  }
}

void dump(Dump& d, const PhaseRecord& p) {
  d.line("phase", p.name, p.kind, p.attempt, p.depth_mm, p.rate_per_min, std::string(name_of(p.via)), p.started_s,
         p.ended_s, p.verdict, p.error, p.samples, p.gaps);
  if (p.spot) d.line(" spot", p.spot->name, p.spot->strokes_before, p.spot->strokes_after);
  for (const auto& [name, value] : p.values) d.line(" value", name, value);
  for (const Measurement& m : p.measurements) dump(d, m);
  for (const StrokeRow& s : p.strokes)
    d.line(" stroke", s.top_s, s.period_us, s.extension_mm, s.penetration_mm, s.peak_force_n, s.u_penetration_mm);
  const SettingTraces& t = p.traces;
  d.line(" traces", t.phase_deg, t.mean_position_mm, t.strokes_position_mm, t.loop_penetration_mm, t.loop_force_n,
         t.strokes_loop_penetration_mm, t.strokes_loop_force_n);
  for (const WaveformRecord& w : p.waveforms) {
    d.line(" waveform", w.purpose, w.sha256, w.bytes, w.samples, w.sample_rate_hz, w.first_tick, w.ticks_per_sample,
           w.start_utc_ns, w.calibration);
    for (const WaveformGap& gap : w.gaps) d.line("  gap", gap.before_sample, gap.reason);
    for (const WaveformPart& part : w.parts) d.line("  part", part.first_sample, part.samples);
    for (const auto& [name, value] : w.inputs) {
      std::visit([&d, key = std::string(name)](const auto& v) { d.line("  input", key, v); }, value);
    }
  }
}

}  // namespace
}  // namespace penrig::testing

std::string penrig::testing::bits_of(const RunRecord& run) {
  Dump d;
  const RunHeader& h = run.header;
  d.line("header", h.run_id, h.serial_number, h.operator_name, h.slot, h.plan_name, h.product_name, h.rig_name,
         h.plan_revision, h.product_revision, h.rig_revision, h.software_version, h.software_commit,
         h.algorithm_version, h.started_utc_ns, h.simulated, h.engineering, h.simulation, h.cartridge_lot,
         h.simulant_lot, h.fixture_id, h.simulant_sheet, h.cartridge_needles, h.decisions_planned, h.settings_planned);
  for (const SourceDocument& s : h.documents) d.line("document", s.kind, s.name, s.path, s.bytes, s.sha256);
  for (const PhaseRecord& p : run.phases) dump(d, p);
  const RunOutcome& o = run.outcome;
  const std::uint64_t deciding = o.deciding.value_or(~std::size_t{0});
  d.line("outcome", run.closed, o.verdict, o.reason, deciding, o.battery_before_percent, o.battery_after_percent,
         o.temperature_c, o.humidity_percent, o.safe_state_confirmed, o.ended_utc_ns, o.duration_s);
  for (const Measurement& m : o.measurements) dump(d, m);
  for (const Decision& x : o.decisions) {
    d.line("decision", x.requirement_id, x.title, std::uint64_t{x.measurement}, x.lower, x.upper, x.limit_text,
           x.guard_band, x.verdict, x.used, x.conformity, x.false_acceptance_max, x.rule, x.reason);
  }
  for (const Correction& c : o.corrections) d.line("correction", c.name, c.applied, c.value, c.u, c.unit, c.note);
  for (const RunEvent& e : o.events) d.line("event", e.at_s, e.kind, e.text, e.latency_ms);
  if (run.link_trace) {
    d.line("link trace", run.link_trace->sha256, run.link_trace->bytes, run.link_trace->chunks);
    for (const TracedLink& link : run.link_trace->links) d.line(" link", link.name, link.bytes_in, link.bytes_out);
  }
  if (o.pen)
    d.line("pen", o.pen->product, o.pen->serial_number, o.pen->firmware, o.pen->firmware_hash, o.pen->hardware,
           o.pen->can_jog, o.pen->simulated);
  if (o.daq)
    d.line("daq", o.daq->fixture_id, o.daq->serial_number, o.daq->firmware, o.daq->tick_hz, o.daq->max_sample_rate_hz,
           o.daq->simulated);
  return d.out;
}
