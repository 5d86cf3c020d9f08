#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "reports/number_format.hpp"
#include "reports/station/station.hpp"
#include "reports/station/station_json.hpp"
#include "reports/store/measured_values.hpp"
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
    Json one = json_of(run);
    one["least"] = point.least;
    one["greatest"] = point.greatest;
    one["mean"] = point.sum / static_cast<double>(point.n);
    one["verdict"] = judged ? Json(name_of(point.verdict)) : Json(nullptr);
    json["points"].push_back(std::move(one));
  }
  return json_response(json);
}

}  // namespace

Station::Answer Station::trend(const Call& call) {
  Asked what;
  what.rig = parts_.rig.rig_name();
  const auto measurand = measurand_asked(call.request);
  if (!measurand) return {error_response(measurand.error())};
  what.measurand = *measurand;
  what.product = asked(call.request, "product");
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

}  // namespace penrig::station
