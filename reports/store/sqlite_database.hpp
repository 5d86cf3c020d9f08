#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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

  void run(const std::string& sql);
  /// The first column of the first row.
  std::int64_t integer(const std::string& sql);
  std::string text(const std::string& sql);
  /// A prepared statement, reset and without bindings; kept for the next time.
  sqlite3_stmt* prepared(const std::string& sql);
  std::int64_t last_row_id() const;
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
  static int wait_for_other(void* self, int attempts);
  void begin_wait();

  std::filesystem::path file_;
  int busy_timeout_ms_;
  int waited_ms_ = 0;
  bool said_ = false;
  bool one_wait_ = false;  ///< all waits of a call are one
  std::function<void(const std::filesystem::path&, int)> on_waiting_;
  std::unique_ptr<sqlite3, Close> db_;
  std::map<std::string, std::unique_ptr<sqlite3_stmt, Finalise>> prepared_;
};

/// BEGIN IMMEDIATE now, COMMIT on commit(), else ROLLBACK.
class Transaction {
 public:
  explicit Transaction(Database& db);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& db_;
  bool open_ = true;
};

/// A double as JSON carries it, bit for bit: what is not finite becomes "bits:<16 hex digits>".
nlohmann::ordered_json json_of(double value);
double double_of(const nlohmann::ordered_json& json);

/// Builds and runs one INSERT. Doubles keep their bits: SQLite turns NaN into NULL and -0.0 into 0.0, so those go into
/// the row's own column `not_real`, as {"column": "<16 hex digits>"}; every table that holds REAL has that column.
class RowWriter {
 public:
  /// table and columns: literals; they are not copied.
  RowWriter(Database& db, const char* table) : db_(db), table_(table) {}
  RowWriter& text(const char* column, std::string value);
  RowWriter& blob(const char* column, std::string value);
  RowWriter& integer(const char* column, std::int64_t value);
  RowWriter& integer(const char* column, std::uint64_t value) {
    return integer(column, static_cast<std::int64_t>(value));
  }
  RowWriter& flag(const char* column, bool value) { return integer(column, std::int64_t{value ? 1 : 0}); }
  RowWriter& real(const char* column, double value);
  RowWriter& real(const char* column, const std::optional<double>& value);
  /// Returns the new row's id.
  std::int64_t insert();

 private:
  struct Value {
    enum class Kind : std::uint8_t { null, integer, real, text, blob } kind = Kind::null;
    std::int64_t integer = 0;
    double real = 0;
    std::string text{};
  };
  RowWriter& add(const char* column, Value value);
  Database& db_;
  const char* table_;
  std::vector<std::pair<const char*, Value>> values_;
  nlohmann::ordered_json not_real_;
};

/// Steps through a SELECT; columns by name.
class RowReader {
 public:
  RowReader(Database& db, const std::string& sql);
  RowReader& bind(int index, std::int64_t value);
  RowReader& bind(int index, double value);
  RowReader& bind(int index, const std::string& value);
  ~RowReader();
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;
  /// False after the last row.
  bool next();
  std::string text(std::string_view column) const;
  std::string blob(std::string_view column) const { return text(column); }
  std::int64_t integer(std::string_view column) const;
  std::uint64_t count(std::string_view column) const { return static_cast<std::uint64_t>(integer(column)); }
  bool flag(std::string_view column) const { return integer(column) != 0; }
  double real(std::string_view column) const;
  std::optional<double> optional_real(std::string_view column) const;
  bool null(std::string_view column) const;
  /// False in a file of an older version that is only read.
  bool has(std::string_view column) const { return columns_.contains(column); }

 private:
  int index_of(std::string_view column) const;
  Database& db_;
  sqlite3_stmt* statement_;
  std::map<std::string, int, std::less<>> columns_;
  nlohmann::ordered_json not_real_;
};

}  // namespace penrig::sqlite
