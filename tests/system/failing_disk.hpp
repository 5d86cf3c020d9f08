#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/system/variable.hpp"

namespace penrig::test {

/// Programs that are started meanwhile have tests/shim/io_shim.cpp in them.
/// @param what  as PENRIG_SHIM takes it; empty: only counts.
class Shim {
 public:
  explicit Shim(const std::string& what, const std::string& counts = "/dev/null")
      : order_("ASAN_OPTIONS", "verify_asan_link_order=0"),
        preload_("LD_PRELOAD", PENRIG_IO_SHIM),
        what_("PENRIG_SHIM", what),
        counts_("PENRIG_SHIM_COUNTS", counts) {}

 private:
  Variable order_, preload_, what_, counts_;
};

/// A small file system of its own, where this user may mount one.
class SmallDisk {
 public:
  SmallDisk(std::filesystem::path folder, const std::string& size) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }
  bool make_read_only() const { return ::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "") == 0; }
  /// Until nothing more fits.
  void fill() const {
    std::ofstream file(folder_ / "filler", std::ios::binary);
    const std::string piece(4096, 'x');
    while (file.write(piece.data(), static_cast<std::streamsize>(piece.size())).flush()) {
    }
  }

 private:
  std::filesystem::path folder_;
  bool mounted_ = false;
};

}  // namespace penrig::test
