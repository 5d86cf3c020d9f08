#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/number_format.hpp"
#include "reports/station/station.hpp"
#include "reports/station/station_json.hpp"
#include "reports/store/measured_values.hpp"
#include "reports/study/chart_report.hpp"
#include "reports/study/run_selection.hpp"
#include "rig/spec/measurand.hpp"

namespace penrig::station {
namespace {

using Json = nlohmann::ordered_json;

struct Asked {
  std::string measurand, product, rig;
  std::size_t newest = 100;
  std::optional<double> depth_mm, rate_per_min;
};

/// What one run has of it, over the settings that were asked for.
struct Point {
  double least = std::numeric_limits<double>::infinity(), greatest = -std::numeric_limits<double>::infinity(), sum = 0;
  std::size_t n = 0;
  Verdict verdict = Verdict::not_judged;
};

/// The limits that hold for everything shown: the same everywhere, or none.
struct Common {
  std::optional<double> lower, upper;
  bool first = true, differ = false;
  void take(const MeasuredValue& value) {
    differ = differ || (!first && (lower != value.lower || upper != value.upper));
    if (first) lower = value.lower, upper = value.upper;
    first = false;
  }
};

Json run_json(const ValuesRun& run) {
  return {
      {"run", run.run_id}, {"serial_number", run.serial_number}, {"started_utc", format_iso8601(run.started_utc_ns)}};
}

Response trend_of(RecordStore& store, const Asked& what) {
  auto all = runs_to_study(store.folder(), {});
  if (!all) return error_response(all.error());
  std::vector<ValuesRun> chosen;
  for (ValuesRun& run : *all) {
    if (run.voided || !run.closed || run.rig_name != what.rig) continue;
    if (!what.product.empty() && run.product_name != what.product) continue;
    chosen.push_back(std::move(run));
  }
  if (chosen.size() > what.newest)
    chosen.erase(chosen.begin(), chosen.end() - static_cast<std::ptrdiff_t>(what.newest));
  const auto found = values_to_study(store.folder(), {}, std::move(chosen), what.measurand);
  if (!found) return error_response(found.error());
  std::map<std::size_t, Point> points;
  std::set<std::pair<std::optional<double>, std::optional<double>>> settings;
  Common limits;
  for (std::size_t k = 0; k < found->keys.size(); ++k) {
    const ValuesKey& key = found->keys[k];
    if (key.depth_mm || key.rate_per_min) settings.insert({key.depth_mm, key.rate_per_min});
    if ((what.depth_mm && key.depth_mm != what.depth_mm) ||
        (what.rate_per_min && key.rate_per_min != what.rate_per_min))
      continue;
    for (const MeasuredValue& value : found->values[k]) {
      if (!value.value) continue;
      Point& point = points[value.run];
      point.least = std::min(point.least, *value.value);
      point.greatest = std::max(point.greatest, *value.value);
      point.sum += *value.value;
      ++point.n;
      point.verdict = worst(point.verdict, value.verdict);
      limits.take(value);
    }
  }
  Json json{{"measurand", what.measurand}, {"unit", find_measurand(what.measurand)->unit}};
  json["lower"] = limits.differ ? Json(nullptr) : number_or_null(limits.lower);
  json["upper"] = limits.differ ? Json(nullptr) : number_or_null(limits.upper);
  json["settings"] = Json::array();
  for (const auto& [depth, rate] : settings)
    json["settings"].push_back({{"depth_mm", number_or_null(depth)}, {"rate_per_min", number_or_null(rate)}});
  json["points"] = Json::array();
  for (const auto& [index, point] : points) {
    const ValuesRun& run = found->runs[index];
    const bool judged = point.verdict != Verdict::not_judged;
    Json one = run_json(run);
    one["least"] = point.least;
    one["greatest"] = point.greatest;
    one["mean"] = point.sum / static_cast<double>(point.n);
    one["verdict"] = judged ? Json(name_of(point.verdict)) : Json(nullptr);
    json["points"].push_back(std::move(one));
  }
  return json_response(json);
}

struct ChartAsked {
  std::string measurand, measurement, plan, rig;
  std::size_t newest = 120, reference = 25;
  ChartDemand demand;
};

/// Those of the plan's runs on this rig that are like the newest: of the same revisions, and simulated or not as it is.
std::vector<ValuesRun> like_the_newest(const std::vector<ValuesRun>& all, const ChartAsked& what) {
  std::vector<ValuesRun> runs;
  const auto of_plan = [&](const ValuesRun& run) {
    return run.plan_name == what.plan && run.rig_name == what.rig && run.closed && !run.voided &&
           run.verdict < Verdict::aborted;
  };
  const auto newest = std::find_if(all.rbegin(), all.rend(), of_plan);
  if (newest == all.rend()) return runs;
  std::copy_if(all.begin(), all.end(), std::back_inserter(runs), [&](const ValuesRun& run) {
    return of_plan(run) && run.plan_revision == newest->plan_revision && run.product_name == newest->product_name &&
           run.product_revision == newest->product_revision && run.simulated == newest->simulated;
  });
  return runs;
}

/// What all runs of a chart have in common.
Json like_json(const ValuesRun& run) {
  return {{"plan_revision", run.plan_revision},
          {"product", run.product_name},
          {"product_revision", run.product_revision},
          {"simulated", run.simulated}};
}

/// By the signals at a point from `from` on: FAIL where one lies behind the reference, INDETERMINATE where all lie in
/// it.
Verdict state_of(const statistics::ControlChart& chart, std::size_t from, std::size_t reference) {
  Verdict state = Verdict::pass;
  for (const statistics::ChartSeries& series : chart.series) {
    for (const statistics::ChartSignal& signal : series.signals) {
      if (signal.point < from) continue;
      state = worst(state, signal.point < reference ? Verdict::indeterminate : Verdict::fail);
    }
  }
  return state;
}

/// The limits are frozen by the first runs of the plan's revision, once there are more than those: a process that
/// drifts does not take them along.
Response chart_of(RecordStore& store, const ChartAsked& what) {
  const auto all = runs_to_study(store.folder(), {});
  if (!all) return error_response(all.error());
  const auto found = values_to_study(store.folder(), {}, like_the_newest(*all, what), what.measurand);
  if (!found) return error_response(found.error());
  std::vector<ValueSeries> series = series_of(*found, GroupBy::none);
  Json json{{"plan", what.plan},
            {"of", found->runs.empty() ? Json(nullptr) : like_json(found->runs.back())},
            {"measurand", what.measurand},
            {"unit", find_measurand(what.measurand)->unit},
            {"measurements", Json::array()},
            {"measurement", nullptr},
            {"state", nullptr},
            {"why_not", nullptr},
            {"frozen", false},
            {"rules", what.demand.options.rules.name},
            {"points", Json::array()},
            {"chart", nullptr}};
  for (const ValueSeries& one : series) {
    const auto key =
        std::find_if(found->keys.begin(), found->keys.end(), [&](const ValuesKey& k) { return name_of(k) == one.key; });
    json["measurements"].push_back({{"measurement", one.key},
                                    {"depth_mm", number_or_null(key->depth_mm)},
                                    {"rate_per_min", number_or_null(key->rate_per_min)},
                                    {"link", key->link ? Json(name_of(*key->link)) : Json(nullptr)},
                                    {"occurrence", key->occurrence}});
  }
  if (!what.measurement.empty()) std::erase_if(series, [&](const auto& one) { return one.key != what.measurement; });
  if (series.empty() && !what.measurement.empty())
    return error_response(422, "usage", "measurement is none that runs of this plan have");
  if (series.empty()) return json_response(json);
  series.resize(1);
  ChartDemand demand = what.demand;
  const std::size_t groups = whole_subgroups_of(series.front(), demand.subgroup).size();
  demand.reference = groups > what.reference ? what.reference : 0;
  const ChartReport report = chart_report("", std::move(series), demand);
  const ChartRow& row = report.rows.front();
  json["measurement"] = row.series.key;
  if (!row.chart) {
    json["why_not"] = row.why_not;
    return json_response(json);
  }
  const std::size_t from = row.labels.size() > what.newest ? row.labels.size() - what.newest : 0;
  json["state"] = control_word(state_of(*row.chart, from, demand.reference));
  json["frozen"] = demand.reference > 0;
  std::map<std::string_view, const ValuesRun*> runs;
  for (const ValuesRun& run : found->runs) runs[run.run_id] = &run;
  for (std::size_t i = from; i < row.labels.size(); ++i) json["points"].push_back(run_json(*runs.at(row.labels[i])));
  json["chart"] = chart_row_json(row, from);
  return json_response(json);
}

Result<std::optional<double>> number_asked(const Request& request, const char* name) {
  const std::string text = asked(request, name);
  if (text.empty()) return std::optional<double>();
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stopped != end) return fail(Errc::usage, fmt::format("{} is no number", name));
  return std::optional(number);
}

}  // namespace

