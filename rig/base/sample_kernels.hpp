#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace penrig {

inline constexpr unsigned kMaxSampleOrder = 3;
/// Samples before a block that its differences of an order reach: 0, 1, 3 or 6.
constexpr std::size_t history_of(unsigned order) { return std::size_t{order} * (order + 1) / 2; }
inline constexpr std::size_t kMaxSampleHistory = history_of(kMaxSampleOrder);

/// Kernels may read and write so many bytes beyond a group.
inline constexpr std::size_t kSampleSlack = 16;

/// What the sums of a block begin with: for each order j, 1 to 3, the last j sums of that order, oldest first, behind
/// those of the lower orders.
using SampleSums = std::array<std::uint32_t, kMaxSampleHistory>;

/// The sample codec's work on groups (sample_groups.hpp): once for every machine, and again with the vector
/// instructions that some have. Each gives the same bits. Entries of an array are those of orders 0 to 3. The
/// difference of order j is that of the order below, taken over j samples.
struct SampleKernels {
  const char* name;
  /// Writes every group of `count` samples, before which the order's history stands; returns the end.
  using PackGroups = std::byte* (*)(const std::uint32_t* x, std::size_t count, std::byte* out);
  std::array<PackGroups, kMaxSampleOrder + 1> pack_groups;
  /// Reads up to `groups` whole groups and adds up their differences; `in` and sums stand behind them then. Stops
  /// before a group behind which `in` does not hold kSampleSlack bytes more; returns how many were read.
  using TakeGroups = std::size_t (*)(std::span<const std::byte>& in, std::size_t groups, SampleSums& sums,
                                     std::int32_t* out);
  std::array<TakeGroups, kMaxSampleOrder + 1> take_groups;
  /// Adds the magnitudes of the differences of order 1, 2 and 3 of n samples, n <= 65536, the history of the third
  /// before them.
  void (*add_magnitudes)(const std::uint32_t* x, std::size_t n, std::array<std::uint64_t, kMaxSampleOrder>& sums);
};

/// Those that this machine can run, the portable ones first, the fastest last.
std::span<const SampleKernels* const> sample_kernels();

extern const SampleKernels kPortableSampleKernels;
#if defined(__x86_64__)
extern const SampleKernels kSse41SampleKernels, kAvx2SampleKernels, kAvx512SampleKernels;
#endif

/// Reads m differences, 0 to 16, of `width` bits, 0 to 32, and adds them up; 8 bytes beyond them are readable.
/// @param order  0 to 3.
void take_sample_half(unsigned order, const std::byte* in, std::size_t m, unsigned width, SampleSums& sums,
                      std::int32_t* out);

/// Writes m values, 0 to 16, half_bytes(m, width) in all, and returns their end.
std::byte* put_sample_half(const std::uint32_t* values, std::size_t m, unsigned width, std::byte* out);

}  // namespace penrig
