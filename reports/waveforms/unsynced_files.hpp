#pragma once

#include <filesystem>
#include <mutex>
#include <set>

#include "rig/base/result.hpp"

namespace penrig {

/// Folders that files were put into whose names are not durable yet: of several files that become durable together,
/// each folder once. Any thread.
class UnsyncedFolders {
 public:
  void add(const std::filesystem::path& folder);
  /// fsync of each since the last time. What fails stays among them. Errc::no_space, io; the message names the folder.
  Result<void> sync();

 private:
  std::mutex mutex_;
  std::set<std::filesystem::path> folders_;
};

}  // namespace penrig
