#include "tools/penrig/lock_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

namespace penrig::cli {
namespace {

std::string holder(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t got = pread(descriptor, text.data(), text.size() - 1, 0);
  std::string pid(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  pid.erase(pid.find_last_not_of(" \n") + 1);
  return pid;
}

Error no_lock(const std::string& path, int error) {
  return fail(Errc::io, fmt::format("no lock can be taken at {}: {}", path, std::strerror(error)));
}

}  // namespace

Result<FileDescriptor> take_lock_file(const std::string& path, const std::string& what) {
  FileDescriptor lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return no_lock(path, errno);
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return no_lock(path, errno);
    const std::string pid = holder(lock.get());
    return fail(Errc::locked,
                fmt::format("{} is held by another penrig, pid {} (wait until it has ended, or end it: kill -INT {})",
                            what, pid, pid));
  }
  const std::string pid = fmt::format("{}\n", getpid());
  if (ftruncate(lock.get(), 0) != 0 || pwrite(lock.get(), pid.data(), pid.size(), 0) < 0) return no_lock(path, errno);
  return lock;
}

}  // namespace penrig::cli
