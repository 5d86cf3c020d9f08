#include "rig/run/stream_router.hpp"

#include <utility>

#include "rig/base/eight.hpp"

namespace penrig {

namespace {

/// Exact: a block has fewer than the four million counts whose sum may need more than the 53 bits of a double.
PENRIG_EACH_PROCESSOR double sum_of_counts(const std::int32_t* counts, std::size_t n) {
  Eight eight = eight_of(0);
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) eight += eight_at(counts + i);
  double sum = sum_of(eight);
  for (; i < n; ++i) sum += counts[i];
  return sum;
}

}  // namespace

StreamRouter::StreamRouter(Timeline& timeline, double mm_per_count, std::function<void(const SampleBlock&)> guard)
    : timeline_(timeline), mm_per_count_(mm_per_count), guard_(std::move(guard)), arrived_(timeline) {
  counter_.emplace(mm_per_count_);
}

void StreamRouter::samples(const SampleBlock& block) {
  guard_(block);
  last_block_at_ = timeline_.now();
  samples_seen_ += block.force.size();
  reached_tick_ =
      static_cast<double>(block.first_tick) + static_cast<double>(block.force.size()) * block.ticks_per_sample;
  if (!block.position.empty()) {
    const double sum = sum_of_counts(block.position.data(), block.position.size());
    needle_reading_mm_ = sum / static_cast<double>(block.position.size()) * mm_per_count_;
  }
  counter_->samples(block);
  if (sink_ != nullptr) {
    sink_->samples(block);
    if (recorder_ != nullptr) recorder_->samples(block);
  }
  arrived_.notify_all();
}

void StreamRouter::gap(const std::string& reason) {
  ++gaps_seen_;
  counter_->gap(reason);
  if (sink_ == nullptr) return;
  sink_->gap(reason);
  if (recorder_ != nullptr) recorder_->gap(reason);
}

StreamRouter::Listening StreamRouter::begin(SampleSink& sink) {
  sink_ = &sink;
  counter_.emplace(mm_per_count_);
  return {*this, sink};
}

}  // namespace penrig
