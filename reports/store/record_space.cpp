#include "reports/store/record_space.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>
#include <system_error>

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "reports/store/record_store.hpp"
#include "reports/store/sqlite_database.hpp"
#include "reports/store/store_call.hpp"

namespace penrig {
namespace {

// Three channels: of 24 bits that cannot be compressed, or whose differences all need four bytes, in blocks that are
// a sample longer than the shortest that are kept as they came.
constexpr double kFlacBytesPerSample = 3 * 3, kRawBytesPerSample = 3 * 4.5;
// On the wire a sample is four bytes and a bit where it cannot be packed; read in pieces of 64 bytes, as small ports
// give them, each has as much around it in the trace.
constexpr double kTraceBytesPerSample = 3 * 4.1 * 2, kTraceBytesPerSecond = 20e3;
// Measured: 90 kB of rows a setting of 150 strokes, 2.5 kB a decision with its measurement; some more is meant to be.
constexpr std::uint64_t kRowsPerSetting = 128 << 10, kRowsPerDecision = 4 << 10, kRowsOfRun = 512 << 10;
constexpr std::uint64_t kMargin = 16 << 20;  // reports, and whatever else writes there meanwhile
constexpr std::uint64_t kUnbounded = std::numeric_limits<std::uint64_t>::max();

std::string megabytes(std::uint64_t bytes) { return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6); }

std::uint64_t free_bytes(const std::filesystem::path& folder) {
  struct statvfs status {};
  if (::statvfs(folder.c_str(), &status) != 0)
    sqlite::raise(Errc::io, fmt::format("{}: how much space is left cannot be found out: {}", folder.string(),
                                        std::generic_category().message(errno)));
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

/// What the database may still grow by: its own quota and the limit for files of this process.
std::uint64_t room_in_file(sqlite::Database& db) {
  const std::int64_t page = db.integer("PRAGMA page_size");
  const std::int64_t pages = db.integer("PRAGMA max_page_count") - db.integer("PRAGMA page_count");
  std::uint64_t room = pages <= 0 ? 0 : static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page);
  struct rlimit limit {};
  struct stat status {};
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return room;
  const std::uint64_t size =
      ::stat(db.file().c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : kUnbounded;
  return std::min(room, limit.rlim_cur > size ? std::uint64_t{limit.rlim_cur} - size : 0);
}

}  // namespace

RunSize operator+(const RunSize& a, const RunSize& b) {
  RunSize sum;
  sum.planned_s = a.planned_s + b.planned_s;
  sum.sample_rate_hz = std::max(a.sample_rate_hz, b.sample_rate_hz);
  sum.settings = a.settings + b.settings;
  sum.decisions = a.decisions + b.decisions;
  sum.document_bytes = a.document_bytes + b.document_bytes + kRowsOfRun;  // those of one are counted once
  sum.traced = a.traced || b.traced;
  return sum;
}

RunBytes space_of(const RunSize& size, WaveformForm form) {
  const double samples = std::ceil(size.planned_s * size.sample_rate_hz);
  const double per_sample = form == WaveformForm::raw ? kRawBytesPerSample : kFlacBytesPerSample;
  RunBytes bytes;
  // What is no number, or has no end, fits nowhere.
  bytes.waveforms =
      samples >= 0 && samples < 1e15 ? static_cast<std::uint64_t>(samples * per_sample) : std::uint64_t{1} << 62;
  if (size.traced) {
    const double trace = samples * kTraceBytesPerSample + size.planned_s * kTraceBytesPerSecond;
    bytes.trace = trace >= 0 && trace < 1e16 ? static_cast<std::uint64_t>(trace) : std::uint64_t{1} << 62;
  }
  bytes.rows = kRowsOfRun + size.settings * kRowsPerSetting + size.decisions * kRowsPerDecision + size.document_bytes;
  return bytes;
}

std::uint64_t RunBytes::demanded() const {
  // Rows stand in the log of the database before they stand in it.
  const std::uint64_t needs = waveforms + trace + 2 * rows;
  return needs + needs / 10 + kMargin;
}

Result<void> RecordStore::check_space(const RunSize& size) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    const RunBytes bytes = space_of(size, waveform_form_);
    const std::uint64_t demanded = bytes.demanded();
    const std::uint64_t has = free_bytes(folder_);
    if (has < demanded) {
      sqlite::raise(
          Errc::no_space,
          fmt::format("{}: this run needs {} ({} of waveforms{}, {} of rows, the rest to spare), and the disk "
                      "has {} left; free some, move old waveforms away (penrig records archive), or choose "
                      "another --records",
                      folder_.string(), megabytes(demanded), megabytes(bytes.waveforms),
                      size.traced ? fmt::format(", {} of the trace", megabytes(bytes.trace)) : "",
                      megabytes(2 * bytes.rows), megabytes(has)));
    }
    const std::uint64_t room = room_in_file(*db_);
    if (room < bytes.rows) {
      sqlite::raise(Errc::no_space, fmt::format("{}: this run needs {} of rows, and the file may grow by {} only (its "
                                                "quota, or the limit of this process for files); raise that, or choose "
                                                "another --records",
                                                db_->file().string(), megabytes(bytes.rows), megabytes(room)));
    }
  });
}

}  // namespace penrig
