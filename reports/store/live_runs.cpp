#include "reports/store/live_runs.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rig/base/result.hpp"

namespace penrig {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  throw ErrorException(fail(full ? Errc::no_space : Errc::io,
                            fmt::format("{}: the lock that says that a run goes on cannot be taken: {}; {}",
                                        file.string(), std::generic_category().message(error),
                                        full ? "free some space, then run again"
                                             : "choose another --records, a folder that can be written")));
}

}  // namespace

LiveRuns::Held::~Held() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

LiveRuns::~LiveRuns() {
  for (const auto& [run_id, descriptor] : kept_) ::close(descriptor);
}

std::optional<LiveRuns::Held> LiveRuns::try_to_lock(const std::string& run_id) const {
  const auto file = file_of(run_id);
  if (::mkdir(folder_.c_str(), 0777) != 0 && errno != EEXIST) refuse(folder_, errno);
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor < 0) refuse(file, errno);
  Held held(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return held;
  if (errno != EWOULDBLOCK) refuse(file, errno);
  return std::nullopt;
}

LiveRuns::Held LiveRuns::take(const std::string& run_id) const {
  std::optional<Held> held = try_to_lock(run_id);
  if (!held) refuse(file_of(run_id), EWOULDBLOCK);
  return std::move(*held);
}

void LiveRuns::keep(const std::string& run_id, Held held) { kept_[run_id] = held.release(); }

void LiveRuns::let_go(const std::string& run_id) {
  const auto kept = kept_.find(run_id);
  if (kept == kept_.end()) return;
  remove_file(run_id);
  ::close(kept->second);
  kept_.erase(kept);
}

bool LiveRuns::alive(const std::string& run_id) const {
  const int descriptor = ::open(file_of(run_id).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return errno != ENOENT;
  const Held held(descriptor);
  return ::flock(descriptor, LOCK_SH | LOCK_NB) != 0;
}

std::optional<LiveRuns::Held> LiveRuns::take_over(const std::string& run_id) const { return try_to_lock(run_id); }

void LiveRuns::remove_file(const std::string& run_id) const {
  std::error_code stays_behind;  // harmless: nobody holds it, and its run is closed
  std::filesystem::remove(file_of(run_id), stays_behind);
}

}  // namespace penrig
