#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "reports/station/http.hpp"

namespace penrig {
struct ValuesRun;
}

namespace penrig::station {

inline constexpr std::size_t kListenersAtMost = 64;
inline constexpr std::size_t kRunsToldAtMost = 500;

/// On one line; bytes that are no UTF-8 are replaced, never thrown at.
std::string line_of(const nlohmann::ordered_json& json);
nlohmann::ordered_json number_or_null(const std::optional<double>& number);
/// Which run it was, of which pen, when: {"run", "serial_number", "started_utc"}.
nlohmann::ordered_json json_of(const ValuesRun& run);
/// A body that is a JSON object; else none.
std::optional<nlohmann::ordered_json> object_of(const Request& request);
/// What is said of another one.
Response not_an_object();
/// A text of an object; "" where there is none. Errc::usage where it is none.
Result<std::string> text_of(const nlohmann::ordered_json& object, const char* key);
std::optional<std::uint64_t> whole_number(std::string_view text);
/// A whole number of the query, `unless` where nothing is said. Errc::usage: none from `at_least` to `at_most`.
Result<std::size_t> whole_asked(const Request& request, const char* name, std::size_t unless, std::size_t at_least,
                                std::size_t at_most);
/// A number of the query, none where nothing is said. Errc::usage: what stands there is no number.
Result<std::optional<double>> number_asked(const Request& request, const char* name);
/// The measurand that the query names. Errc::usage: none of the catalogue.
Result<std::string> measurand_asked(const Request& request);
/// What stands there in the query; "" where nothing does.
std::string asked(const Request& request, const char* name);

}  // namespace penrig::station
