#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "rig/spec/rig_description.hpp"
#include "tools/penrig/doctor_finding.hpp"

namespace penrig::cli {

/// The folder of the records, or the one that it would be made in: whether it takes files, and how many more.
Finding disk_finding(const std::filesystem::path& records);

/// What a folder says that has so much room.
Finding room_finding(const std::filesystem::path& records, std::uint64_t free_bytes);

/// The key that signs. @param folder  empty: the usual one.
Finding key_finding(const std::filesystem::path& folder);

/// Records that are there and cannot be read, and a clock that lies before them. Nothing where none are there.
/// @param utc_ns  this computer's time; none: a rig with a clock of its own is asked for.
Findings record_findings(const std::filesystem::path& records, std::optional<std::int64_t> utc_ns);

/// The rig's certificate and the calibrations that are filed for it; slots that no safe state was confirmed of.
/// @param records  need not be there.
Findings rig_record_findings(const RigDescription& rig, const std::filesystem::path& records, std::int64_t utc_ns);

}  // namespace penrig::cli
