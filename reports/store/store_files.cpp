#include "reports/store/store_files.hpp"

#include <system_error>

#include <fmt/format.h>

#include "reports/store/store_remains.hpp"

namespace penrig {

std::filesystem::path database_of(const std::filesystem::path& records) { return records / "records.db"; }
std::filesystem::path locks_of(const std::filesystem::path& records) { return records / "running"; }

Result<bool> holds_records(const std::filesystem::path& records) {
  const std::filesystem::path file = database_of(records);
  std::error_code error;
  const bool there = std::filesystem::exists(file, error);
  if (error) return fail(Errc::io, fmt::format("{}: cannot be looked into: {}", file.string(), error.message()));
  return there;
}

Result<void> demand_records(const std::filesystem::path& records) {
  if (Result<void> lost = demand_not_lost(records); !lost) return lost;
  const Result<bool> there = holds_records(records);
  if (!there) return there.error();
  if (*there) return {};
  return fail(Errc::usage,
              fmt::format("{}: there are no records (name their folder with --records)", records.string()));
}

}  // namespace penrig
