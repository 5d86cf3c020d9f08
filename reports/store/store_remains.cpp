#include "reports/store/store_remains.hpp"

#include <algorithm>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reports/plain_file.hpp"
#include "reports/store/store_files.hpp"
#include "reports/waveforms/waveform_path.hpp"

namespace penrig {
namespace {

namespace fs = std::filesystem;

constexpr auto kNoSize = static_cast<std::uintmax_t>(-1);  // what the library says where there is no file

/// "R-000001", as runs are called.
bool is_name_of_run(const std::string& name) {
  constexpr std::size_t kDigits = 6;  // at least
  return name.starts_with("R-") && name.size() >= 2 + kDigits &&
         std::all_of(name.begin() + 2, name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_folder(const fs::path& path) {
  std::error_code nobody_knows;
  return fs::is_directory(path, nobody_knows);
}

template <class Iterator, class Each>
Result<void> walk(const fs::path& folder, Each each) {
  if (!is_folder(folder)) return {};
  std::error_code error;
  for (Iterator at(folder, error); !error && at != Iterator(); at.increment(error)) each(at->path());
  if (error) return fail(Errc::io, fmt::format("{}: cannot be looked into: {}", folder.string(), error.message()));
  return {};
}

/// Whether there is a database with at least one byte.
bool has_bytes(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return false;
  const auto bytes = fs::file_size(file, error);
  return error || bytes > 0;
}

std::string counted(std::uint64_t n, const char* one) { return fmt::format("{} {}{}", n, one, n == 1 ? "" : "s"); }

/// @param log_bytes  of the database's write-ahead log, where a log alone says that there was a database.
Result<void> refuse_remains(const fs::path& records, std::string_view what, std::uintmax_t log_bytes) {
  const Result<StoreRemains> found = find_remains(records);
  if (!found) return found.error();
  std::vector<std::string> named;
  if (!found->waveforms.empty()) named.push_back(counted(found->waveforms.size(), "waveform file"));
  if (!found->report_folders.empty()) named.push_back(counted(found->report_folders.size(), "report folder"));
  if (log_bytes > 0) named.push_back(fmt::format("records.db-wal of {}", counted(log_bytes, "byte")));
  if (named.empty()) return {};
  return fail(Errc::io, fmt::format("{}: it {}, and what was recorded with it is still there ({}): the records are "
                                    "lost here; restore records.db from a copy, or choose another --records",
                                    database_of(records).string(), what, fmt::join(named, ", ")));
}

}  // namespace

Result<StoreRemains> find_remains(const fs::path& records) {
  StoreRemains found;
  const auto waveform = [&](const fs::path& path) {
    if (!is_folder(path)) found.waveforms.push_back(path);
  };
  const auto report = [&](const fs::path& path) {
    if (is_name_of_run(path.filename().string()) && is_folder(path)) found.report_folders.push_back(path);
  };
  if (auto done = walk<fs::recursive_directory_iterator>(waveform_folder(records), waveform); !done)
    return done.error();
  if (auto done = walk<fs::directory_iterator>(records, report); !done) return done.error();
  return found;
}

Result<void> demand_no_remains(const fs::path& records, std::string_view what) {
  return refuse_remains(records, what, 0);
}

Result<void> demand_not_lost(const fs::path& records) {
  const fs::path file = database_of(records);
  if (const std::string why = why_no_file(file); !why.empty())
    return fail(Errc::io, fmt::format("{}: {}; choose another --records", file.string(), why));
  if (has_bytes(file)) return {};
  std::error_code none;
  const auto log_bytes = fs::file_size(database_of(records) += "-wal", none);
  const bool there = fs::exists(file, none);
  auto lost = refuse_remains(records, there ? "is empty" : "is gone", log_bytes == kNoSize ? 0 : log_bytes);
  // Looked at again: another program may have made the store just now, and the rest in it.
  if (!lost && has_bytes(file)) return {};
  return lost;
}

}  // namespace penrig
