#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "rig/ports/waveform_writer.hpp"

namespace penrig::station {

/// Makes frames of a slot's samples as they come: the least and greatest of position and force in each of 40 stretches
/// of 50 ms, so that no peak is lost, and at most 20 frames a second.
class Envelope {
 public:
  static constexpr std::size_t kStretches = 40;
  static constexpr double kFrameSeconds = 0.05;

  explicit Envelope(std::string slot) : slot_(std::move(slot)) {}

  /// @return a frame that is complete, as JSON; else none. At most one a call: what is more than one block can make is
  /// dropped.
  std::optional<std::string> add(const WaveformHead& head, const SampleBlock& block);

 private:
  struct Range {
    double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
    void add(double value) {
      low = value < low ? value : low;
      high = value > high ? value : high;
    }
  };
  std::string frame_text() const;
  void begin(const std::string& phase, double tick);

  std::string slot_, phase_;
  bool begun_ = false;
  double first_tick_ = 0, next_tick_ = 0;  ///< of the frame; of the sample that would come next
  std::vector<Range> position_mm_, force_n_;
};

}  // namespace penrig::station
