#include "reports/store/verify_archives.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "reports/digest.hpp"
#include "reports/export/zip_archive.hpp"

namespace penrig {

void ArchivesInStore::fault(const std::string& file, std::string what) {
  out_.faults.push_back({"archive " + file, std::move(what)});
}

void ArchivesInStore::entered(const AuditEntry& entry, bool vouched_for) {
  if (entry.action == audit::kArchived) entered_.push_back({entry, vouched_for});
}

void ArchivesInStore::check_rows() {
  Result<std::vector<FiledArchive>> all = store_.archives();
  if (!all) return out_.faults.push_back({"archives", all.error().message});
  for (FiledArchive& rows : *all) {
    for (const std::string& sha256 : rows.waveforms) newest_of_[sha256] = archives_.size();
    archives_.push_back({std::move(rows)});
    check_row(archives_.back());
  }
  for (const Entered& e : entered_) {
    if (!e.has_row)
      out_.faults.push_back({e.entry.id, e.entry.subject + ": the store has no such archive with that SHA-256"});
  }
}

void ArchivesInStore::check_row(Archive& archive) {
  const ArchivedIn& in = archive.rows.archive;
  // The same archive may have been made twice: restored, removed, and made again.
  const auto found =
      std::ranges::find_if(entered_, [&](const Entered& e) { return !e.has_row && is_entry_of(e.entry, in); });
  if (found == entered_.end()) {
    return fault(in.file,
                 "the audit trail knows no archive of that name and SHA-256: whatever the store says is in it "
                 "was not moved there");
  }
  found->has_row = true;
  if (std::string why = why_not_archived_so(found->entry, archive.rows); !why.empty())
    return fault(in.file, std::move(why));
  archive.entry = found->entry.id;
  archive.vouched_for = found->vouched_for;
}

bool ArchivesInStore::has(const std::string& waveform_sha256) {
  const auto found = newest_of_.find(waveform_sha256);
  if (found == newest_of_.end()) return false;
  ++out_.archived_waveforms;
  Archive& archive = archives_[found->second];
  // What the trail does not know was named, and there is nothing to hold its file against.
  if (!archive.entry.empty() && !archive.opened) open(archive);
  archive.opened = true;
  return true;
}

void ArchivesInStore::open(const Archive& archive) {
  const std::string& file = archive.rows.archive.file;
  std::error_code error;
  const auto kind = std::filesystem::status(file, error).type();
  if (kind == std::filesystem::file_type::regular) return look_into(archive);
  if (kind == std::filesystem::file_type::none)
    return fault(file, fmt::format("cannot be looked at: {}", error.message()));
  if (kind != std::filesystem::file_type::not_found)
    return fault(file, "is no file but a directory or a device; expected the archive");
  if (!archive.vouched_for) {
    return fault(file, fmt::format("is not here, and {}, which says that waveforms were moved into it, is not signed "
                                   "by the log's key: put the archive back in its place",
                                   archive.entry));
  }
  out_.notes.push_back(fmt::format("waveforms are archived in {}, which is not here", file));
}

void ArchivesInStore::look_into(const Archive& archive) {
  const auto& [in, waveforms] = archive.rows;
  std::ifstream file(in.file, std::ios::binary);
  if (!file) return fault(in.file, "is there, and cannot be read");
  if (const std::string found = sha256_hex(file); found != in.sha256)
    return fault(in.file, fmt::format("is damaged (its SHA-256 is {}...)", found.substr(0, 16)));
  file.clear();
  file.seekg(0);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const Result<std::vector<ArchiveEntry>> entries = entries_of_zip(bytes);
  if (!entries) return fault(in.file, entries.error().message);
  std::set<std::string> there;
  for (const ArchiveEntry& entry : *entries) there.insert(sha256_hex(entry.bytes));
  for (const std::string& sha256 : waveforms) {
    if (!there.contains(sha256))
      fault(in.file, fmt::format("does not hold waveform {}, which the store says is in it", sha256.substr(0, 16)));
  }
  out_.notes.push_back(fmt::format("waveforms are archived in {}", in.file));
}

}  // namespace penrig
