#include "reports/store/row_values.hpp"

#include <fmt/format.h>

namespace penrig::rows {

std::string dumped(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Verdict verdict_of(std::int64_t stored) {
  if (stored < 0 || stored > static_cast<std::int64_t>(Verdict::error)) {
    sqlite::raise(Errc::bad_data, fmt::format("the record holds {} where a verdict belongs", stored));
  }
  return static_cast<Verdict>(stored);
}

std::int64_t stored(Verdict verdict) { return static_cast<std::int64_t>(verdict); }

}  // namespace penrig::rows
