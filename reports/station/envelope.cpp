#include "reports/station/envelope.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/station/station_json.hpp"

namespace penrig::station {
namespace {

/// "[-0.4996,2.5031]"; null where nothing was taken.
template <class Range>
std::string ranges_text(const std::vector<Range>& ranges) {
  std::string text = "[";
  for (const Range& r : ranges) {
    if (text.size() > 1) text += ',';
    text += r.low <= r.high ? fmt::format("[{:.4f},{:.4f}]", r.low, r.high) : "null";
  }
  return text + "]";
}

}  // namespace

void Envelope::begin(const std::string& phase, double tick) {
  begun_ = true;
  phase_ = phase;
  first_tick_ = tick;
  position_mm_.assign(kStretches, {});
  force_n_.assign(kStretches, {});
}

std::string Envelope::frame_text() const {
  // The phase's name is the plan's own text.
  return fmt::format(R"({{"type":"wave","slot":{},"phase":{},"span_s":{},"position_mm":{},"force_n":{}}})",
                     line_of(slot_), line_of(phase_), kFrameSeconds, ranges_text(position_mm_), ranges_text(force_n_));
}

std::optional<std::string> Envelope::add(const WaveformHead& head, const SampleBlock& block) {
  const double tick_hz = head.clock.tick_hz;
  if (block.position.empty() || block.force.size() != block.position.size() || !(tick_hz > 0)) return std::nullopt;
  const double frame_ticks = kFrameSeconds * tick_hz;
  const auto block_tick = static_cast<double>(block.first_tick);
  // A gap is drawn as one: the frame begins anew behind it.
  const bool goes_on = begun_ && phase_ == head.phase && std::abs(block_tick - next_tick_) < 2 * block.ticks_per_sample;
  if (!goes_on) begin(head.phase, block_tick);
  std::optional<std::string> frame;
  for (std::size_t i = 0; i < block.position.size(); ++i) {
    const double tick = block_tick + static_cast<double>(i) * block.ticks_per_sample;
    if (tick - first_tick_ >= frame_ticks) {
      frame = frame_text();
      begin(head.phase, tick);
    }
    const auto stretch = static_cast<std::size_t>((tick - first_tick_) / frame_ticks * kStretches);
    position_mm_[std::min(stretch, kStretches - 1)].add(block.position[i] * head.position.scale + head.position.offset);
    force_n_[std::min(stretch, kStretches - 1)].add(block.force[i] * head.force.scale + head.force.offset);
  }
  next_tick_ = block_tick + static_cast<double>(block.position.size()) * block.ticks_per_sample;
  return frame;
}

}  // namespace penrig::station
