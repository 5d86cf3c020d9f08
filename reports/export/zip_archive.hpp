#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rig/base/result.hpp"

namespace penrig {

struct ArchiveEntry {
  std::string name;  ///< path with '/', relative
  std::string bytes;
};

/// A ZIP file of these entries in their order. Nothing is compressed, and nothing in it depends on clock or machine:
/// the same entries give the same bytes, so whoever has the entries can tell whether a single byte of the file is
/// another. Errc::internal: libzip refused, with what it said.
Result<std::string> zip_of(const std::vector<ArchiveEntry>& entries);

/// What zip_of() wrote. Errc::bad_data: no ZIP file, damaged, or not to the byte what zip_of() writes for its entries.
Result<std::vector<ArchiveEntry>> entries_of_zip(std::string_view zip);

}  // namespace penrig
