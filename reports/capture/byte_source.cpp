#include "reports/capture/byte_source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace penrig {

namespace {

std::string why(int number) { return std::error_code(number, std::generic_category()).message(); }

struct Closed {
  explicit Closed(int number) : fd(number) {}
  ~Closed() { ::close(fd); }
  Closed(const Closed&) = delete;
  Closed& operator=(const Closed&) = delete;
  int fd;
};

}  // namespace

Result<ByteSource> open_bytes(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) {
    return fail(Errc::usage, "no such file (check the path, and the folder you stand in)");
  }
  if (fd < 0) return fail(Errc::usage, fmt::format("cannot be read: {}", why(errno)));
  auto file = std::make_shared<Closed>(fd);  // shared: std::function must be copyable
  struct stat status {};
  if (::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
    return fail(Errc::usage, "this is a directory, not a file");
  }
  return ByteSource([file](char* into, std::size_t most) -> Result<std::size_t> {
    for (;;) {
      const ssize_t got = ::read(file->fd, into, most);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return fail(Errc::io, fmt::format("cannot be read to its end: {}", why(errno)));
    }
  });
}

ByteSource bytes_of(std::string_view text) {
  return [rest = text](char* into, std::size_t most) mutable -> Result<std::size_t> {
    const std::size_t n = std::min(most, rest.size());
    if (n > 0) std::memcpy(into, rest.data(), n);
    rest.remove_prefix(n);
    return n;
  };
}

}  // namespace penrig
