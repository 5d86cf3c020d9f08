#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

#include "rig/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace penrig::sqlite {

/// Thrown inside the store, turned into a Result at its edge.
[[noreturn]] void raise(Errc code, std::string message);

/// How long a wait for another program's lock may last in silence.
inline constexpr int kSilentWaitMs = 1000;

/// One connection. Errors are thrown as ErrorException; messages name the file and what to do.
class Database {
 public:
  enum class Access : std::uint8_t { create, existing };
  /// @param busy_timeout_ms  how long a call waits for another program's lock.
  /// @param on_waiting       called once in each wait that lasts, after kSilentWaitMs; with the file and how many
  ///                         milliseconds it waits in all. May be called from any thread that uses the connection.
  Database(std::filesystem::path file, Access access, int busy_timeout_ms,
           std::function<void(const std::filesystem::path&, int)> on_waiting = {});
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Names another database file in this connection, to be read: also one that is write-protected, as Access::existing
  /// does. `name`: a word of SQL.
  void attach(const std::filesystem::path& file, const std::string& name);
  void run(const std::string& sql);
  /// The same for one statement that comes again and again: it is prepared once.
  void run_again(std::string_view sql);
  /// The first column of the first row.
  std::int64_t integer(std::string_view sql);
  std::string text(std::string_view sql);
  /// False in a file of an older version that is only read. Tables do not go again: one that was found stays found.
  bool has_table(const std::string& name);
  /// A prepared statement, reset and without bindings; kept for the next time.
  sqlite3_stmt* prepared(std::string_view sql) { return entry_of(sql).statement.get(); }
  struct Column {
    std::string name;
    const char* asked_for = nullptr;  ///< where the name stood by which it was asked for last
  };
  struct Select {
    sqlite3_stmt* statement;
    std::vector<Column>& columns;  ///< in their order
  };
  Select select(std::string_view sql);
  /// The INSERT of these columns, likewise. Names: literals, known again by their addresses.
  sqlite3_stmt* insert_into(const char* table, std::span<const char* const> columns);
  std::int64_t last_row_id() const;
  /// What its file would be.
  std::string bytes() const;
  /// What was committed and stands in the write-ahead log stays there when the connection is closed.
  void leave_its_log();

  /// One transaction over all that follows, until it is ended. Errc::usage: there is one already. Its pages are kept in
  /// memory until then, and let go with it: what is read afterwards is read from the file.
  void begin_group();
  /// Errc::io: SQLite gave the transaction up after an error; nothing of the group is there.
  void commit_group();
  void drop_group() noexcept;
  /// Throws as commit_group() where the group is lost.
  bool in_group() const;
  /// Throws what the last call of SQLite complained about. `doing`: "write a phase".
  [[noreturn]] void throw_last(std::string_view doing) const;
  const std::filesystem::path& file() const { return file_; }

 private:
  struct Finalise {
    void operator()(sqlite3_stmt* s) const;
  };
  struct Close {
    void operator()(sqlite3* db) const;
  };
  struct Prepared {
    std::unique_ptr<sqlite3_stmt, Finalise> statement;
    std::vector<Column> columns;  ///< of a SELECT, once it was asked for
  };
  struct HashOfText {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  Prepared& entry_of(std::string_view sql);
  static int wait_for_other(void* self, int attempts);
  void begin_wait();
  /// Repeats a step that gave SQLITE_BUSY before anything was done, within the patience of one wait.
  template <class Step>
  void repeat_while_busy(Step step);
  void let_pages_go() noexcept;

  std::filesystem::path file_;
  int busy_timeout_ms_;
  int waited_ms_ = 0;
  bool said_ = false;
  bool one_wait_ = false;  ///< all waits of a call are one
  bool group_ = false;
  bool as_it_is_ = false;  ///< its file is write-protected, and read without a lock
  std::function<void(const std::filesystem::path&, int)> on_waiting_;
  std::unique_ptr<sqlite3, Close> db_;
  std::unordered_map<std::string, Prepared, HashOfText, std::equal_to<>> prepared_;
  std::set<std::string> tables_;  ///< known to be there
  struct Insert {
    const char* table;
    std::vector<const char*> columns;
    sqlite3_stmt* statement;  ///< of prepared_
  };
  std::vector<Insert> inserts_;
};

/// BEGIN IMMEDIATE now, COMMIT on commit(), else ROLLBACK. Within a group it is a part of that: whole or not at all,
/// and durable with the group.
class Transaction {
 public:
  explicit Transaction(Database& db);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& db_;
  const bool in_group_;
  bool open_ = true;
};

/// One view of all tables, whatever another program adds meanwhile. Within a group: that one's.
class View {
 public:
  explicit View(Database& db);
  ~View();
  View(const View&) = delete;
  View& operator=(const View&) = delete;

