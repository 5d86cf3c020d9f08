#include "rig/run/sample_queue.hpp"

#include <span>
#include <utility>

namespace penrig {

void SampleQueue::samples(const SampleBlock& block) {
  batch_.items_.push_back({block.first_tick,
                           block.ticks_per_sample,
                           block.force.size(),
                           block.position.size(),
                           block.stage.size(),
                           block.arrived,
                           {}});
  for (const std::span<const std::int32_t> channel : {block.force, block.position, block.stage})
    batch_.counts_.insert(batch_.counts_.end(), channel.begin(), channel.end());
}

void SampleQueue::gap(const std::string& reason) {
  Batch::Item item;
  item.gap = reason.empty() ? "samples are missing" : reason;
  batch_.items_.push_back(std::move(item));
}

SampleQueue::Batch SampleQueue::take() {
  Batch next;
  next.items_.reserve(batch_.items_.size());  // as many come until the next time
  next.counts_.reserve(batch_.counts_.size());
  return std::exchange(batch_, std::move(next));
}

void SampleQueue::Batch::replay(SampleSink& into) const {
  std::span<const std::int32_t> left(counts_);
  const auto next = [&left](std::size_t n) {
    const std::span<const std::int32_t> channel = left.first(n);
    left = left.subspan(n);
    return channel;
  };
  for (const Item& item : items_) {
    if (!item.gap.empty()) {
      into.gap(item.gap);
    } else {
      const auto force = next(item.force), position = next(item.position), stage = next(item.stage);
      into.samples({item.first_tick, item.ticks_per_sample, force, position, stage, item.arrived});
    }
  }
}

}  // namespace penrig
