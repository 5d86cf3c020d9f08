#pragma once

#if defined(__x86_64__)

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include <immintrin.h>

#include "rig/base/sample_groups.hpp"

// What the kernels of x86 share. Eight differences of B bits fill B bytes, so that they are packed and read four, eight
// or sixteen at a time. A function that uses an instruction has it in its target attribute; none is called where the
// machine does not have it. One loop for all of them there cannot be: what has another target is not inlined into it.

#define PENRIG_SSE41 [[gnu::target("sse4.1")]]
#define PENRIG_AVX2 [[gnu::target("avx2")]]
#define PENRIG_AVX512 [[gnu::target("avx512f,avx512bw,avx512vbmi")]]

namespace penrig::x86 {

inline constexpr unsigned kMostPacked = 15;  ///< bits that are packed here: four of them fit into a word of 64

/// How values of one width lie in 16 bytes from the byte in which the first of four begins: which bytes each needs, and
/// how many bits before it they hold: with up to seven of those the widths but the last fit into a word, and the last
/// is one. The second four begin half a byte later where the width is odd.
struct Layout {
  std::array<std::uint8_t, 32> bytes;
  std::array<std::uint32_t, 8> before;
  std::array<std::uint32_t, 8> factor;  ///< brings all of them to 7 bits before
  std::uint32_t mask;
  unsigned width;
};

constexpr std::uint32_t mask_of(unsigned width) { return static_cast<std::uint32_t>((std::uint64_t{1} << width) - 1); }

/// By width code.
inline constexpr auto kLayouts = [] {
  std::array<Layout, kSampleWidths.size()> all{};
  for (std::size_t code = 0; code < all.size(); ++code) {
    const unsigned width = kSampleWidths[code];
    for (unsigned i = 0; i < 8; ++i) {
      const unsigned bit = i % 4 * width + (i >= 4 ? 4 * width % 8 : 0);
      for (unsigned b = 0; b < 4; ++b) all[code].bytes[4 * i + b] = static_cast<std::uint8_t>(bit / 8 + b);
      all[code].before[i] = bit % 8;
      all[code].factor[i] = 1U << (7 - bit % 8);
    }
    all[code].mask = mask_of(width);
    all[code].width = width;
  }
  return all;
}();

/// Where in all sums a lane finds the one of an order that it goes on from.
template <unsigned order, std::size_t lanes>
inline constexpr auto kSumsBefore = [] {
  std::array<std::uint32_t, lanes> at{};
  for (std::size_t i = 0; i < lanes; ++i) at[i] = static_cast<std::uint32_t>(history_of(order - 1) + i % order);
  return at;
}();

/// Leaves the sums of an order to what follows.
template <unsigned order, class Vector>
void keep(const Vector& before, SampleSums& sums) {
  std::memcpy(sums.data() + history_of(order - 1), &before, sizeof(std::uint32_t) * order);
}

/// The width code of values that have these bits in all.
inline unsigned code_of(std::uint32_t any) { return width_code(static_cast<unsigned>(std::bit_width(any))); }

/// A half in vectors, of values too wide to be packed here.
template <class Vector, std::size_t n>
std::byte* put_wide(const Vector (&z)[n], unsigned width, std::byte* out) {
  std::array<std::uint32_t, kSampleHalf> values;
  static_assert(sizeof z == sizeof values);
  std::memcpy(values.data(), z, sizeof z);
  return put_sample_half(values.data(), kSampleHalf, width, out);
}

/// Whether sums of so many, none of which has other bits, are within a word.
inline bool fits(std::span<const std::uint32_t> any, std::size_t count) {
  std::uint32_t all = 0;
  for (const std::uint32_t bits : any) all |= bits;
  return static_cast<std::size_t>(std::bit_width(all)) + static_cast<std::size_t>(std::bit_width(count)) <= 32;
}

/// Adds sums of magnitudes, a vector of `lanes` words for each order, of `rounds` values a lane; adds nothing and is
/// false where one may have overflowed.
template <std::size_t lanes, class SumVector>
bool add_lanes(const std::array<SumVector, kMaxSampleOrder>& vectors, std::size_t rounds,
               std::array<std::uint64_t, kMaxSampleOrder>& sums) {
  std::array<std::uint64_t, kMaxSampleOrder> found{};
  std::array<std::uint32_t, lanes> part, any;
  for (std::size_t i = 0; i < found.size(); ++i) {
    static_assert(sizeof part == sizeof vectors[i].sum);
    std::memcpy(part.data(), &vectors[i].sum, sizeof part);
    std::memcpy(any.data(), &vectors[i].any, sizeof any);
    if (!fits(any, rounds)) return false;
    for (const std::uint32_t p : part) found[i] += p;
  }
  for (std::size_t i = 0; i < found.size(); ++i) sums[i] += found[i];
  return true;
}

PENRIG_SSE41 inline __m128i load4(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }

/// How far the parts of eight values of one width are moved to stand beside each other.
struct Shifts {
  __m128i once, twice;  ///< by one value, by two
  // Where the first four end amid a byte, the second four share it:
  __m128i nibble;  ///< moves the second four by the half that is taken
  __m128i before;  ///< leaves of the first four what lies in that byte
};
PENRIG_SSE41 inline Shifts shifts_of(unsigned width) {
  const auto by = [](unsigned bits) { return _mm_cvtsi32_si128(static_cast<int>(bits)); };
  const unsigned nibble = width % 2 * 4;
  return {by(width), by(2 * width), by(nibble), by(4 * width - nibble)};
}

/// Two words of four values each, beside each other; zeros behind them.
PENRIG_SSE41 inline void put_words(__m128i first, __m128i second, const Shifts& by, unsigned width, std::byte* out) {
  second = _mm_or_si128(_mm_sll_epi64(second, by.nibble), _mm_srl_epi64(first, by.before));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(out), first);
  _mm_storel_epi64(reinterpret_cast<__m128i*>(out + width / 2), second);
}

}  // namespace penrig::x86

#endif
