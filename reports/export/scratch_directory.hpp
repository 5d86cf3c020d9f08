#pragma once

#include <filesystem>

namespace penrig {

/// A folder of its own in the folder for temporary files, gone with the object. Throws ErrorException (io, no_space)
/// where it cannot be made.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace penrig
