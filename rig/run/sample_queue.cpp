#include "rig/run/sample_queue.hpp"

#include <utility>

namespace penrig {

void SampleQueue::samples(const SampleBlock& block) {
  Batch::Item item{block.first_tick, block.ticks_per_sample, {}, {}, {}, block.arrived, {}};
  item.force.assign(block.force.begin(), block.force.end());
  item.position.assign(block.position.begin(), block.position.end());
  item.stage.assign(block.stage.begin(), block.stage.end());
  batch_.items_.push_back(std::move(item));
}

void SampleQueue::gap(const std::string& reason) {
  Batch::Item item;
  item.gap = reason.empty() ? "samples are missing" : reason;
  batch_.items_.push_back(std::move(item));
}

SampleQueue::Batch SampleQueue::take() { return std::exchange(batch_, {}); }

void SampleQueue::Batch::replay(SampleSink& into) const {
  for (const Item& item : items_) {
    if (!item.gap.empty()) {
      into.gap(item.gap);
    } else {
      into.samples({item.first_tick, item.ticks_per_sample, item.force, item.position, item.stage, item.arrived});
    }
  }
}

}  // namespace penrig
