#include "reports/store/archive_waveforms.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "reports/atomic_file.hpp"
#include "reports/digest.hpp"
#include "reports/export/zip_archive.hpp"
#include "reports/store/record_log.hpp"
#include "reports/waveforms/held_waveforms.hpp"
#include "reports/waveforms/waveform_path.hpp"

namespace penrig {
namespace {

constexpr std::uint64_t kMostBytes = 128 << 20;  // of one archive: it is made and read in memory
constexpr const char* kSums = "SHA256SUMS";
constexpr int kMostArchives = 9999;

Result<std::string> read_file(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::exists(file, error) && !std::filesystem::is_regular_file(file, error)) {
    return fail(Errc::bad_data,
                fmt::format("{}: is no file that could be read, but a directory or a device", file.string()));
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(Errc::bad_data, fmt::format("{}: is not there, or cannot be read", file.string()));
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return fail(Errc::io, fmt::format("{}: cannot be read", file.string()));
  return bytes;
}

/// A name that nothing has yet.
Result<std::filesystem::path> free_name(const std::filesystem::path& folder, const std::string& name) {
  for (int i = 1; i <= kMostArchives; ++i) {
    const auto file = folder / fmt::format("waveforms-{}-{:03}.zip", name, i);
    std::error_code error;
    if (!std::filesystem::exists(file, error) && !error) return std::filesystem::absolute(file);
  }
  return fail(Errc::usage,
              fmt::format("{}: no name is left for another archive (choose another --to)", folder.string()));
}

/// The archive as it stands on the disk now, held against what should be in it.
Result<std::string> read_back(const std::filesystem::path& file, const std::vector<std::string>& hashes) {
  const auto refuse = [&](const std::string& why) {
    return fail(Errc::bad_data,
                fmt::format("{}: does not read back as it was written: {}; nothing was removed", file.string(), why));
  };
  const Result<std::string> bytes = read_file(file);
  if (!bytes) return refuse(bytes.error().message);
  const Result<std::vector<ArchiveEntry>> entries = entries_of_zip(*bytes);
  if (!entries) return refuse(entries.error().message);
  if (entries->size() != hashes.size() + 1) return refuse("an entry is missing");
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    if (sha256_hex((*entries)[i].bytes) != hashes[i]) return refuse((*entries)[i].name + " is damaged");
  }
  return sha256_hex(*bytes);
}

class Archiver {
 public:
  Archiver(RecordStore& store, std::string name, std::filesystem::path folder, ActedBy by)
      : store_(store), name_(std::move(name)), folder_(std::move(folder)), by_(std::move(by)) {}

  Result<void> add(const KeptFile& waveform) {
    const std::string& sha256 = waveform.sha256;
    const auto path = waveform_path(sha256, suffix_of(waveform.form));
    Result<std::string> bytes = read_file(store_.folder() / path);
    if (!bytes) return bytes.error();
    if (const std::string found = sha256_hex(*bytes); found != sha256) {
      return fail(Errc::bad_data, fmt::format("{}: is damaged (its SHA-256 is {}...); it was left where it is",
                                              (store_.folder() / path).string(), found.substr(0, 16)));
    }
    if (!hashes_.empty() && size_ + bytes->size() > kMostBytes) {
      if (auto written = write(); !written) return written.error();
    }
    size_ += bytes->size();
    entries_.push_back({path.generic_string(), std::move(*bytes)});
    hashes_.push_back(sha256);
    return {};
  }

