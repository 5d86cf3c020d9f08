#include <benchmark/benchmark.h>

#include "rig/base/freed_memory.hpp"

// Of every benchmark: with the memory that penrig has.

int main(int argc, char** argv) {
  penrig::keep_freed_memory();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
