#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "reports/json_text.hpp"
#include "reports/store/sqlite_database.hpp"
#include "reports/waveforms/calibration_inputs.hpp"
#include "rig/record/waveform_record.hpp"

namespace penrig {

/// A waveform as a record's JSON shows it: what the file holds, where it lies in the folder of records, its SHA-256,
/// and what was given to the analysis beside it.
/// @param calibrations  takes what the inputs say of calibrations: the waveform refers to it by its number. nullptr:
/// all
///                      inputs stand in the waveform, as in record format 1.
void write_waveform_json(JsonText& out, const WaveformRecord& waveform, CalibrationInputs* calibrations);
/// A set of them, as an object.
void write_inputs_json(JsonText& out, const InputRange& inputs);

namespace rows {
/// Of a row of `waveforms`.
/// Errc::bad_data: an unknown form.
WaveformForm read_form(const sqlite::RowReader& row);

/// Written and read back field for field, in order; the writer expects an open transaction.
void write_waveforms(sqlite::Database& db, std::int64_t run, std::int64_t phase,
                     const std::vector<WaveformRecord>& waveforms);

/// Those of one run. A file of an older version that is only read has none. Errc::bad_data: inputs, gaps or
/// parts that are none.
class WaveformReader {
 public:
  WaveformReader(sqlite::Database& db, std::int64_t run);
  std::vector<WaveformRecord> of_phase(std::int64_t phase);
  /// Errc::bad_data: inputs that belong to no waveform, which no reader of the record would see.
  void end() const;

 private:
  const AnalysisInputs& calibrations_of(std::int64_t id);

  sqlite::Database& db_;
  std::int64_t run_;
  bool there_;
  std::map<std::int64_t, AnalysisInputs> calibrations_;  ///< those that a waveform had, by the ids of their rows
};

}  // namespace rows
}  // namespace penrig
