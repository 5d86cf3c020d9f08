#pragma once

#include <cstdint>
#include <vector>

#include "reports/json_text.hpp"
#include "reports/store/sqlite_database.hpp"
#include "rig/record/waveform_record.hpp"

namespace penrig {

/// A waveform as a record's JSON shows it: what the file holds, where it lies in the folder of records, its SHA-256,
/// and what was given to the analysis beside it.
void write_waveform_json(JsonText& out, const WaveformRecord& waveform);

namespace rows {
/// Of a row of `waveforms`.
/// Errc::bad_data: an unknown form.
WaveformForm read_form(const sqlite::RowReader& row);

/// Written and read back field for field, in order; the writer expects an open transaction. A file of an older version
/// that is only read has none. Errc::bad_data: inputs or gaps that are none.
void write_waveform(sqlite::Database& db, std::int64_t phase, const WaveformRecord& waveform);
std::vector<WaveformRecord> read_waveforms(sqlite::Database& db, std::int64_t phase);

}  // namespace rows
}  // namespace penrig
