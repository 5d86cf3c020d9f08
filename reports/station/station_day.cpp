#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/day_length.hpp"
#include "reports/number_format.hpp"
#include "reports/station/station.hpp"
#include "reports/station/station_json.hpp"
#include "reports/store/measured_values.hpp"
#include "reports/store/record_log.hpp"
#include "reports/study/yield_report.hpp"
#include "rig/spec/civil_date.hpp"

namespace penrig::station {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::int64_t kBarMinutes = 30, kBarNs = kBarMinutes * 60'000'000'000;

/// A day's begin, from the query's `date`, else today's, UTC. Errc::usage: no such day.
Result<std::int64_t> day_of(const Request& request, std::int64_t now_utc_ns) {
  const std::string text = asked(request, "date");
  if (text.empty()) return date_of_utc(now_utc_ns).days * kDayNs;
  const auto date = parse_date(text);
  if (!date) return fail(Errc::usage, "date is no day, as 2026-01-31");
  return date->days * kDayNs;
}

Json share_json(const Share& share) {
  Json json{{"k", share.hits}, {"n", share.of}};
  if (share.of == 0) return json;
  json["share"] = share.value();
  json["low"] = share.interval().low;
  json["high"] = share.interval().high;
  return json;
}

/// The quantile of the times between two starts, s; none for fewer than two.
Json takt_json(std::vector<std::int64_t> starts_ns, double quantile) {
  if (starts_ns.size() < 2) return nullptr;
  std::ranges::sort(starts_ns);
  std::vector<std::int64_t> between;
  for (std::size_t i = 1; i < starts_ns.size(); ++i) between.push_back(starts_ns[i] - starts_ns[i - 1]);
  const auto at = std::lround(static_cast<double>(between.size() - 1) * quantile);
  std::ranges::nth_element(between, between.begin() + at);
  return static_cast<double>(between[static_cast<std::size_t>(at)]) * 1e-9;
}

/// Runs in stretches of half an hour, from the first to the last.
Json by_time_json(const std::vector<std::int64_t>& starts_ns) {
  std::map<std::int64_t, std::uint64_t> bars;
  for (const std::int64_t start : starts_ns) ++bars[start / kBarNs];
  Json json = Json::array();
  if (bars.empty()) return json;
  for (std::int64_t bar = bars.begin()->first; bar <= bars.rbegin()->first; ++bar) {
    const auto there = bars.find(bar);
    json.push_back({{"from_utc", format_iso8601(bar * kBarNs)},
                    {"minutes", kBarMinutes},
                    {"runs", there == bars.end() ? 0 : there->second}});
  }
  return json;
}

struct Targets {
  std::optional<double> takt_s, yield;
};

Response today_of(RecordStore& store, const std::string& rig, std::int64_t begin_ns, const Targets& targets) {
  RunFilter filter;
  filter.since_utc_ns = begin_ns;
  filter.before_utc_ns = begin_ns + kDayNs;
  const auto rows = store.list_runs(filter);
  if (!rows) return error_response(rows.error());
  std::map<std::string, std::uint64_t> verdicts;
  std::vector<ValuesRun> runs_today;
  std::vector<std::int64_t> starts_ns;
  for (const RunRow& row : *rows) {
    if (row.running || row.voided || row.rig_name != rig) continue;
    starts_ns.push_back(row.started_utc_ns);
    ++verdicts[verdict_word(row)];
    ValuesRun run;
    run.run_id = row.run_id;
    run.serial_number = row.serial_number;
    run.slot = row.slot;
    run.started_utc_ns = row.started_utc_ns;
    run.closed = row.closed;
    run.verdict = row.verdict;
    runs_today.push_back(std::move(run));
  }
  const auto causes = causes_of(store, runs_today);
  if (!causes) return error_response(causes.error());
  const YieldReport yield = yield_report("", runs_today, *causes);
  const std::size_t runs = starts_ns.size();
  const Json since =
      runs == 0 ? Json(nullptr) : Json(format_iso8601(*std::min_element(starts_ns.begin(), starts_ns.end())));
  return json_response({{"date", format_iso8601(begin_ns).substr(0, 10)},
                        {"since_utc", since},
                        {"runs", runs},
                        {"verdicts", verdicts},
                        {"first_pass_yield", share_json(yield.first_pass)},
                        {"yield_target", number_or_null(targets.yield)},
                        {"pareto", decided_json(yield)},
                        {"takt_s", takt_json(starts_ns, 0.5)},
                        {"takt_p90_s", takt_json(starts_ns, 0.9)},
                        {"takt_target_s", number_or_null(targets.takt_s)},
                        {"by_time", by_time_json(starts_ns)}});
}

/// The last time that each slot's golden pen was judged, by the plans that demand it.
Result<std::vector<Json>> golden_json(RecordStore& store, const std::vector<OfferedPlan>& plans,
                                      const std::vector<std::string>& slots, const std::string& rig) {
  std::vector<Json> golden;
  std::map<std::string, double> demanded;  // the shortest time that any plan asks for
  for (const OfferedPlan& plan : plans) {
    if (plan.golden_plan.empty()) continue;
    const auto [entry, is_new] = demanded.try_emplace(plan.golden_plan, plan.golden_within_h);
    entry->second = std::min(entry->second, plan.golden_within_h);
  }
  for (const auto& [plan, within_h] : demanded) {
    RunFilter filter;
    filter.plan_name = plan;
    const auto rows = store.list_runs(filter);
    if (!rows) return rows.error();
    for (const std::string& slot : slots) {
      Json check{{"slot", slot}, {"plan", plan}, {"last_utc", nullptr}, {"verdict", nullptr}, {"due_utc", nullptr}};
      for (const RunRow& row : *rows) {
        const bool judged =
            row.verdict == Verdict::pass || row.verdict == Verdict::fail || row.verdict == Verdict::indeterminate;
        if (!row.closed || !judged || row.voided || row.rig_name != rig || row.slot != slot) continue;
        check["last_utc"] = format_iso8601(row.started_utc_ns);
        check["verdict"] = name_of(row.verdict);
        const auto within_ns = static_cast<std::int64_t>(within_h * 3600e9);
        check["due_utc"] =
            row.verdict == Verdict::pass ? Json(format_iso8601(row.started_utc_ns + within_ns)) : Json(nullptr);
      }
      golden.push_back(std::move(check));
    }
  }
  return golden;
}

}  // namespace

