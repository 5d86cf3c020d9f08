#pragma once

#include "reports/capture/capture_file.hpp"

namespace penrig {

/// Reads CSV with a header. What a header may look like: reports/CAPTURES.md. Rows are read without an allocation;
/// numbers of up to 18 digits directly, others by std::from_chars, so that every number is the double nearest to it.
/// The first thing that is wrong ends it, with line, column, and what was found and expected.
/// @param begin  bytes that were taken off the source already.
ReadCapture read_capture_csv(const std::string& path, std::string_view begin, const ByteSource& source,
                             std::uint64_t bytes = 0, const ReadProgress& progress = {});

}  // namespace penrig
