#include "tools/penrig/rig_lock.hpp"

#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocols/links.hpp"
#include "tools/penrig/lock_file.hpp"

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

Error no_place(const std::string& path, int error) {
  return fail(Errc::io, fmt::format("no lock can be taken at {}: {}", path, std::strerror(error)));
}

}  // namespace

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
    Result<FileDescriptor> held =
        take_lock_file(fmt::format("{}/{}", directory, name), fmt::format("rig '{}', slot '{}'", rig.name, slot.name));
    if (!held) return held.error();
    lock.held_.push_back(std::move(*held));
  }
  return lock;
}

}  // namespace penrig::cli
