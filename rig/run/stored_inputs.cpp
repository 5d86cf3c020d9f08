#include "rig/run/stored_inputs.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace penrig {

namespace {

/// The names of all fields of some inputs: in the order in which put() comes to them, and where each stands among the
/// names in order. One list of fields serves all ways: what is given to put() is called with the same names, each once,
/// also of what is not known.
struct FieldNames {
  std::vector<std::string> in_order;
  std::vector<std::size_t> places;  ///< of the fields, one after the other, in in_order
};

/// Writes down the names. They grow with the structures that a field lies in: "calibrations.tip_um_per_n.value".
class Lister {
 public:
  class Part {
   public:
    Part(std::string& path, std::string_view name) : path_(path), before_(path.size()) { (path_ += name) += '.'; }
    ~Part() { path_.resize(before_); }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;

   private:
    std::string& path_;
    std::size_t before_;
  };
  /// What is named while it lives lies in the structure of that name.
  Part part(std::string_view name) { return {path_, name}; }
  /// The name of a time.
  static std::string in_ns(std::string_view name) { return std::string(name) + "_ns"; }
  template <class T>
  void field(std::string_view name, T&) {
    names_.push_back(path_ + std::string(name));
  }
  /// Fields of what is not known.
  template <class Pass>
  void passing_over(Pass pass) {
    pass();
  }
  FieldNames out() const {
    FieldNames all{names_, {}};
    std::ranges::sort(all.in_order);
    for (const std::string& name : names_) {
      const auto place = std::ranges::lower_bound(all.in_order, name);
      all.places.push_back(static_cast<std::size_t>(place - all.in_order.begin()));
    }
    return all;
  }

 private:
  std::string path_;
  std::vector<std::string> names_;
};

/// Where names are not asked for.
class Unnamed {
 public:
  struct Part {
    ~Part() {}
  };
  static Part part(std::string_view) { return {}; }
  static std::string_view in_ns(std::string_view name) { return name; }
};

/// Comes to the fields in the order in which their names were listed.
class InTurn : public Unnamed {
 public:
  template <class Pass>
  void passing_over(Pass pass) {
    const bool was_known = std::exchange(known_, false);
    pass();
    known_ = was_known;
  }

 protected:
  explicit InTurn(const FieldNames& fields) : fields_(fields) {}
  const FieldNames& fields() const { return fields_; }
  /// Where the next field stands among the names; nothing where it is one of what is not known.
  std::optional<std::size_t> next_place() {
    const std::size_t place = fields_.places[next_++];
    return known_ ? std::optional(place) : std::nullopt;
  }

 private:
  const FieldNames& fields_;
  std::size_t next_ = 0;
  bool known_ = true;
};

class Writer : public InTurn {
 public:
  explicit Writer(const FieldNames& fields) : InTurn(fields), values_(fields.in_order.size()) {}
  void field(std::string_view, double& value) { set(value, std::bit_cast<std::uint64_t>(value) != 0); }
  void field(std::string_view, std::int64_t& value) { set(value, value != 0); }
  void field(std::string_view, std::string& value) { set(value, !value.empty()); }
  AnalysisInputs out() {
    AnalysisInputs inputs;
    inputs.reserve(written_);
    for (std::size_t place = 0; place < values_.size(); ++place) {
      if (values_[place]) inputs.append_with_lasting_name(fields().in_order[place], std::move(*values_[place]));
    }
    return inputs;
  }

 private:
  template <class T>
  void set(const T& value, bool is_written) {
    const std::optional<std::size_t> place = next_place();
    if (!place || !is_written) return;
    values_[*place].emplace(value);
    ++written_;
  }
  std::vector<std::optional<InputValue>> values_;  ///< in the order of names; those that are 0 or empty are left out
  std::size_t written_ = 0;
};

/// Values alone, one behind the other.
class Values : public Unnamed {
 public:
  Values() { out_.reserve(kUsualBytes); }
  void field(std::string_view, double& value) { append(std::bit_cast<std::uint64_t>(value)); }
  void field(std::string_view, std::int64_t& value) { append(std::bit_cast<std::uint64_t>(value)); }
  void field(std::string_view, std::string& value) {
    append(value.size());
    out_ += value;
  }
  template <class Pass>
  static void passing_over(Pass) {}
  std::string out() { return std::move(out_); }

 private:
  static constexpr std::size_t kUsualBytes = 1024;
  void append(std::uint64_t word) {
    const auto bytes = std::bit_cast<std::array<char, sizeof word>>(word);
    out_.append(bytes.data(), bytes.size());
  }
  std::string out_;
};

class Reader : public InTurn {
 public:
  Reader(const FieldNames& fields, const AnalysisInputs& stored)
      : InTurn(fields), stored_(stored), unread_(fields.in_order.size()) {
    // Both are in the order of their names.
    std::size_t place = 0;
    for (const AnalysisInputs::Input& input : stored) {
      while (place < unread_.size() && fields.in_order[place] < input.name) ++place;
      const bool is_there = place < unread_.size() && fields.in_order[place] == input.name;
      if (is_there) unread_[place] = &input.value;
    }
  }
  template <class T>
  void field(std::string_view, T& value) {
    const std::optional<std::size_t> place = next_place();
    if (!place) return;
    const InputValue* const found = std::exchange(unread_[*place], nullptr);
    if (found == nullptr) {
      value = T{};  // left out: 0 or empty, whatever the structure begins with
      return;
    }
    if (const T* const of_its_type = std::get_if<T>(found)) {
      value = *of_its_type;
    } else {
      wrong_ = fields().in_order[*place];
    }
    ++read_;
  }
  /// The inputs must be exactly those.
  Result<void> all_read() const {
    if (!wrong_.empty()) return fail(Errc::bad_data, fmt::format("the input '{}' is of another type", wrong_));
    if (read_ == stored_.size()) return {};
    const auto unknown = std::ranges::find_if(stored_, [&](const AnalysisInputs::Input& input) {
      return !std::ranges::binary_search(fields().in_order, input.name) ||
             std::ranges::find(unread_, &input.value) != unread_.end();
    });
    return fail(Errc::bad_data, fmt::format("the input '{}' is not known to this program", unknown->name));
  }

 private:
  const AnalysisInputs& stored_;
  std::vector<const InputValue*> unread_;  ///< in the order of names; null: not stored, or read
  std::size_t read_ = 0;
  std::string wrong_;
};

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
