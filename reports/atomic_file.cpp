#include "reports/atomic_file.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace penrig {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool close() {
    const int fd = fd_;
    fd_ = -1;
    return ::close(fd) == 0;
  }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

/// A place that is not there is what somebody wrote wrongly; all else is the machine's.
Errc code_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return Errc::no_space;
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
      return Errc::usage;
    default:
      return Errc::io;
  }
}

}  // namespace

Result<void> replace_file(const std::filesystem::path& named, std::string_view bytes) {
  // A link stays a link: what it leads to is replaced.
  std::error_code none;
  const bool is_link = std::filesystem::is_symlink(named, none);
  const std::filesystem::file_status there = std::filesystem::status(named, none);
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) {
    return fail(Errc::usage, fmt::format("{}: cannot be replaced: it is a folder, a device or a pipe (name a file)",
                                         named.string()));
  }
  const auto file = is_link && std::filesystem::exists(there) ? std::filesystem::canonical(named, none) : named;
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  // One name a process: two programs that write the same report must not share a half-written file.
  const auto temporary = folder / fmt::format(".{}.{}.part", file.filename().string(), ::getpid());
  const auto failed = [&](const char* what) {
    const int error = errno;
    ::unlink(temporary.c_str());
    const Errc code = code_of(error);
    return fail(code, fmt::format("{}: cannot {}: {}{}", file.string(), what, std::generic_category().message(error),
                                  code == Errc::usage ? " (make the folder, or name another)" : ""));
  };
  Descriptor out(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (out.get() < 0) return failed("be written");
  if (!write_all(out.get(), bytes)) return failed("be written");
  if (::fsync(out.get()) != 0) return failed("be made durable");
  if (!out.close()) return failed("be made durable");
  if (::rename(temporary.c_str(), file.c_str()) != 0) return failed("be replaced");
  if (const Result<void> durable = sync_folder(folder); !durable)
    return fail(durable.error().code, fmt::format("{}: its folder: {}", file.string(), durable.error().message));
  return {};
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const Descriptor held(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (held.get() >= 0 && ::fsync(held.get()) == 0) return {};
  const int error = errno;
  return fail(code_of(error) == Errc::no_space ? Errc::no_space : Errc::io,
              fmt::format("{}: cannot be made durable: {}", folder.string(), std::generic_category().message(error)));
}

}  // namespace penrig
