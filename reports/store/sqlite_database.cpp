#include "reports/store/sqlite_database.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

namespace penrig::sqlite {

void raise(Errc code, std::string message) { throw ErrorException(fail(code, std::move(message))); }

void Database::Finalise::operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
void Database::Close::operator()(sqlite3* db) const { sqlite3_close(db); }

/// SQLite's own way of waiting, but not in silence. Waiting it is that counts, not the clock: a program that was
/// stopped meanwhile has not waited.
int Database::wait_for_other(void* self, int attempts) {
  constexpr std::array kDelaysMs{1, 2, 5, 10, 15, 20, 25};
  auto& db = *static_cast<Database*>(self);
  if (attempts == 0 && !db.one_wait_) db.begin_wait();
  if (db.waited_ms_ >= db.busy_timeout_ms_) return 0;
  if (!db.said_ && db.waited_ms_ >= kSilentWaitMs && db.on_waiting_) {
    db.said_ = true;
    db.on_waiting_(db.file_, db.busy_timeout_ms_);
  }
  const int delay_ms =
      std::min(kDelaysMs[std::min<std::size_t>(static_cast<std::size_t>(attempts), kDelaysMs.size() - 1)],
               db.busy_timeout_ms_ - db.waited_ms_);
  sqlite3_sleep(delay_ms);
  db.waited_ms_ += delay_ms;
  return 1;
}

namespace {

/// Of the whole process, before its first connection; where another part of it was first, only time is lost. What a row
/// or a phase would take back lies in memory up to here, in one piece: every trigger that can refuse a row makes SQLite
/// keep the pages that the row touches. And nobody reads SQLite's statistics of its memory.
void set_up_sqlite() {
  constexpr int kUndoBytes = 1 << 20;
  static const int asked =
      sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, kUndoBytes) | sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(asked);
}

/// Why a file may not be opened or made, as far as rights say so; 0: they do not. SQLite tries again for reading alone,
/// and keeps only what came of that: no such file.
int withheld(const std::filesystem::path& file) {
  const bool there = ::faccessat(AT_FDCWD, file.c_str(), F_OK, AT_EACCESS) == 0;
  const std::filesystem::path at = there ? file : file.has_parent_path() ? file.parent_path() : ".";
  if (::faccessat(AT_FDCWD, at.c_str(), W_OK, AT_EACCESS) == 0) return 0;
  return errno == EACCES || errno == EPERM || errno == EROFS ? errno : 0;
}

bool may_write(const std::filesystem::path& path) { return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0; }

/// What a database that nobody can write to is opened by: SQLite then makes no file beside it and takes no lock.
std::string as_it_is(const std::filesystem::path& file) {
  std::string uri = file.is_absolute() ? "file://" : "file:";
  for (const char c : file.string()) {
    if (c == '%' || c == '?' || c == '#') {
      uri += fmt::format("%{:02X}", static_cast<unsigned>(c));
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

/// Its name where SQLite would take what begins so for a URI.
std::string plain_name(const std::filesystem::path& file) {
  const std::string name = file.string();
  return name.starts_with("file:") ? "./" + name : name;
}

/// A write-protected WAL database cannot be read the usual way: that makes files beside it. Where its log has nothing
/// that the file lacks, it is read as it is. nullptr: the usual way does.
sqlite3* open_protected(const std::filesystem::path& file, sqlite3* usual) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  if (may_write(file) && may_write(folder)) return nullptr;
  const int probed = sqlite3_exec(usual, "SELECT count(*) FROM sqlite_schema", nullptr, nullptr, nullptr) & 0xFF;
  if (probed != SQLITE_CANTOPEN && probed != SQLITE_READONLY) return nullptr;
  for (const char* const end : {"-wal", "-journal"}) {
    std::error_code error;
    const std::filesystem::path log = std::filesystem::path(file) += end;
    const bool there = std::filesystem::exists(log, error);
    if (error || (there && (std::filesystem::file_size(log, error) > 0 || error))) {
      raise(Errc::io, fmt::format("{}: is write-protected, and {} has rows that cannot be read so; copy the whole "
                                  "folder to a place that can be written, and name that with --records",
                                  file.string(), log.filename().string()));
    }
  }
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (sqlite3_open_v2(as_it_is(file).c_str(), &raw, flags, nullptr) == SQLITE_OK) return raw;
  sqlite3_close(raw);
  return nullptr;
}

}  // namespace

Database::Database(std::filesystem::path file, Access access, int busy_timeout_ms,
                   std::function<void(const std::filesystem::path&, int)> on_waiting)
    : file_(std::move(file)), busy_timeout_ms_(busy_timeout_ms), on_waiting_(std::move(on_waiting)) {
  set_up_sqlite();
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (access == Access::create ? SQLITE_OPEN_CREATE : 0);
  const int rc = sqlite3_open_v2(plain_name(file_).c_str(), &raw, flags, nullptr);
  db_.reset(raw);
  if (rc != SQLITE_OK) throw_last("open it");
  if (access == Access::existing) {
    if (sqlite3* const as_is = open_protected(file_, raw); as_is != nullptr) {
      raw = as_is;
      db_.reset(raw);
      as_it_is_ = true;
    }
  }
  // SQLite falls back to reading in silence; a store that cannot be written must say so before a run, not after it.
  if (access == Access::create && sqlite3_db_readonly(raw, "main") == 1) {
    raise(Errc::io,
          fmt::format("{}: is read-only; make file and folder writable, or choose another --records", file_.string()));
  }
  sqlite3_busy_handler(raw, wait_for_other, this);
}

Database::~Database() { prepared_.clear(); }

void Database::throw_last(std::string_view doing) const {
  const int last_errno = errno;  // SQLite keeps the system's own word of a failed open, but not of every failed write
  const int extended = sqlite3_extended_errcode(db_.get());
  const int kept = sqlite3_system_errno(db_.get());
  const int system = kept != 0 || (extended & 0xFF) != SQLITE_IOERR ? kept : last_errno;
  const std::string complaint = sqlite3_errmsg(db_.get());
  const std::string file = file_.string();
  const auto with_errno = [&] {
    return system == 0 ? complaint : fmt::format("{}, {}", complaint, std::generic_category().message(system));
  };
  switch (extended & 0xFF) {
    case SQLITE_FULL:
      raise(Errc::no_space, fmt::format("{}: no space left to {}; free some, then run again", file, doing));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      raise(Errc::locked,
            fmt::format("{}: held by another program, which did not let go in time to {}; close it, then run again",
                        file, doing));
    case SQLITE_READONLY:
      raise(Errc::io,
            fmt::format("{}: is read-only, cannot {}; make file and folder writable, or choose another --records", file,
                        doing));
    case SQLITE_NOTADB:
      raise(Errc::io,
            fmt::format("{}: is not a record store (no SQLite database); move it away or choose another --records",
                        file));
    case SQLITE_CORRUPT:
      raise(Errc::io, fmt::format("{}: is damaged ({}); keep it as it is, restore a copy, or choose another --records",
                                  file, complaint));
    case SQLITE_CANTOPEN:
      if (const int cause = withheld(file_); cause != 0) {
        raise(Errc::io, fmt::format("{}: cannot {}: {}; make file and folder writable, or choose another --records",
                                    file, doing, std::generic_category().message(cause)));
      }
      break;
    case SQLITE_CONSTRAINT:
      raise(Errc::io, fmt::format("{}: cannot {}: {}", file, doing, complaint));
    default:
      break;
  }
  if (system == ENOSPC || system == EDQUOT || system == EFBIG) {
    raise(Errc::no_space, fmt::format("{}: no space left to {} ({}); free some, then run again", file, doing,
                                      std::generic_category().message(system)));
  }
  raise(Errc::io, fmt::format("{}: cannot {}: {}", file, doing, with_errno()));
}

void Database::begin_wait() {
  waited_ms_ = 0;
  said_ = false;
}

/// Where two connections might wait for each other, as in making a file a WAL file, SQLite gives up at once. Outside a
/// transaction nothing has happened then, and it is repeated, within the same patience.
template <class Step>
void Database::repeat_while_busy(Step step) {
  begin_wait();
  for (int attempts = 1;; ++attempts) {
    one_wait_ = true;
    const int rc = step();
    one_wait_ = false;
    if (rc == SQLITE_OK) return;
    const bool nothing_done = (rc & 0xFF) == SQLITE_BUSY && sqlite3_get_autocommit(db_.get()) != 0;
    if (!nothing_done || wait_for_other(this, attempts) == 0) throw_last("write to it");
  }
}

void Database::attach(const std::filesystem::path& file, const std::string& name) {
  const Database other(file, Access::existing, busy_timeout_ms_);
  std::string quoted;
  for (const char c : other.as_it_is_ ? as_it_is(file) : plain_name(file))
    quoted += c == '\'' ? "''" : std::string(1, c);
  run(fmt::format("ATTACH '{}' AS {}", quoted, name));
}

void Database::run(const std::string& sql) {
  repeat_while_busy([&] { return sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr); });
}

void Database::run_again(std::string_view sql) {
  sqlite3_stmt* const s = prepared(sql);
  repeat_while_busy([s] {
    sqlite3_step(s);
    return sqlite3_reset(s);  // what the step said, and the statement is ready again
  });
}

std::int64_t Database::integer(std::string_view sql) {
  sqlite3_stmt* s = prepared(sql);
  if (sqlite3_step(s) != SQLITE_ROW) throw_last("read from it");
  const std::int64_t value = sqlite3_column_int64(s, 0);
  sqlite3_reset(s);
  return value;
}

std::string Database::text(std::string_view sql) {
  sqlite3_stmt* s = prepared(sql);
  if (sqlite3_step(s) != SQLITE_ROW) throw_last("read from it");
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(s, 0));
  std::string value = bytes == nullptr ? "" : bytes;
  sqlite3_reset(s);
  return value;
}

