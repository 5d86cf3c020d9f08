#pragma once

#include <cstdint>
#include <vector>

#include "reports/record_json.hpp"
#include "reports/store/measurement_rows.hpp"
#include "reports/store/sqlite_database.hpp"
#include "reports/waveforms/waveform_rows.hpp"
#include "rig/record/run_record.hpp"

namespace penrig::rows {

/// A phase with strokes, traces, waveforms and measurements. Written and read back field for field; the writer expects
/// an open transaction.
void write_phase(sqlite::Database& db, std::int64_t run, const PhaseRecord& phase);

/// Reads the phases of one run, in the order in which they ran; those that are there already while others are still to
/// come. Errc::bad_data: rows that do not fit together.
class PhaseReader {
 public:
  /// What is large in a phase: in it, or instead as the record's text has it.
  enum class Large { in_phases, as_text };
  PhaseReader(sqlite::Database& db, std::int64_t run, Large large);

  /// Those that were written since.
  void read_on();
  /// No more are to come.
  void end() const { waveforms_.end(); }

  std::vector<PhaseRecord> phases;
  std::vector<PhaseText> texts;  ///< of the same phases, or none
  MeasurementReader measurements;

 private:
  sqlite::Database& db_;
  std::int64_t run_;
  Large large_;
  WaveformReader waveforms_;
  std::int64_t last_ = 0;  ///< row of `phases` that was read
};

}  // namespace penrig::rows
