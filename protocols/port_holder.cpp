#include "protocols/port_holder.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace penrig {
namespace {
namespace fs = std::filesystem;

std::string process_text(const std::string& pid) {
  std::ifstream comm("/proc/" + pid + "/comm");
  std::string name;
  std::getline(comm, name);
  return name.empty() ? "pid " + pid : name + " (pid " + pid + ")";
}

/// /proc/locks: "1: FLOCK  ADVISORY  WRITE 708 00:19:5 0 EOF"; device numbers in hex, then the inode.
std::optional<std::string> locker(const struct stat& node) {
  const auto wanted = fmt::format("{:02x}:{:02x}:{}", major(node.st_dev), minor(node.st_dev), node.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number, kind, advisory, access, pid, file;
    if (words >> number >> kind >> advisory >> access >> pid >> file && kind == "FLOCK" && file == wanted) return pid;
  }
  return std::nullopt;
}

std::optional<std::string> opener(const std::string& device) {
  const std::string self = std::to_string(::getpid());
  std::error_code ignored;
  for (const auto& process : fs::directory_iterator("/proc", ignored)) {
    const std::string pid = process.path().filename();
    if (pid == self || pid.find_first_not_of("0123456789") != std::string::npos) continue;
    std::error_code unreadable;
    for (const auto& fd : fs::directory_iterator(process.path() / "fd", unreadable)) {
      std::error_code gone;
      if (fs::read_symlink(fd.path(), gone) == device) return pid;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> locker_of_port(const std::string& device) {
  struct stat node {};
  if (::stat(device.c_str(), &node) != 0) return std::nullopt;
  const auto pid = locker(node);
  return pid ? std::optional(process_text(*pid)) : std::nullopt;
}

std::optional<std::string> holder_of_port(const std::string& device) {
  if (auto locker = locker_of_port(device)) return locker;
  const auto pid = opener(device);
  return pid ? std::optional(process_text(*pid)) : std::nullopt;
}

}  // namespace penrig
