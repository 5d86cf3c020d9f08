#include "rig/spec/rig_description.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include <fmt/format.h>

#include "rig/calibrate/kind.hpp"
#include "rig/spec/civil_date.hpp"
#include "rig/spec/did_you_mean.hpp"
#include "rig/spec/key_unit.hpp"
#include "rig/spec/load.hpp"
#include "rig/spec/pen_link.hpp"
#include "rig/spec/utf8.hpp"
#include "rig/spec/yaml_reader.hpp"

namespace penrig {
namespace {

constexpr Range kStageTravel{.low = -500, .high = 500};
constexpr Range kStageSpeed{.low = 0.01, .high = 1000};
/// What rounds to 0 µm on the wire, which means no travel limit at all.
constexpr double kNoTravelLimitMm = 0.0005;

CivilDate read_date(YamlMapping& mapping, std::string_view key) {
  const std::string text = mapping.text(key);
  if (text.empty()) return {};
  if (const auto date = parse_date(text)) return *date;
  mapping.mistake(key, fmt::format("a date was expected, not '{}' (write: {}: 2026-01-31)", shown(text), key));
  return {};
}

/// `standard: LASER-7, u_standard: 1.0e-8` (or u_standard_percent): the part of u that is the reference standard's own,
/// which other factors may have in common.
void read_standard(YamlMapping& item, std::string_view key, Factor& factor) {
  const bool named = item.has("standard"), in_unit = item.has("u_standard"),
             in_percent = item.has("u_standard_percent");
  if (!named && !in_unit && !in_percent) return;
  factor.standard = item.text_or("standard", "");
  if (in_percent) {
    factor.u_standard = item.number("u_standard_percent", kNotNegative) / 100 * std::abs(factor.value);
  } else if (in_unit) {
    factor.u_standard = item.number("u_standard", kNotNegative);
  }
  if (in_unit && in_percent) {
    item.mistake("u_standard", fmt::format("{}: leave u_standard or u_standard_percent out", key));
  } else if (!named) {
    item.mistake(in_unit ? "u_standard" : "u_standard_percent",
                 fmt::format("{}: of which standard? (write: standard: its name, as other factors name it)", key));
  } else if (!in_unit && !in_percent) {
    item.mistake("standard", fmt::format("{}: how much of u is {}'s? (write: u_standard: a number, or "
                                         "u_standard_percent: a number)",
                                         key, shown(factor.standard)));
  } else if (factor.u_standard > factor.u * (1 + 1e-9)) {
    item.mistake(in_unit ? "u_standard" : "u_standard_percent",
                 fmt::format("{}: the standard's part, {}, is more than the whole u, {}", key,
                             number_text(factor.u_standard), number_text(factor.u)));
  }
}

/// Value and u of a factor; the mapping is left open for other keys.
Factor read_value(YamlMapping& item, std::string_view key, const Range& range, bool simulated) {
  Factor factor;
  factor.value = item.number("value", range);
  const bool has_u = item.has("u"), has_percent = item.has("u_percent");
  if (item.present() && has_u == has_percent) {
    const KeyUnit unit = unit_of_key(key);
    item.mistake(has_u ? fmt::format("{} has two uncertainties (leave u or u_percent out)", key)
                       : fmt::format("{} has no uncertainty (write: u: a number, in {}, or u_percent: a number)", key,
                                     unit.unit.empty() ? key : unit.unit));
  }
  const Range allowed{.low = 0, .above_low = !simulated};
  if (has_percent) {
    factor.u = item.number("u_percent", allowed) / 100 * std::abs(factor.value);
  } else if (has_u) {
    factor.u = item.number("u", allowed);
  }
  if (has_percent && !simulated && item.sound({"value", "u_percent"}) && !(factor.u > 0)) {
    item.mistake("u_percent",
                 fmt::format("{}: any share of 0 is 0, and no standard is exact (write: u: a number)", key));
  }
  factor.nu = item.number_or("nu", 0, {.low = 1});
  read_standard(item, key, factor);
  return factor;
}

/// `position_mm_per_count: {value: 1.0e-4, u_percent: 0.02}`: the value with its standard uncertainty, in the unit of
/// the key (u) or in percent of the value (u_percent). A factor without uncertainty is refused: it would claim to be
/// exact. Zero is for simulated rigs alone.
Factor read_factor(YamlMapping& calibrations, std::string_view key, const Range& range, bool simulated) {
  YamlMapping item = calibrations.mapping(key);
  const Factor factor = read_value(item, key, range, simulated);
  item.done();
  return factor;
}

/// One that a calibration of its own can replace: both keep to the same range.
Factor read_target(YamlMapping& calibrations, std::string_view key, bool simulated) {
  return read_factor(calibrations, key, target_of_factor(key)->range, simulated);
}

/// A factor that may say what it would be without a calibration (`nominal`), and how it changes with temperature
/// (`ppm_per_k: {value: 8, u: 1}`).
struct Scale {
  Factor factor, ppm_per_k;
  std::optional<double> nominal;
};
Scale read_scale(YamlMapping& calibrations, std::string_view key, bool simulated) {
  YamlMapping item = calibrations.mapping(key);
  Scale scale;
  scale.factor = read_value(item, key, target_of_factor(key)->range, simulated);
  scale.nominal = item.optional_number("nominal", kPositive);
  if (item.has("ppm_per_k")) {
    scale.ppm_per_k = read_factor(item, "ppm_per_k", {.low = -10'000, .high = 10'000}, simulated);
    if (!calibrations.has("temperature_c")) {
      item.mistake("ppm_per_k", fmt::format("{} changes with temperature, but at which was it calibrated? (write: "
                                            "temperature_c: 22 among the calibrations)",
                                            key));
    }
  }
  item.done();
  if (item.sound({"value", "nominal"}) && scale.nominal &&
      !(*scale.nominal > scale.factor.value / 2 && *scale.nominal < scale.factor.value * 2)) {
    item.mistake("nominal", fmt::format("{}: nominal {} is not half to twice the calibrated {}: one of them is wrong",
                                        key, number_text(*scale.nominal), number_text(scale.factor.value)));
  }
  return scale;
}

void read_counts(YamlMapping& calibrations, std::string_view key, std::int32_t& low, std::int32_t& high) {
  YamlMapping item = calibrations.mapping(key);
  constexpr std::int64_t kLeast = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  low = static_cast<std::int32_t>(item.whole("min", kLeast, kMost));
  high = static_cast<std::int32_t>(item.whole("max", kLeast, kMost));
  item.done();
  if (item.sound({"min", "max"}) && low >= high) {
    item.mistake("min", fmt::format("min {} is not below max {}", low, high));
  }
}

/// `required: [load-cell, encoder]`: what must be filed with `penrig calibrate`.
void read_required(YamlMapping& item, std::vector<std::string>& required) {
  if (!item.has("required")) return;
  const std::vector<std::string> names = item.texts("required");
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (find_target(names[i]) == nullptr) {
      std::vector<std::string_view> known;
      for (const CalibrationTarget& target : calibration_targets()) known.push_back(target.name);
      const auto meant = did_you_mean(names[i], known);
      item.mistake_at(item.place("required", i),
                      fmt::format("unknown calibration '{}' ({})", shown(names[i]),
                                  meant ? fmt::format("did you mean '{}'?", *meant) : "known: " + target_names()));
    } else if (std::find(required.begin(), required.end(), names[i]) != required.end()) {
      item.mistake_at(item.place("required", i), fmt::format("'{}' is required already", names[i]));
    }
    required.push_back(names[i]);
  }
}

Calibrations read_calibrations(YamlMapping& root, bool simulated) {
  YamlMapping item = root.mapping("calibrations");
  Calibrations c;
  c.head.id = item.text("certificate");
  c.head.date = read_date(item, "date");
  c.head.due = read_date(item, "due");
  if (c.head.date.days > 0 && c.head.due.days > 0 && c.head.due.days <= c.head.date.days) {
    item.mistake("due", fmt::format("due {} is not after date {}", c.head.due.text, c.head.date.text));
  }
  c.fixture_id = item.text("fixture_id");
  c.temperature_c = item.optional_number("temperature_c", {.low = -20, .high = 80});
  const auto scale = [&](std::string_view key, Factor& factor, Factor& ppm_per_k, std::optional<double>& nominal) {
    Scale read = read_scale(item, key, simulated);
    factor = std::move(read.factor);
    ppm_per_k = std::move(read.ppm_per_k);
    nominal = read.nominal;
  };
  scale("position_mm_per_count", c.position_mm_per_count, c.position_ppm_per_k, c.position_nominal_mm_per_count);
  scale("force_n_per_count", c.force_n_per_count, c.force_ppm_per_k, c.force_nominal_n_per_count);
  scale("stage_mm_per_count", c.stage_mm_per_count, c.stage_ppm_per_k, c.stage_nominal_mm_per_count);
  c.time_base_ppm = read_target(item, "time_base_ppm", simulated);
  c.force_delay_us = read_target(item, "force_delay_us", simulated);
  c.tip_um_per_n = read_target(item, "tip_um_per_n", simulated);
  c.frame_um_per_n = read_target(item, "frame_um_per_n", simulated);
  c.cell_um_per_n = read_target(item, "cell_um_per_n", simulated);
  c.reciprocating_mass_g = read_target(item, "reciprocating_mass_g", simulated);
  c.plate_mass_g = read_target(item, "plate_mass_g", simulated);
  const Range& cell_hz = target_of_factor("cell_resonance_hz")->range;
  c.cell_resonance_hz = item.number("cell_resonance_hz", cell_hz);
  c.cell_damping = item.number_or("cell_damping", 0, {.low = 0, .high = kMostCellDamping});
  c.cell_corner_hz = item.number_or("cell_corner_hz", 0, {.low = 0, .high = cell_hz.high});
  if (c.cell_corner_hz > 0 && !lies_in(cell_hz, c.cell_corner_hz)) {
    item.mistake("cell_corner_hz", fmt::format("'cell_corner_hz' must be {}, or 0 for none, not {}",
                                               range_text("cell_corner_hz", cell_hz), number_text(c.cell_corner_hz)));
  }
  if (c.cell_damping > 0 && c.cell_corner_hz > 0)
    item.mistake("cell_corner_hz", "a cell is of first order (cell_corner_hz) or of second (cell_damping), not both");
  Range tilt_um = target_of_factor("tilt_u_um")->range;
  tilt_um.above_low = !simulated;  // nothing real is exactly square
  c.tilt_u_um = item.number("tilt_u_um", tilt_um);
  c.position_sde_um = item.number_or("position_sde_um", 0, kNotNegative);
  c.stage_sde_um = item.number_or("stage_sde_um", 0, kNotNegative);
  c.position_bandwidth_hz = item.number_or("position_bandwidth_hz", 0, kNotNegative);
  read_counts(item, "force_range_counts", c.force_min_counts, c.force_max_counts);
  read_counts(item, "position_range_counts", c.position_min_counts, c.position_max_counts);
  read_required(item, c.required);
  item.done();
  return c;
}

StageDescription read_stage(YamlMapping& root) {
  YamlMapping item = root.mapping("stage");
  StageDescription s;
  s.spot_rows = item.count("spot_rows", 1, 1000);
  s.spot_columns = item.count("spot_columns", 1, 1000);
  s.spot_pitch_mm = item.number("spot_pitch_mm", kPositive);
  s.first_spot_x_mm = item.number("first_spot_x_mm", kStageTravel);
  s.first_spot_y_mm = item.number("first_spot_y_mm", kStageTravel);
  s.plate_x_mm = item.number("plate_x_mm", kStageTravel);
  s.plate_y_mm = item.number("plate_y_mm", kStageTravel);
  s.plate_axial_mm = item.number("plate_axial_mm", kStageTravel);
  s.working_axial_mm = item.number("working_axial_mm", kStageTravel);
  s.withdrawn_axial_mm = item.number("withdrawn_axial_mm", kStageTravel);
  s.axial_max_mm = item.number("axial_max_mm", kStageTravel);
  s.travel_speed_mm_per_s = item.number("travel_speed_mm_per_s", kStageSpeed);
  // A faster touch is not quasi-static (rig/MEASURANDS.md).
  s.touch_speed_mm_per_s = item.number("touch_speed_mm_per_s", {.low = 0.01, .high = 1});
  s.touch_force_n = item.number("touch_force_n", {.low = 0.001, .high = 5});
  s.plate_touch_force_n = item.number("plate_touch_force_n", {.low = 0.001, .high = 5});
  item.done();
  if (item.sound({"withdrawn_axial_mm", "working_axial_mm", "plate_axial_mm"}) &&
      s.withdrawn_axial_mm >= std::min(s.working_axial_mm, s.plate_axial_mm)) {
    item.mistake("withdrawn_axial_mm", fmt::format("withdrawn_axial_mm {} is not clear of the pen: it must lie below "
                                                   "working_axial_mm {} and plate_axial_mm {}",
                                                   number_text(s.withdrawn_axial_mm), number_text(s.working_axial_mm),
                                                   number_text(s.plate_axial_mm)));
  }
  if (item.sound({"axial_max_mm"}) && s.axial_max_mm > -kNoTravelLimitMm && s.axial_max_mm < kNoTravelLimitMm) {
    item.mistake("axial_max_mm",
                 fmt::format("axial_max_mm {} would switch the DAQ's travel limit off (write a limit at "
                             "least 0.001 mm away from 0)",
                             number_text(s.axial_max_mm)));
  } else if (item.sound({"axial_max_mm", "working_axial_mm", "plate_axial_mm"}) &&
             s.axial_max_mm <= std::max(s.working_axial_mm, s.plate_axial_mm)) {
    item.mistake("axial_max_mm", fmt::format("axial_max_mm {} would stop the stage before it reaches "
                                             "working_axial_mm {} or plate_axial_mm {}",
                                             number_text(s.axial_max_mm), number_text(s.working_axial_mm),
                                             number_text(s.plate_axial_mm)));
  }
  return s;
}

/// A pen may be driven over Bluetooth LE; what stands behind the scheme is looked at when the link is opened.
void check_scheme_ble(YamlMapping& slot, std::string_view key) {
  if (key == "pen") return;
  slot.mistake(key, fmt::format("a DAQ streams more than Bluetooth LE carries (write: {}: serial:/dev/ttyUSB0)", key));
}

void check_link(YamlMapping& slot, std::string_view key, const std::string& uri, bool simulated) {
  if (uri.empty() || (simulated && uri == "sim")) return;
  if (uri == "sim") {
    slot.mistake(key, "a link to a simulator stands in a rig that is not simulated (write: simulated: true)");
    return;
  }
  constexpr std::string_view kExample = "serial:/dev/ttyUSB0?baud=3000000";
  const std::size_t colon = uri.find(':');
  if (colon == std::string::npos || colon == 0 || uri[0] == '/') {
    slot.mistake(key,
                 fmt::format("a link is a URI with a scheme, not '{}' (write: {}: {})", shown(uri), key, kExample));
  } else if (uri.substr(0, colon) == "ble") {
    check_scheme_ble(slot, key);
  } else if (uri.substr(0, colon) != "serial") {
    slot.mistake(key, fmt::format("unknown link scheme '{}:' (known: serial:, as in {}, and for a pen ble:)",
                                  shown(uri.substr(0, colon)), kExample));
  } else if (uri.size() == colon + 1 || uri[colon + 1] == '?') {
    slot.mistake(key, fmt::format("'{}' names no port (write: {}: {})", shown(uri), key, kExample));
  }
}

/// The second link of a pen, whose first is no link over BLE then: a pen takes one connection at a time.
void check_second_link(YamlMapping& slot, const std::string& first, const std::string& uri, bool simulated) {
  if (pen_link_of(first) == PenLink::ble) {
    slot.mistake("pen_ble",
                 fmt::format("'{}' is a second link over BLE, and a pen has one (leave pen_ble out, or write "
                             "pen: serial:/dev/...)",
                             shown(uri)));
    return;
  }
  if (uri.empty() || (simulated && uri == "sim") || (uri.starts_with("ble:") && uri.size() > 4)) return;
  slot.mistake("pen_ble", fmt::format("'{}' is no link over BLE (write: pen_ble: ble:name=NAME, or "
                                      "ble:addr=00:11:22:33:44:55; penrig ports --ble lists what is near)",
                                      shown(uri)));
}

std::vector<SlotDescription> read_slots(YamlMapping& root, bool simulated) {
  std::vector<SlotDescription> slots;
  std::vector<std::string> links;
  for (YamlMapping& item : root.mappings("slots")) {
    SlotDescription slot;
    slot.name = item.text("name");
    for (const auto& [key, link, place] :
         {std::tuple{"pen", &slot.pen_link, &slot.pen_place}, std::tuple{"daq", &slot.daq_link, &slot.daq_place}}) {
      const std::vector<std::string> keys = item.keys();
      if (!item.has(key)) {
        const bool misspelt = std::find(keys.begin(), keys.end(), std::string(key) + "_link") != keys.end();
        if (item.present() && !misspelt) {
          item.mistake(
              fmt::format("slot '{}' has no {} link (write: {}: serial:/dev/...)", shown(slot.name), key, key));
        }
        continue;
      }
      *link = item.text(key);
      *place = item.place(key);
      check_link(item, key, *link, simulated);
      const std::string port = link->substr(0, link->find('?'));  // the same port at two rates is still one port
      if (!link->empty() && *link != "sim" && std::find(links.begin(), links.end(), port) != links.end()) {
        item.mistake(key, fmt::format("link '{}' is in use already (each device has a link of its own)", shown(*link)));
      }
      links.push_back(port);
    }
    if (item.has("pen_ble")) {
      slot.pen_ble_link = item.text("pen_ble");
      slot.pen_ble_place = item.place("pen_ble");
      check_second_link(item, slot.pen_link, slot.pen_ble_link, simulated);
    }
    slot.sheet = item.text_or("sheet", "");
    item.done();
    const bool taken = !slot.name.empty() && std::any_of(slots.begin(), slots.end(),
                                                         [&](const auto& other) { return other.name == slot.name; });
    if (taken) item.mistake("name", fmt::format("slot '{}' is there already", shown(slot.name)));
    slots.push_back(std::move(slot));
  }
  return slots;
}

/// Each slot gets its sheet: its own, or the one of a rig that has no more than one slot. A sheet that is changed at
/// one slot must not make those at the others look new.
void read_sheet(YamlMapping& simulant, RigDescription& rig) {
  const bool given = simulant.has("sheet");
  rig.simulant.sheet = simulant.text_or("sheet", rig.simulant.sheet);
  if (given && rig.slots.size() > 1) {
    simulant.mistake("sheet", fmt::format("the rig has {} slots, and each has a sheet of its own (write sheet: in each "
                                          "slot)",
                                          rig.slots.size()));
  }
  for (SlotDescription& slot : rig.slots) {
    if (slot.sheet.empty()) {
      slot.sheet = rig.simulant.sheet;
    } else if (given && rig.slots.size() == 1) {
      simulant.mistake("sheet",
                       fmt::format("slot '{}' names its sheet as well (leave one of them out)", shown(slot.name)));
    }
  }
}

}  // namespace