Station::Answer Station::trend(const Call& call) {
  Asked what;
  what.rig = parts_.rig.rig_name();
  what.measurand = asked(call.request, "measurand");
  what.product = asked(call.request, "product");
  if (find_measurand(what.measurand) == nullptr)
    return {error_response(422, "usage", "measurand is none that is known")};
  const auto newest = whole_asked(call.request, "limit", 100, 1, kRunsToldAtMost);
  if (!newest) return {error_response(newest.error())};
  what.newest = *newest;
  for (const auto& [name, into] : {std::pair{"depth_mm", &what.depth_mm}, {"rate_per_min", &what.rate_per_min}}) {
    const auto number = number_asked(call.request, name);
    if (!number) return {error_response(number.error())};
    *into = *number;
  }
  return later([what, &store = parts_.records] { return trend_of(store, what); });
}

Station::Answer Station::chart(const Call& call) {
  ChartAsked what;
  what.rig = parts_.rig.rig_name();
  what.plan = asked(call.request, "plan");
  what.measurand = asked(call.request, "measurand");
  what.measurement = asked(call.request, "measurement");
  if (find_measurand(what.measurand) == nullptr)
    return {error_response(422, "usage", "measurand is none that is known")};
  if (what.plan.empty()) return {error_response(422, "usage", "plan is missing: a chart is of the runs of one plan")};
  for (const auto& [name, into, at_least, at_most] : {std::tuple{"limit", &what.newest, 1UL, kRunsToldAtMost},
                                                      {"reference", &what.reference, 10UL, 100'000UL},
                                                      {"subgroup", &what.demand.subgroup, 1UL, 25UL}}) {
    const auto number = whole_asked(call.request, name, *into, at_least, at_most);
    if (!number) return {error_response(number.error())};
    *into = *number;
  }
  if (const std::string kind = asked(call.request, "chart"); !kind.empty()) {
    what.demand.kind = chart_kind_named(kind);
    if (!what.demand.kind)
      return {error_response(422, "usage", "chart is none of i-mr, xbar-r, xbar-s, ewma and cusum")};
  }
  if (const std::string word = asked(call.request, "rules"); !word.empty()) {
    const auto rules = rules_named(word);
    if (!rules) return {error_response(422, "usage", "rules are none of western, nelson and limits")};
    what.demand.options.rules = *rules;
  }
  return later([what, &store = parts_.records] { return chart_of(store, what); });
}

}  // namespace penrig::station
