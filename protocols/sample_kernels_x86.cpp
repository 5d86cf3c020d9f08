#include "protocols/sample_kernels.hpp"

#if defined(__x86_64__)

#include <bit>
#include <cstring>

#include <immintrin.h>

#include "protocols/sample_groups.hpp"
#include "rig/base/unroll.hpp"

// Eight differences of B bits fill B bytes, so that a group is packed and read eight or sixteen at a time. A function
// that uses an instruction has it in its target attribute; nothing here is called where the machine does not have it.
// One loop for all of them there cannot be: what has another target is not inlined into it.

namespace penrig {
namespace {

#define PENRIG_SSE41 [[gnu::target("sse4.1")]]
#define PENRIG_AVX2 [[gnu::target("avx2")]]
#define PENRIG_AVX512 [[gnu::target("avx512f,avx512bw,avx512vbmi")]]

constexpr unsigned kMostPacked = 16;  ///< bits that are packed here: four of them fill a word
constexpr unsigned kMostTaken = 25;   ///< bits that are read here: with up to seven before them they fill 32

/// How values of one width lie in 16 bytes from the byte in which the first of four begins: which bytes each needs, and
/// how many bits before it they hold. The second four begin half a byte later where the width is odd.
struct Layout {
  std::array<std::uint8_t, 32> bytes;
  std::array<std::uint32_t, 8> before;
  std::array<std::uint32_t, 8> factor;  ///< brings all of them to 7 bits before
};

constexpr std::array<Layout, kMostTaken + 1> make_layouts() {
  std::array<Layout, kMostTaken + 1> all{};
  for (unsigned width = 0; width <= kMostTaken; ++width) {
    for (unsigned i = 0; i < 8; ++i) {
      const unsigned bit = i % 4 * width + (i >= 4 ? 4 * width % 8 : 0);
      for (unsigned b = 0; b < 4; ++b) all[width].bytes[4 * i + b] = static_cast<std::uint8_t>(bit / 8 + b);
      all[width].before[i] = bit % 8;
      all[width].factor[i] = 1U << (7 - bit % 8);
    }
  }
  return all;
}
constexpr std::array<Layout, kMostTaken + 1> kLayouts = make_layouts();

template <class Vector>
const Vector* vector_at(const void* p) {
  return static_cast<const Vector*>(p);
}

/// Whether sums of so many, none of which has other bits, are within a word.
bool fits(std::span<const std::uint32_t> any, std::size_t count) {
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

// SSE4.1

PENRIG_SSE41 inline __m128i load4(const void* p) { return _mm_loadu_si128(vector_at<__m128i>(p)); }

template <unsigned k>
PENRIG_SSE41 inline __m128i differences4(const std::uint32_t* x) {
  const __m128i x0 = load4(x);
  if constexpr (k == 0) return x0;
  const __m128i x1 = load4(x - 1), d0 = _mm_sub_epi32(x0, x1);
  if constexpr (k <= 1) return d0;
  const __m128i x2 = load4(x - 2), d1 = _mm_sub_epi32(x1, x2);
  if constexpr (k <= 2) return _mm_sub_epi32(d0, d1);
  const __m128i d2 = _mm_sub_epi32(x2, load4(x - 3));
  return _mm_sub_epi32(_mm_sub_epi32(d0, d1), _mm_sub_epi32(d1, d2));
}

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

/// Four values beside each other in the lower word.
PENRIG_SSE41 inline __m128i word_of4(__m128i v, const Shifts& by) {
  const __m128i pairs =
      _mm_or_si128(_mm_and_si128(v, _mm_set1_epi64x(0xFFFFFFFF)), _mm_sll_epi64(_mm_srli_epi64(v, 32), by.once));
  return _mm_or_si128(pairs, _mm_sll_epi64(_mm_srli_si128(pairs, 8), by.twice));
}

template <unsigned k>
PENRIG_SSE41 std::byte* pack_groups_sse41(const std::uint32_t* x, std::size_t count, std::byte* out) {
  constexpr std::size_t kVectors = kSampleGroup / 4;
  for (; count >= kSampleGroup; count -= kSampleGroup, x += kSampleGroup) {
    __m128i z[kVectors];
    __m128i any = _mm_setzero_si128();
    for (std::size_t i = 0; i < kVectors; ++i) {
      const __m128i d = differences4<k>(x + 4 * i);
      z[i] = _mm_xor_si128(_mm_slli_epi32(d, 1), _mm_srai_epi32(d, 31));
      any = _mm_or_si128(any, z[i]);
    }
    any = _mm_or_si128(any, _mm_srli_si128(any, 8));
    any = _mm_or_si128(any, _mm_srli_si128(any, 4));
    const auto width = static_cast<unsigned>(std::bit_width(static_cast<std::uint32_t>(_mm_cvtsi128_si32(any))));
    *out++ = static_cast<std::byte>(width);
    if (width > kMostPacked) {
      std::array<std::uint32_t, kSampleGroup> values;
      std::memcpy(values.data(), z, sizeof z);
      out = put_sample_group(values.data(), kSampleGroup, width, out);
      continue;
    }
    const Shifts by = shifts_of(width);
    for (std::size_t i = 0; i < kVectors; i += 2, out += width)
      put_words(word_of4(z[i], by), word_of4(z[i + 1], by), by, width, out);
  }
  return count == 0 ? out : kPortableSampleKernels.pack_groups[k](x, count, out);
}

/// Running sums of four, on top of `before`; that becomes the last of them. From one four to the next there is one
/// addition, everything else is worked out beside it.
PENRIG_SSE41 inline __m128i summed4(__m128i v, __m128i& before) {
  v = _mm_add_epi32(v, _mm_slli_si128(v, 4));
  v = _mm_add_epi32(v, _mm_slli_si128(v, 8));
  const __m128i sum = _mm_add_epi32(v, before);
  before = _mm_add_epi32(before, _mm_shuffle_epi32(v, 0xFF));
  return sum;
}

template <unsigned k>
PENRIG_SSE41 std::size_t take_groups_sse41(std::span<const std::byte>& in, std::size_t groups, SampleSums& sums,
                                           std::int32_t* out) {
  SampleGroups from(in, kMostTaken);
  const __m128i one = _mm_set1_epi32(1);
  __m128i s1 = _mm_set1_epi32(static_cast<int>(sums[0])), s2 = _mm_set1_epi32(static_cast<int>(sums[1])),
          s3 = _mm_set1_epi32(static_cast<int>(sums[2]));
  std::size_t taken = 0;
  for (; taken < groups && from.next(); ++taken) {
    const unsigned width = from.width();
    const Layout& layout = kLayouts[width];
    const __m128i mask = _mm_set1_epi32(static_cast<int>((1U << width) - 1));
    const std::byte* bits = from.bits();
    for (std::size_t i = 0; i < kSampleGroup; i += 4, out += 4) {
      const std::size_t half = i / 4 % 2;
      __m128i v = _mm_shuffle_epi8(load4(bits + half * (width / 2)), load4(layout.bytes.data() + 16 * half));
      // No shift of its own for each of four before AVX2.
      v = _mm_and_si128(_mm_srli_epi32(_mm_mullo_epi32(v, load4(layout.factor.data() + 4 * half)), 7), mask);
      v = _mm_xor_si128(_mm_srli_epi32(v, 1), _mm_sub_epi32(_mm_setzero_si128(), _mm_and_si128(v, one)));
      if constexpr (k >= 3) v = summed4(v, s3);
      if constexpr (k >= 2) v = summed4(v, s2);
      if constexpr (k >= 1) v = summed4(v, s1);
      if constexpr (k == 0) s1 = _mm_shuffle_epi32(v, 0xFF);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out), v);
      bits += half * width;
    }
  }
  in = from.left();
  sums = {static_cast<std::uint32_t>(_mm_cvtsi128_si32(s1)), static_cast<std::uint32_t>(_mm_cvtsi128_si32(s2)),
          static_cast<std::uint32_t>(_mm_cvtsi128_si32(s3))};
  return taken;
}

/// A sum of magnitudes, four at a time, and all of their bits, which say whether it may have overflowed.
struct Sum4 {
  __m128i sum, any;
};
PENRIG_SSE41 inline void add_magnitude4(Sum4& s, __m128i d) {
  const __m128i size = _mm_abs_epi32(d);
  s.sum = _mm_add_epi32(s.sum, size);
  s.any = _mm_or_si128(s.any, size);
}

PENRIG_SSE41 void add_magnitudes_sse41(const std::uint32_t* x, std::size_t n,
                                       std::array<std::uint64_t, kMaxSampleOrder>& sums) {
  const __m128i zero = _mm_setzero_si128();
  std::array<Sum4, kMaxSampleOrder> all{Sum4{zero, zero}, Sum4{zero, zero}, Sum4{zero, zero}};
  const std::uint32_t* const from = x;
  const std::size_t rounds = n / 4;
  for (; n >= 4; n -= 4, x += 4) {
    const __m128i x1 = load4(x - 1), x2 = load4(x - 2);
    const __m128i d0 = _mm_sub_epi32(load4(x), x1), d1 = _mm_sub_epi32(x1, x2), d2 = _mm_sub_epi32(x2, load4(x - 3));
    const __m128i e0 = _mm_sub_epi32(d0, d1), e1 = _mm_sub_epi32(d1, d2);
    add_magnitude4(all[0], d0);
    add_magnitude4(all[1], e0);
    add_magnitude4(all[2], _mm_sub_epi32(e0, e1));
  }
  if (!add_lanes<4>(all, rounds, sums)) return kPortableSampleKernels.add_magnitudes(from, rounds * 4 + n, sums);
  kPortableSampleKernels.add_magnitudes(x, n, sums);
}

// AVX2

PENRIG_AVX2 inline __m256i load8(const void* p) { return _mm256_loadu_si256(vector_at<__m256i>(p)); }

template <unsigned k>
PENRIG_AVX2 inline __m256i differences8(const std::uint32_t* x) {
  const __m256i x0 = load8(x);
  if constexpr (k == 0) return x0;
  const __m256i x1 = load8(x - 1), d0 = _mm256_sub_epi32(x0, x1);
  if constexpr (k <= 1) return d0;
  const __m256i x2 = load8(x - 2), d1 = _mm256_sub_epi32(x1, x2);
  if constexpr (k <= 2) return _mm256_sub_epi32(d0, d1);
  const __m256i d2 = _mm256_sub_epi32(x2, load8(x - 3));
  return _mm256_sub_epi32(_mm256_sub_epi32(d0, d1), _mm256_sub_epi32(d1, d2));
}

template <unsigned k>
PENRIG_AVX2 std::byte* pack_groups_avx2(const std::uint32_t* x, std::size_t count, std::byte* out) {
  constexpr std::size_t kVectors = kSampleGroup / 8;
  for (; count >= kSampleGroup; count -= kSampleGroup, x += kSampleGroup) {
    __m256i z[kVectors];
    __m256i any = _mm256_setzero_si256();
    for (std::size_t i = 0; i < kVectors; ++i) {
      const __m256i d = differences8<k>(x + 8 * i);
      z[i] = _mm256_xor_si256(_mm256_slli_epi32(d, 1), _mm256_srai_epi32(d, 31));
      any = _mm256_or_si256(any, z[i]);
    }
    __m128i half = _mm_or_si128(_mm256_castsi256_si128(any), _mm256_extracti128_si256(any, 1));
    half = _mm_or_si128(half, _mm_srli_si128(half, 8));
    half = _mm_or_si128(half, _mm_srli_si128(half, 4));
    const auto width = static_cast<unsigned>(std::bit_width(static_cast<std::uint32_t>(_mm_cvtsi128_si32(half))));
    *out++ = static_cast<std::byte>(width);
    if (width > kMostPacked) {
      std::array<std::uint32_t, kSampleGroup> values;
      std::memcpy(values.data(), z, sizeof z);
      out = put_sample_group(values.data(), kSampleGroup, width, out);
      continue;
    }
    const Shifts by = shifts_of(width);
    for (std::size_t i = 0; i < kVectors; ++i, out += width) {
      const __m256i pairs = _mm256_or_si256(_mm256_and_si256(z[i], _mm256_set1_epi64x(0xFFFFFFFF)),
                                            _mm256_sll_epi64(_mm256_srli_epi64(z[i], 32), by.once));
      const __m256i words = _mm256_or_si256(pairs, _mm256_sll_epi64(_mm256_srli_si256(pairs, 8), by.twice));
      put_words(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1), by, width, out);
    }
  }
  return count == 0 ? out : kPortableSampleKernels.pack_groups[k](x, count, out);
}

