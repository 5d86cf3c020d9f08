#include "reports/station/webhook.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "reports/atomic_file.hpp"
#include "reports/number_format.hpp"
#include "reports/station/secrets.hpp"
#include "reports/station/station_json.hpp"

namespace penrig::station {
namespace {

using Json = nlohmann::ordered_json;
constexpr Nanoseconds kWithin = std::chrono::seconds{15};
constexpr Nanoseconds kLongestPause = std::chrono::minutes{5};
/// Other programs close runs in these records too.
constexpr Nanoseconds kLookAgain = std::chrono::seconds{30};

std::filesystem::path file_in(const std::filesystem::path& folder) { return folder / "webhook.json"; }

std::string state_text(std::int64_t told) { return Json{{"format", 1}, {"told", told}}.dump() + "\n"; }

Result<std::int64_t> read_state(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) return fail(Errc::io, file.string() + ": cannot be read");
  const Json json = Json::parse(text.str(), nullptr, false);
  std::int64_t told = -1;
  if (json.is_object() && json.contains("told") && json.value("format", Json()) == 1 &&
      json.at("told").is_number_integer()) {
    told = json.at("told").get<std::int64_t>();
  }
  if (told < 0) {
    return fail(Errc::bad_data,
                fmt::format("{}: is not what a webhook has told: expected was {{\"format\": 1, \"told\": "
                            "N}}; look who changed it",
                            file.string()));
  }
  return told;
}

}  // namespace

nlohmann::ordered_json webhook_message(const RunRecord& run) {
  const RunHeader& header = run.header;
  const RunOutcome& outcome = run.outcome;
  Json decisions = Json::array();
  for (const Decision& decision : outcome.decisions) {
    const Measurement& m = outcome.measurements.at(decision.measurement);
    decisions.push_back({{"requirement", decision.requirement_id},
                         {"measurand", m.measurand},
                         {"depth_mm", number_or_null(m.depth_mm)},
                         {"rate_per_min", number_or_null(m.rate_per_min)},
                         {"verdict", name_of(decision.verdict)}});
  }
  Json data{
      {"run", header.run_id},
      {"serial_number", header.serial_number},
      {"verdict", name_of(outcome.verdict)},
      {"interrupted", !run.closed || outcome.interrupted},
      {"reason", outcome.reason},
      {"product", header.product_name},
      {"plan", header.plan_name},
      {"plan_revision", header.plan_revision},
      {"rig", header.rig_name},
      {"slot", header.slot},
      {"operator", header.operator_name},
      {"firmware", outcome.pen ? Json(outcome.pen->firmware) : Json(nullptr)},
      {"simulated", header.simulated},
      {"engineering", header.engineering},
      {"started_utc", format_iso8601(header.started_utc_ns)},
      {"ended_utc", format_iso8601(outcome.ended_utc_ns)},
      {"decided_by", outcome.deciding ? Json(outcome.decisions.at(*outcome.deciding).requirement_id) : Json(nullptr)},
      {"decisions", std::move(decisions)}};
  return {{"type", "run.ended"}, {"timestamp", format_iso8601(outcome.ended_utc_ns)}, {"data", std::move(data)}};
}

struct Webhook::Next {
  std::optional<Error> error;
  bool found = false;
  std::int64_t closing = 0;
  std::uint64_t waiting = 0;
  std::string id, run_id, body;
};

Webhook::Webhook(WebhookParts parts) : parts_(std::move(parts)), changed_(parts_.timeline) {}
Webhook::~Webhook() = default;

Result<std::unique_ptr<Webhook>> Webhook::open(WebhookParts parts) {
  std::unique_ptr<Webhook> webhook(new Webhook(std::move(parts)));
  const auto file = file_in(webhook->parts_.folder);
  std::error_code error;
  if (std::filesystem::exists(file, error)) {
    const auto told = read_state(file);
    if (!told) return told.error();
    webhook->told_ = *told;
    return webhook;
  }
  if (error) return fail(Errc::io, fmt::format("{}: {}", file.string(), error.message()));
  const auto closings = webhook->parts_.records.closings_after(0);
  if (!closings) return closings.error();
  webhook->told_ = closings->last;
  if (const auto kept = replace_file(file, state_text(webhook->told_)); !kept) return kept.error();
  return webhook;
}

