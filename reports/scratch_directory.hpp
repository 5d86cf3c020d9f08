#pragma once

#include <filesystem>

namespace penrig {

/// A folder of its own, gone with the object.
class ScratchDirectory {
 public:
  /// Throws ErrorException (io, no_space) where it cannot be made.
  /// @param beneath  where; empty: in the folder for temporary files.
  explicit ScratchDirectory(const std::filesystem::path& beneath = {});
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Memory that is named as files are, where this system has some to write to; else empty. For what is thrown away and
/// need not be durable.
std::filesystem::path folder_in_memory();

}  // namespace penrig