/// As summed4(), of eight.
PENRIG_AVX2 inline __m256i summed8(__m256i v, __m256i& before) {
  v = _mm256_add_epi32(v, _mm256_slli_si256(v, 4));
  v = _mm256_add_epi32(v, _mm256_slli_si256(v, 8));
  v = _mm256_add_epi32(v, _mm256_shuffle_epi32(_mm256_permute2x128_si256(v, v, 0x08), 0xFF));
  const __m256i sum = _mm256_add_epi32(v, before);
  before = _mm256_add_epi32(before, _mm256_permutevar8x32_epi32(v, _mm256_set1_epi32(7)));
  return sum;
}

template <unsigned k>
PENRIG_AVX2 std::size_t take_groups_avx2(std::span<const std::byte>& in, std::size_t groups, SampleSums& sums,
                                         std::int32_t* out) {
  SampleGroups from(in, kMostTaken);
  const __m256i one = _mm256_set1_epi32(1);
  __m256i s1 = _mm256_set1_epi32(static_cast<int>(sums[0])), s2 = _mm256_set1_epi32(static_cast<int>(sums[1])),
          s3 = _mm256_set1_epi32(static_cast<int>(sums[2]));
  std::size_t taken = 0;
  for (; taken < groups && from.next(); ++taken) {
    const unsigned width = from.width();
    const Layout& layout = kLayouts[width];
    const __m256i bytes = load8(layout.bytes.data()), before = load8(layout.before.data());
    const __m256i mask = _mm256_set1_epi32(static_cast<int>((1U << width) - 1));
    const std::byte* bits = from.bits();
    PENRIG_UNROLL(4)
    for (std::size_t i = 0; i < kSampleGroup; i += 8, out += 8, bits += width) {
      __m256i v = _mm256_inserti128_si256(_mm256_castsi128_si256(load4(bits)), load4(bits + width / 2), 1);
      v = _mm256_and_si256(_mm256_srlv_epi32(_mm256_shuffle_epi8(v, bytes), before), mask);
      v = _mm256_xor_si256(_mm256_srli_epi32(v, 1), _mm256_sub_epi32(_mm256_setzero_si256(), _mm256_and_si256(v, one)));
      if constexpr (k >= 3) v = summed8(v, s3);
      if constexpr (k >= 2) v = summed8(v, s2);
      if constexpr (k >= 1) v = summed8(v, s1);
      if constexpr (k == 0) s1 = _mm256_permutevar8x32_epi32(v, _mm256_set1_epi32(7));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), v);
    }
  }
  in = from.left();
  sums = {static_cast<std::uint32_t>(_mm256_cvtsi256_si32(s1)), static_cast<std::uint32_t>(_mm256_cvtsi256_si32(s2)),
          static_cast<std::uint32_t>(_mm256_cvtsi256_si32(s3))};
  return taken;
}

