#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rig/ports/daq.hpp"
#include "rig/ports/pen.hpp"
#include "rig/record/link_trace_record.hpp"
#include "rig/record/measurement.hpp"
#include "rig/record/run_standing.hpp"
#include "rig/record/simulant_sheet.hpp"
#include "rig/record/waveform_record.hpp"
#include "rig/spec/pen_link.hpp"

namespace penrig {

/// A file that the verdict hangs on, kept as bytes.
struct SourceDocument {
  std::string kind;  ///< "plan", "product", "rig", "plant"
  std::string name;  ///< what the file calls itself, "eol-pro rev 4"
  std::string path;  ///< as the user wrote it
  std::string bytes;
  std::string sha256;  ///< hex, of bytes
};

/// What is known before the first command leaves.
struct RunHeader {
  std::string run_id;         ///< "R-000391"; given by the store when the run is opened
  std::string serial_number;  ///< as scanned
  std::string operator_name;
  std::string slot;
  std::string plan_name, product_name, rig_name;
  std::uint32_t plan_revision = 0, product_revision = 0, rig_revision = 0;
  std::vector<SourceDocument> documents;
  std::string software_version, software_commit;
  std::string algorithm_version;  ///< of what measures and judges (rig/measure); empty: recorded before it had one
  std::int64_t started_utc_ns = 0;
  bool simulated = false;                         ///< any link or device said so
  bool engineering = true;                        ///< not a certifying run
  std::string engineering_because{};              ///< one line; empty for a certifying run, and of old records
  std::string reason{};                           ///< why it is run, of a certifying run that is a retest
  std::vector<std::string> earlier_certifying{};  ///< run ids of this serial number, oldest first
  std::string simulation;  ///< the sim: URI or the seed, for a run that can be repeated; empty if real
  std::string cartridge_lot, simulant_lot;
  std::string fixture_id;      ///< of the bench, by its description; filled by the run, as the sheet is
  std::string simulant_sheet;  ///< identity of the sheet; empty: recorded before sheets were
  std::uint32_t cartridge_needles = 0;
  std::uint64_t decisions_planned = 0, settings_planned = 0;
};

/// One stroke's results: the per-stroke table behind plots and decisions.
struct StrokeRow {
  double top_s = 0;      ///< of the fitted top, seconds since the capture's first sample, device clock corrected
  double period_us = 0;  ///< to the next top; 0 for the last
  double extension_mm = 0, penetration_mm = 0, peak_force_n = 0;
  double u_penetration_mm = 0;  ///< standard uncertainty of this stroke alone
};

/// Curves for the plots, already reduced. Same length within a pair.
struct SettingTraces {
  std::vector<float> phase_deg, mean_position_mm;        ///< mean cycle, 0..360, top at 180
  std::vector<std::vector<float>> strokes_position_mm;   ///< some strokes over phase_deg
  std::vector<float> loop_penetration_mm, loop_force_n;  ///< mean loop force over penetration
  std::vector<std::vector<float>> strokes_loop_penetration_mm, strokes_loop_force_n;
};

struct Spot {
  std::string name;                  ///< "B3"
  std::uint64_t strokes_before = 0;  ///< by the history of the sheet
  /// Not known when the attempt ended before its last stroke was counted.
  std::optional<std::uint64_t> strokes_after;
};

/// What a phase left behind. Every attempt is kept.
struct PhaseRecord {
  std::string name;  ///< "reference before", "2.5 mm at 9000/min"
  std::string kind;  ///< "set-up", "reference", "setting", "free-run", "link-loss", "teardown"
  std::uint32_t attempt = 1;
  std::optional<double> depth_mm, rate_per_min;
  PenLink via = PenLink::serial;      ///< the link over which the pen was driven
  double started_s = 0, ended_s = 0;  ///< since the run began
  Verdict verdict = Verdict::not_judged;
  std::string error;  ///< empty, or the whole message
  std::optional<Spot> spot;
  std::vector<Measurement> measurements;
  std::vector<StrokeRow> strokes;
  SettingTraces traces;
  std::uint64_t samples = 0, gaps = 0;
  std::vector<WaveformRecord> waveforms;  ///< in the order in which they were recorded
  std::map<std::string, double> values;   ///< other numbers a reader may want, name with unit as suffix ("surface_mm")
};

/// One systematic effect, and what was done about it in every number of the run.
struct Correction {
  std::string name;      ///< "channel delay", as `--without` takes it
  bool applied = false;  ///< false: switched off, or there is nothing calibrated to correct it by
  double value = 0, u = 0;
  std::string unit;  ///< of value and u; empty: it has no single number
  std::string note;  ///< "switched off by --without", "not calibrated"; empty if applied
};

struct RunEvent {
  double at_s = 0;   ///< since the run began
  std::string kind;  ///< "interlock", "warning", "retry", "abort", "safe-state"
  std::string text;
  std::optional<double> latency_ms;
};

/// What is known when it is over.
struct RunOutcome {
  Verdict verdict = Verdict::error;
  std::string reason;  ///< one sentence for any verdict but PASS
  /// All that decisions refer to: those of the phases in order, then run-level ones.
  std::vector<Measurement> measurements;
  std::vector<Decision> decisions;
  std::optional<std::size_t> deciding;  ///< the worst, or for a PASS the nearest to its limit
  std::vector<Correction> corrections{};
  std::vector<RunEvent> events;
  std::optional<PenIdentity> pen;
  std::optional<DaqIdentity> daq;
  std::optional<double> battery_before_percent, battery_after_percent, temperature_c, humidity_percent;
  bool safe_state_confirmed = false;
  std::int64_t ended_utc_ns = 0;
  double duration_s = 0;  ///< on the rig
  /// Closed by somebody else than the run itself, which ended without a word: INTERRUPTED, verdict ERROR.
  bool interrupted{};
};

/// How rows and JSON of a record hold it (reports/record_json.hpp). Records keep the format in which they began.
inline constexpr std::uint32_t kRecordFormat = 2;

/// A whole run as it was stored.
struct RunRecord {
  std::uint32_t format = kRecordFormat;
  RunHeader header;
  std::vector<PhaseRecord> phases;
  RunOutcome outcome;
  bool closed = false;                          ///< false: INTERRUPTED, which counts as ERROR
  std::vector<SpotPlace> spots_taken{};         ///< in the order taken, those of attempts that left no phase too
  std::optional<LinkTraceRecord> link_trace{};  ///< none: nobody asked for one, or the run ended before it was whole
  RunStanding standing{};                       ///< what was added since; not part of the record's bytes
};

}  // namespace penrig
