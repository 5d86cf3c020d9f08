#include "reports/waveforms/incoming_file.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "reports/atomic_file.hpp"
#include "reports/waveforms/waveform_path.hpp"

namespace penrig {
namespace {

/// What is longer is read back where its writer returns: to a long file's head it does, and all that was hashed was for
/// nothing.
constexpr std::uint64_t kHashedOnTheWay = std::uint64_t{1} << 20U;

}  // namespace

IncomingFile::IncomingFile(const std::filesystem::path& records, const std::string& run_id, std::string_view suffix,
                           WrittenIn written)
    : records_(records),
      suffix_(suffix),
      hashed_on_the_way_(written == WrittenIn::one_go ? std::numeric_limits<std::uint64_t>::max() : kHashedOnTheWay) {
  static std::atomic<std::uint64_t> count{0};
  const std::filesystem::path folder = incoming_folder(records);
  file_ = folder / fmt::format("{}.{}.{}.part", run_id, ::getpid(), count++);
  const auto make = [&] { descriptor_.reset(::open(file_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644)); };
  make();
  if (!descriptor_ && (errno == ENOENT || errno == ENOTDIR)) {  // the first of these records
    if (!make_folder(waveform_folder(records)) || !make_folder(folder)) return;
    make();
  }
  if (!descriptor_) failed(file_, "be made", errno);
}

IncomingFile::~IncomingFile() {
  if (descriptor_) ::unlink(file_.c_str());
}

bool IncomingFile::failed(const std::filesystem::path& what, const char* doing, int error_number) {
  if (!error_) error_ = records_error(what, doing, error_number);
  return false;
}

bool IncomingFile::make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directory(folder, error);
  return error ? failed(folder, "be made", error.value()) : true;
}

bool IncomingFile::write(std::string_view bytes) {
  if (error_ || !descriptor_) return false;
  written_ += bytes.size();
  in_order_ = in_order_ && written_ <= hashed_on_the_way_;
  if (in_order_) sum_.add(bytes);
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return failed(file_, "be written", n == 0 ? ENOSPC : errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool IncomingFile::seek(std::uint64_t offset) {
  if (error_ || !descriptor_) return false;
  in_order_ = false;
  return ::lseek(descriptor_.get(), static_cast<off_t>(offset), SEEK_SET) >= 0 || failed(file_, "be written", errno);
}

/// From front to back, in parts.
bool IncomingFile::read_back(const std::function<void(std::string_view)>& take) {
  std::array<char, std::size_t{1} << 14U> part;  // NOLINT(cppcoreguidelines-pro-type-member-init): read into at once
  for (std::uint64_t at = 0;;) {
    const ssize_t n = ::pread(descriptor_.get(), part.data(), part.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(file_, "be read back", errno);
    if (n == 0) return true;
    take({part.data(), static_cast<std::size_t>(n)});
    at += static_cast<std::uint64_t>(n);
  }
}

std::optional<std::string> IncomingFile::take_back() {
  if (error_ || !descriptor_) return std::nullopt;
  std::string bytes;
  if (!read_back([&](std::string_view part) { bytes += part; })) return std::nullopt;
  if (::ftruncate(descriptor_.get(), 0) != 0 || ::lseek(descriptor_.get(), 0, SEEK_SET) != 0) {
    failed(file_, "be written anew", errno);
    return std::nullopt;
  }
  in_order_ = false;
  return bytes;
}

std::optional<IncomingFile::Kept> IncomingFile::hashed() {
  if (in_order_) return Kept{sum_.hex(), written_};
  Sha256 sum;
  Kept kept;
  const bool good = read_back([&](std::string_view part) {
    sum.add(part);
    kept.bytes += part.size();
  });
  if (!good) return std::nullopt;
  kept.sha256 = sum.hex();
  return kept;
}

bool IncomingFile::sync() { return ::fsync(descriptor_.get()) == 0 || failed(file_, "be made durable", errno); }

bool IncomingFile::put_in_place(const std::filesystem::path& place, UnsyncedFiles* unsynced) {
  if (unsynced != nullptr) {
    if (::renameat2(AT_FDCWD, file_.c_str(), AT_FDCWD, place.c_str(), RENAME_NOREPLACE) == 0) {
      const Result<void> added = unsynced->add_file(std::move(descriptor_), place);
      if (!added) error_ = added.error();
      return added.has_value();
    }
    // There is one already (EEXIST), or this file system does not tell (EINVAL).
  }
  if (!sync()) return false;
  if (::rename(file_.c_str(), place.c_str()) != 0) return failed(place, "be put in its place", errno);
  descriptor_.reset();
  return true;
}

Result<IncomingFile::Kept> IncomingFile::keep(UnsyncedFiles* unsynced) {
  const auto why = [this] { return error_.value_or(fail(Errc::internal, "a waveform's file is not open")); };
  if (error_ || !descriptor_) return why();
  const std::optional<Kept> kept = hashed();
  if (!kept) return why();
  const std::filesystem::path place = records_ / waveform_path(kept->sha256, suffix_);
  if (!make_folder(place.parent_path()) || !put_in_place(place, unsynced)) return why();
  // Each folder may have been made a moment ago, by this program or another: what is clean costs next to nothing.
  UnsyncedFiles own, &folders = unsynced == nullptr ? own : *unsynced;
  for (const std::filesystem::path& folder : {place.parent_path(), waveform_folder(records_), records_})
    folders.add_folder(folder);
  if (const Result<void> durable = own.sync(); !durable) return durable.error();
  return *kept;
}

}  // namespace penrig
