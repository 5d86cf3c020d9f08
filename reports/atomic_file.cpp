#include "reports/atomic_file.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "rig/base/file_descriptor.hpp"

namespace penrig {
namespace {

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
  FileDescriptor out(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!out) return failed("be written");
  if (!write_all(out.get(), bytes)) return failed("be written");
  if (::fsync(out.get()) != 0) return failed("be made durable");
  if (::close(out.release()) != 0) return failed("be made durable");
  if (::rename(temporary.c_str(), file.c_str()) != 0) return failed("be replaced");
  if (const Result<void> durable = sync_folder(folder); !durable)
    return fail(durable.error().code, fmt::format("{}: its folder: {}", file.string(), durable.error().message));
  return {};
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const FileDescriptor held(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (held && ::fsync(held.get()) == 0) return {};
  return records_error(folder, "be made durable", errno);
}

Error records_error(const std::filesystem::path& what, const char* doing, int error_number) {
  const bool full = code_of(error_number) == Errc::no_space;
  return fail(full ? Errc::no_space : Errc::io,
              fmt::format("{}: cannot {}: {}{}", what.string(), doing, std::generic_category().message(error_number),
                          full ? " (make room, or choose another --records)" : ""));
}

}  // namespace penrig
