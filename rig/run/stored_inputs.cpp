#include "rig/run/stored_inputs.hpp"

#include <bit>
#include <string>
#include <type_traits>

#include <fmt/format.h>

namespace penrig {

namespace {

/// One list of fields serves both ways: Writer and Reader are called with the same names.
class Writer {
 public:
  void field(const std::string& name, double& value) {
    if (std::bit_cast<std::uint64_t>(value) != 0) out[name] = value;
  }
  void field(const std::string& name, std::int64_t& value) {
    if (value != 0) out[name] = value;
  }
  void field(const std::string& name, std::string& value) {
    if (!value.empty()) out[name] = value;
  }
  AnalysisInputs out;
};

class Reader {
 public:
  explicit Reader(const AnalysisInputs& stored) : left_(stored) {}
  template <class T>
  void field(const std::string& name, T& value) {
    const auto found = left_.find(name);
    if (found == left_.end()) {
      value = T{};  // left out: 0 or empty, whatever the structure begins with
      return;
    }
    if (const T* const stored = std::get_if<T>(&found->second)) {
      value = *stored;
    } else {
      wrong_ = name;
    }
    left_.erase(found);
  }
  /// The inputs must be exactly those.
  Result<void> all_read() const {
    if (!wrong_.empty()) return fail(Errc::bad_data, fmt::format("the input '{}' is of another type", wrong_));
    if (left_.empty()) return {};
    return fail(Errc::bad_data, fmt::format("the input '{}' is not known to this program", left_.begin()->first));
  }

