#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "reports/trace/pcapng.hpp"
#include "rig/record/link_trace_record.hpp"

namespace penrig {

struct TraceFileLimits {
  std::size_t held_bytes_max = std::size_t{16} << 20U;  ///< that wait to be written
};

/// Keeps the raw bytes of a run's links in the folder of records, as pcapng (reports/trace/pcapng.hpp). The file grows
/// in `waveforms/incoming/` on a thread of its own. At the end: fsync, SHA-256 of what stands there, rename to its
/// name, fsync of the folders. What goes wrong on the way is told by finish(). Calls may come from any thread.
class TraceFile {
 public:
  /// @param application  who writes it, "penrig 0.1.0 (3f9a2c1)".
  /// @param may_wait     whoever brings bytes may be held up: time is virtual.
  TraceFile(std::filesystem::path records, const std::string& run_id, const std::string& application, bool may_wait,
            TraceFileLimits limits = {});
  ~TraceFile();
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;

  /// A link that was opened. @return its number.
  std::uint32_t add_link(const std::string& name);
  void passed(std::uint32_t link, std::int64_t utc_ns, TraceDirection direction, std::span<const std::byte> bytes);
  void failed(std::uint32_t link, std::int64_t utc_ns, TraceDirection direction, const std::string& why);

  /// Waits until the file is durable and has its name; what comes after that is not kept. Once. Errors: no_space, io,
  /// with file and reason; also where the disk was too slow.
  Result<LinkTraceRecord> finish();

 private:
  void push(std::unique_lock<std::mutex>& lock);  // with mutex_
  void work();                                    // on the thread
  std::optional<std::string> next();              // waits; none: nothing comes any more
  std::optional<Error> write_file();

  const std::filesystem::path records_;
  const std::string run_id_;
  const bool may_wait_;
  const TraceFileLimits limits_;

  std::mutex mutex_;
  std::condition_variable changed_;
  LinkTraceRecord record_;  // with mutex_, as all that follows
  std::string collected_;
  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool ended_ = false, given_up_ = false, overflowed_ = false;
  std::optional<Error> error_;
  std::thread thread_;
};

}  // namespace penrig
