#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

#include "reports/station/station.hpp"
#include "reports/station/station_json.hpp"
#include "reports/store/measured_values.hpp"
#include "reports/study/chart_report.hpp"
#include "rig/spec/measurand.hpp"

namespace penrig::station {
namespace {

using Json = nlohmann::ordered_json;

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

/// What the points that are told say without a value: FAIL where one is known to be beyond a limit, INDETERMINATE where
/// another has none. A value that a reference never had says the same of a row without a chart.
Verdict lacking(const ChartRow& row, std::size_t from) {
  Verdict state = row.departed ? Verdict::fail : Verdict::pass;
  bool told = from == 0;
  for (const ValueSeries::Point& point : row.series.points) {
    told = told || point.label == row.labels[from];
    if (told && !point.value)
      state = worst(state, point.verdict == Verdict::fail ? Verdict::fail : Verdict::indeterminate);
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
  const std::size_t from = row.labels.size() > what.newest ? row.labels.size() - what.newest : 0;
  const Verdict without_value = lacking(row, from);
  if (!row.chart) {
    json["why_not"] = row.why_not;
    if (without_value == Verdict::fail) json["state"] = control_word(without_value);
    return json_response(json);
  }
  json["state"] = control_word(worst(state_of(*row.chart, from, demand.reference), without_value));
  json["frozen"] = demand.reference > 0;
  std::map<std::string_view, const ValuesRun*> runs;
  for (const ValuesRun& run : found->runs) runs[run.run_id] = &run;
  for (std::size_t i = from; i < row.labels.size(); ++i) json["points"].push_back(json_of(*runs.at(row.labels[i])));
  json["chart"] = chart_row_json(row, from);
  return json_response(json);
}

}  // namespace

Station::Answer Station::chart(const Call& call) {
  ChartAsked what;
  what.rig = parts_.rig.rig_name();
  what.plan = asked(call.request, "plan");
  const auto measurand = measurand_asked(call.request);
  if (!measurand) return {error_response(measurand.error())};
  what.measurand = *measurand;
  what.measurement = asked(call.request, "measurement");
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
