#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/html_report.hpp"
#include "reports/number_format.hpp"
#include "reports/pdf/certificate.hpp"
#include "reports/record_json.hpp"
#include "reports/station/station.hpp"
#include "reports/station/station_json.hpp"
#include "reports/store/record_log.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/spec/civil_date.hpp"
#include "rig/spec/measurand.hpp"

namespace penrig::station {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kRunsAtMost = 500, kTrailAtMost = 1000;
constexpr std::int64_t kDayNs = 86'400'000'000'000;

Json row_json(const RunRow& row) {
  return {{"run", row.run_id},
          {"serial_number", row.serial_number},
          {"plan", row.plan_name},
          {"product", row.product_name},
          {"rig", row.rig_name},
          {"slot", row.slot},
          {"operator", row.operator_name},
          {"started_utc", format_iso8601(row.started_utc_ns)},
          {"duration_s", row.duration_s},
          {"running", row.running},
          {"verdict", row.running ? Json(nullptr) : Json(row.closed ? name_of(row.verdict) : "INTERRUPTED")},
          {"reason", row.reason},
          {"simulated", row.simulated},
          {"engineering", row.engineering},
          {"void", row.voided}};
}

/// A day's begin, from the query's `date`, else today's, UTC. Errc::usage: no such day.
Result<std::int64_t> day_of(const Request& request, std::int64_t now_utc_ns) {
  const std::string text = asked(request, "date");
  if (text.empty()) return date_of_utc(now_utc_ns).days * kDayNs;
  const auto date = parse_date(text);
  if (!date) return fail(Errc::usage, "date is no day, as 2026-01-31");
  return date->days * kDayNs;
}

/// k of n with the exact interval of 95 % (Clopper and Pearson).
Json share_json(std::uint64_t k, std::uint64_t n) {
  Json json{{"k", k}, {"n", n}};
  if (n == 0) return json;
  json["share"] = static_cast<double>(k) / static_cast<double>(n);
  json["low"] = 1 - clopper_pearson_upper(n - k, n, 0.975);
  json["high"] = clopper_pearson_upper(k, n, 0.975);
  return json;
}

/// The median of the times between two starts; none for fewer than two.
Json takt_json(std::vector<std::int64_t> starts_ns) {
  if (starts_ns.size() < 2) return nullptr;
  std::ranges::sort(starts_ns);
  std::vector<std::int64_t> between;
  for (std::size_t i = 1; i < starts_ns.size(); ++i) between.push_back(starts_ns[i] - starts_ns[i - 1]);
  const auto middle = between.begin() + static_cast<std::ptrdiff_t>(between.size() / 2);
  std::ranges::nth_element(between, middle);
  return static_cast<double>(*middle) * 1e-9;
}

/// Why a run did not pass, as a Pareto counts it: the requirement that decided, else the verdict's own word.
Result<std::string> cause_of(RecordStore& store, const RunRow& row) {
  const Result<RunRecord> run = store.load_run(row.run_id);
  if (!run) return run.error();
  const RunOutcome& outcome = run->outcome;
  if (!row.closed) return std::string("INTERRUPTED");
  if (!outcome.deciding || *outcome.deciding >= outcome.decisions.size()) return std::string(name_of(row.verdict));
  const Decision& decision = outcome.decisions[*outcome.deciding];
  const MeasurandInfo* info = find_measurand(outcome.measurements.at(decision.measurement).measurand);
  return fmt::format("{}, {}", decision.requirement_id, info == nullptr ? decision.title : std::string(info->title));
}

Response today_of(RecordStore& store, const std::string& rig, std::int64_t begin_ns) {
  RunFilter filter;
  filter.since_utc_ns = begin_ns;
  filter.before_utc_ns = begin_ns + kDayNs;
  const auto rows = store.list_runs(filter);
  if (!rows) return error_response(rows.error());
  std::map<std::string, std::uint64_t> verdicts, causes;
  std::set<std::string> pens;
  std::uint64_t runs = 0, first_passes = 0, first_judged = 0;
  std::vector<std::int64_t> starts_ns;
  for (const RunRow& row : *rows) {
    if (row.running || row.voided || row.rig_name != rig) continue;
    ++runs;
    starts_ns.push_back(row.started_utc_ns);
    ++verdicts[row.closed ? name_of(row.verdict) : "INTERRUPTED"];
    if (row.closed && row.verdict == Verdict::pass) {
      if (pens.insert(row.serial_number).second) ++first_passes, ++first_judged;
      continue;
    }
    // A pen that was not judged has not failed at its first try.
    const bool judged = row.closed && (row.verdict == Verdict::fail || row.verdict == Verdict::indeterminate);
    if (judged && pens.insert(row.serial_number).second) ++first_judged;
    const auto cause = cause_of(store, row);
    if (!cause) return error_response(cause.error());
    ++causes[*cause];
  }
  std::vector<std::pair<std::string, std::uint64_t>> sorted(causes.begin(), causes.end());
  std::ranges::stable_sort(sorted, std::ranges::greater{}, [](const auto& c) { return c.second; });
  Json pareto = Json::array();
  for (const auto& [cause, count] : sorted) pareto.push_back({{"cause", cause}, {"runs", count}});
  return json_response({{"date", format_iso8601(begin_ns).substr(0, 10)},
                        {"runs", runs},
                        {"verdicts", verdicts},
                        {"first_pass_yield", share_json(first_passes, first_judged)},
                        {"pareto", pareto},
                        {"takt_s", takt_json(std::move(starts_ns))}});
}

Response trend_of(RecordStore& store, const std::string& measurand, const std::string& product, std::size_t newest) {
  RunFilter filter;
  filter.measurand = measurand;
  filter.product_name = product;
  filter.newest = newest;
  const auto rows = store.list_runs(filter);
  if (!rows) return error_response(rows.error());
  const MeasurandInfo* info = find_measurand(measurand);
  Json points = Json::array();
  for (const RunRow& row : *rows) {
    if (!row.measured || !row.measured->least) continue;
    points.push_back({{"run", row.run_id},
                      {"serial_number", row.serial_number},
                      {"started_utc", format_iso8601(row.started_utc_ns)},
                      {"least", *row.measured->least},
                      {"greatest", *row.measured->greatest}});
  }
  return json_response({{"measurand", measurand}, {"unit", info->unit}, {"points", points}});
}

}  // namespace

