#include "reports/study/value_series.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "reports/number_format.hpp"
#include "rig/spec/measurand.hpp"

namespace penrig {
namespace {

constexpr std::array<std::string_view, 6> kValueColumns{"value",   "y",        "measurement_value",
                                                        "reading", "response", "result"};
constexpr std::array<std::string_view, 4> kPenColumns{"pen", "serial_number", "serial", "part"};
constexpr std::array<std::string_view, 4> kGroupColumns{"subgroup", "group", "lot", "slot"};
constexpr std::array<std::string_view, 2> kMeasurementColumns{"measurement", "measurand"};

std::string group_of(const ValuesRun& run, GroupBy group) {
  switch (group) {
    case GroupBy::slot:
      return run.slot;
    case GroupBy::lot:
      return run.cartridge_lot;
    case GroupBy::pen:
      return run.serial_number;
    case GroupBy::day:
      return format_iso8601(run.started_utc_ns).substr(0, 10);
    case GroupBy::none:
      break;
  }
  return "";
}

}  // namespace

void ValueSeries::add(Point point) {
  if (!point.value) {
    ++missing;
    if (point.verdict == Verdict::fail) ++beyond;
  }
  points.push_back(std::move(point));
}

bool ValueSeries::tells() const {
  return std::ranges::any_of(points, [](const Point& p) { return p.value || p.verdict != Verdict::not_judged; });
}

std::vector<double> ValueSeries::values() const {
  std::vector<double> all;
  for (const Point& p : points)
    if (p.value) all.push_back(*p.value);
  return all;
}

bool ValueSeries::varies() const {
  const std::vector<double> all = values();
  return std::ranges::any_of(all, [&](double v) { return v != all.front(); });
}

std::optional<UnequalLimits> unequal_limits(const ValueSeries& s) {
  const ValueSeries::Point* newest = nullptr;
  for (auto p = s.points.rbegin(); p != s.points.rend(); ++p) {
    if (p->verdict == Verdict::not_judged) continue;
    if (newest == nullptr) newest = &*p;
    if (p->limits.lower != newest->limits.lower || p->limits.upper != newest->limits.upper)
      return UnequalLimits{p->label, newest->label, p->limits, newest->limits};
  }
  return std::nullopt;
}

std::string limits_text(const statistics::Tolerance& t) {
  if (!t.lower && !t.upper) return "no limit";
  if (t.lower && t.upper) return fmt::format("{} … {}", format_short(*t.lower), format_short(*t.upper));
  return t.lower ? "≥ " + format_short(*t.lower) : "≤ " + format_short(*t.upper);
}

std::string missing_text(const ValueSeries& s) {
  if (s.missing == 0) return "";
  return fmt::format("{} of {} without a value{}", s.missing, s.points.size(),
                     s.beyond == 0           ? std::string()
                     : s.beyond == s.missing ? ", known to be beyond a limit"
                                             : fmt::format(", {} of them known to be beyond a limit", s.beyond));
}

std::string missing_sentence(std::size_t missing, std::size_t beyond) {
  if (missing == 0) return "";
  return fmt::format(" {} {} missing, {} of them known to be beyond a limit.", missing,
                     missing == 1 ? "value is" : "values are", beyond);
}

std::string series_title(const ValuesKey& key) {
  const MeasurandInfo* info = find_measurand(key.measurand);
  std::string title = info != nullptr ? std::string(info->title) : key.measurand;
  const std::string setting = format_setting(key.depth_mm, key.rate_per_min);
  if (!setting.empty()) title += ", " + setting;
  if (key.link) title += fmt::format(", {}", name_of(*key.link));
  if (key.occurrence > 1) title += fmt::format(" (no. {})", key.occurrence);
  return title;
}

std::string name_of(const ValuesKey& key) {
  std::string name = key.measurand;
  char before = '@';
  const auto add = [&](const std::string& part) {
    name += before + part;
    before = ',';
  };
  if (key.depth_mm) add(fmt::format("depth_mm={}", *key.depth_mm));
  if (key.rate_per_min) add(fmt::format("rate_per_min={}", *key.rate_per_min));
  if (key.link) add(fmt::format("link={}", name_of(*key.link)));
  if (key.occurrence > 1) add(fmt::format("no={}", key.occurrence));
  return name;
}

std::vector<ValueSeries> series_of(const MeasuredValues& values, GroupBy group) {
  std::vector<ValueSeries> all;
  for (std::size_t k = 0; k < values.keys.size(); ++k) {
    ValueSeries s;
    s.title = series_title(values.keys[k]);
    s.key = name_of(values.keys[k]);
    s.unit = values.keys[k].unit;
    std::map<std::size_t, const MeasuredValue*> by_run;
    for (const MeasuredValue& v : values.values[k]) by_run[v.run] = &v;
    for (std::size_t r = 0; r < values.runs.size(); ++r) {
      const ValuesRun& run = values.runs[r];
      const auto found = by_run.find(r);
      const MeasuredValue* v = found == by_run.end() ? nullptr : found->second;
      s.add({run.run_id, run.serial_number, group_of(run, group), v == nullptr ? std::nullopt : v->value,
             v == nullptr ? Verdict::not_judged : v->verdict,
             fmt::format("{} {} {}", run.firmware, run.plan_revision, run.product_revision)});
      if (v == nullptr || v->verdict == Verdict::not_judged) continue;
      s.tolerance = s.points.back().limits = {v->lower, v->upper};
    }
    if (unequal_limits(s)) s.note = "limits differ between runs; those of the newest count";
    if (s.tells()) all.push_back(std::move(s));
  }
  return all;
}

Loaded<std::vector<ValueSeries>> series_of(const ValueTable& table, const SeriesColumns& columns,
                                           const std::string& unit) {
  Loaded<std::vector<ValueSeries>> loaded;
  const auto value = table.column(columns.value, kValueColumns, "--value", loaded.mistakes);
  const auto pen = table.optional_column(columns.pen, kPenColumns, "--pen", loaded.mistakes);
  const auto group = table.optional_column(columns.group, kGroupColumns, "--group", loaded.mistakes);
  const auto measurement =
      table.optional_column(columns.measurement, kMeasurementColumns, "--measurement", loaded.mistakes);
  if (!loaded.ok()) return loaded;
  std::map<std::string, std::size_t, std::less<>> places;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string name =
        measurement && measurement != value ? std::string(table.text(row, *measurement)) : table.names()[*value];
    const auto [at, fresh] = places.emplace(name, loaded.value.size());
    if (fresh) {
      loaded.value.emplace_back();
      loaded.value.back().title = loaded.value.back().key = name;
      loaded.value.back().unit = unit;
    }
    ValueSeries& s = loaded.value[at->second];
    s.add({std::to_string(row + 1), pen ? std::string(table.text(row, *pen)) : "",
           group ? std::string(table.text(row, *group)) : "", table.number(row, *value, loaded.mistakes),
           Verdict::not_judged, ""});
  }
  return loaded;
}

std::vector<std::vector<double>> subgroups_of(const ValueSeries& series, std::size_t size) {
  std::vector<std::vector<double>> groups;
  const std::string* last = nullptr;
  for (const ValueSeries::Point& p : series.points) {
    if (!p.value) continue;
    const bool grouped = !p.group.empty();
    const bool goes_on =
        size > 1 ? !groups.empty() && groups.back().size() < size : grouped && last != nullptr && *last == p.group;
    if (!goes_on) groups.emplace_back();
    groups.back().push_back(*p.value);
    last = &p.group;
  }
  return groups;
}

std::vector<std::vector<double>> whole_subgroups_of(const ValueSeries& series, std::size_t size) {
  std::vector<std::vector<double>> groups = subgroups_of(series, size);
  if (size > 1 && !groups.empty() && groups.back().size() < size) groups.pop_back();
  return groups;
}

}  // namespace penrig
