#include "rig/run/stream_router.hpp"

#include <numeric>
#include <utility>

namespace penrig {

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
    const auto sum = std::accumulate(block.position.begin(), block.position.end(), std::int64_t{0});
    needle_reading_mm_ = static_cast<double>(sum) / static_cast<double>(block.position.size()) * mm_per_count_;
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
