#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace penrig {

/// Differences of so many samples are packed at one width.
inline constexpr std::size_t kSampleGroup = 32;
inline constexpr unsigned kMaxSampleOrder = 3;
/// Kernels may read and write so many bytes beyond a group.
inline constexpr std::size_t kSampleSlack = 16;

/// Of a whole group: its width, and so many differences of that.
constexpr std::size_t group_bytes(unsigned width) { return 1 + kSampleGroup / 8 * std::size_t{width}; }

/// Integrators of a block: the last value, its last first difference, its last second difference.
using SampleSums = std::array<std::uint32_t, kMaxSampleOrder>;

/// The sample codec's work on whole groups: once for every machine, and again with the vector instructions that some
/// have. Each gives the same bits. Entries of an array are those of orders 0 to 3.
struct SampleKernels {
  const char* name;
  /// Writes width and packed differences of every group of `count` samples, before which the order's history stands;
  /// returns the end.
  using PackGroups = std::byte* (*)(const std::uint32_t* x, std::size_t count, std::byte* out);
  std::array<PackGroups, kMaxSampleOrder + 1> pack_groups;
  /// Reads up to `groups` whole groups, width and packed differences of each, and adds them up; `in` and sums stand
  /// behind them then. Stops before a group that is wider than these kernels read, or behind which `in` does not hold
  /// kSampleSlack bytes more; returns how many were read.
  using TakeGroups = std::size_t (*)(std::span<const std::byte>& in, std::size_t groups, SampleSums& sums,
                                     std::int32_t* out);
  std::array<TakeGroups, kMaxSampleOrder + 1> take_groups;
  /// Adds the magnitudes of the differences of order 1, 2 and 3 of n samples, n <= 65536, three samples before them.
  void (*add_magnitudes)(const std::uint32_t* x, std::size_t n, std::array<std::uint64_t, kMaxSampleOrder>& sums);
};

/// Those that this machine can run, the portable ones first, the fastest last.
std::span<const SampleKernels* const> sample_kernels();

extern const SampleKernels kPortableSampleKernels;
#if defined(__x86_64__)
extern const SampleKernels kSse41SampleKernels, kAvx2SampleKernels, kAvx512SampleKernels;
#endif

/// Reads m differences, 1 to 32, of `width` bits, 0 to 32, and adds them up; 8 bytes beyond them are readable.
/// @param order  0 to 3.
void take_sample_group(unsigned order, const std::byte* in, std::size_t m, unsigned width, SampleSums& sums,
                       std::int32_t* out);

/// Writes ceil(m/8) * width bytes and returns their end.
std::byte* put_sample_group(const std::uint32_t* values, std::size_t m, unsigned width, std::byte* out);

}  // namespace penrig
