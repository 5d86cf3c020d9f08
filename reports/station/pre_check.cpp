#include "reports/station/pre_check.hpp"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/number_format.hpp"
#include "reports/station/secrets.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig::station {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kLongestRefusal = 300;

/// What the other system said.
Result<void> answer_of(const Url& url, const std::string& serial_number, const HttpReply& reply) {
  const auto unclear = [&](const std::string& what) {
    return fail(Errc::refused, fmt::format("whether {} may run is not known: {} answered {}, expected was 200 with "
                                           "{{\"allowed\": true}} or {{\"allowed\": false, \"reason\": \"...\"}}",
                                           serial_number, url.text, what));
  };
  if (reply.status != 200) return unclear(fmt::format("with status {}", reply.status));
  const Json json = Json::parse(reply.body, nullptr, false);
  if (!json.is_object() || !json.contains("allowed") || !json.at("allowed").is_boolean())
    return unclear(fmt::format("'{}'", shown(reply.body)));
  if (json.at("allowed").get<bool>()) return {};
  std::string why = "it gave no reason";
  if (json.contains("reason") && json.at("reason").is_string())
    why = shown(json.at("reason").get_ref<const std::string&>(), kLongestRefusal);
  return fail(Errc::refused, fmt::format("{} may not run: {} ({})", serial_number, why, url.text));
}

}  // namespace

Awaitable<Result<void>> PreCheck::ask(PenToCheck pen) {
  const auto id = random_hex(16);
  if (!id) co_return id.error();
  const std::int64_t utc_ns = timeline_.utc_ns(timeline_.now());
  const Json message{{"type", "run.check"},
                     {"timestamp", format_iso8601(utc_ns)},
                     {"data",
                      {{"serial_number", pen.serial_number},
                       {"product", pen.product},
                       {"plan", pen.plan},
                       {"rig", pen.rig},
                       {"slot", pen.slot},
                       {"operator", pen.who}}}};
  std::string body = message.dump(-1, ' ', false, Json::error_handler_t::replace);
  auto headers = secret_.headers("check_" + *id, utc_ns, body);
  auto asking = client_.post(url_, std::move(headers), std::move(body), within_);
  const Result<HttpReply> reply = co_await std::move(asking);
  if (!reply) {
    co_return fail(Errc::refused,
                   fmt::format("whether {} may run is not known: {}", pen.serial_number, reply.error().message));
  }
  co_return answer_of(url_, pen.serial_number, *reply);
}

}  // namespace penrig::station
