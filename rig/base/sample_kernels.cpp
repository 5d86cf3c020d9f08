#include "rig/base/sample_kernels.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "rig/base/sample_groups.hpp"

namespace penrig {
namespace {

static_assert(std::endian::native == std::endian::little, "words are loaded and stored as they lie on the wire");

std::uint32_t zigzag(std::uint32_t d) { return (d << 1) ^ (0U - (d >> 31)); }
std::uint32_t unzigzag(std::uint32_t z) { return (z >> 1) ^ (0U - (z & 1U)); }

/// Of a difference as a signed number.
std::uint32_t magnitude(std::uint32_t d) { return (d ^ (0U - (d >> 31))) + (d >> 31); }

/// The difference of order k at p, which has its history before it.
template <unsigned k>
std::uint32_t difference(const std::uint32_t* p) {
  if constexpr (k == 0) return *p;
  if constexpr (k > 0) return difference<k - 1>(p) - difference<k - 1>(p - k);
}

/// Differences of n samples, zigzag; the code of a width for all of them. n is a constant where it is inlined, so that
/// several are computed at a time.
template <unsigned k>
inline unsigned zigzag_differences(const std::uint32_t* x, std::size_t n, std::uint32_t* __restrict values) {
  std::uint32_t all = 0;
  for (std::size_t i = 0; i < n; ++i) {
    values[i] = zigzag(difference<k>(x + i));
    all |= values[i];
  }
  return width_code(static_cast<unsigned>(std::bit_width(all)));
}

template <unsigned k>
std::byte* pack_groups(const std::uint32_t* x, std::size_t count, std::byte* out) {
  std::array<std::uint32_t, kSampleGroup> values;
  std::uint32_t* const behind = values.data() + kSampleHalf;
  const auto put = [&](std::size_t first, std::size_t second) {
    const unsigned low = zigzag_differences<k>(x, first, values.data());
    const unsigned high = zigzag_differences<k>(x + first, second, behind);
    *out++ = static_cast<std::byte>(low | high << 4);
    out = put_sample_half(values.data(), first, kSampleWidths[low], out);
    out = put_sample_half(behind, second, kSampleWidths[high], out);
  };
  for (; count >= kSampleGroup; count -= kSampleGroup, x += kSampleGroup) put(kSampleHalf, kSampleHalf);
  if (count > 0) put(std::min(count, kSampleHalf), count - std::min(count, kSampleHalf));
  return out;
}

/// Adds a difference of that order to the sum so many samples back; the last `order` sums are kept, oldest first.
template <unsigned order>
inline std::uint32_t add_up(std::uint32_t difference, std::array<std::uint32_t, order>& last) {
  const std::uint32_t sum = last[0] + difference;
  for (std::size_t i = 1; i < order; ++i) last[i - 1] = last[i];
  last[order - 1] = sum;
  return sum;
}

template <unsigned k>
inline void take_half(const std::byte* in, std::size_t m, unsigned width, SampleSums& sums, std::int32_t* out) {
  const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
  std::array<std::uint32_t, 1> first{sums[0]};
  std::array<std::uint32_t, 2> second{sums[1], sums[2]};
  std::array<std::uint32_t, 3> third{sums[3], sums[4], sums[5]};
  std::size_t bit = 0;
  for (std::size_t i = 0; i < m; ++i, bit += width) {
    std::uint64_t word = 0;
    std::memcpy(&word, in + (bit >> 3), 8);
    std::uint32_t d = unzigzag(static_cast<std::uint32_t>((word >> (bit & 7)) & mask));
    if constexpr (k >= 3) d = add_up<3>(d, third);
    if constexpr (k >= 2) d = add_up<2>(d, second);
    if constexpr (k >= 1) d = add_up<1>(d, first);
    out[i] = static_cast<std::int32_t>(d);
  }
  sums = {first[0], second[0], second[1], third[0], third[1], third[2]};
}

template <unsigned k>
std::size_t take_groups(std::span<const std::byte>& in, std::size_t groups, SampleSums& sums, std::int32_t* out) {
  SampleGroups from(in);
  std::size_t taken = 0;
  for (; taken < groups && from.next(); ++taken) {
    const std::byte* bits = from.bits();
    for (std::size_t half = 0; half < 2; ++half, out += kSampleHalf) {
      const unsigned width = kSampleWidths[from.code(half)];
      take_half<k>(bits, kSampleHalf, width, sums, out);
      bits += half_bytes(kSampleHalf, width);
    }
  }
  in = from.left();
  return taken;
}

/// Sum of the magnitudes of the differences of order k of n samples, n <= 65536; halves of words, so that no sum
/// overflows and several are computed at a time where n is a constant.
template <unsigned k>
inline std::uint64_t sum_of_magnitudes(const std::uint32_t* x, std::size_t n) {
  std::uint32_t low = 0, high = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t d = magnitude(difference<k>(x + i));
    low += d & 0xffffU;
    high += d >> 16;
  }
  return (std::uint64_t{high} << 16) + low;
}

void add_magnitudes(const std::uint32_t* x, std::size_t n, std::array<std::uint64_t, kMaxSampleOrder>& sums) {
  const auto add = [&](std::size_t m) {
    sums[0] += sum_of_magnitudes<1>(x, m);
    sums[1] += sum_of_magnitudes<2>(x, m);
    sums[2] += sum_of_magnitudes<3>(x, m);
  };
  for (; n >= kSampleGroup; n -= kSampleGroup, x += kSampleGroup) add(kSampleGroup);
  add(n);
}

}  // namespace