Loaded<RigDescription> load_rig(std::string_view text, const std::string& file) {
  YamlText yaml(text, file);
  RigDescription rig;
  YamlMapping root = yaml.root();
  rig.name = root.text("name");
  rig.revision = root.count("revision", 1, 1'000'000);
  rig.simulated = root.flag_or("simulated", false);
  if (YamlMapping laboratory = root.mapping_or_none("laboratory"); laboratory.present()) {
    rig.laboratory.name = laboratory.text("name");
    rig.laboratory.address = laboratory.text_or("address", "");
    laboratory.done();
  }
  rig.slots = read_slots(root, rig.simulated);
  rig.stage = read_stage(root);
  YamlMapping simulant = root.mapping("simulant");
  rig.simulant.lot = simulant.text("lot");
  read_sheet(simulant, rig);
  rig.simulant.contact_exponent =
      simulant.number_or("contact_exponent", rig.simulant.contact_exponent, {.low = 1, .high = 3});
  rig.simulant.nominal_stiffness = simulant.number_or("nominal_stiffness", rig.simulant.nominal_stiffness, kPositive);
  simulant.done();
  YamlMapping cartridge = root.mapping("cartridge");
  rig.cartridge_lot = cartridge.text("lot");
  rig.cartridge_needles = cartridge.count("needles", 1, 1000);
  cartridge.done();
  YamlMapping interlocks = root.mapping("interlocks");
  rig.over_force_n = interlocks.number("over_force_n", {.low = 0.1, .high = 100});
  rig.over_depth_mm = interlocks.number("over_depth_mm", {.low = 0.1, .high = 20});
  rig.temperature_min_c = interlocks.number("temperature_min_c", {.low = -20, .high = 80});
  rig.temperature_max_c = interlocks.number("temperature_max_c", {.low = -20, .high = 80});
  interlocks.done();
  if (YamlMapping shared = root.mapping_or_none("shared"); shared.present()) {
    rig.stages_at_once = shared.count("stages_at_once", 1, 1000);
    shared.done();
  }
  if (interlocks.sound({"temperature_min_c", "temperature_max_c"}) && rig.temperature_min_c >= rig.temperature_max_c) {
    interlocks.mistake("temperature_min_c",
                       fmt::format("temperature_min_c {} is not below temperature_max_c {}",
                                   number_text(rig.temperature_min_c), number_text(rig.temperature_max_c)));
  }
  rig.calibrations = read_calibrations(root, rig.simulated);
  root.done();
  return {std::move(rig), yaml.mistakes()};
}

}  // namespace penrig
