#include "reports/evidence/audit_entry.hpp"

#include <fmt/format.h>

#include "reports/json_integer.hpp"
#include "reports/number_format.hpp"

namespace penrig {

using Json = nlohmann::ordered_json;

std::string audit_json_text(const AuditEntry& e) {
  const Json json{{"format", "penrig-audit"},
                  {"format_version", 1},
                  {"id", e.id},
                  {"at_utc", format_iso8601(e.at_utc_ns)},
                  {"at_utc_ns", e.at_utc_ns},
                  {"who", e.who},
                  {"action", e.action},
                  {"subject", e.subject},
                  {"reason", e.reason},
                  {"old", e.old_value},
                  {"new", e.new_value},
                  {"key", e.key.empty() ? Json(nullptr) : Json(e.key)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<AuditEntry> audit_entry_of(const std::string& text) {
  AuditEntry e;
  try {
    const Json json = Json::parse(text);
    e.id = json.at("id");
    e.at_utc_ns = integer_of<std::int64_t>(json.at("at_utc_ns"));
    e.who = json.at("who");
    e.action = json.at("action");
    e.subject = json.at("subject");
    e.reason = json.at("reason");
    e.old_value = json.at("old");
    e.new_value = json.at("new");
    if (!json.at("key").is_null()) e.key = json.at("key");
  } catch (const std::exception& error) {
    return fail(Errc::bad_data, fmt::format("this is no entry of an audit trail: {}", error.what()));
  }
  if (audit_json_text(e) == text) return e;
  return fail(Errc::bad_data, fmt::format("entry {} of the audit trail is not as penrig writes it", e.id));
}

}  // namespace penrig
