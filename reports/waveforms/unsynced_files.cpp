#include "reports/waveforms/unsynced_folders.hpp"

#include "reports/atomic_file.hpp"

namespace penrig {

void UnsyncedFolders::add(const std::filesystem::path& folder) {
  const std::lock_guard lock(mutex_);
  folders_.insert(folder);
}

Result<void> UnsyncedFolders::sync() {
  const std::lock_guard lock(mutex_);
  while (!folders_.empty()) {
    if (Result<void> durable = sync_folder(*folders_.begin()); !durable) return durable;
    folders_.erase(folders_.begin());
  }
  return {};
}

}  // namespace penrig
