#pragma once

#include <string>

#include "rig/record/waveform_record.hpp"
#include "rig/run/analyses.hpp"

namespace penrig {

// The inputs of an analysis as a record keeps them, and back: "tare.zero_counts", "clock.tick_ref". What is 0, empty or
// not known may be left out.

AnalysisInputs stored(const TareInputs& inputs);
AnalysisInputs stored(const TouchInputs& inputs);
AnalysisInputs stored(const SettingInputs& inputs);
AnalysisInputs stored(const LinkLossInputs& inputs);

/// The same without names, to tell inputs from others of their kind: where these bytes are the same, what is stored is,
/// to the bit.
std::string bytes_of(const TareInputs& inputs);
std::string bytes_of(const TouchInputs& inputs);
std::string bytes_of(const SettingInputs& inputs);
std::string bytes_of(const LinkLossInputs& inputs);

/// Errc::bad_data: an input that no analysis of this kind has, or of another type; the message names it.
Result<TareInputs> tare_inputs(const AnalysisInputs& stored);
Result<TouchInputs> touch_inputs(const AnalysisInputs& stored);
Result<SettingInputs> setting_inputs(const AnalysisInputs& stored);
Result<LinkLossInputs> link_loss_inputs(const AnalysisInputs& stored);

}  // namespace penrig
