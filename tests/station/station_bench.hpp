#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/scratch_directory.hpp"
#include "reports/station/secrets.hpp"
#include "reports/station/station.hpp"
#include "reports/store/record_log.hpp"
#include "tests/reports/scratch_store.hpp"

namespace penrig::station {

using Json = nlohmann::json;

/// A rig that does what it is told, and no more: what is tested is who may tell it.
class ObedientRig final : public RigSlots {
 public:
  ObedientRig() {
    OfferedPlan plan;
    plan.name = "eol-pro";
    plan.title = "end of line, pen-pro";
    plan.product = "pen-pro";
    plan.revision = 1;
    plan.serial_pattern = "PRO-[0-9]{4,6}";
    plan.gtin = "09501101020917";
    plan.golden_plan = "golden-pro";
    plan.golden_within_h = 24;
    plan.steps = {{"set-up", "set-up", {}, {}, 0.5, 0}, {"2.5 mm at 9000/min", "sweep", 2.5, 9000, 3.1, 150}};
    plan.limits = {{"D1", "penetration_ti", "penetration of strokes", "mm", 2.5, {}, 2.35, 2.65}};
    plans_.push_back(plan);
    for (const char* slot : {"1", "2"}) {
      status_.emplace_back();
      status_.back().slot = slot;
    }
  }
  std::string rig_name() const override { return "bench-2"; }
  bool simulated() const override { return false; }
  const std::vector<OfferedPlan>& plans() const override { return plans_; }
  std::vector<SlotStatus> slots() const override { return status_; }
  BenchStatus bench() const override { return bench_; }
  Result<StartLacks> lacks(const StartRequest& request) const override {
    if (lacking == StartLacks::nothing || request.reason.empty())
      return lacking == StartLacks::nothing ? lacking : StartLacks::reason;
    return lacking == StartLacks::second && request.second.empty() ? lacking : StartLacks::nothing;
  }
  Result<void> check(const std::string& slot) override {
    checked = slot;
    return {};
  }
  Result<void> start(const StartRequest& request) override {
    for (SlotStatus& status : status_) {
      if (status.slot != request.slot) continue;
      if (status.state == SlotStatus::State::running) return fail(Errc::refused, "slot " + request.slot + " is busy");
      status.state = SlotStatus::State::running;
      status.serial_number = request.serial_number;
      status.plan = request.plan;
      started = request;
      tell_changed(status);
      return {};
    }
    return fail(Errc::usage, "no slot " + request.slot);
  }
  Result<void> stop(const std::string& slot, const std::string& why) override {
    stopped = slot + ": " + why;
    return {};
  }
  void stop_all(const std::string& why) override { stopped = "all: " + why; }
  Result<std::string> answer(const std::string& slot, const std::string& id, const AnswerValue& value,
                             const std::string& who) override {
    for (SlotStatus& status : status_) {
      if (status.slot != slot) continue;
      if (!status.prompt || status.prompt->id != id) return fail(Errc::refused, "that question is over");
      if (Result<void> good = check_answer(status.prompt->what, value); !good) return good.error();
      const std::string text = text_of_answer(status.prompt->what, value);
      answered = slot + ": " + text + ", " + who;
      status.prompt.reset();
      return text;
    }
    return fail(Errc::usage, "no slot " + slot);
  }
  std::optional<PromptImage> picture(const std::string& sha256) const override {
    if (sha256 != std::string(64, 'a')) return std::nullopt;
    return PromptImage{"image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>"};
  }
  void ask(std::size_t slot, const PromptPhase& what, const std::string& id) {
    status_[slot].state = SlotStatus::State::running;
    status_[slot].prompt = AskedPrompt{id, what, {}, kVirtualEpochUtcNs + 120'000'000'000};
    for (std::size_t i = 0; i < what.pictures.size(); ++i) status_[slot].prompt->pictures.emplace_back(64, 'a');
    tell_changed(status_[slot]);
  }
  void tell(SlotListener* listener) override { listener_ = listener; }

  void end(std::size_t slot, Verdict verdict, const std::string& run_id = "") {
    status_[slot].state = SlotStatus::State::ended;
    status_[slot].verdict = verdict;
    status_[slot].run_id = run_id;
    tell_changed(status_[slot]);
  }
  void tell_changed(const SlotStatus& status) {
    if (listener_ != nullptr) listener_->changed(status);
  }

  void open_estop() {
    bench_.interlocks = {{"e-stop", "1", "estop", false, kVirtualEpochUtcNs}};
    if (listener_ != nullptr) listener_->bench_changed(bench_);
  }
  void tell_readings(const SlotReadings& readings) { listener_->readings(readings); }
  void certifies_nothing(std::size_t slot, const std::string& why) { status_[slot].void_as_certificate = why; }
  void interrupted(std::size_t slot) {
    status_[slot].state = SlotStatus::State::ended;
    status_[slot].verdict = Verdict::error;
    status_[slot].interrupted = true;
  }

  StartLacks lacking = StartLacks::nothing;  ///< what a retest would lack here, at most
  std::string checked;
  StartRequest started;
  std::string stopped, answered;

 private:
  BenchStatus bench_;
  std::vector<OfferedPlan> plans_;
  std::vector<SlotStatus> status_;
  SlotListener* listener_ = nullptr;
};

/// A station, in virtual time unless told otherwise, with one person of each role.
class StationTest : public ::testing::Test {
 public:
  explicit StationTest(std::unique_ptr<Timeline> timeline = make_virtual_timeline()) : timeline_(std::move(timeline)) {
    store_ = penrig::testing::opened(folder_.path() / "records");
    People people = *People::load(folder_.path() / "station");
    const std::string kept = *keep_secret(kPassword);
    for (const Role role : kRoles) {
      Person person{name_of(role), role, kept, "", false};
      if (role == Role::operator_) person.badge = badge_digest(kBadge, people.badge_salt());
      if (role == Role::admin) admin_ = person;
      waiting_.push_back(person);
    }
    people.put(admin_).value();
    for (const Person& person : waiting_) people.put(person).value();
    open_station();
  }

