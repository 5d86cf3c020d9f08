#include "reports/store/archive_entry.hpp"

#include <cstdint>

#include <fmt/format.h>

#include "reports/digest.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSha256 = "sha256";
constexpr const char* kWaveforms = "waveforms";
constexpr const char* kList = "waveforms_sha256";

std::string sha256_of_list(const std::vector<std::string>& waveforms) {
  std::string list;
  for (const std::string& sha256 : waveforms) list += sha256 + "\n";
  return sha256_hex(list);
}

/// null where there is none.
Json value_of(const AuditEntry& entry, const char* key) {
  const auto found = entry.new_value.is_object() ? entry.new_value.find(key) : entry.new_value.end();
  return found == entry.new_value.end() ? Json(nullptr) : *found;
}

/// As it is read back: an entry holds text, and a path need not be one.
std::string subject_of(const ArchivedIn& archive) {
  const Result<AuditEntry> read = audit_entry_of(audit_json_text(archive_entry(archive, {})));
  return read ? read->subject : std::string();
}

}  // namespace

AuditEntry archive_entry(const ArchivedIn& archive, const std::vector<std::string>& waveforms) {
  AuditEntry entry{.at_utc_ns = archive.made_utc_ns, .action = audit::kArchived, .subject = "archive " + archive.file};
  entry.new_value = Json{{kSha256, archive.sha256}, {kWaveforms, waveforms.size()}, {kList, sha256_of_list(waveforms)}};
  return entry;
}

bool is_entry_of(const AuditEntry& entry, const ArchivedIn& archive) {
  return entry.action == audit::kArchived && entry.subject == subject_of(archive) &&
         value_of(entry, kSha256) == archive.sha256;
}

std::string why_not_archived_so(const AuditEntry& entry, const FiledArchive& rows) {
  if (const Json said = value_of(entry, kWaveforms); said != rows.waveforms.size()) {
    return fmt::format("the store says that it took {} waveforms, and {} of the audit trail says {}",
                       rows.waveforms.size(), entry.id, said.dump());
  }
  const Json list = value_of(entry, kList);
  if (!list.is_null() && list != sha256_of_list(rows.waveforms)) {
    return fmt::format("the waveforms that the store says it took are not those of {} of the audit trail", entry.id);
  }
  if (entry.at_utc_ns != rows.archive.made_utc_ns)
    return fmt::format("the store says that it was made at another time than {} of the audit trail says", entry.id);
  return {};
}

}  // namespace penrig
