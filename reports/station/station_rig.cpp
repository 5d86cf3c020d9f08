#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "reports/number_format.hpp"
#include "reports/station/station.hpp"
#include "reports/station/station_json.hpp"

namespace penrig::station {
namespace {

using Json = nlohmann::ordered_json;

Json whole_plan_json(const OfferedPlan& plan) {
  Json json = plan_json(plan);
  json["steps"] = Json::array();
  for (const PlannedStep& step : plan.steps) {
    json["steps"].push_back({{"name", step.name},
                             {"kind", step.kind},
                             {"depth_mm", number_or_null(step.depth_mm)},
                             {"rate_per_min", number_or_null(step.rate_per_min)},
                             {"planned_s", step.planned_s},
                             {"strokes", step.strokes}});
  }
  json["limits"] = Json::array();
  for (const PlannedLimit& limit : plan.limits) {
    json["limits"].push_back({{"requirement", limit.requirement},
                              {"measurand", limit.measurand},
                              {"title", limit.title},
                              {"unit", limit.unit},
                              {"depth_mm", number_or_null(limit.depth_mm)},
                              {"rate_per_min", number_or_null(limit.rate_per_min)},
                              {"lower", number_or_null(limit.lower)},
                              {"upper", number_or_null(limit.upper)}});
  }
  return json;
}

Json utc_or_null(std::int64_t utc_ns) { return utc_ns == 0 ? Json(nullptr) : Json(format_iso8601(utc_ns)); }

/// Anybody may ask for the bench, so the records are not looked into each time.
constexpr Nanoseconds kLookEvery = std::chrono::seconds{15};

}  // namespace

/// Of the worker, then of what comes afterwards.
struct Station::Looked {
  std::vector<std::string> names;
  std::map<std::string, Json> last{};  ///< by slot
  std::set<std::string> voided{};
  std::optional<Error> error{};
};

Station::Looked Station::slots_of(const RigSlots& rig) {
  Looked looked;
  for (const SlotStatus& status : rig.slots()) looked.names.push_back(status.slot);
  return looked;
}

void Station::look_up(RecordStore& store, const std::string& rig_name, Looked& looked) {
  for (const std::string& name : looked.names) {
    RunFilter filter;
    filter.slot = name;
    filter.rig_name = rig_name;
    filter.newest = 20;
    const auto rows = store.list_runs(filter);
    if (!rows) {
      looked.error = rows.error();
      return;
    }
    Json& last = looked.last[name] = Json::array();
    for (auto row = rows->rbegin(); row != rows->rend(); ++row) {
      if (row->voided) looked.voided.insert(row->run_id);
      if (row->running || row->voided || last.size() >= 5) continue;
      last.push_back({{"run", row->run_id}, {"serial_number", row->serial_number}, {"verdict", verdict_word(*row)}});
    }
  }
}

Json plan_json(const OfferedPlan& plan) {
  return {{"name", plan.name},
          {"title", plan.title},
          {"revision", plan.revision},
          {"product", plan.product},
          {"planned_s", plan.planned_s}};
}

Json slot_json(const SlotStatus& status) {
  Json json{{"name", status.slot}, {"state", name_of(status.state)}};
  if (status.state == SlotStatus::State::idle) return json;
  json["serial_number"] = status.serial_number;
  json["plan"] = status.plan;
  json["product"] = status.product;
  json["run"] = status.run_id.empty() ? Json(nullptr) : Json(status.run_id);
  json["started_utc"] = utc_or_null(status.started_utc_ns);
  json["ended_utc"] = utc_or_null(status.ended_utc_ns);
  json["void_as_certificate"] = status.void_as_certificate.empty() ? Json(nullptr) : Json(status.void_as_certificate);
  if (status.state == SlotStatus::State::running) {
    json["progress"] = {{"fraction", status.progress.fraction}, {"left_s", status.progress.seconds_left},
                        {"label", status.progress.label},       {"step", status.progress.step},
                        {"stroke", status.progress.stroke},     {"strokes", status.progress.strokes}};
    if (status.prompt) json["prompt"] = prompt_json(*status.prompt);
  }
  if (status.state == SlotStatus::State::ended) {
    json["verdict"] = status.interrupted ? "INTERRUPTED" : name_of(status.verdict);
    json["decided_by"] = status.decided_by.empty() ? Json(nullptr) : Json(status.decided_by);
    json["safe_state_confirmed"] = status.safe_state_confirmed;
  }
  json["reason"] = status.reason;
  return json;
}

Json bench_json(const BenchStatus& bench) {
  Json json{{"interlocks", Json::array()}, {"links", Json::array()}};
  for (const auto& interlock : bench.interlocks) {
    json["interlocks"].push_back({{"name", interlock.name},
                                  {"slot", interlock.slot},
                                  {"kind", interlock.kind},
                                  {"ok", interlock.ok},
                                  {"since_utc", format_iso8601(interlock.since_utc_ns)}});
  }
  for (const auto& link : bench.links) {
    json["links"].push_back({{"name", link.name}, {"slot", link.slot}, {"up", link.up}, {"detail", link.detail}});
  }
  return json;
}

std::string Station::utc_now() const { return format_iso8601(parts_.timeline.utc_ns(parts_.timeline.now())); }

Json Station::slot_now(const SlotStatus& status) const {
  const auto armed = armed_.find(status.slot);
  if (armed == armed_.end() || status.busy()) {
    Json json = slot_json(status);
    if (json.contains("verdict")) json["void"] = !status.run_id.empty() && voided_.contains(status.run_id);
    return json;
  }
  return {{"name", status.slot},
          {"state", "ready"},
          {"serial_number", armed->second.serial_number},
          {"plan", armed->second.plan},
          {"product", armed->second.product}};
}

Json Station::whole_state() const {
  Json slots = Json::array();
  for (const SlotStatus& status : parts_.rig.slots()) slots.push_back(slot_now(status));
  return Json{{"type", "state"}, {"now_utc", utc_now()}, {"slots", slots}, {"rig", bench_json(parts_.rig.bench())}};
}

Station::Answer Station::bench() {
  const TimePoint now = parts_.timeline.now();
  if (looked_at_ && now - *looked_at_ < kLookEvery) return {bench_now()};
  looked_at_ = now;  // whoever asks meanwhile does not look as well
  const auto looked = std::make_shared<Looked>(slots_of(parts_.rig));
  return {{},
          [looked, rig = parts_.rig.rig_name(), &store = parts_.records] { look_up(store, rig, *looked); },
          [this, looked] {
            looked_up(*looked);
            return Answer{bench_now()};
          }};
}

Response Station::bench_now() const {
  // A PASS that may be void is not shown.
  if (records_unread_)
    return error_response(503, "no_records", "the records cannot be read: the log of the station says why");
  Json slots = Json::array();
  for (const SlotStatus& status : parts_.rig.slots()) {
    const Json now = slot_now(status);
    const bool running = status.state == SlotStatus::State::running;
    slots.push_back({{"name", status.slot},
                     {"state", now.at("state")},
                     {"verdict", now.contains("verdict") ? now.at("verdict") : Json(nullptr)},
                     {"void", now.value("void", false)},
                     {"left_s", running ? Json(status.progress.seconds_left) : Json(nullptr)},
                     {"fraction", running ? Json(status.progress.fraction) : Json(nullptr)}});
  }
  return json_response({{"rig", parts_.rig.rig_name()}, {"now_utc", utc_now()}, {"slots", slots}});
}

void Station::readings(const SlotReadings& readings) {
  Json values = Json::array();
  for (const auto& value : readings.values) {
    values.push_back({{"measurand", value.measurand},
                      {"title", value.title},
                      {"value", value.value},
                      {"unit", value.unit},
                      {"lower", number_or_null(value.lower)},
                      {"upper", number_or_null(value.upper)}});
  }
  const Json json{{"type", "readings"}, {"slot", readings.slot}, {"step", readings.step},
                  {"values", values},   {"first_stroke", 0},     {"strokes_mm", readings.strokes_mm}};
  // A place of its own: waveforms do not push it out.
  hub_.frame("readings " + readings.slot, line_of(json));
}

void Station::bench_changed(const BenchStatus& bench) {
  hub_.happened(line_of(Json{{"type", "rig"}, {"rig", bench_json(bench)}}));
}

Station::Answer Station::list_plans() const {
  Json plans = Json::array();
  for (const OfferedPlan& plan : parts_.rig.plans()) plans.push_back(whole_plan_json(plan));
  return {json_response({{"plans", plans}})};
}

Station::Answer Station::list_slots() {
  const auto looked = std::make_shared<Looked>(slots_of(parts_.rig));
  return {{},
          [looked, rig = parts_.rig.rig_name(), &store = parts_.records] { look_up(store, rig, *looked); },
          [this, looked] {
            looked_up(*looked);
            if (looked->error) return Answer{error_response(*looked->error)};
            Json slots = Json::array();
            for (const SlotStatus& status : parts_.rig.slots()) {
              slots.push_back(slot_now(status));
              slots.back()["last"] = looked->last[status.slot];
            }
            return Answer{json_response({{"seq", hub_.sequence()},
                                         {"now_utc", utc_now()},
                                         {"rig", bench_json(parts_.rig.bench())},
                                         {"slots", slots}})};
          }};
}

void Station::looked_up(const Looked& looked) {
  records_unread_ = looked.error.has_value();
  looked_at_ = parts_.timeline.now();
  if (looked.error) {
    spdlog::error("which runs are void cannot be looked up: {}", looked.error->message);
    return;
  }
  std::set<std::string> voided = looked.voided;
  std::vector<std::string> changed;
  for (const SlotStatus& status : parts_.rig.slots()) {
    // What is void stays so, wherever newer runs have pushed it.
    if (voided_.contains(status.run_id)) voided.insert(status.run_id);
    if (voided.contains(status.run_id) && !voided_.contains(status.run_id)) changed.push_back(status.slot);
  }
  voided_ = std::move(voided);
  for (const std::string& slot : changed) tell_slot(slot);
}

Station::Answer Station::stop_run(const Call& call) {
  const std::string slot = call.parameters.at("slot");
  const Result<void> stopped = parts_.rig.stop(slot, call.session->name + " at the station");
  if (!stopped) return {error_response(stopped.error())};
  return {json_response({{"slot", slot}, {"stopping", true}}, 202)};
}

}  // namespace penrig::station
