#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "reports/capture/capture_file.hpp"
#include "rig/calibrate/filed.hpp"
#include "rig/measure/judge_capture.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {

/// An analysed capture with all that is said about it.
struct AnalysedCapture {
  const CaptureFile& file;
  const CaptureAnalysis& analysis;
  const CaptureJudgement* judgement = nullptr;  ///< nullptr: no product was named
  std::string product_name, rig_name;           ///< empty: none
  const CalibrationChoice* filed = nullptr;     ///< calibrations from the record store; nullptr: no rig was named
};

/// File, sampling, measurements with U, what was not measured, notes, and requirements if a product was named.
std::vector<Line> analysis_text(const TerminalStyle& style, const AnalysedCapture& capture);

/// One object: file, sampling, setting, measurements [{name, value, unit, U, k, nu_eff, realised, ...}], warnings, and
/// decisions if a product was named. A number that is not finite never stands in it.
nlohmann::ordered_json analysis_json(const AnalysedCapture& capture);

/// One row a stroke, RFC 4180, times as the file has them. A cell is empty where there is no value.
std::string strokes_csv(const CaptureAnalysis& analysis);

}  // namespace penrig::cli
