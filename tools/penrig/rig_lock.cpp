#include "tools/penrig/rig_lock.hpp"

#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocols/links.hpp"

namespace penrig::cli {
namespace {

/// A device has one lock whatever name it was given: links in /dev are followed.
std::string lock_name(const std::string& link) {
  std::string device = link;
  if (const Result<SerialUri> uri = parse_serial_uri(link)) {
    device = uri->device.empty() ? "usb-" + uri->usb_vid_pid + "-" + uri->usb_serial : uri->device;
    std::error_code ec;
    const auto canonical = std::filesystem::weakly_canonical(device, ec);
    if (!uri->device.empty() && !ec) device = canonical.string();
  }
  // Without its settings: the adapter is another way to the same pen.
  if (link.starts_with("ble:")) device = link.substr(0, link.find('?'));
  for (char& c : device) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '.') c = '_';
  }
  return device + ".lock";
}

std::string holder(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t got = pread(descriptor, text.data(), text.size() - 1, 0);
  std::string pid(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  pid.erase(pid.find_last_not_of(" \n") + 1);
  return pid;
}

Error no_place(const std::string& path, int error) {
  return fail(Errc::io, fmt::format("no lock can be taken at {}: {}", path, std::strerror(error)));
}

}  // namespace

RigLock::~RigLock() {
  for (const int descriptor : descriptors_) close(descriptor);
}

Result<std::string> lock_directory() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  const bool has_runtime = runtime != nullptr && *runtime == '/' && access(runtime, W_OK) == 0;
  const std::string path = has_runtime ? std::string(runtime) + "/penrig" : fmt::format("/tmp/penrig-{}", getuid());
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return no_place(path, errno);
  // In /tmp anybody could have made it first, as a link to somewhere else.
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return no_place(path, errno);
  if (!S_ISDIR(status.st_mode) || status.st_uid != getuid()) {
    return fail(Errc::io, fmt::format("{} is not a directory of your own: remove it, or set XDG_RUNTIME_DIR", path));
  }
  return path;
}

Result<RigLock> RigLock::take(const RigDescription& rig, const SlotDescription& slot, const std::string& directory) {
  RigLock lock;
  // In one order for everybody, and once where devices share a link.
  std::set<std::string> names{lock_name(slot.pen_link), lock_name(slot.daq_link)};
  if (!slot.pen_ble_link.empty()) names.insert(lock_name(slot.pen_ble_link));
  for (const std::string& name : names) {
    const std::string path = fmt::format("{}/{}", directory, name);
    const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return no_place(path, errno);
    lock.descriptors_.push_back(descriptor);
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return no_place(path, errno);
      const std::string pid = holder(descriptor);
      return fail(Errc::locked, fmt::format("rig '{}', slot '{}' is held by another penrig, pid {} (wait until it has "
                                            "ended, or end it: kill -INT {})",
                                            rig.name, slot.name, pid, pid));
    }
    const std::string pid = fmt::format("{}\n", getpid());
    if (ftruncate(descriptor, 0) != 0 || pwrite(descriptor, pid.data(), pid.size(), 0) < 0) {
      return no_place(path, errno);
    }
  }
  return lock;
}

}  // namespace penrig::cli
