#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/station/gs1.hpp"
#include "reports/station/station.hpp"
#include "reports/station/station_json.hpp"
#include "rig/spec/serial_number.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig::station {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kLongestReason = 500;

Json plan_json(const OfferedPlan& plan) {
  return {{"name", plan.name},
          {"title", plan.title},
          {"revision", plan.revision},
          {"product", plan.product},
          {"planned_s", plan.planned_s}};
}

Json label_json(const Label& label) {
  Json json{{"serial_number", label.serial_number}};
  for (const auto& [key, value] :
       {std::pair{"gtin", &label.gtin}, {"lot", &label.lot}, {"made", &label.made}, {"expires", &label.expires}}) {
    if (!value->empty()) json[key] = *value;
  }
  return json;
}

/// What is wrong with a label that is no pen of these plans: what was read, and what was expected.
std::string not_ours(const std::string& serial_number, const std::vector<OfferedPlan>& plans) {
  std::string patterns;
  for (const OfferedPlan& plan : plans) {
    const std::string one = fmt::format("{} looks like {}", plan.product, plan.serial_pattern);
    if (patterns.find(one) == std::string::npos) patterns += (patterns.empty() ? "" : ", ") + one;
  }
  return fmt::format("'{}' is no serial number of a pen that is judged here: {}. Nothing was started",
                     shown(serial_number), patterns.empty() ? "there is no plan" : patterns);
}

}  // namespace

Json slot_json(const SlotStatus& status) {
  Json json{{"name", status.slot}, {"state", name_of(status.state)}};
  if (status.state == SlotStatus::State::idle) return json;
  json["serial_number"] = status.serial_number;
  json["plan"] = status.plan;
  json["product"] = status.product;
  json["run"] = status.run_id.empty() ? Json(nullptr) : Json(status.run_id);
  if (status.state == SlotStatus::State::running) {
    json["progress"] = {{"fraction", status.progress.fraction},
                        {"left_s", status.progress.seconds_left},
                        {"label", status.progress.label},
                        {"stroke", status.progress.stroke},
                        {"strokes", status.progress.strokes}};
  }
  if (status.state == SlotStatus::State::ended) {
    json["verdict"] = name_of(status.verdict);
    json["decided_by"] = status.decided_by.empty() ? Json(nullptr) : Json(status.decided_by);
    json["safe_state_confirmed"] = status.safe_state_confirmed;
  }
  json["reason"] = status.reason;
  return json;
}

std::string Station::whole_state() const {
  Json slots = Json::array();
  for (const SlotStatus& status : parts_.rig.slots()) slots.push_back(slot_json(status));
  return line_of(Json{{"type", "state"}, {"slots", slots}});
}

Station::Answer Station::list_plans() const {
  Json plans = Json::array();
  for (const OfferedPlan& plan : parts_.rig.plans()) plans.push_back(plan_json(plan));
  return {json_response({{"plans", plans}})};
}

Station::Answer Station::list_slots() const {
  Json slots = Json::array();
  std::vector<std::string> names;
  for (const SlotStatus& status : parts_.rig.slots()) {
    slots.push_back(slot_json(status));
    names.push_back(status.slot);
  }
  const auto made = std::make_shared<Json>(std::move(slots));
  const std::uint64_t sequence = hub_.sequence();
  const std::string rig = parts_.rig.rig_name();
  return later([made, names, rig, sequence, &store = parts_.records] {
    for (std::size_t i = 0; i < names.size(); ++i) {
      RunFilter filter;
      filter.slot = names[i];
      filter.newest = 20;
      const auto rows = store.list_runs(filter);
      if (!rows) return error_response(rows.error());
      Json last = Json::array();
      for (auto row = rows->rbegin(); row != rows->rend() && last.size() < 5; ++row) {
        if (row->running || row->rig_name != rig) continue;
        last.push_back({{"run", row->run_id},
                        {"serial_number", row->serial_number},
                        {"verdict", row->closed ? name_of(row->verdict) : "INTERRUPTED"}});
      }
      (*made)[i]["last"] = std::move(last);
    }
    return json_response({{"seq", sequence}, {"slots", *made}});
  });
}

Station::Answer Station::scan(const Call& call) const {
  const auto body = object_of(call.request);
  if (!body) return {not_an_object()};
  const auto text = text_of(*body, "label");
  if (!text) return {error_response(text.error())};
  const auto label = read_label(*text);
  if (!label) return {error_response(label.error())};
  Json plans = Json::array();
  for (const OfferedPlan& plan : parts_.rig.plans()) {
    if (fits_serial_pattern(label->serial_number, plan.serial_pattern)) plans.push_back(plan_json(plan));
  }
  if (plans.empty()) return {error_response(422, "usage", not_ours(label->serial_number, parts_.rig.plans()))};
  for (const SlotStatus& status : parts_.rig.slots()) {
    const bool busy = status.state == SlotStatus::State::running || status.state == SlotStatus::State::checking;
    if (!busy || status.serial_number != label->serial_number) continue;
    return {error_response(
        409, "refused",
        fmt::format("{} is being judged in slot {} right now: is this its label?", label->serial_number, status.slot))};
  }
  Json json = label_json(*label);
  json["plans"] = std::move(plans);
  return {json_response(json)};
}

Station::Answer Station::start_run(const Call& call) {
  const auto body = object_of(call.request);
  if (!body) return {not_an_object()};
  const auto plan = text_of(*body, "plan"), label = text_of(*body, "label"), reason = text_of(*body, "reason");
  for (const auto* text : {&plan, &label, &reason}) {
    if (!*text) return {error_response(text->error())};
  }
  if (reason->size() > kLongestReason) return {error_response(422, "usage", "a reason has at most 500 bytes")};
  const auto read = read_label(*label);
  if (!read) return {error_response(read.error())};
  StartRequest request;
  request.slot = call.parameters.at("slot");
  request.plan = *plan;
  request.serial_number = read->serial_number;
  request.who = call.session->name;
  request.reason = *reason;
  if (const Result<void> started = parts_.rig.start(request); !started) return {error_response(started.error())};
  return {json_response({{"slot", request.slot}, {"serial_number", request.serial_number}}, 202)};
}

Station::Answer Station::stop_run(const Call& call) {
  const std::string slot = call.parameters.at("slot");
  const Result<void> stopped = parts_.rig.stop(slot, call.session->name + " at the station");
  if (!stopped) return {error_response(stopped.error())};
  return {json_response({{"slot", slot}, {"stopping", true}}, 202)};
}

}  // namespace penrig::station
