#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/station/gs1.hpp"
#include "reports/station/secrets.hpp"
#include "reports/station/station.hpp"
#include "reports/station/station_json.hpp"
#include "reports/store/record_log.hpp"
#include "rig/spec/serial_number.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig::station {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kLongestReason = 500;

bool is_of(const OfferedPlan& plan, const Label& label) {
  if (!plan.gtin.empty() && !label.gtin.empty() && plan.gtin != label.gtin) return false;
  return fits_serial_pattern(label.serial_number, plan.serial_pattern);
}

Json label_json(const Label& label) {
  Json json{{"serial_number", label.serial_number}};
  for (const auto& [key, value] :
       {std::pair{"gtin", &label.gtin}, {"lot", &label.lot}, {"made", &label.made}, {"expires", &label.expires}}) {
    if (!value->empty()) json[key] = *value;
  }
  return json;
}

/// What a label of these plans looks like.
std::string expected_of(const std::vector<OfferedPlan>& plans) {
  std::string expected;
  for (const OfferedPlan& plan : plans) {
    std::string one = fmt::format("{} looks like {}", plan.product, plan.serial_pattern);
    if (!plan.gtin.empty()) one += " with GTIN " + plan.gtin;
    if (expected.find(one) == std::string::npos) expected += (expected.empty() ? "" : ", ") + one;
  }
  return expected.empty() ? "there is no plan" : expected;
}

std::string read_of(const Label& label) {
  return label.gtin.empty() ? label.serial_number : fmt::format("{} (GTIN {})", label.serial_number, label.gtin);
}

Response wrong_label(const Label& label, const std::vector<OfferedPlan>& plans) {
  const std::string read = shown(read_of(label)), expected = expected_of(plans);
  return error_response(
      422, "wrong_label",
      fmt::format("'{}' is no label of a pen that is judged here: {}. Nothing was started", read, expected),
      {{"read", read}, {"expected", expected}});
}

Response bad_label(const std::string& text, const Error& error) {
  return error_response(422, "bad_label", error.message, {{"read", shown(text)}});
}

/// The slot in which that pen is being judged; none: it is in no other.
std::optional<Response> elsewhere(const RigSlots& rig, const std::string& serial_number) {
  for (const SlotStatus& status : rig.slots()) {
    if (!status.busy() || status.serial_number != serial_number) continue;
    return error_response(
        409, "pen_elsewhere",
        fmt::format("{} is being judged in slot {} right now: is this its label?", serial_number, status.slot),
        {{"read", serial_number}, {"slot", status.slot}});
  }
  return std::nullopt;
}

/// Who starts says for which pen; the label that waits may be another by then.
Response another_pen(const std::string& meant, const StartRequest& request) {
  const std::string meant_shown = shown(meant);
  return error_response(409, "another_pen",
                        fmt::format("the start is of {}, but {} waits at slot {}: look which pen is in it. Nothing was "
                                    "started",
                                    meant_shown, request.serial_number, request.slot),
                        {{"read", meant_shown}, {"waits", request.serial_number}, {"slot", request.slot}});
}

}  // namespace

Station::Answer Station::scan(const Call& call) const {
  const auto body = object_of(call.request);
  if (!body) return {not_an_object()};
  const auto text = text_of(*body, "label");
  if (!text) return {error_response(text.error())};
  const auto label = read_label(*text);
  if (!label) return {bad_label(*text, label.error())};
  Json plans = Json::array();
  for (const OfferedPlan& plan : parts_.rig.plans()) {
    if (!is_of(plan, *label)) continue;
    plans.push_back(plan_json(plan));
  }
  if (plans.empty()) return {wrong_label(*label, parts_.rig.plans())};
  if (auto there = elsewhere(parts_.rig, label->serial_number)) return {std::move(*there)};
  Json json = label_json(*label);
  json["plans"] = std::move(plans);
  return {json_response(json)};
}

void Station::tell_slot(const std::string& name) {
  for (const SlotStatus& status : parts_.rig.slots()) {
    if (status.slot != name) continue;
    hub_.happened(line_of(Json{{"type", "slot"}, {"slot", slot_now(status)}}));
  }
}

Station::Answer Station::arm_slot(const Call& call) {
  const std::string name = call.parameters.at("slot");
  const auto body = object_of(call.request);
  if (!body) return {not_an_object()};
  const auto plan_name = text_of(*body, "plan"), text = text_of(*body, "label");
  for (const auto* given : {&plan_name, &text}) {
    if (!*given) return {error_response(given->error())};
  }
  const auto slots = parts_.rig.slots();
  const auto slot = std::ranges::find(slots, name, &SlotStatus::slot);
  if (slot == slots.end()) return {error_response(422, "usage", fmt::format("the rig has no slot '{}'", shown(name)))};
  if (slot->busy()) return {error_response(409, "refused", fmt::format("slot {} is busy", name))};
  const auto& plans = parts_.rig.plans();
  const auto plan = std::ranges::find(plans, *plan_name, &OfferedPlan::name);
  if (plan == plans.end()) return {error_response(422, "usage", "no plan of that name is offered here")};
  const auto label = read_label(*text);
  if (!label) return {bad_label(*text, label.error())};
  if (!is_of(*plan, *label)) return {wrong_label(*label, {*plan})};
  if (auto there = elsewhere(parts_.rig, label->serial_number)) return {std::move(*there)};
  // A pen is in one slot: a label that waits elsewhere is taken from there.
  std::string before;
  for (const auto& [other, armed] : armed_) {
    if (other != name && armed.serial_number == label->serial_number) before = other;
  }
  armed_.erase(before);
  armed_[name] = Armed{plan->name, plan->product, label->serial_number};
  if (!before.empty()) tell_slot(before);
  tell_slot(name);
  return {json_response(slot_now(*slot))};
}

