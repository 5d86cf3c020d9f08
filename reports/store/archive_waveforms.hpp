#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "reports/store/record_store.hpp"
#include "reports/waveforms/kept_waveform.hpp"

namespace penrig {

struct ArchiveReport {
  std::vector<std::string> files;  ///< archives that were written
  std::uint64_t waveforms = 0, bytes = 0;
};

/// Moves the waveforms of all runs that began before an instant into ZIP files `waveforms-NAME-001.zip`, ... in a
/// folder, each with a SHA256SUMS. A file is moved once its archive was read back whole from the disk, and archive and
/// hashes stand in the store and its audit trail; what was recorded of it stays. A waveform that a later or an open run
/// names as well is left.
///
/// Errors: bad_data (a waveform that is damaged, or an archive that does not read back: nothing of it was removed),
/// no_space, io, usage (no such folder).
Result<ArchiveReport> archive_waveforms(RecordStore& store, std::int64_t before_utc_ns, const std::string& name,
                                        const std::filesystem::path& folder, const ActedBy& by);

/// Puts back what an archive holds of this store's waveforms; the archive stays.
/// Errc::bad_data: no archive, a damaged one, or one of another store.
Result<ArchiveReport> restore_waveforms(RecordStore& store, const std::filesystem::path& archive);

/// The waveforms of a store: beneath its folder, or those that it holds in memory. Of one that was moved away the error
/// says where it is and what puts it back.
WaveformSource waveforms_of(RecordStore& store);

}  // namespace penrig
