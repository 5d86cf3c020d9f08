#include "reports/station/station_json.hpp"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "reports/number_format.hpp"
#include "reports/store/measured_values.hpp"
#include "rig/spec/measurand.hpp"

namespace penrig::station {

nlohmann::ordered_json number_or_null(const std::optional<double>& number) {
  return number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json(nullptr);
}

std::string line_of(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

nlohmann::ordered_json json_of(const ValuesRun& run) {
  return {
      {"run", run.run_id}, {"serial_number", run.serial_number}, {"started_utc", format_iso8601(run.started_utc_ns)}};
}

std::optional<nlohmann::ordered_json> object_of(const Request& request) {
  auto json = nlohmann::ordered_json::parse(request.body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  return json;
}

Response not_an_object() {
  return {422, "application/json", "{\"error\":{\"code\":\"usage\",\"message\":\"the body is no JSON object\"}}\n", {}};
}

Result<std::string> text_of(const nlohmann::ordered_json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return std::string();
  if (!found->is_string()) return fail(Errc::usage, fmt::format("'{}' is no text", key));
  return found->get<std::string>();
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stopped == end ? std::optional(number) : std::nullopt;
}

Result<std::size_t> whole_asked(const Request& request, const char* name, std::size_t unless, std::size_t at_least,
                                std::size_t at_most) {
  const std::string text = asked(request, name);
  if (text.empty()) return unless;
  const auto number = whole_number(text);
  if (!number || *number < at_least || *number > at_most)
    return fail(Errc::usage, fmt::format("{} is no whole number from {} to {}", name, at_least, at_most));
  return static_cast<std::size_t>(*number);
}

Result<std::optional<double>> number_asked(const Request& request, const char* name) {
  const std::string text = asked(request, name);
  if (text.empty()) return std::optional<double>();
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stopped != end || !std::isfinite(number))
    return fail(Errc::usage, fmt::format("{} is no number", name));
  return std::optional(number);
}

Result<std::string> measurand_asked(const Request& request) {
  std::string id = asked(request, "measurand");
  if (find_measurand(id) == nullptr) return fail(Errc::usage, "measurand is none that is known");
  return id;
}

std::string asked(const Request& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

}  // namespace penrig::station
