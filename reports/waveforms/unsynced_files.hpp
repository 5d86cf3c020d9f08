#pragma once

#include <cstddef>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "rig/base/file_descriptor.hpp"
#include "rig/base/result.hpp"

namespace penrig {

/// Files that were put in their places, and folders that got a new name, before either is durable: what becomes durable
/// together costs a disk less than one file and folder after the other. Any thread.
class UnsyncedFiles {
 public:
  /// Files that are held open at most; one more makes them durable at once.
  static constexpr std::size_t kHeldMax = 64;

  /// @param file  open for writing, and written.
  /// Errors as of sync().
  Result<void> add_file(FileDescriptor file, std::filesystem::path place);
  void add_folder(const std::filesystem::path& folder);
  /// fsync of each since the last time, the files first. Errc::no_space, io; the message names the file or folder. Once
  /// it failed it fails ever after: a kernel tells a lost write once, and says of the same file that all is well then.
  Result<void> sync();
  /// Files that are not durable yet.
  std::size_t held() const;

 private:
  Result<void> sync_files();
  /// The order of a path takes it apart, that of its text does not.
  struct ByText {
    bool operator()(const std::filesystem::path& a, const std::filesystem::path& b) const {
      return a.native() < b.native();
    }
  };

  mutable std::mutex mutex_;
  std::vector<std::pair<FileDescriptor, std::filesystem::path>> files_;
  std::set<std::filesystem::path, ByText> folders_;
  std::optional<Error> failed_;
};

}  // namespace penrig
