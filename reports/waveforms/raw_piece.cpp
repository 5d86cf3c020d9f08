#include "reports/waveforms/raw_piece.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "reports/waveforms/count_range.hpp"
#include "rig/base/eight.hpp"

namespace penrig {

namespace {

static_assert(std::endian::native == std::endian::little, "differences are stored and loaded as they lie in the file");

// Unsigned, because differences wrap around.
using Sixteen = std::uint32_t __attribute__((vector_size(64)));
using SignedSixteen = std::int32_t __attribute__((vector_size(64)));
using SixteenShorts = std::int16_t __attribute__((vector_size(32)));
using SixteenBytes = std::int8_t __attribute__((vector_size(16)));
constexpr std::size_t kSixteen = 16;

template <class Value>
[[gnu::always_inline]] inline Value at(const void* from) {
  Value value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

/// Of the count at x, and of those beside it, against those before.
template <class Value, unsigned Order>
[[gnu::always_inline]] inline Value difference(const std::int32_t* x) {
  const auto here = at<Value>(x), before = at<Value>(x - 1);
  if constexpr (Order == 1) {
    return here - before;
  } else {
    return here - before - (before - at<Value>(x - 2));
  }
}

/// Bits that a number uses, with its sign as the lowest: 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
[[gnu::always_inline]] inline Sixteen bits_of(const Sixteen& x) {
  return (x << 1) ^ std::bit_cast<Sixteen>(std::bit_cast<SignedSixteen>(x) >> 31);
}
[[gnu::always_inline]] inline std::uint32_t bits_of(std::uint32_t x) {
  return (x << 1U) ^ static_cast<std::uint32_t>(static_cast<std::int32_t>(x) >> 31);
}

/// Bits that the differences of first and second order use.
struct UsedBits {
  std::uint32_t first = 0, second = 0;
};

PENRIG_EACH_PROCESSOR UsedBits used_bits(const std::int32_t* x, std::size_t n) {
  UsedBits used;
  if (n > 1) used.first = bits_of(difference<std::uint32_t, 1>(x + 1));
  Sixteen first{}, second{};
  std::size_t i = 2;
  for (; i + kSixteen <= n; i += kSixteen) {
    first |= bits_of(difference<Sixteen, 1>(x + i));
    second |= bits_of(difference<Sixteen, 2>(x + i));
  }
  for (std::size_t lane = 0; lane < kSixteen; ++lane) {
    used.first |= first[lane];
    used.second |= second[lane];
  }
  for (; i < n; ++i) {
    used.first |= bits_of(difference<std::uint32_t, 1>(x + i));
    used.second |= bits_of(difference<std::uint32_t, 2>(x + i));
  }
  return used;
}

/// In steps of two: processors can halve a number, the compiler takes quarters one by one.
template <class Narrow>
[[gnu::always_inline]] inline void put_sixteen(char* to, const SignedSixteen& wide) {
  if constexpr (sizeof(Narrow) == 4) {
    std::memcpy(to, &wide, sizeof wide);
  } else {
    const SixteenShorts half = __builtin_convertvector(wide, SixteenShorts);
    if constexpr (sizeof(Narrow) == 2) {
      std::memcpy(to, &half, sizeof half);
    } else {
      const SixteenBytes quarter = __builtin_convertvector(half, SixteenBytes);
      std::memcpy(to, &quarter, sizeof quarter);
    }
  }
}

template <class Narrow, unsigned Order>
[[gnu::always_inline]] inline void put_all(char* to, const std::int32_t* x, std::size_t n) {
  // The starts lead to the first count, and with order 2 to the second: these differ by nothing.
  std::size_t i = std::min<std::size_t>(n, Order);
  std::memset(to, 0, i * sizeof(Narrow));
  for (; i + kSixteen <= n; i += kSixteen) {
    const auto wide = std::bit_cast<SignedSixteen>(difference<Sixteen, Order>(x + i));
    put_sixteen<Narrow>(to + i * sizeof(Narrow), wide);
  }
  for (; i < n; ++i) {
    const auto narrow = static_cast<Narrow>(difference<std::uint32_t, Order>(x + i));
    std::memcpy(to + i * sizeof(Narrow), &narrow, sizeof narrow);
  }
}

template <unsigned Order>
[[gnu::always_inline]] inline void put_all(unsigned width, char* to, const std::int32_t* x, std::size_t n) {
  if (width == 1) put_all<std::int8_t, Order>(to, x, n);
  if (width == 2) put_all<std::int16_t, Order>(to, x, n);
  if (width == 4) put_all<std::int32_t, Order>(to, x, n);
}

PENRIG_EACH_PROCESSOR void put_differences(const RawPart& kind, char* to, const std::int32_t* x, std::size_t n) {
  kind.order == 1 ? put_all<1>(kind.width, to, x, n) : put_all<2>(kind.width, to, x, n);
}

/// The fewest bytes of signed numbers that use no more than these bits.
unsigned width_of(std::uint32_t used) { return used == 0 ? 0 : used < 1U << 8U ? 1 : used < 1U << 16U ? 2 : 4; }

/// Where sums begin; the slope is that of order 2.
struct Starts {
  std::uint32_t slope = 0, count = 0;
};

/// One by one: a sum waits for the one before it, and shuffling four into place takes as long.
template <class Narrow, unsigned Order>
void sum_up(const char* from, Starts sum, std::span<std::int32_t> counts) {
  for (std::int32_t& count : counts) {
    const auto difference = static_cast<std::uint32_t>(std::int32_t{at<Narrow>(from)});
    from += sizeof(Narrow);
    if constexpr (Order == 2) sum.slope += difference;
    count = static_cast<std::int32_t>(sum.count += Order == 2 ? sum.slope : difference);
  }
}

template <class Narrow>
void sum_up(unsigned order, const char* from, Starts starts, std::span<std::int32_t> counts) {
  order == 1 ? sum_up<Narrow, 1>(from, starts, counts) : sum_up<Narrow, 2>(from, starts, counts);
}

}  // namespace

std::optional<RawPart> raw_part(std::string_view part) {
  const RawPart kind{static_cast<unsigned char>(part[0]), static_cast<unsigned char>(part[1])};
  if (kind.width > RawPart::kMostWidth || kind.width == 3) return std::nullopt;
  if (kind.order < 1 || kind.order > RawPart::kMostOrder) return std::nullopt;
  return kind;
}

void append_raw_part(std::string& piece, std::span<const std::int32_t> counts) {
  const UsedBits used = used_bits(counts.data(), counts.size());
  const unsigned first = width_of(used.first), second = width_of(used.second);
  const RawPart kind = second < first ? RawPart{second, 2} : RawPart{first, 1};
  const std::size_t had = piece.size();
  piece.resize(had + kind.bytes(counts.size()));
  char* to = piece.data() + had;
  const auto put = [&to](const auto& value) {
    std::memcpy(to, &value, sizeof value);
    to += sizeof value;
  };
  put(static_cast<std::uint8_t>(kind.width));
  put(static_cast<std::uint8_t>(kind.order));
  Starts starts{0, static_cast<std::uint32_t>(counts[0])};
  if (kind.order == 2) {
    starts.slope = static_cast<std::uint32_t>(counts[1]) - starts.count;
    starts.count -= starts.slope;
    put(starts.slope);
  }
  put(starts.count);
  put_differences(kind, to, counts.data(), counts.size());
}

bool read_raw_part(const RawPart& kind, std::string_view bytes, std::int32_t most, std::span<std::int32_t> counts) {
  const char* from = bytes.data() + RawPart::kHeadBytes;
  Starts starts;
  if (kind.order == 2) {
    starts.slope = at<std::uint32_t>(from);
    from += RawPart::kStartBytes;
  }
  starts.count = at<std::uint32_t>(from);
  from += RawPart::kStartBytes;
  if (kind.width == 1) {
    sum_up<std::int8_t>(kind.order, from, starts, counts);
  } else if (kind.width == 2) {
    sum_up<std::int16_t>(kind.order, from, starts, counts);
  } else if (kind.width == 4) {
    sum_up<std::int32_t>(kind.order, from, starts, counts);
  } else {
    for (std::int32_t& count : counts) count = static_cast<std::int32_t>(starts.count += starts.slope);
  }
  return all_within(counts, most);
}

}  // namespace penrig
