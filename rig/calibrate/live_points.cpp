#include "rig/calibrate/live_points.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "rig/measure/statistics.hpp"
#include "rig/spec/key_unit.hpp"
#include "rig/spec/yaml_reader.hpp"

namespace penrig {
namespace {

constexpr std::size_t kParts = 10;
constexpr double kShareOfInterlock = 0.8;  ///< where nobody says otherwise
constexpr double kMostOfInterlock = 0.95;  ///< noise and a hand that is not quite still must not trip it
constexpr double kClearOfPenMm = 3;        ///< more than any needle is out where the pen did not park
constexpr double kLeastStageMm = 1;

/// Crank angles that divide the stroke of a long rod into ten about equal parts.
constexpr std::array<double, 11> kCrankDeg = {0, 37, 53, 66, 78, 90, 102, 114, 127, 143, 180};

std::string value_text(double value, std::string_view column) {
  return fmt::format("{} {}", number_text(value), unit_of_key(column).unit);
}

std::string first_column(CalibrationKind kind) { return live_columns(kind).front(); }

}  // namespace

std::string why_not_live(const CalibrationTarget& target) {
  switch (target.kind) {
    case CalibrationKind::load_cell:
    case CalibrationKind::encoder:
    case CalibrationKind::time_base:
      return "";
    case CalibrationKind::delay:
      return "nothing on the rig moves force and position together at a known phase: drop a ball or drive a shaker, "
             "take the lag from a capture, and write it into a file";
    case CalibrationKind::cell_response:
      return "nothing on the rig shakes the cell with a known force: drive a shaker or an impact hammer, and write "
             "gain "
             "and phase into a file";
    case CalibrationKind::compliance:
      return "the rig has no indicator for what bends: press with known forces, read a dial or laser indicator, and "
             "write both into a file";
    case CalibrationKind::inertia:
      return "the load cell lies under the simulant, so an empty stroke puts no force on it: weigh the parts, or shake "
             "them, and write acceleration and force into a file";
    case CalibrationKind::tilt:
      break;
  }
  return "the rig cannot tell a plate that is out of square from a stage that runs out of square: go over the plate "
         "with "
         "an indicator, and write heights into a file";
}

std::vector<std::string> live_columns(CalibrationKind kind) {
  switch (kind) {
    case CalibrationKind::load_cell:
      return {"force_n", "reading_counts", "time_s"};
    case CalibrationKind::encoder:
      return {"position_mm", "reading_counts", "time_s"};
    default:
      return {"reference_s", "device_s"};
  }
}

std::vector<PlannedPoint> up_and_down(const std::vector<PlannedPoint>& values, unsigned rounds,
                                      const CalibrationTarget& target) {
  const bool turns = target.name == "encoder";
  std::vector<PlannedPoint> all;
  for (unsigned r = 0; r < rounds; ++r) {
    for (std::size_t i = r == 0 ? 0 : 1; i < values.size(); ++i) {
      all.push_back(values[i]);
      all.back().direction = 1;
    }
    for (std::size_t i = values.size() - 1; i-- > 0;) {
      all.push_back(values[i]);
      all.back().direction = -1;
      if (turns) all.back().drive_to = 360 - values[i].drive_to;
    }
  }
  return all;
}

Result<std::vector<PlannedPoint>> default_plan(const CalibrationTarget& target, const RigDescription& rig) {
  std::vector<PlannedPoint> points;
  constexpr int kSteps = 10;
  if (target.kind == CalibrationKind::load_cell) {
    // Steps that a person can read: two digits.
    double unit = 1e-3;
    const double raw = kShareOfInterlock * rig.over_force_n / kSteps;
    while (raw / unit >= 100) unit *= 10;
    const double step = std::floor(raw / unit) * unit;
    if (!(step > 0)) return fail(Errc::usage, "the rig's over_force_n leaves no room for ten forces (write --at)");
    for (int i = 0; i <= kSteps; ++i) points.push_back({std::round(i * step * 1e6) / 1e6, 0, "", 0});
  } else if (target.name == "encoder") {
    for (const double deg : kCrankDeg) points.push_back({std::nullopt, 0, "", deg});
  } else {
    const StageDescription& s = rig.stage;
    const double end = std::min(s.plate_axial_mm, s.working_axial_mm) - kClearOfPenMm;
    if (!(end - s.withdrawn_axial_mm >= kLeastStageMm)) {
      return fail(Errc::usage,
                  fmt::format("the stage of rig '{}' has only {:.2f} mm between its safe position and 3 mm "
                              "before anything can touch: take the points by hand, and write --points FILE",
                              rig.name, end - s.withdrawn_axial_mm));
    }
    for (int i = 0; i <= kSteps; ++i) {
      points.push_back({std::nullopt, 0, "", s.withdrawn_axial_mm + (end - s.withdrawn_axial_mm) * i / kSteps});
    }
  }
  return points;
}

Result<std::vector<PlannedPoint>> plan_of_values(const std::vector<double>& values) {
  std::vector<PlannedPoint> points;
  for (const double value : values) {
    if (!points.empty() && !(value > *points.back().applied)) {
      return fail(Errc::usage,
                  fmt::format("{} does not come after {}: write rising values, the program goes down again "
                              "by itself",
                              number_text(value), number_text(*points.back().applied)));
    }
    points.push_back({value, 0, "", 0});
  }
  if (points.size() < 3) return fail(Errc::usage, "a slope with its uncertainty needs at least three values");
  return points;
}

Loaded<std::vector<PlannedPoint>> load_standards(std::string_view text, const std::string& file, CalibrationKind kind) {
  YamlText yaml(text, file);
  Loaded<std::vector<PlannedPoint>> loaded;
  const std::string column = first_column(kind);
  YamlMapping root = yaml.root();
  std::vector<YamlMapping> items = root.mappings("standards");
  root.done();
  for (YamlMapping& item : items) {
    const double value = item.number(column);
    const std::string what = item.text_or("do", "");
    item.done();
    if (!loaded.value.empty() && item.sound({column}) && !(value > *loaded.value.back().applied)) {
      item.mistake(column, "values rise from one to the next; the program goes down again by itself");
    }
    loaded.value.push_back({value, 0, what, 0});
  }
  if (yaml.mistakes().empty() && loaded.value.size() < 3) {
    yaml.mistake(root.place("standards"), "a slope with its uncertainty needs at least three values");
  }
  loaded.mistakes = yaml.mistakes();
  return loaded;
}

Result<void> check_applied(double applied, const CalibrationTarget& target, const RigDescription& rig) {
  if (target.kind != CalibrationKind::load_cell) return {};
  const double most = kMostOfInterlock * rig.over_force_n;
  if (std::abs(applied) <= most) return {};
  return fail(Errc::usage,
              fmt::format("{} is more than the force interlock of rig '{}' lets stand ({:g} N of its {:g} N)",
                          value_text(applied, "force_n"), rig.name, most, rig.over_force_n));
}

SteadyLimits steady_limits(const CalibrationTarget& target, const RigDescription& rig) {
  const Calibrations& c = rig.calibrations;
  if (target.kind == CalibrationKind::load_cell) {
    const double range =
        std::min(std::abs(static_cast<double>(c.force_min_counts)), std::abs(static_cast<double>(c.force_max_counts)));
    return {0.005 * range, 0.0002 * range};
  }
  const double per_mm = 1 / factor_of(c, target).value;
  return {0.010 * per_mm, 0.001 * per_mm};
}

Result<SteadyReading> steady_reading(std::span<const std::int32_t> counts, const SteadyLimits& limits,
                                     double range_counts) {
  constexpr std::size_t kLeast = 100;
  if (counts.size() < kLeast) return fail(Errc::bad_data, "fewer than a hundred samples: no reading");
  SteadyReading r;
  r.samples = counts.size();
  double low = 0, high = 0, squares = 0;
  std::vector<double> part;
  for (std::size_t p = 0; p < kParts; ++p) {
    const std::size_t from = counts.size() * p / kParts, to = counts.size() * (p + 1) / kParts;
    part.assign(counts.begin() + static_cast<std::ptrdiff_t>(from), counts.begin() + static_cast<std::ptrdiff_t>(to));
    const Spread s = spread_of(part);
    low = p == 0 ? s.mean : std::min(low, s.mean);
    high = p == 0 ? s.mean : std::max(high, s.mean);
    squares += s.sd * s.sd * static_cast<double>(part.size() - 1);
  }
  part.assign(counts.begin(), counts.end());
  r.mean = spread_of(part).mean;
  r.sd = std::sqrt(squares / static_cast<double>(counts.size() - kParts));
  r.moved = high - low;
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
  if (range_counts > 0 && (*most >= range_counts || *least <= -range_counts)) {
    return fail(Errc::not_determined, fmt::format("the reading is at the end of its range ({} counts)",
                                                  *most >= range_counts ? *most : *least));
  }
  // Written so that what is not a number is no rest.
  if (!(r.moved <= limits.moved_max)) {
    return fail(
        Errc::not_determined,
        fmt::format("the reading moves: its tenths differ by {:.1f} counts, at most {:.1f} is rest (let it come "
                    "to rest)",
                    r.moved, limits.moved_max));
  }
  if (!(r.sd <= limits.sd_max)) {
    return fail(Errc::not_determined,
                fmt::format("the reading is noisy: sd {:.1f} counts, at most {:.1f} is quiet (look "
                            "for vibration, draught and cables)",
                            r.sd, limits.sd_max));
  }
  return r;
}

Result<void> follows_reference(const std::vector<LivePoint>& before, const LivePoint& point,
                               const CalibrationTarget& target) {
  if (before.empty()) return {};
  const double first = before.front().values[0], expected = point.values[0] - first;
  double largest = std::abs(expected);
  for (const LivePoint& p : before) largest = std::max(largest, std::abs(p.values[0] - first));
  // Written so that what is not a number does not follow.
  if (std::abs(point.by_description - expected) <= 0.5 * std::abs(expected) + 0.02 * largest) return {};
  const std::string_view unit = unit_of_key(first_column(target.kind)).unit;
  return fail(Errc::not_determined,
              fmt::format("the reading went by {:.4f} {} since the first point, by the description's factor, and the "
                          "reference by {:.4f} {} (is the value on, are its unit and sign right?)",
                          point.by_description, unit, expected, unit));
}

std::string points_csv(CalibrationKind kind, const std::vector<std::string>& remarks,
                       const std::vector<LivePoint>& points) {
  std::string text;
  for (const std::string& remark : remarks) text += "# " + remark + "\n";
  const std::vector<std::string> columns = live_columns(kind);
  const bool directed = std::ranges::any_of(points, [](const LivePoint& p) { return p.direction != 0; });
  for (const std::string& column : columns) text += (column == columns.front() ? "" : ",") + column;
  text += directed ? ",direction\n" : "\n";
  for (const LivePoint& p : points) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      // Shortest text that reads back as the same number: what is evaluated is what stands on disk.
      text += (i == 0 ? "" : ",") + fmt::format("{}", p.values[i]);
    }
    text += directed ? (p.direction > 0 ? ",up\n" : ",down\n") : "\n";
  }
  return text;
}

}  // namespace penrig