Station::Answer Station::today(const Call& call) {
  const auto day = day_of(call.request, parts_.timeline.utc_ns(call.now));
  if (!day) return {error_response(day.error())};
  const Targets targets{parts_.takt_target_s, parts_.yield_target};
  return later([begin_ns = *day, rig = parts_.rig.rig_name(), targets, &store = parts_.records] {
    return today_of(store, rig, begin_ns, targets);
  });
}

Station::Answer Station::maintenance() {
  const std::int64_t today_days = date_of_utc(parts_.timeline.utc_ns(parts_.timeline.now())).days;
  std::vector<std::string> slots;
  for (const SlotStatus& status : parts_.rig.slots()) slots.push_back(status.slot);
  const Json bench = bench_json(parts_.rig.bench());
  return later(
      [today_days, slots, bench, plans = parts_.rig.plans(), rig = parts_.rig.rig_name(), &store = parts_.records] {
        const auto filed = store.list_calibrations();
        if (!filed) return error_response(filed.error());
        const auto golden = golden_json(store, plans, slots, rig);
        if (!golden) return error_response(golden.error());
        Json calibrations = Json::array();
        for (const Calibration& c : *filed) {
          calibrations.push_back({{"id", c.id},
                                  {"target", c.target},
                                  {"fixture", c.fixture_id},
                                  {"date", c.date.text},
                                  {"due", c.due.text},
                                  {"days_left", c.due.days - today_days}});
        }
        return json_response({{"calibrations", calibrations}, {"golden", *golden}, {"rig", bench}});
      });
}

}  // namespace penrig::station
