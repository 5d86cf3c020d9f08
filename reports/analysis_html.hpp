#pragma once

#include <string>
#include <vector>

#include "reports/capture/capture_file.hpp"
#include "rig/measure/judge_capture.hpp"

namespace penrig {

/// An analysed capture as one HTML page that loads nothing from elsewhere, of the same parts as a run's report:
/// measurements, the plots of its strokes, uncertainty, notes. It is marked as no certificate. The same input gives the
/// same bytes.
/// @param judgement  nullptr: no product was named.
std::string analysis_html(const CaptureFile& file, const CaptureAnalysis& analysis, const CaptureJudgement* judgement,
                          const std::string& product_name);

}  // namespace penrig
