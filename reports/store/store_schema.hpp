#pragma once

#include <cstdint>
#include <string>

#include "reports/store/sqlite_database.hpp"

namespace penrig {

/// What this program writes into `user_version`.
inline constexpr std::int64_t kStoreVersion = 11;
/// Stores of this version and later have a log, and its name.
inline constexpr std::int64_t kLogSince = 6;

/// Brings a database to kStoreVersion, one migration after the other, in one transaction. A file of a later version or
/// one that holds somebody else's tables is refused (Errc::io) and left as it is.
void migrate(sqlite::Database& db);

/// The statements that make a new store (newest_schema.sql), and what all migrations together leave of an empty file,
/// which is the same (tests/reports/store_versions_test.cpp): by them it takes six times as long, for with each ALTER
/// TABLE SQLite reads its schema anew.
const char* newest_schema();
std::string schema_by_migrations();

/// The file of a new store with nothing in it, not even its log's name, which name_log() gives. For folders that are
/// nobody else's: it is there at once, where migrate() lets SQLite read a hundred statements, but it asks nobody.
const std::string& empty_store();
void name_log(sqlite::Database& db);

/// The text of all tables, indices and triggers of a database, and what it has to be in a store of kStoreVersion.
std::string schema_of(sqlite::Database& db);
const std::string& schema_of_stores();

/// Refuses a file that is not exactly a store of kStoreVersion or older; writes nothing.
void check_version(sqlite::Database& db);

}  // namespace penrig
