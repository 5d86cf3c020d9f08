#include "protocols/sample_codec.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include <fmt/format.h>

namespace penrig {
namespace {

static_assert(std::endian::native == std::endian::little, "words are loaded and stored as they lie on the wire");

constexpr std::size_t kGroup = 32;
constexpr std::size_t kMaxGroupBytes = kGroup * 4;
constexpr unsigned kMaxOrder = 3;

std::uint32_t bits_of(std::int32_t v) { return static_cast<std::uint32_t>(v); }

std::uint32_t zigzag(std::uint32_t d) { return (d << 1) ^ (0U - (d >> 31)); }
std::uint32_t unzigzag(std::uint32_t z) { return (z >> 1) ^ (0U - (z & 1U)); }

/// Of a difference as a signed number.
std::uint32_t magnitude(std::uint32_t d) { return (d ^ (0U - (d >> 31))) + (d >> 31); }

/// The k-th difference at p, which has k samples before it.
template <unsigned k>
std::uint32_t difference(const std::uint32_t* p) {
  if constexpr (k == 0) return p[0];
  if constexpr (k == 1) return p[0] - p[-1];
  if constexpr (k == 2) return p[0] - 2 * p[-1] + p[-2];
  if constexpr (k == 3) return p[0] - 3 * p[-1] + 3 * p[-2] - p[-3];
}

/// Writes ceil(m/8) * width bytes and returns their end. May write up to 8 bytes beyond it.
std::byte* put_group(const std::uint32_t* values, std::size_t m, unsigned width, std::byte* out) {
  std::byte* const end = out + (m + 7) / 8 * width;
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

/// Differences of n samples, zigzag; all of their bits together. n is a constant where it is inlined, so that several
/// are computed at a time.
template <unsigned k>
inline std::uint32_t zigzag_differences(const std::uint32_t* x, std::size_t n, std::uint32_t* __restrict values) {
  std::uint32_t all = 0;
  for (std::size_t i = 0; i < n; ++i) {
    values[i] = zigzag(difference<k>(x + i));
    all |= values[i];
  }
  return all;
}

template <unsigned k>
std::byte* pack_groups(const std::uint32_t* x, std::size_t count, std::byte* out) {
  std::array<std::uint32_t, kGroup> values;
  const auto put = [&](std::size_t m, std::uint32_t all) {
    const auto width = static_cast<unsigned>(std::bit_width(all));
    *out++ = static_cast<std::byte>(width);
    out = put_group(values.data(), m, width, out);
  };
  for (; count >= kGroup; count -= kGroup, x += kGroup) put(kGroup, zigzag_differences<k>(x, kGroup, values.data()));
  if (count > 0) put(count, zigzag_differences<k>(x, count, values.data()));
  return out;
}

/// Reads m values of `width` bits; at least 8 bytes beyond the group are readable.
template <unsigned k>
void take_group(const std::byte* in, std::size_t m, unsigned width, std::array<std::uint32_t, kMaxOrder>& sums,
                std::int32_t* out) {
  const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
  auto [s1, s2, s3] = sums;
  std::size_t bit = 0;
  for (std::size_t i = 0; i < m; ++i, bit += width) {
    std::uint64_t word = 0;
    std::memcpy(&word, in + (bit >> 3), 8);
    const std::uint32_t d = unzigzag(static_cast<std::uint32_t>((word >> (bit & 7)) & mask));
    if constexpr (k == 0) s1 = d;
    if constexpr (k == 1) s1 += d;
    if constexpr (k == 2) s1 += s2 += d;
    if constexpr (k == 3) s1 += s2 += s3 += d;
    out[i] = static_cast<std::int32_t>(s1);
  }
  sums = {s1, s2, s3};
}

using TakeGroup = void (*)(const std::byte*, std::size_t, unsigned, std::array<std::uint32_t, kMaxOrder>&,
                           std::int32_t*);
constexpr std::array<TakeGroup, kMaxOrder + 1> kTakeGroup{&take_group<0>, &take_group<1>, &take_group<2>,
                                                          &take_group<3>};

/// Whether the values behind the first m of a group, which pad it to a multiple of 8, are zero.
bool padding_is_zero(const std::byte* in, std::size_t m, unsigned width) {
  const std::size_t bytes = (m + 7) / 8 * width;
  const std::size_t used_bits = m * width;
  for (std::size_t i = used_bits / 8; i < bytes; ++i) {
    auto byte = std::to_integer<unsigned>(in[i]);
    if (i == used_bits / 8) byte >>= used_bits % 8;
    if (byte != 0) return false;
  }
  return true;
}

/// Sum of the magnitudes of the k-th differences of n samples, n <= 65536; halves of words, so that no sum overflows
/// and several are computed at a time where n is a constant.
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

/// The order, 1 to 3, whose differences are smallest in the sum. samples: more than kMaxOrder.
unsigned best_order(std::span<const std::int32_t> samples) {
  std::array<std::uint64_t, kMaxOrder> sums{};
  const auto add = [&](const std::uint32_t* x, std::size_t n) {
    sums[0] += sum_of_magnitudes<1>(x, n);
    sums[1] += sum_of_magnitudes<2>(x, n);
    sums[2] += sum_of_magnitudes<3>(x, n);
  };
  const auto* x = reinterpret_cast<const std::uint32_t*>(samples.data()) + kMaxOrder;
  std::size_t left = samples.size() - kMaxOrder;
  for (; left >= kGroup; left -= kGroup, x += kGroup) add(x, kGroup);
  add(x, left);
  return static_cast<unsigned>(std::min_element(sums.begin(), sums.end()) - sums.begin()) + 1;
}

void keep_tail(std::span<const std::int32_t> samples, std::array<std::int32_t, 3>& before) {
  std::array<std::int32_t, 3> now{};
  for (std::size_t i = 0; i < now.size(); ++i) {
    now[i] = i < samples.size() ? samples[samples.size() - 1 - i] : before[i - samples.size()];
  }
  before = now;
}

}  // namespace

void pack_samples(const SampleHistory& history, std::span<const std::int32_t> samples, std::string& into) {
  std::array<std::uint32_t, kMaxOrder + kMaxBlockSamples> x;
  const std::size_t count = std::min(samples.size(), kMaxBlockSamples);
  for (std::size_t i = 0; i < kMaxOrder; ++i) x[kMaxOrder - 1 - i] = bits_of(history.before[i]);
  if (count > 0) std::memcpy(x.data() + kMaxOrder, samples.data(), count * sizeof(std::int32_t));

  constexpr std::size_t kSlack = 8;
  std::array<std::byte, 1 + 4 * kMaxOrder + kMaxBlockSamples / kGroup*(1 + kMaxGroupBytes) + kSlack> bytes;
  std::byte* out = bytes.data();
  *out++ = static_cast<std::byte>(history.order);
  const std::size_t history_bytes = 4 * std::size_t{history.order};
  std::memcpy(out, history.before.data(), history_bytes);
  out += history_bytes;
  const std::uint32_t* const first = x.data() + kMaxOrder;
  switch (history.order) {
    case 0:
      out = pack_groups<0>(first, count, out);
      break;
    case 1:
      out = pack_groups<1>(first, count, out);
      break;
    case 2:
      out = pack_groups<2>(first, count, out);
      break;
    default:
      out = pack_groups<3>(first, count, out);
      break;
  }
  const auto size = static_cast<std::size_t>(out - bytes.data());
  const std::size_t had = into.size();
  into.resize(had + size);
  std::memcpy(into.data() + had, bytes.data(), size);
}

Result<SampleHistory> unpack_samples(std::span<const std::byte> packed, std::span<std::int32_t> samples) {
  const auto bad = [](const std::string& what) { return fail(Errc::bad_data, "sample block: " + what); };
  if (packed.empty()) return bad("no bytes");
  const auto head = std::to_integer<unsigned>(packed[0]);
  if (head > kMaxOrder) return bad(fmt::format("first byte is {:#04x}; only an order of 0 to 3 is known", head));
  SampleHistory history{.order = head};
  packed = packed.subspan(1);
  const std::size_t history_bytes = 4 * std::size_t{history.order};
  if (packed.size() < history_bytes) return bad("it ends within its history");
  std::memcpy(history.before.data(), packed.data(), history_bytes);
  packed = packed.subspan(history_bytes);

  // Integrators: the last value, its last first difference, its last second difference.
  const std::array<std::uint32_t, 3> b{bits_of(history.before[0]), bits_of(history.before[1]),
                                       bits_of(history.before[2])};
  std::array<std::uint32_t, 3> sums{b[0], b[0] - b[1], b[0] - 2 * b[1] + b[2]};

  const TakeGroup take = kTakeGroup[history.order];
  for (std::size_t at = 0; at < samples.size(); at += kGroup) {
    const std::size_t m = std::min(kGroup, samples.size() - at);
    if (packed.empty()) return bad(fmt::format("it ends before sample {} of {}", at, samples.size()));
    const auto width = std::to_integer<unsigned>(packed[0]);
    packed = packed.subspan(1);
    if (width > 32) return bad(fmt::format("width {} at sample {}; at most 32", width, at));
    const std::size_t bytes = (m + 7) / 8 * width;
    if (packed.size() < bytes) return bad(fmt::format("it ends within the group at sample {}", at));
    if (m % 8 != 0 && !padding_is_zero(packed.data(), m, width)) return bad("padding is not zero");
    if (packed.size() >= bytes + 8) {
      take(packed.data(), m, width, sums, samples.data() + at);
    } else {
      std::array<std::byte, kMaxGroupBytes + 8> room{};
      std::memcpy(room.data(), packed.data(), bytes);
      take(room.data(), m, width, sums, samples.data() + at);
    }
    packed = packed.subspan(bytes);
  }
  if (!packed.empty()) return bad(fmt::format("{} bytes too many", packed.size()));
  return history;
}

void SamplePacker::pack(std::span<const std::int32_t> samples, std::string& into) {
  if (samples.empty()) return;
  if (!started_) {
    before_.fill(samples[0]);
    started_ = true;
  }
  SampleHistory history{.order = order_};
  std::copy_n(before_.begin(), order_, history.before.begin());
  pack_samples(history, samples, into);

  if (samples.size() > kMaxOrder) order_ = best_order(samples);
  keep_tail(samples, before_);
}

Result<void> SampleUnpacker::unpack(std::span<const std::byte> packed, std::span<std::int32_t> samples) {
  const auto history = unpack_samples(packed, samples);
  if (!history) {
    known_ = 0;
    return history.error();
  }
  const std::size_t comparable = std::min<std::size_t>(history->order, known_);
  const bool goes_on =
      std::equal(before_.begin(), before_.begin() + static_cast<std::ptrdiff_t>(comparable), history->before.begin());
  const std::size_t seen_before = goes_on ? known_ : 0;
  keep_tail(samples, before_);
  known_ = std::min<std::size_t>(before_.size(), seen_before + samples.size());
  if (!goes_on) return fail(Errc::gap_in_record, "sample block: its history is not the tail of the block before it");
  return {};
}

}  // namespace penrig
