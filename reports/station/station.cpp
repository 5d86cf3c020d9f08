#include "reports/station/station.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "reports/station/openapi.hpp"
#include "reports/station/page_files.hpp"
#include "reports/station/secrets.hpp"
#include "reports/station/station_json.hpp"
#include "reports/store/record_log.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig::station {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kCookie = "penrig_session";

/// "127.0.0.1:8080" without its port, "[::1]:8080" likewise.
std::string host_name(const std::string& host) {
  const std::size_t from = host.starts_with('[') ? host.find(']') : 0;
  return from == std::string::npos ? host : host.substr(0, host.find(':', from));
}

/// Browsers ask for the small letters of what was typed.
bool same_name(std::string_view a, std::string_view b) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, small, small);
}

bool is_loopback_name(const std::string& name) { return name == "localhost" || name == "127.0.0.1" || name == "[::1]"; }

bool reads_only(const std::string& method) { return method == "GET" || method == "HEAD"; }

}  // namespace

Result<std::unique_ptr<Station>> Station::open(StationParts parts) {
  auto people = People::load(parts.people_folder);
  if (!people) return people.error();
  return std::unique_ptr<Station>(new Station(std::move(parts), std::move(*people)));
}

Station::Station(StationParts parts, People people)
    : parts_(std::move(parts)),
      people_(std::move(people)),
      sessions_(parts_.rules),
      hub_(parts_.timeline),
      pages_(parts_.pages.empty() ? built_in_pages() : load_pages(parts_.pages)) {
  parts_.rig.tell(this);
}

Station::~Station() {
  parts_.rig.tell(nullptr);
  hub_.close_all();
}

Awaitable<Response> Station::answer(Request request) {
  Answer answer;
  try {
    answer = dispatch(request);
    while (answer.on_worker) {
      const auto afterwards = std::move(answer.afterwards);
      co_await parts_.worker(std::move(answer.on_worker));
      answer = afterwards();
    }
  } catch (const std::exception& e) {
    spdlog::error("{} {}: something unexpected: {}", request.method, shown(request.path), e.what());
    answer.response = error_response(500, "internal", "something unexpected: see the log of the station");
  }
  ++requests_answered_;
  if (answer.response.status >= 400) ++requests_refused_;
  co_return std::move(answer.response);
}

std::optional<Response> Station::refuse_early(const Request& request, const Route* route, TimePoint now) {
  // Nobody is kept from stopping a rig by somebody else's requests.
  const bool stops =
      route != nullptr && (route->operation == Operation::stop_run || route->operation == Operation::stop_all);
  if (!stops && !requests_.allows(request.from, now))
    return error_response(429, "too_many", "too many requests: wait a second");
  // A page elsewhere whose name leads here must not be let in by it.
  const std::string host = host_name(request.header("host"));
  const auto is_called = [&](const std::string& name) { return same_name(name, host); };
  if (!is_loopback_name(host) && std::ranges::none_of(parts_.hosts, is_called))
    return error_response(421, "wrong_host", "this station is not called so: start it with --host NAME");
  return std::nullopt;
}

std::optional<Response> Station::refuse_forged(const Request& request, const Session* session) const {
  const std::string& origin = request.header("origin");
  const std::string own = (parts_.secure ? "https://" : "http://") + request.header("host");
  if (!origin.empty() && origin != own) return error_response(403, "wrong_origin", "this came from a page elsewhere");
  const std::string& site = request.header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none" && request.path != "/")
    return error_response(403, "wrong_origin", "this came from a page elsewhere");
  if (reads_only(request.method)) return std::nullopt;
  if (!request.body.empty() && !request.header("content-type").starts_with("application/json"))
    return error_response(415, "wrong_type", "a body is JSON: send Content-Type: application/json");
  if (session != nullptr && !same_secret(request.header("x-csrf-token"), session->csrf))
    return error_response(403, "no_token", "X-CSRF-Token is not that of the session: reload the page");
  return std::nullopt;
}

Station::Answer Station::dispatch(const Request& request) {
  const TimePoint now = parts_.timeline.now();
  Routed routed = route_of(request.method, request.path);
  if (auto refused = refuse_early(request, routed.route, now)) return {std::move(*refused)};
  if (routed.route == nullptr) {
    if (!routed.allowed.empty()) {
      Response refused = error_response(405, "wrong_method", "this address takes " + routed.allowed);
      refused.headers.emplace_back("Allow", routed.allowed);
      return {std::move(refused)};
    }
    return serve_page(request);
  }
  const Session* session = nullptr;
  if (!routed.route->open) {
    const std::string token = request.cookie(kCookie);
    const bool in_background = reads_only(request.method) && request.header("x-background") == "1";
    session = in_background ? sessions_.look(token, now) : sessions_.use(token, now);
    if (session == nullptr) return {error_response(401, "not_signed_in", "sign in first")};
    if (!routed.route->roles.has(session->role)) {
      return {error_response(403, "not_allowed",
                             fmt::format("{} may not do that: it takes another role", name_of(session->role)))};
    }
  }
  if (auto refused = refuse_forged(request, session)) return {std::move(*refused)};
  const Call call{request, *routed.route, std::move(routed.parameters), session, now};
  return handle(call);
}