struct Sum8 {
  __m256i sum, any;
};
PENRIG_AVX2 inline void add_magnitude8(Sum8& s, __m256i d) {
  const __m256i size = _mm256_abs_epi32(d);
  s.sum = _mm256_add_epi32(s.sum, size);
  s.any = _mm256_or_si256(s.any, size);
}

PENRIG_AVX2 void add_magnitudes_avx2(const std::uint32_t* x, std::size_t n,
                                     std::array<std::uint64_t, kMaxSampleOrder>& sums) {
  const __m256i zero = _mm256_setzero_si256();
  std::array<Sum8, kMaxSampleOrder> all{Sum8{zero, zero}, Sum8{zero, zero}, Sum8{zero, zero}};
  const std::uint32_t* const from = x;
  const std::size_t rounds = n / 8;
  for (; n >= 8; n -= 8, x += 8) {
    const __m256i x1 = load8(x - 1), x2 = load8(x - 2);
    const __m256i d0 = _mm256_sub_epi32(load8(x), x1), d1 = _mm256_sub_epi32(x1, x2),
                  d2 = _mm256_sub_epi32(x2, load8(x - 3));
    const __m256i e0 = _mm256_sub_epi32(d0, d1), e1 = _mm256_sub_epi32(d1, d2);
    add_magnitude8(all[0], d0);
    add_magnitude8(all[1], e0);
    add_magnitude8(all[2], _mm256_sub_epi32(e0, e1));
  }
  if (!add_lanes<8>(all, rounds, sums)) return kPortableSampleKernels.add_magnitudes(from, rounds * 8 + n, sums);
  kPortableSampleKernels.add_magnitudes(x, n, sums);
}

