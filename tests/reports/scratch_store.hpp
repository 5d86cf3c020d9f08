#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <sqlite3.h>

#include "reports/store/record_store.hpp"
#include "tests/reports/sample_record.hpp"

namespace penrig::testing {

inline std::unique_ptr<RecordStore> opened(const std::filesystem::path& folder, RecordStoreOptions options = {}) {
  return RecordStore::open(folder, options).value();
}

/// Stores the run as a sequencer would, and gives it the id that it got.
inline std::string stored(RecordStore& store, RunRecord& run) {
  run.header.run_id = store.open_run(run.header).value();
  for (const PhaseRecord& phase : run.phases) {
    if (phase.spot) store.take_spot(run.header.run_id, {phase.spot->name, 0, 0}).value();
    store.add_phase(run.header.run_id, phase).value();
  }
  if (run.link_trace) store.add_link_trace(run.header.run_id, *run.link_trace).value();
  if (run.closed) store.close_run(run.header.run_id, run.outcome).value();
  return run.header.run_id;
}

/// A connection beside the store: another program.
class Sqlite {
 public:
  explicit Sqlite(const std::filesystem::path& folder) { sqlite3_open((folder / "records.db").c_str(), &db_); }
  ~Sqlite() { sqlite3_close(db_); }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;
  /// Empty, or the complaint.
  std::string run(const std::string& sql) {
    char* message = nullptr;
    sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, &message);
    const std::string complaint = message == nullptr ? "" : message;
    sqlite3_free(message);
    return complaint;
  }
  std::string first(const std::string& sql) {
    sqlite3_stmt* s = nullptr;
    sqlite3_prepare_v2(db_, sql.c_str(), -1, &s, nullptr);
    std::string text;
    if (s != nullptr && sqlite3_step(s) == SQLITE_ROW && sqlite3_column_bytes(s, 0) > 0) {
      text.assign(static_cast<const char*>(sqlite3_column_blob(s, 0)),
                  static_cast<std::size_t>(sqlite3_column_bytes(s, 0)));
    }
    sqlite3_finalize(s);
    return text;
  }

 private:
  sqlite3* db_ = nullptr;
};

}  // namespace penrig::testing
