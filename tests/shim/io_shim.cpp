// Preloaded into the program under test: makes the disk fail, or the program die, at a chosen call. Counted are all
// calls that change files, over all threads.
//   PENRIG_SHIM=kill:N   the program is killed as it makes call N
//   PENRIG_SHIM=stop:N   it stops there (SIGSTOP) until somebody lets it go on
//   PENRIG_SHIM=full:N   from call N on, writing finds the disk full
//   PENRIG_SHIM=sync:N   from the Nth fsync or fdatasync on, these fail (EIO)
//   PENRIG_SHIM=opened:F the program stops (SIGSTOP) before it opens the file F, until somebody lets it go on
//   PENRIG_SHIM=held:F   no fsync or fdatasync comes back as long as there is a file F
//   PENRIG_SHIM_COUNTS=F at its end: "CALLS SYNCS" into F
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace {

std::atomic<long> calls{0}, syncs{0};

/// The N of `PENRIG_SHIM=what:N`; 0 = something else is asked for.
long asked(const char* what) {
  const char* text = std::getenv("PENRIG_SHIM");
  const std::size_t length = std::strlen(what);
  if (text == nullptr || std::strncmp(text, what, length) != 0 || text[length] != ':') return 0;
  return std::strtol(text + length + 1, nullptr, 10);
}

/// The F of `PENRIG_SHIM=what:F`; null = something else is asked for.
const char* asked_for_file(const char* what) {
  const char* text = std::getenv("PENRIG_SHIM");
  const std::size_t length = std::strlen(what);
  if (text == nullptr || std::strncmp(text, what, length) != 0 || text[length] != ':') return nullptr;
  return text + length + 1;
}

/// Counts a call. True: it finds the disk full.
bool changes_a_file() {
  static const long kill_at = asked("kill"), stop_at = asked("stop"), full_from = asked("full");
  const long n = ++calls;
  if (n == kill_at) ::kill(::getpid(), SIGKILL);
  if (n == stop_at) ::raise(SIGSTOP);
  return full_from > 0 && n >= full_from;
}

bool sync_fails() {
  static const long fail_from = asked("sync");
  static const char* const holds = asked_for_file("held");
  changes_a_file();
  const long n = ++syncs;
  while (holds != nullptr && ::access(holds, F_OK) == 0) ::poll(nullptr, 0, 10);
  return fail_from > 0 && n >= fail_from;
}

template <class F>
F next(const char* name, F) {
  return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

struct AtEnd {
  ~AtEnd() {
    const char* file = std::getenv("PENRIG_SHIM_COUNTS");
    if (file == nullptr) return;
    if (std::FILE* f = std::fopen(file, "w")) {
      std::fprintf(f, "%ld %ld\n", calls.load(), syncs.load());
      std::fclose(f);
    }
  }
} at_end;

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  static const auto real = next("open", &open);
  static const char* const awaited = asked_for_file("opened");
  if (awaited != nullptr && std::strcmp(path, awaited) == 0) ::raise(SIGSTOP);
  if ((flags & O_CREAT) == 0 && (flags & O_TMPFILE) != O_TMPFILE) return real(path, flags);
  va_list more;
  va_start(more, flags);
  const mode_t mode = va_arg(more, mode_t);
  va_end(more);
  return real(path, flags, mode);
}

int fsync(int fd) {
  static const auto real = next("fsync", &fsync);
  if (!sync_fails()) return real(fd);
  errno = EIO;
  return -1;
}

int fdatasync(int fd) {
  static const auto real = next("fdatasync", &fdatasync);
  if (!sync_fails()) return real(fd);
  errno = EIO;
  return -1;
}

ssize_t write(int fd, const void* bytes, size_t n) {
  static const auto real = next("write", &write);
  if (fd <= STDERR_FILENO || !changes_a_file()) return real(fd, bytes, n);
  errno = ENOSPC;
  return -1;
}

ssize_t pwrite(int fd, const void* bytes, size_t n, off_t at) {
  static const auto real = next("pwrite", &pwrite);
  if (!changes_a_file()) return real(fd, bytes, n, at);
  errno = ENOSPC;
  return -1;
}

ssize_t pwrite64(int fd, const void* bytes, size_t n, off64_t at) {
  static const auto real = next("pwrite64", &pwrite64);
  if (!changes_a_file()) return real(fd, bytes, n, at);
  errno = ENOSPC;
  return -1;
}

int ftruncate64(int fd, off64_t length) noexcept {
  static const auto real = next("ftruncate64", &ftruncate64);
  changes_a_file();
  return real(fd, length);
}

int rename(const char* from, const char* to) noexcept {
  static const auto real = next("rename", &rename);
  changes_a_file();
  return real(from, to);
}

int unlink(const char* path) noexcept {
  static const auto real = next("unlink", &unlink);
  changes_a_file();
  return real(path);
}

}  // extern "C"