Station::Answer Station::handle(const Call& call) {
  switch (call.route.operation) {
    case Operation::health:
      return {json_response({{"status", "ok"}, {"rig", parts_.rig.rig_name()}})};
    case Operation::metrics:
      return {metrics()};
    case Operation::api_description:
      return {Response{200, "application/json", std::string(openapi_json()), {}}};
    case Operation::sign_in:
      return sign_in(call);
    case Operation::who_am_i:
      return {session_response(*call.session)};
    case Operation::sign_out:
      return sign_out(call);
    case Operation::bench:
      return bench();
    case Operation::arm_slot:
      return arm_slot(call);
    case Operation::disarm_slot:
      return disarm_slot(call);
    case Operation::check_slot:
      return check_slot(call);
    case Operation::list_plans:
      return list_plans();
    case Operation::list_slots:
      return list_slots();
    case Operation::scan:
      return scan(call);
    case Operation::start_run:
      return start_run(call);
    case Operation::stop_run:
      return stop_run(call);
    case Operation::answer_prompt:
      return answer_prompt(call);
    case Operation::show_picture:
      return show_picture(call);
    case Operation::stop_all:
      parts_.rig.stop_all(call.session->name + " at the station");
      return {json_response({{"stopping", true}}, 202)};
    case Operation::live:
      return {error_response(426, "upgrade", "this address is a WebSocket")};
    case Operation::list_runs:
      return list_runs(call);
    case Operation::show_run:
    case Operation::show_report:
    case Operation::show_certificate:
      return show_run(call);
    case Operation::today:
      return today(call);
    case Operation::trend:
      return trend(call);
    case Operation::chart:
      return chart(call);
    case Operation::maintenance:
      return maintenance();
    case Operation::list_people:
      return list_people();
    case Operation::put_person:
      return put_person(call);
    case Operation::audit_trail:
      return audit_trail(call);
  }
  return {error_response(500, "internal", "no such operation")};
}

Station::Answer Station::serve_page(const Request& request) const {
  if (!reads_only(request.method)) return {error_response(404, "not_found", "there is nothing here")};
  const auto page = pages_.find(request.path);
  if (page != pages_.end()) return {page->second};
  if (request.path != "/") return {error_response(404, "not_found", "there is nothing here")};
  return {Response{200,
                   "text/plain; charset=utf-8",
                   "There is no page in the folder that was named. The API is described at /api/openapi.json.\n",
                   {}}};
}

Station::Answer Station::later(std::function<Response()> work) {
  const auto made = std::make_shared<Response>();  // of the worker and of the answer, whichever is later
  return {{}, [made, work = std::move(work)] { *made = work(); }, [made] { return Answer{std::move(*made)}; }};
}

Station::Answer Station::entered(std::string who, std::string action, std::string subject, Json new_value,
                                 Response response) {
  AuditEntry entry{.at_utc_ns = parts_.timeline.utc_ns(parts_.timeline.now()),
                   .who = std::move(who),
                   .action = std::move(action),
                   .subject = std::move(subject)};
  entry.new_value = std::move(new_value);
  return later([&store = parts_.records, entry, response = std::move(response)] {
    const auto id = store.add_audit(entry);
    return id ? response : error_response(id.error());
  });
}

std::shared_ptr<LiveClient> Station::listen(const Request& request, Response& refused) {
  const TimePoint now = parts_.timeline.now();
  const Session* session = nullptr;
  std::optional<Response> why = refuse_early(request, nullptr, now);
  const Routed routed = route_of(request.method, request.path);
  if (!why && (routed.route == nullptr || routed.route->operation != Operation::live))
    why = error_response(404, "not_found", "there is no WebSocket here");
  // A page connects again by itself: nobody need be there.
  if (!why) session = sessions_.look(request.cookie(kCookie), now);
  if (!why && session == nullptr) why = error_response(401, "not_signed_in", "sign in first");
  if (!why && !routed.route->roles.has(session->role)) why = error_response(403, "not_allowed", "not for this role");
  // A browser says where its page is from; one from elsewhere is refused by that.
  if (!why) why = refuse_forged(request, nullptr);
  if (!why && hub_.listeners() >= kListenersAtMost)
    why = error_response(503, "too_many", "too many pages listen already");
  if (why) {
    refused = std::move(*why);
    return nullptr;
  }
  std::optional<std::uint64_t> since;
  if (const auto given = request.query.find("since"); given != request.query.end()) since = whole_number(given->second);
  return hub_.listen(since, whole_state().dump(-1, ' ', false, Json::error_handler_t::replace));
}

bool Station::still_signed_in(const Request& request) {
  return sessions_.is_one(request.cookie(kCookie), parts_.timeline.now());
}

void Station::changed(const SlotStatus& status) {
  if (status.state == SlotStatus::State::ended) {
    ++ended_[name_of(status.verdict)];
    if (parts_.webhook != nullptr) parts_.webhook->look();
  }
  if (status.busy()) armed_.erase(status.slot);
  hub_.happened(line_of(Json{{"type", "slot"}, {"slot", slot_now(status)}}));
}

void Station::samples(const std::string& slot, const WaveformHead& head, const SampleBlock& block) {
  if (hub_.listeners() == 0) return;
  const auto [envelope, is_new] = envelopes_.try_emplace(slot, slot);
  if (const auto frame = envelope->second.add(head, block)) {
    ++frames_;
    hub_.frame(slot, *frame);
  }
}

Response json_response(const Json& json, unsigned status) {
  return {status, "application/json", line_of(json) + "\n", {}};
}

Response error_response(unsigned status, std::string_view code, std::string_view message) {
  return error_response(status, code, message, Json::object());
}

Response error_response(unsigned status, std::string_view code, std::string_view message, const Json& details) {
  Json error{{"code", code}, {"message", message}};
  error.update(details);
  return json_response({{"error", error}}, status);
}

Response error_response(const Error& error) {
  unsigned status = 500;
  if (error.code == Errc::usage) status = 422;
  if (error.code == Errc::refused || error.code == Errc::locked) status = 409;
  return error_response(status, name_of(error.code), error.message);
}

}  // namespace penrig::station
