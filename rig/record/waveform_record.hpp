#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "rig/record/analysis_inputs.hpp"

namespace penrig {

/// Where samples were lost.
struct WaveformGap {
  std::uint64_t before_sample = 0;
  std::string reason;
};

/// A stretch of a waveform that was analysed by itself: one of the touches that followed each other without a gap.
struct WaveformPart {
  std::uint64_t first_sample = 0, samples = 0;
};

/// How the samples stand in their file (reports/CAPTURES.md): small, or quickly written.
enum class WaveformForm { flac, raw };
inline constexpr std::array kWaveformForms{WaveformForm::flac, WaveformForm::raw};
/// As people write it, files end, and a store has it.
constexpr const char* name_of(WaveformForm form) { return form == WaveformForm::raw ? "raw" : "flac"; }

/// The raw samples of one capture as they were kept: a file of its own, named by its SHA-256.
struct WaveformRecord {
  WaveformForm form = WaveformForm::flac;
  std::string purpose;  ///< "tare", "touch nose", "touch tips", "touch surface", "setting", "link-loss"
  std::string sha256;   ///< hex, of the file's bytes
  std::uint64_t bytes = 0;
  std::uint64_t samples = 0;      ///< instants; each holds one count of every channel
  double sample_rate_hz = 0;      ///< by the device's own clock
  std::uint64_t first_tick = 0;   ///< device clock
  double ticks_per_sample = 0;    ///< need not be whole
  std::int64_t start_utc_ns = 0;  ///< when the first block came off its link
  std::string calibration;        ///< certificate of the rig and ids of filed calibrations, "RIG-7, C-000012"
  std::vector<WaveformGap> gaps;  ///< in order
  AnalysisInputs inputs;          ///< of every analysis; empty: nothing was derived from these samples
  /// What was analysed by itself, each with these inputs, in order; empty: all of it at once. A file whose parts were
  /// given different inputs stands in the record once for each.
  std::vector<WaveformPart> parts{};
};

}  // namespace penrig