void Webhook::look() {
  news_ = true;
  changed_.notify_all();
}

Awaitable<std::shared_ptr<Webhook::Next>> Webhook::next() {
  const auto next = std::make_shared<Next>();  // of the worker as well
  std::function<void()> find = [next, told = told_, &records = parts_.records] {
    const auto closings = records.closings_after(told);
    if (!closings) {
      next->error = closings.error();
      return;
    }
    next->waiting = closings->after;
    const auto closed = records.closed_after(told, 1);
    if (!closed) {
      next->error = closed.error();
      return;
    }
    if (closed->empty()) return;
    const auto run = records.load_run(closed->front().run_id);
    if (!run) {
      next->error = run.error();
      return;
    }
    next->closing = closed->front().closing;
    next->run_id = closed->front().run_id;
    // The same for every try, and for no other run, of whatever rig.
    next->id = "run_" + digest_of(fmt::format("{} {} {} {}", next->run_id, run->header.rig_name,
                                              run->header.serial_number, run->outcome.ended_utc_ns))
                            .substr(0, 32);
    next->body = webhook_message(*run).dump(-1, ' ', false, Json::error_handler_t::replace);
    next->found = true;
  };
  auto working = parts_.worker(std::move(find));
  co_await std::move(working);
  co_return next;
}

Awaitable<Result<void>> Webhook::tell(std::shared_ptr<Next> what) {
  const std::int64_t utc_ns = parts_.timeline.utc_ns(parts_.timeline.now());
  auto headers = parts_.secret.headers(what->id, utc_ns, what->body);
  auto asking = parts_.client.post(parts_.url, std::move(headers), what->body, kWithin);
  const Result<HttpReply> reply = co_await std::move(asking);
  if (!reply) co_return reply.error();
  if (reply->status / 100 != 2) {
    co_return fail(Errc::refused,
                   fmt::format("{}: answered with status {}, expected was 200 to 299", parts_.url.text, reply->status));
  }
  auto keeping = keep(what->closing);
  co_return co_await std::move(keeping);
}

Awaitable<Result<void>> Webhook::keep(std::int64_t closing) {
  const auto kept = std::make_shared<Result<void>>();
  std::function<void()> write = [kept, closing, file = file_in(parts_.folder)] {
    *kept = replace_file(file, state_text(closing));
  };
  auto working = parts_.worker(std::move(write));
  co_await std::move(working);
  // It was told: asking for it again and again because of this machine's disk would help nobody.
  told_ = closing;
  co_return *kept;
}

Awaitable<void> Webhook::tell_all() {
  telling_ = true;
  Nanoseconds pause = parts_.first_pause;
  bool failing = false;
  while (!closing_) {
    news_ = false;
    auto finding = next();
    const std::shared_ptr<Next> what = co_await std::move(finding);
    waiting_ = what->waiting;
    Result<void> told;
    if (what->error) {
      told = *what->error;
    } else if (what->found) {
      auto telling = tell(what);
      told = co_await std::move(telling);
      if (told) --waiting_;
    }
    if (!told) {
      ++failures_;
      if (!failing) spdlog::error("webhook: {}: {}; it is tried again", what->run_id, told.error().message);
      failing = true;
      const TimePoint until = parts_.timeline.now() + pause;
      while (!closing_ && parts_.timeline.now() < until) co_await changed_.wait_until(until);
      pause = std::min(2 * pause, kLongestPause);
      continue;
    }
    if (failing) spdlog::info("webhook: {} is there again", parts_.url.text);
    failing = false;
    pause = parts_.first_pause;
    const TimePoint until = parts_.timeline.now() + kLookAgain;
    while (!closing_ && !what->found && !news_ && parts_.timeline.now() < until) co_await changed_.wait_until(until);
  }
  telling_ = false;
  changed_.notify_all();
}

Awaitable<void> Webhook::close() {
  closing_ = true;
  changed_.notify_all();
  const TimePoint until = parts_.timeline.now() + kWithin + std::chrono::seconds{5};
  while (telling_ && parts_.timeline.now() < until) co_await changed_.wait_until(until);
}

}  // namespace penrig::station
