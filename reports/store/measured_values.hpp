#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "reports/store/record_store.hpp"
#include "rig/record/measurement.hpp"

namespace penrig {

/// A run as studies see it.
struct ValuesRun {
  std::int64_t number = 0;
  std::string run_id, serial_number, firmware, hardware, rig_name, slot, plan_name, product_name, cartridge_lot;
  std::string algorithm;  ///< of what measured and judged it; empty: recorded before it had one
  std::int64_t plan_revision = 0, product_revision = 0, started_utc_ns = 0;
  bool closed = false;  ///< by its own program
  bool simulated = false, voided = false;
  bool uncorrected = false;  ///< some correction was switched off by --without: its values are not like the others'
  Verdict verdict = Verdict::error;
};

/// What is the same measurement in run after run: the measurand at its setting and over its link, the first, second,
/// ... of that kind in a run's list (a depth may be run in the simulant and in air).
struct ValuesKey {
  std::string measurand, unit;
  std::optional<double> depth_mm, rate_per_min;
  std::optional<PenLink> link{};
  unsigned occurrence = 1;
};

/// One run's value of it.
struct MeasuredValue {
  std::size_t run = 0;          ///< index
  std::optional<double> value;  ///< none: not measured, or known only to be beyond something
  double expanded_u = 0;
  std::optional<double> lower, upper;     ///< limits of its decision
  Verdict verdict = Verdict::not_judged;  ///< of that, the worst where there are several
};

struct MeasuredValues {
  std::vector<ValuesRun> runs;
  std::vector<ValuesKey> keys;                     ///< in the order of the first run that has each
  std::vector<std::vector<MeasuredValue>> values;  ///< key by key, in the order of runs
};

/// All runs of a store, oldest first, without their values.
Result<std::vector<ValuesRun>> runs_to_study(const std::filesystem::path& folder, const RecordStoreOptions& options);
/// Values of these runs; of one measurand alone where it is named. Texts are left out. Reads a thousand runs of two
/// hundred values in half a second.
/// Errors as the store's; Errc::usage for a store of an earlier version, which is not written to here.
Result<MeasuredValues> values_to_study(const std::filesystem::path& folder, const RecordStoreOptions& options,
                                       std::vector<ValuesRun> runs, const std::string& measurand = {});

}  // namespace penrig
