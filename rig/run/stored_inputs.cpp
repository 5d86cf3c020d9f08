#include "rig/run/stored_inputs.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "rig/run/input_fields.hpp"

namespace penrig {

namespace {

using fields::FieldNames, fields::Lister, fields::Reader, fields::Values, fields::Writer;

template <class Io>
void put(Io& io, std::string_view name, double& value) {
  io.field(name, value);
}
template <class Io>
void put(Io& io, std::string_view name, std::string& value) {
  io.field(name, value);
}
template <class Io, class Whole>
requires std::is_integral_v<Whole>
void put(Io& io, std::string_view name, Whole& value) {
  auto wide = static_cast<std::int64_t>(value);
  io.field(name, wide);
  value = static_cast<Whole>(wide);
}
template <class Io>
void put(Io& io, std::string_view name, TimePoint& value) {
  std::int64_t ns = value.since_start.count();
  put(io, io.in_ns(name), ns);
  value.since_start = Nanoseconds{ns};
}
template <class Io>
void put(Io& io, std::string_view name, WithoutCorrections& value) {
  const auto part = io.part(name);
  for (const CorrectionInfo& info : all_corrections()) {
    std::int64_t off = value.holds(info.kind) ? 1 : 0;
    put(io, info.name, off);
    if (off != 0) value.add(info.kind);
  }
}
template <class Io>
void put(Io& io, std::string_view name, Factor& f) {
  const auto part = io.part(name);
  put(io, "value", f.value);
  put(io, "u", f.u);
  put(io, "nu", f.nu);
  put(io, "u_standard", f.u_standard);
  put(io, "standard", f.standard);
}
template <class Io>
void put(Io& io, std::string_view name, Tare& t) {
  const auto part = io.part(name);
  put(io, "zero_counts", t.zero_counts);
  put(io, "u_counts", t.u_counts);
  put(io, "noise_counts", t.noise_counts);
  put(io, "needles_quiet", t.needles_quiet);
}
template <class Io>
void put(Io& io, std::string_view name, Touch& t) {
  const auto part = io.part(name);
  put(io, "stage_mm", t.stage_mm);
  put(io, "needle_reading_mm", t.needle_reading_mm);
  put(io, "u_mm", t.u_mm);
  put(io, "force_n", t.force_n);
  put(io, "stage_by_give_n", t.stage_by_give_n);
  std::int64_t told = t.touched ? 0 : 1;
  put(io, "told", told);
  t.touched = told == 0;
}
template <class Io>
void put(Io& io, std::string_view name, ReferenceZero& z) {
  const auto part = io.part(name);
  put(io, "needle_zero_mm", z.needle_zero_mm);
  put(io, "nose_stage_mm", z.nose_stage_mm);
  put(io, "u_mm", z.u_mm);
  put(io, "nu", z.nu);
  put(io, "repeats", z.repeats);
  put(io, "tip_extension_mm", z.tip_extension_mm);
}
template <class Io>
void put(Io& io, std::string_view name, ClockRelation& c) {
  const auto part = io.part(name);
  put(io, "host_ref", c.host_ref);
  put(io, "tick_ref", c.tick_ref);
  put(io, "tick_hz", c.tick_hz);
  put(io, "u_s", c.u_s);
  put(io, "rate_off_ppm", c.rate_off_ppm);
}
template <class Io>
void put(Io& io, std::string_view name, SimulantDescription& s) {
  const auto part = io.part(name);
  put(io, "lot", s.lot);
  put(io, "sheet", s.sheet);
  put(io, "contact_exponent", s.contact_exponent);
  put(io, "nominal_stiffness", s.nominal_stiffness);
}
/// It may be unknown, and holds what may be.
template <class Io>
void put(Io& io, std::string_view name, PenReport& r);
/// By its name; what is none has none.
template <class Io>
void put(Io& io, std::string_view name, std::optional<PenLink>& link) {
  std::string text = link ? name_of(*link) : "";
  put(io, name, text);
  link = pen_link_named(text);
}
/// What is known may be 0, which is left out: a mark says that it is known.
template <class Io, class T>
void put(Io& io, std::string_view name, std::optional<T>& value) {
  std::int64_t known = value ? 1 : 0;
  {
    const auto part = io.part(name);
    put(io, "known", known);
  }
  if (known == 0) {
    io.passing_over([&io, name] {
      T none{};
      put(io, name, none);
    });
    return value.reset();
  }
  if (!value) value.emplace();
  put(io, name, *value);
}
template <class Io>
void put(Io& io, std::string_view name, PenReport& r) {
  const auto part = io.part(name);
  put(io, "over", r.over);
  put(io, "rate_per_min", r.rate_per_min);
  put(io, "strokes", r.strokes);
}
template <class Io>
void put(Io& io, std::string_view name, Calibrations& c) {
  const auto part = io.part(name);
  put(io, "id", c.head.id);
  put(io, "position_mm_per_count", c.position_mm_per_count);
  put(io, "force_n_per_count", c.force_n_per_count);
  put(io, "stage_mm_per_count", c.stage_mm_per_count);
  put(io, "time_base_ppm", c.time_base_ppm);
  put(io, "force_delay_us", c.force_delay_us);
  put(io, "tip_um_per_n", c.tip_um_per_n);
  put(io, "frame_um_per_n", c.frame_um_per_n);
  put(io, "cell_um_per_n", c.cell_um_per_n);
  put(io, "reciprocating_mass_g", c.reciprocating_mass_g);
  put(io, "plate_mass_g", c.plate_mass_g);
  put(io, "cell_resonance_hz", c.cell_resonance_hz);
  put(io, "cell_damping", c.cell_damping);
  put(io, "cell_corner_hz", c.cell_corner_hz);
  put(io, "tilt_u_um", c.tilt_u_um);
  put(io, "position_sde_um", c.position_sde_um);
  put(io, "stage_sde_um", c.stage_sde_um);
  put(io, "position_bandwidth_hz", c.position_bandwidth_hz);
  put(io, "force_min_counts", c.force_min_counts);
  put(io, "force_max_counts", c.force_max_counts);
  put(io, "position_min_counts", c.position_min_counts);
  put(io, "position_max_counts", c.position_max_counts);
  put(io, "temperature_c", c.temperature_c);
  put(io, "position_ppm_per_k", c.position_ppm_per_k);
  put(io, "force_ppm_per_k", c.force_ppm_per_k);
  put(io, "stage_ppm_per_k", c.stage_ppm_per_k);
  put(io, "position_nominal_mm_per_count", c.position_nominal_mm_per_count);
  put(io, "force_nominal_n_per_count", c.force_nominal_n_per_count);
  put(io, "stage_nominal_mm_per_count", c.stage_nominal_mm_per_count);
}
template <class Io>
void put(Io& io, InForce& in_force) {
  put(io, "calibrations", in_force.calibrations);
  put(io, "without", in_force.without);
  put(io, "temperature_c", in_force.temperature_c);
}

template <class Io>
void put(Io& io, TareInputs& in) {
  put(io, in.in_force);
}
template <class Io>
void put(Io& io, TouchInputs& in) {
  put(io, in.in_force);
  put(io, "tare", in.tare);
  put(io, "exponent", in.exponent);
  std::int64_t nose = in.by == Touching::nose ? 1 : 0;
  put(io, "nose", nose);
  in.by = nose != 0 ? Touching::nose : Touching::tips;
}
template <class Io>
void put(Io& io, SettingInputs& in) {
  put(io, in.in_force);
  put(io, "simulant", in.simulant);
  put(io, "tick_hz", in.tick_hz);
  put(io, "clock", in.clock);
  put(io, "tare", in.tare);
  put(io, "zero", in.zero);
  put(io, "surface", in.surface);
  put(io, "depth_mm", in.depth_mm);
  put(io, "rate_per_min", in.rate_per_min);
  put(io, "settle_strokes", in.settle_strokes);
  put(io, "strokes", in.strokes);
  put(io, "min_strokes", in.min_strokes);
  put(io, "missed_floor_fraction", in.missed_floor_fraction);
  put(io, "free_running", in.free_running);
  put(io, "start_sent", in.start_sent);
  put(io, "stop_sent", in.stop_sent);
  put(io, "reported_over", in.reported.over);
  put(io, "reported_rate_per_min", in.reported.rate_per_min);
  put(io, "reported_strokes", in.reported.strokes);
  put(io, "watched", in.watched);
}
template <class Io>
void put(Io& io, LinkLossInputs& in) {
  put(io, in.in_force);
  put(io, "tick_hz", in.tick_hz);
  put(io, "clock", in.clock);
  put(io, "zero", in.zero);
  put(io, "silent_since", in.silent_since);
}

/// Of one kind of inputs; never let go, as names of inputs lie in it.
template <class Inputs>
const FieldNames& names_of_fields() {
  static const auto* const fields = [] {
    Lister lister;
    Inputs inputs{};
    put(lister, inputs);
    return new FieldNames(lister.out());
  }();
  return *fields;
}

template <class Out, class Inputs>
auto written(Out writer, Inputs inputs) {
  put(writer, inputs);
  return writer.out();
}

template <class Inputs>
AnalysisInputs with_names(const Inputs& inputs) {
  return written(Writer(names_of_fields<Inputs>()), inputs);
}

template <class Inputs>
Result<Inputs> read(const AnalysisInputs& stored) {
  Inputs inputs{};
  Reader reader(names_of_fields<Inputs>(), stored);
  put(reader, inputs);
  if (const auto whole = reader.all_read(); !whole) return whole.error();
  return inputs;
}

}  // namespace

AnalysisInputs stored(const TareInputs& inputs) { return with_names(inputs); }
AnalysisInputs stored(const TouchInputs& inputs) { return with_names(inputs); }
AnalysisInputs stored(const SettingInputs& inputs) { return with_names(inputs); }
AnalysisInputs stored(const LinkLossInputs& inputs) { return with_names(inputs); }

std::string bytes_of(const TareInputs& inputs) { return written(Values(), inputs); }
std::string bytes_of(const TouchInputs& inputs) { return written(Values(), inputs); }
std::string bytes_of(const SettingInputs& inputs) { return written(Values(), inputs); }
std::string bytes_of(const LinkLossInputs& inputs) { return written(Values(), inputs); }

Result<TareInputs> tare_inputs(const AnalysisInputs& stored) { return read<TareInputs>(stored); }
Result<TouchInputs> touch_inputs(const AnalysisInputs& stored) { return read<TouchInputs>(stored); }
Result<SettingInputs> setting_inputs(const AnalysisInputs& stored) { return read<SettingInputs>(stored); }
Result<LinkLossInputs> link_loss_inputs(const AnalysisInputs& stored) { return read<LinkLossInputs>(stored); }

}  // namespace penrig
