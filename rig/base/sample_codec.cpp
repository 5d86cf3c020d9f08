#include "rig/base/sample_codec.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "rig/base/sample_groups.hpp"

namespace penrig {
namespace {

constexpr std::size_t kGroup = kSampleGroup;
constexpr unsigned kMaxOrder = kMaxSampleOrder;

const SampleKernels& fastest() {
  static const SampleKernels& kernels = *sample_kernels().back();
  return kernels;
}

std::uint32_t bits_of(std::int32_t v) { return static_cast<std::uint32_t>(v); }

/// Whether all is zero behind the first m values of a half, which are padded to a multiple of 8.
bool padding_is_zero(const std::byte* in, std::size_t m, unsigned width) {
  const std::size_t used_bits = m * width;
  for (std::size_t i = used_bits / 8; i < half_bytes(m, width); ++i) {
    auto byte = std::to_integer<unsigned>(in[i]);
    if (i == used_bits / 8) byte >>= used_bits % 8;
    if (byte != 0) return false;
  }
  return true;
}

/// What the sums of a block begin with, of what stood before it.
SampleSums sums_of(const SamplesBefore& before) {
  std::array<std::uint32_t, kMaxSampleHistory> last;
  std::transform(before.begin(), before.end(), last.begin(), bits_of);
  SampleSums sums;
  std::size_t at = 0;
  for (std::size_t order = 1; order <= kMaxOrder; ++order) {
    for (std::size_t i = order; i-- > 0;) sums[at++] = last[i];
    for (std::size_t i = 0; i + order < last.size(); ++i) last[i] -= last[i + order];
  }
  return sums;
}

/// Whether all stand on one count.
bool stand(std::span<const std::int32_t> samples) {
  return samples.empty() ||
         std::memcmp(samples.data(), samples.data() + 1, samples.size_bytes() - sizeof samples[0]) == 0;
}

/// All of them: some, and then copies of those.
void fill(std::span<std::int32_t> samples, std::int32_t with) {
  std::size_t there = std::min(samples.size(), kSampleHalf);
  std::fill_n(samples.begin(), there, with);
  while (there < samples.size()) {
    const std::size_t more = std::min(there, samples.size() - there);
    std::memcpy(samples.data() + there, samples.data(), more * sizeof samples[0]);
    there += more;
  }
}

/// Whether all differences are zero of samples that stand, and each group is a byte of two widths of zero.
bool goes_on_standing(const SampleHistory& history, std::int32_t at) {
  const auto reach = static_cast<std::ptrdiff_t>(history_of(history.order));
  return reach > 0 && std::all_of(history.before.begin(), history.before.begin() + reach,
                                  [at](std::int32_t before) { return before == at; });
}

/// The order, 1 to 3, whose differences are smallest in the sum. samples: more than kMaxSampleHistory.
unsigned best_order(std::span<const std::int32_t> samples) {
  std::array<std::uint64_t, kMaxOrder> sums{};
  fastest().add_magnitudes(reinterpret_cast<const std::uint32_t*>(samples.data()) + kMaxSampleHistory,
                           samples.size() - kMaxSampleHistory, sums);
  return static_cast<unsigned>(std::min_element(sums.begin(), sums.end()) - sums.begin()) + 1;
}

/// Reads the last group, of fewer samples than a whole one, kSampleSlack readable bytes behind it; false if anything
/// behind its last sample is not zero.
bool take_part(unsigned order, const std::byte* in, SampleSums& sums, std::span<std::int32_t> samples) {
  const std::size_t m = samples.size(), first = std::min(m, kSampleHalf), second = m - first;
  const auto codes = std::to_integer<unsigned>(*in++);
  const unsigned low = kSampleWidths[codes & 15U], high = kSampleWidths[codes >> 4];
  const std::byte* const behind = in + half_bytes(first, low);
  if (second == 0 && high != 0) return false;
  if (!padding_is_zero(in, first, low) || !padding_is_zero(behind, second, high)) return false;
  take_sample_half(order, in, first, low, sums, samples.data());
  take_sample_half(order, behind, second, high, sums, samples.data() + first);
  return true;
}

Error bad(const std::string& what) { return fail(Errc::bad_data, "sample block: " + what); }

/// What a block begins with; it begins behind that then.
Result<SampleHistory> take_history(std::span<const std::byte>& packed) {
  if (packed.empty()) return bad("no bytes");
  const auto head = std::to_integer<unsigned>(packed[0]);
  if (head > kMaxOrder) return bad(fmt::format("first byte is {:#04x}; only an order of 0 to 3 is known", head));
  SampleHistory history{.order = head};
  packed = packed.subspan(1);
  const std::size_t history_bytes = sizeof(std::int32_t) * history_of(history.order);
  if (packed.size() < history_bytes) return bad("it ends within its history");
  std::memcpy(history.before.data(), packed.data(), history_bytes);
  packed = packed.subspan(history_bytes);
  return history;
}

}  // namespace

void pack_samples(const SampleHistory& history, std::span<const std::int32_t> samples, std::string& into) {
  // Only the first group's differences reach into the history.
  std::array<std::uint32_t, kMaxSampleHistory + kGroup> x;
  const std::size_t count = std::min(samples.size(), kMaxBlockSamples), head = std::min(count, kGroup);
  std::transform(history.before.rbegin(), history.before.rend(), x.begin(), bits_of);
  if (count > 0) std::memcpy(x.data() + kMaxSampleHistory, samples.data(), head * sizeof(std::int32_t));

  std::array<std::byte, kMaxPackedBytes + kSampleSlack> bytes;
  std::byte* out = bytes.data();
  const unsigned order = std::min(history.order, kMaxOrder);
  *out++ = static_cast<std::byte>(order);
  const std::size_t history_bytes = sizeof(std::int32_t) * history_of(order);
  std::memcpy(out, history.before.data(), history_bytes);
  out += history_bytes;
  if (count > 0 && goes_on_standing({.order = order, .before = history.before}, samples[0]) &&
      stand(samples.first(count))) {
    into.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(out - bytes.data()));
    into.append((count + kGroup - 1) / kGroup, '\0');
    return;
  }
  const SampleKernels::PackGroups pack = fastest().pack_groups[order];
  out = pack(x.data() + kMaxSampleHistory, head, out);
  if (count > head) out = pack(reinterpret_cast<const std::uint32_t*>(samples.data()) + head, count - head, out);
  into.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(out - bytes.data()));
}

