#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "rig/ports/observer.hpp"
#include "rig/record/measurement.hpp"
#include "rig/record/waveform_record.hpp"
#include "tools/penrig/exit_code.hpp"

namespace penrig::cli {

/// `penrig run`: what the user asked for.
struct RunOptions {
  std::string plan_path;
  std::string rig;  ///< a YAML file, or `sim:...`
  std::string serial_number;
  std::string slot;  ///< empty: the rig's only slot
  std::string operator_name;
  std::string records = "records";
  std::string junit_path;  ///< empty: none
  bool json = false;
  bool report = true;
  std::vector<std::string> without{};  ///< names of corrections
  std::string keys{};                  ///< folder of the keys; empty: the usual one
  std::string reason{};                ///< why again; a certifying retest needs one
  std::string second{};                ///< who signs for that besides, where the product wants it; a station asks
  bool engineering{};                  ///< do not certify, whatever there is
  bool trace{};                        ///< keep the raw bytes of the links
  std::vector<std::string> answers{};  ///< "NAME=VALUE": of prompts, given before anybody is asked
  bool asks{};                         ///< somebody can be asked: at the terminal, or at a station
  std::string via{};                   ///< the link of phases that name none; empty: as the plan says
  WaveformForm waveforms = WaveformForm::flac;  ///< the form of their files
};
ExitCode run_command(const RunOptions& options);

/// `penrig run --slots ...`: one run a slot of one rig, at the same time.
struct RunSlotsOptions {
  RunOptions each;                          ///< what is the same for all
  std::string slots;                        ///< "all", or names by commas
  std::vector<std::string> plan_paths;      ///< one for all, or one a slot in the rig's order
  std::vector<std::string> serial_numbers;  ///< one a slot
};
ExitCode run_slots_command(const RunSlotsOptions& options);

/// `penrig sim`: a simulated rig on pseudo-terminals, until SIGINT or SIGTERM.
struct SimOptions {
  std::uint64_t seed = 1;
  std::vector<std::string> defects;
  std::string plant_path;   ///< empty: the shipped plant
  std::string faults_path;  ///< a fault script; empty: nothing breaks
  unsigned slots = 1;
  std::vector<std::string> serial_numbers;  ///< of the pens, slot by slot; the rest is PRO-0001, PRO-0002, ...
  std::string write_rig;                    ///< empty: none
  std::vector<std::string> ble_adapters;    ///< slot by slot: the pen is in the air there too; the rest is not
  std::vector<std::string> ble_names;       ///< what each advertises; the rest its serial number
  std::vector<std::string> ble_faults;      ///< of all that are in the air
  bool ideal_calibrations = false;
  bool list_defects = false;
  bool list_faults = false;
  bool json = false;
};
ExitCode sim_command(const SimOptions& options);

/// `penrig plan check`.
struct PlanCheckOptions {
  std::string plan_path;
  std::string rig;  ///< empty: only plan and product
};
ExitCode plan_check_command(const PlanCheckOptions& options);

/// `penrig ports`.
struct PortsOptions {
  bool json = false;
  bool ble = false;     ///< what advertises, in place of serial ports
  std::string adapter;  ///< empty: all that are on
  unsigned seconds = 5;
};
ExitCode ports_command(const PortsOptions& options);

/// `penrig doctor`.
struct DoctorOptions {
  std::string rig;  ///< a YAML file or `sim:...`; empty: only the machine and its ports
  std::string records = "records";
  std::string keys;  ///< folder; empty: the usual one
  bool json = false;
};
/// @return 0 nothing keeps the rig from running; 3 something does; 4 mistakes in its description.
ExitCode doctor_command(const DoctorOptions& options);

/// `penrig records list`.
struct RecordsListOptions {
  std::string records = "records";
  std::string serial_number, plan_name, product_name, slot, firmware;  ///< empty: all
  std::string verdict;                                                 ///< a verdict's name, or INTERRUPTED
  std::string since, until;                                            ///< YYYY-MM-DD
  std::string where;                                                   ///< a condition (reports/query/condition.hpp)
  std::string measurand;                                               ///< shown beside each run
  std::size_t newest = 0;                                              ///< 0 = all
  bool json = false, csv = false;
};
ExitCode records_list_command(const RecordsListOptions& options);

/// `penrig records show`.
struct RecordsShowOptions {
  std::string records = "records";
  std::string run_id;  ///< empty: the newest
  bool json = false;
};
ExitCode records_show_command(const RecordsShowOptions& options);

/// `penrig records recover`.
struct RecordsRecoverOptions {
  std::string records = "records";
  bool json = false;
};
ExitCode records_recover_command(const RecordsRecoverOptions& options);

/// `penrig records archive`.
struct RecordsArchiveOptions {
  std::string records = "records";
  std::string before;   ///< YYYY-MM-DD
  std::string to;       ///< folder
  std::string restore;  ///< an archive that is put back; empty: none
  std::string operator_name, keys;
};
ExitCode records_archive_command(const RecordsArchiveOptions& options);

/// `penrig records trace`.
struct RecordsTraceOptions {
  std::string records = "records";
  std::string run_id;
  bool json = false;
};
ExitCode records_trace_command(const RecordsTraceOptions& options);

/// `penrig records ...`.
struct RecordsOptions {
  RecordsArchiveOptions archive;
  RecordsListOptions list;
  RecordsShowOptions show;
  RecordsRecoverOptions recover;
  RecordsTraceOptions trace;
};

/// `penrig report`.
struct ReportOptions {
  std::string records = "records";
  std::string run_id;
  std::string html_path, pdf_path;  ///< at least one
  std::string paper = "a4";
};
ExitCode report_command(const ReportOptions& options);

/// `penrig calibrate KIND`.
struct CalibrateOptions {
  std::string kind;         ///< "load-cell"
  std::string of;           ///< which of a kind's factors: "stage"; empty: the first
  std::string points_path;  ///< CSV or YAML; empty: the points are taken from the rig
  std::string fixture_id;   ///< empty: the rig's
  std::string rig;          ///< a YAML file or `sim:...`; empty: only a fixture is named
  std::string operator_name;
  std::vector<std::string> standards;    ///< "ID, CERTIFICATE"
  std::vector<std::string> u_standards;  ///< one a standard, or none: "0.02 %"
  std::string date, due;                 ///< YYYY-MM-DD; empty: today, date + valid_days
  unsigned valid_days = 365;
  std::optional<double> temperature_c, humidity_percent;
  std::string note;
  double tick_hz = 0, span_mm = 0;
  unsigned max_degree = 5;
  // Of points that are taken from the rig.
  std::string slot;            ///< empty: the rig's only slot
  std::string standards_path;  ///< YAML: which values, and what a person does for each
  std::vector<double> at;      ///< which values, without words; empty: the rig's own plan
  unsigned rounds = 2;         ///< up and down
  double read_s = 1;           ///< what a reading is the mean of
  double duration_s = 600;     ///< of a time base
  std::string save_path;       ///< where the points go; empty: a name that is free
  std::string records = "records";
  std::string keys;  ///< folder of the key that signs it; empty: the usual one
  bool json = false;
};
ExitCode calibrate_command(const CalibrateOptions& options);

/// `penrig calibration list` and `show`.
struct CalibrationListOptions {
  std::string records = "records";
  std::string fixture_id;  ///< empty: all
  std::string id;          ///< of show; empty: the newest
  bool json = false;
};
ExitCode calibration_list_command(const CalibrationListOptions& options);
ExitCode calibration_show_command(const CalibrationListOptions& options);

/// `penrig analyze`.
struct AnalyzeOptions {
  std::string file;
  std::vector<std::string> settings;  ///< "depth_mm=1.0"
  std::optional<double> surface_mm, delay_us, frame_um_per_n, cell_hz, cell_damping;
  std::optional<double> rate_hz;  ///< of a file without times
  std::string rig, product_path;  ///< empty: none
  std::string records;            ///< where the rig's filed calibrations lie; empty: `records`, if it is there
  std::string date;               ///< when the capture was taken, YYYY-MM-DD; empty: as it says, else today
  std::string strokes_path, html_path;
  bool json = false;
  std::vector<std::string> without{};          ///< names of corrections
  std::optional<std::uint64_t> monte_carlo{};  ///< trials of a check of U; none: no check
  std::uint64_t monte_carlo_seed{1};
};
/// @return 0 measured, and what was judged holds; 1 FAIL or INDETERMINATE, or a product and nothing judged of it; 3 the
/// data cannot be measured; 4 a mistake
///         in what was written.
ExitCode analyze_command(const AnalyzeOptions& options);

/// Takes the command line apart and does what it says.
/// @return the exit code; 4 for every mistake in the command line.
int command_line(int argc, const char* const* argv);

}  // namespace penrig::cli
