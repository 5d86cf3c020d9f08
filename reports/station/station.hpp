#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "reports/station/envelope.hpp"
#include "reports/station/http.hpp"
#include "reports/station/live_hub.hpp"
#include "reports/station/people.hpp"
#include "reports/station/rates.hpp"
#include "reports/station/routes.hpp"
#include "reports/station/sessions.hpp"
#include "reports/station/webhook.hpp"
#include "reports/store/record_store.hpp"
#include "rig/ports/rig_slots.hpp"

namespace penrig::station {

/// What a station is made of. All of it outlives the station.
struct StationParts {
  Timeline& timeline;
  RigSlots& rig;
  RecordStore& records;  ///< for reading, and for the audit trail; a connection of its own
  /// Does work that takes long, away from the loop and from what the runs wait for; one piece after the other.
  std::function<Awaitable<void>(std::function<void()>)> worker;
  std::filesystem::path people_folder;
  std::filesystem::path pages;     ///< folder of the static files; empty: those in the program
  std::vector<std::string> hosts;  ///< names by which it may be called, besides those of loopback
  bool secure = false;             ///< over TLS
  SessionRules rules{};
  Webhook* webhook = nullptr;                             ///< is told when a run has ended; null: there is none
  std::optional<double> takt_target_s{}, yield_target{};  ///< what a day is held against; none: nothing
};

/// The station without its sockets: answers requests, and tells those who listen. On the rig's one thread.
class Station final : public SlotListener {
 public:
  /// Errc::bad_data, ::io: as People::load().
  static Result<std::unique_ptr<Station>> open(StationParts parts);
  ~Station() override;
  Station(const Station&) = delete;
  Station& operator=(const Station&) = delete;

  /// Never throws for anything that stands in a request.
  Awaitable<Response> answer(Request request);
  /// For a request that asks to become a WebSocket: the client that it may listen as; or, null, what it is answered.
  std::shared_ptr<LiveClient> listen(const Request& request, Response& refused);
  /// Whether its session still is one; a listener is asked so now and then. It does not count as used.
  bool still_signed_in(const Request& request);
  void close_all() { hub_.close_all(); }

  void changed(const SlotStatus& status) override;
  void samples(const std::string& slot, const WaveformHead& head, const SampleBlock& block) override;
  void readings(const SlotReadings& readings) override;
  void bench_changed(const BenchStatus& bench) override;

  const People& people() const { return people_; }

 private:
  explicit Station(StationParts parts, People people);

  /// What is known of a request when its handler is called.
  struct Call {
    const Request& request;
    const Route& route;
    std::map<std::string, std::string> parameters;
    const Session* session;  ///< null: an open route
    TimePoint now;
  };
  /// A response; or work for the worker, and what makes an answer of it afterwards.
  struct Answer {
    Response response;
    std::function<void()> on_worker{};
    std::function<Answer()> afterwards{};
  };
  Answer dispatch(const Request& request);
  /// Nothing, or why the request goes no further than its head.
  std::optional<Response> refuse_early(const Request& request, const Route* route, TimePoint now);
  std::optional<Response> refuse_forged(const Request& request, const Session* session) const;
  Answer handle(const Call& call);
  Answer serve_page(const Request& request) const;

  Answer sign_in(const Call& call);
  /// What becomes of a try: a session, or one more failure.
  Answer tried(const std::string& name, const std::string& key, bool fits, TimePoint now);
  Answer sign_out(const Call& call);
  Response session_response(const Session& session) const;
  std::string cookie(const std::string& token) const;
  Answer list_people() const;
  Answer put_person(const Call& call);

  Answer list_plans() const;
  Answer list_slots();
  /// What the records say of the newest runs of each slot.
  struct Looked;
  static Looked slots_of(const RigSlots& rig);
  static void look_up(RecordStore& store, const std::string& rig_name, Looked& looked);  ///< on the worker
  /// Keeps which of them were declared void, and tells of those slots whose run it is.
  void looked_up(const Looked& looked);
  Answer scan(const Call& call) const;
  Answer arm_slot(const Call& call);
  Answer disarm_slot(const Call& call);
  Answer check_slot(const Call& call);
  Answer start_run(const Call& call);
  /// What becomes of it once it is known what it lacks, and whether the second signature is one.
  Answer started(StartRequest request, bool second_fits, const Result<StartLacks>& lacks);
  Answer stop_run(const Call& call);
  Answer answer_prompt(const Call& call);
  Answer show_picture(const Call& call) const;
  nlohmann::ordered_json whole_state() const;
  /// Looks into the records now and then, whoever asks how often.
  Answer bench();
  Response bench_now() const;
  /// A slot with the label that waits there.
  nlohmann::ordered_json slot_now(const SlotStatus& status) const;
  void tell_slot(const std::string& slot);
  std::string utc_now() const;

  Answer list_runs(const Call& call);
  Answer show_run(const Call& call);
  Answer today(const Call& call);
  Answer trend(const Call& call);
  Answer chart(const Call& call);
  Answer maintenance();
  Answer audit_trail(const Call& call);
  Response metrics();

  /// Work that makes the response by itself.
  static Answer later(std::function<Response()> work);
  /// Enters what somebody did into the audit trail; then the response. One that cannot be entered is an error.
  Answer entered(std::string who, std::string action, std::string subject, nlohmann::ordered_json new_value,
                 Response response);

  StationParts parts_;
  People people_;
  Sessions sessions_;
  LiveHub hub_;
  Rates requests_{100, 200}, sign_ins_{1, 10};
  /// A label that was scanned for a slot, and waits for the start.
  struct Armed {
    std::string plan, product, serial_number;
  };
  std::map<std::string, Armed> armed_;    ///< by slot
  std::set<std::string> voided_;          ///< of the newest runs those that were declared void, as last looked
  std::optional<TimePoint> looked_at_{};  ///< when somebody last began or ended to look; none: nobody has
  bool records_unread_ = false;           ///< the last look failed
  std::map<std::string, Envelope> envelopes_;
  std::map<std::string, Response> pages_;       ///< by path
  std::map<std::string, std::uint64_t> ended_;  ///< runs by verdict since it began, for the metrics
  std::uint64_t requests_answered_ = 0, requests_refused_ = 0, frames_ = 0;
};

// What handlers share.

Response json_response(const nlohmann::ordered_json& json, unsigned status = 200);
/// {"error": {"code": "refused", "message": "..."}}
Response error_response(unsigned status, std::string_view code, std::string_view message);
/// The same, with what a page says it by in another language: {"read": "HOM-0001", "expected": "..."}.
Response error_response(unsigned status, std::string_view code, std::string_view message,
                        const nlohmann::ordered_json& details);
/// The status that an error of the house has, with its message.
Response error_response(const Error& error);
nlohmann::ordered_json slot_json(const SlotStatus& status);
nlohmann::ordered_json plan_json(const OfferedPlan& plan);
nlohmann::ordered_json prompt_json(const AskedPrompt& prompt);
nlohmann::ordered_json bench_json(const BenchStatus& bench);

}  // namespace penrig::station
