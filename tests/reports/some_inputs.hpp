#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>

#include "rig/record/analysis_inputs.hpp"

namespace penrig::testing {

/// In whatever order they are given.
inline AnalysisInputs some_inputs(std::initializer_list<std::pair<std::string_view, InputValue>> all) {
  AnalysisInputs inputs;
  for (const auto& [name, value] : all) inputs[name] = value;
  return inputs;
}

}  // namespace penrig::testing
