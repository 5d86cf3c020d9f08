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

RowWriter& RowWriter::add(const char* column, Value value) {
  constexpr std::size_t kColumns = 32;  // the widest table has as many; moving them along costs as much as the row
  if (values_.empty()) values_.reserve(kColumns);
  values_.emplace_back(column, std::move(value));
  return *this;
}
RowWriter& RowWriter::text(const char* column, std::string value) {
  return add(column, {.kind = Value::Kind::text, .text = std::move(value)});
}
RowWriter& RowWriter::blob(const char* column, std::string value) {
  return add(column, {.kind = Value::Kind::blob, .text = std::move(value)});
}
RowWriter& RowWriter::integer(const char* column, std::int64_t value) {
  return add(column, {.kind = Value::Kind::integer, .integer = value});
}
RowWriter& RowWriter::real(const char* column, double value) {
  if (std::isnan(value) || (value == 0 && std::signbit(value))) {
    not_real_[column] = hex_bits(value);
    return add(column, {});
  }
  return add(column, {.kind = Value::Kind::real, .real = value});
}
RowWriter& RowWriter::real(const char* column, const std::optional<double>& value) {
  return value ? real(column, *value) : add(column, {});
}

std::int64_t RowWriter::insert() {
  if (!not_real_.is_null()) text("not_real", not_real_.dump());
  constexpr std::size_t kUsualStatement = 512;
  std::string sql = "INSERT INTO ";
  sql.reserve(kUsualStatement);
  sql += table_;
  char before = '(';
  for (const auto& [column, value] : values_) {
    sql += std::exchange(before, ',');
    sql += column;
  }
  sql += ") VALUES(?";
  for (std::size_t i = 1; i < values_.size(); ++i) sql += ",?";
  sql += ')';
  sqlite3_stmt* s = db_.prepared(sql);
  int index = 0;
  for (const auto& [column, value] : values_) {
    ++index;
    switch (value.kind) {
      case Value::Kind::null:
        sqlite3_bind_null(s, index);
        break;
      case Value::Kind::integer:
        sqlite3_bind_int64(s, index, value.integer);
        break;
      case Value::Kind::real:
        sqlite3_bind_double(s, index, value.real);
        break;
      // A null deleter is SQLITE_STATIC: values_ outlives the step.
      case Value::Kind::text:
        sqlite3_bind_text64(s, index, value.text.data(), value.text.size(), nullptr, SQLITE_UTF8);
        break;
      case Value::Kind::blob:
        sqlite3_bind_blob64(s, index, value.text.data(), value.text.size(), nullptr);
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

RowReader::RowReader(Database& db, const std::string& sql) : db_(db), statement_(db.prepared(sql)) {
  for (int i = 0; i < sqlite3_column_count(statement_); ++i) columns_[sqlite3_column_name(statement_, i)] = i;
}
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
  if (columns_.contains("not_real") && !null("not_real")) not_real_ = nlohmann::ordered_json::parse(text("not_real"));
  return true;
}

int RowReader::index_of(std::string_view column) const {
  const auto found = columns_.find(column);
  if (found == columns_.end()) raise(Errc::internal, fmt::format("the store has no column {}", column));
  return found->second;
}
bool RowReader::null(std::string_view column) const {
  return sqlite3_column_type(statement_, index_of(column)) == SQLITE_NULL;
}
std::string RowReader::text(std::string_view column) const {
  const int i = index_of(column);
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, i));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, i));
  return bytes == nullptr ? std::string{} : std::string(bytes, size);
}
std::int64_t RowReader::integer(std::string_view column) const {
  return sqlite3_column_int64(statement_, index_of(column));
}
std::optional<double> RowReader::optional_real(std::string_view column) const {
  if (!not_real_.is_null() && not_real_.contains(column))
    return from_hex_bits(not_real_[std::string(column)].get<std::string>());
  if (null(column)) return std::nullopt;
  return sqlite3_column_double(statement_, index_of(column));
}
double RowReader::real(std::string_view column) const {
  const auto value = optional_real(column);
  if (!value)
    raise(Errc::bad_data,
          fmt::format("{}: column {} holds nothing where a number belongs", db_.file().string(), column));
  return *value;
}

}  // namespace penrig::sqlite