Station::Answer Station::disarm_slot(const Call& call) {
  const std::string name = call.parameters.at("slot");
  if (armed_.erase(name) == 0) return {error_response(409, "refused", "no label waits there")};
  tell_slot(name);
  return {json_response({{"slot", name}})};
}

Station::Answer Station::check_slot(const Call& call) {
  const std::string name = call.parameters.at("slot");
  if (const Result<void> begun = parts_.rig.check(name); !begun) return {error_response(begun.error())};
  armed_.erase(name);
  return entered(call.session->name, "slot checked", "slot " + name, nullptr,
                 json_response({{"slot", name}, {"checking", true}}, 202));
}

Station::Answer Station::start_run(const Call& call) {
  const auto body = object_of(call.request);
  if (!body) return {not_an_object()};
  const auto plan = text_of(*body, "plan"), label = text_of(*body, "label"), reason = text_of(*body, "reason"),
             serial_number = text_of(*body, "serial_number");
  for (const auto* text : {&plan, &label, &reason, &serial_number}) {
    if (!*text) return {error_response(text->error())};
  }
  if (reason->size() > kLongestReason) return {error_response(422, "usage", "a reason has at most 500 bytes")};
  StartRequest request;
  request.slot = call.parameters.at("slot");
  request.plan = *plan;
  request.who = call.session->name;
  request.reason = *reason;
  if (plan->empty() && label->empty()) {
    const auto armed = armed_.find(request.slot);
    if (armed == armed_.end()) return {error_response(409, "nothing_armed", "no label waits at this slot: scan one")};
    request.plan = armed->second.plan;
    request.serial_number = armed->second.serial_number;
  } else {
    const auto read = read_label(*label);
    if (!read) return {bad_label(*label, read.error())};
    const auto& plans = parts_.rig.plans();
    const auto offered = std::ranges::find(plans, *plan, &OfferedPlan::name);
    if (offered != plans.end() && !is_of(*offered, *read)) return {wrong_label(*read, {*offered})};
    request.serial_number = read->serial_number;
  }
  if (!serial_number->empty() && *serial_number != request.serial_number) return {another_pen(*serial_number, request)};
  std::string kept, secret;
  const auto second = body->find("second");
  if (second != body->end()) {
    if (!second->is_object()) return {error_response(422, "usage", "'second' is {name, password}")};
    const auto name = text_of(*second, "name"), password = text_of(*second, "password");
    if (!name || !password || name->size() > 64 || password->size() > 200)
      return {error_response(422, "usage", "'second' is {name, password}, both of them texts")};
    if (!sign_ins_.allows(call.request.from, call.now))
      return {error_response(429, "too_many", "too many tries: wait a few seconds")};
    if (sessions_.locked_for("name " + *name, call.now))
      return {error_response(423, "locked", "too many wrong tries: that name is locked for some minutes")};
    if (*name == request.who)
      return {error_response(403, "wrong_second", "the second signature is that of somebody else")};
    const Person* person = people_.find(*name);
    // Who may sign: those who answer for it.
    const bool may =
        person != nullptr && !person->disabled && (person->role == Role::qa || person->role == Role::technician);
    kept = may ? person->password : "";
    secret = *password;
    request.second = *name;
  }
  struct Found {
    bool fits = true;
    Result<StartLacks> lacks = StartLacks::nothing;
  };
  const auto found = std::make_shared<Found>();  // of the worker, then of what comes afterwards
  return {{},
          [found, request, kept, secret, &rig = parts_.rig] {
            if (!request.second.empty()) found->fits = secret_fits(secret, kept);
            if (found->fits) found->lacks = rig.lacks(request);
          },
          [this, found, request] { return started(request, found->fits, found->lacks); }};
}

Station::Answer Station::started(StartRequest request, bool second_fits, const Result<StartLacks>& lacks) {
  if (!second_fits) {
    sessions_.failed("name " + request.second, parts_.timeline.now());
    return {error_response(403, "wrong_second", "name and password of the second signature do not fit")};
  }
  if (!lacks) return {error_response(lacks.error())};
  if (*lacks == StartLacks::reason) {
    return {
        error_response(422, "reason_needed", fmt::format("{} was judged before: why again?", request.serial_number))};
  }
  if (*lacks == StartLacks::second) {
    return {error_response(
        422, "second_needed",
        fmt::format("{} was judged before: somebody else has to sign for that too", request.serial_number))};
  }
  if (const Result<void> begun = parts_.rig.start(request); !begun) return {error_response(begun.error())};
  Response response = json_response({{"slot", request.slot}, {"serial_number", request.serial_number}}, 202);
  if (request.second.empty()) return {std::move(response)};
  return entered(request.second, "signed for a retest", request.serial_number,
                 {{"started_by", request.who}, {"reason", request.reason}}, std::move(response));
}

}  // namespace penrig::station
