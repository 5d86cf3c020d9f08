#include "rig/base/sample_kernels_x86.hpp"

#if defined(__x86_64__)

namespace penrig {
namespace {

using namespace x86;

template <unsigned k>
PENRIG_SSE41 inline __m128i differences4(const std::uint32_t* x) {
  if constexpr (k == 0) return load4(x);
  if constexpr (k > 0) return _mm_sub_epi32(differences4<k - 1>(x), differences4<k - 1>(x - k));
}

/// Four values beside each other in the lower word.
PENRIG_SSE41 inline __m128i word_of4(__m128i v, const Shifts& by) {
  const __m128i pairs =
      _mm_or_si128(_mm_and_si128(v, _mm_set1_epi64x(0xFFFFFFFF)), _mm_sll_epi64(_mm_srli_epi64(v, 32), by.once));
  return _mm_or_si128(pairs, _mm_sll_epi64(_mm_srli_si128(pairs, 8), by.twice));
}

template <unsigned k>
PENRIG_SSE41 std::byte* pack_groups_sse41(const std::uint32_t* x, std::size_t count, std::byte* out) {
  constexpr std::size_t kVectors = kSampleHalf / 4;
  for (; count >= kSampleGroup; count -= kSampleGroup) {
    std::byte* const codes = out++;
    unsigned both = 0;
    for (unsigned half = 0; half < 2; ++half, x += kSampleHalf) {
      __m128i z[kVectors];
      __m128i any = _mm_setzero_si128();
      for (std::size_t i = 0; i < kVectors; ++i) {
        const __m128i d = differences4<k>(x + 4 * i);
        z[i] = _mm_xor_si128(_mm_slli_epi32(d, 1), _mm_srai_epi32(d, 31));
        any = _mm_or_si128(any, z[i]);
      }
      any = _mm_or_si128(any, _mm_srli_si128(any, 8));
      any = _mm_or_si128(any, _mm_srli_si128(any, 4));
      const unsigned code = code_of(static_cast<std::uint32_t>(_mm_cvtsi128_si32(any)));
      both |= code << (4 * half);
      const unsigned width = kSampleWidths[code];
      if (width > kMostPacked) {
        out = put_wide(z, width, out);
        continue;
      }
      const Shifts by = shifts_of(width);
      for (std::size_t i = 0; i < kVectors; i += 2, out += width)
        put_words(word_of4(z[i], by), word_of4(z[i + 1], by), by, width, out);
    }
    *codes = static_cast<std::byte>(both);
  }
  return count == 0 ? out : kPortableSampleKernels.pack_groups[k](x, count, out);
}

/// Running sums over `order` values, on top of `before`; that becomes what the next four go on from. From one four to
/// the next there is an addition, for the third order a shuffle too; everything else is worked out beside it.
template <unsigned order>
PENRIG_SSE41 inline __m128i summed4(__m128i v, __m128i& before) {
  if constexpr (order == 1) v = _mm_add_epi32(v, _mm_slli_si128(v, 4));
  v = _mm_add_epi32(v, _mm_slli_si128(v, order == 3 ? 12 : 8));
  const __m128i sum = _mm_add_epi32(v, before);
  if constexpr (order == 1) before = _mm_add_epi32(before, _mm_shuffle_epi32(v, _MM_SHUFFLE(3, 3, 3, 3)));
  if constexpr (order == 2) before = _mm_add_epi32(before, _mm_shuffle_epi32(v, _MM_SHUFFLE(3, 2, 3, 2)));
  if constexpr (order == 3) before = _mm_shuffle_epi32(sum, _MM_SHUFFLE(1, 3, 2, 1));
  return sum;
}

template <unsigned k>
PENRIG_SSE41 std::size_t take_groups_sse41(std::span<const std::byte>& in, std::size_t groups, SampleSums& sums,
                                           std::int32_t* out) {
  SampleGroups from(in);
  const __m128i one = _mm_set1_epi32(1);
  const __m128i first = load4(sums.data()), last = load4(sums.data() + 2);
  __m128i s1 = _mm_shuffle_epi32(first, _MM_SHUFFLE(0, 0, 0, 0)),
          s2 = _mm_shuffle_epi32(first, _MM_SHUFFLE(2, 1, 2, 1)), s3 = _mm_shuffle_epi32(last, _MM_SHUFFLE(1, 3, 2, 1));
  std::size_t taken = 0;
  for (; taken < groups && from.next(); ++taken) {
    const std::byte* bits = from.bits();
    for (std::size_t i = 0; i < kSampleGroup; i += 4, out += 4) {
      const Layout& layout = kLayouts[from.code(i / kSampleHalf)];
      const std::size_t second = i / 4 % 2;
      __m128i v = load4(bits + second * (layout.width / 2));
      // No shift of its own for each of four before AVX2; whole words have nothing before them.
      if (layout.width < 32) {
        v = _mm_shuffle_epi8(v, load4(layout.bytes.data() + 16 * second));
        v = _mm_srli_epi32(_mm_mullo_epi32(v, load4(layout.factor.data() + 4 * second)), 7);
        v = _mm_and_si128(v, _mm_set1_epi32(static_cast<int>(layout.mask)));
      }
      v = _mm_xor_si128(_mm_srli_epi32(v, 1), _mm_sub_epi32(_mm_setzero_si128(), _mm_and_si128(v, one)));
      if constexpr (k >= 3) v = summed4<3>(v, s3);
      if constexpr (k >= 2) v = summed4<2>(v, s2);
      if constexpr (k >= 1) v = summed4<1>(v, s1);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out), v);
      bits += second * layout.width;
    }
  }
  in = from.left();
  if constexpr (k >= 1) keep<1>(s1, sums);
  if constexpr (k >= 2) keep<2>(s2, sums);
  if constexpr (k >= 3) keep<3>(s3, sums);
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
    add_magnitude4(all[0], differences4<1>(x));
    add_magnitude4(all[1], differences4<2>(x));
    add_magnitude4(all[2], differences4<3>(x));
  }
  if (!add_lanes<4>(all, rounds, sums)) return kPortableSampleKernels.add_magnitudes(from, rounds * 4 + n, sums);
  kPortableSampleKernels.add_magnitudes(x, n, sums);
}

}  // namespace

constinit const SampleKernels kSse41SampleKernels{
    .name = "SSE4.1",
    .pack_groups = {&pack_groups_sse41<0>, &pack_groups_sse41<1>, &pack_groups_sse41<2>, &pack_groups_sse41<3>},
    .take_groups = {&take_groups_sse41<0>, &take_groups_sse41<1>, &take_groups_sse41<2>, &take_groups_sse41<3>},
    .add_magnitudes = &add_magnitudes_sse41};

}  // namespace penrig

#endif
