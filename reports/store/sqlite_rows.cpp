#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

#include "reports/store/sqlite_database.hpp"

namespace penrig::sqlite {
namespace {

constexpr std::string_view kBits = "bits:";

std::string hex_bits(double value) { return fmt::format("{:016x}", std::bit_cast<std::uint64_t>(value)); }

double from_hex_bits(std::string_view hex) {
  std::uint64_t bits = 0;
  const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), bits, 16);
  if (error != std::errc{} || end != hex.data() + hex.size() || hex.size() != 16) {
    raise(Errc::bad_data, fmt::format("the record holds '{}' where the bits of a number belong", hex));
  }
  return std::bit_cast<double>(bits);
}

}  // namespace

nlohmann::ordered_json json_of(double value) {
  if (std::isfinite(value)) return value;
  return std::string(kBits) + hex_bits(value);
}

double double_of(const nlohmann::ordered_json& json) {
  if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    if (text.starts_with(kBits)) return from_hex_bits(std::string_view(text).substr(kBits.size()));
  }
  if (!json.is_number()) raise(Errc::bad_data, fmt::format("the record holds {} where a number belongs", json.dump()));
  return json.get<double>();
}

RowWriter::Value& RowWriter::add(const char* column, Kind kind) {
  if (count_ == kColumnsMax) raise(Errc::internal, fmt::format("{} has more than {} columns", table_, kColumnsMax));
  columns_[count_] = column;
  Value& value = values_[count_++];
  value.kind = kind;
  return value;
}
RowWriter& RowWriter::bytes(const char* column, Kind kind, std::string_view value) {
  Value& v = add(column, kind);
  v.bytes = value.data();
  v.size = value.size();
  return *this;
}
RowWriter& RowWriter::real(const char* column, double value) {
  if (std::isnan(value) || (value == 0 && std::signbit(value))) {
    not_real_[column] = hex_bits(value);
    add(column, Kind::null);
  } else {
    add(column, Kind::real).real = value;
  }
  return *this;
}
RowWriter& RowWriter::real(const char* column, const std::optional<double>& value) {
  if (value) return real(column, *value);
  add(column, Kind::null);
  return *this;
}

sqlite3_stmt* Database::insert_into(const char* table, std::span<const char* const> columns) {
  for (const Insert& known : inserts_) {
    if (known.table != table || !std::ranges::equal(known.columns, columns)) continue;
    sqlite3_reset(known.statement);
    return known.statement;
  }
  std::string sql = fmt::format("INSERT INTO {}", table);
  char before = '(';
  for (const char* const column : columns) {
    sql += std::exchange(before, ',');
    sql += column;
  }
  sql += ") VALUES(?";
  for (std::size_t i = 1; i < columns.size(); ++i) sql += ",?";
  sql += ')';
  sqlite3_stmt* const statement = prepared(sql);
  inserts_.push_back({table, {columns.begin(), columns.end()}, statement});
  return statement;
}

std::int64_t RowWriter::insert() {
  if (!not_real_.is_null()) text("not_real", not_real_.dump());
  sqlite3_stmt* const s = db_.insert_into(table_, std::span(columns_).first(count_));
  for (std::size_t i = 0; i < count_; ++i) {
    const Value& value = values_[i];
    const int index = static_cast<int>(i) + 1;
    switch (value.kind) {
      case Kind::null:
        sqlite3_bind_null(s, index);
        break;
      case Kind::integer:
        sqlite3_bind_int64(s, index, value.integer);
        break;
      case Kind::real:
        sqlite3_bind_double(s, index, value.real);
        break;
      // A null deleter is SQLITE_STATIC: the bytes outlive the step.
      case Kind::text:
        sqlite3_bind_text64(s, index, value.bytes, value.size, nullptr, SQLITE_UTF8);
        break;
      case Kind::blob:
        sqlite3_bind_blob64(s, index, value.bytes, value.size, nullptr);
        break;
    }
  }
  const int rc = sqlite3_step(s);
  if (rc != SQLITE_DONE) {
    try {
      db_.throw_last(fmt::format("write into {}", table_));
    } catch (...) {
      sqlite3_reset(s);
      throw;
    }
  }
  sqlite3_reset(s);
  return db_.last_row_id();
}

RowReader::RowReader(Database& db, const Database::Select& select)
    : db_(db), statement_(select.statement), columns_(select.columns), not_real_at_(find("not_real")) {}
RowReader::~RowReader() { sqlite3_reset(statement_); }

RowReader& RowReader::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_, index, value);
  return *this;
}
RowReader& RowReader::bind(int index, double value) {
  sqlite3_bind_double(statement_, index, value);
  return *this;
}
RowReader& RowReader::bind(int index, const std::string& value) {
  // SQLite copies: the caller's string may go before the last step. The macro for that is an old-style cast.
  const auto copy = std::bit_cast<sqlite3_destructor_type>(std::intptr_t{-1});
  sqlite3_bind_text64(statement_, index, value.data(), value.size(), copy, SQLITE_UTF8);
  return *this;
}

bool RowReader::next() {
  const int rc = sqlite3_step(statement_);
  if (rc == SQLITE_DONE) return false;
  if (rc != SQLITE_ROW) db_.throw_last("read from it");
  not_real_ = nullptr;
  if (not_real_at_ >= 0 && sqlite3_column_type(statement_, not_real_at_) != SQLITE_NULL) {
    const std::string kept = text("not_real");
    not_real_ = nlohmann::ordered_json::parse(kept, nullptr, false);
    if (!not_real_.is_object()) {
      raise(Errc::bad_data,
            fmt::format("{}: {} holds '{}' in not_real where the bits of numbers belong", db_.file().string(),
                        has("id") ? fmt::format("row {}", integer("id")) : "a row", kept));
    }
  }
  return true;
}

int RowReader::search(std::string_view column) const {
  // From where the last one was found, round once.
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::size_t at = next_ + i < columns_.size() ? next_ + i : next_ + i - columns_.size();
    if (columns_[at].asked_for != column.data() && columns_[at].name != column) continue;
    columns_[at].asked_for = column.data();
    next_ = at + 1;
    return static_cast<int>(at);
  }
  return -1;
}
int RowReader::index_of(ColumnName column) const {
  const int found = find(column);
  if (found < 0) raise(Errc::internal, fmt::format("the store has no column {}", column.text()));
  return found;
}
bool RowReader::null(ColumnName column) const {
  return sqlite3_column_type(statement_, index_of(column)) == SQLITE_NULL;
}
std::string RowReader::text(ColumnName column) const {
  const int i = index_of(column);
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, i));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, i));
  return bytes == nullptr ? std::string{} : std::string(bytes, size);
}
std::int64_t RowReader::integer(ColumnName column) const { return sqlite3_column_int64(statement_, index_of(column)); }
std::optional<double> RowReader::optional_real(ColumnName column) const {
  if (!not_real_.is_null() && not_real_.contains(column.text())) {
    const auto& bits = not_real_[std::string(column.text())];
    return from_hex_bits(bits.is_string() ? bits.get<std::string>() : bits.dump());
  }
  const int at = index_of(column);
  if (sqlite3_column_type(statement_, at) == SQLITE_NULL) return std::nullopt;
  return sqlite3_column_double(statement_, at);
}
double RowReader::real(ColumnName column) const {
  const auto value = optional_real(column);
  if (!value)
    raise(Errc::bad_data,
          fmt::format("{}: column {} holds nothing where a number belongs", db_.file().string(), column.text()));
  return *value;
}

}  // namespace penrig::sqlite
