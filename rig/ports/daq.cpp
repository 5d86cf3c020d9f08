#include "rig/ports/daq.hpp"

#include <algorithm>

namespace penrig {

SampleBlock kept(const SampleBlock& block) {
  if (block.counts) return block;
  SampleBlock copy = block;
  copy.packed = {};
  const auto counts =
      std::make_shared_for_overwrite<std::int32_t[]>(block.force.size() + block.position.size() + block.stage.size());
  std::int32_t* at = counts.get();
  for (std::span<const std::int32_t>* channel : {&copy.force, &copy.position, &copy.stage}) {
    std::int32_t* const end = std::ranges::copy(*channel, at).out;
    *channel = {at, end};
    at = end;
  }
  copy.counts = counts;
  return copy;
}

namespace {
void fetch_bytes_ahead(std::span<const std::byte> bytes) {
  constexpr std::size_t kLine = 64;
  for (std::size_t i = 0; i < bytes.size(); i += kLine) __builtin_prefetch(&bytes[i], 0, 2);
}
}  // namespace

void fetch_ahead(const SampleBlock& block) {
  for (const std::span<const std::int32_t> channel : {block.force, block.position})
    fetch_bytes_ahead(std::as_bytes(channel));
}

void fetch_packed_ahead(const SampleBlock& block) {
  fetch_bytes_ahead(block.packed.force);
  fetch_bytes_ahead(block.packed.position);
}

}  // namespace penrig
