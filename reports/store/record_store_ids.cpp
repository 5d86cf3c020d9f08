#include "reports/store/header_rows.hpp"
#include "reports/store/record_log.hpp"
#include "reports/store/record_store.hpp"
#include "reports/store/sqlite_database.hpp"
#include "reports/store/store_call.hpp"

namespace penrig {

Result<std::vector<std::string>> RecordStore::run_ids() {
  return guarded(one_at_a_time_, db_->file(), [&] {
    std::vector<std::string> all;
    sqlite::RowReader row(*db_, "SELECT id FROM runs ORDER BY id");
    while (row.next()) all.push_back(rows::run_name(row.integer("id")));
    return all;
  });
}

Result<std::vector<std::string>> RecordStore::entries_beside_the_log() {
  return guarded(one_at_a_time_, db_->file(), [&] {
    std::vector<std::string> all;
    if (!db_->has_table("audit_entries")) return all;  // of a version that had none
    sqlite::RowReader row(*db_,
                          "SELECT id FROM audit_entries WHERE NOT EXISTS"
                          " (SELECT 1 FROM log_leaves WHERE log_leaves.audit = audit_entries.id) ORDER BY id");
    while (row.next()) all.push_back(audit_name(row.integer("id")));
    return all;
  });
}

}  // namespace penrig
