#include <map>

#include "reports/store/archive_entry.hpp"
#include "reports/store/record_log.hpp"
#include "reports/store/record_store.hpp"
#include "reports/store/sqlite_database.hpp"
#include "reports/store/store_call.hpp"
#include "reports/waveforms/waveform_rows.hpp"

namespace penrig {
Result<std::vector<KeptFile>> RecordStore::waveforms_before(std::int64_t utc_ns) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    std::vector<KeptFile> all;
    if (!db_->has_table("waveforms")) return all;
    sqlite::RowReader row(*db_,
                          "SELECT waveforms.sha256 AS sha256, waveforms.form AS form FROM waveforms JOIN phases ON "
                          "phases.id = waveforms.phase"
                          " JOIN runs ON runs.id = phases.run LEFT JOIN outcomes ON outcomes.run = runs.id"
                          " GROUP BY waveforms.sha256"
                          " HAVING max(runs.started_utc_ns) < ? AND count(*) = count(outcomes.id)"
                          " ORDER BY min(waveforms.id)");
    row.bind(1, utc_ns);
    while (row.next()) {
      if (std::string sha256 = row.text("sha256"); !sha256.empty())
        all.push_back({std::move(sha256), rows::read_form(row)});
    }
    return all;
  });
}

Result<void> RecordStore::file_archive(const ArchivedIn& archive, const std::vector<std::string>& waveforms,
                                       const ActedBy& by) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    sqlite::Transaction transaction(*db_);
    const std::int64_t id = sqlite::RowWriter(*db_, "archives")
                                .integer("made_utc_ns", archive.made_utc_ns)
                                .text("file", archive.file)
                                .text("sha256", archive.sha256)
                                .insert();
    for (const std::string& sha256 : waveforms)
      sqlite::RowWriter(*db_, "archived_waveforms").integer("archive", id).text("sha256", sha256).insert();
    AuditEntry entry = archive_entry(archive, waveforms);
    entry.who = by.who;
    log_->append_audit(std::move(entry));
    transaction.commit();
  });
}

Result<std::optional<ArchivedIn>> RecordStore::archive_of(const std::string& waveform_sha256) {
  return guarded(one_at_a_time_, db_->file(), [&]() -> std::optional<ArchivedIn> {
    if (!db_->has_table("archived_waveforms")) return std::nullopt;
    sqlite::RowReader row(*db_,
                          "SELECT file, archives.sha256 AS sha256, made_utc_ns FROM archived_waveforms"
                          " JOIN archives ON archives.id = archive WHERE archived_waveforms.sha256 = ?"
                          " ORDER BY archives.id DESC LIMIT 1");
    row.bind(1, waveform_sha256);
    if (!row.next()) return std::nullopt;
    return ArchivedIn{row.text("file"), row.text("sha256"), row.integer("made_utc_ns")};
  });
}

Result<std::vector<FiledArchive>> RecordStore::archives() {
  return guarded(one_at_a_time_, db_->file(), [&] {
    std::vector<FiledArchive> all;
    if (!db_->has_table("archives")) return all;
    const sqlite::View view(*db_);
    std::map<std::int64_t, std::vector<std::string>> waveforms;
    {
      sqlite::RowReader row(*db_, "SELECT archive, sha256 FROM archived_waveforms ORDER BY id");
      while (row.next()) waveforms[row.integer("archive")].push_back(row.text("sha256"));
    }
    sqlite::RowReader row(*db_, "SELECT id, file, sha256, made_utc_ns FROM archives ORDER BY id");
    while (row.next()) {
      all.push_back({{row.text("file"), row.text("sha256"), row.integer("made_utc_ns")},
                     std::move(waveforms[row.integer("id")])});
    }
    return all;
  });
}

}  // namespace penrig