void take_sample_half(unsigned order, const std::byte* in, std::size_t m, unsigned width, SampleSums& sums,
                      std::int32_t* out) {
  switch (order) {
    case 0:
      return take_half<0>(in, m, width, sums, out);
    case 1:
      return take_half<1>(in, m, width, sums, out);
    case 2:
      return take_half<2>(in, m, width, sums, out);
    default:
      return take_half<3>(in, m, width, sums, out);
  }
}

std::byte* put_sample_half(const std::uint32_t* values, std::size_t m, unsigned width, std::byte* out) {
  std::byte* const end = out + half_bytes(m, width);
  std::uint64_t pending = 0;
  unsigned held = 0;
  for (std::size_t i = 0; i < m; ++i) {
    pending |= static_cast<std::uint64_t>(values[i]) << held;
    held += width;
    if (held >= 32) {
      std::memcpy(out, &pending, 4);
      out += 4;
      pending >>= 32;
      held -= 32;
    }
  }
  // What is left, and the zeros that pad to a multiple of 8 values (at most 7 of 32 bits).
  while (out < end) {
    const std::size_t count = std::min<std::size_t>(8, static_cast<std::size_t>(end - out));
    std::memcpy(out, &pending, count);
    out += count;
    pending = 0;
  }
  return end;
}

constinit const SampleKernels kPortableSampleKernels{
    .name = "portable",
    .pack_groups = {&pack_groups<0>, &pack_groups<1>, &pack_groups<2>, &pack_groups<3>},
    .take_groups = {&take_groups<0>, &take_groups<1>, &take_groups<2>, &take_groups<3>},
    .add_magnitudes = &add_magnitudes};

std::span<const SampleKernels* const> sample_kernels() {
#if defined(__x86_64__)
  static constexpr std::array<const SampleKernels*, 4> kAll{&kPortableSampleKernels, &kSse41SampleKernels,
                                                            &kAvx2SampleKernels, &kAvx512SampleKernels};
  static const std::size_t can = [] {
    if (__builtin_cpu_supports("sse4.1") == 0) return std::size_t{1};
    if (__builtin_cpu_supports("avx2") == 0) return std::size_t{2};
    const bool bytes_anywhere = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                                __builtin_cpu_supports("avx512vbmi") != 0;
    return bytes_anywhere ? kAll.size() : kAll.size() - 1;
  }();
  return std::span(kAll).first(can);
#else
  static constexpr std::array<const SampleKernels*, 1> kAll{&kPortableSampleKernels};
  return kAll;
#endif
}

}  // namespace penrig
