#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "reports/station/hook_secret.hpp"
#include "reports/station/http_client.hpp"
#include "reports/store/record_store.hpp"

namespace penrig::station {

/// All of it outlives the webhook.
struct WebhookParts {
  Timeline& timeline;
  HttpClient& client;
  RecordStore& records;
  /// Does work that takes long away from the loop.
  std::function<Awaitable<void>(std::function<void()>)> worker;
  std::filesystem::path folder;  ///< what was told already stands in webhook.json there
  Url url;
  HookSecret secret;
  Nanoseconds first_pause =
      std::chrono::seconds{1};  ///< after a try that came to nothing; then twice as long each time
};

/// Tells another system of each run that was closed: in this order, until it said that it has it. What is still to be
/// told follows from the records, so that nothing is lost when a program, this machine or the other one ends. Runs that
/// were closed before the first station with a webhook are not told.
class Webhook {
 public:
  /// Errc::bad_data: webhook.json is none; ::io.
  static Result<std::unique_ptr<Webhook>> open(WebhookParts parts);
  ~Webhook();
  Webhook(const Webhook&) = delete;
  Webhook& operator=(const Webhook&) = delete;

  /// Something may have been closed.
  void look();
  /// Tells until it is closed; spawned once.
  Awaitable<void> tell_all();
  /// Ends tell_all(), and waits for it: the time of one try at most.
  Awaitable<void> close();

  std::uint64_t waiting() const { return waiting_; }    ///< runs still to be told, as of the last look
  std::uint64_t failures() const { return failures_; }  ///< tries that came to nothing, since it was opened

 private:
  explicit Webhook(WebhookParts parts);
  /// The next one that is to be told.
  struct Next;
  Awaitable<std::shared_ptr<Next>> next();
  Awaitable<Result<void>> tell(std::shared_ptr<Next> what);
  Awaitable<Result<void>> keep(std::int64_t closing);

  WebhookParts parts_;
  std::int64_t told_ = 0;  ///< the last closing
  std::uint64_t waiting_ = 0, failures_ = 0;
  bool closing_ = false, telling_ = false, news_ = true;
  Event changed_;
};

/// What is told of a run: {"type": "run.ended", "timestamp": ..., "data": {...}}.
nlohmann::ordered_json webhook_message(const RunRecord& run);

}  // namespace penrig::station