Station::Answer Station::list_runs(const Call& call) {
  RunFilter filter;
  filter.serial_number = asked(call.request, "serial_number");
  filter.plan_name = asked(call.request, "plan");
  filter.slot = asked(call.request, "slot");
  const auto newest = limit_of(call.request, 50, kRunsAtMost);
  if (!newest) return {error_response(newest.error())};
  filter.newest = *newest;
  if (const std::string verdict = asked(call.request, "verdict"); !verdict.empty()) {
    filter.interrupted = verdict == "INTERRUPTED";
    for (const Verdict v : {Verdict::pass, Verdict::fail, Verdict::indeterminate, Verdict::aborted, Verdict::error}) {
      if (verdict == name_of(v)) filter.verdict = v;
    }
    if (!filter.interrupted && !filter.verdict)
      return {error_response(422, "usage", "verdict is PASS, FAIL, INDETERMINATE, ABORTED, ERROR or INTERRUPTED")};
  }
  for (const auto& [name, bound] : {std::pair{"since", &filter.since_utc_ns}, {"before", &filter.before_utc_ns}}) {
    const std::string text = asked(call.request, name);
    if (text.empty()) continue;
    const auto date = parse_date(text);
    if (!date) return {error_response(422, "usage", fmt::format("{} is no day, as 2026-01-31", name))};
    *bound = date->days * kDayNs;
  }
  return later([filter, &store = parts_.records] {
    const auto rows = store.list_runs(filter);
    if (!rows) return error_response(rows.error());
    Json runs = Json::array();
    for (auto row = rows->rbegin(); row != rows->rend(); ++row) runs.push_back(row_json(*row));  // newest first
    return json_response({{"runs", runs}});
  });
}

Station::Answer Station::show_run(const Call& call) {
  const Operation what = call.route.operation;
  const std::string paper = asked(call.request, "paper");
  return later([what, paper, run_id = call.parameters.at("run"), &store = parts_.records] {
    const Result<RunRecord> run = store.load_run(run_id);
    if (!run) {
      return run.error().code == Errc::usage ? error_response(404, "not_found", "there is no such run")
                                             : error_response(run.error());
    }
    if (what == Operation::show_run) return Response{200, "application/json", record_json_text(*run), {}};
    Response response;
    if (what == Operation::show_report) {
      response = Response{200, "text/html; charset=utf-8", html_report(*run), {}};
      // The report is one file with its styles, its script and its pictures in it: shown as if from nowhere, it can ask
      // nothing of the station.
      response.headers.emplace_back(
          "Content-Security-Policy",
          "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src "
          "data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox "
          "allow-scripts");
    } else {
      CertificateOptions options;
      if (paper == "letter") options.paper = pdf::Paper::letter;
      response = Response{200, "application/pdf", certificate_pdf(*run, options), {}};
    }
    return response;
  });
}

