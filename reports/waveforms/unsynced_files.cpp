#include "reports/waveforms/unsynced_files.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "reports/atomic_file.hpp"

namespace penrig {

Result<void> UnsyncedFiles::add_file(FileDescriptor file, std::filesystem::path place) {
  const std::lock_guard lock(mutex_);
  files_.emplace_back(std::move(file), std::move(place));
  if (files_.size() > kHeldMax) return sync_files();
  return {};
}

void UnsyncedFiles::add_folder(const std::filesystem::path& folder) {
  const std::lock_guard lock(mutex_);
  folders_.insert(folder);
}

Result<void> UnsyncedFiles::sync_files() {
  if (failed_) return *failed_;
  // All are on their way before the first is waited for: what the file system writes of its own is the same for all.
  for (const auto& [file, place] : files_) ::sync_file_range(file.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
  for (const auto& [file, place] : files_) {
    if (::fsync(file.get()) == 0) continue;
    failed_ = records_error(place, "be made durable", errno);
    return *failed_;
  }
  files_.clear();
  return {};
}

Result<void> UnsyncedFiles::sync() {
  const std::lock_guard lock(mutex_);
  if (Result<void> durable = sync_files(); !durable) return durable;
  for (const std::filesystem::path& folder : folders_) {
    if (Result<void> durable = sync_folder(folder); !durable) {
      failed_ = durable.error();
      return durable;
    }
  }
  folders_.clear();
  return {};
}

std::size_t UnsyncedFiles::held() const {
  const std::lock_guard lock(mutex_);
  return files_.size();
}

}  // namespace penrig
