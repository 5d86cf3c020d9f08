#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include <benchmark/benchmark.h>

// What this machine can do at all: the bounds that everything else is held against in the same run.

namespace {

constexpr std::size_t kLarge = std::size_t{16} << 20U;  ///< samples: 64 MiB, more than any cache
constexpr std::size_t kSmall = std::size_t{1} << 16U;   ///< samples of a channel that is at hand

std::vector<std::int32_t> counts(std::size_t n) {
  std::vector<std::int32_t> x(n);
  std::uint32_t v = 1;
  for (std::int32_t& sample : x) sample = static_cast<std::int32_t>((v = v * 1'664'525 + 1'013'904'223) >> 12U);
  return x;
}

void count_samples(benchmark::State& state, std::size_t per_iteration) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(per_iteration));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(4 * per_iteration));
}

void memory_read(benchmark::State& state) {
  const std::vector<std::int32_t> x = counts(kLarge);
  for (auto _ : state) {
    std::uint32_t all = 0;
    for (const std::int32_t v : x) all |= static_cast<std::uint32_t>(v);
    benchmark::DoNotOptimize(all);
  }
  count_samples(state, kLarge);
}
BENCHMARK(memory_read);

void memory_copy(benchmark::State& state) {
  const std::vector<std::int32_t> x = counts(kLarge);
  std::vector<std::int32_t> to(kLarge);
  for (auto _ : state) {
    std::memcpy(to.data(), x.data(), 4 * kLarge);
    benchmark::DoNotOptimize(to.data());
  }
  count_samples(state, kLarge);
}
BENCHMARK(memory_copy);

/// Lowest and highest sample: the least that anything that measures must do.
#if defined(__x86_64__)
__attribute__((target("avx2")))
#endif
void scan(const std::vector<std::int32_t>& x, std::int32_t& low, std::int32_t& high) {
  std::int32_t least = x[0], most = x[0];
  for (const std::int32_t v : x) {
    least = std::min(least, v);
    most = std::max(most, v);
  }
  low = least;
  high = most;
}

void scan_of(benchmark::State& state, std::size_t samples) {
  const std::vector<std::int32_t> x = counts(samples);
  std::int32_t low = 0, high = 0;
  for (auto _ : state) {
    scan(x, low, high);
    benchmark::DoNotOptimize(low);
    benchmark::DoNotOptimize(high);
  }
  count_samples(state, samples);
}

void min_max_scan(benchmark::State& state) { scan_of(state, kLarge); }
BENCHMARK(min_max_scan);

void min_max_scan_in_cache(benchmark::State& state) { scan_of(state, kSmall); }
BENCHMARK(min_max_scan_in_cache);

}  // namespace