Station::Answer Station::today(const Call& call) {
  const auto day = day_of(call.request, parts_.timeline.utc_ns(call.now));
  if (!day) return {error_response(day.error())};
  return later([begin_ns = *day, rig = parts_.rig.rig_name(), &store = parts_.records] {
    return today_of(store, rig, begin_ns);
  });
}

Station::Answer Station::trend(const Call& call) {
  const std::string measurand = asked(call.request, "measurand");
  if (find_measurand(measurand) == nullptr) return {error_response(422, "usage", "measurand is none that is known")};
  const auto newest = limit_of(call.request, 100, kRunsAtMost);
  if (!newest) return {error_response(newest.error())};
  return later([measurand, newest = *newest, product = asked(call.request, "product"), &store = parts_.records] {
    return trend_of(store, measurand, product, newest);
  });
}

Station::Answer Station::maintenance() {
  const std::int64_t today_days = date_of_utc(parts_.timeline.utc_ns(parts_.timeline.now())).days;
  return later([today_days, &store = parts_.records] {
    const auto filed = store.list_calibrations();
    if (!filed) return error_response(filed.error());
    Json calibrations = Json::array();
    for (const Calibration& c : *filed) {
      calibrations.push_back({{"id", c.id},
                              {"target", c.target},
                              {"fixture", c.fixture_id},
                              {"date", c.date.text},
                              {"due", c.due.text},
                              {"days_left", c.due.days - today_days}});
    }
    return json_response({{"calibrations", calibrations}});
  });
}

Station::Answer Station::audit_trail(const Call& call) {
  const auto newest = limit_of(call.request, 100, kTrailAtMost);
  if (!newest) return {error_response(newest.error())};
  return later([newest = *newest, &store = parts_.records] {
    const auto trail = store.audit_trail();
    if (!trail) return error_response(trail.error());
    Json entries = Json::array();
    for (auto item = trail->rbegin(); item != trail->rend() && entries.size() < newest; ++item) {
      const AuditEntry& e = item->entry;
      entries.push_back({{"id", e.id},
                         {"at_utc", format_iso8601(e.at_utc_ns)},
                         {"who", e.who},
                         {"action", e.action},
                         {"subject", e.subject},
                         {"reason", e.reason},
                         {"old", e.old_value},
                         {"new", e.new_value},
                         {"signed_by", item->signed_by},
                         {"fault", item->fault}});
    }
    return json_response({{"entries", entries}});
  });
}

Response Station::metrics() {
  std::string text;
  const auto metric = [&](const char* name, const char* type, const char* help) {
    text += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  };
  metric("penrig_slot_running", "gauge", "Whether a run goes on in the slot.");
  for (const SlotStatus& status : parts_.rig.slots()) {
    text += fmt::format("penrig_slot_running{{slot={}}} {}\n", Json(status.slot).dump(),
                        status.state == SlotStatus::State::running ? 1 : 0);
  }
  metric("penrig_runs_ended_total", "counter", "Runs that ended since the station began, by verdict.");
  for (const char* verdict : {"PASS", "FAIL", "INDETERMINATE", "ABORTED", "ERROR"}) {
    text += fmt::format("penrig_runs_ended_total{{verdict=\"{}\"}} {}\n", verdict, ended_[verdict]);
  }
  metric("penrig_station_sessions", "gauge", "People who are signed in.");
  text += fmt::format("penrig_station_sessions {}\n", sessions_.count());
  metric("penrig_station_listeners", "gauge", "Pages that listen to what happens.");
  text += fmt::format("penrig_station_listeners {}\n", hub_.listeners());
  metric("penrig_station_requests_total", "counter", "Requests that were answered.");
  text += fmt::format("penrig_station_requests_total {}\n", requests_answered_);
  metric("penrig_station_refused_requests_total", "counter", "Requests that were answered with an error.");
  text += fmt::format("penrig_station_refused_requests_total {}\n", requests_refused_);
  metric("penrig_station_waveform_frames_total", "counter", "Frames of waveforms that were made.");
  text += fmt::format("penrig_station_waveform_frames_total {}\n", frames_);
  if (parts_.webhook != nullptr) {
    metric("penrig_webhook_waiting", "gauge", "Runs that the webhook still has to tell.");
    text += fmt::format("penrig_webhook_waiting {}\n", parts_.webhook->waiting());
    metric("penrig_webhook_failures_total", "counter", "Tries of the webhook that came to nothing.");
    text += fmt::format("penrig_webhook_failures_total {}\n", parts_.webhook->failures());
  }
  return {200, "text/plain; version=0.0.4; charset=utf-8", text, {}};
}

}  // namespace penrig::station