  void open_station(bool secure = false, SessionRules rules = {}) {
    station_.reset();
    StationParts parts{*timeline_,
                       rig_,
                       *store_,
                       [this](std::function<void()> work) { return on_worker(std::move(work)); },
                       folder_.path() / "station",
                       folder_.path() / "pages",
                       {"station.example"},
                       secure,
                       rules};
    station_ = std::move(*Station::open(std::move(parts)));
  }

  /// What is answered; the cookie and the token are those of who signed in last, unless the request has its own.
  Response ask(Request request) {
    make_whole(request);
    Response response;
    timeline_->run(answered(std::move(request), response));
    return response;
  }
  Response ask(const std::string& method, const std::string& target, const std::string& body = "") {
    return ask(request_of(method, target, body));
  }
  static Request request_of(const std::string& method, const std::string& target, const std::string& body = "") {
    Request request;
    request.method = method;
    const Target parsed = *parse_target(target);
    request.path = parsed.path;
    request.query = parsed.query;
    request.body = body;
    return request;
  }
  /// What is answered to requests that all come before the worker has done anything for the first.
  std::vector<unsigned> ask_at_once(std::vector<Request> requests) {
    worker_takes_ = std::chrono::milliseconds{100};
    std::vector<Response> responses(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      make_whole(requests[i]);
      timeline_->spawn(answered_into(std::move(requests[i]), responses[i]));
    }
    pass(std::chrono::seconds{10});
    worker_takes_ = Nanoseconds{0};
    std::vector<unsigned> statuses;
    for (const Response& response : responses) statuses.push_back(response.status);
    return statuses;
  }
  void sign_out_of_test() { token_.clear(), csrf_.clear(); }
  Response try_to_sign_in(const std::string& name, const std::string& password) {
    sign_out_of_test();
    return ask("POST", "/api/session", Json{{"name", name}, {"password", password}}.dump());
  }
  void take_session(const Response& response) {
    for (const auto& [name, value] : response.headers) {
      if (name == "Set-Cookie") token_ = value.substr(15, value.find(';') - 15);
    }
    csrf_ = Json::parse(response.body).value("csrf_token", "");
  }
  void sign_in(Role role) {
    pass(std::chrono::seconds{2});  // tries are counted
    const Response response = try_to_sign_in(name_of(role), kPassword);
    ASSERT_EQ(response.status, 200U) << response.body;
    take_session(response);
  }
  void pass(Nanoseconds time) { timeline_->run(passed(time)); }
  std::string trail() {
    std::string actions;
    const auto entries = store_->audit_trail();
    for (const TrailEntry& item : *entries) actions += item.entry.who + ": " + item.entry.action + "\n";
    return actions;
  }

  static constexpr const char* kPassword = "correct horse battery";
  static constexpr const char* kBadge = "04A2B3C4";

  ScratchDirectory folder_;
  std::unique_ptr<Timeline> timeline_;
  std::unique_ptr<RecordStore> store_;
  ObedientRig rig_;
  std::unique_ptr<Station> station_;
  std::string token_, csrf_;
  std::size_t pieces_of_work_ = 0;  ///< that the worker was given

 private:
  void make_whole(Request& request) const {
    if (request.from.empty()) request.from = "127.0.0.1";
    request.headers.try_emplace("host", "127.0.0.1:8080");
    if (!request.body.empty()) request.headers.try_emplace("content-type", "application/json");
    if (token_.empty()) return;
    request.headers.try_emplace("cookie", "penrig_session=" + token_);
    request.headers.try_emplace("x-csrf-token", csrf_);
  }
  Awaitable<void> answered_into(Request request, Response& response) {
    response = co_await station_->answer(std::move(request));
  }
  Awaitable<int> answered(Request request, Response& response) {
    co_await answered_into(std::move(request), response);
    co_return 0;
  }
  Awaitable<void> on_worker(std::function<void()> work) {
    ++pieces_of_work_;
    if (worker_takes_ > Nanoseconds{0}) co_await timeline_->sleep_for(worker_takes_);
    co_await timeline_->run_blocking(std::move(work));
  }
  Awaitable<int> passed(Nanoseconds time) {
    co_await timeline_->sleep_for(time);
    co_return 0;
  }

  Nanoseconds worker_takes_{0};  ///< in virtual time
  Person admin_;
  std::vector<Person> waiting_;
};

}  // namespace penrig::station
