#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/day_length.hpp"
#include "reports/html_report.hpp"
#include "reports/number_format.hpp"
#include "reports/pdf/certificate.hpp"
#include "reports/record_json.hpp"
#include "reports/station/station.hpp"
#include "reports/station/station_json.hpp"
#include "reports/store/record_log.hpp"
#include "rig/spec/civil_date.hpp"

namespace penrig::station {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kTrailAtMost = 1000;

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
          {"verdict", row.running ? Json(nullptr) : Json(verdict_word(row))},
          {"reason", row.reason},
          {"simulated", row.simulated},
          {"engineering", row.engineering},
          {"void", row.voided}};
}

}  // namespace

Station::Answer Station::list_runs(const Call& call) {
  RunFilter filter;
  filter.serial_number = asked(call.request, "serial_number");
  filter.plan_name = asked(call.request, "plan");
  filter.slot = asked(call.request, "slot");
  const auto newest = whole_asked(call.request, "limit", 50, 1, kRunsToldAtMost);
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

Station::Answer Station::audit_trail(const Call& call) {
  const auto newest = whole_asked(call.request, "limit", 100, 1, kTrailAtMost);
  if (!newest) return {error_response(newest.error())};
  return later([newest = *newest, &store = parts_.records] {
    const auto trail = store.audit_trail(newest);
    if (!trail) return error_response(trail.error());
    Json entries = Json::array();
    for (auto item = trail->rbegin(); item != trail->rend(); ++item) {
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
