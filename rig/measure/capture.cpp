#include "rig/measure/capture.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace penrig {

std::optional<std::string> SampleClock::break_before(const SampleBlock& block, std::size_t before) {
  if (before == 0) {
    first_tick = block.first_tick;
    ticks_per_sample = block.ticks_per_sample;
    return std::nullopt;
  }
  // Ticks are whole numbers, so a block's first may be rounded by one; half a sample away is another instant.
  const double off = std::abs(static_cast<double>(block.first_tick) - tick_of(static_cast<double>(before)));
  if (block.ticks_per_sample != ticks_per_sample || !(off <= std::max(1.0, 0.5 * ticks_per_sample))) {
    return "the device's clock does not continue the block before";
  }
  return std::nullopt;
}

bool is_whole(const SampleBlock& block) {
  return block.position.size() == block.force.size() && block.stage.size() == block.force.size();
}

void Capture::samples(const SampleBlock& block) {
  if (const auto why = break_before(block, force.size())) gaps.push_back({force.size(), *why});
  if (!is_whole(block)) {
    gaps.push_back({force.size(), kChannelsDiffer});
    return;
  }
  force.insert(force.end(), block.force.begin(), block.force.end());
  position.insert(position.end(), block.position.begin(), block.position.end());
  stage.insert(stage.end(), block.stage.begin(), block.stage.end());
}

void Capture::gap(const std::string& reason) { gaps.push_back({force.size(), reason}); }

Capture part_of(const Capture& capture, std::size_t first, std::size_t samples) {
  Capture part;
  part.first_tick = static_cast<std::uint64_t>(std::llround(capture.tick_of(static_cast<double>(first))));
  part.ticks_per_sample = capture.ticks_per_sample;
  const auto take = [first, samples](const std::vector<std::int32_t>& counts) {
    const auto from = counts.begin() + static_cast<std::ptrdiff_t>(first);
    return std::vector<std::int32_t>(from, from + static_cast<std::ptrdiff_t>(samples));
  };
  part.force = take(capture.force);
  part.position = take(capture.position);
  part.stage = take(capture.stage);
  for (const Capture::Gap& gap : capture.gaps) {
    if (gap.before_sample >= first && gap.before_sample <= first + samples)
      part.gaps.push_back({gap.before_sample - first, gap.reason});
  }
  return part;
}

void replay(const Capture& capture, std::size_t block_samples, SampleSink& into) {
  std::size_t gap = 0;
  const auto gaps_up_to = [&](std::size_t sample) {
    for (; gap < capture.gaps.size() && capture.gaps[gap].before_sample <= sample; ++gap)
      into.gap(capture.gaps[gap].reason);
  };
  for (std::size_t at = 0; at < capture.size();) {
    gaps_up_to(at);
    std::size_t n = std::min(block_samples, capture.size() - at);
    if (gap < capture.gaps.size()) n = std::min(n, capture.gaps[gap].before_sample - at);
    const auto part = [&](const std::vector<std::int32_t>& channel) {
      return std::span<const std::int32_t>(channel)
          .subspan(std::min(at, channel.size()))
          .first(std::min(n, channel.size() - std::min(at, channel.size())));
    };
    // A rounded tick would be no break, but neither would it be the one that the record has.
    const auto tick = static_cast<std::uint64_t>(std::llround(capture.tick_of(static_cast<double>(at))));
    into.samples({tick, capture.ticks_per_sample, part(capture.force), part(capture.position), part(capture.stage)});
    at += n;
  }
  gaps_up_to(capture.size());
}

}  // namespace penrig