 private:
  AnalysisInputs left_;
  std::string wrong_;
};

template <class Io>
void put(Io& io, const std::string& name, double& value) {
  io.field(name, value);
}
template <class Io>
void put(Io& io, const std::string& name, std::string& value) {
  io.field(name, value);
}
template <class Io, class Whole>
requires std::is_integral_v<Whole>
void put(Io& io, const std::string& name, Whole& value) {
  auto wide = static_cast<std::int64_t>(value);
  io.field(name, wide);
  value = static_cast<Whole>(wide);
}
template <class Io>
void put(Io& io, const std::string& name, TimePoint& value) {
  std::int64_t ns = value.since_start.count();
  put(io, name + "_ns", ns);
  value.since_start = Nanoseconds{ns};
}
template <class Io>
void put(Io& io, const std::string& name, WithoutCorrections& value) {
  for (const CorrectionInfo& info : all_corrections()) {
    std::int64_t off = value.holds(info.kind) ? 1 : 0;
    put(io, name + "." + std::string(info.name), off);
    if (off != 0) value.add(info.kind);
  }
}
template <class Io>
void put(Io& io, const std::string& name, Factor& f) {
  put(io, name + ".value", f.value);
  put(io, name + ".u", f.u);
  put(io, name + ".nu", f.nu);
  put(io, name + ".u_standard", f.u_standard);
  put(io, name + ".standard", f.standard);
}
template <class Io>
void put(Io& io, const std::string& name, Tare& t) {
  put(io, name + ".zero_counts", t.zero_counts);
  put(io, name + ".u_counts", t.u_counts);
  put(io, name + ".noise_counts", t.noise_counts);
}
template <class Io>
void put(Io& io, const std::string& name, Touch& t) {
  put(io, name + ".stage_mm", t.stage_mm);
  put(io, name + ".needle_reading_mm", t.needle_reading_mm);
  put(io, name + ".u_mm", t.u_mm);
  put(io, name + ".force_n", t.force_n);
  put(io, name + ".stage_by_give_n", t.stage_by_give_n);
  std::int64_t told = t.touched ? 0 : 1;
  put(io, name + ".told", told);
  t.touched = told == 0;
}
template <class Io>
void put(Io& io, const std::string& name, ReferenceZero& z) {
  put(io, name + ".needle_zero_mm", z.needle_zero_mm);
  put(io, name + ".nose_stage_mm", z.nose_stage_mm);
  put(io, name + ".u_mm", z.u_mm);
  put(io, name + ".nu", z.nu);
  put(io, name + ".repeats", z.repeats);
  put(io, name + ".tip_extension_mm", z.tip_extension_mm);
}
template <class Io>
void put(Io& io, const std::string& name, ClockRelation& c) {
  put(io, name + ".host_ref", c.host_ref);
  put(io, name + ".tick_ref", c.tick_ref);
  put(io, name + ".tick_hz", c.tick_hz);
  put(io, name + ".u_s", c.u_s);
}
template <class Io>
void put(Io& io, const std::string& name, SimulantDescription& s) {
  put(io, name + ".lot", s.lot);
  put(io, name + ".sheet", s.sheet);
  put(io, name + ".contact_exponent", s.contact_exponent);
  put(io, name + ".nominal_stiffness", s.nominal_stiffness);
}
/// What is known may be 0, which is left out: a mark says that it is known.
template <class Io, class T>
void put(Io& io, const std::string& name, std::optional<T>& value) {
  std::int64_t known = value ? 1 : 0;
  put(io, name + ".known", known);
  if (known == 0) return value.reset();
  if (!value) value.emplace();
  put(io, name, *value);
}
template <class Io>
void put(Io& io, const std::string& name, Calibrations& c) {
  const auto at = [&name](const char* field) { return name + "." + field; };
  put(io, at("id"), c.head.id);
  put(io, at("position_mm_per_count"), c.position_mm_per_count);
  put(io, at("force_n_per_count"), c.force_n_per_count);
  put(io, at("stage_mm_per_count"), c.stage_mm_per_count);
  put(io, at("time_base_ppm"), c.time_base_ppm);
  put(io, at("force_delay_us"), c.force_delay_us);
  put(io, at("tip_um_per_n"), c.tip_um_per_n);
  put(io, at("frame_um_per_n"), c.frame_um_per_n);
  put(io, at("cell_um_per_n"), c.cell_um_per_n);
  put(io, at("reciprocating_mass_g"), c.reciprocating_mass_g);
  put(io, at("plate_mass_g"), c.plate_mass_g);
  put(io, at("cell_resonance_hz"), c.cell_resonance_hz);
  put(io, at("cell_damping"), c.cell_damping);
  put(io, at("cell_corner_hz"), c.cell_corner_hz);
  put(io, at("tilt_u_um"), c.tilt_u_um);
  put(io, at("position_sde_um"), c.position_sde_um);
  put(io, at("stage_sde_um"), c.stage_sde_um);
  put(io, at("position_bandwidth_hz"), c.position_bandwidth_hz);
  put(io, at("force_min_counts"), c.force_min_counts);
  put(io, at("force_max_counts"), c.force_max_counts);
  put(io, at("position_min_counts"), c.position_min_counts);
  put(io, at("position_max_counts"), c.position_max_counts);
  put(io, at("temperature_c"), c.temperature_c);
  put(io, at("position_ppm_per_k"), c.position_ppm_per_k);
  put(io, at("force_ppm_per_k"), c.force_ppm_per_k);
  put(io, at("stage_ppm_per_k"), c.stage_ppm_per_k);
  put(io, at("position_nominal_mm_per_count"), c.position_nominal_mm_per_count);
  put(io, at("force_nominal_n_per_count"), c.force_nominal_n_per_count);
  put(io, at("stage_nominal_mm_per_count"), c.stage_nominal_mm_per_count);
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
  put(io, "reported_rate_per_min", in.reported_rate_per_min);
  put(io, "reported_strokes", in.reported_strokes);
}
template <class Io>
void put(Io& io, LinkLossInputs& in) {
  put(io, in.in_force);
  put(io, "tick_hz", in.tick_hz);
  put(io, "clock", in.clock);
  put(io, "zero", in.zero);
  put(io, "silent_since", in.silent_since);
}

template <class Inputs>
AnalysisInputs written(Inputs inputs) {
  Writer writer;
  put(writer, inputs);
  return std::move(writer.out);
}

template <class Inputs>
Result<Inputs> read(const AnalysisInputs& stored) {
  Inputs inputs{};
  Reader reader(stored);
  put(reader, inputs);
  if (const auto whole = reader.all_read(); !whole) return whole.error();
  return inputs;
}

}  // namespace

AnalysisInputs stored(const TareInputs& inputs) { return written(inputs); }
AnalysisInputs stored(const TouchInputs& inputs) { return written(inputs); }
AnalysisInputs stored(const SettingInputs& inputs) { return written(inputs); }
AnalysisInputs stored(const LinkLossInputs& inputs) { return written(inputs); }

Result<TareInputs> tare_inputs(const AnalysisInputs& stored) { return read<TareInputs>(stored); }
Result<TouchInputs> touch_inputs(const AnalysisInputs& stored) { return read<TouchInputs>(stored); }
Result<SettingInputs> setting_inputs(const AnalysisInputs& stored) { return read<SettingInputs>(stored); }
Result<LinkLossInputs> link_loss_inputs(const AnalysisInputs& stored) { return read<LinkLossInputs>(stored); }

}  // namespace penrig
