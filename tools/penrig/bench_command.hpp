#pragma once

#include <functional>
#include <string>

#include "tools/live/stream_source.hpp"
#include "tools/penrig/exit_code.hpp"

namespace CLI {
class App;
}  // namespace CLI

namespace penrig::cli {

/// `penrig bench live`, and the process of its DAQs, `penrig bench source`.
struct BenchOptions {
  live::StreamPlan plan;
  std::string waveforms = "raw";
  std::string records;  ///< empty: a folder that goes with the bench
  bool json = false;
};

void add_bench(CLI::App& app, BenchOptions& options, std::function<ExitCode()>& chosen);

/// @return 0 all streams were whole; 3 something was lost, or the machine failed; 4 a mistake.
ExitCode bench_live_command(const BenchOptions& options);
ExitCode bench_source_command(const BenchOptions& options);

}  // namespace penrig::cli
