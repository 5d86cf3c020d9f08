#include "protocols/sample_codec.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "protocols/sample_kernels.hpp"

namespace penrig {
namespace {

constexpr std::size_t kGroup = kSampleGroup;
constexpr unsigned kMaxOrder = kMaxSampleOrder;

const SampleKernels& fastest() {
  static const SampleKernels& kernels = *sample_kernels().back();
  return kernels;
}

std::uint32_t bits_of(std::int32_t v) { return static_cast<std::uint32_t>(v); }

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

/// The order, 1 to 3, whose differences are smallest in the sum. samples: more than kMaxOrder.
unsigned best_order(std::span<const std::int32_t> samples) {
  std::array<std::uint64_t, kMaxOrder> sums{};
  fastest().add_magnitudes(reinterpret_cast<const std::uint32_t*>(samples.data()) + kMaxOrder,
                           samples.size() - kMaxOrder, sums);
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
  // Only the first group's differences reach into the history.
  std::array<std::uint32_t, kMaxOrder + kGroup> x;
  const std::size_t count = std::min(samples.size(), kMaxBlockSamples), head = std::min(count, kGroup);
  for (std::size_t i = 0; i < kMaxOrder; ++i) x[kMaxOrder - 1 - i] = bits_of(history.before[i]);
  if (count > 0) std::memcpy(x.data() + kMaxOrder, samples.data(), head * sizeof(std::int32_t));

  std::array<std::byte, 1 + 4 * kMaxOrder + kMaxBlockSamples / kGroup * group_bytes(32) + kSampleSlack> bytes;
  std::byte* out = bytes.data();
  *out++ = static_cast<std::byte>(history.order);
  const std::size_t history_bytes = 4 * std::size_t{history.order};
  std::memcpy(out, history.before.data(), history_bytes);
  out += history_bytes;
  const SampleKernels::PackGroups pack = fastest().pack_groups.at(std::min(history.order, kMaxOrder));
  out = pack(x.data() + kMaxOrder, head, out);
  if (count > head) out = pack(reinterpret_cast<const std::uint32_t*>(samples.data()) + head, count - head, out);
  into.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(out - bytes.data()));
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

  const std::array<std::uint32_t, 3> b{bits_of(history.before[0]), bits_of(history.before[1]),
                                       bits_of(history.before[2])};
  SampleSums sums{b[0], b[0] - b[1], b[0] - 2 * b[1] + b[2]};

  const SampleKernels::TakeGroups take = fastest().take_groups[history.order];
  for (std::size_t at = 0; at < samples.size();) {
    at += kGroup * take(packed, (samples.size() - at) / kGroup, sums, samples.data() + at);
    if (at == samples.size()) break;
    // One that the kernels leave: near the end, wide, or bad.
    const std::size_t m = std::min(kGroup, samples.size() - at);
    if (packed.empty()) return bad(fmt::format("it ends before sample {} of {}", at, samples.size()));
    const auto width = std::to_integer<unsigned>(packed[0]);
    if (width > 32) return bad(fmt::format("width {} at sample {}; at most 32", width, at));
    const std::size_t bytes = 1 + (m + 7) / 8 * width;
    if (packed.size() < bytes) return bad(fmt::format("it ends within the group at sample {}", at));
    if (m % 8 != 0 && !padding_is_zero(packed.data() + 1, m, width)) return bad("padding is not zero");
    std::array<std::byte, group_bytes(32) + kSampleSlack> room;
    std::memcpy(room.data(), packed.data(), bytes);
    std::memset(room.data() + bytes, 0, kSampleSlack);
    std::span<const std::byte> alone = std::span(room).first(bytes + kSampleSlack);
    if (m < kGroup || take(alone, 1, sums, samples.data() + at) == 0)
      take_sample_group(history.order, room.data() + 1, m, width, sums, samples.data() + at);
    packed = packed.subspan(bytes);
    at += m;
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
