#include "reports/export/zip_archive.hpp"

#include <memory>

#include <fmt/format.h>
#include <zip.h>

namespace penrig {
namespace {

struct DiscardZip {
  void operator()(zip_t* zip) const { zip_discard(zip); }
};
struct FreeSource {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Zip = std::unique_ptr<zip_t, DiscardZip>;
using Source = std::unique_ptr<zip_source_t, FreeSource>;

std::string said(zip_error_t* error) {
  std::string text = zip_error_strerror(error);
  zip_error_fini(error);
  return text;
}

Error refused(const char* what, zip_t* zip) {
  return fail(Errc::internal, fmt::format("the ZIP file cannot be made: {}: {}", what, zip_strerror(zip)));
}

/// MS-DOS has no year before 1980: its first day, at midnight.
constexpr zip_uint16_t kDosDate = (1U << 5U) | 1U, kDosTime = 0;
constexpr zip_uint32_t kPlainFile = 0100644U << 16U;

Result<void> add(zip_t* zip, const ArchiveEntry& entry) {
  zip_source_t* source = zip_source_buffer(zip, entry.bytes.data(), entry.bytes.size(), 0);
  if (source == nullptr) return refused(entry.name.c_str(), zip);
  const zip_int64_t index = zip_file_add(zip, entry.name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    return refused(entry.name.c_str(), zip);
  }
  const auto at = static_cast<zip_uint64_t>(index);
  if (zip_set_file_compression(zip, at, ZIP_CM_STORE, 0) != 0 ||
      zip_file_set_dostime(zip, at, kDosTime, kDosDate, 0) != 0 ||
      zip_file_set_external_attributes(zip, at, 0, ZIP_OPSYS_UNIX, kPlainFile) != 0) {
    return refused(entry.name.c_str(), zip);
  }
  return {};
}

Result<std::string> source_bytes(zip_source_t* source) {
  zip_stat_t stat;
  zip_stat_init(&stat);
  std::string bytes;
  if (zip_source_stat(source, &stat) == 0 && zip_source_open(source) == 0) {
    bytes.resize(stat.size);
    const zip_int64_t got = zip_source_read(source, bytes.data(), bytes.size());
    zip_source_close(source);
    if (got >= 0 && static_cast<zip_uint64_t>(got) == stat.size) return bytes;
  }
  return fail(Errc::internal,
              fmt::format("the ZIP file cannot be made: {}", zip_error_strerror(zip_source_error(source))));
}

Error no_bundle(const std::string& why) { return fail(Errc::bad_data, "is no bundle, or a damaged one: " + why); }

Result<std::string> bytes_in(zip_t* zip, const zip_stat_t& stat) {
  const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(zip, stat.index, 0));
  std::string bytes(stat.size, '\0');
  // One byte more than there is: only at the end does libzip hold the sum against the bytes.
  char more = 0;
  if (file == nullptr || zip_fread(file.get(), bytes.data(), bytes.size()) != static_cast<zip_int64_t>(stat.size) ||
      zip_fread(file.get(), &more, 1) != 0) {
    return no_bundle(
        fmt::format("{}: {}", stat.name, file == nullptr ? zip_strerror(zip) : zip_file_strerror(file.get())));
  }
  return bytes;
}

}  // namespace

Result<std::string> zip_of(const std::vector<ArchiveEntry>& entries) {
  zip_error_t error;
  zip_error_init(&error);
  const Source buffer(zip_source_buffer_create(nullptr, 0, 0, &error));
  if (buffer == nullptr) return fail(Errc::internal, "the ZIP file cannot be made: " + said(&error));
  Zip zip(zip_open_from_source(buffer.get(), ZIP_CREATE | ZIP_TRUNCATE, &error));
  if (zip == nullptr) return fail(Errc::internal, "the ZIP file cannot be made: " + said(&error));
  zip_source_keep(buffer.get());  // one reference goes with the archive
  for (const ArchiveEntry& entry : entries) {
    const Result<void> added = add(zip.get(), entry);
    if (!added) return added.error();
  }
  if (zip_close(zip.get()) != 0) return refused("its end", zip.get());
  static_cast<void>(zip.release());
  return source_bytes(buffer.get());
}

Result<std::vector<ArchiveEntry>> entries_of_zip(std::string_view bytes) {
  if (bytes.empty()) return no_bundle("the file is empty");
  zip_error_t error;
  zip_error_init(&error);
  Source source(zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error));
  if (source == nullptr) return fail(Errc::internal, said(&error));
  const Zip zip(zip_open_from_source(source.get(), ZIP_RDONLY, &error));
  if (zip == nullptr) return no_bundle(said(&error));
  static_cast<void>(source.release());  // it goes with the archive
  std::vector<ArchiveEntry> entries;
  std::size_t left = bytes.size();
  const auto count = static_cast<zip_uint64_t>(zip_get_num_entries(zip.get(), 0));
  if (count == 0) return no_bundle("it holds no files");
  for (zip_uint64_t i = 0; i < count; ++i) {
    zip_stat_t stat;
    zip_stat_init(&stat);
    constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_INDEX | ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD;
    if (zip_stat_index(zip.get(), i, 0, &stat) != 0 || (stat.valid & kNeeded) != kNeeded)
      return no_bundle(fmt::format("entry {} cannot be read", i));
    // Stored entries are no larger than the file: whatever it claims, no more memory is taken than that.
    if (stat.comp_method != ZIP_CM_STORE || stat.size > left)
      return no_bundle(fmt::format("{}: a bundle's entries are stored as they are", stat.name));
    left -= stat.size;
    Result<std::string> read = bytes_in(zip.get(), stat);
    if (!read) return read.error();
    entries.push_back({stat.name, std::move(*read)});
  }
  const Result<std::string> again = zip_of(entries);
  if (!again) return again.error();
  if (*again != bytes)
    return no_bundle("it holds bytes beside its entries, or was packed by another program: unpack and check its files");
  return entries;
}

}  // namespace penrig