  Result<void> write() {
    if (hashes_.empty()) return {};
    std::string sums;
    for (std::size_t i = 0; i < hashes_.size(); ++i) sums += fmt::format("{}  {}\n", hashes_[i], entries_[i].name);
    entries_.push_back({kSums, std::move(sums)});
    const Result<std::filesystem::path> file = free_name(folder_, name_);
    if (!file) return file.error();
    const Result<std::string> zip = zip_of(entries_);
    if (!zip) return zip.error();
    if (auto written = replace_file(*file, *zip); !written) return written.error();
    const Result<std::string> sha256 = read_back(*file, hashes_);
    if (!sha256) return sha256.error();
    if (auto filed = store_.file_archive({file->string(), *sha256, by_.at_utc_ns}, hashes_, by_); !filed)
      return filed.error();
    for (std::size_t i = 0; i < hashes_.size(); ++i) {
      std::error_code stays;  // is in two places then, which harms nobody
      std::filesystem::remove(store_.folder() / entries_[i].name, stays);
    }
    report_.files.push_back(file->string());
    report_.waveforms += hashes_.size();
    report_.bytes += size_;
    entries_.clear();
    hashes_.clear();
    size_ = 0;
    return {};
  }

  ArchiveReport report() const { return report_; }

 private:
  RecordStore& store_;
  std::string name_;
  std::filesystem::path folder_;
  ActedBy by_;
  std::vector<ArchiveEntry> entries_;
  std::vector<std::string> hashes_;
  std::uint64_t size_ = 0;
  ArchiveReport report_;
};

}  // namespace

Result<ArchiveReport> archive_waveforms(RecordStore& store, std::int64_t before_utc_ns, const std::string& name,
                                        const std::filesystem::path& folder, const ActedBy& by) {
  const Result<std::vector<KeptFile>> old = store.waveforms_before(before_utc_ns);
  if (!old) return old.error();
  Archiver archiver(store, name, folder, by);
  for (const KeptFile& waveform : *old) {
    std::error_code error;
    const auto file = store.folder() / waveform_path(waveform.sha256, suffix_of(waveform.form));
    if (!std::filesystem::exists(file, error)) continue;  // moved before
    if (auto added = archiver.add(waveform); !added) return added.error();
  }
  if (auto written = archiver.write(); !written) return written.error();
  return archiver.report();
}

Result<ArchiveReport> restore_waveforms(RecordStore& store, const std::filesystem::path& archive) {
  const Result<std::string> bytes = read_file(archive);
  if (!bytes) return bytes.error();
  const Result<std::vector<ArchiveEntry>> entries = entries_of_zip(*bytes);
  if (!entries) return fail(Errc::bad_data, fmt::format("{}: {}", archive.string(), entries.error().message));
  ArchiveReport report;
  report.files.push_back(archive.string());
  for (const ArchiveEntry& entry : *entries) {
    if (entry.name == kSums) continue;
    const std::string sha256 = sha256_hex(entry.bytes);
    const auto refuse = [&](const char* why) {
      return fail(Errc::bad_data, fmt::format("{}: {} {}", archive.string(), entry.name, why));
    };
    const bool is_named_so = std::ranges::any_of(kWaveformForms, [&](WaveformForm form) {
      return entry.name == waveform_path(sha256, suffix_of(form)).generic_string();
    });
    if (!is_named_so) return refuse("does not match its SHA-256");
    const Result<std::optional<ArchivedIn>> known = store.archive_of(sha256);
    if (!known) return known.error();
    if (!*known) return refuse("was never archived from this store (name the store with --records)");
    const auto file = store.folder() / entry.name;
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    if (error)
      return fail(Errc::io, fmt::format("{}: cannot be made: {}", file.parent_path().string(), error.message()));
    if (auto written = replace_file(file, entry.bytes); !written) return written.error();
    ++report.waveforms;
    report.bytes += entry.bytes.size();
  }
  return report;
}

WaveformSource waveforms_of(RecordStore& store) {
  if (const HeldWaveforms* const held = store.held_waveforms()) return waveforms_in(*held);
  return [&store, source = waveforms_in(store.folder())](const WaveformRecord& waveform) -> Result<std::string> {
    Result<std::string> bytes = source(waveform);
    if (bytes) return bytes;
    const Result<std::optional<ArchivedIn>> archive = store.archive_of(waveform.sha256);
    if (!archive || !*archive) return bytes;
    return fail(Errc::bad_data,
                fmt::format("{}: archived in {} (penrig records archive --restore {} puts it back)",
                            (store.folder() / waveform_path(waveform)).string(), (*archive)->file, (*archive)->file));
  };
}

}  // namespace penrig
