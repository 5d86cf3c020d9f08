#include "reports/waveforms/raw_piece.hpp"

#include <bit>
#include <cstring>

#include "reports/waveforms/count_range.hpp"

namespace penrig {

namespace {

static_assert(std::endian::native == std::endian::little, "differences are loaded as they lie in the file");

template <class Value>
Value at(const void* from) {
  Value value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

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
  return all_within(SeenCounts(counts), most);
}

}  // namespace penrig
