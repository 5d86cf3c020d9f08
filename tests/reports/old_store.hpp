#pragma once

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tests/reports/file_bytes.hpp"
#include "tests/reports/scratch_store.hpp"

namespace penrig::testing {

/// A file as that version left it.
inline void write_old_store(const std::filesystem::path& folder, int version) {
  Sqlite db(folder);
  const std::string number = std::to_string(version);
  ASSERT_EQ(db.run(bytes_in(PENRIG_SOURCE_DIR "/tests/reports/data/store-v" + number + ".sql")), "");
  ASSERT_EQ(db.first("PRAGMA user_version"), number);
}

}  // namespace penrig::testing
