#include "rig/base/sample_kernels_x86.hpp"

#if defined(__x86_64__)

#include "rig/base/unroll.hpp"

namespace penrig {
namespace {

using namespace x86;

// AVX2

PENRIG_AVX2 inline __m256i load8(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }

template <unsigned k>
PENRIG_AVX2 inline __m256i differences8(const std::uint32_t* x) {
  if constexpr (k == 0) return load8(x);
  if constexpr (k > 0) return _mm256_sub_epi32(differences8<k - 1>(x), differences8<k - 1>(x - k));
}

template <unsigned k>
PENRIG_AVX2 std::byte* pack_groups_avx2(const std::uint32_t* x, std::size_t count, std::byte* out) {
  constexpr std::size_t kVectors = kSampleHalf / 8;
  for (; count >= kSampleGroup; count -= kSampleGroup) {
    std::byte* const codes = out++;
    unsigned both = 0;
    PENRIG_UNROLL(2)
    for (unsigned half = 0; half < 2; ++half, x += kSampleHalf) {
      __m256i z[kVectors];
      for (std::size_t i = 0; i < kVectors; ++i) {
        const __m256i d = differences8<k>(x + 8 * i);
        z[i] = _mm256_xor_si256(_mm256_slli_epi32(d, 1), _mm256_srai_epi32(d, 31));
      }
      const __m256i any = _mm256_or_si256(z[0], z[1]);
      __m128i four = _mm_or_si128(_mm256_castsi256_si128(any), _mm256_extracti128_si256(any, 1));
      four = _mm_or_si128(four, _mm_srli_si128(four, 8));
      four = _mm_or_si128(four, _mm_srli_si128(four, 4));
      const unsigned code = code_of(static_cast<std::uint32_t>(_mm_cvtsi128_si32(four)));
      both |= code << (4 * half);
      const unsigned width = kSampleWidths[code];
      if (width > kMostPacked) {
        out = put_wide(z, width, out);
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
    *codes = static_cast<std::byte>(both);
  }
  return count == 0 ? out : kPortableSampleKernels.pack_groups[k](x, count, out);
}

/// Zeros, and the lower four above them.
PENRIG_AVX2 inline __m256i lower_above(__m256i v) { return _mm256_permute2x128_si256(v, v, 0x08); }

/// As summed4(), of eight.
template <unsigned order>
PENRIG_AVX2 inline __m256i summed8(__m256i v, __m256i& before) {
  if constexpr (order == 1) v = _mm256_add_epi32(v, _mm256_slli_si256(v, 4));
  if constexpr (order <= 2) {
    v = _mm256_add_epi32(v, _mm256_slli_si256(v, 8));
    v = _mm256_add_epi32(v, _mm256_shuffle_epi32(lower_above(v), order == 1 ? 0xFF : 0xEE));
  } else {
    v = _mm256_add_epi32(v, _mm256_alignr_epi8(v, lower_above(v), 4));
    v = _mm256_add_epi32(v, _mm256_slli_si256(lower_above(v), 8));
  }
  const __m256i sum = _mm256_add_epi32(v, before);
  if constexpr (order == 1) before = _mm256_add_epi32(before, _mm256_permutevar8x32_epi32(v, _mm256_set1_epi32(7)));
  if constexpr (order == 2) before = _mm256_add_epi32(before, _mm256_permute4x64_epi64(v, 0xFF));
  if constexpr (order == 3) before = _mm256_permutevar8x32_epi32(sum, _mm256_setr_epi32(5, 6, 7, 5, 6, 7, 5, 6));
  return sum;
}

template <unsigned order>
PENRIG_AVX2 inline __m256i sums_before8(const SampleSums& sums) {
  const __m256i there = _mm256_setr_epi32(-1, -1, -1, -1, -1, -1, 0, 0);
  const __m256i all = _mm256_maskload_epi32(reinterpret_cast<const int*>(sums.data()), there);
  return _mm256_permutevar8x32_epi32(all, load8(kSumsBefore<order, 8>.data()));
}

template <unsigned k>
PENRIG_AVX2 std::size_t take_groups_avx2(std::span<const std::byte>& in, std::size_t groups, SampleSums& sums,
                                         std::int32_t* out) {
  SampleGroups from(in);
  const __m256i one = _mm256_set1_epi32(1);
  __m256i s1 = sums_before8<1>(sums), s2 = sums_before8<2>(sums), s3 = sums_before8<3>(sums);
  std::size_t taken = 0;
  for (; taken < groups && from.next(); ++taken) {
    const std::byte* bits = from.bits();
    PENRIG_UNROLL(2)
    for (std::size_t half = 0; half < 2; ++half) {
      const Layout& layout = kLayouts[from.code(half)];
      const unsigned width = layout.width;
      const __m256i bytes = load8(layout.bytes.data()), before = load8(layout.before.data());
      const __m256i mask = _mm256_set1_epi32(static_cast<int>(layout.mask));
      PENRIG_UNROLL(2)
      for (std::size_t i = 0; i < kSampleHalf; i += 8, out += 8, bits += width) {
        __m256i v = _mm256_inserti128_si256(_mm256_castsi128_si256(load4(bits)), load4(bits + width / 2), 1);
        v = _mm256_and_si256(_mm256_srlv_epi32(_mm256_shuffle_epi8(v, bytes), before), mask);
        v = _mm256_xor_si256(_mm256_srli_epi32(v, 1),
                             _mm256_sub_epi32(_mm256_setzero_si256(), _mm256_and_si256(v, one)));
        if constexpr (k >= 3) v = summed8<3>(v, s3);
        if constexpr (k >= 2) v = summed8<2>(v, s2);
        if constexpr (k >= 1) v = summed8<1>(v, s1);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), v);
      }
    }
  }
  in = from.left();
  if constexpr (k >= 1) keep<1>(s1, sums);
  if constexpr (k >= 2) keep<2>(s2, sums);
  if constexpr (k >= 3) keep<3>(s3, sums);
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
    add_magnitude8(all[0], differences8<1>(x));
    add_magnitude8(all[1], differences8<2>(x));
    add_magnitude8(all[2], differences8<3>(x));
  }
  if (!add_lanes<8>(all, rounds, sums)) return kPortableSampleKernels.add_magnitudes(from, rounds * 8 + n, sums);
  kPortableSampleKernels.add_magnitudes(x, n, sums);
}

// AVX-512, where bytes can be brought anywhere

/// As Layout, of a half: it begins with a byte.
struct Layout16 {
  std::array<std::uint8_t, 64> bytes;
  std::array<std::uint32_t, 16> before;
  std::uint64_t there;  ///< its bytes: nothing behind them is touched
  std::uint32_t mask;
  unsigned size;
};
constexpr auto kLayouts16 = [] {
  std::array<Layout16, kSampleWidths.size()> all{};
  for (std::size_t code = 0; code < all.size(); ++code) {
    const unsigned width = kSampleWidths[code];
    for (unsigned i = 0; i < 16; ++i) {
      for (unsigned b = 0; b < 4; ++b) all[code].bytes[4 * i + b] = static_cast<std::uint8_t>(i * width / 8 + b);
      all[code].before[i] = i * width % 8;
    }
    all[code].size = 2 * width;
    all[code].there = width < 32 ? (std::uint64_t{1} << (2 * width)) - 1 : ~std::uint64_t{0};
    all[code].mask = mask_of(width);
  }
  return all;
}();

/// As summed4(), of sixteen.
template <unsigned order>
PENRIG_AVX512 inline __m512i summed16(__m512i v, __m512i& before) {
  const __m512i none = _mm512_setzero_si512();
  v = _mm512_add_epi32(v, _mm512_alignr_epi32(v, none, 16 - order));
  v = _mm512_add_epi32(v, _mm512_alignr_epi32(v, none, 16 - 2 * order));
  v = _mm512_add_epi32(v, _mm512_alignr_epi32(v, none, 16 - 4 * order));
  if constexpr (order == 1) v = _mm512_add_epi32(v, _mm512_alignr_epi32(v, none, 8));
  const __m512i sum = _mm512_add_epi32(v, before);
  if constexpr (order == 1) before = _mm512_add_epi32(before, _mm512_permutexvar_epi32(_mm512_set1_epi32(15), v));
  if constexpr (order == 2) before = _mm512_add_epi32(before, _mm512_permutexvar_epi64(_mm512_set1_epi64(7), v));
  if constexpr (order == 3) {
    const __m512i last = _mm512_setr_epi32(13, 14, 15, 13, 14, 15, 13, 14, 15, 13, 14, 15, 13, 14, 15, 13);
    before = _mm512_permutexvar_epi32(last, sum);
  }
  return sum;
}

template <unsigned order>
PENRIG_AVX512 inline __m512i sums_before16(const SampleSums& sums) {
  const __m512i all = _mm512_maskz_loadu_epi32((1U << kMaxSampleHistory) - 1, sums.data());
  return _mm512_maskz_permutexvar_epi32(0xFFFF, _mm512_loadu_si512(kSumsBefore<order, 16>.data()), all);
}

template <unsigned k>
PENRIG_AVX512 std::size_t take_groups_avx512(std::span<const std::byte>& in, std::size_t groups, SampleSums& sums,
                                             std::int32_t* out) {
  SampleGroups from(in);
  const __m512i one = _mm512_set1_epi32(1);
  __m512i s1 = sums_before16<1>(sums), s2 = sums_before16<2>(sums), s3 = sums_before16<3>(sums);
  std::size_t taken = 0;
  for (; taken < groups && from.next(); ++taken) {
    const std::byte* bits = from.bits();
    PENRIG_UNROLL(2)
    for (std::size_t half = 0; half < 2; ++half, out += kSampleHalf) {
      const Layout16& layout = kLayouts16[from.code(half)];
      const __m512i bytes = _mm512_loadu_si512(layout.bytes.data()), before = _mm512_loadu_si512(layout.before.data());
      __m512i v = _mm512_permutexvar_epi8(bytes, _mm512_maskz_loadu_epi8(layout.there, bits));
      bits += layout.size;
      v = _mm512_and_epi32(_mm512_srlv_epi32(v, before), _mm512_set1_epi32(static_cast<int>(layout.mask)));
      v = _mm512_xor_epi32(_mm512_srli_epi32(v, 1), _mm512_sub_epi32(_mm512_setzero_si512(), _mm512_and_epi32(v, one)));
      if constexpr (k >= 3) v = summed16<3>(v, s3);
      if constexpr (k >= 2) v = summed16<2>(v, s2);
      if constexpr (k >= 1) v = summed16<1>(v, s1);
      _mm512_storeu_si512(out, v);
    }
  }
  in = from.left();
  if constexpr (k >= 1) keep<1>(s1, sums);
  if constexpr (k >= 2) keep<2>(s2, sums);
  if constexpr (k >= 3) keep<3>(s3, sums);
  return taken;
}

}  // namespace

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