bool Database::has_table(const std::string& name) {
  if (tables_.contains(name)) return true;
  sqlite3_stmt* const s = prepared("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
  sqlite3_bind_text64(s, 1, name.data(), name.size(), nullptr, SQLITE_UTF8);  // nullptr: it outlives the step
  const int rc = sqlite3_step(s);
  if (rc != SQLITE_ROW && rc != SQLITE_DONE) throw_last("read from it");
  sqlite3_reset(s);
  if (rc == SQLITE_ROW) tables_.insert(name);
  return rc == SQLITE_ROW;
}

Database::Prepared& Database::entry_of(std::string_view sql) {
  auto known = prepared_.find(sql);
  if (known == prepared_.end()) {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw,
                           nullptr) != SQLITE_OK) {
      throw_last("read from it");
    }
    known = prepared_.emplace(sql, Prepared{std::unique_ptr<sqlite3_stmt, Finalise>(raw), {}}).first;
  }
  sqlite3_stmt* const statement = known->second.statement.get();
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  return known->second;
}

Database::Select Database::select(std::string_view sql) {
  Prepared& entry = entry_of(sql);
  sqlite3_stmt* const statement = entry.statement.get();
  // SQLite prepares anew by itself where another program changed the tables: then there may be more of them.
  const int count = sqlite3_column_count(statement);
  if (entry.columns.size() != static_cast<std::size_t>(count)) {
    entry.columns.clear();
    for (int i = 0; i < count; ++i) entry.columns.push_back({sqlite3_column_name(statement, i)});
  }
  return {statement, entry.columns};
}

