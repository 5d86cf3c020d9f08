#pragma once

#include <functional>

#include "tools/penrig/commands.hpp"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace penrig::cli {

/// The options of `penrig calibrate` and of `penrig calibration`, with their help. The validator is that of every
/// command.
void add_calibrate(CLI::App& app, CalibrateOptions& options, const CLI::Validator& not_empty,
                   std::function<ExitCode()>& chosen);
void add_calibration(CLI::App& app, CalibrationListOptions& options, const CLI::Validator& not_empty,
                     std::function<ExitCode()>& chosen);

}  // namespace penrig::cli