// AVX-512, where bytes can be brought anywhere

/// As Layout, of sixteen values: they begin with a byte, and none lies beyond the first 50.
struct Layout16 {
  std::array<std::uint8_t, 64> bytes;
  std::array<std::uint32_t, 16> before;
};
constexpr std::array<Layout16, kMostTaken + 1> make_layouts16() {
  std::array<Layout16, kMostTaken + 1> all{};
  for (unsigned width = 0; width <= kMostTaken; ++width) {
    for (unsigned i = 0; i < 16; ++i) {
      for (unsigned b = 0; b < 4; ++b) all[width].bytes[4 * i + b] = static_cast<std::uint8_t>(i * width / 8 + b);
      all[width].before[i] = i * width % 8;
    }
  }
  return all;
}
constexpr std::array<Layout16, kMostTaken + 1> kLayouts16 = make_layouts16();

/// As summed4(), of sixteen.
PENRIG_AVX512 inline __m512i summed16(__m512i v, __m512i& before) {
  const __m512i fourth = _mm512_setr_epi32(0, 0, 0, 0, 3, 3, 3, 3, 0, 0, 0, 0, 11, 11, 11, 11);
  v = _mm512_add_epi32(v, _mm512_bslli_epi128(v, 4));
  v = _mm512_add_epi32(v, _mm512_bslli_epi128(v, 8));
  v = _mm512_add_epi32(v, _mm512_maskz_permutexvar_epi32(0xF0F0, fourth, v));
  v = _mm512_add_epi32(v, _mm512_maskz_permutexvar_epi32(0xFF00, _mm512_set1_epi32(7), v));
  const __m512i sum = _mm512_add_epi32(v, before);
  before = _mm512_add_epi32(before, _mm512_permutexvar_epi32(_mm512_set1_epi32(15), v));
  return sum;
}