Result<SampleHistory> unpack_samples(std::span<const std::byte> packed, std::span<std::int32_t> samples) {
  const Result<SampleHistory> head = take_history(packed);
  if (!head) return head.error();
  const SampleHistory& history = *head;
  if (packed.size() == (samples.size() + kGroup - 1) / kGroup && goes_on_standing(history, history.before[0]) &&
      std::ranges::all_of(packed, [](std::byte codes) { return codes == std::byte{0}; })) {
    fill(samples, history.before[0]);
    return history;
  }
  SampleSums sums = sums_of(history.before);
  const SampleKernels::TakeGroups take = fastest().take_groups[history.order];
  for (std::size_t at = 0; at < samples.size();) {
    at += kGroup * take(packed, (samples.size() - at) / kGroup, sums, samples.data() + at);
    if (at == samples.size()) break;
    // One that the kernels leave: near the end, or bad.
    const std::size_t m = std::min(kGroup, samples.size() - at);
    if (packed.empty()) return bad(fmt::format("it ends before sample {} of {}", at, samples.size()));
    const auto codes = std::to_integer<unsigned>(packed[0]);
    const std::size_t bytes = group_bytes(codes, m);
    if (packed.size() < bytes) return bad(fmt::format("it ends within the group at sample {}", at));
    std::array<std::byte, kMaxGroupBytes + kSampleSlack> room;
    std::memcpy(room.data(), packed.data(), bytes);
    std::memset(room.data() + bytes, 0, kSampleSlack);
    if (m == kGroup) {
      std::span<const std::byte> alone = std::span(room).first(bytes + kSampleSlack);
      take(alone, 1, sums, samples.data() + at);
    } else if (!take_part(history.order, room.data(), sums, samples.subspan(at))) {
      return bad("what is behind its last sample is not zero");
    }
    packed = packed.subspan(bytes);
    at += m;
  }
  if (!packed.empty()) return bad(fmt::format("{} bytes too many", packed.size()));
  return history;
}

bool SampleTail::fits(const SampleHistory& history) const {
  const std::size_t comparable = std::min(history_of(history.order), known_);
  return std::equal(before_.begin(), before_.begin() + static_cast<std::ptrdiff_t>(comparable), history.before.begin());
}

void SampleTail::go_on(std::span<const std::int32_t> samples) {
  if (samples.empty()) return;
  if (known_ == 0) before_.fill(samples[0]);
  SamplesBefore now{};
  for (std::size_t i = 0; i < now.size(); ++i) {
    now[i] = i < samples.size() ? samples[samples.size() - 1 - i] : before_[i - samples.size()];
  }
  before_ = now;
  known_ = std::min<std::size_t>(before_.size(), known_ + samples.size());
}

void SamplePacker::pack(std::span<const std::int32_t> samples, std::string& into) {
  if (samples.empty()) return;
  SampleHistory history{.order = order_};
  const std::size_t reach = history_of(order_);
  if (tail_.is_empty()) {
    std::fill_n(history.before.begin(), reach, samples[0]);
  } else {
    std::copy_n(tail_.before().begin(), reach, history.before.begin());
  }
  pack_samples(history, samples, into);

  if (samples.size() > kMaxSampleHistory) order_ = stand(samples) ? 1 : best_order(samples);
  tail_.go_on(samples);
}

bool SamplePacker::is_continued_by(std::span<const std::byte> packed) const {
  const Result<SampleHistory> history = take_history(packed);
  return history && tail_.fits(*history);
}

void SamplePacker::go_on(std::span<const std::byte> packed, std::span<const std::int32_t> samples) {
  order_ = std::min(std::to_integer<unsigned>(packed[0]), kMaxOrder);
  tail_.go_on(samples);
}

Result<void> SampleUnpacker::unpack(std::span<const std::byte> packed, std::span<std::int32_t> samples) {
  const auto history = unpack_samples(packed, samples);
  if (!history) {
    tail_.forget();
    return history.error();
  }
  const bool goes_on = tail_.fits(*history);
  if (!goes_on) tail_.forget();
  tail_.go_on(samples);
  if (!goes_on) return fail(Errc::gap_in_record, "sample block: its history is not the tail of the block before it");
  return {};
}

}  // namespace penrig
