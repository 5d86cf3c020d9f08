#include "rig/run/sample_queue.hpp"

#include <functional>
#include <utility>

#include <fmt/format.h>

namespace penrig {

void SampleQueue::samples(const SampleBlock& block) {
  if (samples_held_ + block.force.size() > most_held_) {
    if (!std::exchange(full_, true)) {
      gap(fmt::format(
          "what measures the samples does not keep up: {} of each channel wait, expected at most {} (use a lower "
          "sample_rate_hz, fewer slots, or a quicker computer)",
          samples_held_, most_held_));
    }
    return;
  }
  full_ = false;
  batch_.items_.emplace_back().block = kept(block);
  samples_held_ += block.force.size();
}

void SampleQueue::gap(const std::string& reason) {
  Batch::Item& item = batch_.items_.emplace_back();
  item.gap = reason.empty() ? "samples are missing" : reason;
}

SampleQueue::Batch SampleQueue::take() {
  Batch next;
  next.items_.reserve(batch_.items_.size());  // as many come until the next time
  samples_held_ = 0;
  return std::exchange(batch_, std::move(next));
}

void SampleQueue::Batch::replay(SampleSink& into) {
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (i + 1 < items_.size()) fetch_ahead(items_[i + 1].block);
    Item& item = items_[i];
    if (!item.gap.empty()) {
      into.gap(item.gap);
    } else {
      into.samples(item.block);
    }
    item.block = {};
  }
  items_.clear();
}

Awaitable<void> replay_on_worker(Timeline& timeline, SampleQueue& arrived, SampleSink& into) {
  SampleQueue::Batch batch = arrived.take();
  std::function<void()> replay = [&] { batch.replay(into); };
  if (!batch.empty()) co_await timeline.run_computing(std::move(replay));
}

}  // namespace penrig