template <unsigned k>
PENRIG_AVX512 std::size_t take_groups_avx512(std::span<const std::byte>& in, std::size_t groups, SampleSums& sums,
                                             std::int32_t* out) {
  SampleGroups from(in, kMostTaken);
  const __m512i one = _mm512_set1_epi32(1);
  __m512i s1 = _mm512_set1_epi32(static_cast<int>(sums[0])), s2 = _mm512_set1_epi32(static_cast<int>(sums[1])),
          s3 = _mm512_set1_epi32(static_cast<int>(sums[2]));
  std::size_t taken = 0;
  for (; taken < groups && from.next(); ++taken) {
    const unsigned width = from.width();
    const Layout16& layout = kLayouts16[width];
    const __m512i bytes = _mm512_loadu_si512(layout.bytes.data()), before = _mm512_loadu_si512(layout.before.data());
    const __m512i mask = _mm512_set1_epi32(static_cast<int>((1U << width) - 1));
    const __mmask64 there = (std::uint64_t{1} << (2 * width)) - 1;  // nothing behind them is touched
    const std::byte* bits = from.bits();
    PENRIG_UNROLL(2)
    for (std::size_t i = 0; i < kSampleGroup; i += 16, out += 16, bits += std::size_t{2} * width) {
      __m512i v = _mm512_permutexvar_epi8(bytes, _mm512_maskz_loadu_epi8(there, bits));
      v = _mm512_and_epi32(_mm512_srlv_epi32(v, before), mask);
      v = _mm512_xor_epi32(_mm512_srli_epi32(v, 1), _mm512_sub_epi32(_mm512_setzero_si512(), _mm512_and_epi32(v, one)));
      if constexpr (k >= 3) v = summed16(v, s3);
      if constexpr (k >= 2) v = summed16(v, s2);
      if constexpr (k >= 1) v = summed16(v, s1);
      if constexpr (k == 0) s1 = _mm512_permutexvar_epi32(_mm512_set1_epi32(15), v);
      _mm512_storeu_si512(out, v);
    }
  }
  in = from.left();
  sums = {static_cast<std::uint32_t>(_mm512_cvtsi512_si32(s1)), static_cast<std::uint32_t>(_mm512_cvtsi512_si32(s2)),
          static_cast<std::uint32_t>(_mm512_cvtsi512_si32(s3))};
  return taken;
}

}  // namespace

constinit const SampleKernels kSse41SampleKernels{
    .name = "SSE4.1",
    .pack_groups = {&pack_groups_sse41<0>, &pack_groups_sse41<1>, &pack_groups_sse41<2>, &pack_groups_sse41<3>},
    .take_groups = {&take_groups_sse41<0>, &take_groups_sse41<1>, &take_groups_sse41<2>, &take_groups_sse41<3>},
    .add_magnitudes = &add_magnitudes_sse41};

constinit const SampleKernels kAvx2SampleKernels{
    .name = "AVX2",
    .pack_groups = {&pack_groups_avx2<0>, &pack_groups_avx2<1>, &pack_groups_avx2<2>, &pack_groups_avx2<3>},
    .take_groups = {&take_groups_avx2<0>, &take_groups_avx2<1>, &take_groups_avx2<2>, &take_groups_avx2<3>},
    .add_magnitudes = &add_magnitudes_avx2};

constinit const SampleKernels kAvx512SampleKernels{
    .name = "AVX-512",
    .pack_groups = {&pack_groups_avx2<0>, &pack_groups_avx2<1>, &pack_groups_avx2<2>, &pack_groups_avx2<3>},
    .take_groups = {&take_groups_avx512<0>, &take_groups_avx512<1>, &take_groups_avx512<2>, &take_groups_avx512<3>},
    .add_magnitudes = &add_magnitudes_avx2};

}  // namespace penrig

#endif