 private:
  Database& db_;
  const bool own_;
};

/// A double as JSON carries it, bit for bit: what is not finite becomes "bits:<16 hex digits>".
nlohmann::ordered_json json_of(double value);
double double_of(const nlohmann::ordered_json& json);

/// Builds and runs one INSERT. Doubles keep their bits: SQLite turns NaN into NULL and -0.0 into 0.0, so those go into
/// the row's own column `not_real`, as {"column": "<16 hex digits>"}; every table that holds REAL has that column.
/// Nothing is copied but what comes as a temporary: a text that is named outlives insert().
class RowWriter {
 public:
  /// table and columns: literals.
  RowWriter(Database& db, const char* table) : db_(db), table_(table) {}
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;
  RowWriter& text(const char* column, const std::string& value) { return bytes(column, Kind::text, value); }
  RowWriter& text(const char* column, std::string&& value) { return bytes(column, Kind::text, keep(std::move(value))); }
  RowWriter& blob(const char* column, const std::string& value) { return bytes(column, Kind::blob, value); }
  RowWriter& blob(const char* column, std::string&& value) { return bytes(column, Kind::blob, keep(std::move(value))); }
  RowWriter& integer(const char* column, std::int64_t value) {
    add(column, Kind::integer).integer = value;
    return *this;
  }
  RowWriter& integer(const char* column, std::uint64_t value) {
    return integer(column, static_cast<std::int64_t>(value));
  }
  RowWriter& flag(const char* column, bool value) { return integer(column, std::int64_t{value ? 1 : 0}); }
  RowWriter& real(const char* column, double value);
  RowWriter& real(const char* column, const std::optional<double>& value);
  /// Returns the new row's id.
  std::int64_t insert();

 private:
  static constexpr std::size_t kColumnsMax = 40;  ///< the widest table has 32
  enum class Kind : std::uint8_t { null, integer, real, text, blob };
  struct Value {
    Kind kind;
    union {
      std::int64_t integer;
      double real;
      std::size_t size;
    };
    const char* bytes;
  };
  Value& add(const char* column, Kind kind);
  RowWriter& bytes(const char* column, Kind kind, std::string_view value);
  std::string_view keep(std::string&& value) { return kept_.emplace_back(std::move(value)); }

  Database& db_;
  const char* table_;
  std::size_t count_ = 0;
  std::array<const char*, kColumnsMax> columns_;  // both up to count_
  std::array<Value, kColumnsMax> values_;
  std::list<std::string> kept_;
  nlohmann::ordered_json not_real_;
};

/// A literal: two that stand at the same place are the same name.
class ColumnName {
 public:
  template <std::size_t Size>
  consteval ColumnName(const char (&literal)[Size]) : text_(literal, Size - 1) {}  // NOLINT(*-explicit-*)
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

/// Steps through a SELECT; columns by name.
class RowReader {
 public:
  RowReader(Database& db, std::string_view sql) : RowReader(db, db.select(sql)) {}
  RowReader& bind(int index, std::int64_t value);
  RowReader& bind(int index, double value);
  RowReader& bind(int index, const std::string& value);
  ~RowReader();
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;
  /// False after the last row.
  bool next();
  std::string text(ColumnName column) const;
  std::string blob(ColumnName column) const { return text(column); }
  std::int64_t integer(ColumnName column) const;
  std::uint64_t count(ColumnName column) const { return static_cast<std::uint64_t>(integer(column)); }
  bool flag(ColumnName column) const { return integer(column) != 0; }
  double real(ColumnName column) const;
  std::optional<double> optional_real(ColumnName column) const;
  bool null(ColumnName column) const;
  /// False in a file of an older version that is only read.
  bool has(ColumnName column) const { return find(column) >= 0; }

 private:
  RowReader(Database& db, const Database::Select& select);
  int index_of(ColumnName column) const;
  /// -1: there is none. Rows are mostly read in the order of their columns, and each by the same literals; some are
  /// asked for twice, whether they hold something and what.
  int find(ColumnName column) const {
    const char* const asked_for = column.text().data();
    if (next_ > 0 && columns_[next_ - 1].asked_for == asked_for) return static_cast<int>(next_ - 1);
    if (next_ < columns_.size() && columns_[next_].asked_for == asked_for) return static_cast<int>(next_++);
    return search(column.text());
  }
  int search(std::string_view column) const;
  Database& db_;
  sqlite3_stmt* statement_;
  std::vector<Database::Column>& columns_;
  mutable std::size_t next_ = 0;  ///< where the next column is looked for first
  int not_real_at_ = -1;
  nlohmann::ordered_json not_real_;
};

}  // namespace penrig::sqlite