void Database::leave_its_log() {
  if (sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr) != SQLITE_OK) throw_last("set it up");
}

std::string Database::bytes() const {
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, decltype(&sqlite3_free)> all(sqlite3_serialize(db_.get(), "main", &size, 0),
                                                                    sqlite3_free);
  if (all == nullptr) raise(Errc::internal, file_.string() + ": SQLite gave no copy of it");
  return {reinterpret_cast<const char*>(all.get()), static_cast<std::size_t>(size)};
}

std::int64_t Database::last_row_id() const { return sqlite3_last_insert_rowid(db_.get()); }

namespace {

/// Pages that a sync failed on stay in the write-ahead log with all their checksums, and the next program that opens
/// the database would count them. Whatever is written next is written over them; this needs no sync to be seen.
void take_back(Database& db) noexcept {
  const auto run = [&db](const std::string& sql) {
    try {
      db.run(sql);
    } catch (const ErrorException&) {
      // If not even that can be written, nothing was.
    }
  };
  run("PRAGMA synchronous = OFF");
  try {
    run(fmt::format("PRAGMA user_version = {}", db.integer("PRAGMA user_version")));
  } catch (const ErrorException&) {
    // As above.
  }
  run("PRAGMA synchronous = FULL");
}

}  // namespace

bool Database::in_group() const {
  if (group_ && sqlite3_get_autocommit(db_.get()) != 0) {
    raise(Errc::io, fmt::format("{}: the group of runs was given up after an error; nothing of it is there, run its "
                                "runs again",
                                file_.string()));
  }
  return group_;
}

/// A group of twenty certifications has half of this. Pages that do not fit are written before their time, some of them
/// many times.
constexpr int kGroupPagesKib = 64 * 1024;
constexpr int kUsualPagesKib = 2000;  // SQLite's own

void Database::let_pages_go() noexcept {
  sqlite3_exec(db_.get(), fmt::format("PRAGMA cache_size = -{}", kUsualPagesKib).c_str(), nullptr, nullptr, nullptr);
  sqlite3_db_release_memory(db_.get());
}

void Database::begin_group() {
  if (group_) raise(Errc::usage, fmt::format("{}: a group of runs is open already; commit it first", file_.string()));
  run("BEGIN IMMEDIATE");
  run(fmt::format("PRAGMA cache_size = -{}", kGroupPagesKib));
  group_ = true;
}

void Database::commit_group() {
  if (!in_group()) raise(Errc::usage, fmt::format("{}: no group of runs is open", file_.string()));
  try {
    run("COMMIT");
  } catch (const ErrorException&) {
    drop_group();
    take_back(*this);
    throw;
  }
  group_ = false;
  let_pages_go();
}

void Database::drop_group() noexcept {
  if (!std::exchange(group_, false)) return;
  // What SQLite has rolled back by itself needs no more.
  sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  let_pages_go();
}

Transaction::Transaction(Database& db) : db_(db), in_group_(db.in_group()) {
  db_.run_again(in_group_ ? "SAVEPOINT part" : "BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    db_.run(in_group_ ? "ROLLBACK TO part; RELEASE part" : "ROLLBACK");
  } catch (const ErrorException&) {
    // SQLite has already rolled back by itself (full disk, I/O error): nothing is left to undo.
  }
}

void Transaction::commit() {
  db_.run_again(in_group_ ? "RELEASE part" : "COMMIT");
  open_ = false;
}

View::View(Database& db) : db_(db), own_(!db.in_group()) {
  if (own_) db_.run_again("BEGIN");
}

View::~View() {
  if (!own_) return;
  try {
    db_.run_again("ROLLBACK");
  } catch (const ErrorException&) {
    // It was given up already: nothing was written in it.
  }
}

}  // namespace penrig::sqlite
